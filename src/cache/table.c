// The table (table.h).
#include "cache/table.h"

#include <assert.h>

#include "dns/type.h"

#define TAG       0x0fffffffu
#define SHAPE     0x3fffffffu // tag and space
#define DISPLACED ((uint64_t)1 << 62)
#define FLAG      ((uint64_t)1 << 63)

static_assert(sizeof(struct bucket) == 64, "one cache line");

void table_open(struct table *table, struct bucket *buckets, uint32_t count, uint8_t *base)
{
    assert(count >= 2 && count % 2 == 0);
    *table = (struct table){.buckets = buckets, .count = count, .base = base};
    for (unsigned i = 0; i < TABLE_SHARDS; i++)
        pthread_mutex_init(&table->shards[i].lock, NULL);
}

void table_close(struct table *table)
{
    for (unsigned i = 0; i < TABLE_SHARDS; i++)
        pthread_mutex_destroy(&table->shards[i].lock);
}

// Of no type are NXDOMAIN and DELEGATION.
static uint16_t type_in(enum space space, const struct cache_key *key)
{
    return space == SPACE_KNOWN || space == SPACE_FAILURE ? key->type : 0;
}

// The home of the entry and what its tag is made of. CNAME and DNAME are at home where that is
// which is of no type.
static uint64_t hash_key(const struct cache_key *key, uint16_t type)
{
    uint16_t at_home = type == TYPE_CNAME || type == TYPE_DNAME ? 0 : type;
    uint64_t more = (uint64_t)at_home << 16 | key->source;
    return hash_mix(key->name->hash[key->depth] ^ more * 0x9e3779b97f4a7c15u, 0xd6e8feb86659fd93u);
}

// The upper half of its slot. No two types of a name have one tag: the factor is odd.
static uint32_t high_of(uint64_t hash, uint16_t type, enum space space)
{
    return (((uint32_t)(hash >> 32) ^ type * 0x9e3779b1u) & TAG) | (uint32_t)space << 28;
}

void table_want(const struct cache_key *key, enum space space, struct wanted *wanted)
{
    assert(key->depth <= key->name->labels);
    uint16_t type = type_in(space, key);
    uint64_t hash = hash_key(key, type);
    wanted->name = name_key_suffix(key->name, key->depth);
    wanted->hash = (uint32_t)hash;
    wanted->high = high_of(hash, type, space);
    wanted->type = type;
    wanted->source = key->source;
    wanted->space = space;
}

// --- slots ---------------------------------------------------------------------------------------

static bool is_wanted(const struct entry *entry, const struct wanted *wanted)
{
    return entry->type == wanted->type && entry->source == wanted->source &&
           entry_space_of(entry_kind(entry)) == wanted->space &&
           name_equal_folded(entry_name(entry), wanted->name);
}

static uint64_t load(const table_slot *slot)
{
    return atomic_load_explicit(slot, memory_order_acquire);
}

static void store(table_slot *slot, uint64_t value)
{
    atomic_store_explicit(slot, value, memory_order_release);
}

static table_slot *find_in(const struct table *table, struct bucket *bucket,
                           const struct wanted *wanted)
{
    for (unsigned i = 0; i < BUCKET_SLOTS; i++) {
        uint64_t slot = load(&bucket->slots[i]);
        if ((slot >> 32 & SHAPE) == wanted->high && (uint32_t)slot != 0 &&
            is_wanted(table_entry(table, slot), wanted))
            return &bucket->slots[i];
    }
    return NULL;
}

static struct bucket *home_of(const struct table *table, uint32_t hash)
{
    return (struct bucket *)table_home(table, hash);
}

static struct bucket *beside(const struct table *table, const struct bucket *bucket)
{
    return &table->buckets[(size_t)(bucket - table->buckets) ^ 1];
}

const struct entry *table_find(const struct table *table, const struct wanted *wanted)
{
    const struct bucket *bucket = table_home(table, wanted->hash);
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < BUCKET_SLOTS; i++) {
            uint64_t slot = load(&bucket->slots[i]);
            if ((slot >> 32 & SHAPE) != wanted->high || (uint32_t)slot == 0)
                continue;
            const struct entry *entry = table_entry(table, slot);
            if (is_wanted(entry, wanted))
                return entry;
        }
        if (!(load(&bucket->slots[0]) & FLAG))
            return NULL;
        bucket = beside(table, bucket);
    }
    return NULL;
}

void table_prefetch(const struct table *table, const struct cache_key *key, enum space space)
{
    __builtin_prefetch(table_home(table, (uint32_t)hash_key(key, type_in(space, key))));
}

void table_prefetch_entry(const struct table *table, const struct cache_key *key, enum space space)
{
    uint16_t type = type_in(space, key);
    uint64_t hash = hash_key(key, type);
    const struct bucket *bucket = table_home(table, (uint32_t)hash);
    uint32_t high = high_of(hash, type, space);
    for (unsigned i = 0; i < BUCKET_SLOTS; i++) {
        uint64_t slot = load(&bucket->slots[i]);
        if ((slot >> 32 & SHAPE) != high)
            continue;
        const uint8_t *entry = (const uint8_t *)table_entry(table, slot);
        __builtin_prefetch(entry);
        __builtin_prefetch(entry + sizeof(struct bucket)); // a usual one is on two lines
        return;
    }
}

// --- locked --------------------------------------------------------------------------------------

static struct shard *lock_bucket(struct table *table, size_t number)
{
    struct shard *shard = &table->shards[number / 2 % TABLE_SHARDS];
    pthread_mutex_lock(&shard->lock);
    return shard;
}

struct shard *table_lock(struct table *table, uint32_t hash)
{
    return lock_bucket(table, (size_t)(table_home(table, hash) - table->buckets));
}

struct shard *table_lock_set(struct table *table, uint32_t set)
{
    return lock_bucket(table, (size_t)set * 2);
}

void table_unlock(struct shard *shard)
{
    pthread_mutex_unlock(&shard->lock);
}

table_slot *table_slot_of(struct table *table, const struct wanted *wanted)
{
    struct bucket *home = home_of(table, wanted->hash);
    table_slot *slot = find_in(table, home, wanted);
    return slot ? slot : find_in(table, beside(table, home), wanted);
}

static uint32_t reference(const struct table *table, const struct entry *entry)
{
    return (uint32_t)((size_t)((const uint8_t *)entry - table->base) / ENTRY_UNIT);
}

table_slot *table_slot_to(struct table *table, const struct entry *entry)
{
    struct bucket *home = home_of(table, entry->hash);
    uint32_t wanted = reference(table, entry);
    for (unsigned i = 0; i < SET_SLOTS; i++) {
        struct bucket *bucket = i < BUCKET_SLOTS ? home : beside(table, home);
        table_slot *slot = &bucket->slots[i % BUCKET_SLOTS];
        if ((uint32_t)load(slot) == wanted)
            return slot;
    }
    return NULL;
}

void table_replace(struct table *table, struct shard *shard, table_slot *slot,
                   const struct entry *entry)
{
    shard->entries[entry_kind(table_entry(table, load(slot)))]--;
    shard->entries[entry_kind(entry)]++;
    store(slot, (load(slot) & ~(uint64_t)UINT32_MAX) | reference(table, entry));
}

static table_slot *find_free(struct bucket *bucket)
{
    for (unsigned i = 0; i < BUCKET_SLOTS; i++)
        if ((uint32_t)load(&bucket->slots[i]) == 0)
            return &bucket->slots[i];
    return NULL;
}

// Of sixteen entries the one to go. Who is last among equals is as good as random: it hangs on the
// reference, which says when and where it was written.
static table_slot *choose_victim(const struct table *table, struct bucket *home, uint32_t now_s)
{
    table_slot *chosen = NULL;
    unsigned lowest = 3;
    struct bucket *buckets[] = {home, beside(table, home)};
    uint32_t first = (uint32_t)load(&home->slots[0]) % SET_SLOTS;
    for (unsigned i = 0; i < SET_SLOTS; i++) {
        unsigned at = (first + i) % SET_SLOTS;
        table_slot *slot = &buckets[at / BUCKET_SLOTS]->slots[at % BUCKET_SLOTS];
        const struct entry *entry = table_entry(table, load(slot));
        unsigned worth = entry_left_s(entry, now_s) <= 0 ? 0 : entry_is_used(entry) ? 2 : 1;
        if (worth < lowest) {
            lowest = worth;
            chosen = slot;
        }
    }
    return chosen;
}

void table_add(struct table *table, struct shard *shard, const struct wanted *wanted,
               const struct entry *entry, uint32_t now_s)
{
    struct bucket *home = home_of(table, wanted->hash), *next = beside(table, home);
    table_slot *slot = find_free(home);
    if (!slot)
        slot = find_free(next);
    if (!slot) {
        slot = choose_victim(table, home, now_s);
        const struct entry *victim = table_entry(table, load(slot));
        if (entry_left_s(victim, now_s) <= 0)
            shard->expired++;
        else
            shard->evicted++;
        table_remove(table, shard, slot);
    }
    uint64_t value = (uint64_t)wanted->high << 32 | reference(table, entry);
    if (slot >= next->slots && slot < next->slots + BUCKET_SLOTS) {
        store(&home->slots[0], load(&home->slots[0]) | FLAG);
        value |= DISPLACED;
    }
    store(slot, value | (load(slot) & FLAG));
    shard->entries[entry_kind(entry)]++;
}

static bool has_displaced(const struct bucket *bucket)
{
    for (unsigned i = 0; i < BUCKET_SLOTS; i++)
        if ((load(&bucket->slots[i]) & DISPLACED) && (uint32_t)load(&bucket->slots[i]) != 0)
            return true;
    return false;
}

void table_remove(struct table *table, struct shard *shard, table_slot *slot)
{
    uint64_t value = load(slot);
    shard->entries[entry_kind(table_entry(table, value))]--;
    store(slot, value & FLAG);
    if (!(value & DISPLACED))
        return;
    struct bucket *bucket =
        &table->buckets[(size_t)(slot - table->buckets[0].slots) / BUCKET_SLOTS];
    if (!has_displaced(bucket)) {
        table_slot *first = &beside(table, bucket)->slots[0];
        store(first, load(first) & ~FLAG);
    }
}

void table_prefetch_set(const struct table *table, uint32_t set)
{
    const table_slot *slots = table->buckets[(size_t)set * 2].slots;
    for (unsigned i = 0; i < SET_SLOTS; i++)
        __builtin_prefetch(table_entry(table, load(&slots[i])));
}
