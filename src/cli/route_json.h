// A routed name as JSON: what `onym zone route --json` prints, and what its text and its map are
// made from.
//
//   {"v":1, "name", "zone", "view"?, "health":"server"|"assumed"|"unchecked",
//    "from"?: {"text", "kind":"address"|"country"|..., "bits"?,
//              "says":[{"database", "country"?, "continent"?, "subdivision"?, "asn"?,
//                       "latitude"?, "longitude"?}, ...],
//              "holds":{"country":["SG"], ...}},              what rules ask, and is so there
//    "routes":[{"type", "rules":[RULE, ...], "verdict"?: VERDICT}, ...]}
//
//   RULE     {"rule":1, "file", "line", "column", "where":{"country":["SG"], ...},
//             "choose":"all"|"weighted"|"nearest", "count"?, "dead":"next"|"all"|"none",
//             "sticky"?: {"ipv4":24, "ipv6":56}, "ttl"?, "items":[ITEM, ...],
//             "countries":["SG", ...]}                        whose clients it answers
//   ITEM     {"item":1, "data", "weight", "share"?: percent of the weights of those that are well,
//             "check"?, "health"?: "up"|"down"|"unknown", "at"?: [latitude, longitude],
//             "countries"?: of a nearest rule, to whose middles it is the nearest}
//   VERDICT  {"rule":1, "outcome":"chosen"|"fell_back"|"all_dead"|"nothing",
//             "passed":[{"rule", "why":"place"|"dead"}, ...],   others looked at
//             "by"?:"all"|"lot"|"sticky"|"nearest",
//             "gives":[{"item", "data", "share"?, "km"?}, ...], lot: one or some of these
//             "scope"?, "alias"?: its target, or the answer as explain.h writes it}
//
// Members with a question mark are left out where they say nothing. "scope" is what a resolver is
// told that asks for such a client, if the client was told by an address.
#pragma once

#include "cli/route_zone.h"

struct buffer;

struct route_wish {
    struct name name;
    uint16_t type;                 // 0: of all types that have a route
    const struct route_from *from; // NULL: no client
};

// One line.
void route_json(struct route_zone *zone, const struct route_wish *wish, struct buffer *to)
    __attribute__((nonnull));
