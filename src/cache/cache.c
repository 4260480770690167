// The cache (cache.h): its table, its segments and the hand in one mapping, and the rules of what
// counts.
//
//   [ struct cache | segments' heads | buckets | segment | segment | ... ]
//
// A put makes its entry first, in memory that nobody sees yet, and then takes the lock of its shard
// to show it: so no two locks of shards are ever held, and a lock is held for a look at 16 slots.
// What it has to end besides (an NXDOMAIN of the name) is done after, under that shard's lock.
//
// RRSET and NODATA of a type, NXDOMAIN, FAILURE and DELEGATION are in spaces of their own. An RRset
// that is put ends NXDOMAIN, so when both are there NXDOMAIN came later.
#include "cache/cache.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/memory.h"
#include "cache/entry.h"
#include "cache/hand.h"
#include "cache/segment.h"
#include "cache/table.h"
#include "dns/type.h"

#define PAGE       ((size_t)4096)
#define HUGE_FROM  ((size_t)8 * 1024 * 1024) // below, huge pages round up more than they give
#define LINE       ((size_t)64)
#define TABLE_PART 8 // an eighth of it: entries of 88 octets fill 10 of 16 slots

// An eighth of all segments is open or spare, so there must be many; but each end of a segment is a
// call of the epoch, and an entry must fit well.
#define SEGMENTS_WANTED    256
#define SEGMENT_OCTETS_MIN ((size_t)16 * 1024)
#define SEGMENT_OCTETS_MAX ((size_t)1024 * 1024)
#define CREDIT_PART        16 // of the cache: see hand.h
#define HAND_FACTOR        4  // octets that the hand goes over for each that is put
#define TTL_BIT            0x80000000u
#define TTL_MOST           0x3fffffffu // differences of times stay in 31 bits

static_assert(CACHE_ENTRY_MAX / ENTRY_UNIT <= UINT16_MAX, "entry.units holds it");

struct cache {
    struct table table;
    struct segments segments;
    struct hand hand;
    size_t mapped, fixed; // octets: all; what is not segments
    struct hash_key secret;
    // cache_options, as others may read them while cache_set writes
    _Atomic uint32_t min_ttl_s, max_ttl_s, negative_ttl_s, stale_s;
    _Atomic uint64_t too_large, refused;
};

static uint32_t get(const _Atomic uint32_t *value)
{
    return atomic_load_explicit(value, memory_order_relaxed);
}

// --- opening -------------------------------------------------------------------------------------

// Where everything is.
struct plan {
    size_t mapped, segment_size, list_at, buckets_at, memory_at;
    uint32_t segments, buckets;
};

static size_t round_up(size_t size, size_t to)
{
    return (size + to - 1) / to * to;
}

static void make_plan(size_t octets, struct plan *plan)
{
    size_t size = SEGMENT_OCTETS_MIN;
    while (size < SEGMENT_OCTETS_MAX && size * SEGMENTS_WANTED < octets)
        size *= 2;
    plan->mapped = octets / PAGE * PAGE;
    plan->segment_size = size;
    plan->buckets = (uint32_t)(octets / TABLE_PART / (2 * LINE) * 2);
    plan->list_at = round_up(sizeof(struct cache), LINE);
    size_t most = octets / size;
    plan->buckets_at = round_up(plan->list_at + most * sizeof(struct segment), LINE);
    plan->memory_at = plan->buckets_at + plan->buckets * sizeof(struct bucket);
    plan->segments = (uint32_t)((plan->mapped - plan->memory_at) / size);
}

struct cache *cache_open(const struct cache_options *options)
{
    struct plan plan;
    if (options->octets < CACHE_OCTETS_MIN)
        return NULL;
    make_plan(options->octets < CACHE_OCTETS_MAX ? options->octets : CACHE_OCTETS_MAX, &plan);
    uint8_t *base = mmap(NULL, plan.mapped, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED)
        return NULL;
    if (plan.mapped >= HUGE_FROM)
        (void)madvise(base, plan.mapped, MADV_HUGEPAGE); // without them: slower
    struct cache *cache = (struct cache *)base;
    cache->mapped = plan.mapped;
    cache->fixed = plan.memory_at;
    cache->secret = options->secret;
    table_open(&cache->table, (struct bucket *)(base + plan.buckets_at), plan.buckets, base);
    segments_open(&cache->segments, (struct segment *)(base + plan.list_at), plan.segments,
                  base + plan.memory_at, plan.segment_size);
    hand_open(&cache->hand, plan.mapped / CREDIT_PART);
    cache_set(cache, options);
    return cache;
}

void cache_close(struct cache *cache)
{
    if (!cache)
        return;
    segments_close(&cache->segments);
    hand_close(&cache->hand);
    table_close(&cache->table);
    munmap(cache, cache->mapped);
}

static uint32_t at_most(uint32_t value, uint32_t most)
{
    return value < most ? value : most;
}

void cache_set(struct cache *cache, const struct cache_options *options)
{
    const memory_order relaxed = memory_order_relaxed;
    atomic_store_explicit(&cache->min_ttl_s, options->min_ttl_s, relaxed);
    atomic_store_explicit(&cache->max_ttl_s, at_most(options->max_ttl_s, TTL_MOST), relaxed);
    atomic_store_explicit(&cache->negative_ttl_s, options->negative_ttl_s, relaxed);
    atomic_store_explicit(&cache->stale_s, at_most(options->stale_s, TTL_MOST), relaxed);
}

const struct hash_key *cache_secret(const struct cache *cache)
{
    return &cache->secret;
}

// --- getting -------------------------------------------------------------------------------------

// Of what is known of a type, and that the name does not exist, the one that counts.
static const struct entry *choose(const struct entry *known, const struct entry *nxdomain)
{
    if (!known || !nxdomain)
        return known ? known : nxdomain;
    return entry_rank(nxdomain) >= entry_rank(known) ? nxdomain : known;
}

static bool take(const struct entry *entry, uint32_t now_s, struct cache_found *found)
{
    entry_read(entry, now_s, found);
    entry_use(entry);
    return true;
}

static bool find(const struct cache *cache, const struct cache_key *key, uint32_t now_s,
                 bool failures, struct cache_found *found)
{
    struct wanted known, nxdomain;
    table_want(key, SPACE_KNOWN, &known);
    table_want(key, SPACE_NXDOMAIN, &nxdomain);
    __builtin_prefetch(table_home(&cache->table, nxdomain.hash));
    const struct entry *entry =
        choose(table_find(&cache->table, &known), table_find(&cache->table, &nxdomain));
    if (entry && entry_left_s(entry, now_s) > 0)
        return take(entry, now_s, found);
    if (failures) {
        struct wanted failure = table_want_beside(&known, SPACE_FAILURE);
        const struct entry *failed = table_find(&cache->table, &failure);
        if (failed && entry_left_s(failed, now_s) > 0)
            return take(failed, now_s, found);
    }
    return entry && !entry_is_over(entry, now_s, get(&cache->stale_s)) && take(entry, now_s, found);
}

bool cache_get(const struct cache *cache, const struct cache_key *key, uint32_t now_s,
               struct cache_found *found)
{
    return find(cache, key, now_s, true, found);
}

bool cache_get_stale(const struct cache *cache, const struct cache_key *key, uint32_t now_s,
                     struct cache_found *found)
{
    return find(cache, key, now_s, false, found);
}

bool cache_get_delegation(const struct cache *cache, const struct cache_key *key, uint32_t now_s,
                          struct cache_found *found)
{
    struct wanted wanted;
    table_want(key, SPACE_DELEGATION, &wanted);
    const struct entry *entry = table_find(&cache->table, &wanted);
    return entry && entry_left_s(entry, now_s) > 0 && take(entry, now_s, found);
}

void cache_prefetch(const struct cache *cache, const struct cache_key *key)
{
    table_prefetch(&cache->table, key, SPACE_KNOWN);
    table_prefetch(&cache->table, key, SPACE_NXDOMAIN);
}

void cache_prefetch_entry(const struct cache *cache, const struct cache_key *key)
{
    table_prefetch_entry(&cache->table, key, SPACE_KNOWN);
}

// --- putting -------------------------------------------------------------------------------------

static uint32_t kept_ttl(const struct cache *cache, const struct cache_put *put)
{
    uint32_t ttl_s = put->ttl_s & TTL_BIT ? 0 : put->ttl_s; // RFC 2181 8
    uint32_t most = get(&cache->max_ttl_s), least = get(&cache->min_ttl_s);
    switch (put->kind) {
    case CACHE_NODATA:
    case CACHE_NXDOMAIN:
        most = at_most(most, get(&cache->negative_ttl_s)); // RFC 2308 5
        break;
    case CACHE_RRSET: break;
    case CACHE_FAILURE:
    case CACHE_DELEGATION: least = 0; break;
    }
    if (ttl_s > 0 && ttl_s < least)
        ttl_s = least;
    return at_most(ttl_s, most);
}

// What is to be put, worked out.
struct order {
    const struct cache_put *put;
    struct wanted wanted;
    struct entry_place place;
    uint32_t now_s;
    bool restoring; // then nothing is replaced
};

static bool must_stay(const struct order *order, const struct entry *entry)
{
    if (order->restoring)
        return true;
    return order->wanted.space != SPACE_FAILURE && entry_left_s(entry, order->now_s) > 0 &&
           entry_rank(entry) > order->put->rank;
}

// An RRset or NODATA, just learned.
static bool is_data(const struct order *order)
{
    return order->wanted.space == SPACE_KNOWN && !order->restoring;
}

static struct wanted nxdomain_of(const struct cache_key *key)
{
    struct wanted wanted;
    table_want(key, SPACE_NXDOMAIN, &wanted);
    return wanted;
}

// Is there something of this key that stays?
static bool is_outranked(struct cache *cache, const struct order *order,
                         const struct wanted *wanted)
{
    struct shard *shard = table_lock(&cache->table, wanted->hash);
    table_slot *slot = table_slot_of(&cache->table, wanted);
    bool outranked = slot && must_stay(order, table_entry(&cache->table, *slot));
    shard->outranked += outranked;
    table_unlock(shard);
    return outranked;
}

// A FAILURE is over with any data of its type.
static void end_failure(struct cache *cache, struct shard *shard, const struct order *order)
{
    struct wanted failure = table_want_beside(&order->wanted, SPACE_FAILURE);
    table_slot *slot = table_slot_of(&cache->table, &failure);
    if (slot) {
        table_remove(&cache->table, shard, slot);
        shard->replaced++;
    }
}

// So is an NXDOMAIN that is of no higher rank, or has expired.
static void end_nxdomain(struct cache *cache, const struct order *order,
                         const struct wanted *nxdomain)
{
    struct shard *shard = table_lock(&cache->table, nxdomain->hash);
    table_slot *slot = table_slot_of(&cache->table, nxdomain);
    if (slot && !must_stay(order, table_entry(&cache->table, *slot))) {
        table_remove(&cache->table, shard, slot);
        shard->replaced++;
    }
    table_unlock(shard);
}

static bool show(struct cache *cache, const struct order *order, const struct entry *entry)
{
    struct shard *shard = table_lock(&cache->table, order->wanted.hash);
    table_slot *slot = table_slot_of(&cache->table, &order->wanted);
    bool outranked = slot && must_stay(order, table_entry(&cache->table, *slot));
    if (outranked) {
        shard->outranked++;
    } else if (slot) {
        table_replace(&cache->table, shard, slot, entry);
        shard->replaced++;
    } else {
        table_add(&cache->table, shard, &order->wanted, entry, order->now_s);
    }
    shard->stored += !outranked;
    if (!outranked && is_data(order))
        end_failure(cache, shard, order);
    table_unlock(shard);
    return !outranked;
}

static void make_room(struct cache *cache, uint32_t now_s, size_t octets)
{
    const struct hand_turn turn = {&cache->table, &cache->segments, now_s, get(&cache->stale_s)};
    hand_move(&cache->hand, &turn, octets * HAND_FACTOR);
}

static enum cache_stored carry_out(struct cache *cache, const struct cache_key *key,
                                   struct order *order)
{
    struct reservation reservation;
    size_t size = entry_measure(order->put);
    if (size > CACHE_ENTRY_MAX || size > cache->segments.size) {
        atomic_fetch_add_explicit(&cache->too_large, 1, memory_order_relaxed);
        return CACHE_TOO_LARGE;
    }
    struct wanted nxdomain = nxdomain_of(key);
    if (is_outranked(cache, order, &order->wanted) ||
        (is_data(order) && is_outranked(cache, order, &nxdomain)))
        return CACHE_OUTRANKED;
    make_room(cache, order->now_s, size);
    int32_t left_s = (int32_t)(order->place.expires_s - order->now_s);
    if (!segments_reserve(&cache->segments, size, order->now_s, left_s > 0 ? (uint32_t)left_s : 0,
                          &reservation)) {
        atomic_fetch_add_explicit(&cache->refused, 1, memory_order_relaxed);
        return CACHE_NOT_KEPT;
    }
    entry_write(reservation.entry, size, &order->place, order->put);
    bool shown = show(cache, order, reservation.entry);
    segments_done(&reservation);
    if (shown && is_data(order))
        end_nxdomain(cache, order, &nxdomain);
    return shown ? CACHE_STORED : CACHE_OUTRANKED;
}

static struct order make_order(const struct cache_key *key, const struct cache_put *put,
                               uint32_t now_s, uint32_t ttl_s)
{
    struct order order = {.put = put, .now_s = now_s};
    table_want(key, entry_space_of(put->kind), &order.wanted);
    assert(name_equal_folded(put->owner, order.wanted.name));
    order.place = (struct entry_place){
        .hash = order.wanted.hash,
        .type = order.wanted.type,
        .source = key->source,
        .ttl_s = ttl_s,
        .expires_s = now_s + ttl_s,
    };
    return order;
}

enum cache_stored cache_put(struct cache *cache, const struct cache_key *key,
                            const struct cache_put *put, uint32_t now_s)
{
    uint32_t ttl_s = kept_ttl(cache, put);
    if (ttl_s == 0)
        return CACHE_NOT_KEPT;
    struct order order = make_order(key, put, now_s, ttl_s);
    return carry_out(cache, key, &order);
}

enum cache_stored cache_restore(struct cache *cache, const struct cache_key *key,
                                const struct cache_put *put, uint32_t now_s, uint32_t age_s)
{
    uint32_t ttl_s = kept_ttl(cache, put);
    uint32_t stale_s = put->kind < CACHE_FAILURE ? get(&cache->stale_s) : 0;
    if (ttl_s == 0 || age_s >= (uint64_t)ttl_s + stale_s)
        return CACHE_NOT_KEPT;
    struct order order = make_order(key, put, now_s, ttl_s);
    order.place.expires_s -= age_s;
    order.restoring = true;
    return carry_out(cache, key, &order);
}

// --- all of it -----------------------------------------------------------------------------------

#define SETS_AHEAD 4

// Takes away every entry that `is_meant`.
static size_t sweep(struct cache *cache,
                    bool (*is_meant)(const struct entry *entry, struct name name, uint16_t type),
                    struct name name, uint16_t type)
{
    size_t gone = 0;
    for (uint32_t set = 0; set < table_sets(&cache->table); set++) {
        if (set + SETS_AHEAD < table_sets(&cache->table))
            table_prefetch_set(&cache->table, set + SETS_AHEAD);
        struct shard *shard = table_lock_set(&cache->table, set);
        table_slot *slots = table_set(&cache->table, set);
        for (unsigned i = 0; i < SET_SLOTS; i++) {
            if ((uint32_t)slots[i] == 0 ||
                !is_meant(table_entry(&cache->table, slots[i]), name, type))
                continue;
            table_remove(&cache->table, shard, &slots[i]);
            gone++;
        }
        table_unlock(shard);
    }
    return gone;
}

static bool is_about(const struct entry *entry, struct name name, uint16_t type)
{
    enum cache_kind kind = entry_kind(entry);
    bool typed = type == 0 || kind == CACHE_NXDOMAIN ||
                 (kind == CACHE_DELEGATION ? type == TYPE_NS : entry->type == type);
    return typed && name_equal(entry_name(entry), name);
}

static bool is_below(const struct entry *entry, struct name top, uint16_t type)
{
    (void)type;
    return name_is_within(entry_name(entry), top);
}

size_t cache_flush(struct cache *cache, struct name name, uint16_t type)
{
    return sweep(cache, is_about, name, type);
}

size_t cache_flush_tree(struct cache *cache, struct name top)
{
    return sweep(cache, is_below, top, 0);
}

// The entries of one set, copied, so that no lock is held while they are looked at.
struct copies {
    unsigned count;
    bool used[SET_SLOTS];
    struct entry *entries[SET_SLOTS];
    uint8_t *memory; // for SET_SLOTS of the largest
};

static void copy_set(struct cache *cache, uint32_t set, uint32_t now_s, struct copies *copies)
{
    uint32_t stale_s = get(&cache->stale_s);
    uint8_t *to = copies->memory;
    copies->count = 0;
    struct shard *shard = table_lock_set(&cache->table, set);
    const table_slot *slots = table_set(&cache->table, set);
    for (unsigned i = 0; i < SET_SLOTS; i++) {
        if ((uint32_t)slots[i] == 0)
            continue;
        const struct entry *entry = table_entry(&cache->table, slots[i]);
        if (entry_is_over(entry, now_s, entry_kind(entry) < CACHE_FAILURE ? stale_s : 0))
            continue;
        copies->used[copies->count] = entry_is_used(entry);
        copies->entries[copies->count] = (struct entry *)to;
        entry_copy((struct entry *)to, entry);
        to += entry_size(entry);
        copies->count++;
    }
    table_unlock(shard);
}

void cache_walk(const struct cache *const_cache, uint32_t now_s,
                bool (*visit)(void *argument, const struct cache_visited *visited), void *argument)
{
    struct cache *cache = (struct cache *)const_cache; // its locks are taken, nothing else
    struct copies copies = {.memory = memory_get((size_t)SET_SLOTS * CACHE_ENTRY_MAX)};
    bool go_on = true;
    for (uint32_t set = 0; set < table_sets(&cache->table) && go_on; set++) {
        if (set + SETS_AHEAD < table_sets(&cache->table))
            table_prefetch_set(&cache->table, set + SETS_AHEAD);
        copy_set(cache, set, now_s, &copies);
        for (unsigned i = 0; i < copies.count && go_on; i++) {
            const struct entry *entry = copies.entries[i];
            struct cache_visited visited = {
                .type = entry->type, .source = entry->source, .used = copies.used[i]};
            entry_read(entry, now_s, &visited.found);
            go_on = visit(argument, &visited);
        }
    }
    free(copies.memory);
}

void cache_count(const struct cache *const_cache, struct cache_counts *counts)
{
    struct cache *cache = (struct cache *)const_cache;
    *counts = (struct cache_counts){
        .octets = cache->fixed + segments_held(&cache->segments),
        .octets_max = cache->mapped,
        .too_large = atomic_load_explicit(&cache->too_large, memory_order_relaxed),
        .refused = atomic_load_explicit(&cache->refused, memory_order_relaxed),
    };
    for (unsigned i = 0; i < TABLE_SHARDS; i++) {
        struct shard *shard = &cache->table.shards[i];
        pthread_mutex_lock(&shard->lock);
        for (unsigned kind = 0; kind <= CACHE_DELEGATION; kind++)
            counts->entries[kind] += shard->entries[kind];
        counts->stored += shard->stored;
        counts->replaced += shard->replaced;
        counts->evicted += shard->evicted;
        counts->expired += shard->expired;
        counts->outranked += shard->outranked;
        pthread_mutex_unlock(&shard->lock);
    }
}
