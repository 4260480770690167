// Catalogs of ours (listing.h).
#include "daemon/listing.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "conf/members.h"
#include "daemon/daemon.h"
#include "transfer/catalog.h"
#include "zone/serial.h"

#define TICK_MS 100 // until it is looked at again, if a rebuild is in the way

// What the writer was given.
struct listed {
    struct daemon *daemon;
    struct name zone;
    uint8_t wire[NAME_OCTETS_MAX];
    size_t members;
};

void listing_begin(struct daemon *daemon)
{
    daemon->listing.fresh = true;
}

static void gather(const struct options *options, const struct catalog_option *made,
                   struct catalog *list)
{
    *list = (struct catalog){0};
    for (size_t i = 0; i < options->zone_count; i++) {
        const struct zone_option *zone = &options->zones[i];
        const struct member_option *member = members_find(made, zone);
        if (!member)
            continue;
        struct catalog_entry entry = {.zone = {zone->wire, zone->size, zone->labels},
                                      .epoch = member->reset,
                                      .groups = member->groups,
                                      .group_count = member->group_count,
                                      .coo = member->coo.size ? &member->coo : NULL};
        catalog_add(list, &entry);
    }
    bool good = catalog_sort(list);
    assert(good); // a zone is in the options once
    (void)good;
}

static bool is_served(const struct zone *version, const struct catalog *list)
{
    struct catalog there = {0};
    struct catalog_place at;
    struct catalog_changes changes;
    if (version->state != ZONE_SERVED ||
        catalog_read(&there, &version->image, SIZE_MAX, &at) != CATALOG_GOOD)
        return false;
    catalog_changes_begin(&changes, &there, list);
    bool same = !catalog_changes_next(&changes);
    catalog_free(&there);
    return same;
}

static void end_listed(void *context, const struct amendment *amendment)
{
    const struct listed *listed = context;
    char name[NAME_TEXT_MAX];
    listed->daemon->listing.pending--;
    name_print(listed->zone, name);
    if (amendment->verdict == CHANGING_DONE)
        log_info("catalog %s: serial %" PRIu32 ", %zu zones", name, amendment->serial_to,
                 listed->members);
    else
        log_error("catalog %s: %zu zones cannot be listed: %s", name, listed->members,
                  amendment->problem);
    if (amendment->verdict != CHANGING_DONE) // a full disk, say
        listed->daemon->listing.again_ms = clock_now_ms() + LISTING_AGAIN_MS;
}

static void submit(struct daemon *daemon, const struct catalog_option *made,
                   const struct zone *version, const struct catalog *list)
{
    const struct options *options = daemon_house(daemon)->options;
    struct records records;
    char name[NAME_TEXT_MAX];
    size_t index;
    bool found = house_find_in_view(options, made->zone, made->view, &index);
    assert(found);
    (void)found;
    uint32_t before = version->state == ZONE_SERVED ? version->image.serial : 0;
    uint32_t serial = serial_next(options->zones[index].serials, before, clock_date_s());
    name_print(made->zone, name);
    if (list->count > CATALOG_MEMBERS_MAX) {
        log_error("catalog %s: more than %d zones cannot be listed; make two of it", name,
                  CATALOG_MEMBERS_MAX);
        return;
    }
    if (!catalog_compose(list, made->zone, serial, &records)) {
        log_error("catalog %s: its name is too long for the names below it", name);
        return;
    }
    struct listed *listed = memory_get_zeroed(1, sizeof *listed);
    listed->daemon = daemon;
    listed->zone = name_fold(made->zone, listed->wire);
    listed->members = list->count;
    daemon->listing.pending++;
    changing_whole(daemon,
                   &(struct changing_wish){.zone = listed->zone,
                                           .view = made->view,
                                           .who = "onym",
                                           .done = end_listed,
                                           .context = listed,
                                           .change = CHANGE_CATALOG,
                                           .expire_s = UINT32_MAX},
                   &records);
}

void listing_step(struct daemon *daemon)
{
    struct house *house = daemon_house(daemon);
    const struct options *options = house->options;
    struct listing *listing = &daemon->listing;
    bool again = listing->again_ms && listing->again_ms <= clock_now_ms();
    if ((!listing->fresh && !again) || listing->pending)
        return;
    listing->fresh = false;
    listing->again_ms = 0;
    for (size_t i = 0; i < options->catalog_count; i++) {
        const struct catalog_option *made = &options->catalogs[i];
        struct catalog list;
        size_t index;
        if (!house_find_in_view(options, made->zone, made->view, &index))
            continue; // it was given twice
        if (house->zones[index].load) {
            listing->fresh = true; // history may have it yet
            continue;
        }
        const struct zone *version = house->zones[index].zone;
        gather(options, made, &list);
        if (!is_served(version, &list))
            submit(daemon, made, version, &list);
        catalog_free(&list);
    }
}

int listing_rest(const struct listing *listing, uint64_t now_ms)
{
    if (listing->pending || listing->again_ms == 0)
        return -1; // the writer rings
    return listing->again_ms > now_ms ? (int)(listing->again_ms - now_ms) : TICK_MS;
}

size_t listing_count(struct daemon *daemon, size_t index)
{
    const struct options *options = daemon_house(daemon)->options;
    const struct zone_option *zone = &options->zones[index];
    const struct name name = {zone->wire, zone->size, zone->labels};
    size_t count = 0;
    for (size_t i = 0; i < options->catalog_count; i++) {
        const struct catalog_option *made = &options->catalogs[i];
        if (made->view != zone->view || !name_equal(made->zone, name))
            continue;
        for (size_t j = 0; j < options->zone_count; j++)
            count += members_find(made, &options->zones[j]) != NULL;
    }
    return count;
}
