// What the history forgets: changes that are too old, once a day, and on command.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct amending;

// The writer's: looks whether it is time. History grows with changes, so it is called before each
// batch of them.
void pruning_step(struct amending *amending) __attribute__((nonnull));
