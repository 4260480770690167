// Bells between workers: one rings another that sleeps and has a letter (resolve/flights.h).
//
//   the sleeper            bells_sleep(); are there letters? then it sleeps no more; bells_wake()
//   whoever has a letter   puts it into the mailbox; bells_ring()
//
// Both sides first write and then look at what the other one wrote, so that a letter is either seen
// before the sleep or rung for. A worker that is awake looks into its mailbox anyway, and is not
// rung: a bell's system call costs more than the answer that it announces.
#pragma once

#include "net/loop.h"

struct bells;

struct bells *bells_make(unsigned workers) __attribute__((returns_nonnull, warn_unused_result));
// All workers have ended. NULL is fine.
void bells_free(struct bells *bells);

// By the worker itself, before it sleeps for the first time. The loop must last until all workers
// have ended.
void bells_hang(struct bells *bells, unsigned worker, struct loop *loop) __attribute__((nonnull));
void bells_sleep(struct bells *bells, unsigned worker) __attribute__((nonnull));
void bells_wake(struct bells *bells, unsigned worker) __attribute__((nonnull));
void bells_ring(struct bells *bells, unsigned worker) __attribute__((nonnull));
