// The table of asks (outbound_asks.h): places in an array, and buckets of them by number.
#include "net/outbound_asks.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"

#define BUCKETS OUTBOUND_ASKS_MAX
static_assert((BUCKETS & (BUCKETS - 1)) == 0, "a bucket is picked by a mask");
static_assert(OUTBOUND_ASKS_MAX >= 2 * ASKS_MAX, "all that the resolver has, and as many failed");

bool outbound_asks_open(struct outbound_asks *asks)
{
    *asks = (struct outbound_asks){
        .table = calloc(OUTBOUND_ASKS_MAX, sizeof *asks->table),
        .links = calloc(OUTBOUND_ASKS_MAX, sizeof *asks->links),
        .buckets = calloc(BUCKETS, sizeof *asks->buckets),
        .failed = OUTBOUND_LIST_EMPTY,
        .unused = OUTBOUND_NONE,
    };
    if (!asks->table || !asks->links || !asks->buckets)
        return false;
    for (uint32_t i = 0; i < BUCKETS; i++)
        asks->buckets[i] = OUTBOUND_NONE;
    return true;
}

void outbound_asks_close(struct outbound_asks *asks)
{
    free(asks->table);
    free(asks->links);
    free(asks->buckets);
}

// Numbers are the resolver's: small and one after the other as a rule, which the mask spreads best.
static uint32_t *bucket_of(const struct outbound_asks *asks, uint32_t number)
{
    return &asks->buckets[(number ^ number >> 16) & (BUCKETS - 1)];
}

uint32_t outbound_asks_find(const struct outbound_asks *asks, uint32_t number)
{
    uint32_t place = *bucket_of(asks, number);
    while (place != OUTBOUND_NONE && asks->table[place].number != number)
        place = asks->table[place].next;
    return place;
}

uint32_t outbound_asks_add(struct outbound_asks *asks, uint32_t number)
{
    assert(outbound_asks_find(asks, number) == OUTBOUND_NONE);
    uint32_t place = asks->unused;
    if (place != OUTBOUND_NONE)
        asks->unused = asks->table[place].next;
    else
        place = asks->touched++;
    assert(place < OUTBOUND_ASKS_MAX);
    uint32_t *bucket = bucket_of(asks, number);
    asks->table[place] = (struct outbound_ask){.number = number, .next = *bucket};
    *bucket = place;
    return place;
}

void outbound_asks_sent(struct outbound_asks *asks, uint32_t ask, enum outbound_way way,
                        uint32_t place)
{
    assert(asks->table[ask].way == OUTBOUND_WAY_NONE);
    asks->table[ask].way = (uint8_t)way;
    asks->table[ask].place = place;
    asks->waiting++;
}

// Takes it off its way.
static void stop(struct outbound_asks *asks, uint32_t ask)
{
    switch ((enum outbound_way)asks->table[ask].way) {
    case OUTBOUND_WAY_NONE: break;
    case OUTBOUND_WAY_UDP:
    case OUTBOUND_WAY_TCP: asks->waiting--; break;
    case OUTBOUND_WAY_FAILED: outbound_take_out(&asks->failed, asks->links, ask); break;
    }
    asks->table[ask].way = OUTBOUND_WAY_NONE;
}

void outbound_asks_remove(struct outbound_asks *asks, uint32_t ask)
{
    stop(asks, ask);
    uint32_t *link = bucket_of(asks, asks->table[ask].number);
    while (*link != ask) {
        assert(*link != OUTBOUND_NONE);
        link = &asks->table[*link].next;
    }
    *link = asks->table[ask].next;
    asks->table[ask].next = asks->unused;
    asks->unused = ask;
}

void outbound_asks_fail(struct outbound_asks *asks, uint32_t ask, enum ask_failure failure)
{
    assert(asks->table[ask].way != OUTBOUND_WAY_FAILED);
    stop(asks, ask);
    asks->table[ask].way = OUTBOUND_WAY_FAILED;
    asks->table[ask].failure = (uint8_t)failure;
    outbound_append(&asks->failed, asks->links, ask);
}

bool outbound_asks_next_failed(struct outbound_asks *asks, uint32_t *number,
                               enum ask_failure *failure)
{
    uint32_t ask = asks->failed.oldest;
    if (ask == OUTBOUND_NONE)
        return false;
    *number = asks->table[ask].number;
    *failure = (enum ask_failure)asks->table[ask].failure;
    outbound_asks_remove(asks, ask);
    return true;
}

bool outbound_lacks_room(int error)
{
    switch (error) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case ENOSPC: return true; // epoll's limit for one user
    default: return false;
    }
}

enum ask_failure outbound_failure(int error)
{
    if (outbound_lacks_room(error))
        return ASK_NO_ROOM;
    switch (error) {
    case EADDRINUSE: // no port
    case EAGAIN: return ASK_NO_ROOM;
    case ECONNREFUSED: return ASK_REFUSED;
    case EPIPE:
    case ECONNRESET: return ASK_CLOSED;
    default: return ASK_UNREACHABLE; // what ICMP and the routing may say
    }
}
