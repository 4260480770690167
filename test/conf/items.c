// What rules give: records of each type, weights, points, and what is wrong with them.
#include "routed.h"

#include <math.h>

#define GIVE(type, give) "{w: {" type ": [{give: " give "}]}}"

static void check_rdata(const char *type, const char *give, const void *octets, size_t size)
{
    char *routes = memory_format("{w: {%s: [{give: %s}]}}", type, give);
    struct options *options = routed_read(routes, "");
    const struct route_spec *spec = routed_first(options);
    assert_int_equal(spec->rules[0].items[0].rdata_size, size);
    assert_memory_equal(spec->rules[0].items[0].rdata, octets, size);
    assert_int_equal(spec->rules[0].items[0].weight, 1);
    assert_int_equal(spec->rules[0].items[0].target, ROUTE_NO_TARGET);
    options_free(options);
    free(routes);
}

static void test_records(void **state)
{
    char *text = memory_format("\"%0300d\"", 0);
    uint8_t strings[302];
    (void)state;
    check_rdata("A", "192.0.2.1", "\300\0\2\1", 4);
    check_rdata("AAAA", "\"2001:db8::1\"", "\40\1\15\270\0\0\0\0\0\0\0\0\0\0\0\1", 16);
    check_rdata("CNAME", "x", "\1x\7example\4test", 16);
    check_rdata("CNAME", "x.invalid.", "\1x\7invalid", 11);
    check_rdata("TXT", "\"a b; \\\"c\\\"\"", "\10a b; \"c\"", 9);
    check_rdata("TXT", "\"\"", "", 1);
    check_rdata("HTTPS", "\"1 . alpn=h2\"", "\0\1\0\0\1\0\3\2h2", 10);
    memset(strings, '0', sizeof strings);
    strings[0] = 255;
    strings[256] = 45;
    check_rdata("TXT", text, strings, 302);
    free(text);
}

static void test_beside(void **state)
{
    struct options *options = routed_read(
        "{w: {A: [{choose: nearest, count: 2, give: [{addr: 192.0.2.1, weight: 3, at: [0, 90]}, "
        "192.0.2.2]}]}}",
        "");
    const struct route_rule *rule = routed_first(options)->rules;
    (void)state;
    assert_int_equal(rule->item_count, 2);
    assert_int_equal(rule->count, 2);
    assert_int_equal(rule->items[0].weight, 3);
    assert_true(rule->items[0].is_placed && !rule->items[1].is_placed);
    assert_true(fabsf(rule->items[0].point.y - 1) < 1e-6f);
    assert_true(options->places.points);
    options_free(options);
}

static void test_errors(void **state)
{
    static const struct {
        const char *routes, *told;
    } cases[] = {
        {GIVE("A", "192.0.2.300"),
         AT "57+11 error: '192.0.2.300' is not an IPv4 address (octet 300 > 255)\n"},
        {GIVE("A", "\"2001:db8::1\""),
         AT "57+13 error: '2001:db8::1' is not an IPv4 address (':' cannot stand in it) = it is an "
            "IPv6 address, which an AAAA record takes\n"},
        {GIVE("A", "[]"), AT "57+2 error: a place without a record = like this: give: "
                             "[192.0.2.1]\n"},
        {GIVE("A", "[192.0.2.1, 192.0.2.1]"),
         AT "69+9 error: this record is there already = write it once, with a weight\n"},
        {GIVE("A", "[{adr: 192.0.2.1}]"),
         AT "59+3 error: unknown key 'adr' = did you mean 'addr'?\n" AT
            "58+16 error: a record without 'addr' = like this: {addr: 192.0.2.1, weight: 3}\n"},
        {GIVE("TXT", "[{addr: x}]"),
         AT "61+4 error: unknown key 'addr' = the keys here are data, weight, at\n" AT
            "60+9 error: a record without 'data' = like this: {data: target.example.net., weight: "
            "3}\n"},
        {GIVE("A", "[{addr: 192.0.2.1, weight: 10001}]"),
         AT "84+5 error: '10001' is not a weight: a number from 0 to 10000\n"},
        {GIVE("A", "[{addr: 192.0.2.1, at: [91, 0]}]"),
         AT "81+2 error: '91' is not a number of degrees from -90 to 90 = latitude and longitude: "
            "[1.35, 103.82]\n"},
        {GIVE("A", "[{addr: 192.0.2.1, at: 7}]"),
         AT "80+1 error: 'at' must be a list of a latitude and a longitude = like this: at: "
            "[1.35, 103.82]\n"},
        {"{w: {MX: [{give: x}]}}",
         AT "46+2 error: 'MX' is no type that a route can give, nor 'ttl' = routes are for A, "
            "AAAA, CNAME, TXT, SVCB, HTTPS, ALIAS\n"},
        {"{w: {AAA: [{give: x}]}}",
         AT "46+3 error: 'AAA' is no type that a route can give, nor 'ttl' = did you mean "
            "'AAAA'?\n"},
        {"{w: {A: [{give: 192.0.2.1, check: web}]}}",
         AT "75+3 error: there is no check 'web' = write it into 'checks', like this: checks: "
            "{web: {http: \"/health\"}}\n"},
        {"{w: {TXT: [{give: a, check: web}]}}",
         AT "69+3 error: a check of what is no address = only A and AAAA can have one\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        routed_bad(cases[i].routes, cases[i].told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_beside),
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
