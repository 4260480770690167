// Zones being changed (draft.h): a table of names by hash; a name that was looked at has all its
// records here, and what the image has of it no longer counts.
#include "zone/draft.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/memory.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "zone/chain.h"
#include "zone/check.h"
#include "zone/overlay.h"
#include "zone/walk.h"
#include "zone/zone.h"

#define PLACES_FIRST 64 // a power of two, as every size of the table

void draft_begin(struct draft *draft, struct name origin, const struct image *image,
                 const struct hash_key *secret)
{
    *draft = (struct draft){.image = image, .secret = secret};
    draft->origin = name_fold(origin, draft->origin_wire);
    draft->place_count = PLACES_FIRST;
    draft->places = memory_get_zeroed(draft->place_count, sizeof *draft->places);
}

void draft_free(struct draft *draft)
{
    for (size_t i = 0; i < draft->count; i++) {
        free(draft->names[i].list);
        free(draft->names[i].saved);
    }
    free(draft->names);
    free(draft->places);
    free(draft->hashed);
    free(draft->changed);
    arena_free(&draft->arena);
    *draft = (struct draft){0};
}

// --- the table -----------------------------------------------------------------------------------

static uint32_t *find_place(const struct draft *draft, uint64_t hash, struct name name)
{
    size_t at = hash & (draft->place_count - 1);
    for (;; at = (at + 1) & (draft->place_count - 1)) {
        uint32_t *place = &draft->places[at];
        if (*place == 0 || (draft->names[*place - 1].hash == hash &&
                            name_equal(draft->names[*place - 1].name, name)))
            return place;
    }
}

static void grow_places(struct draft *draft)
{
    free(draft->places);
    draft->place_count *= 2;
    draft->places = memory_get_zeroed(draft->place_count, sizeof *draft->places);
    for (size_t i = 0; i < draft->count; i++)
        *find_place(draft, draft->names[i].hash, draft->names[i].name) = (uint32_t)i + 1;
}

// --- what the image has --------------------------------------------------------------------------

static void copy_rrset(struct draft *draft, struct draft_name *entry, const struct rrset *rrset)
{
    const uint8_t *at = rrset->body;
    uint32_t total = (uint32_t)rrset->count + rrset->signatures;
    entry->list = memory_grow(entry->list, &entry->room, entry->count + total, sizeof *entry->list);
    for (uint32_t i = 0; i < total; i++, at = rrset_next(at))
        entry->list[entry->count++] = (struct record){
            .owner = entry->name.wire,
            .owner_size = entry->name.size,
            .owner_labels = entry->name.labels,
            .type = i < rrset->count ? rrset->type : TYPE_RRSIG,
            .ttl = rrset->ttl,
            .rdata = arena_copy(&draft->arena, rrset_rdata(at), rrset_rdata_size(at)),
            .rdata_size = rrset_rdata_size(at),
        };
}

static void copy_node(struct draft *draft, struct draft_name *entry, const struct node *node)
{
    const struct rrset *rrset = node->rrsets ? node_first_rrset(draft->image, node) : NULL;
    for (unsigned i = 0; i < node->rrsets; i++) {
        if (i)
            rrset = node_next_rrset(draft->image, node, rrset);
        copy_rrset(draft, entry, rrset);
    }
}

// NSEC3 owners are found by no bucket of the image (image.h), so they get a table of their own, the
// first time that somebody asks.
static void build_hashed(struct draft *draft, const struct image_chain *chain)
{
    uint8_t storage[NAME_OCTETS_MAX];
    struct name_key key;
    draft->hashed_count = PLACES_FIRST;
    while (draft->hashed_count < (size_t)chain->nsec3s * 2)
        draft->hashed_count *= 2;
    draft->hashed = memory_get_zeroed(draft->hashed_count, sizeof *draft->hashed);
    const struct node *node = image_node(draft->image, chain->first_nsec3);
    for (uint32_t i = 0; i < chain->nsec3s; i++, node = image_node_after(node)) {
        name_key_make(node_name(draft->image, node, storage), draft->secret, &key);
        size_t at = key.hash[key.labels] & (draft->hashed_count - 1);
        while (draft->hashed[at])
            at = (at + 1) & (draft->hashed_count - 1);
        draft->hashed[at] = (uint32_t)(((const uint8_t *)node - draft->image->base) / 4);
    }
}

static const struct node *find_hashed(struct draft *draft, const struct name_key *key)
{
    const struct image_chain *chain = image_chain(draft->image);
    uint8_t storage[NAME_OCTETS_MAX];
    if (!chain || chain->nsec3s == 0)
        return NULL;
    if (!draft->hashed)
        build_hashed(draft, chain);
    size_t at = key->hash[key->labels] & (draft->hashed_count - 1);
    for (; draft->hashed[at]; at = (at + 1) & (draft->hashed_count - 1)) {
        const struct node *node = image_node(draft->image, draft->hashed[at]);
        if (name_equal(node_name(draft->image, node, storage), name_key_suffix(key, key->labels)))
            return node;
    }
    return NULL;
}

// The case of the names that a zone has is the zone's.
static void take_name(struct draft *draft, struct draft_name *entry, struct name name)
{
    entry->name = name;
    entry->name.wire = arena_copy(&draft->arena, name.wire, name.size);
}

static struct draft_name *load(struct draft *draft, struct name name, const struct name_key *key)
{
    uint8_t storage[NAME_OCTETS_MAX];
    draft->names = memory_grow(draft->names, &draft->room, draft->count + 1, sizeof *draft->names);
    struct draft_name *entry = &draft->names[draft->count++];
    *entry = (struct draft_name){.hash = key->hash[key->labels]};
    const struct node *node = draft->image ? image_find(draft->image, key, key->labels) : NULL;
    const struct node *hashed = draft->image ? find_hashed(draft, key) : NULL;
    if (node || hashed)
        name = node_name(draft->image, node ? node : hashed, storage);
    take_name(draft, entry, name);
    if (node)
        copy_node(draft, entry, node);
    if (hashed)
        copy_node(draft, entry, hashed);
    return entry;
}

static struct draft_name *look(struct draft *draft, struct name name)
{
    struct name_key key;
    assert(name_is_within(name, draft->origin));
    name_key_make(name, draft->secret, &key);
    uint32_t *place = find_place(draft, key.hash[key.labels], name);
    if (*place)
        return &draft->names[*place - 1];
    struct draft_name *entry = load(draft, name, &key);
    *place = (uint32_t)draft->count;
    if (draft->count * 2 > draft->place_count)
        grow_places(draft);
    return entry;
}

const struct draft_name *draft_look(struct draft *draft, struct name name)
{
    return look(draft, name);
}

size_t draft_count(struct draft *draft, struct name name, uint16_t type)
{
    const struct draft_name *entry = look(draft, name);
    size_t count = 0;
    for (size_t i = 0; i < entry->count; i++)
        count += entry->list[i].type == type;
    return count;
}

const struct record *draft_soa(struct draft *draft)
{
    const struct draft_name *apex = look(draft, draft->origin);
    for (size_t i = 0; i < apex->count; i++)
        if (apex->list[i].type == TYPE_SOA)
            return &apex->list[i];
    return NULL;
}

// --- changes -------------------------------------------------------------------------------------

// Before a name is changed: what it had, once.
static void save(struct draft *draft, struct draft_name *entry)
{
    if (entry->changed)
        return;
    entry->saved = memory_get((entry->count + 1) * sizeof *entry->saved);
    if (entry->count)
        memcpy(entry->saved, entry->list, entry->count * sizeof *entry->saved);
    entry->saved_count = entry->count;
    entry->changed = entry->touched = true;
    draft->changed = memory_grow(draft->changed, &draft->changed_room, draft->changed_count + 1,
                                 sizeof *draft->changed);
    draft->changed[draft->changed_count++] = (uint32_t)(entry - draft->names);
}

static void put(struct draft_name *entry, const struct record *record)
{
    entry->list = memory_grow(entry->list, &entry->room, entry->count + 1, sizeof *entry->list);
    entry->list[entry->count++] = *record;
}

static void drop(struct draft_name *entry, size_t index)
{
    entry->list[index] = entry->list[--entry->count];
}

static size_t find_record(const struct draft_name *entry, const struct record *record)
{
    for (size_t i = 0; i < entry->count; i++)
        if (diff_same(&entry->list[i], record))
            return i;
    return entry->count;
}

static bool is_of_rrset(const struct record *record, const struct record *other)
{
    return record->type == other->type &&
           (record->type != TYPE_RRSIG || bytes_get16(record->rdata) == bytes_get16(other->rdata));
}

bool draft_add(struct draft *draft, const struct record *record)
{
    struct draft_name *entry = look(draft, record_owner(record));
    size_t index = find_record(entry, record);
    if (index < entry->count && entry->list[index].ttl == record->ttl)
        return false;
    save(draft, entry);
    if (index == entry->count) {
        struct record copy = *record;
        copy.owner = entry->name.wire;
        copy.rdata = arena_copy(&draft->arena, record->rdata, record->rdata_size);
        copy.line = copy.file = 0;
        put(entry, &copy);
    }
    for (size_t i = 0; i < entry->count; i++)
        if (is_of_rrset(&entry->list[i], record))
            entry->list[i].ttl = record->ttl;
    return true;
}

bool draft_remove(struct draft *draft, const struct record *record)
{
    struct draft_name *entry = look(draft, record_owner(record));
    size_t index = find_record(entry, record);
    if (index == entry->count)
        return false;
    save(draft, entry);
    drop(entry, index);
    return true;
}

size_t draft_remove_rrset(struct draft *draft, struct name name, uint16_t type)
{
    struct draft_name *entry = look(draft, name);
    size_t removed = draft_count(draft, name, type);
    if (removed == 0)
        return 0;
    save(draft, entry);
    for (size_t i = entry->count; i-- > 0;)
        if (entry->list[i].type == type)
            drop(entry, i);
    return removed;
}

void draft_set_serial(struct draft *draft, uint32_t serial)
{
    const struct record *soa = draft_soa(draft);
    assert(soa && soa->rdata_size >= 22);
    struct record newer = *soa;
    uint8_t *rdata = arena_copy(&draft->arena, soa->rdata, soa->rdata_size);
    bytes_put32(rdata + soa->rdata_size - 20, serial);
    newer.rdata = rdata;
    draft_remove_rrset(draft, draft->origin, TYPE_SOA);
    (void)draft_add(draft, &newer);
}

static void forget_saved(struct draft_name *entry)
{
    free(entry->saved);
    entry->saved = NULL;
    entry->saved_count = 0;
    entry->changed = false;
}

void draft_take(struct draft *draft, struct diff *diff)
{
    diff_begin(diff, draft->origin);
    for (size_t i = 0; i < draft->changed_count; i++) {
        struct draft_name *entry = &draft->names[draft->changed[i]];
        for (size_t j = 0; j < entry->saved_count; j++)
            diff_add(&diff->removed, &entry->saved[j]);
        for (size_t j = 0; j < entry->count; j++)
            diff_add(&diff->added, &entry->list[j]);
        forget_saved(entry);
    }
    draft->changed_count = 0;
    diff_settle(diff);
}

void draft_undo(struct draft *draft)
{
    for (size_t i = 0; i < draft->changed_count; i++) {
        struct draft_name *entry = &draft->names[draft->changed[i]];
        free(entry->list);
        entry->list = entry->saved;
        entry->count = entry->saved_count;
        entry->room = entry->saved_count + 1;
        entry->saved = NULL;
        forget_saved(entry);
    }
    draft->changed_count = 0;
}

// --- what follows --------------------------------------------------------------------------------

// Of the apex and of each name that was touched.
static size_t write_touched(struct draft *draft, struct records *records, struct name *names)
{
    const struct draft_name *apex = look(draft, draft->origin);
    size_t count = 0;
    for (size_t i = 0; i < draft->count; i++) {
        const struct draft_name *entry = &draft->names[i];
        if (!entry->touched && entry != apex)
            continue;
        names[count++] = entry->name;
        for (size_t j = 0; j < entry->count; j++)
            diff_add(records, &entry->list[j]);
    }
    return count;
}

// What is wrong with a zone (check.h) is wrong at one name, so the others need not be looked at;
// what is only doubtful is between names, and nobody is told of it here.
static bool build_touched(struct draft *draft, struct records *records, struct image *image)
{
    const struct check_options check = {.strict = false};
    struct report report = {0};
    records_sort(records);
    bool good = records->count > 0 && check_records(records, &check, &report) &&
                image_build(records, draft->secret, image) == 0;
    report_free(&report);
    return good;
}

struct zone *draft_zone(struct draft *draft, const struct zone *old)
{
    struct zone *zone = NULL;
    struct records records;
    struct image fresh, image;
    if (!draft->image || draft->image != &old->image)
        return NULL;
    struct name *names = memory_get((draft->count + 1) * sizeof *names);
    records_begin(&records, draft->origin);
    size_t count = write_touched(draft, &records, names);
    if (overlay_pays(draft->image, count) && build_touched(draft, &records, &fresh)) {
        if (overlay_follow(draft->image, &fresh, names, count, draft->secret, &image)) {
            zone = zone_empty(old->origin, old->path, ZONE_SERVED, NULL);
            zone->image = image;
            zone->loaded_date_s = clock_date_s();
        }
        image_free(&fresh);
    }
    records_free(&records);
    free(names);
    return zone;
}

// --- the whole -----------------------------------------------------------------------------------

static bool is_here(const struct draft *draft, struct name name)
{
    struct name_key key;
    name_key_make(name, draft->secret, &key);
    return *find_place(draft, key.hash[key.labels], name) != 0;
}

static void write_rrset(const struct image_walk *walk, const uint8_t *owner,
                        struct records *records)
{
    const struct rrset *rrset = walk->rrset;
    const uint8_t *at = rrset->body;
    uint32_t total = (uint32_t)rrset->count + rrset->signatures;
    for (uint32_t i = 0; i < total; i++, at = rrset_next(at))
        *records_add(records) = (struct record){
            .owner = owner,
            .owner_size = walk->owner.size,
            .owner_labels = walk->owner.labels,
            .type = i < rrset->count ? rrset->type : TYPE_RRSIG,
            .ttl = rrset->ttl,
            .rdata = rrset_rdata(at),
            .rdata_size = rrset_rdata_size(at),
        };
}

static void write_image(const struct draft *draft, struct records *records)
{
    struct image_walk walk;
    const struct node *node = NULL;
    const uint8_t *owner = NULL;
    bool here = false;
    records_reserve(records, image_records(draft->image));
    image_walk_begin(&walk, draft->image);
    while (image_walk_next(&walk)) {
        if (walk.node != node) {
            node = walk.node;
            here = is_here(draft, walk.owner);
            owner = here ? NULL : arena_copy(&records->arena, walk.owner.wire, walk.owner.size);
        }
        if (!here)
            write_rrset(&walk, owner, records);
    }
}

void draft_write(struct draft *draft, struct records *records)
{
    if (draft->image)
        write_image(draft, records);
    for (size_t i = 0; i < draft->count; i++)
        for (size_t j = 0; j < draft->names[i].count; j++)
            diff_add(records, &draft->names[i].list[j]);
}
