// The chain of a signed zone's NSEC or NSEC3 records as an index: which one matches or covers a
// name that is asked for (RFC 4034 4, RFC 5155 7.2).
//
//   nodes     references of the owners, in the order of the chain
//   orders    NSEC: for each the first 8 octets of its name in canonical order
//   tops      every sixteenth of `orders`: small enough to stay in the cache
//   buckets   NSEC3: hashes lie evenly, so a hash tells its bucket by its value; those of one
//             bucket stand there in order, and in front of them the last of the buckets before
//
// So a look-up of a name is a binary search over `tops`, two lines of `orders`, and one node; one
// of a hash is one line and the node.
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "zone/image.h"

enum chain_kind { CHAIN_NONE, CHAIN_NSEC, CHAIN_NSEC3 };

#define CHAIN_TOP_STEP 16

struct image_chain {
    uint32_t kind; // enum chain_kind
    uint32_t count;
    uint32_t nodes, orders, tops; // references; `orders` and `tops` have 8 octets an entry
    uint32_t buckets;             // reference of the first one; 0: not NSEC3
    uint32_t first_nsec3;         // reference of the first NSEC3 node ...
    uint32_t nsec3s;              // ... and how many there are, in order of their names
};

#define CHAIN_BUCKET_TAGS 9
#define CHAIN_BUCKET_LOAD 5 // hashes for each bucket on average: one in thirty has more than nine

struct chain_bucket {
    uint16_t tags[CHAIN_BUCKET_TAGS]; // what of the hashes comes behind the bucket's number
    uint16_t count;                   // CHAIN_BUCKET_TAGS + 1: more of them than there are tags
    uint32_t first;                   // index into the chain's `nodes`
    uint32_t nodes[1 + CHAIN_BUCKET_TAGS]; // the one before them; they
};
static_assert(sizeof(struct chain_bucket) == 64, "one cache line");

static inline uint32_t chain_bucket_count(uint32_t hashes)
{
    return hashes / CHAIN_BUCKET_LOAD + (hashes % CHAIN_BUCKET_LOAD != 0);
}
// Number and tag of a hash's first 8 octets: both rise with them.
static inline uint32_t chain_bucket_number(uint64_t order, uint32_t buckets)
{
    return (uint32_t)((unsigned __int128)order * buckets >> 64);
}
static inline uint16_t chain_bucket_tag(uint64_t order, uint32_t buckets)
{
    return (uint16_t)(order * buckets >> 48);
}

static inline const struct image_chain *image_chain(const struct image *image)
{
    uint32_t reference = image->head->chain;
    return reference ? (const struct image_chain *)(image->base + (size_t)reference * 4) : NULL;
}
// Of the whole zone. A chain of NSEC3 may be there in pieces only, as while it is being built: then
// it is none.
static inline enum chain_kind image_chain_kind(const struct image *image)
{
    const struct image_chain *chain = image_chain(image);
    return chain ? (enum chain_kind)chain->kind : CHAIN_NONE;
}

// The owner of the NSEC that matches the suffix of `depth` labels of the name (*matches) or else
// covers it. The zone has a chain of NSEC, and the name is at or below the apex.
const struct node *chain_find_name(const struct image *image, const struct name_key *key,
                                   unsigned depth, bool *matches)
    __attribute__((nonnull, returns_nonnull));
// The same for the child "*" of that suffix.
const struct node *chain_find_wildcard(const struct image *image, const struct name_key *key,
                                       unsigned depth, bool *matches)
    __attribute__((nonnull, returns_nonnull));
// The owner of the NSEC3 that matches the hash or else covers it; the last one covers what is
// before the first (RFC 5155 1.3). The zone has a chain of NSEC3. 20 octets of hash.
const struct node *chain_find_hash(const struct image *image, const uint8_t hash[static 20],
                                   bool *matches) __attribute__((nonnull, returns_nonnull));

// The same in two steps, for a batch: the first finds the place in `tops` and asks the memory for
// what the second, which is given that place, will look at.
struct chain_place {
    uint64_t order; // what is looked for, as in `orders`
    uint32_t top;   // how many of `tops` are not above it
};
struct chain_place chain_prefetch_name(const struct image *image, const struct name_key *key,
                                       unsigned depth) __attribute__((nonnull));
const struct node *chain_find_name_at(const struct image *image, const struct name_key *key,
                                      unsigned depth, struct chain_place place, bool *matches)
    __attribute__((nonnull, returns_nonnull));
// Asks the memory for all that chain_find_hash will look at.
void chain_prefetch_hash(const struct image *image, const uint8_t hash[static 20])
    __attribute__((nonnull));

// The first 8 octets, as a number, of a key whose plain order is the canonical order of names: the
// labels from the root side on, folded, each ended by 00 (records.c). `labels` has no root.
uint64_t chain_order_of_name(const uint8_t *labels, unsigned size) __attribute__((nonnull));
