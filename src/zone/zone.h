// A zone that we serve, and the table of all of them.
//
// A `struct zone` is one version, shared by count between the houses that have it: a reload builds
// new versions of what changed and shares the rest. There may be a million of them, so it is one
// piece of memory with its name and path behind it.
//
// The table finds the deepest zone above a name with one look-up for each depth at which any zone
// exists. It is immutable, and tables that differ by few zones share the rest:
//
//   shards    [ . | . | . | . ]      picked by the hash of the zone's name, shared by count; one
//                |                   for up to 256 zones
//   shard     [ bucket | bucket | bucket ]
//   bucket    64 octets, one cache line: five 32-bit tags, then five zones; a full bucket goes on
//             in the next, and the last in the first
//
// So the table that follows when one zone of a million has changed costs a list of shards and one
// shard. All shards of a table have the same number of buckets, which spares a look at each.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/report.h"
#include "dns/name.h"
#include "zone/image.h"
#include "zone/zonemd_hash.h"

struct journal;
struct records;
struct store;

enum zone_state {
    ZONE_LOADING, // its file is still being read: SERVFAIL, EDE 14
    ZONE_SERVED,
    ZONE_BROKEN,  // its file could not be read or has errors: SERVFAIL, EDE 14
    ZONE_EXPIRED, // a secondary that lost its primary too long ago: SERVFAIL, EDE 24 (part 5)
};
#define ZONE_STATES (ZONE_EXPIRED + 1)

struct zone {
    struct name origin;  // looks at texts
    struct image image;  // only with ZONE_SERVED
    atomic_uint holders; // tables (and whoever else has it); the last one frees it
    enum zone_state state;
    uint32_t load_ms;
    bool from_image;        // that of an earlier run; else from its text
    bool zonemd;            // its digest was verified
    uint8_t made;           // enum zonemd_hash: its digest was made here
    uint64_t loaded_date_s; // CLOCK_REALTIME
    // Of what its files were when they were read: times, size, inode, device; 0: not known for
    // sure.
    uint64_t stamp;
    uint64_t change; // the newest one in it, by its number in history; 0: it is as its file says
    // CLOCK_REALTIME: a primary's last word, as history has it at first; 0: it has no primary. The
    // only thing that changes in a zone that is served.
    atomic_uint_fast64_t refreshed_s;
    struct journal *journal; // what led to it; held; NULL: not known
    char *included;   // files of its $INCLUDEs, one behind the other, an empty one last; NULL: none
    char *problem;    // ZONE_BROKEN: the first error in words, owned
    const char *path; // the zone file; in texts
    uint8_t texts[];  // the name, the path
};

struct zone_load_options {
    bool strict;           // warnings refuse the zone too
    bool zonemd;           // verify its digest (RFC 8976), and refuse it if that fails
    enum zonemd_hash make; // and then make one
    unsigned threads;      // that may read a large file together; 0 or 1: none but the caller's
    const struct hash_key *secret;
    struct store *store;             // images of earlier runs, made with this secret; may be NULL
    struct parse_progress *progress; // may be NULL
};

// Reads, checks and packs a zone file, or takes the image of what it still is from the store.
// Always gives a zone (state ZONE_SERVED or ZONE_BROKEN, one holder); every problem is in `report`.
struct zone *zone_load(struct name origin, const char *path,
                       const struct zone_load_options *options, struct report *report)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
// A zone without content in a given state; `problem` may be NULL. For zones still loading.
struct zone *zone_empty(struct name origin, const char *path, enum zone_state state,
                        const char *problem)
    __attribute__((nonnull(2), returns_nonnull, warn_unused_result));
// A version that comes from no file: sorts and checks the records and packs them. Like the others
// it has one holder; `path` may be "".
struct zone *zone_make(struct name origin, const char *path, struct records *records,
                       const struct hash_key *secret, struct report *report)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
// A version that others have changed after it was read: its files are those of the one before.
void zone_inherit(struct zone *zone, const struct zone *from) __attribute__((nonnull));
// Octets of differences that are worth keeping beside it.
size_t zone_journal_max(const struct zone *zone) __attribute__((nonnull));
// True if every file that the zone was read from is as it was then: its times (of the content and
// of the inode), size, inode and device. One stat for each file. A zone without a file is as it is
// known.
bool zone_is_current(const struct zone *zone) __attribute__((nonnull));
// How long a copy of it is good after the zone's primary was last heard of (the EXPIRE of its SOA,
// RFC 1035 3.3.13). Of a zone with ZONE_SERVED.
uint32_t zone_expire_s(const struct zone *zone) __attribute__((nonnull));
// What is left of that, for who takes it from us: of a zone of our own the whole (RFC 7314 3).
uint32_t zone_expires_in_s(const struct zone *zone) __attribute__((nonnull));
struct zone *zone_hold(struct zone *zone) __attribute__((nonnull, returns_nonnull));
void zone_release(struct zone *zone); // NULL is fine

struct zones_shard;

// The table, owned by a house. By value it may be moved, not copied.
struct zones {
    struct zones_shard **shards; // holds one count of each, and they of their zones
    uint64_t shard_mask;
    uint32_t buckets; // of each shard
    size_t count;
    uint64_t depths[2]; // bit d: some zone has d labels
    const struct hash_key *secret;
};
// Takes over the list (malloc'ed) and the counts in it. No two zones have one name.
void zones_build(struct zones *zones, struct zone **list, size_t count,
                 const struct hash_key *secret) __attribute__((nonnull(1, 4)));
// Builds a table like `old`, but with the zones of the list in the place of those that have their
// names, all of which are there (of two with one name the last counts). Takes over the counts in
// the list. `old` stays as it is.
void zones_change(struct zones *zones, const struct zones *old, struct zone *const *list,
                  size_t count) __attribute__((nonnull(1, 2)));
void zones_free(struct zones *zones) __attribute__((nonnull));
// The deepest zone at or above the suffix of `depth` labels of the name, or NULL.
struct zone *zones_find(const struct zones *zones, const struct name_key *key, unsigned depth)
    __attribute__((nonnull));
// For a batch: asks the memory for where zones_find will look, if there are so many zones that it
// is not in a cache anyway.
void zones_prefetch(const struct zones *zones, const struct name_key *key) __attribute__((nonnull));
// The zone of exactly this name, or NULL.
struct zone *zones_get(const struct zones *zones, struct name origin) __attribute__((nonnull));
