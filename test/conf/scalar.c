// Scalars: what is a value of each type, and what is not.
#include "told.h"

#include "conf/scalar.h"

static void test_bool(void **state)
{
    static const char *const bad[] = {"", "True", "TRUE", "yes", "on", "1", "0", "true ", "tru"};
    bool value;
    (void)state;
    assert_true(scalar_bool("true", &value));
    assert_true(value);
    assert_true(scalar_bool("false", &value));
    assert_false(value);
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(scalar_bool(bad[i], &value));
}

static void test_number(void **state)
{
    static const char *const bad[] = {"",
                                      "-1",
                                      "+1",
                                      "00",
                                      "007",
                                      "1 ",
                                      " 1",
                                      "1.",
                                      "1_000",
                                      "0x10",
                                      "1e3",
                                      "one",
                                      "18446744073709551616",
                                      "99999999999999999999"};
    static const struct {
        const char *text;
        uint64_t value;
    } good[] = {{"0", 0}, {"7", 7}, {"10", 10}, {"18446744073709551615", UINT64_MAX}};
    uint64_t value;
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_true(scalar_number(good[i].text, &value));
        assert_int_equal(value, good[i].value);
    }
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(scalar_number(bad[i], &value));
}

static void test_duration(void **state)
{
    static const struct {
        const char *text;
        uint64_t ms;
    } good[] = {
        {"0", 0},
        {"0s", 0},
        {"30s", 30000},
        {"500ms", 500},
        {"1d 2h 30s", 93630000},
        {"1d2h30s", 93630000},
        {"1w", 604800000},
        {"2 m", 120000},
        {"1m  1ms", 60001},
        {"90m", 5400000},
        {"18446744073709551615ms", UINT64_MAX},
    };
    static const char *const bad[] = {"",
                                      "30",
                                      "s",
                                      "30 ",
                                      "30x",
                                      "30s 1d",
                                      "1h 1h",
                                      "1.5h",
                                      "-1h",
                                      "1h-",
                                      "1 d 2",
                                      "01h",
                                      "1ms 1s",
                                      "1D",
                                      "1day",
                                      "0 0",
                                      "00s",
                                      "18446744073709551615s",
                                      "18446744073709551615ms 1s",
                                      "30500568904944w"};
    uint64_t ms;
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_true(scalar_duration(good[i].text, &ms));
        assert_int_equal(ms, good[i].ms);
    }
    for (size_t i = 0; i < COUNT(bad); i++)
        if (scalar_duration(bad[i], &ms))
            fail_msg("'%s' is taken as %llu ms", bad[i], (unsigned long long)ms);
}

static void test_size(void **state)
{
    static const struct {
        const char *text;
        uint64_t octets;
    } good[] = {
        {"0", 0},
        {"0B", 0},
        {"4096B", 4096},
        {"64KiB", 65536},
        {"256MiB", 1 << 28},
        {"256 MiB", 1 << 28},
        {"1GiB", 1 << 30},
        {"3TiB", (uint64_t)3 << 40},
    };
    static const char *const bad[] = {"",
                                      "256",
                                      "256MB",
                                      "256M",
                                      "256mib",
                                      "MiB",
                                      "1GiB 1MiB",
                                      "1.5GiB",
                                      "-1MiB",
                                      "1MiBx",
                                      "1MiB ",
                                      "16777216TiB",
                                      "18446744073709551616B"};
    uint64_t octets;
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_true(scalar_size(good[i].text, &octets));
        assert_int_equal(octets, good[i].octets);
    }
    for (size_t i = 0; i < COUNT(bad); i++)
        if (scalar_size(bad[i], &octets))
            fail_msg("'%s' is taken as %llu octets", bad[i], (unsigned long long)octets);
}

static void test_word(void **state)
{
    static const char *const words[] = {"udp", "tcp", NULL};
    unsigned index;
    (void)state;
    assert_true(scalar_word("tcp", words, &index));
    assert_int_equal(index, 1);
    assert_false(scalar_word("TCP", words, &index));
    assert_false(scalar_word("", words, &index));
    assert_false(scalar_word("tcp ", words, &index));
}

static void test_nsid(void **state)
{
    static const struct {
        const char *text;
        size_t size;
        const char *octets;
    } good[] = {
        {"ns1", 3, "ns1"},   {"0x00ff", 2, "\0\xff"},     {"0xABcd", 2, "\xab\xcd"},
        {"0X00", 4, "0X00"}, {"\xc3\xa4", 2, "\xc3\xa4"},
    };
    static const char *const bad[] = {"", "0x", "0x1", "0x1g", "0x123"};
    uint8_t octets[NSID_MAX];
    size_t size;
    char text[2 * NSID_MAX + 8];
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_true(scalar_nsid(good[i].text, octets, &size));
        assert_int_equal(size, good[i].size);
        assert_memory_equal(octets, good[i].octets, size);
    }
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(scalar_nsid(bad[i], octets, &size));

    memset(text, 'a', sizeof text);
    text[NSID_MAX] = 0;
    assert_true(scalar_nsid(text, octets, &size));
    text[NSID_MAX] = 'a';
    text[NSID_MAX + 1] = 0;
    assert_false(scalar_nsid(text, octets, &size));
    memset(text, 'a', sizeof text);
    memcpy(text, "0x", 2);
    text[2 + 2 * NSID_MAX] = 0;
    assert_true(scalar_nsid(text, octets, &size));
    assert_int_equal(size, NSID_MAX);
    memset(text, 'a', sizeof text);
    memcpy(text, "0x", 2);
    text[4 + 2 * NSID_MAX] = 0;
    assert_false(scalar_nsid(text, octets, &size));
}

static void test_host(void **state)
{
    static const struct {
        const char *text;
        enum scalar_host host;
    } cases[] = {
        {"127.0.0.1", SCALAR_ADDRESS},
        {"::1", SCALAR_ADDRESS},
        {"0.0.0.0", SCALAR_ADDRESS},
        {"::", SCALAR_ADDRESS},
        {"[::1]", SCALAR_ADDRESS},
        {"2001:db8::53", SCALAR_ADDRESS},
        {"::ffff:192.0.2.1", SCALAR_ADDRESS},
        {"127.0.0.1:53", SCALAR_WITH_PORT},
        {"127.0.0.1:0", SCALAR_WITH_PORT},
        {"[::1]:53", SCALAR_WITH_PORT},
        {"eth0", SCALAR_INTERFACE},
        {"br-lan", SCALAR_INTERFACE},
        {"eth0.100", SCALAR_INTERFACE},
        {"enp3s0f1", SCALAR_INTERFACE},
        {"012345678901234", SCALAR_NO_HOST},
        {"a12345678901234", SCALAR_INTERFACE}, // 15 octets: the most
        {"a123456789012345", SCALAR_NO_HOST},
        {"", SCALAR_NO_HOST},
        {"192.0.2.300", SCALAR_NO_HOST},
        {"192.0.2", SCALAR_NO_HOST},
        {"2001:db8::g", SCALAR_NO_HOST},
        {"a/b", SCALAR_NO_HOST},
        {"a b", SCALAR_NO_HOST},
        {".", SCALAR_NO_HOST},
        {"..", SCALAR_NO_HOST},
        {"*", SCALAR_NO_HOST},
        {"fe80::1%no-such-one", SCALAR_NO_HOST},
        {"192.0.2.0/24", SCALAR_NO_HOST},
    };
    struct address address;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (scalar_host(cases[i].text, &address) != cases[i].host)
            fail_msg("'%s'", cases[i].text);
    assert_int_equal(scalar_host("192.0.2.1", &address), SCALAR_ADDRESS);
    assert_int_equal(address_port(&address), 0);
}

static void test_access(void **state)
{
    static const struct {
        const char *text;
        enum access_kind kind;
    } good[] = {
        {"localhost", ACCESS_LOCALHOST},
        {"private", ACCESS_PRIVATE},
        {"any", ACCESS_ANY},
        {"none", ACCESS_NONE},
        {"192.0.2.1", ACCESS_PREFIX},
        {"192.0.2.0/24", ACCESS_PREFIX},
        {"0.0.0.0/0", ACCESS_PREFIX},
        {"2001:db8::/32", ACCESS_PREFIX},
        {"key:a", ACCESS_KEY},
        {"key:A.b.", ACCESS_KEY},
    };
    static const char *const bad[] = {"",
                                      "Localhost",
                                      "all",
                                      "192.0.2.1/24",
                                      "192.0.2.0/33",
                                      "192.0.2.0/",
                                      "192.0.2.0/024",
                                      "key:",
                                      "key:.",
                                      "key:a..b",
                                      "Key:a",
                                      "192.0.2.1:53",
                                      "2001:db8::1/32",
                                      "192.0.2",
                                      "example.test"};
    struct access_option option;
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_true(scalar_access(good[i].text, &option));
        assert_int_equal(option.kind, good[i].kind);
    }
    assert_true(scalar_access("192.0.2.0/24", &option));
    assert_int_equal(option.prefix.family, AF_INET);
    assert_int_equal(option.prefix.bits, 24);
    assert_memory_equal(option.prefix.octets, "\xc0\0\2\0", 4);
    assert_true(scalar_access("key:secondary1", &option));
    assert_int_equal(option.kind, ACCESS_KEY);
    for (size_t i = 0; i < COUNT(bad); i++)
        if (scalar_access(bad[i], &option))
            fail_msg("'%s' is taken", bad[i]);
}

static void test_zone(void **state)
{
    static const struct {
        const char *text, *name;
    } good[] = {
        {"example.test", "example.test."},
        {"example.test.", "example.test."},
        {"Example.TEST", "Example.TEST."},
        {".", "."},
        {"2.0.192.in-addr.arpa", "2.0.192.in-addr.arpa."},
        {"0/25.2.0.192.in-addr.arpa", "0/25.2.0.192.in-addr.arpa."},
        {"a\\.b.test", "a\\.b.test."},
        {"b\u00fccher.test", "xn--bcher-kva.test."},
        {"B\u00dcCHER.test.", "xn--bcher-kva.test."},           // capital letters too
        {"stra\u00dfe.test", "xn--strae-oqa.test."},            // IDNA 2008, not 2003
        {"b\u00fccher\xe3\x80\x82test", "xn--bcher-kva.test."}, // an ideographic full stop
    };
    static const char *const bad[] = {
        "",
        "@",
        "..",
        ".a",
        "a..b",
        "a\\",
        "a\\999",
        "0123456789012345678901234567890123456789012345678901234567890123.test",
        "\xff.test",
        "\xc3",
        "\U0001f600..test",
        "a\u0301\u200bb\xff.test",
    };
    uint8_t storage[NAME_OCTETS_MAX];
    struct name name;
    char text[NAME_TEXT_MAX], huge[5000];
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        const char *problem = scalar_zone(good[i].text, storage, &name);
        if (problem)
            fail_msg("'%s': %s", good[i].text, problem);
        name_print(name, text);
        assert_string_equal(text, good[i].name);
    }
    for (size_t i = 0; i < COUNT(bad); i++)
        if (!scalar_zone(bad[i], storage, &name))
            fail_msg("'%s' is taken", bad[i]);
    memset(huge, 'a', sizeof huge);
    memcpy(huge, "\xc3\xbc", 2);
    huge[sizeof huge - 1] = 0;
    assert_non_null(scalar_zone(huge, storage, &name));
}

static void test_memory(void **state)
{
    static const char *const bad[] = {"", "0%", "101%", "25", "25 %", "-1%", "025%", "%", "1.5%"};
    uint64_t octets;
    unsigned percent;
    (void)state;
    assert_true(scalar_memory("1MiB", &octets, &percent));
    assert_int_equal(octets, 1 << 20);
    assert_int_equal(percent, 0);
    assert_true(scalar_memory("100%", &octets, &percent));
    assert_int_equal(octets, 0);
    assert_int_equal(percent, 100);
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(scalar_memory(bad[i], &octets, &percent));
}

// What is printed reads as the same number, and is the shortest that does.
static void test_print(void **state)
{
    static const struct {
        uint64_t ms;
        const char *text;
    } times[] = {{0, "0s"},          {1, "1ms"},
                 {1500, "1s 500ms"}, {60000, "1m"},
                 {86400000, "1d"},   {93630000, "1d 2h 30s"},
                 {604800000, "1w"},  {UINT64_MAX, "30500568904w 6d 14h 25m 51s 615ms"}};
    static const struct {
        uint64_t octets;
        const char *text;
    } sizes[] = {{0, "0B"},
                 {1, "1B"},
                 {1024, "1KiB"},
                 {1025, "1025B"},
                 {256 << 20, "256MiB"},
                 {(uint64_t)32 << 30, "32GiB"},
                 {UINT64_MAX, "18446744073709551615B"}};
    uint64_t value;
    (void)state;
    for (size_t i = 0; i < COUNT(times); i++) {
        char text[SCALAR_DURATION_MAX];
        scalar_print_duration(times[i].ms, text);
        assert_string_equal(text, times[i].text);
        assert_true(scalar_duration(text, &value) && value == times[i].ms);
    }
    for (size_t i = 0; i < COUNT(sizes); i++) {
        char text[SCALAR_SIZE_MAX];
        scalar_print_size(sizes[i].octets, text);
        assert_string_equal(text, sizes[i].text);
        assert_true(scalar_size(text, &value) && value == sizes[i].octets);
    }
}

static void test_server(void **state)
{
    static const struct {
        const char *text, *printed;
    } good[] = {{"192.0.2.1", "192.0.2.1:0"},
                {"192.0.2.1:5353", "192.0.2.1:5353"},
                {"2001:db8::1", "[2001:db8::1]:0"},
                {"[2001:db8::1]", "[2001:db8::1]:0"},
                {"[2001:db8::1]:53", "[2001:db8::1]:53"}};
    static const char *const bad[] = {"",           "dns.test",        "192.0.2.1:0",
                                      "192.0.2.1:", "192.0.2",         "192.0.2.1@53",
                                      "[::1]:0",    "192.0.2.1:65536", "10.0.0.0/8"};
    struct address address;
    char text[ADDRESS_TEXT_MAX];
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_true(scalar_server(good[i].text, &address));
        address_print(&address, text);
        assert_string_equal(text, good[i].printed);
    }
    for (size_t i = 0; i < COUNT(bad); i++)
        if (scalar_server(bad[i], &address))
            fail_msg("%s", bad[i]);
}

static void test_network(void **state)
{
    static const char *const bad[] = {"", "localhost", "Own", "any", "10.0.0.1/8", "key:a"};
    struct network_option option;
    (void)state;
    assert_true(scalar_network("own", &option));
    assert_int_equal(option.kind, NETWORK_OWN);
    assert_true(scalar_network("multicast", &option));
    assert_int_equal(option.kind, NETWORK_MULTICAST);
    assert_true(scalar_network("192.0.2.0/24", &option));
    assert_int_equal(option.kind, NETWORK_PREFIX);
    assert_int_equal(option.prefix.bits, 24);
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(scalar_network(bad[i], &option));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory),   cmocka_unit_test(test_print),
        cmocka_unit_test(test_server),   cmocka_unit_test(test_network),
        cmocka_unit_test(test_bool),     cmocka_unit_test(test_number),
        cmocka_unit_test(test_duration), cmocka_unit_test(test_size),
        cmocka_unit_test(test_word),     cmocka_unit_test(test_nsid),
        cmocka_unit_test(test_host),     cmocka_unit_test(test_access),
        cmocka_unit_test(test_zone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
