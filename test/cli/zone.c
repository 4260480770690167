// `onym zone check|print|stat`.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>

#include "cli/exit.h"
#include "files.h"
#include "spoken.h"

#define BAD_ZONE "$TTL 300\n@ SOA ns h 7 1 2 3 60\n@ NS ns\nns A 192.0.2.300\n"

static void test_check(void **state)
{
    static const struct {
        const char *line;
        int code;
        const char *out;
    } cases[] = {
        {"zone check good.test.zone", EXIT_OK, "good.test. is fine: serial 7, 6 records"},
        {"zone check good.test.zone --strict", EXIT_USAGE, "good.test. would not be served"},
        {"zone check good.test.zone other.test", EXIT_OK, "other.test. is fine"},
        {"zone check bad.test.zone", EXIT_USAGE,
         "bad.test.zone:4:6: error: '192.0.2.300' is not an IPv4 address"},
        {"zone check bad.test.zone", EXIT_USAGE, "bad.test. would not be served"},
        {"zone check nowhere.zone", EXIT_USAGE, "nowhere.zone: error: "},
    };
    (void)state;
    files_begin();
    files_put("good.test.zone", GOOD_ZONE);
    files_put("bad.test.zone", BAD_ZONE);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct spoken spoken = speak(cases[i].line);
        assert_int_equal(spoken.code, cases[i].code);
        if (!strstr(spoken.out, cases[i].out))
            fail_msg("%s: %s", cases[i].line, spoken.out);
        assert_string_equal(spoken.err, "");
        hush(&spoken);
    }
    struct spoken quiet = speak("zone check -q good.test.zone --strict");
    assert_null(strstr(quiet.out, "served"));
    hush(&quiet);
    files_end();
}

static void test_check_json(void **state)
{
    (void)state;
    files_begin();
    files_put("bad.test.zone", BAD_ZONE);
    struct spoken spoken = speak("zone check bad.test.zone --json");
    assert_int_equal(spoken.code, EXIT_USAGE);
    json_t *object = json_loads(spoken.out, 0, NULL);
    assert_int_equal(json_integer_value(json_object_get(object, "v")), 1);
    assert_true(json_is_false(json_object_get(object, "good")));
    assert_string_equal(json_string_value(json_object_get(object, "zone")), "bad.test.");
    const json_t *problem = json_array_get(json_object_get(object, "problems"), 0);
    assert_int_equal(json_integer_value(json_object_get(problem, "line")), 4);
    json_decref(object);
    hush(&spoken);
    files_end();
}

static void test_check_zonemd(void **state)
{
    static const struct {
        const char *line;
        int code;
        const char *out;
    } cases[] = {
        {"zone check tiny.test.zone --zonemd", EXIT_OK, "4 records, verified by its ZONEMD ("},
        {"zone check tiny.test.zone", EXIT_OK, "4 records ("},
        {"zone check --zonemd tiny.test.zone other.test", EXIT_USAGE, // the names are not the same
         "tiny.test.zone:5:1: error: the SHA-384 digest of the zone is "},
        {"zone check --zonemd good.test.zone", EXIT_USAGE,
         "good.test.zone:2:1: error: the zone has no ZONEMD record"},
        {"zone check --zonemd good.test.zone", EXIT_USAGE, "good.test. would not be served"},
        {"zone check --zonemd tiny.test.zone --json", EXIT_OK, ",\"zonemd\":\"verified\","},
        {"zone check --zonemd good.test.zone --json", EXIT_USAGE, ",\"zonemd\":\"none\","},
        {"zone check --zonemd tiny.test.zone other.test --json", EXIT_USAGE,
         ",\"zonemd\":\"mismatch\","},
        {"zone check --zonemd bad.test.zone --json", EXIT_USAGE, ",\"zonemd\":\"unchecked\","},
    };
    (void)state;
    files_begin();
    files_put("good.test.zone", GOOD_ZONE);
    files_put("bad.test.zone", BAD_ZONE);
    files_put("tiny.test.zone", ZONEMD_ZONE);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct spoken spoken = speak(cases[i].line);
        assert_int_equal(spoken.code, cases[i].code);
        if (!strstr(spoken.out, cases[i].out))
            fail_msg("%s: %s", cases[i].line, spoken.out);
        hush(&spoken);
    }
    struct spoken unasked = speak("zone check tiny.test.zone --json");
    assert_null(strstr(unasked.out, "zonemd"));
    hush(&unasked);
    files_end();
}

static void test_print(void **state)
{
    static const char expected[] = "good.test. 300 IN NS ns.good.test.\n"
                                   "good.test. 300 IN SOA ns.good.test. h.good.test. 7 1 2 3 60\n"
                                   "ns.good.test. 300 IN A 192.0.2.1\n"
                                   "sub.good.test. 300 IN NS ns.sub.good.test.\n"
                                   "ns.sub.good.test. 300 IN A 192.0.2.2\n"
                                   "*.w.good.test. 300 IN TXT \"x\"\n";
    (void)state;
    files_begin();
    files_put("good.test.zone", GOOD_ZONE);
    files_put("bad.test.zone", BAD_ZONE);
    struct spoken first = speak("zone print good.test.zone");
    assert_int_equal(first.code, EXIT_OK);
    assert_string_equal(first.out, expected);
    assert_non_null(strstr(first.err, "warning")); // the duplicate; beside the listing
    files_put("again", first.out);
    struct spoken second = speak("zone print again");
    assert_string_equal(second.out, first.out);
    assert_string_equal(second.err, "");
    struct spoken bad = speak("zone print bad.test.zone");
    assert_int_equal(bad.code, EXIT_USAGE);
    assert_string_equal(bad.out, "");
    struct spoken json = speak("zone print good.test.zone --json -q");
    assert_string_equal(json.err, "");
    assert_true(
        strncmp(json.out,
                "{\"v\":1,\"name\":\"good.test.\",\"ttl\":300,\"class\":\"IN\",\"type\":\"NS\","
                "\"data\":\"ns.good.test.\"}\n",
                60) == 0);
    hush(&first);
    hush(&second);
    hush(&bad);
    hush(&json);
    files_end();
}

static void test_stat(void **state)
{
    static const struct {
        const char *key;
        int value;
    } members[] = {{"records", 6},
                   {"names", 6},
                   {"delegations", 1},
                   {"wildcards", 1},
                   {"rrsets", 6},
                   {"dnames", 0},
                   {"serial", 7},
                   {"v", 1},
                   {"empty_non_terminals", 1},
                   {"signed_delegations", 0}};
    (void)state;
    files_begin();
    files_put("good.test.zone", GOOD_ZONE);
    struct spoken spoken = speak("zone stat good.test.zone --json -q");
    assert_int_equal(spoken.code, EXIT_OK);
    json_t *object = json_loads(spoken.out, 0, NULL);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        int value = (int)json_integer_value(json_object_get(object, members[i].key));
        if (value != members[i].value)
            fail_msg("%s: %d", members[i].key, value);
    }
    assert_int_equal(json_integer_value(json_object_get(json_object_get(object, "types"), "A")), 2);
    json_decref(object);
    hush(&spoken);
    spoken = speak("zone stat good.test.zone");
    assert_non_null(strstr(spoken.out, "         2 A\n"));
    assert_non_null(strstr(spoken.out, "         1 delegations\n"));
    hush(&spoken);
    files_end();
}

static void test_unknown_origin(void **state)
{
    (void)state;
    files_begin();
    files_put("x", GOOD_ZONE);
    struct spoken spoken = speak("zone check x");
    assert_int_equal(spoken.code, EXIT_USAGE);
    assert_string_equal(spoken.err,
                        "onym: which zone is in x?\n"
                        "  name it behind the file: onym zone check FILE example.test\n");
    hush(&spoken);
    files_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check),        cmocka_unit_test(test_check_json),
        cmocka_unit_test(test_check_zonemd), cmocka_unit_test(test_print),
        cmocka_unit_test(test_stat),         cmocka_unit_test(test_unknown_origin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
