// The bottle (see network.h): a heap of what is on its way, and the asks that still wait.
#include "network.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/epoch.h"
#include "base/memory.h"

#define SERVERS_SLOTS 4096
#define CACHE_OCTETS  (4 * 1024 * 1024)
// A resolver that wants to be called again at once, and again, does not sleep.
#define IDLE_CALLS_MAX 1000

static bool joined; // this thread reads caches

const struct hash_key network_secret = {{0x0123456789abcdefu, 0xfedcba9876543210u}};

static void __attribute__((format(printf, 2, 3)))
break_promise(struct network *network, const char *format, ...)
{
    if (network->broken[0])
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(network->broken, sizeof network->broken, format, arguments);
    va_end(arguments);
}

// --- asks under way ------------------------------------------------------------------------------

static struct network_ask *find_ask(struct network *network, uint32_t number)
{
    for (size_t i = 0; i < network->ask_count; i++)
        if (!network->asks[i].over && network->asks[i].number == number)
            return &network->asks[i];
    return NULL;
}

static void end_ask(struct network *network, struct network_ask *ask)
{
    free(ask->octets);
    ask->octets = NULL;
    ask->over = true;
    network->asks_live--;
}

static struct network_ask *free_ask(struct network *network)
{
    for (size_t i = 0; i < network->ask_count; i++)
        if (network->asks[i].over)
            return &network->asks[i];
    network->asks = memory_grow(network->asks, &network->ask_room, network->ask_count + 1,
                                sizeof *network->asks);
    return &network->asks[network->ask_count++];
}

static bool names(const struct delegation *delegation, const struct address *server)
{
    for (unsigned i = 0; delegation && i < delegation->address_count; i++)
        if (address_equal(&delegation->addresses[i].address, server))
            return true;
    return false;
}

// Who is configured may be anywhere, but for a family that is not to be used.
static bool may_ask(const struct rules *rules, const struct address *server)
{
    bool configured = names(rules->root, server);
    for (size_t i = 0; !configured && i < rules->zone_count; i++)
        configured = names(rules->zones[i].delegation, server);
    if (configured)
        return server->any.sa_family == AF_INET ? rules->ipv4 : rules->ipv6;
    return rules_may_ask(rules, server);
}

static void take_ask(struct network *network, const struct ask *ask)
{
    struct network_ask *old = find_ask(network, ask->number);
    if (ask->kind == ASK_CANCEL) {
        network->counts.cancelled++;
        if (old)
            end_ask(network, old);
        else
            break_promise(network, "cancels ask %u, which is not under way", ask->number);
        return;
    }
    if (old) {
        break_promise(network, "ask %u is under way already", ask->number);
        end_ask(network, old);
    }
    bool tcp = ask->kind == ASK_TCP;
    *(tcp ? &network->counts.tcp : &network->counts.udp) += 1;
    network->counts.octets_out += ask->size;
    if (!may_ask(network->rules, &ask->server))
        break_promise(network, "asks an address that it must not ask");
    struct network_ask *under_way = free_ask(network);
    *under_way = (struct network_ask){.number = ask->number,
                                      .tcp = tcp,
                                      .server = ask->server,
                                      .sent_us = network->now_us,
                                      .octets = memory_get(ask->size),
                                      .size = ask->size};
    memcpy(under_way->octets, ask->octets, ask->size);
    network->asks_live++;
    struct network_ask shown = *under_way; // the array may move below
    network->carry(network, &shown);
}

// --- the heap of parcels -------------------------------------------------------------------------

static bool comes_before(const struct parcel *a, const struct parcel *b)
{
    return a->due_us != b->due_us ? a->due_us < b->due_us : a->order < b->order;
}

static void dispatch(struct network *network, struct parcel parcel)
{
    network->parcels = memory_grow(network->parcels, &network->parcel_room,
                                   network->parcel_count + 1, sizeof *network->parcels);
    parcel.order = network->order++;
    parcel.sent_us = network->now_us;
    size_t at = network->parcel_count++;
    for (; at > 0 && comes_before(&parcel, &network->parcels[(at - 1) / 2]); at = (at - 1) / 2)
        network->parcels[at] = network->parcels[(at - 1) / 2];
    network->parcels[at] = parcel;
}

static struct parcel take_parcel(struct network *network)
{
    struct parcel *heap = network->parcels;
    struct parcel first = heap[0], last = heap[--network->parcel_count];
    size_t at = 0, count = network->parcel_count;
    for (size_t child = 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && comes_before(&heap[child + 1], &heap[child]))
            child++;
        if (!comes_before(&heap[child], &last))
            break;
        heap[at] = heap[child];
        at = child;
    }
    if (count)
        heap[at] = last;
    return first;
}

void network_reply(struct network *network, uint32_t number, const uint8_t *octets, size_t size,
                   uint64_t delay_us)
{
    struct parcel parcel = {.due_us = network->now_us + delay_us, .number = number, .size = size};
    parcel.octets = memory_get(size ? size : 1); // of exactly its size, for ASan
    memcpy(parcel.octets, octets, size);
    dispatch(network, parcel);
}

void network_fail(struct network *network, uint32_t number, enum ask_failure failure,
                  uint64_t delay_us)
{
    dispatch(network, (struct parcel){.due_us = network->now_us + delay_us,
                                      .number = number,
                                      .failed = true,
                                      .failure = failure});
}

// --- turns ---------------------------------------------------------------------------------------

// Takes all that the resolver has to say, until it is silent.
static void settle(struct network *network)
{
    bool spoke = true;
    while (spoke) {
        struct ask ask;
        struct resolved resolved;
        spoke = false;
        network->due_us = resolver_tick(network->resolver, network->now_us);
        while (resolver_next_resolved(network->resolver, &resolved)) {
            spoke = true;
            network->counts.told++;
            network->counts.dropped += resolved.answer == NULL;
            network->told(network, resolved.token, resolved.answer);
        }
        while (resolver_next_ask(network->resolver, &ask)) {
            spoke = true;
            take_ask(network, &ask);
        }
    }
    epoch_quiet();
}

static void deliver(struct network *network, const struct parcel *parcel)
{
    struct network_ask *ask = find_ask(network, parcel->number);
    if (!ask || ask->sent_us > parcel->sent_us) {
        network->counts.late++;
        return;
    }
    if (parcel->failed) {
        end_ask(network, ask);
        resolver_ask_failed(network->resolver, parcel->number, parcel->failure, network->now_us);
        return;
    }
    bool tcp = ask->tcp;
    network->counts.replies++;
    network->counts.octets_in += parcel->size;
    switch (resolver_reply(network->resolver, parcel->number, parcel->octets, parcel->size,
                           network->now_us)) {
    case REPLY_TAKEN:
        network->counts.taken++;
        end_ask(network, ask);
        break;
    case REPLY_SUSPECT:
        network->counts.suspect++;
        end_ask(network, ask);
        break;
    case REPLY_IGNORED:
        network->counts.ignored++;
        if (!tcp)
            break;
        // Nothing more can come for it on a stream.
        end_ask(network, ask);
        resolver_ask_failed(network->resolver, parcel->number, ASK_CLOSED, network->now_us);
        break;
    }
}

bool network_step(struct network *network, uint64_t until_us)
{
    uint64_t parcel_us = network->parcel_count ? network->parcels[0].due_us : UINT64_MAX;
    bool ticks = network->due_us < parcel_us;
    uint64_t next_us = ticks ? network->due_us : parcel_us;
    if (next_us > until_us || next_us == UINT64_MAX) {
        if (until_us != UINT64_MAX)
            network->now_us = until_us;
        return false;
    }
    bool idle = ticks && next_us <= network->now_us;
    network->idle_calls = idle ? network->idle_calls + 1 : 0;
    if (network->idle_calls > IDLE_CALLS_MAX) {
        break_promise(network, "wants to be called again and again without time passing");
        return false;
    }
    if (next_us > network->now_us)
        network->now_us = next_us;
    if (!ticks) {
        struct parcel parcel = take_parcel(network);
        deliver(network, &parcel);
        free(parcel.octets);
    }
    settle(network);
    return true;
}

void network_run(struct network *network, uint64_t until_us)
{
    while (network_step(network, until_us))
        if (network->broken[0])
            return;
}

void network_reclaim(void)
{
    epoch_offline();
    epoch_drain();
    epoch_online();
}

bool network_want(struct network *network, const struct want *want)
{
    static struct answer answer;
    answer_begin(&answer);
    enum resolve_result result =
        resolver_want(network->resolver, network->rules, want, network->now_us, &answer);
    if (result == RESOLVE_ANSWERED) {
        network->counts.told_at_once++;
        network->told(network, want->token, &answer);
    }
    settle(network);
    return result == RESOLVE_ANSWERED;
}

void network_forget(struct network *network, uint64_t token)
{
    resolver_forget(network->resolver, token);
    settle(network);
}

// --- from the first turn to the last -------------------------------------------------------------

void network_open(struct network *network, const struct network_options *options)
{
    *network = (struct network){.rules = rules_hold(options->rules),
                                .now_us = NETWORK_BEGAN_US,
                                .due_us = UINT64_MAX,
                                .carry = options->carry,
                                .told = options->told,
                                .owner = options->owner};
    // A test that failed half way has left its network open.
    if (!joined)
        epoch_join();
    joined = true;
    struct cache_options cache = {.octets =
                                      options->cache_octets ? options->cache_octets : CACHE_OCTETS,
                                  .max_ttl_s = 86400,
                                  .negative_ttl_s = 3600,
                                  .stale_s = options->stale_s,
                                  .secret = network_secret};
    network->cache = cache_open(&cache);
    network->servers = servers_open(SERVERS_SLOTS, &network_secret);
    if (!network->cache || !network->servers)
        abort();
    struct resolver_options resolver = {
        .cache = network->cache,
        .servers = network->servers,
        .secret = &network_secret,
        .luck = {.seeded = options->seed != 0, .dice = dice_seed(options->seed)}};
    network->resolver = resolver_open(&resolver);
    if (!network->resolver)
        abort();
}

void network_close(struct network *network)
{
    resolver_close(network->resolver);
    epoch_leave();
    joined = false;
    cache_close(network->cache);
    servers_close(network->servers);
    rules_release(network->rules);
    for (size_t i = 0; i < network->ask_count; i++)
        free(network->asks[i].octets);
    for (size_t i = 0; i < network->parcel_count; i++)
        free(network->parcels[i].octets);
    free(network->asks);
    free(network->parcels);
}
