// Zones from history (revive.h).
#include "zone/revive.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "dns/type.h"
#include "zone/draft.h"
#include "zone/journal.h"

#define STEPS_READ 256 // of the journal; more are in history, and hardly anybody is so far behind

void zone_records(const struct zone *zone, const struct hash_key *secret, struct records *records)
{
    struct draft draft;
    draft_begin(&draft, zone->origin, &zone->image, secret);
    records_begin(records, zone->origin);
    draft_write(&draft, records);
    draft_free(&draft);
    records_sort(records);
}

void zone_pack(const struct zone *zone, const struct hash_key *secret, struct buffer *to)
{
    struct records records;
    zone_records(zone, secret, &records);
    records_pack(&records, to);
    records_free(&records);
}

// --- the changes since the base ------------------------------------------------------------------

struct replay {
    struct draft draft;
    uint64_t last;
    bool broken;
};

static bool replay_change(void *context, const struct history_change *change)
{
    struct replay *replay = context;
    struct diff diff;
    if (!diff_unpack(change->octets, change->size, replay->draft.origin, &diff)) {
        replay->broken = true;
        return false;
    }
    for (size_t i = 0; i < diff.removed.count; i++)
        replay->broken |= !draft_remove(&replay->draft, &diff.removed.list[i]);
    for (size_t i = 0; i < diff.added.count; i++)
        (void)draft_add(&replay->draft, &diff.added.list[i]);
    diff_free(&diff);
    replay->last = change->number;
    return !replay->broken;
}

static void tell_broken(const struct zone *zone, const char *what, struct report *report)
{
    char name[NAME_TEXT_MAX];
    name_print(zone->origin, name);
    report_add(report, SEVERITY_ERROR, &(struct place){.file = *zone->path ? zone->path : NULL},
               NULL, "zone %s: %s", name, what);
}

static struct zone *remake(struct zone *base, struct draft *draft, const struct hash_key *secret,
                           struct report *report)
{
    struct records records;
    records_begin(&records, base->origin);
    draft_write(draft, &records);
    struct zone *zone = zone_make(base->origin, base->path, &records, secret, report);
    records_free(&records);
    return zone;
}

// --- the journal ---------------------------------------------------------------------------------

struct newest { // changes, the newest first
    struct journal_step steps[STEPS_READ];
    uint8_t *octets[STEPS_READ];
    size_t count, sum, most;
    uint64_t number;
};

static bool note_step(void *context, const struct history_change *change)
{
    struct newest *newest = context;
    if (newest->count == 0)
        newest->number = change->number;
    newest->sum += change->size;
    if (newest->sum > newest->most || change->serial_from == change->serial_to)
        return false;
    struct journal_step *step = &newest->steps[newest->count];
    step->serial_from = change->serial_from;
    step->serial_to = change->serial_to;
    step->size = change->size;
    newest->octets[newest->count] = memory_get(change->size);
    memcpy(newest->octets[newest->count++], change->octets, change->size);
    return newest->count < STEPS_READ;
}

static void read_journal(struct zone *zone, struct history *history, struct history_zone name)
{
    struct newest *newest = memory_get_zeroed(1, sizeof *newest);
    newest->most = zone_journal_max(zone);
    if (history_last(history, name, STEPS_READ, note_step, newest) == HISTORY_DONE) {
        if (newest->number > zone->change)
            zone->change = newest->number;
        for (size_t i = newest->count; i-- > 0;) {
            struct journal *journal =
                journal_follow(zone->journal, &newest->steps[i], newest->octets[i], newest->most);
            journal_release(zone->journal);
            zone->journal = journal;
        }
    }
    for (size_t i = 0; i < newest->count; i++)
        free(newest->octets[i]);
    free(newest);
}

// -------------------------------------------------------------------------------------------------

static struct zone *read_base(const struct revival *revival, const struct buffer *base)
{
    struct records records;
    size_t used;
    records_begin(&records, revival->name.name);
    struct zone *zone = NULL;
    if (records_unpack((const uint8_t *)base->text, base->size, &records, &used) &&
        used == base->size)
        zone = zone_make(revival->name.name, revival->path, &records, revival->secret,
                         revival->report);
    records_free(&records);
    return zone;
}

static struct zone *go_on(const struct revival *revival, struct zone *base, uint64_t base_change)
{
    struct replay replay = {.last = base_change};
    struct zone *zone = base;
    draft_begin(&replay.draft, base->origin, &base->image, revival->secret);
    bool read = history_each(revival->history, revival->name, base_change, replay_change,
                             &replay) == HISTORY_DONE;
    if (!read || replay.broken) {
        tell_broken(base, "its history is damaged: the changes do not follow one another",
                    revival->report);
        zone = NULL;
    } else if (replay.last > base_change) {
        zone = remake(base, &replay.draft, revival->secret, revival->report);
    }
    draft_free(&replay.draft);
    if (zone)
        zone->change = replay.last;
    if (zone != base)
        zone_release(base);
    return zone;
}

void zone_revive(const struct revival *revival, struct revived *revived)
{
    struct history_version version;
    *revived = (struct revived){0};
    if (history_get(revival->history, revival->name, &version) != HISTORY_DONE)
        return;
    struct zone *zone = read_base(revival, &version.base);
    if (zone && zone->state == ZONE_SERVED)
        zone = go_on(revival, zone, version.base_change);
    if (zone && zone->state == ZONE_SERVED) {
        read_journal(zone, revival->history, revival->name);
        revived->zone = zone;
        zone->refreshed_s = (uint64_t)version.refreshed_s;
        zone->from_image = true;
    } else {
        zone_release(zone);
    }
    revived->source = version.source;
    revived->refreshed_s = version.refreshed_s;
    buffer_free(&version.base);
}
