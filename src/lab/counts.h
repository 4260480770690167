// What each server of a lab has seen, for people and for machines.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/buffer.h"
#include "lab/fault.h"

struct counts {
    uint64_t udp, tcp;    // queries
    uint64_t connections; // over TCP
    uint64_t replies;     // that left, forged ones not among them
    uint64_t unsent;      // replies that the kernel or a client did not take, or that found no room
    uint64_t faults[FAULTS];
};
void counts_add(struct counts *sum, const struct counts *more) __attribute__((nonnull));

struct counted { // a line
    const struct address *address;
    const char *host;
    size_t zones;
    const struct counts *counts;
};

// A table with a line for each server that was asked anything, and their sum.
void counts_print(const struct counted *lines, size_t count, struct buffer *to)
    __attribute__((nonnull(3)));
// NDJSON: {"event":"server"} for every server, then one {"event":"total"}.
void counts_print_json(const struct counted *lines, size_t count, struct buffer *to)
    __attribute__((nonnull(3)));
