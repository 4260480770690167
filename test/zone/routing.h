// Routes of a few lines, for the tests of route.c, choice.c and of auth/routed.c.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "dns/type.h"
#include "zone/route.h"

// Facts of these tests: 0 and 1 are of one kind, 2 and 3 of another. The sets that occur:
static const uint16_t routing_numbers[] = {0, 1, 2, 0, 2, 1, 3};
static const struct facts routing_sets[] = {
    {NULL, 0},                // 0: nothing
    {routing_numbers, 1},     // 1: 0
    {routing_numbers + 1, 1}, // 2: 1
    {routing_numbers + 3, 2}, // 3: 0 and 2
    {routing_numbers + 5, 2}, // 4: 1 and 3
};
#define ROUTING_SETS (sizeof routing_sets / sizeof routing_sets[0])

static inline struct location routing_location(unsigned set, uint8_t scope)
{
    return (struct location){.set = set, .facts = routing_sets[set], .scope = scope};
}

// A condition on one fact, or on one of each kind.
static inline struct route_condition routing_where(unsigned count, const uint16_t *first,
                                                   const uint16_t *second)
{
    struct route_condition condition = {.count = count};
    condition.kinds[0] = (struct facts){first, 1};
    condition.kinds[1] = (struct facts){second, 1};
    return condition;
}

static const uint8_t routing_octets[8][4] = {
    {192, 0, 2, 0}, {192, 0, 2, 1}, {192, 0, 2, 2}, {192, 0, 2, 3},
    {192, 0, 2, 4}, {192, 0, 2, 5}, {192, 0, 2, 6}, {192, 0, 2, 7},
};

// The address 192.0.2.n.
static inline struct route_item routing_item(unsigned n, uint16_t weight, uint32_t target)
{
    return (struct route_item){
        .rdata = routing_octets[n], .rdata_size = 4, .weight = weight, .target = target};
}

static inline struct route_rule routing_rule(const struct route_item *items, unsigned count)
{
    return (struct route_rule){.items = items, .item_count = (uint16_t)count, .ttl = ROUTE_NO_TTL};
}
