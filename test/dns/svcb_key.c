// The registry of SvcParamKeys: words, numbers, and the form of each value.
#include "records.h"

#include "dns/svcb_key.h"

static void test_words(void **state)
{
    static const struct {
        const char *text;
        int key;
    } cases[] = {
        {"mandatory", 0},       {"alpn", 1},
        {"no-default-alpn", 2}, {"port", 3},
        {"ipv4hint", 4},        {"ech", 5},
        {"ipv6hint", 6},        {"dohpath", 7},
        {"ohttp", 8},           {"tls-supported-groups", 9},
        {"docpath", 10},        {"pvd", 11},
        {"oots", 12},           {"key0", 0},
        {"key667", 667},        {"key65535", 65535},
        {"key65536", -1},       {"key01", -1},
        {"key00", -1},          {"key", -1},
        {"keyx", -1},           {"key-1", -1},
        {"ALPN", -1}, // RFC 9460 2.1: lower case
        {"Key1", -1},           {"alp", -1},
        {"alpnx", -1},          {"", -1},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t *copy = exact_copy((const uint8_t *)cases[i].text, strlen(cases[i].text));
        assert_int_equal(svcb_key_parse((const char *)copy, strlen(cases[i].text)), cases[i].key);
        free(copy);
    }
    assert_null(svcb_key_find(13)->word);
    assert_null(svcb_key_find(SVCB_INVALID)->word);
    assert_int_equal(svcb_key_find(13)->value, SVCB_VALUE_OPAQUE);
}

static void test_values(void **state)
{
    static const struct {
        enum svcb_key key;
        const char *hex;
        bool sound;
    } cases[] = {
        {SVCB_MANDATORY, "00010004", true},
        {SVCB_MANDATORY, "", false},
        {SVCB_MANDATORY, "000100", false},
        {SVCB_MANDATORY, "00000001", false}, // itself
        {SVCB_MANDATORY, "00010001", false},
        {SVCB_MANDATORY, "00040001", false},
        {SVCB_ALPN, "026832", true},
        {SVCB_ALPN, "026832 026833", true},
        {SVCB_ALPN, "", false},
        {SVCB_ALPN, "00", false},
        {SVCB_ALPN, "026832 00", false},
        {SVCB_ALPN, "0268", false},
        {SVCB_NO_DEFAULT_ALPN, "", true},
        {SVCB_NO_DEFAULT_ALPN, "00", false},
        {SVCB_PORT, "0035", true},
        {SVCB_PORT, "35", false},
        {SVCB_PORT, "000035", false},
        {SVCB_IPV4HINT, "C0000201", true},
        {SVCB_IPV4HINT, "C0000201 C0000202", true},
        {SVCB_IPV4HINT, "", false},
        {SVCB_IPV4HINT, "C00002", false},
        {SVCB_ECH, "", false},
        {SVCB_ECH, "00", true},
        {SVCB_IPV6HINT, "20010DB8000000000000000000000001", true},
        {SVCB_IPV6HINT, "20010DB80000000000000000000000", false},
        {SVCB_IPV6HINT, "", false},
        {SVCB_DOHPATH, "", false},
        {SVCB_OHTTP, "", true},
        {SVCB_OHTTP, "00", false},
        {SVCB_TLS_SUPPORTED_GROUPS, "001D0017", true},
        {SVCB_TLS_SUPPORTED_GROUPS, "001D00", false},
        {SVCB_TLS_SUPPORTED_GROUPS, "", false},
        {SVCB_DOCPATH, "", true}, // RFC 9953 3: the root
        {SVCB_DOCPATH, "016E 0173", true},
        {SVCB_DOCPATH, "00", false},
        {SVCB_PVD, "", true},
        {SVCB_PVD, "00", false},
        {SVCB_OOTS, "03646F74 0A", true},
        {SVCB_OOTS, "03646F74", false},
        {SVCB_OOTS, "00 0A", false},
        {SVCB_OOTS, "", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t octets[RDATA_MAX];
        size_t size = octets_of(cases[i].hex, octets);
        uint8_t *copy = exact_copy(octets, size);
        if (svcb_key_takes(svcb_key_find((uint16_t)cases[i].key)->value, copy, size) !=
            cases[i].sound)
            fail_msg("key %d with %s", (int)cases[i].key, cases[i].hex);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
