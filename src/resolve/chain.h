// The question's own chain in the answer section of a reply: the one thing in it that counts.
//
//   www.x. CNAME -> web.x.   web.x. CNAME -> a.y.   a.y. A
//   ^ asked      ^ step      ^ step, if y. is within the zone that was asked; else the chain ends
//                              here, `outside`, and a.y. is asked for anew, of its own servers
//
// Whatever else stands in an answer section - addresses of other names, a DNAME above another name
// - has not been asked for and is not looked at (CVE-2025-11411, CVE-2025-40778).
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"
#include "dns/name.h"
#include "resolve/heard.h"

struct chain_step {
    struct name owner; // of the alias
    uint16_t type;     // CNAME or DNAME
    uint8_t wire[NAME_OCTETS_MAX];
};

struct chain {
    unsigned count;
    struct chain_step steps[CHAIN_MAX];
    struct name last; // what the last alias names; the question's name if there is none
    bool found;       // the type that was asked for stands there
    bool outside;     // `last` is none of this zone's names, or not asked for: a DNAME's CNAME was
    bool too_long;    // a DNAME made a name over 255 octets (RFC 6672 2.2)
    bool endless;     // a circle, or more than CHAIN_MAX aliases
    uint8_t last_wire[NAME_OCTETS_MAX];
};

struct chain_question {
    struct name name; // as it was asked
    uint16_t type;
    struct name zone; // whose servers were asked
};
void chain_follow(const struct heard *heard, const struct chain_question *question,
                  struct chain *chain) __attribute__((nonnull));
