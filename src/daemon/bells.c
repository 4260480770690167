// Bells between workers (bells.h).
#include "daemon/bells.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/memory.h"

struct bell {
    _Alignas(64) struct loop *loop; // written before the first sleep, and read by who saw that
    atomic_bool asleep;
};

struct bells {
    unsigned count;
    struct bell workers[];
};

struct bells *bells_make(unsigned workers)
{
    size_t size = sizeof(struct bells) + workers * sizeof(struct bell);
    struct bells *bells = memory_get_aligned(64, size);
    bells->count = workers;
    for (unsigned i = 0; i < workers; i++) {
        bells->workers[i].loop = NULL;
        atomic_init(&bells->workers[i].asleep, false);
    }
    return bells;
}

void bells_free(struct bells *bells)
{
    free(bells);
}

void bells_hang(struct bells *bells, unsigned worker, struct loop *loop)
{
    assert(worker < bells->count);
    bells->workers[worker].loop = loop;
}

void bells_sleep(struct bells *bells, unsigned worker)
{
    atomic_store(&bells->workers[worker].asleep, true);
}

void bells_wake(struct bells *bells, unsigned worker)
{
    atomic_store_explicit(&bells->workers[worker].asleep, false, memory_order_relaxed);
}

void bells_ring(struct bells *bells, unsigned worker)
{
    struct bell *bell = &bells->workers[worker];
    // Whoever sees it asleep first rings; the others' letters are taken with that one's.
    if (atomic_load(&bell->asleep) && atomic_exchange(&bell->asleep, false))
        loop_ring(bell->loop);
}
