// The last differences of a zone, beside its image, so that a worker can give them away (IXFR, RFC
// 1995) without looking into a file.
//
// A journal is immutable and shared by count; the one that follows it shares its steps. Steps
// follow one another: where one ends the next one begins. The oldest are left out when they are
// more than what is worth keeping: history has them all (history.h).
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct journal_step {
    atomic_uint holders;
    uint32_t serial_from, serial_to;
    size_t size;
    uint8_t octets[]; // diff_pack
};

struct journal {
    atomic_uint holders;
    size_t count, octets;
    struct journal_step *steps[]; // the oldest first
};

// A journal like `before` (NULL: an empty one), and a step more of these octets. Of up to
// `octets_max` in all; NULL: the step alone is larger than that.
struct journal *journal_follow(const struct journal *before, const struct journal_step *step,
                               const uint8_t *octets, size_t octets_max)
    __attribute__((nonnull(2, 3), warn_unused_result));
struct journal *journal_hold(struct journal *journal); // NULL is fine
void journal_release(struct journal *journal);         // NULL is fine

// The first of the steps that lead from this serial to the newest. False: there are none.
bool journal_find(const struct journal *journal, uint32_t serial, size_t *first)
    __attribute__((nonnull(3), warn_unused_result));
