// The machine: a task's way through its states. Read the head of task.c first.
#pragma once

#include "resolve/machine.h"
#include "resolve/tasks.h"

// The only writer of task->state; the transition must be in the table.
void task_goto(struct task *task, enum task_state state) __attribute__((nonnull));
const char *task_state_word(enum task_state state) __attribute__((returns_nonnull));

// Lets all tasks that can go on do so, until none can.
void task_run_all(struct resolver *resolver) __attribute__((nonnull));
// Its time has come: time-outs, waiters whose patience is over. The caller runs all afterwards.
void task_be_due(struct resolver *resolver, struct task *task) __attribute__((nonnull));
// Nobody waits for it any more (a waiter was taken off): it ends, unless it is ours.
void task_release(struct resolver *resolver, struct task *task) __attribute__((nonnull));
// Works out anew when the task is due.
void task_set_due(struct resolver *resolver, struct task *task) __attribute__((nonnull));

// Ends in failure: SERVFAIL, this EDE, this text (a constant or in the task's notes). `keep`: the
// failure is this question's own, and is cached for others (RFC 9520).
void task_fail(struct task *task, enum ede ede, const char *why, bool keep)
    __attribute__((nonnull));
// Takes an ask or the octets of a reply from the budgets of this task and of all above it; those
// above that are spent are made ready, to end. False: this one's is spent.
bool task_charge(struct resolver *resolver, struct task *task, size_t octets)
    __attribute__((nonnull));
// Remembers what a server did, for the text of a failure.
void task_blame(struct task *task, const struct address *server, const char *what)
    __attribute__((nonnull));

// Makes the task wait for an address of a host of its delegation. False: it may not: a circle, too
// deep, too many, or no slot.
bool task_need(struct resolver *resolver, struct task *task, unsigned host, uint16_t type)
    __attribute__((nonnull));
void task_leave_needs(struct resolver *resolver, struct task *task) __attribute__((nonnull));

// Fills resolver->answer with what the task found, or with why it failed. Pointers look into the
// cache and the task's notes.
void task_answer(struct resolver *resolver, struct task *task) __attribute__((nonnull));
// Fills it with an answer past its time. False: there is none.
bool task_answer_stale(struct resolver *resolver, struct task *task) __attribute__((nonnull));

// Fills it with the failure of one whose time is up, though the task goes on.
void task_answer_late(struct resolver *resolver, struct task *task) __attribute__((nonnull));

// Tells the trace, if there is one. The step's task and depth are filled in.
void task_tell(const struct resolver *resolver, const struct task *task, struct trace_step step)
    __attribute__((nonnull));
