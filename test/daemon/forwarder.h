// A resolver whose questions all go to one server, and that server's replies: for tests of what
// stands around a resolver.
#pragma once

#include <string.h>

#include "base/bytes.h"
#include "base/epoch.h"
#include "cache/cache.h"
#include "cache/server.h"
#include "dns/message.h"
#include "dns/text.h"
#include "dns/type.h"
#include "resolve/resolver.h"
#include "resolve/rules.h"

static const struct hash_key forwarder_secret = {{1, 2}};

struct forwarder {
    struct cache *cache;
    struct servers *servers;
    struct rules *rules;
};

static inline struct name forwarder_name(const char *text, uint8_t storage[static NAME_OCTETS_MAX])
{
    struct name name, root = NAME_ROOT;
    assert_int_equal(name_parse(text, strlen(text), &root, storage, &name), NAME_TEXT_OK);
    return name;
}

// Rules that ask the server at this address for everything, and a cache. The thread reads it.
static inline void forwarder_open(struct forwarder *forwarder, const struct address *address)
{
    struct cache_options options = {.octets = CACHE_OCTETS_MIN,
                                    .max_ttl_s = 86400,
                                    .negative_ttl_s = 3600,
                                    .secret = forwarder_secret};
    epoch_join();
    forwarder->cache = cache_open(&options);
    forwarder->servers = servers_open(256, &forwarder_secret);
    forwarder->rules = rules_make();
    rules_set_root(forwarder->rules, true);
    rules_add_root_server(forwarder->rules, (struct name)NAME_ROOT, address);
    forwarder->rules->quiet = true;
    forwarder->rules->stale_s = 0;
    assert_true(forwarder->cache && forwarder->servers);
}

static inline struct resolver_options forwarder_resolver(const struct forwarder *forwarder)
{
    return (struct resolver_options){.cache = forwarder->cache,
                                     .servers = forwarder->servers,
                                     .secret = &forwarder_secret,
                                     .luck = {.seeded = true, .dice = dice_seed(1)}};
}

static inline void forwarder_close(struct forwarder *forwarder)
{
    rules_release(forwarder->rules);
    servers_close(forwarder->servers);
    epoch_leave();
    cache_close(forwarder->cache);
}

// The reply to a query for an address, with room for 512 octets: 192.0.2.`last`, for a minute.
// Returns its size.
static inline size_t forwarder_reply(const uint8_t *query, unsigned last, uint8_t *reply)
{
    size_t end = HEADER_SIZE;
    while (query[end])
        end += query[end] + 1u;
    end += 5;
    memcpy(reply, query, end);
    bytes_put16(reply + 2, FLAG_QR | FLAG_RD | FLAG_RA);
    bytes_put16(reply + 6, 1);
    bytes_put16(reply + 10, 0);
    memcpy(reply + end, "\300\14\0\1\0\1\0\0\0\74\0\4\300\0\2", 15);
    reply[end + 15] = (uint8_t)last;
    return end + 16;
}
