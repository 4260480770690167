// A zone that we serve, and the table of all of them.
//
// A `struct zone` is one version, shared by count between the houses that have it: a reload builds
// new versions of what changed and shares the rest. The table finds the deepest zone above a name
// with one look-up for each depth at which any zone exists.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/report.h"
#include "dns/name.h"
#include "zone/image.h"

enum zone_state {
    ZONE_LOADING, // its file is still being read: SERVFAIL, EDE 14
    ZONE_SERVED,
    ZONE_BROKEN,  // its file could not be read or has errors: SERVFAIL, EDE 14
    ZONE_EXPIRED, // a secondary that lost its primary too long ago: SERVFAIL, EDE 24 (part 5)
};

struct zone {
    atomic_uint holders; // houses (and commands) that have it; the last one frees it
    enum zone_state state;
    uint8_t origin_wire[NAME_OCTETS_MAX];
    struct name origin; // looks at origin_wire
    struct image image; // only with ZONE_SERVED
    char *path;         // the zone file, owned
    // What the file was when it was read; "unchanged" needs all of it and of each $INCLUDE.
    struct zone_source {
        char *path;
        struct timespec modified;
        uint64_t octets, inode, device;
    } * sources;
    size_t source_count;
    uint64_t loaded_date_s; // CLOCK_REALTIME
    uint32_t load_ms;
    bool zonemd;   // its digest was verified
    char *problem; // ZONE_BROKEN: the first error in words, owned
};

struct zone_load_options {
    bool strict; // warnings refuse the zone too
    bool zonemd; // verify its digest (RFC 8976), and refuse it if that fails
    const struct hash_key *secret;
    struct parse_progress *progress; // may be NULL
};

// Reads, checks and packs a zone file. Always gives a zone (state ZONE_SERVED or ZONE_BROKEN, one
// holder); every problem is in `report`.
struct zone *zone_load(struct name origin, const char *path,
                       const struct zone_load_options *options, struct report *report)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
// A zone without content in a given state; `problem` may be NULL. For zones still loading.
struct zone *zone_empty(struct name origin, const char *path, enum zone_state state,
                        const char *problem)
    __attribute__((nonnull(2), returns_nonnull, warn_unused_result));
// True if every file that the zone was read from is as it was then (path, size, times, inode).
bool zone_is_current(const struct zone *zone) __attribute__((nonnull));
struct zone *zone_hold(struct zone *zone) __attribute__((nonnull, returns_nonnull));
void zone_release(struct zone *zone); // NULL is fine

// The table: immutable once built; owned by a house.
struct zones {
    struct zone **list; // sorted by name in canonical order; holds one count of each
    size_t count;
    struct zones_slot {
        uint64_t hash;
        struct zone *zone; // NULL: free
    } * slots;             // open addressing, at most half full
    uint64_t slot_mask;
    uint64_t depths[2]; // bit d: some zone has d labels
    const struct hash_key *secret;
};
// Takes over the list (malloc'ed) and the counts in it. No two zones have one name.
void zones_build(struct zones *zones, struct zone **list, size_t count,
                 const struct hash_key *secret) __attribute__((nonnull(1, 4)));
void zones_free(struct zones *zones) __attribute__((nonnull));
// The deepest zone at or above the suffix of `depth` labels of the name, or NULL.
struct zone *zones_find(const struct zones *zones, const struct name_key *key, unsigned depth)
    __attribute__((nonnull));
// The zone of exactly this name, or NULL.
struct zone *zones_get(const struct zones *zones, struct name origin) __attribute__((nonnull));
