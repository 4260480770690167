// The commands of the control socket about other servers: notify and refresh.
//
// notify: secondaries and what they are told
//
//   zone: whose secondaries are told once more; without it nothing is done
//   -> targets: [{address, key, zones, waiting, flying, silent}]
//        zones: how many it may be told of; waiting: it is to be told of; flying: on their way;
//        silent: it did not answer the last time
//
// refresh: a zone that is taken from a primary is asked about at once
//   zone: NAME
//   whole: true: taken anew, whatever its serial
//   -> zones: how many it was, with those of views. exit 5: no such zone; 1: it has no primaries
#pragma once

#include <jansson.h>

struct control_client;
struct daemon;

void command_run_notify(struct daemon *daemon, struct control_client *client, json_t *request)
    __attribute__((nonnull));
void command_run_refresh(struct daemon *daemon, struct control_client *client, json_t *request)
    __attribute__((nonnull));
