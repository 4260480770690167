// A resolver lives in many worlds.
//
//   simulate           200 seeds (10000 with ONYM_TEST_FULL), and those that once found something
//   simulate SEED      this one, and everything that happens in it
//   simulate A B       all from A to B
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "life.h"

#define SEEDS      200
#define SEEDS_FULL 10000
#define CROWDED    152 // a world with a crowd in it

// How many worlds something was wrong in.
static unsigned live(uint64_t first, uint64_t last)
{
    struct life_counts counts = {0};
    struct buffer problem = {0};
    unsigned long long worlds = last - first + 1;
    unsigned bad = 0;
    for (uint64_t seed = first; seed <= last; seed++) {
        if (life_run(seed, NULL, &counts, &problem))
            continue;
        print_message("%s\n", buffer_text(&problem));
        buffer_clear(&problem);
        bad++;
    }
    buffer_free(&problem);
    print_message("%llu worlds (%llu calm): %llu questions, %llu answered, %llu failed (%llu of "
                  "them needlessly, in rough worlds), %llu "
                  "dropped, %llu forgotten; %llu packets, at most %llu for one question; "
                  "%llu limits, %llu crowded, %llu near misses, %llu time-outs\n",
                  worlds, (unsigned long long)counts.calm, (unsigned long long)counts.wants,
                  (unsigned long long)counts.answered, (unsigned long long)counts.failed,
                  (unsigned long long)counts.needless, (unsigned long long)counts.dropped,
                  (unsigned long long)counts.forgotten, (unsigned long long)counts.packets,
                  (unsigned long long)counts.most_packets, (unsigned long long)counts.limits,
                  (unsigned long long)counts.crowded, (unsigned long long)counts.suspect,
                  (unsigned long long)counts.timeouts);
    return bad;
}

static struct life_counts live_once(uint64_t seed)
{
    struct life_counts counts = {0};
    struct buffer problem = {0};
    bool good = life_run(seed, NULL, &counts, &problem);
    if (!good)
        print_message("%s\n", buffer_text(&problem));
    buffer_free(&problem);
    assert_true(good);
    return counts;
}

// Silent servers had their turn before honest ones that had answered, at each step of a minimised
// walk, until the time was over.
static void who_answered_is_asked_before_who_is_silent(void **state)
{
    (void)state;
    (void)live_once(9);
    (void)live_once(139);
    (void)live_once(192);
}

// Four hundred names of a zone that has just fallen silent.
static void a_crowd_at_a_silent_zone_is_told_so(void **state)
{
    (void)state;
    struct life_counts counts = live_once(CROWDED);
    assert_in_range(counts.crowded, 100, counts.failed);
}

static void every_promise_is_kept(void **state)
{
    (void)state;
    unsigned bad = live(1, getenv("ONYM_TEST_FULL") ? SEEDS_FULL : SEEDS);
    if (bad)
        fail_msg("%u worlds: simulate SEED tells what happened", bad);
}

int main(int count, char **words)
{
    if (count == 2) {
        struct life_counts counts = {0};
        struct buffer problem = {0};
        bool good = life_run(strtoull(words[1], NULL, 10), stdout, &counts, &problem);
        printf("%s\n", good ? "all is well" : buffer_text(&problem));
        buffer_free(&problem);
        return !good;
    }
    if (count == 3)
        return live(strtoull(words[1], NULL, 10), strtoull(words[2], NULL, 10)) != 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_answered_is_asked_before_who_is_silent),
        cmocka_unit_test(a_crowd_at_a_silent_zone_is_told_so),
        cmocka_unit_test(every_promise_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
