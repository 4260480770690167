// Rules: which delegation a name falls to, and whom not to ask.
#include "../dns/names.h"

#include "resolve/rules.h"

static struct address address_of(const char *text)
{
    struct address address;
    assert_true(address_parse(text, 53, &address));
    return address;
}

static void test_safe_values(void **state)
{
    (void)state;
    struct rules *rules = rules_make();
    assert_int_equal(rules->otherwise, RULES_RECURSIVE);
    assert_true(rules->minimise && rules->ipv4 && rules->ipv6);
    assert_false(rules->quiet);
    assert_int_equal(rules->port, 53);
    assert_int_equal(rules->packets_max, BUDGET_PACKETS);
    assert_int_equal(rules->root->host_count, 13);
    assert_true(rules->root->configured);
    assert_ptr_equal(rules_hold(rules), rules);
    rules_release(rules);
    rules_release(rules);
    rules_release(NULL);
}

struct ask_row {
    const char *address;
    bool may;
};
static void test_never_ask(void **state)
{
    (void)state;
    static const struct ask_row rows[] = {
        {"192.0.2.1", true},  {"2001:db8::1", true},      {"0.0.0.0", false},
        {"0.1.2.3", false},   {"127.0.0.1", false},       {"127.9.9.9", false},
        {"224.0.0.1", false}, {"255.255.255.255", false}, {"::", false},
        {"::1", false},       {"ff02::1", false},         {"::ffff:127.0.0.1", false},
        {"10.0.0.1", true},   {"203.0.113.7", false},
    };
    struct rules *rules = rules_make();
    struct prefix own;
    assert_true(prefix_parse("203.0.113.0/24", &own));
    rules_add_never_ask(rules, &own);
    for (unsigned i = 0; i < COUNT(rows); i++) {
        struct address address = address_of(rows[i].address);
        assert_int_equal(rules_may_ask(rules, &address), rows[i].may);
    }
    struct address none = {0}, six = address_of("2001:db8::1");
    assert_false(rules_may_ask(rules, &none));
    rules->ipv6 = false;
    assert_false(rules_may_ask(rules, &six));
    rules_release(rules);
}

static void test_deepest_zone_counts(void **state)
{
    (void)state;
    static const char *const zones[] = {"corp.test.", "a.b.corp.test.", "example.", "z.corp.test."};
    static const char *const rows[][2] = {
        {"corp.test.", "corp.test."},
        {"www.corp.test.", "corp.test."},
        {"b.corp.test.", "corp.test."},
        {"a.b.corp.test.", "a.b.corp.test."},
        {"x.A.B.corp.test.", "a.b.corp.test."},
        {"zz.corp.test.", "corp.test."},
        {"y.z.corp.test.", "z.corp.test."},
        {"test.", "."},
        {"other.test.", "."},
        {"example.", "example."},
        {"zexample.", "."},
        {".", "."},
    };
    struct rules *rules = rules_make();
    for (unsigned i = 0; i < COUNT(zones); i++) {
        struct delegation *zone = rules_add_zone(rules, name_of(zones[i]), i % 2);
        assert_non_null(zone);
        assert_int_equal(zone->recursive, i % 2);
        assert_int_not_equal(zone->source, 0);
        for (unsigned k = 0; k < i; k++)
            assert_int_not_equal(zone->source, rules_find(rules, name_of(zones[k]))->source);
    }
    assert_null(rules_add_zone(rules, name_of("CORP.test."), true));
    for (unsigned i = 0; i < COUNT(rows); i++)
        assert_name(rules_find(rules, name_of(rows[i][0]))->cut, rows[i][1]);
    rules->otherwise = RULES_NONE;
    assert_null(rules_find(rules, name_of("other.test.")));
    assert_non_null(rules_find(rules, name_of("www.corp.test.")));
    rules_release(rules);
}

// What a forwarder said is kept under its zone's number: another zone of the same rules, added
// before or after, must not change it.
static void test_numbers_outlive_a_reload(void **state)
{
    (void)state;
    struct rules *before = rules_make(), *after = rules_make();
    struct delegation *alone = rules_add_zone(before, name_of("corp.test."), true);
    assert_non_null(rules_add_zone(after, name_of("test."), true));
    assert_non_null(rules_add_zone(after, name_of("b.corp.test."), false));
    struct delegation *among = rules_add_zone(after, name_of("CORP.test."), true);
    assert_int_equal(alone->source, among->source);
    struct rules *stub = rules_make();
    assert_int_not_equal(rules_add_zone(stub, name_of("corp.test."), false)->source, alone->source);
    rules_release(before);
    rules_release(after);
    rules_release(stub);
}

static void test_root_replaced(void **state)
{
    (void)state;
    struct rules *rules = rules_make();
    struct address one = address_of("192.0.2.1");
    rules_set_root(rules, true);
    rules_add_root_server(rules, NAME_ROOT, &one);
    assert_int_equal(rules->otherwise, RULES_FORWARD);
    assert_true(rules->root->recursive);
    assert_int_equal(rules->root->address_count, 1);
    assert_int_equal(rules->root->addresses[0].host, DELEGATION_NO_HOST);
    rules_set_root(rules, false);
    rules_add_root_server(rules, name_of("a.root."), &one);
    assert_false(rules->root->recursive);
    assert_name(rules->root->hosts[rules->root->addresses[0].host].name, "a.root.");
    rules_release(rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_safe_values),         cmocka_unit_test(test_never_ask),
        cmocka_unit_test(test_deepest_zone_counts), cmocka_unit_test(test_numbers_outlive_a_reload),
        cmocka_unit_test(test_root_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
