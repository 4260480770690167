// A routed name as JSON: its rules, who gets to them, and what one client is told.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>

#include "cli/exit.h"
#include "cli/members.h"
#include "routed.h"
#include "spoken.h"

static json_t *ask(const char *words)
{
    char line[300];
    snprintf(line, sizeof line, "zone route %s -c onym.yaml --json", words);
    struct spoken spoken = speak(line);
    if (spoken.code != EXIT_OK)
        fail_msg("%s: %s", line, spoken.err);
    json_t *routed = json_loads(spoken.out, 0, NULL);
    assert_non_null(routed);
    hush(&spoken);
    return routed;
}

static const json_t *route_at(const json_t *routed, size_t index)
{
    return json_array_get(json_object_get(routed, "routes"), index);
}

static void test_rules(void **state)
{
    static const size_t reached[] = {1, 0, 2, 0, 0, 247};
    (void)state;
    routed_begin();
    json_t *routed = ask("www.example.test");
    assert_string_equal(text_of(routed, "zone"), "example.test.");
    assert_string_equal(text_of(routed, "health"), "assumed");
    assert_int_equal(json_array_size(json_object_get(routed, "routes")), 2);
    const json_t *rules = json_object_get(route_at(routed, 0), "rules");
    assert_int_equal(json_array_size(rules), 6);
    for (size_t i = 0; i < 6; i++) {
        const json_t *rule = json_array_get(rules, i);
        assert_int_equal(number_of(rule, "rule"), i + 1);
        assert_string_equal(text_of(rule, "file"), "onym.yaml");
        assert_int_equal(json_array_size(json_object_get(rule, "countries")), reached[i]);
    }
    assert_int_equal(number_of(json_array_get(rules, 0), "line"), 10);
    assert_int_equal(number_of(json_array_get(rules, 0), "column"), 13);
    char *where = json_dumps(json_object_get(json_array_get(rules, 4), "where"), JSON_COMPACT);
    assert_string_equal(where, "{\"continent\":[\"EU\"],\"nets\":[\"10.0.0.0/8\"]}");
    free(where);
    const json_t *items = json_object_get(json_array_get(rules, 2), "items");
    assert_int_equal(number_of(json_array_get(items, 0), "share"), 75);
    assert_int_equal(number_of(json_array_get(items, 1), "share"), 25);
    json_decref(routed);
    files_end();
}

static void test_nearest(void **state)
{
    (void)state;
    routed_begin();
    json_t *routed = ask("near.example.test");
    const json_t *rule = json_array_get(json_object_get(route_at(routed, 0), "rules"), 0);
    const json_t *items = json_object_get(rule, "items");
    size_t first = json_array_size(json_object_get(json_array_get(items, 0), "countries"));
    size_t second = json_array_size(json_object_get(json_array_get(items, 1), "countries"));
    // Those that are not on the map are at no place, and have neither.
    assert_true(first > 80 && second > 80 && first + second > 230 && first + second < 250);
    const json_t *at = json_object_get(json_array_get(items, 1), "at");
    assert_float_equal(json_number_value(json_array_get(at, 0)), 43.7, 0.01);
    assert_float_equal(json_number_value(json_array_get(at, 1)), -79.4, 0.01);
    json_decref(routed);
    files_end();
}

static void test_clients(void **state)
{
    static const struct {
        const char *words;
        int rule;
        const char *outcome, *by, *gives;
        int scope, ttl; // scope -1: not said
    } cases[] = {
        {"www.example.test A --from 192.0.2.7", 1, "chosen", "all", "192.0.2.10 192.0.2.11", 24,
         60},
        {"www.example.test A --from 192.0.2.0/25", 1, "chosen", "all", "192.0.2.10 192.0.2.11", 24,
         60},
        {"www.example.test A --from ::ffff:192.0.2.7", 1, "chosen", "all", "192.0.2.10 192.0.2.11",
         24, 60},
        {"www.example.test A --from SG", 1, "chosen", "all", "192.0.2.10 192.0.2.11", -1, 60},
        {"www.example.test A --from 198.51.100.1", 2, "chosen", "all", "192.0.2.15", 24, 9},
        {"www.example.test A --from US-CA", 2, "chosen", "all", "192.0.2.15", -1, 9},
        {"www.example.test A --from US-TX", 3, "chosen", "lot", "192.0.2.20 192.0.2.21", -1, 60},
        {"www.example.test A --from 2001:db8::7", 3, "chosen", "lot", "192.0.2.20 192.0.2.21", 32,
         60},
        {"www.example.test A --from AS64500", 4, "chosen", "lot", "192.0.2.50 192.0.2.51", -1, 60},
        {"www.example.test A --from 10.1.2.3", 5, "chosen", "all", "192.0.2.30", 8, 60},
        {"www.example.test A --from EU", 6, "chosen", "all", "192.0.2.99", -1, 60},
        {"near.example.test A --from 1,100", 1, "chosen", "nearest", "192.0.2.1", -1, 60},
        {"near.example.test A --from 45,-75", 1, "chosen", "nearest", "192.0.2.2", -1, 60},
        {"near.example.test A --from CA", 1, "chosen", "nearest", "192.0.2.2", -1, 60},
        {"near.example.test A --from 192.0.2.7", 1, "chosen", "nearest", "192.0.2.1", 24, 60},
        {"near.example.test A --from AS64500", 1, "chosen", "lot", "192.0.2.1 192.0.2.2", -1, 60},
        {"www.example.test A --from 10.1.2.3 --view inside", 1, "chosen", "all", "10.0.0.1", -1,
         60},
    };
    (void)state;
    routed_begin();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *routed = ask(cases[i].words);
        const json_t *verdict = json_object_get(route_at(routed, 0), "verdict"), *given;
        char gives[200] = "";
        size_t index;
        json_array_foreach(json_object_get(verdict, "gives"), index, given)
            snprintf(gives + strlen(gives), sizeof gives - strlen(gives), "%s%s", index ? " " : "",
                     text_of(given, "data"));
        if (number_of(verdict, "rule") != cases[i].rule)
            fail_msg("%s: rule %g", cases[i].words, number_of(verdict, "rule"));
        assert_string_equal(text_of(verdict, "outcome"), cases[i].outcome);
        assert_string_equal(text_of(verdict, "by"), cases[i].by);
        assert_string_equal(gives, cases[i].gives);
        const json_t *scope = json_object_get(verdict, "scope");
        assert_int_equal(scope ? json_integer_value(scope) : -1, cases[i].scope);
        const json_t *record = json_array_get(json_object_get(verdict, "answer"), 0);
        assert_int_equal(number_of(record, "ttl"), cases[i].ttl);
        assert_non_null(strstr(cases[i].gives, text_of(record, "data")));
        json_decref(routed);
    }
    files_end();
}

// A client with an address has its own record of a sticky rule, the same each time.
static void test_sticky(void **state)
{
    (void)state;
    routed_begin();
    char first[64] = "";
    for (unsigned i = 0; i < 5; i++) {
        json_t *routed = ask("www.example.test A --from 203.0.113.9");
        const json_t *verdict = json_object_get(route_at(routed, 0), "verdict");
        const json_t *gives = json_object_get(verdict, "gives");
        assert_string_equal(text_of(verdict, "by"), "sticky");
        assert_int_equal(json_array_size(gives), 1);
        if (i == 0)
            snprintf(first, sizeof first, "%s", text_of(json_array_get(gives, 0), "data"));
        assert_string_equal(text_of(json_array_get(gives, 0), "data"), first);
        json_decref(routed);
    }
    files_end();
}

static void test_aliases(void **state)
{
    (void)state;
    routed_begin();
    json_t *routed = ask("alias.example.test AAAA --from SG");
    const json_t *verdict = json_object_get(route_at(routed, 0), "verdict");
    assert_string_equal(text_of(verdict, "alias"), "shop.example.net.");
    assert_null(json_object_get(verdict, "rcode"));
    json_decref(routed);
    routed = ask("step.example.test A --from SG");
    verdict = json_object_get(route_at(routed, 0), "verdict");
    const json_t *last = json_array_get(json_object_get(verdict, "answer"), 1);
    assert_string_equal(text_of(last, "name"), "ns.example.test.");
    assert_string_equal(text_of(last, "data"), "192.0.2.1");
    json_decref(routed);
    files_end();
}

static void test_databases(void **state)
{
    (void)state;
    routed_begin();
    json_t *routed = ask("www.example.test A --from 192.0.2.7");
    const json_t *from = json_object_get(routed, "from");
    const json_t *said = json_array_get(json_object_get(from, "says"), 0);
    assert_string_equal(text_of(said, "database"), "tiny.mmdb");
    assert_string_equal(text_of(said, "country"), "SG");
    assert_string_equal(text_of(said, "continent"), "AS");
    assert_float_equal(number_of(said, "latitude"), 1.3, 0.001);
    char *holds = json_dumps(json_object_get(from, "holds"), JSON_COMPACT);
    assert_string_equal(holds, "{\"country\":[\"SG\"]}");
    free(holds);
    json_decref(routed);
    routed = ask("www.example.test A --from 192.1.2.3");
    from = json_object_get(routed, "from");
    assert_int_equal(json_array_size(json_object_get(from, "says")), 0);
    json_decref(routed);
    files_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules),   cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_clients), cmocka_unit_test(test_sticky),
        cmocka_unit_test(test_aliases), cmocka_unit_test(test_databases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
