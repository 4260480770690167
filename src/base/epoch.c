// The epoch of epoch.h: liburcu's QSBR flavour behind our own words.
//
// call_rcu wants its caller to be a registered reader that is online (it takes the read lock for a
// moment); whoever is not becomes one for the length of the call.
#include "base/epoch.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include <urcu/urcu-qsbr.h>

#include "base/memory.h"

// What this thread is to the epoch.
enum part { PART_STRANGER, PART_OFFLINE, PART_ONLINE };
static _Thread_local enum part part;

struct retired {
    struct rcu_head head; // first: the callback gets its address
    void (*release)(void *);
    void *what;
};

void epoch_join(void)
{
    assert(part == PART_STRANGER);
    urcu_qsbr_register_thread();
    part = PART_ONLINE;
}

void epoch_leave(void)
{
    assert(part != PART_STRANGER);
    urcu_qsbr_unregister_thread();
    part = PART_STRANGER;
}

void epoch_quiet(void)
{
    assert(part == PART_ONLINE);
    urcu_qsbr_quiescent_state();
}

void epoch_offline(void)
{
    assert(part == PART_ONLINE);
    urcu_qsbr_thread_offline();
    part = PART_OFFLINE;
}

void epoch_online(void)
{
    assert(part == PART_OFFLINE);
    urcu_qsbr_thread_online();
    part = PART_ONLINE;
}

static_assert(offsetof(struct retired, head) == 0, "the head is where the whole begins");

static void release(struct rcu_head *head)
{
    struct retired *retired = (struct retired *)head;
    retired->release(retired->what);
    free(retired);
}

void epoch_retire(void (*release_what)(void *), void *what)
{
    struct retired *retired = memory_get(sizeof *retired);
    retired->release = release_what;
    retired->what = what;
    enum part before = part;
    if (before == PART_STRANGER)
        epoch_join();
    else if (before == PART_OFFLINE)
        epoch_online();
    urcu_qsbr_call_rcu(&retired->head, release);
    if (before == PART_STRANGER)
        epoch_leave();
    else if (before == PART_OFFLINE)
        epoch_offline();
}

void epoch_drain(void)
{
    assert(part != PART_ONLINE);
    urcu_qsbr_barrier();
}
