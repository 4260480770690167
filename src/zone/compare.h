// Another version of a zone that comes record by record, held against the one that there is: only
// what differs takes memory, and a bit for each octet of the zone's image.
//
//     compare = compare_begin(image, secret)
//     for each record that comes
//         COMPARE_SAME     the zone has it; that is noted
//         COMPARE_OTHER    it does not, and the caller keeps the record
//         COMPARE_ODD      it cannot be told so: compare_put(true) gives what was noted so far
//     compare_put(compare, false, &removed)      what did not come
//
// Exact, and no trust in what comes: a record that comes twice is noted once, and one that is not
// in the zone is OTHER each time.
#pragma once

#include <stdbool.h>

#include "base/hash.h"
#include "zone/image.h"
#include "zone/records.h"

struct compare;

enum compare_result { COMPARE_SAME, COMPARE_OTHER, COMPARE_ODD };

// The image must outlive it. NULL: it is signed, and is not compared like this.
struct compare *compare_begin(const struct image *image, const struct hash_key *secret)
    __attribute__((nonnull, warn_unused_result));
void compare_free(struct compare *compare); // NULL is fine

// Owner (in any case), type, rdata (in canonical form) and TTL are the same. ODD: the TTL of an
// RRset is another one, which concerns all of its records (RFC 2181 5.2), or the record is a
// signature.
enum compare_result compare_note(struct compare *compare, const struct record *record)
    __attribute__((nonnull, warn_unused_result));
// Copies the zone's records that were noted, or those that were not, into a list that was begun.
void compare_put(const struct compare *compare, bool noted, struct records *to)
    __attribute__((nonnull));
