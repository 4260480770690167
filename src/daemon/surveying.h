// The thread that looks whether databases of places were replaced, and reads them anew: whatever a
// file system does, the main thread and the workers go on.
//
//   the main thread                          its own thread
//     surveying_watch(geography)        ->     once a second: are the files as they were?
//     loop rings, surveying_take        <-     no, and at rest: made anew
//
// A file that is written in place is met half-written; so one that has changed is read when it was
// the same for a whole second. One that cannot be read is told in the log once, and what was read
// before stays.
#pragma once

#include "daemon/geography.h"
#include "net/loop.h"

struct surveying;

// Begins with nothing to look after. NULL: there is no thread to be had (told in the log).
struct surveying *surveying_begin(struct loop *loop) __attribute__((nonnull, warn_unused_result));
// From now on this one is looked after; NULL: none.
void surveying_watch(struct surveying *surveying, struct geography *geography)
    __attribute__((nonnull(1)));
// What has taken the place of the one that is looked after. NULL: nothing has. The caller's.
struct geography *surveying_take(struct surveying *surveying)
    __attribute__((nonnull, warn_unused_result));
void surveying_end(struct surveying *surveying); // NULL is fine; waits for a read that is under way
