// What kind of reply is this? One pure function, one word for each kind.
#pragma once

#include "resolve/chain.h"
#include "resolve/heard.h"

enum reply_kind {
    KIND_ANSWER,    // the type stands at the name, or at the end of its chain
    KIND_ALIAS,     // a chain that leads on, to a name that this reply does not tell about
    KIND_NODATA,    // the name (or the chain's last) has no such type
    KIND_NXDOMAIN,  // it does not exist
    KIND_REFERRAL,  // to the servers of a zone further down
    KIND_UPWARD,    // a referral to where we come from, or higher: it does not know the zone
    KIND_LAME,      // not authoritative, and nothing to go on with
    KIND_TRUNCATED, // TC: the rest is to be had over TCP
    KIND_FORMERR,   // it did not understand the question
    KIND_NOTIMP,    // nor what kind of question it is
    KIND_BADVERS,   // nor our version of EDNS
    KIND_BADCOOKIE, // it wants to see its cookie first (RFC 7873)
    KIND_REFUSED,   // it does not want to say
    KIND_SERVFAIL,  // it cannot say
    KIND_ODD,       // an RCODE that no query gets
};

struct classify_question {
    struct chain_question chain;
    bool recursive; // it was asked to do the walking: neither AA nor a referral is expected
    bool hearsay;   // nobody else answers: what a cache says is taken
};

struct classified {
    enum reply_kind kind;
    struct chain chain; // of all kinds up to NXDOMAIN
    struct name cut;    // of a referral
    bool has_soa;       // NODATA, NXDOMAIN: an SOA came that may speak for the name
    uint8_t cut_wire[NAME_OCTETS_MAX];
};

void classify(const struct heard *heard, const struct classify_question *question,
              struct classified *classified) __attribute__((nonnull));
// "a referral", "REFUSED": for people.
const char *classify_word(enum reply_kind kind) __attribute__((returns_nonnull));
