// The table of routes (route.h): open addressing over names, at most half full, and everything that
// an entry points to in one arena.
#include "zone/route.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/memory.h"

struct slot {
    uint64_t hash;
    const struct route_name *name; // NULL: free
};

struct routes {
    atomic_uint holders;
    const struct hash_key *secret; // in `memory`
    struct slot *slots;
    size_t mask;
    size_t count; // of routes
    struct arena memory;
};

// --- rules ---------------------------------------------------------------------------------------

// Both ascending.
static bool share_one(struct facts a, struct facts b)
{
    size_t i = 0, j = 0;
    while (i < a.count && j < b.count) {
        if (a.list[i] == b.list[j])
            return true;
        if (a.list[i] < b.list[j])
            i++;
        else
            j++;
    }
    return false;
}

bool route_holds(const struct route_condition *condition, struct facts facts)
{
    for (unsigned i = 0; i < condition->count; i++)
        if (!share_one(condition->kinds[i], facts))
            return false;
    return true;
}

static const struct rrset *make_rrset(struct arena *memory, uint16_t type,
                                      const struct route_rule *rule)
{
    size_t size = sizeof(struct rrset);
    for (unsigned i = 0; i < rule->item_count; i++)
        size += 2u + rule->items[i].rdata_size;
    size = (size + 3) & ~(size_t)3;
    struct rrset *rrset = memset(arena_get(memory, size), 0, size);
    *rrset = (struct rrset){.type = type, .count = rule->item_count, .words = rrset_words(size)};
    uint8_t *to = rrset->body;
    for (unsigned i = 0; i < rule->item_count; i++) {
        bytes_put16(to, rule->items[i].rdata_size);
        memcpy(to + 2, rule->items[i].rdata, rule->items[i].rdata_size);
        to += 2 + rule->items[i].rdata_size;
    }
    return rrset;
}

static void copy_rule(struct arena *memory, uint16_t type, const struct route_rule *from,
                      struct route_rule *to)
{
    assert(from->item_count >= 1 && from->item_count <= ROUTE_ITEMS_MAX);
    *to = *from;
    struct route_item *items =
        arena_copy(memory, from->items, from->item_count * sizeof *from->items);
    for (unsigned i = 0; i < from->item_count; i++)
        items[i].rdata = arena_copy(memory, items[i].rdata, items[i].rdata_size);
    to->items = items;
    to->all = make_rrset(memory, type, to);
    for (unsigned i = 0; i < from->where.count; i++) {
        struct facts *facts = &to->where.kinds[i];
        facts->list = arena_copy(memory, facts->list, facts->count * sizeof *facts->list);
    }
}

// --- the first rule of each set ------------------------------------------------------------------

static const uint16_t *find_firsts(struct arena *memory, const struct route_spec *spec,
                                   const struct facts *sets, size_t set_count)
{
    uint16_t *firsts = arena_get(memory, (set_count ? set_count : 1) * sizeof *firsts);
    firsts[0] = 0;
    for (size_t set = 0; set < (set_count ? set_count : 1); set++) {
        struct facts facts = set < set_count ? sets[set] : (struct facts){0};
        uint16_t rule = 0;
        while (rule + 1u < spec->rule_count && !route_holds(&spec->rules[rule].where, facts))
            rule++;
        firsts[set] = rule;
    }
    return firsts;
}

// Many names have their rules for the same places in the same order: they share the list.
struct shared {
    const uint16_t *list;
    uint64_t hash;
    struct shared *next;
};

static const uint16_t *share_firsts(struct arena *memory, struct shared **all,
                                    const uint16_t *firsts, size_t count)
{
    const struct hash_key fixed = {{0x243f6a8885a308d3u, 0x13198a2e03707344u}};
    uint64_t hash = 0;
    for (size_t i = 0; i < count; i++)
        hash = hash_mix(hash ^ fixed.words[0] ^ firsts[i], fixed.words[1] ^ hash);
    for (struct shared *one = *all; one; one = one->next)
        if (one->hash == hash && memcmp(one->list, firsts, count * sizeof *firsts) == 0)
            return one->list;
    struct shared *one = memory_get(sizeof *one);
    *one = (struct shared){arena_copy(memory, firsts, count * sizeof *firsts), hash, *all};
    *all = one;
    return one->list;
}

static void free_shared(struct shared *all)
{
    while (all) {
        struct shared *next = all->next;
        free(all);
        all = next;
    }
}

// --- names ---------------------------------------------------------------------------------------

static struct slot *find_slot(const struct routes *routes, uint64_t hash, struct name folded,
                              unsigned zone_labels)
{
    size_t at = hash & routes->mask;
    for (;; at = (at + 1) & routes->mask) {
        struct slot *slot = &routes->slots[at];
        if (!slot->name)
            return slot;
        if (slot->hash == hash && slot->name->zone_labels == zone_labels &&
            name_equal_folded(slot->name->owner, folded))
            return slot;
    }
}

static struct route_name *take_name(struct routes *routes, const struct name_key *key,
                                    unsigned depth, unsigned zone_labels)
{
    struct name folded = name_key_suffix(key, depth);
    struct slot *slot = find_slot(routes, key->hash[depth], folded, zone_labels);
    if (!slot->name) {
        struct route_name *name = arena_get(&routes->memory, sizeof *name);
        *name = (struct route_name){.owner = folded, .zone_labels = (uint8_t)zone_labels};
        name->owner.wire = arena_copy(&routes->memory, folded.wire, folded.size);
        *slot = (struct slot){key->hash[depth], name};
    }
    return (struct route_name *)slot->name;
}

// Adds a route to what the name has.
static void add_route(struct routes *routes, struct route_name *name, const struct route *route)
{
    size_t size = name->route_count * sizeof *route;
    struct route *list = arena_get(&routes->memory, size + sizeof *route);
    if (size)
        memcpy(list, name->routes, size);
    list[name->route_count++] = *route;
    name->routes = list;
}

static void add_spec(struct routes *routes, const struct route_spec *spec, const uint16_t *firsts)
{
    struct name_key key;
    assert(spec->rule_count >= 1 && spec->rule_count <= ROUTE_RULES_MAX);
    assert(spec->owner.labels >= spec->zone_labels);
    name_key_make(spec->owner, routes->secret, &key);
    for (unsigned depth = spec->zone_labels + 1; depth < key.labels; depth++)
        (void)take_name(routes, &key, depth, spec->zone_labels);
    struct route_rule *rules = arena_get(&routes->memory, spec->rule_count * sizeof *rules);
    struct route route = {.type = spec->type,
                          .rule_count = (uint16_t)spec->rule_count,
                          .rules = rules,
                          .first_of_set = firsts,
                          .mark = spec->mark};
    for (size_t i = 0; i < spec->rule_count; i++) {
        copy_rule(&routes->memory, spec->type, &spec->rules[i], &rules[i]);
        route.by_place |= rules[i].where.count > 0 || rules[i].choose == ROUTE_NEAREST;
        route.is_sticky |= rules[i].sticky_v4 > 0 || rules[i].sticky_v6 > 0;
    }
    add_route(routes, take_name(routes, &key, key.labels, spec->zone_labels), &route);
    routes->count++;
}

// How many entries there are at most: each name and all above it up to its zone.
static size_t count_names(const struct route_spec *specs, size_t count)
{
    size_t names = 0;
    for (size_t i = 0; i < count; i++)
        names += specs[i].owner.labels - specs[i].zone_labels + 1u;
    return names;
}

struct routes *routes_build(const struct route_spec *specs, size_t count, const struct facts *sets,
                            size_t set_count, const struct hash_key *secret)
{
    struct routes *routes = memory_get_zeroed(1, sizeof *routes);
    struct shared *shared = NULL;
    struct arena draft = {0};
    size_t room = 4;
    while (room < 2 * count_names(specs, count))
        room *= 2;
    atomic_init(&routes->holders, 1);
    routes->slots = memory_get_zeroed(room, sizeof *routes->slots);
    routes->mask = room - 1;
    routes->secret = arena_copy(&routes->memory, secret, sizeof *secret);
    for (size_t i = 0; i < count; i++) {
        const uint16_t *firsts = find_firsts(&draft, &specs[i], sets, set_count);
        firsts = share_firsts(&routes->memory, &shared, firsts, set_count ? set_count : 1);
        add_spec(routes, &specs[i], firsts);
        arena_free(&draft);
        draft = (struct arena){0};
    }
    free_shared(shared);
    return routes;
}

struct routes *routes_hold(struct routes *routes)
{
    atomic_fetch_add_explicit(&routes->holders, 1, memory_order_relaxed);
    return routes;
}

void routes_release(struct routes *routes)
{
    if (!routes || atomic_fetch_sub_explicit(&routes->holders, 1, memory_order_acq_rel) != 1)
        return;
    arena_free(&routes->memory);
    free(routes->slots);
    free(routes);
}

// --- looking up ----------------------------------------------------------------------------------

const struct route_name *routes_find(const struct routes *routes, const struct name_key *key,
                                     unsigned depth, unsigned zone_labels)
{
    return find_slot(routes, key->hash[depth], name_key_suffix(key, depth), zone_labels)->name;
}

const struct route_name *routes_find_wildcard(const struct routes *routes,
                                              const struct name_key *key, unsigned depth,
                                              unsigned zone_labels)
{
    uint8_t wire[NAME_OCTETS_MAX + 2] = {1, '*'};
    struct name suffix = name_key_suffix(key, depth);
    struct name owner = {wire, (uint8_t)(suffix.size + 2), (uint8_t)(depth + 1)};
    if (suffix.size + 2 > NAME_OCTETS_MAX)
        return NULL;
    memcpy(wire + 2, suffix.wire, suffix.size);
    uint64_t hash = hash_label(routes->secret, key->hash[depth], wire + 1, 1);
    return find_slot(routes, hash, owner, zone_labels)->name;
}

const struct route *route_of(const struct route_name *name, uint16_t type)
{
    for (unsigned i = 0; name && i < name->route_count; i++)
        if (name->routes[i].type == type)
            return &name->routes[i];
    return NULL;
}

size_t routes_count(const struct routes *routes)
{
    return routes->count;
}

const struct route_name *routes_next(const struct routes *routes, size_t *at)
{
    while (*at <= routes->mask) {
        const struct route_name *name = routes->slots[(*at)++].name;
        if (name)
            return name;
    }
    return NULL;
}
