// What the main thread has a worker do: only the worker may touch its resolver.
//
//   main     errand = errand_make(...)    worker_send(worker, errand)    -> rings the worker's bell
//   worker   does it, at once or over many turns; writes `reply`; `done`  -> rings the main loop's
//   main     sees `done`, takes the reply, errand_free
//
// The worker alone writes to an errand from worker_send until it is done. A worker that ends leaves
// its errands undone; whoever sent them frees them then.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "dns/trace.h"
#include "net/loop.h"

struct answer;
struct parcel;
struct resolver;
struct rules;

enum errand_kind {
    ERRAND_TRACE, // resolve this question and tell every step
    ERRAND_WHY,   // list the last failures, of this name or of all
    ERRAND_FIND,  // ask others anew, and give the answer
};

struct errand {
    enum errand_kind kind;
    bool all_names; // ERRAND_WHY
    uint16_t type;
    struct name name; // looks into `wire`
    uint8_t wire[NAME_OCTETS_MAX];
    struct loop *bell; // of whoever waits
    atomic_bool done;
    struct buffer reply;        // ERRAND_TRACE: a JSON object; ERRAND_WHY: an array of failures
    struct parcel *found;       // ERRAND_FIND: the answer; NULL: the resolver dropped the question
    struct errand *next_orphan; // the sender's, once nobody wants it any more
    // The worker's.
    struct errand *next;
    uint64_t token;
    struct trace trace;
};

struct errand *errand_make(enum errand_kind kind, struct name name, uint16_t type,
                           struct loop *bell) __attribute__((returns_nonnull, warn_unused_result));
void errand_free(struct errand *errand) __attribute__((nonnull));

// On the worker's thread. False: it is not over; errand_end() will be called with its answer. True:
// it is the sender's again, and may be gone already.
bool errand_begin(struct errand *errand, struct resolver *resolver, struct rules *rules,
                  uint64_t now_us) __attribute__((nonnull, warn_unused_result));
// The answer; NULL: the resolver dropped the question.
void errand_end(struct errand *errand, const struct answer *answer) __attribute__((nonnull(1)));
