// Routes beside a zone's own names (zone/route.h): where a name stands when both are looked at, and
// what was chosen, as an RRset.
//
// A name that only a route has exists like any other: it hides a wildcard above it, and names above
// it exist, too (RFC 4592 2.2, RFC 8020). A route for "*" answers for names that exist neither here
// nor there.
#pragma once

#include <stdbool.h>

#include "dns/answer.h"
#include "zone/choice.h"
#include "zone/find.h"
#include "zone/route.h"

// Who asks, for answers that depend on it.
struct auth_client {
    struct route_client client; // `location` NULL until it was asked for
    // Sets client.location, once, when a route first wants to know.
    void (*locate)(struct auth_client *client);
};

enum routed_found {
    ROUTED_NO,      // no route has to do with it: what the zone says
    ROUTED_NAME,    // `name` has routes for it
    ROUTED_BETWEEN, // no route and no record has this name, but some below it: NODATA
    ROUTED_NOTHING, // it does not exist, whatever wildcard the zone has further up
};

struct routed {
    enum routed_found found;
    const struct route_name *name;
    const struct node *node; // the zone's own records of that name; NULL: none
};

// `finding` is the zone's; the key is at or below the zone.
struct routed routed_find(const struct routes *routes, const struct name_key *key,
                          unsigned zone_labels, const struct finding *finding)
    __attribute__((nonnull));

// The route that answers a question for this type: its own, or the one that gives an alias, or for
// ANY the first (RFC 8482 4.1). NULL: none.
const struct route *routed_route(const struct route_name *name, uint16_t type)
    __attribute__((nonnull));

// Chooses for this client.
void routed_choose(const struct route *route, struct auth_client *client,
                   struct route_choice *choice) __attribute__((nonnull));
// What was chosen: the rule's own RRset, or one made in the answer's scratch. NULL: no room.
const struct rrset *routed_rrset(const struct route *route, const struct route_choice *choice,
                                 struct answer *answer) __attribute__((nonnull));
// What a person should know of the choice, NULL: nothing.
const char *routed_remark(enum route_outcome outcome);
