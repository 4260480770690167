// Updates (RFC 2136) as they come in: whose zone, and may this client change it at all? What they
// want is for the writer of zones to find out (transfer/update.h); the client waits, and its reply
// comes from serve_updated().
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/access.h"
#include "serve/serve.h"
#include "transfer/update.h"
#include "zone/serial.h"

struct updating_zone {
    struct name name;
    uint8_t view;
    enum serial_policy serials;
    struct update_policy *policy; // held; NULL: nobody may
    struct access *who;           // of each of its rules
};

// The zones that can be changed, in canonical order of their names; shared by count. The names are
// somebody else's.
struct updating {
    atomic_uint holders;
    size_t count;
    struct updating_zone list[];
};
struct updating *updating_make(size_t count) __attribute__((returns_nonnull, warn_unused_result));
struct updating *updating_hold(struct updating *updating); // NULL is fine
void updating_release(struct updating *updating);          // NULL is fine

// What a worker has to pass on: the packet's octets and this. Its owner frees it with
// update_want_free().
struct update_want {
    struct zone *zone;            // held
    struct update_policy *policy; // held
    enum serial_policy serials;
    uint64_t admitted;
    uint64_t token;
    uint32_t size;
    uint8_t view;
    const char *view_name; // "": everybody's zone; of as long a life as the server
};
void update_want_free(struct update_want *want); // NULL is fine

// False: packet->update and packet->deferral are set, and the answer comes later.
bool update_answer(const struct server *server, struct serve_worker *worker,
                   const struct query *query, struct packet *packet, struct answer *answer)
    __attribute__((nonnull, warn_unused_result));

// What came of the update with this token.
struct updated {
    uint64_t token;
    struct update_outcome outcome;
};
// The reply to an update that was passed on. False: nobody waits any more.
bool serve_updated(const struct server *server, struct serve_worker *worker,
                   const struct updated *updated, const struct serve_now *now, struct late *late)
    __attribute__((nonnull, warn_unused_result));
