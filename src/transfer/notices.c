// Notices (notices.h).
#include "transfer/notices.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"

void notices_free(struct notices *notices)
{
    for (size_t i = 0; i < notices->count; i++)
        free(notices->targets[i].zones);
    free(notices->targets);
    *notices = (struct notices){0};
}

size_t notices_target(struct notices *notices, const struct address *address, size_t key)
{
    for (size_t i = 0; i < notices->count; i++)
        if (notices->targets[i].key == key && address_equal(&notices->targets[i].address, address))
            return i;
    notices->targets =
        memory_grow(notices->targets, &notices->room, notices->count + 1, sizeof *notices->targets);
    notices->targets[notices->count] = (struct notice_target){.address = *address, .key = key};
    return notices->count++;
}

void notices_add(struct notices *notices, size_t target, uint32_t zone)
{
    struct notice_target *to = &notices->targets[target];
    if (to->zone_count && to->zones[to->zone_count - 1].zone == zone)
        return; // named twice
    assert(to->zone_count == 0 || to->zones[to->zone_count - 1].zone < zone);
    to->zones = memory_grow(to->zones, &to->zone_room, to->zone_count + 1, sizeof *to->zones);
    to->zones[to->zone_count++] = (struct notice_zone){.zone = zone};
}

static struct notice_zone *find_zone(const struct notice_target *target, uint32_t zone)
{
    size_t low = 0, high = target->zone_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (target->zones[middle].zone < zone)
            low = middle + 1;
        else
            high = middle;
    }
    return low < target->zone_count && target->zones[low].zone == zone ? &target->zones[low] : NULL;
}

static struct notice_flight *find_flight(struct notice_target *target, uint32_t zone)
{
    for (unsigned i = 0; i < NOTICE_FLIGHTS_MAX; i++)
        if (target->flights[i].tries && target->flights[i].zone == zone)
            return &target->flights[i];
    return NULL;
}

void notices_want(struct notices *notices, size_t target, uint32_t zone)
{
    struct notice_target *to = &notices->targets[target];
    struct notice_zone *entry = find_zone(to, zone);
    struct notice_flight *flight = find_flight(to, zone);
    assert(entry);
    if (flight) {
        flight->again = true;
    } else if (!entry->wanted) {
        entry->wanted = true;
        to->wanted++;
    }
}

bool notices_is_wanted(const struct notices *notices, size_t target, uint32_t zone)
{
    struct notice_target *to = &notices->targets[target];
    const struct notice_zone *entry = find_zone(to, zone);
    return (entry && entry->wanted) || find_flight(to, zone);
}

// The zones take their turns.
static struct notice_flight *begin(struct notice_target *target)
{
    struct notice_flight *flight = target->flights;
    while (flight->tries)
        flight++;
    while (!target->zones[target->cursor].wanted)
        target->cursor = (target->cursor + 1) % target->zone_count;
    struct notice_zone *entry = &target->zones[target->cursor];
    target->cursor = (target->cursor + 1) % target->zone_count;
    entry->wanted = false;
    target->wanted--;
    target->flying++;
    *flight = (struct notice_flight){.zone = entry->zone};
    return flight;
}

static void try(struct notice_flight *flight, uint64_t now_ms)
{
    random_fill(&flight->id, sizeof flight->id);
    flight->due_ms = now_ms + ((uint64_t)NOTICE_WAIT_MS << flight->tries);
    flight->tries++;
    flight->again = false;
}

static void give_up(struct notice_target *target, struct notice_flight *flight,
                    struct notice *notice)
{
    notice->flight = NULL;
    notice->zone = flight->zone;
    notice->first_loss = !target->silent;
    target->silent = true;
    target->flying--;
    *flight = (struct notice_flight){0};
}

static struct notice_flight *find_due(struct notice_target *target, uint64_t now_ms)
{
    for (unsigned i = 0; target->flying && i < NOTICE_FLIGHTS_MAX; i++)
        if (target->flights[i].tries && target->flights[i].due_ms <= now_ms)
            return &target->flights[i];
    return NULL;
}

static bool next_of(struct notice_target *target, uint64_t now_ms, struct notice *notice)
{
    struct notice_flight *flight = find_due(target, now_ms);
    if (flight && flight->again) { // what it is told of now is a newer version
        flight->tries = 0;
    } else if (flight && flight->tries >= NOTICE_TRIES_MAX) {
        give_up(target, flight, notice);
        return true;
    } else if (!flight) {
        if (target->flying == NOTICE_FLIGHTS_MAX || target->wanted == 0)
            return false;
        flight = begin(target);
    }
    try(flight, now_ms);
    notice->flight = flight;
    notice->zone = flight->zone;
    return true;
}

bool notices_next(struct notices *notices, uint64_t now_ms, struct notice *notice)
{
    for (size_t i = 0; i < notices->count; i++) {
        *notice = (struct notice){.target = i};
        if (next_of(&notices->targets[i], now_ms, notice))
            return true;
    }
    return false;
}

struct notice_flight *notices_find(struct notices *notices, size_t target, uint16_t id)
{
    struct notice_flight *flights = notices->targets[target].flights;
    for (unsigned i = 0; i < NOTICE_FLIGHTS_MAX; i++)
        if (flights[i].tries && flights[i].id == id)
            return &flights[i];
    return NULL;
}

void notices_end(struct notices *notices, size_t target, struct notice_flight *flight)
{
    struct notice_target *to = &notices->targets[target];
    uint32_t zone = flight->zone;
    bool again = flight->again;
    *flight = (struct notice_flight){0};
    to->flying--;
    to->silent = false;
    if (again)
        notices_want(notices, target, zone);
}

int notices_rest(const struct notices *notices, uint64_t now_ms)
{
    uint64_t soonest_ms = UINT64_MAX;
    for (size_t i = 0; i < notices->count; i++) {
        const struct notice_target *target = &notices->targets[i];
        if (target->wanted && target->flying < NOTICE_FLIGHTS_MAX)
            return 0;
        for (unsigned j = 0; target->flying && j < NOTICE_FLIGHTS_MAX; j++)
            if (target->flights[j].tries && target->flights[j].due_ms < soonest_ms)
                soonest_ms = target->flights[j].due_ms;
    }
    if (soonest_ms == UINT64_MAX)
        return -1;
    return soonest_ms > now_ms ? (int)(soonest_ms - now_ms) : 0;
}
