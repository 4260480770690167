// A zone with its routes as a server of this configuration would have them: the parts of a house
// that answers by place come from, made by those who make the house's.
//
//   configuration --> options --> geography --> places --+
//                        |                               +--> routes
//                        |        imagined clients ------+      (one that is only told by a code
//                        +------> zone                           is looked at like a database's)
//                        +------> board <-- health, of a running server
#pragma once

#include <stdbool.h>

#include "cli/route_from.h"
#include "conf/options.h"
#include "serve/serve.h"

struct arguments;

struct route_zone {
    struct options *options;
    struct server server; // zones, routes, places, board: as the view's
    const struct zone *zone;
    const char *view;                // its name; NULL: everybody's
    bool health_known;               // a running server told it
    struct location imagined;        // of a client that is told by a code or by coordinates
    struct location *countries;      // [countries_count()]: of a client of whom only that is known
    const struct route_name *routed; // of the name that was asked; NULL: it has no route
    // Made by others; kept, as the above look at it.
    struct geography *geography;
    struct traits *traits;
    size_t set_count; // of the table of places: sets of imagined ones stand behind those
};

// Reads what -c, --control and --view of the command line say. EXIT_OK: the zone of this name is
// there, and `routed` says what the name has; else an exit code after a complaint. `from` may be
// NULL. To be closed whatever was returned.
int route_zone_open(struct route_zone *zone, const struct arguments *arguments, struct name name,
                    const struct route_from *from)
    __attribute__((nonnull(1, 2), warn_unused_result));
void route_zone_close(struct route_zone *zone) __attribute__((nonnull));

// The name with routes in this view that is nearest to `name`, in text; false: there is none.
bool route_zone_suggest(const struct route_zone *zone, struct name name,
                        char text[static NAME_TEXT_MAX]) __attribute__((nonnull));
