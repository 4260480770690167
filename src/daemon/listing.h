// Catalogs that are made here (RFC 9432): lists of our zones, which are zones themselves.
//
//   the options of a house --> members --differ from those that are served--> the writer --> served
//
// A catalog has no file. Its newest version is in the history, so its serial goes on after a
// restart, and its secondaries get what has changed. The id of a member is made of its name, so it
// is the same at each start and on each machine.
// The main thread's.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct daemon;

struct listing {
    bool fresh;        // the zones of the current house have not been looked at
    size_t pending;    // versions that the writer has
    uint64_t again_ms; // one could not be kept: when they are looked at again; 0: all were
};

// A house of other options is about to be current.
void listing_begin(struct daemon *daemon) __attribute__((nonnull));
// Gives the writer new versions of catalogs whose members are others than those that are served.
// All workers are in the current house, and no rebuild is under way.
void listing_step(struct daemon *daemon) __attribute__((nonnull));
// Milliseconds until something that could not be kept is tried again; -1: there is no such thing.
int listing_rest(const struct listing *listing, uint64_t now_ms) __attribute__((nonnull));
// How many members the catalog has that is this zone of the current house.
size_t listing_count(struct daemon *daemon, size_t index) __attribute__((nonnull));
