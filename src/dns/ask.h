// What the resolver wants said to another server, and what can come of it.
//
// The resolver makes asks and takes replies; it opens no socket and reads no clock. Whoever has
// sockets (net/outbound in the daemon, a script in a test) carries them:
//
//   while (resolver_next_ask(resolver, &ask))          send it, or stop waiting for it
//   a datagram or a message comes for ask `number`     resolver_reply(...) -> enum reply_verdict
//   it could not be sent, the stream broke             resolver_ask_failed(...)
//
// Time-outs are the resolver's own affair (resolver_tick): it cancels asks that it has given up.
#pragma once

#include <stdint.h>

#include "base/address.h"

enum ask_kind {
    ASK_UDP,    // send this over UDP, from a socket of its own (RFC 5452)
    ASK_TCP,    // send this over TCP (RFC 7766)
    ASK_CANCEL, // nobody waits for `number` any more; its socket is closed, not used again
};

struct ask {
    enum ask_kind kind;
    uint32_t number; // the resolver's name for it; names of asks that ended come back much later
    struct address server;
    const uint8_t
        *octets; // the message, without a length; good until the next call of the resolver
    uint32_t size;
};

// What the resolver thinks of octets that came for an ask.
enum reply_verdict {
    REPLY_TAKEN,   // it was the reply; the ask is over and its socket good for another
    REPLY_IGNORED, // not a reply to this ask (RFC 5452 9.1): wait on
    REPLY_SUSPECT, // somebody may be guessing: the ask is over, and its socket is to be closed
};

enum ask_failure {
    ASK_UNREACHABLE, // no route, ICMP says so
    ASK_REFUSED,     // nobody listens there
    ASK_CLOSED,      // TCP: the stream ended before the reply
    ASK_NO_ROOM,     // we have no descriptor, port or memory for it
};
