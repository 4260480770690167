// Waiting clients (waiters.h): an array of slots and a list of the free ones through it.
#include "serve/waiters.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "dns/message.h"

#define NO_SLOT UINT32_MAX

struct slot {
    uint32_t generation; // even: free
    uint32_t next_free;
    struct waiter waiter;
};

struct waiters {
    uint32_t free;  // the first free slot that was used before
    uint32_t fresh; // slots from here on were never used, so their memory was never touched
    uint32_t count;
    struct slot slots[WAITERS_MAX];
};

struct waiters *waiters_open(void)
{
    struct waiters *waiters = memory_get_zeroed(1, sizeof *waiters);
    waiters->free = NO_SLOT;
    return waiters;
}

void waiters_close(struct waiters *waiters)
{
    free(waiters);
}

struct waiter *waiters_add(struct waiters *waiters, uint64_t *token)
{
    uint32_t index = waiters->free;
    if (index != NO_SLOT)
        waiters->free = waiters->slots[index].next_free;
    else if (waiters->fresh < WAITERS_MAX)
        index = waiters->fresh++;
    else
        return NULL;
    struct slot *slot = &waiters->slots[index];
    slot->generation++;
    assert(slot->generation & 1);
    waiters->count++;
    *token = (uint64_t)slot->generation << 32 | index;
    return &slot->waiter;
}

struct waiter *waiters_take(struct waiters *waiters, uint64_t token)
{
    uint32_t index = (uint32_t)token, generation = (uint32_t)(token >> 32);
    if (index >= waiters->fresh || !(generation & 1) ||
        waiters->slots[index].generation != generation)
        return NULL;
    struct slot *slot = &waiters->slots[index];
    slot->generation++;
    slot->next_free = waiters->free;
    waiters->free = index;
    waiters->count--;
    return &slot->waiter;
}

uint32_t waiters_count(const struct waiters *waiters)
{
    return waiters->count;
}

void waiter_keep(struct waiter *waiter, const struct query *query, const uint8_t *packet)
{
    assert(query->question_end <= sizeof waiter->question);
    waiter->edns = query->edns;
    waiter->flags = query->flags;
    waiter->question_end = query->question_end;
    memcpy(waiter->question, packet, query->question_end);
}

void waiter_query(const struct waiter *waiter, const struct hash_key *secret, uint8_t *packet,
                  struct query *query)
{
    size_t end = waiter->question_end;
    memcpy(packet, waiter->question, end);
    query->id = bytes_get16(packet);
    query->flags = waiter->flags;
    query->type = bytes_get16(packet + end - 4);
    query->class = bytes_get16(packet + end - 2);
    query->question_end = waiter->question_end;
    query->has_tsig = false;
    query->tsig_at = 0;
    query->edns = waiter->edns;
    query->name = name_trust(packet + HEADER_SIZE);
    name_key_make(query->name, secret, &query->key);
}
