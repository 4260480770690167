// Routes beside a zone's own names (routed.h).
#include "auth/routed.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "dns/type.h"

static struct routed no_route(void)
{
    return (struct routed){.found = ROUTED_NO};
}

// The name is in no zone: between it and what the zone has, a route's name may stand.
static struct routed find_absent(const struct routes *routes, const struct name_key *key,
                                 unsigned zone_labels, const struct finding *finding)
{
    bool by_wildcard = finding->found == FOUND_WILDCARD;
    for (unsigned depth = key->labels - 1u; depth > finding->encloser->labels; depth--) {
        if (!routes_find(routes, key, depth, zone_labels))
            continue;
        const struct route_name *name = routes_find_wildcard(routes, key, depth, zone_labels);
        return (struct routed){.found = name ? ROUTED_NAME : ROUTED_NOTHING, .name = name};
    }
    const struct route_name *name =
        routes_find_wildcard(routes, key, finding->encloser->labels, zone_labels);
    if (!name || (name->route_count == 0 && by_wildcard))
        return no_route();
    if (name->route_count == 0)
        return (struct routed){.found = ROUTED_BETWEEN, .name = name};
    return (struct routed){
        .found = ROUTED_NAME, .name = name, .node = by_wildcard ? finding->node : NULL};
}

struct routed routed_find(const struct routes *routes, const struct name_key *key,
                          unsigned zone_labels, const struct finding *finding)
{
    if (finding->found == FOUND_CUT || finding->found == FOUND_DNAME)
        return no_route();
    const struct route_name *name = routes_find(routes, key, key->labels, zone_labels);
    if (finding->found == FOUND_NODE)
        return name && name->route_count
                   ? (struct routed){.found = ROUTED_NAME, .name = name, .node = finding->node}
                   : no_route();
    if (name && name->route_count)
        return (struct routed){.found = ROUTED_NAME, .name = name};
    if (name)
        return (struct routed){.found = ROUTED_BETWEEN, .name = name};
    return find_absent(routes, key, zone_labels, finding);
}

const struct route *routed_route(const struct route_name *name, uint16_t type)
{
    if (type == TYPE_ANY && name->route_count)
        return &name->routes[0];
    const struct route *route = route_of(name, type);
    if (!route && (type == TYPE_A || type == TYPE_AAAA))
        route = route_of(name, TYPE_ALIAS);
    return route ? route : route_of(name, TYPE_CNAME);
}

void routed_choose(const struct route *route, struct auth_client *client,
                   struct route_choice *choice)
{
    if ((route->by_place || route->is_sticky) && !client->client.location)
        client->locate(client);
    route_choose(route, &client->client, choice);
}

const struct rrset *routed_rrset(const struct route *route, const struct route_choice *choice,
                                 struct answer *answer)
{
    const struct route_rule *rule = choice->rule;
    if (choice->is_whole)
        return rule->all;
    size_t size = sizeof(struct rrset);
    for (unsigned i = 0; i < choice->count; i++)
        size += 2u + rule->items[choice->items[i]].rdata_size;
    size = (size + 3) & ~(size_t)3;
    struct rrset *rrset = answer_scratch(answer, size);
    if (!rrset)
        return NULL;
    *rrset =
        (struct rrset){.type = route->type, .count = choice->count, .words = rrset_words(size)};
    uint8_t *to = rrset->body;
    for (unsigned i = 0; i < choice->count; i++) {
        const struct route_item *item = &rule->items[choice->items[i]];
        bytes_put16(to, item->rdata_size);
        memcpy(to + 2, item->rdata, item->rdata_size);
        to += 2 + item->rdata_size;
    }
    return rrset;
}

const char *routed_remark(enum route_outcome outcome)
{
    switch (outcome) {
    case ROUTE_CHOSEN: return NULL;
    case ROUTE_FELL_BACK: return "no address for this place is well: these are for others";
    case ROUTE_ALL_DEAD: return "checks say that none of these addresses is well";
    case ROUTE_NOTHING: return "checks say that no address is well";
    }
    return NULL;
}
