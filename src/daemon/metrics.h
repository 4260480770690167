// The metrics that are the daemon's own: what it is, since when, and its zones.
#pragma once

#include <stdint.h>

struct buffer;
struct house;

struct metrics {
    uint64_t began_date_s;
    int last_reload; // its exit code
    const struct house *house;
};

// Prometheus text format 0.0.4, to stand before those of serve/stats.h. `house` may be NULL.
void metrics_print(const struct metrics *metrics, struct buffer *to) __attribute__((nonnull));
