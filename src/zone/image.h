// The image of a zone: one immutable, position-independent block of memory that answers are read
// from.
//
//   head | nodes, each with its name and its RRsets inline | buckets | order
//
//   bucket   64 octets, one cache line: ten 16-bit tags, then ten 32-bit references to nodes; a
//            full bucket goes on in the next. The tag is another part of the hash than the bucket's
//            number, so that nearly every wrong name is passed over without leaving the line.
//   node     one name that exists: owner of records, or an empty non-terminal above one (RFC 4592
//            2.2.2). As these are real nodes, existence is monotone: every name between the apex
//            and a node is a node, and the closest encloser can be found by bisection.
//   order    references to all nodes in canonical order (RFC 4034 6.1).
//
// References count in units of 4 octets from the image's start; there are no pointers. Hashes are
// keyed: an image is only of use to who has its key.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "dns/name.h"
#include "dns/rrset.h"

struct records;

enum node_flag {
    NODE_CUT = 1,      // NS records, and not the apex: a delegation
    NODE_DNAME = 2,    // a DNAME record: redirects everything below
    NODE_WILDCARD = 4, // has a child "*"
    NODE_APEX = 8,
    NODE_CNAME = 16,
};

#define NODE_NOT_BELOW 255

struct node {
    uint8_t flags; // enum node_flag
    uint8_t top;   // depth (labels) of the highest cut or DNAME at or above it; NODE_NOT_BELOW
    uint8_t size;  // of the name, wire octets
    uint8_t labels;
    uint16_t rrsets; // how many RRsets
    uint16_t body;   // offset of the first RRset from the node's start
    uint8_t name[];  // wire, case as in the zone file
};

struct image_head {
    uint64_t size;        // of the whole image
    uint32_t bucket_mask; // buckets - 1
    uint32_t buckets;     // reference of the first bucket
    uint32_t nodes;       // how many
    uint32_t order;       // reference of the first entry of the order
    uint32_t apex;        // reference of the apex node
    uint32_t records;     // how many records, RRSIGs included
    uint64_t rrset_count;
};

struct image {
    const struct image_head *head; // the block; all of it is owned by the image
    const uint8_t *base;           // the same, by octets
    size_t mapped;                 // size of the memory behind it, for image_free
    const struct node *apex;
    const struct rrset *soa; // of the apex
    uint32_t negative_ttl;   // min(TTL of the SOA, its MINIMUM): RFC 2308 3
    uint32_t serial;
};

// Builds the image of sorted and checked records (check_records passed: one SOA at the apex).
// Returns 0 or a negative errno (-ENOMEM, -E2BIG past 16 GiB). Names are hashed from the root with
// `key`.
int image_build(const struct records *records, const struct hash_key *key, struct image *image)
    __attribute__((nonnull, warn_unused_result));
void image_free(struct image *image) __attribute__((nonnull));

// The node of the name that is the suffix of `depth` labels of `key`, or NULL.
const struct node *image_find(const struct image *image, const struct name_key *key, unsigned depth)
    __attribute__((nonnull));
// The child "*" of the suffix of `depth` labels, or NULL.
const struct node *image_find_wildcard(const struct image *image, const struct hash_key *secret,
                                       const struct name_key *key, unsigned depth)
    __attribute__((nonnull));
// Asks the memory for the bucket of a name ahead of time.
void image_prefetch(const struct image *image, uint64_t hash) __attribute__((nonnull));
// Nodes in canonical order, index from 0 to head->nodes - 1.
const struct node *image_node_at(const struct image *image, uint32_t index)
    __attribute__((nonnull, returns_nonnull));

static inline struct name node_name(const struct node *node)
{
    return (struct name){node->name, node->size, node->labels};
}
// The RRset of a type that has records, or NULL.
const struct rrset *node_rrset(const struct node *node, uint16_t type) __attribute__((nonnull));
static inline const struct rrset *node_first_rrset(const struct node *node)
{
    return (const struct rrset *)((const uint8_t *)node + node->body);
}
