// SvcParams as octets: order, lengths, contradictions, and their text.
#include "records.h"

#include "dns/svcb.h"

static void test_octets(void **state)
{
    static const struct {
        const char *hex, *fault, *doubt; // doubt: of those without a fault
    } cases[] = {
        {"", NULL, NULL},
        {"0003 0002 0035", NULL, NULL},
        {"0001 0003 026832 0003 0002 0035", NULL, NULL},
        {"029B 0000 FFFE 0001 AA", NULL, NULL},
        {"0003 0002 0035 0001 0003 026832", "SvcParamKeys not in strictly ascending order", NULL},
        {"029B 0000 029B 0000", "SvcParamKeys not in strictly ascending order", NULL},
        {"0003 0002 00", "SvcParams end within a parameter", NULL},
        {"0003 00", "SvcParams end within a parameter", NULL},
        {"00", "SvcParams end within a parameter", NULL},
        {"0003 0003 003500", "SvcParamValue malformed for its key", NULL},
        {"0000 0002 0003", NULL, "a mandatory SvcParamKey is absent (RFC 9460 8)"},
        {"0000 0002 0003 0003 0002 0035", NULL, NULL},
        {"0002 0000", NULL, "no-default-alpn needs alpn beside it (RFC 9460 7.1.1)"},
        {"0001 0003 026832 0002 0000", NULL, NULL},
        {"0007 0007 2F7B3F646E737D", NULL, NULL},
        {"0007 0002 2F71", NULL, "dohpath is not a path with {?dns} (RFC 9461 5)"},
        {"0007 0006 7B3F646E737D", NULL, "dohpath is not a path with {?dns} (RFC 9461 5)"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t octets[RDATA_MAX];
        size_t size = octets_of(cases[i].hex, octets);
        uint8_t *copy = exact_copy(octets, size);
        const char *fault = svcb_check(copy, size);
        assert_int_equal(fault != NULL, cases[i].fault != NULL);
        if (fault)
            assert_string_equal(fault, cases[i].fault);
        const char *doubt = fault ? NULL : svcb_doubt(copy, size);
        assert_int_equal(doubt != NULL, cases[i].doubt != NULL);
        if (doubt)
            assert_string_equal(doubt, cases[i].doubt);
        free(copy);
    }
}

// Sound octets that text has no form for, found by fuzzing: they print as RFC 3597 does, in
// AliasMode too.
static void test_untellable(void **state)
{
    static const struct {
        const char *hex, *why;
    } cases[] = {
        {"FFFF 0000", "key65535 is reserved as invalid (RFC 9460 14.3.2)"},
        {"000C 0006 04646F3533 32", NULL},
        {"000C 0005 03613A62 32", "oots has a protocol that is no word"},
        {"000C 0005 03612C62 32", "oots has a protocol that is no word"},
        {"0003 0002 0035", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t octets[RDATA_MAX];
        size_t size = octets_of(cases[i].hex, octets);
        assert_null(svcb_check(octets, size));
        const char *why = svcb_untellable(octets, size);
        assert_int_equal(why != NULL, cases[i].why != NULL);
        if (why)
            assert_string_equal(why, cases[i].why);
    }
}

static void test_find(void **state)
{
    uint8_t octets[RDATA_MAX];
    size_t size = octets_of("0001 0003 026832 0002 0000 0003 0002 0035", octets), value_size;
    (void)state;
    const uint8_t *value = svcb_find(octets, size, 3, &value_size);
    assert_ptr_equal(value, octets + size - 2);
    assert_int_equal(value_size, 2);
    assert_non_null(svcb_find(octets, size, 2, &value_size));
    assert_int_equal(value_size, 0);
    assert_null(svcb_find(octets, size, 4, &value_size));
}

static void test_print(void **state)
{
    static const struct {
        const char *hex, *text;
    } cases[] = {
        {"", ""},
        {"0000 0004 0001029B 0001 000C 08665C6F6F2C626172026832 029B 0000",
         "mandatory=alpn,key667 alpn=\"f\\\\\\\\oo\\\\,bar,h2\" key667"},
        {"0001 0005 04 22003BFF", "alpn=\"\\\"\\000;\\255\""},
        {"0003 0002 FFFF 0004 0008 C0000201C6336401 0005 0003 69B71D",
         "port=65535 ipv4hint=192.0.2.1,198.51.100.1 ech=abcd"},
        {"0006 0010 20010DB8000000000000000000530001 0007 0003 225C20",
         "ipv6hint=2001:db8::53:1 dohpath=\"\\\"\\\\ \""},
        {"0008 0000 0009 0004 001D0017 000A 0004 016E0173 000B 0000",
         "ohttp tls-supported-groups=29,23 docpath=\"n,s\" pvd"},
        {"000A 0000 000C 000B 04646F3533 64 03646F74 0A", "docpath oots=\"do53:100,dot:10\""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t octets[RDATA_MAX];
        struct buffer text = {0};
        size_t size = octets_of(cases[i].hex, octets);
        assert_null(svcb_check(octets, size));
        svcb_print(octets, size, &text);
        assert_string_equal(buffer_text(&text), cases[i].text);
        buffer_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_octets),
        cmocka_unit_test(test_untellable),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_print),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
