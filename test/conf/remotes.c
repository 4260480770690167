// Secondaries of zones: addresses, ports and keys, and what is none of those.
#include "routed.h"

#define KEYS "keys: {A: {secret: YWJj}, b: {secret: YWJj}}\n"

static void test_list(void **state)
{
    static const char text[] =
        KEYS "zones: {x: {file: x, notify: [192.0.2.1, \"[2001:db8::1]:5353\", "
             "\"192.0.2.2:54  key:B\"]}, y: {file: y}, z: {file: z, notify: []}}\n"
             "zone_folders: [{path: f, notify: 192.0.2.3}, g]\n";
    struct report report = {0};
    struct options *options = options_read_text("a.yaml", text, strlen(text), &report);
    (void)state;
    told_expect(&report, "", text);
    const struct remotes_option *remotes = options->zones[0].notify;
    assert_int_equal(remotes->count, 3);
    static const char *const addresses[] = {"192.0.2.1:53", "[2001:db8::1]:5353", "192.0.2.2:54"};
    for (size_t i = 0; i < 3; i++) {
        char address[ADDRESS_TEXT_MAX];
        address_print(&remotes->list[i].address, address);
        assert_string_equal(address, addresses[i]);
        assert_int_equal(remotes->list[i].keyed, i == 2);
    }
    assert_string_equal(options->keys[remotes->list[2].key].name, "b");
    assert_string_equal(remotes->list[2].text, "192.0.2.2:54  key:B");
    assert_null(options->zones[1].notify);
    assert_null(options->zones[2].notify);
    assert_int_equal(options->zone_folders[0].notify->count, 1);
    assert_null(options->zone_folders[1].notify);
    options_free(options);
}

static void check(const char *remote, const char *told)
{
    char text[256];
    struct report report = {0};
    snprintf(text, sizeof text, KEYS "zones: {x: {file: x, notify: ['%s']}}\n", remote);
    assert_null(options_read_text("a.yaml", text, strlen(text), &report));
    told_expect(&report, told, text);
}

#define NONE(text)                                                                                 \
    "error: '" text "' is not an address, with a port or without, and maybe key:NAME behind it"

static void test_refused(void **state)
{
    (void)state;
    check("ns.x", "a.yaml:2:31+6 " NONE("ns.x") " = names cannot be looked up here: write its "
                                                "address\n");
    check("192.0.2.1 b", "a.yaml:2:31+13 " NONE("192.0.2.1 b") " = a key stands behind the "
                                                               "address, as in \"192.0.2.53 "
                                                               "key:k1\"\n");
    check("192.0.2.1@5", "a.yaml:2:31+13 " NONE("192.0.2.1@5") " = a port stands behind a ':', "
                                                               "as in 192.0.2.53:5353 or "
                                                               "[2001:db8::53]:5353\n");
    check("192.0.2.1 key:", "a.yaml:2:31+16 " NONE("192.0.2.1 key:") "\n");
    check("192.0.2.1 key:bb",
          "a.yaml:2:31+18 error: there is no key 'bb' in 'keys' = did you mean key:b?\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
