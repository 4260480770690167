// `onym check`: one report over all files.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>

#include "cli/exit.h"
#include "files.h"
#include "spoken.h"

static void put_files(void)
{
    files_begin();
    files_put("good.yaml", "version: 1\nzones:\n  \"a.test\": {file: a.test.zone}\n");
    files_put("broken.yaml", "version: 1\nzonez: {}\nlog: {level: loud}\n");
    files_put("zones.yaml", "version: 1\nzones:\n  \"a.test\": {file: a.test.zone}\n"
                            "  \"b.test\": {file: b.test.zone}\n");
    files_put("zonemd.yaml", "version: 1\nzones:\n"
                             "  \"tiny.test\": {file: tiny.zone, zonemd: true}\n"
                             "  \"other.test\": {file: tiny.zone, zonemd: false}\n");
    files_put("wrong.yaml", "version: 1\nzones:\n"
                            "  \"other.test\": {file: tiny.zone, zonemd: true}\n");
    files_put("tiny.zone", ZONEMD_ZONE);
    files_put("a.test.zone", "$TTL 300\n@ SOA ns.a.test. h 7 1 2 3 60\n@ NS ns.b.test.\n");
    files_put("b.test.zone", "$TTL 300\n@ SOA ns.a.test. h 7 1 2 3 60\n");
    files_put("w.test.zone",
              "$TTL 300\n@ SOA n. h 7 1 2 3 60\n@ NS n.\nx A 1.2.3.4\nx A 1.2.3.4\n");
}

static void test_files(void **state)
{
    static const struct {
        const char *line;
        int code;
        const char *out;
    } cases[] = {
        {"check -c good.yaml", EXIT_OK, "no problems in 1 configuration, 1 zone ("},
        {"check good.yaml", EXIT_OK, "no problems in 1 configuration, 1 zone ("},
        {"check a.test.zone", EXIT_OK, "no problems in 1 zone ("},
        {"check -c broken.yaml", EXIT_USAGE, "did you mean 'zones'?"},
        {"check -c broken.yaml", EXIT_USAGE,
         "2 errors in 1 file\nlooked at 1 configuration, 0 zones"},
        {"check -c broken.yaml", EXIT_USAGE, "The zones of the configuration come next"},
        {"check -c zones.yaml", EXIT_USAGE, "b.test.zone"},
        {"check -c zones.yaml", EXIT_USAGE, "looked at 1 configuration, 2 zones"},
        {"check broken.yaml b.test.zone a.test.zone", EXIT_USAGE, "3 errors in 2 files"},
        {"check -c good.yaml w.test.zone", EXIT_OK, "1 warning in 1 file"},
        {"check -c good.yaml w.test.zone --strict", EXIT_USAGE, "1 error in 1 file"},
        {"check -c zonemd.yaml", EXIT_OK, "no problems in 1 configuration, 2 zones ("},
        {"check -c wrong.yaml", EXIT_USAGE, "tiny.zone:5:1: error: the SHA-384 digest"},
        {"check nowhere.yaml", EXIT_USAGE, "nowhere.yaml"},
        {"check nowhere.zone", EXIT_USAGE, "nowhere.zone"},
    };
    (void)state;
    put_files();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct spoken spoken = speak(cases[i].line);
        if (spoken.code != cases[i].code || !strstr(spoken.out, cases[i].out))
            fail_msg("%s: exit %d: %s", cases[i].line, spoken.code, spoken.out);
        assert_string_equal(spoken.err, "");
        hush(&spoken);
    }
    files_end();
}

static void test_json(void **state)
{
    (void)state;
    put_files();
    struct spoken spoken = speak("check --json broken.yaml b.test.zone");
    assert_int_equal(spoken.code, EXIT_USAGE);
    json_t *object = json_loads(spoken.out, 0, NULL);
    assert_int_equal(json_integer_value(json_object_get(object, "v")), 1);
    assert_true(json_is_false(json_object_get(object, "good")));
    assert_true(json_is_true(json_object_get(object, "zones_unknown")));
    assert_int_equal(json_integer_value(json_object_get(object, "errors")), 3);
    assert_int_equal(json_array_size(json_object_get(object, "problems")), 3);
    json_decref(object);
    hush(&spoken);
    files_end();
}

static void test_quiet(void **state)
{
    (void)state;
    put_files();
    struct spoken spoken = speak("check -q good.yaml");
    assert_int_equal(spoken.code, EXIT_OK);
    assert_string_equal(spoken.out, "");
    hush(&spoken);
    files_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_files), cmocka_unit_test(test_json),
                                       cmocka_unit_test(test_quiet)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
