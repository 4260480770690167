// Building an image and looking names up in it (image.h).
//
// The block grows while nodes are written into it in canonical order, so an ancestor always comes
// before its descendants: empty non-terminals are put in on the way down, and what is known of
// the path (the highest cut or DNAME, whose node is the parent) is kept by depth.
#include "zone/image.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "dns/type.h"
#include "zone/records.h"

#define BUCKET_TAGS 10
#define BUCKET_LOAD 7 // nodes for each bucket on average, at most: one bucket in eight is full then

struct bucket {
    uint16_t tags[BUCKET_TAGS];
    uint16_t count; // used tags; a full bucket goes on in the next one
    uint16_t unused;
    uint32_t nodes[BUCKET_TAGS];
};
static_assert(sizeof(struct bucket) == 64, "one cache line");
static_assert(sizeof(struct node) == 8, "the head of a node is part of the image's format");

// --- building ------------------------------------------------------------------------------------

struct press {
    uint8_t *base; // anonymous memory, moved as it grows
    size_t used, room;
    bool failed;  // out of memory, or too_big
    bool too_big; // an RRset of over 65535 records or 4 GiB
    const struct hash_key *key;
    uint64_t *hashes; // of each node's name, in the order of `order`
    uint32_t *order;  // node references in canonical order
    size_t nodes, hashes_room, order_room;
    uint32_t at_depth[NAME_LABELS_MAX + 1]; // the node at each depth of the current path
    uint8_t top[NAME_LABELS_MAX + 1];       // and its `top`
    unsigned apex_depth;
    uint64_t rrsets;
};

// Room for `size` octets, zeroed, at an offset that is a multiple of `align`. Returns the offset.
static size_t reserve(struct press *press, size_t size, size_t align)
{
    size_t at = (press->used + align - 1) & ~(align - 1);
    size_t needed = at + size;
    if (needed > press->room && !press->failed) {
        size_t room = press->room;
        while (room < needed)
            room += room / 2 < 65536 ? 65536 : room / 2;
        room = (room + 4095) & ~(size_t)4095;
        void *moved = mremap(press->base, press->room, room, MREMAP_MAYMOVE);
        if (moved == MAP_FAILED)
            press->failed = true;
        else {
            press->base = moved;
            press->room = room;
        }
    }
    if (press->failed)
        return 0;
    press->used = needed;
    return at;
}

static struct node *node_of(const struct press *press, uint32_t reference)
{
    return (struct node *)(press->base + (size_t)reference * 4);
}

// Writes a node without RRsets and makes it the current one at its depth. Returns its offset.
static size_t put_node(struct press *press, struct name name)
{
    size_t at = reserve(press, (sizeof(struct node) + name.size + 3) & ~(size_t)3, 4);
    if (press->failed)
        return 0;
    struct node *node = (struct node *)(press->base + at);
    node->size = name.size;
    node->labels = name.labels;
    node->body = (uint16_t)((sizeof *node + name.size + 3) & ~3u);
    memcpy(node->name, name.wire, name.size);
    unsigned depth = name.labels;
    node->top = depth > press->apex_depth ? press->top[depth - 1] : NODE_NOT_BELOW;
    if (depth == press->apex_depth)
        node->flags = NODE_APEX;
    else if (name_is_wildcard(name))
        node_of(press, press->at_depth[depth - 1])->flags |= NODE_WILDCARD;
    press->top[depth] = node->top;
    press->at_depth[depth] = (uint32_t)(at / 4);

    struct name_key name_key;
    name_key_make(name, press->key, &name_key);
    press->hashes = memory_grow(press->hashes, &press->hashes_room, press->nodes + 1, 8);
    press->order = memory_grow(press->order, &press->order_room, press->nodes + 1, 4);
    press->hashes[press->nodes] = name_key.hash[depth];
    press->order[press->nodes++] = (uint32_t)(at / 4);
    return at;
}

static void put_entry(struct press *press, const struct record *record)
{
    size_t at = reserve(press, 2u + record->rdata_size, 1);
    if (press->failed)
        return;
    bytes_put16(press->base + at, record->rdata_size);
    memcpy(press->base + at + 2, record->rdata, record->rdata_size);
}

static unsigned covered_type(const struct record *record)
{
    return bytes_get16(record->rdata);
}

// One owner's records: the data in front, the RRSIGs behind them.
struct owned {
    const struct record *data, *signatures, *end;
};

// Writes the RRset of `type`: data from `first` up to `end`, and the RRSIGs that cover it. One
// without data holds signatures whose RRset is missing.
static void put_rrset(struct press *press, uint16_t type, const struct record *first,
                      const struct record *end, const struct owned *owned)
{
    if (end - first > UINT16_MAX || owned->end - owned->signatures > UINT16_MAX)
        press->failed = press->too_big = true;
    size_t at = reserve(press, sizeof(struct rrset), 4);
    unsigned signatures = 0;
    uint32_t ttl = 0;
    for (const struct record *record = first; record < end; record++) {
        put_entry(press, record);
        ttl = record->ttl;
    }
    for (const struct record *record = owned->signatures; record < owned->end; record++) {
        if (covered_type(record) != type)
            continue;
        put_entry(press, record);
        signatures++;
        if (first == end)
            ttl = record->ttl;
    }
    reserve(press, 0, 4);
    if (!press->failed && press->used - at > UINT32_MAX)
        press->failed = press->too_big = true;
    if (press->failed)
        return;
    struct rrset *rrset = (struct rrset *)(press->base + at);
    *rrset = (struct rrset){.size = (uint32_t)(press->used - at),
                            .type = type,
                            .class = CLASS_IN,
                            .ttl = ttl,
                            .count = (uint16_t)(end - first),
                            .signatures = (uint16_t)signatures};
    press->rrsets++;
}

static unsigned flag_of(const struct node *node, uint16_t type)
{
    switch (type) {
    case TYPE_NS: return node->flags & NODE_APEX ? 0 : NODE_CUT;
    case TYPE_DNAME: return NODE_DNAME;
    case TYPE_CNAME: return NODE_CNAME;
    default: return 0;
    }
}

static bool has_data(const struct owned *owned, unsigned type)
{
    for (const struct record *record = owned->data; record < owned->signatures; record++)
        if (record->type == type)
            return true;
    return false;
}

// The RRsets of one node: each type's, and last those of signatures without data.
static void put_rrsets(struct press *press, size_t node_at, const struct owned *owned)
{
    unsigned flags = 0, count = 0;
    for (const struct record *first = owned->data, *end; first < owned->signatures; first = end) {
        for (end = first; end < owned->signatures && end->type == first->type; end++)
            ;
        put_rrset(press, first->type, first, end, owned);
        if (press->failed)
            return;
        flags |= flag_of((struct node *)(press->base + node_at), first->type);
        count++;
    }
    unsigned last = 0; // types covered come sorted; 0 is no type
    for (const struct record *record = owned->signatures; record < owned->end; record++) {
        unsigned covered = covered_type(record);
        if (covered == last || has_data(owned, covered))
            continue;
        last = covered;
        put_rrset(press, (uint16_t)covered, record, record, owned);
        count++;
    }
    if (press->failed)
        return;
    struct node *node = (struct node *)(press->base + node_at);
    node->flags |= (uint8_t)flags;
    node->rrsets = (uint16_t)count;
    if (flags & (NODE_CUT | NODE_DNAME) && node->top == NODE_NOT_BELOW)
        press->top[node->labels] = node->top = node->labels;
}

// All records of one owner, which shares `shared` labels with the one before.
static void put_owner(struct press *press, const struct record *first, const struct record *end,
                      unsigned shared)
{
    struct name owner = record_owner(first);
    for (unsigned depth = shared + 1; depth < owner.labels; depth++)
        put_node(press, name_suffix(owner, depth));
    size_t at = put_node(press, owner);
    struct owned owned = {.data = first, .signatures = end, .end = end};
    while (owned.signatures > first && owned.signatures[-1].type == TYPE_RRSIG)
        owned.signatures--;
    if (!press->failed)
        put_rrsets(press, at, &owned);
}

static void put_owners(struct press *press, const struct records *records)
{
    const struct record *record = records->list, *end = record + records->count;
    unsigned shared = press->apex_depth;
    while (record < end && !press->failed) {
        struct name owner = record_owner(record);
        const struct record *next = record + 1;
        while (next < end &&
               (next->owner == record->owner || name_equal(record_owner(next), owner)))
            next++;
        put_owner(press, record, next, shared);
        if (next < end)
            shared = name_shared_labels(owner, record_owner(next));
        record = next;
    }
}

static void fill_buckets(struct press *press, struct bucket *buckets, uint32_t mask)
{
    for (size_t i = 0; i < press->nodes; i++) {
        uint64_t hash = press->hashes[i];
        uint32_t at = (uint32_t)hash & mask;
        while (buckets[at].count == BUCKET_TAGS)
            at = (at + 1) & mask;
        struct bucket *bucket = &buckets[at];
        bucket->tags[bucket->count] = (uint16_t)(hash >> 48);
        bucket->nodes[bucket->count++] = press->order[i];
    }
}

// Buckets, order and head: what can only be written once all nodes are.
static void finish(struct press *press, const struct records *records)
{
    uint32_t buckets = 1;
    while ((uint64_t)buckets * BUCKET_LOAD < press->nodes)
        buckets *= 2;
    size_t buckets_at = reserve(press, (size_t)buckets * sizeof(struct bucket), 64);
    size_t order_at = reserve(press, press->nodes * 4, 4);
    if (press->failed)
        return;
    assert(press->order && press->nodes > 0); // the apex at least
    fill_buckets(press, (struct bucket *)(press->base + buckets_at), buckets - 1);
    memcpy(press->base + order_at, press->order, press->nodes * 4);
    struct image_head *head = (struct image_head *)press->base;
    *head = (struct image_head){.size = press->used,
                                .bucket_mask = buckets - 1,
                                .buckets = (uint32_t)(buckets_at / 4),
                                .nodes = (uint32_t)press->nodes,
                                .order = (uint32_t)(order_at / 4),
                                .apex = press->order[0],
                                .records = (uint32_t)records->count,
                                .rrset_count = press->rrsets};
}

// What answers need at once, looked up once.
static void look_at(struct image *image, uint8_t *base, size_t mapped)
{
    *image =
        (struct image){.head = (const struct image_head *)base, .base = base, .mapped = mapped};
    image->apex = (const struct node *)(base + (size_t)image->head->apex * 4);
    image->soa = node_rrset(image->apex, TYPE_SOA);
    assert(image->soa && image->soa->count == 1);
    // RFC 1035 3.3.13: serial, refresh, retry, expire and minimum are the last 20 octets.
    const uint8_t *end = rrset_next(image->soa->body);
    uint32_t minimum = bytes_get32(end - 4);
    image->serial = bytes_get32(end - 20);
    image->negative_ttl = minimum < image->soa->ttl ? minimum : image->soa->ttl;
}

int image_build(const struct records *records, const struct hash_key *key, struct image *image)
{
    assert(records->count > 0 && name_equal(record_owner(records->list), records->origin));
    struct press press = {.room = 65536, .key = key, .apex_depth = records->origin.labels};
    press.base = mmap(NULL, press.room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (press.base == MAP_FAILED)
        return -ENOMEM;
    reserve(&press, sizeof(struct image_head), 8);
    put_owners(&press, records);
    finish(&press, records);
    free(press.hashes);
    free(press.order);
    int error = 0;
    if (press.too_big || press.used / 4 > UINT32_MAX)
        error = -E2BIG;
    else if (press.failed)
        error = -ENOMEM;
    if (error) {
        munmap(press.base, press.room);
        return error;
    }
    size_t mapped = (press.used + 4095) & ~(size_t)4095;
    if (mapped < press.room)
        munmap(press.base + mapped, press.room - mapped);
    look_at(image, press.base, mapped);
    return 0;
}

void image_free(struct image *image)
{
    if (image->base)
        munmap((void *)image->base, image->mapped);
    *image = (struct image){0};
}

// --- looking up ----------------------------------------------------------------------------------

static const struct node *node_at(const struct image *image, uint32_t reference)
{
    return (const struct node *)(image->base + (size_t)reference * 4);
}

static const struct bucket *bucket_at(const struct image *image, uint64_t hash)
{
    const struct bucket *buckets =
        (const struct bucket *)(image->base + (size_t)image->head->buckets * 4);
    return &buckets[(uint32_t)hash & image->head->bucket_mask];
}

// What is looked for: an optional "*" in front of a folded suffix, and its hash.
struct wanted {
    struct name suffix;
    bool wildcard;
    uint64_t hash;
};

static bool is_wanted(const struct node *node, const struct wanted *wanted)
{
    struct name name = node_name(node);
    if (wanted->wildcard) {
        if (!name_is_wildcard(name))
            return false;
        name = name_suffix(name, name.labels - 1u);
    }
    return name_equal_folded(name, wanted->suffix);
}

static const struct node *find(const struct image *image, const struct wanted *wanted)
{
    const struct bucket *bucket = bucket_at(image, wanted->hash);
    const struct bucket *last = bucket_at(image, image->head->bucket_mask);
    uint16_t tag = (uint16_t)(wanted->hash >> 48);
    for (;;) {
        for (unsigned i = 0; i < bucket->count; i++) {
            if (bucket->tags[i] != tag)
                continue;
            const struct node *node = node_at(image, bucket->nodes[i]);
            if (is_wanted(node, wanted))
                return node;
        }
        if (bucket->count < BUCKET_TAGS)
            return NULL;
        bucket = bucket == last ? bucket_at(image, 0) : bucket + 1;
    }
}

const struct node *image_find(const struct image *image, const struct name_key *key, unsigned depth)
{
    assert(depth <= key->labels);
    return find(image, &(struct wanted){name_key_suffix(key, depth), false, key->hash[depth]});
}

const struct node *image_find_wildcard(const struct image *image, const struct hash_key *secret,
                                       const struct name_key *key, unsigned depth)
{
    uint64_t hash = hash_label(secret, key->hash[depth], (const uint8_t *)"*", 1);
    return find(image, &(struct wanted){name_key_suffix(key, depth), true, hash});
}

void image_prefetch(const struct image *image, uint64_t hash)
{
    __builtin_prefetch(bucket_at(image, hash));
}

const struct node *image_node_at(const struct image *image, uint32_t index)
{
    assert(index < image->head->nodes);
    const uint32_t *order = (const uint32_t *)(image->base + (size_t)image->head->order * 4);
    return node_at(image, order[index]);
}

const struct rrset *node_rrset(const struct node *node, uint16_t type)
{
    const struct rrset *rrset = node_first_rrset(node);
    for (unsigned i = 0; i < node->rrsets; i++, rrset = rrset_after(rrset))
        if (rrset->type == type)
            return rrset->count ? rrset : NULL;
    return NULL;
}
