// NSEC3 records for zones made from text: for the tests of chains.
#pragma once

#include "from_text.h"

#include "dns/encode.h"
#include "dns/type.h"
#include "dnssec/nsec3.h"
#include "zone/chain.h"

#define HASHED_MAX 512

struct hash20 {
    uint8_t octets[NSEC3_HASH_SIZE];
};

static inline struct hash20 hash_of(const char *name, const struct nsec3_params *params)
{
    struct nsec3_hasher hasher;
    struct hash20 hash;
    nsec3_hasher_open(&hasher);
    assert_true(nsec3_hash(&hasher, params, name_of(name), hash.octets));
    nsec3_hasher_close(&hasher);
    return hash;
}

static inline int compare_hashes(const void *a, const void *b)
{
    return memcmp(a, b, NSEC3_HASH_SIZE);
}

// Adds an NSEC3 for each of these hashes, which get sorted, each with the next one in it. `params`
// as text: "1 0 10 aabb".
static inline void add_chain(struct buffer *text, const char *params, struct hash20 *hashes,
                             size_t count)
{
    qsort(hashes, count, sizeof *hashes, compare_hashes);
    for (size_t i = 0; i < count; i++) {
        uint8_t label[NSEC3_LABEL_SIZE];
        nsec3_label(hashes[i].octets, label);
        buffer_format(text, "%.32s NSEC3 %s ", (const char *)label, params);
        encode_base32hex(hashes[(i + 1) % count].octets, NSEC3_HASH_SIZE, text);
        buffer_add_text(text, " A RRSIG\n");
    }
}

// The hash that an NSEC3 node stands at: the last one in a sorted list that is not above `wanted`;
// before the first it is the last of all.
static inline size_t find_slowly(const struct hash20 *hashes, size_t count,
                                 const struct hash20 *wanted, bool *matches)
{
    size_t at = count - 1;
    *matches = false;
    for (size_t i = 0; i < count && compare_hashes(&hashes[i], wanted) <= 0; i++) {
        at = i;
        *matches = compare_hashes(&hashes[i], wanted) == 0;
    }
    return at;
}

static inline void assert_node_of_hash(const struct node *node, const struct hash20 *hash)
{
    uint8_t label[NSEC3_LABEL_SIZE];
    nsec3_label(hash->octets, label);
    assert_int_equal(node->size, 1 + NSEC3_LABEL_SIZE);
    assert_memory_equal(node->name + 1, label, NSEC3_LABEL_SIZE);
}
