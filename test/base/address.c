// Addresses and prefixes: what is one, what is not, and that printing and parsing agree.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/address.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static void test_parse_and_print(void **state)
{
    static const struct {
        const char *text, *printed, *host;
    } cases[] = {
        {"192.0.2.1", "192.0.2.1:853", "192.0.2.1"},
        {"192.0.2.1:53", "192.0.2.1:53", "192.0.2.1"},
        {"0.0.0.0:0", "0.0.0.0:0", "0.0.0.0"},
        {"255.255.255.255:65535", "255.255.255.255:65535", "255.255.255.255"},
        {"::", "[::]:853", "::"},
        {"[::]", "[::]:853", "::"},
        {"[::1]:53", "[::1]:53", "::1"},
        // RFC 5952 4: no leading zeros, the longest run of zeros, the first of equals, lower case,
        // no run of one.
        {"2001:0db8::0001", "[2001:db8::1]:853", "2001:db8::1"},
        {"2001:db8:0:0:0:0:2:1", "[2001:db8::2:1]:853", "2001:db8::2:1"},
        {"2001:db8:0:1:1:1:1:1", "[2001:db8:0:1:1:1:1:1]:853", "2001:db8:0:1:1:1:1:1"},
        {"2001:0:0:1:0:0:0:1", "[2001:0:0:1::1]:853", "2001:0:0:1::1"},
        {"2001:db8:0:0:1:0:0:1", "[2001:db8::1:0:0:1]:853", "2001:db8::1:0:0:1"},
        {"2001:DB8::A", "[2001:db8::a]:853", "2001:db8::a"},
        {"::ffff:c000:201", "[::ffff:192.0.2.1]:853", "::ffff:192.0.2.1"},
        {"[::ffff:192.0.2.1]:5353", "[::ffff:192.0.2.1]:5353", "::ffff:192.0.2.1"},
        // Without brackets the last group is no port.
        {"2001:db8::1:53", "[2001:db8::1:53]:853", "2001:db8::1:53"},
        {"fe80::1%lo", "[fe80::1%lo]:853", "fe80::1%lo"},
        {"[fe80::1%lo]:53", "[fe80::1%lo]:53", "fe80::1%lo"},
        {"fe80::1%4000000000", "[fe80::1%4000000000]:853", "fe80::1%4000000000"},
        {"ff02::fb%lo", "[ff02::fb%lo]:853", "ff02::fb%lo"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct address address, again;
        char text[ADDRESS_TEXT_MAX];
        if (!address_parse(cases[i].text, 853, &address))
            fail_msg("%s is refused", cases[i].text);
        address_print(&address, text);
        assert_string_equal(text, cases[i].printed);
        assert_true(address_parse(text, 0, &again));
        assert_true(address_equal(&address, &again));
        address_print_host(&address, text);
        assert_string_equal(text, cases[i].host);
    }
}

static const char *const no_addresses[] = {
    "",
    " ",
    ":",
    "::::",
    ":::",
    "1",
    "1.2",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.",
    ".1.2.3",
    "1.2.3.256",
    "1.2.3.04",
    "01.2.3.4",
    "0x1.2.3.4",
    "1.2.3.4 ",
    " 1.2.3.4",
    "1.2.3.4\n",
    "1.2.3.4:",
    "1.2.3.4:65536",
    "1.2.3.4:-1",
    "1.2.3.4:+1",
    "1.2.3.4: 53",
    "1.2.3.4:53 ",
    "1.2.3.4:053",
    "1.2.3.4:00",
    "1.2.3.4:5x",
    "1.2.3.4:99999999999999999999",
    "1.2.3.4:53:53",
    "1.2.3.4/24",
    "1.2.3.4%lo",
    "[1.2.3.4]",
    "[1.2.3.4]:53",
    "localhost",
    "example.:53",
    "[",
    "]",
    "[]",
    "[]:53",
    "[::1",
    "::1]",
    "[::1]53",
    "[::1]:",
    "[::1]:65536",
    "[::1]:53x",
    "[::1]x",
    "[[::1]]",
    "::1%lo",
    "2001:db8::1%lo",
    "fe80::1%",
    "fe80::1%0",
    "fe80::1%no-such",
    "fe80::1%4294967296",
    "fe80::1%lo%lo",
    "fe80::1%[lo]",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1::2::3",
    "12345::",
    "g::",
    "::1.2.3",
    "::1.2.3.4.5",
    "::1.2.3.256",
    "53",
    ":53",
    "*:53",
    "2001:0db8:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001"};

static void test_no_address(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(no_addresses); i++) {
        struct address address;
        if (address_parse(no_addresses[i], 53, &address))
            fail_msg("'%s' is taken for an address", no_addresses[i]);
        assert_int_equal(address.size, 0);
    }
}

// The longest text, cut after each octet.
static void test_cut_texts(void **state)
{
    static const char whole[] = "[fe80:1111:2222:3333:4444:5555:255.255.255.255%4294967295]:65535";
    (void)state;
    struct address address;
    for (size_t size = 0; size < sizeof whole - 1; size++) {
        char text[sizeof whole];
        snprintf(text, sizeof text, "%.*s", (int)size, whole);
        const char *end = strchr(text, ']');
        bool good = end && (end[1] == 0 || end[2] != 0); // "[...]" and "[...]:6", not "[...]:"
        assert_int_equal(address_parse(text, 53, &address), good);
    }
    char text[ADDRESS_TEXT_MAX];
    assert_true(address_parse(whole, 53, &address));
    address_print(&address, text);
    assert_string_equal(text, "[fe80:1111:2222:3333:4444:5555:ffff:ffff%4294967295]:65535");
}

static struct address parsed(const char *text)
{
    struct address address;
    if (!address_parse(text, 53, &address))
        fail_msg("%s is refused", text);
    return address;
}

static void test_equal(void **state)
{
    static const struct {
        const char *a, *b;
        bool equal;
    } cases[] = {
        {"192.0.2.1", "192.0.2.1:53", true},
        {"192.0.2.1", "192.0.2.1:54", false},
        {"192.0.2.1", "192.0.2.2", false},
        {"::1", "[0:0::1]:53", true},
        {"::1", "::2", false},
        {"::1", "[::1]:54", false},
        {"fe80::1%1000001", "fe80::1%1000002", false},
        {"192.0.2.1", "::ffff:192.0.2.1", false}, // two sockets, two names
        {"0.0.0.0", "::", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct address a = parsed(cases[i].a), b = parsed(cases[i].b);
        assert_int_equal(address_equal(&a, &b), cases[i].equal);
        assert_int_equal(address_equal(&b, &a), cases[i].equal);
    }
    struct address none = {0}, one = parsed("0.0.0.0:0");
    assert_true(address_equal(&none, &none));
    assert_false(address_equal(&none, &one));
}

static void test_small_questions(void **state)
{
    (void)state;
    struct address address = parsed("0.0.0.0");
    assert_true(address_is_wildcard(&address));
    address_set_port(&address, 65535);
    assert_int_equal(address_port(&address), 65535);
    address = parsed("[::]:1");
    assert_true(address_is_wildcard(&address));
    address_set_port(&address, 0);
    assert_int_equal(address_port(&address), 0);
    address = parsed("::1");
    assert_false(address_is_wildcard(&address));
    assert_int_equal(address_port(&address), 53);

    struct address none = {0};
    char text[ADDRESS_TEXT_MAX];
    assert_false(address_is_wildcard(&none));
    assert_int_equal(address_port(&none), 0);
    address_print(&none, text);
    assert_string_equal(text, "none");
}

static void test_loopback(void **state)
{
    static const struct {
        const char *text;
        bool loopback;
    } rows[] = {{"127.0.0.1", true},  {"127.255.0.9", true},      {"126.0.0.1", false},
                {"128.0.0.1", false}, {"0.0.0.0", false},         {"::1", true},
                {"::", false},        {"::ffff:127.0.0.1", true}, {"::2", false},
                {"fe80::1", false},   {"::ffff:192.0.2.1", false}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct address address = parsed(rows[i].text);
        assert_int_equal(address_is_loopback(&address), rows[i].loopback);
    }
    struct address none = {0};
    assert_false(address_is_loopback(&none));
}

static void test_no_prefix(void **state)
{
    static const char *const texts[] = {"",
                                        "/",
                                        "/0",
                                        "1.2.3/24",
                                        "192.0.2.0/",
                                        "192.0.2.0/33",
                                        "192.0.2.0/-1",
                                        "192.0.2.0/+8",
                                        "192.0.2.0/24 ",
                                        "192.0.2.0/024",
                                        "192.0.2.0/24/24",
                                        "192.0.2.0/24x",
                                        "192.0.2.1/24",
                                        "192.0.2.0/22",
                                        "128.0.0.0/0",
                                        "192.0.2.0:53",
                                        "192.0.2.0:53/24",
                                        "2001:db8::/129",
                                        "2001:db8::1/64",
                                        "2001:db8::/31x",
                                        "2001:db9::/31",
                                        "[2001:db8::]/32",
                                        "::1/0",
                                        "fe80::%lo/64",
                                        "::ffff:192.0.2.1/120",
                                        "192.0.2.0/255.255.255.0",
                                        "example./8",
                                        "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000/8"};
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct prefix prefix;
        if (prefix_parse(texts[i], &prefix))
            fail_msg("'%s' is taken for a prefix", texts[i]);
    }
}

static void test_prefix_holds(void **state)
{
    static const struct {
        const char *prefix, *address;
        bool holds;
    } cases[] = {
        {"192.0.2.0/24", "192.0.2.0", true},
        {"192.0.2.0/24", "192.0.2.255", true},
        {"192.0.2.0/24", "192.0.3.0", false},
        {"192.0.2.0/24", "192.0.1.255", false},
        {"192.0.2.128/25", "192.0.2.128", true},
        {"192.0.2.128/25", "192.0.2.127", false},
        {"192.0.2.1", "192.0.2.1:9", true},
        {"192.0.2.1/32", "192.0.2.0", false},
        {"0.0.0.0/0", "255.0.0.1", true},
        {"0.0.0.0/0", "::", false},
        {"128.0.0.0/1", "127.255.255.255", false},
        {"2001:db8::/32", "2001:db8:ffff::", true},
        {"2001:db8::/32", "2001:db9::", false},
        {"2001:db8::/33", "2001:db8:8000::", false},
        {"2001:db8::1", "2001:db8::1", true},
        {"2001:db8::1", "2001:db8::2", false},
        {"fe80::/10", "febf::1%1000001", true},
        {"::/0", "2001:db8::", true},
        // What is mapped is IPv4, in the prefix and in the address.
        {"::/0", "192.0.2.1", false},
        {"::/0", "::ffff:192.0.2.1", false},
        {"192.0.2.0/24", "::ffff:192.0.2.9", true},
        {"192.0.2.0/24", "::ffff:192.0.3.9", false},
        {"::ffff:192.0.2.0/120", "192.0.2.7", true},
        {"::ffff:192.0.2.0/120", "::ffff:192.0.2.7", true},
        {"::ffff:0:0/96", "203.0.113.1", true},
        {"::ffff:0:0/96", "2001:db8::", false},
        {"::fffe:0:0/95", "192.0.2.1", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct prefix prefix;
        struct address address = parsed(cases[i].address);
        if (!prefix_parse(cases[i].prefix, &prefix))
            fail_msg("%s is refused", cases[i].prefix);
        if (prefix_holds(&prefix, &address) != cases[i].holds)
            fail_msg("%s and %s", cases[i].prefix, cases[i].address);
    }
    struct prefix all;
    assert_true(prefix_parse("0.0.0.0/0", &all));
    assert_false(prefix_holds(&all, &(struct address){0}));
}

// Equal prefixes are equal octet for octet: tables may sort and compare them.
static void test_prefix_form(void **state)
{
    (void)state;
    struct prefix prefix;
    memset(&prefix, 0xff, sizeof prefix);
    assert_true(prefix_parse("10.0.0.0/8", &prefix));
    struct prefix expected = {.octets = {10}, .family = AF_INET, .bits = 8};
    assert_memory_equal(&prefix, &expected, sizeof prefix);
    assert_true(prefix_parse("::ffff:10.0.0.0/104", &prefix));
    assert_memory_equal(&prefix, &expected, sizeof prefix);
    assert_true(prefix_parse("::", &prefix));
    assert_int_equal(prefix.bits, 128);
    assert_int_equal(prefix.family, AF_INET6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_and_print), cmocka_unit_test(test_no_address),
        cmocka_unit_test(test_cut_texts),       cmocka_unit_test(test_equal),
        cmocka_unit_test(test_small_questions), cmocka_unit_test(test_loopback),
        cmocka_unit_test(test_no_prefix),       cmocka_unit_test(test_prefix_holds),
        cmocka_unit_test(test_prefix_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
