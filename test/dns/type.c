// The table of types: against IANA's numbers, against itself, and its words both ways.
#include "records.h"

#include <ctype.h>
#include <stdio.h>

#include "dns/field.h"

// IANA "Resource Record (RR) TYPEs", and ALIAS.
static void test_registry(void **state)
{
    static const struct {
        uint16_t code;
        const char *mnemonics; // of this code and those that follow it
    } runs[] = {
        {1, "A NS MD MF CNAME SOA MB MG MR NULL WKS PTR HINFO MINFO MX TXT RP AFSDB X25 ISDN RT "
            "NSAP NSAP-PTR SIG KEY PX GPOS AAAA LOC NXT EID NIMLOC SRV ATMA NAPTR KX CERT A6 DNAME "
            "SINK OPT APL DS SSHFP IPSECKEY RRSIG NSEC DNSKEY DHCID NSEC3 NSEC3PARAM TLSA SMIMEA"},
        {55, "HIP NINFO RKEY TALINK CDS CDNSKEY OPENPGPKEY CSYNC ZONEMD SVCB HTTPS DSYNC HHIT "
             "BRID"},
        {99, "SPF UINFO UID GID UNSPEC NID L32 L64 LP EUI48 EUI64"},
        {128, "NXNAME"},
        {249, "TKEY TSIG IXFR AXFR MAILB MAILA ANY URI CAA AVC DOA AMTRELAY RESINFO WALLET CLA "
              "IPN"},
        {32768, "TA DLV"},
        {65401, "ALIAS"},
    };
    size_t rows = 0;
    (void)state;
    for (size_t i = 0; i < COUNT(runs); i++) {
        char mnemonics[400], *left = mnemonics;
        strcpy(mnemonics, runs[i].mnemonics);
        for (uint16_t code = runs[i].code; left; code++, rows++) {
            const char *mnemonic = strsep(&left, " ");
            const struct type_row *row = type_find(code);
            assert_non_null(row);
            assert_int_equal(row->code, code);
            assert_string_equal(row->mnemonic, mnemonic);
        }
    }
    const struct type_row *table = type_table();
    while (table[rows].mnemonic && rows < 1000)
        fail_msg("%s is in the table, but not here", table[rows].mnemonic);
}

static void test_every_code(void **state)
{
    (void)state;
    for (unsigned code = 0; code < 65536; code++) {
        char text[TYPE_TEXT_MAX], numbered[TYPE_TEXT_MAX];
        uint16_t back;
        type_print((uint16_t)code, text);
        assert_true(type_parse(text, strlen(text), &back));
        assert_int_equal(back, code);
        for (char *c = text; *c; c++)
            *c = (char)tolower(*c);
        assert_true(type_parse(text, strlen(text), &back));
        assert_int_equal(back, code);
        snprintf(numbered, sizeof numbered, "TYPE%u", code);
        assert_true(type_parse(numbered, strlen(numbered), &back));
        assert_int_equal(back, code);
        const struct type_row *row = type_find((uint16_t)code);
        if (row)
            assert_int_equal(row->code, code);
        else
            assert_string_equal(numbered, (type_print((uint16_t)code, text), text));
    }
}

static void test_not_types(void **state)
{
    static const char *const texts[] = {
        "",          "B",        "AA",     "AAAAA",           "NSEC3PARAMS", "TYPE",
        "TYPE65536", "TYPE-1",   "TYPE1x", "TYPE99999999999", "IN",          "3600",
        "RESERVED0", "NSAP_PTR", "a.",     "CLASS1"};
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        uint8_t *copy = exact_copy((const uint8_t *)texts[i], strlen(texts[i]));
        uint16_t type;
        if (type_parse((const char *)copy, strlen(texts[i]), &type))
            fail_msg("%s is taken as type %u", texts[i], type);
        free(copy);
    }
    uint16_t type;
    assert_false(type_parse("A\0A", 3, &type));
}

static void test_meta(void **state)
{
    (void)state;
    for (unsigned code = 0; code < 65536; code++) {
        bool meta = code == 0 || code == 41 || (code >= 128 && code <= 255);
        assert_int_equal(type_is_meta((uint16_t)code), meta);
        const struct type_row *row = type_find((uint16_t)code);
        if (row)
            assert_int_equal(row->meta, meta);
    }
}

// RFC 3597 4: what may be compressed. RFC 4034 6.2 with RFC 6840 5.1: what is folded.
static void test_compressed_and_folded(void **state)
{
    static const char compressed[] = " NS MD MF CNAME SOA MB MG MR PTR MINFO MX ";
    static const char folded[] = " NS MD MF CNAME SOA MB MG MR PTR MINFO MX RP AFSDB RT SIG PX NXT "
                                 "NAPTR KX SRV DNAME A6 RRSIG ";
    static const char single[] = " CNAME SOA DNAME ALIAS ";
    (void)state;
    for (const struct type_row *row = type_table(); row->mnemonic; row++) {
        char word[TYPE_TEXT_MAX + 2];
        snprintf(word, sizeof word, " %s ", row->mnemonic);
        assert_int_equal(row->compress, strstr(compressed, word) != NULL);
        assert_true(!row->compress || row->code <= TYPE_COMPRESSED_MAX);
        assert_int_equal(row->fold, strstr(folded, word) != NULL);
        assert_int_equal(row->single, strstr(single, word) != NULL);
        assert_non_null(row->source);
        assert_true(strlen(row->mnemonic) < TYPE_TEXT_MAX);
    }
}

// How many octets a field always has, -1: that depends.
static int fixed_size(enum field field)
{
    if (field == FIELD_U8 || field == FIELD_ALGORITHM || field == FIELD_SCHEME)
        return 1;
    if (field == FIELD_U16 || field == FIELD_TYPE)
        return 2;
    return field == FIELD_U32 || field == FIELD_PERIOD || field == FIELD_TIME ? 4 : -1;
}

// `names` and `names_at` say what the fields say.
static void test_names_agree(void **state)
{
    (void)state;
    for (const struct type_row *row = type_table(); row->mnemonic; row++) {
        const uint8_t *field = row->fields;
        unsigned at = 0, names = 0;
        if (!field)
            continue;
        for (; fixed_size((enum field) * field) > 0; field++)
            at += (unsigned)fixed_size((enum field) * field);
        for (; *field == FIELD_NAME; field++)
            names++;
        assert_int_equal(row->names, names);
        assert_int_equal(row->names_at, names ? at : 0);
        if (row->additional != ADDITIONAL_NONE)
            assert_true(names > 0);
    }
    assert_int_equal(type_find(TYPE_SRV)->names_at, 6);
    assert_int_equal(type_find(TYPE_RRSIG)->names_at, 18);
    assert_int_equal(type_find(TYPE_SOA)->names, 2);
}

static void test_additional(void **state)
{
    static const char hosts[] = " NS MD MF MB MX AFSDB RT SRV KX ";
    (void)state;
    for (const struct type_row *row = type_table(); row->mnemonic; row++) {
        char word[TYPE_TEXT_MAX + 2];
        snprintf(word, sizeof word, " %s ", row->mnemonic);
        enum type_additional wanted = strstr(hosts, word) ? ADDITIONAL_HOST : ADDITIONAL_NONE;
        if (row->code == TYPE_SVCB || row->code == TYPE_HTTPS)
            wanted = ADDITIONAL_SVCB;
        assert_int_equal(row->additional, wanted);
    }
}

static void test_classes(void **state)
{
    static const struct {
        const char *text;
        int class; // -1: none
        const char *printed;
    } cases[] = {
        {"IN", 1, "IN"},          {"in", 1, "IN"},         {"CH", 3, "CH"},
        {"Hs", 4, "HS"},          {"NONE", 254, "NONE"},   {"ANY", 255, "ANY"},
        {"CLASS1", 1, "IN"},      {"class2", 2, "CLASS2"}, {"CLASS65535", 65535, "CLASS65535"},
        {"CLASS65536", -1, NULL}, {"CLASS", -1, NULL},     {"I", -1, NULL},
        {"INN", -1, NULL},        {"", -1, NULL},          {"A", -1, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t *copy = exact_copy((const uint8_t *)cases[i].text, strlen(cases[i].text));
        char printed[CLASS_TEXT_MAX];
        uint16_t class;
        bool taken = class_parse((const char *)copy, strlen(cases[i].text), &class);
        assert_int_equal(taken, cases[i].class >= 0);
        if (taken) {
            assert_int_equal(class, cases[i].class);
            class_print(class, printed);
            assert_string_equal(printed, cases[i].printed);
        }
        free(copy);
    }
}

static void test_words(void **state)
{
    (void)state;
    assert_string_equal(rcode_word(RCODE_NOERROR), "NOERROR");
    assert_string_equal(rcode_word(RCODE_NXDOMAIN), "NXDOMAIN");
    assert_string_equal(rcode_word(RCODE_NOTZONE), "NOTZONE");
    assert_string_equal(rcode_word(11), "DSOTYPENI");
    assert_null(rcode_word(12));
    assert_string_equal(rcode_word(RCODE_BADVERS), "BADVERS");
    assert_string_equal(rcode_word(RCODE_BADCOOKIE), "BADCOOKIE");
    assert_null(rcode_word(24));
    assert_null(rcode_word(4095));
    assert_string_equal(opcode_word(OPCODE_QUERY), "QUERY");
    assert_string_equal(opcode_word(OPCODE_NOTIFY), "NOTIFY");
    assert_null(opcode_word(3));
    assert_string_equal(opcode_word(OPCODE_DSO), "DSO");
    assert_null(opcode_word(7));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_registry),
        cmocka_unit_test(test_every_code),
        cmocka_unit_test(test_not_types),
        cmocka_unit_test(test_meta),
        cmocka_unit_test(test_compressed_and_folded),
        cmocka_unit_test(test_names_agree),
        cmocka_unit_test(test_additional),
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
