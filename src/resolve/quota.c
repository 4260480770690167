// Counters of walks by zone (quota.h), found by a hash that is keyed: two zones that share one are
// limited together, one in ZONE_COUNTERS, and only while one of them is silent.
#include "resolve/quota.h"

#include <assert.h>

#include "resolve/delegate.h"

static_assert(ZONE_COUNTERS < UINT16_MAX, "a task holds the counter's number, from 1");
static_assert(ZONE_WALKS_MAX + ZONE_WALKS_MAX / 8 < UINT16_MAX, "bounds are of 16 bits");

// In a row: one is a packet that was lost, or a server that is far.
#define SILENT_TIMEOUTS 2

void quota_open(struct resolver *resolver)
{
    for (unsigned i = 0; i < ZONE_COUNTERS; i++)
        resolver->zones[i] = (struct zone_counter){.bound = ZONE_WALKS_MAX};
}

// Views and zones of ours see other servers under the same name.
static unsigned counter_of(const struct task *task)
{
    uint64_t hash = delegate_zone_hash(task);
    return (unsigned)(hash_mix(hash, task->delegation.source + 1u) % ZONE_COUNTERS);
}

bool quota_enter(struct resolver *resolver, struct task *task)
{
    if (task->zone_counter || task->delegation.recursive)
        return true;
    unsigned index = counter_of(task);
    struct zone_counter *counter = &resolver->zones[index];
    if (counter->walks >= counter->bound)
        return false;
    counter->walks++;
    resolver->counts.walking++;
    task->zone_counter = (uint16_t)(index + 1);
    return true;
}

void quota_leave(struct resolver *resolver, struct task *task)
{
    if (!task->zone_counter)
        return;
    struct zone_counter *counter = &resolver->zones[task->zone_counter - 1];
    assert(counter->walks > 0 && resolver->counts.walking > 0);
    counter->walks--;
    resolver->counts.walking--;
    task->zone_counter = 0;
}

void quota_timed_out(struct resolver *resolver, const struct task *task,
                     const struct address *server)
{
    struct server_known known;
    servers_get(resolver->options.servers, server, resolver->now_us, &known);
    if (!task->zone_counter || known.timeouts < SILENT_TIMEOUTS)
        return;
    uint16_t *bound = &resolver->zones[task->zone_counter - 1].bound;
    unsigned less = *bound - (*bound / 16u + 1);
    *bound = (uint16_t)(less > ZONE_WALKS_MIN ? less : ZONE_WALKS_MIN);
}

void quota_replied(struct resolver *resolver, const struct task *task)
{
    if (!task->zone_counter)
        return;
    uint16_t *bound = &resolver->zones[task->zone_counter - 1].bound;
    unsigned more = *bound + (*bound / 8u + 1);
    *bound = (uint16_t)(more < ZONE_WALKS_MAX ? more : ZONE_WALKS_MAX);
}
