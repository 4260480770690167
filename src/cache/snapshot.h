// The cache on disk, so that a restart does not begin with nothing.
//
//   | head | block head | record ... | block head | record ... | ...
//
// A file is written beside its place, synced, renamed, and the folder synced: after a crash there
// is the old one or the new one. It is read twice: first everything is checked, sums and records,
// and nothing of a damaged file is taken; then it is put into the cache, in which others read and
// write meanwhile and where what was learned since stays. Names are stored and hashed anew, so a
// snapshot is of use under another key; expiry is stored by the date, so the time that we were down
// counts.
//
// The file is ours alone (0600): who can write there could change the configuration as well.
#pragma once

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/checksum.h"
#include "cache/cache.h"
#include "cache/record.h"

// The two clocks as the caller read them: CLOCK_BOOTTIME and CLOCK_REALTIME.
struct snapshot_times {
    uint32_t now_s;
    uint64_t date_s;
};

// Writes what is fresh or stale, of the public tree (record_is_kept). Not under way twice at once
// for one path; on a thread that has time, as below. 0 or a negative errno, with nothing left
// behind.
int cache_save(const struct cache *cache, const char *path, const struct snapshot_times *times,
               uint64_t *entries) __attribute__((nonnull, warn_unused_result));

enum snapshot_result {
    SNAPSHOT_LOADED,
    SNAPSHOT_NONE,       // no file
    SNAPSHOT_UNREADABLE, // `error` says why
    SNAPSHOT_STRANGE,    // not a snapshot, or of another format or kind of machine
    SNAPSHOT_DAMAGED,    // a sum or a record is wrong, or it is cut short
    SNAPSHOT_FROM_LATER, // its date is to come: nobody knows how old it is
};
struct snapshot_loaded {
    uint64_t entries; // that are in the cache now
    uint64_t over;    // whose time was over
    uint64_t left;    // something newer was there, or there was no room
    int error;        // negative errno
};
// It may take seconds: on a thread that is not online for the epoch (base/epoch.h).
enum snapshot_result cache_load(struct cache *cache, const char *path,
                                const struct snapshot_times *times, struct snapshot_loaded *loaded)
    __attribute__((nonnull, warn_unused_result));
// "is damaged", for the log; NULL for LOADED and NONE.
const char *snapshot_problem(enum snapshot_result result);

// --- the format ----------------------------------------------------------------------------------

#define SNAPSHOT_MAGIC      0x316568636d796e6fu // "onymche1", in this machine's order
#define SNAPSHOT_BLOCK_MAX  ((size_t)1024 * 1024)
#define SNAPSHOT_BLOCK_LAST (SNAPSHOT_BLOCK_MAX - RECORD_OCTETS_MAX) // then it is full

struct snapshot_head {
    uint64_t magic;
    uint64_t date_s;
    uint64_t blocks, entries;
    struct checksum chain; // of each block's head with the sum so far before it
    struct checksum sum;   // of this head, with 0 here
};
struct snapshot_block {
    uint64_t octets; // behind this
    uint64_t entries;
    struct checksum sum; // of those octets
};
static_assert(sizeof(struct snapshot_head) == 64, "no padding");
static_assert(sizeof(struct snapshot_block) == 32, "no padding");

struct checksum snapshot_chain(struct checksum before, const struct snapshot_block *block)
    __attribute__((nonnull));
struct checksum snapshot_head_sum(const struct snapshot_head *head) __attribute__((nonnull));
