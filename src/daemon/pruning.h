// What the history forgets: changes that are too old, once a day; the oldest when it is too large;
// and what a command says.
#pragma once

struct amending;
struct amendment;

// The writer's: looks whether it is time. History grows with changes, so it is called before each
// batch of them.
void pruning_step(struct amending *amending) __attribute__((nonnull));
// AMENDMENT_PRUNE. Below no group of changes.
void pruning_run(struct amending *amending, struct amendment *amendment) __attribute__((nonnull));
