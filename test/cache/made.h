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

// --- entries that say what they must hold --------------------------------------------------------

#define MADE_NOW 1000000u

// The name is said in the tag, the rdata are its number again and again.
static inline enum cache_stored put_numbered(struct cache *to, uint32_t number, size_t size)
{
    static _Thread_local struct made_rrset rrset;
    static _Thread_local uint32_t rdata[4096];
    char text[64];
    struct made made;
    assert_true(size <= sizeof rdata);
    snprintf(text, sizeof text, "www.d%06u.example.test.", number);
    make_name(&made, text);
    for (size_t i = 0; i <= size / 4 && i < 4096; i++)
        rdata[i] = number;
    struct cache_key key = make_key(&made, TYPE_A, 0);
    struct cache_put what = {.kind = CACHE_RRSET,
                             .rank = RANK_ANSWER,
                             .tag = (uint16_t)number,
                             .ttl_s = 10 + number % 86000,
                             .owner = made.name,
                             .rrset = make_rrset(&rrset, TYPE_A, rdata, size)};
    return cache_put(to, &key, &what, MADE_NOW);
}

static inline bool get_numbered(struct cache *from, uint32_t number)
{
    char text[64];
    struct made made;
    struct cache_found found;
    snprintf(text, sizeof text, "www.d%06u.example.test.", number);
    make_name(&made, text);
    struct cache_key key = make_key(&made, TYPE_A, 0);
    if (!cache_get(from, &key, MADE_NOW, &found))
        return false;
    assert_int_equal(found.tag, (uint16_t)number);
    assert_true(name_equal(found.owner, made.name));
    size_t size = rrset_rdata_size(found.rrset->body);
    const uint8_t *rdata = rrset_rdata(found.rrset->body);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(rdata[i], number >> i % 4 * 8 & 255);
    return true;
}
