// `onym completion`: scripts for bash, zsh and fish, printed from the table of commands.
#pragma once

#include <stdbool.h>

struct arguments;
struct buffer;

int command_completion(const struct arguments *arguments) __attribute__((nonnull));

// False: no such shell.
bool completion_print(const char *shell, struct buffer *to)
    __attribute__((nonnull, warn_unused_result));
