// A reply to a command of the control socket in the making: what all files of commands share.
#pragma once

#include "base/buffer.h"
#include "base/json.h"
#include "daemon/daemon.h"

struct reply {
    struct buffer text;
    struct json json; // the object that is open
};

// The members that every reply has.
void reply_begin(struct reply *reply, int exit_code) __attribute__((nonnull));
// Closes the object and sends it. `lasting`: see control_reply.
void reply_send(struct daemon *daemon, struct control_client *client, struct reply *reply,
                bool lasting) __attribute__((nonnull));
// A whole reply that says no. `hint` may be NULL.
void reply_refuse(struct daemon *daemon, struct control_client *client, int exit_code,
                  const char *why, const char *hint) __attribute__((nonnull(1, 2, 4)));
