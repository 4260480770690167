// Replies on their way out: each leaves when its time has come, in the order of coming among those
// of the same time.
//
//   slots   [ . | . | . | . ... ]     a wheel: one slot for each millisecond; a slot is a list
//                 |                   from the first to the last that was put there
//             departure -> departure
//
// Times further away than the wheel is large go round in it and are passed over until their round.
// No clock and no socket here: who owns it says what time it is and sends.
#pragma once

#include <stdint.h>
#include <netinet/in.h>

#include "base/address.h"
#include "base/limits.h"

#define WHEEL_SLOTS      4096 // about four seconds; a power of two
#define DEPARTURE_FORGED UINT32_MAX

struct departure {
    struct departure *next;
    uint64_t due_ms;
    struct address client; // of a datagram
    int fd;                // its socket; -1: it goes to a stream
    struct in_addr from;   // the address that it leaves from, zero: the socket's own
    uint32_t stream, generation;
    uint32_t server; // whose reply it is; DEPARTURE_FORGED: nobody's
    uint32_t size;
    uint32_t room;
    uint8_t octets[];
};

struct departures {
    struct slot {
        struct departure *first, *last;
    } * slots;
    uint64_t now_ms; // all up to this time were given out
    uint32_t waiting;
    uint32_t waiting_max;
    struct departure *spare; // of DEPARTURE_ROOM
};
#define DEPARTURE_ROOM SLOT_OCTETS

void departures_open(struct departures *departures, uint64_t now_ms) __attribute__((nonnull));
void departures_close(struct departures *departures) __attribute__((nonnull));

// One to be filled (size, due_ms, where to) and added; NULL: LAB_WAITING_MAX wait already. The room
// is at least DEPARTURE_ROOM.
struct departure *departures_make(struct departures *departures, uint32_t room)
    __attribute__((nonnull, warn_unused_result));
void departures_add(struct departures *departures, struct departure *departure)
    __attribute__((nonnull));
// Takes up to BATCH_MAX of those whose time has come, 0: there are none left. Each is given back
// with departures_drop.
unsigned departures_take(struct departures *departures, uint64_t now_ms,
                         struct departure *taken[static BATCH_MAX]) __attribute__((nonnull));
void departures_drop(struct departures *departures, struct departure *departure)
    __attribute__((nonnull));
// The milliseconds until the next one may be due, -1: none waits. It may be too early, never too
// late.
int departures_rest(const struct departures *departures, uint64_t now_ms) __attribute__((nonnull));
