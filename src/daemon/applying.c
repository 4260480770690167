// What wishes do to drafts (applying.h).
#include "daemon/applying.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "daemon/digesting.h"
#include "daemon/loader.h"
#include "daemon/merging.h"
#include "dns/type.h"
#include "zone/check.h"
#include "zone/zonemd.h"
#include "zone/revive.h"
#include "zone/serial.h"

// --- verdicts ------------------------------------------------------------------------------------

void applying_refuse(struct amendment *amendment, enum changing_verdict verdict,
                     const char *problem)
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
    applying_refuse(amendment, CHANGING_REFUSED, problem);
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

// Adds what came after it, which is gone then.
static void join(struct diff *diff, struct diff *after)
{
    for (size_t i = 0; i < after->removed.count; i++)
        diff_add(&diff->removed, &after->removed.list[i]);
    for (size_t i = 0; i < after->added.count; i++)
        diff_add(&diff->added, &after->added.list[i]);
    diff_settle(diff);
    diff_free(after);
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
    diff->serial_from = diff->serial_to = old; // what it stays with SERIAL_KEEP
    join(diff, &serial);
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

void applying_update(struct amending_zone *zone, struct amendment *amendment)
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

static void unpack(const struct amending_zone *zone, const struct pending *pending,
                   struct diff *diff)
{
    bool read = diff_unpack((const uint8_t *)pending->packed.text, pending->packed.size,
                            zone->newest->origin, diff);
    assert(read); // we have just packed it
    (void)read;
}

// A primary's version is in the draft, and may be what there was: then whoever had expired has that
// again, and what history was told to forget comes back into it.
static void end_taken(struct amending_zone *zone, struct amendment *amendment)
{
    bool same = zone->count == 0;
    if (same && image_of(zone->newest) && !image_of(amendment->zone))
        amendment->after = zone_hold(zone->newest);
    zone->unwritten = same && !zone->kept;
}

// Takes back the changes of the batch from this one on.
static void drop_changes(struct amending_zone *zone, size_t from)
{
    while (zone->count > from) {
        struct pending *pending = &zone->pending[--zone->count];
        struct diff diff;
        unpack(zone, pending, &diff);
        take_back(&zone->draft, &diff);
        diff_free(&diff);
        buffer_free(&pending->packed);
    }
}

void applying_diffs(struct amending_zone *zone, struct amendment *amendment)
{
    size_t before = zone->count;
    zone->expire_s = amendment->expire_s;
    zone->confirmed_s = 0;
    for (size_t i = 0; i < amendment->diff_count; i++) {
        if (apply_diff(&zone->draft, &amendment->diffs[i])) {
            (void)take_as_it_is(zone, amendment);
            continue;
        }
        draft_undo(&zone->draft); // and the ones before it do not count either
        drop_changes(zone, before);
        applying_refuse(amendment, CHANGING_STALE,
                        "the difference does not begin with what there is");
        return;
    }
    end_taken(zone, amendment);
    zone->verified = amendment->verify && digesting_holds(&zone->draft, &amendment->report);
    if (amendment->verify && !zone->verified) { // the whole may be good
        drop_changes(zone, before);
        applying_refuse(amendment, CHANGING_STALE, "the zone is not what its ZONEMD record says");
    }
}

// The digest of what was made, as a part of the last change that led to it.
void applying_digest(struct amending_zone *zone)
{
    struct pending *last = &zone->pending[zone->count - 1];
    struct diff diff, digest;
    unpack(zone, last, &diff);
    digesting_put(&zone->draft, zone->make, &digest);
    join(&diff, &digest);
    buffer_clear(&last->packed);
    diff_pack(&diff, &last->packed);
    diff_free(&diff);
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
void applying_whole(struct amending_zone *zone, struct amendment *amendment)
{
    const struct check_options check = {.strict = false};
    records_sort(&amendment->records);
    zone->verified = false;
    if (!check_records(&amendment->records, &check, &amendment->report) ||
        (amendment->verify &&
         zonemd_check(&amendment->records, &amendment->report) != ZONEMD_VERIFIED)) {
        refuse_report(amendment);
        return;
    }
    zone->verified = amendment->verify;
    zone->expire_s = amendment->expire_s;
    zone->confirmed_s = 0;
    put_whole(&zone->draft, &amendment->records);
    (void)take_as_it_is(zone, amendment);
    end_taken(zone, amendment);
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
    applying_refuse(amendment, CHANGING_REFUSED, text);
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
        applying_refuse(amendment, CHANGING_REFUSED, tried->problem);
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
        applying_refuse(amendment, CHANGING_STALE, text);
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

void applying_edit(struct amending *amending, struct amending_zone *zone,
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

void applying_keep_source(struct amending *amending, struct amending_zone *zone,
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
    struct buffer old = {0}, fresh = {0};
    zone_pack(load->zone, amending->secret, &fresh);
    read_source(amending, zone, &old);
    bool same =
        old.size == fresh.size && memcmp(buffer_text(&old), buffer_text(&fresh), fresh.size) == 0;
    if (!same) {
        if (old.size == 0) // it had no file: from now on it is what the file says
            zone_pack(zone->newest, amending->secret, &old);
        merging_apply(&zone->draft, &old, load->zone, amending->secret, &load->report);
        if (!is_sound(amending, zone, amendment)) {
            draft_undo(&zone->draft);
            report_move(&load->report, &amendment->report);
        } else {
            take_change(zone, amendment);
            applying_keep_source(amending, zone, load->zone);
        }
    }
    buffer_free(&old);
    buffer_free(&fresh);
}

void applying_file(struct amending *amending, struct amending_zone *zone,
                   struct amendment *amendment)
{
    bool served = amendment->load->zone->state == ZONE_SERVED;
    if (zone->kept && served)
        merge_file(amending, zone, amendment);
    else if (served && zone->newest != amendment->load->zone)
        note_file(amending, zone, amendment);
}
