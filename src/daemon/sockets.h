// From `listen` in the configuration to listeners: which are wanted, which we have already, which
// must be opened, and what is wrong with those that cannot be.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/report.h"
#include "conf/options.h"
#include "net/listen.h"

// Could all that is wanted be listened on? Errors go to `report`, at their place in the
// configuration. Listeners that `own` has already are fine.
bool sockets_check(const struct options *options, const struct listeners *own,
                   struct report *report) __attribute__((nonnull, warn_unused_result));
// Gives the listeners of these options: what `own` has is shared, the rest is opened with a socket
// for each of `workers`. False: `report` says why, and nothing is open that was not before.
bool sockets_open(const struct options *options, const struct listeners *own, unsigned workers,
                  struct listeners *listeners, struct report *report)
    __attribute__((nonnull, warn_unused_result));
// The inherited sockets as listeners.
void sockets_inherit(struct listeners *listeners) __attribute__((nonnull));
// This machine's addresses: those of its interfaces and those that are listened on. *list is the
// caller's.
void sockets_own(const struct listeners *listeners, struct address **list, size_t *count)
    __attribute__((nonnull));
// "udp+tcp 127.0.0.1:53, [::1]:53": one line for each kind, separated by line ends.
struct buffer;
void sockets_print(const struct listeners *listeners, const char *indent, struct buffer *to)
    __attribute__((nonnull));

// A socket of this type (SOCK_DGRAM, SOCK_STREAM) that asks `target`, connected to it or about to
// be; it does not block. It leaves from the address that we listen on, if there is one of its kind:
// where replies of ours come from is what others know us by. Else the kernel chooses. A negative
// errno: there is none.
int sockets_connect_like(const struct listeners *listeners, const struct address *target, int type)
    __attribute__((nonnull));
