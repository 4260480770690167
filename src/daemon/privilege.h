// Who the daemon is: `user: NAME` means that it gives up root before it binds anything.
//
// The uid goes first and CAP_NET_BIND_SERVICE stays, because a group of SO_REUSEPORT sockets takes
// sockets of one uid only, and because a reload must still be able to bind port 53.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct privilege {
    bool change; // become this user; false: stay who we are
    char name[64];
    uid_t user;
    gid_t group;
};

// What `user` (NULL: not given) means for us. 0; -ENOENT: no such user; -EPERM: it is another user
// and we are not root.
int privilege_find(const char *user, struct privilege *privilege)
    __attribute__((nonnull(2), warn_unused_result));
// Becomes that user, with that one capability and no way to more. Before any thread is started, for
// capabilities belong to threads. Without a change: nothing. 0 or a negative errno.
int privilege_drop(const struct privilege *privilege) __attribute__((nonnull, warn_unused_result));
// Makes a folder (and those above it) if it is missing. What is made here belongs to the user that
// we will be. 0, 1 (it was made now) or a negative errno.
int privilege_make_folder(const char *path, const struct privilege *privilege)
    __attribute__((nonnull, warn_unused_result));
