// The way from a command line to the command's exit code.
#pragma once

// What main does: reads the words behind the program's name, runs the command, sees to it that the
// output has arrived, and returns the exit code.
int run_command(int count, char *const *words) __attribute__((nonnull));
