// Streams for asks over TCP: one for each server as a rule, with many asks at once.
//
//   connecting  asks wait to be sent
//   open        with asks; replies come in any order and find theirs by ID (RFC 7766 7)
//   idle        without; kept OUTBOUND_IDLE_MS for the next one. Anything that comes ends it.
//   doubted     an ask was cancelled, so the server may be gone or slow: gets no new asks, and is
//               closed with its last one
//
// An ask whose ID is taken, or which finds its server's streams full, gets another stream.
//
// One part of outbound (outbound.h).
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"
#include "net/outbound.h"
#include "net/outbound_asks.h"
#include "net/outbound_parts.h"

struct outbound_stream;

struct outbound_tcp {
    struct loop *loop;
    struct outbound_asks *asks;
    uint8_t kind;
    struct address from[2]; // IPv4, IPv6
    struct hash_key key;
    struct outbound_stream *streams;
    struct outbound_link *links; // in `idle` or `ready`
    uint32_t *buckets;           // of streams, by server
    struct outbound_list idle, ready;
    uint32_t unused, touched, open;
    // The stream that is being read, and what came.
    uint32_t reader;
    uint8_t *in;
    uint32_t in_at, in_size;
    uint64_t sent, opened;
};

// False: out of memory; then it can be closed like any.
bool outbound_tcp_open(struct outbound_tcp *tcp, const struct outbound_options *options,
                       struct outbound_asks *asks) __attribute__((nonnull, warn_unused_result));
void outbound_tcp_close(struct outbound_tcp *tcp) __attribute__((nonnull));

// Sends the ask with this place, or keeps it until the stream takes it. 0 or a negative errno.
int outbound_tcp_send(struct outbound_tcp *tcp, uint32_t place, const struct ask *ask)
    __attribute__((nonnull, warn_unused_result));
void outbound_tcp_cancel(struct outbound_tcp *tcp, uint32_t place, uint64_t now_ms)
    __attribute__((nonnull));
void outbound_tcp_ready(struct outbound_tcp *tcp, struct loop_tag tag, uint32_t ready)
    __attribute__((nonnull));
// The next reply. False: none; but asks may have failed by this.
bool outbound_tcp_next(struct outbound_tcp *tcp, struct outbound_event *event, uint64_t now_ms)
    __attribute__((nonnull, warn_unused_result));
void outbound_tcp_verdict(struct outbound_tcp *tcp, uint32_t place, enum reply_verdict verdict)
    __attribute__((nonnull));
// Closes the stream that was idle longest. False: there is none.
bool outbound_tcp_shed(struct outbound_tcp *tcp) __attribute__((nonnull));
// As outbound_rest.
int outbound_tcp_rest(struct outbound_tcp *tcp, uint64_t now_ms) __attribute__((nonnull));
