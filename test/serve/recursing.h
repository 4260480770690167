// A server with a cache and a resolver, whose asks the test answers itself: for the tests of what
// is not ours.
#pragma once

#include "asking.h"

#include "base/epoch.h"
#include "cache/cache.h"
#include "cache/server.h"
#include "resolve/hints.h"
#include "serve/recurse.h"

static struct served served;
static struct cache *cache;
static struct servers *servers;
static struct query_packet query;

static inline void open_with(const char *origin, const char *text)
{
    struct cache_options options = {.octets = CACHE_OCTETS_MIN,
                                    .max_ttl_s = 86400,
                                    .negative_ttl_s = 3600,
                                    .secret = test_secret};
    served_of(&served, origin, text);
    served.worker.deferrals = deferrals_open();
    cache = cache_open(&options);
    servers = servers_open(256, &test_secret);
    struct resolver_options resolver = {.cache = cache,
                                        .servers = servers,
                                        .secret = &test_secret,
                                        .luck = {.seeded = true, .dice = dice_seed(1)}};
    served.worker.cache = cache;
    served.worker.resolver = resolver_open(&resolver);
    served.server.rules = rules_make();
    served.server.rules->quiet = true;
    access_add_loopback(&served.server.recurse);
    assert_true(address_parse("127.0.0.1:1053", 53, &served.client));
}

static inline void end(void)
{
    resolver_close(served.worker.resolver);
    rules_release(served.server.rules);
    access_free(&served.server.recurse);
    served_close(&served);
    servers_close(servers);
    epoch_offline(); // closing waits for readers, and we are one
    cache_close(cache);
    epoch_online();
}

static inline void pose(const char *name, unsigned type, unsigned flags)
{
    packet_begin(&query, 0x1234, flags);
    packet_question(&query, name, type, CLASS_IN);
}

// Sends it with leave to wait. Returns the size of what was said at once.
static inline uint32_t submit(struct packet *packet)
{
    struct serve_now now = serve_now_of(SERVED_NOW_US, SERVED_DATE_S);
    memcpy(served.reply, query.octets, query.size);
    *packet = (struct packet){.octets = served.reply,
                              .size = (uint32_t)query.size,
                              .room = SLOT_OCTETS,
                              .client = &served.client,
                              .transport = TRANSPORT_UDP,
                              .may_wait = true};
    serve_batch(&served.server, &served.worker, packet, 1, &now);
    return packet->size;
}

static inline unsigned flags_of(const uint8_t *reply)
{
    return bytes_get16(reply + 2);
}

// Keeps a record of the name, as if another server had said it.
static inline void know_rdata(const char *text, uint16_t type, const void *rdata, size_t size)
{
    _Alignas(4) uint8_t memory[sizeof(struct rrset) + 2 + NAME_OCTETS_MAX + 3] = {0};
    struct rrset *rrset = (struct rrset *)memory;
    struct name_key key;
    struct name name = name_of(text);
    size_t whole = (sizeof *rrset + 2 + size + 3) & ~(size_t)3;
    *rrset = (struct rrset){.ttl = 60, .type = type, .count = 1, .words = rrset_words(whole)};
    bytes_put16(rrset->body, (uint16_t)size);
    memcpy(rrset->body + 2, rdata, size);
    name_key_make(name, &test_secret, &key);
    struct cache_key at = {.name = &key, .depth = key.labels, .type = type};
    struct cache_put put = {.kind = CACHE_RRSET,
                            .rank = RANK_AUTHORITATIVE,
                            .ttl_s = 60,
                            .owner = name,
                            .rrset = rrset};
    assert_int_equal(cache_put(cache, &at, &put, SERVED_NOW_US / 1000000), CACHE_STORED);
}

static inline void know(const char *text, const char *address)
{
    know_rdata(text, TYPE_A, address, 4);
}

static inline void know_alias(const char *text, const char *target)
{
    struct name name = name_of(target);
    know_rdata(text, TYPE_CNAME, name.wire, name.size);
}

static inline int begin_reading(void **state)
{
    (void)state;
    epoch_join();
    return 0;
}

static inline int end_reading(void **state)
{
    (void)state;
    epoch_leave();
    return 0;
}
