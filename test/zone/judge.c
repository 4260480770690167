// judge_zone: all problems of a file at once, and none that may only follow from another.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "zone/judge.h"

#define APEX "@ 3600 SOA ns1 host 1 2 3 4 5\n@ 3600 NS ns1\nns1 3600 A 192.0.2.1\n"

struct verdict {
    const char *text;
    bool strict;
    bool good;
    size_t errors, warnings;
};

// Its digest was made by dnspython.
#define ZONEMD_ZONE                                                                                \
    "$TTL 300\n@ SOA a b 4294967295 1 2 3 4\n@ NS a\na A 192.0.2.1\n"                              \
    "@ ZONEMD 4294967295 1 1 a592da78cc99b280fc26b465b351a0ace75b9fc659dd33d6"                     \
    "89ad60c4149922f4f206001b1e82324ee6332677da2a104f\n" // in tiny.test

static const struct verdict verdicts[] = {
    {APEX, false, true, 0, 0},
    {APEX "x 3600 A 192.0.2.1\nx 60 A 192.0.2.2\n", false, true, 0, 1}, // TTLs differ
    {APEX "x 3600 A 192.0.2.1\nx 60 A 192.0.2.2\n", true, false, 1, 0},
    {APEX "x 60 CNAME y\nx 60 A 192.0.2.2\n", false, false, 1, 0},
    {APEX "x 60 A 192.0.2.300\n", false, false, 1, 0},
    // Both kinds at once.
    {APEX "x 60 CNAME y\nx 60 A 192.0.2.2\ny 60 A nonsense\n", false, false, 2, 0},
    // The SOA is there, only wrong: "no SOA" would be a second error about one mistake.
    {"@ 60 SOA ns1 host 1 2 3 4\n@ 60 NS ns1\nns1 60 A 192.0.2.1\n", false, false, 1, 0},
    {"", false, false, 2, 0}, // no SOA, no NS
};

static void verdict_is(const struct verdict *verdict)
{
    uint8_t wire[NAME_OCTETS_MAX];
    struct name origin;
    assert_int_equal(name_parse("example.test.", 13, NULL, wire, &origin), NAME_TEXT_OK);
    struct records records;
    struct report report = {0};
    struct judge_options options = {
        .strict = verdict->strict, .octets = verdict->text, .size = strlen(verdict->text)};
    records_begin(&records, origin);
    bool good = judge_zone("test.zone", &records, &options, &report);
    if (good != verdict->good || report.errors != verdict->errors ||
        report.warnings != verdict->warnings) {
        report_print(&report, stderr, false);
        fail_msg("%zu errors and %zu warnings in:\n%s", report.errors, report.warnings,
                 verdict->text);
    }
    report_free(&report);
    records_free(&records);
}

static void says_all_and_no_more(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++)
        verdict_is(&verdicts[i]);
}

// The digest is asked for only where it can be: of a zone that is in order but for that.
static void zonemd_when_asked(void **state)
{
    static const struct {
        const char *text;
        bool strict, good, good_unasked;
        enum zonemd_verdict verdict;
        size_t errors, warnings;
    } cases[] = {
        {ZONEMD_ZONE, false, true, true, ZONEMD_VERIFIED, 0, 0},
        {ZONEMD_ZONE, true, true, true, ZONEMD_VERIFIED, 0, 0},
        {ZONEMD_ZONE "a A 192.0.2.2\n", false, false, true, ZONEMD_MISMATCH, 1, 0},
        {ZONEMD_ZONE "a A 192.0.2.1\n", false, true, true, ZONEMD_VERIFIED, 0, 1},
        {ZONEMD_ZONE "a A 192.0.2.1\n", true, false, false, ZONEMD_VERIFIED, 1, 0},
        {ZONEMD_ZONE "a A 192.0.2.300\n", false, false, false, ZONEMD_UNCHECKED, 1, 0},
        {ZONEMD_ZONE "c CNAME b\nc A 192.0.2.1\n", false, false, false, ZONEMD_UNCHECKED, 1, 0},
        {APEX, false, false, true, ZONEMD_NONE, 1, 0},
    };
    (void)state;
    uint8_t wire[NAME_OCTETS_MAX];
    struct name origin;
    assert_int_equal(name_parse("tiny.test.", 10, NULL, wire, &origin), NAME_TEXT_OK);
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        struct records records;
        struct report report = {0};
        enum zonemd_verdict verdict = ZONEMD_VERDICTS;
        bool asked = i % 2;
        struct judge_options options = {.strict = cases[i / 2].strict,
                                        .octets = cases[i / 2].text,
                                        .size = strlen(cases[i / 2].text),
                                        .zonemd = asked ? &verdict : NULL};
        records_begin(&records, origin);
        bool good = judge_zone("test.zone", &records, &options, &report);
        assert_int_equal(good, asked ? cases[i / 2].good : cases[i / 2].good_unasked);
        assert_int_equal(verdict, asked ? cases[i / 2].verdict : ZONEMD_VERDICTS);
        if (asked) {
            assert_int_equal(report.errors, cases[i / 2].errors);
            assert_int_equal(report.warnings, cases[i / 2].warnings);
        }
        report_free(&report);
        records_free(&records);
    }
}

static void missing_file_is_a_problem(void **state)
{
    (void)state;
    struct records records;
    struct report report = {0};
    struct judge_options options = {0};
    records_begin(&records, NAME_ROOT);
    assert_false(judge_zone("/nonexistent/zone", &records, &options, &report));
    assert_true(report.errors >= 1);
    report_free(&report);
    records_free(&records);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_all_and_no_more),
        cmocka_unit_test(zonemd_when_asked),
        cmocka_unit_test(missing_file_is_a_problem),
    };
    return cmocka_run_group_tests_name("zone/judge", tests, NULL, NULL);
}
