// The table of tasks: slots, equal questions found, the next one due, those that can go on.
#pragma once

#include "resolve/machine.h"

// What makes two questions one.
struct task_question {
    struct rules *rules;
    struct name name;
    uint16_t type, source;
    bool dnssec_ok, checking_disabled, refresh;
    struct name_key *key; // of the name
    struct start start;
    bool unknown; // nothing of it is in the cache (this makes no difference)
};

bool tasks_open(struct resolver *resolver) __attribute__((nonnull, warn_unused_result));
void tasks_close(struct resolver *resolver) __attribute__((nonnull));

// The running task of this question, or NULL.
struct task *tasks_find(const struct resolver *resolver, const struct task_question *question)
    __attribute__((nonnull));
// A new one, findable, its rules held; in state LOOKUP, not ready. NULL: TASKS_MAX are running, or
// there is no room for the start.
struct task *tasks_make(struct resolver *resolver, const struct task_question *question)
    __attribute__((nonnull));
// From now on an equal question is a new task.
void tasks_unjoin(struct resolver *resolver, struct task *task) __attribute__((nonnull));
// Gives the slot back. Nobody may wait for it or be told of it any more.
void tasks_free(struct resolver *resolver, struct task *task) __attribute__((nonnull));

// When it wants to be called at the latest; UINT64_MAX: never.
void tasks_set_due(struct resolver *resolver, struct task *task, uint64_t due_us)
    __attribute__((nonnull));
struct task *tasks_first_due(const struct resolver *resolver) __attribute__((nonnull));

void tasks_make_ready(struct resolver *resolver, struct task *task) __attribute__((nonnull));
struct task *tasks_next_ready(struct resolver *resolver) __attribute__((nonnull));
