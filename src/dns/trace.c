// The steps of a walk, kept in the order in which they were taken (trace.h).
#include "dns/trace.h"

#include <string.h>

#include "base/limits.h"

void trace_begin(struct trace *trace, uint64_t now_us)
{
    *trace = (struct trace){.began_us = now_us};
}

static struct name copy_name(struct trace *trace, struct name name)
{
    return name.size ? name_trust(arena_copy(&trace->memory, name.wire, name.size)) : name;
}

void trace_add(struct trace *trace, const struct trace_step *step, uint64_t now_us)
{
    if (trace->count == TRACE_STEPS_MAX)
        return;
    struct trace_step *kept = arena_copy(&trace->memory, step, sizeof *step);
    kept->next = NULL;
    kept->at_us = now_us > trace->began_us ? now_us - trace->began_us : 0;
    kept->name = copy_name(trace, step->name);
    kept->server = copy_name(trace, step->server);
    if (step->text)
        kept->text = arena_copy(&trace->memory, step->text, strlen(step->text) + 1);
    if (trace->last)
        trace->last->next = kept;
    else
        trace->first = kept;
    trace->last = kept;
    trace->count++;
}

void trace_free(struct trace *trace)
{
    arena_free(&trace->memory);
    *trace = (struct trace){0};
}

const char *trace_word(enum step step)
{
    switch (step) {
    case STEP_QUESTION: return "question";
    case STEP_KNOWN: return "known";
    case STEP_ALIAS: return "alias";
    case STEP_ZONE: return "zone";
    case STEP_MINIMISE: return "minimise";
    case STEP_ASK: return "ask";
    case STEP_REPLY: return "reply";
    case STEP_BAD_REPLY: return "bad-reply";
    case STEP_TIMEOUT: return "timeout";
    case STEP_FAILED: return "failed";
    case STEP_NEED: return "need";
    case STEP_LIMIT: return "limit";
    case STEP_STALE: return "stale";
    case STEP_DONE: return "done";
    }
    return "done";
}
