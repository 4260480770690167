// A task that another worker walks, and one that others wait for (away.h).
//
// Only questions of clients board, and only once: what a walk needs on its way (addresses of
// servers) is walked where it is needed, and a task that is away and is needed here comes home. So
// no walk ever waits for another worker, and no circle can close over two of them.
#include "resolve/away.h"

#include <assert.h>
#include <stdlib.h>

#include "resolve/task.h"

static struct flight flight_of(const struct resolver *resolver, const struct task *task)
{
    unsigned flags = (unsigned)task->dnssec_ok << 2 | (unsigned)task->checking_disabled << 1 |
                     (unsigned)task->refresh;
    return (struct flight){
        .hash = task->hash,
        .name = task->name,
        .rules = task->rules,
        .start = task->start.octets,
        .start_size = task->start.size,
        .type = task->type,
        .source = task->source,
        .flags = (uint8_t)flags,
        .worker = (uint16_t)resolver->options.worker,
        .slot = (uint32_t)(task - resolver->tasks),
        .number = task->number,
        .until_us = task->end_us,
    };
}

bool away_go(struct resolver *resolver, struct task *task)
{
    // Whoever looks on wants to see the walk.
    if (!resolver->options.flights || task->boarded || task->depth > 0 || task->parents ||
        task->priming || task->trace)
        return false;
    task->boarded = true;
    task->flight = flight_of(resolver, task);
    task->role = flights_board(resolver->options.flights, &task->flight);
    if (task->role != FLIGHT_WAITS)
        return false;
    resolver->counts.shared++;
    task_goto(task, TASK_AWAY);
    return true;
}

void away_come_home(struct resolver *resolver, struct task *task)
{
    if (task->state != TASK_AWAY)
        return;
    flights_leave(resolver->options.flights, &task->flight);
    task->role = FLIGHT_NONE;
    task_goto(task, TASK_LOOKUP);
    tasks_make_ready(resolver, task);
}

static void tell_others(struct resolver *resolver, struct task *task, bool answered)
{
    struct flight_seat seats[FLIGHT_SEATS_MAX];
    unsigned count = flights_land(resolver->options.flights, &task->flight, seats);
    if (count > 0 && answered)
        task_answer(resolver, task);
    for (unsigned i = 0; i < count; i++) {
        struct parcel *parcel = answered ? parcel_make(&resolver->answer) : NULL;
        (void)flights_send(resolver->options.flights, &seats[i], parcel);
        resolver->bells[seats[i].worker / 64] |= (uint64_t)1 << seats[i].worker % 64;
    }
}

void away_end(struct resolver *resolver, struct task *task, bool answered)
{
    enum flight_role role = task->role;
    task->role = FLIGHT_NONE;
    switch (role) {
    case FLIGHT_NONE: break;
    case FLIGHT_WALKS: tell_others(resolver, task, answered); break;
    case FLIGHT_WAITS: flights_leave(resolver->options.flights, &task->flight); break;
    }
}

bool away_is_waited_for(struct resolver *resolver, struct task *task)
{
    if (task->role != FLIGHT_WALKS)
        return false;
    uint64_t until_us = flights_wanted_until(resolver->options.flights, &task->flight);
    if (until_us <= resolver->now_us)
        return false;
    task->ours = true;
    task->end_us = until_us;
    return true;
}

// The task of a letter; NULL: it did not wait so long.
static struct task *addressee(struct resolver *resolver, const struct flight_letter *letter)
{
    assert(letter->slot < resolver->tasks_fresh);
    struct task *task = &resolver->tasks[letter->slot];
    return task->number == letter->number && task->state == TASK_AWAY ? task : NULL;
}

static void take(struct resolver *resolver, struct flight_letter *letter)
{
    struct task *task = addressee(resolver, letter);
    if (!task) {
        free(letter->parcel);
        return;
    }
    task->parcel = letter->parcel;
    task->role = FLIGHT_NONE; // it landed, or there would be no letter
    task_goto(task, task->parcel ? TASK_DONE : TASK_LOOKUP);
    tasks_make_ready(resolver, task);
}

void away_take_letters(struct resolver *resolver)
{
    if (!resolver->options.flights)
        return;
    struct flight_letter *letter =
        flights_take(resolver->options.flights, resolver->options.worker);
    while (letter) {
        struct flight_letter *next = letter->next;
        take(resolver, letter);
        free(letter);
        letter = next;
    }
}
