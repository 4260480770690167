// How many connections each address has, over all workers.
//
// Counted in two rows of counters, each picked by another part of a keyed hash of the address (an
// IPv6 client is its /64, for that is what one subscriber has). Two addresses may share a counter
// by chance, hardly ever both; the smaller of the two counts, so a neighbour's crowd does not keep
// somebody out. No lock, no memory that a stranger could make grow.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"

#define CENSUS_ROW 65536

struct census {
    uint8_t key[16];
    uint32_t most; // connections of one address
    _Atomic uint32_t rows[2][CENSUS_ROW];
};

// Half a megabyte; the caller frees it with free().
struct census *census_make(uint32_t most)
    __attribute__((malloc, returns_nonnull, warn_unused_result));

// Counts one connection more of this address. False: it has its share already, nothing was counted.
bool census_enter(struct census *census, const struct address *client)
    __attribute__((nonnull, warn_unused_result));
void census_leave(struct census *census, const struct address *client) __attribute__((nonnull));
