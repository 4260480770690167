// Updates (RFC 2136) and notices (RFC 1996) as they come in: whose zone, and may this client change
// it, or say that it has changed? What an update wants is for the writer of zones to find out
// (transfer/update.h); the client waits, and its reply comes from serve_updated(). A notice is
// noted here and answered at once: however many come, the zone is asked about once.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/access.h"
#include "serve/serve.h"
#include "transfer/update.h"
#include "zone/serial.h"
#include "zone/zonemd_hash.h"

struct updating_zone {
    struct name name;
    uint8_t view;
    enum serial_policy serials;
    enum zonemd_hash make;        // of each version
    bool forwards;                // updates are its primary's to judge
    struct update_policy *policy; // held; NULL: nobody may
    struct access *who;           // of each of its rules
    struct access primaries;      // who may say that it has changed
    atomic_bool notified;         // one has, since somebody has looked
};

// The zones that others can change, in canonical order of their names; shared by count. The names
// are somebody else's. Immutable, but for what is noted of notices.
struct updating {
    atomic_uint holders;
    atomic_bool notified; // one of its zones is
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
    enum zonemd_hash make;
    uint64_t admitted;
    uint64_t token;
    uint32_t size;
    uint8_t view;
    bool forwards;         // to the zone's primary
    const char *view_name; // "": everybody's zone; of as long a life as the server
};
void update_want_free(struct update_want *want); // NULL is fine

// True: it is to be told of, and `notified` of the zone and of all is set.
bool notify_answer(const struct server *server, const struct query *query,
                   const struct packet *packet, struct answer *answer)
    __attribute__((nonnull, warn_unused_result));
// Calls for each zone that was notified since the last call.
void updating_notified(struct updating *updating,
                       void (*tell)(void *context, struct name name, unsigned view), void *context)
    __attribute__((nonnull(1, 2)));

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
