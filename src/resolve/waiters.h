// Who waits for a task, and who is to be told.
#pragma once

#include "resolve/machine.h"

bool waiters_open(struct resolver *resolver) __attribute__((nonnull, warn_unused_result));
void waiters_close(struct resolver *resolver) __attribute__((nonnull));

// Puts a client's want behind the others of a task. NULL: WAITERS_MAX, or CLIENT_WAITERS_MAX of one
// address, are waiting.
struct waiter *waiters_add(struct resolver *resolver, struct task *task, const struct want *want)
    __attribute__((nonnull));
// A token that will come out with no answer. False: there is no slot for that either.
bool waiters_drop(struct resolver *resolver, const struct want *want) __attribute__((nonnull));
// It is to be told now, with this fate; its task is kept until that was done.
void waiters_resolve(struct resolver *resolver, struct waiter *waiter, enum fate fate)
    __attribute__((nonnull));
// It is gone and will not be told. Returns the task that it waited for, or NULL.
struct task *waiters_forget(struct resolver *resolver, uint64_t token) __attribute__((nonnull));
// The next one to tell: the caller reads it at once, and gives its slot back with waiters_free.
struct waiter *waiters_next_resolved(struct resolver *resolver) __attribute__((nonnull));
void waiters_free(struct resolver *resolver, struct waiter *waiter) __attribute__((nonnull));
