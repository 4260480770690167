// Answers from our own zones: RFC 1034 4.3.2 told as a story over `enum found`.
#pragma once

#include "dns/answer.h"
#include "dns/query.h"
#include "dnssec/nsec3.h"
#include "zone/zone.h"

struct auth_options {
    bool minimal; // no authority and additional sections where RFC 1034 only allows them
};

// What a worker has of its own, for answers that need more than the zones: hashing for NSEC3.
struct auth_worker {
    struct nsec3_hasher hasher;
};
void auth_worker_open(struct auth_worker *worker) __attribute__((nonnull));
void auth_worker_close(struct auth_worker *worker) __attribute__((nonnull));

enum auth_result {
    AUTH_ANSWERED, // the answer is filled, whatever it says
    AUTH_NOT_OURS, // no zone of ours is above the name; the answer is untouched
};

// For a batch, ahead of the answers: the zone that a query belongs to (NULL: none that is served),
// and the memory that its answer will be read from is asked for, in two steps with other queries'
// between them.
const struct zone *auth_look_ahead(const struct zones *zones, const struct query *query)
    __attribute__((nonnull));
void auth_look_closer(const struct zone *zone, const struct query *query) __attribute__((nonnull));

// Fills the (begun) answer to a query of class IN or ANY for a type that may be asked of a zone.
enum auth_result auth_answer(const struct zones *zones, const struct auth_options *options,
                             struct auth_worker *worker, const struct query *query,
                             struct answer *answer) __attribute__((nonnull, warn_unused_result));
