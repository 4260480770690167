// Streaks and the ring of failures.h.
#include "resolve/failures.h"

#include <string.h>

uint32_t failures_ttl(struct failures *failures, uint64_t hash, uint32_t now_s)
{
    struct failure_streak *streak = &failures->streaks[hash % FAILURE_STREAKS];
    uint32_t ttl = FAILURE_TTL_MIN_S;
    if (streak->hash == hash && streak->ttl_s && now_s < streak->until_s)
        ttl = streak->ttl_s * 2;
    if (ttl > FAILURE_TTL_MAX_S)
        ttl = FAILURE_TTL_MAX_S;
    // A streak ends when the question did not fail again for as long as the failure was kept; to
    // fail takes its time, too.
    uint32_t until_s = now_s + 2 * ttl + BUDGET_TIME_MS / 1000;
    *streak = (struct failure_streak){.hash = hash, .until_s = until_s, .ttl_s = ttl};
    return ttl;
}

static void place(struct resolver_failure *to, const struct resolver_failure *from)
{
    *to = *from;
    memcpy(to->wire, from->name.wire, from->name.size);
    to->name.wire = to->wire;
}

void failures_note(struct failures *failures, const struct resolver_failure *failure)
{
    place(&failures->ring[failures->next], failure);
    failures->next = (failures->next + 1) % RESOLVER_FAILURES_MAX;
    if (failures->count < RESOLVER_FAILURES_MAX)
        failures->count++;
}

unsigned failures_list(const struct failures *failures, struct resolver_failure *to, unsigned most)
{
    unsigned count = most < failures->count ? most : failures->count;
    for (unsigned i = 0; i < count; i++) {
        unsigned at = (failures->next + RESOLVER_FAILURES_MAX - 1 - i) % RESOLVER_FAILURES_MAX;
        place(&to[i], &failures->ring[at]);
    }
    return count;
}
