// A routed name as JSON (route_json.h): its rules as they were made; who gets to them, by choosing
// for a client of each country; and what routes say to one client, by letting auth answer it.
#include "cli/route_json.h"

#include <arpa/inet.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "auth/authority.h"
#include "base/buffer.h"
#include "base/json.h"
#include "base/memory.h"
#include "cli/route_verdict.h"
#include "dns/explain.h"
#include "dns/rdata_print.h"
#include "dns/type.h"
#include "policy/countries.h"
#include "policy/health.h"

static const char *const kinds[] = {[FACT_CONTINENT] = "continent",
                                    [FACT_COUNTRY] = "country",
                                    [FACT_SUBDIVISION] = "subdivision",
                                    [FACT_ASN] = "asn",
                                    [FACT_NETS] = "nets"};

static void put_name(struct json *json, const char *key, struct name name)
{
    char text[NAME_TEXT_MAX];
    name_print(name, text);
    json_text(json, key, text);
}

static double to_degrees(double radians)
{
    return round(radians * 180 / M_PI * 1000) / 1000;
}

// --- facts ---------------------------------------------------------------------------------------

static void put_net(struct json *json, const struct prefix *net)
{
    char text[INET6_ADDRSTRLEN + 8];
    if (!inet_ntop(net->family, net->octets, text, INET6_ADDRSTRLEN))
        return;
    size_t size = strlen(text);
    snprintf(text + size, sizeof text - size, "/%u", net->bits);
    json_text(json, NULL, text);
}

static void put_fact(struct json *json, const struct fact *fact)
{
    switch (fact->kind) {
    case FACT_CONTINENT:
    case FACT_COUNTRY:
    case FACT_SUBDIVISION: json_text(json, NULL, fact->text); break;
    case FACT_ASN: json_number(json, NULL, fact->asn); break;
    case FACT_NETS:
        for (size_t i = 0; i < fact->net_count; i++)
            put_net(json, &fact->nets[i]);
        break;
    }
}

// Of one kind, as the rules write it.
static void put_kind(struct json *json, const struct options *options, enum fact_kind kind,
                     struct facts facts)
{
    bool open = false;
    for (size_t i = 0; i < facts.count; i++) {
        const struct fact *fact = &options->places.facts[facts.list[i]];
        if (fact->kind != kind)
            continue;
        if (!open)
            json_open_array(json, kinds[kind]);
        open = true;
        put_fact(json, fact);
    }
    if (open)
        json_close_array(json);
}

static void put_where(struct json *json, const struct options *options,
                      const struct route_condition *where)
{
    json_open_object(json, "where");
    for (unsigned i = 0; i < where->count; i++)
        put_kind(json, options, options->places.facts[where->kinds[i].list[0]].kind,
                 where->kinds[i]);
    json_close_object(json);
}

// --- the client ----------------------------------------------------------------------------------

static void put_record(struct json *json, const struct mmdb_record *record)
{
    const char *const texts[] = {record->country, record->continent, record->subdivision};
    static const char *const keys[] = {"country", "continent", "subdivision"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (*texts[i])
            json_text(json, keys[i], texts[i]);
    if (record->asn)
        json_number(json, "asn", record->asn);
    if (record->has_point) {
        json_double(json, "latitude", round((double)record->latitude * 10000) / 10000);
        json_double(json, "longitude", round((double)record->longitude * 10000) / 10000);
    }
}

// What each database says of the address; those that know nothing of it are left out.
static void put_databases(struct json *json, const struct options *options,
                          const struct address *address)
{
    const struct places_options *places = &options->places;
    for (size_t i = 0; i < places->database_count; i++) {
        char *problem = NULL;
        struct mmdb_record record;
        struct mmdb *mmdb = mmdb_open(places->databases[i].path, &problem);
        free(problem); // it was read a moment ago
        if (mmdb && mmdb_find(mmdb, address, &record)) {
            json_open_object(json, NULL);
            json_text(json, "database", places->databases[i].path);
            put_record(json, &record);
            json_close_object(json);
        }
        mmdb_close(mmdb);
    }
}

static void put_from(struct json *json, struct route_zone *zone, const struct route_from *from)
{
    struct location location;
    route_verdict_locate(zone, from, &location);
    json_open_object(json, "from");
    json_text(json, "text", from->text);
    json_text(json, "kind", route_from_word(from->kind));
    if (from->kind == ROUTE_FROM_ADDRESS)
        json_number(json, "bits", from->bits);
    json_open_array(json, "says");
    if (from->kind == ROUTE_FROM_ADDRESS)
        put_databases(json, zone->options, &from->address);
    json_close_array(json);
    json_open_object(json, "holds");
    for (enum fact_kind kind = 0; kind < FACT_KINDS; kind++)
        put_kind(json, zone->options, kind, location.facts);
    json_close_object(json);
    json_close_object(json);
}

// --- rules ---------------------------------------------------------------------------------------

// Which rule answers a client of each country, and with which item if it is by distance.
#define NO_ITEM UINT16_MAX
struct reach {
    uint16_t *rules, *items; // [countries_count()]
};

static struct reach find_reach(const struct route_zone *zone, const struct route *route)
{
    static const uint8_t nowhere[16];
    struct dice dice = dice_seed(0);
    struct reach reach = {memory_get(countries_count() * sizeof(uint16_t)),
                          memory_get(countries_count() * sizeof(uint16_t))};
    for (size_t i = 0; i < countries_count(); i++) {
        const struct location *location = &zone->countries[i];
        struct route_client client = {
            .location = location, .octets = nowhere, .board = zone->server.board, .dice = &dice};
        struct route_choice choice;
        route_choose(route, &client, &choice);
        bool near = choice.rule->choose == ROUTE_NEAREST && location->is_placed && choice.count;
        reach.rules[i] = (uint16_t)(choice.rule - route->rules);
        reach.items[i] = !near ? NO_ITEM : choice.is_whole ? 0 : choice.items[0];
    }
    return reach;
}

static void put_countries(struct json *json, const struct reach *reach, size_t rule, int item)
{
    json_open_array(json, "countries");
    for (size_t i = 0; i < countries_count(); i++)
        if (reach->rules[i] == rule && (item < 0 || reach->items[i] == item))
            json_text(json, NULL, countries_at(i)->code);
    json_close_array(json);
}

static void put_item(struct json *json, const struct route_zone *zone, const struct route *route,
                     const struct route_rule *rule, unsigned index)
{
    const struct route_item *item = &rule->items[index];
    double share = route_verdict_share(zone, rule, index);
    struct buffer text = {0};
    rdata_print(route->type, item->rdata, item->rdata_size, &text);
    json_number(json, "item", index + 1);
    json_text(json, "data", buffer_text(&text));
    json_number(json, "weight", item->weight);
    if (rule->choose == ROUTE_WEIGHTED && share >= 0)
        json_double(json, "share", share);
    if (item->target != ROUTE_NO_TARGET) {
        const struct check_target_option *target = &zone->options->targets[item->target];
        json_text(json, "check", zone->options->checks[target->check].name);
        if (zone->health_known)
            json_text(json, "health", health_word(board_read(zone->server.board, item->target)));
    }
    if (item->is_placed) {
        double z = (double)item->point.z;
        json_open_array(json, "at");
        json_double(json, NULL, to_degrees(asin(z > 1 ? 1 : z < -1 ? -1 : z)));
        json_double(json, NULL, to_degrees(atan2((double)item->point.y, (double)item->point.x)));
        json_close_array(json);
    }
    buffer_free(&text);
}

static void put_ways(struct json *json, const struct route_rule *rule)
{
    static const char *const ways[] = {
        [ROUTE_ALL] = "all", [ROUTE_WEIGHTED] = "weighted", [ROUTE_NEAREST] = "nearest"};
    static const char *const deads[] = {
        [ROUTE_DEAD_NEXT] = "next", [ROUTE_DEAD_ALL] = "all", [ROUTE_DEAD_NONE] = "none"};
    json_text(json, "choose", ways[rule->choose]);
    if (rule->count)
        json_number(json, "count", rule->count);
    json_text(json, "dead", deads[rule->dead]);
    if (rule->sticky_v4 || rule->sticky_v6) {
        json_open_object(json, "sticky");
        json_number(json, "ipv4", rule->sticky_v4);
        json_number(json, "ipv6", rule->sticky_v6);
        json_close_object(json);
    }
    if (rule->ttl != ROUTE_NO_TTL)
        json_number(json, "ttl", rule->ttl);
}

static void put_rule(struct json *json, const struct route_zone *zone, const struct route *route,
                     const struct reach *reach, size_t index)
{
    const struct route_mark *mark = route->mark;
    const struct option_place *place = &mark->rules[index];
    const struct route_rule *rule = &route->rules[index];
    json_open_object(json, NULL);
    json_number(json, "rule", (int64_t)index + 1);
    json_text(json, "file", place->file ? place->file : "");
    json_number(json, "line", place->line);
    json_number(json, "column", place->column);
    put_where(json, zone->options, &rule->where);
    put_ways(json, rule);
    json_open_array(json, "items");
    for (unsigned i = 0; i < rule->item_count; i++) {
        json_open_object(json, NULL);
        put_item(json, zone, route, rule, i);
        if (rule->choose == ROUTE_NEAREST && rule->items[i].is_placed)
            put_countries(json, reach, index, (int)i);
        json_close_object(json);
    }
    json_close_array(json);
    put_countries(json, reach, index, -1);
    json_close_object(json);
}

// --- all of it -----------------------------------------------------------------------------------

static void put_route(struct json *json, struct route_zone *zone, const struct route_wish *wish,
                      const struct route *route)
{
    char type[TYPE_TEXT_MAX];
    struct reach reach = find_reach(zone, route);
    type_print(route->type, type);
    json_open_object(json, NULL);
    json_text(json, "type", type);
    json_open_array(json, "rules");
    for (size_t i = 0; i < route->rule_count; i++)
        put_rule(json, zone, route, &reach, i);
    json_close_array(json);
    if (wish->from)
        route_verdict(zone, wish, route, json);
    json_close_object(json);
    free(reach.rules);
    free(reach.items);
}

void route_json(struct route_zone *zone, const struct route_wish *wish, struct buffer *to)
{
    struct json json = json_begin(to);
    const char *health = zone->options->target_count == 0 ? "unchecked"
                         : zone->health_known             ? "server"
                                                          : "assumed";
    json_open_object(&json, NULL);
    json_number(&json, "v", 1);
    put_name(&json, "name", wish->name);
    put_name(&json, "zone", zone->zone->origin);
    if (zone->view)
        json_text(&json, "view", zone->view);
    json_text(&json, "health", health);
    if (wish->from)
        put_from(&json, zone, wish->from);
    json_open_array(&json, "routes");
    for (unsigned i = 0; i < zone->routed->route_count; i++)
        if (!wish->type || routed_route(zone->routed, wish->type) == &zone->routed->routes[i])
            put_route(&json, zone, wish, &zone->routed->routes[i]);
    json_close_array(&json);
    json_close_object(&json);
    buffer_add_char(to, '\n');
}
