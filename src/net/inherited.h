// Sockets that were opened for us before we started (systemd's socket activation;
// sd_listen_fds(3)), without libsystemd.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"

struct inherited {
    int fd;
    bool stream; // TCP
    struct address address;
};

// Reads LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES and takes them out of the environment. Sockets
// named for other services (dot, doh, doq, admin) and what is no Internet socket for DNS are left
// alone, each with a warning. Returns a list of *count (the caller frees it), NULL: none.
struct inherited *inherited_take(size_t *count) __attribute__((nonnull, warn_unused_result));
