// Options handed down (rules.h).
#include "conf/rules.h"

#include <assert.h>
#include <string.h>

#include "base/capacity.h"
#include "base/limits.h"
#include "dns/tsig.h"

// --- networks ------------------------------------------------------------------------------------

// Each ends with a NULL. RFC 6890, RFC 5771 and RFC 4291; 240.0.0.0/4 has the broadcast address.
static const char *const loopback[] = {"127.0.0.0/8", "::1/128", NULL};
static const char *const unspecified[] = {"0.0.0.0/8", "::/128", NULL};
static const char *const multicast[] = {"224.0.0.0/4", "240.0.0.0/4", "ff00::/8", NULL};

static void never_ask_all(struct rules *rules, const char *const *texts)
{
    for (; *texts; texts++) {
        struct prefix prefix;
        bool good = prefix_parse(*texts, &prefix);
        assert(good);
        rules_add_never_ask(rules, &prefix);
    }
}

static void never_ask_own(struct rules *rules, struct own_addresses own)
{
    for (size_t i = 0; i < own.count; i++) {
        struct prefix prefix = prefix_of_address(&own.some[i]);
        if (!address_is_wildcard(&own.some[i]))
            rules_add_never_ask(rules, &prefix);
    }
}

static void never_ask(struct rules *rules, const struct network_option *network,
                      struct own_addresses own)
{
    switch (network->kind) {
    case NETWORK_PREFIX: rules_add_never_ask(rules, &network->prefix); return;
    case NETWORK_LOOPBACK: never_ask_all(rules, loopback); return;
    case NETWORK_OWN: never_ask_own(rules, own); return;
    case NETWORK_UNSPECIFIED: never_ask_all(rules, unspecified); return;
    case NETWORK_MULTICAST: never_ask_all(rules, multicast); return;
    }
}

// --- rules ---------------------------------------------------------------------------------------

static void add_root_servers(struct rules *rules, struct name name,
                             const struct address_list *addresses)
{
    for (size_t i = 0; i < addresses->count; i++)
        rules_add_root_server(rules, name, &addresses->some[i]);
}

static void copy_root(struct rules *rules, const struct delegation *hints)
{
    rules_set_root(rules, false);
    for (unsigned i = 0; i < hints->address_count; i++)
        rules_add_root_server(rules, hints->hosts[hints->addresses[i].host].name,
                              &hints->addresses[i].address);
}

static void set_default(struct rules *rules, const struct resolve_options *options)
{
    switch (options->otherwise) {
    case RESOLVE_NONE: rules->otherwise = RULES_NONE; return;
    case RESOLVE_FORWARD:
        rules_set_root(rules, true);
        add_root_servers(rules, NAME_ROOT, &options->forward);
        return;
    case RESOLVE_RECURSIVE:
        if (options->hint_count == 0) {
            if (options->file_hints)
                copy_root(rules, options->file_hints);
            return; // or the built-in ones
        }
        rules_set_root(rules, false);
        for (size_t i = 0; i < options->hint_count; i++)
            add_root_servers(rules, options->hints[i].name, &options->hints[i].addresses);
        return;
    }
}

static void add_zone(struct rules *rules, const struct named_option *zone)
{
    struct delegation *delegation = rules_add_zone(rules, zone->name, zone->forward);
    assert(delegation); // doubles were refused
    for (size_t i = 0; i < zone->addresses.count; i++)
        (void)delegation_add_address(delegation, &zone->addresses.some[i], DELEGATION_NO_HOST);
}

struct rules *options_rules(const struct options *options, unsigned view, struct own_addresses own)
{
    const struct resolve_options *resolve =
        view ? &options->views[view - 1].resolve : &options->resolve;
    struct rules *rules = rules_make();
    rules_set_view(rules, view);
    set_default(rules, resolve);
    for (size_t i = 0; i < resolve->zone_count; i++)
        add_zone(rules, &resolve->zones[i]);
    rules->minimise = resolve->minimise;
    rules->ipv4 = resolve->ipv4;
    rules->ipv6 = resolve->ipv6;
    rules->special_names = resolve->special_names;
    rules->quiet = resolve->quiet;
    rules->prefetch = options->cache.prefetch;
    rules->port = resolve->port;
    rules->packets_max = resolve->packets_max;
    rules->time_max_ms = resolve->time_max_ms;
    rules->stale_s = options->cache.stale_s;
    rules->never_ask_count = 0; // the list is the whole of it
    for (size_t i = 0; i < resolve->never_ask_count; i++)
        never_ask(rules, &resolve->never_ask[i], own);
    return rules;
}

// --- keys, access and the cache ------------------------------------------------------------------

struct tsig_keys *options_keys(const struct options *options)
{
    if (options->key_count == 0)
        return NULL;
    struct tsig_keys *keys = tsig_keys_make(options->key_count);
    for (size_t i = 0; i < options->key_count; i++) {
        const struct key_option *option = &options->keys[i];
        struct tsig_key *key = &keys->list[i];
        memcpy(key->wire, option->wire, option->size);
        key->name = (struct name){key->wire, option->size, option->labels};
        key->kind = option->kind;
        key->mac_least = option->mac_least;
        key->mac = mac_key_make(option->kind, option->secret, option->secret_size);
    }
    return keys;
}

static void add_own(struct access *access, struct own_addresses own)
{
    for (size_t i = 0; i < own.count; i++) {
        struct prefix prefix = prefix_of_address(&own.some[i]);
        if (!address_is_wildcard(&own.some[i]))
            access_add(access, &prefix);
    }
}

void options_access(const struct access_option *options, size_t count, struct own_addresses own,
                    struct access *access)
{
    for (size_t i = 0; i < count; i++) {
        switch (options[i].kind) {
        case ACCESS_PREFIX: access_add(access, &options[i].prefix); break;
        case ACCESS_LOCALHOST:
            access_add_loopback(access);
            add_own(access, own);
            break;
        case ACCESS_PRIVATE: access_add_private(access); break;
        case ACCESS_ANY: access->any = true; break;
        case ACCESS_KEY: access_add_key(access, (uint32_t)options[i].key + 1); break;
        case ACCESS_NONE: break;
        }
    }
}

void options_cache(const struct options *options, struct cache_options *cache)
{
    const struct memory_options *memory = &options->cache;
    uint64_t octets = memory->octets;
    if (memory->percent)
        octets = (capacity_memory() / 100 * memory->percent) & ~(uint64_t)(CACHE_OCTETS_MIN - 1);
    if (octets < CACHE_OCTETS_MIN)
        octets = CACHE_OCTETS_MIN;
    cache->octets = octets < CACHE_OCTETS_MAX ? (size_t)octets : CACHE_OCTETS_MAX;
    cache->min_ttl_s = memory->min_ttl_s;
    cache->max_ttl_s = memory->max_ttl_s;
    cache->negative_ttl_s = memory->negative_ttl_s;
    cache->stale_s = memory->stale_s;
}
