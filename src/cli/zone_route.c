// `onym zone route` (zone_route.h): the zone is made as a server would, the answer is written as
// JSON, and that is printed, told or drawn.
#include "cli/zone_route.h"

#include <assert.h>
#include <jansson.h>
#include <string.h>

#include "base/buffer.h"
#include "cli/arguments.h"
#include "cli/exit.h"
#include "cli/idn.h"
#include "cli/members.h"
#include "cli/output.h"
#include "cli/route_from.h"
#include "cli/route_json.h"
#include "cli/route_map.h"
#include "cli/route_text.h"
#include "cli/route_zone.h"

// Of several routes the first that is about addresses is drawn.
static const json_t *choose_drawn(const json_t *routed)
{
    static const char *const types[] = {"A", "AAAA"};
    const json_t *routes = json_object_get(routed, "routes"), *route;
    size_t index;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        json_array_foreach(routes, index,
                           route) if (strcmp(text_of(route, "type"), types[i]) == 0) return route;
    return json_array_get(routes, 0);
}

static void print(const struct arguments *arguments, struct buffer *text)
{
    if (!arguments->json) {
        json_t *routed = json_loadb(buffer_text(text), text->size, 0, NULL);
        assert(routed);
        buffer_clear(text);
        if (arguments_has(arguments, "--map"))
            route_map(routed, choose_drawn(routed), text);
        else
            route_text(routed, text);
        json_decref(routed);
    }
    output_put(text);
}

static int complain_of_name(const struct route_zone *zone, struct name name)
{
    char text[NAME_TEXT_MAX], other[NAME_TEXT_MAX], hint[NAME_TEXT_MAX + 32] = "";
    name_print(name, text);
    if (route_zone_suggest(zone, name, other))
        snprintf(hint, sizeof hint, "did you mean '%s'?", other);
    output_complain(*hint ? hint : "routes are in the configuration, at zones.*.routes",
                    "%s has no route", text);
    return EXIT_NOT_FOUND;
}

static int complain_of_type(const struct route_zone *zone, const struct route_wish *wish)
{
    char text[NAME_TEXT_MAX], type[TYPE_TEXT_MAX];
    struct buffer hint = {0};
    name_print(wish->name, text);
    buffer_add_text(&hint, "it has routes for");
    for (unsigned i = 0; i < zone->routed->route_count; i++) {
        type_print(zone->routed->routes[i].type, type);
        buffer_format(&hint, "%s %s", i ? "," : "", type);
    }
    type_print(wish->type, type);
    output_complain(buffer_text(&hint),
                    "%s has no route for %s: what the zone has is for everybody", text, type);
    buffer_free(&hint);
    return EXIT_NOT_FOUND;
}

static int run(const struct arguments *arguments, const struct route_wish *wish)
{
    struct route_zone zone;
    struct buffer text = {0};
    int code = route_zone_open(&zone, arguments, wish->name, wish->from);
    if (code == EXIT_OK && !zone.routed) {
        code = complain_of_name(&zone, wish->name);
    } else if (code == EXIT_OK && wish->type && !routed_route(zone.routed, wish->type)) {
        code = complain_of_type(&zone, wish);
    } else if (code == EXIT_OK) {
        route_json(&zone, wish, &text);
        print(arguments, &text);
    }
    buffer_free(&text);
    route_zone_close(&zone);
    return code;
}

int command_zone_route(const struct arguments *arguments)
{
    uint8_t wire[NAME_OCTETS_MAX];
    struct route_wish wish = {0};
    struct route_from from;
    const char *type = arguments_word(arguments, 1), *where = arguments_value(arguments, "--from");
    if (!idn_read_name(arguments_word(arguments, 0), wire, &wish.name))
        return EXIT_USAGE;
    if (type && !type_parse(type, strlen(type), &wish.type)) {
        output_complain("like this: onym zone route www.example.test AAAA", "'%s' is not a type",
                        type);
        return EXIT_USAGE;
    }
    if (where && arguments_has(arguments, "--map")) {
        output_complain("a map shows who gets what everywhere; --from asks for one client",
                        "either --map or --from");
        return EXIT_USAGE;
    }
    if (where && !route_from_read(where, &from))
        return EXIT_USAGE;
    wish.from = where ? &from : NULL;
    return run(arguments, &wish);
}
