// Packet in, packet out. READ THIS FIRST.
//
//   1 query_decode   bytes -> struct query;  FORMERR, NOTIMP, BADVERS end here
//   2 admit          may this client have this? (access, cookie; later view and rate limit)
//   3 find_answer    CHAOS identity, then our zones; later rules, cache and resolver
//   4 reply_encode   struct answer -> bytes, in the packet's memory; truncation is decided there
//
// The four steps run as stages over a batch, so that cache misses of different queries overlap. No
// allocation, no lock, no atomic read-modify-write; nothing here touches a socket or a clock.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/authority.h"
#include "base/address.h"
#include "base/hash.h"
#include "base/random.h"
#include "policy/cookie.h"
#include "serve/stats.h"
#include "zone/zone.h"

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
};

// What one worker has of its own.
struct serve_worker {
    struct stats stats;
    struct dice dice;
    struct auth_worker auth;
    struct serve_slots *slots; // work memory for a batch; serve_worker_open makes it
};
void serve_worker_open(struct serve_worker *worker) __attribute__((nonnull));
void serve_worker_close(struct serve_worker *worker) __attribute__((nonnull));

enum transport { TRANSPORT_UDP, TRANSPORT_TCP };

// One message: the query in `octets`, answered in the same place.
struct packet {
    uint8_t *octets;
    uint32_t size; // in: of the query. Out: of the reply, 0: say nothing
    uint32_t room; // of the memory: at least 1232 (UDP) or 65535 (TCP)
    const struct address *client;
    enum transport transport;
    uint16_t keepalive_ds; // TCP: idle time to tell (RFC 7828), in 100 ms; ignored over UDP
};

// Answers `count` (1 to BATCH_MAX) packets. `date_s` is CLOCK_REALTIME in seconds (for cookies).
void serve_batch(const struct server *server, struct serve_worker *worker, struct packet *packets,
                 unsigned count, uint32_t date_s) __attribute__((nonnull));
