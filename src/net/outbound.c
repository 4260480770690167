// Asks on their way (outbound.h): its parts, joined.
//
//   outbound_asks   the table of what is under way, and of what failed
//   outbound_udp    sockets       } strangers to each other
//   outbound_tcp    streams       }
//
// When one of the two lacks a descriptor, what the other keeps for later makes room: first sockets,
// then streams, as a new stream costs a server more.
#include "net/outbound.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "net/outbound_asks.h"
#include "net/outbound_tcp.h"
#include "net/outbound_udp.h"

struct outbound {
    struct outbound_asks asks;
    struct outbound_udp udp;
    struct outbound_tcp tcp;
    uint64_t now_ms;
    uint64_t log_ms; // no line before
    uint64_t failed;
};

struct outbound *outbound_open(const struct outbound_options *options)
{
    struct outbound *outbound = calloc(1, sizeof *outbound);
    if (!outbound)
        return NULL;
    bool good = outbound_asks_open(&outbound->asks);
    good &= outbound_udp_open(&outbound->udp, options, &outbound->asks);
    good &= outbound_tcp_open(&outbound->tcp, options, &outbound->asks);
    if (!good) {
        outbound_close(outbound);
        return NULL;
    }
    return outbound;
}

void outbound_close(struct outbound *outbound)
{
    if (!outbound)
        return;
    outbound_udp_close(&outbound->udp);
    outbound_tcp_close(&outbound->tcp);
    outbound_asks_close(&outbound->asks);
    free(outbound);
}

// --- sending

static int send_by(struct outbound *outbound, uint32_t place, const struct ask *ask)
{
    return ask->kind == ASK_UDP ? outbound_udp_send(&outbound->udp, place, ask)
                                : outbound_tcp_send(&outbound->tcp, place, ask);
}

static void tell_no_room(struct outbound *outbound, int error)
{
    if (outbound->now_ms < outbound->log_ms)
        return;
    outbound->log_ms = outbound->now_ms + OUTBOUND_LOG_MS;
    log_warning("no socket for an ask to another server: %s (%u sockets, %u connections are open)",
                error == EAGAIN ? "all of ours are in use" : strerror(error), outbound->udp.open,
                outbound->tcp.open);
}

static void start(struct outbound *outbound, const struct ask *ask)
{
    uint32_t place = outbound_asks_add(&outbound->asks, ask->number);
    int failed = send_by(outbound, place, ask);
    // One closed is enough for a descriptor; memory may take some more, but not all we have.
    for (unsigned shed = 0; outbound_lacks_room(-failed) && shed < OUTBOUND_TURN; shed++) {
        if (!outbound_udp_shed(&outbound->udp) && !outbound_tcp_shed(&outbound->tcp))
            break;
        failed = send_by(outbound, place, ask);
    }
    if (!failed)
        return;
    enum ask_failure failure = outbound_failure(-failed);
    if (failure == ASK_NO_ROOM)
        tell_no_room(outbound, -failed);
    outbound_asks_fail(&outbound->asks, place, failure);
}

// The number may be unknown: its failure was told already.
static void cancel(struct outbound *outbound, uint32_t number)
{
    uint32_t place = outbound_asks_find(&outbound->asks, number);
    if (place == OUTBOUND_NONE)
        return;
    switch ((enum outbound_way)outbound->asks.table[place].way) {
    case OUTBOUND_WAY_NONE:
    case OUTBOUND_WAY_FAILED: outbound_asks_remove(&outbound->asks, place); break;
    case OUTBOUND_WAY_UDP: outbound_udp_cancel(&outbound->udp, place); break;
    case OUTBOUND_WAY_TCP: outbound_tcp_cancel(&outbound->tcp, place, outbound->now_ms); break;
    }
}

void outbound_send(struct outbound *outbound, const struct ask *ask, uint64_t now_ms)
{
    outbound->now_ms = now_ms;
    switch (ask->kind) {
    case ASK_UDP:
    case ASK_TCP: start(outbound, ask); break;
    case ASK_CANCEL: cancel(outbound, ask->number); break;
    }
}

// --- what comes of it

void outbound_ready(struct outbound *outbound, struct loop_tag tag, uint32_t ready, uint64_t now_ms)
{
    outbound->now_ms = now_ms;
    if (tag.kind == outbound->udp.kind)
        outbound_udp_ready(&outbound->udp, tag);
    else
        outbound_tcp_ready(&outbound->tcp, tag, ready);
}

static bool next_failed(struct outbound *outbound, struct outbound_event *event)
{
    *event = (struct outbound_event){.failed = true};
    if (!outbound_asks_next_failed(&outbound->asks, &event->number, &event->failure))
        return false;
    outbound->failed++;
    return true;
}

bool outbound_next(struct outbound *outbound, struct outbound_event *event)
{
    return next_failed(outbound, event) || outbound_udp_next(&outbound->udp, event) ||
           outbound_tcp_next(&outbound->tcp, event, outbound->now_ms) ||
           next_failed(outbound, event); // reading has found them out
}

void outbound_verdict(struct outbound *outbound, const struct outbound_event *event,
                      enum reply_verdict verdict)
{
    assert(!event->failed && event->place < OUTBOUND_ASKS_MAX);
    const struct outbound_ask *ask = &outbound->asks.table[event->place];
    if (ask->number != event->number)
        return;
    switch ((enum outbound_way)ask->way) {
    case OUTBOUND_WAY_NONE: // cancelled since
    case OUTBOUND_WAY_FAILED: break;
    case OUTBOUND_WAY_UDP:
        outbound_udp_verdict(&outbound->udp, event->place, verdict, outbound->now_ms);
        break;
    case OUTBOUND_WAY_TCP: outbound_tcp_verdict(&outbound->tcp, event->place, verdict); break;
    }
}

int outbound_rest(struct outbound *outbound, uint64_t now_ms)
{
    outbound->now_ms = now_ms;
    int udp_ms = outbound_udp_rest(&outbound->udp, now_ms);
    int tcp_ms = outbound_tcp_rest(&outbound->tcp, now_ms);
    if (udp_ms < 0 || tcp_ms < 0)
        return udp_ms < 0 ? tcp_ms : udp_ms;
    return udp_ms < tcp_ms ? udp_ms : tcp_ms;
}

void outbound_count(const struct outbound *outbound, struct outbound_counts *counts)
{
    *counts = (struct outbound_counts){
        .sent_udp = outbound->udp.sent,
        .sent_tcp = outbound->tcp.sent,
        .opened = outbound->udp.opened + outbound->tcp.opened,
        .reused = outbound->udp.reused,
        .failed = outbound->failed,
        .waiting = outbound->asks.waiting,
        .sockets = outbound->udp.open,
        .connections = outbound->tcp.open,
    };
}
