// A version held against another (compare.h).
//
// A record's bit is that of an octet of its node: as many octets from the node's beginning as there
// are records before it. An RRset has more octets than records, and a shared one (NODE_SHARED),
// which stands elsewhere, has the node's head; where that is not enough the record is ODD.
#include "zone/compare.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "dns/type.h"
#include "zone/diff.h"
#include "zone/overlay.h"
#include "zone/walk.h"

struct compare {
    const struct image *image;
    const struct hash_key *secret;
    uint8_t *built, *over; // a bit for each octet of the image, and of the overlay's nodes
};

struct compare *compare_begin(const struct image *image, const struct hash_key *secret)
{
    if (image->head->chain)
        return NULL;
    struct compare *compare = memory_get_zeroed(1, sizeof *compare);
    *compare = (struct compare){.image = image, .secret = secret};
    compare->built = memory_get_zeroed(image->head->size / 8 + 1, 1);
    if (image->overlay)
        compare->over = memory_get_zeroed(image->overlay->size / 8 + 1, 1);
    return compare;
}

void compare_free(struct compare *compare)
{
    if (!compare)
        return;
    free(compare->built);
    free(compare->over);
    free(compare);
}

// The octet and, in *bit, the bit of a node's record. NULL: there is none for so many.
static uint8_t *find_bit(const struct compare *compare, const struct node *node, size_t index,
                         uint8_t *bit)
{
    const uint8_t *at = (const uint8_t *)node;
    const struct overlay *overlay = compare->image->overlay;
    bool over = overlay && at >= overlay->octets && at < overlay->octets + overlay->size;
    size_t octets = (size_t)((const uint8_t *)image_node_after(node) - at);
    if (index >= octets)
        return NULL;
    size_t place = (size_t)(at - (over ? overlay->octets : compare->image->base)) + index;
    *bit = (uint8_t)(1 << place % 8);
    return &(over ? compare->over : compare->built)[place / 8];
}

static struct record record_of(struct name owner, const struct rrset *rrset, const uint8_t *entry)
{
    return (struct record){.owner = owner.wire,
                           .owner_size = owner.size,
                           .owner_labels = owner.labels,
                           .type = rrset->type,
                           .ttl = rrset->ttl,
                           .rdata = rrset_rdata(entry),
                           .rdata_size = rrset_rdata_size(entry)};
}

static bool has_rdata(const struct record *record, const struct rrset *rrset, const uint8_t *entry)
{
    if (record->rdata_size != rrset_rdata_size(entry))
        return false;
    if (memcmp(record->rdata, rrset_rdata(entry), record->rdata_size) == 0)
        return true;
    struct record there = record_of(record_owner(record), rrset, entry);
    return diff_same(record, &there); // in other letters
}

// `index`: of the RRset's first record in the node.
static enum compare_result note_in(struct compare *compare, const struct record *record,
                                   const struct node *node, const struct rrset *rrset, size_t index)
{
    const uint8_t *entry = rrset->body;
    if (rrset->ttl != record->ttl || rrset->signatures)
        return COMPARE_ODD;
    for (unsigned i = 0; i < rrset->count; i++, entry = rrset_next(entry)) {
        uint8_t bit;
        if (!has_rdata(record, rrset, entry))
            continue;
        uint8_t *octet = find_bit(compare, node, index + i, &bit);
        if (!octet)
            return COMPARE_ODD;
        *octet |= bit;
        return COMPARE_SAME;
    }
    return COMPARE_OTHER;
}

enum compare_result compare_note(struct compare *compare, const struct record *record)
{
    struct name_key key;
    if (record->type == TYPE_RRSIG)
        return COMPARE_ODD;
    name_key_make(record_owner(record), compare->secret, &key);
    const struct node *node = image_find(compare->image, &key, key.labels);
    const struct rrset *rrset =
        node && node->rrsets ? node_first_rrset(compare->image, node) : NULL;
    size_t index = 0;
    for (unsigned i = 0; rrset && i < node->rrsets; i++) {
        if (i)
            rrset = node_next_rrset(compare->image, node, rrset);
        if (rrset->type == record->type)
            return note_in(compare, record, node, rrset, index);
        index += (size_t)rrset->count + rrset->signatures;
    }
    return COMPARE_OTHER;
}

void compare_put(const struct compare *compare, bool noted, struct records *to)
{
    struct image_walk walk;
    const struct node *node = NULL;
    size_t index = 0;
    image_walk_begin(&walk, compare->image);
    while (image_walk_next(&walk)) {
        const uint8_t *entry = walk.rrset->body;
        if (walk.node != node)
            index = 0;
        node = walk.node;
        assert(node); // an RRset is one of a name
        for (unsigned i = 0; i < walk.rrset->count; i++, entry = rrset_next(entry)) {
            uint8_t bit;
            const uint8_t *octet = find_bit(compare, node, index + i, &bit);
            bool was_noted = octet && *octet & bit;
            if (was_noted != noted)
                continue;
            struct record record = record_of(walk.owner, walk.rrset, entry);
            diff_add(to, &record);
        }
        index += (size_t)walk.rrset->count + walk.rrset->signatures;
    }
}
