// A resolver of our own against a server that is the root and everything else.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "cli/output.h"
#include "cli/walk.h"
#include "fake.h"

static const struct name name = {(const uint8_t *)"\3www\4test", 10, 2};

// The query's question back, with an address for its name, in the query's own case.
static size_t say_address(struct fake *fake, const uint8_t *query, size_t size, uint8_t *reply)
{
    (void)fake;
    size_t at = 12;
    while (query[at])
        at += 1 + query[at];
    at += 5;
    assert(at <= size);
    memcpy(reply, query, at);
    reply[2] = 0x84; // QR AA
    reply[3] = 0;
    memset(reply + 4, 0, 8);
    reply[5] = 1;
    if (reply[at - 3] != TYPE_A || reply[12] == 0) // the root's own NS, or a name in between
        return at;
    reply[7] = 1;
    memcpy(reply + at, "\300\14\0\1\0\1\0\0\0\74\0\4\300\0\2\1", 16);
    return at + 16;
}

static size_t say_nothing(struct fake *fake, const uint8_t *query, size_t size, uint8_t *reply)
{
    (void)fake, (void)query, (void)size, (void)reply;
    return 0;
}

static struct rules *rules_of(const struct address *server)
{
    static const struct name host = {(const uint8_t *)"\4root", 6, 1};
    struct rules *rules = rules_make();
    rules_set_root(rules, false);
    rules_add_root_server(rules, host, server);
    rules->never_ask_count = 0; // the server is on loopback
    rules->quiet = true;
    rules->special_names = false;
    return rules;
}

static void test_an_answer(void **state)
{
    (void)state;
    struct fake fake;
    struct trace trace;
    struct resolver_counts counts;
    fake_start(&fake, say_address);
    struct rules *rules = rules_of(&fake.address);
    struct walk *walk = walk_open(rules);
    assert_non_null(walk);
    trace_begin(&trace, clock_now_us());
    struct want want = {.name = name, .type = TYPE_A, .trace = &trace};
    const struct answer *answer = walk_resolve(walk, &want);
    assert_non_null(answer);
    assert_int_equal(answer->rcode, RCODE_NOERROR);
    assert_int_equal(answer->rrsets[0].rrset->type, TYPE_A);
    assert_true(trace.count >= 4); // question, zone, ask, reply
    walk_count(walk, &counts);
    assert_true(counts.asks_udp >= 1 && counts.asks_udp <= 4);
    // It is known now, and nobody is asked.
    uint64_t asks = counts.asks_udp;
    answer = walk_resolve(walk, &want);
    assert_int_equal(answer->rcode, RCODE_NOERROR);
    walk_count(walk, &counts);
    assert_int_equal(counts.asks_udp, asks);
    walk_close(walk);
    rules_release(rules);
    trace_free(&trace);
    fake_stop(&fake);
}

static void test_no_answer(void **state)
{
    (void)state;
    struct fake fake;
    fake_start(&fake, say_nothing);
    struct rules *rules = rules_of(&fake.address);
    rules->time_max_ms = 700;
    struct walk *walk = walk_open(rules);
    uint64_t began_us = clock_now_us();
    struct want want = {.name = name, .type = TYPE_A};
    const struct answer *answer = walk_resolve(walk, &want);
    assert_non_null(answer);
    assert_int_equal(answer->rcode, RCODE_SERVFAIL);
    assert_int_not_equal(answer->ede, EDE_NONE);
    assert_non_null(answer->ede_text);
    assert_true(clock_now_us() - began_us < 5000000);
    walk_close(walk);
    rules_release(rules);
    fake_stop(&fake);
}

static int begin(void **state)
{
    (void)state;
    output_begin(COLOUR_NEVER, false, 0);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_answer),
        cmocka_unit_test(test_no_answer),
    };
    return cmocka_run_group_tests(tests, begin, NULL);
}
