// Slots, table, heap and list of tasks (tasks.h).
//
// The heap is binary, by due_us; a task knows its place in it, so that a changed time moves it up
// or down by a few steps and nothing is ever searched.
#include "resolve/tasks.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

bool tasks_open(struct resolver *resolver)
{
    resolver->tasks = malloc(TASKS_MAX * sizeof *resolver->tasks);
    return resolver->tasks && notes_pool_open(&resolver->notes_pool, NOTES_CHUNKS);
}

void tasks_close(struct resolver *resolver)
{
    notes_pool_close(&resolver->notes_pool);
    free(resolver->tasks);
}

// --- equal questions -----------------------------------------------------------------------------

static uint64_t hash_question(const struct task_question *question)
{
    uint64_t flags = (uint64_t)question->type << 16 | question->source;
    flags = flags << 3 | (uint64_t)question->dnssec_ok << 2 |
            (uint64_t)question->checking_disabled << 1 | question->refresh;
    return hash_mix(question->key->hash[question->key->labels] ^ flags, 0x9e3779b97f4a7c15u);
}

static bool is_same(const struct task *task, const struct task_question *question)
{
    return task->type == question->type && task->source == question->source &&
           task->dnssec_ok == question->dnssec_ok &&
           task->checking_disabled == question->checking_disabled &&
           task->refresh == question->refresh && task->rules == question->rules &&
           start_equal(&task->start, &question->start) && name_equal(task->name, question->name);
}

struct task *tasks_find(const struct resolver *resolver, const struct task_question *question)
{
    uint64_t hash = hash_question(question);
    struct task *task = resolver->joining[hash % JOIN_BUCKETS];
    while (task && !(task->hash == hash && is_same(task, question)))
        task = task->next_same;
    return task;
}

void tasks_unjoin(struct resolver *resolver, struct task *task)
{
    if (!task->joined)
        return;
    struct task **at = &resolver->joining[task->hash % JOIN_BUCKETS];
    while (*at != task)
        at = &(*at)->next_same;
    *at = task->next_same;
    task->joined = false;
}

// --- slots ---------------------------------------------------------------------------------------

static struct task *take_slot(struct resolver *resolver)
{
    struct task *task = resolver->spare_tasks;
    if (task)
        resolver->spare_tasks = task->next_spare;
    else if (resolver->tasks_fresh < TASKS_MAX)
        task = &resolver->tasks[resolver->tasks_fresh++];
    return task;
}

// All but the octets that are written when they are used: names, keys, delegation and notes are
// some 5 kB, and clearing them would be a good part of a walk's time.
static void clear(struct task *task)
{
    memset(task, 0, offsetof(struct task, delegation));
}

static void place_name(struct task *task, const struct task_question *question)
{
    memcpy(task->wire, question->name.wire, question->name.size);
    task->name = (struct name){task->wire, question->name.size, question->name.labels};
    // Only the used part of a key is copied.
    unsigned labels = question->key->labels;
    task->key.size = question->key->size;
    task->key.labels = question->key->labels;
    memcpy(task->key.folded, question->key->folded, question->key->size);
    memcpy(task->key.start, question->key->start, labels + 1);
    memcpy(task->key.hash, question->key->hash, (labels + 1) * sizeof task->key.hash[0]);
}

// The question's start is good for its call only. False: there is no room for it.
static bool keep_start(struct task *task, const struct start *start)
{
    task->start = *start;
    if (!start->cut.size)
        return true;
    task->start.octets = notes_copy(&task->notes, start->octets, start->size);
    if (!task->start.octets ||
        !delegation_unpack(task->start.octets, start->size, &task->delegation))
        return false;
    task->start.cut = task->delegation.cut;
    return true;
}

struct task *tasks_make(struct resolver *resolver, const struct task_question *question)
{
    struct task *task = take_slot(resolver);
    if (!task)
        return NULL;
    clear(task);
    task->number = resolver->next_number++;
    task->due_us = UINT64_MAX;
    task->rules = rules_hold(question->rules);
    task->type = question->type;
    task->source = question->source;
    task->dnssec_ok = question->dnssec_ok;
    task->checking_disabled = question->checking_disabled;
    task->refresh = question->refresh;
    task->unknown = question->unknown;
    task->began_us = resolver->now_us;
    task->end_us = resolver->now_us + (uint64_t)question->rules->time_max_ms * 1000;
    place_name(task, question);
    budget_begin(&task->budget, question->rules->packets_max);
    notes_begin(&task->notes, &resolver->notes_pool);
    task->ede = EDE_NONE;
    task->hash = hash_question(question);
    task->next_same = resolver->joining[task->hash % JOIN_BUCKETS];
    resolver->joining[task->hash % JOIN_BUCKETS] = task;
    task->joined = true;
    resolver->counts.tasks++;
    if (keep_start(task, &question->start))
        return task;
    tasks_free(resolver, task);
    return NULL;
}

void tasks_free(struct resolver *resolver, struct task *task)
{
    assert(!task->first && !task->parents && !task->telling && !task->asks && !task->ready);
    assert(task->role == FLIGHT_NONE);
    tasks_unjoin(resolver, task);
    tasks_set_due(resolver, task, UINT64_MAX);
    notes_free(&task->notes);
    free(task->parcel);
    rules_release(task->rules);
    if (resolver->answer_of == task)
        resolver->answer_of = NULL;
    task->next_spare = resolver->spare_tasks;
    resolver->spare_tasks = task;
    resolver->counts.tasks--;
}

// --- the heap ------------------------------------------------------------------------------------

static void put_at(struct resolver *resolver, struct task *task, uint32_t place)
{
    resolver->heap[place] = task;
    task->due_place = place;
}

static void sift_up(struct resolver *resolver, struct task *task, uint32_t place)
{
    while (place > 1 && resolver->heap[place / 2]->due_us > task->due_us) {
        put_at(resolver, resolver->heap[place / 2], place);
        place /= 2;
    }
    put_at(resolver, task, place);
}

static void sift_down(struct resolver *resolver, struct task *task, uint32_t place)
{
    for (;;) {
        uint32_t child = place * 2;
        if (child > resolver->heap_count)
            break;
        if (child < resolver->heap_count &&
            resolver->heap[child + 1]->due_us < resolver->heap[child]->due_us)
            child++;
        if (resolver->heap[child]->due_us >= task->due_us)
            break;
        put_at(resolver, resolver->heap[child], place);
        place = child;
    }
    put_at(resolver, task, place);
}

static void take_out(struct resolver *resolver, struct task *task)
{
    uint32_t place = task->due_place;
    struct task *last = resolver->heap[resolver->heap_count--];
    task->due_place = 0;
    if (last == task)
        return;
    sift_down(resolver, last, place);
    sift_up(resolver, last, last->due_place);
}

void tasks_set_due(struct resolver *resolver, struct task *task, uint64_t due_us)
{
    if (task->due_place == 0 ? due_us == UINT64_MAX : due_us == task->due_us)
        return;
    if (due_us == UINT64_MAX) {
        take_out(resolver, task);
        task->due_us = due_us;
        return;
    }
    task->due_us = due_us;
    if (task->due_place == 0) {
        assert(resolver->heap_count < TASKS_MAX);
        task->due_place = ++resolver->heap_count;
    }
    sift_down(resolver, task, task->due_place);
    sift_up(resolver, task, task->due_place);
}

struct task *tasks_first_due(const struct resolver *resolver)
{
    return resolver->heap_count ? resolver->heap[1] : NULL;
}

// --- those that can go on ------------------------------------------------------------------------

void tasks_make_ready(struct resolver *resolver, struct task *task)
{
    if (task->ready)
        return;
    task->ready = true;
    task->next_ready = NULL;
    if (resolver->last_ready)
        resolver->last_ready->next_ready = task;
    else
        resolver->first_ready = task;
    resolver->last_ready = task;
}

struct task *tasks_next_ready(struct resolver *resolver)
{
    struct task *task = resolver->first_ready;
    if (!task)
        return NULL;
    resolver->first_ready = task->next_ready;
    if (!resolver->first_ready)
        resolver->last_ready = NULL;
    task->ready = false;
    return task;
}
