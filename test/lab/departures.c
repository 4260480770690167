// The wheel: what is due leaves, in order, once; what is not, stays.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lab/departures.h"

static void put(struct departures *departures, uint64_t due_ms, uint32_t mark)
{
    struct departure *departure = departures_make(departures, 100);
    assert_non_null(departure);
    departure->due_ms = due_ms;
    departure->stream = mark;
    departures_add(departures, departure);
}

// The marks of all that are due at this time.
static unsigned take(struct departures *departures, uint64_t now_ms, uint32_t *marks)
{
    struct departure *taken[BATCH_MAX];
    unsigned total = 0, count;
    while ((count = departures_take(departures, now_ms, taken)) > 0)
        for (unsigned i = 0; i < count; i++) {
            marks[total++] = taken[i]->stream;
            departures_drop(departures, taken[i]);
        }
    return total;
}

static void test_order(void **state)
{
    (void)state;
    struct departures departures;
    uint32_t marks[8];
    departures_open(&departures, 1000);
    assert_int_equal(departures_rest(&departures, 1000), -1);
    put(&departures, 1020, 1);
    put(&departures, 1010, 2);
    put(&departures, 1020, 3);
    put(&departures, 900, 4); // late already: with the next
    assert_int_equal(departures_rest(&departures, 1000), 1);
    assert_int_equal(take(&departures, 1000, marks), 0);
    assert_int_equal(take(&departures, 1009, marks), 1);
    assert_int_equal(marks[0], 4);
    assert_int_equal(departures_rest(&departures, 1009), 1);
    assert_int_equal(departures_rest(&departures, 1015), 0);
    assert_int_equal(take(&departures, 1019, marks), 1);
    assert_int_equal(marks[0], 2);
    assert_int_equal(take(&departures, 1020, marks), 2);
    assert_int_equal(marks[0], 1);
    assert_int_equal(marks[1], 3);
    assert_int_equal(departures.waiting, 0);
    departures_close(&departures);
}

// Further away than the wheel is large, on the slots of what is near.
static void test_rounds(void **state)
{
    (void)state;
    struct departures departures;
    uint32_t marks[8];
    departures_open(&departures, 0);
    put(&departures, 10 + 2 * WHEEL_SLOTS, 1);
    put(&departures, 10, 2);
    put(&departures, 10 + WHEEL_SLOTS, 3);
    put(&departures, 10, 4);
    assert_int_equal(take(&departures, 10, marks), 2);
    assert_int_equal(marks[0], 2);
    assert_int_equal(marks[1], 4);
    put(&departures, 10 + WHEEL_SLOTS, 5);
    assert_int_equal(take(&departures, 9 + WHEEL_SLOTS, marks), 0);
    assert_int_equal(take(&departures, 10 + WHEEL_SLOTS, marks), 2);
    assert_int_equal(marks[0], 3);
    assert_int_equal(marks[1], 5);
    // A sleep of many rounds.
    assert_int_equal(take(&departures, 100 * WHEEL_SLOTS, marks), 1);
    assert_int_equal(marks[0], 1);
    put(&departures, 100 * WHEEL_SLOTS + 60000, 6);
    departures_close(&departures); // with one in it
}

// More than a batch at one time: none twice, none forgotten.
static void test_many(void **state)
{
    (void)state;
    struct departures departures;
    uint32_t marks[3 * BATCH_MAX + 5];
    departures_open(&departures, 5);
    for (uint32_t i = 0; i < 3 * BATCH_MAX + 5; i++)
        put(&departures, 6, i);
    assert_int_equal(take(&departures, 7, marks), 3 * BATCH_MAX + 5);
    for (uint32_t i = 0; i < 3 * BATCH_MAX + 5; i++)
        assert_int_equal(marks[i], i);
    departures_close(&departures);
}

static void test_limit(void **state)
{
    (void)state;
    struct departures departures;
    departures_open(&departures, 0);
    assert_int_equal(departures.waiting_max, LAB_WAITING_MAX);
    departures.waiting_max = 3;
    for (uint32_t i = 0; i < 3; i++)
        put(&departures, 10, i);
    assert_null(departures_make(&departures, 10));
    uint32_t marks[8];
    assert_int_equal(take(&departures, 10, marks), 3);
    struct departure *large = departures_make(&departures, MESSAGE_MAX);
    assert_non_null(large);
    assert_int_equal(large->room, MESSAGE_MAX);
    large->octets[MESSAGE_MAX - 1] = 1;
    departures_drop(&departures, large);
    departures_close(&departures);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_rounds),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
