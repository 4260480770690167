// What OPT says: sizes and flags, the options that are known, and those that must be ignored.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/limits.h"
#include "dns/edns.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

// Reads options that stand in memory of exactly their size.
static enum edns_result read_options(const void *options, size_t size, struct edns *edns)
{
    uint8_t *octets = malloc(size + (size == 0));
    assert_non_null(octets);
    memcpy(octets, options, size);
    *edns = (struct edns){0};
    enum edns_result result = edns_read(1232, 0, octets, size, edns);
    free(octets);
    return result;
}

static void test_head(void **state)
{
    static const struct {
        uint16_t class;
        uint32_t ttl;
        uint16_t payload;
        uint8_t version;
        bool dnssec_ok;
    } cases[] = {
        {1232, 0, 1232, 0, false},
        {4096, 0x8000, 4096, 0, true},
        {65535, 0x7fff, 65535, 0, false}, // unknown flags (RFC 6891 6.1.4)
        {512, 0xffff, 512, 0, true},
        {511, 0, UDP_PAYLOAD_PLAIN, 0, false}, // RFC 6891 6.2.3
        {0, 0, UDP_PAYLOAD_PLAIN, 0, false},
        {1232, 0xff008000, 1232, 0, true}, // an extended RCODE in a query means nothing
        {1232, 0x00010000, 1232, 1, false},
        {1232, 0x00ff8000, 1232, 255, true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct edns edns = {0};
        static const uint8_t none[1];
        assert_int_equal(edns_read(cases[i].class, cases[i].ttl, none, 0, &edns), EDNS_OK);
        assert_true(edns.present);
        assert_int_equal(edns.payload, cases[i].payload);
        assert_int_equal(edns.version, cases[i].version);
        assert_int_equal(edns.dnssec_ok, cases[i].dnssec_ok);
        assert_false(edns.nsid || edns.keepalive);
        assert_int_equal(edns.cookie_size, 0);
    }
}

#define COOKIE8  "01234567"
#define COOKIE16 COOKIE8 COOKIE8
#define COOKIE40 COOKIE16 COOKIE16 COOKIE8

static void test_options(void **state)
{
    static const struct {
        const char *options;
        size_t size;
        enum edns_result result;
        bool nsid, keepalive;
        uint8_t cookie_size;
    } cases[] = {
        {"", 0, EDNS_OK, false, false, 0},
        {"\0\3\0\0", 4, EDNS_OK, true, false, 0},
        {"\0\3\0\2ab", 6, EDNS_OK, true, false, 0}, // RFC 5001 2.3: what a client says is ignored
        {"\0\13\0\0", 4, EDNS_OK, false, true, 0},
        {"\0\13\0\2\0\1", 6, EDNS_OK, false, false, 0}, // RFC 7828: no time-out from a client
        {"\0\12\0\10" COOKIE8, 12, EDNS_OK, false, false, 8},
        {"\0\12\0\20" COOKIE16, 20, EDNS_OK, false, false, 16},
        {"\0\12\0\50" COOKIE40, 44, EDNS_OK, false, false, 40},
        {"\0\12\0\10" COOKIE8 "\0\3\0\0\0\13\0\0", 20, EDNS_OK, true, true, 8},
        // Padding, an extended error and ones nobody knows.
        {"\0\14\0\4\0\0\0\0\0\17\0\2\0\0\0\11\0\3zzz\377\377\0\1x", 29 - 3, EDNS_OK, false, false,
         0},
        // Cut off anywhere.
        {"\0", 1, EDNS_FORMERR, false, false, 0},
        {"\0\3\0", 3, EDNS_FORMERR, false, false, 0},
        {"\0\3\0\1", 4, EDNS_FORMERR, false, false, 0},
        {"\0\3\0\0\0", 5, EDNS_FORMERR, true, false, 0},
        {"\377\376\377\377x", 5, EDNS_FORMERR, false, false, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct edns edns;
        enum edns_result result = read_options(cases[i].options, cases[i].size, &edns);
        if (result != cases[i].result)
            fail_msg("row %zu gives %d", i, result);
        assert_int_equal(edns.nsid, cases[i].nsid);
        assert_int_equal(edns.keepalive, cases[i].keepalive);
        assert_int_equal(edns.cookie_size, cases[i].cookie_size);
        assert_memory_equal(edns.cookie, COOKIE40, edns.cookie_size);
    }
}

// Empty, or with what nobody should say: they ask for the same.
static void test_of_zone(void **state)
{
    static const struct {
        const char *options;
        size_t size;
        bool zone_version, expire;
    } cases[] = {
        {"", 0, false, false},
        {"\0\23\0\0", 4, true, false},
        {"\0\11\0\0", 4, false, true},
        {"\0\23\0\6\1\0\0\0\0\1\0\11\0\4abcd", 18, true, true},
        {"\0\22\0\0\0\24\0\0", 8, false, false}, // their neighbours
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct edns edns;
        assert_int_equal(read_options(cases[i].options, cases[i].size, &edns), EDNS_OK);
        assert_int_equal(edns.zone_version, cases[i].zone_version);
        assert_int_equal(edns.expire, cases[i].expire);
    }
    struct edns edns = {0};
    assert_int_equal(edns_read(1232, 0x10000, (const uint8_t *)"\0\23\0\0", 4, &edns), EDNS_OK);
    assert_false(edns.zone_version); // another version's options are not looked at
}

// RFC 7871 6 and 7.1.2: lengths, families, bits beyond the prefix and a scope.
static void test_subnet(void **state)
{
    static const struct {
        const char *option;
        size_t size;
        enum edns_result result;
        struct subnet subnet;
    } cases[] = {
        {"\0\1\30\0\300\0\2", 7, EDNS_OK, {SUBNET_IPV4, 24, {192, 0, 2}}},
        {"\0\1\0\0", 4, EDNS_OK, {SUBNET_IPV4, 0, {0}}},
        {"\0\1\40\0\300\0\2\1", 8, EDNS_OK, {SUBNET_IPV4, 32, {192, 0, 2, 1}}},
        {"\0\1\27\0\300\0\2", 7, EDNS_OK, {SUBNET_IPV4, 23, {192, 0, 2}}},
        {"\0\1\1\0\200", 5, EDNS_OK, {SUBNET_IPV4, 1, {128}}},
        {"\0\2\70\0\40\1\15\270\0\0\1", 11, EDNS_OK, {SUBNET_IPV6, 56, {32, 1, 13, 184, 0, 0, 1}}},
        {"\0\2\0\0", 4, EDNS_OK, {SUBNET_IPV6, 0, {0}}},
        {"\0\0\0\0", 4, EDNS_OK, {SUBNET_NONE, 0, {0}}},
        {"", 0, EDNS_FORMERR, {0}},
        {"\0\1\30", 3, EDNS_FORMERR, {0}},
        {"\0\1\30\0\300\0", 6, EDNS_FORMERR, {0}},       // an octet is missing
        {"\0\1\30\0\300\0\2\0", 8, EDNS_FORMERR, {0}},   // one is too many
        {"\0\1\27\0\300\0\3", 7, EDNS_FORMERR, {0}},     // a bit beyond the prefix
        {"\0\1\41\0\300\0\2\1\0", 9, EDNS_FORMERR, {0}}, // 33 bits
        {"\0\2\201\0\40\1\15\270\0\0\0\0\0\0\0\0\0\0\0\0\0", 21, EDNS_FORMERR, {0}},
        {"\0\1\30\30\300\0\2", 7, EDNS_FORMERR, {0}}, // a scope in a query
        {"\0\3\30\0\300\0\2", 7, EDNS_FORMERR, {0}},  // no such family
        {"\0\0\10\0\300", 5, EDNS_FORMERR, {0}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t octets[64] = {0, OPTION_SUBNET, 0, (uint8_t)cases[i].size};
        struct edns edns;
        memcpy(octets + 4, cases[i].option, cases[i].size);
        if (read_options(octets, 4 + cases[i].size, &edns) != cases[i].result)
            fail_msg("row %zu", i);
        assert_int_equal(edns.has_subnet, cases[i].result == EDNS_OK);
        if (edns.has_subnet)
            assert_memory_equal(&edns.subnet, &cases[i].subnet, sizeof edns.subnet);
    }
}

// Of two the first counts, whatever the second is.
static void test_first_subnet_counts(void **state)
{
    (void)state;
    struct edns edns;
    assert_int_equal(read_options("\0\10\0\5\0\1\10\0\12"
                                  "\0\10\0\5\0\1\10\0\13",
                                  18, &edns),
                     EDNS_OK);
    assert_int_equal(edns.subnet.octets[0], 10);
}

// RFC 7873 5.2.2: every length but 8 and 16 to 40.
static void test_cookie_lengths(void **state)
{
    (void)state;
    for (unsigned size = 0; size <= 300; size++) {
        uint8_t option[4 + 300] = {0, OPTION_COOKIE, (uint8_t)(size >> 8), (uint8_t)size};
        struct edns edns;
        bool good = size == 8 || (size >= 16 && size <= 40);
        assert_int_equal(read_options(option, 4 + size, &edns), good ? EDNS_OK : EDNS_FORMERR);
        assert_int_equal(edns.cookie_size, good ? size : 0);
    }
}

// RFC 7873 5.2: only the first COOKIE is considered, even if the second has no length at all.
static void test_first_cookie_counts(void **state)
{
    (void)state;
    struct edns edns;
    assert_int_equal(read_options("\0\12\0\10" COOKIE8 "\0\12\0\10abcdefgh", 24, &edns), EDNS_OK);
    assert_int_equal(edns.cookie_size, 8);
    assert_memory_equal(edns.cookie, COOKIE8, 8);
    assert_int_equal(read_options("\0\12\0\10" COOKIE8 "\0\12\0\0", 16, &edns), EDNS_OK);
    assert_int_equal(edns.cookie_size, 8);
    assert_int_equal(read_options("\0\12\0\0\0\12\0\10" COOKIE8, 16, &edns), EDNS_FORMERR);
}

// EDNS_OPTIONS_MAX options are looked at. The rest must still be options, and is passed over.
static void test_most_options(void **state)
{
    (void)state;
    uint8_t options[4 * (EDNS_OPTIONS_MAX + 2)] = {0};
    for (unsigned i = 0; i < EDNS_OPTIONS_MAX + 2; i++)
        bytes_put16(options + 4 * i, (uint16_t)(65001 + i));
    struct edns edns;
    bytes_put16(options + 4 * (EDNS_OPTIONS_MAX - 1), OPTION_NSID);
    assert_int_equal(read_options(options, sizeof options, &edns), EDNS_OK);
    assert_true(edns.nsid);
    bytes_put16(options + 4 * (EDNS_OPTIONS_MAX - 1), 65001);
    bytes_put16(options + 4 * EDNS_OPTIONS_MAX, OPTION_NSID);
    assert_int_equal(read_options(options, sizeof options, &edns), EDNS_OK);
    assert_false(edns.nsid);
    bytes_put16(options + 4 * EDNS_OPTIONS_MAX + 6, 1);
    assert_int_equal(read_options(options, sizeof options, &edns), EDNS_FORMERR);
}

// The whole of 65535 octets of empty options.
static void test_longest_list(void **state)
{
    (void)state;
    static uint8_t options[65532];
    struct edns edns;
    assert_int_equal(read_options(options, sizeof options, &edns), EDNS_OK);
}

// RFC 6891 6.1.3: what a later version means by its options is not ours to judge.
static void test_version_1_is_not_read(void **state)
{
    (void)state;
    struct edns edns = {0};
    static const uint8_t garbage[] = {0, 10, 0, 1};
    assert_int_equal(edns_read(1232, 0x00018000, garbage, sizeof garbage, &edns), EDNS_OK);
    assert_int_equal(edns.version, 1);
    assert_true(edns.dnssec_ok);
    assert_int_equal(edns.cookie_size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_head),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_of_zone),
        cmocka_unit_test(test_subnet),
        cmocka_unit_test(test_first_subnet_counts),
        cmocka_unit_test(test_cookie_lengths),
        cmocka_unit_test(test_first_cookie_counts),
        cmocka_unit_test(test_most_options),
        cmocka_unit_test(test_longest_list),
        cmocka_unit_test(test_version_1_is_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
