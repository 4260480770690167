// Doubts: the text refuses them, the network does not, and the printer falls back to \#.
#include "samples.h"

#include "dns/doubt.h"

static void test_doubts(void **state)
{
    static const struct {
        const char *type, *hex, *doubt;
    } cases[] = {
        {"DS", "0001 0D 01 AABB", "a SHA-1 digest is 20 octets"},
        {"DS", "0001 0D 02 AABB", "a SHA-256 digest is 32 octets"},
        {"CDS", "0001 0D 04 AABB", "a SHA-384 digest is 48 octets"},
        {"DLV", "0001 0D 03 AABB", "a GOST R 34.11-94 digest is 32 octets"},
        {"TA", "0001 0D 01 AABB", "a SHA-1 digest is 20 octets"},
        {"DS", "0001 0D 05 AABB", NULL}, // a digest type from the future
        {"DS", "0001 0D FF AABB", NULL},
        {"CDS", "0000 00 00 00", NULL}, // RFC 8078 4: delete
        {"ZONEMD", "00000001 01 01 AABB", "a SHA-384 zone digest is 48 octets"},
        {"ZONEMD", "00000001 01 02 AABB", "a SHA-512 zone digest is 64 octets"},
        {"ZONEMD", "00000001 01 F0 AABB", "a zone digest is 12 octets or more"},
        {"ZONEMD", "00000001 01 F0 AABBCCDDEEFF001122334455", NULL},
        {"IPSECKEY", "0A 04 02 AABB", "gateway or relay type over 3"},
        {"AMTRELAY", "0A 84 AABB", "gateway or relay type over 3"},
        {"LOC", "01", "LOC version is not 0"},
        {"APL", "0003 00 00", "APL family is neither IPv4 nor IPv6"},
        {"WKS", "0A000001 06 0100", "WKS bitmap ends in a zero octet"},
        {"NXT", "0161 00 80", "NXT bitmap of an unknown format"},
        {"SVCB", "0001 0161 00 0000 0002 0001", "a mandatory SvcParamKey is absent (RFC 9460 8)"},
        {"SVCB", "0000 0161 00 0000 0002 0001", NULL}, // AliasMode: ignored (RFC 9460 2.4.2)
        {"HTTPS", "0001 00 0002 0000", "no-default-alpn needs alpn beside it (RFC 9460 7.1.1)"},
        {"TYPE999", "01", NULL},
        {"NULL", "01", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t octets[RDATA_MAX];
        size_t size = octets_of(cases[i].hex, octets);
        uint8_t *copy = exact_copy(octets, size);
        uint16_t type = type_of(cases[i].type);
        assert_null(rdata_check(type, copy, size));
        const char *doubt = doubt_find(type, copy, size);
        assert_int_equal(doubt != NULL, cases[i].doubt != NULL);
        if (doubt) {
            struct buffer generic = {0};
            assert_string_equal(doubt, cases[i].doubt);
            rdata_print_generic(copy, size, &generic);
            assert_prints(type, copy, size, buffer_text(&generic));
            buffer_free(&generic);
        }
        free(copy);
    }
}

static void test_samples_have_none(void **state)
{
    uint8_t *rdata = malloc(RDATA_MAX);
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        uint16_t type;
        size_t size = rdata_of(samples[i].text, &type, rdata);
        assert_null(doubt_find(type, rdata, size));
    }
    free(rdata);
}

static void test_text_refuses(void **state)
{
    uint8_t rdata[RDATA_MAX];
    uint16_t type;
    size_t size;
    struct rdata_problem problem;
    (void)state;
    assert_false(parse_record("DS 1 13 2 AABB", &type, rdata, &size, &problem));
    assert_string_equal(problem.message, "DS is not right: a SHA-256 digest is 32 octets");
    assert_null(problem.token);
    rdata_of("DS \\# 6 00010D02AABB", &type, rdata); // said on purpose
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_doubts),
        cmocka_unit_test(test_samples_have_none),
        cmocka_unit_test(test_text_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
