// A worker's loop in small (walk.h): asks out, sleep, replies in, until the one answer is there.
#include "cli/walk.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/epoch.h"
#include "base/memory.h"
#include "cli/output.h"
#include "daemon/upstream.h"

#define WALK_CACHE_OCTETS ((size_t)8 * 1024 * 1024)
#define WALK_SERVERS      1024
#define WALK_TOKEN        1

enum walk_source { WALK_UDP = LOOP_BELL + 1, WALK_TCP };

struct walk {
    struct loop loop;
    struct upstream upstream;
    struct cache *cache;
    struct servers *servers;
    struct rules *rules;
    struct hash_key secret;
    struct answer answer; // what is known at once
};

static bool open_parts(struct walk *walk)
{
    struct cache_options cache = {.octets = WALK_CACHE_OCTETS,
                                  .max_ttl_s = 86400,
                                  .negative_ttl_s = 3600,
                                  .secret = walk->secret};
    struct outbound_options way_out = {
        .loop = &walk->loop, .udp_kind = WALK_UDP, .tcp_kind = WALK_TCP};
    int failed = loop_open(&walk->loop);
    if (failed) {
        output_complain(NULL, "cannot wait for replies: %s", strerror(-failed));
        return false;
    }
    walk->cache = cache_open(&cache);
    walk->servers = servers_open(WALK_SERVERS, &walk->secret);
    struct resolver_options resolver = {
        .cache = walk->cache, .servers = walk->servers, .secret = &walk->secret};
    if (walk->cache && walk->servers && upstream_open(&walk->upstream, &way_out, &resolver))
        return true;
    output_complain(NULL, "out of memory");
    return false;
}

struct walk *walk_open(struct rules *rules)
{
    struct walk *walk = memory_get_zeroed(1, sizeof *walk);
    random_fill(&walk->secret, sizeof walk->secret);
    epoch_join(); // we read a cache, as workers do
    walk->loop.epoll = walk->loop.bell = -1;
    walk->rules = rules_hold(rules);
    if (open_parts(walk))
        return walk;
    walk_close(walk);
    return NULL;
}

void walk_close(struct walk *walk)
{
    if (!walk)
        return;
    upstream_close(&walk->upstream);
    epoch_leave();
    servers_close(walk->servers);
    cache_close(walk->cache);
    if (walk->loop.epoll >= 0)
        loop_close(&walk->loop);
    rules_release(walk->rules);
    free(walk);
}

void walk_set_root_copy(struct walk *walk, const char *path, bool zonemd, struct report *report)
{
    struct zone_load_options options = {.zonemd = zonemd, .secret = &walk->secret};
    struct zone *copy = zone_load(NAME_ROOT, path, &options, report);
    if (copy->state == ZONE_SERVED)
        rules_set_root_copy(walk->rules, copy, UINT64_MAX); // one question does not outlive it
    else
        zone_release(copy);
}

static void wait_for_replies(struct walk *walk)
{
    epoch_quiet();
    unsigned count = loop_wait(&walk->loop, upstream_rest(&walk->upstream, clock_now_us()));
    uint64_t now_us = clock_now_us();
    for (unsigned i = 0; i < count; i++) {
        uint32_t ready;
        struct loop_tag tag = loop_event(&walk->loop, i, &ready);
        if (tag.kind != LOOP_BELL)
            upstream_ready(&walk->upstream, tag, ready, now_us);
    }
    upstream_turn(&walk->upstream, now_us);
}

const struct answer *walk_resolve(struct walk *walk, const struct want *want)
{
    struct want wanted = *want;
    struct resolved resolved;
    wanted.token = WALK_TOKEN;
    answer_begin(&walk->answer);
    enum resolve_result result =
        resolver_want(walk->upstream.resolver, walk->rules, &wanted, clock_now_us(), &walk->answer);
    if (result == RESOLVE_ANSWERED)
        return &walk->answer;
    upstream_turn(&walk->upstream, clock_now_us());
    for (;;) {
        while (resolver_next_resolved(walk->upstream.resolver, &resolved))
            if (resolved.token == WALK_TOKEN)
                return resolved.answer;
        wait_for_replies(walk);
    }
}

void walk_count(const struct walk *walk, struct resolver_counts *counts)
{
    resolver_count(walk->upstream.resolver, counts);
}
