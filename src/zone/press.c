// Pressing records into an image (image.h).
//
//   measure   one pass over the records: how many nodes there will be, how many octets at the most
//   write     nodes in canonical order into memory that will not move, so that an ancestor always
//             comes before its descendants: empty non-terminals are put in on the way down, and
//             what is known of the path (hash, highest cut or DNAME) is kept by depth
//   finish    buckets, order, chain and head: what can only be written once all nodes are
#include "zone/press.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "dns/type.h"
#include "dnssec/nsec3.h"
#include "zone/block.h"
#include "zone/bucket.h"

static_assert(sizeof(struct node) == 6 && sizeof(struct node_hashed) == 8, "the image's format");

// --- owners --------------------------------------------------------------------------------------

// One owner's records: the data in front, the RRSIGs behind them.
struct owned {
    struct name name;
    const struct record *data, *signatures, *end;
};

static struct owned take_owner(const struct records *records, size_t first)
{
    const struct record *record = records->list + first, *end = records->list + records->count;
    struct owned owned = {.name = record_owner(record), .data = record, .end = record + 1};
    while (owned.end < end &&
           (owned.end->owner == record->owner || name_equal(record_owner(owned.end), owned.name)))
        owned.end++;
    owned.signatures = owned.end;
    while (owned.signatures > record && owned.signatures[-1].type == TYPE_RRSIG)
        owned.signatures--;
    return owned;
}

// What an RRset is of: an RRSIG counts to what it covers.
static unsigned type_served(const struct record *record)
{
    return record->type == TYPE_RRSIG ? bytes_get16(record->rdata) : record->type;
}

// RFC 5155 3: the hash in front of the zone's name.
static bool may_be_nsec3(const struct records *records, struct name owner)
{
    return owner.labels == records->origin.labels + 1u && owner.wire[0] == NSEC3_LABEL_SIZE;
}

// Records of an NSEC3 owner that make no name exist: its NSEC3 and what signs that.
static bool is_hidden(const struct records *records, const struct owned *owned,
                      const struct record *record)
{
    return may_be_nsec3(records, owned->name) && type_served(record) == TYPE_NSEC3;
}

static size_t count_hidden(const struct records *records, const struct owned *owned)
{
    size_t hidden = 0;
    if (may_be_nsec3(records, owned->name))
        for (const struct record *record = owned->data; record < owned->end; record++)
            hidden += is_hidden(records, owned, record);
    return hidden;
}

// --- measuring -----------------------------------------------------------------------------------

struct measure {
    uint64_t octets; // at most
    size_t nodes, nsec3s, nsecs;
};

// Without what only some nodes have in front of their RRsets.
static size_t node_octets(const struct records *records, struct name name)
{
    size_t size = offsetof(struct node, name) + (size_t)(name.size - records->origin.size);
    return (size + 3) & ~(size_t)3;
}

static void measure_owner(const struct records *records, const struct owned *owned,
                          struct name above, struct measure *measure)
{
    size_t hidden = count_hidden(records, owned);
    unsigned last = 0;
    for (const struct record *record = owned->data; record < owned->end; record++) {
        measure->octets += 2u + record->rdata_size;
        if (type_served(record) != last)
            measure->octets += sizeof(struct rrset) + 3;
        last = type_served(record);
        measure->nsecs += record->type == TYPE_NSEC;
    }
    if (hidden) {
        measure->nsec3s++;
        measure->octets += node_octets(records, owned->name);
    }
    if (hidden == (size_t)(owned->end - owned->data))
        return;
    measure->nodes++;
    measure->octets += node_octets(records, owned->name);
    if (owned->name.labels <= records->origin.labels + 1u)
        return;
    unsigned shared = name_shared_labels(above, owned->name);
    for (unsigned depth = shared + 1; depth < owned->name.labels; depth++) {
        measure->nodes++;
        measure->octets += node_octets(records, name_suffix(owned->name, depth));
    }
}

static struct measure measure_records(const struct records *records)
{
    struct measure measure = {.octets = sizeof(struct image_head) + records->origin.size + 3u};
    struct name above = records->origin;
    for (size_t i = 0; i < records->count;) {
        struct owned owned = take_owner(records, i);
        measure_owner(records, &owned, above, &measure);
        if (count_hidden(records, &owned) < (size_t)(owned.end - owned.data))
            above = owned.name;
        i = (size_t)(owned.end - records->list);
    }
    size_t chain = measure.nsec3s > measure.nsecs ? measure.nsec3s : measure.nsecs;
    if (chain)
        measure.octets +=
            sizeof(struct image_chain) + chain * (4 + 8) + (chain / CHAIN_TOP_STEP + 4) * 8;
    if (measure.nsec3s) // the first of them at a multiple of 64, too
        measure.octets += chain_bucket_count((uint32_t)chain) * sizeof(struct chain_bucket) + 63;
    if (measure.nsec3s)
        measure.octets += measure.nodes * sizeof(struct node_hashed);
    // The first bucket stands at a multiple of 64.
    measure.octets = (measure.octets + 63) & ~(uint64_t)63;
    measure.octets += (measure.nodes + BUCKET_LOAD - 1) / BUCKET_LOAD * sizeof(struct bucket) +
                      (measure.nodes + ORDER_STEP - 1) / ORDER_STEP * 4;
    return measure;
}

// --- nodes ---------------------------------------------------------------------------------------

size_t press_reserve(struct press *press, size_t size, size_t align)
{
    size_t at = (press->used + align - 1) & ~(align - 1);
    assert(at + size <= press->room); // it was measured
    press->used = at + size;
    return at;
}

static struct node *node_at(const struct press *press, size_t at)
{
    return (struct node *)(press->base + at);
}

// Writes a node without RRsets. Its `top` is the caller's. Returns its offset.
static size_t put_labels(struct press *press, struct name name)
{
    unsigned size = (unsigned)(name.size - press->records->origin.size);
    size_t whole = (offsetof(struct node, name) + size + 3) & ~(size_t)3;
    if (press->chain == CHAIN_NSEC3)
        whole += sizeof(struct node_hashed);
    size_t at = press_reserve(press, whole, 4);
    struct node *node = node_at(press, at);
    node->flags = press->chain == CHAIN_NSEC3 ? NODE_HASHED : 0;
    node->labels = name.labels;
    node->size = (uint8_t)size;
    memcpy(node->name, name.wire, size);
    return at;
}

// A node becomes the current one at its depth.
static size_t put_node(struct press *press, struct name name)
{
    size_t at = put_labels(press, name);
    struct node *node = node_at(press, at);
    unsigned depth = name.labels;
    if (depth == press->apex_depth) {
        node->top = NODE_NOT_BELOW;
        node->flags |= NODE_APEX;
    } else {
        node->top = press->top[depth - 1];
        press->hash[depth] =
            hash_label(press->key, press->hash[depth - 1], name.wire + 1, name.wire[0]);
        if (node_is_wildcard(node))
            node_at(press, (size_t)press->at_depth[depth - 1] * 4)->flags |= NODE_WILDCARD;
    }
    press->top[depth] = node->top;
    press->at_depth[depth] = (uint32_t)(at / 4);
    press->hashes[press->nodes] = press->hash[depth];
    press->places[press->nodes++] = (uint32_t)(at / 4);
    return at;
}

static void put_entry(struct press *press, const struct record *record)
{
    size_t at = press_reserve(press, 2u + record->rdata_size, 1);
    bytes_put16(press->base + at, record->rdata_size);
    memcpy(press->base + at + 2, record->rdata, record->rdata_size);
}

// Writes the RRset of `type`: data from `first` up to `end`, and the RRSIGs that cover it. One
// without data holds signatures whose RRset is missing.
static size_t put_rrset(struct press *press, unsigned type, const struct record *first,
                        const struct record *end, const struct owned *owned)
{
    size_t at = press_reserve(press, sizeof(struct rrset), 4);
    size_t signatures = 0;
    press->aliases += type == TYPE_ALIAS && first < end;
    uint32_t ttl = 0;
    for (const struct record *record = first; record < end; record++) {
        put_entry(press, record);
        ttl = record->ttl;
    }
    for (const struct record *record = owned->signatures; record < owned->end; record++) {
        if (type_served(record) != type)
            continue;
        put_entry(press, record);
        signatures++;
        if (first == end)
            ttl = record->ttl;
    }
    press_reserve(press, 0, 4);
    if (end - first > UINT16_MAX || signatures > UINT16_MAX)
        press->too_big = true;
    *(struct rrset *)(press->base + at) = (struct rrset){.ttl = ttl,
                                                         .type = (uint16_t)type,
                                                         .count = (uint16_t)(end - first),
                                                         .signatures = (uint16_t)signatures,
                                                         .words = rrset_words(press->used - at)};
    return at;
}

// --- NS sets that many delegations have ----------------------------------------------------------

static uint64_t hash_octets(const struct press *press, const uint8_t *octets, size_t size)
{
    uint64_t hash = size;
    for (; size > 8; octets += 8, size -= 8) {
        uint64_t word;
        memcpy(&word, octets, 8);
        hash = hash_mix(word ^ press->key->words[0], hash ^ 0xe7037ed1a0b428dbu);
    }
    uint64_t word = 0;
    memcpy(&word, octets, size);
    return hash_mix(word ^ press->key->words[1], hash ^ 0x8ebc6af09c88c6e3u);
}

static void grow_shared(struct press *press)
{
    size_t old_slots = press->shared ? press->shared_mask + 1 : 0;
    size_t slots = old_slots ? old_slots * 2 : 1024;
    uint32_t *old = press->shared;
    press->shared = memory_get_zeroed(slots, sizeof *press->shared);
    press->shared_mask = slots - 1;
    for (size_t i = 0; i < old_slots; i++) {
        if (!old[i])
            continue;
        const struct rrset *rrset = (const struct rrset *)(press->base + (size_t)old[i] * 4);
        size_t at = hash_octets(press, (const uint8_t *)rrset, rrset_size(rrset)) & (slots - 1);
        while (press->shared[at])
            at = (at + 1) & (slots - 1);
        press->shared[at] = old[i];
    }
    free(old);
}

// The reference of an equal RRset that was written before; 0: there is none, and this one is kept
// in mind.
static uint32_t find_shared(struct press *press, size_t rrset_at)
{
    const struct rrset *rrset = (const struct rrset *)(press->base + rrset_at);
    size_t size = rrset_size(rrset);
    if (press->shared_count * 2 >= (press->shared ? press->shared_mask + 1 : 0))
        grow_shared(press);
    size_t at = hash_octets(press, (const uint8_t *)rrset, size) & press->shared_mask;
    for (; press->shared[at]; at = (at + 1) & press->shared_mask) {
        const uint8_t *other = press->base + (size_t)press->shared[at] * 4;
        if (rrset_size((const struct rrset *)other) == size && memcmp(other, rrset, size) == 0)
            return press->shared[at];
    }
    press->shared[at] = (uint32_t)(rrset_at / 4);
    press->shared_count++;
    return 0;
}

// The NS RRset of a cut: its own, or a reference to the same one elsewhere.
static void put_ns(struct press *press, size_t node_offset, const struct record *first,
                   const struct record *end, const struct owned *owned)
{
    size_t at = put_rrset(press, TYPE_NS, first, end, owned);
    uint32_t reference = find_shared(press, at);
    if (!reference)
        return;
    memset(press->base + at, 0, press->used - at);
    press->used = at;
    memcpy(press->base + press_reserve(press, 4, 4), &reference, 4);
    node_at(press, node_offset)->flags |= NODE_SHARED;
}

// --- the RRsets of a node ------------------------------------------------------------------------

static unsigned flag_of(const struct node *node, unsigned type)
{
    switch (type) {
    case TYPE_NS: return node->flags & NODE_APEX ? 0 : NODE_CUT;
    case TYPE_DNAME: return NODE_DNAME;
    case TYPE_CNAME: return NODE_CNAME;
    default: return 0;
    }
}

static const struct record *find_run(const struct owned *owned, unsigned type,
                                     const struct record **end)
{
    const struct record *first = owned->data;
    while (first < owned->signatures && first->type != type)
        first++;
    for (*end = first; *end < owned->signatures && (*end)->type == type;)
        (*end)++;
    return first;
}

// Data of each type but `passed`. Returns how many RRsets.
static unsigned put_data(struct press *press, size_t at, const struct owned *owned, unsigned passed)
{
    unsigned count = 0;
    for (const struct record *first = owned->data, *end; first < owned->signatures; first = end) {
        for (end = first; end < owned->signatures && end->type == first->type; end++)
            ;
        if (first->type == passed || is_hidden(press->records, owned, first))
            continue;
        put_rrset(press, first->type, first, end, owned);
        node_at(press, at)->flags |= (uint8_t)flag_of(node_at(press, at), first->type);
        count++;
    }
    return count;
}

// Signatures whose RRset is missing, which come last.
static unsigned put_bare_signatures(struct press *press, const struct owned *owned)
{
    unsigned last = 0, count = 0; // types covered come sorted; 0 is no type
    for (const struct record *record = owned->signatures; record < owned->end; record++) {
        unsigned covered = type_served(record);
        const struct record *end;
        if (covered == last || is_hidden(press->records, owned, record) ||
            find_run(owned, covered, &end) < end)
            continue;
        last = covered;
        put_rrset(press, covered, record, record, owned);
        count++;
    }
    return count;
}

static void put_rrsets(struct press *press, size_t at, const struct owned *owned)
{
    const struct record *end, *ns = find_run(owned, TYPE_NS, &end);
    bool cut = ns < end && !(node_at(press, at)->flags & NODE_APEX);
    unsigned count = 0;
    if (cut) { // in front of all else, where a reference can stand for it
        put_ns(press, at, ns, end, owned);
        node_at(press, at)->flags |= NODE_CUT;
        count++;
    }
    count += put_data(press, at, owned, cut ? TYPE_NS : 0);
    count += put_bare_signatures(press, owned);
    if (count > UINT16_MAX)
        press->too_big = true;
    struct node *node = node_at(press, at);
    node->rrsets = (uint16_t)count;
    press->rrsets += count;
    if (node->flags & (NODE_CUT | NODE_DNAME) && node->top == NODE_NOT_BELOW)
        press->top[node->labels] = node->top = node->labels;
}

// RFC 4034 4: what is ours, and cuts, have NSEC; what is below a cut has none that counts.
static void note_nsec(struct press *press, size_t at)
{
    const struct node *node = node_at(press, at);
    bool below = node->top != NODE_NOT_BELOW &&
                 (node->top < node->labels || !(node->flags & (NODE_CUT | NODE_DNAME)));
    const struct rrset *rrset = node_own_rrset(node);
    unsigned own = node->rrsets - (node->flags & NODE_SHARED ? 1u : 0u);
    for (unsigned i = 0; i < own && !below; i++, rrset = rrset_after(rrset)) {
        if (rrset->type != TYPE_NSEC || rrset->count == 0)
            continue;
        press->chain_order[press->chain_count] = chain_order_of_name(node->name, node->size);
        press->chain_nodes[press->chain_count++] = (uint32_t)(at / 4);
        return;
    }
}

// All records of one owner, which shares `shared` labels with the one before.
static void put_owner(struct press *press, const struct owned *owned, unsigned shared)
{
    for (unsigned depth = shared + 1; depth < owned->name.labels; depth++)
        put_node(press, name_suffix(owned->name, depth));
    size_t at = put_node(press, owned->name);
    put_rrsets(press, at, owned);
    if (press->chain == CHAIN_NSEC)
        note_nsec(press, at);
}

static void put_owners(struct press *press)
{
    const struct records *records = press->records;
    struct name above = records->origin;
    unsigned apex_depth = press->apex_depth;
    for (size_t i = 0; i < records->count && !press->too_big;) {
        struct owned owned = take_owner(records, i);
        size_t hidden = count_hidden(records, &owned);
        if (hidden)
            press->nsec3_owners[press->nsec3_count++] = i;
        i = (size_t)(owned.end - records->list);
        if (hidden == (size_t)(owned.end - owned.data))
            continue;
        // One label below the apex, as nearly all are: there is nothing between.
        unsigned shared = owned.name.labels <= apex_depth + 1
                              ? apex_depth
                              : name_shared_labels(above, owned.name);
        put_owner(press, &owned, shared);
        above = owned.name;
    }
}

// NSEC3 owners, in the order of their hashes, which is that of their labels.
static uint32_t put_nsec3_nodes(struct press *press)
{
    size_t first_at = press_reserve(press, 0, 4);
    enum chain_kind kind = press->chain;
    press->chain = CHAIN_NONE; // these nodes have no struct node_hashed
    for (size_t i = 0; i < press->nsec3_count && !press->too_big; i++) {
        struct owned owned = take_owner(press->records, press->nsec3_owners[i]);
        const struct record *end, *first = find_run(&owned, TYPE_NSEC3, &end);
        size_t at = put_labels(press, owned.name);
        put_rrset(press, TYPE_NSEC3, first, end, &owned);
        node_at(press, at)->top = NODE_NOT_BELOW;
        node_at(press, at)->rrsets = 1;
        press->rrsets++;
        press_note_nsec3(press, kind, at);
    }
    press->chain = kind;
    return (uint32_t)(first_at / 4);
}

// --- buckets, order, head ------------------------------------------------------------------------

static void fill_buckets(const struct press *press, struct bucket *buckets, uint32_t count)
{
    for (size_t i = 0; i < press->nodes; i++) {
        // The order of nodes is not that of buckets: each is a miss, unless it is asked for ahead.
        if (i + 16 < press->nodes)
            __builtin_prefetch(&buckets[bucket_number(press->hashes[i + 16], count)], 1);
        uint64_t hash = press->hashes[i];
        uint32_t at = bucket_number(hash, count);
        while (buckets[at].count == BUCKET_TAGS)
            at = at + 1 == count ? 0 : at + 1;
        struct bucket *bucket = &buckets[at];
        bucket->tags[bucket->count] = bucket_tag(hash);
        bucket->nodes[bucket->count++] = press->places[i];
    }
}

static void finish(struct press *press, uint32_t nodes_end, size_t chain_at)
{
    uint32_t buckets = (uint32_t)((press->nodes + BUCKET_LOAD - 1) / BUCKET_LOAD);
    size_t buckets_at = press_reserve(press, (size_t)buckets * sizeof(struct bucket), 64);
    size_t samples = (press->nodes + ORDER_STEP - 1) / ORDER_STEP;
    size_t order_at = press_reserve(press, samples * 4, 4);
    fill_buckets(press, (struct bucket *)(press->base + buckets_at), buckets);
    uint32_t *order = (uint32_t *)(press->base + order_at);
    for (size_t i = 0; i < samples; i++)
        order[i] = press->places[i * ORDER_STEP];
    const struct records *records = press->records;
    struct image_head *head = (struct image_head *)press->base;
    *head = (struct image_head){.size = press->used,
                                .format = IMAGE_FORMAT,
                                .nodes = (uint32_t)press->nodes,
                                .records = (uint32_t)records->count,
                                .rrsets = press->rrsets,
                                .apex = press->places[0],
                                .nodes_end = nodes_end,
                                .buckets = (uint32_t)(buckets_at / 4),
                                .bucket_count = buckets,
                                .order = (uint32_t)(order_at / 4),
                                .chain = (uint32_t)(chain_at / 4),
                                .aliases = press->aliases,
                                .origin_size = records->origin.size,
                                .origin_labels = records->origin.labels};
    memcpy(head->origin, records->origin.wire, records->origin.size);
}

// --- the whole -----------------------------------------------------------------------------------

static bool open_press(struct press *press, const struct measure *measure)
{
    press->room = (measure->octets + 63) & ~(uint64_t)63;
    if (press->room <= BLOCK_SHARED_MAX) {
        press->base = block_share(press->room, &press->block);
        if (press->base)
            memset(press->base, 0, press->room);
    } else {
        press->block = block_make(press->room);
        press->base = press->block ? press->block->octets : NULL;
    }
    if (!press->base)
        return false;
    press->hashes = memory_get(measure->nodes * sizeof *press->hashes);
    press->places = memory_get(measure->nodes * sizeof *press->places);
    size_t chain = measure->nsec3s > measure->nsecs ? measure->nsec3s : measure->nsecs;
    press->chain_order = memory_get(chain * sizeof *press->chain_order + 1);
    press->chain_nodes = memory_get(chain * sizeof *press->chain_nodes + 1);
    press->nsec3_owners = memory_get(measure->nsec3s * sizeof *press->nsec3_owners + 1);
    return true;
}

static void close_press(struct press *press)
{
    free(press->hashes);
    free(press->places);
    free(press->shared);
    free(press->chain_order);
    free(press->chain_nodes);
    free(press->nsec3_owners);
}

static void write_image(struct press *press)
{
    const struct records *records = press->records;
    press->hash[0] = hash_root(press->key);
    struct name_key name_key;
    name_key_make(records->origin, press->key, &name_key);
    press->hash[press->apex_depth] = name_key.hash[press->apex_depth];
    press_reserve(press, offsetof(struct image_head, origin) + records->origin.size, 4);
    put_owners(press);
    if (press->too_big)
        return;
    uint32_t first_nsec3 = put_nsec3_nodes(press);
    size_t chain_at = press_chain_end(press, first_nsec3);
    finish(press, first_nsec3, chain_at);
}

int image_build(const struct records *records, const struct hash_key *key, struct image *image)
{
    assert(records->count > 0 && name_equal(record_owner(records->list), records->origin));
    struct press press = {.records = records, .key = key, .apex_depth = records->origin.labels};
    struct measure measure = measure_records(records);
    if (measure.octets / 4 >= UINT32_MAX || measure.nodes > UINT32_MAX / 2)
        return -E2BIG;
    press_chain_begin(&press);
    if (!open_press(&press, &measure))
        return -ENOMEM;
    write_image(&press);
    close_press(&press);
    if (press.too_big) {
        block_release(press.block);
        return -E2BIG;
    }
    block_trim(press.block, press.used);
    image_look_at(image, press.base);
    image->block = press.block;
    return 0;
}
