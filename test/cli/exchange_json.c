// Replies as machines read them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "cli/exchange.h"
#include "cli/exchange_json.h"
#include "cli/exchange_text.h"
#include "dns/type.h"
#include "messages.h"

static const uint8_t wire[] = "\1a\4test";

static json_t *read_back(const struct exchange *exchange)
{
    struct query_words query = {0};
    struct address server;
    bool parsed = address_parse("192.0.2.53", 53, &server);
    assert_true(parsed);
    struct exchange_view view = {.query = &query, .server = &server, .server_text = "192.0.2.53"};
    struct buffer text = {0};
    exchange_json(exchange, &view, &text);
    const char *end = strchr(buffer_text(&text), '\n');
    assert_true(end && end[1] == 0); // one line
    json_t *object = json_loads(buffer_text(&text), 0, NULL);
    assert_non_null(object);
    buffer_free(&text);
    return object;
}

static void assert_member(const json_t *object, const char *key, const char *expected)
{
    assert_string_equal(json_string_value(json_object_get(object, key)), expected);
}

static void test_reply(void **state)
{
    static const char options[] = "\0\3\0\2n\377\0\12\0\20"
                                  "12345678serverXY\0\17\0\4\0\16ab";
    (void)state;
    struct reply reply;
    struct exchange exchange = {
        .request = {.name = {wire, sizeof wire, 2}, .type = TYPE_A, .class = CLASS_IN},
        .ask = {.rtt_us = 1500}};
    reply_begin(&reply, 0x8500, TYPE_A);
    reply_add(&reply, 1, TYPE_A, "\300\0\2\1", 4);
    reply_add_opt(&reply, 0, options, sizeof options - 1);
    assert_true(response_read(&exchange.response, reply.octets, reply.size));
    json_t *object = read_back(&exchange);
    assert_int_equal(json_integer_value(json_object_get(object, "v")), 1);
    assert_member(object, "server", "192.0.2.53:53");
    assert_member(object, "transport", "udp");
    assert_member(object, "outcome", "answer");
    assert_member(object, "rcode", "NOERROR");
    assert_member(object, "opcode", "QUERY");
    assert_member(json_object_get(object, "question"), "name", "a.test.");
    assert_int_equal(json_array_size(json_object_get(object, "flags")), 3);
    const json_t *record = json_array_get(json_object_get(object, "answer"), 0);
    assert_member(record, "data", "192.0.2.1");
    assert_member(record, "type", "A");
    assert_int_equal(json_integer_value(json_object_get(record, "ttl")), 60);
    assert_int_equal(json_array_size(json_object_get(object, "authority")), 0);
    const json_t *edns = json_object_get(object, "edns");
    assert_member(edns, "nsid", "n\xc3\xbf"); // an octet that is no UTF-8 is told by its number
    assert_member(edns, "nsid_hex", "6eff");
    assert_member(edns, "cookie", "31323334353637387365727665725859");
    const json_t *ede = json_array_get(json_object_get(edns, "ede"), 0);
    assert_int_equal(json_integer_value(json_object_get(ede, "code")), 14);
    assert_member(ede, "words", "Not Ready");
    assert_member(ede, "text", "ab");
    assert_true(json_real_value(json_object_get(object, "rtt_ms")) == 1.5);
    assert_int_equal(json_integer_value(json_object_get(object, "octets")), reply.size);
    json_decref(object);
    response_free(&exchange.response);
}

static void test_no_reply(void **state)
{
    static const struct {
        struct ask ask;
        enum outcome outcome;
        const char *problem, *word, *text;
    } cases[] = {
        {{.result = ASK_NO_SERVER, .error = ECONNREFUSED},
         OUTCOME_NO_SERVER,
         NULL,
         "no-server",
         "Connection refused"},
        {{.result = ASK_BAD_REPLY},
         OUTCOME_BAD_REPLY,
         "it is a query",
         "bad-reply",
         "it is a query"},
        {{.result = ASK_REPLIED}, OUTCOME_BAD_REPLY, "it ends early", "bad-reply", "it ends early"},
        {{.result = ASK_TIMED_OUT, .sent = 3}, OUTCOME_TIMED_OUT, NULL, "timeout", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct exchange exchange = {
            .request = {.name = {wire, sizeof wire, 2}, .type = TYPE_A, .class = CLASS_IN},
            .ask = cases[i].ask,
            .outcome = cases[i].outcome,
            .problem = cases[i].problem};
        json_t *object = read_back(&exchange);
        assert_member(object, "outcome", cases[i].word);
        if (cases[i].text)
            assert_member(object, "problem", cases[i].text);
        else
            assert_int_equal(json_integer_value(json_object_get(object, "tries")), 3);
        assert_null(json_object_get(object, "answer"));
        json_decref(object);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_reply),
                                       cmocka_unit_test(test_no_reply)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
