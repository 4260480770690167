// The hash table of an image: what image.c looks up, press.c fills and walk.c checks.
#pragma once

#include <assert.h>
#include <stdint.h>

#include "base/bytes.h"
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

// The top bit of each of four tags that is zero.
static inline uint64_t bucket_zeros(uint64_t tags)
{
    const uint64_t low = 0x7fff7fff7fff7fffu;
    return ~(((tags & low) + low) | tags | low);
}

// Which tags of a bucket are this one, all at once: how many have to be looked at before one fits
// is what no branch prediction knows. A bit for each, to be taken with bucket_index and
// `matches &= matches - 1`. What is not used is zero, and matches when zero is looked for.
static inline uint64_t bucket_matches(const struct bucket *bucket, uint16_t tag)
{
    static_assert(BUCKET_TAGS == 10, "three words, of the last a half");
    uint64_t words[3], wanted = tag * 0x0001000100010001u;
    memcpy(words, bucket->tags, sizeof words); // `count` and `unused` stand in the last one
    return bucket_zeros(words[0] ^ wanted) >> 15 | bucket_zeros(words[1] ^ wanted) >> 14 |
           (bucket_zeros(words[2] ^ wanted) & bytes_first(4)) >> 13;
}

// The number of the tag that the lowest bit stands for.
static inline unsigned bucket_index(uint64_t matches)
{
    unsigned at = (unsigned)__builtin_ctzll(matches), place = at / 16;
    bool little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
    return at % 16 * 4 + (little ? place : 3 - place);
}
