// Asking a server of our own: good replies, and each way in which one can fail.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>

#include "cli/ask.h"
#include "dns/type.h"
#include "fake.h"

static void fill(struct ask *ask, uint16_t id)
{
    static const uint8_t wire[] = "\1a\4test";
    struct request request = {.name = {wire, sizeof wire, 2}, .type = TYPE_A, .class = CLASS_IN};
    *ask = (struct ask){0};
    ask->query_size = request_build(&request, id, ask->query);
}

static void ask_one(struct ask *ask, const struct fake *fake, bool tcp)
{
    struct ask_options options = {.server = fake->address, .tcp = tcp, .time_ms = 150, .tries = 2};
    fill(ask, 0x4711);
    ask_all(&ask, 1, &options);
}

// --- good replies --------------------------------------------------------------------------------

static size_t answer_address(struct fake *fake, const uint8_t *query, size_t size, uint8_t *reply)
{
    (void)fake;
    return fake_address(query, size, reply);
}

static size_t answer_second(struct fake *fake, const uint8_t *query, size_t size, uint8_t *reply)
{
    return fake->queries < 2 ? 0 : fake_address(query, size, reply);
}

static size_t answer_upper(struct fake *fake, const uint8_t *query, size_t size, uint8_t *reply)
{
    (void)fake;
    size_t answered = fake_address(query, size, reply);
    reply[13] = 'A';
    return answered;
}

static size_t answer_formerr(struct fake *fake, const uint8_t *query, size_t size, uint8_t *reply)
{
    (void)fake;
    fake_echo(query, size, 1, reply);
    reply[5] = 0; // no question
    return 12;
}

static void test_replied(void **state)
{
    static const struct {
        fake_answer *answer;
        bool tcp;
        unsigned sent;
    } cases[] = {
        {answer_address, false, 1}, {answer_address, true, 1},  {answer_second, false, 2},
        {answer_upper, false, 1},   {answer_formerr, false, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fake fake;
        struct ask ask;
        fake_start(&fake, cases[i].answer);
        ask_one(&ask, &fake, cases[i].tcp);
        fake_stop(&fake);
        assert_int_equal(ask.result, ASK_REPLIED);
        assert_true(ask.reply_size >= 12);
        assert_int_equal(ask.sent, cases[i].sent);
        assert_int_equal(ask.over_tcp, cases[i].tcp);
        assert_int_equal(ask.strays, 0);
        ask_free(&ask);
    }
}

// Many at once, each gets its own.
static void test_many(void **state)
{
    (void)state;
    struct fake fake;
    struct ask asks[30], *pointers[30];
    fake_start(&fake, answer_address);
    for (unsigned round = 0; round < 2; round++) {
        struct ask_options options = {
            .server = fake.address, .tcp = round, .time_ms = 2000, .tries = 1};
        for (uint16_t i = 0; i < 30; i++) {
            fill(&asks[i], (uint16_t)(1000 + i));
            pointers[i] = &asks[i];
        }
        ask_all(pointers, 30, &options);
        for (uint16_t i = 0; i < 30; i++) {
            assert_int_equal(asks[i].result, ASK_REPLIED);
            assert_int_equal(asks[i].reply[0] << 8 | asks[i].reply[1], 1000 + i);
            ask_free(&asks[i]);
        }
    }
    fake_stop(&fake);
    assert_int_equal(fake.queries, 60);
}

static void test_wildcard(void **state)
{
    (void)state;
    struct fake fake;
    struct ask ask;
    fake_start(&fake, answer_address);
    struct fake same = fake;
    same.address.v4.sin_addr.s_addr = htonl(INADDR_ANY);
    ask_one(&ask, &same, false);
    fake_stop(&fake);
    assert_int_equal(ask.result, ASK_REPLIED);
    ask_free(&ask);
}

// --- bad ones ------------------------------------------------------------------------------------

static size_t answer_nothing(struct fake *fake, const uint8_t *query, size_t size, uint8_t *reply)
{
    (void)fake, (void)query, (void)size, (void)reply;
    return 0;
}

static size_t answer_other_id(struct fake *fake, const uint8_t *query, size_t size, uint8_t *reply)
{
    (void)fake;
    size_t answered = fake_address(query, size, reply);
    reply[1] ^= 1;
    return answered;
}

static size_t answer_elsewhere(struct fake *fake, const uint8_t *query, size_t size, uint8_t *reply)
{
    fake->from_elsewhere = true;
    return fake_address(query, size, reply);
}

static size_t answer_other_question(struct fake *fake, const uint8_t *query, size_t size,
                                    uint8_t *reply)
{
    (void)fake;
    size_t answered = fake_address(query, size, reply);
    reply[13] = 'b';
    return answered;
}

static size_t answer_other_type(struct fake *fake, const uint8_t *query, size_t size,
                                uint8_t *reply)
{
    (void)fake;
    size_t answered = fake_address(query, size, reply);
    reply[size - 3] = 28;
    return answered;
}

static size_t answer_no_question(struct fake *fake, const uint8_t *query, size_t size,
                                 uint8_t *reply)
{
    (void)fake;
    fake_echo(query, size, 0, reply);
    reply[5] = 0;
    return 12;
}

static size_t answer_query(struct fake *fake, const uint8_t *query, size_t size, uint8_t *reply)
{
    (void)fake;
    memcpy(reply, query, size);
    return size;
}

static size_t answer_short(struct fake *fake, const uint8_t *query, size_t size, uint8_t *reply)
{
    (void)fake;
    memcpy(reply, query, size);
    return 5;
}

static size_t answer_garbage(struct fake *fake, const uint8_t *query, size_t size, uint8_t *reply)
{
    (void)fake, (void)query, (void)size;
    memset(reply, 0xff, 100);
    return 100;
}

static size_t answer_cut(struct fake *fake, const uint8_t *query, size_t size, uint8_t *reply)
{
    (void)fake;
    memcpy(reply, query, size);
    reply[2] |= 0x80;
    return 15;
}

static size_t answer_opcode(struct fake *fake, const uint8_t *query, size_t size, uint8_t *reply)
{
    (void)fake;
    size_t answered = fake_address(query, size, reply);
    reply[2] |= 0x20;
    return answered;
}

static void test_failed(void **state)
{
    static const struct {
        fake_answer *answer;
        bool tcp;
        enum ask_result result;
        const char *problem;
        unsigned strays;
    } cases[] = {
        {answer_nothing, false, ASK_TIMED_OUT, NULL, 0},
        {answer_nothing, true, ASK_BAD_REPLY, "the connection was closed without one", 0},
        {answer_other_id, false, ASK_BAD_REPLY, "its ID is another", 1},
        {answer_other_id, true, ASK_BAD_REPLY, "its ID is another", 0},
        {answer_elsewhere, false, ASK_BAD_REPLY, "it comes from another address", 1},
        {answer_other_question, false, ASK_BAD_REPLY, "it answers another question", 0},
        {answer_other_type, false, ASK_BAD_REPLY, "it answers another question", 0},
        {answer_no_question, false, ASK_BAD_REPLY, "it does not repeat the question", 0},
        {answer_query, false, ASK_BAD_REPLY, "it is a query", 0},
        {answer_short, false, ASK_BAD_REPLY, "it is shorter than a header", 0},
        {answer_garbage, false, ASK_BAD_REPLY, "its ID is another", 1},
        {answer_cut, false, ASK_BAD_REPLY, "its question is malformed", 0},
        {answer_cut, true, ASK_BAD_REPLY, "its question is malformed", 0},
        {answer_opcode, false, ASK_BAD_REPLY, "its opcode is another", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fake fake;
        struct ask ask;
        fake_start(&fake, cases[i].answer);
        ask_one(&ask, &fake, cases[i].tcp);
        fake_stop(&fake);
        assert_int_equal(ask.result, cases[i].result);
        if (cases[i].problem)
            assert_string_equal(ask.problem, cases[i].problem);
        assert_int_equal(ask.strays, cases[i].strays);
        assert_null(ask.reply);
        // A server that answers, if badly, is not asked again.
        assert_int_equal(fake.queries, cases[i].result == ASK_TIMED_OUT ? 2 : 1);
    }
}

// A stray message does not hide the reply that comes after it (TuDoor).
static size_t answer_after_stray(struct fake *fake, const uint8_t *query, size_t size,
                                 uint8_t *reply)
{
    size_t stray = answer_other_id(fake, query, size, reply);
    sendto(fake->udp, reply, stray, 0, (struct sockaddr *)&fake->client, sizeof fake->client);
    return fake_address(query, size, reply);
}

static void test_stray_then_reply(void **state)
{
    (void)state;
    struct fake fake;
    struct ask ask;
    fake_start(&fake, answer_after_stray);
    ask_one(&ask, &fake, false);
    fake_stop(&fake);
    assert_int_equal(ask.result, ASK_REPLIED);
    assert_int_equal(ask.strays, 1);
    ask_free(&ask);
}

static void test_no_server(void **state)
{
    (void)state;
    for (unsigned tcp = 0; tcp < 2; tcp++) {
        struct fake fake;
        struct ask ask;
        fake_start(&fake, answer_address);
        fake_stop(&fake); // its port is free now
        ask_one(&ask, &fake, tcp);
        assert_int_equal(ask.result, ASK_NO_SERVER);
        assert_int_equal(ask.error, ECONNREFUSED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replied),          cmocka_unit_test(test_many),
        cmocka_unit_test(test_wildcard),         cmocka_unit_test(test_failed),
        cmocka_unit_test(test_stray_then_reply), cmocka_unit_test(test_no_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
