// The table of routes: names, types, names between, wildcards, and each set's first rule.
#include "routing.h"

#include "from_text.h"

static struct name name_in(const char *text, uint8_t storage[static NAME_OCTETS_MAX])
{
    struct name name, root = NAME_ROOT;
    assert_int_equal(name_parse(text, strlen(text), &root, storage, &name), NAME_TEXT_OK);
    return name;
}

static const struct route_name *find(const struct routes *routes, const char *text, unsigned depth,
                                     unsigned zone_labels)
{
    uint8_t storage[NAME_OCTETS_MAX];
    static struct name_key key;
    name_key_make(name_in(text, storage), &test_secret, &key);
    return routes_find(routes, &key, depth, zone_labels);
}

static void test_names(void **state)
{
    uint8_t one[NAME_OCTETS_MAX], other[NAME_OCTETS_MAX], third[NAME_OCTETS_MAX];
    const struct route_item item = routing_item(1, 1, ROUTE_NO_TARGET);
    const struct route_rule rule = routing_rule(&item, 1);
    const struct route_spec specs[] = {
        {name_in("a.b.Example.", one), 1, TYPE_A, &rule, 1, "first"},
        {name_in("a.b.example.", other), 1, TYPE_AAAA, &rule, 1, "second"},
        {name_in("*.w.example.", third), 1, TYPE_A, &rule, 1, "third"},
    };
    struct routes *routes = routes_build(specs, 3, routing_sets, ROUTING_SETS, &test_secret);
    size_t at = 0, names = 0;
    (void)state;
    assert_int_equal(routes_count(routes), 3);
    const struct route_name *name = find(routes, "A.b.example.", 3, 1);
    assert_int_equal(name->route_count, 2);
    assert_string_equal(route_of(name, TYPE_A)->mark, "first");
    assert_string_equal(route_of(name, TYPE_AAAA)->mark, "second");
    assert_null(route_of(name, TYPE_TXT));
    assert_null(route_of(NULL, TYPE_A));
    assert_int_equal(find(routes, "a.b.example.", 2, 1)->route_count, 0); // it is between
    assert_null(find(routes, "a.b.example.", 1, 1));                      // the zone itself
    assert_null(find(routes, "x.b.example.", 3, 1));
    assert_null(find(routes, "a.b.example.", 3, 2)); // of another zone
    static struct name_key key;
    uint8_t storage[NAME_OCTETS_MAX];
    name_key_make(name_in("q.w.example.", storage), &test_secret, &key);
    assert_non_null(routes_find_wildcard(routes, &key, 2, 1));
    assert_null(routes_find_wildcard(routes, &key, 1, 1));
    while (routes_next(routes, &at))
        names++;
    assert_int_equal(names, 4); // a.b, b, *.w, w
    routes_release(routes_hold(routes));
    routes_release(routes);
    routes_release(NULL);
}

static void test_first_of_set(void **state)
{
    static const uint16_t zero = 0, one = 1, two = 2, three = 3;
    uint8_t storage[NAME_OCTETS_MAX];
    const struct route_item item = routing_item(1, 1, ROUTE_NO_TARGET);
    struct route_rule rules[4];
    for (unsigned i = 0; i < 4; i++)
        rules[i] = routing_rule(&item, 1);
    rules[0].where = routing_where(2, &zero, &two);
    rules[1].where = routing_where(1, &zero, &zero);
    rules[2].where = routing_where(2, &one, &three);
    const struct route_spec spec = {name_in("a.example.", storage), 1, TYPE_A, rules, 4, NULL};
    struct routes *routes = routes_build(&spec, 1, routing_sets, ROUTING_SETS, &test_secret);
    const struct route *route = route_of(find(routes, "a.example.", 2, 1), TYPE_A);
    const uint16_t expected[ROUTING_SETS] = {3, 1, 3, 0, 2};
    (void)state;
    for (unsigned set = 0; set < ROUTING_SETS; set++)
        assert_int_equal(route->first_of_set[set], expected[set]);
    assert_true(route->by_place);
    assert_false(route->is_sticky);
    routes_release(routes);
}

static void test_flags(void **state)
{
    uint8_t storage[NAME_OCTETS_MAX];
    const struct route_item items[] = {routing_item(1, 1, 0), routing_item(2, 1, 0)};
    struct route_rule rule = routing_rule(items, 2);
    struct route_spec spec = {name_in("a.example.", storage), 1, TYPE_A, &rule, 1, NULL};
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        rule.choose = i == 1 ? ROUTE_NEAREST : ROUTE_ALL;
        rule.sticky_v6 = i == 2 ? 56 : 0;
        struct routes *routes = routes_build(&spec, 1, NULL, 0, &test_secret);
        const struct route *route = route_of(find(routes, "a.example.", 2, 1), TYPE_A);
        assert_int_equal(route->by_place, i == 1);
        assert_int_equal(route->is_sticky, i == 2);
        const struct rrset *all = route->rules[0].all;
        assert_int_equal(all->count, 2);
        assert_int_equal(all->type, TYPE_A);
        assert_memory_equal(rrset_rdata(rrset_next(all->body)), routing_octets[2], 4);
        assert_int_equal(rrset_size(all), 12 + 2 * 6);
        routes_release(routes);
    }
}

// Many names, all of which are found again; those with the same rules share a list.
static void test_many(void **state)
{
    enum { MANY = 3000 };
    static uint8_t storage[MANY][NAME_OCTETS_MAX];
    static struct route_spec specs[MANY];
    const struct route_item item = routing_item(1, 1, ROUTE_NO_TARGET);
    const struct route_rule rule = routing_rule(&item, 1);
    char text[32];
    (void)state;
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(text, sizeof text, "n%u.z%u.example.", i, i % 7);
        specs[i] = (struct route_spec){name_in(text, storage[i]), 1, TYPE_A, &rule, 1, &specs[i]};
    }
    struct routes *routes = routes_build(specs, MANY, routing_sets, ROUTING_SETS, &test_secret);
    const uint16_t *list = NULL;
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(text, sizeof text, "n%u.z%u.example.", i, i % 7);
        const struct route *route = route_of(find(routes, text, 3, 1), TYPE_A);
        assert_ptr_equal(route->mark, &specs[i]);
        assert_true(!list || list == route->first_of_set);
        list = route->first_of_set;
    }
    routes_release(routes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_first_of_set),
        cmocka_unit_test(test_flags),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
