// Thirteen root servers, each with two addresses.
#include "../dns/names.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_thirteen_servers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
