// Verdicts: the first result counts, then rise and fall; times that spread, and a clock that jumps.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "policy/health.h"

static const struct health_rules rules = {
    .interval_ms = 10000, .timeout_ms = 2000, .rise = 2, .fall = 3};

// Results as letters: g good, b bad; the verdict after each: U up, D down.
static void check(const char *results, const char *verdicts)
{
    struct health_state state;
    uint64_t now_ms = 1000;
    health_begin(&state, &rules, 1, now_ms, 1);
    assert_int_equal(state.verdict, HEALTH_UNKNOWN);
    for (size_t i = 0; results[i]; i++) {
        enum health before = state.verdict;
        health_start(&state, now_ms);
        assert_false(health_is_due(&state, now_ms + 100000));
        bool changed = health_take(&state, &rules, results[i] == 'g', now_ms + 50);
        assert_int_equal(state.verdict, verdicts[i] == 'U' ? HEALTH_UP : HEALTH_DOWN);
        assert_int_equal(changed, before != state.verdict);
        if (changed)
            assert_int_equal(state.changed_ms, now_ms + 50);
        assert_true(state.due_ms >= now_ms + 9000 && state.due_ms <= now_ms + 11000);
        now_ms = state.due_ms;
        assert_true(health_is_due(&state, now_ms));
    }
}

static void test_verdicts(void **state)
{
    (void)state;
    check("g", "U");
    check("b", "D");
    check("gbbb", "UUUD");
    check("gbbgbbgbbb", "UUUUUUUUUD"); // in a row
    check("bgg", "DDU");
    check("bgbgbgg", "DDDDDDU");
    check("gbbbggbbb", "UUUDDUUUD");
}

// A thousand targets do not begin at once, and drift apart.
static void test_times(void **state)
{
    unsigned seconds[10] = {0};
    (void)state;
    for (uint32_t seed = 0; seed < 1000; seed++) {
        struct health_state target;
        health_begin(&target, &rules, seed * 2654435761u, 5000, 1000);
        assert_true(target.due_ms >= 5000 && target.due_ms <= 15000);
        seconds[(target.due_ms - 5000) / 1001]++;
    }
    for (unsigned i = 0; i < 10; i++)
        assert_true(seconds[i] > 60 && seconds[i] < 140);
    struct health_state alone, again;
    health_begin(&alone, &rules, 7, 5000, 1);
    health_begin(&again, &rules, 7, 5000, 1);
    assert_true(alone.due_ms <= 5020);
    assert_int_equal(alone.due_ms, again.due_ms); // by its seed
}

static void test_jumps(void **state)
{
    struct health_state target;
    (void)state;
    health_begin(&target, &rules, 7, 5000, 1);
    health_start(&target, 5000);
    assert_false(health_take(&target, &rules, true, 5000) && target.verdict == HEALTH_UNKNOWN);
    health_start(&target, 15000);
    (void)health_take(&target, &rules, true, 9000000); // the machine slept
    assert_true(target.due_ms >= 9000000 && target.due_ms <= 9001000);
    health_start(&target, 9000000);
    health_drop(&target, 9000500);
    assert_false(target.is_running);
    assert_true(target.due_ms >= 9000500 && target.due_ms <= 9001500);
    assert_int_equal(target.verdict, HEALTH_UP);
}

static void test_words(void **state)
{
    (void)state;
    assert_string_equal(health_word(HEALTH_UNKNOWN), "unknown");
    assert_string_equal(health_word(HEALTH_UP), "up");
    assert_string_equal(health_word(HEALTH_DOWN), "down");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_jumps),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
