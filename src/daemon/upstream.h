// A worker's conversation with other servers: its resolver and its sockets to the world, joined.
//
//   the loop says that a descriptor is ready     upstream_ready(upstream, tag, ready, now_us)
//   the end of each turn                         upstream_turn(upstream, now_us), then the worker
//                                                takes late replies from serve, and
//                                                upstream_flush(upstream, now_us) what those caused
//   before it sleeps                             upstream_rest(upstream, now_us)
//
// upstream_rest asks the resolver nothing: a client whose time it ended would sit there with its
// answer until the worker wakes up for something else. So whatever wants something of the resolver
// does it before upstream_turn.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "net/loop.h"
#include "net/outbound.h"
#include "resolve/resolver.h"
#include "serve/stats.h"

struct upstream {
    struct resolver *resolver;
    struct outbound *outbound;
    uint64_t due_us; // when the resolver wants its next tick
};

// False: out of memory.
bool upstream_open(struct upstream *upstream, const struct outbound_options *way_out,
                   const struct resolver_options *resolver)
    __attribute__((nonnull, warn_unused_result));
void upstream_close(struct upstream *upstream) __attribute__((nonnull));
void upstream_ready(struct upstream *upstream, struct loop_tag tag, uint32_t ready, uint64_t now_us)
    __attribute__((nonnull));
// Replies and failures that have come, time-outs that are due, and the asks that follow.
void upstream_turn(struct upstream *upstream, uint64_t now_us) __attribute__((nonnull));
// Sends what the resolver wants sent.
void upstream_flush(struct upstream *upstream, uint64_t now_us) __attribute__((nonnull));
// Milliseconds that may be slept; -1: until something happens.
int upstream_rest(struct upstream *upstream, uint64_t now_us) __attribute__((nonnull));
// Takes the counters of both over.
void upstream_count(const struct upstream *upstream, struct stats *stats) __attribute__((nonnull));
