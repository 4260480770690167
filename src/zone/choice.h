// Choosing from a route: which records this client gets, and by which rule.
//
//   the client's set of facts -> its first rule -> the items of it that are well
//     -> all of them, some by weight, or the nearest ones
//   none is well -> the next rule that holds for this client ... -> what the first one says of that
//
// Pure: the client, the lamps and the dice come in, and a list of items goes out. It allocates
// nothing, and no time passes.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/random.h"
#include "zone/board.h"
#include "zone/route.h"

struct route_client {
    const struct location *location; // needed for routes that are by_place
    // Of the address: 4 or 16 octets, and how many bits of it are known to be the client's. For
    // routes that are sticky.
    const uint8_t *octets;
    unsigned bits;
    bool is_v4;
    const struct board *board; // NULL: all are well
    struct dice *dice;
};

enum route_outcome {
    ROUTE_CHOSEN,
    ROUTE_FELL_BACK, // the first rule for this client has nothing that is well: another one's
    ROUTE_ALL_DEAD,  // nothing is well anywhere; these are given nevertheless
    ROUTE_NOTHING,   // nothing is well, and then nothing is to be given
};

struct route_choice {
    enum route_outcome outcome;
    const struct route_rule *rule; // that it was chosen from
    bool is_whole;                 // all of the rule's items: rule->all will do
    bool in_order;                 // the order of the items says something
    uint16_t count;
    uint16_t items[ROUTE_ITEMS_MAX]; // of the rule; not set with is_whole
    uint8_t scope;                   // how many bits of the address decided; 0: none did
};

void route_choose(const struct route *route, const struct route_client *client,
                  struct route_choice *choice) __attribute__((nonnull));
