// Wishes become versions: what several of them at once come to, what is refused with nothing
// changed, and what is there again after a restart.
#include "../zone/from_text.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/memory.h"
#include "daemon/amending.h"
#include "daemon/loader.h"
#include "dns/type.h"
#include "zone/journal.h"

static char folder[64], path[96];
static struct amending amending;

static void open_history(void)
{
    char *problem = NULL;
    amending = (struct amending){.history = history_open(path, &problem), .secret = &test_secret};
    assert_non_null(amending.history);
}

static int set_up(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/onym-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/history", folder);
    open_history();
    return 0;
}

static void close_history(void)
{
    amending_forget(&amending);
    history_close(amending.history);
}

static int tear_down(void **state)
{
    char command[128];
    (void)state;
    close_history();
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command); // NOLINT: the folder is ours
}

static void fill(struct records *records, const char *owner, uint16_t type, const char *rdata,
                 size_t size)
{
    struct name name = name_of(owner);
    struct record record = {.owner = name.wire,
                            .owner_size = name.size,
                            .owner_labels = name.labels,
                            .type = type,
                            .ttl = 60,
                            .rdata = (const uint8_t *)rdata,
                            .rdata_size = (uint16_t)size};
    diff_add(records, &record);
}

// A wish to have one address more at a name.
static struct amendment *edit(struct zone *zone, const char *owner)
{
    struct amendment *amendment = amendment_make(AMENDMENT_EDIT, zone, "", "user me");
    amendment->change = CHANGE_COMMAND;
    amendment->serials = SERIAL_INCREMENT;
    records_begin(&amendment->edit.removed, zone->origin);
    records_begin(&amendment->edit.added, zone->origin);
    if (owner)
        fill(&amendment->edit.added, owner, TYPE_A, "\xc0\0\2\1", 4);
    return amendment;
}

static void check(const struct amendment *amendment, enum changing_verdict verdict,
                  const char *problem)
{
    assert_int_equal(amendment->verdict, verdict);
    if (problem)
        assert_string_equal(amendment->problem, problem);
    else
        assert_null(amendment->problem);
}

static void one_image_for_all(void **state)
{
    struct zone *zone = zone_from_text("example.", APEX);
    struct amendment *first = edit(zone, "a.example."), *second = edit(zone, "b.example.");
    (void)state;
    first->next = second;
    amending_run(&amending, first);
    check(first, CHANGING_DONE, NULL);
    check(second, CHANGING_DONE, NULL);
    assert_ptr_equal(first->after, second->after);
    assert_int_equal(first->after->image.serial, 9); // each has a serial of its own
    assert_int_equal(first->after->image.head->records, 4);
    assert_int_equal(first->after->journal->count, 2);
    assert_int_equal(second->serial_from, 8);
    // The newest is what the next one begins with, whatever is served.
    struct amendment *third = edit(zone, "c.example.");
    amending_run(&amending, third);
    assert_int_equal(third->after->image.serial, 10);
    // Nothing to do is done at once.
    struct amendment *again = edit(zone, "c.example.");
    amending_run(&amending, again);
    check(again, CHANGING_DONE, NULL);
    assert_null(again->after);
    struct amendment *all[] = {first, second, third, again};
    for (size_t i = 0; i < 4; i++)
        amendment_free(all[i]);
    zone_release(zone);
}

static void what_is_refused(void **state)
{
    struct zone *zone = zone_from_text("example.", APEX "c CNAME d\n");
    struct amendment *clash = edit(zone, "c.example."), *missing = edit(zone, NULL),
                     *stale = edit(zone, "a.example."), *dry = edit(zone, "a.example.");
    (void)state;
    fill(&missing->edit.removed, "nix.example.", TYPE_A, "", 0);
    stale->edit.is_serial = true;
    stale->edit.serial = 6;
    dry->edit.dry = true;
    clash->next = missing;
    missing->next = stale;
    stale->next = dry;
    amending_run(&amending, clash);
    check(clash, CHANGING_REFUSED, "CNAME and other data at c.example.");
    check(missing, CHANGING_REFUSED, "there is no such A record at nix.example.");
    check(stale, CHANGING_STALE, "the zone has serial 7 by now");
    check(dry, CHANGING_DONE, NULL);
    assert_true(dry->changed.size > 0);
    assert_int_equal(dry->serial_to, 8);
    struct amendment *all[] = {clash, missing, stale, dry};
    for (size_t i = 0; i < 4; i++) {
        assert_null(all[i]->after);
        amendment_free(all[i]);
    }
    assert_false(history_keeps(amending.history, (struct history_zone){"", zone->origin}));
    zone_release(zone);
}

static struct diff *difference(const char *before, const char *after)
{
    struct records old, new;
    struct diff *diff = memory_get(sizeof *diff);
    records_from_text(&old, "example.", before);
    records_from_text(&new, "example.", after);
    diff_make(diff, &old, &new);
    records_free(&old);
    records_free(&new);
    return diff;
}

#define SOA(serial) "@ 3600 SOA ns.invalid. admin.invalid. " #serial " 7200 3600 1209600 300\n"
#define NS          "@ 3600 NS ns.invalid.\n"

// RFC 1995 4: all of the differences, or none.
static void differences_of_a_primary(void **state)
{
    struct zone *zone = zone_from_text("example.", SOA(1) NS "a A 192.0.2.1\n");
    struct amendment *good = amendment_make(AMENDMENT_DIFFS, zone, "", "primary"),
                     *bad = amendment_make(AMENDMENT_DIFFS, zone, "", "primary");
    (void)state;
    good->change = bad->change = CHANGE_TRANSFER;
    good->diffs = difference(SOA(1) NS "a A 192.0.2.1\n", SOA(5) NS "b A 192.0.2.2\n");
    good->diff_count = 1;
    amending_run(&amending, good);
    check(good, CHANGING_DONE, NULL);
    assert_int_equal(good->after->image.serial, 5);
    // The first applies, the second takes away what is not there.
    struct diff *one = difference(SOA(5) NS "b A 192.0.2.2\n", SOA(6) NS "c A 192.0.2.3\n"),
                *two = difference(SOA(6) NS "b A 192.0.2.2\n", SOA(7) NS);
    bad->diffs = memory_get(2 * sizeof *one);
    bad->diffs[0] = *one;
    bad->diffs[1] = *two;
    bad->diff_count = 2;
    free(one);
    free(two);
    amending_run(&amending, bad);
    check(bad, CHANGING_STALE, "the difference does not begin with what there is");
    assert_null(bad->after);
    struct amendment *after = edit(zone, "d.example.");
    amending_run(&amending, after);
    assert_int_equal(after->after->image.serial, 6);
    assert_int_equal(after->after->image.head->records, 4); // SOA, NS, b, d
    amendment_free(good);
    amendment_free(bad);
    amendment_free(after);
    zone_release(zone);
}

static void a_whole_zone(void **state)
{
    struct zone *none = zone_empty(name_of("example."), "", ZONE_LOADING, NULL);
    struct amendment *first = amendment_make(AMENDMENT_WHOLE, none, "", "primary"),
                     *second = amendment_make(AMENDMENT_WHOLE, none, "", "primary"),
                     *broken = amendment_make(AMENDMENT_WHOLE, none, "", "primary");
    (void)state;
    first->change = second->change = broken->change = CHANGE_TRANSFER;
    records_from_text(&first->records, "example.", SOA(1) NS "a A 192.0.2.1\n");
    records_from_text(&second->records, "example.", SOA(4) NS "b A 192.0.2.1\n");
    records_from_text(&broken->records, "example.", SOA(9) NS);
    broken->records.count--; // the SOA, which stands behind the NS
    amending_run(&amending, first);
    assert_int_equal(first->after->image.serial, 1);
    amending_run(&amending, second);
    assert_int_equal(second->after->image.serial, 4);
    assert_int_equal(second->after->journal->count, 2);
    amending_run(&amending, broken);
    check(broken, CHANGING_REFUSED, broken->problem);
    // It expires while it comes, and what comes is what there was.
    struct zone *expired = zone_empty(name_of("example."), "", ZONE_EXPIRED, NULL);
    struct amendment *same = amendment_make(AMENDMENT_DIFFS, expired, "", "primary");
    same->diffs = difference(SOA(4) NS, SOA(4) NS);
    same->diffs->serial_from = same->diffs->serial_to = 4;
    same->diff_count = 1;
    amending_forget(&amending);
    amending_run(&amending, same);
    check(same, CHANGING_DONE, NULL);
    assert_non_null(same->after);
    assert_int_equal(same->after->image.serial, 4);
    amendment_free(same);
    zone_release(expired);
    amendment_free(first);
    amendment_free(second);
    amendment_free(broken);
    zone_release(none);
}

// A catalog has it reset, and its primary sends what there was: history has that, and since when.
static void reset_and_the_same(void **state)
{
    struct zone *none = zone_empty(name_of("example."), "", ZONE_LOADING, NULL);
    struct amendment *first = amendment_make(AMENDMENT_WHOLE, none, "", "primary");
    struct history_version version;
    struct history_zone zone = {"", name_of("example.")};
    (void)state;
    first->change = CHANGE_TRANSFER;
    records_from_text(&first->records, "example.", SOA(1) NS "a A 192.0.2.1\n");
    amending_run(&amending, first);
    struct amendment *forget = amendment_make(AMENDMENT_FORGET, first->after, "", ""),
                     *again = amendment_make(AMENDMENT_WHOLE, first->after, "", "primary");
    again->change = CHANGE_TRANSFER;
    records_from_text(&again->records, "example.", SOA(1) NS "a A 192.0.2.1\n");
    amending_run(&amending, forget);
    assert_int_equal(history_get(amending.history, zone, &version), HISTORY_NONE);
    amending_run(&amending, again);
    check(again, CHANGING_DONE, NULL);
    assert_int_equal(history_get(amending.history, zone, &version), HISTORY_DONE);
    assert_true(version.base.size > 0);
    assert_in_range(version.refreshed_s, clock_date_s() - 60, clock_date_s());
    buffer_free(&version.base);
    buffer_free(&version.source);
    amendment_free(first);
    amendment_free(forget);
    amendment_free(again);
    zone_release(none);
}

static struct load *load_of(struct zone *zone)
{
    struct load *load = memory_get_zeroed(1, sizeof *load);
    load->zone = zone_hold(zone);
    load->path = zone->path;
    load->origin = zone->origin;
    return load;
}

static struct zone *read_file(struct zone *file, struct zone *served)
{
    struct amendment *amendment = amendment_make(AMENDMENT_FILE, served, "", "file");
    amendment->change = CHANGE_FILE;
    amendment->serials = SERIAL_INCREMENT;
    amendment->load = load_of(file);
    amending_run(&amending, amendment);
    check(amendment, CHANGING_DONE, NULL);
    struct zone *zone = amendment->load->zone;
    report_free(&amendment->load->report);
    free(amendment->load);
    amendment_free(amendment);
    return zone;
}

static void over_a_restart_beside_a_file(void **state)
{
    struct zone *file = zone_from_text("example.", SOA(1) NS "a A 192.0.2.1\n");
    struct amendment *wish = edit(file, "b.example.");
    (void)state;
    amending_run(&amending, wish);
    amendment_free(wish);
    for (unsigned i = 0; i < 3; i++) { // again and again the same
        close_history();
        open_history();
        struct zone *zone = read_file(file, file);
        assert_int_equal(zone->image.serial, 2);
        assert_int_equal(zone->image.head->records, 4);
        assert_int_equal(zone->journal->count, 1);
        zone_release(zone);
    }
    // Another file, with an older serial, while the zone is served.
    struct zone *served = read_file(file, file);
    struct zone *newer = zone_from_text("example.", SOA(2) NS "c A 192.0.2.1\n");
    struct zone *both = read_file(newer, served);
    assert_int_equal(both->image.serial, 3);
    assert_int_equal(both->image.head->records, 4); // b and c, no a
    assert_int_equal(both->journal->count, 2);
    zone_release(both);
    zone_release(served);
    zone_release(newer);
    zone_release(file);
}

// A zone whose truth is its file has a history, for secondaries, and no base.
static void files_alone(void **state)
{
    struct zone *old = zone_from_text("example.", SOA(1) NS "a A 192.0.2.1\n"),
                *new = zone_from_text("example.", SOA(2) NS "b A 192.0.2.1\n");
    (void)state;
    struct zone *zone = read_file(new, old);
    assert_ptr_equal(zone, new);
    assert_int_equal(zone->journal->count, 1);
    assert_false(history_keeps(amending.history, (struct history_zone){"", zone->origin}));
    zone_release(zone);
    zone_release(new);
    zone_release(old);
}

// --- what is old

// Writes a change that is dated so, as another run would have.
static uint64_t change_at(const char *origin, uint64_t date_s)
{
    struct history_zone zone = {"", name_of(origin)};
    struct history_change change = {.serial_from = 1,
                                    .serial_to = 2,
                                    .date_us = date_s * 1000000,
                                    .kind = CHANGE_UPDATE,
                                    .who = "key:k",
                                    .octets = (const uint8_t *)"",
                                    .size = 0};
    assert_int_equal(history_begin(amending.history), HISTORY_DONE);
    assert_int_equal(history_add(amending.history, zone, &change), HISTORY_DONE);
    assert_int_equal(history_commit(amending.history), HISTORY_DONE);
    return change.number;
}

static bool count_one(void *count, const struct history_change *change)
{
    (void)change;
    ++*(size_t *)count;
    return true;
}

static size_t count_changes(const char *origin)
{
    size_t count = 0;
    struct history_zone zone = {"", name_of(origin)};
    assert_int_equal(history_each(amending.history, zone, 0, count_one, &count), HISTORY_DONE);
    return count;
}

// Of a zone that somebody changes, so that it has a base.
static void change_zone(const char *owner)
{
    struct zone *zone = zone_from_text("example.", APEX);
    struct amendment *wish = edit(zone, owner);
    amending_run(&amending, wish);
    check(wish, CHANGING_DONE, NULL);
    amendment_free(wish);
    zone_release(zone);
}

static void changes_of_long_ago(void **state)
{
    (void)state;
    uint64_t now_s = clock_date_s();
    change_zone("a.example.");
    change_at("other.", now_s - 2 * HISTORY_KEEP_S);
    change_at("other.", now_s - HISTORY_KEEP_S - 24 * 3600);
    change_at("other.", now_s - HISTORY_KEEP_S + 24 * 3600);
    change_zone("b.example.");
    assert_int_equal(count_changes("other."), 3); // it was looked at a moment ago
    amending.pruned_s = now_s - 2 * 24 * 3600;
    change_zone("c.example.");
    assert_int_equal(count_changes("other."), 1);
    assert_int_equal(count_changes("example."), 3);
    assert_true(history_keeps(amending.history, (struct history_zone){"", name_of("example.")}));
}

// history.keep
static void as_long_as_is_said(void **state)
{
    (void)state;
    uint64_t now_s = clock_date_s();
    atomic_store(&amending.keep_s, 30 * 24 * 3600);
    change_at("other.", now_s - 31 * 24 * 3600);
    change_at("other.", now_s - 29 * 24 * 3600);
    change_at("other.", now_s);
    change_zone("a.example.");
    assert_int_equal(count_changes("other."), 2);
}

// Of what left a catalog nothing is known; what comes of the zone later has a base of its own.
static void forgetting(void **state)
{
    (void)state;
    struct history_zone name = {"", name_of("example.")};
    change_zone("a.example.");
    assert_true(history_keeps(amending.history, name));
    struct zone *zone = zone_empty(name_of("example."), "", ZONE_EXPIRED, NULL);
    struct amendment *wish = amendment_make(AMENDMENT_FORGET, zone, "", "");
    amending_run(&amending, wish);
    check(wish, CHANGING_DONE, NULL);
    assert_false(history_keeps(amending.history, name));
    assert_int_equal(count_changes("example."), 0);
    amendment_free(wish);
    zone_release(zone);
    change_zone("b.example.");
    assert_true(history_keeps(amending.history, name));
    assert_int_equal(count_changes("example."), 1);
}

// To history of forty years ago, now is what 2066 is to ours: a clock that has jumped.
static void clocks_that_jump(void **state)
{
    (void)state;
    uint64_t now_s = clock_date_s(), then_s = now_s - 40 * HISTORY_KEEP_S;
    change_at("other.", then_s);
    change_at("other.", then_s + 1);
    change_at("other.", 0); // and once it was at its beginning
    change_at("other.", then_s + 2);
    change_zone("a.example.");
    assert_int_equal(count_changes("other."), 3);      // what 1970 has is too old by any clock
    change_at("future.", now_s + 80 * HISTORY_KEEP_S); // that one was wrong, and was put right
    amending.pruned_s = 0;
    change_zone("b.example.");
    assert_int_equal(count_changes("future."), 1);
    assert_int_equal(count_changes("example."), 2);
}

static void no_history(void **state)
{
    struct zone *zone = zone_from_text("example.", APEX);
    struct amendment *wish = edit(zone, "a.example.");
    (void)state;
    close_history();
    amending.history = NULL;
    amending_run(&amending, wish);
    check(wish, CHANGING_FAILED, "there is no state folder that a change could be kept in");
    assert_null(wish->after);
    amendment_free(wish);
    zone_release(zone);
    amending_forget(&amending);
    open_history();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_image_for_all, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(differences_of_a_primary, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_whole_zone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reset_and_the_same, set_up, tear_down),
        cmocka_unit_test_setup_teardown(over_a_restart_beside_a_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(files_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(as_long_as_is_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(forgetting, set_up, tear_down),
        cmocka_unit_test_setup_teardown(changes_of_long_ago, set_up, tear_down),
        cmocka_unit_test_setup_teardown(clocks_that_jump, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_history, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("daemon/amending", tests, NULL, NULL);
}
