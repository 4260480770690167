// Zones and the table of them (zone.h).
#include "zone/zone.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/memory.h"
#include "zone/check.h"
#include "zone/journal.h"
#include "zone/judge.h"
#include "zone/records.h"
#include "zone/store.h"

static struct zone *make_zone(struct name origin, const char *path, enum zone_state state)
{
    size_t path_size = strlen(path) + 1;
    struct zone *zone = memory_get(sizeof *zone + origin.size + path_size);
    *zone = (struct zone){.state = state};
    atomic_init(&zone->holders, 1);
    memcpy(zone->texts, origin.wire, origin.size);
    zone->origin = (struct name){zone->texts, origin.size, origin.labels};
    zone->path = memcpy(zone->texts + origin.size, path, path_size);
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

// --- files ---------------------------------------------------------------------------------------

// File systems that count whole seconds exist, and who sets a file's date may set an old one.
#define MODIFIED_SETTLED_S 1
// The kernel's clock for files ticks every 10 ms at the slowest, and nobody can set this date.
#define CHANGED_SETTLED_NS 10000000

static int64_t measure_ns(struct timespec time)
{
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// One that changed after the load began may have been read half.
static bool is_settled(const struct stat *status, const struct timespec *began)
{
    return status->st_mtim.tv_sec < began->tv_sec - MODIFIED_SETTLED_S &&
           measure_ns(status->st_ctim) < measure_ns(*began) - CHANGED_SETTLED_NS;
}

static uint64_t stamp_seen(uint64_t stamp, const struct imprint *seen)
{
    const uint64_t words[] = {
        (uint64_t)seen->modified_ns,
        (uint64_t)seen->changed_ns,
        seen->octets,
        seen->inode,
        seen->device,
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        stamp = hash_mix(stamp ^ words[i] ^ 0xa0761d6478bd642fu, 0xe7037ed1a0b428dbu + i);
    return stamp;
}

// Goes on with a stamp: 64 bits are by chance equal once in 10^19 times. 0: the file is not there,
// is no regular file or, with `began`, has changed since then or just before.
static uint64_t stamp_file(uint64_t stamp, const char *path, const struct timespec *began)
{
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode) ||
        (began && !is_settled(&status, began)))
        return 0;
    struct imprint seen = {
        .device = status.st_dev,
        .inode = status.st_ino,
        .octets = (uint64_t)status.st_size,
        .modified_ns = measure_ns(status.st_mtim),
        .changed_ns = measure_ns(status.st_ctim),
    };
    return stamp_seen(stamp, &seen);
}

// Of all its files as they are now.
static uint64_t stamp_files(const struct zone *zone, const struct timespec *began)
{
    uint64_t stamp = stamp_file(1, zone->path, began);
    const char *path = zone->included ? zone->included : "";
    for (; stamp && *path; path += strlen(path) + 1)
        stamp = stamp_file(stamp, path, began);
    return stamp;
}

static char *list_included(const struct records *records)
{
    struct buffer list = {0};
    if (records->source_count < 2)
        return NULL;
    for (size_t i = 1; i < records->source_count; i++)
        buffer_add(&list, records->sources[i].path, strlen(records->sources[i].path) + 1);
    buffer_add_char(&list, 0);
    return list.text;
}

uint32_t zone_expire_s(const struct zone *zone)
{
    assert(zone->state == ZONE_SERVED);
    const uint8_t *end = rrset_next(zone->image.soa->body);
    return bytes_get32(end - 8); // behind it is the minimum
}

uint32_t zone_expires_in_s(const struct zone *zone)
{
    uint64_t since_s = atomic_load_explicit(&zone->refreshed_s, memory_order_relaxed);
    uint32_t expire_s = zone_expire_s(zone);
    uint64_t date_s = since_s ? clock_date_s() : 0;
    uint64_t age_s = date_s > since_s ? date_s - since_s : 0;
    return age_s < expire_s ? expire_s - (uint32_t)age_s : 0;
}

bool zone_is_current(const struct zone *zone)
{
    if (zone->state != ZONE_SERVED)
        return false;
    return !*zone->path || (zone->stamp && stamp_files(zone, NULL) == zone->stamp);
}

void zone_inherit(struct zone *zone, const struct zone *from)
{
    size_t size = 0;
    zone->stamp = from->stamp;
    zone->zonemd = from->zonemd;
    zone->made = from->made;
    if (!from->included)
        return;
    while (from->included[size])
        size += strlen(from->included + size) + 1;
    zone->included = memory_get(size + 1);
    memcpy(zone->included, from->included, size + 1);
}

// --- loading -------------------------------------------------------------------------------------

// What a person should read first about a zone that failed.
static void keep_problem(struct zone *zone, const struct report *report, size_t from)
{
    for (size_t i = from; i < report->count; i++) {
        const struct problem *problem = &report->problems[i];
        if (problem->severity != SEVERITY_ERROR)
            continue;
        zone->problem = problem->line || *zone->path
                            ? memory_format("%s:%u: %s", problem->file ? problem->file : zone->path,
                                            problem->line, problem->message)
                            : memory_copy_text(problem->message);
        return;
    }
    zone->problem = memory_copy_text("could not be loaded");
}

// Warnings are told when the file is read; of an image it is only known that there were some.
static void recall_warnings(const struct zone *zone, uint32_t warnings, struct report *report)
{
    struct place place = {.file = zone->path};
    if (warnings)
        report_add(report, SEVERITY_WARNING, &place, "'onym zone check' shows them",
                   "%" PRIu32 " warning%s", warnings, warnings == 1 ? "" : "s");
}

static char *list_sources(const struct pack_entry *entry)
{
    struct buffer list = {0};
    if (entry->sources < 2)
        return NULL;
    const struct pack_source *source = pack_first_source(entry);
    for (uint32_t i = 1; i < entry->sources; i++) {
        source = pack_next_source(source);
        buffer_add(&list, source->path, strlen(source->path) + 1);
    }
    buffer_add_char(&list, 0);
    return list.text;
}

// The store has just looked at them: if they are untouched, no second look is needed.
static uint64_t stamp_found(const struct zone *zone, const struct store_found *found,
                            const struct timespec *began)
{
    if (!found->untouched)
        return stamp_files(zone, began);
    uint64_t stamp = 1;
    const struct pack_source *source = pack_first_source(found->entry);
    for (uint32_t i = 0; i < found->entry->sources; i++, source = pack_next_source(source))
        stamp = stamp_seen(stamp, &source->imprint);
    return stamp;
}

static bool take_image(struct zone *zone, const struct zone_load_options *options,
                       const struct timespec *began, struct report *report)
{
    struct store_found found;
    if (!options->store || !store_get(options->store, zone->origin, zone->path, &found))
        return false;
    enum zonemd_hash made = (found.entry->flags & PACK_MADE) / 2;
    if ((options->zonemd && !(found.entry->flags & PACK_ZONEMD)) || made != options->make) {
        image_free(&found.image); // it was read when nobody asked for that
        free(found.entry);
        return false;
    }
    zone->zonemd = found.entry->flags & PACK_ZONEMD;
    zone->made = (uint8_t)made;
    zone->image = found.image;
    zone->included = list_sources(found.entry);
    zone->from_image = true;
    zone->stamp = stamp_found(zone, &found, began);
    recall_warnings(zone, found.entry->warnings, report);
    free(found.entry);
    return true;
}

// For the next run. A zone that came out of a pipe is read from it every time.
static void keep_image(const struct zone *zone, const struct records *records,
                       const struct zone_load_options *options, uint32_t warnings, int64_t began_ns)
{
    if (!options->store)
        return;
    struct pack_made *made = memory_get_zeroed(records->source_count, sizeof *made);
    size_t count = 0;
    for (; count < records->source_count; count++) {
        const struct record_source *source = &records->sources[count];
        made[count].path = source->path;
        if (!imprint_take(&made[count].imprint, source->path, source->octets, source->size,
                          began_ns))
            break;
    }
    if (count == records->source_count) {
        struct pack_entry *entry = pack_make_entry(zone->origin, warnings, made, count);
        entry->flags = (uint16_t)((zone->zonemd ? PACK_ZONEMD : 0) | zone->made * 2);
        store_put(options->store, &zone->image, entry);
    }
    free(made);
}

static bool build_image(struct zone *zone, const struct records *records,
                        const struct hash_key *secret, struct report *report)
{
    int error = image_build(records, secret, &zone->image);
    if (error) {
        struct place place = {.file = zone->path};
        report_add(report, SEVERITY_ERROR, &place, NULL, "cannot build the zone's image: %s",
                   error == -E2BIG ? "an RRset or the zone is too large" : strerror(-error));
    }
    return error == 0;
}

static bool read_zone(struct zone *zone, struct records *records,
                      const struct zone_load_options *options, struct report *report)
{
    enum zonemd_verdict zonemd = ZONEMD_UNCHECKED;
    struct judge_options judge = {.strict = options->strict,
                                  .progress = options->progress,
                                  .threads = options->threads,
                                  .zonemd = options->zonemd ? &zonemd : NULL};
    if (!judge_zone(zone->path, records, &judge, report))
        return false;
    zone->zonemd = zonemd == ZONEMD_VERIFIED;
    if (options->make && !zonemd_put(records, options->make, report))
        return false;
    zone->made = (uint8_t)options->make;
    return build_image(zone, records, options->secret, report);
}

static void read_text(struct zone *zone, const struct zone_load_options *options,
                      const struct timespec *began, struct report *report)
{
    size_t problems_before = report->count, warnings_before = report->warnings;
    struct records records;
    records_begin(&records, zone->origin);
    if (read_zone(zone, &records, options, report)) {
        uint32_t warnings = (uint32_t)(report->warnings - warnings_before);
        zone->state = ZONE_SERVED;
        zone->included = list_included(&records);
        zone->stamp = stamp_files(zone, began);
        keep_image(zone, &records, options, warnings, measure_ns(*began));
    } else {
        keep_problem(zone, report, problems_before);
    }
    records_free(&records);
}

struct zone *zone_load(struct name origin, const char *path,
                       const struct zone_load_options *options, struct report *report)
{
    uint64_t began_ms = clock_now_ms();
    struct timespec began;
    clock_gettime(CLOCK_REALTIME, &began);
    struct zone *zone = make_zone(origin, path, ZONE_BROKEN);
    if (take_image(zone, options, &began, report))
        zone->state = ZONE_SERVED;
    else
        read_text(zone, options, &began, report);
    zone->loaded_date_s = clock_date_s();
    zone->load_ms = (uint32_t)(clock_now_ms() - began_ms);
    return zone;
}

struct zone *zone_make(struct name origin, const char *path, struct records *records,
                       const struct hash_key *secret, struct report *report)
{
    uint64_t began_ms = clock_now_ms();
    size_t problems_before = report->count;
    struct check_options check = {.strict = false};
    struct zone *zone = make_zone(origin, path, ZONE_BROKEN);
    records_sort(records);
    if (check_records(records, &check, report) && build_image(zone, records, secret, report))
        zone->state = ZONE_SERVED;
    else
        keep_problem(zone, report, problems_before);
    zone->loaded_date_s = clock_date_s();
    zone->load_ms = (uint32_t)(clock_now_ms() - began_ms);
    return zone;
}

size_t zone_journal_max(const struct zone *zone)
{
    size_t half = zone->state == ZONE_SERVED ? zone->image.head->size / 2 : 0;
    return half > JOURNAL_OCTETS_LEAST ? half : JOURNAL_OCTETS_LEAST;
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
    journal_release(zone->journal);
    free(zone->included);
    free(zone->problem);
    free(zone);
}

// --- the table -----------------------------------------------------------------------------------

#define BUCKET_ZONES   5
#define ZONES_NEAR_MAX 1000 // their buckets are 13 octets each
// One zone more than in two of seven places would fill buckets so that look-ups go on in the next.
#define BUCKET_LOAD_TENTHS 35
// A shard is what is copied when one of its zones changes: 256 counts to take and 5 kB. A million
// zones are 4096 shards then, which is what the list of shards takes to copy and count: as much.
#define SHARD_ZONES 256

struct zones_bucket {
    uint32_t tags[BUCKET_ZONES];
    uint32_t count;
    struct zone *zones[BUCKET_ZONES];
};
static_assert(sizeof(struct zones_bucket) == 64, "one cache line");

struct zones_shard {
    _Alignas(64) atomic_uint holders; // tables; the last one lets go of the zones
    struct zones_bucket buckets[];
};

static uint32_t tag_of(uint64_t hash)
{
    return (uint32_t)(hash >> 32);
}

// The upper bits pick the shard, the lower half the bucket, so that a shard fills all its buckets.
static size_t shard_of(const struct zones *zones, uint64_t hash)
{
    return hash >> 48 & zones->shard_mask;
}

static uint32_t bucket_of(const struct zones *zones, uint64_t hash)
{
    return (uint32_t)((hash & UINT32_MAX) * zones->buckets >> 32);
}

static uint64_t hash_origin(const struct zones *zones, const struct zone *zone)
{
    struct name_key key;
    name_key_make(zone->origin, zones->secret, &key);
    return key.hash[key.labels];
}

static size_t measure_shard(const struct zones *zones)
{
    return sizeof(struct zones_shard) + zones->buckets * sizeof(struct zones_bucket);
}

static struct zones_shard *make_shard(const struct zones *zones)
{
    struct zones_shard *shard = memory_get_aligned(64, measure_shard(zones));
    memset(shard, 0, measure_shard(zones));
    atomic_init(&shard->holders, 1);
    return shard;
}

static struct zones_shard *copy_shard(const struct zones *zones, const struct zones_shard *from)
{
    struct zones_shard *shard = memory_get_aligned(64, measure_shard(zones));
    memcpy(shard->buckets, from->buckets, measure_shard(zones) - sizeof *shard);
    atomic_init(&shard->holders, 1);
    for (uint32_t i = 0; i < zones->buckets; i++)
        for (uint32_t k = 0; k < shard->buckets[i].count; k++)
            zone_hold(shard->buckets[i].zones[k]);
    return shard;
}

static void release_shard(const struct zones *zones, struct zones_shard *shard)
{
    if (atomic_fetch_sub_explicit(&shard->holders, 1, memory_order_acq_rel) != 1)
        return;
    for (uint32_t i = 0; i < zones->buckets; i++)
        for (uint32_t k = 0; k < shard->buckets[i].count; k++)
            zone_release(shard->buckets[i].zones[k]);
    free(shard);
}

static void put_zone(struct zones *zones, struct zone *zone, uint64_t hash)
{
    struct zones_shard *shard = zones->shards[shard_of(zones, hash)];
    uint32_t at = bucket_of(zones, hash);
    while (shard->buckets[at].count == BUCKET_ZONES)
        at = at + 1 < zones->buckets ? at + 1 : 0;
    struct zones_bucket *bucket = &shard->buckets[at];
    bucket->tags[bucket->count] = tag_of(hash);
    bucket->zones[bucket->count++] = zone;
    zones->depths[zone->origin.labels / 64] |= 1ull << zone->origin.labels % 64;
}

// How many zones the fullest shard will have.
static uint32_t measure_fullest(const struct zones *zones, const uint64_t *hashes)
{
    uint32_t *counts = memory_get_zeroed(zones->shard_mask + 1, sizeof *counts), most = 0;
    for (size_t i = 0; i < zones->count; i++) {
        uint32_t count = ++counts[shard_of(zones, hashes[i])];
        most = count > most ? count : most;
    }
    free(counts);
    return most;
}

void zones_build(struct zones *zones, struct zone **list, size_t count,
                 const struct hash_key *secret)
{
    size_t shards = 1;
    while (shards * SHARD_ZONES < count && shards <= UINT16_MAX)
        shards *= 2;
    *zones = (struct zones){.shard_mask = shards - 1, .count = count, .secret = secret};
    uint64_t *hashes = memory_get(count * sizeof *hashes);
    for (size_t i = 0; i < count; i++)
        hashes[i] = hash_origin(zones, list[i]);
    zones->buckets =
        (uint32_t)((uint64_t)measure_fullest(zones, hashes) * 10 / BUCKET_LOAD_TENTHS) + 1;
    zones->shards = memory_get(shards * sizeof(struct zones_shard *));
    for (size_t i = 0; i < shards; i++)
        zones->shards[i] = make_shard(zones);
    for (size_t i = 0; i < count; i++)
        put_zone(zones, list[i], hashes[i]);
    free(hashes);
    free(list);
}

// Where the zone of this name stands; NULL: it is not there.
static struct zone **probe(const struct zones *zones, uint64_t hash, struct name folded)
{
    struct zones_bucket *buckets = zones->shards[shard_of(zones, hash)]->buckets;
    uint32_t tag = tag_of(hash);
    for (uint32_t at = bucket_of(zones, hash);;) {
        struct zones_bucket *bucket = &buckets[at];
        for (uint32_t i = 0; i < bucket->count; i++)
            if (bucket->tags[i] == tag && name_equal_folded(bucket->zones[i]->origin, folded))
                return &bucket->zones[i];
        if (bucket->count < BUCKET_ZONES)
            return NULL;
        at = at + 1 < zones->buckets ? at + 1 : 0;
    }
}

static void replace(struct zones *zones, const struct zones *old, struct zone *zone)
{
    struct name_key key;
    name_key_make(zone->origin, zones->secret, &key);
    uint64_t hash = key.hash[key.labels];
    size_t at = shard_of(zones, hash);
    struct zones_shard *shared = old->shards[at];
    if (zones->shards[at] == shared) {
        zones->shards[at] = copy_shard(zones, shared);
        release_shard(zones, shared);
    }
    struct zone **place = probe(zones, hash, name_key_suffix(&key, key.labels));
    assert(place);
    zone_release(*place);
    *place = zone;
}

void zones_change(struct zones *zones, const struct zones *old, struct zone *const *list,
                  size_t count)
{
    size_t shards = old->shard_mask + 1;
    *zones = *old;
    zones->shards = memory_get(shards * sizeof(struct zones_shard *));
    for (size_t i = 0; i < shards; i++) {
        zones->shards[i] = old->shards[i];
        atomic_fetch_add_explicit(&old->shards[i]->holders, 1, memory_order_relaxed);
    }
    for (size_t i = 0; i < count; i++)
        replace(zones, old, list[i]);
}

void zones_free(struct zones *zones)
{
    for (size_t i = 0; zones->shards && i <= zones->shard_mask; i++)
        release_shard(zones, zones->shards[i]);
    free(zones->shards);
    *zones = (struct zones){0};
}

// The deepest depth, of those up to `depth`, at which there are zones. -1: none.
static int next_depth(const struct zones *zones, int depth)
{
    for (; depth >= 0; depth = depth / 64 * 64 - 1) {
        uint64_t depths = zones->depths[depth / 64] << (63 - depth % 64);
        if (depths)
            return depth - __builtin_clzll(depths);
    }
    return -1;
}

struct zone *zones_find(const struct zones *zones, const struct name_key *key, unsigned depth)
{
    assert(depth <= key->labels);
    for (int at = (int)depth; (at = next_depth(zones, at)) >= 0; at--) {
        struct name name = name_key_suffix(key, (unsigned)at);
        struct zone **place = probe(zones, key->hash[at], name);
        if (place)
            return *place;
    }
    return NULL;
}

void zones_prefetch(const struct zones *zones, const struct name_key *key)
{
    if (zones->count <= ZONES_NEAR_MAX)
        return;
    for (unsigned depth = 0; depth <= key->labels; depth++) {
        if (!(zones->depths[depth / 64] >> depth % 64 & 1))
            continue;
        uint64_t hash = key->hash[depth];
        const struct zones_shard *shard = zones->shards[shard_of(zones, hash)];
        __builtin_prefetch(&shard->buckets[bucket_of(zones, hash)]);
    }
}

struct zone *zones_get(const struct zones *zones, struct name origin)
{
    struct name_key key;
    name_key_make(origin, zones->secret, &key);
    struct zone **place = probe(zones, key.hash[key.labels], name_key_suffix(&key, key.labels));
    return place ? *place : NULL;
}
