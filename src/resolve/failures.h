// What could not be resolved: how often in a row, and the last few for people.
//
// A failure is kept in the cache for FAILURE_TTL_MIN_S, and for twice as long each time that the
// same question fails again within a while of it, up to FAILURE_TTL_MAX_S (RFC 9520 3.2). How often
// that was is remembered here, in a table of fixed size in which a newer question takes an older
// one's place.
#pragma once

#include "resolve/resolver.h"

#define FAILURE_STREAKS 1024

struct failure_streak {
    uint64_t hash;    // of the question
    uint32_t until_s; // past it the next failure is a first one again
    uint32_t ttl_s;   // of the last
};

struct failures {
    struct failure_streak streaks[FAILURE_STREAKS];
    struct resolver_failure ring[RESOLVER_FAILURES_MAX];
    unsigned next, count;
};

// How long this failure is to be remembered.
uint32_t failures_ttl(struct failures *failures, uint64_t hash, uint32_t now_s)
    __attribute__((nonnull));
// Copies the failure into the ring; `wire` and where `name` looks in it are made here.
void failures_note(struct failures *failures, const struct resolver_failure *failure)
    __attribute__((nonnull));
unsigned failures_list(const struct failures *failures, struct resolver_failure *to, unsigned most)
    __attribute__((nonnull));
