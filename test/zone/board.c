// Boards: unknown at first, shared by count.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "zone/board.h"

static void test_lamps(void **state)
{
    struct board *board = board_open(3);
    (void)state;
    assert_int_equal(board->count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(board_read(board, i), HEALTH_UNKNOWN);
    board_set(board, 1, HEALTH_DOWN);
    board_set(board, 2, HEALTH_UP);
    assert_int_equal(board_read(board, 0), HEALTH_UNKNOWN);
    assert_int_equal(board_read(board, 1), HEALTH_DOWN);
    assert_int_equal(board_read(board, 2), HEALTH_UP);
    board_release(board_hold(board));
    assert_int_equal(board_read(board, 1), HEALTH_DOWN);
    board_release(board);
    board_release(NULL);
    board_release(board_open(0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lamps)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
