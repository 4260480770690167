// How many walks may be at the servers of one zone at once: few where they are silent.
//
//   quota_enter(resolver, task)    before a server of the task's delegation is chosen
//   quota_timed_out, quota_replied what became of its asks
//   quota_leave(resolver, task)    it goes to another delegation, or ends
//
// A flood of random names below a zone whose servers are dead or slow ("water torture") would else
// hold every slot for the time of a question. A bound begins at ZONE_WALKS_MAX. Each time-out of a
// server that was silent before, too, takes a sixteenth of it away, down to ZONE_WALKS_MIN; each
// reply adds an eighth. So it falls only where time-outs are twice as many as replies - not where
// one server of two is dead, packets are lost, or a server is farther away than we thought - within
// some hundred of them, and is back within some forty replies. At ZONE_WALKS_MIN there are always
// walks that find out.
//
// Forwarders have none: that what lies behind one is silent is not its fault, and whoever owns a
// silent zone could close it to all others.
#pragma once

#include "resolve/machine.h"

void quota_open(struct resolver *resolver) __attribute__((nonnull));
// True: the task is counted at its delegation's zone, or was before. False: no more may be.
bool quota_enter(struct resolver *resolver, struct task *task)
    __attribute__((nonnull, warn_unused_result));
void quota_leave(struct resolver *resolver, struct task *task) __attribute__((nonnull));
// Of an ask of this task. For the first, the table of servers has been told.
void quota_timed_out(struct resolver *resolver, const struct task *task,
                     const struct address *server) __attribute__((nonnull));
void quota_replied(struct resolver *resolver, const struct task *task) __attribute__((nonnull));
