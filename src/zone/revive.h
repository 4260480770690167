// A zone from history: its base, and the changes since.
#pragma once

#include <stdint.h>

#include "base/hash.h"
#include "zone/history.h"
#include "zone/zone.h"

struct revived {
    struct zone *zone;    // one holder; NULL: history has no version, or none that can be read
    struct buffer source; // of a zone with a file: that file as it was last read, packed
    int64_t refreshed_s;  // as in struct history_version
};

struct revival {
    struct history *history;
    struct history_zone name;
    const char *path; // the zone's file; "": it has none
    const struct hash_key *secret;
    struct report *report; // for what is wrong with a version that cannot be read
};
// The caller frees `source`.
void zone_revive(const struct revival *revival, struct revived *revived) __attribute__((nonnull));

// The records of a zone in canonical order; rdata are looked at in its image.
void zone_records(const struct zone *zone, const struct hash_key *secret, struct records *records)
    __attribute__((nonnull));
// The same packed.
void zone_pack(const struct zone *zone, const struct hash_key *secret, struct buffer *to)
    __attribute__((nonnull));
