// Routes: names, TTLs, ways to choose, and rules that nobody gets to.
#include "routed.h"

#include "conf/show.h"

static void test_contract(void **state)
{
    static const char text[] =
        "access: {ecs: [localhost, 198.51.100.0/24]}\n"
        "places: {databases: [country.mmdb, /x/asn.mmdb]}\n"
        "zones:\n"
        "  \"example.test\":\n"
        "    file: example.test.zone\n"
        "    routes:\n"
        "      \"www\":\n"
        "        A:\n"
        "          - {where: {country: SG}, give: [192.0.2.10, 192.0.2.11]}\n"
        "          - {where: {country: [CA, US]}, give: [{addr: 192.0.2.20, weight: 3}, "
        "192.0.2.21]}\n"
        "          - {give: [192.0.2.99]}\n";
    struct report report = {0};
    struct options *options = options_read_text("d/a.yaml", text, strlen(text), &report);
    (void)state;
    told_expect(&report, "", text);
    assert_int_equal(options->ecs_count, 2);
    assert_string_equal(options->places.databases[0].path, "d/country.mmdb");
    assert_string_equal(options->places.databases[1].path, "/x/asn.mmdb");
    const struct route_spec *spec = routed_first(options);
    const struct route_mark *mark = spec->mark;
    char owner[NAME_TEXT_MAX];
    name_print(spec->owner, owner);
    assert_string_equal(owner, "www.example.test.");
    assert_int_equal(spec->zone_labels, 2);
    assert_int_equal(spec->type, TYPE_A);
    assert_int_equal(spec->rule_count, 3);
    assert_int_equal(mark->rules[1].line, 10);
    assert_int_equal(spec->rules[0].choose, ROUTE_ALL);
    assert_int_equal(spec->rules[1].choose, ROUTE_WEIGHTED); // weights are there to be used
    assert_int_equal(spec->rules[1].dead, ROUTE_DEAD_NEXT);
    assert_int_equal(spec->rules[2].ttl, ROUTE_NO_TTL);
    options_free(options);
}

static void test_names(void **state)
{
    struct options *options =
        routed_read("{\"@\": {A: {give: 192.0.2.1}}, \"*.x\": {A: {give: 192.0.2.1}}, "
                    "www.example.test.: {ttl: 5m, A: [{ttl: 30, where: {asn: 7}, give: 192.0.2.1}, "
                    "{give: 192.0.2.2}]}}",
                    "");
    static const char *const owners[] = {"example.test.", "*.x.example.test.", "www.example.test."};
    (void)state;
    assert_int_equal(options->routing.count, 3);
    for (size_t i = 0; i < 3; i++) {
        char owner[NAME_TEXT_MAX];
        name_print(options->routing.routes[i].owner, owner);
        assert_string_equal(owner, owners[i]);
    }
    assert_int_equal(options->routing.routes[2].rules[0].ttl, 30);
    assert_int_equal(options->routing.routes[2].rules[1].ttl, 300);
    options_free(options);
}

static void test_choosing(void **state)
{
    struct options *options = routed_read(
        "{w: {A: [{where: {asn: 7}, give: [192.0.2.1, 192.0.2.2], choose: weighted, count: 1, "
        "dead: none, sticky: true}, {give: 192.0.2.1, sticky: {ipv4: 16}}]}, "
        "c: {CNAME: [{give: [a, b]}]}}",
        "");
    const struct route_rule *rules = routed_first(options)->rules;
    (void)state;
    assert_int_equal(rules[0].choose, ROUTE_WEIGHTED);
    assert_int_equal(rules[0].count, 1);
    assert_int_equal(rules[0].dead, ROUTE_DEAD_NONE);
    assert_int_equal(rules[0].sticky_v4, 24);
    assert_int_equal(rules[0].sticky_v6, 56);
    assert_int_equal(rules[1].sticky_v4, 16);
    assert_int_equal(rules[1].sticky_v6, 56);
    assert_int_equal(options->routing.routes[1].rules[0].count, 1); // one alias at a time
    options_free(options);
}

static void test_errors(void **state)
{
    static const struct {
        const char *routes, *told;
    } cases[] = {
        {"{w: {A: [{where: {asn: 7}, give: 192.0.2.1}]}}",
         AT "50+34 error: the last rule has a 'where': for clients of other places there is none = "
            "end with one without 'where': {give: [...]}\n"},
        {"{w: {A: []}}", AT "49+2 error: a route without a rule = like this: [{give: "
                            "[192.0.2.1]}]\n"},
        {"{w: {A: [{where: {asn: 7}}, {give: 192.0.2.1}]}}",
         AT "50+17 error: a rule that gives nothing: it has no 'give' = like this: give: "
            "[192.0.2.1]\n"},
        {"{w: {A: [x]}}", AT "50+1 error: a rule must be a map, not a text = like this: {where: "
                             "{country: SG}, give: [192.0.2.1]}\n"},
        {"{w: x}", AT "45+1 error: what a name has must be a map, not a text = like this: \"www\": "
                      "{A: [{give: [192.0.2.1]}]}\n"},
        {"{w: {A: {give: 192.0.2.1, chose: all}}}",
         AT "67+5 error: unknown key 'chose' = did you mean 'choose'?\n"},
        {"{w: {A: {give: 192.0.2.1, choose: nearest}}}",
         AT "75+7 error: the nearest of records without a place = give them some: {addr: "
            "192.0.2.1, at: [1.35, 103.82]}\n"},
        {"{w: {A: {give: 192.0.2.1, choose: best}}}",
         AT "75+4 error: 'best' is not a way to choose = it is one of all, weighted, nearest\n"},
        {"{w: {A: {give: 192.0.2.1, sticky: {ipv4: 33}}}}",
         AT "82+2 error: '33' is not a prefix length: a number from 1 to 32\n"},
        {"{w: {ttl: 1x, A: {give: 192.0.2.1}}}",
         AT "51+2 error: '1x' is not a time to live = like 30s, 5m, or a number of seconds\n"},
        {"{x.invalid.: {A: {give: 192.0.2.1}}}",
         AT "42+10 error: 'x.invalid.' is not in the zone example.test. = write it without the "
            "last dot\n"},
        {"{\"a..b\": {A: {give: 192.0.2.1}}}", AT "42+6 error: 'a..b' is not a name: empty label "
                                                  "(two dots in a row, or a dot at the start)\n"},
        {"{w: {CNAME: {give: a}, A: {give: 192.0.2.1}}}",
         AT "42+1 error: 'w' has a CNAME and other types = an alias stands alone (RFC 1034 "
            "3.6.2)\n"},
        {"{\"@\": {CNAME: {give: a}}}",
         AT "42+3 error: a CNAME at the apex of a zone, where SOA and NS are (RFC 1034 3.6.2) = "
            "use ALIAS there\n"},
        {"{w: {A: {give: 192.0.2.1}}, w.example.test.: {A: {give: 192.0.2.1}}}",
         AT "33+6 error: the name w.example.test. has two routes of one type = remove one of "
            "them\n"},
        {"x", AT "41+1 error: 'routes' must be a map, not a text = like this: routes: {\"www\": "
                 "{A: [{give: [192.0.2.1, 192.0.2.2]}]}}\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        routed_bad(cases[i].routes, cases[i].told);
}

static void test_unreachable(void **state)
{
    struct options *options = routed_read(
        "{w: {A: [{where: {country: [CA, US]}, give: 192.0.2.1}, {where: {country: US, asn: 7}, "
        "give: 192.0.2.2}, {give: 192.0.2.3}]}}",
        AT "97+47 warning: no client gets to this rule: the one at a.yaml:1 takes them all = "
           "remove it, or put it before that one\n");
    (void)state;
    options_free(options);
}

static void test_show(void **state)
{
    struct options *options = routed_read("{w: {A: [{give: 192.0.2.1}]}}", "");
    struct buffer text = {0};
    (void)state;
    options_show(options, (struct show_style){0}, &text);
    assert_string_equal(buffer_text(&text), "zones:\n  \"example.test.\": {file: z, routes: {w: "
                                            "{A: [{give: \"192.0.2.1\"}]}}}\n");
    buffer_free(&text);
    options_free(options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contract),    cmocka_unit_test(test_names),
        cmocka_unit_test(test_choosing),    cmocka_unit_test(test_errors),
        cmocka_unit_test(test_unreachable), cmocka_unit_test(test_show),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
