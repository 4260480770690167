// Which server is meant.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/exit.h"
#include "cli/nameserver.h"

static void test_addresses(void **state)
{
    static const struct {
        const char *text, *address;
    } cases[] = {
        {"192.0.2.53", "192.0.2.53:5300"},       {"192.0.2.53:53", "192.0.2.53:53"},
        {"2001:db8::53", "[2001:db8::53]:5300"}, {"[2001:db8::53]:53", "[2001:db8::53]:53"},
        {"localhost", "127.0.0.1:5300"},         {"localhost:53", "127.0.0.1:53"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct nameserver nameserver;
        char text[ADDRESS_TEXT_MAX];
        int family = cases[i].text[0] == 'l' ? AF_INET : AF_UNSPEC;
        assert_int_equal(nameserver_find(&nameserver, cases[i].text, "/nowhere", 5300, family),
                         EXIT_OK);
        assert_true(nameserver.count >= 1);
        address_print(&nameserver.addresses[0], text);
        assert_string_equal(text, cases[i].address);
        assert_string_equal(nameserver.text, cases[i].text);
        nameserver_free(&nameserver);
    }
}

static void test_refused(void **state)
{
    static const char *const cases[] = {"ns1:0", "ns1:65536", "ns1:dns", "ns1:", "1.2.3.4:x"};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct nameserver nameserver;
        assert_int_equal(nameserver_find(&nameserver, cases[i], "/nowhere", 53, AF_UNSPEC),
                         EXIT_USAGE);
        nameserver_free(&nameserver);
    }
}

static void test_default(void **state)
{
    static const struct {
        const char *file, *address;
    } cases[] = {
        {"", "127.0.0.1:53"},
        {"search example.test\n", "127.0.0.1:53"},
        {"# nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n", "192.0.2.2:53"},
        {"options x\nnameserver\nnameserver\t2001:db8::1", "[2001:db8::1]:53"},
        {"nameserver what\nnameserver 192.0.2.9 # mine\n", "192.0.2.9:53"},
        {"nameservers 192.0.2.1\n", "127.0.0.1:53"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[] = "/tmp/test_nameserver_XXXXXX", text[ADDRESS_TEXT_MAX];
        int file = mkstemp(path);
        assert_true(file >= 0);
        assert_true(dprintf(file, "%s", cases[i].file) >= 0);
        close(file);
        struct nameserver nameserver;
        assert_int_equal(nameserver_find(&nameserver, NULL, path, 53, AF_UNSPEC), EXIT_OK);
        address_print(&nameserver.addresses[0], text);
        assert_string_equal(text, cases[i].address);
        nameserver_free(&nameserver);
        unlink(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_addresses),
                                       cmocka_unit_test(test_refused),
                                       cmocka_unit_test(test_default)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
