// What differs from an image (overlay.h).
//
//   gather    the names that change, those above them, and those below a cut that came or went
//   merge     with what the overlay before had, by canonical order
//   settle    which names exist, from the last to the first; what is above each, from the first on
//   write     nodes, order, buckets
#include "zone/overlay.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/memory.h"
#include "dns/type.h"
#include "zone/block.h"
#include "zone/bucket.h"
#include "zone/chain.h"

// Of a smaller zone the whole is built as fast.
#define NAMES_LEAST 64
// An eighth of the zone, and eight times its names written: a name costs an eighth here of what it
// costs to build.
#define PART_MOST   8
#define COPIES_MOST 8

struct piece {
    const uint8_t *labels; // below the zone's name
    uint8_t size, depth;   // octets of them; labels of the whole name
    uint8_t flags, top;
    bool touched;   // what it has is what `fresh` says
    bool fresh;     // it was not in the overlay before, or is another
    bool same;      // as in struct overlay_entry
    bool exists;    // or else is gone
    bool star_seen; // its child "*" is among the pieces
    bool star;      // and exists
    bool hidden;    // it was below a cut or a DNAME, where nobody checks it
    uint32_t before;
    uint64_t hash;
    const struct image *image; // where `node` is
    const struct node *node;   // whose RRsets it has; NULL: none
};

struct plan {
    const struct image *old, *fresh;
    const struct hash_key *secret;
    struct arena arena;
    struct piece *list;
    size_t count, room;
    size_t most; // more pieces than that are the whole's affair
};

void overlay_free(struct overlay *overlay)
{
    if (!overlay)
        return;
    free((void *)overlay->buckets);
    free((void *)overlay->octets);
    free(overlay->order);
    free(overlay);
}

static uint32_t reference_of(const struct image *image, const struct node *node)
{
    return (uint32_t)((size_t)((const uint8_t *)node - image->base) / 4);
}

static struct name labels_of(const struct plan *plan, const struct piece *piece)
{
    return (struct name){piece->labels, piece->size,
                         (uint8_t)(piece->depth - plan->old->head->origin_labels)};
}

// --- gathering -----------------------------------------------------------------------------------

// The first node of the base that is not before the name.
static uint32_t find_behind(const struct image *base, struct name labels)
{
    const uint32_t *order = (const uint32_t *)(base->base + (size_t)base->head->order * 4);
    size_t low = 0, high = (base->head->nodes + ORDER_STEP - 1) / ORDER_STEP; // of samples
    while (high - low > 1) { // the sample at `low` is before the name: the apex is
        size_t middle = (low + high) / 2;
        if (name_compare(node_labels(base, image_node(base, order[middle])), labels) < 0)
            low = middle;
        else
            high = middle;
    }
    const struct node *node = image_node(base, order[low]);
    const struct node *end = image_node(base, base->head->nodes_end);
    while (node != end && name_compare(node_labels(base, node), labels) < 0)
        node = image_node_after(node);
    return reference_of(base, node);
}

static bool is_hidden(uint8_t top, uint8_t depth)
{
    return top != NODE_NOT_BELOW && top != NODE_GONE && top < depth;
}

static struct piece *add(struct plan *plan, struct name name, const struct name_key *key,
                         unsigned depth)
{
    const struct image *old = plan->old;
    unsigned at = name_key_offset(key, depth);
    unsigned size = name_key_offset(key, old->head->origin_labels) - at;
    plan->list = memory_grow(plan->list, &plan->room, plan->count + 1, sizeof *plan->list);
    struct piece *piece = &plan->list[plan->count++];
    *piece = (struct piece){.labels = arena_copy(&plan->arena, name.wire + at, size),
                            .size = (uint8_t)size,
                            .depth = (uint8_t)depth,
                            .fresh = true,
                            .hash = key->hash[depth],
                            .image = old};
    const struct node *there = image_find(old, key, depth);
    if (there) {
        piece->labels = there->name; // in its case
        piece->flags = there->flags;
        piece->hidden = is_hidden(there->top, there->labels);
        piece->node = there->rrsets ? there : NULL;
    }
    return piece;
}

// Where it stands in the base.
static void place(struct plan *plan, struct piece *piece, const struct name_key *key)
{
    const struct node *there = image_find_built(plan->old, key, piece->depth);
    piece->same = there;
    piece->before =
        there ? reference_of(plan->old, there) : find_behind(plan->old, labels_of(plan, piece));
}

static unsigned redirects(const struct node *node)
{
    return node ? node->flags & (NODE_CUT | NODE_DNAME) : 0;
}

// All that the base has below a name.
static bool add_below(struct plan *plan, uint32_t reference)
{
    const struct image *old = plan->old;
    const struct node *top = image_node(old, reference);
    const struct node *end = image_node(old, old->head->nodes_end);
    uint8_t storage[NAME_OCTETS_MAX];
    struct name_key key;
    for (const struct node *node = image_node_after(top); node != end && node->labels > top->labels;
         node = image_node_after(node)) {
        if (plan->count > plan->most)
            return false;
        struct name name = node_name(old, node, storage);
        name_key_make(name, plan->secret, &key);
        place(plan, add(plan, name, &key, key.labels), &key);
    }
    return true;
}

static bool add_name(struct plan *plan, struct name name)
{
    struct name_key key;
    name_key_make(name, plan->secret, &key);
    struct piece *piece = add(plan, name, &key, key.labels);
    const struct node *before = piece->node;
    const struct node *after = image_find(plan->fresh, &key, key.labels);
    place(plan, piece, &key);
    piece->touched = true;
    piece->image = plan->fresh;
    piece->node = after && after->rrsets ? after : NULL;
    if (piece->node)
        piece->labels = after->name;
    bool turned = piece->same && redirects(before) != redirects(piece->node);
    uint32_t reference = piece->before;
    // The apex is above all of them: once is enough.
    for (unsigned depth = plan->old->head->origin_labels + (plan->count > 1); depth < name.labels;
         depth++)
        place(plan, add(plan, name, &key, depth), &key);
    return !turned || add_below(plan, reference);
}

static int compare_labels(const struct piece *a, const struct piece *b, unsigned origin_labels)
{
    return name_compare((struct name){a->labels, a->size, (uint8_t)(a->depth - origin_labels)},
                        (struct name){b->labels, b->size, (uint8_t)(b->depth - origin_labels)});
}

// By name, and what was touched in front.
static int compare_pieces(const void *left, const void *right, void *context)
{
    const struct piece *a = left, *b = right;
    int order = compare_labels(a, b, *(const uint8_t *)context);
    return order ? order : b->touched - a->touched;
}

static bool gather(struct plan *plan, const struct name *names, size_t count)
{
    uint8_t origin_labels = plan->old->head->origin_labels;
    for (size_t i = 0; i < count; i++)
        if (plan->count > 2 * plan->most || !add_name(plan, names[i]))
            return false;
    if (!plan->list)
        return false;
    qsort_r(plan->list, plan->count, sizeof *plan->list, compare_pieces, &origin_labels);
    size_t kept = 0;
    for (size_t i = 0; i < plan->count; i++)
        if (kept == 0 || compare_labels(&plan->list[kept - 1], &plan->list[i], origin_labels) != 0)
            plan->list[kept++] = plan->list[i];
    plan->count = kept;
    return true;
}

// --- merging -------------------------------------------------------------------------------------

static struct piece take_entry(const struct plan *plan, const struct overlay_entry *entry)
{
    const struct node *node = overlay_node(plan->old->overlay, entry);
    return (struct piece){.labels = node->name,
                          .size = node->size,
                          .depth = node->labels,
                          .flags = node->flags,
                          .same = entry->same,
                          .exists = node->top != NODE_GONE,
                          .hidden = is_hidden(node->top, node->labels),
                          .before = entry->before,
                          .hash = entry->hash,
                          .image = plan->old,
                          .node = node->rrsets ? node : NULL};
}

// The first entry from `from` on that is not before the piece.
static uint32_t find_entry(const struct plan *plan, uint32_t from, const struct piece *piece)
{
    const struct overlay *overlay = plan->old->overlay;
    struct name labels = labels_of(plan, piece);
    uint32_t low = from, high = overlay->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct node *node = overlay_node(overlay, &overlay->order[middle]);
        if (name_compare(node_labels(plan->old, node), labels) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_entry(const struct plan *plan, uint32_t at, const struct piece *piece)
{
    const struct overlay *overlay = plan->old->overlay;
    if (at == overlay->count)
        return false;
    const struct node *node = overlay_node(overlay, &overlay->order[at]);
    return name_compare(node_labels(plan->old, node), labels_of(plan, piece)) == 0;
}

static void merge(struct plan *plan)
{
    const struct overlay *overlay = plan->old->overlay;
    if (!overlay)
        return;
    struct piece *merged = memory_get((plan->count + overlay->count) * sizeof *merged);
    size_t count = 0;
    uint32_t at = 0;
    for (size_t i = 0; i < plan->count; i++) {
        uint32_t end = find_entry(plan, at, &plan->list[i]);
        while (at < end)
            merged[count++] = take_entry(plan, &overlay->order[at++]);
        at += is_entry(plan, at, &plan->list[i]);
        merged[count++] = plan->list[i];
    }
    while (at < overlay->count)
        merged[count++] = take_entry(plan, &overlay->order[at++]);
    free(plan->list);
    plan->list = merged;
    plan->count = count;
}

// --- settling ------------------------------------------------------------------------------------

// Is there a name below it in the base that no piece says anything of? Those exist.
static bool has_more_below(const struct plan *plan, size_t index)
{
    const struct piece *piece = &plan->list[index];
    if (!piece->same)
        return false;
    const struct image *old = plan->old;
    const struct node *end = image_node(old, old->head->nodes_end);
    const struct node *node = image_node_after(image_node(old, piece->before));
    for (; node != end && node->labels > piece->depth; node = image_node_after(node)) {
        do
            index++;
        while (index < plan->count && !plan->list[index].same);
        if (index == plan->count || plan->list[index].before != reference_of(old, node))
            return true;
    }
    return false;
}

// RFC 4592 2.2.2: a name exists if it has records or if one below it does.
static void settle_existence(struct plan *plan)
{
    bool alive[NAME_LABELS_MAX + 2] = {false}; // by depth: a name below the next one above exists
    for (size_t i = plan->count; i-- > 0;) {
        struct piece *piece = &plan->list[i];
        if (piece->fresh)
            piece->exists = piece->node || alive[piece->depth + 1] || has_more_below(plan, i);
        alive[piece->depth + 1] = false;
        alive[piece->depth] |= piece->exists;
    }
}

static void settle_flags(struct plan *plan)
{
    struct piece *path[NAME_LABELS_MAX + 1] = {NULL};
    unsigned apex_depth = plan->old->head->origin_labels;
    const uint8_t kept = NODE_CUT | NODE_DNAME | NODE_CNAME | NODE_APEX;
    for (size_t i = 0; i < plan->count; i++) {
        struct piece *piece = &plan->list[i];
        path[piece->depth] = piece;
        uint8_t star = piece->flags & NODE_WILDCARD;
        piece->flags = (uint8_t)((piece->node ? piece->node->flags & kept : 0) | star);
        piece->top = piece->depth == apex_depth ? NODE_NOT_BELOW : path[piece->depth - 1]->top;
        if (!piece->exists)
            piece->top = NODE_GONE;
        else if (piece->top == NODE_NOT_BELOW && piece->flags & (NODE_CUT | NODE_DNAME))
            piece->top = piece->depth;
        if (piece->depth > apex_depth && piece->labels[0] == 1 && piece->labels[1] == '*') {
            path[piece->depth - 1]->star_seen = true;
            path[piece->depth - 1]->star = piece->exists;
        }
    }
    for (size_t i = 0; i < plan->count; i++) {
        struct piece *piece = &plan->list[i];
        if (piece->star_seen)
            piece->flags =
                (uint8_t)((piece->flags & ~NODE_WILDCARD) | (piece->star ? NODE_WILDCARD : 0));
    }
}

// A name that comes into sight has to be checked with all others.
static bool has_come_out(const struct plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct piece *piece = &plan->list[i];
        if (piece->hidden && piece->node && !piece->touched && !is_hidden(piece->top, piece->depth))
            return true;
    }
    return false;
}

// --- writing -------------------------------------------------------------------------------------

static size_t labels_octets(const struct piece *piece)
{
    return (offsetof(struct node, name) + piece->size + 3u) & ~(size_t)3;
}

static size_t piece_octets(const struct piece *piece)
{
    size_t size = labels_octets(piece);
    if (!piece->node)
        return size;
    const struct rrset *rrset = node_first_rrset(piece->image, piece->node);
    for (unsigned i = 0; i < piece->node->rrsets; i++) {
        if (i)
            rrset = node_next_rrset(piece->image, piece->node, rrset);
        size += rrset_size(rrset);
    }
    return size;
}

static uint8_t *write_piece(const struct piece *piece, uint8_t *to)
{
    struct node *node = (struct node *)to;
    node->flags = piece->flags;
    node->top = piece->top;
    node->labels = piece->depth;
    node->size = piece->size;
    node->rrsets = piece->node ? piece->node->rrsets : 0;
    memcpy(node->name, piece->labels, piece->size);
    to += labels_octets(piece);
    if (!piece->node)
        return to;
    const struct rrset *rrset = node_first_rrset(piece->image, piece->node);
    for (unsigned i = 0; i < piece->node->rrsets; i++) {
        if (i)
            rrset = node_next_rrset(piece->image, piece->node, rrset);
        memcpy(to, rrset, rrset_size(rrset));
        to += rrset_size(rrset);
    }
    return to;
}

static void fill_buckets(struct overlay *overlay)
{
    uint32_t count = (overlay->count + BUCKET_LOAD - 1) / BUCKET_LOAD;
    struct bucket *buckets = memory_get_aligned(sizeof *buckets, count * sizeof *buckets);
    memset(buckets, 0, count * sizeof *buckets);
    for (uint32_t i = 0; i < overlay->count; i++) {
        uint64_t hash = overlay->order[i].hash;
        uint32_t at = bucket_number(hash, count);
        while (buckets[at].count == BUCKET_TAGS)
            at = at + 1 == count ? 0 : at + 1;
        buckets[at].tags[buckets[at].count] = bucket_tag(hash);
        buckets[at].nodes[buckets[at].count++] = overlay->order[i].node;
    }
    overlay->buckets = buckets;
    overlay->bucket_count = count;
}

static struct overlay *write_overlay(const struct plan *plan)
{
    struct overlay *overlay = memory_get_zeroed(1, sizeof *overlay);
    for (size_t i = 0; i < plan->count; i++)
        overlay->size += piece_octets(&plan->list[i]);
    // Rdata are copied word by word (records_copy), the last node's too: test/zone/compare.c.
    uint8_t *octets = memory_get_zeroed(overlay->size + sizeof(uint64_t), 1), *to = octets;
    overlay->octets = octets;
    overlay->count = (uint32_t)plan->count;
    overlay->order = memory_get(plan->count * sizeof *overlay->order);
    for (size_t i = 0; i < plan->count; i++) {
        const struct piece *piece = &plan->list[i];
        overlay->order[i] = (struct overlay_entry){.hash = piece->hash,
                                                   .node = (uint32_t)((size_t)(to - octets) / 4),
                                                   .before = piece->before,
                                                   .same = piece->same};
        to = write_piece(piece, to);
    }
    assert(to == octets + overlay->size);
    fill_buckets(overlay);
    return overlay;
}

// --- the whole -----------------------------------------------------------------------------------

static uint32_t count_records(const struct image *image, const struct node *node, uint32_t *aliases)
{
    uint32_t count = 0;
    const struct rrset *rrset = node ? node_first_rrset(image, node) : NULL;
    for (unsigned i = 0; node && i < node->rrsets; i++) {
        if (i)
            rrset = node_next_rrset(image, node, rrset);
        count += (uint32_t)rrset->count + rrset->signatures;
        *aliases += rrset->type == TYPE_ALIAS && rrset->count;
    }
    return count;
}

// How many records and aliases there are now.
static void count_all(const struct plan *plan, const struct name *names, size_t count,
                      struct overlay *overlay)
{
    uint32_t gone = 0, come = 0;
    struct name_key key;
    overlay->records = image_records(plan->old);
    overlay->aliases = image_aliases(plan->old);
    for (size_t i = 0; i < count; i++) {
        name_key_make(names[i], plan->secret, &key);
        const struct node *before = image_find(plan->old, &key, key.labels);
        const struct node *after = image_find(plan->fresh, &key, key.labels);
        overlay->records += count_records(plan->fresh, after, &come);
        overlay->records -= count_records(plan->old, before, &gone);
    }
    overlay->aliases += come - gone;
}

bool overlay_pays(const struct image *old, size_t names)
{
    size_t nodes = old->head->nodes;
    return nodes >= NAMES_LEAST && names <= nodes / PART_MOST && old->block && !image_chain(old);
}

static bool make_plan(struct plan *plan, const struct name *names, size_t count)
{
    const struct overlay *overlay = plan->old->overlay;
    size_t nodes = plan->old->head->nodes;
    plan->most = nodes / PART_MOST;
    if (!overlay_pays(plan->old, count) || image_chain(plan->fresh) || !gather(plan, names, count))
        return false;
    merge(plan);
    uint64_t copied = (overlay ? overlay->copied : 0) + plan->count;
    if (plan->count > plan->most || copied > (uint64_t)nodes * COPIES_MOST)
        return false;
    settle_existence(plan);
    settle_flags(plan);
    return !has_come_out(plan);
}

bool overlay_follow(const struct image *old, const struct image *fresh, const struct name *names,
                    size_t count, const struct hash_key *secret, struct image *image)
{
    struct plan plan = {.old = old, .fresh = fresh, .secret = secret};
    bool good = make_plan(&plan, names, count);
    if (good) {
        struct overlay *overlay = write_overlay(&plan);
        overlay->copied = (old->overlay ? old->overlay->copied : 0) + plan.count;
        image_look_at(image, old->base);
        image->block = block_hold(old->block);
        count_all(&plan, names, count, overlay);
        image_lay_over(image, overlay);
    }
    free(plan.list);
    arena_free(&plan.arena);
    return good;
}
