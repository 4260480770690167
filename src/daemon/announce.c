// Words about ourselves (announce.h).
#include "daemon/announce.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/log.h"
#include "conf/scalar.h"
#include "daemon/daemon.h"
#include "daemon/sockets.h"

static size_t count_broken(const struct house *house)
{
    return house->counts.states[ZONE_BROKEN] + house->counts.states[ZONE_EXPIRED];
}

static void print_zones(const struct house *house, struct buffer *to)
{
    const size_t *states = house->counts.states;
    buffer_format(to, "%zu served, %zu broken", states[ZONE_SERVED], count_broken(house));
    if (states[ZONE_LOADING])
        buffer_format(to, ", %zu loading", states[ZONE_LOADING]);
    buffer_format(to, "   %" PRIu64 " records", house->counts.records);
}

static void print_who(const struct options *options, struct buffer *to)
{
    buffer_add_text(to, "   for ");
    for (size_t i = 0; i < options->recurse_count; i++)
        buffer_format(to, "%s%s", i ? ", " : "", options->recurse[i].text);
    if (options->recurse_count == 0)
        buffer_add_text(to, "nobody");
}

static void print_forwarders(const struct address_list *forwarders, struct buffer *to)
{
    buffer_add_text(to, "forwards to ");
    for (size_t i = 0; i < forwarders->count; i++) {
        char text[ADDRESS_TEXT_MAX];
        const struct address *address = &forwarders->some[i];
        if (address_port(address))
            address_print(address, text);
        else
            address_print_host(address, text);
        buffer_format(to, "%s%s", i ? ", " : "", text);
    }
}

const char *announce_hints(const struct resolve_options *resolve)
{
    if (resolve->hint_count)
        return "configuration";
    return resolve->file_hints ? resolve->hints_file : "built-in";
}

static void print_root(const struct rules *rules, const struct resolve_options *resolve,
                       struct buffer *to)
{
    buffer_add_text(to, "recursive (");
    if (rules->root_copy)
        buffer_format(to, "root copy: %s, serial %u; ", rules->root_copy->path,
                      rules->root_copy->image.serial);
    buffer_format(to, "root hints: %s)", announce_hints(resolve));
}

static void print_resolve(const struct daemon *daemon, const struct house *house, struct buffer *to)
{
    const struct options *options = house->options;
    const struct resolve_options *resolve = &options->resolve;
    char size[SCALAR_SIZE_MAX];
    switch (resolve->otherwise) {
    case RESOLVE_RECURSIVE: print_root(house->server.rules, resolve, to); break;
    case RESOLVE_FORWARD: print_forwarders(&resolve->forward, to); break;
    case RESOLVE_NONE: buffer_add_text(to, "none"); break;
    }
    if (resolve->zone_count)
        buffer_format(to, ", %zu zone%s by others", resolve->zone_count,
                      resolve->zone_count == 1 ? "" : "s");
    if (!daemon->cache)
        return;
    scalar_print_size(daemon->cache_octets, size);
    buffer_format(to, ", no DNSSEC validation yet   cache %s", size);
    print_who(options, to);
}

// The zone to try: the first that is served, but rather one of names than of addresses.
static const struct zone *zone_to_try(const struct house *house)
{
    const struct name arpa = name_trust((const uint8_t *)"\4arpa");
    const struct zone *found = NULL;
    for (size_t i = 0; i < house->options->zone_count; i++) {
        const struct zone *zone = house->zones[i].zone;
        if (zone->state != ZONE_SERVED)
            continue;
        if (!name_is_within(zone->origin, arpa))
            return zone;
        found = found ? found : zone;
    }
    return found;
}

// The zone's "www" where it has one, else its apex.
static struct name name_to_try(const struct house *house, uint8_t storage[static NAME_OCTETS_MAX])
{
    const struct zone *zone = zone_to_try(house);
    struct name www, label = name_trust((const uint8_t *)"\3www");
    if (!zone)
        return house_may_resolve(house->options) ? name_trust((const uint8_t *)"\7example\3com")
                                                 : NAME_ROOT;
    if (!name_join(label, 1, zone->origin, storage, &www))
        return zone->origin;
    struct name_key key;
    name_key_make(www, &house->server.secret, &key);
    return image_find(&zone->image, &key, key.labels) ? www : zone->origin;
}

// Three commands that work as they stand: the program is named as it was started.
static void print_tries(const struct daemon *daemon, const struct house *house, struct buffer *to)
{
    char host[ADDRESS_TEXT_MAX], name[NAME_TEXT_MAX];
    uint8_t storage[NAME_OCTETS_MAX];
    struct address address = house->listeners.list[0]->address;
    if (address_is_wildcard(&address) &&
        !address_parse("127.0.0.1", address_port(&address), &address))
        return;
    address_print_host(&address, host);
    name_print(name_to_try(house, storage), name);
    unsigned port = address_port(&address);
    const char *program = program_invocation_name, *path = daemon->arguments->path;
    buffer_format(to, "try:  %s query %s @%s -p %u\n", program, name, host, port);
    buffer_format(to, "      %s query %s --all @%s -p %u\n", program, name, host, port);
    buffer_format(to, "      %s ctl status%s%s\n", program, path ? " -c " : "", path ? path : "");
}

void announce_start(struct daemon *daemon)
{
    const struct house *house = daemon_house(daemon);
    const char *path = daemon->arguments->path;
    struct buffer text = {0};
    buffer_format(&text, "onym %s  %u worker%s, epoll+recvmmsg, %s%s\n", ONYM_VERSION,
                  daemon->worker_count, daemon->worker_count == 1 ? "" : "s",
                  path ? "config " : "no config file (defaults)", path ? path : "");
    sockets_print(&house->listeners, "  dns        ", &text);
    buffer_add_text(&text, "  zones      ");
    print_zones(house, &text);
    size_t images = daemon->rebuild.last.counts.images;
    if (images)
        buffer_format(&text, "   %zu from %s", images, images == 1 ? "its image" : "their images");
    buffer_add_text(&text, "\n  resolve    ");
    print_resolve(daemon, house, &text);
    buffer_format(&text, "\nready in %" PRIu64 " ms\n", (clock_now_us() - daemon->began_us) / 1000);
    if (daemon->arguments->try_hint)
        print_tries(daemon, house, &text);
    fputs(buffer_text(&text), stderr);
    buffer_free(&text);
    notify_send(&daemon->notify, "READY=1\nSTATUS=%zu zones served, %zu broken, %zu loading",
                house->counts.states[ZONE_SERVED], count_broken(house),
                house->counts.states[ZONE_LOADING]);
}

void announce_state(struct daemon *daemon)
{
    const struct house *house = daemon_house(daemon);
    struct buffer text = {0};
    if (house) {
        struct stats stats = {0};
        daemon_stats(daemon, &stats);
        uint64_t requests = 0;
        for (unsigned t = 0; t < STATS_TRANSPORTS; t++)
            for (unsigned f = 0; f < STATS_FAMILIES; f++)
                requests += stats.requests[t][f];
        print_zones(house, &text);
        buffer_format(&text, "   %" PRIu64 " queries, %" PRIu64 " connections open", requests,
                      stats.connections_open);
    }
    if (daemon->rebuild.next || daemon->rebuild.late) {
        char progress[PROGRESS_TEXT_MAX];
        struct loader_progress loading = rebuild_measure(daemon);
        progress_print(&daemon->progress, &loading, progress);
        buffer_format(&text, "%sloading zones %s", house ? "; " : "", progress);
    }
    log_info("%s", buffer_text(&text));
    buffer_free(&text);
}
