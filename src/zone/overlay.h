// The names of a zone that differ from its image, looked up first: a changed zone costs what was
// changed, not what there is.
//
//   base      an image as it was built, shared by all versions since (image.h)
//   overlay   nodes of the names that are others now, in their order, with buckets of their own; a
//             name that is gone has a node, too, which says so
//
// An overlay is of one version and does not change: the one that follows is a copy of it with the
// changes. So whoever holds a zone has it as it was. What it keeps true:
//
//   - with a name all names above it are in it, up to the apex
//   - with a cut or a DNAME that came or went, all names below are in it: each `top` is right
//   - a node has all RRsets of its name, and no reference into the base
//
// Copies grow with the overlay, so it is given up and the zone built whole when that is cheaper: a
// steady stream of changes costs, for each, about the root of the zone's size.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "zone/image.h"

struct bucket;

struct overlay_entry {
    uint64_t hash;   // of the name
    uint32_t node;   // where it is, in units of 4 octets
    uint32_t before; // reference of the base's node with this name, or of the one behind it
    bool same;       // the base has this name
};

struct overlay {
    const struct bucket *buckets;
    uint32_t bucket_count;
    uint32_t count;              // of names
    struct overlay_entry *order; // in canonical order
    const uint8_t *octets;       // the nodes
    size_t size;
    uint32_t records, aliases; // of the whole zone, as in struct image_head
    uint64_t copied;           // names that were written into overlays since the base was built
};

static inline const struct node *overlay_node(const struct overlay *overlay,
                                              const struct overlay_entry *entry)
{
    return (const struct node *)(overlay->octets + (size_t)entry->node * 4);
}
void overlay_free(struct overlay *overlay); // NULL is fine

// False: with so many changes the whole is built sooner.
bool overlay_pays(const struct image *old, size_t names) __attribute__((nonnull));

// The image that follows `old`, into `image`, when these names have changed: what each of them has
// now is in `fresh`, an image of the apex and of them; a name that is not there has nothing. All of
// one secret, by which the names are hashed. False: it is better, or only possible, to build the
// whole (too much of it is in the overlay; the zone is signed); `image` is not set.
bool overlay_follow(const struct image *old, const struct image *fresh, const struct name *names,
                    size_t count, const struct hash_key *secret, struct image *image)
    __attribute__((nonnull, warn_unused_result));
