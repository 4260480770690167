// What a run is measured with: the time, other processes' CPU, and counts of values.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

uint64_t meter_now_ns(void); // CLOCK_MONOTONIC

// --- CPU of processes ----------------------------------------------------------------------------

// All threads of all processes given. The total is exact (the scheduler's nanoseconds); user and
// system are what the kernel's tick saw (one look each 1-10 ms), so short runs tell them apart
// coarsely. There is nothing finer where the kernel counts by ticks: perf's task-clock:u has the
// whole time in it.
struct cpu {
    uint64_t total_ns;
    uint64_t user_seen_ns;
    uint64_t either_seen_ns; // user and system together, as seen by the tick
};

// False: a process is gone.
bool cpu_read(struct cpu *cpu, const pid_t *pids, size_t count) __attribute__((warn_unused_result));
// The user and system time between two readings: the exact total, split as the tick saw it.
void cpu_between(const struct cpu *from, const struct cpu *to, double *user_us, double *system_us);

// --- counts of values ----------------------------------------------------------------------------

// Values below 64 are counted one by one, larger ones in 32 steps to each doubling (3 % apart).
#define COUNTS_BUCKETS (64 + 32 * 58)

struct counts {
    uint64_t buckets[COUNTS_BUCKETS];
    uint64_t total; // how many values
    uint64_t sum;   // of the values themselves
};

static inline unsigned counts_bucket(uint64_t value)
{
    if (value < 64)
        return (unsigned)value;
    unsigned shift = 63 - 5 - (unsigned)__builtin_clzll(value); // value >> shift is 32 to 63
    return 32 + 32 * shift + (unsigned)((value >> shift) - 32);
}

static inline void counts_add(struct counts *counts, uint64_t value)
{
    counts->buckets[counts_bucket(value)]++;
    counts->total++;
    counts->sum += value;
}

// The value below which `share` (0 to 1) of all lie, rounded down to its step; 0 if there are none.
uint64_t counts_quantile(const struct counts *counts, double share);
