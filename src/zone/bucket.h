// The hash table of an image: what image.c looks up, press.c fills and walk.c checks.
#pragma once

#include <assert.h>
#include <stdint.h>

#include "zone/image.h"

#define BUCKET_TAGS 10
#define BUCKET_LOAD 7 // nodes for each bucket on average, at most: one bucket in six is full then

struct bucket {
    uint16_t tags[BUCKET_TAGS];
    uint16_t count; // used tags; a full bucket goes on in the next one, the last in the first
    uint16_t unused;
    uint32_t nodes[BUCKET_TAGS];
};
static_assert(sizeof(struct bucket) == 64, "one cache line");

static inline uint16_t bucket_tag(uint64_t hash)
{
    return (uint16_t)(hash >> 48);
}
// The number of buckets need not be a power of two, or half of them would be of no use.
static inline uint32_t bucket_number(uint64_t hash, uint32_t buckets)
{
    return (uint32_t)(((hash & UINT32_MAX) * buckets) >> 32);
}
static inline const struct bucket *image_buckets(const struct image *image)
{
    return (const struct bucket *)(image->base + (size_t)image->head->buckets * 4);
}
