// Files merged into zones that others have changed: what the file changes is changed, all else
// stays, and what both have changed is told.
#include "../zone/from_text.h"

#include "daemon/merging.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "zone/revive.h"

#define SOA(serial) "@ 3600 SOA ns.invalid. admin.invalid. " #serial " 7200 3600 1209600 300\n"
#define NS          "@ 3600 NS ns.invalid.\n"

// `now` is what the zone is; `old` and `file` are the file as it was and as it is.
static void check(const char *old, const char *now, const char *file, const char *expected,
                  size_t warnings)
{
    struct zone *zones[] = {zone_from_text("example.", old), zone_from_text("example.", now),
                            zone_from_text("example.", file)};
    struct buffer packed = {0}, seen = {0};
    struct report report = {0};
    struct records records;
    struct draft draft;
    zone_pack(zones[0], &test_secret, &packed);
    draft_begin(&draft, zones[1]->origin, &zones[1]->image, &test_secret);
    merging_apply(&draft, &packed, zones[2], &test_secret, &report);
    records_begin(&records, draft.origin);
    draft_write(&draft, &records);
    records_sort(&records);
    for (size_t i = 0; i < records.count; i++) {
        const struct record *record = &records.list[i];
        char name[NAME_TEXT_MAX];
        name_print(record_owner(record), name);
        if (record->type == TYPE_SOA)
            buffer_format(&seen, "%u", diff_serial(record));
        else if (record->type != TYPE_NS)
            buffer_format(&seen, " %c%u", name[0], record->rdata[record->rdata_size - 1]);
    }
    assert_string_equal(buffer_text(&seen), expected);
    assert_int_equal(report.warnings, warnings);
    records_free(&records);
    draft_free(&draft);
    report_free(&report);
    buffer_free(&packed);
    buffer_free(&seen);
    for (size_t i = 0; i < 3; i++)
        zone_release(zones[i]);
}

#define A "a A 192.0.2.1\n"
#define B "b A 192.0.2.2\n"
#define C "c A 192.0.2.3\n"

static void merges(void **state)
{
    (void)state;
    check(SOA(1) NS A, SOA(5) NS A B, SOA(1) NS A, "5 a1 b2", 0);      // nothing new
    check(SOA(1) NS A, SOA(5) NS A B, SOA(1) NS A C, "5 a1 b2 c3", 0); // the serial is bumped later
    check(SOA(1) NS A, SOA(5) NS A B, SOA(2) NS A C, "6 a1 b2 c3", 0); // not backwards
    check(SOA(1) NS A, SOA(5) NS A B, SOA(9) NS, "9 b2", 0);
    check(SOA(1) NS A, SOA(5) NS B, SOA(9) NS, "9 b2", 1);          // both took it out
    check(SOA(1) NS A, SOA(5) NS A C, SOA(9) NS A C, "9 a1 c3", 0); // both put it in
    check(SOA(1) NS A, SOA(5) NS B, SOA(9) NS "a A 192.0.2.7\n", "9 a7 b2", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merges),
    };
    return cmocka_run_group_tests_name("daemon/merging", tests, NULL, NULL);
}
