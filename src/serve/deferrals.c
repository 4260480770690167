// Waiting clients (deferrals.h): an array of slots and a list of the free ones through it.
#include "serve/deferrals.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "dns/message.h"
#include "serve/serve.h"

#define NO_SLOT UINT32_MAX

struct slot {
    uint32_t generation; // even: free
    uint32_t next_free;
    struct deferral deferral;
};

struct deferrals {
    uint32_t free;  // the first free slot that was used before
    uint32_t fresh; // slots from here on were never used, so their memory was never touched
    uint32_t count;
    struct slot slots[WAITERS_MAX];
};

struct deferrals *deferrals_open(void)
{
    struct deferrals *deferrals = memory_get_zeroed(1, sizeof *deferrals);
    deferrals->free = NO_SLOT;
    return deferrals;
}

void deferrals_close(struct deferrals *deferrals)
{
    for (uint32_t i = 0; deferrals && i < deferrals->fresh; i++)
        if (deferrals->slots[i].generation & 1)
            deferral_free(&deferrals->slots[i].deferral);
    free(deferrals);
}

struct deferral *deferrals_add(struct deferrals *deferrals, uint64_t *token)
{
    uint32_t index = deferrals->free;
    if (index != NO_SLOT)
        deferrals->free = deferrals->slots[index].next_free;
    else if (deferrals->fresh < WAITERS_MAX)
        index = deferrals->fresh++;
    else
        return NULL;
    struct slot *slot = &deferrals->slots[index];
    slot->generation++;
    assert(slot->generation & 1);
    deferrals->count++;
    slot->deferral.before = NULL;
    slot->deferral.tsig = NULL;
    slot->deferral.keys = NULL;
    *token = (uint64_t)slot->generation << 32 | index;
    return &slot->deferral;
}

struct deferral *deferrals_take(struct deferrals *deferrals, uint64_t token)
{
    uint32_t index = (uint32_t)token, generation = (uint32_t)(token >> 32);
    if (index >= deferrals->fresh || !(generation & 1) ||
        deferrals->slots[index].generation != generation)
        return NULL;
    struct slot *slot = &deferrals->slots[index];
    slot->generation++;
    slot->next_free = deferrals->free;
    deferrals->free = index;
    deferrals->count--;
    return &slot->deferral;
}

void deferral_free(struct deferral *deferral)
{
    free(deferral->before);
    free(deferral->tsig);
    tsig_keys_release(deferral->keys);
}

uint32_t deferrals_count(const struct deferrals *deferrals)
{
    return deferrals->count;
}

void deferral_keep(struct deferral *deferral, const struct query *query, const uint8_t *packet)
{
    assert(query->question_end <= sizeof deferral->question);
    deferral->edns = query->edns;
    deferral->flags = query->flags;
    deferral->question_end = query->question_end;
    memcpy(deferral->question, packet, query->question_end);
}

void deferral_sign(struct deferral *deferral, const struct tsig *tsig, struct tsig_keys *keys)
{
    deferral->tsig = memory_get(sizeof *deferral->tsig);
    *deferral->tsig = *tsig;
    deferral->keys = tsig_keys_hold(keys);
}

void deferral_wait(struct deferral *deferral, const struct server *server,
                   const struct query *query, const struct packet *packet, uint64_t now_us)
{
    deferral_keep(deferral, query, packet->octets);
    if (packet->tsig)
        deferral_sign(deferral, packet->tsig, server->keys);
    deferral->client = *packet->client;
    deferral->keepalive_ds = packet->keepalive_ds;
    deferral->transport = (uint8_t)packet->transport;
    deferral->view = server->id;
    deferral->began_us = now_us;
}

void deferral_query(const struct deferral *deferral, const struct hash_key *secret, uint8_t *packet,
                    struct query *query)
{
    size_t end = deferral->question_end;
    memcpy(packet, deferral->question, end);
    query->id = bytes_get16(packet);
    query->flags = deferral->flags;
    query->type = bytes_get16(packet + end - 4);
    query->class = bytes_get16(packet + end - 2);
    query->question_end = deferral->question_end;
    query->has_tsig = false;
    query->tsig_at = 0;
    query->edns = deferral->edns;
    query->name = name_trust(packet + HEADER_SIZE);
    name_key_make(query->name, secret, &query->key);
}
