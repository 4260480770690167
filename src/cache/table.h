// The table: where an entry is, by the hash of its key.
//
//   bucket   [slot][slot][slot][slot][slot][slot][slot][slot]     one cache line
//   slot     | reference: 32 | tag: 28 | space: 2 | displaced | flag |
//
// A slot is read and written whole, so that a tag never stands beside another's reference; a tag is
// 28 bits of a hash all the same, and who finds a slot compares the whole key. An entry is in its
// home bucket, or, if that was full, displaced into the bucket beside it (number ^ 1); the flag in
// slot 0 of a bucket says that there is one of its own next door. When both are full one of the
// sixteen has to go: an expired one, one that nobody asked for, any.
//
// Types have homes of their own, so that who asks for many types of a name does not push its
// address out. What there is one of for a name - NXDOMAIN, DELEGATION, CNAME, DNAME - shares a
// home: those are looked for together, at each name on the way up.
//
// Readers take no lock: they must be online for the epoch (base/epoch.h) for as long as they look
// at what they found. Everything under "locked" wants the lock of the hash's shard; who has it may
// look at all entries of the shard's buckets without being a reader.
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cache/cache.h"
#include "cache/entry.h"

#define TABLE_SHARDS 64
#define BUCKET_SLOTS 8
#define SET_SLOTS    (2 * BUCKET_SLOTS) // a bucket and the one beside it

typedef _Atomic uint64_t table_slot;

struct bucket {
    table_slot slots[BUCKET_SLOTS];
} __attribute__((aligned(64)));

// What is counted under its lock is of the buckets that it guards.
struct shard {
    pthread_mutex_t lock;
    uint32_t entries[CACHE_DELEGATION + 1];
    uint64_t stored, replaced, evicted, expired, outranked;
} __attribute__((aligned(64)));

struct table {
    struct bucket *buckets;
    uint32_t count; // of buckets; even
    uint8_t *base;  // references count ENTRY_UNITs from here; never 0
    struct shard shards[TABLE_SHARDS];
};

// What is looked for.
struct wanted {
    struct name name; // folded
    uint32_t hash;
    uint32_t high; // the upper half of its slot: tag and space
    uint16_t type; // 0: of no type
    uint16_t source;
    enum space space;
};

// `buckets` is zeroed memory.
void table_open(struct table *table, struct bucket *buckets, uint32_t count, uint8_t *base)
    __attribute__((nonnull));
void table_close(struct table *table) __attribute__((nonnull));

void table_want(const struct cache_key *key, enum space space, struct wanted *wanted)
    __attribute__((nonnull));
// Of the same name, type and source, but in another space: of a FAILURE what is KNOWN.
static inline struct wanted table_want_beside(const struct wanted *wanted, enum space space)
{
    struct wanted beside = *wanted;
    beside.space = space;
    beside.high = (beside.high & 0x0fffffff) | (uint32_t)space << 28;
    return beside;
}

// Without a lock. NULL: not there.
const struct entry *table_find(const struct table *table, const struct wanted *wanted)
    __attribute__((nonnull));
// For who will look soon: asks for its home bucket. When that has come: for the entry in it that
// has its tag, as good as always the wanted one.
void table_prefetch(const struct table *table, const struct cache_key *key, enum space space)
    __attribute__((nonnull));
void table_prefetch_entry(const struct table *table, const struct cache_key *key, enum space space)
    __attribute__((nonnull));
static inline const struct bucket *table_home(const struct table *table, uint32_t hash)
{
    return &table->buckets[(uint64_t)hash * table->count >> 32];
}

// --- locked --------------------------------------------------------------------------------------

struct shard *table_lock(struct table *table, uint32_t hash) __attribute__((nonnull));
void table_unlock(struct shard *shard) __attribute__((nonnull));

static inline struct entry *table_entry(const struct table *table, uint64_t slot)
{
    return (struct entry *)(table->base + (size_t)(uint32_t)slot * ENTRY_UNIT);
}
// NULL: not there.
table_slot *table_slot_of(struct table *table, const struct wanted *wanted)
    __attribute__((nonnull));
// The slot that refers to this very entry. NULL: none does any more.
table_slot *table_slot_to(struct table *table, const struct entry *entry) __attribute__((nonnull));
// Refers to another entry of the same key from now on.
void table_replace(struct table *table, struct shard *shard, table_slot *slot,
                   const struct entry *entry) __attribute__((nonnull));
// A key that is not there yet; another entry may have to go.
void table_add(struct table *table, struct shard *shard, const struct wanted *wanted,
               const struct entry *entry, uint32_t now_s) __attribute__((nonnull));
void table_remove(struct table *table, struct shard *shard, table_slot *slot)
    __attribute__((nonnull));

// --- all of it, a set of two buckets at a time ---------------------------------------------------

static inline uint32_t table_sets(const struct table *table)
{
    return table->count / 2;
}
struct shard *table_lock_set(struct table *table, uint32_t set) __attribute__((nonnull));
static inline table_slot *table_set(struct table *table, uint32_t set)
{
    return table->buckets[(size_t)set * 2].slots; // the second bucket's are right behind
}
// Asks for the memory of a set's entries, for who will come to it soon.
void table_prefetch_set(const struct table *table, uint32_t set) __attribute__((nonnull));
