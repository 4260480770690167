// All RRsets of an image, one after another, as a transfer sends them: names in canonical order,
// then the NSEC3 records, which are no names of the zone.
//
//     struct image_walk walk;
//     image_walk_begin(&walk, image);
//     while (image_walk_next(&walk))
//         walk.owner, walk.rrset
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "zone/image.h"

struct image_walk {
    struct name owner; // in `storage`
    const struct rrset *rrset;
    // Where it is.
    const struct image *image;
    const struct node *node;
    const struct node *next;   // of those that were built
    const struct node *end;    // behind the last of them
    uint32_t over;             // the next one in the overlay
    const struct node *hashed; // the next of the NSEC3 records, which come behind the names
    uint32_t hashed_left;
    uint16_t rrsets_left;
    uint8_t storage[NAME_OCTETS_MAX];
};

// The image must outlive the walk.
void image_walk_begin(struct image_walk *walk, const struct image *image) __attribute__((nonnull));
// False: that was the last one.
bool image_walk_next(struct image_walk *walk) __attribute__((nonnull, warn_unused_result));
