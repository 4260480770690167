// The metrics that are the daemon's own: what it is, since when, its zones, its cache and the
// servers that it was told to ask.
#pragma once

#include <stdint.h>

struct buffer;
struct cache;
struct house;
struct json;
struct servers;

struct metrics {
    uint64_t began_date_s;
    int last_reload;               // its exit code
    const struct house *house;     // NULL: none yet
    const struct cache *cache;     // NULL: nothing is resolved
    const struct servers *servers; // NULL: nobody is asked
    uint64_t now_us;               // CLOCK_BOOTTIME
};

// Prometheus text format 0.0.4, to stand before those of serve/stats.h.
void metrics_print(const struct metrics *metrics, struct buffer *to) __attribute__((nonnull));
// The cache's counters as members of the object that is open (commands_cache.h tells them).
void metrics_cache_json(const struct cache *cache, struct json *json) __attribute__((nonnull));
