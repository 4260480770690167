// A routed name as a map of the world in SVG, from its JSON (route_json.h): each country in the
// colour of the rule that answers its clients, or of the nearest address; addresses whose place is
// known as dots; and a legend with all rules.
//
// The picture has its colours for light and for dark screens, and says in words all that it shows:
// a title and a description of the whole, and of each country and dot.
#pragma once

#include <jansson.h>

struct buffer;

// `route` is one of the routes of `routed`.
void route_map(const json_t *routed, const json_t *route, struct buffer *to)
    __attribute__((nonnull));
