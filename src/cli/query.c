// `onym query` (query.h): the words, the server, the exchange, the print, the exit code.
#include "cli/query.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "cli/arguments.h"
#include "cli/exchange.h"
#include "cli/exchange_json.h"
#include "cli/exchange_text.h"
#include "cli/exit.h"
#include "cli/nameserver.h"
#include "cli/output.h"
#include "cli/query_words.h"
#include "dns/type.h"

static void print(const struct exchange *exchanges, const struct exchange_view *view)
{
    const struct query_words *query = view->query;
    struct buffer text = {0};
    if (query->all && !query->json && !query->brief)
        exchange_text_all(exchanges, view, &text);
    else
        for (size_t i = 0; i < query->type_count; i++) {
            if (query->json)
                exchange_json(&exchanges[i], view, &text);
            else if (query->brief)
                exchange_text_brief(&exchanges[i], &text);
            else
                exchange_text(&exchanges[i], view, &text);
            if (i + 1 < query->type_count && text.size && !query->json && !query->brief)
                buffer_add_char(&text, '\n');
            output_put(&text);
        }
    output_put(&text);
    buffer_free(&text);
    exchange_text_complain(exchanges, view);
}

// With +short what the server said instead of an answer would be lost: it is words then.
static void say_outcomes(const struct exchange *exchanges, const struct query_words *query)
{
    for (size_t i = 0; query->brief && i < query->type_count; i++) {
        enum outcome outcome = exchanges[i].outcome;
        char type[TYPE_TEXT_MAX];
        type_print(exchanges[i].request.type, type);
        if (outcome != OUTCOME_ANSWER && outcome < OUTCOME_BAD_REPLY)
            output_say("%s: %s", type, outcome_words(outcome));
    }
}

static int sum_up(const struct exchange *exchanges, const struct query_words *query)
{
    enum outcome outcomes[QUERY_TYPES_MAX];
    for (size_t i = 0; i < query->type_count; i++)
        outcomes[i] = exchanges[i].outcome;
    return outcome_exit_of_all(outcomes, query->type_count, query->fail);
}

static bool is_unreachable(const struct exchange *exchanges, const struct query_words *query)
{
    for (size_t i = 0; i < query->type_count; i++)
        if (exchanges[i].outcome != OUTCOME_NO_SERVER)
            return false;
    return true;
}

// A server of several addresses: the next one when nobody is at this one.
static int ask(const struct query_words *query, const struct nameserver *nameserver)
{
    for (size_t i = 0;; i++) {
        struct exchange_view view = {
            .query = query, .server = &nameserver->addresses[i], .server_text = nameserver->text};
        char server[ADDRESS_TEXT_MAX];
        address_print(view.server, server);
        output_tell("asking %s (%s)", nameserver->text, server);
        uint64_t began_us = clock_now_us();
        struct exchange *exchanges = exchange_run(query, view.server);
        view.total_us = clock_now_us() - began_us;
        bool last = i + 1 == nameserver->count || !is_unreachable(exchanges, query);
        int code = EXIT_OK;
        if (last) {
            print(exchanges, &view);
            say_outcomes(exchanges, query);
            code = sum_up(exchanges, query);
        } else if (output_is_verbose()) {
            exchange_text_complain(exchanges, &view);
        }
        exchange_free(exchanges, query->type_count);
        if (last)
            return code;
    }
}

int command_query(const struct arguments *arguments)
{
    struct query_words query;
    if (!query_words_read(&query, arguments))
        return EXIT_USAGE;
    struct nameserver nameserver;
    int code = nameserver_find(&nameserver, query.server, RESOLV_CONF, query.port, query.family);
    if (code == EXIT_OK)
        code = ask(&query, &nameserver);
    nameserver_free(&nameserver);
    return code;
}
