// Who has the port that we want? Found in /proc/net, for the message of a failed start.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/address.h"

struct holder {
    uint64_t inode; // of its socket
    uid_t user;
    pid_t pid;     // 0: not visible to us
    char name[32]; // of the program; "" with pid 0
};

// Our own sockets, which are no reason to worry.
struct holder_own {
    const uint64_t *inodes;
    size_t count;
};

// The first socket that stands in the way of binding `address` for TCP (`stream`) or UDP and is not
// one of ours. False: none is to be seen.
bool holder_find(const struct address *address, bool stream, const struct holder_own *own,
                 struct holder *holder) __attribute__((nonnull, warn_unused_result));

// One line of /proc/net/{udp,udp6,tcp,tcp6}: the address, the state (10: listens, only for TCP),
// user and inode. False: it is not such a line (the heading).
struct holder_row {
    struct address address;
    unsigned state;
    uid_t user;
    uint64_t inode;
};
bool holder_parse(const char *line, struct holder_row *row)
    __attribute__((nonnull, warn_unused_result));
// Would a socket bound to `bound` stop us from binding `wanted`? (Ours are IPV6_V6ONLY; whether a
// foreign [::] takes IPv4 too is not to be seen, so it counts.)
bool holder_conflicts(const struct address *bound, const struct address *wanted)
    __attribute__((nonnull));
