// Rdata from text: samples of every type, RFC 3597's form, and what is said about what is wrong.
#include "samples.h"

#include <stdio.h>

static void test_samples(void **state)
{
    uint8_t *rdata = malloc(RDATA_MAX);
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        uint16_t type;
        size_t size = rdata_of(samples[i].text, &type, rdata);
        assert_octets(rdata, size, samples[i].hex);
        const char *fault = rdata_check(type, rdata, size);
        if (fault)
            fail_msg("%s: %s", samples[i].text, fault);
    }
    free(rdata);
}

// No type with a text form is without a sample.
static void test_every_type_has_a_sample(void **state)
{
    (void)state;
    for (const struct type_row *row = type_table(); row->mnemonic; row++) {
        bool found = !row->fields;
        for (size_t i = 0; i < COUNT(samples) && !found; i++) {
            size_t size = strcspn(samples[i].text, " ");
            found =
                strlen(row->mnemonic) == size && strncmp(samples[i].text, row->mnemonic, size) == 0;
        }
        if (!found)
            fail_msg("%s has no sample", row->mnemonic);
    }
}

static void test_taken(void **state)
{
    static const struct {
        const char *text, *hex;
    } cases[] = {
        {"A \\# 4 c0000201", "C0000201"},
        {"A \\# 4 c0 00 0201", "C0000201"},
        {"TYPE1 192.0.2.1", "C0000201"}, // RFC 3597 5: a known type's own form under TYPEn
        {"TYPE65535 \\# 0", ""},
        {"NULL \\# 0", ""},
        {"TXT \"\\#\" 4", "0123 0134"}, // in quotes it is a text
        {"TXT \\#x", "022378"},
        {"TXT a\\ b", "03612062"},
        {"TXT a;b", "03613B62"},
        {"SOA . . 1 1d 2H 3w 4294967295", "00 00 00000001 00015180 00001C20 001BAF80 FFFFFFFF"},
        {"RRSIG TYPE1 ED25519 0 1h 4294967295 0 0 . AA==",
         "0001 0F 00 00000E10 FFFFFFFF 00000000 0000 00 00"},
        {"DS 1 ecdsap256sha256 1 2BB183AF5F22588179A53B0A98631FAD1A292118",
         "0001 0D 01 2BB183AF5F22588179A53B0A98631FAD1A292118"},
        {"NID 1 1:2:3:4", "0001 0001000200030004"},
        {"EUI48 AA-bb-CC-dd-EE-ff", "AABBCCDDEEFF"},
        {"NSEC3 1 0 0 - 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR A",
         "01000000 00 14 174EB2409FE28BCB4887A1836F957F0A8425E27B 000140"},
        {"NSEC3 1 0 0 - alkmaao", "01000000 00 04 5569652B"},
        {"CAA 0 ISSUE ca", "00 05 4953535545 6361"},
        {"URI 1 2 http://x", "00010002 687474703A2F2F78"},
        {"DSYNC TYPE59 1 53 .", "003B 01 0035 00"},
        {"CERT 3 0 0 AA==", "0003 0000 00 00"},
        {"KEY 0 3 5", "0000 03 05"},
        {"IPSECKEY 1 0 0 .", "01 00 00"},
    };
    uint8_t *rdata = malloc(RDATA_MAX);
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint16_t type;
        size_t size = rdata_of(cases[i].text, &type, rdata);
        assert_octets(rdata, size, cases[i].hex);
    }
    free(rdata);
}

static const struct {
    const char *text;
    int word; // the index of the one at fault behind the type, -1: none
    const char *message, *hint;
} refused[] = {
    {"A 192.0.2.300", 0, "'192.0.2.300' is not an IPv4 address (octet 300 > 255)", ""},
    {"A 2001:db8::1", 0, "'2001:db8::1' is not an IPv4 address (':' cannot stand in it)",
     "it is an IPv6 address, which an AAAA record takes"},
    {"A", -1, "an IPv4 address is missing at the end of the record", "the form is A IPv4-address"},
    {"A 192.0.2.1 192.0.2.2", 1, "'192.0.2.2' is one word too many", "the form is A IPv4-address"},
    {"AAAA 192.0.2.1", 0, "'192.0.2.1' is not an IPv6 address (it is IPv4)",
     "it is an IPv4 address, which an A record takes"},
    {"AAAA 2001:db8::1::2", 0, "'2001:db8::1::2' is not an IPv6 address ('::' may stand once only)",
     ""},
    {"NS", -1, "a name is missing at the end of the record", "the form is NS name"},
    {"MX mail", 0, "'mail' is not a number from 0 to 65535", "the form is MX 0-65535 name"},
    {"MX 65536 mail", 0, "'65536' is above 65535, the most that fits here", ""},
    {"MX 10", -1, "a name is missing at the end of the record", "the form is MX 0-65535 name"},
    {"SRV 1 2 host", 2, "'host' is not a number from 0 to 65535",
     "the form is SRV 0-65535 0-65535 0-65535 name"},
    {"SOA a. b. 1 2 3 4", -1, "a number of seconds is missing at the end of the record",
     "the form is SOA name name number seconds seconds seconds seconds"},
    {"SOA a. b. 1 2 3 4 5x", 6, "'5x' is not a period of seconds, as 3600 or 1w2d3h4m5s",
     "the form is SOA name name number seconds seconds seconds seconds"},
    {"SOA a. b. c. 2 3 4 5", 2, "'c.' is not a number from 0 to 4294967295",
     "the form is SOA name name number seconds seconds seconds seconds"},
    {"TXT", -1, "a character-string is missing at the end of the record",
     "the form is TXT \"text\" ..."},
    {"TXT a \\300", 1, "'\\300' has a bad escape: \\ goes before a character or 000 to 255", ""},
    {"RRSIG A 5 3 1 20031301000000 0 1 . AA==", 4,
     "'20031301000000' is not a date YYYYMMDDHHmmSS nor seconds since 1970", ""},
    {"RRSIG B 5 3 1 0 0 1 . AA==", 0, "'B' is not an RR type", ""},
    {"DNSKEY 256 3 RSAMD6 AA==", 2, "'RSAMD6' is not a DNSSEC algorithm, by number or by name", ""},
    {"DNSKEY 256 3 8", -1, "a base64 text is missing at the end of the record",
     "the form is DNSKEY 0-65535 0-255 algorithm base64"},
    {"DNSKEY 256 3 8 AA$=", 3, "'AA$=' is not base64 ('$' is no digit of it)", ""},
    {"CDS 0 0 0 0", 3, "'0' ends within an octet of hexadecimal: a digit too few or too many", ""},
    {"DS 1 8 2 12GG", 3, "'12GG' is not hexadecimal ('G' is no digit of it)", ""},
    {"DS 1 8 2 1234", -1, "DS is not right: a SHA-256 digest is 32 octets", ""},
    {"NSEC3 1 0 0 ab", -1, "a hash in base32hex is missing at the end of the record",
     "the form is NSEC3 0-255 0-255 0-65535 salt hash [type ...]"},
    {"NSEC3 1 0 0 - 2t7b4g4w", 4, "'2t7b4g4w' is not a hash in base32hex", ""},
    {"NID 1 1:2:3", 1, "'1:2:3' is not of the form hhhh:hhhh:hhhh:hhhh", ""},
    {"NID 1 1:2:3:4:5", 1, "'1:2:3:4:5' is not of the form hhhh:hhhh:hhhh:hhhh", ""},
    {"NID 1 1::3:4", 1, "'1::3:4' is not of the form hhhh:hhhh:hhhh:hhhh", ""},
    {"NID 1 1:2:3:12345", 1, "'1:2:3:12345' is not of the form hhhh:hhhh:hhhh:hhhh", ""},
    {"NID 1 1:2:3:g", 1, "'1:2:3:g' is not of the form hhhh:hhhh:hhhh:hhhh", ""},
    {"EUI48 00-00-5e-00-53", 0, "'00-00-5e-00-53' is not of the form hh-hh-hh-hh-hh-hh", ""},
    {"EUI48 00:00:5e:00:53:2a", 0, "'00:00:5e:00:53:2a' is not of the form hh-hh-hh-hh-hh-hh", ""},
    {"CAA 0 is-sue x", 1, "'is-sue' is not a tag: letters and digits only (RFC 8659 4.1)", ""},
    {"CAA 0 issue", -1, "a text in quotes is missing at the end of the record",
     "the form is CAA 0-255 tag \"text\""},
    {"CAA 0 issue a b", 3, "'b' is one word too many", "the form is CAA 0-255 tag \"text\""},
    {"CERT PXIK 1 2 AA==", 0, "'PXIK' is not a certificate type, by number or by name", ""},
    {"DSYNC A NOTFIY 1 .", 1, "'NOTFIY' is not a DSYNC scheme, by number or by name", ""},
    // RFC 3597
    {"A \\# 3 c00002", 0, "'\\#' begins octets that are no A: rdata ends within a field", ""},
    {"A \\# 4 c00002", 1, "'4' is not the count of octets that follow: 3", ""},
    {"A \\# four c0000201", 1, "'four' is not a number from 0 to 65535",
     "the form is \\# length hex (RFC 3597 5)"},
    {"A \\#", -1, "a number is missing at the end of the record",
     "the form is \\# length hex (RFC 3597 5)"},
    {"TYPE999 \\# 65536 00", 1, "'65536' is above 65535, the most that fits here",
     "the form is \\# length hex (RFC 3597 5)"},
    {"TYPE999 x", 0, "'x' cannot be read: TYPE999 has no text form of its own",
     "write the octets as \\# length hex (RFC 3597 5)"},
    {"TYPE999", -1, "cannot be read: TYPE999 has no text form of its own",
     "write the octets as \\# length hex (RFC 3597 5)"},
};

static void test_refused(void **state)
{
    uint8_t *rdata = malloc(RDATA_MAX);
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        uint16_t type;
        size_t size;
        struct rdata_problem problem;
        struct token tokens[WORDS_MAX];
        if (parse_record(refused[i].text, &type, rdata, &size, &problem))
            fail_msg("%s was taken", refused[i].text);
        assert_string_equal(problem.message, refused[i].message);
        assert_string_equal(problem.hint, refused[i].hint);
        assert_int_equal(problem.token != NULL, refused[i].word >= 0);
        cut_words(refused[i].text, tokens);
        if (problem.token)
            assert_ptr_equal(problem.token->text, tokens[1 + refused[i].word].text);
    }
    free(rdata);
}

// A character-string of 255 octets fits, of 256 not, however it is written.
static void test_string_limits(void **state)
{
    char text[4 * 256 + 1] = "";
    uint8_t *rdata = malloc(RDATA_MAX);
    struct name root = NAME_ROOT;
    struct rdata_problem problem;
    size_t size;
    (void)state;
    for (unsigned i = 0; i < 256; i++)
        memcpy(text + 4 * i, "\\065", 4);
    struct token token = {.text = text, .size = 4 * 255};
    assert_true(rdata_parse(TYPE_TXT, &token, 1, &root, rdata, &size, &problem));
    assert_int_equal(size, 256);
    token.size = 4 * 256;
    assert_false(rdata_parse(TYPE_TXT, &token, 1, &root, rdata, &size, &problem));
    assert_non_null(strstr(problem.message, "has 256 octets, 255 are the most"));
    assert_string_equal(problem.hint, "split it: \"...\" \"...\", each of at most 255 octets");
    memset(text, 'A', 256);
    token.size = 255;
    assert_true(rdata_parse(TYPE_TXT, &token, 1, &root, rdata, &size, &problem));
    token.size = 256;
    assert_false(rdata_parse(TYPE_TXT, &token, 1, &root, rdata, &size, &problem));
    free(rdata);
}

// 65535 octets of TXT fit, one more does not.
static void test_rdata_limits(void **state)
{
    struct token tokens[257];
    char text[255];
    uint8_t *rdata = malloc(RDATA_MAX);
    struct name root = NAME_ROOT;
    struct rdata_problem problem;
    size_t size;
    (void)state;
    memset(text, 'A', sizeof text);
    for (size_t i = 0; i < COUNT(tokens); i++)
        tokens[i] = (struct token){.text = text, .size = sizeof text};
    tokens[255].size = 254;
    assert_true(rdata_parse(TYPE_TXT, tokens, 256, &root, rdata, &size, &problem));
    assert_int_equal(size, RDATA_MAX);
    assert_false(rdata_parse(TYPE_TXT, tokens, 257, &root, rdata, &size, &problem));
    tokens[255].size = 255;
    assert_false(rdata_parse(TYPE_TXT, tokens, 256, &root, rdata, &size, &problem));
    assert_ptr_equal(problem.token, &tokens[255]);
    free(rdata);
}

// Words drawn at random from pieces of records, for every type: taken or refused, never a look
// outside; and what is taken is sound.
static void test_random_words(void **state)
{
    static const char *const pieces[] = {
        "0",
        "1",
        "65535",
        "a.",
        "@",
        "-",
        ".",
        "192.0.2.1",
        "::1",
        "AA==",
        "00",
        "A",
        "N",
        "E",
        "\\#",
        "1h",
        "\\",
        "a..b",
        "port=1",
        "",
        "0x00",
        "tag",
        "1:0.0.0.0/0",
        "20200101000000",
        "1:2:3:4",
        "00-00-00-00-00-00",
        "ipv4hint=1.2.3.4,",
    };
    uint8_t *rdata = malloc(RDATA_MAX);
    uint64_t dice = 1;
    (void)state;
    for (const struct type_row *row = type_table(); row->mnemonic; row++) {
        for (unsigned round = 0; round < 2000; round++) {
            struct token tokens[9];
            uint8_t *copies[9];
            struct name origin = test_origin();
            struct rdata_problem problem;
            size_t size, count = round % COUNT(tokens) + 1;
            for (size_t i = 0; i < count; i++) {
                dice = dice * 6364136223846793005u + 1442695040888963407u;
                const char *piece = pieces[(dice >> 33) % COUNT(pieces)];
                copies[i] = exact_copy((const uint8_t *)piece, strlen(piece));
                tokens[i] = (struct token){.text = (const char *)copies[i],
                                           .size = (uint32_t)strlen(piece)};
            }
            if (rdata_parse(row->code, tokens, count, &origin, rdata, &size, &problem))
                assert_null(rdata_check(row->code, rdata, size));
            else
                assert_true(strlen(problem.message) < sizeof problem.message);
            for (size_t i = 0; i < count; i++)
                free(copies[i]);
        }
    }
    free(rdata);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples),       cmocka_unit_test(test_every_type_has_a_sample),
        cmocka_unit_test(test_taken),         cmocka_unit_test(test_refused),
        cmocka_unit_test(test_string_limits), cmocka_unit_test(test_rdata_limits),
        cmocka_unit_test(test_random_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
