// `onym ctl`: words with a running server, through its control socket.
#pragma once

struct arguments;
struct buffer;

// A request of another noun's command, as daemon/commands.h tells them.
struct ctl_request {
    const char *command;
    const char *verb, *name, *type; // members "do", "name", "type" of the request; NULL: none
};
// Adds the reply, a JSON object, to `reply` and returns EXIT_OK; else an exit code after a
// complaint (with --json the reply was printed).
int ctl_request(const struct arguments *arguments, const struct ctl_request *request,
                struct buffer *reply) __attribute__((nonnull, warn_unused_result));

// The same for a request that is whole already.
int ctl_ask(const struct arguments *arguments, const char *request, struct buffer *reply)
    __attribute__((nonnull, warn_unused_result));

int command_ctl_status(const struct arguments *arguments) __attribute__((nonnull));
int command_ctl_reload(const struct arguments *arguments) __attribute__((nonnull));
int command_ctl_stop(const struct arguments *arguments) __attribute__((nonnull));
int command_ctl_notify(const struct arguments *arguments) __attribute__((nonnull));
int command_ctl_refresh(const struct arguments *arguments) __attribute__((nonnull));
int command_ctl_retransfer(const struct arguments *arguments) __attribute__((nonnull));
int command_ctl_aliases(const struct arguments *arguments) __attribute__((nonnull));
int command_ctl_health(const struct arguments *arguments) __attribute__((nonnull));
int command_ctl_stats(const struct arguments *arguments) __attribute__((nonnull));
