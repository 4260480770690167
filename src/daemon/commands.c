// The commands of the control socket (commands.h).
#include "daemon/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "daemon/commands_aliases.h"
#include "daemon/announce.h"
#include "daemon/commands_cache.h"
#include "daemon/commands_change.h"
#include "daemon/commands_export.h"
#include "daemon/commands_create.h"
#include "daemon/commands_health.h"
#include "daemon/commands_notify.h"
#include "daemon/commands_prune.h"
#include "daemon/commands_resolve.h"
#include "daemon/daemon.h"
#include "daemon/fetching_told.h"
#include "daemon/metrics.h"
#include "daemon/reply.h"

static void put_text(struct json *json, const char *key, const char *text)
{
    if (text)
        json_text(json, key, text);
    else
        json_none(json, key);
}

// RFC 3339 5.6, in UTC.
static void put_date(struct json *json, const char *key, uint64_t date_s)
{
    char text[32];
    struct tm parts;
    time_t date = (time_t)date_s;
    gmtime_r(&date, &parts);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    json_text(json, key, text);
}

// --- status

static const char *state_word(enum zone_state state)
{
    switch (state) {
    case ZONE_LOADING: return "loading";
    case ZONE_SERVED: return "served";
    case ZONE_BROKEN: return "broken";
    case ZONE_EXPIRED: return "expired";
    }
    return "unknown";
}

static void put_zone(struct json *json, const char *key, struct daemon *daemon, size_t index)
{
    const struct house *house = daemon_house(daemon);
    const struct zone *zone = house->zones[index].zone;
    char name[NAME_TEXT_MAX];
    name_print(zone->origin, name);
    json_open_object(json, key);
    json_text(json, "name", name);
    unsigned view = house->options->zones[index].view;
    if (view)
        json_text(json, "view", house->options->views[view - 1].name);
    json_text(json, "state", state_word(zone->state));
    if (zone->state == ZONE_SERVED) {
        json_number(json, "serial", zone->image.serial);
        json_number(json, "records", image_records(&zone->image));
        put_date(json, "loaded", zone->loaded_date_s);
        json_text(json, "from", zone->from_image ? "image" : "text");
    }
    json_text(json, "file", house->options->zones[index].file);
    const char *problem = house->zones[index].problem;
    put_text(json, "problem", problem ? problem : zone->problem);
    fetching_put(daemon, index, json);
    cataloguing_put(daemon, index, json);
    json_close_object(json);
}

// Something is to be said of it: it is not served, or not as its file is now.
static bool is_troubled(const struct house_zone *entry)
{
    return entry->problem || entry->zone->state != ZONE_SERVED;
}

// All zones where they are few. Of many those that are in trouble come first; "more" is how many
// are not listed.
static void list_zones(struct json *json, struct daemon *daemon)
{
    const struct house *house = daemon_house(daemon);
    size_t count = house->options->zone_count, listed = 0;
    bool few = count <= STATUS_ZONES_MAX;
    json_open_array(json, "zones");
    for (size_t i = 0; i < count && listed < STATUS_ZONES_MAX; i++)
        if (few || is_troubled(&house->zones[i])) {
            put_zone(json, NULL, daemon, i);
            listed++;
        }
    for (size_t i = 0; !few && listed < STATUS_ZONES_MAX; i++)
        if (!is_troubled(&house->zones[i])) {
            put_zone(json, NULL, daemon, i);
            listed++;
        }
    json_close_array(json);
    json_number(json, "more", (int64_t)(count - listed));
}

static void put_counts(struct json *json, const struct house *house)
{
    const struct house_counts *counts = &house->counts;
    json_open_object(json, "counts");
    json_number(json, "zones", (int64_t)house->options->zone_count);
    json_number(json, "served", (int64_t)counts->states[ZONE_SERVED]);
    json_number(json, "broken", (int64_t)counts->states[ZONE_BROKEN]);
    json_number(json, "loading", (int64_t)counts->states[ZONE_LOADING]);
    json_number(json, "records", (int64_t)counts->records);
    json_close_object(json);
}

static void put_listeners(struct json *json, const struct listeners *listeners)
{
    json_open_array(json, "listen");
    for (size_t i = 0; i < listeners->count; i++) {
        char address[ADDRESS_TEXT_MAX];
        address_print(&listeners->list[i]->address, address);
        json_open_object(json, NULL);
        json_text(json, "address", address);
        json_text(json, "transport", listeners->list[i]->stream ? "tcp" : "udp");
        json_bool(json, "inherited", listeners->list[i]->shared);
        json_close_object(json);
    }
    json_close_array(json);
}

// The copy of the root is told of if it is in use: `expires` is when it no longer is.
static void put_root_copy(struct json *json, const struct rules *rules)
{
    uint64_t now_us = clock_now_us();
    if (!rules->root_copy || rules->root_copy_end_us <= now_us)
        return;
    json_open_object(json, "root_copy");
    json_text(json, "file", rules->root_copy->path);
    json_number(json, "serial", rules->root_copy->image.serial);
    json_bool(json, "zonemd", rules->root_copy->zonemd);
    put_date(json, "expires", clock_date_s() + (rules->root_copy_end_us - now_us) / 1000000);
    json_close_object(json);
}

static void put_resolving(struct json *json, const struct house *house)
{
    const struct resolve_options *resolve = &house->options->resolve;
    json_open_object(json, "resolve");
    if (resolve->otherwise == RESOLVE_RECURSIVE)
        json_text(json, "hints", announce_hints(resolve));
    if (house->server.rules)
        put_root_copy(json, house->server.rules);
    json_close_object(json);
}

static void put_last_reload(struct json *json, const struct rebuild_outcome *last)
{
    if (last->number < 2) { // the first one was the start
        json_none(json, "reload");
        return;
    }
    json_open_object(json, "reload");
    put_date(json, "at", last->date_s);
    json_bool(json, "ok", last->exit == 0);
    json_number(json, "exit", last->exit);
    json_text(json, "message", last->message);
    json_number(json, "took_ms", last->took_ms);
    json_close_object(json);
}

// The zone that the request names, in the house of now.
bool commands_find_zone(struct daemon *daemon, const char *text, size_t *index)
{
    const struct house *house = daemon_house(daemon);
    uint8_t storage[NAME_OCTETS_MAX];
    struct name name, root = NAME_ROOT;
    return house && name_parse(text, strlen(text), &root, storage, &name) == NAME_TEXT_OK &&
           house_find(house->options, name, index);
}

void commands_refuse_zone(struct daemon *daemon, struct control_client *client)
{
    reply_refuse(daemon, client, 5, "the zone is not in the configuration",
                 "'onym ctl reload' without a zone reads the configuration anew");
}

static void run_status(struct daemon *daemon, struct control_client *client, json_t *request)
{
    const struct house *house = daemon_house(daemon);
    const char *wanted = json_string_value(json_object_get(request, "zone"));
    size_t index = 0;
    if (wanted && house && !commands_find_zone(daemon, wanted, &index)) {
        commands_refuse_zone(daemon, client);
        return;
    }
    struct reply reply;
    reply_begin(&reply, 0);
    struct json *json = &reply.json;
    json_text(json, "version", ONYM_VERSION);
    json_number(json, "pid", getpid());
    json_text(json, "state", house ? "serving" : "loading");
    json_number(json, "uptime_s", (int64_t)((clock_now_us() - daemon->began_us) / 1000000));
    put_date(json, "started", daemon->began_date_s);
    json_number(json, "workers", daemon->worker_count);
    put_text(json, "user", daemon->privilege.name[0] ? daemon->privilege.name : NULL);
    put_text(json, "config", daemon->arguments->path);
    put_text(json, "control", daemon->control.path);
    if (house) {
        put_listeners(json, &house->listeners);
        if (wanted)
            put_zone(json, "zone", daemon, index);
        else
            list_zones(json, daemon);
        put_counts(json, house);
        put_resolving(json, house);
    }
    commands_health_count(&daemon->checking, json);
    put_last_reload(json, &daemon->rebuild.last);
    reply_send(daemon, client, &reply, false);
}

// --- reload

static void put_reload_counts(struct json *json, const struct rebuild_counts *counts)
{
    json_open_object(json, "counts");
    json_number(json, "loaded", (int64_t)counts->loaded);
    json_number(json, "unchanged", (int64_t)counts->unchanged);
    json_number(json, "broken", (int64_t)counts->broken);
    json_number(json, "loading", (int64_t)counts->loading);
    json_close_object(json);
}

static void finish_reload(struct daemon *daemon, struct control_client *client)
{
    const struct rebuild_outcome *last = &daemon->rebuild.last;
    struct reply reply;
    reply_begin(&reply, last->exit);
    json_text(&reply.json, last->exit ? "error" : "message", last->message);
    json_number(&reply.json, "took_ms", last->took_ms);
    put_reload_counts(&reply.json, &last->counts);
    report_json(&last->report, &reply.json, "problems");
    reply_send(daemon, client, &reply, false);
}

// A view may have a zone of the same name: they stand one behind the other.
size_t commands_count_same(const struct house *house, size_t index)
{
    size_t count = 1;
    while (index + count < house->options->zone_count &&
           name_equal(house_zone_name(house->options, index),
                      house_zone_name(house->options, index + count)))
        count++;
    return count;
}

// What is wrong with a zone that was read; NULL: nothing.
static const char *find_error(const struct house_zone *entry)
{
    if (entry->load)
        return "its file is still being read";
    if (entry->zone->state != ZONE_SERVED)
        return entry->zone->problem ? entry->zone->problem : "the zone is not served";
    return entry->problem;
}

static void finish_zone(struct daemon *daemon, struct control_client *client, size_t index)
{
    const struct house *house = daemon_house(daemon);
    size_t last = index + commands_count_same(house, index) - 1;
    while (index < last && !find_error(&house->zones[index]))
        index++; // the first that has one is told of
    const char *error = find_error(&house->zones[index]);
    struct reply reply;
    reply_begin(&reply, error ? 7 : 0);
    json_text(&reply.json, error ? "error" : "message", error ? error : "reloaded");
    put_zone(&reply.json, "zone", daemon, index);
    report_json(&daemon->rebuild.late_report, &reply.json, "problems");
    reply_send(daemon, client, &reply, false);
}

// Goes on with a client that waits for a zone.
static void step_zone(struct daemon *daemon, struct control_client *client, const char *text)
{
    size_t index;
    if (!commands_find_zone(daemon, text, &index)) {
        commands_refuse_zone(daemon, client);
        return;
    }
    const struct house *house = daemon_house(daemon);
    size_t count = commands_count_same(house, index);
    bool reads = false;
    if (!client->zone_begun) {
        client->zone_begun = true;
        for (size_t i = 0; i < count; i++)
            client->zone_begun = rebuild_zone(daemon, index + i) && client->zone_begun;
        return;
    }
    for (size_t i = 0; i < count; i++)
        reads = reads || house->zones[index + i].load;
    if (!reads || clock_now_ms() > client->active_ms + ZONE_PATIENCE_MS)
        finish_zone(daemon, client, index);
}

static void run_reload(struct daemon *daemon, struct control_client *client, json_t *request)
{
    const json_t *zone = json_object_get(request, "zone");
    if (!daemon_house(daemon)) {
        reply_refuse(daemon, client, 6, "the first zones are still being loaded", NULL);
    } else if (!zone) {
        client->waits_for = rebuild_ask(daemon);
    } else if (!json_is_string(zone)) {
        reply_refuse(daemon, client, 2, "'zone' is not a text", NULL);
    } else {
        client->waits_zone = true;
        step_zone(daemon, client, json_string_value(zone));
    }
}

// --- stats and stop

static void run_stats(struct daemon *daemon, struct control_client *client, json_t *request)
{
    const char *format = json_string_value(json_object_get(request, "format"));
    struct stats sum = {0};
    daemon_stats(daemon, &sum);
    struct reply reply;
    if (format && strcmp(format, "prometheus") == 0) {
        struct buffer text = {0};
        struct metrics metrics = {.began_date_s = daemon->began_date_s,
                                  .last_reload = daemon->rebuild.last.exit,
                                  .house = daemon_house(daemon),
                                  .cache = daemon->cache,
                                  .servers = daemon->servers,
                                  .now_us = clock_now_us()};
        metrics_print(&metrics, &text);
        commands_health_metrics(&daemon->checking, &text);
        notifying_metrics(&daemon->notifying, &text);
        changing_metrics(daemon->changing, &text);
        forwarding_metrics(daemon->forwarding, &text);
        fetching_metrics(daemon, &text);
        stats_metrics(&sum, &text);
        reply_begin(&reply, 0);
        json_octets(&reply.json, "text", buffer_text(&text), text.size);
        buffer_free(&text);
    } else if (format && strcmp(format, "json") != 0) {
        reply_refuse(daemon, client, 2, "the formats of stats are json and prometheus", NULL);
        return;
    } else {
        reply_begin(&reply, 0);
        json_number(&reply.json, "uptime_s",
                    (int64_t)((clock_now_us() - daemon->began_us) / 1000000));
        stats_json(&sum, &reply.json);
        if (daemon->cache) {
            json_open_object(&reply.json, "cache");
            metrics_cache_json(daemon->cache, &reply.json);
            json_close_object(&reply.json);
        }
    }
    reply_send(daemon, client, &reply, false);
}

static void run_stop(struct daemon *daemon, struct control_client *client, json_t *request)
{
    (void)request;
    struct reply reply;
    reply_begin(&reply, 0);
    json_text(&reply.json, "message", "stopping");
    reply_send(daemon, client, &reply, true);
    daemon->ended = true;
}

// --- the table

static const struct control_command {
    const char *name;
    void (*run)(struct daemon *daemon, struct control_client *client, json_t *request);
} commands[] = {
    {"status", run_status},
    {"reload", run_reload},
    {"stats", run_stats},
    {"stop", run_stop},
    {"trace", command_run_trace},
    {"why", command_run_why},
    {"cache", command_run_cache},
    {"health", command_run_health},
    {"aliases", command_run_aliases},
    {"notify", command_run_notify},
    {"refresh", command_run_refresh},
    {"change", command_run_change},
    {"history", command_run_history},
    {"export", command_run_export},
    {"create", command_run_create},
    {"prune", command_run_prune},
    {"discard", command_run_discard},
};

static const struct control_command *find_command(const char *name)
{
    for (size_t i = 0; name && i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

void commands_run(struct daemon *daemon, struct control_client *client)
{
    json_error_t error;
    json_t *request = json_loadb(client->request.text, client->request.size, 0, &error);
    if (!json_is_object(request)) {
        reply_refuse(daemon, client, 2, "the request is not a JSON object",
                     "for example {\"v\":1,\"command\":\"status\"}");
        json_decref(request);
        return;
    }
    const json_t *version = json_object_get(request, "v");
    const struct control_command *command =
        find_command(json_string_value(json_object_get(request, "command")));
    if (version && json_integer_value(version) != 1)
        reply_refuse(daemon, client, 2, "only version 1 of the control protocol is spoken here",
                     NULL);
    else if (!command)
        reply_refuse(daemon, client, 2, "there is no such command",
                     "the commands are status, reload, stats, stop, trace, why, cache, health, "
                     "aliases and notify");
    else
        command->run(daemon, client, request);
    json_decref(request);
}

static void step_client(struct daemon *daemon, struct control_client *client)
{
    if (client->waits_for) {
        if (daemon->rebuild.last.number >= client->waits_for && daemon_settled(daemon))
            finish_reload(daemon, client);
    } else if (client->waits_zone) {
        json_t *request = json_loadb(client->request.text, client->request.size, 0, NULL);
        step_zone(daemon, client, json_string_value(json_object_get(request, "zone")));
        json_decref(request);
    }
}

void commands_step(struct daemon *daemon)
{
    commands_resolve_step(daemon);
    commands_cache_step(daemon);
    for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++)
        if (daemon->control.clients[i].stage == CONTROL_WORKING)
            step_client(daemon, &daemon->control.clients[i]);
}
