// Houses (house.h): from options to what the workers answer from.
#include "daemon/house.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "conf/updates.h"
#include "daemon/viewing.h"
#include "dns/tsig.h"
#include "serve/update.h"
#include "zone/board.h"
#include "zone/flats.h"

static uint8_t take_text(uint8_t *to, size_t room, const char *text)
{
    size_t size = text ? strlen(text) : 0;
    if (size > room)
        size = room;
    if (size)
        memcpy(to, text, size);
    return (uint8_t)size;
}

static void take_identity(struct identity *identity, const struct options *options)
{
    identity->hostname_size =
        take_text(identity->hostname, sizeof identity->hostname, options->identity.name);
    identity->version_size =
        take_text(identity->version, sizeof identity->version, options->identity.version);
    assert(options->identity.nsid_size <= sizeof identity->nsid);
    memcpy(identity->nsid, options->identity.nsid, options->identity.nsid_size);
    identity->nsid_size = (uint8_t)options->identity.nsid_size;
}

struct house *house_make(struct options *options)
{
    struct house *house = memory_get_zeroed(1, sizeof *house);
    house->options = options;
    house->zones = memory_get_zeroed(options->zone_count, sizeof *house->zones);
    house->server.auth.minimal = options->answers.minimal;
    house->server.rotate = options->answers.rotate;
    house->server.log_queries = options->log.queries;
    take_identity(&house->server.identity, options);
    house->server.keys = options_keys(options);
    viewing_make(&house->server, options);
    return house;
}

void house_resolve(struct house *house, struct own_addresses own, struct local *local)
{
    const struct options *options = house->options;
    struct server *server = &house->server;
    assert(!server->rules && !server->local);
    server->rules = options_rules(options, 0, own);
    options_access(options->recurse, options->recurse_count, own, &server->recurse);
    options_access(options->transfer, options->transfer_count, own, &server->transfer);
    server->local = local;
    server->updating = options_updating(options, own);
    viewing_resolve(server, options, own);
}

void house_route(struct house *house, struct geography *geography, const struct hash_key *secret)
{
    const struct options *options = house->options;
    const struct own_addresses none = {0};
    options_access(options->ecs, options->ecs_count, none, &house->server.ecs);
    house->geography = geography;
    house->server.board = board_open(options->target_count);
    viewing_route(&house->server, options, geography, secret);
}

static void count(struct house_counts *counts, const struct zone *zone, bool more)
{
    uint64_t records = zone->state == ZONE_SERVED ? image_records(&zone->image) : 0;
    if (more) {
        counts->states[zone->state]++;
        counts->records += records;
    } else {
        counts->states[zone->state]--;
        counts->records -= records;
    }
}

void house_finish(struct house *house, const struct hash_key *secret,
                  const struct cookie_secret *cookies)
{
    size_t zone_count = house->options->zone_count;
    struct zone **list = memory_get(zone_count * sizeof *list);
    for (size_t i = 0; i < zone_count; i++) {
        assert(house->zones[i].zone);
        list[i] = house->zones[i].zone;
        count(&house->counts, list[i], true);
    }
    house->server.secret = *secret;
    house->server.cookies = *cookies;
    viewing_finish(&house->server, house->options, list);
}

void house_replace(struct house *house, size_t index, struct zone *zone)
{
    assert(index < house->options->zone_count && house->server.zones.shards);
    house->changes = memory_grow(house->changes, &house->change_room, house->change_count + 1,
                                 sizeof *house->changes);
    house->changes[house->change_count++] = (struct house_change){index, zone};
}

void house_replace_local(struct house *house, struct local *local)
{
    local_release(house->next_local);
    house->next_local = local;
}

void house_replace_geography(struct house *house, struct geography *geography)
{
    geography_release(house->next_geography);
    house->next_geography = geography;
}

// The options are the house's by now; the board is the same, as the lamps' numbers are.
static void share_routes(struct house *house, struct house *old)
{
    if (house->server.board)
        board_hold(house->server.board);
    if (old->next_geography) {
        house->geography = old->next_geography;
        old->next_geography = NULL;
    } else if (old->geography) {
        house->geography = geography_hold(old->geography);
    }
    viewing_route(&house->server, house->options, house->geography, &house->server.secret);
}

// What the copy of `old` shares with it gets a holder more; lists of access are short.
static void share_resolving(struct house *house, struct house *old)
{
    struct local *local = old->next_local ? old->next_local : local_hold(old->server.local);
    old->next_local = NULL;
    viewing_share(&house->server, &old->server, local);
}

static void change_zones(struct house *house, struct house *old)
{
    struct viewing_change *list = memory_get(old->change_count * sizeof *list);
    for (size_t i = 0; i < old->change_count; i++) {
        struct house_zone *entry = &house->zones[old->changes[i].index];
        list[i] = (struct viewing_change){old->changes[i].index, old->changes[i].zone};
        count(&house->counts, entry->zone, false);
        count(&house->counts, list[i].zone, true);
        entry->zone = list[i].zone;
    }
    viewing_change(&house->server, &old->server, house->options, list, old->change_count);
    old->change_count = 0;
    free(list);
}

struct house *house_change(struct house *old)
{
    struct house *house = memory_get_zeroed(1, sizeof *house);
    house->server = old->server;
    house->options = old->options;
    house->zones = old->zones;
    house->counts = old->counts;
    old->options = NULL;
    old->zones = NULL;
    house->server.auth.flats = NULL; // the old house's
    tsig_keys_hold(house->server.keys);
    updating_hold(house->server.updating);
    viewing_copy(&house->server, &old->server);
    change_zones(house, old);
    share_resolving(house, old);
    share_routes(house, old);
    house->listeners.count = old->listeners.count;
    house->listeners.list = memory_get_zeroed(old->listeners.count, sizeof *house->listeners.list);
    for (size_t i = 0; i < old->listeners.count; i++)
        house->listeners.list[i] = listener_hold(old->listeners.list[i]);
    return house;
}

static void free_zones(struct house *house, bool finished)
{
    for (size_t i = 0; i < house->options->zone_count; i++) {
        if (!finished)
            zone_release(house->zones[i].zone);
        free(house->zones[i].problem);
    }
    free(house->zones);
}

void house_free(void *pointer)
{
    struct house *house = pointer;
    bool finished = house->server.zones.shards;
    if (house->options)
        free_zones(house, finished);
    for (size_t i = 0; i < house->change_count; i++)
        zone_release(house->changes[i].zone);
    free(house->changes);
    viewing_free(&house->server);
    tsig_keys_release(house->server.keys);
    updating_release(house->server.updating);
    options_free(house->options);
    local_release(house->next_local);
    flats_free(house->flats);
    board_release(house->server.board);
    geography_release(house->geography);
    geography_release(house->next_geography);
    for (size_t i = 0; i < house->listeners.count; i++)
        listener_release(house->listeners.list[i]);
    free(house->listeners.list);
    free(house);
}

// The first of this name: they stand by view.
static bool find_first(const struct options *options, struct name name, size_t *index)
{
    size_t low = 0, high = options->zone_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (name_compare(house_zone_name(options, middle), name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *index = low;
    return low < options->zone_count && name_equal(house_zone_name(options, low), name);
}

bool house_find(const struct options *options, struct name name, size_t *index)
{
    return find_first(options, name, index);
}

bool house_find_in_view(const struct options *options, struct name name, unsigned view,
                        size_t *index)
{
    if (!find_first(options, name, index))
        return false;
    while (*index < options->zone_count && options->zones[*index].view < view &&
           name_equal(house_zone_name(options, *index), name))
        ++*index;
    return *index < options->zone_count && options->zones[*index].view == view &&
           name_equal(house_zone_name(options, *index), name);
}

struct zone *house_zone_of(const struct house *house, struct name name, unsigned view)
{
    size_t index;
    return house_find_in_view(house->options, name, view, &index) ? house->zones[index].zone : NULL;
}
