// Choosing a view (view.h).
#include "serve/view.h"

static bool is_asked_at(const struct view *view, const struct address *local)
{
    if (view->listen_count == 0)
        return true;
    for (size_t i = 0; local && i < view->listen_count; i++) {
        struct address wanted = view->listen[i];
        if (address_port(&wanted) == 0)
            address_set_port(&wanted, address_port(local));
        if (address_equal(&wanted, local))
            return true;
    }
    return false;
}

const struct server *view_choose(const struct server *server, const struct packet *packet)
{
    for (size_t i = 0; i < server->view_count; i++) {
        const struct view *view = &server->views[i];
        if ((!view->by_client || access_admits(&view->match, packet->client, packet->key)) &&
            is_asked_at(view, packet->local))
            return &view->server;
    }
    return server;
}

const struct server *view_find(const struct server *server, uint32_t id)
{
    if (server->id == id)
        return server;
    for (size_t i = 0; i < server->view_count; i++)
        if (server->views[i].server.id == id)
            return &server->views[i].server;
    return NULL;
}

void view_show_zones(const struct server *server, struct resolver *resolver)
{
    resolver_see_zones(resolver, server->number, &server->zones);
    for (size_t i = 0; i < server->view_count; i++)
        resolver_see_zones(resolver, server->views[i].server.number,
                           &server->views[i].server.zones);
}
