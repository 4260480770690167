// DNS over TCP (RFC 1035 4.2.2, RFC 7766, RFC 9210): many connections of one worker, each a
// sequence of messages with two octets of length before them; many may be under way. Answers that
// are made at once keep the order; those that are made later do not (RFC 7766 6.2.1.1).
//
//   a listener is ready      tcp_accept(tcp, fd, now)
//   a connection is ready    c = tcp_begin(tcp, tag, ready, now)        reads; NULL: nothing to do
//                            while (tcp_next(tcp, c, &message))
//                                write the reply over message.octets
//                                tcp_answer(tcp, c, size of the reply)
//                                or tag = tcp_defer(tcp, c)             the answer comes later
//                            tcp_end(tcp, c)                            sends; keeps what is left
//   an answer has come       tcp_answer_later(tcp, tag, octets, size)
//   after all of it          while (tcp_gone(tcp, &tag))                who waits no more
//   the end of the turn      wait at most tcp_rest(tcp, now)            closes the too idle
//
// A connection at rest costs its slot of about 100 octets and no buffer: reading, answering and
// sending go through buffers of the worker. Only the part of a message that has come so far, and
// answers that the client does not take fast enough, are kept in memory of its own, within limits.
//
//   idle      nothing unsent. Too long without a whole query (RFC 7766 6.2.3): closed. Octets
//             that complete no query do not count, so nobody holds a place by trickling.
//   waiting   queries are deferred, nothing is unsent: as long as they take. With TCP_DEFERRED_MAX
//             of them it is not read. When the client closes it ends (RFC 7766 6.2.4: then nothing
//             more may be sent to it).
//   stalled   answers wait for the client to take them. It takes none for TCP_STALL_MS: closed.
//   held      a stalled one with over TCP_WRITE_MAX unsent: nothing more is read or answered until
//             it has taken some.
//
// When all places are taken the longest idle one makes room (else the longest stalled, else the
// longest waiting).
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "base/address.h"
#include "base/limits.h"
#include "net/census.h"
#include "net/loop.h"

struct tcp_connection;

enum tcp_list { TCP_LIST_IDLE, TCP_LIST_STALLED, TCP_LIST_WAITING, TCP_LISTS };

struct tcp {
    struct loop *loop;
    struct census *census;
    uint8_t kind; // of its tags
    bool finishing;
    struct tcp_connection *slots;
    uint32_t room;    // slots
    uint32_t touched; // slots that were ever used; those behind are untouched memory
    uint32_t unused;  // the first of the unused ones among these
    uint32_t open;
    struct tcp_ends {
        uint32_t oldest, newest;
    } lists[TCP_LISTS];
    uint64_t buffered; // octets in stashes and unsent answers
    uint64_t now_ms;
    struct loop_tag *gone; // with deferred queries, not told yet
    uint32_t gone_count;
    // Of the connection between tcp_begin and tcp_end.
    uint8_t *in, *out;
    uint32_t in_at, in_size;
    uint32_t out_size;
    uint32_t out_at; // where the message stands that is being answered
    uint32_t answered;
    bool broken;
    bool in_turn; // between them
    // Counted.
    uint64_t accepted, refused;
};

struct tcp_options {
    struct loop *loop;     // connections are sources of this loop ...
    uint8_t kind;          // ... with tags of this kind
    struct census *census; // shared with the other workers
    uint32_t connections_max;
};

void tcp_open(struct tcp *tcp, const struct tcp_options *options) __attribute__((nonnull));
// Closes all connections as they are.
void tcp_close(struct tcp *tcp) __attribute__((nonnull));

// Opens a listening socket; as udp_open.
int tcp_listen(const struct address *address, bool shared_port)
    __attribute__((nonnull, warn_unused_result));
// The same settings for a listening socket that somebody else opened. 0 or a negative errno.
int tcp_adopt(int fd) __attribute__((warn_unused_result));

// Takes the connections that wait at a listener, at most LOOP_EVENTS_MAX.
void tcp_accept(struct tcp *tcp, int listener, uint64_t now_ms) __attribute__((nonnull));

// One connection's turn. NULL: it is gone, or has nothing to be answered now. Otherwise tcp_end
// must follow before any other connection's turn.
struct tcp_connection *tcp_begin(struct tcp *tcp, struct loop_tag tag, uint32_t ready,
                                 uint64_t now_ms) __attribute__((nonnull, warn_unused_result));

struct tcp_message {
    uint8_t *octets; // the query, to be answered in place
    uint32_t size;
    uint32_t room; // MESSAGE_MAX
    const struct address *client;
};
bool tcp_next(struct tcp *tcp, struct tcp_connection *connection, struct tcp_message *message)
    __attribute__((nonnull, warn_unused_result));
// The address that the client connected to. False: the connection is gone.
bool tcp_local(const struct tcp_connection *connection, struct address *local)
    __attribute__((nonnull, warn_unused_result));
// Size 0: what came was no query that could be answered. The connection ends after what was
// answered before.
void tcp_answer(struct tcp *tcp, struct tcp_connection *connection, uint32_t size)
    __attribute__((nonnull));
// Instead of tcp_answer: the query will be answered later, and its octets are the caller's to keep.
// Returns the tag that names its connection until then.
struct loop_tag tcp_defer(struct tcp *tcp, struct tcp_connection *connection)
    __attribute__((nonnull));
void tcp_end(struct tcp *tcp, struct tcp_connection *connection) __attribute__((nonnull));

// The reply to one deferred query, in any order; outside of tcp_begin and tcp_end. Size 0: there is
// none, and nobody waits for it any more. False: the connection is gone, before or by this.
bool tcp_answer_later(struct tcp *tcp, struct loop_tag tag, const uint8_t *octets, uint32_t size)
    __attribute__((nonnull(1)));
// One message of a reply that has several, to a deferred query; the last one goes by
// tcp_answer_later. False: the connection is gone, before or by this.
bool tcp_answer_part(struct tcp *tcp, struct loop_tag tag, const uint8_t *octets, uint32_t size)
    __attribute__((nonnull));
// How it is with a connection that has a deferred query.
enum tcp_state {
    TCP_GONE,
    TCP_BUSY,  // it has yet to take what was sent before
    TCP_READY, // what is sent now leaves at once, or most of it
};
enum tcp_state tcp_state(const struct tcp *tcp, struct loop_tag tag) __attribute__((nonnull));
// Ends the connection as it is: what was sent so far must not be taken for the whole.
void tcp_break(struct tcp *tcp, struct loop_tag tag) __attribute__((nonnull));
// Tags of connections that ended with deferred queries, each once: nobody waits for those any more.
// To be asked each turn; of more than TCP_GONE_MAX in one turn the rest are not told, and
// tcp_answer_later says it.
bool tcp_gone(struct tcp *tcp, struct loop_tag *tag) __attribute__((nonnull));

// How long a connection may be idle now; for the EDNS keepalive option (RFC 7828).
uint32_t tcp_idle_ms(const struct tcp *tcp) __attribute__((nonnull));
// Closes what is too idle or stalled. Returns the milliseconds until it wants to be called again,
// -1: not before a connection was accepted.
int tcp_rest(struct tcp *tcp, uint64_t now_ms) __attribute__((nonnull));

// The tag of the connection in slot `index` (below tcp->touched). False: none is there. For a last
// round over all of them.
bool tcp_tag(const struct tcp *tcp, uint32_t index, struct loop_tag *tag) __attribute__((nonnull));
// From now on nothing is read; connections without unsent answers and deferred queries are closed,
// the others when they have none any more. tcp->open tells how many are left.
void tcp_finish(struct tcp *tcp) __attribute__((nonnull));
