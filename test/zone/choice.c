// Choosing: the client's rule, what is well, weights, distance, and what is left when all is dead.
#include "routing.h"

#include <math.h>

#include "base/random.h"
#include "from_text.h"
#include "zone/choice.h"

static const uint16_t zero = 0, one = 1;
static struct dice dice = {1};

struct world {
    struct routes *routes;
    const struct route *route;
    struct board *board;
    struct location location;
    uint8_t octets[16];
};

static void open_world(struct world *world, const struct route_rule *rules, size_t count)
{
    static uint8_t wire[] = "\1a\7example";
    static struct name_key key;
    const struct name owner = {wire, sizeof wire, 2};
    const struct route_spec spec = {owner, 1, TYPE_A, rules, count, NULL};
    *world = (struct world){.board = board_open(8)};
    world->routes = routes_build(&spec, 1, routing_sets, ROUTING_SETS, &test_secret);
    name_key_make(owner, &test_secret, &key);
    world->route = route_of(routes_find(world->routes, &key, 2, 1), TYPE_A);
    world->location = routing_location(0, 24);
}

static void close_world(struct world *world)
{
    routes_release(world->routes);
    board_release(world->board);
}

static void choose(struct world *world, struct route_choice *choice)
{
    const struct route_client client = {.location = &world->location,
                                        .octets = world->octets,
                                        .bits = 32,
                                        .is_v4 = true,
                                        .board = world->board,
                                        .dice = &dice};
    route_choose(world->route, &client, choice);
}

// The last octets of what was chosen, in order: "1 2".
static void check(struct world *world, enum route_outcome outcome, const char *expected)
{
    struct route_choice choice;
    char text[64] = "";
    choose(world, &choice);
    assert_int_equal(choice.outcome, outcome);
    for (unsigned i = 0; i < choice.count; i++) {
        unsigned item = choice.is_whole ? i : choice.items[i];
        text[2 * i] = (char)('0' + choice.rule->items[item].rdata[3]);
        text[2 * i + 1] = i + 1u < choice.count ? ' ' : 0;
        text[2 * i + 2] = 0;
    }
    assert_string_equal(text, expected);
}

// Three rules: for 0, for 1, for all; each with two addresses and a lamp for each.
static void open_three(struct world *world, enum route_dead dead)
{
    static struct route_item items[6];
    static struct route_rule rules[3];
    for (unsigned i = 0; i < 6; i++)
        items[i] = routing_item(i + 1, 1, i);
    for (unsigned i = 0; i < 3; i++) {
        rules[i] = routing_rule(items + 2 * i, 2);
        rules[i].dead = (uint8_t)dead;
    }
    rules[0].where = routing_where(1, &zero, NULL);
    rules[1].where = routing_where(1, &one, NULL);
    open_world(world, rules, 3);
}

static void test_places(void **state)
{
    struct world world;
    struct route_choice choice;
    (void)state;
    open_three(&world, ROUTE_DEAD_NEXT);
    check(&world, ROUTE_CHOSEN, "5 6");
    world.location = routing_location(1, 20);
    check(&world, ROUTE_CHOSEN, "1 2");
    choose(&world, &choice);
    assert_true(choice.is_whole);
    assert_false(choice.in_order);
    assert_int_equal(choice.scope, 20);
    world.location = routing_location(4, 20);
    check(&world, ROUTE_CHOSEN, "3 4");
    close_world(&world);
}

static void test_health(void **state)
{
    struct world world;
    (void)state;
    open_three(&world, ROUTE_DEAD_NEXT);
    world.location = routing_location(1, 24);
    board_set(world.board, 0, HEALTH_DOWN);
    check(&world, ROUTE_CHOSEN, "2");
    board_set(world.board, 1, HEALTH_DOWN);
    check(&world, ROUTE_FELL_BACK, "5 6"); // the rule of others is passed over
    board_set(world.board, 4, HEALTH_DOWN);
    check(&world, ROUTE_FELL_BACK, "6");
    board_set(world.board, 5, HEALTH_DOWN);
    check(&world, ROUTE_ALL_DEAD, "1 2"); // its own, not the last ones
    board_set(world.board, 0, HEALTH_UP);
    check(&world, ROUTE_CHOSEN, "1");
    board_set(world.board, 1, HEALTH_UNKNOWN);
    check(&world, ROUTE_CHOSEN, "1 2");
    close_world(&world);
}

static void test_all_dead(void **state)
{
    struct world world;
    (void)state;
    open_three(&world, ROUTE_DEAD_ALL);
    world.location = routing_location(1, 24);
    board_set(world.board, 0, HEALTH_DOWN);
    board_set(world.board, 1, HEALTH_DOWN);
    check(&world, ROUTE_ALL_DEAD, "1 2");
    close_world(&world);
    open_three(&world, ROUTE_DEAD_NONE);
    world.location = routing_location(1, 24);
    board_set(world.board, 0, HEALTH_DOWN);
    board_set(world.board, 1, HEALTH_DOWN);
    check(&world, ROUTE_NOTHING, "");
    close_world(&world);
}

#define ROUNDS 20000

static void count_firsts(struct world *world, unsigned counts[8])
{
    memset(counts, 0, 8 * sizeof *counts);
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct route_choice choice;
        choose(world, &choice);
        unsigned item = choice.is_whole ? 0 : choice.items[0];
        counts[choice.rule->items[item].rdata[3]]++;
    }
}

static void assert_share(unsigned count, double share)
{
    assert_true(fabs((double)count / ROUNDS - share) < 0.02);
}

static void test_weights(void **state)
{
    const struct route_item items[] = {routing_item(1, 3, 0), routing_item(2, 1, 1),
                                       routing_item(3, 0, 2)};
    struct route_rule rule = routing_rule(items, 3);
    struct world world;
    unsigned counts[8];
    (void)state;
    rule.choose = ROUTE_WEIGHTED;
    open_world(&world, &rule, 1);
    count_firsts(&world, counts);
    assert_share(counts[1], 0.75);
    assert_share(counts[2], 0.25);
    assert_int_equal(counts[3], 0);
    board_set(world.board, 0, HEALTH_DOWN);
    count_firsts(&world, counts);
    assert_int_equal(counts[2], ROUNDS);
    board_set(world.board, 1, HEALTH_DOWN); // weight 0 is for when nothing else is left
    count_firsts(&world, counts);
    assert_int_equal(counts[3], ROUNDS);
    close_world(&world);
}

// So many of all of them, each equally often, none twice.
static void test_count(void **state)
{
    const struct route_item items[] = {
        routing_item(1, 1, ROUTE_NO_TARGET), routing_item(2, 1, ROUTE_NO_TARGET),
        routing_item(3, 1, ROUTE_NO_TARGET), routing_item(4, 1, ROUTE_NO_TARGET)};
    struct route_rule rule = routing_rule(items, 4);
    struct world world;
    unsigned counts[4] = {0};
    (void)state;
    rule.count = 2;
    open_world(&world, &rule, 1);
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct route_choice choice;
        choose(&world, &choice);
        assert_int_equal(choice.count, 2);
        assert_int_equal(choice.scope, 0);
        assert_int_not_equal(choice.items[0], choice.items[1]);
        counts[choice.items[0]]++;
        counts[choice.items[1]]++;
    }
    for (unsigned i = 0; i < 4; i++)
        assert_share(counts[i], 0.5);
    close_world(&world);
}

static void test_sticky(void **state)
{
    const struct route_item items[] = {routing_item(1, 1, 0), routing_item(2, 1, 1),
                                       routing_item(3, 2, 2)};
    struct route_rule rule = routing_rule(items, 3);
    struct world world;
    unsigned counts[4] = {0};
    static uint8_t chosen[4096];
    (void)state;
    rule.choose = ROUTE_WEIGHTED;
    rule.sticky_v4 = 24;
    rule.sticky_v6 = 56;
    open_world(&world, &rule, 1);
    for (unsigned i = 0; i < 4096; i++) {
        struct route_choice choice;
        world.octets[1] = (uint8_t)(i >> 8);
        world.octets[2] = (uint8_t)i;
        world.octets[3] = (uint8_t)dice_roll(&dice); // not of the prefix
        choose(&world, &choice);
        assert_int_equal(choice.scope, 24);
        chosen[i] = (uint8_t)choice.items[0];
        counts[chosen[i]]++;
    }
    assert_true(abs((int)counts[0] - 1024) < 150 && abs((int)counts[1] - 1024) < 150);
    assert_true(abs((int)counts[2] - 2048) < 200);
    // One dies: its clients move, all others stay.
    board_set(world.board, 0, HEALTH_DOWN);
    for (unsigned i = 0; i < 4096; i++) {
        struct route_choice choice;
        world.octets[1] = (uint8_t)(i >> 8);
        world.octets[2] = (uint8_t)i;
        choose(&world, &choice);
        if (chosen[i] != 0)
            assert_int_equal(choice.items[0], chosen[i]);
        else
            assert_int_not_equal(choice.items[0], 0);
    }
    close_world(&world);
}

static struct point point_at(double latitude, double longitude)
{
    latitude *= M_PI / 180;
    longitude *= M_PI / 180;
    return (struct point){.x = (float)(cos(latitude) * cos(longitude)),
                          .y = (float)(cos(latitude) * sin(longitude)),
                          .z = (float)sin(latitude)};
}

static void test_nearest(void **state)
{
    // Singapore, Toronto, Frankfurt, and one without a place.
    static const double places[][2] = {{1.35, 103.82}, {43.7, -79.4}, {50.1, 8.7}};
    struct route_item items[4];
    struct world world;
    struct route_rule rule = routing_rule(items, 4);
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        items[i] = routing_item(i + 1, 1, i);
        items[i].is_placed = i < 3;
        if (i < 3)
            items[i].point = point_at(places[i][0], places[i][1]);
    }
    rule.choose = ROUTE_NEAREST;
    open_world(&world, &rule, 1);
    world.location.is_placed = true;
    world.location.point = point_at(3.1, 101.7); // Kuala Lumpur
    check(&world, ROUTE_CHOSEN, "1");
    world.location.point = point_at(40.7, -74); // New York
    check(&world, ROUTE_CHOSEN, "2");
    board_set(world.board, 1, HEALTH_DOWN);
    check(&world, ROUTE_CHOSEN, "3");
    close_world(&world);
    rule.count = 4;
    open_world(&world, &rule, 1);
    world.location.is_placed = true;
    world.location.point = point_at(52.5, 13.4); // Berlin
    check(&world, ROUTE_CHOSEN, "3 2 1 4");
    struct route_choice choice;
    choose(&world, &choice);
    assert_true(choice.in_order);
    assert_int_equal(choice.scope, 24);
    world.location.is_placed = false; // nobody knows where: all are as near
    check(&world, ROUTE_CHOSEN, "1 2 3 4");
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),   cmocka_unit_test(test_health),
        cmocka_unit_test(test_all_dead), cmocka_unit_test(test_weights),
        cmocka_unit_test(test_count),    cmocka_unit_test(test_sticky),
        cmocka_unit_test(test_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
