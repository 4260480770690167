// Access lists: the named sets and prefixes of one's own.
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "policy/access.h"

static bool allows(const struct access *access, const char *text)
{
    struct address client;
    assert_true(address_parse(text, 53, &client));
    return access_allows(access, &client);
}

static void test_nobody_and_anybody(void **state)
{
    (void)state;
    struct access nobody = {0}, anybody = {.any = true};
    assert_false(allows(&nobody, "127.0.0.1"));
    assert_true(allows(&anybody, "192.0.2.1"));
    assert_true(allows(&anybody, "2001:db8::1"));
}

static void test_named_sets(void **state)
{
    (void)state;
    static const struct {
        const char *client;
        bool loopback, private;
    } cases[] = {
        {"127.0.0.1", true, false},
        {"127.255.255.255", true, false},
        {"::1", true, false},
        {"::ffff:127.0.0.1", true, false},
        {"10.1.2.3", false, true},
        {"172.31.255.1", false, true},
        {"172.32.0.1", false, false},
        {"192.168.0.1", false, true},
        {"169.254.3.4", false, true},
        {"100.64.0.1", false, true},
        {"100.128.0.1", false, false},
        {"fd12::1", false, true},
        {"fe80::1", false, true},
        {"2001:db8::1", false, false},
        {"192.0.2.1", false, false},
        {"::2", false, false},
        {"::ffff:10.1.2.3", false, true},
        {"0.0.0.0", false, false},
    };
    struct access loopback = {0}, private = {0};
    access_add_loopback(&loopback);
    access_add_private(&private);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(allows(&loopback, cases[i].client), cases[i].loopback);
        assert_int_equal(allows(&private, cases[i].client), cases[i].private);
    }
    access_free(&loopback);
    access_free(&private);
}

static void test_own_prefixes(void **state)
{
    (void)state;
    struct access access = {0};
    struct prefix prefix;
    assert_true(prefix_parse("192.0.2.0/24", &prefix));
    access_add(&access, &prefix);
    assert_true(prefix_parse("2001:db8:1::/48", &prefix));
    access_add(&access, &prefix);
    assert_true(allows(&access, "192.0.2.255"));
    assert_false(allows(&access, "192.0.3.0"));
    assert_true(allows(&access, "2001:db8:1:ffff::1"));
    assert_false(allows(&access, "2001:db8:2::1"));
    struct access copy;
    access_copy(&copy, &access);
    access_free(&access);
    assert_false(allows(&access, "192.0.2.1"));
    assert_true(allows(&copy, "192.0.2.255"));
    assert_true(allows(&copy, "2001:db8:1:ffff::1"));
    assert_false(allows(&copy, "2001:db8:2::1"));
    // IPv4 addresses are no IPv6 ones, however wide the prefix is.
    assert_true(prefix_parse("::/0", &prefix));
    access_add(&copy, &prefix);
    assert_true(allows(&copy, "2001:db8:2::1"));
    assert_false(allows(&copy, "192.0.3.0"));
    assert_false(allows(&copy, "::ffff:192.0.3.0"));
    assert_true(prefix_parse("0.0.0.0/0", &prefix));
    access_add(&copy, &prefix);
    assert_true(allows(&copy, "::ffff:192.0.3.0"));
    access_free(&copy);
}

static void test_keys(void **state)
{
    struct access access = {0}, copy;
    struct address near, far;
    (void)state;
    assert_true(address_parse("127.0.0.1:53", 53, &near));
    assert_true(address_parse("192.0.2.1:53", 53, &far));
    access_add_loopback(&access);
    access_add_key(&access, 3);
    access_add_key(&access, 1);
    access_copy(&copy, &access);
    access_free(&access);
    assert_true(access_admits(&copy, &near, 0));
    assert_false(access_admits(&copy, &far, 0));
    assert_true(access_admits(&copy, &far, 1));
    assert_false(access_admits(&copy, &far, 2));
    assert_true(access_admits(&copy, &far, 3));
    assert_false(access_allows(&copy, &far)); // who looks at no key sees none
    access_free(&copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nobody_and_anybody),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_named_sets),
        cmocka_unit_test(test_own_prefixes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
