// Asks on their way: slots, the queue to the outside, how many each server has.
#pragma once

#include "resolve/machine.h"

bool asks_open(struct resolver *resolver) __attribute__((nonnull, warn_unused_result));
void asks_close(struct resolver *resolver) __attribute__((nonnull));

// May this server get one more ask now (SERVER_ASKS_MAX)?
bool asks_has_room(const struct resolver *resolver, const struct address *server)
    __attribute__((nonnull));
// A slot for an ask of this task to this server, counted, its number given; the oldest of the task
// makes room past TASK_ASKS_MAX. The caller fills the rest and calls asks_send. NULL: ASKS_MAX.
struct ask_slot *asks_make(struct resolver *resolver, struct task *task,
                           const struct address *server) __attribute__((nonnull));
void asks_send(struct resolver *resolver, struct ask_slot *ask) __attribute__((nonnull));
// The ask of this number that waits for a reply, or NULL: it is over.
struct ask_slot *asks_find(struct resolver *resolver, uint32_t number) __attribute__((nonnull));
// It is over, and the outside knows (a reply was taken, it failed).
void asks_end(struct resolver *resolver, struct ask_slot *ask) __attribute__((nonnull));
// It is over, and the outside is to be told.
void asks_cancel(struct resolver *resolver, struct ask_slot *ask) __attribute__((nonnull));
void asks_cancel_all(struct resolver *resolver, struct task *task) __attribute__((nonnull));
// The next one for the outside. One that is cancelled is free afterwards, so it is copied.
bool asks_next_out(struct resolver *resolver, struct ask *ask) __attribute__((nonnull));
