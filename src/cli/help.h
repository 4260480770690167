// `onym help` and --help: the table of commands, on a terminal.
#pragma once

#include <stdbool.h>

struct arguments;
struct buffer;
struct command;

int command_help(const struct arguments *arguments) __attribute__((nonnull));

// All commands, a line each; with a noun only its own.
void help_print_overview(struct buffer *to, const char *noun) __attribute__((nonnull(1)));
// One command: usage, words, flags, exit codes, examples.
void help_print_command(struct buffer *to, const struct command *command) __attribute__((nonnull));
// What --help behind a command prints; `command` NULL: all of `noun`, or of all if that is NULL
// too.
void help_print(struct buffer *to, const struct command *command, const char *noun, bool json)
    __attribute__((nonnull(1)));
