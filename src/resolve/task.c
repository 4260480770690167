// One question being resolved: a machine of nine states.
//
//    LOOKUP ---known---> VALIDATE ---> DONE
//      | not known           ^
//    DELEGATE                |  NEED ---a child is done---> LOOKUP
//      |                     |   ^  \--a late reply--> READ
//    CHOOSE --no address-----+---+
//      | a server            |
//    ASK --time--> CHOOSE    |
//      | reply               |
//    READ --- LOOKUP (something was learned), DELEGATE (a referral, a name in between),
//             CHOOSE (this server is of no help), ASK (once more, over TCP or without EDNS)
//
//   any state --the budget is spent, nothing left to try--> DONE
//   DELEGATE --the copy of the root knows--> LOOKUP
//   LOOKUP --another worker walks it--> AWAY --its letter--> DONE, or LOOKUP: walk after all
//
//   LOOKUP    what is known now? The chain of aliases is followed as far as it is; its end is the
//             goal. Every state that learned something leads back here: restart, do not resume.
//   DELEGATE  the forwarder, or the deepest cut known above the goal. What is in `delegation` may
//             be trusted to be the parent's word, and nothing in it may answer a client.
//   CHOOSE    the next server of it; none has an address: NEED.
//   ASK       one to TASK_ASKS_MAX asks are open. Those whose patience ended stay open: a late
//             reply is as good as one in time, and a bad one does not end the wait (TuDoor).
//   READ      a reply that matches: classified, scrubbed, stored. It never answers.
//   NEED      one or two children look for a server's address. What they found is put into
//             `delegation` when they are done, before the cache is asked (TTL 0).
//   AWAY      another worker walks this very question: its letter has the answer (flights.h).
//   VALIDATE  a place: what was found passes as it is, unchecked.
//   DONE      waiters are told, parents go on, the slot is given back.
//
// Invariants: task_goto() is the only writer of the state. A task in ASK has an open ask, one in
// NEED a child; all are due at some time, so every task ends. Children never wait, however far
// down, for one above them. What is spent is spent by everybody above.
#include "resolve/task.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "resolve/asks.h"
#include "resolve/away.h"
#include "resolve/delegate.h"
#include "resolve/quota.h"
#include "resolve/read.h"
#include "resolve/waiters.h"

#define TO(state) (1u << TASK_##state)

static const unsigned legal[] = {
    [TASK_LOOKUP] = TO(DELEGATE) | TO(AWAY) | TO(VALIDATE) | TO(DONE),
    [TASK_DELEGATE] = TO(CHOOSE) | TO(LOOKUP) | TO(DONE),
    [TASK_CHOOSE] = TO(ASK) | TO(NEED) | TO(DONE),
    [TASK_ASK] = TO(CHOOSE) | TO(READ) | TO(DONE),
    [TASK_READ] = TO(LOOKUP) | TO(DELEGATE) | TO(CHOOSE) | TO(ASK) | TO(DONE),
    [TASK_NEED] = TO(LOOKUP) | TO(READ) | TO(DONE),
    [TASK_AWAY] = TO(LOOKUP) | TO(DONE),
    [TASK_VALIDATE] = TO(DONE),
    [TASK_DONE] = 0,
};

void task_goto(struct task *task, enum task_state state)
{
    assert(legal[task->state] & 1u << state);
    task->state = state;
}

const char *task_state_word(enum task_state state)
{
    switch (state) {
    case TASK_LOOKUP: return "lookup";
    case TASK_DELEGATE: return "delegate";
    case TASK_CHOOSE: return "choose";
    case TASK_ASK: return "ask";
    case TASK_READ: return "read";
    case TASK_NEED: return "need";
    case TASK_AWAY: return "away";
    case TASK_VALIDATE: return "validate";
    case TASK_DONE: return "done";
    }
    return "";
}

// Several may look at one walk: those who came later have their traces in their waiters, here or at
// the tasks that need this one.
static void tell_others(const struct resolver *resolver, const struct task *task,
                        const struct trace_step *step, const struct trace *told)
{
    for (const struct waiter *waiter = task->first; waiter; waiter = waiter->next)
        if (waiter->trace && waiter->trace != told)
            trace_add(waiter->trace, step, resolver->now_us);
    for (const struct need *need = task->parents; need; need = need->next)
        tell_others(resolver, need->parent, step, told); // they go in no circle
}

void task_tell(const struct resolver *resolver, const struct task *task, struct trace_step step)
{
    if (!task->trace)
        return;
    step.task = task->number;
    step.depth = task->depth;
    trace_add(task->trace, &step, resolver->now_us);
    tell_others(resolver, task, &step, task->trace);
}

// --- budgets -------------------------------------------------------------------------------------

// All tasks above one, itself first, each once. Returns how many; ABOVE_MAX: maybe not all.
static unsigned list_above(struct task *task, struct task *above[static ABOVE_MAX])
{
    unsigned count = 1;
    above[0] = task;
    for (unsigned i = 0; i < count && count < ABOVE_MAX; i++)
        for (struct need *need = above[i]->parents; need && count < ABOVE_MAX; need = need->next) {
            unsigned known = 0;
            while (known < count && above[known] != need->parent)
                known++;
            if (known == count)
                above[count++] = need->parent;
        }
    return count;
}

static bool take(struct task *task, size_t octets)
{
    return octets ? budget_take_octets(&task->budget, octets) : budget_take_packet(&task->budget);
}

bool task_charge(struct resolver *resolver, struct task *task, size_t octets)
{
    struct task *above[ABOVE_MAX];
    unsigned count = task->parents ? list_above(task, above) : 1;
    for (unsigned i = 1; i < count; i++)
        if (!take(above[i], octets))
            tasks_make_ready(resolver, above[i]);
    return take(task, octets);
}

// --- ends ----------------------------------------------------------------------------------------

void task_fail(struct task *task, enum ede ede, const char *why, bool keep)
{
    task->failed = true;
    task->rcode = RCODE_SERVFAIL;
    task->ede = (int16_t)ede;
    task->why = why;
    task->keep_failure = keep;
    task_goto(task, TASK_DONE);
}

void task_blame(struct task *task, const struct address *server, const char *what)
{
    for (unsigned i = 0; i < task->fault_count; i++)
        if (address_equal(&task->faults[i].server, server)) {
            task->faults[i].what = what;
            return;
        }
    if (task->fault_count < FAULTS_MAX)
        task->faults[task->fault_count++] = (struct fault){*server, what};
}

static void unlink_need(struct need *need)
{
    assert(need->child);
    *(need->previous ? &need->previous->next : &need->child->parents) = need->next;
    if (need->next)
        need->next->previous = need->previous;
    need->child = NULL;
}

void task_leave_needs(struct resolver *resolver, struct task *task)
{
    for (unsigned i = 0; i < REFERRAL_NEEDS_MAX; i++) {
        struct task *child = task->needs[i].child;
        if (!child)
            continue;
        unlink_need(&task->needs[i]);
        task_release(resolver, child);
    }
}

static bool is_wanted(const struct task *task)
{
    return task->first || task->parents || task->ours;
}

// It ends without having come to anything, and nobody is there to be told.
static void drop(struct resolver *resolver, struct task *task)
{
    assert(!is_wanted(task) && !task->ready);
    if (task->state != TASK_DONE)
        task_goto(task, TASK_DONE);
    away_end(resolver, task, false);
    asks_cancel_all(resolver, task);
    task_leave_needs(resolver, task);
    quota_leave(resolver, task);
    tasks_unjoin(resolver, task);
    tasks_set_due(resolver, task, UINT64_MAX);
    if (!task->telling)
        tasks_free(resolver, task);
}

void task_release(struct resolver *resolver, struct task *task)
{
    if (task->state == TASK_DONE) {
        if (!task->telling && !task->ready)
            tasks_free(resolver, task);
    } else if (!is_wanted(task) && !task->ready) {
        drop(resolver, task);
    }
}

// --- answers -------------------------------------------------------------------------------------

static struct known_question question_of(const struct resolver *resolver, const struct task *task)
{
    return (struct known_question){
        .key = &task->key,
        .secret = resolver->options.secret,
        .name = task->name,
        .type = task->type,
        .start = &task->start,
        .ours = resolver->ours[task->rules->view],
        .dnssec_ok = task->dnssec_ok,
        .learned = task->learned,
        .refresh = task->refresh,
    };
}

static enum known_result look(struct resolver *resolver, struct task *task, bool stale,
                              struct name *next)
{
    struct known_question question = question_of(resolver, task);
    if (stale) {
        question.accept_stale = true;
        question.refresh = false;
    }
    resolver->answer_of = NULL;
    answer_begin(&resolver->answer);
    if (task->unknown && !stale) {
        task->unknown = false;
        return KNOWN_NOTHING;
    }
    return known_answer(resolver->options.cache, task->rules, &question, resolver_now_s(resolver),
                        &resolver->answer, next);
}

bool task_answer_stale(struct resolver *resolver, struct task *task)
{
    struct name next;
    if (task->rules->stale_s == 0 || look(resolver, task, true, &next) != KNOWN_STALE)
        return false;
    task_tell(resolver, task,
              (struct trace_step){.step = STEP_STALE, .name = task->name, .type = task->type});
    return true;
}

// "no server of example. answered: 192.0.2.1 timed out, 192.0.2.2 REFUSED"
static void write_why(const struct task *task, char text[static FAILURE_TEXT_MAX])
{
    size_t size = (size_t)snprintf(text, FAILURE_TEXT_MAX, "%s", task->why ? task->why : "");
    for (unsigned i = 0; i < task->fault_count && size < FAILURE_TEXT_MAX - 1; i++) {
        char address[ADDRESS_TEXT_MAX];
        address_print_host(&task->faults[i].server, address);
        int added = snprintf(text + size, FAILURE_TEXT_MAX - size, "%s %s %s", i ? "," : ":",
                             address, task->faults[i].what);
        if (added < 0 || (size_t)added >= FAILURE_TEXT_MAX - size) {
            text[size] = 0; // whole entries only
            return;
        }
        size += (size_t)added;
    }
}

static void answer_failure(struct resolver *resolver, struct task *task)
{
    struct answer *answer = &resolver->answer;
    char text[FAILURE_TEXT_MAX];
    write_why(task, text);
    enum ede ede = task->ede == EDE_NONE ? EDE_NO_REACHABLE_AUTHORITY : (enum ede)task->ede;
    enum rcode rcode = task->rcode ? (enum rcode)task->rcode : RCODE_SERVFAIL;
    answer_fail(answer, rcode, REASON_FAILED, ede, NULL);
    char *copy = answer_scratch(answer, strlen(text) + 1);
    if (copy)
        answer->ede_text = strcpy(copy, text);
}

void task_answer(struct resolver *resolver, struct task *task)
{
    struct name next;
    if (resolver->answer_of == task)
        return;
    if (task->parcel) {
        parcel_open(task->parcel, &resolver->answer);
    } else if (task->failed) {
        if (!task_answer_stale(resolver, task))
            answer_failure(resolver, task);
    } else {
        enum known_result known = look(resolver, task, false, &next);
        if (known == KNOWN_NOTHING || known == KNOWN_PARTLY) // forgotten within this turn
            answer_fail(&resolver->answer, RCODE_SERVFAIL, REASON_FAILED, EDE_OTHER,
                        "the cache had to forget it at once");
    }
    resolver->answer_of = task;
}

void task_answer_late(struct resolver *resolver, struct task *task)
{
    const char *why = task->why; // it may yet find what it looks for
    resolver->answer_of = NULL;
    if (!why)
        task->why = "no answer within the time for a question";
    answer_failure(resolver, task);
    task->why = why;
}

// --- LOOKUP --------------------------------------------------------------------------------------

static void set_goal(struct resolver *resolver, struct task *task, struct name name)
{
    if (task->goal.size && name_equal(task->goal, name))
        return;
    if (task->goal.size)
        task_tell(resolver, task, (struct trace_step){.step = STEP_ALIAS, .name = name});
    memcpy(task->goal_wire, name.wire, name.size);
    task->goal = (struct name){task->goal_wire, name.size, name.labels};
    name_key_make(task->goal, resolver->options.secret, &task->goal_key);
    task->placed = false;
    asks_cancel_all(resolver, task);
    task_leave_needs(resolver, task);
    quota_leave(resolver, task);
}

static unsigned count_aliases(const struct answer *answer)
{
    unsigned aliases = 0;
    for (unsigned i = 0; i < answer->count; i++)
        aliases += answer->rrsets[i].rrset->type == TYPE_CNAME;
    return aliases;
}

static bool look_up(struct resolver *resolver, struct task *task)
{
    struct name next = task->name;
    if (!budget_take_restart(&task->budget)) {
        task_fail(task, EDE_OTHER, task->budget.spent, true);
        return true;
    }
    enum known_result known = look(resolver, task, false, &next);
    if (known != KNOWN_NOTHING && known != KNOWN_PARTLY) {
        resolver->answer_of = task;
        task_tell(resolver, task,
                  (struct trace_step){
                      .step = STEP_KNOWN,
                      .name = task->name,
                      .type = task->type,
                      .rcode = resolver->answer.rcode,
                      .ttl_s = resolver->answer.count ? resolver->answer.rrsets[0].ttl : 0});
        task_goto(task, TASK_VALIDATE);
        return true;
    }
    // What follows is asked for; so many asks for one chain, and no more.
    if (count_aliases(&resolver->answer) >= CHAIN_MAX - 1) {
        task_fail(task, EDE_OTHER, "too many aliases, one after the other", true);
        return true;
    }
    if (away_go(resolver, task))
        return false;
    set_goal(resolver, task, next);
    task_goto(task, TASK_DELEGATE);
    return true;
}

// --- NEED ----------------------------------------------------------------------------------------

static bool would_circle(struct task *task, const struct task *child)
{
    struct task *above[ABOVE_MAX];
    unsigned count = list_above(task, above);
    for (unsigned i = 0; i < count; i++)
        if (above[i] == child)
            return true;
    return count == ABOVE_MAX;
}

static struct need *free_need(struct task *task)
{
    for (unsigned i = 0; i < REFERRAL_NEEDS_MAX; i++)
        if (!task->needs[i].child)
            return &task->needs[i];
    return NULL;
}

static struct task *find_child(struct resolver *resolver, struct task *task, struct name name,
                               uint16_t type, bool *is_new)
{
    *is_new = false;
    struct name_key key;
    name_key_make(name, resolver->options.secret, &key);
    struct task_question question = {.rules = task->rules, .name = name, .type = type, .key = &key};
    if (start_is_above(&task->start, task->rules, name))
        question.start = task->start; // the world may not know this name
    start_find_source(&task->start, task->rules, name, &question.source);
    struct task *child = tasks_find(resolver, &question);
    if (child && would_circle(task, child))
        return NULL;
    if (child) {
        away_come_home(resolver, child);
        return child;
    }
    child = tasks_make(resolver, &question);
    if (!child)
        return NULL;
    child->depth = (uint8_t)(task->depth + 1);
    child->trace = task->trace;
    *is_new = true;
    tasks_make_ready(resolver, child);
    return child;
}

bool task_need(struct resolver *resolver, struct task *task, unsigned host, uint16_t type)
{
    struct need *need = free_need(task);
    if (!need || task->depth >= TASK_DEPTH_MAX)
        return false;
    // It costs a packet more than those that it will send: questions that bring up questions are
    // what composed attacks are made of (CAMP), and honest ones need a few.
    if (!task_charge(resolver, task, 0))
        return false;
    struct name name = task->delegation.hosts[host].name;
    bool is_new;
    struct task *child = find_child(resolver, task, name, type, &is_new);
    if (!child)
        return false;
    *need = (struct need){.parent = task,
                          .child = child,
                          .next = child->parents,
                          .type = type,
                          .host = (uint8_t)host};
    if (child->parents)
        child->parents->previous = need;
    child->parents = need;
    if (is_new)
        task_tell(resolver, child,
                  (struct trace_step){.step = STEP_QUESTION, .name = name, .type = type});
    task_tell(resolver, task, (struct trace_step){.step = STEP_NEED, .name = name, .type = type});
    return true;
}

// What a child found out goes to the parent by value: with a TTL of 0 it is nowhere else.
static void give_addresses(const struct answer *answer, const struct need *need)
{
    for (unsigned i = 0; i < answer->count; i++) {
        const struct answer_rrset *entry = &answer->rrsets[i];
        if (entry->section == SECTION_ANSWER && entry->rrset->type == need->type)
            delegation_add_addresses(&need->parent->delegation, entry->rrset, need->host);
    }
}

// --- DONE ----------------------------------------------------------------------------------------

static void remember_failure(struct resolver *resolver, struct task *task)
{
    struct resolver_failure failure = {
        .name = task->name, .type = task->type, .ede = task->ede, .when_us = resolver->now_us};
    write_why(task, failure.text);
    failures_note(&resolver->failures, &failure);
    if (!task->keep_failure || task->rcode != RCODE_SERVFAIL)
        return;
    uint32_t ttl = failures_ttl(&resolver->failures, task->hash, resolver_now_s(resolver));
    uint8_t payload[2 + FAILURE_TEXT_MAX];
    size_t size = strlen(failure.text) + 1;
    bytes_put16(payload, (uint16_t)task->ede);
    memcpy(payload + 2, failure.text, size);
    struct cache_key key = {&task->key, task->key.labels, task->type, task->source};
    struct cache_put put = {.kind = CACHE_FAILURE,
                            .rank = RANK_ANSWER,
                            .ttl_s = ttl,
                            .owner = task->name,
                            .payload = payload,
                            .payload_size = (uint32_t)(2 + size)};
    cache_put(resolver->options.cache, &key, &put, resolver_now_s(resolver));
}

static void wake_parents(struct resolver *resolver, struct task *task)
{
    bool useful = task->parents && !task->failed;
    if (useful)
        task_answer(resolver, task);
    while (task->parents) {
        struct need *need = task->parents;
        struct task *parent = need->parent;
        if (useful)
            give_addresses(&resolver->answer, need);
        unlink_need(need);
        if (parent->state == TASK_NEED)
            tasks_make_ready(resolver, parent);
    }
}

static void finish(struct resolver *resolver, struct task *task)
{
    asks_cancel_all(resolver, task);
    task_leave_needs(resolver, task);
    quota_leave(resolver, task);
    tasks_unjoin(resolver, task);
    tasks_set_due(resolver, task, UINT64_MAX);
    if (task->failed)
        remember_failure(resolver, task);
    if (task->depth == 0 && !task->parcel) // else it is a part of a walk, or another worker's
        histogram_add(&resolver->counts.walks, resolver->now_us - task->began_us, 1);
    away_end(resolver, task, true);
    task_tell(resolver, task,
              (struct trace_step){.step = STEP_DONE,
                                  .name = task->name,
                                  .type = task->type,
                                  .rcode = task->failed ? task->rcode : RCODE_NOERROR,
                                  .text = task->why});
    wake_parents(resolver, task);
    task->ours = false;
    while (task->first)
        waiters_resolve(resolver, task->first, FATE_ANSWER);
    task_release(resolver, task);
}

// --- the run -------------------------------------------------------------------------------------

static void end_if_spent(struct resolver *resolver, struct task *task)
{
    if (!task->budget.spent || task->state == TASK_DONE)
        return;
    resolver->counts.limits++;
    task_tell(resolver, task, (struct trace_step){.step = STEP_LIMIT, .text = task->budget.spent});
    task_fail(task, EDE_OTHER, task->budget.spent, true);
}

// One step. False: it waits.
static bool step(struct resolver *resolver, struct task *task)
{
    switch (task->state) {
    case TASK_LOOKUP: return look_up(resolver, task);
    case TASK_DELEGATE: return delegate_find(resolver, task);
    case TASK_CHOOSE: return delegate_choose(resolver, task);
    case TASK_VALIDATE: task_goto(task, TASK_DONE); return true;
    case TASK_READ: // left by the one who entered it
    case TASK_ASK:
    case TASK_NEED:
    case TASK_AWAY:
    case TASK_DONE: break;
    }
    return false;
}

static void run(struct resolver *resolver, struct task *task)
{
    if (!is_wanted(task)) {
        task_release(resolver, task);
        return;
    }
    if (task->state == TASK_NEED && !task->budget.spent)
        task_goto(task, TASK_LOOKUP);
    do
        end_if_spent(resolver, task);
    while (step(resolver, task));
    if (task->state == TASK_DONE)
        finish(resolver, task);
    else
        task_set_due(resolver, task);
}

void task_run_all(struct resolver *resolver)
{
    struct task *task;
    while ((task = tasks_next_ready(resolver)))
        run(resolver, task);
}

// --- time ----------------------------------------------------------------------------------------

void task_set_due(struct resolver *resolver, struct task *task)
{
    uint64_t due = UINT64_MAX;
    for (const struct ask_slot *ask = task->asks; ask; ask = ask->sibling)
        if (!ask->timed_out)
            due = ask->hedge_us < due ? ask->hedge_us : ask->silent_us < due ? ask->silent_us : due;
    if (task->first && task->first->deadline_us < due)
        due = task->first->deadline_us;
    if (task->first && task->may_be_stale && task->first->stale_us < due)
        due = task->first->stale_us;
    if (task->ours && task->end_us < due)
        due = task->end_us;
    tasks_set_due(resolver, task, due);
}

static void tell_of_time(struct resolver *resolver, struct task *task)
{
    uint64_t now = resolver->now_us;
    while (task->first && task->first->deadline_us <= now)
        waiters_resolve(resolver, task->first, FATE_LATE);
    while (task->first && task->may_be_stale && task->first->stale_us <= now) {
        task->may_be_stale = task_answer_stale(resolver, task);
        if (!task->may_be_stale)
            break;
        waiters_resolve(resolver, task->first, FATE_STALE);
        // RFC 8767 5: the walk goes on, for those who come next.
        task->ours = true;
    }
}

static void tell_silent(struct resolver *resolver, struct task *task, struct ask_slot *ask)
{
    ask->timed_out = true;
    resolver->counts.timeouts++;
    if (ask->other_case)
        read_no_case(resolver, ask);
    else
        servers_timed_out(resolver->options.servers, &ask->server, ask->sent_us, resolver->now_us);
    quota_timed_out(resolver, task, &ask->server);
    task_blame(task, &ask->server, "timed out");
    task_tell(resolver, task,
              (struct trace_step){.step = STEP_TIMEOUT,
                                  .address = ask->server,
                                  .over_tcp = ask->over_tcp,
                                  .ask = ask->number});
}

// Those that should have answered by now count as silent. True: another one is to be asked; their
// asks stay open.
static bool look_at_asks(struct resolver *resolver, struct task *task)
{
    bool any = false;
    for (struct ask_slot *ask = task->asks; ask; ask = ask->sibling) {
        if (!ask->timed_out && ask->silent_us <= resolver->now_us)
            tell_silent(resolver, task, ask);
        if (ask->hedge_us > resolver->now_us)
            continue;
        ask->hedge_us = UINT64_MAX;
        any = true;
    }
    return any;
}

// Is there an ask that may well be answered yet?
static bool has_patience(const struct task *task)
{
    const struct ask_slot *ask = task->asks;
    while (ask && ask->timed_out)
        ask = ask->sibling;
    return ask != NULL;
}

void task_be_due(struct resolver *resolver, struct task *task)
{
    tell_of_time(resolver, task);
    if (task->end_us <= resolver->now_us && !away_is_waited_for(resolver, task))
        task->ours = false;
    if (!is_wanted(task)) {
        // The question has had all of its time, and the next one may not have it at once
        // (RFC 9520).
        if (resolver->now_us >= task->end_us) {
            task->ours = true;
            bool own = task->state != TASK_AWAY; // else whoever walks it will say what came of it
            task_fail(task, EDE_NO_REACHABLE_AUTHORITY, "no answer within the time for a question",
                      own);
            tasks_make_ready(resolver, task);
        } else {
            task_release(resolver, task);
        }
        return;
    }
    bool hedge = look_at_asks(resolver, task);
    if (task->state == TASK_ASK && (hedge || !has_patience(task)))
        task_goto(task, TASK_CHOOSE);
    tasks_make_ready(resolver, task);
}
