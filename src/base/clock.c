// The two clocks (clock.h).
#include "base/clock.h"

#include <assert.h>
#include <time.h>

static struct timespec now(clockid_t clock)
{
    struct timespec time;
    int failed = clock_gettime(clock, &time);
    assert(!failed); // both clocks are in every Linux that we run on (2.6.39)
    return time;
}

uint64_t clock_now_ms(void)
{
    return clock_now_us() / 1000;
}

uint64_t clock_now_us(void)
{
    struct timespec time = now(CLOCK_BOOTTIME);
    return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_nsec / 1000;
}

uint64_t clock_date_s(void)
{
    struct timespec time = now(CLOCK_REALTIME);
    return time.tv_sec < 0 ? 0 : (uint64_t)time.tv_sec;
}
