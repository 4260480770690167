// Houses: filled from options, followed by one with another zone, and freed with all they hold.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "built.h"

#define ZONES "zones: {b.test: {file: b}, a.test: {file: a}, x.a.test: {file: x}}\n"

static void test_options(void **state)
{
    (void)state;
    struct house *house = built_house("version: 1\n"
                                      "identity: {name: me, nsid: abc}\n"
                                      "answers: {minimal: false, rotate: false}\n"
                                      "log: {queries: true}\n" ZONES,
                                      ZONE_LOADING);
    assert_false(house->server.auth.minimal);
    assert_false(house->server.rotate);
    assert_true(house->server.log_queries);
    assert_int_equal(house->server.identity.hostname_size, 2);
    assert_memory_equal(house->server.identity.hostname, "me", 2);
    assert_int_equal(house->server.identity.version_size, 0);
    assert_int_equal(house->server.identity.nsid_size, 3);
    assert_int_equal(house->server.secret.words[0], 1);
    assert_int_equal(house->server.cookies.key[0], 3);
    assert_int_equal(house->server.zones.count, 3);
    house_free(house);
}

// The index of a zone is the same in the options, in zones[] and in the table.
static void test_find(void **state)
{
    (void)state;
    struct house *house = built_house("version: 1\n" ZONES, ZONE_LOADING);
    for (size_t i = 0; i < 3; i++) {
        size_t index;
        struct name name = house_zone_name(house->options, i);
        assert_true(name_equal(house->zones[i].zone->origin, name));
        assert_true(house_find(house->options, name, &index));
        assert_int_equal(index, i);
    }
    size_t index;
    uint8_t wire[] = "\1c\4test";
    assert_false(house_find(house->options, name_trust(wire), &index));
    assert_false(house_find(house->options, NAME_ROOT, &index));
    house_free(house);
}

static void test_change(void **state)
{
    (void)state;
    struct house *old = built_house("version: 1\n" ZONES, ZONE_LOADING);
    struct zone *kept = old->zones[0].zone, *gone = old->zones[1].zone;
    struct zone *fresh = zone_empty(gone->origin, "a", ZONE_BROKEN, "worse");
    assert_int_equal(old->counts.states[ZONE_LOADING], 3);
    house_replace(old, 1, fresh);
    assert_ptr_equal(old->zones[1].zone, gone);
    struct house *next = house_change(old);
    assert_ptr_equal(next->zones[0].zone, kept);
    assert_ptr_equal(next->zones[1].zone, fresh);
    assert_int_equal(next->counts.states[ZONE_LOADING], 2);
    assert_int_equal(next->counts.states[ZONE_BROKEN], 1);
    assert_int_equal(gone->holders, 1);
    assert_int_equal(fresh->holders, 1);
    assert_ptr_equal(next->server.zones.secret, &next->server.secret);
    // The old one is still answered from until it is retired.
    assert_ptr_equal(zones_get(&old->server.zones, gone->origin), gone);
    assert_ptr_equal(zones_get(&next->server.zones, gone->origin), fresh);
    house_free(old);
    assert_int_equal(kept->holders, 1);
    assert_int_equal(next->options->zone_count, 3);
    house_free(next);
}

// What was to follow and never did is freed with the house.
static void test_change_that_never_came(void **state)
{
    (void)state;
    struct house *house = built_house("version: 1\n" ZONES, ZONE_LOADING);
    struct zone *fresh = zone_empty(house->zones[2].zone->origin, "x", ZONE_BROKEN, "worse");
    house_replace(house, 2, zone_hold(fresh));
    house_free(house);
    assert_int_equal(fresh->holders, 1);
    zone_release(fresh);
}

static struct address parse(const char *text)
{
    struct address address;
    assert_true(address_parse(text, 0, &address));
    return address;
}

// Rules, access and names go from house to house; each house has its own hold on them.
static void test_resolve(void **state)
{
    (void)state;
    struct options *options = built_options("version: 1\nresolve: {port: 5300}\n" ZONES);
    struct house *old = house_make(options);
    for (size_t i = 0; i < 3; i++)
        old->zones[i].zone = zone_empty(house_zone_name(options, i), "x", ZONE_LOADING, NULL);
    struct address own[] = {parse("198.51.100.7")}, client = parse("198.51.100.7:1000");
    struct local_name name = {house_zone_name(options, 0), parse("192.0.2.1")};
    house_resolve(old, (struct own_addresses){own, 1}, local_make(&name, 1, &built_secret));
    house_finish(old, &built_secret, &built_cookies);
    assert_int_equal(old->server.rules->port, 5300);
    assert_true(access_allows(&old->server.recurse, &client));
    assert_false(rules_may_ask(old->server.rules, &own[0]));

    struct house *same = house_change(old);
    house_free(old);
    assert_int_equal(same->server.rules->holders, 1);
    assert_true(access_allows(&same->server.recurse, &client));
    assert_non_null(same->server.local);

    struct local *fresh = local_make(NULL, 0, &built_secret);
    house_replace_local(same, local_make(NULL, 0, &built_secret)); // never comes
    house_replace_local(same, fresh);
    struct house *next = house_change(same);
    assert_ptr_equal(next->server.local, fresh);
    house_free(same);
    house_replace_local(next, local_make(NULL, 0, &built_secret));
    house_free(next);
    options = built_options("resolve: {default: none}\n");
    assert_false(house_may_resolve(options));
    options_free(options);
    options = built_options("resolve: {default: none, zones: {a.test: {ask: 10.0.0.1}}}\n");
    assert_true(house_may_resolve(options));
    options_free(options);
}

static void test_unfinished(void **state)
{
    (void)state;
    struct house *house = house_make(built_options("version: 1\n" ZONES));
    house->zones[2].zone = zone_empty(house_zone_name(house->options, 2), "x", ZONE_LOADING, NULL);
    house_free(house);
    house_free(house_make(built_options("version: 1\n")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options),    cmocka_unit_test(test_find),
        cmocka_unit_test(test_change),     cmocka_unit_test(test_change_that_never_came),
        cmocka_unit_test(test_unfinished), cmocka_unit_test(test_resolve),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
