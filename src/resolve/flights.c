// The table of questions in flight, and the mailboxes (flights.h).
#include "resolve/flights.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

// Two workers meet in a shard once in so many times; and a full house of tasks of several workers
// makes short buckets.
#define SHARDS        64
#define SHARD_BUCKETS 128

struct shard {
    _Alignas(64) pthread_mutex_t lock;
    struct flight *buckets[SHARD_BUCKETS];
};

struct mailbox {
    _Alignas(64) _Atomic(struct flight_letter *) newest;
};

struct flights {
    struct shard shards[SHARDS];
    unsigned workers;
    struct mailbox mailboxes[];
};

struct flights *flights_make(unsigned workers)
{
    assert(workers > 0 && workers <= WORKERS_MAX);
    size_t size = sizeof(struct flights) + workers * sizeof(struct mailbox);
    struct flights *flights = memory_get_aligned(64, size);
    memset(flights, 0, size);
    flights->workers = workers;
    for (unsigned i = 0; i < SHARDS; i++)
        pthread_mutex_init(&flights->shards[i].lock, NULL);
    for (unsigned i = 0; i < workers; i++)
        atomic_init(&flights->mailboxes[i].newest, NULL);
    return flights;
}

void flights_free(struct flights *flights)
{
    if (!flights)
        return;
    for (unsigned worker = 0; worker < flights->workers; worker++) {
        struct flight_letter *letter = flights_take(flights, worker), *next;
        for (; letter; letter = next) {
            next = letter->next;
            free(letter->parcel);
            free(letter);
        }
    }
    for (unsigned i = 0; i < SHARDS; i++)
        pthread_mutex_destroy(&flights->shards[i].lock);
    free(flights);
}

// --- the table -----------------------------------------------------------------------------------

static struct shard *shard_of(struct flights *flights, const struct flight *flight)
{
    return &flights->shards[flight->hash % SHARDS];
}

static struct flight **bucket_of(struct shard *shard, const struct flight *flight)
{
    return &shard->buckets[flight->hash / SHARDS % SHARD_BUCKETS];
}

static bool is_same(const struct flight *a, const struct flight *b)
{
    return a->hash == b->hash && a->type == b->type && a->source == b->source &&
           a->flags == b->flags && a->rules == b->rules && a->start_size == b->start_size &&
           (a->start_size == 0 || memcmp(a->start, b->start, a->start_size) == 0) &&
           name_equal(a->name, b->name);
}

static void unlink_from(struct flight **list, struct flight *flight)
{
    while (*list != flight)
        list = &(*list)->next;
    *list = flight->next;
    flight->next = NULL;
    flight->role = FLIGHT_NONE;
}

enum flight_role flights_board(struct flights *flights, struct flight *flight)
{
    struct shard *shard = shard_of(flights, flight);
    assert(flight->role == FLIGHT_NONE && flight->worker < flights->workers);
    pthread_mutex_lock(&shard->lock);
    struct flight **bucket = bucket_of(shard, flight), *leader = *bucket;
    while (leader && !is_same(leader, flight))
        leader = leader->next;
    struct flight **list = leader ? &leader->seats : bucket;
    enum flight_role role = leader ? FLIGHT_WAITS : FLIGHT_WALKS;
    flight->leader = leader;
    flight->seats = NULL;
    flight->next = *list;
    flight->role = role;
    *list = flight;
    pthread_mutex_unlock(&shard->lock);
    return role;
}

uint64_t flights_wanted_until(struct flights *flights, const struct flight *flight)
{
    struct shard *shard = shard_of(flights, flight);
    uint64_t until_us = 0;
    assert(flight->role == FLIGHT_WALKS);
    pthread_mutex_lock(&shard->lock);
    for (const struct flight *seat = flight->seats; seat; seat = seat->next)
        until_us = seat->until_us > until_us ? seat->until_us : until_us;
    pthread_mutex_unlock(&shard->lock);
    return until_us;
}

unsigned flights_land(struct flights *flights, struct flight *flight,
                      struct flight_seat seats[static FLIGHT_SEATS_MAX])
{
    struct shard *shard = shard_of(flights, flight);
    unsigned count = 0;
    assert(flight->role == FLIGHT_WALKS);
    pthread_mutex_lock(&shard->lock);
    unlink_from(bucket_of(shard, flight), flight);
    while (flight->seats) {
        struct flight *seat = flight->seats;
        assert(count < FLIGHT_SEATS_MAX);
        seats[count++] = (struct flight_seat){seat->worker, seat->slot, seat->number};
        unlink_from(&flight->seats, seat);
    }
    pthread_mutex_unlock(&shard->lock);
    return count;
}

void flights_leave(struct flights *flights, struct flight *flight)
{
    struct shard *shard = shard_of(flights, flight);
    pthread_mutex_lock(&shard->lock);
    if (flight->role == FLIGHT_WAITS) // else it landed a moment ago
        unlink_from(&flight->leader->seats, flight);
    pthread_mutex_unlock(&shard->lock);
}

// --- letters -------------------------------------------------------------------------------------

bool flights_send(struct flights *flights, const struct flight_seat *seat, struct parcel *parcel)
{
    struct flight_letter *letter = malloc(sizeof *letter);
    if (!letter) {
        free(parcel);
        return false;
    }
    *letter = (struct flight_letter){.slot = seat->slot, .number = seat->number, .parcel = parcel};
    _Atomic(struct flight_letter *) *newest = &flights->mailboxes[seat->worker].newest;
    letter->next = atomic_load_explicit(newest, memory_order_relaxed);
    // The order of all (seq_cst) is between this and whoever is about to sleep.
    while (!atomic_compare_exchange_weak(newest, &letter->next, letter))
        ;
    return true;
}

struct flight_letter *flights_take(struct flights *flights, unsigned worker)
{
    _Atomic(struct flight_letter *) *newest = &flights->mailboxes[worker].newest;
    // Every turn looks; most find nothing, and write nothing.
    if (!atomic_load_explicit(newest, memory_order_relaxed))
        return NULL;
    return atomic_exchange_explicit(newest, NULL, memory_order_acquire);
}

bool flights_has_letter(struct flights *flights, unsigned worker)
{
    return atomic_load(&flights->mailboxes[worker].newest) != NULL;
}
