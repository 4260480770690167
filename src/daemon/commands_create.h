// The commands of the control socket that make zones and take them away: files in the folder
// ADDED_FOLDER of the state folder, which is read like any other folder of zones.
//
// create: zone: NAME, records: [line ..] as in a zone file, without SOA and NS, which it gets
//   text: ZONE FILE in the place of records: all of it, without directives
//   -> as of a reload. exit 6: there is such a zone; 2: a record cannot be read
// discard: zone: NAME, its file and all of its history
//   -> as of a reload. exit 5: no such zone; 6: it was not made by `create`
#pragma once

#include <jansson.h>

struct control_client;
struct daemon;

void command_run_create(struct daemon *daemon, struct control_client *client, json_t *request)
    __attribute__((nonnull));
void command_run_discard(struct daemon *daemon, struct control_client *client, json_t *request)
    __attribute__((nonnull));
