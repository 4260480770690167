// Errands of a worker (errand.h): a question resolved with all its steps told, and the ring of
// failures read out.
#include "daemon/errand.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "dns/explain.h"
#include "dns/parcel.h"
#include "resolve/resolver.h"

struct errand *errand_make(enum errand_kind kind, struct name name, uint16_t type,
                           struct loop *bell)
{
    struct errand *errand = memory_get_zeroed(1, sizeof *errand);
    errand->kind = kind;
    errand->type = type;
    errand->bell = bell;
    memcpy(errand->wire, name.wire, name.size);
    errand->name = (struct name){errand->wire, name.size, name.labels};
    return errand;
}

void errand_free(struct errand *errand)
{
    buffer_free(&errand->reply);
    trace_free(&errand->trace);
    free(errand->found);
    free(errand);
}

static void finish(struct errand *errand)
{
    struct loop *bell = errand->bell;
    atomic_store_explicit(&errand->done, true, memory_order_release);
    loop_ring(bell); // the errand is not ours any more
}

static int64_t count_packets(const struct trace *trace)
{
    int64_t packets = 0;
    for (const struct trace_step *step = trace->first; step; step = step->next)
        packets += step->step == STEP_ASK;
    return packets;
}

void errand_end(struct errand *errand, const struct answer *answer)
{
    if (errand->kind == ERRAND_FIND) {
        errand->found = answer ? parcel_make(answer) : NULL;
        finish(errand);
        return;
    }
    struct json json = json_begin(&errand->reply);
    json_open_object(&json, NULL);
    explain_question(errand->name, errand->type, &json);
    if (answer)
        explain_answer(answer, &json);
    else
        json_text(&json, "rcode", "SERVFAIL");
    json_number(&json, "packets", count_packets(&errand->trace));
    json_double(&json, "ms", errand->trace.last ? (double)errand->trace.last->at_us / 1000 : 0);
    explain_steps(&errand->trace, &json);
    json_close_object(&json);
    finish(errand);
}

// What is known is not looked at: the answer's time to live is to be a whole one.
static bool find(struct errand *errand, struct resolver *resolver, struct rules *rules,
                 uint64_t now_us)
{
    static _Thread_local struct answer answer;
    struct want want = {
        .name = errand->name, .type = errand->type, .token = errand->token, .refresh = true};
    answer_begin(&answer);
    if (resolver_want(resolver, rules, &want, now_us, &answer) == RESOLVE_WAITING)
        return false;
    errand_end(errand, &answer);
    return true;
}

static bool trace(struct errand *errand, struct resolver *resolver, struct rules *rules,
                  uint64_t now_us)
{
    static _Thread_local struct answer answer;
    struct want want = {.name = errand->name,
                        .type = errand->type,
                        .token = errand->token,
                        .trace = &errand->trace};
    trace_begin(&errand->trace, now_us);
    answer_begin(&answer);
    if (resolver_want(resolver, rules, &want, now_us, &answer) == RESOLVE_WAITING)
        return false;
    errand_end(errand, &answer);
    return true;
}

static void tell_failures(struct errand *errand, const struct resolver *resolver, uint64_t now_us)
{
    struct resolver_failure *failures = memory_get(RESOLVER_FAILURES_MAX * sizeof *failures);
    unsigned count = resolver_failures(resolver, failures, RESOLVER_FAILURES_MAX);
    struct json json = json_begin(&errand->reply);
    json_open_array(&json, NULL);
    for (unsigned i = 0; i < count; i++) {
        const struct resolver_failure *failure = &failures[i];
        struct name name = {failure->wire, failure->name.size, failure->name.labels};
        if (!errand->all_names && !name_equal(name, errand->name))
            continue;
        json_open_object(&json, NULL);
        explain_question(name, failure->type, &json);
        json_number(&json, "ede", failure->ede);
        json_text(&json, "text", failure->text);
        json_double(&json, "ago_s", (double)(now_us - failure->when_us) / 1e6);
        json_close_object(&json);
    }
    json_close_array(&json);
    free(failures);
    finish(errand);
}

bool errand_begin(struct errand *errand, struct resolver *resolver, struct rules *rules,
                  uint64_t now_us)
{
    switch (errand->kind) {
    case ERRAND_TRACE: return trace(errand, resolver, rules, now_us);
    case ERRAND_FIND: return find(errand, resolver, rules, now_us);
    case ERRAND_WHY: tell_failures(errand, resolver, now_us); break;
    }
    return true;
}
