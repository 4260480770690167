// Asks out, replies in (exchange.h).
#include "daemon/exchange.h"

bool exchange_open(struct exchange *exchange, const struct outbound_options *way_out,
                   const struct resolver_options *resolver)
{
    *exchange = (struct exchange){.due_us = UINT64_MAX};
    exchange->resolver = resolver_open(resolver);
    exchange->outbound = exchange->resolver ? outbound_open(way_out) : NULL;
    if (exchange->outbound)
        return true;
    exchange_close(exchange);
    return false;
}

void exchange_close(struct exchange *exchange)
{
    if (exchange->outbound)
        outbound_close(exchange->outbound);
    if (exchange->resolver)
        resolver_close(exchange->resolver);
    *exchange = (struct exchange){.due_us = UINT64_MAX};
}

void exchange_ready(struct exchange *exchange, struct loop_tag tag, uint32_t ready, uint64_t now_us)
{
    outbound_ready(exchange->outbound, tag, ready, now_us / 1000);
}

// Returns true if anything had come.
static bool take_replies(struct exchange *exchange, uint64_t now_us)
{
    struct outbound_event event;
    bool any = false;
    while (outbound_next(exchange->outbound, &event)) {
        any = true;
        if (event.failed)
            resolver_ask_failed(exchange->resolver, event.number, event.failure, now_us);
        else
            outbound_verdict(
                exchange->outbound, &event,
                resolver_reply(exchange->resolver, event.number, event.octets, event.size, now_us));
    }
    return any;
}

void exchange_flush(struct exchange *exchange, uint64_t now_us)
{
    struct ask ask;
    while (resolver_next_ask(exchange->resolver, &ask))
        outbound_send(exchange->outbound, &ask, now_us / 1000);
}

void exchange_turn(struct exchange *exchange, uint64_t now_us)
{
    // What cannot be sent comes back as a failure at once, and the resolver may try another server:
    // a few rounds, since each ask is paid for from a budget.
    do
        exchange_flush(exchange, now_us);
    while (take_replies(exchange, now_us));
    exchange->due_us = resolver_tick(exchange->resolver, now_us);
    do
        exchange_flush(exchange, now_us);
    while (take_replies(exchange, now_us));
}

int exchange_rest(struct exchange *exchange, uint64_t now_us)
{
    int rest_ms = outbound_rest(exchange->outbound, now_us / 1000);
    exchange->due_us = resolver_tick(exchange->resolver, now_us);
    exchange_flush(exchange, now_us);
    if (exchange->due_us == UINT64_MAX)
        return rest_ms;
    uint64_t left_us = exchange->due_us > now_us ? exchange->due_us - now_us : 0;
    uint64_t left_ms = (left_us + 999) / 1000; // not before it is due, or we would spin
    if (left_ms > 60000)
        left_ms = 60000;
    return rest_ms >= 0 && (uint64_t)rest_ms < left_ms ? rest_ms : (int)left_ms;
}
