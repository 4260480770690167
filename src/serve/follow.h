// Answers that lead on, from our zones into the world and back, until somebody says the last word.
//
//   an alias out of our zones          the world goes on at its target
//   a cut of ours                      the world goes on below it, from our cut
//   an alias of the world into a zone  we go on at its target: what we serve is never asked of
//   of ours                            others
//
// All of it is one answer: CHAIN_MAX aliases at most, AA and the question are the first name's, the
// RCODE is the last one's (RFC 6604 3).
#pragma once

#include "dns/answer.h"
#include "serve/serve.h"

struct follow {
    const struct server *server;
    struct serve_worker *worker;
    const struct query *query; // as the client asked it
    struct packet *packet;
    bool recursion;        // this client may have it
    struct answer *answer; // what has been said so far
    uint64_t end_us;       // for a late reply: nothing is waited for after that; 0: a full time
};

// True: the answer says all now. False: the packet waits, and what has been said waits with it.
bool follow_answer(const struct follow *follow) __attribute__((nonnull, warn_unused_result));
// A name that is in no zone of ours: the same, from the beginning.
bool follow_from_world(const struct follow *follow) __attribute__((nonnull, warn_unused_result));

// Work memory for one answer at a time.
struct follow_links *follow_open(void) __attribute__((returns_nonnull, warn_unused_result));
void follow_close(struct follow_links *links); // NULL is fine
