// State AWAY: a question that another worker walks (flights.h), seen from a task.
#pragma once

#include "resolve/machine.h"

// A client's question is not known: does another worker walk it already? True: the task is in state
// AWAY, and waits. False: it walks itself, and others may wait for it.
bool away_go(struct resolver *resolver, struct task *task) __attribute__((nonnull));
// It goes on by itself after all, since somebody here needs more than its answer.
void away_come_home(struct resolver *resolver, struct task *task) __attribute__((nonnull));
// Before the task is over: others who wait for it get its answer if it is `answered`; else they are
// told to walk themselves. What it waited for itself is let go.
void away_end(struct resolver *resolver, struct task *task, bool answered) __attribute__((nonnull));
// Its time is over here; does somebody wait for it elsewhere? True: it has that one's time.
bool away_is_waited_for(struct resolver *resolver, struct task *task) __attribute__((nonnull));
// Letters of other workers. The caller runs all afterwards.
void away_take_letters(struct resolver *resolver) __attribute__((nonnull));
