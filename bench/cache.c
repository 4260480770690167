// The cache alone, from memory: octets of an entry, and what a look-up costs.
//
//   bench-cache [MEGABYTES [NAMES [SECONDS]]]
//
// Fills a cache with an A RRset for each of NAMES names as www.d000000.example.test., and asks: the
// names one after the other at random, 100 000 of them and all; one by one, and in groups of 16
// that are prefetched first. The key of a name is made before, as a query's is. Then the snapshot.
// User nanoseconds.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/epoch.h"
#include "base/memory.h"
#include "base/random.h"
#include "cache/cache.h"
#include "cache/snapshot.h"
#include "dns/type.h"

#define GROUP 16
#define HOT   100000
#define NOW   1000

static struct hash_key secret;

static uint64_t user_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void make_key(uint32_t number, struct name_key *key, uint8_t wire[static NAME_OCTETS_MAX],
                     struct name *name)
{
    static const char shape[] = "\3www\7d000000\7example\4test";
    memcpy(wire, shape, sizeof shape);
    for (unsigned i = 0; i < 6; i++, number /= 10)
        wire[11 - i] = (uint8_t)('0' + number % 10);
    *name = name_trust(wire);
    name_key_make(*name, &secret, key);
}

static unsigned fill(struct cache *cache, uint32_t names)
{
    struct {
        struct rrset head;
        uint8_t octets[8];
    } rrset = {.head = {.ttl = 3600, .type = TYPE_A, .count = 1, .words = 5}};
    unsigned stored = 0;
    bytes_put16(rrset.octets, 4);
    for (uint32_t i = 0; i < names; i++) {
        uint8_t wire[NAME_OCTETS_MAX];
        struct name_key key;
        struct cache_put put = {
            .kind = CACHE_RRSET, .rank = RANK_AUTHORITATIVE, .ttl_s = 3600, .rrset = &rrset.head};
        make_key(i, &key, wire, &put.owner);
        bytes_put32(rrset.octets + 2, i);
        struct cache_key at = {&key, key.labels, TYPE_A, 0};
        stored += cache_put(cache, &at, &put, NOW) == CACHE_STORED;
    }
    return stored;
}

// Keys are made for a round at a time, and their time is not counted.
#define ROUND 256
static struct name_key *keys;

static void ask_ahead(const struct cache *cache, const struct name_key *group)
{
    for (unsigned i = 0; i < GROUP; i++) {
        struct cache_key key = {&group[i], group[i].labels, TYPE_A, 0};
        cache_prefetch(cache, &key);
    }
    for (unsigned i = 0; i < GROUP; i++) {
        struct cache_key key = {&group[i], group[i].labels, TYPE_A, 0};
        cache_prefetch_entry(cache, &key);
    }
}

static void ask(const struct cache *cache, uint32_t names, bool in_groups, double seconds)
{
    static uint8_t wire[NAME_OCTETS_MAX];
    struct dice dice = dice_seed(1);
    uint64_t spent = 0, asked = 0, found_count = 0, sum = 0;
    while (spent < seconds * 1e9) {
        struct name name;
        for (unsigned i = 0; i < ROUND; i++)
            make_key((uint32_t)((uint64_t)dice_roll(&dice) * names >> 32), &keys[i], wire, &name);
        uint64_t begin = user_ns();
        for (unsigned i = 0; i < ROUND; i++) {
            struct cache_key key = {&keys[i], keys[i].labels, TYPE_A, 0};
            struct cache_found found;
            if (in_groups && i % GROUP == 0)
                ask_ahead(cache, &keys[i]);
            if (cache_get(cache, &key, NOW, &found)) {
                found_count++;
                sum += found.rrset->body[5];
            }
        }
        spent += user_ns() - begin;
        asked += ROUND;
    }
    printf("  %7u names, %s: %6.1f ns, %.1f %% found (%u)\n", names,
           in_groups ? "in groups of 16" : "one by one     ", (double)spent / (double)asked,
           100.0 * (double)found_count / (double)asked, (unsigned)(sum & 1));
}

static double wall_s(void)
{
    return (double)clock_now_us() / 1e6;
}

static void take_snapshot(const struct cache *cache, const struct cache_options *options)
{
    static const char path[] = "bench-cache.snapshot";
    const struct snapshot_times times = {NOW, 1};
    struct snapshot_loaded loaded;
    uint64_t entries;
    uint64_t begin_ns = user_ns();
    double begin_s = wall_s();
    int error = cache_save(cache, path, &times, &entries);
    printf("snapshot of %llu: %s, %.2f s, %.2f s of CPU\n", (unsigned long long)entries,
           error ? strerror(-error) : "written", wall_s() - begin_s,
           (double)(user_ns() - begin_ns) / 1e9);
    struct cache *again = cache_open(options);
    if (!again)
        exit(1);
    begin_ns = user_ns();
    begin_s = wall_s();
    enum snapshot_result result = cache_load(again, path, &times, &loaded);
    const char *problem = snapshot_problem(result);
    printf("%llu of it %s, %.2f s, %.2f s of CPU\n", (unsigned long long)loaded.entries,
           problem ? problem : "loaded", wall_s() - begin_s, (double)(user_ns() - begin_ns) / 1e9);
    cache_close(again);
    unlink(path);
}

int main(int count, char **words)
{
    size_t megabytes = count > 1 ? (size_t)atol(words[1]) : 128;
    uint32_t names = count > 2 ? (uint32_t)atol(words[2]) : 1000000;
    double seconds = count > 3 ? atof(words[3]) : 2;
    random_fill(&secret, sizeof secret);
    const struct cache_options options = {
        .octets = megabytes << 20, .max_ttl_s = 86400, .secret = secret};
    struct cache *cache = cache_open(&options);
    if (!cache)
        return 2;
    keys = memory_get_zeroed(ROUND, sizeof *keys);
    epoch_join();
    uint64_t begin = user_ns();
    unsigned stored = fill(cache, names);
    double put_ns = (double)(user_ns() - begin) / names;
    struct cache_counts counts;
    cache_count(cache, &counts);
    printf("%u stored, %.0f ns each; %llu there, %.1f octets each, %llu evicted\n", stored, put_ns,
           (unsigned long long)counts.entries[CACHE_RRSET],
           (double)counts.octets / (double)counts.entries[CACHE_RRSET],
           (unsigned long long)counts.evicted);
    for (unsigned all = 0; all < 2; all++)
        for (unsigned in_groups = 0; in_groups < 2; in_groups++)
            ask(cache, all || names < HOT ? names : HOT, in_groups, seconds);
    epoch_offline();
    take_snapshot(cache, &options);
    epoch_online();
    begin = user_ns();
    size_t gone = cache_flush_tree(cache, NAME_ROOT);
    printf("%zu forgotten in %.0f ms\n", gone, (double)(user_ns() - begin) / 1e6);
    epoch_leave();
    cache_close(cache);
    free(keys);
    return 0;
}
