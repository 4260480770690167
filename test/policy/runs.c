// Runs: neighbours with one value are one, and merging says at each address what both say there.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/random.h"
#include "policy/runs.h"

static uint32_t value_at(const struct runs *runs, runs_address at)
{
    size_t i = 0;
    while (i + 1 < runs->count && runs->list[i + 1].start <= at)
        i++;
    return runs->list[i].value;
}

static void test_neighbours(void **state)
{
    struct runs runs = {0};
    (void)state;
    runs_add(&runs, 0, 1);
    runs_add(&runs, 5, 1);
    runs_add(&runs, 9, 2);
    runs_add(&runs, (runs_address)1 << 127, 1);
    assert_int_equal(runs.count, 3);
    assert_int_equal(value_at(&runs, 8), 1);
    assert_int_equal(value_at(&runs, 9), 2);
    assert_int_equal(value_at(&runs, ~(runs_address)0), 1);
    runs_free(&runs);
    assert_int_equal(runs.count, 0);
}

static uint32_t join(void *maker, uint32_t a, uint32_t b)
{
    ++*(unsigned *)maker;
    return a * 4 + b;
}

static void make(struct dice *dice, struct runs *runs)
{
    *runs = (struct runs){0};
    runs_add(runs, 0, dice_roll(dice) % 4);
    for (unsigned at = 1; at < 64; at++)
        if (dice_roll(dice) % 4 == 0)
            runs_add(runs, at, dice_roll(dice) % 4);
}

static void test_merge(void **state)
{
    struct dice dice = dice_seed(1);
    (void)state;
    for (unsigned round = 0; round < 500; round++) {
        struct runs a, b, merged;
        unsigned joins = 0;
        make(&dice, &a);
        make(&dice, &b);
        runs_merge(&a, &b, join, &joins, &merged);
        for (unsigned at = 0; at < 70; at++)
            assert_int_equal(value_at(&merged, at), value_at(&a, at) * 4 + value_at(&b, at));
        for (size_t i = 1; i < merged.count; i++)
            assert_int_not_equal(merged.list[i].value, merged.list[i - 1].value);
        assert_true(joins <= a.count + b.count);
        runs_free(&a);
        runs_free(&b);
        runs_free(&merged);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_neighbours),
        cmocka_unit_test(test_merge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
