// Health checks: what they become, and what only several keys together show.
#include "routed.h"

#include "base/limits.h"

static struct options *read_checks(const char *checks, const char *told)
{
    struct report report = {0};
    char *text = memory_format("checks: %s\n", checks);
    struct options *options = options_read_text("d/a.yaml", text, strlen(text), &report);
    told_expect(&report, told, text);
    free(text);
    return options;
}

static void test_kinds(void **state)
{
    struct options *options = read_checks(
        "{web: {http: \"/health\", interval: 5s, rise: 2, fall: 3}, "
        "safe: {https: /, port: 8443, host: www.example.test, verify: true, status: [200, 204], "
        "text: ready, timeout: 1s}, sql: {tcp: 5432}, own: {script: check.sh}}",
        "");
    const struct check_option *checks = options->checks;
    (void)state;
    assert_int_equal(options->check_count, 4);
    assert_string_equal(checks[0].name, "web");
    assert_int_equal(checks[0].kind, PROBE_HTTP);
    assert_string_equal(checks[0].path, "/health");
    assert_int_equal(checks[0].port, 80);
    assert_int_equal(checks[0].interval_ms, 5000);
    assert_int_equal(checks[0].timeout_ms, 2000);
    assert_int_equal(checks[0].status_count, 0);
    assert_string_equal(checks[0].host, "");
    assert_int_equal(checks[1].kind, PROBE_HTTPS);
    assert_int_equal(checks[1].port, 8443);
    assert_true(checks[1].verify);
    assert_int_equal(checks[1].status_count, 2);
    assert_int_equal(checks[1].statuses[1], 204);
    assert_string_equal(checks[1].text, "ready");
    assert_string_equal(checks[1].host, "www.example.test");
    assert_int_equal(checks[2].kind, PROBE_TCP);
    assert_int_equal(checks[2].port, 5432);
    assert_int_equal(checks[2].interval_ms, 10000);
    assert_int_equal(checks[2].rise, 2);
    assert_int_equal(checks[2].fall, 3);
    assert_int_equal(checks[3].kind, PROBE_SCRIPT);
    assert_string_equal(checks[3].path, "d/check.sh");
    options_free(options);
}

static void test_errors(void **state)
{
    static const struct {
        const char *checks, *told;
    } cases[] = {
        {"{web: {interval: 5s}}",
         "d/a.yaml:1:10+3 error: check 'web' does not say what to look at = like this: {http: "
         "\"/health\"}, or tcp: 5432, or script: /usr/local/bin/check\n"},
        {"{web: {http: /, tcp: 80}}",
         "d/a.yaml:1:30+2 error: check 'web' is of two kinds = make two checks of it\n"},
        {"{web: {http: health}}",
         "d/a.yaml:1:22+6 error: 'health' is not the path of a page = the address is that of the "
         "record: write what stands behind it, like /health\n"},
        {"{web: {http: /, interval: 2s}}",
         "d/a.yaml:1:10+3 error: check 'web' may still be under way when the next one begins = "
         "give it a shorter 'timeout', or a longer 'interval'\n"},
        {"{web: {tcp: 80, port: 80}}",
         "d/a.yaml:1:31+2 error: 'port' says nothing for this kind of check = the port stands "
         "behind 'tcp'\n"},
        {"{web: {http: /, verify: true}}",
         "d/a.yaml:1:33+4 error: 'verify' says nothing for this kind of check = remove it\n"},
        {"{web: {http: /, fal: 3}}",
         "d/a.yaml:1:25+3 error: unknown key 'fal' = did you mean 'fall'?\n"},
        {"{web: {http: /, status: [99]}}",
         "d/a.yaml:1:34+2 error: '99' is not a number from 100 to 599\n"},
        {"{web: /}", "d/a.yaml:1:15+1 error: an entry of 'checks' must be a map, not a text = like "
                     "this: checks: {web: {http: \"/health\", interval: 5s}}\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_null(read_checks(cases[i].checks, cases[i].told));
}

// Two routes that check one address in the same way have one target.
static void test_targets(void **state)
{
    struct report report = {0};
    static const char text[] =
        "checks: {web: {http: /}, sql: {tcp: 5432}}\n"
        "zones: {example.test: {file: z, routes: {"
        "a: {A: [{give: [192.0.2.1, 192.0.2.2], check: web}]}, "
        "b: {A: [{give: [192.0.2.2], check: web}], AAAA: [{give: \"2001:db8::1\", check: sql}]}, "
        "c: {A: [{give: [192.0.2.2], check: sql}]}}}}\n";
    struct options *options = options_read_text("a.yaml", text, strlen(text), &report);
    (void)state;
    told_expect(&report, "", text);
    assert_int_equal(options->target_count, 4);
    assert_int_equal(options->routing.routes[0].rules[0].items[1].target, 1);
    assert_int_equal(options->routing.routes[1].rules[0].items[0].target, 1);
    assert_int_equal(options->routing.routes[3].rules[0].items[0].target, 3);
    assert_int_equal(options->targets[3].check, 1);
    options_free(options);
    options = routed_read("{a: {A: [{give: 192.0.2.1, check: wep}]}}",
                          "a.yaml:1:75+3 error: there is no check 'wep' = write it into 'checks', "
                          "like this: checks: {wep: {http: \"/health\"}}\n");
    assert_null(options);
}

// More addresses than are looked after.
static void test_too_many(void **state)
{
    struct buffer text = {0};
    struct report report = {0};
    (void)state;
    buffer_add_text(&text, "checks: {t: {tcp: 80}}\nzones: {a.test: {file: z, routes: {\n");
    for (unsigned i = 0; i <= CHECK_TARGETS_MAX; i++)
        buffer_format(&text, "n%u: {A: [{give: 10.0.%u.%u, check: t}]},\n", i, i >> 8, i & 255);
    buffer_add_text(&text, "}}}\n");
    assert_null(options_read_text("a.yaml", text.text, text.size, &report));
    told_expect(&report, "a.yaml:10003:40+1 error: more than 10000 addresses are checked\n",
                "many");
    buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_targets),
        cmocka_unit_test(test_too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
