// Answers from what is known already: the cache, aliases followed. Used by serve for every query
// that is not ours, before anything else is done (the hot path: no allocation, no lock), and by a
// task each time that it looks anew.
//
// Only data that may answer clients do so (RFC 2181 5.4.1): from the answer section of a reply, or
// the authority section's word that there is none. Glue and referrals live in delegations.
#pragma once

#include "cache/cache.h"
#include "dns/answer.h"
#include "dns/name.h"
#include "resolve/learned.h"
#include "resolve/rules.h"
#include "resolve/start.h"
#include "zone/zone.h"

struct known_question {
    const struct name_key *key;
    const struct hash_key *secret; // of the key: aliases need keys of their own
    struct name name;              // as asked, for the owner of the first RRset
    uint16_t type;
    bool dnssec_ok;
    const struct start *start; // what is below it is looked for under its source; NULL: none
    const struct zones
        *ours;         // an alias into one of these ends the look: REASON_ALIAS_IN. NULL: none
    bool accept_stale; // an answer past its time is better than none
    // Of a task; NULL and false on the hot path.
    const struct learned *learned; // what it found out itself is looked at first
    bool refresh;                  // what the cache has for the first name does not count
};

enum known_result {
    KNOWN_NOTHING,
    KNOWN_ANSWER, // the answer is filled: positive, negative, or a failure within its time
    KNOWN_AGEING, // the same, and it should be asked for anew
    KNOWN_STALE,  // filled, TTL 30, EDE 3 or 19 (RFC 8767); not all of it is fresh. With
                  // accept_stale, or if it could not be had a moment ago and the rules allow it
    KNOWN_PARTLY, // a chain of aliases that ends in what is not known: the RRsets so far are in
                  // the answer, and *next is the name to go on with
};

// Fills the begun answer. Pointers in it look into the cache: good for this turn.
// tidy: allow parameters: where to look and what for; a struct of them would be made at each query
enum known_result known_answer(const struct cache *cache, const struct rules *rules,
                               const struct known_question *question, uint32_t now_s,
                               struct answer *answer, struct name *next)
    __attribute__((nonnull, warn_unused_result));

// What cache_put is told in `tag` of what a resolver stores.
#define KNOWN_TAG_DNSSEC 1 // it was asked for with DO, so its signatures are there if it has any

// A failure as cache_put keeps it: an EDE code and a text with its NUL.
#define FAILURE_TEXT_MAX 256
