// The insides of a resolver, for its own files only: tasks, who waits for them, what they asked.
//
//   waiter  a client (or ourselves, for a refresh) that wants a task's answer
//   task    one question being resolved; equal questions are one task
//   need    a task that waits for another task: the address of a server
//   ask     a message to a server that has not been answered
//
//   waiters --> task --needs--> task --asks--> servers
//
// All of them are slots of pools that were sized when the resolver was opened. Slots are used anew
// in the order that keeps them in the CPU's cache: the one given back last is given out first.
#pragma once

#include "resolve/asking.h"
#include "resolve/budget.h"
#include "resolve/failures.h"
#include "resolve/flights.h"
#include "resolve/learned.h"
#include "resolve/minimise.h"
#include "resolve/notes.h"
#include "resolve/resolver.h"
#include "resolve/scrub.h"
#include "resolve/start.h"

#define NOTES_CHUNKS  (2 * TASKS_MAX)
#define TASK_ASKS_MAX 4 // open at once: the last one, and those that may still be answered
#define FAULTS_MAX    4 // servers that the text of a failure names
#define RESENDS_MAX   2 // to one server, because of BADCOOKIE, FORMERR, BADVERS
// Steps through tasks that wait for each other, when looking for a circle or charging a packet.
#define ABOVE_MAX 256

enum task_state {
    TASK_LOOKUP,
    TASK_DELEGATE,
    TASK_CHOOSE,
    TASK_ASK,
    TASK_READ,
    TASK_NEED,
    TASK_AWAY,
    TASK_VALIDATE,
    TASK_DONE
};

enum fate {
    FATE_WAITS,
    FATE_ANSWER, // the task is done: what it found, or why it failed
    FATE_STALE,  // an answer past its time, for now (RFC 8767)
    FATE_LATE,   // its time is up
    FATE_DROP,   // no answer at all
};

struct client;
struct waiter {
    struct waiter *previous, *next; // of the task's, or of those to be told
    struct waiter *same_token;      // with the same hash of the token
    struct task *task;              // NULL: FATE_DROP from the start
    struct client *client;
    struct trace *trace;
    uint64_t token, began_us, deadline_us, stale_us;
    enum fate fate;
    bool proven; // the client's address
};

// How many waiters an address has; an IPv6 client is its /64.
struct client {
    struct client *next; // in its bucket, or of the spare ones
    uint64_t prefix;
    bool ipv6;
    uint32_t count;
};

struct need {
    struct task *parent, *child;  // child NULL: unused
    struct need *previous, *next; // of the child's
    uint16_t type;
    uint8_t host; // of parent->delegation
};

struct fault {
    struct address server;
    const char *what;
};

enum ask_state { ASK_FREE, ASK_TO_SEND, ASK_SENT, ASK_TO_CANCEL };
struct ask_slot {
    struct ask_slot *previous, *next; // in the queue to the outside
    struct ask_slot *sibling;         // of the same task, newest first
    struct task *task;
    uint32_t number;
    enum ask_state state;
    bool over_tcp, edns, mixed, timed_out;
    bool other_case; // it is asked again over TCP since a reply had letters of another case
    uint8_t address; // of task->delegation
    uint8_t labels;  // of the goal that it asks for
    bool whole;
    uint8_t resends;
    uint16_t type;
    uint16_t load; // where the server's asks are counted
    uint32_t size;
    uint64_t sent_us, silent_us; // from then on it counts as silent
    uint64_t hedge_us;           // another one is asked beside it; UINT64_MAX: was
    uint64_t late_us;            // what is taken back after that counts as silent as well
    struct address server;
    uint8_t octets[ASKING_OCTETS_MAX];
};

struct task {
    struct task *next_spare, *next_same, *next_ready;
    uint32_t number, due_place; // in the heap, from 1; 0: in none
    uint64_t due_us;
    enum task_state state;
    bool ready, joined; // in the list of those to run; in the table of questions
    uint8_t depth;      // 0: a client's own

    // the question
    struct rules *rules;
    uint64_t hash;
    struct name name;
    uint16_t type, source;
    bool dnssec_ok, checking_disabled, refresh, priming;
    struct start start; // in the notes
    bool unknown;       // the first LOOKUP has been made: there is nothing

    // who wants it
    struct waiter *first, *last;
    struct need *parents;
    bool ours;        // it is walked to its end though nobody waits
    uint32_t telling; // waiters that have been served from it and not yet been told
    uint64_t began_us, end_us;
    struct trace *trace;

    // who walks it, of all workers (away.h)
    bool boarded;          // it was offered to the others, or asked for from them: once is enough
    enum flight_role role; // ours to know; that in `flight` is the table's
    struct flight flight;
    struct parcel *parcel; // what another worker found

    // what it knows
    struct notes notes;
    struct learned *learned;
    struct budget budget;
    bool may_be_stale; // an answer past its time may be in the cache: not looked for yet, or there

    // where it is
    struct name goal;           // the question's name, or what an alias led to
    bool placed;                // `delegation` is of this goal
    uint16_t zone_counter;      // where the walk is counted, from 1; 0: nowhere (quota.h)
    uint64_t delegation_end_us; // the parent's word is good until then
    struct minimise minimise;
    uint32_t excluded;   // a bit for each address that has said that it will not help
    uint32_t hearsay_of; // a bit for each address that answered without authority ...
    bool hearsay;        // ... whose word is taken by now
    bool glue_taken;     // addresses that only parents gave are in `delegation`, too
    uint8_t needs_made;  // for this delegation
    uint16_t sought[2];  // a bit for each host that was looked for: its A, its AAAA
    struct need needs[REFERRAL_NEEDS_MAX];
    struct ask_slot *asks;
    uint8_t ask_count;
    uint8_t tries[DELEGATION_ADDRESSES_MAX];

    // how it ended
    bool failed, keep_failure;
    uint16_t rcode;
    int16_t ede;
    const char *why; // a constant, or in the notes
    uint8_t fault_count;
    struct fault faults[FAULTS_MAX];

    struct delegation delegation;
    uint8_t wire[NAME_OCTETS_MAX];
    uint8_t goal_wire[NAME_OCTETS_MAX];
    struct name_key key, goal_key;
};

#define JOIN_BUCKETS   (2 * TASKS_MAX)
#define TOKEN_BUCKETS  WAITERS_MAX
#define CLIENT_BUCKETS WAITERS_MAX
#define LOAD_COUNTERS  8192

// Walks at the servers of zones of one hash.
struct zone_counter {
    uint16_t walks, bound;
};

struct resolver {
    struct resolver_options options;
    const struct zones *ours[VIEWS_MAX + 1]; // of this turn
    uint64_t now_us;
    uint8_t cookie_key[16];
    struct resolver_counts counts;
    uint64_t bells[(WORKERS_MAX + 63) / 64]; // a bit for each worker that has a letter of ours
    uint32_t next_number;
    uint64_t priming_us; // not primed again before

    struct notes_pool notes_pool;
    struct task *tasks;
    uint32_t tasks_fresh;
    struct task *spare_tasks;
    struct task *joining[JOIN_BUCKETS];
    struct task *heap[TASKS_MAX + 1]; // by due_us, from 1
    uint32_t heap_count;
    struct task *first_ready, *last_ready;
    struct task *told; // done and served: given back at the next call

    struct waiter *waiters;
    uint32_t waiters_fresh;
    struct waiter *spare_waiters;
    struct waiter *tokens[TOKEN_BUCKETS];
    struct waiter *first_resolved, *last_resolved;
    struct client *clients;
    uint32_t clients_fresh;
    struct client *spare_clients;
    struct client *client_buckets[CLIENT_BUCKETS];

    struct ask_slot *asks;
    uint32_t asks_fresh;
    struct ask_slot *spare_asks; // by `next`
    struct ask_slot *first_out, *last_out;
    uint16_t load[LOAD_COUNTERS]; // asks on their way to servers of one hash
    struct zone_counter zones[ZONE_COUNTERS];

    struct failures failures;
    struct answer answer;   // being told, or being looked for
    struct task *answer_of; // whose it is: several waiters are told the same
    char text[FAILURE_TEXT_MAX];
    struct heard heard;
    struct scrub scrub;
    struct classified classified;
    uint8_t packed[DELEGATION_OCTETS_MAX];
};

static inline uint32_t resolver_now_s(const struct resolver *resolver)
{
    return (uint32_t)(resolver->now_us / 1000000);
}
