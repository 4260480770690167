// Resolving: questions in, asks out; replies in, answers out. No socket, no clock, no thread.
//
// One resolver belongs to one worker; the cache and the servers below it are shared. The whole of
// it runs in a test, with the time, the network and the luck that the test wants:
//
//   now = resolver_want(resolver, rules, &want, now_us, &answer)
//       RESOLVE_ANSWERED   the answer is filled, from the cache or with the reason why not
//       RESOLVE_WAITING    want.token will come out of resolver_next_resolved()
//   while (resolver_next_ask(resolver, &ask))          send or cancel
//   verdict = resolver_reply(resolver, number, octets, size, now_us)
//   resolver_ask_failed(resolver, number, why, now_us)
//   due_us = resolver_tick(resolver, now_us)           when to call it again at the latest
//   while (resolver_next_resolved(resolver, &resolved)) answer the client of resolved.token
//
// Where there are several workers, equal questions share one walk over all of them:
//
//   resolver_take_letters(resolver, now_us)            once a turn: what others found
//   while (resolver_next_bell(resolver, &worker))      wake that worker: it has a letter
//
// After each call that takes `now_us`, asks and answers may be waiting: take them all, in the same
// turn (what the cache gave is good for no longer).
//
// Every want that waits is resolved exactly once, within its rules' time and a turn, whatever the
// network does. Equal questions share one walk.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/histogram.h"
#include "base/address.h"
#include "base/hash.h"
#include "base/random.h"
#include "cache/cache.h"
#include "cache/server.h"
#include "dns/answer.h"
#include "dns/ask.h"
#include "dns/name.h"
#include "dns/trace.h"
#include "resolve/flights.h"
#include "resolve/known.h"
#include "resolve/rules.h"

struct resolver;

struct resolver_options {
    struct cache *cache;
    struct servers *servers;
    const struct hash_key *secret; // of all name_keys
    struct luck luck;              // IDs, case, choices; seeded only in tests
    struct flights *flights;       // shared with the other workers; NULL: there are none
    unsigned worker;               // which of them
};

// Memory for TASKS_MAX tasks and WAITERS_MAX clients, from limits.h. NULL: out of memory.
struct resolver *resolver_open(const struct resolver_options *options)
    __attribute__((nonnull, warn_unused_result));
void resolver_close(struct resolver *resolver);

// A question of class IN that wants an answer.
struct want {
    struct name name; // copied
    uint16_t type;
    bool dnssec_ok;                 // DO: signatures go along
    bool checking_disabled;         // CD
    bool refresh;                   // what the cache has does not count: a prefetch
    bool unknown;                   // known_answer has just said KNOWN_NOTHING to it
    uint64_t token;                 // comes back with the answer
    const struct address *client;   // for limits for each client; NULL: ourselves
    bool proven;                    // it is there: its address cannot have been forged
    const struct delegation *start; // walk from here: a cut of a zone of ours, at or above the
                                    // name (start.h). Copied. NULL: as always
    struct trace *trace;            // told every step; outlives the answer. NULL: nobody looks
};

// Zones that are not the world's to tell: an alias into one of them ends a walk, and its answer is
// told with REASON_ALIAS_IN. Good until the caller's turn is over: to be told anew at the beginning
// of each, for each view. NULL: none.
void resolver_see_zones(struct resolver *resolver, unsigned view, const struct zones *ours)
    __attribute__((nonnull(1)));

enum resolve_result { RESOLVE_ANSWERED, RESOLVE_WAITING };

enum resolve_result resolver_want(struct resolver *resolver, struct rules *rules,
                                  const struct want *want, uint64_t now_us, struct answer *answer)
    __attribute__((nonnull, warn_unused_result));
// The client is gone (its connection closed): its token does not come out any more.
void resolver_forget(struct resolver *resolver, uint64_t token) __attribute__((nonnull));

// What to send, or to stop waiting for, in order. False: nothing.
bool resolver_next_ask(struct resolver *resolver, struct ask *ask)
    __attribute__((nonnull, warn_unused_result));

// The question in `octets` gets the letters that it has without our mixing them (0x20).
enum reply_verdict resolver_reply(struct resolver *resolver, uint32_t number, uint8_t *octets,
                                  size_t size, uint64_t now_us)
    __attribute__((nonnull, warn_unused_result));
void resolver_ask_failed(struct resolver *resolver, uint32_t number, enum ask_failure failure,
                         uint64_t now_us) __attribute__((nonnull));
// Time-outs, hedges, stale answers. Returns when it wants to be called again; UINT64_MAX: not
// before something else happens.
uint64_t resolver_tick(struct resolver *resolver, uint64_t now_us) __attribute__((nonnull));

// What other workers found out about questions that clients wait for here.
void resolver_take_letters(struct resolver *resolver, uint64_t now_us) __attribute__((nonnull));
// A worker that has got letters, each once; whoever owns it is to see to it that it looks soon.
bool resolver_next_bell(struct resolver *resolver, unsigned *worker)
    __attribute__((nonnull, warn_unused_result));
// This worker is about to end: those who wait for its walks go on by themselves.
void resolver_hand_over(struct resolver *resolver) __attribute__((nonnull));

struct resolved {
    uint64_t token;
    const struct answer *answer; // good until the next call; NULL: drop the client (DNSBomb)
};
bool resolver_next_resolved(struct resolver *resolver, struct resolved *resolved)
    __attribute__((nonnull, warn_unused_result));

// The last questions that could not be answered, for `onym why`: newest first, at most
// RESOLVER_FAILURES_MAX. Returns how many were written to `failures`.
#define RESOLVER_FAILURES_MAX 64
struct resolver_failure {
    struct name name; // looks into `wire`
    uint16_t type;
    int16_t ede;
    uint64_t when_us;
    char text[FAILURE_TEXT_MAX];
    uint8_t wire[NAME_OCTETS_MAX];
};
unsigned resolver_failures(const struct resolver *resolver, struct resolver_failure *failures,
                           unsigned most) __attribute__((nonnull));

struct resolver_counts {
    uint64_t wants, joined, shared, answered, failed, stale, dropped;
    uint64_t asks_udp, asks_tcp, replies, ignored, suspect, timeouts, limits;
    uint64_t crowded;              // walks that ended since too many were at the zone
    struct histogram walks;        // from the first question to the end, of clients' questions
    struct histogram rtt;          // from an ask to its reply
    uint32_t tasks, waiters, asks; // now
    uint32_t walking;              // of them at servers of a zone, and counted there
};
void resolver_count(const struct resolver *resolver, struct resolver_counts *counts)
    __attribute__((nonnull));
