// Everybody's server and those of views (viewing.h). What is done for one is done for each: index 0
// is everybody's, from 1 on they are the views.
#include "daemon/viewing.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "serve/view.h"
#include "zone/route.h"

static struct server *server_at(struct server *server, size_t index)
{
    return index ? &server->views[index - 1].server : server;
}

// A view's name as a number that a reload does not change; never everybody's.
static uint32_t id_of(const char *name)
{
    uint32_t hash = 2166136261u; // FNV-1a
    for (; *name; name++)
        hash = (hash ^ (uint8_t)*name) * 16777619u;
    return hash ? hash : 1;
}

void viewing_make(struct server *server, const struct options *options)
{
    server->view_count = options->view_count;
    server->views = memory_get_zeroed(options->view_count, sizeof *server->views);
    for (size_t i = 0; i < options->view_count; i++) {
        const struct view_option *option = &options->views[i];
        struct view *view = &server->views[i];
        view->by_client = option->by_client;
        view->listen_count = option->listen_count;
        view->listen = memory_get(option->listen_count * sizeof *view->listen);
        if (option->listen_count)
            memcpy(view->listen, option->listen, option->listen_count * sizeof *view->listen);
        view->server = *server;
        view->server.views = NULL;
        view->server.view_count = 0;
        view->server.number = (uint8_t)(i + 1);
        view->server.id = id_of(option->name);
        view->server.name = option->name;
    }
}

void viewing_resolve(struct server *server, const struct options *options, struct own_addresses own)
{
    for (size_t i = 0; i < server->view_count; i++) {
        struct view *view = &server->views[i];
        const struct view_option *option = &options->views[i];
        view->server.rules = options_rules(options, (unsigned)i + 1, own);
        view->server.local = local_hold(server->local);
        view->server.updating = server->updating; // the house's
        access_copy(&view->server.recurse, &server->recurse);
        access_copy(&view->server.transfer, &server->transfer);
        options_access(option->match, option->match_count, own, &view->match);
    }
}

// --- routes --------------------------------------------------------------------------------------

// Has the view a zone of its own with the name of this one?
static bool is_replaced(const struct options *options, const struct route_spec *spec, size_t view)
{
    struct name zone = name_suffix(spec->owner, spec->zone_labels);
    for (size_t i = 0; i < options->zone_count; i++) {
        const struct zone_option *option = &options->zones[i];
        if (option->view == view &&
            name_equal((struct name){option->wire, option->size, option->labels}, zone))
            return true;
    }
    return false;
}

size_t viewing_specs(const struct options *options, size_t view, struct route_spec *chosen)
{
    const struct routing_options *routing = &options->routing;
    size_t count = 0;
    for (size_t i = 0; i < routing->count; i++) {
        const struct route_mark *mark = routing->routes[i].mark;
        if (mark->view == view ||
            (mark->view == 0 && !is_replaced(options, &routing->routes[i], view)))
            chosen[count++] = routing->routes[i];
    }
    return count;
}

// They are made for the sets of facts that this geography has.
void viewing_route(struct server *server, const struct options *options,
                   struct geography *geography, const struct hash_key *secret)
{
    struct places *places = geography ? geography_places(geography) : NULL;
    size_t set_count = places ? places_sets(places) : 0;
    struct facts *sets = memory_get((set_count + 1) * sizeof *sets);
    struct route_spec *specs = memory_get((options->routing.count + 1) * sizeof *specs);
    for (size_t i = 0; i < set_count; i++)
        sets[i] = places_set(places, i);
    for (size_t i = 0; i <= server->view_count; i++) {
        struct server *one = server_at(server, i);
        size_t count = places ? viewing_specs(options, i, specs) : 0;
        one->places = places;
        one->board = server->board;
        one->auth.routes = count ? routes_build(specs, count, sets, set_count, secret) : NULL;
        if (i)
            access_copy(&one->ecs, &server->ecs);
    }
    free(specs);
    free(sets);
}

// --- zones ---------------------------------------------------------------------------------------

// The zones of a view, each with a count; everybody's, but those that it has of its own. They stand
// by name, and of one name everybody's first.
static struct zone **gather(const struct options *options, struct zone *const *list, size_t view,
                            size_t *count)
{
    struct zone **chosen = memory_get((options->zone_count + 1) * sizeof(struct zone *));
    *count = 0;
    for (size_t i = 0; i < options->zone_count; i++) {
        const struct zone_option *option = &options->zones[i];
        if (option->view != 0 && option->view != view)
            continue;
        bool replaces =
            option->view != 0 && *count && name_equal(chosen[*count - 1]->origin, list[i]->origin);
        if (replaces)
            zone_release(chosen[--*count]);
        chosen[(*count)++] = zone_hold(list[i]);
    }
    return chosen;
}

void viewing_finish(struct server *server, const struct options *options, struct zone **list)
{
    for (size_t i = 0; i <= server->view_count; i++) {
        struct server *one = server_at(server, i);
        size_t count;
        struct zone **chosen = gather(options, list, i, &count);
        one->secret = server->secret;
        one->cookies = server->cookies;
        zones_build(&one->zones, chosen, count, &one->secret);
    }
    for (size_t i = 0; i < options->zone_count; i++)
        zone_release(list[i]);
    free(list);
}

// Does the view see this zone?
static bool sees(const struct server *old, const struct options *options, size_t view, size_t index)
{
    const struct zone_option *option = &options->zones[index];
    struct name name = {option->wire, option->size, option->labels};
    if (option->view == view)
        return true;
    if (option->view != 0)
        return false;
    // Everybody's: unless the view's table has another one in its place.
    const struct zone *seen = zones_get(&old->views[view - 1].server.zones, name);
    return seen && seen == zones_get(&old->zones, name);
}

void viewing_change(struct server *server, const struct server *old, const struct options *options,
                    const struct viewing_change *list, size_t count)
{
    struct zone **chosen = memory_get((count + 1) * sizeof(struct zone *));
    for (size_t i = 0; i <= server->view_count; i++) {
        struct server *one = server_at(server, i);
        size_t some = 0;
        for (size_t j = 0; j < count; j++)
            if (i ? sees(old, options, i, list[j].index) : options->zones[list[j].index].view == 0)
                chosen[some++] = zone_hold(list[j].zone);
        zones_change(&one->zones, &server_at((struct server *)old, i)->zones, chosen, some);
        one->zones.secret = &one->secret;
    }
    for (size_t j = 0; j < count; j++)
        zone_release(list[j].zone);
    free(chosen);
}

// --- copies --------------------------------------------------------------------------------------

void viewing_copy(struct server *server, const struct server *old)
{
    server->views = memory_get_zeroed(old->view_count, sizeof *server->views);
    for (size_t i = 0; i < old->view_count; i++) {
        const struct view *from = &old->views[i];
        struct view *view = &server->views[i];
        *view = *from;
        view->server.auth.flats = NULL;
        access_copy(&view->match, &from->match);
        view->listen = memory_get(from->listen_count * sizeof *view->listen);
        if (from->listen_count)
            memcpy(view->listen, from->listen, from->listen_count * sizeof *view->listen);
    }
}

static void share_one(struct server *server, const struct server *old, struct local *local)
{
    access_copy(&server->recurse, &old->recurse);
    access_copy(&server->transfer, &old->transfer);
    if (server->rules)
        rules_hold(server->rules);
    server->local = local;
}

void viewing_share(struct server *server, const struct server *old, struct local *local)
{
    access_copy(&server->ecs, &old->ecs);
    share_one(server, old, local);
    for (size_t i = 0; i < server->view_count; i++)
        share_one(&server->views[i].server, &old->views[i].server, local_hold(local));
}

void viewing_renew_rules(struct server *server, const struct options *options,
                         struct own_addresses own)
{
    for (size_t i = 0; i <= server->view_count; i++) {
        struct server *one = server_at(server, i);
        rules_release(one->rules);
        one->rules = options_rules(options, (unsigned)i, own);
    }
}

void viewing_set_root_copy(struct server *server, struct zone *copy, uint64_t end_us)
{
    for (size_t i = 0; i <= server->view_count; i++) {
        struct rules *rules = server_at(server, i)->rules;
        if (rules->otherwise == RULES_RECURSIVE)
            rules_set_root_copy(rules, zone_hold(copy), end_us);
    }
}

static void free_one(struct server *server)
{
    zones_free(&server->zones);
    rules_release(server->rules);
    local_release(server->local);
    access_free(&server->recurse);
    access_free(&server->transfer);
    access_free(&server->ecs);
    routes_release((struct routes *)server->auth.routes);
}

void viewing_free(struct server *server)
{
    for (size_t i = 0; i < server->view_count; i++) {
        free_one(&server->views[i].server);
        access_free(&server->views[i].match);
        free(server->views[i].listen);
    }
    free(server->views);
    free_one(server);
}
