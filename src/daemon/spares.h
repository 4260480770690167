// Connections to primaries that a zone was just taken over, kept for the next zone (RFC 7766
// 6.2.1): a hundred thousand zones of one primary would use up the ports, each for a minute.
// The main thread's.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/limits.h"

struct spare {
    int fd;
    uint64_t since_ms;
    struct address primary;
};

struct spares {
    struct spare list[SPARES_MAX];
    size_t count;
};

// Takes the connection over, of which all was read and that nobody waits at.
void spares_give(struct spares *spares, int fd, const struct address *primary, uint64_t now_ms)
    __attribute__((nonnull));
// One to this primary that is open as far as can be told; it is the caller's. -1: there is none.
int spares_take(struct spares *spares, const struct address *primary) __attribute__((nonnull));
// Closes those that nobody wanted for SPARE_MS.
void spares_expire(struct spares *spares, uint64_t now_ms) __attribute__((nonnull));
void spares_close(struct spares *spares) __attribute__((nonnull));
