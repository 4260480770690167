// The table of targets (flats.h).
#include "zone/flats.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/epoch.h"
#include "base/memory.h"

struct flats {
    struct hash_key secret;
    struct flat_target **list;
    size_t count;
    uint32_t *slots; // index of the target + 1; 0: free
    size_t mask;
};

struct flat_target *flat_target_make(struct name name, const struct hash_key *secret)
{
    struct name_key key;
    struct flat_target *target = memory_get_zeroed(1, sizeof *target);
    name_key_make(name, secret, &key);
    memcpy(target->wire, key.folded, key.size);
    target->name = (struct name){target->wire, key.size, key.labels};
    target->hash = key.hash[key.labels];
    atomic_init(&target->holders, 1);
    return target;
}

struct flat_target *flat_target_hold(struct flat_target *target)
{
    atomic_fetch_add_explicit(&target->holders, 1, memory_order_relaxed);
    return target;
}

void flat_target_release(struct flat_target *target)
{
    if (atomic_fetch_sub_explicit(&target->holders, 1, memory_order_acq_rel) != 1)
        return;
    for (unsigned i = 0; i < FLAT_TYPES; i++)
        free(atomic_load_explicit(&target->flats[i], memory_order_relaxed));
    free(target);
}

void flat_target_set(struct flat_target *target, enum flat_type type, struct flat *flat)
{
    struct flat *old = atomic_exchange_explicit(&target->flats[type], flat, memory_order_acq_rel);
    if (old)
        epoch_retire(free, old);
}

struct flats *flats_make(struct flat_target **list, size_t count, const struct hash_key *secret)
{
    struct flats *flats = memory_get_zeroed(1, sizeof *flats);
    flats->secret = *secret;
    flats->list = list;
    flats->count = count;
    flats->mask = 15;
    while (flats->mask < 2 * count)
        flats->mask = 2 * flats->mask + 1;
    flats->slots = memory_get_zeroed(flats->mask + 1, sizeof *flats->slots);
    for (size_t i = 0; i < count; i++) {
        size_t at = list[i]->hash & flats->mask;
        while (flats->slots[at])
            at = (at + 1) & flats->mask;
        flats->slots[at] = (uint32_t)i + 1;
    }
    return flats;
}

void flats_free(struct flats *flats)
{
    if (!flats)
        return;
    for (size_t i = 0; i < flats->count; i++)
        flat_target_release(flats->list[i]);
    free(flats->list);
    free(flats->slots);
    free(flats);
}

struct flat_target *flats_find(const struct flats *flats, struct name name)
{
    struct name_key key;
    name_key_make(name, &flats->secret, &key);
    uint64_t hash = key.hash[key.labels];
    struct name folded = {key.folded, key.size, key.labels};
    for (size_t at = hash & flats->mask; flats->slots[at]; at = (at + 1) & flats->mask) {
        struct flat_target *target = flats->list[flats->slots[at] - 1];
        if (target->hash == hash && name_equal_folded(target->name, folded))
            return target;
    }
    return NULL;
}

size_t flats_count(const struct flats *flats)
{
    return flats->count;
}

struct flat_target *flats_at(const struct flats *flats, size_t index)
{
    assert(index < flats->count);
    return flats->list[index];
}
