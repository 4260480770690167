// Randomness from the kernel's CSPRNG, drawn in bulk for each thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Fills `to` with unpredictable octets (getrandom; exits if the kernel refuses, as nothing here is
// safe without).
void random_fill(void *to, size_t size) __attribute__((nonnull));

// Unpredictable, from a pool of this thread that is drawn 512 octets at a time. For IDs and ports.
uint32_t random_get32(void);

// Fast and NOT unpredictable: a seeded generator for where fairness is all that matters (the
// rotation of RRsets). One state for each worker.
struct dice {
    uint64_t state;
};
struct dice dice_seed(uint64_t seed);
static inline uint32_t dice_roll(struct dice *dice)
{
    dice->state = dice->state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(dice->state >> 32);
}

// For what must be unpredictable in the daemon and repeatable in a test: IDs, letters' case, which
// server to ask. All zero: unpredictable.
struct luck {
    bool seeded;
    struct dice dice;
};
static inline uint32_t luck_get32(struct luck *luck)
{
    return luck->seeded ? dice_roll(&luck->dice) : random_get32();
}
// A number below `bound`, which is at least 1.
static inline uint32_t luck_below(struct luck *luck, uint32_t bound)
{
    return (uint32_t)((uint64_t)luck_get32(luck) * bound >> 32);
}
