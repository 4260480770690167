// One entry as it lies in a snapshot.
//
//   | head | owner | SOA owner? | pad to 4 | RRset or payload | pad to 4 |
//
// Numbers are the machine's, as in images. Reading trusts nothing: what comes out has the shape
// that cache_put wants, whatever the octets were.
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cache/cache.h"

struct record {
    uint32_t octets; // the whole, a multiple of 4
    uint32_t given_s;
    int32_t left_s; // at the snapshot's date; 0 or less: how long ago it expired
    uint16_t type;  // 0: of no type
    uint16_t tag;
    uint8_t kind, rank, security;
    uint8_t name_size;
    uint8_t soa_size; // 0: no SOA
    uint8_t unused[3];
    uint32_t block_octets; // of the RRset or the payload
    uint8_t body[];
};
static_assert(sizeof(struct record) == 28, "part of the format");

#define RECORD_OCTETS_MAX (CACHE_ENTRY_MAX + 64)

// May it stand in a snapshot? Not what failed or was bogus, since a new start is a reason to try
// again; and of the sources only the public tree, since the others are numbered anew by each
// configuration, and what one forwarder said must not become another's.
bool record_is_kept(const struct cache_visited *visited) __attribute__((nonnull));
// Its size, 4 octets aligned.
size_t record_write(uint8_t to[static RECORD_OCTETS_MAX], const struct cache_visited *visited)
    __attribute__((nonnull));

struct record_entry {
    uint16_t type;
    int32_t left_s;
    struct cache_put put; // looks into the octets
};
// Reads the record at the start of `octets`, which are aligned to 4. Its size; 0: it is none.
size_t record_read(const uint8_t *octets, size_t size, struct record_entry *entry)
    __attribute__((nonnull, warn_unused_result));
