// APL: the examples of RFC 3123 5, and what is malformed.
#include "records.h"

#include "dns/apl.h"

static void test_taken(void **state)
{
    static const struct {
        const char *text, *hex, *printed;
    } cases[] = {
        {"APL 1:192.168.32.0/21 !1:192.168.38.0/28", "0001 15 03 C0A820 0001 1C 83 C0A826",
         "1:192.168.32.0/21 !1:192.168.38.0/28"},
        {"APL 1:192.168.42.0/26 1:192.168.42.64/26 !1:192.168.42.128/25",
         "0001 1A 03 C0A82A 0001 1A 04 C0A82A40 0001 19 84 C0A82A80",
         "1:192.168.42.0/26 1:192.168.42.64/26 !1:192.168.42.128/25"},
        {"APL 1:127.0.0.1/32 1:172.16.64.0/22", "0001 20 04 7F000001 0001 16 03 AC1040",
         "1:127.0.0.1/32 1:172.16.64.0/22"},
        {"APL 1:224.0.0.0/4  2:FF00:0:0:0:0:0:0:0/8", "0001 04 01 E0 0002 08 01 FF",
         "1:224.0.0.0/4 2:ff00::/8"},
        {"APL 1:0.0.0.0/0 !2:::/128", "0001 00 00 0002 80 80", "1:0.0.0.0/0 !2:::/128"},
        {"APL", "", "\\# 0"}, // RFC 3123 4: zero items are a list too
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t rdata[RDATA_MAX];
        uint16_t type;
        size_t size = rdata_of(cases[i].text, &type, rdata);
        assert_octets(rdata, size, cases[i].hex);
        assert_prints(type, rdata, size, cases[i].printed);
    }
}

static void test_refused(void **state)
{
    static const char *const texts[] = {"1:192.168.32.0",    "1:192.168.32.0/33",
                                        "3:192.168.32.0/21", "192.168.32.0/21",
                                        "1:192.168.32.0/",   "1:192.168.32/21",
                                        "2:::/129",          "!",
                                        "!!1:192.168.0.0/8", "1:",
                                        "2:192.168.32.0/21", "\"\""};
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        uint8_t rdata[RDATA_MAX];
        char record[100] = "APL 1:0.0.0.0/0 ";
        uint16_t type;
        size_t size;
        struct rdata_problem problem;
        assert_false(parse_record(strcat(record, texts[i]), &type, rdata, &size, &problem));
        assert_non_null(strstr(problem.message, "is not an address prefix of APL"));
        assert_true(problem.hint[0]);
    }
}

static void test_octets(void **state)
{
    static const struct {
        const char *hex;
        bool sound, doubtful;
    } cases[] = {
        {"", true, false},
        {"0001 20 04 7F000001", true, false},
        {"4007 FF 02 AABB", true, true}, // family 16391: IANA knows it, we do not
        {"0001 20 04 7F0000", false, false},
        {"0001 20", false, false},
        {"0001 20 04 7F000100", false, false}, // a zero octet at the end
        {"0001 20 05 7F00000101", false, false},
        {"0001 21 04 7F000001", false, false},
        {"0002 81 01 7F", false, false},
        {"0001 20 04 7F000001 00", false, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t octets[RDATA_MAX];
        size_t size = octets_of(cases[i].hex, octets);
        uint8_t *copy = exact_copy(octets, size);
        assert_int_equal(apl_check(copy, size) == NULL, cases[i].sound);
        if (cases[i].sound)
            assert_int_equal(apl_doubt(copy, size) != NULL, cases[i].doubtful);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_taken),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_octets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
