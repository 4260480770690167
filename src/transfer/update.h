// Dynamic updates (RFC 2136, RFC 3007): what a message wants of a zone, and whether it may.
//
//     update_zone(message, size, &zone)             whose zone it is about, before all else
//     update_apply(&draft, &request, &outcome)      prerequisites, permission, changes
//
// The draft is changed only if all of the message is good and allowed; then it is changed as a
// whole. What counts as one change and gets a serial is the caller's (daemon/changing.h).
//
// Permission is a list of rules. Which of them a client may use, by its key or address, is found
// out before (serve/update.h); here only names and types are held against them.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/limits.h"
#include "dns/edns.h"
#include "dns/message.h"
#include "dns/name.h"
#include "dns/type.h"
#include "zone/draft.h"

// What one rule lets its clients change.
struct update_rule {
    bool acme;          // only TXT records at names whose first label is _acme-challenge
    struct name *names; // "*.x" is all below x, x itself is x; none: all of the zone
    size_t name_count;
    uint16_t *types; // none: all
    size_t type_count;
};

// All rules of one zone, shared by count.
struct update_policy {
    atomic_uint holders;
    struct arena memory; // what the rules point to
    size_t count;        // at most UPDATE_RULES_MAX
    struct update_rule rules[];
};
struct update_policy *update_policy_make(size_t count)
    __attribute__((returns_nonnull, warn_unused_result));
struct update_policy *update_policy_hold(struct update_policy *policy)
    __attribute__((nonnull, returns_nonnull));
void update_policy_release(struct update_policy *policy); // NULL is fine

// Reads the zone section (RFC 2136 3.1.1): one name, of type SOA. The cursor then stands behind it.
// False: FORMERR.
bool update_zone(struct message *message, struct message_record *zone)
    __attribute__((nonnull, warn_unused_result));

struct update_request {
    const uint8_t *octets;
    size_t size;
    const struct update_policy *policy;
    uint64_t admitted; // bit i: the client may use rules[i]
};

struct update_outcome {
    enum rcode rcode;
    enum ede ede;
    const char *text; // in words, of no end; NULL: the RCODE says it
};

// The zone of the draft is the message's. RCODE_NOERROR: the draft has all of its changes, which
// may be none. Else it is as it was.
void update_apply(struct draft *draft, const struct update_request *request,
                  struct update_outcome *outcome) __attribute__((nonnull));
