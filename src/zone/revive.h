// A zone from history: its base, and the changes since.
#pragma once

#include <stdint.h>

#include "base/hash.h"
#include "zone/history.h"
#include "zone/zone.h"

struct revived {
    struct zone *zone;     // one holder; NULL: history has no version, or none that can be read
    struct buffer source;  // of a zone with a file: that file as it was last read, packed
    int64_t refreshed_s;   // as in struct history_version
    size_t since_octets;   // of the changes after the base
    size_t base_octets;
};

// `path` is the zone's file; "": it has none. What is wrong with a version that cannot be read goes
// to the report. The caller frees `source`.
void zone_revive(struct revived *revived, struct history *history, struct history_zone name,
                 const char *path, const struct hash_key *secret, struct report *report)
    __attribute__((nonnull(1, 2, 4, 5, 6)));

// The records of a zone in canonical order; rdata are looked at in its image.
void zone_records(const struct zone *zone, const struct hash_key *secret, struct records *records)
    __attribute__((nonnull));
// The same packed.
void zone_pack(const struct zone *zone, const struct hash_key *secret, struct buffer *to)
    __attribute__((nonnull));
