// Conditions of routes: facts with numbers, and what is wrong with codes, numbers and networks.
#include "routed.h"

#include "conf/wheres.h"

#define RULES(where) "{w: {A: [{where: " where ", give: 192.0.2.1}, {give: 192.0.2.2}]}}"

static void test_facts(void **state)
{
    struct options *options =
        routed_read("{w: {A: [{where: {country: [US, CA], asn: AS64500}, give: 192.0.2.1}, "
                    "{where: {nets: [10.0.0.0/8, \"2001:db8::/32\"], continent: EU}, "
                    "give: 192.0.2.3}, {where: {subdivision: US-CA, country: CA}, "
                    "give: 192.0.2.4}, {give: 192.0.2.2}]}}",
                    "");
    const struct route_spec *spec = routed_first(options);
    const struct places_options *places = &options->places;
    (void)state;
    // In the order of the kinds, not of the file: continent, country, subdivision, asn, nets.
    assert_int_equal(places->fact_count, 6);
    assert_string_equal(places->facts[0].text, "US");
    assert_string_equal(places->facts[1].text, "CA");
    assert_int_equal(places->facts[2].asn, 64500);
    assert_string_equal(places->facts[3].text, "EU");
    assert_int_equal(places->facts[4].net_count, 2);
    assert_string_equal(places->facts[5].text, "US-CA");
    assert_int_equal(spec->rules[0].where.count, 2);
    assert_int_equal(spec->rules[0].where.kinds[0].count, 2);
    assert_int_equal(spec->rules[0].where.kinds[0].list[0], 0); // ascending
    assert_int_equal(spec->rules[2].where.kinds[0].list[0], 1); // the same CA
    assert_int_equal(spec->rules[3].where.count, 0);
    assert_false(places->points);
    options_free(options);
}

static void test_errors(void **state)
{
    static const struct {
        const char *routes, *told;
    } cases[] = {
        {RULES("{country: UK}"), AT "68+2 error: 'UK' is not the code of a country (ISO 3166-1) = "
                                    "did you mean 'GB' (United Kingdom)?\n"},
        {RULES("{continent: [EU, europe]}"),
         AT "75+6 error: 'europe' is not the code of a continent = did you mean 'EU' (Europe)?\n"},
        {RULES("{subdivision: CA}"),
         AT "72+2 error: 'CA' is not the code of a part of a country (ISO 3166-2) = a country's "
            "code, a dash, and the part's: US-CA\n"},
        {RULES("{subdivision: UK-ENG}"),
         AT "72+6 error: 'UK-ENG' is not the code of a part of a country (ISO 3166-2) = did you "
            "mean 'GB' (United Kingdom)?\n"},
        {RULES("{asn: ASx}"), AT "64+3 error: 'ASx' is not the number of an autonomous system = "
                                 "like 64500, or AS64500\n"},
        {RULES("{asn: 0}"), AT "64+1 error: '0' is not the number of an autonomous system = like "
                               "64500, or AS64500\n"},
        {RULES("{nets: [10.0.0.1/8]}"),
         AT "66+10 error: '10.0.0.1/8' is not an address or a prefix = like 192.0.2.0/24 or "
            "\"2001:db8::/32\"; bits past the length are 0\n"},
        {RULES("{nets: [private]}"),
         AT "66+7 error: 'private' is not an address or a prefix = like 192.0.2.0/24 or "
            "\"2001:db8::/32\"; bits past the length are 0\n"},
        {RULES("{country: []}"),
         AT "68+2 error: 'country' has nothing in it: no client is there = remove the key\n"},
        {RULES("{county: CA}"), AT "59+6 error: unknown key 'county' = did you mean 'country'?\n"},
        {RULES("SG"), AT "58+2 error: 'where' must be a map, not a text = like this: where: "
                         "{country: [CA, US]}\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        routed_bad(cases[i].routes, cases[i].told);
}

static void test_cover(void **state)
{
    static const struct {
        const char *earlier, *later;
        bool covered;
    } cases[] = {
        {"{country: [CA, US]}", "{country: US}", true},
        {"{country: US}", "{country: [CA, US]}", false},
        {"{country: US}", "{country: US, asn: 7}", true},
        {"{country: US, asn: 7}", "{country: US}", false},
        {"{continent: NA}", "{country: US}", false}, // true, but only a database says so
        {"{}", "{country: US}", true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        // Each may be dead, so nothing is told of them here.
        char *routes = memory_format("{w: {A: [{where: %s, give: 192.0.2.1}, {give: 192.0.2.2}]},"
                                     " x: {A: [{where: %s, give: 192.0.2.1}, {give: 192.0.2.2}]}}",
                                     cases[i].earlier, cases[i].later);
        struct report report = {0};
        char *text = memory_format("zones: {example.test: {file: z, routes: %s}}\n", routes);
        struct options *options = options_read_text("a.yaml", text, strlen(text), &report);
        assert_non_null(options);
        assert_int_equal(wheres_cover(&options->routing.routes[0].rules[0].where,
                                      &options->routing.routes[1].rules[0].where, options),
                         cases[i].covered);
        report_free(&report);
        options_free(options);
        free(text);
        free(routes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_facts),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_cover),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
