// Packet in, packet out. READ THIS FIRST.
//
//   1 query_decode   bytes -> struct query;  FORMERR, NOTIMP, BADVERS end here
//   2 admit          which view; may this client have this? (access, cookie; later rate limit)
//   3 find_answer    CHAOS identity, then our zones; then, for whom access allows, names of this
//                    machine, the cache, the resolver (recurse.c)
//   4 reply_encode   struct answer -> bytes, in the packet's memory; truncation is decided there
//
// The four steps run as stages over a batch, so that cache misses of different queries overlap. No
// allocation, no lock, no atomic read-modify-write; nothing here touches a socket or a clock.
//
// What is not known yet is deferred: the query waits in a slot (deferrals.h), and when the resolver
// has its answer, serve_late() makes the reply.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/authority.h"
#include "base/address.h"
#include "base/hash.h"
#include "base/random.h"
#include "policy/access.h"
#include "policy/cookie.h"
#include "resolve/local.h"
#include "resolve/resolver.h"
#include "serve/stats.h"
#include "serve/deferrals.h"
#include "zone/zone.h"

struct board;
struct places;
struct outgoing;
struct tsig;
struct tsig_keys;
struct update_want;
struct updating;
struct view;

struct identity {          // RFC 4892, 5001; octets without a NUL; size 0: not told
    uint8_t hostname[255]; // hostname.bind, id.server
    uint8_t version[255];  // version.bind, version.server
    uint8_t nsid[NSID_MAX];
    uint8_t hostname_size, version_size, nsid_size;
};

// What all workers answer from: immutable, belongs to a house, replaced by a reload.
struct server {
    struct zones zones;
    struct hash_key secret; // keys all hashes of names; the same for every image
    struct auth_options auth;
    bool rotate; // RRsets begin at a random record
    bool log_queries;
    struct identity identity;
    struct cookie_secret cookies;
    struct tsig_keys
        *keys; // held by the house; NULL: none. The number of a key is its index and one
    struct access transfer;    // who may have whole zones
    struct updating *updating; // held by the house: zones that can be changed; NULL: none
    struct access recurse;     // who may have what is not in our zones
    struct rules *rules;       // how it is found; NULL: not at all
    struct local *local;       // names of this machine's neighbourhood; NULL: none
    struct access ecs;         // whose client-subnet option is believed
    // For auth.routes: what is known of places and of health; NULL: nothing.
    struct places *places;
    struct board *board;
    // What others see (view.h), owned; of a view itself none.
    struct view *views;
    size_t view_count;
    uint8_t number;   // of the view, from 1; 0: everybody's
    uint32_t id;      // of its name; 0: everybody's. It stays over a reload
    const char *name; // of the view; NULL: everybody's
};

// The clocks, as they were read for this batch.
struct serve_now {
    uint64_t us;     // CLOCK_BOOTTIME
    uint32_t s;      // the same in seconds
    uint32_t date_s; // CLOCK_REALTIME
};
static inline struct serve_now serve_now_of(uint64_t now_us, uint64_t date_s)
{
    return (struct serve_now){now_us, (uint32_t)(now_us / 1000000), (uint32_t)date_s};
}

// What one worker has of its own.
struct serve_worker {
    struct stats stats;
    struct dice dice;
    struct auth_worker auth;
    struct serve_slots *slots;  // work memory for a batch; serve_worker_open makes it
    struct follow_links *links; // for answers of many parts
    // For what is not in our zones; the owner of the worker sets them, NULL: no recursion.
    const struct cache *cache;
    struct resolver *resolver;
    struct deferrals *deferrals;
    struct serve_now now;             // of the batch
    uint32_t answered[STATS_SOURCES]; // since the last serve_sent
    struct answer refreshed;          // of what nobody waits for
    uint8_t late[MESSAGE_MAX];        // the reply that serve_late made
};
// `waiting`: with slots for deferred queries.
void serve_worker_open(struct serve_worker *worker, bool waiting) __attribute__((nonnull));
void serve_worker_close(struct serve_worker *worker) __attribute__((nonnull));

enum transport { TRANSPORT_UDP, TRANSPORT_TCP };

// One message: the query in `octets`, answered in the same place.
struct packet {
    uint8_t *octets;
    uint32_t size; // in: of the query. Out: of the reply, 0: say nothing, now or at all
    uint32_t room; // of the memory: at least 1232 (UDP) or 65535 (TCP)
    const struct address *client;
    const struct address
        *local; // where it came in; NULL: unknown. Only needed where there are views
    // Set when it is decoded: how the query is signed, in a slot of the worker's (NULL: it is not),
    // and the number of the key that signed it; 0: none that is good.
    struct tsig *tsig;
    uint32_t key;
    enum transport transport;
    uint16_t keepalive_ds; // TCP: idle time to tell (RFC 7828), in 100 ms; ignored over UDP
    bool may_wait;         // in: a late reply can be sent
    // Out: a whole zone is the reply, and is whose who sends (transfer/outgoing.h). NULL: none is.
    struct outgoing *outgoing;
    bool notified; // out: a primary has said that a zone has changed (update.h)
    // Out: a change of a zone that whoever received it passes on (update.h), and then owns. NULL:
    // it is none.
    struct update_want *update;
    struct deferral *deferral; // out: the reply comes from serve_late; whoever sends it notes the
        // `origin` before anything else of this worker is called. NULL: it does
        // not
};

// Answers `count` (1 to BATCH_MAX) packets.
void serve_batch(const struct server *server, struct serve_worker *worker, struct packet *packets,
                 unsigned count, const struct serve_now *now) __attribute__((nonnull));

// The replies of all batches since the last call have been sent; `now` of those was the same.
void serve_sent(struct serve_worker *worker, uint64_t now_us) __attribute__((nonnull));

#define LATE_FOREIGN ((uint64_t)1 << 63)

// A reply to a query that was deferred.
struct late {
    const uint8_t *octets; // good until the next call
    uint32_t size;         // 0: there is no reply, and nobody waits for one any more
    enum transport transport;
    struct origin origin;
    // What somebody else asked of the worker's resolver, with LATE_FOREIGN in its token: nothing of
    // the above is set then.
    uint64_t foreign;            // the token; 0: it is a reply to a query
    const struct answer *answer; // NULL: dropped
};
// Takes the next one that the resolver has. False: there is none.
bool serve_late(const struct server *server, struct serve_worker *worker,
                const struct serve_now *now, struct late *late)
    __attribute__((nonnull, warn_unused_result));
