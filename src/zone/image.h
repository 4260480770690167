// The image of a zone: one immutable, position-independent block of memory that answers are read
// from.
//
//   head, origin | nodes, each with its labels and its RRsets inline | buckets | order | chain
//
//   node     one name that exists: owner of records, or an empty non-terminal above one (RFC 4592
//            2.2.2). As these are real nodes, existence is monotone: every name between the apex
//            and a node is a node, and the closest encloser can be found by bisection. Nodes stand
//            in canonical order (RFC 4034 6.1); only the labels below the zone's own name are kept.
//   bucket   64 octets, one cache line: ten 16-bit tags, then ten 32-bit references to nodes; a
//            full bucket goes on in the next one. The tag is another part of the hash than the
//            bucket's number, so that nearly every wrong name is passed over without leaving the
//            line.
//   order    a reference to every eighth node: the canonical order as an index.
//   chain    NSEC or NSEC3 owners in their order, for denial (chain.h). NSEC3 owners are no names
//            of the zone (RFC 5155 7.2.8): they stand behind the nodes and in no bucket.
//
// Delegations that have equal NS records share one set of them: a TLD's million delegations are at
// some thousand hosters.
//
// References count in units of 4 octets from the image's start; there are no pointers. Hashes are
// keyed: an image is only of use to who has its key.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/hash.h"
#include "dns/name.h"
#include "dns/rrset.h"

struct block;
struct overlay;
struct records;

enum node_flag {
    NODE_CUT = 1,      // NS records, and not the apex: a delegation
    NODE_DNAME = 2,    // a DNAME record: redirects everything below
    NODE_WILDCARD = 4, // has a child "*"
    NODE_APEX = 8,
    NODE_CNAME = 16,
    NODE_SHARED = 32,   // its NS RRset stands at another cut: a reference to it is in front of the
                        // other RRsets
    NODE_HASHED = 64,   // struct node_hashed is in front of its RRsets
    NODE_COVERED = 128, // no NSEC3 matches it: that of struct node_hashed covers it (opt-out)
};

#define NODE_NOT_BELOW 255
#define NODE_GONE      254 // in an overlay: there is no such name
#define ORDER_STEP     8   // the order has a reference to each such node

struct node {
    uint8_t flags;   // enum node_flag
    uint8_t top;     // depth (labels) of the highest cut or DNAME at or above it; NODE_NOT_BELOW;
                     // NODE_GONE
    uint8_t labels;  // of the whole name
    uint8_t size;    // octets of `name`
    uint16_t rrsets; // how many RRsets, a shared one included
    uint8_t name[];  // the labels below the zone's name, wire without the zero, case as in the file
};

// In a zone with NSEC3: what denies things about a name, found when the image was built, so that an
// answer needs to hash no name that exists.
struct node_hashed {
    uint32_t self;     // reference of the NSEC3 node that matches the name, or covers it
    uint32_t wildcard; // and of the one that matches or covers its child "*"; 0 at a cut or DNAME
};

#define IMAGE_FORMAT 4 // of all that stands in an image; another number: not readable

struct image_head {
    uint64_t size; // of the whole image, a multiple of 4
    uint32_t format;
    uint32_t nodes;   // how many names
    uint32_t records; // RRSIGs included
    uint32_t rrsets;
    uint32_t apex;      // reference of the apex node, the first one
    uint32_t nodes_end; // reference of what is behind the last node
    uint32_t buckets;   // reference of the first bucket
    uint32_t bucket_count;
    uint32_t order;   // reference of the first entry of the order
    uint32_t chain;   // reference of struct image_chain; 0: not signed
    uint32_t aliases; // nodes with an ALIAS record
    uint8_t origin_size, origin_labels;
    uint8_t origin[]; // the zone's name, wire
};

struct image {
    const struct image_head *head; // the block
    const uint8_t *base;           // the same, by octets
    struct block *block;           // the memory that it stands in; one count of it is the image's
    struct overlay *overlay;       // owned: names that are others by now (overlay.h); NULL: none
    const struct node *apex;
    const struct rrset *soa; // of the apex
    uint32_t negative_ttl;   // min(TTL of the SOA, its MINIMUM): RFC 2308 3
    uint32_t serial;
};

// How many there are in the zone by now, RRSIGs included; and nodes with an ALIAS record.
uint32_t image_records(const struct image *image) __attribute__((nonnull));
uint32_t image_aliases(const struct image *image) __attribute__((nonnull));

// Builds the image of sorted and checked records (check_records passed: one SOA at the apex).
// Returns 0 or a negative errno (-ENOMEM, -E2BIG past 16 GiB). Names are hashed from the root with
// `key`.
int image_build(const struct records *records, const struct hash_key *key, struct image *image)
    __attribute__((nonnull, warn_unused_result));
// Makes an image of what was built before and stands at `base`, which the image has no part in;
// `base` is aligned to 64 octets.
void image_look_at(struct image *image, const uint8_t *base) __attribute__((nonnull));
// Puts an overlay, which is taken over and has the apex, over an image that has none.
void image_lay_over(struct image *image, struct overlay *overlay) __attribute__((nonnull));
void image_free(struct image *image) __attribute__((nonnull));

// The node of the name that is the suffix of `depth` labels of `key`, or NULL. The name must be at
// or below the zone's.
const struct node *image_find(const struct image *image, const struct name_key *key, unsigned depth)
    __attribute__((nonnull));
// The same without the overlay: as it was built.
const struct node *image_find_built(const struct image *image, const struct name_key *key,
                                    unsigned depth) __attribute__((nonnull));
// The child "*" of the suffix of `depth` labels, or NULL.
const struct node *image_find_wildcard(const struct image *image, const struct hash_key *secret,
                                       const struct name_key *key, unsigned depth)
    __attribute__((nonnull));
// True: it is so small that it stays in a cache near the core, and asking ahead only costs.
#define IMAGE_NEAR_MAX (256 * 1024)
static inline bool image_is_near(const struct image *image)
{
    return image->head->size <= IMAGE_NEAR_MAX;
}
// Ahead of time, for a batch: first the memory of a name's bucket is asked for, later, when that is
// there, the memory of the node that its tags point to. False: no tag of that hash is in the
// bucket.
void image_prefetch_bucket(const struct image *image, uint64_t hash) __attribute__((nonnull));
bool image_prefetch_node(const struct image *image, uint64_t hash) __attribute__((nonnull));

// What stands behind what image_prefetch_node asked for: a cut's glue, mostly.
void image_prefetch_behind(const struct node *node) __attribute__((nonnull));

// Nodes as they were built, in canonical order, index from 0 to head->nodes - 1; and the one behind
// a node. With an overlay they are not all of the zone: walk.h.
const struct node *image_node_at(const struct image *image, uint32_t index)
    __attribute__((nonnull, returns_nonnull));
const struct node *image_node_after(const struct node *node)
    __attribute__((nonnull, returns_nonnull));

static inline struct name image_origin(const struct image *image)
{
    return (struct name){image->head->origin, image->head->origin_size, image->head->origin_labels};
}
static inline const struct node *image_node(const struct image *image, uint32_t reference)
{
    return (const struct node *)(image->base + (size_t)reference * 4);
}
// The labels below the zone's name as a name that has no root: for name_compare, not for printing.
static inline struct name node_labels(const struct image *image, const struct node *node)
{
    return (struct name){node->name, node->size,
                         (uint8_t)(node->labels - image->head->origin_labels)};
}
// The whole name, put together in `storage`.
struct name node_name(const struct image *image, const struct node *node,
                      uint8_t storage[static NAME_OCTETS_MAX]) __attribute__((nonnull));
// True: its first label is "*", and it is not the zone's own name.
static inline bool node_is_wildcard(const struct node *node)
{
    return node->size >= 2 && node->name[0] == 1 && node->name[1] == '*';
}

// What stands between a node's labels and its own RRsets.
static inline const uint8_t *node_body(const struct node *node)
{
    return (const uint8_t *)node + ((offsetof(struct node, name) + node->size + 3u) & ~3u);
}
static inline const struct node_hashed *node_hashed(const struct node *node)
{
    return node->flags & NODE_HASHED ? (const struct node_hashed *)node_body(node) : NULL;
}
// The first RRset that stands in the node itself; with a shared one there may be none.
static inline const struct rrset *node_own_rrset(const struct node *node)
{
    const uint8_t *body = node_body(node);
    body += node->flags & NODE_HASHED ? sizeof(struct node_hashed) : 0;
    return (const struct rrset *)(body + (node->flags & NODE_SHARED ? 4 : 0));
}
static inline const struct rrset *node_shared_rrset(const struct image *image,
                                                    const struct node *node)
{
    uint32_t reference;
    memcpy(&reference, (const uint8_t *)node_own_rrset(node) - 4, 4);
    return (const struct rrset *)(image->base + (size_t)reference * 4);
}
// All RRsets of a node: `for (i < node->rrsets)`, the first one and the one behind another.
static inline const struct rrset *node_first_rrset(const struct image *image,
                                                   const struct node *node)
{
    return node->flags & NODE_SHARED ? node_shared_rrset(image, node) : node_own_rrset(node);
}
static inline const struct rrset *node_next_rrset(const struct image *image,
                                                  const struct node *node,
                                                  const struct rrset *rrset)
{
    if (node->flags & NODE_SHARED && rrset == node_shared_rrset(image, node))
        return node_own_rrset(node);
    return rrset_after(rrset);
}
// The RRset of a type that has records, or NULL.
const struct rrset *node_rrset(const struct image *image, const struct node *node, uint16_t type)
    __attribute__((nonnull));
