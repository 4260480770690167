// Rounds of asking (exchange.h).
//
//   round:  ask all that are due over UDP, then all that are due over TCP; read; decide for each
//           if it is due again. A reply can send us on twice: to TCP, and to use a cookie.
#include "cli/exchange.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "dns/type.h"

enum due { DUE_NOT, DUE_UDP, DUE_TCP };

#define ROUNDS_MAX 4

static enum outcome judge(struct exchange *exchange)
{
    switch (exchange->ask.result) {
    case ASK_NO_SERVER: return OUTCOME_NO_SERVER;
    case ASK_TIMED_OUT: return OUTCOME_TIMED_OUT;
    case ASK_BAD_REPLY: exchange->problem = exchange->ask.problem; return OUTCOME_BAD_REPLY;
    case ASK_REPLIED: break;
    }
    if (!response_read(&exchange->response, exchange->ask.reply, exchange->ask.reply_size)) {
        // What does not fit is cut off anywhere by some servers: no reason to call it malformed.
        if (exchange->response.flags & FLAG_TC)
            return OUTCOME_ANSWER;
        exchange->problem = exchange->response.problem;
        return OUTCOME_BAD_REPLY;
    }
    return outcome_judge(&exchange->response, exchange->request.type);
}

static enum due decide(struct exchange *exchange, const struct query_words *query)
{
    if (exchange->ask.result != ASK_REPLIED)
        return DUE_NOT;
    bool over_tcp = exchange->ask.over_tcp;
    const struct response *response = &exchange->response;
    struct request *request = &exchange->request;
    if (response->flags & FLAG_TC && !over_tcp && !query->ignore) {
        exchange->truncated = true;
        return DUE_TCP;
    }
    if (exchange->outcome != OUTCOME_ERROR || response->rcode != RCODE_BADCOOKIE ||
        response->cookie.size < 16 || exchange->cookie_renewed || request->cookie_size == 0)
        return DUE_NOT;
    exchange->cookie_renewed = true;
    request->cookie_size = (uint8_t)response->cookie.size;
    memcpy(request->cookie, response->cookie.octets, response->cookie.size);
    return over_tcp ? DUE_TCP : DUE_UDP;
}

static void ask_due(struct exchange *exchanges, const enum due *dues, size_t count, enum due wanted,
                    const struct ask_options *options)
{
    struct ask **asks = memory_get_zeroed(count, sizeof(struct ask *));
    size_t due_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct exchange *exchange = &exchanges[i];
        if (dues[i] != wanted)
            continue;
        response_free(&exchange->response);
        ask_free(&exchange->ask);
        exchange->ask = (struct ask){0};
        exchange->ask.query_size =
            request_build(&exchange->request, (uint16_t)random_get32(), exchange->ask.query);
        asks[due_count++] = &exchange->ask;
    }
    if (due_count > 0)
        ask_all(asks, due_count, options);
    free(asks);
}

struct exchange *exchange_run(const struct query_words *query, const struct address *server)
{
    size_t count = query->type_count;
    assert(count > 0 && count <= QUERY_TYPES_MAX);
    struct exchange *exchanges = memory_get_zeroed(count, sizeof *exchanges);
    enum due dues[QUERY_TYPES_MAX];
    for (size_t i = 0; i < count; i++) {
        exchanges[i].request = query->request;
        exchanges[i].request.type = query->types[i];
        dues[i] = query->tcp ? DUE_TCP : DUE_UDP;
    }
    struct ask_options udp = {.server = *server, .time_ms = query->time_ms, .tries = query->tries};
    struct ask_options tcp = udp;
    tcp.tcp = true;
    bool again = true;
    for (unsigned round = 0; again && round < ROUNDS_MAX; round++) {
        ask_due(exchanges, dues, count, DUE_UDP, &udp);
        ask_due(exchanges, dues, count, DUE_TCP, &tcp);
        again = false;
        for (size_t i = 0; i < count; i++) {
            if (dues[i] == DUE_NOT)
                continue;
            exchanges[i].outcome = judge(&exchanges[i]);
            dues[i] = decide(&exchanges[i], query);
            again = again || dues[i] != DUE_NOT;
        }
    }
    return exchanges;
}

void exchange_free(struct exchange *exchanges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        response_free(&exchanges[i].response);
        ask_free(&exchanges[i].ask);
    }
    free(exchanges);
}
