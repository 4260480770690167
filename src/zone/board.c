// The memory of boards (board.h).
#include "zone/board.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"

struct board *board_open(size_t count)
{
    struct board *board = memory_get_zeroed(1, sizeof *board + count);
    atomic_init(&board->holders, 1);
    board->count = count;
    static_assert(HEALTH_UNKNOWN == 0, "zeroed lamps are unknown");
    return board;
}

struct board *board_hold(struct board *board)
{
    atomic_fetch_add_explicit(&board->holders, 1, memory_order_relaxed);
    return board;
}

void board_release(struct board *board)
{
    if (board && atomic_fetch_sub_explicit(&board->holders, 1, memory_order_acq_rel) == 1)
        free(board);
}
