// Proofs that something is not there, from the chain of a signed zone (zone/chain.h).
//
//                       NSEC (RFC 4035 3.1.3)           NSEC3 (RFC 5155 7.2)
//   the type is not     the name's own; that which      the name's own; under opt-out, where it
//                       covers an empty non-terminal    has none: closest provable encloser, next
//                                                       closer name (7.2.3, 7.2.4, 7.2.7)
//   the name is not     covers the name; covers "*",    closest encloser, next closer name; covers
//                       or matches it (no such type     "*", or matches it (7.2.2, 7.2.5)
//                       at the wildcard)
//   a wildcard said     covers the name                 covers the next closer name (7.2.6)
//
// They are collected while an answer is looked for, since each step of a chain of aliases may need
// one from the zone of that step, and put into its authority section at the end. One record that
// proves two things stands there once.
//
// Only the next closer name is hashed: what matches or covers names that exist is known from when
// the image was built (struct node_hashed).
#pragma once

#include "base/limits.h"
#include "dns/answer.h"
#include "dns/query.h"
#include "dnssec/nsec3.h"
#include "zone/chain.h"
#include "zone/find.h"
#include "zone/image.h"

// The proof that a name is not there, looked for ahead of the answer.
struct denial_ahead {
    const struct name_key *key;    // of the name that was asked
    const struct node *encloser;   // the closest one; NULL: nothing is looked for
    const struct node *proof;      // NULL: not yet; what covers the name (NSEC), or the next closer
    struct chain_place place;      // NSEC: where that was begun to look for
    bool begun;                    // NSEC3: its hash is, and has to be ended
    struct nsec3_begun beginning;  // of that
    uint8_t hash[NSEC3_HASH_SIZE]; // NSEC3: of the next closer name
};

struct denial {
    struct nsec3_hasher *hasher;
    const struct denial_ahead *ahead; // of the name that was asked
    unsigned count;
    struct denial_proof {
        const struct image *image; // of the zone that it is in
        const struct node *owner;  // of an NSEC or NSEC3
    } proofs[ANSWER_PROOFS_MAX];
};

static inline void denial_begin(struct denial *denial, struct nsec3_hasher *hasher,
                                const struct denial_ahead *ahead)
{
    denial->hasher = hasher;
    denial->ahead = ahead;
    denial->count = 0;
}

// Each adds what there is: nothing for a zone without a chain. `key` is the name that was looked
// for.
//
// `node`, at or above the name, does not have the type. Of a cut: DS, when it is asked for and with
// a referral (RFC 4035 3.1.4, RFC 5155 7.2.4 and 7.2.7).
void denial_of_type(struct denial *denial, const struct image *image, const struct name_key *key,
                    const struct node *node) __attribute__((nonnull));
// The name does not exist; nor does the wildcard of its closest encloser, or it does without the
// type.
void denial_of_name(struct denial *denial, const struct image *image, const struct name_key *key,
                    const struct node *encloser) __attribute__((nonnull));
// The name does not exist: a wildcard answered in its stead.
void denial_of_closer_name(struct denial *denial, const struct image *image,
                           const struct name_key *key, const struct node *encloser)
    __attribute__((nonnull));

// Ahead of the answers of a batch, for a client that wants proofs: asks the memory for what proves
// that what was found has not the type. If there is nothing of the name, it first looks for where
// the proof of that will be found (ahead->encloser is set); then, with other queries between, ends
// the hash that this takes, and then finds it.
void denial_look_ahead(struct denial_ahead *ahead, struct nsec3_hasher *hasher,
                       const struct image *image, const struct query *query,
                       const struct finding *finding) __attribute__((nonnull));
void denial_end_hash(struct denial_ahead *ahead, const struct nsec3_hasher *hasher,
                     const struct image *image) __attribute__((nonnull));
void denial_look_closer(struct denial_ahead *ahead, const struct image *image)
    __attribute__((nonnull));

// Puts what was collected into the authority section, with its RRSIGs. All of it is required.
void denial_put(const struct denial *denial, struct answer *answer) __attribute__((nonnull));
