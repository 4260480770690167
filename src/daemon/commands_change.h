// The commands of the control socket that change zones, and tell who has.
//
// change: records of a zone go and come
//   zone: NAME, view: VIEW (absent: everybody's)
//   edits: [{do: "add" | "remove" | "set", name, type, ttl, data: [..]}]
//     name: absolute, or as seen from the zone; "set" is a removal of what there is of that type,
//     and the data; "remove" without data takes the whole RRset, without type the whole name
//   text: ZONE FILE     in the place of edits: what the zone is to be, but for its SOA; with
//     add: true what is to be added
//   undo: NUMBER        in the place of edits: the inverse of that change; 0: of the last one
//   dry: true           nothing is changed
//   serial: NUMBER      only if the zone has this one
//   -> serial_from serial_to removed: [line ..] added: [line ..] problems: [..]
//      exit 0; 2: it would be no zone that can be served; 5: no such zone or change; 6: the zone
//      has another serial, or has not what is to be removed; 1: it could not be kept
//
// history: the changes of a zone, the newest first
//   zone, view, count: how many (20)
//   -> changes: [{number serial_from serial_to at kind who removed added}]  the last two are counts
//   number: NUMBER      that one alone: removed and added are lines
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "dns/name.h"

struct control_client;
struct daemon;
struct house;

void command_run_change(struct daemon *daemon, struct control_client *client, json_t *request)
    __attribute__((nonnull));
void command_run_history(struct daemon *daemon, struct control_client *client, json_t *request)
    __attribute__((nonnull));

// The zone that a request of these names, in its view.
struct commands_zone {
    struct house *house;
    size_t index;
    const char *view; // "": everybody's; in the request
    struct name name;
};
// False: the client was told.
bool commands_change_find(struct daemon *daemon, struct control_client *client,
                          const json_t *request, struct commands_zone *asked)
    __attribute__((nonnull, warn_unused_result));
