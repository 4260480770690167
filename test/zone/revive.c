// Zones from history: the base and the changes since, and what is told of a damaged one.
#include "from_text.h"

#include "zone/diff.h"
#include "zone/history.h"
#include "zone/journal.h"
#include "zone/revive.h"

#define SOA(serial) "@ 3600 SOA ns.invalid. admin.invalid. " #serial " 7200 3600 1209600 300\n"
#define NS          "@ 3600 NS ns.invalid.\n"

static char folder[64], path[96];
static struct history *history;

static int set_up(void **state)
{
    char *problem = NULL;
    (void)state;
    strcpy(folder, "/tmp/onym-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/history", folder);
    history = history_open(path, &problem);
    return history ? 0 : -1;
}

static int tear_down(void **state)
{
    char command[128];
    (void)state;
    history_close(history);
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command); // NOLINT: the folder is ours
}

static uint64_t add(const char *before, const char *after)
{
    struct records old, new;
    struct diff diff;
    struct buffer packed = {0};
    records_from_text(&old, "example.", before);
    records_from_text(&new, "example.", after);
    diff_make(&diff, &old, &new);
    diff_pack(&diff, &packed);
    struct history_change change = {.serial_from = diff.serial_from,
                                    .serial_to = diff.serial_to,
                                    .kind = CHANGE_UPDATE,
                                    .who = "",
                                    .octets = (const uint8_t *)packed.text,
                                    .size = packed.size};
    struct history_zone zone = {"", name_of("example.")};
    assert_int_equal(history_add(history, zone, &change), HISTORY_DONE);
    diff_free(&diff);
    records_free(&old);
    records_free(&new);
    buffer_free(&packed);
    return change.number;
}

static void set_base(const char *text, uint64_t number)
{
    struct zone *zone = zone_from_text("example.", text);
    struct buffer packed = {0}, source = {0};
    buffer_add_text(&source, "s");
    zone_pack(zone, &test_secret, &packed);
    struct history_zone name = {"", name_of("example.")};
    assert_int_equal(history_set_base(history, name, &packed, number, &source), HISTORY_DONE);
    buffer_free(&packed);
    buffer_free(&source);
    zone_release(zone);
}

static struct revived revive(size_t problems)
{
    struct revived revived;
    struct report report = {0};
    const struct revival revival = {
        history, {"", name_of("example.")}, "a.zone", &test_secret, &report};
    zone_revive(&revival, &revived);
    assert_int_equal(report.errors, problems);
    report_free(&report);
    return revived;
}

static void base_and_changes(void **state)
{
    (void)state;
    assert_null(revive(0).zone);
    assert_int_equal(history_begin(history), HISTORY_DONE);
    uint64_t first = add(SOA(1) NS, SOA(2) NS "a A 192.0.2.1\n");
    set_base(SOA(2) NS "a A 192.0.2.1\n", first);
    (void)add(SOA(2) NS "a A 192.0.2.1\n", SOA(3) NS "a A 192.0.2.1\nb A 192.0.2.2\n");
    uint64_t last = add(SOA(3) NS "a A 192.0.2.1\nb A 192.0.2.2\n", SOA(4) NS "b A 192.0.2.2\n");
    assert_int_equal(history_commit(history), HISTORY_DONE);
    struct revived revived = revive(0);
    assert_int_equal(revived.zone->image.serial, 4);
    assert_int_equal(revived.zone->image.head->records, 3);
    assert_int_equal(revived.zone->change, last);
    assert_int_equal(revived.zone->journal->count, 3);
    assert_string_equal(revived.zone->path, "a.zone");
    assert_string_equal(buffer_text(&revived.source), "s");
    buffer_free(&revived.source);
    zone_release(revived.zone);
}

static void damaged(void **state)
{
    (void)state;
    assert_int_equal(history_begin(history), HISTORY_DONE);
    set_base(SOA(2) NS, 0);
    (void)add(SOA(2) NS "a A 192.0.2.1\n", SOA(3) NS); // takes away what is not there
    assert_int_equal(history_commit(history), HISTORY_DONE);
    struct revived revived = revive(1);
    assert_null(revived.zone);
    buffer_free(&revived.source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(base_and_changes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damaged, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("zone/revive", tests, NULL, NULL);
}
