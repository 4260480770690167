// What is known of zones from primaries (fetched.h).
#include "daemon/fetched.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "daemon/daemon.h"

struct fetched_zone *fetched_find(struct fetched_zone *zones, size_t count, size_t index)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zones[middle].index < index)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && zones[low].index == index ? &zones[low] : NULL;
}

void fetched_free(struct fetched_zone *zones, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(zones[i].problem);
    free(zones);
}

// What was known of the zone of this name and view, whose problem goes over.
static struct fetched_zone *find_before(struct daemon *daemon, const struct house *next,
                                        size_t index)
{
    const struct house *old = daemon_house(daemon);
    size_t before;
    if (!old || !house_find_in_view(old->options, house_zone_name(next->options, index),
                                    next->options->zones[index].view, &before))
        return NULL;
    return fetched_find(daemon->fetching.zones, daemon->fetching.count, before);
}

static void take_zone(struct daemon *daemon, const struct house *next, size_t index,
                      struct fetched_zone *zone)
{
    struct fetched_zone *before = find_before(daemon, next, index);
    const struct zone *version = next->zones[index].zone;
    if (before) {
        *zone = *before;
        before->problem = NULL;
    }
    zone->index = (uint32_t)index;
    zone->turn_ms =
        before && !zone->fetch && !zone->handed && !zone->queued
            ? refresh_due_ms(&daemon->fetching.turns, (uint32_t)(before - daemon->fetching.zones))
            : 0;
    zone->fetch = NULL;
    zone->handed = zone->queued = false;
    if (before || version->state != ZONE_SERVED)
        return;
    // Of an earlier run: it is as old as history says, and not younger than now.
    uint64_t date_s = clock_date_s();
    uint64_t age_s = version->refreshed_s < date_s ? date_s - version->refreshed_s : 0;
    zone->kept_date_s = zone->confirmed_date_s = version->refreshed_s;
    zone->confirmed_ms = (int64_t)clock_now_ms() - (int64_t)(age_s * 1000);
}

struct fetched_zone *fetched_make(struct daemon *daemon, const struct house *next, size_t *count)
{
    const struct options *options = next->options;
    size_t at = 0;
    *count = 0;
    for (size_t i = 0; i < options->zone_count; i++)
        *count += options->zones[i].from != NULL;
    struct fetched_zone *zones = memory_get_zeroed(*count, sizeof *zones);
    for (size_t i = 0; i < options->zone_count; i++)
        if (options->zones[i].from)
            take_zone(daemon, next, i, &zones[at++]);
    return zones;
}
