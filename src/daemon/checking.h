// Health checks of the current house's targets: when each is due, what came of it, and the lamps of
// the board that answers read (zone/board.h). The main thread's; the checks themselves are done by
// the companion.
//
//   due --> companion --> result --> policy/health --> lamp, log
//
// A reload keeps what is known of a target as long as its address and its check are the same; a
// target that is gone is checked no more. Without targets there is no companion.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/options.h"
#include "daemon/companion.h"
#include "policy/health.h"
#include "zone/board.h"

struct checked {
    const struct check_option *check; // of the options that it was made from
    struct address address;
    struct health_state state;
    char words[PROBE_WORDS_MAX]; // of the last result; "": there was none
};

struct checking {
    struct companion companion;
    struct checked *targets;
    size_t count;
    struct board *board; // held; [i] is the lamp of targets[i]
    uint32_t generation; // of the list: older results are nobody's
    unsigned running;
    uint64_t heard_ms;   // the last result came, or the first of those that run began
    uint32_t longest_ms; // time-out of all that were ever begun
    uint64_t changes, good, bad;
};

void checking_open(struct checking *checking, struct loop *loop, uint8_t kind)
    __attribute__((nonnull));
// The targets of a new house, which is not current yet: what is known is put on its board. The
// options must live until the next call.
void checking_replace(struct checking *checking, const struct options *options, struct board *board,
                      uint64_t now_ms) __attribute__((nonnull));
// Takes results, begins what is due.
void checking_step(struct checking *checking, uint64_t now_ms) __attribute__((nonnull));
// Milliseconds until the next step; -1: there is nothing to do.
int checking_rest(const struct checking *checking, uint64_t now_ms) __attribute__((nonnull));
void checking_close(struct checking *checking) __attribute__((nonnull));
