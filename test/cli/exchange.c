// Rounds of asking: truncation, cookies, and what is made of each end.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "cli/exchange.h"
#include "dns/type.h"
#include "fake.h"

static const uint8_t wire[] = "\1a\4test";

static struct query_words words(size_t types)
{
    static const uint16_t list[] = {TYPE_A, TYPE_MX, TYPE_TXT};
    struct query_words query = {.request = {.name = {wire, sizeof wire, 2},
                                            .class = CLASS_IN,
                                            .edns = true,
                                            .payload = 1232,
                                            .cookie_size = 8,
                                            .cookie = "12345678"},
                                .type_count = types,
                                .time_ms = 150,
                                .tries = 1};
    memcpy(query.types, list, types * sizeof list[0]);
    return query;
}

static size_t answer_address(struct fake *fake, const uint8_t *query, size_t size, uint8_t *reply)
{
    (void)fake;
    return fake_address(query, size, reply);
}

static void test_several(void **state)
{
    (void)state;
    struct fake fake;
    struct query_words query = words(3);
    fake_start(&fake, answer_address);
    struct exchange *exchanges = exchange_run(&query, &fake.address);
    fake_stop(&fake);
    assert_int_equal(exchanges[0].outcome, OUTCOME_ANSWER);
    assert_int_equal(exchanges[1].outcome, OUTCOME_NODATA); // an A record, but MX was asked for
    assert_int_equal(exchanges[2].outcome, OUTCOME_NODATA);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(exchanges[i].request.type, query.types[i]);
        assert_int_equal(exchanges[i].response.count, 1);
    }
    exchange_free(exchanges, 3);
}

// --- truncation ----------------------------------------------------------------------------------

static size_t answer_truncated(struct fake *fake, const uint8_t *query, size_t size, uint8_t *reply)
{
    return fake->over_tcp ? fake_address(query, size, reply)
                          : fake_echo(query, size, 0x0200, reply);
}

static size_t answer_truncated_always(struct fake *fake, const uint8_t *query, size_t size,
                                      uint8_t *reply)
{
    return fake->over_tcp ? 0 : fake_echo(query, size, 0x0200, reply);
}

static void test_truncated(void **state)
{
    static const struct {
        fake_answer *answer;
        bool ignore, over_tcp, truncated;
        enum outcome outcome;
        size_t records;
    } cases[] = {
        {answer_truncated, false, true, true, OUTCOME_ANSWER, 1},
        {answer_truncated, true, false, false, OUTCOME_ANSWER, 0},
        {answer_truncated_always, false, true, true, OUTCOME_BAD_REPLY, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fake fake;
        struct query_words query = words(1);
        query.ignore = cases[i].ignore;
        fake_start(&fake, cases[i].answer);
        struct exchange *exchange = exchange_run(&query, &fake.address);
        fake_stop(&fake);
        assert_int_equal(exchange->outcome, cases[i].outcome);
        assert_int_equal(exchange->ask.over_tcp, cases[i].over_tcp);
        assert_int_equal(exchange->truncated, cases[i].truncated);
        assert_int_equal(exchange->response.count, cases[i].records);
        exchange_free(exchange, 1);
    }
}

// --- cookies -------------------------------------------------------------------------------------

// BADCOOKIE with a server cookie until that cookie comes back (RFC 7873 5.2.3).
static size_t answer_bad_cookie(struct fake *fake, const uint8_t *query, size_t size,
                                uint8_t *reply)
{
    static const uint8_t opt[] = "\0\0\51\4\320\1\0\0\0\0\24\0\12\0\20"
                                 "12345678serverXY";
    (void)fake;
    if (size >= 8 && memcmp(query + size - 8, "serverXY", 8) == 0)
        return fake_address(query, size, reply);
    size_t end = fake_echo(query, size, 7, reply);
    memcpy(reply + end, opt, sizeof opt - 1);
    reply[11] = 1;
    return end + sizeof opt - 1;
}

static void test_cookie(void **state)
{
    (void)state;
    struct fake fake;
    struct query_words query = words(1);
    fake_start(&fake, answer_bad_cookie);
    struct exchange *exchange = exchange_run(&query, &fake.address);
    assert_int_equal(exchange->outcome, OUTCOME_ANSWER);
    assert_true(exchange->cookie_renewed);
    exchange_free(exchange, 1);
    // Who sends no cookie gets what the server says.
    query.request.cookie_size = 0;
    exchange = exchange_run(&query, &fake.address);
    assert_int_equal(exchange->outcome, OUTCOME_ERROR);
    assert_int_equal(exchange->response.rcode, RCODE_BADCOOKIE);
    exchange_free(exchange, 1);
    fake_stop(&fake);
    assert_int_equal(fake.queries, 3);
}

// A server that is never content is asked twice, not for ever.
static size_t answer_never_content(struct fake *fake, const uint8_t *query, size_t size,
                                   uint8_t *reply)
{
    uint8_t plain[512];
    memcpy(plain, query, size);
    plain[size - 1] ^= 1;
    return answer_bad_cookie(fake, plain, size, reply);
}

static void test_cookie_loop(void **state)
{
    (void)state;
    struct fake fake;
    struct query_words query = words(1);
    fake_start(&fake, answer_never_content);
    struct exchange *exchange = exchange_run(&query, &fake.address);
    fake_stop(&fake);
    assert_int_equal(exchange->outcome, OUTCOME_ERROR);
    assert_int_equal(fake.queries, 2);
    exchange_free(exchange, 1);
}

// --- bad ends ------------------------------------------------------------------------------------

static size_t answer_malformed(struct fake *fake, const uint8_t *query, size_t size, uint8_t *reply)
{
    (void)fake;
    return fake_address(query, size, reply) - 1;
}

static size_t answer_nothing(struct fake *fake, const uint8_t *query, size_t size, uint8_t *reply)
{
    (void)fake, (void)query, (void)size, (void)reply;
    return 0;
}

static void test_bad(void **state)
{
    (void)state;
    struct fake fake;
    struct query_words query = words(1);
    fake_start(&fake, answer_malformed);
    struct exchange *exchange = exchange_run(&query, &fake.address);
    assert_int_equal(exchange->outcome, OUTCOME_BAD_REPLY);
    assert_string_equal(exchange->problem, "it ends in the middle of a record");
    exchange_free(exchange, 1);
    fake_stop(&fake);
    fake_start(&fake, answer_nothing);
    exchange = exchange_run(&query, &fake.address);
    assert_int_equal(exchange->outcome, OUTCOME_TIMED_OUT);
    exchange_free(exchange, 1);
    fake_stop(&fake);
    exchange = exchange_run(&query, &fake.address);
    assert_int_equal(exchange->outcome, OUTCOME_NO_SERVER);
    exchange_free(exchange, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_several), cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_cookie),  cmocka_unit_test(test_cookie_loop),
        cmocka_unit_test(test_bad),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
