// Looking names up in an image (image.h). press.c builds it.
#include "zone/image.h"

#include <assert.h>
#include <string.h>

#include "dns/type.h"
#include "zone/block.h"
#include "zone/bucket.h"
#include "zone/overlay.h"

// What answers need at once, looked up once.
static void set_apex(struct image *image, const struct node *apex)
{
    image->apex = apex;
    image->soa = node_rrset(image, image->apex, TYPE_SOA);
    assert(image->soa && image->soa->count == 1);
    // RFC 1035 3.3.13: serial, refresh, retry, expire and minimum are the last 20 octets.
    const uint8_t *end = rrset_next(image->soa->body);
    uint32_t minimum = bytes_get32(end - 4);
    image->serial = bytes_get32(end - 20);
    image->negative_ttl = minimum < image->soa->ttl ? minimum : image->soa->ttl;
}

void image_look_at(struct image *image, const uint8_t *base)
{
    *image = (struct image){.head = (const struct image_head *)base, .base = base};
    set_apex(image, image_node(image, image->head->apex));
}

void image_lay_over(struct image *image, struct overlay *overlay)
{
    image->overlay = overlay;
    set_apex(image, overlay_node(overlay, overlay->order));
}

uint32_t image_records(const struct image *image)
{
    return image->overlay ? image->overlay->records : image->head->records;
}

uint32_t image_aliases(const struct image *image)
{
    return image->overlay ? image->overlay->aliases : image->head->aliases;
}

void image_free(struct image *image)
{
    overlay_free(image->overlay);
    block_release(image->block);
    *image = (struct image){0};
}

// --- looking up ----------------------------------------------------------------------------------

// What is looked for: an optional "*" in front of folded labels below the zone's name, and its
// hash.
struct wanted {
    const uint8_t *labels;
    unsigned size;
    bool wildcard;
    uint64_t hash;
};

static bool same_labels(const uint8_t *labels, const uint8_t *folded, unsigned size)
{
    if (bytes_equal(labels, folded, size))
        return true;
    // Length octets are under 64 and never letters.
    for (unsigned i = 0; i < size; i++)
        if (byte_fold(labels[i]) != folded[i])
            return false;
    return true;
}

static bool is_wanted(const struct node *node, const struct wanted *wanted)
{
    if (!wanted->wildcard)
        return node->size == wanted->size && same_labels(node->name, wanted->labels, node->size);
    return node_is_wildcard(node) && node->size == wanted->size + 2 &&
           same_labels(node->name + 2, wanted->labels, wanted->size);
}

// Among buckets whose references count from `base`.
static inline const struct node *find_in(const struct bucket *buckets, uint32_t count,
                                         const uint8_t *base, const struct wanted *wanted)
{
    uint32_t at = bucket_number(wanted->hash, count);
    uint16_t tag = bucket_tag(wanted->hash);
    for (;;) {
        const struct bucket *bucket = &buckets[at];
        for (uint64_t left = bucket_matches(bucket, tag); left; left &= left - 1) {
            unsigned i = bucket_index(left);
            const struct node *node = (const struct node *)(base + (size_t)bucket->nodes[i] * 4);
            if (i < bucket->count && is_wanted(node, wanted))
                return node;
        }
        if (bucket->count < BUCKET_TAGS)
            return NULL;
        at = at + 1 == count ? 0 : at + 1;
    }
}

static const struct node *find_built(const struct image *image, const struct wanted *wanted)
{
    return find_in(image_buckets(image), image->head->bucket_count, image->base, wanted);
}

static const struct node *find(const struct image *image, const struct wanted *wanted)
{
    const struct overlay *overlay = image->overlay;
    if (overlay) {
        const struct node *node =
            find_in(overlay->buckets, overlay->bucket_count, overlay->octets, wanted);
        if (node)
            return node->top == NODE_GONE ? NULL : node;
    }
    return find_built(image, wanted);
}

static struct wanted make_wanted(const struct image *image, const struct name_key *key,
                                 unsigned depth)
{
    assert(depth <= key->labels && depth >= image->head->origin_labels);
    unsigned at = name_key_offset(key, depth);
    unsigned origin_at = name_key_offset(key, image->head->origin_labels);
    return (struct wanted){key->folded + at, origin_at - at, false, key->hash[depth]};
}

const struct node *image_find(const struct image *image, const struct name_key *key, unsigned depth)
{
    struct wanted wanted = make_wanted(image, key, depth);
    return find(image, &wanted);
}

const struct node *image_find_built(const struct image *image, const struct name_key *key,
                                    unsigned depth)
{
    struct wanted wanted = make_wanted(image, key, depth);
    return find_built(image, &wanted);
}

const struct node *image_find_wildcard(const struct image *image, const struct hash_key *secret,
                                       const struct name_key *key, unsigned depth)
{
    struct wanted wanted = make_wanted(image, key, depth);
    wanted.wildcard = true;
    wanted.hash = hash_label(secret, key->hash[depth], (const uint8_t *)"*", 1);
    return find(image, &wanted);
}

void image_prefetch_bucket(const struct image *image, uint64_t hash)
{
    __builtin_prefetch(&image_buckets(image)[bucket_number(hash, image->head->bucket_count)]);
}

bool image_prefetch_node(const struct image *image, uint64_t hash)
{
    const struct bucket *bucket =
        &image_buckets(image)[bucket_number(hash, image->head->bucket_count)];
    uint64_t matches = bucket_matches(bucket, bucket_tag(hash));
    if (!matches)
        return false;
    // Two lines: a node with its first RRset is longer than what one line mostly holds of it.
    const char *node = (const char *)image_node(image, bucket->nodes[bucket_index(matches)]);
    __builtin_prefetch(node);
    __builtin_prefetch(node + 64);
    return true;
}

void image_prefetch_behind(const struct node *node)
{
    __builtin_prefetch((const char *)node + 128);
    __builtin_prefetch((const char *)node + 192);
}

const struct rrset *node_rrset(const struct image *image, const struct node *node, uint16_t type)
{
    unsigned own = node->rrsets;
    if (node->flags & NODE_SHARED) {
        if (type == TYPE_NS)
            return node_shared_rrset(image, node);
        own--;
    }
    const struct rrset *rrset = node_own_rrset(node);
    for (unsigned i = 0; i < own; i++, rrset = rrset_after(rrset))
        if (rrset->type == type)
            return rrset->count ? rrset : NULL;
    return NULL;
}

struct name node_name(const struct image *image, const struct node *node,
                      uint8_t storage[static NAME_OCTETS_MAX])
{
    memcpy(storage, node->name, node->size);
    memcpy(storage + node->size, image->head->origin, image->head->origin_size);
    return (struct name){storage, (uint8_t)(node->size + image->head->origin_size), node->labels};
}

// --- the order -----------------------------------------------------------------------------------

const struct node *image_node_after(const struct node *node)
{
    const struct rrset *rrset = node_own_rrset(node);
    for (unsigned own = node->rrsets - (node->flags & NODE_SHARED ? 1u : 0u); own > 0; own--)
        rrset = rrset_after(rrset);
    return (const struct node *)rrset;
}

const struct node *image_node_at(const struct image *image, uint32_t index)
{
    assert(index < image->head->nodes);
    const uint32_t *order = (const uint32_t *)(image->base + (size_t)image->head->order * 4);
    const struct node *node = image_node(image, order[index / ORDER_STEP]);
    for (uint32_t left = index % ORDER_STEP; left > 0; left--)
        node = image_node_after(node);
    return node;
}
