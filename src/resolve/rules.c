// Rules made, filled and asked (rules.h).
//
// Forward and stub zones stand in canonical order, so that the deepest one above a name is found by
// bisection: the last zone that is not behind the name is either above it, or says how many labels
// a zone above it can share with the name at most.
#include "resolve/rules.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "resolve/hints.h"

// Nobody to ask about names lives here: this host, nowhere, everybody (RFC 6890, RFC 5771, 4291).
static const char *const never_asked[] = {
    "0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4", "::/128", "::1/128", "ff00::/8",
};

static struct name copy_name(struct rules *rules, struct name name)
{
    return name_trust(arena_copy(&rules->memory, name.wire, name.size));
}

static struct delegation *make_delegation(struct rules *rules, struct name cut, bool recursive)
{
    struct delegation *delegation = arena_get(&rules->memory, sizeof *delegation);
    delegation_begin(delegation, copy_name(rules, cut));
    delegation->recursive = recursive;
    delegation->configured = true;
    delegation->source = rules_world(rules);
    delegation->ttl_s = 0;
    return delegation;
}

struct rules *rules_make(void)
{
    struct rules *rules = memory_get_zeroed(1, sizeof *rules);
    atomic_init(&rules->holders, 1);
    rules->otherwise = RULES_RECURSIVE;
    rules->minimise = rules->ipv4 = rules->ipv6 = rules->special_names = true;
    rules->port = 53;
    rules->packets_max = BUDGET_PACKETS;
    rules->time_max_ms = BUDGET_TIME_MS;
    rules->stale_after_ms = STALE_AFTER_MS;
    for (size_t i = 0; i < sizeof never_asked / sizeof never_asked[0]; i++) {
        struct prefix prefix;
        bool good = prefix_parse(never_asked[i], &prefix);
        assert(good);
        (void)good;
        rules_add_never_ask(rules, &prefix);
    }
    rules->root = make_delegation(rules, NAME_ROOT, false);
    hints_fill(rules->root);
    return rules;
}

void rules_set_view(struct rules *rules, unsigned view)
{
    assert(view <= VIEWS_MAX && rules->zone_count == 0);
    rules->view = (uint8_t)view;
    rules->root->source = rules_world(rules);
}

struct rules *rules_hold(struct rules *rules)
{
    atomic_fetch_add_explicit(&rules->holders, 1, memory_order_relaxed);
    return rules;
}

void rules_release(struct rules *rules)
{
    if (!rules || atomic_fetch_sub_explicit(&rules->holders, 1, memory_order_acq_rel) != 1)
        return;
    zone_release(rules->root_copy);
    free(rules->zones);
    free(rules->never_ask);
    arena_free(&rules->memory);
    free(rules);
}

void rules_set_root(struct rules *rules, bool forward)
{
    rules->otherwise = forward ? RULES_FORWARD : RULES_RECURSIVE;
    rules->root = make_delegation(rules, NAME_ROOT, forward);
}

void rules_add_root_server(struct rules *rules, struct name name, const struct address *address)
{
    int host = DELEGATION_NO_HOST;
    if (name.labels > 0)
        host = delegation_add_host(rules->root, copy_name(rules, name));
    if (host >= 0)
        delegation_add_address(rules->root, address, (uint8_t)host);
}

void rules_set_root_copy(struct rules *rules, struct zone *copy, uint64_t end_us)
{
    assert(copy->state == ZONE_SERVED && copy->origin.labels == 0);
    zone_release(rules->root_copy);
    rules->root_copy = copy;
    rules->root_copy_end_us = end_us;
}

static bool is_taken(const struct rules *rules, uint16_t source)
{
    for (size_t i = 0; i < rules->zone_count; i++)
        if (rules->zones[i].delegation->source == source)
            return true;
    return source == rules_world(rules);
}

// A number for what is kept of a zone, made of its name: a reload that adds or takes away other
// zones must not give it another one, or what one forwarder said would be taken for another's.
static uint16_t choose_source(const struct rules *rules, struct name cut, bool forward)
{
    uint32_t hash = forward ? 2166136261u : 84696351u; // FNV-1a, from two beginnings
    for (unsigned i = 0; i < cut.size; i++)
        hash = (hash ^ byte_fold(cut.wire[i])) * 16777619u;
    uint16_t world = rules_world(rules), span = world ? (1u << RULES_VIEW_BITS) - 1 : 0x3fff;
    uint16_t source = (uint16_t)(world | ((hash ^ hash >> 16) & span));
    while (is_taken(rules, source))
        source = (uint16_t)(world | ((source + 1u) & span));
    return source;
}

struct delegation *rules_add_zone(struct rules *rules, struct name cut, bool forward)
{
    size_t at = 0;
    while (at < rules->zone_count && name_compare(rules->zones[at].delegation->cut, cut) < 0)
        at++;
    if (at < rules->zone_count && name_equal(rules->zones[at].delegation->cut, cut))
        return NULL;
    assert(rules->zone_count < UINT16_MAX - 1);
    uint16_t source = choose_source(rules, cut, forward);
    rules->zones =
        memory_grow(rules->zones, &rules->zone_room, rules->zone_count + 1, sizeof *rules->zones);
    memmove(rules->zones + at + 1, rules->zones + at,
            (rules->zone_count - at) * sizeof *rules->zones);
    rules->zones[at].delegation = make_delegation(rules, cut, forward);
    rules->zone_count++;
    rules->zones[at].delegation->source = source;
    return rules->zones[at].delegation;
}

void rules_add_never_ask(struct rules *rules, const struct prefix *prefix)
{
    rules->never_ask = memory_grow(rules->never_ask, &rules->never_ask_room,
                                   rules->never_ask_count + 1, sizeof *rules->never_ask);
    rules->never_ask[rules->never_ask_count++] = *prefix;
}

bool rules_may_ask(const struct rules *rules, const struct address *address)
{
    if (address->size == 0 || !(address->any.sa_family == AF_INET ? rules->ipv4 : rules->ipv6))
        return false;
    for (size_t i = 0; i < rules->never_ask_count; i++)
        if (prefix_holds(&rules->never_ask[i], address))
            return false;
    return true;
}

// How many zones are not behind this name.
static size_t count_up_to(const struct rules *rules, struct name name)
{
    size_t low = 0, high = rules->zone_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (name_compare(rules->zones[middle].delegation->cut, name) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct delegation *rules_find(const struct rules *rules, struct name name)
{
    struct name above = name;
    for (size_t count = rules->zone_count; count > 0;) {
        count = count_up_to(rules, above);
        if (count == 0)
            break;
        const struct delegation *zone = rules->zones[count - 1].delegation;
        if (name_is_within(name, zone->cut))
            return zone;
        above = name_suffix(above, name_shared_labels(above, zone->cut));
    }
    return rules->otherwise == RULES_NONE ? NULL : rules->root;
}
