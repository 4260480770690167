// Where a client is (placing.h).
#include "serve/placing.h"

#include <string.h>

#include "policy/places.h"

bool placing_believes(const struct server *server, const struct query *query,
                      const struct packet *packet)
{
    return query->edns.present && query->edns.has_subnet &&
           access_admits(&server->ecs, packet->client, packet->key);
}

static struct address address_of(const struct subnet *subnet)
{
    struct address address = {0};
    if (subnet->family == SUBNET_IPV4) {
        address.v4.sin_family = AF_INET;
        memcpy(&address.v4.sin_addr, subnet->octets, 4);
        address.size = sizeof address.v4;
    } else {
        address.v6.sin6_family = AF_INET6;
        memcpy(&address.v6.sin6_addr, subnet->octets, 16);
        address.size = sizeof address.v6;
    }
    return address;
}

static void take_octets(struct placing *placing, const struct address *address, unsigned bits)
{
    struct route_client *client = &placing->client.client;
    const uint8_t *octets = (const uint8_t *)&address->v4.sin_addr;
    client->is_v4 = address->any.sa_family == AF_INET;
    if (!client->is_v4) {
        octets = address->v6.sin6_addr.s6_addr;
        client->is_v4 = IN6_IS_ADDR_V4MAPPED(&address->v6.sin6_addr);
        octets += client->is_v4 ? 12 : 0;
    }
    unsigned most = client->is_v4 ? 32 : 128;
    memcpy(placing->octets, octets, most / 8);
    client->octets = placing->octets;
    client->bits = bits < most ? bits : most;
}

static void locate(struct auth_client *client)
{
    struct placing *placing = (struct placing *)client;
    const struct subnet *subnet = &placing->query->edns.subnet;
    const struct address *from = placing->packet->client;
    struct address told;
    unsigned bits = 128;
    // RFC 7871 7.1.2: a prefix of no bits tells that the client wants nothing told of it; then the
    // resolver's own place is as good as any.
    if (placing_believes(placing->server, placing->query, placing->packet) && subnet->bits) {
        told = address_of(subnet);
        from = &told;
        bits = subnet->bits;
    }
    take_octets(placing, from, bits);
    placing->location = (struct location){0};
    if (placing->server->places)
        places_find(placing->server->places, from, &placing->location);
    client->client.location = &placing->location;
}

void placing_begin(struct placing *placing, const struct server *server,
                   struct serve_worker *worker, const struct query *query,
                   const struct packet *packet)
{
    placing->client.client = (struct route_client){.board = server->board, .dice = &worker->dice};
    placing->client.locate = locate;
    placing->server = server;
    placing->query = query;
    placing->packet = packet;
}
