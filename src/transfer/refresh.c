// When to ask again (refresh.h).
#include "transfer/refresh.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/memory.h"

static uint64_t clamp(uint64_t value, uint64_t least, uint64_t most)
{
    return value < least ? least : value > most ? most : value;
}

// A failure doubles the wait, from the SOA's retry up to its refresh: a primary that is down for a
// day is not asked more often than one that is well.
static uint64_t wait_s(const struct refresh_times *times, unsigned failures)
{
    uint64_t refresh_s = clamp(times->refresh_s, REFRESH_LEAST_S, REFRESH_MOST_S);
    if (failures == 0)
        return refresh_s;
    uint64_t retry_s = clamp(times->retry_s, REFRESH_LEAST_S, REFRESH_MOST_S);
    uint64_t most_s = retry_s > refresh_s ? retry_s : refresh_s;
    uint64_t doubled_s = failures > 20 ? most_s : retry_s << (failures - 1);
    return doubled_s < most_s ? doubled_s : most_s;
}

uint64_t refresh_delay_ms(const struct refresh_times *times, unsigned failures, uint64_t seed)
{
    uint64_t wait_ms = wait_s(times, failures) * 1000;
    uint64_t part = hash_mix(seed ^ 0x9e3779b97f4a7c15u, 0xe7037ed1a0b428dbu) & 0xffff;
    return wait_ms - (wait_ms / 10 * part >> 16);
}

uint64_t refresh_end_ms(int64_t since_ms, uint32_t expire_s)
{
    int64_t end_ms = since_ms + (int64_t)expire_s * 1000;
    return end_ms > 0 ? (uint64_t)end_ms : 0;
}

// --- the heap ------------------------------------------------------------------------------------

void refresh_free(struct refresh *refresh)
{
    free(refresh->heap);
    free(refresh->places);
    *refresh = (struct refresh){0};
}

static void put(struct refresh *refresh, size_t place, struct refresh_due due)
{
    refresh->heap[place] = due;
    refresh->places[due.zone] = (uint32_t)place + 1;
}

// Moves `due` from an empty place to where it belongs.
static void sift(struct refresh *refresh, size_t place, struct refresh_due due)
{
    while (place > 0 && refresh->heap[(place - 1) / 2].due_ms > due.due_ms) {
        put(refresh, place, refresh->heap[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    for (;;) {
        size_t child = 2 * place + 1;
        if (child + 1 < refresh->count &&
            refresh->heap[child + 1].due_ms < refresh->heap[child].due_ms)
            child++;
        if (child >= refresh->count || refresh->heap[child].due_ms >= due.due_ms)
            break;
        put(refresh, place, refresh->heap[child]);
        place = child;
    }
    put(refresh, place, due);
}

static void make_place(struct refresh *refresh, uint32_t zone)
{
    size_t before = refresh->place_room;
    refresh->places =
        memory_grow(refresh->places, &refresh->place_room, zone + 1u, sizeof *refresh->places);
    if (refresh->place_room > before)
        memset(refresh->places + before, 0,
               (refresh->place_room - before) * sizeof *refresh->places);
}

void refresh_set(struct refresh *refresh, uint32_t zone, uint64_t due_ms)
{
    const struct refresh_due due = {due_ms, zone};
    make_place(refresh, zone);
    if (refresh->places[zone]) {
        sift(refresh, refresh->places[zone] - 1, due);
        return;
    }
    refresh->heap =
        memory_grow(refresh->heap, &refresh->room, refresh->count + 1, sizeof *refresh->heap);
    refresh->count++;
    sift(refresh, refresh->count - 1, due);
}

bool refresh_next(struct refresh *refresh, uint64_t now_ms, uint32_t *zone)
{
    if (refresh->count == 0 || refresh->heap[0].due_ms > now_ms)
        return false;
    *zone = refresh->heap[0].zone;
    refresh->places[*zone] = 0;
    struct refresh_due last = refresh->heap[--refresh->count];
    if (refresh->count > 0)
        sift(refresh, 0, last);
    return true;
}

int refresh_rest(const struct refresh *refresh, uint64_t now_ms)
{
    if (refresh->count == 0)
        return -1;
    uint64_t due_ms = refresh->heap[0].due_ms;
    uint64_t rest_ms = due_ms > now_ms ? due_ms - now_ms : 0;
    return rest_ms > INT_MAX ? INT_MAX : (int)rest_ms;
}

uint64_t refresh_due_ms(const struct refresh *refresh, uint32_t zone)
{
    if (zone >= refresh->place_room || refresh->places[zone] == 0)
        return 0;
    return refresh->heap[refresh->places[zone] - 1].due_ms;
}
