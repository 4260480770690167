// A worker: one thread on one CPU that receives, answers and sends, and shares nothing while it
// does.
//
// Its loop is a fixed order: datagrams, connections, rest (time-outs, the epoch, sleep). The house
// is read anew for each batch, after it was received: who asks after a reload has the new answer.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "daemon/house.h"
#include "net/census.h"
#include "serve/stats.h"

struct bells;
struct changing;
struct forwarding;
struct update_outcome;
struct worker;
struct errand;

struct worker_options {
    unsigned index;           // of its sockets in each listener
    int cpu;                  // to be pinned to; -1: none
    house_current *current;   // not NULL when the worker starts
    struct census *census;    // shared with the other workers
    uint32_t connections_max; // TCP
    struct cache *cache;      // these three are shared too, and outlive the worker; NULL: no
    struct servers *servers;  // recursion
    const struct hash_key *secret;
    struct flights *flights;   // what all workers resolve, and their bells; NULL: there is no other
    struct bells *bells;       // worker, or no recursion
    struct loop *main;         // rung when a primary has said that a zone has changed; NULL: nobody
    struct changing *changing; // to whom updates are passed on; NULL: nobody
    struct forwarding *forwarding; // and those that are a primary's
};

// Starts the thread. It takes its sockets of the current house over. NULL: *error is a negative
// errno.
struct worker *worker_start(const struct worker_options *options, int *error)
    __attribute__((nonnull, warn_unused_result));
// A new house is current: look at its listeners. When worker_house() tells its number, the
// sockets of
// listeners that it does not have are closed.
void worker_ring(struct worker *worker) __attribute__((nonnull));
uint64_t worker_house(const struct worker *worker) __attribute__((nonnull));
// Asks it to end: it answers what has been received, closes its sockets, and gives clients that
// have answers to take up to a second.
void worker_stop(struct worker *worker) __attribute__((nonnull));
// Waits until it has ended. All are joined before the first is freed: one may ring another's bell.
void worker_join(struct worker *worker) __attribute__((nonnull));
void worker_free(struct worker *worker) __attribute__((nonnull));

// Has it do something between two turns (errand.h). Only where it was given a cache.
void worker_send(struct worker *worker, struct errand *errand) __attribute__((nonnull));

// What came of an update that it passed on: it tells the client. The outcome is copied, but for its
// text.
void worker_tell(struct worker *worker, uint64_t token, const struct update_outcome *outcome)
    __attribute__((nonnull));

// Adds its counters, as they are now or were a moment ago.
void worker_stats(const struct worker *worker, struct stats *sum) __attribute__((nonnull));
// True if it has not come round once since the last call though it did not sleep: for the watchdog.
bool worker_is_stuck(struct worker *worker) __attribute__((nonnull));
