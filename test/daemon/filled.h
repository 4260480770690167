// A cache with entries put by hand, for tests of what looks into it.
#pragma once

#include <string.h>

#include "base/clock.h"
#include "base/epoch.h"
#include "cache/cache.h"
#include "dns/text.h"
#include "dns/type.h"

static const struct hash_key filled_secret = {{5, 6}};

static inline struct cache *filled_open(size_t octets)
{
    struct cache_options options = {
        .octets = octets, .max_ttl_s = 86400, .negative_ttl_s = 3600, .secret = filled_secret};
    struct cache *cache = cache_open(&options);
    assert_non_null(cache);
    return cache;
}

static inline struct name filled_name(const char *text, uint8_t storage[static NAME_OCTETS_MAX])
{
    struct name name, root = NAME_ROOT;
    assert_int_equal(name_parse(text, strlen(text), &root, storage, &name), NAME_TEXT_OK);
    return name;
}

static inline void filled_put(struct cache *cache, const char *text, uint16_t type,
                              const struct cache_put *wanted)
{
    uint8_t wire[NAME_OCTETS_MAX];
    struct name_key key;
    struct cache_put put = *wanted;
    put.owner = filled_name(text, wire);
    put.ttl_s = put.ttl_s ? put.ttl_s : 600;
    name_key_make(put.owner, &filled_secret, &key);
    struct cache_key at = {.name = &key, .depth = key.labels, .type = type};
    assert_int_equal(cache_put(cache, &at, &put, (uint32_t)(clock_now_ms() / 1000)), CACHE_STORED);
}

// 192.0.2.`last`
static inline void filled_put_address(struct cache *cache, const char *text, unsigned last)
{
    _Alignas(4) uint8_t memory[32] = {0};
    struct rrset *rrset = (struct rrset *)memory;
    *rrset = (struct rrset){.ttl = 600, .type = TYPE_A, .count = 1, .words = 5};
    memcpy(rrset->body, "\0\4\300\0\2", 5);
    rrset->body[5] = (uint8_t)last;
    filled_put(
        cache, text, TYPE_A,
        &(struct cache_put){.kind = CACHE_RRSET, .rank = RANK_AUTHORITATIVE, .rrset = rrset});
}

static inline void filled_put_none(struct cache *cache, const char *text, uint16_t type,
                                   enum cache_kind kind)
{
    filled_put(cache, text, type, &(struct cache_put){.kind = kind, .rank = RANK_AUTHORITY});
}
