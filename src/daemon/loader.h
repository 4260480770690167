// Reading zone files beside everything else: a load for each, done by a few threads.
//
//   the main thread                          loader threads
//     loader_add(...)        -> queue  ->      zone_load
//     loop rings, loader_take  <- done <-
//
// A million small zones are a million loads, so what is done is taken by the list, and the loop is
// rung for a list of them or when nothing more is to do, not for each.
//
// As many threads as CPUs read at once. A load that takes longer than ZONE_PATIENCE_MS is slow: it
// no longer counts, so that a thread more may start and a dead file server holds up nobody else's
// zones. Threads live while there is something to do. They are never waited for at the end of the
// process: one that hangs in a read would hang us too.
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/hash.h"
#include "base/report.h"
#include "conf/options.h"
#include "net/loop.h"
#include "zone/parse.h"
#include "zone/zone.h"

#define LOAD_UNWANTED SIZE_MAX

// One zone file to be read. What is below belongs to the main thread, but for the two counters;
// zone and report from the moment that loader_take gives it back.
struct load {
    struct parse_progress progress; // first: tell() finds the load by it
    struct load *next;              // in the queue, among the running, or the done ones
    struct load *before;
    struct name origin;
    const char *path;
    bool zonemd;           // verify its digest
    enum zonemd_hash make; // a digest
    size_t index;     // of the zone in its house; LOAD_UNWANTED: the result is of no use any more
    bool merged;      // what others have changed in the zone is in it (changing.h)
    bool inherited;   // begun for an earlier house: the file may have changed since
    bool gently;      // the server is answering already; under the lock
    unsigned threads; // that may read it together, if it is large
    // Under the loader's lock, of use while it is running.
    uint64_t began_ms, seen_ms, cpu_seen_ms; // seen: 0, or when somebody first looked
    pid_t thread;
    clockid_t cpu; // of that thread
    struct zone *zone;
    struct report report;
    _Atomic uint64_t octets_read, octets_total;
    size_t room;     // octets of texts
    uint8_t texts[]; // the name and the path
};

struct loader {
    pthread_mutex_t lock;
    struct load_list {
        struct load *first, *last;
        size_t count;
    } queue, running, done, taken, spare;
    unsigned threads;       // there now
    unsigned threads_max;   // while none is slow
    size_t threads_allowed; // now
    struct loop *loop;      // rung when something is done; NULL: nobody listens any more
    uint64_t rung_ms;       // when it last was
    struct hash_key secret;
    struct store *store; // one count of it is ours; may be NULL
};

// `store` may be NULL: every zone is read from its file.
struct loader *loader_make(unsigned threads_max, struct loop *loop, const struct hash_key *secret,
                           struct store *store)
    __attribute__((nonnull(2, 3), returns_nonnull, warn_unused_result));

// Queues a load. The caller has it back from loader_take; until then it may only read the counters
// and change `index`.
struct load *loader_add(struct loader *loader, const struct zone_option *zone, size_t index,
                        bool gently) __attribute__((nonnull, returns_nonnull));
// Queues it once more: the file has changed meanwhile. Its zone and report must have been taken.
void loader_again(struct loader *loader, struct load *load) __attribute__((nonnull));
// The next finished one, NULL: none. The caller gives it back with loader_drop.
struct load *loader_take(struct loader *loader) __attribute__((nonnull, warn_unused_result));
// Ends a load that was taken, with what is left in it. Its memory may become that of another one
// soon.
void loader_drop(struct loader *loader, struct load *load) __attribute__((nonnull));

// Nobody wants anything any more. The loader is freed, if a thread is still reading, then by that
// thread: it may hang, and must not hang us.
void loader_end(struct loader *loader) __attribute__((nonnull));

// What of the wanted loads is slow, or cannot begin since too many are; starts threads in the place
// of slow ones. The main thread calls it now and then while it waits for loads.
size_t loader_count_slow(struct loader *loader, uint64_t now_ms) __attribute__((nonnull));

// How far the loads are together.
struct loader_progress {
    size_t queued, running;
    uint64_t octets_read, octets_total; // of the running ones
};
struct loader_progress loader_measure(struct loader *loader) __attribute__((nonnull));
