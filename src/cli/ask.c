// The client's side of RFC 1035 4.2 (ask.h): a poll loop over a few sockets.
//
//   UDP   send -> WAITING --reply--> DONE          TCP   CONNECTING -> SENDING -> RECEIVING -> DONE
//           ^        |
//           +--time--+ while tries are left
//
// The UDP sockets are not connected, so that a reply from the wrong address can be seen and told
// of; IP_RECVERR brings them the "port unreachable" that a connected one would get.
#include "cli/ask.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/memory.h"
#include "dns/message.h"

enum phase { PHASE_WAITING, PHASE_CONNECTING, PHASE_SENDING, PHASE_RECEIVING, PHASE_DONE };

struct flight {
    struct ask *ask;
    const struct ask_options *options;
    struct address server;
    enum phase phase;
    int socket; // -1: none
    uint64_t sent_us;
    uint64_t deadline_us;
    uint8_t *octets; // what was received; on TCP with the two octets of its length
    size_t size;
    const char *stray; // what was wrong with the last message that was not ours
};

#define RECEIVE_MAX (2 + MESSAGE_MAX)

// --- judging -------------------------------------------------------------------------------------

enum verdict { VERDICT_OURS, VERDICT_STRAY, VERDICT_BAD };

// The question must be ours again, letters folded. Servers that could not read the query may leave
// it out (RFC 1035 4.1.1 says nothing; FORMERR often comes so).
static const char *compare_question(const struct ask *ask, const uint8_t *octets, size_t size)
{
    struct message message, query;
    struct message_record theirs, ours;
    if (!message_open(&message, octets, size) ||
        !message_open(&query, ask->query, ask->query_size) || !message_next(&query, &ours))
        return "it is shorter than a header";
    if (message.counts[SECTION_QUESTION] == 0)
        return message.flags & 15 ? NULL : "it does not repeat the question";
    if (message.counts[SECTION_QUESTION] > 1)
        return "it has more than one question";
    if (!message_next(&message, &theirs))
        return "its question is malformed";
    if (theirs.type != ours.type || theirs.class != ours.class ||
        !name_equal(theirs.owner, ours.owner))
        return "it answers another question";
    return NULL;
}

static enum verdict judge(const struct ask *ask, const uint8_t *octets, size_t size,
                          const char **problem)
{
    if (size < 2 || memcmp(octets, ask->query, 2) != 0) {
        *problem = size < HEADER_SIZE ? "it is shorter than a header" : "its ID is another";
        return VERDICT_STRAY;
    }
    if (size < HEADER_SIZE)
        *problem = "it is shorter than a header";
    else if (!(octets[2] & FLAG_QR >> 8))
        *problem = "it is a query";
    else if ((octets[2] ^ ask->query[2]) & 0x78)
        *problem = "its opcode is another";
    else
        *problem = compare_question(ask, octets, size);
    return *problem ? VERDICT_BAD : VERDICT_OURS;
}

// --- ends ----------------------------------------------------------------------------------------

static void finish(struct flight *flight, enum ask_result result)
{
    assert(flight->phase != PHASE_DONE);
    flight->ask->result = result;
    flight->phase = PHASE_DONE;
    if (flight->socket >= 0)
        close(flight->socket);
    flight->socket = -1;
}

static void finish_replied(struct flight *flight, const uint8_t *octets, size_t size)
{
    struct ask *ask = flight->ask;
    ask->rtt_us = (uint32_t)(clock_now_us() - flight->sent_us);
    ask->reply = memory_get(size);
    ask->reply_size = size;
    memcpy(ask->reply, octets, size);
    finish(flight, ASK_REPLIED);
}

static void finish_bad(struct flight *flight, const char *problem)
{
    flight->ask->problem = problem;
    finish(flight, ASK_BAD_REPLY);
}

static void finish_unreachable(struct flight *flight, int error)
{
    assert(error > 0);
    flight->ask->error = error;
    finish(flight, ASK_NO_SERVER);
}

static bool is_passing(int error)
{
    return error == EAGAIN || error == EINTR || error == ENOBUFS;
}

// --- UDP -----------------------------------------------------------------------------------------

static void send_datagram(struct flight *flight)
{
    struct ask *ask = flight->ask;
    flight->sent_us = clock_now_us();
    flight->deadline_us = flight->sent_us + flight->options->time_ms * 1000ull;
    ask->sent++;
    if (sendto(flight->socket, ask->query, ask->query_size, MSG_NOSIGNAL, &flight->server.any,
               flight->server.size) < 0 &&
        !is_passing(errno))
        finish_unreachable(flight, errno);
}

static void begin_datagram(struct flight *flight)
{
    int family = flight->server.any.sa_family, on = 1;
    flight->socket = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (flight->socket < 0) {
        finish_unreachable(flight, errno);
        return;
    }
    // Without it a dead server is only a silent one: worse, but no reason to stop.
    (void)setsockopt(flight->socket, family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6,
                     family == AF_INET ? IP_RECVERR : IPV6_RECVERR, &on, sizeof on);
    flight->phase = PHASE_WAITING;
    send_datagram(flight);
}

static void take_datagram(struct flight *flight, size_t size, const struct address *source)
{
    struct ask *ask = flight->ask;
    const char *problem = NULL;
    enum verdict verdict;
    if (!address_equal(source, &flight->server)) {
        problem = "it comes from another address";
        verdict = VERDICT_STRAY;
        ask->stray = *source;
    } else {
        verdict = judge(ask, flight->octets, size, &problem);
    }
    switch (verdict) {
    case VERDICT_OURS: finish_replied(flight, flight->octets, size); break;
    case VERDICT_BAD: finish_bad(flight, problem); break;
    case VERDICT_STRAY:
        ask->strays++;
        flight->stray = problem;
        break;
    }
}

static void receive_datagrams(struct flight *flight)
{
    while (flight->phase == PHASE_WAITING) {
        struct address source = {.size = sizeof source.v6};
        ssize_t size =
            recvfrom(flight->socket, flight->octets, RECEIVE_MAX, 0, &source.any, &source.size);
        if (size >= 0)
            take_datagram(flight, (size_t)size, &source);
        else if (!is_passing(errno))
            finish_unreachable(flight, errno);
        else
            return;
    }
}

// --- TCP -----------------------------------------------------------------------------------------

static void begin_stream(struct flight *flight)
{
    flight->sent_us = clock_now_us();
    flight->deadline_us =
        flight->sent_us + (uint64_t)flight->options->time_ms * flight->options->tries * 1000;
    flight->socket =
        socket(flight->server.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (flight->socket < 0) {
        finish_unreachable(flight, errno);
        return;
    }
    flight->phase = PHASE_CONNECTING;
    if (connect(flight->socket, &flight->server.any, flight->server.size) != 0 &&
        errno != EINPROGRESS)
        finish_unreachable(flight, errno);
}

// One write: a new connection has room for a query.
static void send_stream(struct flight *flight)
{
    struct ask *ask = flight->ask;
    uint8_t octets[2 + REQUEST_MAX];
    bytes_put16(octets, (uint16_t)ask->query_size);
    memcpy(octets + 2, ask->query, ask->query_size);
    ssize_t sent = send(flight->socket, octets, 2 + ask->query_size, MSG_NOSIGNAL);
    if (sent < 0 && is_passing(errno))
        return;
    if (sent != (ssize_t)(2 + ask->query_size)) {
        finish_bad(flight, "the connection was closed before the query was sent");
        return;
    }
    ask->sent++;
    flight->phase = PHASE_RECEIVING;
}

static void finish_connect(struct flight *flight)
{
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(flight->socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        error = errno;
    if (error) {
        finish_unreachable(flight, error);
        return;
    }
    flight->phase = PHASE_SENDING;
    send_stream(flight);
}

static void take_stream(struct flight *flight)
{
    const char *problem = NULL;
    const uint8_t *message = flight->octets + 2;
    size_t size = bytes_get16(flight->octets);
    if (judge(flight->ask, message, size, &problem) == VERDICT_OURS)
        finish_replied(flight, message, size);
    else
        finish_bad(flight, problem);
}

static void receive_stream(struct flight *flight)
{
    while (flight->phase == PHASE_RECEIVING) {
        size_t wanted = flight->size < 2 ? 2 : 2u + bytes_get16(flight->octets);
        if (flight->size >= 2 && flight->size == wanted) {
            take_stream(flight);
            return;
        }
        ssize_t got = recv(flight->socket, flight->octets + flight->size, wanted - flight->size, 0);
        if (got > 0)
            flight->size += (size_t)got;
        else if (got < 0 && is_passing(errno))
            return;
        else
            finish_bad(flight, flight->size ? "the connection was closed in the middle of it"
                                            : "the connection was closed without one");
    }
}

// --- the loop ------------------------------------------------------------------------------------

static void expire(struct flight *flight)
{
    if (flight->phase == PHASE_WAITING && !flight->stray &&
        flight->ask->sent < flight->options->tries)
        send_datagram(flight);
    else if (flight->stray)
        finish_bad(flight, flight->stray);
    else
        finish(flight, ASK_TIMED_OUT);
}

static void advance(struct flight *flight)
{
    switch (flight->phase) {
    case PHASE_WAITING: receive_datagrams(flight); break;
    case PHASE_CONNECTING: finish_connect(flight); break;
    case PHASE_SENDING: send_stream(flight); break;
    case PHASE_RECEIVING: receive_stream(flight); break;
    case PHASE_DONE: break;
    }
}

// Waits for what comes first: octets for one of them or the earliest deadline. Returns false when
// all are done.
static bool turn(struct flight *flights, struct pollfd *polls, size_t count)
{
    uint64_t now = clock_now_us(), earliest = UINT64_MAX;
    for (size_t i = 0; i < count; i++) {
        struct flight *flight = &flights[i];
        if (flight->phase != PHASE_DONE && flight->deadline_us <= now)
            expire(flight);
        bool writes = flight->phase == PHASE_CONNECTING || flight->phase == PHASE_SENDING;
        polls[i] = (struct pollfd){.fd = flight->socket, .events = writes ? POLLOUT : POLLIN};
        if (flight->phase != PHASE_DONE && flight->deadline_us < earliest)
            earliest = flight->deadline_us;
    }
    if (earliest == UINT64_MAX)
        return false;
    uint64_t wait_ms = earliest > now ? (earliest - now + 999) / 1000 : 0;
    if (poll(polls, (nfds_t)count, wait_ms > 60000 ? 60000 : (int)wait_ms) > 0) {
        for (size_t i = 0; i < count; i++)
            if (polls[i].revents)
                advance(&flights[i]);
    }
    return true;
}

// Asking 0.0.0.0 reaches this machine (Linux), but the reply comes from a real address of it.
static struct address find_target(const struct address *server)
{
    struct address target = *server;
    if (!address_is_wildcard(server))
        return target;
    if (target.any.sa_family == AF_INET)
        target.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    else
        target.v6.sin6_addr = in6addr_loopback;
    return target;
}

void ask_all(struct ask *const *asks, size_t count, const struct ask_options *options)
{
    assert(options->tries > 0 && options->server.size > 0);
    struct flight *flights = memory_get_zeroed(count, sizeof *flights);
    struct pollfd *polls = memory_get_zeroed(count, sizeof *polls);
    for (size_t i = 0; i < count; i++) {
        flights[i] = (struct flight){.ask = asks[i],
                                     .options = options,
                                     .socket = -1,
                                     .server = find_target(&options->server),
                                     .octets = memory_get(RECEIVE_MAX)};
        asks[i]->over_tcp = options->tcp;
        asks[i]->sent = 0;
        if (options->tcp)
            begin_stream(&flights[i]);
        else
            begin_datagram(&flights[i]);
    }
    while (turn(flights, polls, count))
        ;
    for (size_t i = 0; i < count; i++)
        free(flights[i].octets);
    free(flights);
    free(polls);
}

void ask_free(struct ask *ask)
{
    free(ask->reply);
    ask->reply = NULL;
    ask->reply_size = 0;
}
