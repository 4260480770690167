// The state folder: who may use it, and the secret that lives in it.
//
//   lock     held (flock) by the daemon that uses the folder; its pid is inside
//   secret   32 random octets, 0600: the key of all name hashes, and that of the cookies
//   zones    images of zones, made with that key (zone/archive.h)
//   history  what has changed in zones, and zones that have no file (zone/history.h); the
//            database's own history-wal and history-shm beside it
//
// A folder that cannot be made, locked or written is no reason not to serve: a warning says what is
// lost. One that another daemon uses is.
#pragma once

#include <sys/types.h>

#include "base/hash.h"
#include "daemon/privilege.h"
#include "policy/cookie.h"

struct state {
    int lock; // -1: not locked
    struct hash_key hash;
    struct cookie_secret cookies;
};

// Still as root: makes the folder and gives it to the user that we will be, unless a living daemon
// has it: then -EWOULDBLOCK, and *holder is its pid (0: unknown).
int state_prepare(const char *folder, const struct privilege *privilege, pid_t *holder)
    __attribute__((nonnull, warn_unused_result));
// Locks the folder and reads or makes the secret. 0, or -EWOULDBLOCK as above.
int state_open(struct state *state, const char *folder, pid_t *holder)
    __attribute__((nonnull, warn_unused_result));
void state_close(struct state *state) __attribute__((nonnull));
