// Plays a scenario: the resolver asks, the script's servers answer, the client's answers are judged
// by RCODE, the flags QR, TC and AD, the question, and the RRsets of the answer section without
// signatures. (Of a SERVFAIL not by those: scenarios of different servers contradict each other
// about what stands in it.)
//
// What the script has no entry for, because other servers ask otherwise, is answered with the
// addresses of that name from anywhere in the script, or as NODATA; an address that is in no range
// at all is silent.
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/buffer.h"
#include "script.h"

// False: `problem` gets "file:line: what came and what should have". Every ask and answer is told
// to `log`, if it is not NULL.
bool play(const struct script *script, FILE *log, struct buffer *problem)
    __attribute__((nonnull(1, 3), warn_unused_result));

// Plays it whatever its answers are, its checks left out, until nothing is under way any more.
// False: a promise of the resolver is broken, which `problem` gets: each question answered exactly
// once and in its time, within its packets, nothing left behind, nobody asked who must not be.
bool play_freely(const struct script *script, struct buffer *problem)
    __attribute__((nonnull, warn_unused_result));
