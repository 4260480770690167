// Asks on their way to other servers: sockets for datagrams, and streams.
//
// UDP (outbound_udp.c): each ask has a socket of its own while it waits. Sockets are opened
// beforehand, each bound to a port that we drew ourselves (RFC 5452 9.2; not the kernel's choice)
// and connected once; one is used again only towards the same address and port, at most
// OUTBOUND_USES_MAX times, and is closed after a time-out or anything suspicious. With
// don't-fragment (RFC 9715).
//
// TCP (outbound_tcp.c): a connection for each server, used by many asks at once (RFC 7766 6.2.1),
// kept a while. Replies are matched to asks by their ID; over one connection no two asks have the
// same.
//
//   outbound_send(outbound, &ask)             each ask of the resolver (ASK_CANCEL too)
//   a descriptor of ours is ready             outbound_ready(outbound, tag, ready)
//   while (outbound_next(outbound, &event))   replies and failures, for the resolver
//       verdict = resolver_reply(...)         outbound_verdict(outbound, &event, verdict)
//   each turn                                 outbound_rest(outbound, now_ms)
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "dns/ask.h"
#include "net/loop.h"

struct outbound;

struct outbound_options {
    struct loop *loop;           // its descriptors are sources of this loop
    uint8_t udp_kind, tcp_kind;  // with tags of these kinds
    struct address from4, from6; // bind to these; size 0: the system's choice
};

// NULL: out of memory.
struct outbound *outbound_open(const struct outbound_options *options)
    __attribute__((nonnull, warn_unused_result));
void outbound_close(struct outbound *outbound);

// Sends, or takes back. What cannot be sent comes out of outbound_next as a failure; nothing here
// waits. At most OUTBOUND_ASKS_MAX at once, failures that were not taken yet included.
void outbound_send(struct outbound *outbound, const struct ask *ask, uint64_t now_ms)
    __attribute__((nonnull));
void outbound_ready(struct outbound *outbound, struct loop_tag tag, uint32_t ready, uint64_t now_ms)
    __attribute__((nonnull));

struct outbound_event {
    uint32_t number; // the ask's
    bool failed;     // then `failure` says how; else octets are a reply that came for it
    enum ask_failure failure;
    uint8_t *octets; // good until the next call; who takes them may write to them
    uint32_t size;
    uint32_t place; // outbound's own
};
bool outbound_next(struct outbound *outbound, struct outbound_event *event)
    __attribute__((nonnull, warn_unused_result));
// What the resolver thought of a reply: must be told before the next outbound_next.
void outbound_verdict(struct outbound *outbound, const struct outbound_event *event,
                      enum reply_verdict verdict) __attribute__((nonnull));
// Closes what is idle, opens sockets for later (a few each turn). Milliseconds until it wants to be
// called again, -1: not before something happens.
int outbound_rest(struct outbound *outbound, uint64_t now_ms) __attribute__((nonnull));

struct outbound_counts {
    uint64_t sent_udp, sent_tcp, opened, reused, failed;
    uint32_t waiting, sockets, connections; // now
};
void outbound_count(const struct outbound *outbound, struct outbound_counts *counts)
    __attribute__((nonnull));
