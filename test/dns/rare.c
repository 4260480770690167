// The rare fields: what they take, what they refuse, and what has no text. (Good ones of each are
// in samples.h.)
#include "records.h"

#include "dns/rare.h"

static void test_refused(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"WKS 10.0.0.1", "a protocol is missing at the end of the record"},
        {"WKS 10.0.0.1 256", "'256' is not a protocol (nor a number from 0 to 255)"},
        {"WKS 10.0.0.1 tcp gopherspace",
         "'gopherspace' is not a service (nor a number from 0 to 65535)"},
        {"WKS 10.0.0.1 tcp 65536", "'65536' is not a service (nor a number from 0 to 65535)"},
        {"NSAP 47.0005", "'47.0005' is not an NSAP address: it must begin with 0x"},
        {"NSAP 0x", "'0x' is not an NSAP address: it must begin with 0x"},
        {"NSAP 0x.", "'0x.' is not an NSAP address: not whole octets"},
        {"NSAP 0x4", "'0x4' is not an NSAP address: not whole octets"},
        {"NSAP 0x4g", "'0x4g' is not an NSAP address: hex digits and dots only"},
        {"NXT . A TYPE128", "'TYPE128' is not a type from 1 to 127, all that NXT knows"},
        {"NXT . A B", "'B' is not an RR type"},
        {"A6 129 ::1 a.", "'129' is above 128, the most that fits here"},
        {"A6 64 1::1 a.", "'1::1' has bits inside the prefix of 64 bits"},
        {"A6 127 ::2 a.", "'::2' has bits inside the prefix of 127 bits"},
        {"A6 64 ::1", "a name is missing at the end of the record"},
        {"A6 0 ::1 a.", "'a.' is one word too many"},
        {"A6 64 1.2.3.4 a.", "'1.2.3.4' is not an IPv6 address"},
        {"HIP 2 2001 AwEAA", "'AwEAA' ends within an octet of base64: a digit too few or too many"},
        {"HIP 256 20 AwEA", "'256' is above 255, the most that fits here"},
        {"HIP 2 200 AwEA",
         "'200' ends within an octet of hexadecimal: a digit too few or too many"},
        {"HIP 2 2001", "a public key in base64 is missing at the end of the record"},
        {"IPSECKEY 10 1 2 gw AwEA", "'gw' is not an IPv4 address ('g' cannot stand in it)"},
        {"IPSECKEY 10 0 2 gw AwEA", "'gw' stands where '.' belongs: gateway type 0 has none"},
        {"IPSECKEY 10 4 2 . AwEA", "'4' is not a gateway type that has a text form"},
        {"AMTRELAY 10 2 0 .", "'2' is above 1, the most that fits here"},
        {"AMTRELAY 10 0 128 .", "'128' is above 127, the most that fits here"},
        {"AMTRELAY 10 0 4 .", "'4' is not a gateway type that has a text form"},
        {"AMTRELAY 10 0 0", "a '.' for no gateway is missing at the end of the record"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t rdata[RDATA_MAX];
        uint16_t type;
        size_t size;
        struct rdata_problem problem;
        assert_false(parse_record(cases[i].text, &type, rdata, &size, &problem));
        assert_string_equal(problem.message, cases[i].message);
    }
}

static void test_octets(void **state)
{
    static const struct {
        const char *type, *hex;
        bool sound;
        const char *printed; // of those that are
    } cases[] = {
        {"WKS", "0A000001 06 02 00", true, "\\# 7 0A000001060200"},
        {"WKS", "0A000001", false, NULL},
        {"NXT", "00 40", true, ". A"},
        {"NXT", "00", true, "."},
        {"NXT", "00 80", true, "\\# 2 0080"}, // RFC 2535 5.2: bit 0 is another format
        {"NXT", "00 4000", true, "\\# 3 004000"},
        {"NXT", "00 0000000000000000000000000000000040", true,
         "\\# 18 000000000000000000000000000000000040"},
        {"A6", "81", false, NULL},
        {"A6", "00 00", false, NULL},
        {"A6", "7F 02 00", false, NULL}, // RFC 2874 3.1.1: pad bits are zero
        {"A6", "7F 01", false, NULL},
        {"A6", "80 00", true, "128 ."},
        {"HIP", "00 02 0001 AA", false, NULL},
        {"HIP", "01 02 0000 AA", false, NULL},
        {"HIP", "01 02 0002 AA BB", false, NULL},
        {"HIP", "01 02 0001 AA BB", true, "2 AA uw=="},
        {"HIP", "01 02 0001 AA BB 0161", false, NULL},
        {"IPSECKEY", "0A 01 02 C00002", false, NULL},
        {"IPSECKEY", "0A 03 02 C002", false, NULL},
        {"IPSECKEY", "0A 00 00", true, "10 0 0 ."},
        {"IPSECKEY", "0A 04 02 AABB", true, "\\# 5 0A0402AABB"},
        {"AMTRELAY", "0A", false, NULL},
        {"AMTRELAY", "0A 01 C0000201 00", false, NULL},
        {"AMTRELAY", "0A 83 00", true, "10 1 3 ."},
        {"AMTRELAY", "0A FF AABB", true, "\\# 4 0AFFAABB"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t octets[RDATA_MAX];
        size_t size = octets_of(cases[i].hex, octets);
        uint8_t *copy = exact_copy(octets, size);
        const char *fault = rdata_check(type_of(cases[i].type), copy, size);
        if ((fault == NULL) != cases[i].sound)
            fail_msg("%s %s: %s", cases[i].type, cases[i].hex, fault ? fault : "sound");
        if (!fault)
            assert_prints(type_of(cases[i].type), copy, size, cases[i].printed);
        free(copy);
    }
}

// All 65536 ports are 8192 octets, and one more octet is malformed.
static void test_wks_last_port(void **state)
{
    uint8_t rdata[RDATA_MAX];
    uint16_t type;
    (void)state;
    size_t size = rdata_of("WKS 10.0.0.2 6 65535", &type, rdata);
    assert_int_equal(size, 5 + 8192);
    assert_int_equal(rdata[size - 1], 1);
    assert_prints(type, rdata, size, "10.0.0.2 6 65535");
    rdata[size] = 1;
    assert_non_null(rdata_check(type, rdata, size + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_octets),
        cmocka_unit_test(test_wks_last_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
