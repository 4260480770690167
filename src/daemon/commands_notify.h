// The command `notify` of the control socket: secondaries and what they are told.
//
//   zone: whose secondaries are told once more; without it nothing is done
//   -> targets: [{address, key, zones, waiting, flying, silent}]
//        zones: how many it may be told of; waiting: it is to be told of; flying: on their way;
//        silent: it did not answer the last time
#pragma once

#include <jansson.h>

struct control_client;
struct daemon;

void command_run_notify(struct daemon *daemon, struct control_client *client, json_t *request)
    __attribute__((nonnull));
