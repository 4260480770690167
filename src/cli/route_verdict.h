// What one client gets of a route, and why: auth's own answer, and the choice that it came from.
#pragma once

#include "base/json.h"
#include "cli/route_json.h"

// Adds "verdict" to the object that is open: route_json.h tells it.
void route_verdict(struct route_zone *zone, const struct route_wish *wish,
                   const struct route *route, struct json *json) __attribute__((nonnull));

// Where the client is, as an answer would see it. Its facts live as long as the zone.
void route_verdict_locate(struct route_zone *zone, const struct route_from *from,
                          struct location *location) __attribute__((nonnull));
// How much of the weight of the rule's items that are well this one has, in percent: how often it
// is the first that is drawn. Of a dead one -1, if others are well.
double route_verdict_share(const struct route_zone *zone, const struct route_rule *rule,
                           unsigned item) __attribute__((nonnull));
