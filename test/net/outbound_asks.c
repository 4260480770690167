// The table of asks: numbers, places, failures.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "base/limits.h"
#include "net/outbound_asks.h"

static void test_full(void **state)
{
    (void)state;
    struct outbound_asks asks;
    assert_true(outbound_asks_open(&asks));
    static uint32_t places[OUTBOUND_ASKS_MAX];
    for (uint32_t round = 0; round < 3; round++) {
        uint32_t first = round * 0x7fff0001u; // far apart, and many in one bucket
        for (uint32_t i = 0; i < OUTBOUND_ASKS_MAX; i++) {
            uint32_t number = first + i * (round == 1 ? OUTBOUND_ASKS_MAX : 1);
            assert_int_equal(outbound_asks_find(&asks, number), OUTBOUND_NONE);
            places[i] = outbound_asks_add(&asks, number);
            outbound_asks_sent(&asks, places[i], OUTBOUND_WAY_UDP, i);
        }
        assert_int_equal(asks.waiting, OUTBOUND_ASKS_MAX);
        for (uint32_t i = 0; i < OUTBOUND_ASKS_MAX; i++) {
            uint32_t number = first + i * (round == 1 ? OUTBOUND_ASKS_MAX : 1);
            assert_int_equal(outbound_asks_find(&asks, number), places[i]);
            assert_int_equal(asks.table[places[i]].place, i);
            outbound_asks_remove(&asks, places[i]);
            assert_int_equal(outbound_asks_find(&asks, number), OUTBOUND_NONE);
        }
        assert_int_equal(asks.waiting, 0);
    }
    outbound_asks_close(&asks);
}

// Failures are told once, in order; one that was taken back is not.
static void test_failures(void **state)
{
    (void)state;
    struct outbound_asks asks;
    assert_true(outbound_asks_open(&asks));
    uint32_t number, places[4];
    enum ask_failure failure;
    assert_false(outbound_asks_next_failed(&asks, &number, &failure));
    for (uint32_t i = 0; i < 4; i++)
        places[i] = outbound_asks_add(&asks, 10 + i);
    outbound_asks_sent(&asks, places[0], OUTBOUND_WAY_TCP, 5);
    outbound_asks_fail(&asks, places[2], ASK_NO_ROOM);
    outbound_asks_fail(&asks, places[0], ASK_CLOSED);
    outbound_asks_fail(&asks, places[1], ASK_REFUSED);
    assert_int_equal(asks.waiting, 0);
    outbound_asks_remove(&asks, places[0]);
    assert_true(outbound_asks_next_failed(&asks, &number, &failure));
    assert_int_equal(number, 12);
    assert_int_equal(failure, ASK_NO_ROOM);
    assert_true(outbound_asks_next_failed(&asks, &number, &failure));
    assert_int_equal(number, 11);
    assert_int_equal(failure, ASK_REFUSED);
    assert_false(outbound_asks_next_failed(&asks, &number, &failure));
    assert_int_equal(outbound_asks_find(&asks, 13), places[3]);
    assert_int_equal(outbound_asks_find(&asks, 12), OUTBOUND_NONE);
    outbound_asks_close(&asks);
}

static void test_words(void **state)
{
    (void)state;
    static const struct {
        int error;
        enum ask_failure failure;
    } rows[] = {
        {ECONNREFUSED, ASK_REFUSED},    {EHOSTUNREACH, ASK_UNREACHABLE},
        {ENETUNREACH, ASK_UNREACHABLE}, {EACCES, ASK_UNREACHABLE},
        {EMSGSIZE, ASK_UNREACHABLE},    {ETIMEDOUT, ASK_UNREACHABLE},
        {ECONNRESET, ASK_CLOSED},       {EPIPE, ASK_CLOSED},
        {EMFILE, ASK_NO_ROOM},          {ENFILE, ASK_NO_ROOM},
        {ENOBUFS, ASK_NO_ROOM},         {EADDRINUSE, ASK_NO_ROOM},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(outbound_failure(rows[i].error), rows[i].failure);
    assert_true(outbound_lacks_room(EMFILE));
    assert_false(outbound_lacks_room(EADDRINUSE)); // closing others gives no port
    assert_false(outbound_lacks_room(0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
