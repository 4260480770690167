// How long things took: counts in fixed steps from 10 us to 10 s, as Prometheus wants them.
//
// One writer, plain additions; a reader may look at any time and be one behind. All members are
// 64-bit counters, so that blocks with histograms in them can be summed as arrays.
#pragma once

#include <stdint.h>

struct buffer;

#define HISTOGRAM_BOUNDS 19 // 1, 2 and 5 times each power of ten, and 10 s

struct histogram {
    uint64_t counts[HISTOGRAM_BOUNDS + 1]; // up to each bound and above the one before; the rest
    uint64_t sum_us;
};

// `times` of them, each of so many microseconds.
void histogram_add(struct histogram *histogram, uint64_t us, uint64_t times)
    __attribute__((nonnull));
// The samples of a metric, in seconds: buckets, sum and count. `label` (as source="cache") is said
// in each of them; "": none.
void histogram_print(const struct histogram *histogram, const char *metric, const char *label,
                     struct buffer *to) __attribute__((nonnull));
