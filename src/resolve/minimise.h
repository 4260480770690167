// How much of a name to show to a server (RFC 9156).
//
// A server that is asked about a cut's names needs to see one label more than the cut has, until
// it turns out whose name it is:
//
//   cut com.  goal a.b.example.com. MX     example.com. A -> referral, or
//                                          example.com. A -> no cut there: b.example.com. A ...
//
// Names of many labels must not cost as many packets: after MINIMISE_ONE_LABEL steps of one label
// the rest is divided evenly, so that there are at most MINIMISE_STEPS_MAX in all (RFC 9156 2.3).
// Names in between are asked for with type A: of all types the one that no server chokes on, and
// that tells nobody what is looked for (RFC 9156 2.1).
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dns/name.h"

// RFC 9156 2.3's own values.
#define MINIMISE_STEPS_MAX 10
#define MINIMISE_ONE_LABEL 4

struct minimise {
    bool off;       // show it all: not wanted, or a server that cannot cope was met
    uint8_t steps;  // names in between asked for so far, for the whole question
    uint8_t labels; // no cut was found at the goal's suffix of so many labels or above it
};

struct minimised {
    struct name name; // a suffix of the goal
    uint16_t type;
    bool whole; // it is the goal itself
};

struct minimised minimise_next(const struct minimise *minimise, struct name cut, struct name goal,
                               uint16_t type) __attribute__((nonnull));
