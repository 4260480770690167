// The front of the resolver (resolver.h): wants in, answers out, asks and replies passed on.
//
// Every call first gives back what the last one told of, then does its own, then lets all tasks
// run that can.
#include "resolve/resolver.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "dns/type.h"
#include "resolve/asks.h"
#include "resolve/away.h"
#include "resolve/quota.h"
#include "resolve/read.h"
#include "resolve/task.h"
#include "resolve/waiters.h"

struct resolver *resolver_open(const struct resolver_options *options)
{
    struct resolver *resolver = calloc(1, sizeof *resolver);
    if (!resolver)
        return NULL;
    resolver->options = *options;
    if (!tasks_open(resolver) || !waiters_open(resolver) || !asks_open(resolver)) {
        resolver_close(resolver);
        return NULL;
    }
    quota_open(resolver);
    for (unsigned i = 0; i < sizeof resolver->cookie_key; i += 4) {
        uint32_t word = luck_get32(&resolver->options.luck);
        memcpy(resolver->cookie_key + i, &word, sizeof word);
    }
    return resolver;
}

// Takes a task apart whatever it is doing; those that it needs are taken apart as well.
static void end_task(struct resolver *resolver, struct task *task)
{
    away_end(resolver, task, false);
    free(task->parcel);
    while (task->first)
        waiters_forget(resolver, task->first->token);
    asks_cancel_all(resolver, task);
    notes_free(&task->notes);
    rules_release(task->rules);
    task->rules = NULL;
}

void resolver_close(struct resolver *resolver)
{
    for (uint32_t i = 0; i < resolver->tasks_fresh; i++)
        resolver->tasks[i].due_us = 0;
    for (struct task *task = resolver->spare_tasks; task; task = task->next_spare)
        task->due_us = UINT64_MAX - 1; // a spare slot holds nothing
    for (uint32_t i = 0; i < resolver->tasks_fresh; i++)
        if (resolver->tasks[i].due_us != UINT64_MAX - 1)
            end_task(resolver, &resolver->tasks[i]);
    asks_close(resolver);
    waiters_close(resolver);
    tasks_close(resolver);
    free(resolver);
}

// What was told with the last call may go.
static void begin(struct resolver *resolver, uint64_t now_us)
{
    struct task *told = resolver->told;
    resolver->told = NULL;
    if (now_us > resolver->now_us)
        resolver->now_us = now_us;
    // A new turn may have begun, and what the cache gave in the last one may be gone.
    if (now_us)
        resolver->answer_of = NULL;
    if (told)
        task_release(resolver, told);
}

void resolver_see_zones(struct resolver *resolver, unsigned view, const struct zones *ours)
{
    assert(view <= VIEWS_MAX);
    resolver->ours[view] = ours;
}

// --- wants ---------------------------------------------------------------------------------------

static struct known_question known_of(const struct resolver *resolver, const struct want *want,
                                      const struct task_question *question)
{
    return (struct known_question){.key = question->key,
                                   .start = &question->start,
                                   .ours = resolver->ours[question->rules->view],
                                   .secret = resolver->options.secret,
                                   .name = want->name,
                                   .type = want->type,
                                   .dnssec_ok = want->dnssec_ok};
}

// A new task for a question. NULL: no slot.
static struct task *start(struct resolver *resolver, const struct task_question *question,
                          struct trace *trace)
{
    struct task *task = tasks_make(resolver, question);
    if (!task)
        return NULL;
    task->trace = trace;
    task_tell(resolver, task,
              (struct trace_step){.step = STEP_QUESTION, .name = task->name, .type = task->type});
    tasks_make_ready(resolver, task);
    return task;
}

static bool is_askable(uint16_t type)
{
    return type == TYPE_ANY || (type != 0 && !type_is_meta(type));
}

// True: the answer is filled. A question of which nothing is known is marked so.
static bool is_known(struct resolver *resolver, struct rules *rules, struct task_question *question,
                     const struct want *want, struct answer *answer)
{
    struct known_question known = known_of(resolver, want, question);
    struct name next;
    answer_begin(answer);
    if (want->refresh || want->unknown)
        return false;
    enum known_result result = known_answer(resolver->options.cache, rules, &known,
                                            resolver_now_s(resolver), answer, &next);
    if (result == KNOWN_AGEING && rules->prefetch && !rules->quiet) {
        struct task_question again = *question;
        again.refresh = true;
        struct task *task = tasks_find(resolver, &again) ? NULL : start(resolver, &again, NULL);
        if (task)
            task->ours = true;
        task_run_all(resolver);
    }
    question->unknown = result == KNOWN_NOTHING;
    return result != KNOWN_NOTHING && result != KNOWN_PARTLY;
}

static enum resolve_result refuse(struct resolver *resolver, struct answer *answer,
                                  const char *text)
{
    resolver->counts.limits++;
    answer_fail(answer, RCODE_SERVFAIL, REASON_FAILED, EDE_OTHER, text);
    return RESOLVE_ANSWERED;
}

// Who looks at a walk that has begun is told of it from here on.
static void tell_joined(struct resolver *resolver, struct task *task, struct trace *trace)
{
    struct trace_step step = {
        .step = STEP_QUESTION, .task = task->number, .name = task->name, .type = task->type};
    trace_add(trace, &step, resolver->now_us);
    step = (struct trace_step){.step = STEP_ZONE,
                               .task = task->number,
                               .text = "is being walked already; what came before is not told"};
    if (task->placed)
        step.name = task->delegation.cut;
    trace_add(trace, &step, resolver->now_us);
    if (!task->trace)
        task->trace = trace; // the others: task_tell finds them
}

static void join(struct resolver *resolver, struct task *task, const struct want *want)
{
    if (!want->trace)
        return;
    tell_joined(resolver, task, want->trace);
    away_come_home(resolver, task); // there are no steps to be seen elsewhere
}

static enum resolve_result wait(struct resolver *resolver, const struct task_question *question,
                                const struct want *want, struct answer *answer)
{
    struct task *task = tasks_find(resolver, question);
    bool is_new = !task;
    if (!is_new) {
        resolver->counts.joined++;
        join(resolver, task, want);
    } else {
        task = start(resolver, question, want->trace);
        if (!task)
            return refuse(resolver, answer, "too many questions are being resolved");
        task->may_be_stale = question->rules->stale_s > 0;
    }
    if (!waiters_add(resolver, task, want)) {
        // Past its share: the newest goes (resolver.h). It says nothing, which costs nothing.
        resolver->counts.limits++;
        if (!waiters_drop(resolver, want))
            return refuse(resolver, answer, "too many clients are waiting");
    }
    if (!is_new)
        task_set_due(resolver, task);
    task_run_all(resolver);
    return RESOLVE_WAITING;
}

// A trace of what was known at once: there was no task.
static void tell_known(struct resolver *resolver, const struct want *want,
                       const struct answer *answer)
{
    struct trace_step step = {.step = STEP_QUESTION, .name = want->name, .type = want->type};
    if (!want->trace)
        return;
    trace_add(want->trace, &step, resolver->now_us);
    step.step = answer->reason == REASON_STALE ? STEP_STALE : STEP_KNOWN;
    step.rcode = answer->rcode;
    step.ttl_s = answer->count ? answer->rrsets[0].ttl : 0;
    step.text = answer->ede_text;
    trace_add(want->trace, &step, resolver->now_us);
}

// The start of a want, packed into the resolver's memory: good for the call.
static struct start start_of(struct resolver *resolver, const struct rules *rules,
                             const struct want *want, const struct name_key *key)
{
    const struct delegation *from = want->start;
    if (!from)
        return (struct start){0};
    assert(name_is_within(want->name, from->cut));
    return (struct start){.cut = from->cut,
                          .source = start_source(rules, key->hash[from->cut.labels]),
                          .ttl_s = from->ttl_s,
                          .octets = resolver->packed,
                          .size = (uint32_t)delegation_pack(from, resolver->packed)};
}

enum resolve_result resolver_want(struct resolver *resolver, struct rules *rules,
                                  const struct want *want, uint64_t now_us, struct answer *answer)
{
    struct name_key key;
    begin(resolver, now_us);
    resolver->counts.wants++;
    answer_begin(answer);
    if (!is_askable(want->type)) {
        answer_fail(answer, RCODE_NOTIMP, REASON_BAD_QUERY, EDE_NOT_SUPPORTED, NULL);
        return RESOLVE_ANSWERED;
    }
    name_key_make(want->name, resolver->options.secret, &key);
    struct task_question question = {.rules = rules,
                                     .name = want->name,
                                     .type = want->type,
                                     .dnssec_ok = want->dnssec_ok,
                                     .checking_disabled = want->checking_disabled,
                                     .refresh = want->refresh,
                                     .key = &key,
                                     .start = start_of(resolver, rules, want, &key),
                                     .unknown = want->unknown};
    if (!start_find_source(&question.start, rules, want->name, &question.source)) {
        answer_fail(answer, RCODE_REFUSED, REASON_REFUSED, EDE_NOT_AUTHORITATIVE, NULL);
        return RESOLVE_ANSWERED;
    }
    if (is_known(resolver, rules, &question, want, answer)) {
        resolver->counts.answered++;
        tell_known(resolver, want, answer);
        return RESOLVE_ANSWERED;
    }
    return wait(resolver, &question, want, answer);
}

void resolver_forget(struct resolver *resolver, uint64_t token)
{
    begin(resolver, 0);
    struct task *task = waiters_forget(resolver, token);
    if (!task)
        return;
    if (task->state != TASK_DONE)
        task_set_due(resolver, task);
    task_release(resolver, task);
}

// --- asks and replies ----------------------------------------------------------------------------

bool resolver_next_ask(struct resolver *resolver, struct ask *ask)
{
    return asks_next_out(resolver, ask);
}

enum reply_verdict resolver_reply(struct resolver *resolver, uint32_t number, uint8_t *octets,
                                  size_t size, uint64_t now_us)
{
    begin(resolver, now_us);
    struct ask_slot *ask = asks_find(resolver, number);
    if (!ask)
        return REPLY_IGNORED;
    enum reply_verdict verdict = read_reply(resolver, ask, octets, size);
    task_run_all(resolver);
    return verdict;
}

void resolver_ask_failed(struct resolver *resolver, uint32_t number, enum ask_failure failure,
                         uint64_t now_us)
{
    begin(resolver, now_us);
    struct ask_slot *ask = asks_find(resolver, number);
    if (!ask)
        return;
    read_failure(resolver, ask, failure);
    task_run_all(resolver);
}

uint64_t resolver_tick(struct resolver *resolver, uint64_t now_us)
{
    begin(resolver, now_us);
    struct task *task;
    while ((task = tasks_first_due(resolver)) && task->due_us <= resolver->now_us) {
        task_be_due(resolver, task);
        task_run_all(resolver);
    }
    return task ? task->due_us : UINT64_MAX;
}

// --- other workers -------------------------------------------------------------------------------

void resolver_take_letters(struct resolver *resolver, uint64_t now_us)
{
    begin(resolver, now_us);
    away_take_letters(resolver);
    task_run_all(resolver);
}

bool resolver_next_bell(struct resolver *resolver, unsigned *worker)
{
    for (unsigned i = 0; i < sizeof resolver->bells / sizeof resolver->bells[0]; i++) {
        if (!resolver->bells[i])
            continue;
        *worker = i * 64 + (unsigned)__builtin_ctzll(resolver->bells[i]);
        resolver->bells[i] &= resolver->bells[i] - 1;
        return true;
    }
    return false;
}

void resolver_hand_over(struct resolver *resolver)
{
    for (uint32_t i = 0; i < resolver->tasks_fresh; i++)
        if (resolver->tasks[i].role == FLIGHT_WALKS)
            away_end(resolver, &resolver->tasks[i], false);
}

// --- answers -------------------------------------------------------------------------------------

// DNSBomb (CVE-2024-33655): who has much waiting does not get it all at once, late; unless it is
// certain that it was the one who asked, for nobody sends a bomb to himself.
static bool comes_too_late(const struct resolver *resolver, const struct waiter *waiter)
{
    return waiter->client && !waiter->proven && waiter->client->count > LATE_WAITERS_MAX &&
           resolver->now_us - waiter->began_us > LATE_MS * 1000u;
}

static void fill(struct resolver *resolver, const struct waiter *waiter)
{
    struct task *task = waiter->task;
    if (waiter->fate == FATE_ANSWER) {
        task_answer(resolver, task);
        return;
    }
    if (task->state == TASK_DONE && !task->failed) { // it came about in the same turn
        task_answer(resolver, task);
        return;
    }
    if (task_answer_stale(resolver, task))
        return;
    task_answer_late(resolver, task);
}

static void count_answer(struct resolver *resolver)
{
    struct resolver_counts *counts = &resolver->counts;
    switch (resolver->answer.reason) {
    case REASON_FAILED: counts->failed++; break;
    case REASON_STALE: counts->stale++; break;
    default: counts->answered++; break;
    }
}

bool resolver_next_resolved(struct resolver *resolver, struct resolved *resolved)
{
    begin(resolver, 0);
    struct waiter *waiter = waiters_next_resolved(resolver);
    if (!waiter)
        return false;
    struct task *task = waiter->task;
    *resolved = (struct resolved){.token = waiter->token};
    if (waiter->fate == FATE_DROP || comes_too_late(resolver, waiter)) {
        resolver->counts.dropped++;
    } else {
        fill(resolver, waiter);
        count_answer(resolver);
        resolved->answer = &resolver->answer;
    }
    waiters_free(resolver, waiter);
    if (task) {
        task->telling--;
        resolver->told = task;
    }
    return true;
}

unsigned resolver_failures(const struct resolver *resolver, struct resolver_failure *failures,
                           unsigned most)
{
    return failures_list(&resolver->failures, failures, most);
}

void resolver_count(const struct resolver *resolver, struct resolver_counts *counts)
{
    *counts = resolver->counts;
}
