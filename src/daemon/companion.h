// The checker as a child of ours: started when there is something to check, and again, later and
// later, when it ends by itself.
//
// It is found beside our own program, or in the folder that this build installs into. It knows of
// our end by its socket's, so that it does not outlive a daemon that was killed.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "net/loop.h"
#include "policy/probe.h"

struct companion {
    struct loop *loop;
    uint8_t kind;        // of the loop's tag
    const char *program; // NULL: where it is looked for
    int socket;          // -1: it does not run
    pid_t pid;
    uint64_t began_ms;
    uint64_t again_ms; // not before; 0: at once
    uint32_t wait_ms;  // the next time
    unsigned starts;
};

void companion_open(struct companion *companion, struct loop *loop, uint8_t kind)
    __attribute__((nonnull));
// True: it runs. Starts it, if its time has come.
bool companion_run(struct companion *companion, uint64_t now_ms) __attribute__((nonnull));
// False: not now.
bool companion_send(struct companion *companion, const uint8_t *message, size_t size)
    __attribute__((nonnull, warn_unused_result));
enum companion_heard {
    COMPANION_RESULT,
    COMPANION_NOTHING, // for now
    COMPANION_ENDED,   // it was running a moment ago, and is gone
};
enum companion_heard companion_hear(struct companion *companion, uint64_t now_ms,
                                    struct probe_result *result)
    __attribute__((nonnull, warn_unused_result));
// It should have said something long ago: kills it. For who asks it is gone, as if it had ended.
void companion_give_up(struct companion *companion, uint64_t now_ms) __attribute__((nonnull));
// Ends it, and waits until it has ended.
void companion_close(struct companion *companion) __attribute__((nonnull));
