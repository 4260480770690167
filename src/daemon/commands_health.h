// The command `health` of the control socket: what health checks say.
//
//   targets: [{check address state since_s good bad words last_s next_s}]
//     state is up, down or unknown (not checked yet: it counts as up); since_s: how long it has
//     been so; good, bad: results in a row; words: of the last result; last_s: ago; next_s: until
//     the next check, 0: it is under way. Absent: there is none yet.
#pragma once

#include <jansson.h>

struct buffer;
struct checking;
struct control_client;
struct daemon;
struct json;

void command_run_health(struct daemon *daemon, struct control_client *client, json_t *request)
    __attribute__((nonnull));
// For `status`: a member health: {up down unknown}, if there are targets.
void commands_health_count(const struct checking *checking, struct json *json)
    __attribute__((nonnull));
// For `stats` in Prometheus' format.
void commands_health_metrics(const struct checking *checking, struct buffer *to)
    __attribute__((nonnull));
