// Pressing a zone's records into an image: the inside of image_build, shared by press.c, which
// writes nodes, and press_chain.c, which writes what a signed zone needs to deny things.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "zone/chain.h"
#include "zone/image.h"
#include "zone/records.h"

struct press {
    const struct records *records;
    const struct hash_key *key;
    struct block *block;
    uint8_t *base;     // the image
    size_t used, room; // of it; the room was measured before and is enough
    bool too_big;      // an RRset of over 65535 records, or an image of over 16 GiB

    uint64_t *hashes; // of each node's name, in canonical order
    uint32_t *places; // and the node's reference
    size_t nodes;
    uint32_t rrsets, aliases;

    // The path from the apex to the node written last, by depth.
    unsigned apex_depth;
    uint32_t at_depth[NAME_LABELS_MAX + 1];
    uint64_t hash[NAME_LABELS_MAX + 1];
    uint8_t top[NAME_LABELS_MAX + 1];

    // References of the cuts' NS sets, by content.
    uint32_t *shared;
    size_t shared_count, shared_mask;

    enum chain_kind chain;
    const struct record *params; // the NSEC3PARAM of a chain of NSEC3
    size_t chain_count;          // entries of these two
    uint64_t *chain_order;       // the part of each entry's key that comes first
    uint32_t *chain_nodes;       // references
    size_t *nsec3_owners;        // index of the first record of each NSEC3 owner
    size_t nsec3_count;
};

// The next `size` octets, zeroed, at a multiple of `align`. Returns their offset.
size_t press_reserve(struct press *press, size_t size, size_t align) __attribute__((nonnull));

// press_chain.c. Which chain the zone has: what its apex says.
void press_chain_begin(struct press *press) __attribute__((nonnull));
// An NSEC3 node was written at this offset.
void press_note_nsec3(struct press *press, enum chain_kind kind, size_t at)
    __attribute__((nonnull));
// Writes struct image_chain and what belongs to it, and fills each node's struct node_hashed.
// Returns its offset, 0: no chain.
size_t press_chain_end(struct press *press, uint32_t first_nsec3) __attribute__((nonnull));
