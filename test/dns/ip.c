// Addresses in text: what is one, what is not and why, and RFC 5952's form.
#include "records.h"

#include <arpa/inet.h>

#include "dns/ip.h"

static void test_ip4(void **state)
{
    static const struct {
        const char *text, *why; // NULL: it is an address
    } cases[] = {
        {"0.0.0.0", NULL},
        {"192.0.2.1", NULL},
        {"255.255.255.255", NULL},
        {"192.0.2.300", "octet 300 > 255"},
        {"256.0.0.1", "octet 256 > 255"},
        {"1.2.3.99999999999999999999", "octet 9999999999... > 255"},
        {"192.0.2", "3 octets where 4 belong"},
        {"192", "1 octet where 4 belong"},
        {"192.0.2.1.5", "5 octets where 4 belong"},
        {"192.0..1", "octet 3 is empty"},
        {"192.0.2.", "octet 4 is empty"},
        {"", "octet 1 is empty"},
        {"192.0.2.010", "octet 010 has a leading zero"},
        {"192.0.2.00", "octet 00 has a leading zero"},
        {"192.0.2.x", "'x' cannot stand in it"},
        {"2001:db8::1", "':' cannot stand in it"},
        {"1.2.3.4 ", "octet 32 cannot stand in it"},
        {"-1.2.3.4", "'-' cannot stand in it"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t *text = exact_copy((const uint8_t *)cases[i].text, strlen(cases[i].text));
        uint8_t octets[4], wanted[4];
        char why[IP_WHY_MAX];
        bool taken = ip_parse4((const char *)text, strlen(cases[i].text), octets);
        assert_int_equal(taken, !cases[i].why);
        if (taken) {
            assert_int_equal(inet_pton(AF_INET, cases[i].text, wanted), 1);
            assert_memory_equal(octets, wanted, 4);
        } else {
            ip_explain4((const char *)text, strlen(cases[i].text), why);
            assert_string_equal(why, cases[i].why);
        }
        free(text);
    }
}

static void test_ip6(void **state)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"::", NULL},
        {"::1", NULL},
        {"1::", NULL},
        {"2001:db8::1", NULL},
        {"2001:DB8:0:8002::2000:1", NULL},
        {"1:2:3:4:5:6:7:8", NULL},
        {"1:2:3:4:5:6:7::", NULL},
        {"::2:3:4:5:6:7:8", NULL},
        {"::ffff:192.0.2.1", NULL},
        {"1:2:3:4:5:6:192.0.2.1", NULL},
        {"2001:db8:ffff:ffff:ffff:ffff:198.51.100.100", NULL}, // RFC 9460 D.2
        {"", "no text"},
        {":", "0 groups where 8 belong"},
        {"1:2:3:4:5:6:7", "7 groups where 8 belong"},
        {"1:2:3:4:5:6:7:8:9", "9 groups where 8 belong"},
        {"1:2:3:4:5:6:7:8::", "8 groups and '::' where 8 belong"},
        {"::1:2:3:4:5:6:7:8", "8 groups and '::' where 8 belong"},
        {"1::2::3", "'::' may stand once only"},
        {":::", "'::' may stand once only"},
        {"12345::", "a group over four digits"},
        {"1:2:3:4:5:6:7:8:", "a ':' too many"},
        {"fe80::1%eth0", "'%' cannot stand in it"},
        {"2001:db8::g", "'g' cannot stand in it"},
        {"[::1]", "'[' cannot stand in it"},
        {"192.0.2.1", "it is IPv4"},
        {"::192.0.2.300", "its dotted part is not an IPv4 address"},
        {"::192.0.2", "its dotted part is not an IPv4 address"},
        {"1:2:3:4:5:6:7:192.0.2.1", "9 groups where 8 belong"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t *text = exact_copy((const uint8_t *)cases[i].text, strlen(cases[i].text));
        uint8_t octets[16], wanted[16];
        char why[IP_WHY_MAX];
        bool taken = ip_parse6((const char *)text, strlen(cases[i].text), octets);
        assert_int_equal(taken, !cases[i].why);
        assert_int_equal(inet_pton(AF_INET6, cases[i].text, wanted), taken);
        if (taken) {
            assert_memory_equal(octets, wanted, 16);
        } else {
            ip_explain6((const char *)text, strlen(cases[i].text), why);
            assert_string_equal(why, cases[i].why);
        }
        free(text);
    }
}

// All texts of six characters of a small alphabet: libc agrees on each.
static void test_ip6_exhaustive(void **state)
{
    static const char alphabet[] = "0f:.";
    (void)state;
    for (unsigned n = 0; n < 4096; n++) {
        char text[8] = "";
        uint8_t octets[16], wanted[16];
        for (unsigned i = 0; i < 6; i++)
            text[i] = alphabet[n >> (2 * i) & 3];
        bool taken = ip_parse6(text, 6, octets);
        assert_int_equal(inet_pton(AF_INET6, text, wanted), taken);
        if (taken)
            assert_memory_equal(octets, wanted, 16);
    }
}

static void test_print(void **state)
{
    static const char *const texts[] = {
        "::", "::1", "2001:db8::1", "2001:db8:0:1:1:1:1:1", "2001:0:0:1::1", "::ffff:192.0.2.1"};
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        uint8_t octets[16];
        struct buffer text = {0};
        assert_true(ip_parse6(texts[i], strlen(texts[i]), octets));
        ip_print6(octets, &text);
        assert_string_equal(buffer_text(&text), texts[i]);
        buffer_free(&text);
    }
    struct buffer text = {0};
    ip_print4((const uint8_t[]){192, 0, 2, 255}, &text);
    assert_string_equal(buffer_text(&text), "192.0.2.255");
    buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ip4),
        cmocka_unit_test(test_ip6),
        cmocka_unit_test(test_ip6_exhaustive),
        cmocka_unit_test(test_print),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
