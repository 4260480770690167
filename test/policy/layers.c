// Networks as one layer: at each address the facts whose networks it is in, whatever overlaps.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/random.h"
#include "policy/layers.h"

#define FACTS 6
#define NETS  4

struct world {
    struct prefix nets[FACTS][NETS];
    struct fact facts[FACTS];
    struct places_wants wants;
};

// Prefixes that lie on each other often: only some bits of them are by chance.
static void make(struct world *world, struct dice *dice, int family)
{
    unsigned most = family == AF_INET ? 32 : 128;
    memset(world, 0, sizeof *world);
    for (unsigned fact = 0; fact < FACTS; fact++) {
        for (unsigned i = 0; i < NETS; i++) {
            struct prefix *net = &world->nets[fact][i];
            net->family = (uint8_t)family;
            unsigned bits =
                dice_roll(dice) % 8 ? dice_roll(dice) % 9 : dice_roll(dice) % (most + 1);
            net->bits = (uint8_t)bits;
            for (unsigned bit = 0; bit < bits; bit++)
                if (dice_roll(dice) & 1)
                    net->octets[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
        }
        world->facts[fact] =
            (struct fact){.kind = FACT_NETS, .nets = world->nets[fact], .net_count = NETS};
    }
    world->wants = (struct places_wants){.facts = world->facts, .count = FACTS};
}

static struct address address_of(runs_address at, int family)
{
    struct address address = {0};
    if (family == AF_INET) {
        address.v4.sin_family = AF_INET;
        address.v4.sin_addr.s_addr = htonl((uint32_t)at);
        address.size = sizeof address.v4;
        return address;
    }
    address.v6.sin6_family = AF_INET6;
    address.size = sizeof address.v6;
    for (unsigned i = 0; i < 16; i++)
        address.v6.sin6_addr.s6_addr[i] = (uint8_t)(at >> 8 * (15 - i));
    return address;
}

static void check_at(const struct world *world, struct traits *traits, const struct runs *runs,
                     runs_address at, int family)
{
    struct address address = address_of(at, family);
    size_t i = 0, k = 0;
    while (i + 1 < runs->count && runs->list[i + 1].start <= at)
        i++;
    uint32_t set;
    struct point point;
    (void)traits_place(traits, traits_final(traits, runs->list[i].value), &set, &point);
    struct facts facts = traits_set(traits, set);
    if (IN6_IS_ADDR_V4MAPPED(&address.v6.sin6_addr) && family == AF_INET6)
        return; // counts as IPv4
    for (uint16_t fact = 0; fact < FACTS; fact++) {
        bool inside = false;
        for (unsigned net = 0; net < NETS; net++)
            inside |= prefix_holds(&world->nets[fact][net], &address);
        bool told = k < facts.count && facts.list[k] == fact;
        assert_int_equal(inside, told);
        k += told;
    }
    assert_int_equal(k, facts.count);
}

static void check_family(int family)
{
    struct dice dice = dice_seed(7);
    unsigned bits = family == AF_INET ? 32 : 128;
    runs_address last = family == AF_INET ? UINT32_MAX : ~(runs_address)0;
    for (unsigned round = 0; round < 300; round++) {
        struct world world;
        struct runs runs = {0};
        make(&world, &dice, family);
        struct traits *traits = traits_open(&world.wants);
        layers_of_nets(&world.wants, family, traits, &runs);
        for (size_t i = 0; i < runs.count; i++) {
            check_at(&world, traits, &runs, runs.list[i].start, family);
            if (runs.list[i].start)
                check_at(&world, traits, &runs, runs.list[i].start - 1, family);
        }
        for (unsigned i = 0; i < 50; i++)
            check_at(&world, traits, &runs, (runs_address)dice_roll(&dice) << (bits - 32), family);
        check_at(&world, traits, &runs, last, family);
        runs_free(&runs);
        traits_close(traits);
    }
}

static void test_ipv4(void **state)
{
    (void)state;
    check_family(AF_INET);
}

static void test_ipv6(void **state)
{
    (void)state;
    check_family(AF_INET6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ipv4),
        cmocka_unit_test(test_ipv6),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
