// A zone with its routes (route_zone.h).
#include "cli/route_zone.h"

#include <stdlib.h>
#include <string.h>

#include "auth/routed.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/report.h"
#include "base/suggest.h"
#include "cli/arguments.h"
#include "cli/config.h"
#include "cli/exit.h"
#include "cli/output.h"
#include "cli/problems.h"
#include "cli/route_health.h"
#include "cli/world.h"
#include "conf/fitting.h"
#include "daemon/geography.h"
#include "daemon/viewing.h"
#include "policy/countries.h"
#include "policy/traits.h"

// --- views, zones --------------------------------------------------------------------------------

// 0: everybody's, else 1 + its index. False after a complaint.
static bool find_view(struct route_zone *zone, const char *name, size_t *view)
{
    const struct options *options = zone->options;
    struct suggestion suggestion = {.word = name};
    char hint[128] = "the configuration has no views";
    *view = 0;
    for (size_t i = 0; name && i < options->view_count; i++) {
        suggest_consider(&suggestion, options->views[i].name);
        if (strcmp(options->views[i].name, name) == 0)
            *view = i + 1;
    }
    zone->view = *view ? options->views[*view - 1].name : NULL;
    if (!name || *view)
        return true;
    if (options->view_count)
        snprintf(hint, sizeof hint, "did you mean '%s'?",
                 suggestion.best ? suggestion.best : options->views[0].name);
    output_complain(hint, "there is no view '%s'", name);
    return false;
}

static struct name name_of(const struct zone_option *option)
{
    return (struct name){option->wire, option->size, option->labels};
}

// The deepest zone above the name that the view has, its own before everybody's.
static const struct zone_option *find_zone(const struct options *options, struct name name,
                                           size_t view)
{
    const struct zone_option *found = NULL;
    for (size_t i = 0; i < options->zone_count; i++) {
        const struct zone_option *option = &options->zones[i];
        if ((option->view != 0 && option->view != view) || !name_is_within(name, name_of(option)))
            continue;
        if (!found || option->labels > found->labels ||
            (option->labels == found->labels && option->view == view))
            found = option;
    }
    return found;
}

static bool load(struct route_zone *zone, const struct zone_option *option, struct report *report)
{
    struct server *server = &zone->server;
    struct zone_load_options how = {
        .zonemd = option->zonemd, .threads = 1, .secret = &server->secret};
    struct zone **list = memory_get(sizeof(struct zone *));
    list[0] = zone_load(name_of(option), option->file, &how, report);
    zone->zone = list[0];
    zones_build(&server->zones, list, 1, &server->secret);
    if (zone->zone->state != ZONE_SERVED)
        return false;
    fitting_check(zone->options, (size_t)(option - zone->options->zones), zone->zone,
                  &server->secret, report);
    return report->errors == 0;
}

// --- imagined clients ----------------------------------------------------------------------------

static struct location imagine(struct route_zone *zone, const struct mmdb_record *record)
{
    struct location location = {0};
    uint32_t trait = traits_of_record(zone->traits, record), set;
    location.is_placed =
        traits_place(zone->traits, traits_final(zone->traits, trait), &set, &location.point);
    location.set = (uint32_t)zone->set_count + set;
    location.facts = traits_set(zone->traits, set);
    return location;
}

// A client of whom only the country is known is in the middle of it.
static void put_in_middle(struct mmdb_record *record)
{
    const struct world_country *drawn = world_find(record->country);
    record->has_point = drawn != NULL;
    record->latitude = drawn ? drawn->latitude : 0;
    record->longitude = drawn ? drawn->longitude : 0;
}

static void imagine_countries(struct route_zone *zone)
{
    zone->countries = memory_get_zeroed(countries_count(), sizeof *zone->countries);
    for (size_t i = 0; i < countries_count(); i++) {
        const struct country *country = countries_at(i);
        struct mmdb_record record = {0};
        memcpy(record.country, country->code, sizeof record.country);
        memcpy(record.continent, country->continent, sizeof record.continent);
        put_in_middle(&record);
        zone->countries[i] = imagine(zone, &record);
    }
}

// --- routes --------------------------------------------------------------------------------------

static void build_routes(struct route_zone *zone, size_t view)
{
    const struct options *options = zone->options;
    size_t more = traits_set_count(zone->traits), total = zone->set_count + more;
    struct facts *sets = memory_get(total * sizeof *sets);
    struct route_spec *specs = memory_get((options->routing.count + 1) * sizeof *specs);
    size_t count = viewing_specs(options, view, specs);
    for (size_t i = 0; i < zone->set_count; i++)
        sets[i] = places_set(zone->server.places, i);
    for (size_t i = 0; i < more; i++)
        sets[zone->set_count + i] = traits_set(zone->traits, i);
    zone->server.auth.routes = routes_build(specs, count, sets, total, &zone->server.secret);
    free(specs);
    free(sets);
}

static void find_routed(struct route_zone *zone, struct name name)
{
    struct name_key key;
    const struct server *server = &zone->server;
    name_key_make(name, &server->secret, &key);
    struct finding finding = find_name(&zone->zone->image, &server->secret, &key);
    struct routed routed =
        routed_find(server->auth.routes, &key, zone->zone->origin.labels, &finding);
    zone->routed = routed.found == ROUTED_NAME ? routed.name : NULL;
}

static bool make(struct route_zone *zone, size_t view, const struct route_from *from,
                 struct report *report)
{
    const struct places_options *places = &zone->options->places;
    struct places_wants wants = {places->facts, places->fact_count, places->points};
    zone->geography = geography_make(zone->options, NULL, report);
    if (!zone->geography)
        return false;
    zone->server.places = geography_places(zone->geography);
    zone->set_count = places_sets(zone->server.places);
    zone->traits = traits_open(&wants);
    imagine_countries(zone);
    if (from && from->kind != ROUTE_FROM_ADDRESS) {
        struct mmdb_record record = from->record;
        if (from->kind == ROUTE_FROM_COUNTRY)
            put_in_middle(&record);
        zone->imagined = imagine(zone, &record);
    }
    build_routes(zone, view);
    return true;
}

static int open_zone(struct route_zone *zone, const struct arguments *arguments, struct name name,
                     const struct route_from *from, struct report *report)
{
    size_t view;
    char text[NAME_TEXT_MAX];
    name_print(name, text);
    zone->options = options_read(config_path(arguments), report);
    if (!zone->options)
        return EXIT_USAGE;
    if (!find_view(zone, arguments_value(arguments, "--view"), &view))
        return EXIT_NOT_FOUND;
    const struct zone_option *option = find_zone(zone->options, name, view);
    if (!option) {
        output_complain("'onym config show' lists the zones", "%s is in no zone%s%s", text,
                        zone->view ? " of the view " : " of the configuration",
                        zone->view ? zone->view : "");
        return EXIT_NOT_FOUND;
    }
    zone->server.view_count = 0;
    random_fill(&zone->server.secret, sizeof zone->server.secret);
    if (!load(zone, option, report) || !make(zone, view, from, report))
        return EXIT_USAGE;
    find_routed(zone, name);
    zone->server.board = board_open(zone->options->target_count);
    zone->server.ecs.any = true; // what --from says is believed
    zone->health_known = route_health_read(zone->options, arguments, zone->server.board);
    return EXIT_OK;
}

int route_zone_open(struct route_zone *zone, const struct arguments *arguments, struct name name,
                    const struct route_from *from)
{
    struct report report = {0};
    memset(zone, 0, sizeof *zone);
    int code = open_zone(zone, arguments, name, from, &report);
    problems_say(&report);
    report_free(&report);
    return code;
}

void route_zone_close(struct route_zone *zone)
{
    routes_release((struct routes *)zone->server.auth.routes);
    if (zone->zone)
        zones_free(&zone->server.zones);
    board_release(zone->server.board);
    if (zone->traits)
        traits_close(zone->traits);
    geography_release(zone->geography);
    free(zone->countries);
    options_free(zone->options);
}

bool route_zone_suggest(const struct route_zone *zone, struct name name,
                        char text[static NAME_TEXT_MAX])
{
    char word[NAME_TEXT_MAX], candidate[NAME_TEXT_MAX];
    size_t at = 0;
    const struct route_name *routed;
    struct suggestion suggestion = {.word = word};
    unsigned best = UINT32_MAX;
    name_print(name, word);
    *text = 0;
    while ((routed = routes_next(zone->server.auth.routes, &at))) {
        if (routed->route_count == 0)
            continue;
        name_print(routed->owner, candidate);
        suggest_consider(&suggestion, candidate);
        if (suggestion.best == candidate && suggestion.distance < best) {
            best = suggestion.distance;
            strcpy(text, candidate);
        }
        suggestion.best = best < UINT32_MAX ? text : NULL;
    }
    return *text != 0;
}
