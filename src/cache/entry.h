// An entry as it lies in a segment: one packed block without pointers.
//
//   | expires | ttl | hash | type | source | tag | units | nature | soa | name size | labels |
//       4        4     4      2      2        2     2        1       1        1          1
//   | owner | SOA owner? | pad to 4 | RRset, or size (4) and payload | pad to 8 |
//
// An entry never changes once a slot of the table refers to it, but for the mark that it was used,
// which any reader sets and only a copy is without. The owner of a SOA is nearly always a suffix of
// the entry's owner and then takes no room of its own.
#pragma once

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cache/cache.h"

#define ENTRY_UNIT 8 // octets; entries begin at whole units and fill whole units

struct entry {
    uint32_t expires_s; // goes round with the clock: only differences are looked at
    uint32_t ttl_s;     // that it was kept with
    uint32_t hash;      // its home in the table
    uint16_t type;      // 0: of no type
    uint16_t source;
    uint16_t tag;
    uint16_t units;
    uint8_t nature; // kind, rank, security
    uint8_t soa;    // labels of the SOA's owner, a suffix of the owner; or ENTRY_SOA_*
    uint8_t name_size;
    atomic_uchar labels; // and ENTRY_USED
    uint8_t octets[];
};
static_assert(sizeof(struct entry) == 24, "a third of a usual entry");

#define ENTRY_USED       0x80
#define ENTRY_SOA_STORED 0xfe // behind the owner
#define ENTRY_SOA_NONE   0xff

// Entries of different spaces never replace each other. The types of RRSET and NODATA share one.
enum space { SPACE_KNOWN, SPACE_NXDOMAIN, SPACE_FAILURE, SPACE_DELEGATION };

static inline enum space entry_space_of(enum cache_kind kind)
{
    static const uint8_t spaces[] = {
        [CACHE_RRSET] = SPACE_KNOWN,           [CACHE_NODATA] = SPACE_KNOWN,
        [CACHE_NXDOMAIN] = SPACE_NXDOMAIN,     [CACHE_FAILURE] = SPACE_FAILURE,
        [CACHE_DELEGATION] = SPACE_DELEGATION,
    };
    return (enum space)spaces[kind];
}

static inline enum cache_kind entry_kind(const struct entry *entry)
{
    return (enum cache_kind)(entry->nature & 7);
}
static inline enum cache_rank entry_rank(const struct entry *entry)
{
    return (enum cache_rank)(entry->nature >> 3 & 7);
}
static inline enum cache_security entry_security(const struct entry *entry)
{
    return (enum cache_security)(entry->nature >> 6);
}
static inline size_t entry_size(const struct entry *entry)
{
    return (size_t)entry->units * ENTRY_UNIT;
}
static inline struct name entry_name(const struct entry *entry)
{
    unsigned labels = atomic_load_explicit(&entry->labels, memory_order_relaxed);
    return (struct name){entry->octets, entry->name_size, (uint8_t)(labels & ~ENTRY_USED)};
}
static inline bool entry_is_used(const struct entry *entry)
{
    return atomic_load_explicit(&entry->labels, memory_order_relaxed) & ENTRY_USED;
}
// Seconds until it expires: 0 or less, it has.
static inline int32_t entry_left_s(const struct entry *entry, uint32_t now_s)
{
    return (int32_t)(entry->expires_s - now_s);
}
// Neither fresh nor of use on a bad day.
static inline bool entry_is_over(const struct entry *entry, uint32_t now_s, uint32_t stale_s)
{
    return (int64_t)entry_left_s(entry, now_s) + stale_s <= 0;
}

// What the table adds to a cache_put.
struct entry_place {
    uint32_t hash;
    uint16_t type, source;
    uint32_t ttl_s, expires_s;
};

// The octets that it will take: a multiple of ENTRY_UNIT, perhaps over CACHE_ENTRY_MAX.
size_t entry_measure(const struct cache_put *put) __attribute__((nonnull));
// Into memory of that size.
void entry_write(struct entry *entry, size_t size, const struct entry_place *place,
                 const struct cache_put *put) __attribute__((nonnull));
// The same octets, not used yet.
void entry_copy(struct entry *to, const struct entry *from) __attribute__((nonnull));
// Pointers of `found` look into the entry. Does not mark it.
void entry_read(const struct entry *entry, uint32_t now_s, struct cache_found *found)
    __attribute__((nonnull));

// Marks it as used. Once it is, readers write nothing, so that its cache line can be everybody's.
static inline void entry_use(const struct entry *entry)
{
    atomic_uchar *mark = (atomic_uchar *)&entry->labels;
    unsigned char labels = atomic_load_explicit(mark, memory_order_relaxed);
    if (!(labels & ENTRY_USED))
        atomic_store_explicit(mark, labels | ENTRY_USED, memory_order_relaxed);
}
