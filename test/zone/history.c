// History: what was said yes to is there again, what was not is not.
#include "from_text.h"

#include <sqlite3.h>
#include <unistd.h>

#include "zone/history.h"

static char folder[64], path[96];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/onym-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/history", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command); // NOLINT: the folder is ours
}

static struct history *open_again(struct history *history)
{
    char *problem = NULL;
    history_close(history);
    history = history_open(path, &problem);
    if (!history)
        fail_msg("%s", problem);
    return history;
}

static struct history_zone zone_of(const char *view, const char *name)
{
    return (struct history_zone){view, name_of(name)};
}

static uint64_t add(struct history *history, struct history_zone zone, uint32_t serial,
                    const char *octets)
{
    struct history_change change = {.serial_from = serial,
                                    .serial_to = serial + 1,
                                    .date_us = serial * 1000000u,
                                    .kind = CHANGE_UPDATE,
                                    .who = "key:k",
                                    .octets = (const uint8_t *)octets,
                                    .size = strlen(octets)};
    assert_int_equal(history_add(history, zone, &change), HISTORY_DONE);
    return change.number;
}

static bool write_change(void *context, const struct history_change *change)
{
    buffer_format(context, "%u-%u %s %s %.*s\n", change->serial_from, change->serial_to,
                  change_kind_word(change->kind), change->who, (int)change->size,
                  (const char *)change->octets);
    return true;
}

static void check_last(struct history *history, struct history_zone zone, const char *expected)
{
    struct buffer seen = {0};
    assert_int_equal(history_last(history, zone, 2, write_change, &seen), HISTORY_DONE);
    assert_string_equal(buffer_text(&seen), expected);
    buffer_free(&seen);
}

static void kept_over_a_restart(void **state)
{
    (void)state;
    struct history *history = open_again(NULL);
    struct history_zone zone = zone_of("", "Example."), inside = zone_of("inside", "example.");
    struct history_version version;
    struct buffer base = {0}, source = {0};
    buffer_add_text(&base, "base");
    buffer_add_text(&source, "source");
    assert_int_equal(history_get(history, zone, &version), HISTORY_NONE);
    assert_int_equal(history_begin(history), HISTORY_DONE);
    (void)add(history, zone, 1, "one");
    uint64_t number = add(history, zone, 2, "two");
    (void)add(history, inside, 9, "other");
    assert_int_equal(history_set_base(history, zone, &base, number, &source), HISTORY_DONE);
    assert_int_equal(history_set_refreshed(history, zone, 77), HISTORY_DONE);
    assert_int_equal(history_commit(history), HISTORY_DONE);
    history = open_again(history);
    assert_true(history_keeps(history, zone_of("", "EXAMPLE.")));
    assert_false(history_keeps(history, inside)); // changes, but no version
    assert_int_equal(history_get(history, zone, &version), HISTORY_DONE);
    assert_string_equal(buffer_text(&version.base), "base");
    assert_string_equal(buffer_text(&version.source), "source");
    assert_int_equal(version.base_change, number);
    assert_int_equal(version.refreshed_s, 77);
    size_t base_octets, since_octets;
    history_measure(history, zone, &base_octets, &since_octets);
    assert_int_equal(base_octets, 4);
    assert_int_equal(since_octets, 0);
    history_measure(history, inside, &base_octets, &since_octets);
    assert_int_equal(base_octets, 0);
    check_last(history, zone, "2-3 update key:k two\n1-2 update key:k one\n");
    check_last(history, inside, "9-10 update key:k other\n");
    buffer_free(&version.base);
    buffer_free(&version.source);
    buffer_free(&base);
    buffer_free(&source);
    history_close(history);
}

static void what_was_cancelled(void **state)
{
    (void)state;
    struct history *history = open_again(NULL);
    struct history_zone zone = zone_of("", "cancelled.");
    assert_int_equal(history_begin(history), HISTORY_DONE);
    (void)add(history, zone, 1, "one");
    history_cancel(history);
    check_last(history, zone, "");
    assert_int_equal(history_begin(history), HISTORY_DONE);
    (void)add(history, zone, 1, "one");
    history = (history_cancel(history), open_again(history));
    check_last(history, zone, "");
    history_close(history);
}

static void changes_after_one(void **state)
{
    (void)state;
    struct history *history = open_again(NULL);
    struct history_zone zone = zone_of("", "after.");
    struct buffer seen = {0};
    assert_int_equal(history_begin(history), HISTORY_DONE);
    uint64_t first = add(history, zone, 1, "a");
    (void)add(history, zone, 2, "b");
    (void)add(history, zone, 3, "c");
    assert_int_equal(history_commit(history), HISTORY_DONE);
    assert_int_equal(history_each(history, zone, first, write_change, &seen), HISTORY_DONE);
    assert_string_equal(buffer_text(&seen), "2-3 update key:k b\n3-4 update key:k c\n");
    buffer_free(&seen);
    history_close(history);
}

// Only what a base has, or what needs none, may be forgotten.
static void pruning(void **state)
{
    (void)state;
    struct history *history = open_again(NULL);
    struct history_zone with = zone_of("", "with."), without = zone_of("", "without.");
    struct buffer base = {0};
    size_t count;
    buffer_add_text(&base, "base");
    assert_int_equal(history_begin(history), HISTORY_DONE);
    uint64_t first = add(history, with, 1, "a");
    (void)add(history, with, 2, "b");
    (void)add(history, without, 1, "c");
    (void)add(history, without, 3, "d");
    assert_int_equal(history_set_base(history, with, &base, first, NULL), HISTORY_DONE);
    assert_int_equal(history_commit(history), HISTORY_DONE);
    assert_int_equal(history_prune(history, 3000000, &count), HISTORY_DONE);
    check_last(history, with, "2-3 update key:k b\n");
    check_last(history, without, "3-4 update key:k d\n");
    assert_int_equal(history_begin(history), HISTORY_DONE);
    assert_int_equal(history_forget(history, with), HISTORY_DONE);
    assert_int_equal(history_commit(history), HISTORY_DONE);
    check_last(history, with, "");
    assert_false(history_keeps(history, with));
    buffer_free(&base);
    history_close(history);
}

static void count(struct history *history, uint64_t zones, uint64_t changes, uint64_t octets)
{
    struct history_stock stock;
    assert_int_equal(history_octets(history), octets); // as it was reckoned
    assert_int_equal(history_count(history, &stock), HISTORY_DONE);
    assert_int_equal(stock.zones, zones);
    assert_int_equal(stock.changes, changes);
    assert_int_equal(stock.octets, octets);
    assert_true(changes ? stock.oldest_us > 0 : stock.oldest_us == 0);
}

// The oldest go, as many as are needed, but for what a start needs.
static void shrinking(void **state)
{
    (void)state;
    struct history *history = open_again(NULL);
    struct history_zone with = zone_of("", "with."), without = zone_of("", "without.");
    struct buffer base = {0};
    size_t gone;
    buffer_add_text(&base, "base");
    count(history, 0, 0, 0);
    assert_int_equal(history_begin(history), HISTORY_DONE);
    (void)add(history, without, 1, "0123456789");
    uint64_t first = add(history, with, 1, "0123456789");
    (void)add(history, with, 2, "0123456789");
    (void)add(history, without, 2, "0123456789");
    assert_int_equal(history_set_base(history, with, &base, first, NULL), HISTORY_DONE);
    assert_int_equal(history_commit(history), HISTORY_DONE);
    count(history, 2, 4, 40);
    assert_int_equal(history_shrink(history, 40, &gone), HISTORY_DONE);
    assert_int_equal(gone, 0);
    assert_int_equal(history_shrink(history, 30, &gone), HISTORY_DONE);
    assert_int_equal(gone, 1);
    count(history, 2, 3, 30);
    check_last(history, without, "2-3 update key:k 0123456789\n");
    assert_int_equal(history_shrink(history, 0, &gone), HISTORY_DONE);
    assert_int_equal(gone, 2);
    check_last(history, with, "2-3 update key:k 0123456789\n"); // it is in no base
    count(history, 1, 1, 10);
    history = open_again(history);
    count(history, 1, 1, 10);
    buffer_free(&base);
    history_close(history);
}

static void no_database(void **state)
{
    (void)state;
    char *problem = NULL;
    assert_null(history_open("/nowhere/at/all", &problem));
    assert_string_equal(problem, "unable to open database file");
    free(problem);
    FILE *file = fopen(path, "w");
    fputs("this is no database, but a text that is long enough to be looked at as one, really; "
          "so SQLite reads its first hundred octets and says what they are not.",
          file);
    fclose(file);
    assert_null(history_open(path, &problem));
    assert_string_equal(problem, "file is not a database");
    free(problem);
}

static void a_newer_database(void **state)
{
    (void)state;
    sqlite3 *database;
    char *problem = NULL;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    sqlite3_exec(database, "PRAGMA user_version = 3", NULL, NULL, NULL);
    sqlite3_close(database);
    assert_null(history_open(path, &problem));
    assert_string_equal(problem, "it was written by a newer version of onym");
    free(problem);
}

// A database of version 1, which had base and source beside the zone's name.
static void an_older_database(void **state)
{
    (void)state;
    sqlite3 *database;
    struct history_version version;
    struct history_zone zone = zone_of("", "example.");
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(
            database,
            "CREATE TABLE zones (id INTEGER PRIMARY KEY, view TEXT NOT NULL,"
            "  name BLOB NOT NULL, base BLOB, base_change INTEGER NOT NULL DEFAULT 0, source BLOB,"
            "  refreshed_s INTEGER NOT NULL DEFAULT 0, UNIQUE (view, name));"
            "CREATE TABLE changes (number INTEGER PRIMARY KEY AUTOINCREMENT,"
            "  zone INTEGER NOT NULL REFERENCES zones (id) ON DELETE CASCADE,"
            "  serial_from INTEGER NOT NULL, serial_to INTEGER NOT NULL, date_us INTEGER NOT NULL,"
            "  kind INTEGER NOT NULL, who TEXT NOT NULL, difference BLOB NOT NULL);"
            "CREATE INDEX changes_of_zone ON changes (zone, number);"
            "INSERT INTO zones VALUES (7, '', x'076578616d706c6500', x'62617365', 1, x'66696c65', "
            "77);"
            "INSERT INTO zones VALUES (8, '', x'056f7468657200', NULL, 0, NULL, 0);"
            "INSERT INTO changes VALUES (1, 7, 1, 2, 1000000, 3, 'key:k', x'6f6e65');"
            "PRAGMA user_version = 1;",
            NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(database);
    struct history *history = open_again(NULL);
    for (unsigned i = 0; i < 2; i++) {
        assert_true(history_keeps(history, zone));
        assert_false(history_keeps(history, zone_of("", "other.")));
        assert_int_equal(history_get(history, zone, &version), HISTORY_DONE);
        assert_string_equal(buffer_text(&version.base), "base");
        assert_string_equal(buffer_text(&version.source), "file");
        assert_int_equal(version.base_change, 1);
        assert_int_equal(version.refreshed_s, 77);
        check_last(history, zone, "1-2 update key:k one\n");
        buffer_free(&version.base);
        buffer_free(&version.source);
        history = open_again(history);
    }
    assert_int_equal(history_begin(history), HISTORY_DONE);
    assert_int_equal(history_forget(history, zone), HISTORY_DONE);
    assert_int_equal(history_commit(history), HISTORY_DONE);
    assert_int_equal(history_get(history, zone, &version), HISTORY_NONE);
    history_close(history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(kept_over_a_restart, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(what_was_cancelled, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(changes_after_one, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(pruning, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(shrinking, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(no_database, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_newer_database, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(an_older_database, make_folder, remove_folder),
    };
    return cmocka_run_group_tests_name("zone/history", tests, NULL, NULL);
}
