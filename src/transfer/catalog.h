// Catalog zones (RFC 9432): lists of zones that are zones themselves, and travel as such.
//
//     version.CATZ                 TXT "2"
//     <id>.zones.CATZ              PTR example.test.      a member
//     group.<id>.zones.CATZ        TXT "signed"           any number of them
//     coo.<id>.zones.CATZ          PTR other-catalog.     whose it may become
//
// A consumer reads the old and the new version and is told what is different; a producer makes the
// records of its list:
//
//     result = catalog_read(&new, image, CATALOG_MEMBERS_MAX, &at)     not CATALOG_GOOD: nothing
//     catalog_changes_begin(&changes, &old, &new)                      changes (5.1)
//     while (catalog_changes_next(&changes))
//         changes.kind, changes.before, changes.after
//
//     catalog_add(&catalog, &entry)                   for each
//     catalog_sort(&catalog)
//     catalog_compose(&catalog, origin, serial, &records)
//
// Nothing here knows which zones are served: whether a name is another's already (5.2) is for
// whoever does. All memory is the catalog's own; the image may go.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "dns/name.h"
#include "zone/image.h"
#include "zone/records.h"

struct catalog_member {
    const uint8_t *zone;    // its name, wire, folded
    const uint8_t *id;      // a label, folded: its length, its octets
    const uint8_t *coo;     // the catalog that may have it, wire, folded; NULL: none
    const uint8_t **groups; // lengths and octets, in canonical order
    uint16_t group_count;
    uint8_t zone_size, zone_labels;
};
static inline struct name catalog_zone(const struct catalog_member *member)
{
    return (struct name){member->zone, member->zone_size, member->zone_labels};
}

// All zero: none.
struct catalog {
    struct catalog_member *members; // by their zones' names in canonical order, each name once
    size_t count, room;
    struct arena memory;
};
void catalog_free(struct catalog *catalog) __attribute__((nonnull));
// NULL: this zone is no member.
const struct catalog_member *catalog_find(const struct catalog *catalog, struct name zone)
    __attribute__((nonnull(1)));

// --- reading

enum catalog_result {
    CATALOG_GOOD,
    // All others are broken catalogs (RFC 9432 5.1).
    CATALOG_NO_VERSION,
    CATALOG_MANY_VERSIONS,
    CATALOG_OTHER_VERSION,
    CATALOG_MANY_ZONES,  // at one member node
    CATALOG_MANY_OWNERS, // in one coo property
    CATALOG_ZONE_TWICE,  // at two member nodes
    CATALOG_TOO_LARGE,   // more members than `members_max`
};
// What is wrong, behind the name where it is: "... has more than one PTR record".
const char *catalog_words(enum catalog_result result);

// Where it is.
struct catalog_place {
    struct name name; // in `wire`
    uint8_t wire[NAME_OCTETS_MAX];
};

// Reads the list of a zone. Records that mean nothing here are passed over (RFC 9432 3). Unless it
// is GOOD, the catalog is empty and `at` is set.
enum catalog_result catalog_read(struct catalog *catalog, const struct image *image,
                                 size_t members_max, struct catalog_place *at)
    __attribute__((nonnull, warn_unused_result));

// --- what is different

enum catalog_change {
    CATALOG_ADDED,
    CATALOG_REMOVED, // with all that is known of the zone (5.3)
    CATALOG_RESET,   // its id is another: removed and added (5.4)
    CATALOG_CHANGED, // its groups or its coo
};

// A cursor through two versions of one catalog, which must outlive it. In the order of names; of a
// member there is at most one change.
struct catalog_changes {
    enum catalog_change kind;
    const struct catalog_member *before, *after; // NULL where it was not or is not there
    // Where it is.
    const struct catalog *old, *new;
    size_t old_at, new_at;
};
void catalog_changes_begin(struct catalog_changes *changes, const struct catalog *old,
                           const struct catalog *new) __attribute__((nonnull));
// False: there is no more.
bool catalog_changes_next(struct catalog_changes *changes)
    __attribute__((nonnull, warn_unused_result));

// What becomes of a zone that we have from one catalog and that another lists too (4.3.1).
enum catalog_move {
    CATALOG_STAYS,        // a clash: the first catalog did not say that the other may have it
    CATALOG_MOVES,        // as it is, for its id is the same
    CATALOG_MOVES_AFRESH, // and is reset
};
enum catalog_move catalog_move(const struct catalog *from, const struct catalog_member *wanted,
                               struct name to) __attribute__((nonnull(1, 2)));

// --- making one

struct catalog_entry {
    struct name zone;
    uint32_t epoch;            // another one gives another id, which resets the zone everywhere
    const char *const *groups; // each of at most 255 octets
    size_t group_count;
    const struct name *coo; // NULL: none
};
// The id is made of the name and the epoch: the same at each start, and on each machine.
void catalog_add(struct catalog *catalog, const struct catalog_entry *entry)
    __attribute__((nonnull));
// Behind the last catalog_add. False: a zone is there twice, and the catalog can only be freed.
bool catalog_sort(struct catalog *catalog) __attribute__((nonnull, warn_unused_result));

// All records of the catalog's zone, sorted and as good as checked, into `records`, which
// records_begin has not seen. False: the zone's name is too long for names below it.
bool catalog_compose(const struct catalog *catalog, struct name origin, uint32_t serial,
                     struct records *records) __attribute__((nonnull(1, 4), warn_unused_result));
