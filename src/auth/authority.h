// Answers from our own zones: RFC 1034 4.3.2 told as a story over `enum found`.
#pragma once

#include "dns/answer.h"
#include "dns/query.h"
#include "auth/denial.h"
#include "auth/routed.h"
#include "zone/find.h"
#include "zone/flats.h"
#include "zone/zone.h"

struct auth_options {
    bool minimal; // no authority and additional sections where RFC 1034 only allows them
    const struct routes *routes; // NULL: none
    const struct flats *flats;   // what ALIAS records lead to; NULL: none
};

// What a worker has of its own, for answers that need more than the zones: hashing for NSEC3.
struct auth_worker {
    struct nsec3_hasher hasher;
    uint32_t now_s; // CLOCK_BOOTTIME, for what expires: flattened aliases
};
void auth_worker_open(struct auth_worker *worker) __attribute__((nonnull));
void auth_worker_close(struct auth_worker *worker) __attribute__((nonnull));

enum auth_result {
    AUTH_ANSWERED, // the answer is filled, whatever it says
    AUTH_NOT_OURS, // no zone of ours is above the name; the answer is untouched
};

// A query, and what was found out about it ahead of its answer.
struct auth_asked {
    const struct query *query;
    struct auth_client *client; // who asks; needed where there are routes
    const struct zone *zone;    // the deepest one above the name; NULL: not looked for, or none
    bool is_far;                // its image is so large that memory is worth asking for
    bool is_found;              // `finding` is filled
    struct finding finding;     // of the name in that zone
    struct denial_ahead proof;  // that there is none
};
static inline void auth_ask(struct auth_asked *asked, const struct query *query)
{
    asked->query = query;
    asked->client = NULL;
    asked->zone = NULL;
    asked->is_far = asked->is_found = false;
    asked->proof.encloser = NULL;
}

// For a batch, ahead of the answers: finds the zone and asks for the memory that the answer will be
// read from, in three steps with those of other queries between them. The second and the third only
// if is_far.
void auth_look_ahead(const struct zones *zones, struct auth_asked *asked) __attribute__((nonnull));
void auth_look_closer(const struct auth_asked *asked) __attribute__((nonnull));
void auth_look_up(const struct zones *zones, struct auth_worker *worker, struct auth_asked *asked)
    __attribute__((nonnull));

// Fills the (begun) answer to a query of class IN or ANY for a type that may be asked of a zone.
enum auth_result auth_answer(const struct zones *zones, const struct auth_options *options,
                             struct auth_worker *worker, const struct auth_asked *asked,
                             struct answer *answer) __attribute__((nonnull, warn_unused_result));
// What the client wants to know of the zone (ZONE_SERVED) that its answer is from: its version (RFC
// 9660) and, if it asks for the SOA or a transfer, when a copy of it ends (RFC 7314). auth_answer
// has done it already.
void auth_tell_of_zone(const struct zone *zone, const struct query *query, struct answer *answer)
    __attribute__((nonnull));
