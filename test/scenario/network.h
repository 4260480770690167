// A resolver in a bottle: its time, its network and its luck are those of the test.
//
//   network_open(&network, &options)
//   network_want(&network, &want)          the answer, at once or later, comes to `told`
//   network_run(&network, until_us)        time passes; asks go to `carry`, which says what comes
//                                          back and when: network_reply(), network_fail()
//
// Nothing happens while nobody is called: the same calls and the same seed are the same run. What
// the resolver promised is checked on the way, and the first broken promise is kept in `broken`.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "resolve/resolver.h"
#include "resolve/rules.h"

#define NETWORK_BEGAN_US ((uint64_t)100000 * 1000000) // the machine runs for a day already

// An ask under way.
struct network_ask {
    uint32_t number;
    bool tcp;
    bool over; // replied, failed or cancelled; its place is free
    struct address server;
    uint64_t sent_us;
    uint8_t *octets;
    uint32_t size;
};

// What is on its way to the resolver.
struct parcel {
    uint64_t due_us, order; // equal times: as they were sent
    uint64_t sent_us;       // numbers of asks come back, but a datagram for an old one is lost
    uint32_t number;
    bool failed;
    enum ask_failure failure;
    uint8_t *octets;
    size_t size;
};

struct network_counts {
    uint64_t udp, tcp, cancelled;
    uint64_t replies, taken, ignored, suspect, late; // late: nobody waits for it any more
    uint64_t octets_out, octets_in;
    uint64_t told, told_at_once, dropped;
};

struct network {
    struct resolver *resolver;
    struct cache *cache;
    struct servers *servers;
    struct rules *rules;
    uint64_t now_us, due_us;
    void (*carry)(struct network *network, const struct network_ask *ask);
    // `answer` is NULL for a client that is dropped. May not call the network.
    void (*told)(struct network *network, uint64_t token, const struct answer *answer);
    void *owner;
    struct network_ask *asks;
    size_t ask_count, ask_room, asks_live;
    struct parcel *parcels; // a heap
    size_t parcel_count, parcel_room;
    uint64_t order;
    unsigned idle_calls; // ticks in a row that wanted another one at once
    struct network_counts counts;
    char broken[256];
};

struct network_options {
    struct rules *rules; // held
    uint64_t seed;       // of the resolver's luck; 0: unpredictable
    size_t cache_octets; // 0: 4 MB
    uint32_t stale_s;
    void (*carry)(struct network *network, const struct network_ask *ask);
    void (*told)(struct network *network, uint64_t token, const struct answer *answer);
    void *owner;
};

extern const struct hash_key network_secret; // of all name_keys

// This thread becomes a reader of the cache. Out of memory: abort.
void network_open(struct network *network, const struct network_options *options)
    __attribute__((nonnull));
void network_close(struct network *network) __attribute__((nonnull));

// Asks; `told` may be called before it returns. True: the answer came at once.
bool network_want(struct network *network, const struct want *want) __attribute__((nonnull));
void network_forget(struct network *network, uint64_t token) __attribute__((nonnull));

// For `carry`: octets are copied and come after `delay_us`, if somebody still waits for them then.
void network_reply(struct network *network, uint32_t number, const uint8_t *octets, size_t size,
                   uint64_t delay_us) __attribute__((nonnull));
void network_fail(struct network *network, uint32_t number, enum ask_failure failure,
                  uint64_t delay_us) __attribute__((nonnull));

// The next thing that happens, if it happens until then. False: nothing does, and it is `until_us`.
// With UINT64_MAX time stays where it is when nothing happens any more.
bool network_step(struct network *network, uint64_t until_us) __attribute__((nonnull));
void network_run(struct network *network, uint64_t until_us) __attribute__((nonnull));
// Waits, in the real world's time, until memory that the cache has given up can be used again: the
// epoch's thread knows nothing of the bottle's clock.
void network_reclaim(void);
static inline uint32_t network_seconds(const struct network *network)
{
    return (uint32_t)(network->now_us / 1000000);
}
// Asks over UDP and TCP so far.
static inline uint64_t network_packets(const struct network *network)
{
    return network->counts.udp + network->counts.tcp;
}
