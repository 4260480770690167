// The command `aliases` of the control socket: what ALIAS records lead to.
//
//   targets: [{name type state addresses ttl words failures next_s}]
//     state is known, stale, expired or unknown; addresses: [..] of it; ttl: what is left of it;
//     words: of the last result; next_s: until it is asked for again, 0: it is under way.
#pragma once

#include <jansson.h>

struct control_client;
struct daemon;

void command_run_aliases(struct daemon *daemon, struct control_client *client, json_t *request)
    __attribute__((nonnull));
