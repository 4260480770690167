// The wheel of replies that wait (departures.h).
#include "lab/departures.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"

static struct slot *slot_of(const struct departures *departures, uint64_t ms)
{
    return &departures->slots[ms & (WHEEL_SLOTS - 1)];
}

void departures_open(struct departures *departures, uint64_t now_ms)
{
    *departures = (struct departures){
        .slots = memory_get_zeroed(WHEEL_SLOTS, sizeof(struct slot)),
        .now_ms = now_ms,
        .waiting_max = LAB_WAITING_MAX,
    };
}

static void free_list(struct departure *first)
{
    while (first) {
        struct departure *next = first->next;
        free(first);
        first = next;
    }
}

void departures_close(struct departures *departures)
{
    for (unsigned i = 0; departures->slots && i < WHEEL_SLOTS; i++)
        free_list(departures->slots[i].first);
    free_list(departures->spare);
    free(departures->slots);
    *departures = (struct departures){0};
}

struct departure *departures_make(struct departures *departures, uint32_t room)
{
    struct departure *departure = departures->spare;
    if (departures->waiting >= departures->waiting_max)
        return NULL;
    if (room <= DEPARTURE_ROOM && departure) {
        departures->spare = departure->next;
    } else {
        room = room < DEPARTURE_ROOM ? DEPARTURE_ROOM : room;
        departure = memory_get(sizeof *departure + room);
        departure->room = room;
    }
    departure->next = NULL;
    departure->from.s_addr = 0;
    return departure;
}

void departures_add(struct departures *departures, struct departure *departure)
{
    // What is due already leaves with the next that does.
    if (departure->due_ms <= departures->now_ms)
        departure->due_ms = departures->now_ms + 1;
    struct slot *slot = slot_of(departures, departure->due_ms);
    departure->next = NULL;
    if (slot->last)
        slot->last->next = departure;
    else
        slot->first = departure;
    slot->last = departure;
    departures->waiting++;
}

// Takes those of one slot that are due, in their order; the others stay in theirs. Returns how many
// are taken in all.
static unsigned take_slot(struct departures *departures, struct slot *slot, uint64_t now_ms,
                          struct departure **taken, unsigned count)
{
    struct departure **link = &slot->first, *last = NULL;
    while (*link && count < BATCH_MAX) {
        struct departure *departure = *link;
        if (departure->due_ms > now_ms) {
            last = departure;
            link = &departure->next;
            continue;
        }
        *link = departure->next;
        taken[count++] = departure;
        departures->waiting--;
    }
    if (!*link)
        slot->last = last;
    return count;
}

unsigned departures_take(struct departures *departures, uint64_t now_ms,
                         struct departure *taken[static BATCH_MAX])
{
    // `now_ms` of the wheel is one behind while a slot is not known to be empty of what is due.
    unsigned count = 0;
    if (departures->waiting == 0) {
        departures->now_ms = now_ms > departures->now_ms ? now_ms : departures->now_ms;
        return 0;
    }
    if (now_ms - departures->now_ms > WHEEL_SLOTS && now_ms > departures->now_ms)
        departures->now_ms = now_ms - WHEEL_SLOTS; // each slot is looked at once
    while (departures->now_ms < now_ms) {
        struct slot *slot = slot_of(departures, departures->now_ms + 1);
        count = take_slot(departures, slot, now_ms, taken, count);
        if (count == BATCH_MAX)
            return count;
        departures->now_ms++;
    }
    return count;
}

void departures_drop(struct departures *departures, struct departure *departure)
{
    if (departure->room > DEPARTURE_ROOM) {
        free(departure);
        return;
    }
    departure->next = departures->spare;
    departures->spare = departure;
}

int departures_rest(const struct departures *departures, uint64_t now_ms)
{
    if (departures->waiting == 0)
        return -1;
    uint64_t at = departures->now_ms + 1;
    for (unsigned i = 0; i < WHEEL_SLOTS && !slot_of(departures, at)->first; i++)
        at++;
    return at > now_ms ? (int)(at - now_ms) : 0;
}
