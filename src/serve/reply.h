// An answer becomes bytes: the only place where a reply is written and where truncation is decided.
#pragma once

#include "dns/answer.h"
#include "dns/query.h"
#include "serve/serve.h"

// All that a reply is made of.
struct reply {
    const struct query *query;
    const struct answer *answer;
    const struct identity *identity;
    const struct hash_key *secret; // of the query's key
    bool nsid;                     // these four: the option goes out
    bool cookie;
    bool keepalive;
    bool subnet;           // RFC 7871: the answer is for the client that was told of
    bool recursion;        // RA: this client may have it here
    uint16_t keepalive_ds; // RFC 7828: 100 ms
    uint8_t cookie_octets[COOKIE_SIZE];
    struct tsig *tsig; // a TSIG record to end with, NULL: none
    uint64_t date_s;   // of its signature
    uint32_t start;    // the record that RRsets begin with, modulo their count
};

// Writes the reply over the query in `packet` (its question stays where it is) and sets its size.
// Returns true if TC was set.
bool reply_encode(const struct reply *reply, struct packet *packet) __attribute__((nonnull));
