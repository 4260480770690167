// What the server says of a name by itself, for `trace`: by its zones and routes, as a client on
// this machine gets it, or by a hosts file or a special name. Nobody is asked.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "dns/name.h"

struct daemon;

enum explained {
    EXPLAINED_WHOLE,  // that is the answer
    EXPLAINED_FIRST,  // an alias of ours leads to a name that others have
    EXPLAINED_NOTHING // others have it, or it is below a cut of ours
};

// Where an alias leads. `name` may stand in `wire`, so it is not copied.
struct explained_next {
    struct name name;
    uint8_t wire[NAME_OCTETS_MAX];
};

// As members of the object that is open: own {by: zone|local, zone, serial}, and the members of
// dns/explain.h; nothing of EXPLAINED_NOTHING. `next`: where EXPLAINED_FIRST leads, else `name`.
enum explained explaining_own(struct daemon *daemon, struct name name, uint16_t type,
                              struct json *json, struct explained_next *next)
    __attribute__((nonnull, warn_unused_result));
