// Replies as people see them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "cli/exchange.h"
#include "cli/exchange_text.h"
#include "cli/output.h"
#include "dns/type.h"
#include "messages.h"

static const uint8_t wire[] = "\1a\4test";

struct stage {
    struct query_words query;
    struct address server;
    struct exchange_view view;
    struct exchange exchanges[3];
};

static void set(struct stage *stage, size_t types)
{
    static const uint16_t list[] = {TYPE_A, TYPE_MX, TYPE_TXT};
    output_begin(COLOUR_NEVER, false, 0);
    *stage = (struct stage){
        .query = {.type_count = types, .parts = 63 & ~PART_STATS, .time_ms = 3000, .tries = 3}};
    bool parsed = address_parse("192.0.2.53", 53, &stage->server);
    assert_true(parsed);
    stage->view = (struct exchange_view){.query = &stage->query,
                                         .server = &stage->server,
                                         .server_text = "192.0.2.53",
                                         .total_us = 12345};
    for (size_t i = 0; i < types; i++) {
        stage->query.types[i] = list[i];
        stage->exchanges[i].request = (struct request){.name = {wire, sizeof wire, 2},
                                                       .type = list[i],
                                                       .class = CLASS_IN,
                                                       .edns = true,
                                                       .cookie_size = 8,
                                                       .cookie = "12345678"};
    }
}

static void hear(struct exchange *exchange, const struct reply *reply)
{
    bool good = response_read(&exchange->response, reply->octets, reply->size);
    assert_true(good);
    exchange->outcome = outcome_judge(&exchange->response, exchange->request.type);
}

static void clear(struct stage *stage)
{
    for (size_t i = 0; i < stage->query.type_count; i++)
        response_free(&stage->exchanges[i].response);
}

static void assert_text(const struct stage *stage, const char *expected)
{
    struct buffer text = {0};
    exchange_text(&stage->exchanges[0], &stage->view, &text);
    assert_string_equal(buffer_text(&text), expected);
    buffer_free(&text);
}

static void test_answer(void **state)
{
    (void)state;
    struct stage stage;
    struct reply reply;
    set(&stage, 1);
    reply_begin(&reply, 0x8580, TYPE_A);
    reply_add(&reply, 1, TYPE_A, "\300\0\2\1", 4);
    reply_add(&reply, 1, TYPE_A, "\300\0\2\2", 4);
    reply_add(&reply, 2, TYPE_NS, "\2ns\xc0\x0c", 5);
    hear(&stage.exchanges[0], &reply);
    assert_text(&stage, ";; status: NOERROR, flags: qr aa rd ra, id: 9\n"
                        "\n;; QUESTION\n;a.test. IN A\n"
                        "\n;; ANSWER\na.test. 60 IN A  192.0.2.1\na.test. 60 IN A  192.0.2.2\n"
                        "\n;; AUTHORITY\na.test. 60 IN NS ns.a.test.\n");
    stage.query.parts = PART_ANSWER;
    assert_text(&stage, "a.test. 60 IN A 192.0.2.1\na.test. 60 IN A 192.0.2.2\n");
    stage.query.parts = 0;
    assert_text(&stage, "");
    struct buffer text = {0};
    exchange_text_brief(&stage.exchanges[0], &text);
    assert_string_equal(buffer_text(&text), "192.0.2.1\n192.0.2.2\n");
    buffer_free(&text);
    clear(&stage);
}

// What EDNS says; and nothing that a server says gets to the screen as a command.
static void test_edns(void **state)
{
    static const char options[] = "\0\3\0\4n\0331\n" // NSID
                                  "\0\12\0\20"
                                  "12345678serverXY"         // COOKIE
                                  "\0\13\0\2\0\144"          // keepalive, 10 s
                                  "\0\17\0\7\0\24a\nb\033["; // EDE 20
    (void)state;
    struct stage stage;
    struct reply reply;
    set(&stage, 1);
    stage.query.parts = PART_COMMENTS;
    reply_begin(&reply, 0x8185, TYPE_A);
    reply_add_opt(&reply, 0, options, sizeof options - 1);
    hear(&stage.exchanges[0], &reply);
    assert_text(&stage, ";; status: REFUSED, flags: qr rd ra, id: 9\n"
                        ";; EDNS: version 0, do, payload 1400\n"
                        ";; NSID: \"n?1?\" (6e1b310a)\n"
                        ";; cookie: 31323334353637387365727665725859 (good)\n"
                        ";; keepalive: 10.0 s\n"
                        ";; EDE: 20 Not Authoritative: a?b?[\n");
    stage.exchanges[0].request.cookie[0] = 'x';
    struct buffer text = {0};
    exchange_text(&stage.exchanges[0], &stage.view, &text);
    assert_non_null(strstr(buffer_text(&text), "(bad: the first half is not ours)"));
    buffer_free(&text);
    clear(&stage);
}

static void test_warnings(void **state)
{
    (void)state;
    struct stage stage;
    struct reply reply;
    set(&stage, 1);
    stage.query.parts = PART_COMMENTS;
    stage.exchanges[0].ask.strays = 2;
    reply_begin(&reply, 0x8381, TYPE_A);
    reply.octets[reply.size++] = 0;
    hear(&stage.exchanges[0], &reply);
    assert_text(&stage, ";; status: FORMERR, flags: qr tc rd ra, id: 9\n"
                        ";; warning: truncated, there is more\n"
                        ";; warning: 1 octets behind the last record\n"
                        ";; warning: no EDNS in the reply; try +noedns\n"
                        ";; warning: 2 other messages came and were ignored\n");
    clear(&stage);
}

static void test_outcomes_in_header(void **state)
{
    static const struct {
        unsigned flags;
        const char *line;
    } cases[] = {
        {0x8583, ";; status: NXDOMAIN (no such name), flags: qr aa rd ra, id: 9\n"},
        {0x8580, ";; status: NOERROR (no such type), flags: qr aa rd ra, id: 9\n"},
        {0x8182, ";; status: SERVFAIL, flags: qr rd ra, id: 9\n"},
        {0xa5f0,
         ";; status: NOERROR (no such type), opcode: 4, flags: qr aa rd ra z ad cd, id: 9\n"},
        {0x818f, ";; status: RCODE15, flags: qr rd ra, id: 9\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stage stage;
        struct reply reply;
        set(&stage, 1);
        stage.exchanges[0].request.edns = false;
        stage.query.parts = PART_COMMENTS;
        reply_begin(&reply, cases[i].flags, TYPE_A);
        hear(&stage.exchanges[0], &reply);
        assert_text(&stage, cases[i].line);
        clear(&stage);
    }
}

static void test_all(void **state)
{
    static const char ede[] = "\0\17\0\2\0\16"; // EDE 14
    (void)state;
    struct stage stage;
    struct reply reply;
    set(&stage, 3);
    stage.query.parts = 63;
    reply_begin(&reply, 0x8580, TYPE_A);
    reply_add(&reply, 1, TYPE_A, "\300\0\2\1", 4);
    reply_add(&reply, 2, TYPE_NS, "\2ns\xc0\x0c", 5);
    hear(&stage.exchanges[0], &reply);
    reply_begin(&reply, 0x8580, TYPE_MX);
    hear(&stage.exchanges[1], &reply);
    reply_begin(&reply, 0x8582, TYPE_TXT);
    reply_add_opt(&reply, 0, ede, sizeof ede - 1);
    hear(&stage.exchanges[2], &reply);
    struct buffer text = {0};
    exchange_text_all(stage.exchanges, &stage.view, &text);
    assert_string_equal(buffer_text(&text), "a.test. 60 IN A 192.0.2.1\n"
                                            ";; no such type: MX\n"
                                            ";; server failure: TXT\n"
                                            ";; EDE: 14 Not Ready\n"
                                            ";; 192.0.2.53:53, 3 questions, 12.3 ms\n");
    buffer_free(&text);
    clear(&stage);
}

// --- words ---------------------------------------------------------------------------------------

static void assert_complaint(struct stage *stage, const char *expected)
{
    char said[1024] = "";
    FILE *kept = stderr;
    stderr = fmemopen(said, sizeof said, "w");
    exchange_text_complain(stage->exchanges, &stage->view);
    fclose(stderr);
    stderr = kept;
    assert_string_equal(said, expected);
}

static void test_complaints(void **state)
{
    (void)state;
    struct stage stage;
    set(&stage, 2);
    for (size_t i = 0; i < 2; i++) {
        stage.exchanges[i].outcome = OUTCOME_NO_SERVER;
        stage.exchanges[i].ask.result = ASK_NO_SERVER;
        stage.exchanges[i].ask.error = ECONNREFUSED;
    }
    assert_complaint(&stage,
                     "onym: no server at 192.0.2.53:53 (UDP): Connection refused\n"
                     "  nothing listens there: is the server running, and is the port right?\n");
    for (size_t i = 0; i < 2; i++) {
        stage.exchanges[i].outcome = OUTCOME_TIMED_OUT;
        stage.exchanges[i].ask = (struct ask){.result = ASK_TIMED_OUT};
    }
    assert_complaint(&stage, "onym: no reply from 192.0.2.53:53 (UDP) within 9 s: a.test. A MX\n"
                             "  is UDP let through on the way? try +tcp\n");
    stage.exchanges[1].outcome = OUTCOME_BAD_REPLY;
    stage.exchanges[1].ask = (struct ask){.result = ASK_BAD_REPLY, .over_tcp = true};
    stage.exchanges[1].truncated = true;
    stage.exchanges[1].problem = "it is a query";
    stage.exchanges[0].outcome = OUTCOME_ANSWER;
    assert_complaint(&stage,
                     "onym: truncated over UDP; bad reply from 192.0.2.53:53 (TCP): it is a "
                     "query: a.test. MX\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answer),   cmocka_unit_test(test_edns),
        cmocka_unit_test(test_warnings), cmocka_unit_test(test_outcomes_in_header),
        cmocka_unit_test(test_all),      cmocka_unit_test(test_complaints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
