// New versions of zones (amending.h).
#include "daemon/amending.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "daemon/loader.h"
#include "daemon/merging.h"
#include "dns/type.h"
#include "zone/check.h"
#include "zone/journal.h"
#include "zone/revive.h"
#include "zone/serial.h"

#define PLACES_FIRST  64
#define PRUNE_EVERY_S (24 * 3600)
// Of a small zone the whole is written each time: nothing has to be put together at a start.
#define BASE_SMALL ((size_t)16 * 1024)

// A change that is in the draft and not yet in history.
struct pending {
    struct amendment *amendment; // whose it is
    struct history_change change;
    struct buffer packed;
};

struct amending_zone {
    char *view;
    struct zone *newest;              // held
    bool kept;                        // history has a version of it
    size_t base_octets, since_octets; // of that version, and of the changes since
    // Of the batch that is being carried out:
    bool touched, confirmed;
    bool forgotten; // what history had of it before goes
    struct draft draft;
    struct pending *pending;
    size_t count, room;
    struct buffer source; // of a file that was read
    bool has_source;
    struct zone *after; // made, not yet kept
    struct buffer base;
};

// --- verdicts ------------------------------------------------------------------------------------

static void refuse(struct amendment *amendment, enum changing_verdict verdict, const char *problem)
{
    amendment->verdict = verdict;
    free(amendment->problem);
    amendment->problem = memory_copy_text(problem);
    amendment->outcome = (struct update_outcome){
        .rcode = RCODE_SERVFAIL, .ede = EDE_OTHER, .text = "the change could not be kept"};
}

// The first error of the checks.
static void refuse_report(struct amendment *amendment)
{
    const struct report *report = &amendment->report;
    const char *problem = "it is no zone that can be served";
    for (size_t i = report->count; i-- > 0;)
        if (report->problems[i].severity == SEVERITY_ERROR)
            problem = report->problems[i].message;
    refuse(amendment, CHANGING_REFUSED, problem);
}

static struct history_zone history_zone_of(const struct amending_zone *zone)
{
    return (struct history_zone){zone->view, zone->newest->origin};
}

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

static const struct image *image_of(const struct zone *zone)
{
    return zone->state == ZONE_SERVED ? &zone->image : NULL;
}

static void touch(struct amending *amending, struct amending_zone *zone)
{
    if (zone->touched)
        return;
    zone->touched = true;
    draft_begin(&zone->draft, zone->newest->origin, image_of(zone->newest), amending->secret);
}

static void add_pending(struct amending_zone *zone, struct amendment *amendment,
                        const struct diff *diff)
{
    zone->pending = memory_grow(zone->pending, &zone->room, zone->count + 1, sizeof *zone->pending);
    struct pending *pending = &zone->pending[zone->count++];
    *pending = (struct pending){
        .amendment = amendment,
        .change = {.serial_from = diff->serial_from,
                   .serial_to = diff->serial_to,
                   .date_us = clock_date_s() * 1000000,
                   .kind = amendment->change,
                   .who = amendment->who},
    };
    diff_pack(diff, &pending->packed);
    amendment->serial_from = diff->serial_from;
    amendment->serial_to = diff->serial_to;
}

// The difference, with the next serial in the SOA if nobody has set one.
static void number_change(struct amending_zone *zone, const struct amendment *amendment,
                          struct diff *diff)
{
    struct diff serial;
    if (diff->added.count && diff->added.list[0].type == TYPE_SOA)
        return;
    uint32_t old = diff_serial(draft_soa(&zone->draft));
    draft_set_serial(&zone->draft, serial_next(amendment->serials, old, clock_date_s()));
    draft_take(&zone->draft, &serial);
    for (size_t i = 0; i < serial.removed.count; i++)
        diff_add(&diff->removed, &serial.removed.list[i]);
    for (size_t i = 0; i < serial.added.count; i++)
        diff_add(&diff->added, &serial.added.list[i]);
    diff->serial_from = diff->serial_to = old; // what it stays with SERIAL_KEEP
    diff_settle(diff);
    diff_free(&serial);
}

// Takes what is in the draft as one change with a serial of its own, if it is one.
static void take_change(struct amending_zone *zone, struct amendment *amendment)
{
    struct diff diff;
    draft_take(&zone->draft, &diff);
    if (diff.removed.count + diff.added.count > 0) {
        number_change(zone, amendment, &diff);
        add_pending(zone, amendment, &diff);
    }
    diff_free(&diff);
}

// The same, with the serial that it has: somebody else numbers this zone. False: it is no change.
static bool take_as_it_is(struct amending_zone *zone, struct amendment *amendment)
{
    struct diff diff;
    draft_take(&zone->draft, &diff);
    bool is_change = diff.removed.count + diff.added.count > 0;
    if (is_change)
        add_pending(zone, amendment, &diff);
    diff_free(&diff);
    return is_change;
}

// --- wishes --------------------------------------------------------------------------------------

static void apply_update(struct amending_zone *zone, struct amendment *amendment)
{
    struct update_request request = {.octets = amendment->octets,
                                     .size = amendment->size,
                                     .policy = amendment->policy,
                                     .admitted = amendment->admitted};
    update_apply(&zone->draft, &request, &amendment->outcome);
    if (amendment->outcome.rcode == RCODE_NOERROR)
        take_change(zone, amendment);
}

// The inverse of a change that was taken already.
static void take_back(struct draft *draft, const struct diff *diff)
{
    struct diff noted;
    for (size_t i = 0; i < diff->added.count; i++)
        (void)draft_remove(draft, &diff->added.list[i]);
    for (size_t i = 0; i < diff->removed.count; i++)
        (void)draft_add(draft, &diff->removed.list[i]);
    draft_take(draft, &noted);
    diff_free(&noted);
}

// RFC 1995 4: each begins with the serial that is there, takes away what is there and adds what is
// not. False: the draft is as it was before this one.
static bool apply_diff(struct draft *draft, const struct diff *diff)
{
    const struct record *soa = draft_soa(draft);
    bool good = soa && diff_serial(soa) == diff->serial_from;
    for (size_t i = 0; i < diff->removed.count && good; i++)
        good = draft_remove(draft, &diff->removed.list[i]);
    for (size_t i = 0; i < diff->added.count && good; i++)
        good = draft_add(draft, &diff->added.list[i]);
    return good;
}

// Takes back the changes of the batch from this one on.
static void drop_changes(struct amending_zone *zone, size_t from)
{
    while (zone->count > from) {
        struct pending *pending = &zone->pending[--zone->count];
        struct diff diff;
        bool read = diff_unpack((const uint8_t *)pending->packed.text, pending->packed.size,
                                zone->newest->origin, &diff);
        assert(read); // we have just packed it
        take_back(&zone->draft, &diff);
        diff_free(&diff);
        buffer_free(&pending->packed);
    }
}

static void apply_diffs(struct amending_zone *zone, struct amendment *amendment)
{
    size_t before = zone->count;
    for (size_t i = 0; i < amendment->diff_count; i++) {
        if (apply_diff(&zone->draft, &amendment->diffs[i])) {
            (void)take_as_it_is(zone, amendment);
            continue;
        }
        draft_undo(&zone->draft); // and the ones before it do not count either
        drop_changes(zone, before);
        refuse(amendment, CHANGING_STALE, "the difference does not begin with what there is");
        return;
    }
}

static void put_difference(struct draft *draft, const struct diff *diff)
{
    for (size_t i = 0; i < diff->removed.count; i++)
        (void)draft_remove(draft, &diff->removed.list[i]);
    for (size_t i = 0; i < diff->added.count; i++)
        (void)draft_add(draft, &diff->added.list[i]);
}

// In the draft: another version of all of it.
static void put_whole(struct draft *draft, const struct records *after)
{
    struct records before;
    struct diff diff;
    records_begin(&before, draft->origin);
    draft_write(draft, &before);
    records_sort(&before);
    diff_make(&diff, &before, after);
    put_difference(draft, &diff);
    diff_free(&diff);
    records_free(&before);
}

// It is checked before it is looked at: two TTLs in an RRset and a record that stands twice are no
// difference, and what is no zone changes nothing.
static void apply_whole(struct amending_zone *zone, struct amendment *amendment)
{
    const struct check_options check = {.strict = false};
    records_sort(&amendment->records);
    if (!check_records(&amendment->records, &check, &amendment->report)) {
        refuse_report(amendment);
        return;
    }
    put_whole(&zone->draft, &amendment->records);
    if (!take_as_it_is(zone, amendment) && image_of(zone->newest) && !image_of(amendment->zone))
        amendment->after = zone_hold(zone->newest); // it had expired, and is the same as before
    zone->confirmed = zone->kept;
}

// --- what a person wants -------------------------------------------------------------------------

static void name_missing(const struct record *record, struct amendment *amendment)
{
    char name[NAME_TEXT_MAX], type[TYPE_TEXT_MAX], text[NAME_TEXT_MAX + 64];
    name_print(record_owner(record), name);
    type_print(record->type, type);
    if (record->type == TYPE_ANY)
        snprintf(text, sizeof text, "there is nothing at %s", name);
    else
        snprintf(text, sizeof text, "there is no such %s record at %s", type, name);
    refuse(amendment, CHANGING_REFUSED, text);
}

static bool remove_wanted(struct draft *draft, const struct record *record)
{
    struct name name = record_owner(record);
    if (record->rdata_size > 0)
        return draft_remove(draft, record);
    if (record->type != TYPE_ANY)
        return draft_remove_rrset(draft, name, record->type) > 0;
    const struct draft_name *there = draft_look(draft, name);
    bool any = there->count > 0;
    while (there->count > 0)
        draft_remove_rrset(draft, name, there->list[0].type);
    return any;
}

static bool is_sound(struct amending *amending, struct amending_zone *zone,
                     struct amendment *amendment)
{
    struct records records;
    records_begin(&records, zone->newest->origin);
    draft_write(&zone->draft, &records);
    struct zone *tried =
        zone_make(zone->newest->origin, "", &records, amending->secret, &amendment->report);
    records_free(&records);
    bool sound = tried->state == ZONE_SERVED;
    if (!sound)
        refuse(amendment, CHANGING_REFUSED, tried->problem);
    zone_release(tried);
    return sound;
}

static bool edit_draft(struct amending_zone *zone, struct amendment *amendment)
{
    const struct edit *edit = &amendment->edit;
    const struct record *soa = draft_soa(&zone->draft);
    if (edit->is_serial && soa && diff_serial(soa) != edit->serial) {
        char text[80];
        snprintf(text, sizeof text, "the zone has serial %u by now", diff_serial(soa));
        refuse(amendment, CHANGING_STALE, text);
        return false;
    }
    for (size_t i = 0; i < edit->replaced.count; i++)
        (void)remove_wanted(&zone->draft, &edit->replaced.list[i]);
    for (size_t i = 0; i < edit->removed.count; i++)
        if (!remove_wanted(&zone->draft, &edit->removed.list[i])) {
            name_missing(&edit->removed.list[i], amendment);
            return false;
        }
    for (size_t i = 0; i < edit->added.count; i++)
        (void)draft_add(&zone->draft, &edit->added.list[i]);
    return true;
}

static void apply_edit(struct amending *amending, struct amending_zone *zone,
                       struct amendment *amendment)
{
    struct diff diff;
    if (!edit_draft(zone, amendment) || !is_sound(amending, zone, amendment)) {
        draft_undo(&zone->draft);
        return;
    }
    draft_take(&zone->draft, &diff);
    if (diff.removed.count + diff.added.count > 0) {
        number_change(zone, amendment, &diff);
        if (amendment->edit.dry)
            take_back(&zone->draft, &diff);
        else
            add_pending(zone, amendment, &diff);
    }
    amendment->serial_from = diff.serial_from;
    amendment->serial_to = diff.serial_to;
    diff_pack(&diff, &amendment->changed);
    diff_free(&diff);
}

// --- files ---------------------------------------------------------------------------------------

// A zone whose truth was its file alone, and that has had another version before.
static void note_file(struct amending *amending, struct amending_zone *zone,
                      struct amendment *amendment)
{
    struct zone *file = amendment->load->zone;
    struct records before, after;
    struct diff diff;
    if (zone->newest->state != ZONE_SERVED || zone->count > 0 ||
        zone->newest->image.serial == file->image.serial)
        return;
    zone_records(zone->newest, amending->secret, &before);
    zone_records(file, amending->secret, &after);
    diff_make(&diff, &before, &after);
    add_pending(zone, amendment, &diff);
    diff_free(&diff);
    records_free(&before);
    records_free(&after);
    zone_release(zone->after);
    zone->after = zone_hold(file);
}

static void keep_source(struct amending *amending, struct amending_zone *zone,
                        const struct zone *file)
{
    buffer_clear(&zone->source);
    zone_pack(file, amending->secret, &zone->source);
    zone->has_source = true;
}

// The file as it was read last.
static void read_source(struct amending *amending, struct amending_zone *zone,
                        struct buffer *source)
{
    struct history_version version;
    if (zone->has_source) {
        buffer_add(source, zone->source.text, zone->source.size);
    } else if (history_get(amending->history, history_zone_of(zone), &version) == HISTORY_DONE) {
        buffer_free(&version.base);
        buffer_free(source);
        *source = version.source;
    }
}

// The file has changed, and others have changed the zone: what is new in the file is added to that.
static void merge_file(struct amending *amending, struct amending_zone *zone,
                       struct amendment *amendment)
{
    struct load *load = amendment->load;
    struct buffer old = {0}, new = {0};
    zone_pack(load->zone, amending->secret, &new);
    read_source(amending, zone, &old);
    bool same = old.size == new.size &&memcmp(old.text, new.text, new.size) == 0;
    if (!same) {
        if (old.size == 0) // it had no file: from now on it is what the file says
            zone_pack(zone->newest, amending->secret, &old);
        merging_apply(&zone->draft, &old, load->zone, amending->secret, &load->report);
        if (!is_sound(amending, zone, amendment)) {
            draft_undo(&zone->draft);
            report_move(&load->report, &amendment->report);
        } else {
            take_change(zone, amendment);
            keep_source(amending, zone, load->zone);
        }
    }
    buffer_free(&old);
    buffer_free(&new);
}

static void apply_file(struct amending *amending, struct amending_zone *zone,
                       struct amendment *amendment)
{
    bool served = amendment->load->zone->state == ZONE_SERVED;
    if (zone->kept && served)
        merge_file(amending, zone, amendment);
    else if (served && zone->newest != amendment->load->zone)
        note_file(amending, zone, amendment);
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
static void revive(struct amending *amending, struct amending_zone *zone, struct load *load)
{
    struct revived revived;
    struct report report = {0};
    if (!zone->kept || (zone->newest->state == ZONE_SERVED && zone->newest->change))
        return;
    const struct revival revival = {amending->history, history_zone_of(zone), zone->newest->path,
                                    amending->secret, load ? &load->report : &report};
    zone_revive(&revival, &revived);
    buffer_free(&revived.source);
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
        refuse(amendment, CHANGING_REFUSED, "the zone is not loaded");
    else if (!amending->history && amendment->kind != AMENDMENT_DIFFS && !whole)
        refuse(amendment, CHANGING_FAILED,
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
    revive(amending, zone, amendment->load);
    touch(amending, zone);
    amendment->verdict = CHANGING_DONE;
    if (amendment->kind == AMENDMENT_FILE) {
        apply_file(amending, zone, amendment);
        return;
    }
    if (!may_change(amending, zone, amendment))
        return;
    size_t before = zone->count;
    switch (amendment->kind) {
    case AMENDMENT_FILE:
    case AMENDMENT_FORGET: break;
    case AMENDMENT_UPDATE: apply_update(zone, amendment); break;
    case AMENDMENT_WHOLE: apply_whole(zone, amendment); break;
    case AMENDMENT_DIFFS: apply_diffs(zone, amendment); break;
    case AMENDMENT_EDIT: apply_edit(amending, zone, amendment); break;
    case AMENDMENT_CONFIRM: zone->confirmed = zone->kept; break;
    }
    if (zone->count > before && !zone->kept && amending->history) {
        zone->kept = true; // from now on the file is not all of it
        if (image_of(zone->newest) && *zone->newest->path)
            keep_source(amending, zone, zone->newest);
    }
}

static void refuse_all(struct amending_zone *zone, enum changing_verdict verdict,
                       const char *problem)
{
    for (size_t i = 0; i < zone->count; i++)
        refuse(zone->pending[i].amendment, verdict, problem);
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
    if (zone->count == 0 && zone->has_source) // others had made the file's change already
        zone_pack(old, amending->secret, &zone->base);
    if (zone->count == 0 || zone->after)
        return;
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
    if (zone->kept && wants_base(zone))
        zone_pack(zone->after, amending->secret, &zone->base);
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
        result = history_set_refreshed(amending->history, name, (int64_t)clock_date_s());
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
    zone->has_source = false;
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

// History grows with changes, so this is when it is looked at; before they are in it. What is old
// counts from the newest change that it has, if that is older than now: a clock that has jumped
// into the future must not have everything forgotten.
static void prune(struct amending *amending)
{
    uint64_t date_s = clock_date_s();
    size_t count;
    if (!amending->history || date_s - amending->pruned_s < PRUNE_EVERY_S)
        return;
    amending->pruned_s = date_s;
    uint64_t newest_s = history_newest_us(amending->history) / 1000000;
    newest_s = newest_s < date_s ? newest_s : date_s;
    uint64_t keep_s = atomic_load_explicit(&amending->keep_s, memory_order_relaxed);
    keep_s = keep_s ? keep_s : HISTORY_KEEP_S;
    if (newest_s > keep_s &&
        history_prune(amending->history, (newest_s - keep_s) * 1000000, &count) == HISTORY_DONE &&
        count > 0)
        log_info("history: %zu changes older than %d days are forgotten", count,
                 (int)(keep_s / 86400));
}

// What comes from a file is a version of its own and no draft: files and other wishes are not in
// one group.
void amending_run(struct amending *amending, struct amendment *list)
{
    prune(amending);
    while (list) {
        struct amendment *end = list->next;
        while (end && (end->kind == AMENDMENT_FILE) == (list->kind == AMENDMENT_FILE))
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
