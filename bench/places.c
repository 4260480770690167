// Looking places up: bench-places FILE... compiles these databases for rules that ask for three
// countries and a continent (with --points: for the nearest, too), and looks random addresses up.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/random.h"
#include "policy/places.h"

#define ADDRESSES 65536
#define ROUNDS    50

static struct address addresses[ADDRESSES];

static void make_addresses(struct dice *dice, bool v4)
{
    for (size_t i = 0; i < ADDRESSES; i++) {
        struct address *address = &addresses[i];
        memset(address, 0, sizeof *address);
        if (v4) {
            address->v4.sin_family = AF_INET;
            address->v4.sin_addr.s_addr = dice_roll(dice);
            continue;
        }
        address->v6.sin6_family = AF_INET6;
        uint8_t *octets = address->v6.sin6_addr.s6_addr;
        for (unsigned at = 0; at < 16; at++)
            octets[at] = (uint8_t)(dice_roll(dice) >> 8);
        octets[0] = i % 2 ? 0x2a : 0x20 | (octets[0] & 15); // half of them where most is given out
        octets[1] &= i % 2 ? 15 : 255;
    }
}

static void look_up(const struct places *places, const char *family)
{
    uint64_t sum = 0, began_us = clock_now_us();
    for (unsigned round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < ADDRESSES; i++) {
            struct location location;
            places_find(places, &addresses[i], &location);
            sum += location.set + location.scope;
        }
    double ns = (double)(clock_now_us() - began_us) * 1000 / ROUNDS / ADDRESSES;
    printf("%s: %.1f ns a look-up (%llu)\n", family, ns, (unsigned long long)sum);
}

int main(int count, char **words)
{
    static const struct fact facts[] = {{.kind = FACT_COUNTRY, .text = "SG"},
                                        {.kind = FACT_COUNTRY, .text = "CA"},
                                        {.kind = FACT_COUNTRY, .text = "US"},
                                        {.kind = FACT_CONTINENT, .text = "EU"}};
    bool points = count > 1 && strcmp(words[1], "--points") == 0;
    const struct places_wants wants = {.facts = facts, .count = 4, .points = points};
    struct report report = {0};
    struct dice dice = dice_seed(1);
    struct rusage usage;
    int first = points ? 2 : 1;
    uint64_t began_us = clock_now_us();
    struct places *places = places_compile((const char *const *)words + first,
                                           (size_t)(count - first), &wants, &report);
    report_print(&report, stderr, false);
    report_free(&report);
    if (!places)
        return EXIT_FAILURE;
    getrusage(RUSAGE_SELF, &usage);
    printf("compiled in %.2f s, %ld MB at the peak, %zu sets of facts\n",
           (double)(clock_now_us() - began_us) / 1e6, usage.ru_maxrss / 1024, places_sets(places));
    make_addresses(&dice, true);
    look_up(places, "IPv4");
    make_addresses(&dice, false);
    look_up(places, "IPv6");
    places_release(places);
    return EXIT_SUCCESS;
}
