// Randomness (random.h).
//
// The pool of a thread: 512 octets from getrandom, given out four at a time from the front. Each
// value is wiped when it is given out, so that a later look into our memory does not show the IDs
// and ports that were used. A child of fork would inherit the rest of the pool and draw the same
// values as its parent; the handler empties it.
#include "base/random.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/log.h"

#define POOL_OCTETS 512

static _Thread_local struct {
    uint8_t octets[POOL_OCTETS];
    size_t left; // octets not given out yet, at the end of the pool
} pool;
static_assert(POOL_OCTETS % sizeof(uint32_t) == 0, "the pool ends with a whole value");

void random_fill(void *to, size_t size)
{
    uint8_t *next = to;
    while (size) {
        ssize_t got = getrandom(next, size, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            log_error("no random numbers from the kernel: %m");
            exit(1);
        }
        next += got;
        size -= (size_t)got;
    }
}

// Only the thread that forked lives on in the child, and it is the one that runs this.
static void empty_pool(void)
{
    explicit_bzero(&pool, sizeof pool);
}

static void watch_forks(void)
{
    if (pthread_atfork(NULL, NULL, empty_pool) != 0) {
        log_error("out of memory");
        exit(1);
    }
}

static void fill_pool(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch_forks);
    random_fill(pool.octets, sizeof pool.octets);
    pool.left = sizeof pool.octets;
}

uint32_t random_get32(void)
{
    if (pool.left == 0)
        fill_pool();
    assert(pool.left >= sizeof(uint32_t) && pool.left <= POOL_OCTETS);
    uint8_t *place = pool.octets + POOL_OCTETS - pool.left;
    uint32_t value;
    memcpy(&value, place, sizeof value);
    explicit_bzero(place, sizeof value);
    pool.left -= sizeof value;
    return value;
}

// Neighbouring seeds (0, 1, 2: the numbers of workers) must not give neighbouring sequences: the
// finisher of splitmix64 spreads them first.
struct dice dice_seed(uint64_t seed)
{
    uint64_t state = seed + 0x9e3779b97f4a7c15u;
    state = (state ^ state >> 30) * 0xbf58476d1ce4e5b9u;
    state = (state ^ state >> 27) * 0x94d049bb133111ebu;
    return (struct dice){state ^ state >> 31};
}
