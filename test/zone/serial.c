// Serials: RFC 1982's own examples, and that no policy ever goes back.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/random.h"
#include "zone/serial.h"

#define NOON_S UINT64_C(1795780800) // 2026-11-27T12:00:00Z

static void test_order(void **state)
{
    static const struct {
        uint32_t a, b;
        enum serial_order order;
    } cases[] = {
        {1, 0, SERIAL_NEWER}, // RFC 1982 5.2, with 32 bits
        {44, 0, SERIAL_NEWER},
        {UINT32_C(1) << 30, 0, SERIAL_NEWER},
        {(UINT32_C(1) << 31) - 1, 0, SERIAL_NEWER},
        {UINT32_C(1) << 31, 0, SERIAL_UNDEFINED},
        {0, UINT32_C(1) << 31, SERIAL_UNDEFINED},
        {(UINT32_C(1) << 31) + 1, 0, SERIAL_OLDER},
        {0, UINT32_MAX, SERIAL_NEWER}, // across the end
        {UINT32_MAX, 0, SERIAL_OLDER},
        {100, UINT32_MAX - 100, SERIAL_NEWER},
        {7, 7, SERIAL_SAME},
        {0, 0, SERIAL_SAME},
        {UINT32_MAX, UINT32_MAX, SERIAL_SAME},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(serial_compare(cases[i].a, cases[i].b), cases[i].order);
        assert_int_equal(serial_is_newer(cases[i].a, cases[i].b), cases[i].order == SERIAL_NEWER);
    }
}

static void test_next(void **state)
{
    static const struct {
        enum serial_policy policy;
        uint32_t serial;
        uint64_t now_s;
        uint32_t next;
    } cases[] = {
        {SERIAL_KEEP, 7, NOON_S, 7},
        {SERIAL_KEEP, 0, NOON_S, 0},
        {SERIAL_INCREMENT, 7, NOON_S, 8},
        {SERIAL_INCREMENT, UINT32_MAX - 1, NOON_S, UINT32_MAX},
        {SERIAL_INCREMENT, UINT32_MAX, NOON_S, 1}, // never 0
        {SERIAL_UNIXTIME, 7, NOON_S, NOON_S},
        {SERIAL_UNIXTIME, NOON_S - 1, NOON_S, NOON_S},
        {SERIAL_UNIXTIME, NOON_S, NOON_S, NOON_S + 1},       // twice in one second
        {SERIAL_UNIXTIME, NOON_S + 60, NOON_S, NOON_S + 61}, // a clock set back
        {SERIAL_UNIXTIME, UINT32_MAX, UINT64_C(1) << 32, 1}, // 2106
        {SERIAL_UNIXTIME, 4000000000, NOON_S, NOON_S},       // ahead by way of the end
        {SERIAL_UNIXTIME, 5, 5 + (UINT64_C(1) << 31), 6},    // not defined: one more
        {SERIAL_DATE, 7, NOON_S, 2026112701},
        {SERIAL_DATE, 2026112699, NOON_S, 2026112701},
        {SERIAL_DATE, 2026112700, NOON_S, 2026112701},
        {SERIAL_DATE, 2026112701, NOON_S, 2026112702},
        {SERIAL_DATE, 2026112799, NOON_S, 2026112800}, // a hundredth change
        {SERIAL_DATE, 2026112800, NOON_S, 2026112801},
        {SERIAL_DATE, 2026112899, NOON_S + 86400, 2026112900},
        {SERIAL_DATE, 2026112702, NOON_S + 2 * 86400, 2026112901},
        {SERIAL_DATE, 2027010100, NOON_S, 2027010101}, // a clock set back
        {SERIAL_DATE, 1, 951782400, 2000022901},       // a leap day
        {SERIAL_DATE, 1, 0, 1970010101},
        {SERIAL_DATE, 3, UINT64_MAX >> 1, 4}, // a year that gmtime has not
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(serial_next(cases[i].policy, cases[i].serial, cases[i].now_s),
                         cases[i].next);
}

static void test_never_back(void **state)
{
    struct dice dice = dice_seed(1982);
    (void)state;
    for (unsigned i = 0; i < 200000; i++) {
        enum serial_policy policy = SERIAL_INCREMENT + dice_roll(&dice) % 3;
        uint32_t serial = dice_roll(&dice);
        uint64_t now_s = (uint64_t)dice_roll(&dice) << (dice_roll(&dice) % 3);
        uint32_t next = serial_next(policy, serial, now_s);
        assert_int_equal(serial_compare(next, serial), SERIAL_NEWER);
        assert_int_not_equal(next, 0);
    }
}

static void test_words(void **state)
{
    (void)state;
    assert_string_equal(serial_policy_words[SERIAL_KEEP], "keep");
    assert_string_equal(serial_policy_words[SERIAL_INCREMENT], "increment");
    assert_string_equal(serial_policy_words[SERIAL_UNIXTIME], "unixtime");
    assert_string_equal(serial_policy_words[SERIAL_DATE], "date");
    assert_null(serial_policy_words[SERIAL_DATE + 1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_next),
        cmocka_unit_test(test_never_back),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
