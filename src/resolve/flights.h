// Questions in flight over all workers, so that one cold name is walked once, whoever asks for it.
//
//   worker A   a client's question is not known    flights_board: WALKS; it walks
//   worker B   the same question                   flights_board: WAITS; a seat in A's flight
//   worker A   is done                             flights_land: the seats; flights_send to each
//   worker B   looks into its mailbox each turn    flights_take: the letter, with the answer in it
//
// The answer goes by value: what has a TTL of 0, and a failure of one question alone, is in no
// cache. The worker that met the client tells it, in its own time: a seat is a task in that
// worker's resolver as any other, with its waiters and their deadlines, only that somebody else
// walks.
//
// Flights stand in shards with a lock each, taken once when a walk begins and once when it ends,
// never for what is known. Letters lie in a stack for each worker: many put one on top without a
// lock, the worker takes all. A struct flight belongs to the task that it is in, and all but its
// own worker touch it only under its shard's lock.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"
#include "dns/parcel.h"
#include "resolve/rules.h"

struct flights;

// For workers 0 to `workers` - 1.
struct flights *flights_make(unsigned workers) __attribute__((returns_nonnull, warn_unused_result));
// No worker uses it any more. NULL is fine.
void flights_free(struct flights *flights);

enum flight_role { FLIGHT_NONE, FLIGHT_WALKS, FLIGHT_WAITS };

struct flight {
    // What makes two questions one. Pointers are good while the role is not NONE.
    uint64_t hash; // of all of it
    struct name name;
    const struct rules *rules;
    const uint8_t *start; // where the walk begins, packed; NULL: as always
    size_t start_size;
    uint16_t type, source;
    uint8_t flags;
    // Whose it is.
    uint16_t worker;
    uint32_t slot, number; // of the task, for the letter
    uint64_t until_us;     // a seat: how long it will wait
    // The table's.
    enum flight_role role;
    struct flight *next;   // in the bucket, or of the seats
    struct flight *leader; // of a seat
    struct flight *seats;
};

// Where a letter goes.
struct flight_seat {
    uint16_t worker;
    uint32_t slot, number;
};
#define FLIGHT_SEATS_MAX (WORKERS_MAX - 1) // a worker has one task for a question

// With all but the table's own members set. WALKS: nobody else does, and whoever asks from now on
// waits for this one. WAITS: a letter will come.
enum flight_role flights_board(struct flights *flights, struct flight *flight)
    __attribute__((nonnull, warn_unused_result));
// Of one that walks: how long the most patient seat will wait; 0: there is none.
uint64_t flights_wanted_until(struct flights *flights, const struct flight *flight)
    __attribute__((nonnull));
// One that walks is over, and has no role any more. Returns how many seats it had: each gets a
// letter now.
unsigned flights_land(struct flights *flights, struct flight *flight,
                      struct flight_seat seats[static FLIGHT_SEATS_MAX]) __attribute__((nonnull));
// A seat is given up. A letter may be on its way all the same.
void flights_leave(struct flights *flights, struct flight *flight) __attribute__((nonnull));

struct flight_letter {
    struct flight_letter *next;
    uint32_t slot, number;
    struct parcel *parcel; // NULL: there is no answer; walk yourself
};

// Takes the parcel over, which may be NULL. False: there was no memory for the letter; the seat's
// time will end.
bool flights_send(struct flights *flights, const struct flight_seat *seat, struct parcel *parcel)
    __attribute__((nonnull(1, 2)));
// All letters for this worker, the newest first; it frees them and what is in them.
struct flight_letter *flights_take(struct flights *flights, unsigned worker)
    __attribute__((nonnull, warn_unused_result));
// Asked before a sleep, after it was made known that one sleeps: then no letter is overlooked.
bool flights_has_letter(struct flights *flights, unsigned worker) __attribute__((nonnull));
