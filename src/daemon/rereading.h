// Reading the configuration anew beside everything else. A million zones in a folder are two
// seconds of work, and a minute where the disk has to turn for it: too long for a main thread that
// feeds the watchdog and answers 'onym ctl'.
//
//   the main thread                       its own thread
//     rereading_begin(path, loop)    ->       options_read
//     loop rings, rereading_take     <-
//
// Nobody ever waits for it: a file server that is dead would hang us too.
#pragma once

#include <stdbool.h>

#include "base/report.h"
#include "conf/options.h"
#include "daemon/geography.h"
#include "net/loop.h"

struct rereading;

// The loop is rung when it is done. `path` is copied; NULL: there is no file. `geography` is what
// the current house has, or NULL; it is held meanwhile.
struct rereading *rereading_begin(const char *path, struct geography *geography, struct loop *loop)
    __attribute__((nonnull(3), returns_nonnull, warn_unused_result));
// False: it is not done yet. Else it is freed, *options is what options_read returned, *geography
// what their routes ask for (NULL with options: they have none), and the problems are moved to
// `report`.
bool rereading_take(struct rereading *reading, struct options **options,
                    struct geography **geography, struct report *report)
    __attribute__((nonnull, warn_unused_result));
// Nobody wants it any more. It is freed now or by its thread.
void rereading_abandon(struct rereading *reading) __attribute__((nonnull));
