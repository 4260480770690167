// Zones and the table of them (zone.h).
#include "zone/zone.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/memory.h"
#include "zone/judge.h"
#include "zone/records.h"

static struct zone *make_zone(struct name origin, const char *path, enum zone_state state)
{
    struct zone *zone = memory_get_zeroed(1, sizeof *zone);
    atomic_init(&zone->holders, 1);
    zone->state = state;
    memcpy(zone->origin_wire, origin.wire, origin.size);
    zone->origin = (struct name){zone->origin_wire, origin.size, origin.labels};
    zone->path = memory_copy_text(path);
    return zone;
}

struct zone *zone_empty(struct name origin, const char *path, enum zone_state state,
                        const char *problem)
{
    struct zone *zone = make_zone(origin, path, state);
    if (problem)
        zone->problem = memory_copy_text(problem);
    return zone;
}

// What the files are now. One that changed after the load began may have been read half: it is
// remembered in a way that never equals what it is.
static void remember_sources(struct zone *zone, const struct records *records,
                             const struct timespec *began)
{
    zone->sources = memory_get_zeroed(records->source_count, sizeof *zone->sources);
    zone->source_count = records->source_count;
    for (size_t i = 0; i < records->source_count; i++) {
        struct zone_source *source = &zone->sources[i];
        struct stat status;
        source->path = memory_copy_text(records->sources[i].path);
        if (stat(source->path, &status) != 0 || !S_ISREG(status.st_mode) ||
            status.st_mtim.tv_sec >= began->tv_sec - 1)
            continue;
        source->modified = status.st_mtim;
        source->octets = (uint64_t)status.st_size;
        source->inode = status.st_ino;
        source->device = status.st_dev;
    }
}

bool zone_is_current(const struct zone *zone)
{
    if (zone->state != ZONE_SERVED || zone->source_count == 0)
        return false;
    for (size_t i = 0; i < zone->source_count; i++) {
        const struct zone_source *source = &zone->sources[i];
        struct stat status;
        if (source->modified.tv_sec == 0 || stat(source->path, &status) != 0)
            return false;
        if (status.st_mtim.tv_sec != source->modified.tv_sec ||
            status.st_mtim.tv_nsec != source->modified.tv_nsec ||
            (uint64_t)status.st_size != source->octets || status.st_ino != source->inode ||
            status.st_dev != source->device)
            return false;
    }
    return true;
}

// What a person should read first about a zone that failed.
static void keep_problem(struct zone *zone, const struct report *report, size_t from)
{
    for (size_t i = from; i < report->count; i++) {
        const struct problem *problem = &report->problems[i];
        if (problem->severity != SEVERITY_ERROR)
            continue;
        zone->problem = memory_format("%s:%u: %s", problem->file ? problem->file : zone->path,
                                      problem->line, problem->message);
        return;
    }
    zone->problem = memory_copy_text("could not be loaded");
}

static bool read_zone(struct zone *zone, struct records *records,
                      const struct zone_load_options *options, struct report *report)
{
    enum zonemd_verdict zonemd = ZONEMD_UNCHECKED;
    struct judge_options judge = {.strict = options->strict,
                                  .progress = options->progress,
                                  .zonemd = options->zonemd ? &zonemd : NULL};
    if (!judge_zone(zone->path, records, &judge, report))
        return false;
    zone->zonemd = zonemd == ZONEMD_VERIFIED;
    int error = image_build(records, options->secret, &zone->image);
    if (error) {
        struct place place = {.file = zone->path};
        report_add(report, SEVERITY_ERROR, &place, NULL, "cannot build the zone's image: %s",
                   error == -E2BIG ? "an RRset or the zone is too large" : strerror(-error));
    }
    return error == 0;
}

struct zone *zone_load(struct name origin, const char *path,
                       const struct zone_load_options *options, struct report *report)
{
    uint64_t began_ms = clock_now_ms();
    struct timespec began;
    clock_gettime(CLOCK_REALTIME, &began);
    size_t problems_before = report->count;
    struct zone *zone = make_zone(origin, path, ZONE_BROKEN);
    struct records records;
    records_begin(&records, zone->origin);
    if (read_zone(zone, &records, options, report)) {
        zone->state = ZONE_SERVED;
        remember_sources(zone, &records, &began);
    } else {
        keep_problem(zone, report, problems_before);
    }
    records_free(&records);
    zone->loaded_date_s = clock_date_s();
    zone->load_ms = (uint32_t)(clock_now_ms() - began_ms);
    return zone;
}

struct zone *zone_hold(struct zone *zone)
{
    atomic_fetch_add_explicit(&zone->holders, 1, memory_order_relaxed);
    return zone;
}

void zone_release(struct zone *zone)
{
    if (!zone || atomic_fetch_sub_explicit(&zone->holders, 1, memory_order_acq_rel) != 1)
        return;
    image_free(&zone->image);
    for (size_t i = 0; i < zone->source_count; i++)
        free(zone->sources[i].path);
    free(zone->sources);
    free(zone->path);
    free(zone->problem);
    free(zone);
}

// --- the table -----------------------------------------------------------------------------------

static int compare_zones(const void *a, const void *b)
{
    return name_compare((*(struct zone *const *)a)->origin, (*(struct zone *const *)b)->origin);
}

void zones_build(struct zones *zones, struct zone **list, size_t count,
                 const struct hash_key *secret)
{
    *zones = (struct zones){.list = list, .count = count, .secret = secret};
    if (count > 1)
        qsort(list, count, sizeof *list, compare_zones);
    size_t slots = 4;
    while (slots < count * 2)
        slots *= 2;
    zones->slots = memory_get_zeroed(slots, sizeof *zones->slots);
    zones->slot_mask = slots - 1;
    for (size_t i = 0; i < count; i++) {
        struct name_key key;
        unsigned depth = list[i]->origin.labels;
        name_key_make(list[i]->origin, secret, &key);
        uint64_t at = key.hash[depth] & zones->slot_mask;
        while (zones->slots[at].zone)
            at = (at + 1) & zones->slot_mask;
        zones->slots[at] = (struct zones_slot){key.hash[depth], list[i]};
        zones->depths[depth / 64] |= 1ull << depth % 64;
    }
}

void zones_free(struct zones *zones)
{
    for (size_t i = 0; i < zones->count; i++)
        zone_release(zones->list[i]);
    free(zones->list);
    free(zones->slots);
    *zones = (struct zones){0};
}

static struct zone *probe(const struct zones *zones, const struct name_key *key, unsigned depth)
{
    uint64_t hash = key->hash[depth];
    for (uint64_t at = hash & zones->slot_mask; zones->slots[at].zone;
         at = (at + 1) & zones->slot_mask) {
        const struct zones_slot *slot = &zones->slots[at];
        if (slot->hash == hash &&
            name_equal_folded(slot->zone->origin, name_key_suffix(key, depth)))
            return slot->zone;
    }
    return NULL;
}

struct zone *zones_find(const struct zones *zones, const struct name_key *key, unsigned depth)
{
    assert(depth <= key->labels);
    for (unsigned i = depth + 1; i-- > 0;) {
        if (!(zones->depths[i / 64] >> i % 64 & 1))
            continue;
        struct zone *zone = probe(zones, key, i);
        if (zone)
            return zone;
    }
    return NULL;
}

struct zone *zones_get(const struct zones *zones, struct name origin)
{
    struct name_key key;
    name_key_make(origin, zones->secret, &key);
    return probe(zones, &key, origin.labels);
}
