// Options as the resolver, the access lists and the cache take them.
#include "told.h"

#include "base/capacity.h"
#include "base/limits.h"
#include "conf/rules.h"

static struct options *read_good(const char *text)
{
    struct report report = {0};
    struct options *options = options_read_text("a.yaml", text, strlen(text), &report);
    told_expect(&report, "", text);
    assert_non_null(options);
    return options;
}

static struct rules *make(const char *text, struct own_addresses own)
{
    struct options *options = read_good(text);
    struct rules *rules = options_rules(options, 0, own);
    options_free(options); // the rules have copies
    return rules;
}

static struct address parse(const char *text)
{
    struct address address;
    assert_true(address_parse(text, 0, &address));
    return address;
}

static bool may_ask(const struct rules *rules, const char *text)
{
    struct address address = parse(text);
    return rules_may_ask(rules, &address);
}

static const struct delegation *find(const struct rules *rules, const char *text)
{
    static uint8_t storage[NAME_OCTETS_MAX];
    struct name name;
    assert_int_equal(name_parse(text, strlen(text), NULL, storage, &name), NAME_TEXT_OK);
    return rules_find(rules, name);
}

static void check_first(const struct delegation *delegation, const char *expected)
{
    char text[ADDRESS_TEXT_MAX];
    assert_true(delegation->address_count > 0);
    address_print(&delegation->addresses[0].address, text);
    assert_string_equal(text, expected);
}

static void test_defaults(void **state)
{
    struct rules *rules = make("", (struct own_addresses){0});
    (void)state;
    assert_int_equal(rules->otherwise, RULES_RECURSIVE);
    assert_int_equal(rules->root->host_count, 13);
    assert_int_equal(rules->root->address_count, 26);
    assert_true(rules->minimise && rules->ipv4 && rules->ipv6 && rules->special_names);
    assert_true(rules->prefetch);
    assert_false(rules->quiet);
    assert_int_equal(rules->port, 53);
    assert_int_equal(rules->packets_max, BUDGET_PACKETS);
    assert_int_equal(rules->time_max_ms, BUDGET_TIME_MS);
    assert_int_equal(rules->stale_s, 86400);
    assert_int_equal(rules->stale_after_ms, STALE_AFTER_MS);
    static const char *const never[] = {"127.0.0.1", "::1",      "0.0.0.0",         "::",
                                        "224.0.0.1", "ff02::fb", "255.255.255.255", "127.255.0.1"};
    for (size_t i = 0; i < COUNT(never); i++)
        assert_false(may_ask(rules, never[i]));
    assert_true(may_ask(rules, "192.0.2.1"));
    assert_true(may_ask(rules, "2001:db8::1"));
    rules_release(rules);
}

static void test_never_ask(void **state)
{
    struct address own[] = {parse("192.0.2.1:53"), parse("2001:db8::1"), parse("0.0.0.0:53"),
                            parse("[::]:53")};
    struct own_addresses all = {own, COUNT(own)};
    (void)state;
    struct rules *rules = make("", all);
    assert_false(may_ask(rules, "192.0.2.1"));
    assert_false(may_ask(rules, "192.0.2.1:5300"));
    assert_false(may_ask(rules, "2001:db8::1"));
    assert_true(may_ask(rules, "192.0.2.2"));
    rules_release(rules);
    rules = make("resolve: {never_ask: []}\n", all);
    assert_true(may_ask(rules, "192.0.2.1"));
    assert_true(may_ask(rules, "127.0.0.1"));
    rules_release(rules);
    rules =
        make("resolve: {never_ask: [multicast, 10.0.0.0/8, \"2001:db8::1\"], ipv4: false}\n", all);
    assert_false(may_ask(rules, "10.1.2.3"));
    assert_false(may_ask(rules, "2001:db8::1"));
    assert_false(may_ask(rules, "192.0.2.1")); // no IPv4
    assert_true(may_ask(rules, "::1"));
    rules_release(rules);
}

static void test_root(void **state)
{
    struct own_addresses none = {0};
    (void)state;
    struct rules *rules =
        make("resolve: {hints: {a.test: [192.0.2.1, 192.0.2.2], b.test: \"[::1]:5300\"}}\n", none);
    assert_int_equal(rules->otherwise, RULES_RECURSIVE);
    assert_int_equal(rules->root->host_count, 2);
    assert_int_equal(rules->root->address_count, 3);
    assert_int_equal(rules->root->addresses[1].host, 0);
    assert_int_equal(address_port(&rules->root->addresses[1].address), 0);
    assert_int_equal(address_port(&rules->root->addresses[2].address), 5300);
    assert_false(rules->root->recursive);
    rules_release(rules);
    rules = make("resolve: {default: {forward: [10.0.0.53, \"10.0.0.54:5353\"]}}\n", none);
    assert_int_equal(rules->otherwise, RULES_FORWARD);
    assert_true(rules->root->recursive);
    assert_int_equal(rules->root->address_count, 2);
    assert_int_equal(rules->root->addresses[0].host, DELEGATION_NO_HOST);
    check_first(find(rules, "a.test."), "10.0.0.53:0");
    rules_release(rules);
}

static void test_zones(void **state)
{
    struct rules *rules = make("resolve: {default: none, port: 5300, zones: {b.test: {forward: "
                               "10.0.0.1}, a.b.test: {ask: 10.0.0.2}}}\n",
                               (struct own_addresses){0});
    (void)state;
    assert_int_equal(rules->otherwise, RULES_NONE);
    assert_true(rules_resolve_at_all(rules));
    assert_null(find(rules, "test."));
    check_first(find(rules, "x.b.test."), "10.0.0.1:0");
    assert_true(find(rules, "x.b.test.")->recursive);
    check_first(find(rules, "x.a.b.test."), "10.0.0.2:0");
    assert_false(find(rules, "x.a.b.test.")->recursive);
    assert_int_equal(rules->port, 5300);
    rules_release(rules);
    rules = make("resolve: {default: none}\n", (struct own_addresses){0});
    assert_false(rules_resolve_at_all(rules));
    rules_release(rules);
    rules = make("resolve: {minimise: false, special_names: false, quiet: true, budget: {packets: "
                 "70, time: 3s}}\ncache: {prefetch: false, stale: 0}\n",
                 (struct own_addresses){0});
    assert_false(rules->minimise || rules->special_names || rules->prefetch);
    assert_true(rules->quiet);
    assert_int_equal(rules->packets_max, 70);
    assert_int_equal(rules->time_max_ms, 3000);
    assert_int_equal(rules->stale_s, 0);
    rules_release(rules);
}

static void test_access(void **state)
{
    static const struct {
        const char *list, *client;
        bool allowed;
    } cases[] = {
        {"[localhost, private]", "127.0.0.1:5", true},
        {"[localhost, private]", "[::1]:5", true},
        {"[localhost, private]", "192.168.3.4:5", true},
        {"[localhost, private]", "[fe80::1]:5", true},
        {"[localhost, private]", "198.51.100.7:5", true}, // one of ours
        {"[localhost, private]", "198.51.100.8:5", false},
        {"private", "198.51.100.7:5", false},
        {"[203.0.113.0/24]", "203.0.113.9:5", true},
        {"[203.0.113.0/24]", "127.0.0.1:5", false},
        {"any", "198.51.100.8:5", true},
        {"none", "127.0.0.1:5", false},
        {"[]", "127.0.0.1:5", false},
        {"\"key:k\"", "127.0.0.1:5", false},
    };
    struct address own[] = {parse("198.51.100.7"), parse("0.0.0.0")};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *text =
            memory_format("access: {recurse: %s}\nkeys: {k: {secret: YWJj}}\n", cases[i].list);
        struct options *options = read_good(text);
        struct access access = {0};
        options_access(options->recurse, options->recurse_count,
                       (struct own_addresses){own, COUNT(own)}, &access);
        struct address client = parse(cases[i].client);
        if (access_allows(&access, &client) != cases[i].allowed)
            fail_msg("%s %s", cases[i].list, cases[i].client);
        bool keyed = strstr(cases[i].list, "key:") != NULL;
        assert_int_equal(access_admits(&access, &client, 1), cases[i].allowed || keyed);
        assert_int_equal(access_admits(&access, &client, 2), cases[i].allowed);
        access_free(&access);
        options_free(options);
        free(text);
    }
}

static void test_cache(void **state)
{
    struct options *options = read_good("cache: {size: 2MiB, min_ttl: 1s, max_ttl: 2s, "
                                        "negative_ttl: 3s, stale: 4s}\n");
    struct cache_options cache = {.secret = {{7, 8}}};
    (void)state;
    options_cache(options, &cache);
    assert_int_equal(cache.octets, 2 << 20);
    assert_int_equal(cache.min_ttl_s, 1);
    assert_int_equal(cache.max_ttl_s, 2);
    assert_int_equal(cache.negative_ttl_s, 3);
    assert_int_equal(cache.stale_s, 4);
    options_free(options);
    options = read_good("cache: {size: 10%}\n");
    options_cache(options, &cache);
    assert_true(cache.octets >= CACHE_OCTETS_MIN && cache.octets <= capacity_memory() / 10);
    options_free(options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults), cmocka_unit_test(test_never_ask),
        cmocka_unit_test(test_root),     cmocka_unit_test(test_zones),
        cmocka_unit_test(test_access),   cmocka_unit_test(test_cache),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
