// Zones that wait because their primary is busy with others: a line for each such primary, so that
// one that is dead holds up no zone of another.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/limits.h"

struct crowd {
    struct address primary;
    uint32_t first, last; // number of a zone and one; 0: nobody waits, and the line is free
};

// All zero: nobody waits.
struct crowds {
    struct crowd list[CROWDS_MAX];
    uint32_t *next; // [zone]: who waits behind it, and one
    size_t room;
};

void crowds_free(struct crowds *crowds) __attribute__((nonnull));
// The zone waits in no line. False: there are as many lines as there can be.
bool crowds_add(struct crowds *crowds, const struct address *primary, uint32_t zone)
    __attribute__((nonnull, warn_unused_result));
// Who is the first in a line, from 0 to CROWDS_MAX - 1. False: nobody.
bool crowds_first(const struct crowds *crowds, unsigned line, uint32_t *zone)
    __attribute__((nonnull, warn_unused_result));
// Takes that one out.
void crowds_pass(struct crowds *crowds, unsigned line) __attribute__((nonnull));
