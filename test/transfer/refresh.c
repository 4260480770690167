// When to ask again: within bounds, later after failures, each zone at its own pace; and the queue
// of a hundred thousand zones in order.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/random.h"
#include "transfer/refresh.h"

static void delays(void **state)
{
    const struct refresh_times times = {.refresh_s = 3600, .retry_s = 600, .expire_s = 86400};
    static const struct {
        unsigned failures;
        uint64_t most_s;
    } cases[] = {{0, 3600}, {1, 600}, {2, 1200}, {3, 2400}, {4, 3600}, {40, 3600}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (uint64_t seed = 0; seed < 1000; seed++) {
            uint64_t ms = refresh_delay_ms(&times, cases[i].failures, seed);
            assert_in_range(ms, cases[i].most_s * 900, cases[i].most_s * 1000);
            assert_int_equal(ms, refresh_delay_ms(&times, cases[i].failures, seed));
        }
}

static void bounds(void **state)
{
    const struct refresh_times none = {0}, ages = {UINT32_MAX, UINT32_MAX, 0};
    (void)state;
    assert_in_range(refresh_delay_ms(&none, 0, 1), REFRESH_LEAST_S * 900, REFRESH_LEAST_S * 1000);
    assert_in_range(refresh_delay_ms(&none, 9, 1), REFRESH_LEAST_S * 900, REFRESH_LEAST_S * 1000);
    assert_in_range(refresh_delay_ms(&ages, 3, 1), REFRESH_MOST_S * 900ull,
                    REFRESH_MOST_S * 1000ull);
}

// What was confirmed before this machine started has aged by then.
static void ends(void **state)
{
    (void)state;
    assert_int_equal(refresh_end_ms(5000, 10), 15000);
    assert_int_equal(refresh_end_ms(-8000, 10), 2000);
    assert_int_equal(refresh_end_ms(-20000, 10), 0);
    assert_int_equal(refresh_end_ms(INT64_C(-2000000000000), 4), 0); // never
}

// A thousand zones that were begun together come apart.
static void spread(void **state)
{
    const struct refresh_times times = {.refresh_s = 1000};
    unsigned early = 0;
    (void)state;
    for (uint64_t seed = 0; seed < 1000; seed++)
        early += refresh_delay_ms(&times, 0, seed) < 950000;
    assert_in_range(early, 400, 600);
}

static void the_queue(void **state)
{
    static uint64_t due[100000];
    struct refresh refresh = {0};
    struct dice dice = dice_seed(1);
    uint32_t zone;
    (void)state;
    assert_int_equal(refresh_rest(&refresh, 5), -1);
    assert_false(refresh_next(&refresh, UINT64_MAX, &zone));
    for (unsigned i = 0; i < 300000; i++) { // each set some three times
        uint32_t one = dice_roll(&dice) % 100000;
        due[one] = 1 + dice_roll(&dice) % 1000000;
        refresh_set(&refresh, one, due[one]);
        assert_int_equal(refresh_due_ms(&refresh, one), due[one]);
    }
    uint64_t before = 0;
    size_t count = refresh.count;
    assert_int_equal(refresh_rest(&refresh, 0), refresh.heap[0].due_ms);
    assert_false(refresh_next(&refresh, refresh.heap[0].due_ms - 1, &zone));
    while (refresh_next(&refresh, 1000000, &zone)) {
        assert_true(due[zone] >= before);
        before = due[zone];
        due[zone] = 0;
        assert_int_equal(refresh_due_ms(&refresh, zone), 0);
        count--;
    }
    assert_int_equal(count, 0);
    for (size_t i = 0; i < 100000; i++)
        assert_int_equal(due[i], 0);
    refresh_free(&refresh);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delays), cmocka_unit_test(bounds),    cmocka_unit_test(ends),
        cmocka_unit_test(spread), cmocka_unit_test(the_queue),
    };
    return cmocka_run_group_tests_name("transfer/refresh", tests, NULL, NULL);
}
