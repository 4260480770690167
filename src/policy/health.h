// Is it well? One target of a check: results come in, and a verdict and the time of the next check
// come out. Pure: no clock, no network.
//
//            good x rise
//   DOWN  ----------------->  UP         the very first result counts at once, so that a start
//         <-----------------             knows after one check what there is
//            bad x fall
//
// Checks of one target come at its interval; the first one at once, or spread over the interval
// where there are many; each is early or late by up to a tenth, by a seed, so that a thousand
// targets never beat together.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "zone/board.h"

struct health_rules {
    uint32_t interval_ms, timeout_ms;
    uint16_t rise, fall; // at least 1
};

struct health_state {
    enum health verdict;
    bool is_running;     // a check is under way
    uint16_t good, bad;  // results in a row; one of them is 0
    uint32_t seed;       // of the times
    uint64_t due_ms;     // when the next check begins
    uint64_t began_ms;   // when the last one did; 0: there was none
    uint64_t ended_ms;   // when its result came
    uint64_t changed_ms; // when the verdict last changed; 0: never
};

// `crowd`: how many targets begin at this moment.
void health_begin(struct health_state *state, const struct health_rules *rules, uint32_t seed,
                  uint64_t now_ms, unsigned crowd) __attribute__((nonnull));
// A check of it begins.
void health_start(struct health_state *state, uint64_t now_ms) __attribute__((nonnull));
// Its result. True: the verdict is another one now.
bool health_take(struct health_state *state, const struct health_rules *rules, bool good,
                 uint64_t now_ms) __attribute__((nonnull));
// There will be no result (whoever checks is gone): another check is due soon.
void health_drop(struct health_state *state, uint64_t now_ms) __attribute__((nonnull));

static inline bool health_is_due(const struct health_state *state, uint64_t now_ms)
{
    return !state->is_running && now_ms >= state->due_ms;
}
const char *health_word(enum health health);
