// Zone files without a server: whose zone it is, and what is wrong with it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/zone_file.h"
#include "files.h"

static void test_origin(void **state)
{
    static const struct {
        const char *path, *text, *given, *origin; // NULL: unknown
    } cases[] = {
        {"x", "@ 1 SOA a b 1 2 3 4 5\n", "example.test", "example.test."},
        {"x", "$ORIGIN other.test.\n@ 1 SOA a b 1 2 3 4 5\n", "example.test.", "example.test."},
        {"x", "$ORIGIN other.test.\n@ 1 SOA a b 1 2 3 4 5\n", NULL, "other.test."},
        {"x", "Third.test. 1 SOA a b 1 2 3 4 5\n", NULL, "Third.test."},
        {"a.test.zone", "Third.test. 1 SOA a b 1 2 3 4 5\n", NULL, "Third.test."},
        {"x", ". 1 IN SOA a b 1 2 3 4 5\n", NULL, "."},
        {"a.test.zone", "@ 1 SOA a b 1 2 3 4 5\n", NULL, "a.test."},
        {"db.b.test", "@ 1 SOA a b 1 2 3 4 5\n", NULL, "b.test."},
        {"c.test.db", "@ 1 SOA a b 1 2 3 4 5\n", NULL, "c.test."},
        {"d.test.zone.signed", "", NULL, "d.test."},
        {"e.test", "", NULL, "e.test."},
        {"lan.zone", "", NULL, "lan."},
        {"root.zone", "@ 1 SOA a b 1 2 3 4 5\n", NULL, "."},
        {"x", "@ 1 SOA a b 1 2 3 4 5\n", NULL, NULL},
        {"x", "", NULL, NULL},
        {"x", "", "a..b", NULL},
    };
    (void)state;
    files_begin();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct zone_file file;
        files_put(cases[i].path, cases[i].text);
        bool found = zone_file_find_origin(&file, cases[i].path, cases[i].given);
        assert_int_equal(found, cases[i].origin != NULL);
        if (found) {
            char text[NAME_TEXT_MAX];
            name_print(file.origin, text);
            assert_string_equal(text, cases[i].origin);
        }
        zone_file_free(&file);
        unlink(cases[i].path);
    }
    struct zone_file file;
    assert_true(zone_file_find_origin(&file, "/nowhere/f.test.zone", NULL));
    zone_file_free(&file);
    files_end();
}

static void test_read(void **state)
{
    static const struct {
        const char *text;
        bool strict, good;
        size_t errors, warnings, records;
    } cases[] = {
        {GOOD_ZONE, false, true, 0, 1, 6}, // a duplicate
        {GOOD_ZONE, true, false, 1, 0, 6},
        {"$TTL 1\n@ SOA a b 1 2 3 4 5\n@ NS ns.other.\n", false, true, 0, 0, 2},
        {"$TTL 1\n@ SOA a b 1 2 3 4 5\n@ NS ns.other.\nw A 1.2.3\nw CNAME x\nw TXT y\n", false,
         false, 2, 0, 4}, // a syntax error, and what is certain beside it
        {"$TTL 1\n@ SOA a b 1 2 3 4\n", false, false, 1, 0, 0}, // not also "no SOA"
        {"", false, false, 2, 0, 0},
    };
    (void)state;
    files_begin();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct zone_file file;
        struct report report = {0};
        files_put("a.test.zone", cases[i].text);
        assert_true(zone_file_find_origin(&file, "a.test.zone", NULL));
        zone_file_read(&file, "a.test.zone", cases[i].strict ? ZONE_FILE_STRICT : 0, &report);
        if (report.errors != cases[i].errors || report.warnings != cases[i].warnings) {
            report_print(&report, stderr, false);
            fail_msg("case %zu: %zu errors, %zu warnings", i, report.errors, report.warnings);
        }
        assert_int_equal(file.good, cases[i].good);
        assert_int_equal(file.records.count, cases[i].records);
        zone_file_free(&file);
        report_free(&report);
    }
    files_end();
}

static void test_missing(void **state)
{
    (void)state;
    struct zone_file file;
    struct report report = {0};
    assert_true(zone_file_find_origin(&file, "/nowhere/a.test", NULL));
    zone_file_read(&file, "/nowhere/a.test", 0, &report);
    assert_false(file.good);
    assert_int_equal(report.errors, 1);
    zone_file_free(&file);
    report_free(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_origin), cmocka_unit_test(test_read),
                                       cmocka_unit_test(test_missing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
