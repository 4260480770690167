// Catalog zones (catalog.h).
//
// An image is walked in canonical order, where a member's properties stand right behind its node:
// one pass, and only the last member is ever looked back at.
//
//   CATZ | x.ext | version | zones | <id>.zones | coo.<id> | x.ext.<id> | group.<id> | <id2> ...
#include "transfer/catalog.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/memory.h"
#include "crypto/digest.h"
#include "dns/encode.h"
#include "dns/type.h"
#include "zone/walk.h"

#define ID_OCTETS 16 // of a digest: no two of a million zones have the same

// --- the list ------------------------------------------------------------------------------------

void catalog_free(struct catalog *catalog)
{
    free(catalog->members);
    arena_free(&catalog->memory);
    *catalog = (struct catalog){0};
}

static const uint8_t *keep_name(struct catalog *catalog, struct name name)
{
    uint8_t folded[NAME_OCTETS_MAX];
    return arena_copy(&catalog->memory, name_fold(name, folded).wire, name.size);
}

static struct catalog_member *add_member(struct catalog *catalog, struct name zone)
{
    catalog->members =
        memory_grow(catalog->members, &catalog->room, catalog->count + 1, sizeof *catalog->members);
    struct catalog_member *member = &catalog->members[catalog->count++];
    *member = (struct catalog_member){
        .zone = keep_name(catalog, zone), .zone_size = zone.size, .zone_labels = zone.labels};
    return member;
}

static int compare_zones(const void *a, const void *b)
{
    return name_compare(catalog_zone(a), catalog_zone(b));
}

// The first that has the name of the one before it, or NULL.
static const struct catalog_member *find_double(const struct catalog *catalog)
{
    for (size_t i = 1; i < catalog->count; i++)
        if (compare_zones(&catalog->members[i - 1], &catalog->members[i]) == 0)
            return &catalog->members[i];
    return NULL;
}

bool catalog_sort(struct catalog *catalog)
{
    if (catalog->count)
        qsort(catalog->members, catalog->count, sizeof *catalog->members, compare_zones);
    return !find_double(catalog);
}

const struct catalog_member *catalog_find(const struct catalog *catalog, struct name zone)
{
    struct catalog_member wanted = {
        .zone = zone.wire, .zone_size = zone.size, .zone_labels = zone.labels};
    return catalog->count ? bsearch(&wanted, catalog->members, catalog->count,
                                    sizeof *catalog->members, compare_zones)
                          : NULL;
}

static bool same_label(const uint8_t *a, const uint8_t *b)
{
    return memcmp(a, b, 1u + a[0]) == 0; // their lengths are the first octets
}

// --- reading -------------------------------------------------------------------------------------

struct reading {
    struct catalog *catalog;
    struct name origin;
    size_t members_max;
    bool has_version;
    struct catalog_place *at;
};

const char *catalog_words(enum catalog_result result)
{
    switch (result) {
    case CATALOG_GOOD: return "is a catalog";
    case CATALOG_NO_VERSION: return "has no TXT record, so this is no catalog";
    case CATALOG_MANY_VERSIONS: return "has more than one TXT record";
    case CATALOG_OTHER_VERSION: return "does not say version 2, the one that is known";
    case CATALOG_MANY_ZONES: return "has more than one PTR record";
    case CATALOG_MANY_OWNERS: return "has more than one PTR record";
    case CATALOG_ZONE_TWICE: return "is a member that another node has too";
    case CATALOG_TOO_LARGE: return "is one member too many";
    }
    return "is no catalog";
}

static void set_place(struct catalog_place *at, struct name name)
{
    memcpy(at->wire, name.wire, name.size);
    at->name = (struct name){at->wire, name.size, name.labels};
}

static enum catalog_result say(const struct reading *reading, enum catalog_result result,
                               struct name name)
{
    set_place(reading->at, name);
    return result;
}

// The label `index` of a folded name.
static const uint8_t *label_at(struct name name, unsigned index)
{
    return name_suffix(name, name.labels - index).wire;
}

static bool label_is(const uint8_t *label, const char *word)
{
    return label[0] == strlen(word) && memcmp(label + 1, word, label[0]) == 0;
}

// RFC 9432 4.2.1: one record, and it says "2".
static enum catalog_result read_version(struct reading *reading, struct name owner,
                                        const struct rrset *rrset)
{
    if (rrset->count != 1)
        return say(reading, CATALOG_MANY_VERSIONS, owner);
    if (rrset_rdata_size(rrset->body) != 2 || !label_is(rrset_rdata(rrset->body), "2"))
        return say(reading, CATALOG_OTHER_VERSION, owner);
    reading->has_version = true;
    return CATALOG_GOOD;
}

// RFC 9432 4.1
static enum catalog_result read_member(struct reading *reading, struct name owner,
                                       const struct rrset *rrset)
{
    struct catalog *catalog = reading->catalog;
    if (rrset->count != 1)
        return say(reading, CATALOG_MANY_ZONES, owner);
    if (catalog->count == reading->members_max)
        return say(reading, CATALOG_TOO_LARGE, owner);
    struct catalog_member *member = add_member(catalog, name_trust(rrset_rdata(rrset->body)));
    member->id = arena_copy(&catalog->memory, owner.wire, 1u + owner.wire[0]);
    return CATALOG_GOOD;
}

// RFC 9432 4.3.1
static enum catalog_result read_coo(struct reading *reading, struct catalog_member *member,
                                    struct name owner, const struct rrset *rrset)
{
    if (rrset->count != 1)
        return say(reading, CATALOG_MANY_OWNERS, owner);
    member->coo = keep_name(reading->catalog, name_trust(rrset_rdata(rrset->body)));
    return CATALOG_GOOD;
}

// RFC 9432 4.3.2: values that are not understood are ignored, and of several strings none is.
static void read_groups(struct catalog *catalog, struct catalog_member *member,
                        const struct rrset *rrset)
{
    const uint8_t *entry = rrset->body;
    member->groups = arena_get(&catalog->memory, rrset->count * sizeof *member->groups);
    for (unsigned i = 0; i < rrset->count; i++, entry = rrset_next(entry)) {
        const uint8_t *text = rrset_rdata(entry);
        if (rrset_rdata_size(entry) == 1u + text[0])
            member->groups[member->group_count++] =
                arena_copy(&catalog->memory, text, 1u + text[0]);
    }
}

static enum catalog_result read_property(struct reading *reading, struct name owner,
                                         const struct rrset *rrset)
{
    struct catalog *catalog = reading->catalog;
    struct catalog_member *last = catalog->count ? &catalog->members[catalog->count - 1] : NULL;
    if (!last || !same_label(last->id, label_at(owner, 1)))
        return CATALOG_GOOD; // a node without a zone
    if (rrset->type == TYPE_PTR && label_is(owner.wire, "coo"))
        return read_coo(reading, last, owner, rrset);
    if (rrset->type == TYPE_TXT && label_is(owner.wire, "group"))
        read_groups(catalog, last, rrset);
    return CATALOG_GOOD;
}

static enum catalog_result read_rrset(struct reading *reading, struct name owner,
                                      const struct rrset *rrset)
{
    unsigned depth = owner.labels - reading->origin.labels;
    if (rrset->count == 0) // signatures alone
        return CATALOG_GOOD;
    if (depth == 1 && rrset->type == TYPE_TXT && label_is(owner.wire, "version"))
        return read_version(reading, owner, rrset);
    if (depth == 2 && rrset->type == TYPE_PTR && label_is(label_at(owner, 1), "zones"))
        return read_member(reading, owner, rrset);
    if (depth == 3 && label_is(label_at(owner, 2), "zones"))
        return read_property(reading, owner, rrset);
    return CATALOG_GOOD;
}

static enum catalog_result read_all(struct reading *reading, const struct image *image)
{
    struct image_walk walk;
    image_walk_begin(&walk, image);
    while (image_walk_next(&walk)) {
        uint8_t folded[NAME_OCTETS_MAX];
        struct name owner = name_fold(walk.owner, folded);
        enum catalog_result result = read_rrset(reading, owner, walk.rrset);
        if (result != CATALOG_GOOD)
            return result;
    }
    if (!reading->has_version) {
        uint8_t wire[NAME_OCTETS_MAX];
        struct name version = name_trust((const uint8_t *)"\7version"), whole;
        bool fits = name_join(version, 1, reading->origin, wire, &whole);
        return say(reading, CATALOG_NO_VERSION, fits ? whole : reading->origin);
    }
    if (!catalog_sort(reading->catalog))
        return say(reading, CATALOG_ZONE_TWICE, catalog_zone(find_double(reading->catalog)));
    return CATALOG_GOOD;
}

enum catalog_result catalog_read(struct catalog *catalog, const struct image *image,
                                 size_t members_max, struct catalog_place *at)
{
    *catalog = (struct catalog){0};
    struct reading reading = {
        .catalog = catalog, .origin = image_origin(image), .members_max = members_max, .at = at};
    enum catalog_result result = read_all(&reading, image);
    if (result != CATALOG_GOOD)
        catalog_free(catalog);
    return result;
}

// --- what is different ---------------------------------------------------------------------------

void catalog_changes_begin(struct catalog_changes *changes, const struct catalog *old,
                           const struct catalog *new)
{
    *changes = (struct catalog_changes){.old = old, .new = new};
}

static bool same_coo(const struct catalog_member *a, const struct catalog_member *b)
{
    if (!a->coo || !b->coo)
        return a->coo == b->coo;
    return name_equal(name_trust(a->coo), name_trust(b->coo));
}

static bool same_groups(const struct catalog_member *a, const struct catalog_member *b)
{
    if (a->group_count != b->group_count)
        return false;
    for (unsigned i = 0; i < a->group_count; i++)
        if (!same_label(a->groups[i], b->groups[i]))
            return false;
    return true;
}

static const struct catalog_member *member_at(const struct catalog *catalog, size_t index)
{
    return index < catalog->count ? &catalog->members[index] : NULL;
}

// Takes the next name of either. True: `kind` is what has changed about it.
static bool step(struct catalog_changes *changes)
{
    const struct catalog_member *before = member_at(changes->old, changes->old_at);
    const struct catalog_member *after = member_at(changes->new, changes->new_at);
    int order = !before ? 1 : !after ? -1 : compare_zones(before, after);
    changes->before = order <= 0 ? before : NULL;
    changes->after = order >= 0 ? after : NULL;
    changes->old_at += order <= 0;
    changes->new_at += order >= 0;
    if (order != 0) {
        changes->kind = order < 0 ? CATALOG_REMOVED : CATALOG_ADDED;
        return true;
    }
    changes->kind = same_label(before->id, after->id) ? CATALOG_CHANGED : CATALOG_RESET;
    return changes->kind == CATALOG_RESET || !same_coo(before, after) ||
           !same_groups(before, after);
}

bool catalog_changes_next(struct catalog_changes *changes)
{
    while (changes->old_at < changes->old->count || changes->new_at < changes->new->count)
        if (step(changes))
            return true;
    return false;
}

enum catalog_move catalog_move(const struct catalog *from, const struct catalog_member *wanted,
                               struct name to)
{
    const struct catalog_member *had = catalog_find(from, catalog_zone(wanted));
    if (!had || !had->coo || !name_equal(name_trust(had->coo), to))
        return CATALOG_STAYS;
    return same_label(had->id, wanted->id) ? CATALOG_MOVES : CATALOG_MOVES_AFRESH;
}

// --- making one ----------------------------------------------------------------------------------

// A label of 26 digits of base32hex in lower case.
static const uint8_t *make_id(struct catalog *catalog, const struct catalog_member *member,
                              uint32_t epoch)
{
    uint8_t octets[NAME_OCTETS_MAX + 4], digest[DIGEST_SIZE_MAX];
    struct buffer text = {0};
    memcpy(octets, member->zone, member->zone_size);
    bytes_put32(octets + member->zone_size, epoch);
    digest_once(DIGEST_SHA256, octets, member->zone_size + 4u, digest);
    encode_base32hex(digest, ID_OCTETS, &text);
    uint8_t *label = arena_get(&catalog->memory, 1 + text.size);
    label[0] = (uint8_t)text.size;
    for (size_t i = 0; i < text.size; i++)
        label[1 + i] = (uint8_t)tolower((unsigned char)text.text[i]);
    buffer_free(&text);
    return label;
}

static int compare_texts(const void *a, const void *b)
{
    const uint8_t *const *text = a, *const *other = b;
    size_t least = (*text)[0] < (*other)[0] ? (*text)[0] : (*other)[0];
    return memcmp(*text, *other, 1 + least); // RFC 4034 6.3: the length is the first octet
}

static void add_groups(struct catalog *catalog, struct catalog_member *member,
                       const struct catalog_entry *entry)
{
    assert(entry->group_count <= UINT16_MAX);
    member->groups = arena_get(&catalog->memory, entry->group_count * sizeof *member->groups);
    for (size_t i = 0; i < entry->group_count; i++) {
        size_t size = strlen(entry->groups[i]);
        assert(size <= UINT8_MAX);
        uint8_t *text = arena_get(&catalog->memory, 1 + size);
        text[0] = (uint8_t)size;
        memcpy(text + 1, entry->groups[i], size);
        member->groups[i] = text;
    }
    qsort(member->groups, entry->group_count, sizeof *member->groups, compare_texts);
    for (size_t i = 0; i < entry->group_count; i++) // each once
        if (i == 0 || !same_label(member->groups[i], member->groups[member->group_count - 1]))
            member->groups[member->group_count++] = member->groups[i];
}

void catalog_add(struct catalog *catalog, const struct catalog_entry *entry)
{
    struct catalog_member *member = add_member(catalog, entry->zone);
    member->id = make_id(catalog, member, entry->epoch);
    if (entry->group_count)
        add_groups(catalog, member, entry);
    if (entry->coo)
        member->coo = keep_name(catalog, *entry->coo);
}

// RFC 9432 3 names the fields of an SOA that nobody asks for, but for "invalid." as its servers.
#define INVALID   "\7invalid"
#define REFRESH_S 3600
#define RETRY_S   600
#define EXPIRE_S  2147483646

static void put(struct records *records, struct name owner, uint16_t type, const void *rdata,
                size_t size)
{
    struct record *record = records_add(records);
    *record = (struct record){.owner = arena_copy(&records->arena, owner.wire, owner.size),
                              .owner_size = owner.size,
                              .owner_labels = owner.labels,
                              .type = type,
                              .rdata = arena_copy(&records->arena, rdata, size),
                              .rdata_size = (uint16_t)size};
}

static void put_apex(struct records *records, struct name origin, uint32_t serial)
{
    uint8_t soa[2 * sizeof INVALID + 20] = INVALID "\0" INVALID;
    uint8_t *numbers = soa + 2 * sizeof INVALID;
    bytes_put32(numbers, serial);
    bytes_put32(numbers + 4, REFRESH_S);
    bytes_put32(numbers + 8, RETRY_S);
    bytes_put32(numbers + 12, EXPIRE_S);
    bytes_put32(numbers + 16, 0);
    put(records, origin, TYPE_SOA, soa, sizeof soa);
    put(records, origin, TYPE_NS, INVALID, sizeof INVALID);
}

// `label` in front of a name. False: over 255 octets.
static bool prefix(const uint8_t *label, struct name name, uint8_t wire[static NAME_OCTETS_MAX],
                   struct name *whole)
{
    return name_join((struct name){label, (uint8_t)(1 + label[0]), 1}, 1, name, wire, whole);
}

static bool put_member(struct records *records, struct name zones,
                       const struct catalog_member *member)
{
    uint8_t node_wire[NAME_OCTETS_MAX], wire[NAME_OCTETS_MAX];
    struct name node, property;
    if (!prefix(member->id, zones, node_wire, &node))
        return false;
    put(records, node, TYPE_PTR, member->zone, member->zone_size);
    if (member->coo) {
        if (!prefix((const uint8_t *)"\3coo", node, wire, &property))
            return false;
        put(records, property, TYPE_PTR, member->coo, name_trust(member->coo).size);
    }
    if (member->group_count && !prefix((const uint8_t *)"\5group", node, wire, &property))
        return false;
    for (unsigned i = 0; i < member->group_count; i++)
        put(records, property, TYPE_TXT, member->groups[i], 1u + member->groups[i][0]);
    return true;
}

bool catalog_compose(const struct catalog *catalog, struct name origin, uint32_t serial,
                     struct records *records)
{
    uint8_t version_wire[NAME_OCTETS_MAX], zones_wire[NAME_OCTETS_MAX];
    struct name version, zones;
    records_begin(records, origin);
    put_apex(records, origin, serial);
    bool good = prefix((const uint8_t *)"\7version", origin, version_wire, &version) &&
                prefix((const uint8_t *)"\5zones", origin, zones_wire, &zones);
    if (good)
        put(records, version, TYPE_TXT,
            "\1"
            "2",
            2);
    for (size_t i = 0; good && i < catalog->count; i++)
        good = put_member(records, zones, &catalog->members[i]);
    if (good)
        records_sort(records);
    else
        records_free(records);
    return good;
}
