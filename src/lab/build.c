// Zones from a description (build.h).
//
//   plots, in canonical order     each knows the deepest zone above it
//   texts                         of all plots, filled crosswise: a zone writes into its parent too
//   zones                         read, checked, packed
//   servers                       (address, zone) pairs sorted by address, one server for each run
#include "lab/build.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "dns/type.h"
#include "zone/judge.h"
#include "zone/parse.h"
#include "zone/records.h"

#define SOA_TIMERS "1 7200 3600 1209600"

struct plot {
    const struct world_zone *zone;
    struct name name;
    uint8_t wire[NAME_OCTETS_MAX];
    struct plot *above; // the zone that delegates to it; NULL: the root
    struct buffer text;
    struct zone *made;
};

struct pair {
    struct address address;
    struct plot *plot;
    const char *host;
};

struct building {
    const struct world *world;
    struct report *report;
    struct built *built;
    struct plot *plots;
    struct plot **sorted; // canonical order
    size_t count;
    struct pair *pairs;
    size_t pair_count, pair_room;
};

// Names of the description were checked when it was read.
static struct name read_name(const char *text, uint8_t storage[static NAME_OCTETS_MAX])
{
    struct name name = NAME_ROOT;
    enum name_text_result result = name_parse(text, strlen(text), NULL, storage, &name);
    assert(result == NAME_TEXT_OK);
    (void)result;
    return name;
}

// --- plots ---------------------------------------------------------------------------------------

static int compare_plots(const void *a, const void *b)
{
    const struct plot *const *first = a, *const *second = b;
    return name_compare((*first)->name, (*second)->name);
}

// In canonical order the zones above a name stand before it, the deepest of them last.
static void lay_plots(struct building *building)
{
    const struct world *world = building->world;
    building->count = world->zone_count;
    building->plots = memory_get_zeroed(building->count, sizeof *building->plots);
    building->sorted = memory_get_zeroed(building->count, sizeof(struct plot *));
    for (size_t i = 0; i < building->count; i++) {
        struct plot *plot = &building->plots[i];
        plot->zone = &world->zones[i];
        plot->name = read_name(plot->zone->name, plot->wire);
        building->sorted[i] = plot;
    }
    qsort(building->sorted, building->count, sizeof(struct plot *), compare_plots);
    struct plot *above = NULL;
    for (size_t i = 0; i < building->count; i++) {
        while (above && !name_is_within(building->sorted[i]->name, above->name))
            above = above->above;
        building->sorted[i]->above = above;
        above = building->sorted[i];
    }
}

// The deepest zone at or above the name; NULL: there is none (and no root).
static struct plot *find_plot(const struct building *building, struct name name)
{
    for (unsigned depth = name.labels + 1u; depth-- > 0;) {
        struct plot wanted = {.name = name_suffix(name, depth)}, *key = &wanted;
        struct plot **found =
            bsearch(&key, building->sorted, building->count, sizeof(struct plot *), compare_plots);
        if (found)
            return *found;
    }
    return NULL;
}

// --- texts ---------------------------------------------------------------------------------------

static void put_addresses(struct buffer *to, const struct world_host *host)
{
    for (size_t i = 0; i < host->count; i++) {
        char text[ADDRESS_TEXT_MAX];
        address_print_host(&host->addresses[i], text);
        buffer_format(to, "%s %s %s\n", host->name,
                      host->addresses[i].any.sa_family == AF_INET ? "A" : "AAAA", text);
    }
}

static void put_servers(struct buffer *to, const struct world_zone *zone)
{
    for (size_t i = 0; i < zone->host_count; i++)
        buffer_format(to, "%s NS %s\n", zone->name, zone->hosts[i].name);
}

static void put_number_address(struct buffer *to, bool v4, uint64_t number)
{
    if (v4)
        buffer_format(to, "10.%u.%u.%u", (unsigned)(number >> 16 & 255),
                      (unsigned)(number >> 8 & 255), (unsigned)(number & 255));
    else
        buffer_format(to, "2001:db8::%x:%x", (unsigned)(number >> 16 & 0xffff),
                      (unsigned)(number & 0xffff));
}

static void put_generated(struct buffer *to, const struct world_zone *zone)
{
    const struct world_generate *generate = &zone->generate;
    uint64_t first = (uint64_t)zone->number * generate->count;
    for (uint32_t i = 0; i < generate->count; i++) {
        world_number(to, generate->name, i);
        buffer_format(to, " %s ", generate->type);
        if (generate->rdata)
            world_number(to, generate->rdata, i);
        else
            put_number_address(to, strcmp(generate->type, "A") == 0, first + i);
        buffer_add_char(to, '\n');
    }
}

// What a zone says by itself. A file is the whole zone, but for what is below.
static void begin_text(struct plot *plot)
{
    const struct world_zone *zone = plot->zone;
    struct buffer *to = &plot->text;
    buffer_format(to, "$TTL %" PRIu32 "\n", zone->ttl_s);
    if (zone->file) {
        buffer_format(to, "$INCLUDE \"%s\"\n", zone->file);
    } else {
        const char *host = zone->host_count ? zone->hosts[0].name : zone->name;
        buffer_format(to, "%s SOA %s hostmaster.invalid. " SOA_TIMERS " %" PRIu32 "\n", zone->name,
                      host, zone->negative_ttl_s);
        put_servers(to, zone);
    }
    buffer_format(to, "$ORIGIN %s\n", zone->name);
    for (size_t i = 0; i < zone->record_count; i++)
        buffer_format(to, "%s\n", zone->records[i]);
    put_generated(to, zone);
}

// What a zone says of one that it delegates, and the zones of the hosts say of these.
static void link_plot(struct building *building, struct plot *plot)
{
    const struct world_zone *zone = plot->zone;
    if (plot->above)
        put_servers(&plot->above->text, zone);
    for (size_t i = 0; i < zone->host_count; i++) {
        uint8_t wire[NAME_OCTETS_MAX];
        struct name host = read_name(zone->hosts[i].name, wire);
        struct plot *home = find_plot(building, host);
        if (home)
            put_addresses(&home->text, &zone->hosts[i]);
        if (plot->above && plot->above != home && name_is_within(host, plot->above->name))
            put_addresses(&plot->above->text, &zone->hosts[i]);
    }
}

// --- zones ---------------------------------------------------------------------------------------

static void refuse_zone(const struct building *building, const struct plot *plot, const char *why)
{
    struct place place = {.file = building->world->path};
    report_add(building->report, SEVERITY_ERROR, &place, NULL, "zone %s: %s", plot->zone->name,
               why);
}

// Warnings about what was made up are of no use to who did not write it; those about a file are for
// `onym zone check`.
static void keep_errors(const struct report *from, struct report *to)
{
    for (size_t i = 0; i < from->count; i++) {
        const struct problem *problem = &from->problems[i];
        if (problem->severity != SEVERITY_ERROR)
            continue;
        struct place place = {.file = problem->file,
                              .line = problem->line,
                              .column = problem->caret,
                              .width = problem->width,
                              .source = problem->source};
        place.source_size = problem->source ? (uint32_t)strlen(problem->source) : 0;
        report_add(to, SEVERITY_ERROR, &place, problem->hint, "%s", problem->message);
    }
}

static void make_zone(struct building *building, struct plot *plot)
{
    struct report report = {0};
    struct records records;
    records_begin(&records, plot->name);
    struct judge_options judge = {.octets = buffer_text(&plot->text), .size = plot->text.size};
    char *path = memory_format("%s (zone %s)", building->world->path, plot->zone->name);
    // $INCLUDE looks for files beside this path: the description's.
    if (judge_zone(path, &records, &judge, &report)) {
        struct image image;
        int failed = image_build(&records, &building->built->secret, &image);
        if (failed) {
            refuse_zone(building, plot, failed == -E2BIG ? "it is too large" : strerror(-failed));
        } else {
            plot->made = zone_empty(plot->name, building->world->path, ZONE_SERVED, NULL);
            plot->made->image = image;
            building->built->record_count += image_records(&image);
        }
    }
    keep_errors(&report, building->report);
    report_free(&report);
    records_free(&records);
    buffer_free(&plot->text);
    free(path);
}

// --- servers -------------------------------------------------------------------------------------

static int compare_addresses(const struct address *a, const struct address *b)
{
    if (a->any.sa_family != b->any.sa_family)
        return a->any.sa_family < b->any.sa_family ? -1 : 1;
    if (a->any.sa_family == AF_INET)
        return memcmp(&a->v4.sin_addr, &b->v4.sin_addr, sizeof a->v4.sin_addr);
    return memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof a->v6.sin6_addr);
}

static int compare_pairs(const void *a, const void *b)
{
    const struct pair *first = a, *second = b;
    int order = compare_addresses(&first->address, &second->address);
    if (order == 0 && first->plot != second->plot)
        order = first->plot < second->plot ? -1 : 1;
    return order;
}

static void list_pairs(struct building *building)
{
    for (size_t i = 0; i < building->count; i++) {
        struct plot *plot = &building->plots[i];
        for (size_t k = 0; k < plot->zone->host_count; k++) {
            const struct world_host *host = &plot->zone->hosts[k];
            building->pairs = memory_grow(building->pairs, &building->pair_room,
                                          building->pair_count + host->count, sizeof(struct pair));
            for (size_t n = 0; n < host->count; n++)
                building->pairs[building->pair_count++] =
                    (struct pair){host->addresses[n], plot, host->name};
        }
    }
    if (building->pair_count)
        qsort(building->pairs, building->pair_count, sizeof(struct pair), compare_pairs);
}

// One server for each address; of a zone that is named twice for it one.
static void make_servers(struct building *building)
{
    struct built *built = building->built;
    list_pairs(building);
    built->servers = memory_get_zeroed(building->pair_count + 1, sizeof *built->servers);
    struct built_server *server = NULL;
    const struct plot *last = NULL;
    for (size_t i = 0; i < building->pair_count; i++) {
        const struct pair *pair = &building->pairs[i];
        if (!server || compare_addresses(&server->address, &pair->address) != 0) {
            server = &built->servers[built->server_count++];
            server->address = pair->address;
            address_set_port(&server->address, building->world->port);
            server->host = pair->host;
            last = NULL;
        }
        if (pair->plot == last)
            continue;
        last = pair->plot;
        server->zones = memory_grow(server->zones, &server->zone_room, server->zone_count + 1,
                                    sizeof(struct zone *));
        server->zones[server->zone_count++] = zone_hold(pair->plot->made);
    }
}

// --- all of it -----------------------------------------------------------------------------------

bool build_world(const struct world *world, struct built *built, struct report *report)
{
    size_t errors = report->errors;
    *built = (struct built){.zone_count = world->zone_count};
    struct building building = {.world = world, .report = report, .built = built};
    lay_plots(&building);
    for (size_t i = 0; i < building.count; i++)
        begin_text(&building.plots[i]);
    for (size_t i = 0; i < building.count; i++)
        link_plot(&building, &building.plots[i]);
    for (size_t i = 0; i < building.count; i++)
        make_zone(&building, &building.plots[i]);
    bool good = report->errors == errors;
    if (good)
        make_servers(&building);
    for (size_t i = 0; i < building.count; i++)
        zone_release(building.plots[i].made);
    free(building.plots);
    free(building.sorted);
    free(building.pairs);
    return good;
}

void built_free(struct built *built)
{
    for (size_t i = 0; i < built->server_count; i++) {
        for (size_t k = 0; built->servers[i].zones && k < built->servers[i].zone_count; k++)
            zone_release(built->servers[i].zones[k]);
        free(built->servers[i].zones);
    }
    free(built->servers);
    *built = (struct built){0};
}

bool build_check_line(const char *zone, const char *line, char problem[static 300],
                      char hint[static 300])
{
    uint8_t wire[NAME_OCTETS_MAX];
    struct report report = {0};
    struct records records;
    records_begin(&records, read_name(zone, wire));
    struct parse_options options = {.ttl_default = 1};
    char *text = memory_format("$TTL 1\n%s\n", line);
    bool good = parse_text("", text, strlen(text), &records, &options, &report);
    problem[0] = hint[0] = 0;
    for (size_t i = 0; i < report.count && !problem[0]; i++) {
        if (report.problems[i].severity != SEVERITY_ERROR)
            continue;
        snprintf(problem, 300, "%s", report.problems[i].message);
        if (report.problems[i].hint)
            snprintf(hint, 300, "%s", report.problems[i].hint);
    }
    report_free(&report);
    records_free(&records);
    free(text);
    return good;
}
