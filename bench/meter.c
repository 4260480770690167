// See meter.h.
//
// Another process's CPU time is read through its CPU clocks: clock_gettime() takes clock numbers
// made of a process ID and one of three kinds. They are the same numbers as in /proc/PID/stat,
// without its rounding to 10 ms and without its scaling over the process's whole life, in which the
// time that a zone took to load would colour the split into user and system.
#include "meter.h"

#include <assert.h>
#include <time.h>

// The kinds of CPU clock, linux/posix-timers.h: CPUCLOCK_PROF, _VIRT, _SCHED.
enum clock_kind { CLOCK_KIND_EITHER, CLOCK_KIND_USER, CLOCK_KIND_EXACT };

static uint64_t nanoseconds(struct timespec time)
{
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

uint64_t meter_now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return nanoseconds(time);
}

static bool add_clock(uint64_t *sum, pid_t pid, enum clock_kind kind)
{
    clockid_t clock = (clockid_t)(~(unsigned)pid << 3 | kind);
    struct timespec time;
    if (clock_gettime(clock, &time) < 0)
        return false;
    *sum += nanoseconds(time);
    return true;
}

bool cpu_read(struct cpu *cpu, const pid_t *pids, size_t count)
{
    *cpu = (struct cpu){0};
    for (size_t i = 0; i < count; i++) {
        if (!add_clock(&cpu->total_ns, pids[i], CLOCK_KIND_EXACT) ||
            !add_clock(&cpu->user_seen_ns, pids[i], CLOCK_KIND_USER) ||
            !add_clock(&cpu->either_seen_ns, pids[i], CLOCK_KIND_EITHER))
            return false;
    }
    return true;
}

void cpu_between(const struct cpu *from, const struct cpu *to, double *user_us, double *system_us)
{
    assert(to->total_ns >= from->total_ns);
    double total_us = (double)(to->total_ns - from->total_ns) / 1000;
    uint64_t either = to->either_seen_ns - from->either_seen_ns;
    double user = (double)(to->user_seen_ns - from->user_seen_ns);
    *user_us = either > 0 ? total_us * user / (double)either : 0;
    *system_us = total_us - *user_us;
}

uint64_t counts_quantile(const struct counts *counts, double share)
{
    assert(share >= 0 && share <= 1);
    if (counts->total == 0)
        return 0;
    uint64_t rank = (uint64_t)(share * (double)(counts->total - 1));
    unsigned bucket = 0;
    for (uint64_t below = counts->buckets[0]; below <= rank; below += counts->buckets[bucket])
        bucket++;
    if (bucket < 64)
        return bucket;
    unsigned shift = (bucket - 32) / 32;
    return (uint64_t)(32 + (bucket - 32) % 32) << shift;
}
