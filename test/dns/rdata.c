// Rdata as octets: check, canonical form and order, and what comes out of messages.
#include "samples.h"

// --- check ---------------------------------------------------------------------------------------

static void test_check(void **state)
{
    static const struct {
        const char *type, *hex, *fault;
    } cases[] = {
        {"A", "C0000201", NULL},
        {"A", "C00002", "rdata ends within a field"},
        {"A", "C000020100", "octets left over at the end of rdata"},
        {"A", "", "rdata ends within a field"},
        {"NS", "C00C", "not a name without compression, of at most 255 octets"},
        {"NS", "0161 00 00", "octets left over at the end of rdata"},
        {"TXT", "", "rdata ends within a field"},
        {"TXT", "05 61", "rdata ends within a field"},
        {"NSEC3", "01000000 00 00", "a field that must not be empty is"},
        {"DS", "0001 08 02", "rdata ends within a field"},
        {"CAA", "00 00", "a field that must not be empty is"},
        {"CAA", "00 0121 00", "a tag with other octets than letters and digits"},
        {"SVCB", "0001 00 0003 0001 00", "SvcParamValue malformed for its key"},
        {"TYPE999", "", NULL},
        {"NULL", "00", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t octets[RDATA_MAX];
        size_t size = octets_of(cases[i].hex, octets);
        uint8_t *copy = exact_copy(octets, size);
        const char *fault = rdata_check(type_of(cases[i].type), copy, size);
        assert_int_equal(fault != NULL, cases[i].fault != NULL);
        if (fault)
            assert_string_equal(fault, cases[i].fault);
        free(copy);
    }
}

static void test_check_size(void **state)
{
    uint8_t *octets = calloc(1, RDATA_MAX + 1);
    (void)state;
    assert_null(rdata_check(10, octets, RDATA_MAX));
    assert_string_equal(rdata_check(10, octets, RDATA_MAX + 1), "rdata over 65535 octets");
    free(octets);
}

// --- canonical form ------------------------------------------------------------------------------

static void test_fold(void **state)
{
    static const struct {
        const char *text, *folded;
    } cases[] = {
        {"NS A.B.", "a.b."},
        {"SOA N.S. H.M. 1 2 3 4 5", "n.s. h.m. 1 2 3 4 5"},
        {"MX 10 MaiL.", "10 mail."},
        // RFC 4034 6.2: the texts stay as they are, the name is folded.
        {"NAPTR 1 2 \"S\" \"SIP+D2U\" \"\" _SIP._UDP.", "1 2 \"S\" \"SIP+D2U\" \"\" _sip._udp."},
        {"SRV 0 1 9 SERVER.", "0 1 9 server."},
        {"PX 1 A. B.", "1 a. b."},
        {"RRSIG A 5 3 86400 20030322173103 20030220173103 2642 EXAMPLE. QUJD",
         "A 5 3 86400 20030322173103 20030220173103 2642 example. QUJD"},
        {"A6 64 ::1 FOO.", "64 ::1 foo."},
        {"A6 0 ::41", "0 ::41"},
        {"NXT HOST. A", "host. A"},
        {"DNAME FOO.", "foo."},
        // RFC 6840 5.1: not in NSEC, and HINFO has no names.
        {"NSEC HOST. A", "HOST. A"},
        {"HINFO CPU OS", "\"CPU\" \"OS\""},
        {"SVCB 1 FOO.", "1 FOO."},
        {"NSAP-PTR FOO.", "FOO."},
        {"TXT ABC", "\"ABC\""},
        {"ALIAS FOO.", "FOO."},
        {"TYPE999 \\# 1 41", "\\# 1 41"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t rdata[RDATA_MAX], folded[RDATA_MAX];
        uint16_t type;
        size_t size = rdata_of(cases[i].text, &type, rdata);
        rdata_fold(type, rdata, size, folded);
        assert_prints(type, folded, size, cases[i].folded);
        rdata_fold(type, rdata, size, rdata); // in place
        assert_memory_equal(rdata, folded, size);
    }
}

static int sign(int number)
{
    return (number > 0) - (number < 0);
}

// What rdata_compare must say: fold both, then compare as octets (RFC 4034 6.3).
static int compare_by_folding(uint16_t type, const uint8_t *a, size_t a_size, const uint8_t *b,
                              size_t b_size)
{
    uint8_t a_folded[512], b_folded[512];
    rdata_fold(type, a, a_size, a_folded);
    rdata_fold(type, b, b_size, b_folded);
    int order = memcmp(a_folded, b_folded, a_size < b_size ? a_size : b_size);
    return order ? sign(order) : (a_size > b_size) - (a_size < b_size);
}

static void test_compare(void **state)
{
    static const char *const texts[] = {
        "NS a.",
        "NS A.",
        "NS b.",
        "NS aa.",
        "NS a.b.",
        "NS B.a.",
        "NS .",
        "NS [.",
        "MX 10 a.",
        "MX 10 A.",
        "MX 9 b.",
        "MX 256 a.",
        "MX 10 ab.",
        "SOA a. b. 1 2 3 4 5",
        "SOA A. B. 1 2 3 4 5",
        "SOA A. b. 1 2 3 4 6",
        "SOA ab. a. 0 0 0 0 0",
        "NAPTR 1 1 A \"\" \"\" a.",
        "NAPTR 1 1 a \"\" \"\" A.",
        "NAPTR 1 1 AB \"\" \"\" a.",
        "NAPTR 1 1 A \"\" \"\" A.",
        "NAPTR 1 1 A \"\" \"\" ab.",
        "A6 64 ::41 a.",
        "A6 64 ::41 A.",
        "A6 64 ::61 a.",
        "A6 0 ::41",
        "NSEC A. A",
        "NSEC a. A",
        "NSEC a.",
        "TXT a",
        "TXT A",
        "TXT a b",
        "TXT ab",
        "A 192.0.2.1",
        "A 192.0.2.2",
        "A 10.0.0.1",
        "TYPE999 \\# 0",
        "TYPE999 \\# 1 41",
        "TYPE999 \\# 1 61",
        "TYPE999 \\# 2 4100",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(texts) * COUNT(texts); i++) {
        uint8_t a[RDATA_MAX], b[RDATA_MAX];
        uint16_t type, b_type;
        size_t a_size = rdata_of(texts[i / COUNT(texts)], &type, a);
        size_t b_size = rdata_of(texts[i % COUNT(texts)], &b_type, b);
        if (type != b_type)
            continue;
        uint8_t *a_copy = exact_copy(a, a_size), *b_copy = exact_copy(b, b_size);
        int order = sign(rdata_compare(type, a_copy, a_size, b_copy, b_size));
        if (order != compare_by_folding(type, a, a_size, b, b_size))
            fail_msg("%s and %s: %d", texts[i / COUNT(texts)], texts[i % COUNT(texts)], order);
        free(a_copy);
        free(b_copy);
    }
}

// --- messages ------------------------------------------------------------------------------------

// At 12: example. At 21: a pointer to it. At 23: ns.example. by pointer. At 28: a pointer to
// itself, at 30 one forward, at 32 a label and a pointer back to that label.
static const char message_hex[] =
    "000000000000000000000000 076578616D706C6500 C00C 026E73C00C C01C C020 0161C020";
#define MESSAGE_SIZE 36

static void test_expand(void **state)
{
    static const struct {
        const char *type, *hex, *expanded; // NULL: malformed
    } cases[] = {
        {"NS", "C00C", "076578616D706C6500"},
        {"NS", "C015", "076578616D706C6500"},
        {"NS", "0161 C017", "0161 026E73 076578616D706C6500"},
        {"NS", "0161 00", "016100"},
        {"NS", "00", "00"},
        {"SOA", "C00C C017 0000000100000002000000030000000400000005",
         "076578616D706C6500 026E73 076578616D706C6500"
         "0000000100000002000000030000000400000005"},
        {"MX", "000A C00C", "000A 076578616D706C6500"},
        {"SRV", "000000010009 C00C", "000000010009 076578616D706C6500"},
        {"NAPTR", "00010002 0153 00 00 C00C", "00010002 0153 00 00 076578616D706C6500"},
        {"NXT", "C00C 40", "076578616D706C6500 40"},
        {"RP", "C00C C00C", "076578616D706C6500 076578616D706C6500"},
        {"PX", "0001 C00C 00", "0001 076578616D706C6500 00"},
        {"MINFO", "C00C 00", "076578616D706C6500 00"},
        // RFC 3597 4: everywhere else a pointer is malformed
        {"DNAME", "C00C", NULL},
        {"KX", "0001 C00C", NULL},
        {"NSEC", "C00C 0001 40", NULL},
        {"SVCB", "0001 C00C", NULL},
        {"RRSIG", "0001 05 03 00015180 00000000 00000000 0A52 C00C AA", NULL},
        {"SIG", "0001 05 03 00015180 00000000 00000000 0A52 C00C AA",
         "0001 05 03 00015180 00000000 00000000 0A52 076578616D706C6500 AA"},
        // pointers that do not go back, or go round
        {"NS", "C01C", NULL},
        {"NS", "C01E", NULL},
        {"NS", "C020", NULL},
        {"NS", "C024", NULL}, // to itself: rdata stands at 36
        {"NS", "0161 C024", NULL},
        {"NS", "C030", NULL},
        {"NS", "FFFF", NULL},
        // cut off, left over, other label types
        {"NS", "C0", NULL},
        {"NS", "0161", NULL},
        {"NS", "0161 C0", NULL},
        {"NS", "", NULL},
        {"NS", "C00C 00", NULL},
        {"NS", "40 61 00", NULL},
        {"NS", "80 61 00", NULL},
        {"MX", "00", NULL},
        {"MX", "000A", NULL},
        {"SOA", "C00C C017 00000001000000020000000300000004000000", NULL},
        {"MINFO", "C00C", NULL},
        // the rest as it is, checked
        {"A", "C0000201", "C0000201"},
        {"A", "C00002", NULL},
        {"TYPE999", "C00C", "C00C"},
        {"TXT", "0161", "0161"},
        {"TXT", "0261", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t octets[MESSAGE_SIZE + RDATA_MAX], expanded[RDATA_MAX];
        assert_int_equal(octets_of(message_hex, octets), MESSAGE_SIZE);
        size_t rdata_size = octets_of(cases[i].hex, octets + MESSAGE_SIZE), size;
        uint8_t *message = exact_copy(octets, MESSAGE_SIZE + rdata_size);
        bool sound = rdata_expand(type_of(cases[i].type), message, MESSAGE_SIZE + rdata_size,
                                  MESSAGE_SIZE, rdata_size, expanded, &size);
        if (sound != (cases[i].expanded != NULL))
            fail_msg("%s %s: %d", cases[i].type, cases[i].hex, sound);
        if (sound)
            assert_octets(expanded, size, cases[i].expanded);
        free(message);
    }
}

static void test_expand_outside(void **state)
{
    uint8_t message[16] = {0}, expanded[RDATA_MAX];
    size_t size;
    (void)state;
    assert_true(rdata_expand(TYPE_A, message, 16, 12, 4, expanded, &size));
    assert_false(rdata_expand(TYPE_A, message, 16, 13, 4, expanded, &size));
    assert_false(rdata_expand(TYPE_A, message, 16, 17, 0, expanded, &size));
    assert_false(rdata_expand(TYPE_A, message, 16, SIZE_MAX, 4, expanded, &size));
    assert_false(rdata_expand(TYPE_A, message, 16, 12, SIZE_MAX, expanded, &size));
    // What follows the rdata in the message is not its business, even if a name would go on there.
    message[12] = 1;
    assert_false(rdata_expand(TYPE_NS, message, 16, 12, 2, expanded, &size));
    assert_true(rdata_expand(TYPE_NS, message, 16, 12, 3, expanded, &size));
}

// Chains of pointers: 127 one after another are followed (POINTERS_MAX), 128 are not.
static void test_expand_long_chains(void **state)
{
    uint8_t message[HEADER_SIZE + 1 + 2 * 130] = {0}, expanded[RDATA_MAX];
    (void)state;
    for (unsigned pointer = 0; pointer < 130; pointer++) {
        unsigned target = HEADER_SIZE + (pointer == 0 ? 0 : 1 + 2 * (pointer - 1));
        message[HEADER_SIZE + 1 + 2 * pointer] = (uint8_t)(0xc0 | target >> 8);
        message[HEADER_SIZE + 2 + 2 * pointer] = (uint8_t)target;
    }
    for (unsigned pointers = 1; pointers <= 130; pointers++) {
        size_t size;
        bool sound = rdata_expand(TYPE_NS, message, sizeof message,
                                  HEADER_SIZE + 1 + 2 * (size_t)(pointers - 1), 2, expanded, &size);
        assert_int_equal(sound, pointers <= POINTERS_MAX);
    }
}

// A name of 255 octets comes out whole, one of 256 does not.
static void test_expand_long_name(void **state)
{
    uint8_t message[HEADER_SIZE + 255 + 64] = {0}, expanded[RDATA_MAX];
    size_t at = HEADER_SIZE, size;
    (void)state;
    for (unsigned label = 0; label < 63; label++, at += 4) // 252 octets, and the root
        memcpy(message + at, "\3abc", 4);
    size_t name_end = ++at;
    memcpy(message + at, "\1a\xc0\x0c", 4);
    assert_true(rdata_expand(TYPE_NS, message, sizeof message, at, 4, expanded, &size));
    assert_int_equal(size, 255);
    memcpy(message + name_end, "\2ab\xc0\x0c", 5);
    assert_false(rdata_expand(TYPE_NS, message, sizeof message, at, 5, expanded, &size));
}

// Each sample in a message of its own, uncompressed, comes out as it went in.
static void test_expand_samples(void **state)
{
    uint8_t *rdata = malloc(RDATA_MAX), *expanded = malloc(RDATA_MAX);
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        uint16_t type;
        size_t size = rdata_of(samples[i].text, &type, rdata), expanded_size;
        uint8_t *message = malloc(HEADER_SIZE + size);
        memcpy(message + HEADER_SIZE, rdata, size);
        memset(message, 0, HEADER_SIZE);
        assert_true(rdata_expand(type, message, HEADER_SIZE + size, HEADER_SIZE, size, expanded,
                                 &expanded_size));
        assert_int_equal(expanded_size, size);
        assert_memory_equal(expanded, rdata, size);
        free(message);
    }
    free(rdata);
    free(expanded);
}

// Rdata that would grow over 65535 octets by decompression is malformed, not written past its room.
static void test_expand_over_room(void **state)
{
    size_t message_size = 2 * 65535, size;
    uint8_t *message = calloc(1, message_size), *expanded = malloc(RDATA_MAX);
    (void)state;
    memcpy(message + HEADER_SIZE, "\7example", 9);
    size_t at = HEADER_SIZE + 9;
    memcpy(message + at + 18, "\xc0\x0c", 2); // SIG: 18 octets, the signer, the signature
    assert_true(rdata_expand(24, message, message_size, at, RDATA_MAX - 7, expanded, &size));
    assert_int_equal(size, RDATA_MAX);
    assert_false(rdata_expand(24, message, message_size, at, RDATA_MAX - 6, expanded, &size));
    assert_false(rdata_expand(24, message, message_size, at, RDATA_MAX, expanded, &size));
    free(message);
    free(expanded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_check_size),
        cmocka_unit_test(test_fold),
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_expand),
        cmocka_unit_test(test_expand_outside),
        cmocka_unit_test(test_expand_long_chains),
        cmocka_unit_test(test_expand_long_name),
        cmocka_unit_test(test_expand_samples),
        cmocka_unit_test(test_expand_over_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
