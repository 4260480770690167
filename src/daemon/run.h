// `onym serve`: the daemon from its first line to its last.
#pragma once

#include <stdbool.h>

struct daemon_arguments {
    const char *path; // the configuration file; NULL: none, all defaults
    bool check;       // read and check all that a start would, say what is wrong, serve nothing
    bool try_hint;    // after the start: three commands to try
    bool colour;      // problems in colour
};

// Runs until it is told to stop. Words go to stderr. Returns the exit code of the process:
//   0  stopped as asked, or the check found nothing
//   1  something that a start needs failed in another way
//   2  the configuration has errors (with `check` also: a zone file has)
//   4  a port is in use or may not be bound, the state folder is locked by another onym, `user`
//      cannot be become
int daemon_run(const struct daemon_arguments *arguments) __attribute__((nonnull));
