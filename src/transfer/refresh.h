// When a secondary asks its primary again (RFC 1035 3.3.13): how long it waits, and which zone of
// many is next.
//
//     refresh_set(refresh, zone, due_ms)              it is its turn then; again and again
//     while (refresh_next(refresh, now_ms, &zone))    its turn has come, and it is not in the queue
//     wait refresh_rest(refresh, now_ms)              any more
//
// Zones are numbers of the caller's. To set one of a million costs twenty steps in a heap. Nothing
// here reads a clock.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct refresh_times { // of the SOA, in seconds
    uint32_t refresh_s, retry_s, expire_s;
};

// Milliseconds until the next question, within bounds (limits.h): after the `failures`th failure in
// a row (0: it went well). Up to a tenth less, by `seed`, which is the zone's: so that a thousand
// zones that were begun together do not stay together, and each keeps its own pace.
uint64_t refresh_delay_ms(const struct refresh_times *times, unsigned failures, uint64_t seed)
    __attribute__((nonnull));

// When what a primary confirmed at `since_ms`, which may be before the clock began, is no longer
// good.
uint64_t refresh_end_ms(int64_t since_ms, uint32_t expire_s);

struct refresh_due {
    uint64_t due_ms;
    uint32_t zone;
};

struct refresh {
    struct refresh_due *heap; // [0] is the next one; a parent is not later than its children
    size_t count, room;
    uint32_t *places; // [zone]: its place in the heap and one; 0: it is not there
    size_t place_room;
};

void refresh_free(struct refresh *refresh) __attribute__((nonnull));
void refresh_set(struct refresh *refresh, uint32_t zone, uint64_t due_ms) __attribute__((nonnull));
bool refresh_next(struct refresh *refresh, uint64_t now_ms, uint32_t *zone)
    __attribute__((nonnull, warn_unused_result));
// -1: nothing is to come.
int refresh_rest(const struct refresh *refresh, uint64_t now_ms) __attribute__((nonnull));
// When it is the zone's turn; 0: it is not in the queue.
uint64_t refresh_due_ms(const struct refresh *refresh, uint32_t zone) __attribute__((nonnull));
