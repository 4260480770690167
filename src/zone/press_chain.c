// The chain of a signed zone, when its image is pressed (press.h, chain.h).
//
// NSEC3: the hash of every name that exists, and of the "*" below it, is computed here once, two
// for each name, so that an answer hashes nothing but the one name that does not exist (RFC 5155
// 7.2.1: the next closer name).
#include "zone/press.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "dns/type.h"
#include "dnssec/nsec3.h"

// RFC 5155 4.1.2: NSEC3PARAM with flags says "not complete yet". RFC 5155 10.3 ends at 2500
// iterations; a zone with more is served without its chain, as it is for nobody.
static bool params_count(const struct record *record)
{
    struct nsec3_params params;
    return nsec3_params_read(record->rdata, record->rdata_size, &params) &&
           params.algorithm == NSEC3_SHA1 && params.flags == 0 &&
           params.iterations <= NSEC3_ITERATIONS_SERVED_MAX;
}

static bool is_at_apex(const struct records *records, const struct record *record)
{
    return record->owner_size == records->origin.size;
}

// True if this NSEC3 is of the chain that NSEC3PARAM names: algorithm, iterations and salt. Octet 1
// is the flags, of which Opt-Out differs by record.
static bool is_of_chain(const struct record *params, const uint8_t *rdata, size_t size)
{
    return size >= params->rdata_size && rdata[0] == params->rdata[0] &&
           memcmp(rdata + 2, params->rdata + 2, params->rdata_size - 2u) == 0;
}

// The first record of the owner, or where it would stand.
static size_t find_owner(const struct records *records, struct name owner)
{
    size_t low = 0, high = records->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (name_compare(record_owner(&records->list[middle]), owner) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// True if the chain is there: the zone's own name, which every chain has, has its NSEC3.
static bool has_chain(const struct records *records, const struct record *record)
{
    struct name origin = records->origin;
    if (!params_count(record) || origin.size + 1 + NSEC3_LABEL_SIZE > NAME_OCTETS_MAX)
        return false;
    struct nsec3_params params;
    struct nsec3_hasher hasher;
    uint8_t hash[NSEC3_HASH_SIZE], wire[NAME_OCTETS_MAX] = {NSEC3_LABEL_SIZE};
    bool read = nsec3_params_read(record->rdata, record->rdata_size, &params);
    nsec3_hasher_open(&hasher);
    bool hashed = nsec3_hash(&hasher, &params, origin, hash);
    nsec3_hasher_close(&hasher);
    assert(read && hashed);
    nsec3_label(hash, wire + 1);
    memcpy(wire + 1 + NSEC3_LABEL_SIZE, origin.wire, origin.size);
    struct name owner = {wire, (uint8_t)(1 + NSEC3_LABEL_SIZE + origin.size),
                         (uint8_t)(origin.labels + 1)};
    for (size_t i = find_owner(records, owner); i < records->count; i++) {
        const struct record *at = &records->list[i];
        if (!name_equal(record_owner(at), owner))
            return false;
        if (at->type == TYPE_NSEC3 && is_of_chain(record, at->rdata, at->rdata_size))
            return true;
    }
    return false;
}

static const struct record *find_params(const struct records *records)
{
    const struct record *end = records->list + records->count;
    for (const struct record *at = records->list; at < end && is_at_apex(records, at); at++)
        if (at->type == TYPE_NSEC3PARAM && has_chain(records, at))
            return at;
    return NULL;
}

void press_chain_begin(struct press *press)
{
    const struct records *records = press->records;
    const struct record *end = records->list + records->count;
    press->chain = CHAIN_NONE;
    for (const struct record *at = records->list; at < end && is_at_apex(records, at); at++)
        if (at->type == TYPE_NSEC)
            press->chain = CHAIN_NSEC;
    press->params = find_params(records);
    if (press->params) // RFC 5155 10.4: while both are there, either may be used
        press->chain = CHAIN_NSEC3;
}

// The first octets of a hash from its base32hex label (RFC 4648 7), 12 letters of 5 bits and one of
// which the first 4 count.
static bool read_order(const uint8_t *label, uint64_t *order)
{
    uint64_t value = 0;
    unsigned last = 0;
    for (unsigned i = 0; i < NSEC3_LABEL_SIZE; i++) {
        unsigned letter = byte_fold(label[i]);
        if (letter >= '0' && letter <= '9')
            letter -= '0';
        else if (letter >= 'a' && letter <= 'v')
            letter -= 'a' - 10;
        else
            return false;
        if (i < 12)
            value = value << 5 | letter;
        else if (i == 12)
            last = letter;
    }
    *order = value << 4 | last >> 1;
    return true;
}

// Of several chains, as there are while the parameters change, the one of NSEC3PARAM counts.
void press_note_nsec3(struct press *press, enum chain_kind kind, size_t at)
{
    const struct node *node = (const struct node *)(press->base + at);
    if (kind != CHAIN_NSEC3)
        return;
    const struct rrset *rrset = node_own_rrset(node);
    const uint8_t *entry = rrset->body;
    for (unsigned i = 0; i < rrset->count; i++, entry = rrset_next(entry)) {
        if (!is_of_chain(press->params, rrset_rdata(entry), rrset_rdata_size(entry)) ||
            !read_order(node->name + 1, &press->chain_order[press->chain_count]))
            continue;
        press->chain_nodes[press->chain_count++] = (uint32_t)(at / 4);
        return;
    }
}

// --- what denies things about each name ----------------------------------------------------------

struct hashing {
    struct nsec3_hasher hasher;
    struct nsec3_params params;
    struct image image; // as far as chain_find_hash looks at it
};

static uint32_t find_hash(struct hashing *hashing, struct name name, bool *matches)
{
    uint8_t hash[NSEC3_HASH_SIZE];
    bool hashed = nsec3_hash(&hashing->hasher, &hashing->params, name, hash);
    assert(hashed); // params_count looked at the algorithm
    const struct node *node = chain_find_hash(&hashing->image, hash, matches);
    return (uint32_t)(((const uint8_t *)node - hashing->image.base) / 4);
}

static void hash_node(struct hashing *hashing, struct node *node)
{
    // What is below a cut or a DNAME is no name that anything is denied of.
    if (node->top != NODE_NOT_BELOW && node->top < node->labels)
        return;
    struct node_hashed *hashed = (struct node_hashed *)node_body(node);
    uint8_t storage[NAME_OCTETS_MAX + 2] = {1, '*'};
    struct name name = node_name(&hashing->image, node, storage + 2);
    bool matches;
    hashed->self = find_hash(hashing, name, &matches);
    if (!matches)
        node->flags |= NODE_COVERED;
    // Below a cut or a DNAME nothing is denied, nor below a name of which there is no room for
    // more.
    if (node->flags & (NODE_CUT | NODE_DNAME) || name.size > NAME_OCTETS_MAX - 2)
        return;
    struct name wildcard = {storage, (uint8_t)(name.size + 2), (uint8_t)(name.labels + 1)};
    hashed->wildcard = find_hash(hashing, wildcard, &matches);
}

static void hash_nodes(struct press *press, const struct record *params)
{
    struct hashing hashing = {
        .image = {.head = (const struct image_head *)press->base, .base = press->base}};
    bool read = nsec3_params_read(params->rdata, params->rdata_size, &hashing.params);
    assert(read);
    nsec3_hasher_open(&hashing.hasher);
    for (size_t i = 0; i < press->nodes; i++)
        hash_node(&hashing, (struct node *)(press->base + (size_t)press->places[i] * 4));
    nsec3_hasher_close(&hashing.hasher);
}

// --- the index -----------------------------------------------------------------------------------

static uint32_t put_orders(struct press *press, size_t step)
{
    size_t count = (press->chain_count + step - 1) / step;
    size_t at = press_reserve(press, count * 8, 8);
    uint64_t *orders = (uint64_t *)(press->base + at);
    for (size_t i = 0; i < count; i++)
        orders[i] = press->chain_order[i * step];
    return (uint32_t)(at / 4);
}

static uint32_t node_before(const struct press *press, size_t index)
{
    return press->chain_nodes[index > 0 ? index - 1 : press->chain_count - 1];
}

static uint32_t put_buckets(struct press *press)
{
    uint32_t count = chain_bucket_count((uint32_t)press->chain_count);
    size_t at = press_reserve(press, count * sizeof(struct chain_bucket), 64), next = 0;
    struct chain_bucket *buckets = (struct chain_bucket *)(press->base + at);
    for (uint32_t number = 0; number < count; number++) {
        struct chain_bucket *bucket = &buckets[number];
        *bucket = (struct chain_bucket){.first = (uint32_t)next};
        bucket->nodes[0] = node_before(press, next);
        for (; next < press->chain_count; next++) {
            uint64_t order = press->chain_order[next];
            if (chain_bucket_number(order, count) != number)
                break;
            if (bucket->count < CHAIN_BUCKET_TAGS) {
                bucket->tags[bucket->count] = chain_bucket_tag(order, count);
                bucket->nodes[1 + bucket->count] = press->chain_nodes[next];
            }
            bucket->count += bucket->count <= CHAIN_BUCKET_TAGS;
        }
    }
    assert(next == press->chain_count); // their orders rise
    return (uint32_t)(at / 4);
}

size_t press_chain_end(struct press *press, uint32_t first_nsec3)
{
    if (press->chain == CHAIN_NONE && press->nsec3_count == 0)
        return 0;
    size_t chain_at = press_reserve(press, sizeof(struct image_chain), 8);
    size_t nodes_at = press_reserve(press, press->chain_count * 4, 4);
    if (press->chain_count)
        memcpy(press->base + nodes_at, press->chain_nodes, press->chain_count * 4);
    enum chain_kind kind = press->chain_count ? press->chain : CHAIN_NONE;
    uint32_t orders = 0, tops = 0, buckets = 0;
    if (kind == CHAIN_NSEC) {
        orders = put_orders(press, 1);
        tops = put_orders(press, CHAIN_TOP_STEP);
    } else if (kind == CHAIN_NSEC3) {
        buckets = put_buckets(press);
    }
    *(struct image_chain *)(press->base + chain_at) =
        (struct image_chain){.kind = (uint32_t)kind,
                             .count = (uint32_t)press->chain_count,
                             .nodes = (uint32_t)(nodes_at / 4),
                             .orders = orders,
                             .tops = tops,
                             .buckets = buckets,
                             .first_nsec3 = first_nsec3,
                             .nsec3s = (uint32_t)press->nsec3_count};
    struct image_head *head = (struct image_head *)press->base;
    head->chain = (uint32_t)(chain_at / 4);
    head->origin_size = press->records->origin.size;
    head->origin_labels = press->records->origin.labels;
    memcpy(head->origin, press->records->origin.wire, press->records->origin.size);
    if (kind == CHAIN_NSEC3)
        hash_nodes(press, press->params);
    return chain_at;
}
