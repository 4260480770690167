// The walk over an image that nobody vouches for (inspect.h).
//
//   head      all parts lie inside, one behind the other
//   buckets   as many entries as nodes, and room left in them, so that every search ends
//   NSEC3     their nodes, and which of them the chain has, in its order
//   nodes     in sequence. What is known of the path from the apex is kept by depth, so a node is
//             compared with two others only: the one above it, whose name it must end in, and the
//             one before it at its own depth, behind which it must stand. That makes the order
//             strictly rising and every parent exist.
//   apex      SOA and NS
//
// Each node must be found in the buckets under its hash. As there are as many entries as nodes, and
// each node has one, no entry can be anything else.
//
// Every number is foreign until it was compared: offsets are compared with what is left, never
// added to first.
#include "zone/inspect.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "dnssec/nsec3.h"
#include "zone/bucket.h"
#include "zone/chain.h"
#include "zone/image.h"

#define AHEAD 16 // buckets asked for before they are looked at: misses that overlap

// A node whose bucket is on its way into the cache.
struct pending {
    uint64_t hash;
    uint32_t reference;
};

// The index of the chain, and how much of it has been met on the walk.
struct links {
    enum chain_kind kind;
    uint32_t count, met;
    uint32_t first_nsec3, nsec3s;
    const uint32_t *nodes;
    const uint64_t *orders, *tops;      // NSEC
    const struct chain_bucket *buckets; // NSEC3
    uint32_t bucket_count, buckets_met; // `buckets_met`: that the walk has come into
};

struct walk {
    const uint8_t *base;
    size_t nodes_end, size; // octets
    const struct image_head *head;
    const struct hash_key *key;
    unsigned origin_labels, origin_size;
    const struct bucket *buckets;
    const uint32_t *order;
    struct links chain;

    // The path from the apex to the node before, by depth below the apex.
    unsigned depth;
    const struct node *at_depth[NAME_LABELS_MAX + 1];
    uint64_t hash[NAME_LABELS_MAX + 1];
    bool wildcard[NAME_LABELS_MAX + 1]; // its child "*" was met

    uint32_t nodes; // met so far
    uint64_t records, rrsets, aliases;
    uint64_t *cuts;   // bit by reference: an NS RRset of a cut stands there; NULL: none yet
    uint64_t *nsec3s; // an NSEC3 node of the chain stands there
    struct pending pending[AHEAD];
};

// --- references ----------------------------------------------------------------------------------

static uint32_t reference_of(const struct walk *walk, const void *place)
{
    return (uint32_t)((size_t)((const uint8_t *)place - walk->base) / 4);
}

static void mark(const struct walk *walk, uint64_t **marks, uint32_t reference)
{
    if (!*marks)
        *marks = memory_get_zeroed(walk->size / 4 / 64 + 1, sizeof **marks);
    (*marks)[reference / 64] |= 1ull << reference % 64;
}

static bool is_marked(const struct walk *walk, const uint64_t *marks, uint32_t reference)
{
    return marks && reference < walk->size / 4 && (marks[reference / 64] >> reference % 64 & 1);
}

// True if `count` things of `size` octets lie at the reference, behind `from` octets of the image.
static bool has_room(const struct walk *walk, uint32_t reference, uint64_t count, size_t size,
                     size_t from)
{
    size_t at = (size_t)reference * 4;
    return at >= from && at <= walk->size && count <= (walk->size - at) / size;
}

// --- RRsets --------------------------------------------------------------------------------------

// What one node has.
struct contents {
    const struct rrset *first; // own RRset behind the NS of a cut
    const struct rrset *bare;  // the first without data: signatures whose RRset is missing
    const struct rrset *data;  // how far the data was compared with those
    uint16_t last_type;
    bool ns, dname, cname, soa, nsec; // data of these types
};

// The entry at `at`, which must end by `stop`. Returns the offset behind it, 0: it is not sound.
static size_t pass_entry(const struct walk *walk, uint16_t type, size_t at, size_t stop)
{
    if (stop - at < 2)
        return 0;
    const uint8_t *entry = walk->base + at;
    size_t size = rrset_rdata_size(entry);
    if (stop - at - 2 < size)
        return 0;
    bool sound = type == TYPE_A ? size == 4 : !rdata_check(type, rrset_rdata(entry), size);
    return sound ? at + 2 + size : 0;
}

static bool may_have_data(const struct rrset *rrset)
{
    if (type_is_meta(rrset->type) || rrset->type == TYPE_RRSIG)
        return false;
    if (rrset->count == 1 || rrset->type == TYPE_A)
        return true;
    const struct type_row *row = type_find(rrset->type);
    return !row || !row->single;
}

// The RRset at `at`, which must end by `end`. Returns the offset behind it, 0: it is not sound.
static size_t pass_rrset(struct walk *walk, size_t at, size_t end)
{
    if (end - at < sizeof(struct rrset))
        return 0;
    const struct rrset *rrset = (const struct rrset *)(walk->base + at);
    size_t stop = rrset->words ? (size_t)rrset->words * 4 : end - at;
    if (stop < sizeof(struct rrset) || stop > end - at || rrset->count + rrset->signatures == 0 ||
        (rrset->count && !may_have_data(rrset)))
        return 0;
    stop += at;
    size_t entry = at + sizeof(struct rrset);
    for (unsigned i = 0; i < rrset->count && entry; i++)
        entry = pass_entry(walk, rrset->type, entry, stop);
    for (unsigned i = 0; i < rrset->signatures && entry; i++) {
        size_t signature = entry;
        entry = pass_entry(walk, TYPE_RRSIG, entry, stop);
        if (entry && bytes_get16(walk->base + signature + 2) != rrset->type)
            return 0;
    }
    size_t behind = (entry + 3) & ~(size_t)3;
    if (!entry || behind > end || rrset_words(behind - at) != rrset->words)
        return 0;
    return behind;
}

// Data comes first, by type; then signatures without data, by type, and indeed without.
static bool pass_place(struct contents *contents, const struct rrset *rrset)
{
    if (rrset->count && contents->bare)
        return false;
    if (!rrset->count && !contents->bare) {
        contents->bare = rrset;
        contents->data = contents->first;
        contents->last_type = 0;
        if (rrset->type == 0)
            return true;
    }
    if (rrset->type <= contents->last_type)
        return false;
    contents->last_type = rrset->type;
    if (rrset->count)
        return true;
    while (contents->data < contents->bare && contents->data->type < rrset->type)
        contents->data = rrset_after(contents->data);
    return contents->data == contents->bare || contents->data->type != rrset->type;
}

static void note_type(struct contents *contents, const struct rrset *rrset)
{
    if (rrset->count == 0)
        return;
    contents->ns |= rrset->type == TYPE_NS;
    contents->soa |= rrset->type == TYPE_SOA;
    contents->cname |= rrset->type == TYPE_CNAME;
    contents->dname |= rrset->type == TYPE_DNAME;
    contents->nsec |= rrset->type == TYPE_NSEC;
}

// The NS RRset of a cut stands in front of all others, or is a reference to that of an earlier cut.
// Returns the offset of the next RRset, 0: it is not sound.
static size_t pass_cut(struct walk *walk, const struct node *node, size_t at)
{
    if (node->flags & NODE_SHARED) {
        uint32_t reference;
        memcpy(&reference, walk->base + at - 4, 4);
        if (!is_marked(walk, walk->cuts, reference))
            return 0;
        const struct rrset *shared = (const struct rrset *)(walk->base + (size_t)reference * 4);
        walk->records += (uint64_t)shared->count + shared->signatures;
        return at;
    }
    size_t behind = pass_rrset(walk, at, walk->nodes_end);
    const struct rrset *rrset = (const struct rrset *)(walk->base + at);
    if (!behind || rrset->type != TYPE_NS || rrset->count == 0)
        return 0;
    mark(walk, &walk->cuts, (uint32_t)(at / 4));
    walk->records += (uint64_t)rrset->count + rrset->signatures;
    return behind;
}

static enum inspect_result pass_rrsets(struct walk *walk, const struct node *node, size_t at,
                                       struct contents *contents, size_t *behind)
{
    unsigned left = node->rrsets;
    bool cut = node->flags & NODE_CUT;
    if (cut) {
        size_t next = left ? pass_cut(walk, node, at) : 0;
        if (!next)
            return node->flags & NODE_SHARED ? INSPECT_SHARED : INSPECT_RRSET;
        at = next;
        left--;
    }
    contents->first = (const struct rrset *)(walk->base + at);
    for (; left > 0; left--) {
        const struct rrset *rrset = (const struct rrset *)(walk->base + at);
        size_t next = pass_rrset(walk, at, walk->nodes_end);
        if (!next || !pass_place(contents, rrset) || (cut && rrset->type == TYPE_NS))
            return INSPECT_RRSET;
        note_type(contents, rrset);
        walk->aliases += rrset->type == TYPE_ALIAS && rrset->count;
        walk->records += (uint64_t)rrset->count + rrset->signatures;
        at = next;
    }
    walk->rrsets += node->rrsets;
    *behind = at;
    return INSPECT_SOUND;
}

// --- names ---------------------------------------------------------------------------------------

static bool same_octets(const uint8_t *a, const uint8_t *b, unsigned size)
{
    if (memcmp(a, b, size) == 0)
        return true;
    for (unsigned i = 0; i < size; i++)
        if (byte_fold(a[i]) != byte_fold(b[i]))
            return false;
    return true;
}

// RFC 4034 6.1, one label: below 0, 0, above 0.
static int compare_labels(const uint8_t *a, const uint8_t *b)
{
    unsigned size = *a < *b ? *a : *b;
    for (unsigned i = 1; i <= size; i++)
        if (a[i] != b[i] && byte_fold(a[i]) != byte_fold(b[i]))
            return byte_fold(a[i]) - byte_fold(b[i]);
    return *a - *b;
}

// What was above the nodes behind us at `depth` and deeper has no more children.
static bool leave(struct walk *walk, unsigned depth)
{
    for (unsigned i = depth; i <= walk->depth; i++)
        if (walk->wildcard[i] != ((walk->at_depth[i]->flags & NODE_WILDCARD) != 0))
            return false;
    return true;
}

// One label in front of the name above it, which is on the path, and behind its last sibling.
static bool pass_name(struct walk *walk, const struct node *node)
{
    unsigned depth = (unsigned)node->labels - walk->origin_labels;
    if (node->labels <= walk->origin_labels || depth > walk->depth + 1 ||
        node->size + walk->origin_size > NAME_OCTETS_MAX)
        return false;
    const struct node *above = walk->at_depth[depth - 1];
    unsigned label = node->size ? node->name[0] : 0;
    if (label == 0 || label > LABEL_OCTETS_MAX || node->size != 1 + label + above->size ||
        !same_octets(node->name + 1 + label, above->name, above->size))
        return false;
    if (depth <= walk->depth &&
        (compare_labels(walk->at_depth[depth]->name, node->name) >= 0 || !leave(walk, depth)))
        return false;
    walk->depth = depth;
    walk->at_depth[depth] = node;
    walk->wildcard[depth] = false;
    walk->wildcard[depth - 1] |= label == 1 && node->name[1] == '*';
    walk->hash[depth] = hash_label(walk->key, walk->hash[depth - 1], node->name + 1, label);
    return true;
}

static bool pass_apex_name(struct walk *walk, const struct node *node)
{
    if (node->size != 0 || node->labels != walk->origin_labels)
        return false;
    walk->depth = 0;
    walk->at_depth[0] = node;
    return true;
}

// --- nodes ---------------------------------------------------------------------------------------

static unsigned top_expected(const struct walk *walk, const struct node *node)
{
    unsigned above = walk->depth ? walk->at_depth[walk->depth - 1]->top : NODE_NOT_BELOW;
    if (above == NODE_NOT_BELOW && node->flags & (NODE_CUT | NODE_DNAME))
        return node->labels;
    return above;
}

static bool pass_flags(const struct walk *walk, const struct node *node,
                       const struct contents *contents)
{
    bool apex = walk->depth == 0, cut = node->flags & NODE_CUT;
    return ((node->flags & NODE_APEX) != 0) == apex && !(apex && cut) &&
           (apex || !contents->ns) && // with the flag it was taken by pass_cut
           ((node->flags & NODE_DNAME) != 0) == contents->dname &&
           ((node->flags & NODE_CNAME) != 0) == contents->cname &&
           (cut || !(node->flags & NODE_SHARED)) && node->top == top_expected(walk, node);
}

// What is not below a cut or DNAME has references to NSEC3 nodes of the chain, all else has none.
static bool pass_hashed(const struct walk *walk, const struct node *node)
{
    const struct node_hashed *hashed = node_hashed(node);
    bool chained = walk->chain.kind == CHAIN_NSEC3;
    if (!hashed)
        return !chained && !(node->flags & NODE_COVERED);
    bool below = node->top != NODE_NOT_BELOW && node->top < node->labels;
    if (!chained || below)
        return hashed->self == 0 && hashed->wildcard == 0 && !(node->flags & NODE_COVERED);
    bool childless = node->flags & (NODE_CUT | NODE_DNAME) ||
                     node->size + walk->origin_size > NAME_OCTETS_MAX - 2;
    return is_marked(walk, walk->nsec3s, hashed->self) &&
           (childless ? hashed->wildcard == 0 : is_marked(walk, walk->nsec3s, hashed->wildcard));
}

// The chain of NSEC has its owners in the order of nodes.
static bool pass_link(struct walk *walk, const struct node *node, const struct contents *contents)
{
    struct links *chain = &walk->chain;
    if (chain->kind != CHAIN_NSEC || chain->met == chain->count ||
        chain->nodes[chain->met] != reference_of(walk, node))
        return true;
    uint64_t order = chain_order_of_name(node->name, node->size);
    return contents->nsec && chain->orders[chain->met++] == order;
}

static bool is_found(const struct walk *walk, const struct pending *pending)
{
    uint32_t count = walk->head->bucket_count, at = bucket_number(pending->hash, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct bucket *bucket = &walk->buckets[at];
        for (unsigned j = 0; j < bucket->count; j++)
            if (bucket->nodes[j] == pending->reference)
                return bucket->tags[j] == bucket_tag(pending->hash);
        if (bucket->count < BUCKET_TAGS)
            return false;
        at = at + 1 == count ? 0 : at + 1;
    }
    return false;
}

// Looks the node up that was met AHEAD nodes ago, and asks for the bucket of this one.
static bool pass_bucket(struct walk *walk, uint64_t hash, uint32_t reference)
{
    struct pending *pending = &walk->pending[walk->nodes % AHEAD];
    if (walk->nodes >= AHEAD && !is_found(walk, pending))
        return false;
    *pending = (struct pending){hash, reference};
    __builtin_prefetch(&walk->buckets[bucket_number(hash, walk->head->bucket_count)]);
    return true;
}

static bool pass_last_buckets(const struct walk *walk)
{
    unsigned left = walk->nodes < AHEAD ? walk->nodes : AHEAD;
    for (unsigned i = 0; i < left; i++)
        if (!is_found(walk, &walk->pending[i]))
            return false;
    return true;
}

// The node at `at`. *behind: where the next one is.
static enum inspect_result pass_node(struct walk *walk, size_t at, size_t *behind)
{
    size_t left = walk->nodes_end - at;
    const struct node *node = (const struct node *)(walk->base + at);
    if (left < sizeof *node || left - sizeof *node < node->size)
        return INSPECT_NODE;
    bool apex = walk->nodes == 0;
    if (apex ? !pass_apex_name(walk, node) : !pass_name(walk, node))
        return INSPECT_NODE;
    size_t body = (size_t)(node_body(node) - walk->base);
    body += node->flags & NODE_HASHED ? sizeof(struct node_hashed) : 0;
    body += node->flags & NODE_SHARED ? 4 : 0;
    if (body > walk->nodes_end)
        return INSPECT_NODE;
    struct contents contents = {0};
    enum inspect_result result = pass_rrsets(walk, node, body, &contents, behind);
    if (result != INSPECT_SOUND)
        return result;
    if (!pass_flags(walk, node, &contents))
        return INSPECT_NODE;
    if (apex && !(contents.soa && contents.ns))
        return INSPECT_APEX;
    if (!pass_hashed(walk, node))
        return INSPECT_HASHED;
    if (!pass_link(walk, node, &contents))
        return INSPECT_CHAIN;
    uint32_t reference = (uint32_t)(at / 4);
    if (walk->nodes % ORDER_STEP == 0 && walk->order[walk->nodes / ORDER_STEP] != reference)
        return INSPECT_ORDER;
    if (!pass_bucket(walk, walk->hash[walk->depth], reference))
        return INSPECT_BUCKET;
    walk->nodes++;
    return INSPECT_SOUND;
}

static enum inspect_result pass_nodes(struct walk *walk)
{
    size_t at = (size_t)walk->head->apex * 4;
    while (walk->nodes < walk->head->nodes) {
        enum inspect_result result = pass_node(walk, at, &at);
        if (result != INSPECT_SOUND)
            return result;
    }
    if (at != walk->nodes_end || !leave(walk, 0))
        return INSPECT_NODE;
    if (walk->records != walk->head->records || walk->rrsets != walk->head->rrsets ||
        walk->aliases != walk->head->aliases)
        return INSPECT_HEAD;
    return pass_last_buckets(walk) ? INSPECT_SOUND : INSPECT_BUCKET;
}

// --- NSEC3 ---------------------------------------------------------------------------------------

// The first 64 bits of the hash that a label of base32hex (RFC 4648 7) stands for: 12 letters and
// four bits more.
static bool read_hash(const uint8_t *label, uint64_t *order)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < NSEC3_LABEL_SIZE; i++) {
        unsigned letter = byte_fold(label[i]);
        bool digit = letter >= '0' && letter <= '9';
        if (!digit && (letter < 'a' || letter > 'v'))
            return false;
        unsigned bits = digit ? letter - '0' : letter - 'a' + 10;
        if (i < 12)
            value = value << 5 | bits;
        else if (i == 12)
            value = value << 4 | bits >> 1;
    }
    *order = value;
    return true;
}

static bool is_counted(const struct chain_bucket *bucket, uint32_t end)
{
    uint32_t count = end - bucket->first;
    return bucket->count == (count <= CHAIN_BUCKET_TAGS ? count : CHAIN_BUCKET_TAGS + 1);
}

// The buckets up to `end`: that which the walk leaves has as many hashes as it says, what comes
// next begins here.
static bool enter_hash_buckets(struct links *chain, uint32_t end)
{
    for (; chain->buckets_met < end; chain->buckets_met++) {
        const struct chain_bucket *bucket = &chain->buckets[chain->buckets_met];
        uint32_t before = chain->nodes[chain->met > 0 ? chain->met - 1 : chain->count - 1];
        if (bucket->first != chain->met || bucket->nodes[0] != before ||
            (chain->buckets_met > 0 && !is_counted(bucket - 1, chain->met)))
            return false;
    }
    return true;
}

// The next hash of the chain stands in the bucket that its value tells, behind those before it.
static bool pass_hash_bucket(struct links *chain, uint64_t order)
{
    uint32_t number = chain_bucket_number(order, chain->bucket_count);
    if (number + 1 < chain->buckets_met || !enter_hash_buckets(chain, number + 1))
        return false;
    const struct chain_bucket *bucket = &chain->buckets[number];
    uint32_t at = chain->met - bucket->first;
    if (at < CHAIN_BUCKET_TAGS &&
        (bucket->tags[at] != chain_bucket_tag(order, chain->bucket_count) ||
         bucket->nodes[1 + at] != chain->nodes[chain->met]))
        return false;
    chain->met++;
    return true;
}

// Its name is a hash in front of the zone's, it has one RRset, and the chain may have it.
static size_t pass_nsec3(struct walk *walk, size_t at, size_t end, const uint8_t **label_before)
{
    const struct node *node = (const struct node *)(walk->base + at);
    size_t whole = (sizeof *node + 1 + NSEC3_LABEL_SIZE + 3) & ~(size_t)3;
    if (end - at < whole || node->flags != 0 || node->top != NODE_NOT_BELOW ||
        node->labels != walk->origin_labels + 1 || node->size != 1 + NSEC3_LABEL_SIZE ||
        node->name[0] != NSEC3_LABEL_SIZE || node->rrsets != 1 ||
        node->size + walk->origin_size > NAME_OCTETS_MAX ||
        (*label_before && compare_labels(*label_before, node->name) >= 0))
        return 0;
    *label_before = node->name;
    const struct rrset *rrset = (const struct rrset *)(walk->base + at + whole);
    size_t behind = pass_rrset(walk, at + whole, end);
    if (!behind || rrset->type != TYPE_NSEC3)
        return 0;
    walk->records += (uint64_t)rrset->count + rrset->signatures;
    walk->rrsets++;
    struct links *chain = &walk->chain;
    if (chain->kind == CHAIN_NSEC3 && chain->met < chain->count &&
        chain->nodes[chain->met] == at / 4) {
        uint64_t order;
        if (rrset->count == 0 || !read_hash(node->name + 1, &order) ||
            !pass_hash_bucket(chain, order))
            return 0;
        mark(walk, &walk->nsec3s, (uint32_t)(at / 4));
    }
    return behind;
}

static enum inspect_result pass_nsec3s(struct walk *walk)
{
    size_t at = walk->nodes_end, end = (size_t)walk->head->chain * 4;
    const uint8_t *label_before = NULL;
    for (uint32_t i = 0; i < walk->chain.nsec3s; i++) {
        at = pass_nsec3(walk, at, end, &label_before);
        if (!at)
            return INSPECT_CHAIN;
    }
    struct links *chain = &walk->chain;
    if (chain->kind != CHAIN_NSEC3)
        return INSPECT_SOUND;
    bool whole = chain->met == chain->count && enter_hash_buckets(chain, chain->bucket_count) &&
                 is_counted(&chain->buckets[chain->bucket_count - 1], chain->count);
    return whole ? INSPECT_SOUND : INSPECT_CHAIN;
}

// --- the chain -----------------------------------------------------------------------------------

static bool pass_tops(const struct links *chain)
{
    for (uint32_t i = 0; chain->kind == CHAIN_NSEC && i < chain->count; i += CHAIN_TOP_STEP)
        if (chain->tops[i / CHAIN_TOP_STEP] != chain->orders[i])
            return false;
    return true;
}

static enum inspect_result open_chain(struct walk *walk)
{
    uint32_t reference = walk->head->chain;
    if (!reference)
        return INSPECT_SOUND;
    if (!has_room(walk, reference, 1, sizeof(struct image_chain), walk->nodes_end))
        return INSPECT_CHAIN;
    const struct image_chain *index =
        (const struct image_chain *)(walk->base + (size_t)reference * 4);
    size_t from = (size_t)reference * 4 + sizeof *index;
    uint32_t count = index->count, names = index->kind == CHAIN_NSEC ? count : 0;
    uint32_t tops = names / CHAIN_TOP_STEP + (names % CHAIN_TOP_STEP != 0);
    uint32_t buckets = index->kind == CHAIN_NSEC3 ? chain_bucket_count(count) : 0;
    if (index->kind > CHAIN_NSEC3 || (index->kind == CHAIN_NONE) != (count == 0) ||
        (size_t)index->first_nsec3 * 4 != walk->nodes_end ||
        !has_room(walk, index->nodes, count, 4, from) || index->orders % 2 || index->tops % 2 ||
        (names && (!has_room(walk, index->orders, names, 8, from) ||
                   !has_room(walk, index->tops, tops, 8, from))) ||
        index->buckets % (sizeof(struct chain_bucket) / 4) ||
        (buckets && !has_room(walk, index->buckets, buckets, sizeof(struct chain_bucket), from)))
        return INSPECT_CHAIN;
    walk->chain = (struct links){
        .kind = (enum chain_kind)index->kind,
        .count = count,
        .first_nsec3 = index->first_nsec3,
        .nsec3s = index->nsec3s,
        .nodes = (const uint32_t *)(walk->base + (size_t)index->nodes * 4),
        .orders = (const uint64_t *)(walk->base + (size_t)index->orders * 4),
        .tops = (const uint64_t *)(walk->base + (size_t)index->tops * 4),
        .buckets = (const struct chain_bucket *)(walk->base + (size_t)index->buckets * 4),
        .bucket_count = buckets,
    };
    // Nothing stands before the apex, so a search in a chain of NSEC that has it finds something.
    if (index->kind == CHAIN_NSEC && walk->chain.nodes[0] != walk->head->apex)
        return INSPECT_CHAIN;
    return pass_tops(&walk->chain) ? INSPECT_SOUND : INSPECT_CHAIN;
}

// Whoever denies with NSEC3 hashes as the apex says (RFC 5155 7.1).
static bool has_params(const struct walk *walk)
{
    struct image image = {.head = walk->head, .base = walk->base};
    const struct rrset *rrset = node_rrset(&image, walk->at_depth[0], TYPE_NSEC3PARAM);
    if (!rrset)
        return false;
    const uint8_t *entry = rrset->body;
    for (unsigned i = 0; i < rrset->count; i++, entry = rrset_next(entry)) {
        struct nsec3_params params;
        if (nsec3_params_read(rrset_rdata(entry), rrset_rdata_size(entry), &params) &&
            params.algorithm == NSEC3_SHA1 && params.flags == 0 &&
            params.iterations <= NSEC3_ITERATIONS_SERVED_MAX)
            return true;
    }
    return false;
}

static enum inspect_result close_chain(const struct walk *walk)
{
    if (walk->chain.met != walk->chain.count)
        return INSPECT_CHAIN;
    return walk->chain.kind != CHAIN_NSEC3 || has_params(walk) ? INSPECT_SOUND : INSPECT_CHAIN;
}

// --- the whole -----------------------------------------------------------------------------------

static enum inspect_result open_head(struct walk *walk, struct name origin)
{
    const struct image_head *head = walk->head;
    size_t fixed = offsetof(struct image_head, origin);
    if (walk->size < fixed || head->size != walk->size || walk->size % 4 ||
        walk->size / 4 > UINT32_MAX || head->format != IMAGE_FORMAT)
        return INSPECT_HEAD;
    if (head->origin_size != origin.size || head->origin_labels != origin.labels ||
        walk->size - fixed < origin.size || memcmp(head->origin, origin.wire, origin.size) != 0)
        return INSPECT_ORIGIN;
    uint32_t samples = head->nodes / ORDER_STEP + (head->nodes % ORDER_STEP != 0);
    uint32_t buckets = head->nodes / BUCKET_LOAD + (head->nodes % BUCKET_LOAD != 0);
    walk->nodes_end = (size_t)head->nodes_end * 4;
    if (head->nodes == 0 || (size_t)head->apex * 4 < fixed + origin.size ||
        head->apex >= head->nodes_end || walk->nodes_end > walk->size ||
        head->bucket_count != buckets || head->buckets % (sizeof(struct bucket) / 4) ||
        !has_room(walk, head->buckets, buckets, sizeof(struct bucket), walk->nodes_end) ||
        !has_room(walk, head->order, samples, 4, walk->nodes_end))
        return INSPECT_HEAD;
    walk->buckets = (const struct bucket *)(walk->base + (size_t)head->buckets * 4);
    walk->order = (const uint32_t *)(walk->base + (size_t)head->order * 4);
    return INSPECT_SOUND;
}

// BUCKET_LOAD is below BUCKET_TAGS: with as many entries as nodes there is always one with room.
static enum inspect_result count_buckets(const struct walk *walk)
{
    uint64_t entries = 0;
    for (uint32_t i = 0; i < walk->head->bucket_count; i++) {
        if (walk->buckets[i].count > BUCKET_TAGS)
            return INSPECT_BUCKET;
        entries += walk->buckets[i].count;
    }
    return entries == walk->head->nodes ? INSPECT_SOUND : INSPECT_BUCKET;
}
static_assert(BUCKET_LOAD < BUCKET_TAGS, "a search ends at a bucket with room");

static enum inspect_result inspect(struct walk *walk, struct name origin)
{
    enum inspect_result result = open_head(walk, origin);
    if (result == INSPECT_SOUND)
        result = count_buckets(walk);
    if (result == INSPECT_SOUND)
        result = open_chain(walk);
    if (result == INSPECT_SOUND)
        result = pass_nsec3s(walk);
    if (result == INSPECT_SOUND)
        result = pass_nodes(walk);
    if (result == INSPECT_SOUND)
        result = close_chain(walk);
    return result;
}

enum inspect_result inspect_image(const uint8_t *base, size_t size, struct name origin,
                                  const struct hash_key *key)
{
    assert((uintptr_t)base % 64 == 0);
    struct walk walk;
    memset(&walk, 0, offsetof(struct walk, at_depth)); // what is by depth is set on the way down
    walk.base = base;
    walk.size = size;
    walk.head = (const struct image_head *)base;
    walk.key = key;
    walk.origin_labels = origin.labels;
    walk.origin_size = origin.size;
    walk.wildcard[0] = false;
    walk.nodes = 0;
    walk.records = walk.rrsets = walk.aliases = 0;
    walk.cuts = walk.nsec3s = NULL;
    struct name_key origin_key;
    name_key_make(origin, key, &origin_key);
    walk.hash[0] = origin_key.hash[origin.labels];
    enum inspect_result result = inspect(&walk, origin);
    free(walk.cuts);
    free(walk.nsec3s);
    return result;
}

const char *inspect_word(enum inspect_result result)
{
    switch (result) {
    case INSPECT_SOUND: return "nothing";
    case INSPECT_HEAD: return "the head";
    case INSPECT_ORIGIN: return "the zone's name";
    case INSPECT_NODE: return "a name";
    case INSPECT_RRSET: return "an RRset";
    case INSPECT_SHARED: return "a shared NS RRset";
    case INSPECT_HASHED: return "a reference to an NSEC3 record";
    case INSPECT_BUCKET: return "the hash table";
    case INSPECT_ORDER: return "the canonical order";
    case INSPECT_APEX: return "the apex";
    case INSPECT_CHAIN: return "the chain of NSEC or NSEC3";
    }
    return "nothing";
}
