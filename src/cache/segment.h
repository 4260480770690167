// Segments: the memory that entries are appended to, one behind the other.
//
//   FREE -> OPEN (entries are written) -> SEALED (full) -> VICTIM (hand.c empties it)
//     ^                                                        |
//     +------------- RETIRING (a grace period) <---------------+
//
// Entries whose times end about together share a segment: there is an open one for each class of
// TTLs, and another for entries that survive the end of their segment, so that what is used is not
// mixed with what is new. A segment is written again only when every reader has let go of what it
// was (base/epoch.h); nobody waits for that: spare segments are there meanwhile, and if they run
// out too, nothing is kept for a moment.
//
// One lock, held for some instructions; may be taken under a shard's lock, never the other way.
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cache/entry.h"

#define SEGMENT_CLASSES 4

enum segment_state {
    SEGMENT_FREE,
    SEGMENT_OPEN,
    SEGMENT_SEALED,
    SEGMENT_VICTIM,
    SEGMENT_RETIRING,
};

struct segments;

struct segment {
    struct segments *all;
    struct segment *next_free;
    uint64_t sequence;   // when it was opened, among all
    atomic_uint pending; // writers that have a place in it and are not done
    uint32_t used;       // octets
    uint32_t expires_s;  // the last of its entries does
    uint8_t state;       // enum segment_state
};

struct segments {
    pthread_mutex_t lock;
    uint8_t *memory;
    size_t size; // of each
    struct segment *list;
    uint32_t count;
    uint32_t touched; // that ever were open: the rest costs nothing yet
    struct segment *free;
    uint32_t free_count, retiring;
    uint32_t spare; // free and retiring ones that there should be
    uint64_t sequence;
    struct segment *open[2 * SEGMENT_CLASSES]; // for what is new, then for survivors
};

// `list` is zeroed memory of `count` segments, `memory` has `count` times `size` octets.
void segments_open(struct segments *segments, struct segment *list, uint32_t count, uint8_t *memory,
                   size_t size) __attribute__((nonnull));
// Waits until all that was retired is free. Never from a reader that is online.
void segments_close(struct segments *segments) __attribute__((nonnull));

struct reservation {
    struct segment *segment;
    struct entry *entry;
};
// Room for an entry that will live `left_s` seconds from `now_s` on. False: there is none just now.
bool segments_reserve(struct segments *segments, size_t size, uint32_t now_s, uint32_t left_s,
                      struct reservation *reservation) __attribute__((nonnull, warn_unused_result));
// The same for one that survives its segment; it may take the last free segment.
bool segments_reserve_survivor(struct segments *segments, size_t size, uint32_t now_s,
                               uint32_t left_s, struct reservation *reservation)
    __attribute__((nonnull, warn_unused_result));
// The entry is written whole, and a slot refers to it or never will.
static inline void segments_done(const struct reservation *reservation)
{
    atomic_fetch_sub_explicit(&reservation->segment->pending, 1, memory_order_release);
}

// Are there less spare segments than there should be?
bool segments_are_short(struct segments *segments) __attribute__((nonnull));
// The segment to empty next: one in which all is over, else the oldest. NULL: none is full.
struct segment *segments_choose(struct segments *segments, uint32_t now_s, uint32_t stale_s)
    __attribute__((nonnull));
static inline uint8_t *segment_octets(const struct segment *segment)
{
    return segment->all->memory + (size_t)(segment - segment->all->list) * segment->all->size;
}
// No slot refers to anything in it any more.
void segments_retire(struct segment *segment) __attribute__((nonnull));
// Octets that were touched.
size_t segments_held(struct segments *segments) __attribute__((nonnull));
