// Answers from what is known already: the cache, aliases followed. Used by serve for every query
// that is not ours, before anything else is done (the hot path: no allocation, no lock), and by a
// task each time that it looks anew.
#pragma once

#include "cache/cache.h"
#include "dns/answer.h"
#include "dns/name.h"
#include "resolve/rules.h"

struct known_question {
    const struct name_key *key;
    struct name name; // as asked, for the owner of the first RRset
    uint16_t type;
    bool dnssec_ok;
    bool accept_stale; // an answer past its time is better than none
};

enum known_result {
    KNOWN_NOTHING,
    KNOWN_ANSWER, // the answer is filled: positive, negative, or a failure within its time
    KNOWN_AGEING, // the same, and it should be asked for anew
    KNOWN_STALE,  // accept_stale: filled, TTL 30, EDE 3 or 19 (RFC 8767)
    KNOWN_PARTLY, // a chain of aliases that ends in what is not known: the RRsets so far are in
                  // the answer, and *next is the name to go on with
};

// Fills the begun answer. Pointers in it look into the cache: good for this turn.
enum known_result known_answer(const struct cache *cache, const struct rules *rules,
                               const struct known_question *question, uint32_t now_s,
                               struct answer *answer, struct name *next)
    __attribute__((nonnull, warn_unused_result));

// The deepest delegation that is known at or above the name, as a referral (RFC 1034 4.3.1): NS in
// the authority section, addresses beside it. Built in the answer's scratch. False: none is known.
bool known_referral(const struct cache *cache, const struct rules *rules,
                    const struct known_question *question, uint32_t now_s, struct answer *answer)
    __attribute__((nonnull, warn_unused_result));
