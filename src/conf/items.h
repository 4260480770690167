// What a rule of a route gives: `give: [192.0.2.1, {addr: 192.0.2.2, weight: 3, at: [1.35, 104]}]`.
//
// A record is written as in a zone file: an address, a name, the words of an HTTPS record; a TXT
// record is its text, without quotes of its own. In a map it is `addr`, or `data` if it is none.
#pragma once

#include "conf/filler.h"
#include "zone/route.h"

struct items_reader {
    struct name zone; // completes names without a last dot
    struct name owner;
    uint16_t type;
};

// The type of a key like "A"; types that no route can have are told.
bool items_find_type(struct filler *filler, const struct value *key, uint16_t *type)
    __attribute__((nonnull, warn_unused_result));
// Fills rule->items. `check` is the rule's, or NULL. Every problem is told. False: there were some.
bool items_read(struct filler *filler, const struct items_reader *reader, const struct value *give,
                const struct value *check, struct route_rule *rule)
    __attribute__((nonnull(1, 2, 3, 5), warn_unused_result));
