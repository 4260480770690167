// What was learned and is not yet forgotten: one table for all workers, with a hard limit in
// octets.
//
// An entry is known by (name, type, source). It is an RRset as rrset.h has it, or the knowledge
// that there is none (RFC 2308), or that finding out failed (RFC 9520), or a delegation. It carries
// when it expires, how far its data are to be trusted (RFC 2181 5.4.1) and what validation found.
//
// Any worker may read and write at any time. Readers take no lock and write nothing but a mark that
// the entry was used; they are online for the epoch (base/epoch.h). What cache_get() points to
// stays where it is until the calling thread next says epoch_quiet() or goes offline, so an answer
// is encoded from the cache's own memory, and a put does not change that. Writers take locks of
// single shards for less than a microsecond each, never wait for a reader, and may be any thread.
//
// `now_s` is CLOCK_BOOTTIME in whole seconds, as the caller read it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "dns/name.h"
#include "dns/rrset.h"

struct cache; // made by cache_open, shared by all houses of a daemon

struct cache_options {
    size_t octets;           // all of its memory, tables and spare segments included; what is over
                             // CACHE_OCTETS_MAX is not used
    uint32_t min_ttl_s;      // shorter TTLs are lifted to it, but never a TTL of 0
    uint32_t max_ttl_s;      // longer ones are cut to it
    uint32_t negative_ttl_s; // the most for NXDOMAIN and NODATA (RFC 2308 5)
    uint32_t stale_s;        // how long expired entries are kept for a bad day (RFC 8767); 0: not
    struct hash_key secret;  // the key of the name_keys that it is asked with
};

// How far data are to be trusted, least first (RFC 2181 5.4.1). An entry that has not expired is
// replaced only by one of the same rank or a higher one.
enum cache_rank {
    RANK_ADDITIONAL,    // additional data: glue
    RANK_REFERRAL,      // the NS of a referral
    RANK_ANSWER,        // the answer section of a reply without AA: a forwarder's
    RANK_AUTHORITY,     // the authority section of an authoritative reply
    RANK_AUTHORITATIVE, // the answer section of an authoritative reply
};

enum cache_security { SECURITY_UNCHECKED, SECURITY_INSECURE, SECURITY_SECURE, SECURITY_BOGUS };

enum cache_kind {
    CACHE_RRSET,
    CACHE_NODATA,     // the name exists, the type does not
    CACHE_NXDOMAIN,   // the name does not exist; of no type, so cache_get finds it for every type
                      // that was not put since
    CACHE_FAILURE,    // nobody could say; its `payload` is an EDE code and a text
    CACHE_DELEGATION, // payload: dns/delegation.h's packed form; in a space of its own
};

// "rrset", "nodata" ...: for people and metrics.
const char *cache_kind_word(enum cache_kind kind);

// Which entry: the suffix of `depth` labels of `name` and a type. `source` 0 is what the public
// tree said; each forward zone and view has its own number, and neither ever sees the other's.
struct cache_key {
    const struct name_key *name;
    unsigned depth; // name->labels: the whole name
    uint16_t type;  // not looked at for NXDOMAIN and DELEGATION
    uint16_t source;
};

// An entry as it is found. Pointers: see above.
struct cache_found {
    enum cache_kind kind;
    enum cache_rank rank;
    enum cache_security security;
    bool stale;   // it has expired, and is within stale_s; ttl_s is 0
    bool ageing;  // less than a tenth of its time is left, and it was used before: worth a refresh
    uint16_t tag; // what cache_put was given
    uint32_t ttl_s;     // that is left; at most given_s
    uint32_t given_s;   // that it was kept with
    uint32_t expired_s; // how long ago it expired, if stale
    struct name owner;  // as it was put, with the case of then
    // RRSET: the RRset. NODATA, NXDOMAIN: the SOA, or NULL: none came. Its own ttl is not what is
    // left.
    const struct rrset *rrset;
    struct name soa_owner;  // NODATA, NXDOMAIN with an SOA
    const uint8_t *payload; // FAILURE, DELEGATION
    uint32_t payload_size;
};

// What to keep. Copied.
struct cache_put {
    enum cache_kind kind;
    enum cache_rank rank;
    enum cache_security security;
    uint16_t tag;              // the resolver's own; comes back with the entry
    uint32_t ttl_s;            // a TTL with its top bit set is 0 (RFC 2181 8)
    struct name owner;         // its octets are kept as they are (case)
    const struct rrset *rrset; // as in cache_found
    struct name soa_owner;
    const uint8_t *payload;
    uint32_t payload_size;
};

// NULL: out of memory, or octets is below CACHE_OCTETS_MIN. The caller closes it when no thread
// reads or writes any more, and not while it is online itself (base/epoch.h).
struct cache *cache_open(const struct cache_options *options)
    __attribute__((nonnull, warn_unused_result));
void cache_close(struct cache *cache);
// Other times from now on; what is there keeps its own. (`octets` and `secret` stay as they were.)
void cache_set(struct cache *cache, const struct cache_options *options) __attribute__((nonnull));

// The key of the name_keys that it is asked with.
const struct hash_key *cache_secret(const struct cache *cache)
    __attribute__((nonnull, returns_nonnull));

// Finds an answer, the first of these that there is:
//
//   an RRset of this type, NODATA, or NXDOMAIN of this very name (not of those above it: RFC 8020
//     is the resolver's affair), while it has not expired; a FAILURE never hides it
//   a FAILURE that has not expired
//   an RRset, NODATA or NXDOMAIN that has, within stale_s: `stale` (RFC 8767)
//
// Of an RRset (or NODATA) and an NXDOMAIN the one that was put later counts, unless the RRset is to
// be trusted more. False: nothing of all this is known.
bool cache_get(const struct cache *cache, const struct cache_key *key, uint32_t now_s,
               struct cache_found *found) __attribute__((nonnull, warn_unused_result));
// The same as if no FAILURE were known: for who has found one, and takes stale data rather.
bool cache_get_stale(const struct cache *cache, const struct cache_key *key, uint32_t now_s,
                     struct cache_found *found) __attribute__((nonnull, warn_unused_result));
// Finds the delegation at this name. Stale ones are never found.
bool cache_get_delegation(const struct cache *cache, const struct cache_key *key, uint32_t now_s,
                          struct cache_found *found) __attribute__((nonnull, warn_unused_result));
// For a batch: asks for the memory that cache_get of the whole name will read first.
void cache_prefetch(const struct cache *cache, const struct cache_key *key)
    __attribute__((nonnull));
// When that has come: asks for the entry itself.
void cache_prefetch_entry(const struct cache *cache, const struct cache_key *key)
    __attribute__((nonnull));

enum cache_stored {
    CACHE_STORED,
    CACHE_OUTRANKED, // what is there is to be trusted more, and stays
    CACHE_TOO_LARGE, // over CACHE_ENTRY_MAX, or a segment (smaller in caches under 16 MB)
    CACHE_NOT_KEPT,  // TTL 0; or no memory is free before some reader is quiet (counts.refused)
};
// TTLs are bound as the options say: RRSET by min_ttl_s and max_ttl_s; NODATA and NXDOMAIN by
// negative_ttl_s too; FAILURE and DELEGATION by max_ttl_s alone, since a delegation must not live
// longer than the parent said. An RRset or NODATA that is stored ends a FAILURE of its type and an
// NXDOMAIN of its name. FAILURE replaces FAILURE whatever the ranks are.
enum cache_stored cache_put(struct cache *cache, const struct cache_key *key,
                            const struct cache_put *put, uint32_t now_s) __attribute__((nonnull));

// For the snapshot: what was put `age_s` seconds ago and is of use still. Never replaces anything:
// what is there was learned since.
enum cache_stored cache_restore(struct cache *cache, const struct cache_key *key,
                                const struct cache_put *put, uint32_t now_s, uint32_t age_s)
    __attribute__((nonnull));

// Forgets, of all sources: this type with its FAILURE, and NXDOMAIN; the DELEGATION with NS. `type`
// 0: everything about the name. Returns how many entries went. Looks at every entry.
size_t cache_flush(struct cache *cache, struct name name, uint16_t type) __attribute__((nonnull));
// A name and all below it; the root: everything. Looks at every entry.
size_t cache_flush_tree(struct cache *cache, struct name top) __attribute__((nonnull));

// Looks at every entry that is fresh or stale, once, in no order; for dump, top, show and the
// snapshot. Other threads go on; what they add meanwhile may be missed. `visit` sees copies that
// are good for the call, and no lock is held, so it may take its time. False from it: enough. The
// thread need not be a reader.
struct cache_visited {
    uint16_t type;
    uint16_t source;
    uint8_t used; // seen by the eviction hand since: 0 or 1
    struct cache_found found;
};
void cache_walk(const struct cache *cache, uint32_t now_s,
                bool (*visit)(void *argument, const struct cache_visited *visited), void *argument)
    __attribute__((nonnull(1, 3)));

struct cache_counts {
    uint64_t entries[CACHE_DELEGATION + 1]; // by enum cache_kind, as good as exact
    uint64_t octets, octets_max;            // of memory held, and the limit
    uint64_t stored, replaced, evicted, expired, outranked, too_large;
    uint64_t refused; // no memory was free
};
void cache_count(const struct cache *cache, struct cache_counts *counts) __attribute__((nonnull));
