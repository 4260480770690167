// A house's views: which zones each sees, what a change of one zone changes where, and that all of
// it is given back.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "built.h"
#include "serve/view.h"

#define CONFIG                                                                                     \
    "zones: {a.test: {file: a}, b.test: {file: b}}\n"                                              \
    "views:\n"                                                                                     \
    "  inside: {match: [10.0.0.0/8], zones: {a.test: {file: inner}, c.test: {file: c}}}\n"         \
    "  admin: {match: [127.0.0.0/8], listen: [127.0.0.1], resolve: {default: none}}\n"

static const char *file_of(const struct server *server, const char *text)
{
    uint8_t storage[NAME_OCTETS_MAX];
    struct name name, root = NAME_ROOT;
    assert_int_equal(name_parse(text, strlen(text), &root, storage, &name), NAME_TEXT_OK);
    const struct zone *zone = zones_get(&server->zones, name);
    return zone ? zone->path : "none";
}

static void check(const struct house *house, const char *expected[3][3])
{
    static const char *const names[] = {"a.test.", "b.test.", "c.test."};
    for (unsigned view = 0; view < 3; view++) {
        const struct server *server = view ? &house->server.views[view - 1].server : &house->server;
        for (unsigned i = 0; i < 3; i++)
            assert_string_equal(file_of(server, names[i]), expected[view][i]);
    }
}

static void test_zones(void **state)
{
    const char *expected[3][3] = {{"a", "b", "none"}, {"inner", "b", "c"}, {"a", "b", "none"}};
    (void)state;
    struct house *house = built_house(CONFIG, ZONE_LOADING);
    assert_int_equal(house->server.view_count, 2);
    check(house, expected);
    assert_int_equal(house->server.views[0].server.number, 1);
    assert_int_not_equal(house->server.views[0].server.id, house->server.views[1].server.id);
    assert_int_equal(house->server.views[1].listen_count, 1);
    house_free(house);
}

static void change(struct house **house, const char *origin, unsigned view, const char *path)
{
    uint8_t storage[NAME_OCTETS_MAX];
    struct name name, root = NAME_ROOT;
    size_t index;
    assert_int_equal(name_parse(origin, strlen(origin), &root, storage, &name), NAME_TEXT_OK);
    assert_true(house_find_in_view((*house)->options, name, view, &index));
    house_replace(*house, index, zone_empty(name, path, ZONE_BROKEN, "changed"));
    struct house *next = house_change(*house);
    house_free(*house);
    *house = next;
    assert_string_equal(house_zone_of(*house, name, view)->path, path);
}

// Everybody's zone changes wherever it is seen, and that of a view only there.
static void test_change(void **state)
{
    const char *first[3][3] = {{"a2", "b", "none"}, {"inner", "b", "c"}, {"a2", "b", "none"}};
    const char *second[3][3] = {{"a2", "b", "none"}, {"inner2", "b", "c"}, {"a2", "b", "none"}};
    const char *third[3][3] = {{"a2", "b2", "none"}, {"inner2", "b2", "c"}, {"a2", "b2", "none"}};
    (void)state;
    struct own_addresses own = {0};
    struct house *house = house_make(built_options(CONFIG));
    for (size_t i = 0; i < house->options->zone_count; i++)
        house->zones[i].zone = zone_empty(house_zone_name(house->options, i),
                                          house->options->zones[i].file, ZONE_LOADING, NULL);
    house_resolve(house, own, NULL);
    house_route(house, NULL, &built_secret);
    house_finish(house, &built_secret, &built_cookies);
    assert_int_equal(house->server.rules->view, 0);
    assert_int_equal(house->server.views[0].server.rules->view, 1);
    assert_int_equal(house->server.views[1].server.rules->otherwise, RULES_NONE);
    change(&house, "a.test.", 0, "a2");
    check(house, first);
    change(&house, "a.test.", 1, "inner2");
    check(house, second);
    change(&house, "b.test.", 0, "b2");
    check(house, third);
    struct address client;
    assert_true(address_parse("10.1.2.3", 53, &client));
    assert_true(access_allows(&house->server.views[0].match, &client));
    house_free(house);
}

static void test_find(void **state)
{
    (void)state;
    struct house *house = built_house(CONFIG, ZONE_LOADING);
    uint8_t a[] = "\1a\4test", c[] = "\1c\4test";
    size_t index;
    assert_true(house_find(house->options, name_trust(a), &index));
    assert_int_equal(house->options->zones[index].view, 0);
    assert_true(house_find_in_view(house->options, name_trust(a), 1, &index));
    assert_string_equal(house->options->zones[index].file, "inner");
    assert_false(house_find_in_view(house->options, name_trust(a), 2, &index));
    assert_false(house_find_in_view(house->options, name_trust(c), 0, &index));
    assert_true(house_find(house->options, name_trust(c), &index)); // a view's is better than none
    assert_null(house_zone_of(house, name_trust(c), 0));
    house_free(house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zones),
        cmocka_unit_test(test_change),
        cmocka_unit_test(test_find),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
