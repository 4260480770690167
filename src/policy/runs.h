// Runs of addresses: the whole space of a family from its first address on, cut where something
// changes. What holds in a run is a number of the maker's; neighbours with one number are one run.
//
//   start   0            10.0.0.0      11.0.0.0                     192.0.2.0 ...
//   value   0 (nothing)  3             0                            7
//
// IPv4 addresses are numbers of 32 bits, IPv6 of 128.
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef unsigned __int128 runs_address;

struct run {
    runs_address start;
    uint32_t value;
};
struct runs {
    struct run *list; // list[0].start is 0, once there is one
    size_t count, room;
};

// Adds a run behind all others; `start` is above theirs. What ends up with its neighbour's value
// costs nothing.
void runs_add(struct runs *runs, runs_address start, uint32_t value) __attribute__((nonnull));
// Both of these at every address: `join` says which number that makes. Both have at least one run.
typedef uint32_t runs_join(void *maker, uint32_t a, uint32_t b);
void runs_merge(const struct runs *a, const struct runs *b, runs_join *join, void *maker,
                struct runs *merged) __attribute__((nonnull(1, 2, 3, 5)));
void runs_free(struct runs *runs) __attribute__((nonnull));
