// The command `prune` of the control socket: how much history there is, and less of it.
//
//   {"command": "prune", "keep_s": 2592000}     without keep_s: nothing is forgotten
//
// Members of the reply: zones, changes, octets, since; forgotten where there was keep_s.
#pragma once

#include <jansson.h>

struct control_client;
struct daemon;

void command_run_prune(struct daemon *daemon, struct control_client *client, json_t *request)
    __attribute__((nonnull));
