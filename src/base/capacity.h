// How much memory this process may use: the machine's, or less where its control group says so.
#pragma once

#include <stdint.h>

// In octets; never 0. Reads small files of /proc and /sys: for the start, not for packets.
uint64_t capacity_memory(void);

// The least limit of a control group (version 2) and those above it. `root` is where their tree is
// mounted, `path` the group as /proc/self/cgroup has it; UINT64_MAX: none.
uint64_t capacity_of_group(const char *root, const char *path) __attribute__((nonnull));
