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

// Where in a list of hashes, which lie evenly, what is `by` further on is expected.
static uint32_t hashes_within(uint64_t by, uint32_t count)
{
    return (uint32_t)((unsigned __int128)by * count >> 64);
}

// The same where the list is of hashes: what is looked for is near where its value says. Of a
// million, the place is some 500 off, which is 30 of every sixteenth; from there, by the same rule,
// it is one or two.
static uint32_t count_hashes_not_above(const uint64_t *list, uint32_t count, uint64_t wanted)
{
    uint32_t low = hashes_within(wanted, count); // below `count`
    uint64_t there = list[low];
    if (there <= wanted) {
        uint32_t on = hashes_within(wanted - there, count), most = count - 1 - low;
        low += on < most ? on : most;
    } else {
        uint32_t back = hashes_within(there - wanted, count);
        low -= back < low ? back : low;
    }
    uint32_t high = low, step = 2;
    for (; low > 0 && list[low] > wanted; step *= 2) { // what is at `high` is above
        high = low;
        low -= step < low ? step : low;
    }
    for (; high < count && list[high] <= wanted; step *= 2) { // what is at `low` is not
        low = high;
        high = step < count - high ? high + step : count;
    }
    return low + count_not_above(list + low, high - low, wanted);
}

// How many entries, in steps of CHAIN_TOP_STEP, are not above `wanted` as far as their first tells.
static uint32_t find_top(const struct image *image, const struct image_chain *chain,
                         uint64_t wanted)
{
    const uint64_t *list = orders_of(image, chain->tops);
    uint32_t tops = (chain->count + CHAIN_TOP_STEP - 1) / CHAIN_TOP_STEP;
    return chain->kind == CHAIN_NSEC3 ? count_hashes_not_above(list, tops, wanted)
                                      : count_not_above(list, tops, wanted);
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

static struct chain_place find_place_of_hash(const struct image *image,
                                             const uint8_t hash[static 20])
{
    const struct image_chain *chain = image_chain(image);
    assert(chain && chain->kind == CHAIN_NSEC3 && chain->count > 0);
    uint64_t order = order_of_hash(hash);
    return (struct chain_place){order, find_top(image, chain, order)};
}

const struct node *chain_find_hash_at(const struct image *image, const uint8_t hash[static 20],
                                      struct chain_place place, bool *matches)
{
    const struct image_chain *chain = image_chain(image);
    const uint64_t *orders = orders_of(image, chain->orders);
    uint32_t end = find_end(image, chain, place.top, place.order);
    *matches = false;
    if (end > 0 && orders[end - 1] == place.order) {
        uint8_t label[NSEC3_LABEL_SIZE];
        nsec3_label(hash, label);
        // Two hashes that share 64 bits do not happen by chance; a hostile zone only costs itself.
        for (; end > 0 && orders[end - 1] == place.order; end--) {
            const struct node *node = node_of(image, chain, end - 1);
            int order = compare_label(node, label);
            *matches = order == 0;
            if (order <= 0)
                return node;
        }
    }
    return node_of(image, chain, end > 0 ? end - 1 : chain->count - 1);
}

const struct node *chain_find_hash(const struct image *image, const uint8_t hash[static 20],
                                   bool *matches)
{
    return chain_find_hash_at(image, hash, find_place_of_hash(image, hash), matches);
}

struct chain_place chain_prefetch_hash(const struct image *image, const uint8_t hash[static 20])
{
    struct chain_place place = find_place_of_hash(image, hash);
    prefetch_place(image, image_chain(image), place.top);
    return place;
}
