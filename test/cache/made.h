// Keys, names and RRsets for the tests of this room.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/epoch.h"
#include "cache/cache.h"
#include "dns/type.h"

static const struct hash_key made_secret = {{0x0123456789abcdef, 0xfedcba9876543210}};

// A name and its key.
struct made {
    uint8_t wire[NAME_OCTETS_MAX];
    struct name name;
    struct name_key key;
};

static inline void make_name(struct made *made, const char *text)
{
    assert_int_equal(name_parse(text, strlen(text), &NAME_ROOT, made->wire, &made->name),
                     NAME_TEXT_OK);
    name_key_make(made->name, &made_secret, &made->key);
}

static inline struct cache_key make_key(const struct made *made, uint16_t type, uint16_t source)
{
    return (struct cache_key){&made->key, made->name.labels, type, source};
}

// An RRset of one record: `size` octets of rdata, all of them `octet`.
struct made_rrset {
    struct rrset head;
    uint8_t octets[CACHE_ENTRY_MAX + 64];
};

static inline const struct rrset *make_rrset(struct made_rrset *made, uint16_t type,
                                             const void *rdata, size_t size)
{
    size_t whole = (sizeof made->head + 2 + size + 3) & ~(size_t)3;
    assert_true(whole <= sizeof *made);
    made->head = (struct rrset){.ttl = 1, .type = type, .count = 1, .words = rrset_words(whole)};
    memset(made->octets, 0, whole - sizeof made->head);
    bytes_put16(made->octets, (uint16_t)size);
    memcpy(made->octets + 2, rdata, size);
    return (const struct rrset *)made;
}

static inline struct cache *make_cache(size_t octets, uint32_t stale_s)
{
    const struct cache_options options = {
        .octets = octets,
        .min_ttl_s = 0,
        .max_ttl_s = 86400,
        .negative_ttl_s = 3600,
        .stale_s = stale_s,
        .secret = made_secret,
    };
    struct cache *cache = cache_open(&options);
    assert_non_null(cache);
    return cache;
}
