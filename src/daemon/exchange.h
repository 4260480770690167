// A worker's conversation with other servers: its resolver and its sockets to the world, joined.
//
//   the loop says that a descriptor is ready     exchange_ready(exchange, tag, ready, now_us)
//   the end of each turn                         exchange_turn(exchange, now_us), then the worker
//                                                takes late replies from serve, and
//                                                exchange_flush(exchange, now_us) what those caused
//   before it sleeps                             exchange_rest(exchange, now_us)
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "net/loop.h"
#include "net/outbound.h"
#include "resolve/resolver.h"

struct exchange {
    struct resolver *resolver;
    struct outbound *outbound;
    uint64_t due_us; // when the resolver wants its next tick
};

// False: out of memory.
bool exchange_open(struct exchange *exchange, const struct outbound_options *way_out,
                   const struct resolver_options *resolver)
    __attribute__((nonnull, warn_unused_result));
void exchange_close(struct exchange *exchange) __attribute__((nonnull));
void exchange_ready(struct exchange *exchange, struct loop_tag tag, uint32_t ready, uint64_t now_us)
    __attribute__((nonnull));
// Replies and failures that have come, time-outs that are due, and the asks that follow.
void exchange_turn(struct exchange *exchange, uint64_t now_us) __attribute__((nonnull));
// Sends what the resolver wants sent.
void exchange_flush(struct exchange *exchange, uint64_t now_us) __attribute__((nonnull));
// Milliseconds that may be slept; -1: until something happens.
int exchange_rest(struct exchange *exchange, uint64_t now_us) __attribute__((nonnull));
