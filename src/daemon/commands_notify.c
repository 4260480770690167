// Secondaries and primaries (commands_notify.h).
#include "daemon/commands_notify.h"

#include "daemon/commands.h"
#include "daemon/daemon.h"
#include "daemon/reply.h"

static void put_target(struct json *json, const struct house *house,
                       const struct notice_target *target)
{
    char address[ADDRESS_TEXT_MAX];
    address_print(&target->address, address);
    json_open_object(json, NULL);
    json_text(json, "address", address);
    if (target->key != NOTICE_NO_KEY)
        json_text(json, "key", house->options->keys[target->key].name);
    json_number(json, "zones", (int64_t)target->zone_count);
    json_number(json, "waiting", (int64_t)target->wanted);
    json_number(json, "flying", target->flying);
    json_bool(json, "silent", target->silent);
    json_close_object(json);
}

// The zone in every view that has one of this name: they stand one behind the other.
static size_t want(struct daemon *daemon, size_t index)
{
    size_t count = commands_count_same(daemon_house(daemon), index), secondaries = 0;
    for (size_t i = 0; i < count; i++)
        secondaries += notifying_want(daemon, index + i);
    return secondaries;
}

void command_run_notify(struct daemon *daemon, struct control_client *client, json_t *request)
{
    const struct house *house = daemon_house(daemon);
    const struct notices *notices = &daemon->notifying.notices;
    const char *zone = json_string_value(json_object_get(request, "zone"));
    size_t index;
    if (!house) {
        reply_refuse(daemon, client, 1, "no zone is served yet", NULL);
        return;
    }
    if (zone && !commands_find_zone(daemon, zone, &index)) {
        commands_refuse_zone(daemon, client);
        return;
    }
    if (zone && want(daemon, index) == 0) {
        reply_refuse(daemon, client, 1, "the zone has no secondaries to be told",
                     "name them in the configuration, as in 'notify: [192.0.2.53]'");
        return;
    }
    struct reply reply;
    reply_begin(&reply, 0);
    json_open_array(&reply.json, "targets");
    for (size_t i = 0; i < notices->count; i++)
        put_target(&reply.json, house, &notices->targets[i]);
    json_close_array(&reply.json);
    reply_send(daemon, client, &reply, false);
}

void command_run_refresh(struct daemon *daemon, struct control_client *client, json_t *request)
{
    const char *zone = json_string_value(json_object_get(request, "zone"));
    bool whole = json_is_true(json_object_get(request, "whole"));
    size_t index, asked = 0;
    if (!daemon_house(daemon) || !zone || !commands_find_zone(daemon, zone, &index)) {
        commands_refuse_zone(daemon, client);
        return;
    }
    size_t count = commands_count_same(daemon_house(daemon), index);
    for (size_t i = 0; i < count; i++)
        asked += fetching_want(daemon, index + i, whole);
    if (asked == 0) {
        reply_refuse(daemon, client, 1, "the zone has no primaries",
                     "name them in the configuration, as in 'from: [192.0.2.1]'");
        return;
    }
    struct reply reply;
    reply_begin(&reply, 0);
    json_number(&reply.json, "zones", (int64_t)asked);
    reply_send(daemon, client, &reply, false);
}
