// `onym ctl`: words with a running server, through its control socket.
#pragma once

struct arguments;

int command_ctl_status(const struct arguments *arguments) __attribute__((nonnull));
int command_ctl_reload(const struct arguments *arguments) __attribute__((nonnull));
int command_ctl_stop(const struct arguments *arguments) __attribute__((nonnull));
int command_ctl_stats(const struct arguments *arguments) __attribute__((nonnull));
