// The walk of a question, written down step by step for people: `onym trace`, `onym why`.
//
// A task with a trace tells it what it does, in the words of enum step. Nothing reads a trace to
// decide anything, and a task without one pays a comparison with NULL for each step.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/arena.h"
#include "dns/name.h"

enum step {
    STEP_QUESTION,  // a task begins: name, type
    STEP_KNOWN,     // the cache (or a local name) knew: rcode, ttl_s
    STEP_ALIAS,     // goes on with this name: a CNAME or DNAME
    STEP_ZONE,      // works with this delegation: name = cut; text = why ("deepest known cut",
                    // "hints", "forward zone")
    STEP_MINIMISE,  // asks for this name and type instead (RFC 9156)
    STEP_ASK,       // to: server name, address, transport; text = why it was chosen
    STEP_REPLY,     // rtt_us, rcode, text = what it said in our words ("referral to com.")
    STEP_BAD_REPLY, // text = what is wrong with it
    STEP_TIMEOUT,   // nothing came
    STEP_FAILED,    // could not be asked: text
    STEP_NEED,      // must know another question first: name, type
    STEP_LIMIT,     // a budget is spent: text = which
    STEP_STALE,     // an answer past its time is given
    STEP_DONE,      // rcode, text
};

struct trace_step {
    struct trace_step *next;
    enum step step;
    uint16_t depth;   // of the task: 0 is the client's own question
    uint32_t task;    // a number of the task, so that steps of several can be told apart
    uint64_t at_us;   // since the trace began
    struct name name; // all names and texts are copies in the trace's arena
    uint16_t type;
    struct name server;     // of STEP_ASK and what follows it; size 0: not known by name
    struct address address; // size 0: none
    bool over_tcp;
    uint32_t rtt_us;
    uint16_t rcode;
    uint32_t ttl_s;
    uint32_t ask; // joins STEP_ASK with its STEP_REPLY, STEP_TIMEOUT ...
    const char *text;
};

struct trace {
    struct arena memory;
    struct trace_step *first, *last;
    size_t count; // at most TRACE_STEPS_MAX are kept
    uint64_t began_us;
};

void trace_begin(struct trace *trace, uint64_t now_us) __attribute__((nonnull));
// Copies the step, with its names and its text, and gives it its time.
void trace_add(struct trace *trace, const struct trace_step *step, uint64_t now_us)
    __attribute__((nonnull));
void trace_free(struct trace *trace) __attribute__((nonnull));
// "ask", "reply", "bad-reply": for --json.
const char *trace_word(enum step step);
