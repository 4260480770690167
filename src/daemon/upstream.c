// Asks out, replies in (upstream.h).
#include "daemon/upstream.h"

#define REST_MAX_MS 60000 // what is due later is looked at again then

bool upstream_open(struct upstream *upstream, const struct outbound_options *way_out,
                   const struct resolver_options *resolver)
{
    *upstream = (struct upstream){.due_us = UINT64_MAX};
    upstream->resolver = resolver_open(resolver);
    upstream->outbound = upstream->resolver ? outbound_open(way_out) : NULL;
    if (upstream->outbound)
        return true;
    upstream_close(upstream);
    return false;
}

void upstream_close(struct upstream *upstream)
{
    if (upstream->outbound)
        outbound_close(upstream->outbound);
    if (upstream->resolver)
        resolver_close(upstream->resolver);
    *upstream = (struct upstream){.due_us = UINT64_MAX};
}

void upstream_ready(struct upstream *upstream, struct loop_tag tag, uint32_t ready, uint64_t now_us)
{
    outbound_ready(upstream->outbound, tag, ready, now_us / 1000);
}

// Returns true if anything had come.
static bool take_replies(struct upstream *upstream, uint64_t now_us)
{
    struct outbound_event event;
    bool any = false;
    while (outbound_next(upstream->outbound, &event)) {
        any = true;
        if (event.failed)
            resolver_ask_failed(upstream->resolver, event.number, event.failure, now_us);
        else
            outbound_verdict(
                upstream->outbound, &event,
                resolver_reply(upstream->resolver, event.number, event.octets, event.size, now_us));
    }
    return any;
}

void upstream_flush(struct upstream *upstream, uint64_t now_us)
{
    struct ask ask;
    while (resolver_next_ask(upstream->resolver, &ask))
        outbound_send(upstream->outbound, &ask, now_us / 1000);
}

void upstream_turn(struct upstream *upstream, uint64_t now_us)
{
    // What cannot be sent comes back as a failure at once, and the resolver may try another server:
    // a few rounds, since each ask is paid for from a budget. The tick is last in each, so that
    // `due_us` knows of all that came.
    do {
        upstream_flush(upstream, now_us);
        (void)take_replies(upstream, now_us);
        upstream->due_us = resolver_tick(upstream->resolver, now_us);
        upstream_flush(upstream, now_us);
    } while (take_replies(upstream, now_us));
}

int upstream_rest(struct upstream *upstream, uint64_t now_us)
{
    int rest_ms = outbound_rest(upstream->outbound, now_us / 1000);
    if (upstream->due_us == UINT64_MAX)
        return rest_ms;
    uint64_t left_us = upstream->due_us > now_us ? upstream->due_us - now_us : 0;
    uint64_t left_ms = (left_us + 999) / 1000; // not before it is due, or we would spin
    if (left_ms > REST_MAX_MS)
        left_ms = REST_MAX_MS;
    return rest_ms >= 0 && (uint64_t)rest_ms < left_ms ? rest_ms : (int)left_ms;
}

void upstream_count(const struct upstream *upstream, struct stats *stats)
{
    struct resolver_counts resolver;
    struct outbound_counts outbound;
    resolver_count(upstream->resolver, &resolver);
    outbound_count(upstream->outbound, &outbound);
    stats_take(stats, &resolver, &outbound);
}
