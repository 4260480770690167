// New versions of zones (amending.h).
#include "daemon/amending.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "daemon/applying.h"
#include "daemon/digesting.h"
#include "daemon/loader.h"
#include "daemon/pruning.h"
#include "zone/journal.h"
#include "zone/revive.h"

#define PLACES_FIRST 64
// Of a small zone the whole is written each time: nothing has to be put together at a start.
#define BASE_SMALL ((size_t)16 * 1024)

// --- the newest version --------------------------------------------------------------------------

static uint32_t *find_place(struct amending *amending, const char *view, struct name name)
{
    size_t at = history_zone_hash((struct history_zone){view, name}) & (amending->place_count - 1);
    for (;; at = (at + 1) & (amending->place_count - 1)) {
        uint32_t *place = &amending->places[at];
        const struct amending_zone *zone = *place ? &amending->zones[*place - 1] : NULL;
        if (!zone || (strcmp(zone->view, view) == 0 && name_equal(zone->newest->origin, name)))
            return place;
    }
}

static void grow_places(struct amending *amending)
{
    amending->place_count = amending->place_count ? amending->place_count * 2 : PLACES_FIRST;
    free(amending->places);
    amending->places = memory_get_zeroed(amending->place_count, sizeof *amending->places);
    for (size_t i = 0; i < amending->count; i++)
        *find_place(amending, amending->zones[i].view, amending->zones[i].newest->origin) =
            (uint32_t)i + 1;
}

static struct amending_zone *find_zone(struct amending *amending, const struct amendment *amendment)
{
    if (amending->count * 2 >= amending->place_count)
        grow_places(amending);
    uint32_t *place = find_place(amending, amendment->view, amendment->zone->origin);
    if (*place)
        return &amending->zones[*place - 1];
    amending->zones =
        memory_grow(amending->zones, &amending->room, amending->count + 1, sizeof *amending->zones);
    struct amending_zone *zone = &amending->zones[amending->count++];
    *place = (uint32_t)amending->count;
    *zone = (struct amending_zone){.view = memory_copy_text(amendment->view),
                                   .newest = zone_hold(amendment->zone)};
    zone->kept = amending->history && history_keeps(amending->history, history_zone_of(zone));
    if (zone->kept)
        history_measure(amending->history, history_zone_of(zone), &zone->base_octets,
                        &zone->since_octets);
    return zone;
}

static void touch(struct amending *amending, struct amending_zone *zone)
{
    if (zone->touched)
        return;
    zone->touched = true;
    zone->expire_s = UINT32_MAX;
    zone->confirmed_s = 0;
    draft_begin(&zone->draft, zone->newest->origin, image_of(zone->newest), amending->secret);
}

// What was read gives way to what the zone is with all its changes.
static void replace_loaded(struct amending_zone *zone, struct load *load)
{
    struct zone *newest = zone->newest, *file = load->zone;
    if (!zone->kept || newest->state != ZONE_SERVED || newest == file)
        return;
    if (file->state == ZONE_BROKEN) {
        char name[NAME_TEXT_MAX];
        name_print(newest->origin, name);
        log_error("zone %s: %s; the version before it (serial %u) stays", name,
                  file->problem ? file->problem : "its file is broken", newest->image.serial);
    }
    if (newest->stamp == 0 && atomic_load(&newest->holders) == 1) // nobody else looks at it
        zone_inherit(newest, file);
    zone_release(file);
    load->zone = zone_hold(newest);
}

// --- the batch -----------------------------------------------------------------------------------

// A zone that history has, and nobody serves yet.
static void revive(struct amending *amending, struct amending_zone *zone,
                   const struct amendment *amendment)
{
    struct load *load = amendment->load;
    struct revived revived;
    struct report report = {0};
    if (!zone->kept || (zone->newest->state == ZONE_SERVED && zone->newest->change))
        return;
    const struct revival revival = {amending->history, history_zone_of(zone), zone->newest->path,
                                    amending->secret, load ? &load->report : &report};
    zone_revive(&revival, &revived);
    buffer_free(&revived.source);
    if (revived.zone && !*revived.zone->path && amendment->verify &&
        !digesting_holds_zone(revived.zone, amending->secret, revival.report)) {
        zone_release(revived.zone); // taken when nobody asked for that: its primary may do better
        revived.zone = NULL;
    }
    report_free(&report);
    zone->kept = revived.zone;
    if (!revived.zone)
        return;
    zone_release(zone->newest);
    zone->newest = revived.zone;
}

static bool may_change(struct amending *amending, struct amending_zone *zone,
                       struct amendment *amendment)
{
    bool whole = amendment->kind == AMENDMENT_WHOLE || amendment->kind == AMENDMENT_CONFIRM;
    if (!whole && zone->newest->state != ZONE_SERVED)
        applying_refuse(amendment, CHANGING_REFUSED, "the zone is not loaded");
    else if (!amending->history && amendment->kind != AMENDMENT_DIFFS && !whole)
        applying_refuse(amendment, CHANGING_FAILED,
                        "there is no state folder that a change could be kept in");
    else
        return true;
    return false;
}

// What is known of it is nothing to what comes from now on.
static void forget(struct amending_zone *zone)
{
    zone->forgotten = true;
    zone->kept = false;
    zone->base_octets = zone->since_octets = 0;
}

static void apply(struct amending *amending, struct amendment *amendment)
{
    struct amending_zone *zone = find_zone(amending, amendment);
    if (amendment->kind == AMENDMENT_FORGET) {
        amendment->verdict = CHANGING_DONE;
        forget(zone);
        return;
    }
    revive(amending, zone, amendment);
    touch(amending, zone);
    zone->make = amendment->make;
    amendment->verdict = CHANGING_DONE;
    if (amendment->kind == AMENDMENT_FILE) {
        applying_file(amending, zone, amendment);
        return;
    }
    if (!may_change(amending, zone, amendment))
        return;
    size_t before = zone->count;
    switch (amendment->kind) {
    case AMENDMENT_FILE:
    case AMENDMENT_FORGET:
    case AMENDMENT_PRUNE: break;
    case AMENDMENT_UPDATE: applying_update(zone, amendment); break;
    case AMENDMENT_WHOLE: applying_whole(zone, amendment); break;
    case AMENDMENT_DIFFS: applying_diffs(zone, amendment); break;
    case AMENDMENT_EDIT: applying_edit(amending, zone, amendment); break;
    case AMENDMENT_CONFIRM:
        zone->confirmed = zone->kept;
        zone->confirmed_s = amendment->confirmed_s;
        break;
    }
    if ((zone->count > before || zone->unwritten) && !zone->kept && amending->history) {
        zone->kept = true; // from now on the file is not all of it
        zone->confirmed |= zone->unwritten;
        if (image_of(zone->newest) && *zone->newest->path)
            applying_keep_source(amending, zone, zone->newest);
    }
}

static void refuse_all(struct amending_zone *zone, enum changing_verdict verdict,
                       const char *problem)
{
    for (size_t i = 0; i < zone->count; i++)
        applying_refuse(zone->pending[i].amendment, verdict, problem);
    zone_release(zone->after);
    zone->after = NULL;
}

// Is the whole to be written? Of a large zone only when the changes since the last time are a large
// part of it, which is what a start would have to read and do again.
static bool wants_base(const struct amending_zone *zone)
{
    size_t octets = zone->since_octets;
    for (size_t i = 0; i < zone->count; i++)
        octets += zone->pending[i].packed.size;
    return zone->base_octets <= BASE_SMALL || octets > zone->base_octets / 2 || zone->has_source;
}

static void make_version(struct amending *amending, struct amending_zone *zone)
{
    struct records records;
    struct report report = {0};
    const struct zone *old = zone->newest;
    // Others had made the file's change already, or a reset zone came back as it was.
    if (zone->count == 0 && (zone->has_source || zone->unwritten))
        zone_pack(old, amending->secret, &zone->base);
    if (zone->count == 0 || zone->after)
        return;
    if (zone->make)
        applying_digest(zone);
    zone->after = draft_zone(&zone->draft, old);
    if (!zone->after) {
        records_begin(&records, old->origin);
        draft_write(&zone->draft, &records);
        zone->after = zone_make(old->origin, old->path, &records, amending->secret, &report);
        records_free(&records);
        report_free(&report);
    }
    if (zone->after->state != ZONE_SERVED) {
        char *problem = memory_copy_text(zone->after->problem);
        refuse_all(zone, CHANGING_REFUSED, problem);
        free(problem);
        return;
    }
    if (zone->pending[zone->count - 1].change.kind != CHANGE_FILE)
        zone_inherit(zone->after, old);
    zone->after->made = (uint8_t)zone->make;
    zone->after->zonemd |= zone->verified;
    if (zone->kept && wants_base(zone))
        zone_pack(zone->after, amending->secret, &zone->base);
}

// When a primary has confirmed what the zone is now, or its primary, and so on (RFC 7314 4).
static int64_t refreshed_s(const struct amending_zone *zone)
{
    int64_t date_s = (int64_t)clock_date_s();
    const struct zone *version = zone->after ? zone->after : zone->newest;
    if (zone->confirmed_s)
        return (int64_t)zone->confirmed_s;
    if (version->state != ZONE_SERVED || zone->expire_s >= zone_expire_s(version))
        return date_s;
    return date_s - (zone_expire_s(version) - zone->expire_s);
}

static enum history_result write_zone(struct amending *amending, struct amending_zone *zone)
{
    struct history_zone name = history_zone_of(zone);
    size_t octets = 0;
    enum history_result result =
        zone->forgotten ? history_forget(amending->history, name) : HISTORY_DONE;
    bool transfer = zone->confirmed;
    for (size_t i = 0; zone->after && i < zone->count && result == HISTORY_DONE; i++) {
        struct pending *pending = &zone->pending[i];
        pending->change.octets = (const uint8_t *)pending->packed.text;
        pending->change.size = pending->packed.size;
        result = history_add(amending->history, name, &pending->change);
        zone->after->change = pending->change.number;
        octets += pending->packed.size;
        transfer |= pending->change.kind == CHANGE_TRANSFER;
    }
    zone->since_octets += octets;
    if (result == HISTORY_DONE && zone->base.size) {
        const struct zone *whole = zone->after ? zone->after : zone->newest;
        result = history_set_base(amending->history, name, &zone->base, whole->change,
                                  zone->has_source ? &zone->source : NULL);
        zone->base_octets = zone->base.size;
        zone->since_octets = 0;
    }
    if (result == HISTORY_DONE && transfer)
        result = history_set_refreshed(amending->history, name, refreshed_s(zone));
    return result;
}

// False: nothing of the batch was kept.
static bool write_all(struct amending *amending)
{
    bool any = false;
    for (size_t i = 0; i < amending->count; i++)
        any |= amending->zones[i].after || amending->zones[i].confirmed ||
               amending->zones[i].base.size || amending->zones[i].forgotten;
    if (!amending->history || !any)
        return true;
    enum history_result result = history_begin(amending->history);
    bool begun = result == HISTORY_DONE;
    for (size_t i = 0; i < amending->count && result == HISTORY_DONE; i++)
        result = write_zone(amending, &amending->zones[i]);
    if (result == HISTORY_DONE)
        result = history_commit(amending->history);
    else if (begun)
        history_cancel(amending->history);
    if (result == HISTORY_DONE)
        return true;
    char problem[HISTORY_PROBLEM_MAX];
    history_problem(amending->history, problem);
    log_error("a change cannot be kept: %s", problem);
    for (size_t i = 0; i < amending->count; i++)
        if (amending->zones[i].after && amending->zones[i].kept)
            refuse_all(&amending->zones[i],
                       result == HISTORY_FULL ? CHANGING_FULL : CHANGING_FAILED,
                       result == HISTORY_FULL ? "the disk is full; nothing was changed" : problem);
    return false;
}

static void follow_journal(struct amending_zone *zone)
{
    struct journal *journal = journal_hold(zone->newest->journal);
    for (size_t i = 0; i < zone->count; i++) {
        const struct pending *pending = &zone->pending[i];
        struct journal_step step = {.serial_from = pending->change.serial_from,
                                    .serial_to = pending->change.serial_to,
                                    .size = pending->packed.size};
        if (step.serial_from == step.serial_to)
            continue;
        struct journal *next = journal_follow(journal, &step, (const uint8_t *)pending->packed.text,
                                              zone_journal_max(zone->after));
        journal_release(journal);
        journal = next;
    }
    zone->after->journal = journal;
}

static void settle(struct amending_zone *zone)
{
    if (zone->after) {
        follow_journal(zone);
        zone_release(zone->newest);
        zone->newest = zone->after;
        zone->after = NULL;
        for (size_t i = 0; i < zone->count; i++) {
            struct amendment *amendment = zone->pending[i].amendment;
            zone_release(amendment->after);
            amendment->after = zone_hold(zone->newest);
        }
    }
    for (size_t i = 0; i < zone->count; i++)
        buffer_free(&zone->pending[i].packed);
    zone->count = 0;
    draft_free(&zone->draft);
    zone->touched = zone->confirmed = false;
    zone->has_source = zone->unwritten = zone->verified = false;
    buffer_free(&zone->source);
    buffer_free(&zone->base);
    zone->source = zone->base = (struct buffer){0};
}

// From `list` up to but not with `end`.
static void run_group(struct amending *amending, struct amendment *list,
                      const struct amendment *end)
{
    for (struct amendment *amendment = list; amendment != end; amendment = amendment->next)
        apply(amending, amendment);
    for (size_t i = 0; i < amending->count; i++)
        if (amending->zones[i].touched)
            make_version(amending, &amending->zones[i]);
    bool written = write_all(amending);
    for (size_t i = 0; i < amending->count; i++) {
        if (amending->zones[i].touched)
            settle(&amending->zones[i]);
        amending->zones[i].forgotten = false;
        if (!written && amending->zones[i].newest->change == 0)
            amending->zones[i].kept = false;
    }
    for (struct amendment *amendment = list; amendment != end; amendment = amendment->next)
        if (amendment->kind == AMENDMENT_FILE)
            replace_loaded(find_zone(amending, amendment), amendment->load);
}

// What comes from a file is a version of its own and no draft: files and other wishes are not in
// one group.
void amending_run(struct amending *amending, struct amendment *list)
{
    pruning_step(amending);
    while (list) {
        struct amendment *end = list->next;
        if (list->kind == AMENDMENT_PRUNE) {
            pruning_run(amending, list);
            list = end;
            continue;
        }
        while (end && end->kind != AMENDMENT_PRUNE &&
               (end->kind == AMENDMENT_FILE) == (list->kind == AMENDMENT_FILE))
            end = end->next;
        run_group(amending, list, end);
        list = end;
    }
}

void amending_forget(struct amending *amending)
{
    for (size_t i = 0; i < amending->count; i++) {
        struct amending_zone *zone = &amending->zones[i];
        assert(!zone->touched);
        zone_release(zone->newest);
        free(zone->pending);
        free(zone->view);
    }
    free(amending->zones);
    free(amending->places);
    amending->zones = NULL;
    amending->places = NULL;
    amending->count = amending->room = amending->place_count = 0;
}
