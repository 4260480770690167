// Files watched for changes, by inotify and not by a timer: a resolver at rest should not wake up
// to look at files.
//
// Editors write a new file and rename it over the old one, so a file is watched through its folder:
// what happens to an entry of its name counts. The file itself is watched as well, for those that
// are written in place behind a symbolic link or a bind mount, as in containers. What is not there
// yet is seen when it comes, if its folder is there.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct watching {
    int fd;       // an inotify, not blocking, for a loop; -1: nothing is watched
    char **names; // what of their folders' entries is theirs, ended by NULL
};

// Looks at file systems, so not for a thread that must not wait. Before the files are read: then no
// change is missed. What cannot be watched is told in the log.
struct watching watching_begin(const char *const *paths, size_t count)
    __attribute__((warn_unused_result));
// True: one of them has changed since the last time, or has come or gone.
bool watching_take(const struct watching *watching) __attribute__((nonnull, warn_unused_result));
// The fd is out of its loop by now. Nothing to do for fd -1.
void watching_end(struct watching *watching) __attribute__((nonnull));
