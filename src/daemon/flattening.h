// Keeps ready what ALIAS records lead to (zone/flats.h): asks for each target's addresses before
// their time is over, so that no client's question ever begins a walk.
//
//   house moves in --> targets of its zones and routes --> due? --> our own zones know it
//                                                             \--> a worker's resolver is asked
//                      flats <-- the answer, its time to live over all of its chain
//
// What cannot be found is tried again, later and later; what was known stays until its time is
// over, and `cache.stale` longer. The main thread's.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/answer.h"
#include "zone/flats.h"

struct daemon;
struct errand;
struct house;

// One type of one target.
struct flattened {
    uint64_t due_ms;
    uint64_t asked_ms;     // when the answer came; 0: none yet
    struct errand *errand; // under way; NULL: none
    uint32_t chain_ttl;    // of the part of the chain that our own zones had said
    unsigned failures;     // in a row
    const char *words;     // of the last result
};
struct flattening_target {
    struct flat_target *flat; // held
    struct flattened types[FLAT_TYPES];
};

struct flattening {
    struct flattening_target *targets;
    size_t count;
    unsigned running;
    unsigned turn;          // of the workers
    struct errand *orphans; // of targets that are gone: freed when they are done
    struct answer answer;
};

// The targets of a house that is about to move in; its server gets the flats. What is known of a
// target stays known.
void flattening_replace(struct daemon *daemon, struct house *house) __attribute__((nonnull));
void flattening_step(struct daemon *daemon, uint64_t now_ms) __attribute__((nonnull));
// Milliseconds until the next step; -1: there is nothing to do.
int flattening_rest(const struct flattening *flattening, uint64_t now_ms) __attribute__((nonnull));
// At the end, when the workers are gone.
void flattening_free(struct flattening *flattening) __attribute__((nonnull));
