// The lamps by which answers see which addresses are well: one for each target of a health check.
//
//   results of checks --one thread--> lamps --every worker, a relaxed load for each--> answers
//
// A board is one house's. It is shared by count between the house, whose routes know its lamps by
// number, and whoever switches them.
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum health {
    HEALTH_UNKNOWN, // not tried yet: counts as up, so that a start takes nothing out of answers
    HEALTH_UP,
    HEALTH_DOWN,
};

struct board {
    atomic_uint holders;
    size_t count;
    _Atomic uint8_t lamps[]; // enum health
};

// `count` lamps, all unknown; one holder. May be empty.
struct board *board_open(size_t count) __attribute__((returns_nonnull, warn_unused_result));
struct board *board_hold(struct board *board) __attribute__((nonnull, returns_nonnull));
void board_release(struct board *board); // NULL is fine

static inline enum health board_read(const struct board *board, size_t lamp)
{
    return (enum health)atomic_load_explicit(&board->lamps[lamp], memory_order_relaxed);
}
static inline void board_set(struct board *board, size_t lamp, enum health health)
{
    atomic_store_explicit(&board->lamps[lamp], (uint8_t)health, memory_order_relaxed);
}
