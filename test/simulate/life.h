// One run of a resolver in a world: clients come, ask, lose patience; servers answer in their
// manner; and every promise is checked.
//
//   - each client is answered exactly once, or has left; within the time of a question
//   - what is answered is true; in a calm world everything is answered
//   - no question costs more than its budget of packets
//   - a crowd that asks for names of a silent zone changes nothing of that, and is bounded
//   - in the end nothing is left: no task, no waiter, no ask
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buffer.h"

struct life_counts {
    uint64_t wants, answered, failed, dropped, forgotten, packets, most_packets, calm;
    uint64_t limits, crowded, suspect, timeouts;
    uint64_t needless; // failures in rough worlds though there was a server to rely on
};

// False: `problem` says what was broken. What happens is told to `log`, if it is not NULL. `counts`
// are added to.
bool life_run(uint64_t seed, FILE *log, struct life_counts *counts, struct buffer *problem)
    __attribute__((nonnull(3, 4), warn_unused_result));
