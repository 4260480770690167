// Commands that only the workers' resolvers can answer: trace and why (commands.h tells them).
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "dns/name.h"

struct daemon;
struct control_client;

void command_run_trace(struct daemon *daemon, struct control_client *client, json_t *request)
    __attribute__((nonnull));
void command_run_why(struct daemon *daemon, struct control_client *client, json_t *request)
    __attribute__((nonnull));
// Replies to those whose errands are done.
void commands_resolve_step(struct daemon *daemon) __attribute__((nonnull));
// At the end, when the workers are gone.
void commands_resolve_free(struct daemon *daemon) __attribute__((nonnull));

// The member `name` of a request, in `storage` of NAME_OCTETS_MAX octets. False: it was refused.
bool command_take_name(struct daemon *daemon, struct control_client *client, const json_t *request,
                       uint8_t *storage, struct name *name)
    __attribute__((nonnull, warn_unused_result));
// The member `type`; where there is none *type stays as it is. False: it was refused.
bool command_take_type(struct daemon *daemon, struct control_client *client, const json_t *request,
                       uint16_t *type) __attribute__((nonnull, warn_unused_result));
