// Sockets for asks over UDP: one for each ask while it waits.
//
//   spare    bound to a port that we drew, in epoll, connected to nobody. Anything that comes to it
//            burns it: it is closed. So who looks for our ports by trying them all (SAD DNS,
//            CVE-2020-25705) destroys what he finds.
//   waiting  connected to a server, with one ask
//   idle     connected, kept for the next ask to the same server. Anything that comes burns it.
//
//   spare -> waiting -> idle -> waiting -> ... -> closed
//
// One part of outbound (outbound.h); sockets are told in `opened`, uses of idle ones in `reused`.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"
#include "net/outbound.h"
#include "net/outbound_asks.h"
#include "net/outbound_parts.h"

struct outbound_socket;

struct outbound_udp {
    struct loop *loop;
    struct outbound_asks *asks;
    uint8_t kind;
    struct address from[2]; // IPv4, IPv6
    bool used[2];           // that family is asked
    struct hash_key key;
    struct outbound_socket *sockets;
    struct outbound_link *links;
    uint32_t *pools; // buckets of idle sockets, by server
    struct outbound_list spare[2], idle, ready;
    uint32_t spare_count[2];
    uint32_t unused, touched, open;
    uint64_t refill_ms; // not before: the last time it failed
    uint32_t turn;      // of outbound_rest
    uint8_t *datagram;  // the last that was read
    uint64_t sent, opened, reused;
};

// False: out of memory; then it can be closed like any.
bool outbound_udp_open(struct outbound_udp *udp, const struct outbound_options *options,
                       struct outbound_asks *asks) __attribute__((nonnull, warn_unused_result));
void outbound_udp_close(struct outbound_udp *udp) __attribute__((nonnull));

// Sends the ask with this place. 0 or a negative errno.
int outbound_udp_send(struct outbound_udp *udp, uint32_t place, const struct ask *ask)
    __attribute__((nonnull, warn_unused_result));
// Takes it back, and closes its socket.
void outbound_udp_cancel(struct outbound_udp *udp, uint32_t place) __attribute__((nonnull));
void outbound_udp_ready(struct outbound_udp *udp, struct loop_tag tag) __attribute__((nonnull));
// The next datagram. False: none; but asks may have failed by this.
bool outbound_udp_next(struct outbound_udp *udp, struct outbound_event *event)
    __attribute__((nonnull, warn_unused_result));
void outbound_udp_verdict(struct outbound_udp *udp, uint32_t place, enum reply_verdict verdict,
                          uint64_t now_ms) __attribute__((nonnull));
// Closes the socket that can best be spared. False: there is none.
bool outbound_udp_shed(struct outbound_udp *udp) __attribute__((nonnull));
// As outbound_rest.
int outbound_udp_rest(struct outbound_udp *udp, uint64_t now_ms) __attribute__((nonnull));
