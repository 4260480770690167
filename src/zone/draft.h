// A zone being changed: the names that differ from its image, copied when they are first looked at.
// The image itself stays as it is, and as it is served.
//
//     draft_begin(&draft, origin, image, secret)
//     draft_look(&draft, name)                     what is there now
//     draft_add(), draft_remove() ...              what a name had before is kept
//     draft_take(&draft, &diff)                    what was changed since the last time; or
//     draft_undo(&draft)                           takes that back
//     draft_write(&draft, &records)                the whole new version
//     draft_free(&draft)
//
// One thread's. It knows no rules but those of a list of records: what may be changed and what a
// zone must have is for UPDATE (transfer/update.h), for check.h and for others to say.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "dns/name.h"
#include "zone/diff.h"
#include "zone/image.h"
#include "zone/records.h"

struct zone;

struct draft_name {
    struct name name; // in the draft's memory; case as it was seen first
    uint64_t hash;
    struct record *list; // what is there now, in no order, each record once
    size_t count, room;
    bool touched;         // changed at any time; it may be the same again
    bool changed;         // since the last draft_take; then
    struct record *saved; // what was there before
    size_t saved_count;
};

struct draft {
    const struct image *image; // NULL: there was no zone
    uint8_t origin_wire[NAME_OCTETS_MAX];
    struct name origin;
    const struct hash_key *secret;
    struct arena arena;
    struct draft_name *names;
    size_t count, room;
    uint32_t *places; // [hash]: index and one of a name; 0: none
    size_t place_count;
    uint32_t *hashed; // the same for the image's NSEC3 owners: number and one; NULL: not built
    size_t hashed_count;
    uint32_t *changed; // indexes of names, since the last draft_take
    size_t changed_count, changed_room;
};

// The image and the secret, by which it was built, must outlive the draft.
void draft_begin(struct draft *draft, struct name origin, const struct image *image,
                 const struct hash_key *secret) __attribute__((nonnull(1, 4)));
void draft_free(struct draft *draft) __attribute__((nonnull));

// All records at a name at or below the origin; good until the next change or look. With no records
// the name exists, if at all, as an empty non-terminal.
const struct draft_name *draft_look(struct draft *draft, struct name name)
    __attribute__((nonnull, returns_nonnull));
// The records of one type at a name; their number.
size_t draft_count(struct draft *draft, struct name name, uint16_t type) __attribute__((nonnull));
// The SOA at the origin; NULL: none.
const struct record *draft_soa(struct draft *draft) __attribute__((nonnull));

// The record is copied. False: it is there already, with this TTL. Another TTL counts for all
// records of its RRset (RFC 2136 3.4.2.2, RFC 2181 5.2).
bool draft_add(struct draft *draft, const struct record *record) __attribute__((nonnull));
// The record with this owner, type and rdata, whatever its TTL. False: it is not there.
bool draft_remove(struct draft *draft, const struct record *record) __attribute__((nonnull));
// All of a type at a name; how many there were.
size_t draft_remove_rrset(struct draft *draft, struct name name, uint16_t type)
    __attribute__((nonnull));
// Puts another serial into the SOA, which is there.
void draft_set_serial(struct draft *draft, uint32_t serial) __attribute__((nonnull));

// What was changed since the last draft_take; begun by the callee, settled.
void draft_take(struct draft *draft, struct diff *diff) __attribute__((nonnull));
void draft_undo(struct draft *draft) __attribute__((nonnull));

// The zone that follows the one whose image this is, at the cost of what was changed: with all
// other names as they were. NULL: it has to be made whole, or it is no zone (zone_make says why).
struct zone *draft_zone(struct draft *draft, const struct zone *old)
    __attribute__((nonnull, warn_unused_result));
// The new version's records into a list that was begun, in no order. Rdata of names that were not
// changed are looked at in the image.
void draft_write(struct draft *draft, struct records *records) __attribute__((nonnull));
