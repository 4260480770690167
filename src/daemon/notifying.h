// Tells secondaries of new versions of zones (RFC 1996; what waits for whom: transfer/notices.h).
//
//   zone has another serial --> wanted --> all workers serve it --> NOTIFY --> answered, refused
//                                              ^                        \----> silent: again, later
//
// Each secondary has a socket of its own, connected to it, as long as something is on its way: what
// others send is not heard. It leaves from the address that we listen on, if there is one of the
// family, as that is the one a secondary knows its primary by. The main thread's.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "net/loop.h"
#include "transfer/notices.h"

struct buffer;
struct daemon;
struct house;
struct zone;

struct notifying_socket {
    int fd; // -1: nothing is on its way
    uint32_t generation;
};

struct notifying {
    struct notices notices;
    struct notifying_socket *sockets; // [i] of notices.targets[i]
    uint32_t generation;
    uint64_t sent, answered, refused, given_up;
};

// A house that is about to follow `old` (NULL: the first): its zones that are served with another
// serial, or have not been told yet, are wanted by their secondaries.
void notifying_replace(struct daemon *daemon, const struct house *old, const struct house *next)
    __attribute__((nonnull(1, 3)));
// Is it a version that secondaries do not know? `before` NULL: there was none.
bool notifying_is_news(const struct zone *before, const struct zone *now)
    __attribute__((nonnull(2)));
// A zone of the current house has changed, or is to be told again. Returns how many secondaries it
// has.
size_t notifying_want(struct daemon *daemon, size_t index) __attribute__((nonnull));
// A socket is ready.
void notifying_take(struct daemon *daemon, struct loop_tag tag) __attribute__((nonnull));
void notifying_step(struct daemon *daemon, uint64_t now_ms) __attribute__((nonnull));
// Milliseconds until the next step; -1: there is nothing to do.
int notifying_rest(const struct notifying *notifying, uint64_t now_ms) __attribute__((nonnull));
void notifying_close(struct daemon *daemon) __attribute__((nonnull));

void notifying_metrics(const struct notifying *notifying, struct buffer *to)
    __attribute__((nonnull));
