// Looking up in the chain of NSEC or NSEC3 (chain.h).
#include "zone/chain.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "dnssec/nsec3.h"

uint64_t chain_order_of_name(const uint8_t *labels, unsigned size)
{
    uint8_t starts[NAME_LABELS_MAX];
    unsigned count = 0;
    for (unsigned at = 0; at < size; at += 1u + labels[at])
        starts[count++] = (uint8_t)at;
    uint64_t order = 0;
    unsigned used = 0;
    while (count > 0 && used < 8) {
        const uint8_t *label = labels + starts[--count];
        for (unsigned i = 1; i <= *label && used < 8; i++) {
            unsigned octet = byte_fold(label[i]);
            if (octet <= 1) { // 00 ends a label, so 00 and 01 are written 01 01 and 01 02
                order = order << 8 | 1;
                used++;
                octet++;
                if (used == 8)
                    break;
            }
            order = order << 8 | octet;
            used++;
        }
        if (used < 8) {
            order <<= 8;
            used++;
        }
    }
    return used == 0 ? 0 : order << 8 * (8 - used);
}

// --- the search ----------------------------------------------------------------------------------

static const uint64_t *orders_of(const struct image *image, uint32_t reference)
{
    return (const uint64_t *)(image->base + (size_t)reference * 4);
}

static const struct node *node_of(const struct image *image, const struct image_chain *chain,
                                  uint32_t index)
{
    const uint32_t *nodes = (const uint32_t *)(image->base + (size_t)chain->nodes * 4);
    return image_node(image, nodes[index]);
}

// How many of a sorted list are not above `wanted`. No branch depends on what is compared, which
// would be guessed wrongly every other time.
static uint32_t count_not_above(const uint64_t *list, uint32_t count, uint64_t wanted)
{
    uint32_t low = 0;
    for (; count > 1; count -= count / 2)
        low += count / 2 & -(uint32_t)(list[low + count / 2 - 1] <= wanted);
    return low + (count > 0 && list[low] <= wanted);
}

// How many entries, in steps of CHAIN_TOP_STEP, are not above `wanted` as far as their first tells.
static uint32_t find_top(const struct image *image, const struct image_chain *chain,
                         uint64_t wanted)
{
    const uint64_t *list = orders_of(image, chain->tops);
    uint32_t tops = (chain->count + CHAIN_TOP_STEP - 1) / CHAIN_TOP_STEP;
    return count_not_above(list, tops, wanted);
}

static uint32_t find_end(const struct image *image, const struct image_chain *chain, uint32_t top,
                         uint64_t wanted)
{
    if (top == 0)
        return 0;
    uint32_t first = (top - 1) * CHAIN_TOP_STEP, most = chain->count - first;
    uint32_t count = most < CHAIN_TOP_STEP ? most : CHAIN_TOP_STEP;
    return first + count_not_above(orders_of(image, chain->orders) + first, count, wanted);
}

// --- NSEC ----------------------------------------------------------------------------------------

static struct chain_place find_place(const struct image *image, struct name labels)
{
    const struct image_chain *chain = image_chain(image);
    assert(chain && chain->kind == CHAIN_NSEC);
    uint64_t order = chain_order_of_name(labels.wire, labels.size);
    return (struct chain_place){order, find_top(image, chain, order)};
}

static const struct node *find_name(const struct image *image, struct name labels,
                                    struct chain_place place, bool *matches)
{
    const struct image_chain *chain = image_chain(image);
    const uint64_t *orders = orders_of(image, chain->orders);
    // Entries with the same first octets are compared as a whole: the last one that is not behind
    // the name lies in [low - 1, high). The apex is before everything, so there is one.
    uint32_t high = find_end(image, chain, place.top, place.order), low = high;
    for (uint32_t step = 1; low > 0 && orders[low - 1] == place.order; step *= 2)
        low -= step < low ? step : low;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct node *node = node_of(image, chain, middle);
        if (name_compare(node_labels(image, node), labels) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    assert(low > 0);
    const struct node *node = node_of(image, chain, low - 1);
    *matches = orders[low - 1] == place.order && node->size == labels.size &&
               name_compare(node_labels(image, node), labels) == 0;
    return node;
}

static struct name labels_of(const struct image *image, const struct name_key *key, unsigned depth)
{
    unsigned at = name_key_offset(key, depth);
    unsigned end = name_key_offset(key, image->head->origin_labels);
    return (struct name){key->folded + at, (uint8_t)(end - at),
                         (uint8_t)(depth - image->head->origin_labels)};
}

const struct node *chain_find_name_at(const struct image *image, const struct name_key *key,
                                      unsigned depth, struct chain_place place, bool *matches)
{
    return find_name(image, labels_of(image, key, depth), place, matches);
}

const struct node *chain_find_name(const struct image *image, const struct name_key *key,
                                   unsigned depth, bool *matches)
{
    struct name labels = labels_of(image, key, depth);
    return find_name(image, labels, find_place(image, labels), matches);
}

const struct node *chain_find_wildcard(const struct image *image, const struct name_key *key,
                                       unsigned depth, bool *matches)
{
    struct name parent = labels_of(image, key, depth);
    assert(parent.size <= NAME_OCTETS_MAX - 3); // it has room for a child
    uint8_t labels[NAME_OCTETS_MAX] = {1, '*'};
    memcpy(labels + 2, parent.wire, parent.size);
    struct name name = {labels, (uint8_t)(parent.size + 2), (uint8_t)(parent.labels + 1)};
    return find_name(image, name, find_place(image, name), matches);
}

// Asks the memory for what the search goes on in.
static void prefetch_place(const struct image *image, const struct image_chain *chain, uint32_t top)
{
    if (top == 0)
        return; // what is before the first is covered by the last, which is asked for often enough
    size_t first = (size_t)(top - 1) * CHAIN_TOP_STEP;
    const char *orders = (const char *)(orders_of(image, chain->orders) + first);
    const char *nodes = (const char *)(image->base + ((size_t)chain->nodes + first) * 4);
    for (unsigned at = 0; at < CHAIN_TOP_STEP * 8; at += 64)
        __builtin_prefetch(orders + at);
    __builtin_prefetch(nodes);
    __builtin_prefetch(nodes + CHAIN_TOP_STEP * 4 - 1);
}

struct chain_place chain_prefetch_name(const struct image *image, const struct name_key *key,
                                       unsigned depth)
{
    struct chain_place place = find_place(image, labels_of(image, key, depth));
    prefetch_place(image, image_chain(image), place.top);
    return place;
}

// --- NSEC3 ---------------------------------------------------------------------------------------

static int compare_label(const struct node *node, const uint8_t label[static NSEC3_LABEL_SIZE])
{
    for (unsigned i = 0; i < NSEC3_LABEL_SIZE; i++) {
        int difference = byte_fold(node->name[1 + i]) - label[i];
        if (difference)
            return difference;
    }
    return 0;
}

static uint64_t order_of_hash(const uint8_t hash[static 20])
{
    return (uint64_t)bytes_get32(hash) << 32 | bytes_get32(hash + 4);
}

static const struct chain_bucket *bucket_at(const struct image *image,
                                            const struct image_chain *chain, uint32_t number)
{
    return (const struct chain_bucket *)(image->base + (size_t)chain->buckets * 4) + number;
}

// Among the hashes of a bucket that has more than its tags tell: they stand in `nodes` up to where
// those of the next bucket begin. Two or so are looked at, one time in thirty.
static const struct node *find_in_full(const struct image *image, const struct image_chain *chain,
                                       uint32_t number,
                                       const uint8_t label[static NSEC3_LABEL_SIZE], bool *matches)
{
    const struct chain_bucket *bucket = bucket_at(image, chain, number);
    bool last = number + 1 == chain_bucket_count(chain->count);
    uint32_t low = bucket->first, high = last ? chain->count : bucket[1].first;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = compare_label(node_of(image, chain, middle), label);
        if (order <= 0)
            low = middle + 1;
        else
            high = middle;
        *matches |= order == 0;
    }
    return low == bucket->first ? image_node(image, bucket->nodes[0])
                                : node_of(image, chain, low - 1);
}

// The hashes that share the tag of what is looked for begin at `at`: their labels tell.
static const struct node *find_in_equal(const struct image *image,
                                        const struct chain_bucket *bucket, unsigned at,
                                        const uint8_t label[static NSEC3_LABEL_SIZE], bool *matches)
{
    for (uint16_t tag = bucket->tags[at]; at < bucket->count && bucket->tags[at] == tag; at++) {
        int order = compare_label(image_node(image, bucket->nodes[1 + at]), label);
        if (order > 0)
            break;
        *matches |= order == 0;
    }
    return image_node(image, bucket->nodes[at]);
}

// How many tags, which stand in order, are below this one. No branch depends on them, which would
// be guessed wrongly as often as not.
static unsigned count_below(const struct chain_bucket *bucket, uint16_t tag)
{
    unsigned below = 0;
    for (unsigned i = 0; i < CHAIN_BUCKET_TAGS; i++)
        below += (bucket->tags[i] < tag) & (i < bucket->count);
    return below;
}

static const struct chain_bucket *bucket_of(const struct image *image,
                                            const uint8_t hash[static 20])
{
    const struct image_chain *chain = image_chain(image);
    assert(chain && chain->kind == CHAIN_NSEC3 && chain->count > 0);
    uint32_t buckets = chain_bucket_count(chain->count);
    return bucket_at(image, chain, chain_bucket_number(order_of_hash(hash), buckets));
}

const struct node *chain_find_hash(const struct image *image, const uint8_t hash[static 20],
                                   bool *matches)
{
    const struct image_chain *chain = image_chain(image);
    const struct chain_bucket *bucket = bucket_of(image, hash);
    uint32_t buckets = chain_bucket_count(chain->count);
    uint16_t tag = chain_bucket_tag(order_of_hash(hash), buckets);
    bool full = bucket->count > CHAIN_BUCKET_TAGS;
    unsigned below = full ? 0 : count_below(bucket, tag);
    *matches = false;
    if (!full && (below == bucket->count || bucket->tags[below] != tag))
        return image_node(image, bucket->nodes[below]);
    uint8_t label[NSEC3_LABEL_SIZE];
    nsec3_label(hash, label);
    uint32_t number = (uint32_t)(bucket - bucket_at(image, chain, 0));
    return full ? find_in_full(image, chain, number, label, matches)
                : find_in_equal(image, bucket, below, label, matches);
}

void chain_prefetch_hash(const struct image *image, const uint8_t hash[static 20])
{
    __builtin_prefetch(bucket_of(image, hash));
}
