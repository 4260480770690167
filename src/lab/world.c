// The described world (world.h).
#include "lab/world.h"

#include <stdlib.h>
#include <string.h>

void world_free(struct world *world)
{
    free(world->zones);
    free(world->faults);
    arena_free(&world->arena);
    *world = (struct world){0};
}

void world_number(struct buffer *to, const char *template, uint32_t number)
{
    for (const char *mark; (mark = strstr(template, "%d")); template = mark + 2) {
        buffer_add(to, template, (size_t)(mark - template));
        buffer_format(to, "%u", number);
    }
    buffer_add_text(to, template);
}

void world_find_faults(const struct world *world, const struct address *address,
                       struct faults *faults)
{
    *faults = (struct faults){0};
    for (size_t i = 0; i < world->fault_count; i++)
        if (prefix_holds(&world->faults[i].prefix, address))
            faults_merge(faults, &world->faults[i].faults, world->faults[i].given);
}

const struct world_zone *world_find_zone(const struct world *world, const char *name)
{
    for (size_t i = 0; i < world->zone_count; i++)
        if (strcmp(world->zones[i].name, name) == 0)
            return &world->zones[i];
    return NULL;
}

// A port beside the lab's own, so that both can be started as they are.
static unsigned resolver_port(const struct world *world)
{
    return world->port < UINT16_MAX && world->port >= 1024 ? world->port + 1u : 5300;
}

void world_print_config(const struct world *world, struct buffer *to)
{
    const struct world_zone *root = world_find_zone(world, ".");
    buffer_format(to,
                  "# A resolver that knows no internet but the one of `onym lab`.\n"
                  "version: 1\n"
                  "state: onym-lab-state   # a folder beside this file\n"
                  "listen:\n"
                  "  - {addr: [127.0.0.1], port: %u}\n"
                  "resolve:\n"
                  "  hints:\n",
                  resolver_port(world));
    for (size_t i = 0; root && i < root->host_count; i++) {
        const struct world_host *host = &root->hosts[i];
        buffer_format(to, "    \"%s\": [", host->name);
        for (size_t k = 0; k < host->count; k++) {
            char text[ADDRESS_TEXT_MAX];
            address_print_host(&host->addresses[k], text);
            buffer_format(to, "%s\"%s\"", k ? ", " : "", text);
        }
        buffer_add_text(to, "]\n");
    }
    buffer_format(to,
                  "  never_ask: []   # servers on loopback are what it is about\n"
                  "  special_names: false   # test. and its like are real here\n  port: %u\n",
                  world->port);
}
