// Thirteen root servers, each with two addresses.
#include "../dns/names.h"

#include <stdlib.h>

#include "base/file.h"
#include "resolve/hints.h"

static void test_thirteen_servers(void **state)
{
    (void)state;
    struct delegation root;
    delegation_begin(&root, NAME_ROOT);
    hints_fill(&root);
    assert_int_equal(root.host_count, 13);
    assert_int_equal(root.address_count, 26);
    unsigned families[13][2] = {{0}};
    for (unsigned i = 0; i < root.address_count; i++) {
        assert_int_equal(address_port(&root.addresses[i].address), 0);
        families[root.addresses[i].host][root.addresses[i].address.any.sa_family == AF_INET6]++;
    }
    for (unsigned i = 0; i < 13; i++) {
        char text[32] = "?.root-servers.net.";
        text[0] = (char)('a' + i);
        assert_name(root.hosts[i].name, text);
        assert_int_equal(families[i][0], 1);
        assert_int_equal(families[i][1], 1);
    }
}

// What Debian's dns-root-data has is IANA's file: the same servers as the built-in ones, if it is
// not older than they are.
static void test_file_of_the_system(void **state)
{
    static const char path[] = "/usr/share/dns/root.hints";
    struct delegation root, built_in;
    struct report report = {0};
    struct arena memory = {0};
    char *text;
    size_t size;
    (void)state;
    if (file_read(path, 65536, &text, &size)) {
        print_message("skipped: there is no %s\n", path);
        skip();
    }
    assert_true(hints_read(path, text, size, &memory, &root, &report));
    delegation_begin(&built_in, NAME_ROOT);
    hints_fill(&built_in);
    assert_int_equal(root.host_count, 13);
    assert_int_equal(root.address_count, 26);
    for (unsigned i = 0; i < built_in.host_count; i++)
        assert_int_equal(delegation_add_host(&root, built_in.hosts[i].name), i);
    report_free(&report);
    arena_free(&memory);
    free(text);
}

struct text_row {
    const char *text;
    unsigned hosts, addresses;
    const char *problem; // NULL: it is used
};
static void test_texts(void **state)
{
    static const struct text_row rows[] = {
        {". 1 NS a.test.\na.test. 1 A 192.0.2.1\na.test. 1 AAAA 2001:db8::1\n", 1, 2, NULL},
        {"A.test. 1 A 192.0.2.1\n. 1 NS a.Test.\n. 1 NS b.test.\n", 2, 1, NULL},
        {". 1 NS a.test.\nb.test. 1 A 192.0.2.1\n", 0, 0, "no root server with an address"},
        {"x. 1 NS a.test.\na.test. 1 A 192.0.2.1\n", 0, 0, "no root server with an address"},
        {"", 0, 0, "no root server with an address"},
        {". 1 NS a.test.\na.test. 1 A 192.0.2.300\n", 0, 0,
         "'192.0.2.300' is not an IPv4 address (octet 300 > 255)"},
        {"<html>\n", 0, 0, "the record ends before its type"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct delegation root;
        struct report report = {0};
        struct arena memory = {0};
        bool good = hints_read("h", rows[i].text, strlen(rows[i].text), &memory, &root, &report);
        assert_int_equal(good, rows[i].problem == NULL);
        if (good) {
            assert_int_equal(root.host_count, rows[i].hosts);
            assert_int_equal(root.address_count, rows[i].addresses);
        } else {
            assert_int_equal(report.errors, 1);
            assert_string_equal(report.problems[report.count - 1].message, rows[i].problem);
        }
        report_free(&report);
        arena_free(&memory);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_thirteen_servers),
                                       cmocka_unit_test(test_file_of_the_system),
                                       cmocka_unit_test(test_texts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
