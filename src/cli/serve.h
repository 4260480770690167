// `onym serve`: the daemon, in the foreground.
#pragma once

struct arguments;

int command_serve(const struct arguments *arguments) __attribute__((nonnull));
