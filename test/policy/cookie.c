// Server cookies: the examples of RFC 9018 appendix A, and what makes a cookie stale.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "policy/cookie.h"

static void from_hex(const char *hex, uint8_t *octets)
{
    for (size_t i = 0; i < strlen(hex) / 2; i++) {
        unsigned high = (unsigned)(hex[2 * i] <= '9' ? hex[2 * i] - '0' : hex[2 * i] - 'a' + 10);
        unsigned low =
            (unsigned)(hex[2 * i + 1] <= '9' ? hex[2 * i + 1] - '0' : hex[2 * i + 1] - 'a' + 10);
        octets[i] = (uint8_t)(high << 4 | low);
    }
}

static struct edns edns_of(const char *cookie)
{
    struct edns edns = {.present = true, .cookie_size = (uint8_t)(strlen(cookie) / 2)};
    from_hex(cookie, edns.cookie);
    return edns;
}

static struct address address_of(const char *text)
{
    struct address address;
    if (!address_parse(text, 0, &address))
        fail_msg("%s is no address", text);
    return address;
}

// The secrets of A.1 to A.3, and of A.4 before and after it was rolled over.
#define SECRET "e5e973e5a6b2a43f48e7dc849e37bfcf"
#define BEFORE "dd3bdf9344b678b185a6f5cb60fca715"
#define AFTER  "445536bcd2513298075a5d379663c962"

static void test_rfc9018_replies(void **state)
{
    static const struct {
        const char *secret, *client, *cookie;
        uint32_t date_s;
        const char *reply;
    } cases[] = {
        // A.1: learning a new server cookie.
        {SECRET, "198.51.100.100", "2464c4abcf10c957", 1559731985,
         "2464c4abcf10c957010000005cf79f111f8130c3eee29480"},
        // A.2: the same client learning a renewed server cookie.
        {SECRET, "198.51.100.100", "2464c4abcf10c957", 1559734385,
         "2464c4abcf10c957010000005cf7a871d4a564a1442aca77"},
        // A.3: another client.
        {SECRET, "203.0.113.203", "fc93fc62807ddb86", 1559734700,
         "fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e"},
        // A.4: IPv6, and a secret that was rolled over.
        {AFTER, "2001:db8:220:1:59de:d0f4:8769:82b8", "22681ab97d52c298", 1559741961,
         "22681ab97d52c298010000005cf7c609a6bb79d16625507a"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cookie_secret secret;
        struct address client = address_of(cases[i].client);
        uint8_t half[8], cookie[COOKIE_SIZE], wanted[COOKIE_SIZE];
        from_hex(cases[i].secret, secret.key);
        from_hex(cases[i].cookie, half);
        from_hex(cases[i].reply, wanted);
        cookie_make(&secret, half, &client, cases[i].date_s, cookie);
        assert_memory_equal(cookie, wanted, COOKIE_SIZE);
    }
}

// What the clients of appendix A send, judged when they send it and at other times.
static void test_check(void **state)
{
    static const char a2[] = "2464c4abcf10c957010000005cf79f111f8130c3eee29480";
    static const char a3[] = "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5";
    static const char a4[] = "22681ab97d52c298010000005cf7c57926556bd0934c72f8";
    static const char v4[] = "198.51.100.100", v4_other[] = "203.0.113.203";
    static const char v6[] = "2001:db8:220:1:59de:d0f4:8769:82b8";
    static const struct {
        const char *secret, *client, *cookie;
        uint32_t date_s;
        enum cookie_result result;
    } cases[] = {
        {SECRET, v4, "", 0x5cf79f11, COOKIE_NONE},
        {SECRET, v4, "2464c4abcf10c957", 0x5cf79f11, COOKIE_NEW},
        {SECRET, v4, a2, 0x5cf79f11, COOKIE_GOOD},
        {SECRET, v4, a2, 1559734385, COOKIE_GOOD}, // A.2: 40 minutes old
        {SECRET, v4, a2, 0x5cf79f11 + 3600, COOKIE_GOOD},
        {SECRET, v4, a2, 0x5cf79f11 + 3601, COOKIE_STALE},
        {SECRET, v4, a2, 0x5cf79f11 - 300, COOKIE_GOOD},
        {SECRET, v4, a2, 0x5cf79f11 - 301, COOKIE_STALE},
        {SECRET, v4, a2, 0x5cf79f11 + 0x80000000u, COOKIE_STALE},
        {SECRET, v4_other, a2, 0x5cf79f11, COOKIE_STALE},
        {SECRET, v6, a2, 0x5cf79f11, COOKIE_STALE},
        {BEFORE, v4, a2, 0x5cf79f11, COOKIE_STALE},
        // A.3: reserved octets are not looked at, but hashed.
        {SECRET, v4_other, a3, 0x5cf78f71, COOKIE_GOOD},
        {SECRET, v4_other, "fc93fc62807ddb8601abcdee5cf78f71a314227b6679ebf5", 0x5cf78f71,
         COOKIE_STALE},
        {BEFORE, v6, a4, 0x5cf7c579, COOKIE_GOOD},
        {AFTER, v6, a4, 0x5cf7c579, COOKIE_STALE},
        // Another version, the hash's last bit, the client's half, other sizes.
        {SECRET, v4, "2464c4abcf10c957020000005cf79f111f8130c3eee29480", 0x5cf79f11, COOKIE_STALE},
        {SECRET, v4, "2464c4abcf10c957010000005cf79f111f8130c3eee29481", 0x5cf79f11, COOKIE_STALE},
        {SECRET, v4, "2464c4abcf10c958010000005cf79f111f8130c3eee29480", 0x5cf79f11, COOKIE_STALE},
        {SECRET, v4, "2464c4abcf10c957010000005cf79f11", 0x5cf79f11, COOKIE_STALE},
        {SECRET, v4, "2464c4abcf10c957010000005cf79f111f8130c3eee2948000", 0x5cf79f11,
         COOKIE_STALE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cookie_secret secret;
        struct address client = address_of(cases[i].client);
        struct edns edns = edns_of(cases[i].cookie);
        from_hex(cases[i].secret, secret.key);
        enum cookie_result result = cookie_check(&secret, &edns, &client, cases[i].date_s);
        if (result != cases[i].result)
            fail_msg("row %zu gives %d", i, result);
    }
}

// Serial arithmetic (RFC 1982): a cookie goes on being good when 32 bits of seconds wrap in 2106.
static void test_wrap(void **state)
{
    (void)state;
    struct cookie_secret secret = {"0123456789abcde"};
    struct address client = address_of("192.0.2.1");
    struct edns edns = edns_of("0102030405060708");
    uint8_t cookie[COOKIE_SIZE];
    cookie_make(&secret, edns.cookie, &client, 0xfffffff0u, cookie);
    memcpy(edns.cookie, cookie, COOKIE_SIZE);
    edns.cookie_size = COOKIE_SIZE;
    assert_int_equal(cookie_check(&secret, &edns, &client, 3000), COOKIE_GOOD);
    assert_int_equal(cookie_check(&secret, &edns, &client, 3600), COOKIE_STALE);
    cookie_make(&secret, edns.cookie, &client, 10, cookie);
    memcpy(edns.cookie, cookie, COOKIE_SIZE);
    assert_int_equal(cookie_check(&secret, &edns, &client, 0xffffffffu), COOKIE_GOOD);
}

// The port is no part of it: a client's next query comes from another one.
static void test_any_port(void **state)
{
    (void)state;
    struct cookie_secret secret = {"0123456789abcde"};
    static const char *const hosts[] = {"192.0.2.1", "2001:db8::1"};
    for (unsigned i = 0; i < 2; i++) {
        struct address client = address_of(hosts[i]);
        struct edns edns = edns_of("0102030405060708");
        address_set_port(&client, 1024);
        uint8_t cookie[COOKIE_SIZE];
        cookie_make(&secret, edns.cookie, &client, 1000, cookie);
        memcpy(edns.cookie, cookie, COOKIE_SIZE);
        edns.cookie_size = COOKIE_SIZE;
        address_set_port(&client, 65535);
        assert_int_equal(cookie_check(&secret, &edns, &client, 1000), COOKIE_GOOD);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc9018_replies),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_wrap),
        cmocka_unit_test(test_any_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
