// Waiters' slots, found by token, counted by client (waiters.h).
//
// The waiters of a task stand in the order in which they came, which is the order in which their
// time is up: all of them have the same rules.
#include "resolve/waiters.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

bool waiters_open(struct resolver *resolver)
{
    resolver->waiters = malloc(WAITERS_MAX * sizeof *resolver->waiters);
    resolver->clients = malloc(WAITERS_MAX * sizeof *resolver->clients);
    return resolver->waiters && resolver->clients;
}

void waiters_close(struct resolver *resolver)
{
    free(resolver->waiters);
    free(resolver->clients);
}

// --- clients -------------------------------------------------------------------------------------

static struct client client_of(const struct address *address)
{
    struct client client = {.ipv6 = address->any.sa_family == AF_INET6};
    if (client.ipv6)
        memcpy(&client.prefix, &address->v6.sin6_addr, sizeof client.prefix);
    else
        client.prefix = address->v4.sin_addr.s_addr;
    return client;
}

static struct client **bucket_of(struct resolver *resolver, const struct client *client)
{
    uint64_t hash = hash_mix(client->prefix ^ resolver->options.secret->words[0],
                             resolver->options.secret->words[1] ^ client->ipv6);
    return &resolver->client_buckets[hash % CLIENT_BUCKETS];
}

// Counts one waiter more of this address. NULL: it has its share already.
static struct client *enter(struct resolver *resolver, const struct address *address)
{
    struct client wanted = client_of(address), **bucket = bucket_of(resolver, &wanted);
    struct client *client = *bucket;
    while (client && !(client->prefix == wanted.prefix && client->ipv6 == wanted.ipv6))
        client = client->next;
    if (client && client->count >= CLIENT_WAITERS_MAX)
        return NULL;
    if (!client) {
        client = resolver->spare_clients;
        if (client)
            resolver->spare_clients = client->next;
        else
            client = &resolver->clients[resolver->clients_fresh++];
        assert(client < resolver->clients + WAITERS_MAX); // each has a waiter
        *client = wanted;
        client->next = *bucket;
        *bucket = client;
    }
    client->count++;
    return client;
}

static void leave(struct resolver *resolver, struct client *client)
{
    if (!client || --client->count > 0)
        return;
    struct client **at = bucket_of(resolver, client);
    while (*at != client)
        at = &(*at)->next;
    *at = client->next;
    client->next = resolver->spare_clients;
    resolver->spare_clients = client;
}

// --- slots and tokens ----------------------------------------------------------------------------

static struct waiter **token_bucket(struct resolver *resolver, uint64_t token)
{
    return &resolver->tokens[hash_mix(token, 0x9e3779b97f4a7c15u) % TOKEN_BUCKETS];
}

static struct waiter *take_slot(struct resolver *resolver)
{
    struct waiter *waiter = resolver->spare_waiters;
    if (waiter)
        resolver->spare_waiters = waiter->next;
    else if (resolver->waiters_fresh < WAITERS_MAX)
        waiter = &resolver->waiters[resolver->waiters_fresh++];
    return waiter;
}

static struct waiter *make(struct resolver *resolver, const struct want *want)
{
    struct waiter *waiter = take_slot(resolver);
    if (!waiter)
        return NULL;
    *waiter =
        (struct waiter){.token = want->token, .trace = want->trace, .began_us = resolver->now_us};
    struct waiter **bucket = token_bucket(resolver, want->token);
    waiter->same_token = *bucket;
    *bucket = waiter;
    resolver->counts.waiters++;
    return waiter;
}

// Of somebody else who looks.
static struct trace *find_trace(const struct task *task)
{
    const struct waiter *waiter = task->first;
    while (waiter && !waiter->trace)
        waiter = waiter->next;
    return waiter ? waiter->trace : NULL;
}

// A trace lives as long as the want of the one who looks: no task may speak to it any more. Traces
// are few, so all tasks are looked at.
static void end_trace(struct resolver *resolver, const struct trace *trace)
{
    for (uint32_t i = 0; trace && i < resolver->tasks_fresh; i++)
        if (resolver->tasks[i].trace == trace)
            resolver->tasks[i].trace = find_trace(&resolver->tasks[i]);
}

void waiters_free(struct resolver *resolver, struct waiter *waiter)
{
    end_trace(resolver, waiter->trace);
    struct waiter **at = token_bucket(resolver, waiter->token);
    while (*at != waiter)
        at = &(*at)->same_token;
    *at = waiter->same_token;
    leave(resolver, waiter->client);
    waiter->next = resolver->spare_waiters;
    resolver->spare_waiters = waiter;
    resolver->counts.waiters--;
}

// --- two lists -----------------------------------------------------------------------------------

static void append(struct waiter **first, struct waiter **last, struct waiter *waiter)
{
    waiter->previous = *last;
    waiter->next = NULL;
    *(*last ? &(*last)->next : first) = waiter;
    *last = waiter;
}

static void unlink_from(struct waiter **first, struct waiter **last, struct waiter *waiter)
{
    *(waiter->previous ? &waiter->previous->next : first) = waiter->next;
    *(waiter->next ? &waiter->next->previous : last) = waiter->previous;
}

struct waiter *waiters_add(struct resolver *resolver, struct task *task, const struct want *want)
{
    struct client *client = want->client ? enter(resolver, want->client) : NULL;
    if (want->client && !client)
        return NULL;
    struct waiter *waiter = make(resolver, want);
    if (!waiter) {
        leave(resolver, client);
        return NULL;
    }
    const struct rules *rules = task->rules;
    waiter->client = client;
    waiter->proven = want->proven;
    waiter->task = task;
    waiter->deadline_us = resolver->now_us + (uint64_t)rules->time_max_ms * 1000;
    waiter->stale_us =
        rules->stale_s ? resolver->now_us + (uint64_t)rules->stale_after_ms * 1000 : UINT64_MAX;
    append(&task->first, &task->last, waiter);
    return waiter;
}

bool waiters_drop(struct resolver *resolver, const struct want *want)
{
    struct waiter *waiter = make(resolver, want);
    if (!waiter)
        return false;
    waiter->fate = FATE_DROP;
    append(&resolver->first_resolved, &resolver->last_resolved, waiter);
    return true;
}

void waiters_resolve(struct resolver *resolver, struct waiter *waiter, enum fate fate)
{
    assert(waiter->fate == FATE_WAITS && fate != FATE_WAITS);
    waiter->fate = fate;
    unlink_from(&waiter->task->first, &waiter->task->last, waiter);
    waiter->task->telling++;
    append(&resolver->first_resolved, &resolver->last_resolved, waiter);
}

struct task *waiters_forget(struct resolver *resolver, uint64_t token)
{
    struct waiter *waiter = *token_bucket(resolver, token);
    while (waiter && waiter->token != token)
        waiter = waiter->same_token;
    if (!waiter)
        return NULL;
    struct task *task = waiter->task;
    if (waiter->fate == FATE_WAITS) {
        unlink_from(&task->first, &task->last, waiter);
    } else {
        unlink_from(&resolver->first_resolved, &resolver->last_resolved, waiter);
        if (task)
            task->telling--;
    }
    waiters_free(resolver, waiter);
    return task;
}

struct waiter *waiters_next_resolved(struct resolver *resolver)
{
    struct waiter *waiter = resolver->first_resolved;
    if (waiter)
        unlink_from(&resolver->first_resolved, &resolver->last_resolved, waiter);
    return waiter;
}
