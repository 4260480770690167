// `onym check`: the configuration and the zones, all their errors at once.
#pragma once

#include <stdbool.h>

struct arguments;

int command_check(const struct arguments *arguments) __attribute__((nonnull));

// The same for `serve --check`: the configuration at `path` (NULL: the defaults), unless the words
// name files and no --config. Returns an exit code.
int check_run(const struct arguments *arguments, const char *path, bool strict)
    __attribute__((nonnull(1)));
