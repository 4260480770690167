// Zones that are taken from primaries (`from`): asked about in time, transferred when they have
// changed, and no longer served when nobody has confirmed them for too long.
//
//   its turn --> SOA by UDP --> the same serial --------------------------------> it is confirmed
//       ^   \         |  a newer one                                              ^
//       |    \        v                                                           |
//       |   no version: AXFR by TCP, else IXFR --> the writer (changing.h) --> served
//       |             |  refused, silent, malformed, too slow
//       +--- retry <--+--> the next primary
//
// NOTIFY makes it a zone's turn at once; however many come, it is asked once more. What we ask
// leaves from an address that we listen on, so that a primary knows us by it. All of it is the main
// thread's and never waits.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/fetched.h"
#include "daemon/spares.h"
#include "net/loop.h"
#include "transfer/crowd.h"
#include "transfer/refresh.h"

struct daemon;
struct house;
struct fetch;

enum fetch_result { FETCH_DONE, FETCH_FAILED, FETCH_RESULTS };

struct fetching {
    struct fetched_zone *zones; // in the order of the house's options
    size_t count;
    struct refresh turns, expiries;
    struct crowds crowds;  // zones whose turn it is, and whose primary is busy
    unsigned crowd;        // where to look first
    struct fetch *fetches; // FETCH_ASKS_MAX and FETCH_TRANSFERS_MAX places
    struct spares spares;
    uint32_t generation;
    unsigned asks, transfers; // under way
    size_t handed;            // zones that the writer has and has not done yet
    bool fresh;               // a house has begun: zones have to be given their turns
    uint64_t asked;
    uint64_t results[2][FETCH_RESULTS]; // AXFR, IXFR
};

// The house that is about to be current: whose zones have primaries. What was known of a zone that
// had them before stays known.
void fetching_replace(struct daemon *daemon, const struct house *next) __attribute__((nonnull));
// A socket is ready.
void fetching_take(struct daemon *daemon, struct loop_tag tag, uint64_t now_ms)
    __attribute__((nonnull));
void fetching_step(struct daemon *daemon, uint64_t now_ms) __attribute__((nonnull));
// Milliseconds until the next step; -1: there is nothing to do.
int fetching_rest(const struct fetching *fetching, uint64_t now_ms) __attribute__((nonnull));
void fetching_close(struct daemon *daemon) __attribute__((nonnull));

// It is the zone's turn now; `whole`: take all of it, whatever its serial. False: it has no
// primaries.
bool fetching_want(struct daemon *daemon, size_t index, bool whole) __attribute__((nonnull));
