// Files and other changes of a zone put together (merging.h): a merge of three, line by line, where
// a record is a line. There is no order among records, so nothing can be in another's way but what
// concerns one RRset.
#include "daemon/merging.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "dns/type.h"
#include "zone/diff.h"
#include "zone/revive.h"
#include "zone/serial.h"

static void warn(const struct record *record, const char *what, const struct zone *file,
                 struct report *report)
{
    char name[NAME_TEXT_MAX], type[TYPE_TEXT_MAX];
    name_print(record_owner(record), name);
    type_print(record->type, type);
    report_add(report, SEVERITY_WARNING, &(struct place){.file = file->path},
               "'onym zone diff' shows what differs from the file", "%s %s: %s", name, type, what);
}

static bool is_of_rrset(const struct record *record, const struct record *other)
{
    return record->type == other->type && name_equal(record_owner(record), record_owner(other));
}

// How many records the file had at that name and type, from its first one on. `before` is sorted.
static size_t count_before(const struct records *before, const struct record *record)
{
    size_t count = 0;
    for (size_t i = 0; i < before->count; i++)
        count += is_of_rrset(&before->list[i], record);
    return count;
}

static void remove_record(struct draft *draft, const struct record *record, const struct zone *file,
                          struct report *report)
{
    if (record->type == TYPE_ZONEMD && name_equal(record_owner(record), draft->origin))
        draft_remove_rrset(draft, draft->origin, TYPE_ZONEMD); // of another version: of no use
    else if (!draft_remove(draft, record))
        warn(record, "a record that was taken out of the file had been changed already", file,
             report);
}

static void add_record(struct draft *draft, const struct records *before,
                       const struct record *record, const struct zone *file, struct report *report)
{
    const struct type_row *row = type_find(record->type);
    if (row && row->single) { // there is room for one: the file's, which is the newest word
        if (draft_count(draft, record_owner(record), record->type) > 0 &&
            count_before(before, record) == 0)
            warn(record, "it is in the file now and was set otherwise before; the file's counts",
                 file, report);
        draft_remove_rrset(draft, record_owner(record), record->type);
    }
    (void)draft_add(draft, record);
}

// The file's SOA, with a serial that goes forward.
static void put_soa(struct draft *draft, const struct record *soa)
{
    struct record newer = *soa;
    const struct record *there = draft_soa(draft);
    uint8_t rdata[2 * NAME_OCTETS_MAX + 20];
    assert(soa->rdata_size <= sizeof rdata);
    uint32_t serial = diff_serial(soa);
    if (there && !serial_is_newer(serial, diff_serial(there)))
        serial = serial_next(SERIAL_INCREMENT, diff_serial(there), 0);
    memcpy(rdata, soa->rdata, soa->rdata_size);
    bytes_put32(rdata + soa->rdata_size - 20, serial);
    newer.rdata = rdata;
    draft_remove_rrset(draft, draft->origin, TYPE_SOA);
    (void)draft_add(draft, &newer);
}

void merging_apply(struct draft *draft, const struct buffer *old, const struct zone *file,
                   const struct hash_key *secret, struct report *report)
{
    struct records before, after;
    struct diff diff;
    size_t used;
    records_begin(&before, file->origin);
    if (!records_unpack((const uint8_t *)buffer_text(old), old->size, &before, &used))
        before.count = 0; // then all of the file is new
    records_sort(&before);
    zone_records(file, secret, &after);
    diff_make(&diff, &before, &after);
    for (size_t i = 0; i < diff.removed.count; i++)
        if (diff.removed.list[i].type != TYPE_SOA)
            remove_record(draft, &diff.removed.list[i], file, report);
    for (size_t i = 0; i < diff.added.count; i++)
        if (diff.added.list[i].type != TYPE_SOA)
            add_record(draft, &before, &diff.added.list[i], file, report);
    if (diff.added.count && diff.added.list[0].type == TYPE_SOA)
        put_soa(draft, &diff.added.list[0]);
    diff_free(&diff);
    records_free(&before);
    records_free(&after);
}
