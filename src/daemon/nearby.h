// Files beside the zones that answers depend on: the hosts files, which are the names of this
// neighbourhood, and the copy of the root zone (RFC 8806). They are read and watched by a thread of
// its own, so that no file system ever stalls the main thread.
//
//   the main thread                            a thread for each reading
//     nearby_begin(options)               ->      watch, read, make
//     loop rings, nearby_take()           <-
//     a watched file changes, a lease or
//     the copy expires: nearby_look()     ->      the same again
//
// Nobody waits for a thread: one that hangs is left alone, and what it finds one day counts then if
// it is still wanted.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/report.h"
#include "conf/options.h"
#include "daemon/watching.h"
#include "net/loop.h"
#include "resolve/local.h"
#include "zone/zone.h"

struct nearby_wanted;
struct nearby_reading;

struct nearby { // the main thread's
    struct loop *loop;
    uint8_t kind; // of the loop's tag
    struct hash_key secret;
    struct nearby_wanted *wanted; // held; NULL: nothing is to be read
    struct nearby_reading *reading;
    struct watching watching;
    uint64_t due_ms;    // when it is to be read again; 0: it is as it was
    uint64_t last_ms;   // when a reading last began
    uint64_t expiry_ms; // when something that was read is too old; 0: never
};

// What was read. The caller's: local_release, zone_release, report_free.
struct nearby_found {
    struct local *local;    // NULL: none was wanted
    struct zone *root_copy; // NULL: none was wanted, it cannot be used or is too old
    uint64_t root_copy_end_us;
    bool root_copy_bad; // one was wanted and cannot be used: the report says why
    struct report report;
};

void nearby_open(struct nearby *nearby, struct loop *loop, uint8_t kind,
                 const struct hash_key *secret) __attribute__((nonnull));
// From now on the files of these options count, and are read. `copy` is the copy of the root that
// is there; it is taken again if its file is as it was. NULL: none is.
void nearby_begin(struct nearby *nearby, const struct options *options, struct zone *copy,
                  uint64_t now_ms) __attribute__((nonnull(1, 2)));
// Is a reading under way?
static inline bool nearby_reads(const struct nearby *nearby)
{
    return nearby->reading != NULL;
}
// True: a reading has ended since the last time.
bool nearby_take(struct nearby *nearby, struct nearby_found *found, uint64_t now_ms)
    __attribute__((nonnull, warn_unused_result));
// What the options say without any file: names while those are not read yet. NULL: none is wanted.
struct local *nearby_names(const struct nearby *nearby) __attribute__((nonnull));
// The descriptor is ready: something has changed in one of the folders.
void nearby_event(struct nearby *nearby, uint64_t now_ms) __attribute__((nonnull));
// Begins a reading if one is due, at most once in HOSTS_EVERY_MS.
void nearby_look(struct nearby *nearby, struct zone *copy, uint64_t now_ms)
    __attribute__((nonnull(1)));
// Milliseconds until then; -1: nothing is due.
int nearby_rest(const struct nearby *nearby, uint64_t now_ms) __attribute__((nonnull));
void nearby_close(struct nearby *nearby) __attribute__((nonnull));
