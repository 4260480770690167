// Checks that are programs: each in a process group of its own, which is killed as a whole when its
// time is over, and where a process is left of it when it has ended.
//
// A program gets the address as its argument and as ONYM_ADDRESS, and nothing on its input. Exit 0
// is good. The first line that it writes is kept for people.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "policy/probe.h"

struct script {
    uint64_t id;
    pid_t pid; // and its group's; 0: none
    int output;
    uint64_t end_ms;
    uint32_t timeout_ms;
    bool is_silent; // its output has ended
    size_t size;
    char line[PROBE_WORDS_MAX];
};

// False: `result` says why.
bool script_begin(struct script *script, const struct probe *probe, uint64_t now_ms,
                  struct probe_result *result) __attribute__((nonnull, warn_unused_result));
// Its output is ready, or time has passed. True: it is over, and `result` is filled.
bool script_step(struct script *script, uint64_t now_ms, struct probe_result *result)
    __attribute__((nonnull, warn_unused_result));
// Kills it, if it still runs.
void script_end(struct script *script) __attribute__((nonnull));
