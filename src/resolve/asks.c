// Slots of asks (asks.h). An ask's number is its slot's index and, above it, how often that slot
// was used, so that a late reply to an ask that is over finds nothing.
//
//   FREE -> TO_SEND -> SENT -> FREE           a reply was taken, or it failed
//              |         +---> TO_CANCEL -> FREE
//              +-> FREE                       nobody outside has heard of it yet
#include "resolve/asks.h"

#include <assert.h>
#include <stdlib.h>

#define INDEX_BITS 12
static_assert(1 << INDEX_BITS == ASKS_MAX, "a number holds a slot's index");

bool asks_open(struct resolver *resolver)
{
    resolver->asks = malloc(ASKS_MAX * sizeof *resolver->asks);
    return resolver->asks != NULL;
}

void asks_close(struct resolver *resolver)
{
    free(resolver->asks);
}

// Two servers that share a counter are limited together: one in LOAD_COUNTERS, and only while a
// hundred asks wait there.
static uint16_t load_of(const struct resolver *resolver, const struct address *server)
{
    uint64_t high = 0, low;
    if (server->any.sa_family == AF_INET6) {
        memcpy(&high, &server->v6.sin6_addr, 8);
        memcpy(&low, (const uint8_t *)&server->v6.sin6_addr + 8, 8);
    } else {
        low = server->v4.sin_addr.s_addr;
    }
    const struct hash_key *secret = resolver->options.secret;
    uint64_t hash = hash_mix(high ^ secret->words[0], low ^ secret->words[1]);
    return (uint16_t)((hash ^ address_port(server)) % LOAD_COUNTERS);
}

bool asks_has_room(const struct resolver *resolver, const struct address *server)
{
    return resolver->load[load_of(resolver, server)] < SERVER_ASKS_MAX;
}

static struct ask_slot *take_slot(struct resolver *resolver)
{
    struct ask_slot *ask = resolver->spare_asks;
    if (ask) {
        resolver->spare_asks = ask->next;
        ask->number += 1u << INDEX_BITS;
    } else if (resolver->asks_fresh < ASKS_MAX) {
        ask = &resolver->asks[resolver->asks_fresh];
        ask->number = resolver->asks_fresh++;
    }
    return ask;
}

static void append(struct resolver *resolver, struct ask_slot *ask)
{
    ask->previous = resolver->last_out;
    ask->next = NULL;
    *(ask->previous ? &ask->previous->next : &resolver->first_out) = ask;
    resolver->last_out = ask;
}

static void take_out(struct resolver *resolver, struct ask_slot *ask)
{
    *(ask->previous ? &ask->previous->next : &resolver->first_out) = ask->next;
    *(ask->next ? &ask->next->previous : &resolver->last_out) = ask->previous;
}

static struct ask_slot *oldest_of(const struct task *task)
{
    struct ask_slot *ask = task->asks;
    assert(ask);
    while (ask->sibling)
        ask = ask->sibling;
    return ask;
}

struct ask_slot *asks_make(struct resolver *resolver, struct task *task,
                           const struct address *server)
{
    if (task->ask_count == TASK_ASKS_MAX)
        asks_cancel(resolver, oldest_of(task));
    struct ask_slot *ask = take_slot(resolver);
    if (!ask)
        return NULL;
    ask->task = task;
    ask->server = *server;
    ask->load = load_of(resolver, server);
    ask->over_tcp = ask->edns = ask->mixed = ask->timed_out = ask->other_case = false;
    ask->resends = 0;
    ask->late_us = UINT64_MAX;
    ask->sibling = task->asks;
    task->asks = ask;
    task->ask_count++;
    resolver->load[ask->load]++;
    resolver->counts.asks++;
    return ask;
}

void asks_send(struct resolver *resolver, struct ask_slot *ask)
{
    ask->state = ASK_TO_SEND;
    ask->sent_us = resolver->now_us;
    if (ask->over_tcp)
        resolver->counts.asks_tcp++;
    else
        resolver->counts.asks_udp++;
    append(resolver, ask);
}

struct ask_slot *asks_find(struct resolver *resolver, uint32_t number)
{
    uint32_t index = number & (ASKS_MAX - 1);
    if (index >= resolver->asks_fresh)
        return NULL;
    struct ask_slot *ask = &resolver->asks[index];
    return ask->state == ASK_SENT && ask->number == number ? ask : NULL;
}

static void leave_task(struct resolver *resolver, struct ask_slot *ask)
{
    struct task *task = ask->task;
    assert(task && task->ask_count > 0);
    struct ask_slot **at = &task->asks;
    while (*at && *at != ask)
        at = &(*at)->sibling;
    assert(*at);
    *at = ask->sibling;
    task->ask_count--;
    ask->task = NULL;
    resolver->load[ask->load]--;
    resolver->counts.asks--;
}

static void give_back(struct resolver *resolver, struct ask_slot *ask)
{
    ask->state = ASK_FREE;
    ask->next = resolver->spare_asks;
    resolver->spare_asks = ask;
}

void asks_end(struct resolver *resolver, struct ask_slot *ask)
{
    assert(ask->state == ASK_SENT);
    leave_task(resolver, ask);
    give_back(resolver, ask);
}

// Another one was asked beside it and has answered first. One that had its usual time is noted as
// silent, or a dead server would be asked for ever as long as others are near.
static void note_late(struct resolver *resolver, const struct ask_slot *ask)
{
    if (ask->timed_out || ask->other_case || resolver->now_us < ask->late_us)
        return;
    resolver->counts.timeouts++;
    servers_timed_out(resolver->options.servers, &ask->server, ask->sent_us, resolver->now_us);
}

void asks_cancel(struct resolver *resolver, struct ask_slot *ask)
{
    leave_task(resolver, ask);
    if (ask->state == ASK_TO_SEND) {
        take_out(resolver, ask);
        give_back(resolver, ask);
        return;
    }
    assert(ask->state == ASK_SENT);
    note_late(resolver, ask);
    ask->state = ASK_TO_CANCEL;
    append(resolver, ask);
}

void asks_cancel_all(struct resolver *resolver, struct task *task)
{
    while (task->asks)
        asks_cancel(resolver, task->asks);
}

bool asks_next_out(struct resolver *resolver, struct ask *ask)
{
    struct ask_slot *slot = resolver->first_out;
    if (!slot)
        return false;
    take_out(resolver, slot);
    *ask = (struct ask){.kind = slot->over_tcp ? ASK_TCP : ASK_UDP,
                        .number = slot->number,
                        .server = slot->server,
                        .octets = slot->octets,
                        .size = slot->size};
    if (slot->state == ASK_TO_SEND) {
        slot->state = ASK_SENT;
        return true;
    }
    assert(slot->state == ASK_TO_CANCEL);
    ask->kind = ASK_CANCEL;
    give_back(resolver, slot);
    return true;
}
