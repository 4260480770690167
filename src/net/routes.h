// The machine's ways to the world: told when routes, links or addresses change (netlink,
// rtnetlink(7)), so that servers which could not be reached a moment ago are tried again at once.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "net/loop.h"

struct routes_watch {
    struct loop *loop;
    int fd;           // -1: nobody tells us
    uint64_t due_ms;  // when the change is to be acted on; 0: there was none
    uint64_t last_ms; // when one last was
};

// Begins; the loop has events of this kind then. 0, or a negative errno where the system does not
// allow it (a container, another kernel): then nothing is ever told.
int routes_watch(struct routes_watch *watch, struct loop *loop, uint8_t kind)
    __attribute__((nonnull, warn_unused_result));
void routes_unwatch(struct routes_watch *watch) __attribute__((nonnull));
// The descriptor is ready.
void routes_take(struct routes_watch *watch, uint64_t now_ms) __attribute__((nonnull));
// True once for each change, at most once in ROUTES_EVERY_MS: act on it now.
bool routes_have_changed(struct routes_watch *watch, uint64_t now_ms)
    __attribute__((nonnull, warn_unused_result));
// Milliseconds until then; -1: nothing is due.
int routes_rest(const struct routes_watch *watch, uint64_t now_ms) __attribute__((nonnull));
