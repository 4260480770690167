// What one client gets of a route (route_verdict.h). The query is one as a believed resolver sends
// it for its client; the same dice make the answer and the choice that is told of it.
#include "cli/route_verdict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "auth/authority.h"
#include "base/clock.h"
#include "base/buffer.h"
#include "base/memory.h"
#include "base/random.h"
#include "dns/explain.h"
#include "dns/rdata_print.h"
#include "serve/placing.h"

#define EARTH_KM 6371.0

// --- the client ----------------------------------------------------------------------------------

// One question of one client, with all that it takes to answer it.
struct asker {
    struct placing placing; // first: it is what auth gives back to `locate`
    struct route_zone *zone;
    struct packet packet; // that the query would have come in
    struct query query;
    struct serve_worker worker;
};

static void locate_imagined(struct auth_client *client)
{
    struct asker *asker = (struct asker *)client;
    client->client.location = &asker->zone->imagined;
    client->client.octets = asker->placing.octets;
    client->client.is_v4 = true;
}

static struct asker *open_asker(struct route_zone *zone, const struct route_from *from)
{
    struct asker *asker = memory_get_zeroed(1, sizeof *asker);
    struct query *query = &asker->query;
    struct subnet *subnet = &query->edns.subnet;
    asker->zone = zone;
    auth_worker_open(&asker->worker.auth);
    asker->worker.auth.now_s = (uint32_t)(clock_now_us() / 1000000);
    asker->packet.client = &from->address;
    placing_begin(&asker->placing, &zone->server, &asker->worker, query, &asker->packet);
    if (from->kind != ROUTE_FROM_ADDRESS) {
        asker->placing.client.locate = locate_imagined;
        return asker;
    }
    bool is_v4 = from->address.any.sa_family == AF_INET;
    query->edns.present = query->edns.has_subnet = true;
    subnet->family = is_v4 ? SUBNET_IPV4 : SUBNET_IPV6;
    subnet->bits = (uint8_t)from->bits;
    if (is_v4)
        memcpy(subnet->octets, &from->address.v4.sin_addr, 4);
    else
        memcpy(subnet->octets, &from->address.v6.sin6_addr, 16);
    return asker;
}

static void close_asker(struct asker *asker)
{
    auth_worker_close(&asker->worker.auth);
    free(asker);
}

void route_verdict_locate(struct route_zone *zone, const struct route_from *from,
                          struct location *location)
{
    struct asker *asker = open_asker(zone, from);
    asker->placing.client.locate(&asker->placing.client);
    *location = *asker->placing.client.client.location;
    close_asker(asker);
}

// --- items ---------------------------------------------------------------------------------------

static bool is_well(const struct route_zone *zone, const struct route_item *item)
{
    return item->target == ROUTE_NO_TARGET ||
           board_read(zone->server.board, item->target) != HEALTH_DOWN;
}

static unsigned count_well(const struct route_zone *zone, const struct route_rule *rule)
{
    unsigned count = 0;
    for (unsigned i = 0; i < rule->item_count; i++)
        count += is_well(zone, &rule->items[i]);
    return count;
}

// Is this one of those that a choice is made from?
static bool is_drawn(const struct route_zone *zone, const struct route_rule *rule, unsigned item)
{
    return is_well(zone, &rule->items[item]) || count_well(zone, rule) == 0;
}

double route_verdict_share(const struct route_zone *zone, const struct route_rule *rule,
                           unsigned item)
{
    uint64_t total = 0;
    unsigned count = 0;
    for (unsigned i = 0; i < rule->item_count; i++) {
        total += is_drawn(zone, rule, i) ? rule->items[i].weight : 0;
        count += is_drawn(zone, rule, i);
    }
    if (!is_drawn(zone, rule, item))
        return -1;
    double share = total ? (double)rule->items[item].weight / (double)total : 1.0 / count;
    return round(share * 1000) / 10;
}

// --- what is given -------------------------------------------------------------------------------

// How the records were picked from those that are well.
enum way { WAY_ALL, WAY_LOT, WAY_STICKY, WAY_NEAREST };

static enum way way_of(const struct asker *asker, const struct route_choice *choice)
{
    const struct route_rule *rule = choice->rule;
    const struct route_client *client = &asker->placing.client.client;
    unsigned drawn = 0;
    for (unsigned i = 0; i < rule->item_count; i++)
        drawn += is_drawn(asker->zone, rule, i);
    if (rule->choose == ROUTE_NEAREST && client->location && client->location->is_placed)
        return WAY_NEAREST;
    if (choice->count >= drawn)
        return WAY_ALL;
    // Of a client without an address it is not known where the lot falls.
    return (client->is_v4 ? rule->sticky_v4 : rule->sticky_v6) && client->bits ? WAY_STICKY
                                                                               : WAY_LOT;
}

static double distance_km(const struct point *a, const struct point *b)
{
    double product =
        (double)a->x * (double)b->x + (double)a->y * (double)b->y + (double)a->z * (double)b->z;
    return round(acos(product > 1 ? 1 : product < -1 ? -1 : product) * EARTH_KM);
}

static void put_given(struct json *json, const struct asker *asker, const struct route *route,
                      const struct route_rule *rule, unsigned index)
{
    const struct route_item *item = &rule->items[index];
    const struct location *location = asker->placing.client.client.location;
    struct buffer text = {0};
    rdata_print(route->type, item->rdata, item->rdata_size, &text);
    json_open_object(json, NULL);
    json_number(json, "item", index + 1);
    json_text(json, "data", buffer_text(&text));
    if (rule->choose == ROUTE_NEAREST && location && location->is_placed && item->is_placed)
        json_double(json, "km", distance_km(&location->point, &item->point));
    buffer_free(&text);
}

static void put_gives(struct json *json, const struct asker *asker, const struct route *route,
                      const struct route_choice *choice)
{
    static const char *const words[] = {
        [WAY_ALL] = "all", [WAY_LOT] = "lot", [WAY_STICKY] = "sticky", [WAY_NEAREST] = "nearest"};
    const struct route_rule *rule = choice->rule;
    enum way way = way_of(asker, choice);
    if (choice->count)
        json_text(json, "by", words[way]);
    json_open_array(json, "gives");
    if (way == WAY_LOT || choice->is_whole) {
        for (unsigned i = 0; i < rule->item_count && choice->count; i++) {
            if (!is_drawn(asker->zone, rule, i))
                continue;
            put_given(json, asker, route, rule, i);
            if (way == WAY_LOT)
                json_double(json, "share", route_verdict_share(asker->zone, rule, i));
            json_close_object(json);
        }
    } else {
        for (unsigned i = 0; i < choice->count; i++) {
            put_given(json, asker, route, rule, choice->items[i]);
            json_close_object(json);
        }
    }
    json_close_array(json);
}

// --- why -----------------------------------------------------------------------------------------

// The rules that were looked at and did not answer: those before it and, where all are dead, those
// behind it that hold, up to one that lets no other answer for it.
static void put_passed(struct json *json, const struct asker *asker, const struct route *route,
                       const struct route_choice *choice)
{
    const struct location *location = asker->placing.client.client.location;
    size_t chosen = (size_t)(choice->rule - route->rules);
    bool all = choice->outcome == ROUTE_ALL_DEAD || choice->outcome == ROUTE_NOTHING;
    json_open_array(json, "passed");
    for (size_t i = 0; i < (all ? route->rule_count : chosen); i++) {
        const struct route_rule *rule = &route->rules[i];
        bool holds = rule->where.count == 0 || route_holds(&rule->where, location->facts);
        if (i < chosen || (i > chosen && holds)) {
            json_open_object(json, NULL);
            json_number(json, "rule", (int64_t)i + 1);
            json_text(json, "why", holds ? "dead" : "place");
            json_close_object(json);
        }
        if (holds && rule->dead != ROUTE_DEAD_NEXT)
            break;
    }
    json_close_array(json);
}

static void put_choice(struct json *json, const struct asker *asker, const struct route *route,
                       const struct route_choice *choice)
{
    static const char *const words[] = {[ROUTE_CHOSEN] = "chosen",
                                        [ROUTE_FELL_BACK] = "fell_back",
                                        [ROUTE_ALL_DEAD] = "all_dead",
                                        [ROUTE_NOTHING] = "nothing"};
    json_number(json, "rule", choice->rule - route->rules + 1);
    json_text(json, "outcome", words[choice->outcome]);
    put_passed(json, asker, route, choice);
    put_gives(json, asker, route, choice);
}

// An ALIAS's addresses are a running server's to know.
static void put_alias(struct json *json, const struct route_choice *choice)
{
    char target[NAME_TEXT_MAX];
    const struct route_item *item = &choice->rule->items[choice->is_whole ? 0 : choice->items[0]];
    name_print(name_trust(item->rdata), target);
    json_text(json, "alias", target);
}

void route_verdict(struct route_zone *zone, const struct route_wish *wish,
                   const struct route *route, struct json *json)
{
    struct asker *asker = open_asker(zone, wish->from);
    struct answer *answer = memory_get(sizeof *answer);
    struct auth_asked asked;
    struct route_choice choice;
    struct query *query = &asker->query;
    query->name = wish->name;
    query->type = wish->type ? wish->type : route->type;
    query->class = CLASS_IN;
    query->over_stream = true;
    name_key_make(wish->name, &zone->server.secret, &query->key);
    auth_ask(&asked, query);
    asked.client = &asker->placing.client;
    random_fill(&asker->worker.dice, sizeof asker->worker.dice);
    struct dice dice = asker->worker.dice;
    answer_begin(answer);
    enum auth_result result =
        auth_answer(&zone->server.zones, &zone->server.auth, &asker->worker.auth, &asked, answer);
    asker->worker.dice = dice;
    routed_choose(route, &asker->placing.client, &choice);
    json_open_object(json, "verdict");
    put_choice(json, asker, route, &choice);
    if (answer->by_place && wish->from->kind == ROUTE_FROM_ADDRESS)
        json_number(json, "scope", answer->scope);
    if (route->type == TYPE_ALIAS && query->type != TYPE_ALIAS)
        put_alias(json, &choice);
    else if (result == AUTH_ANSWERED)
        explain_answer(answer, json);
    json_close_object(json);
    free(answer);
    close_asker(asker);
}
