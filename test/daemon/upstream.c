// A resolver and its sockets, with a server on loopback and a clock of our own.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

#include "daemon/upstream.h"
#include "forwarder.h"

enum { KIND_UDP = 1, KIND_TCP };

static struct forwarder forwarder;
static struct upstream upstream;
static struct loop loop;
static struct address server;
static int server_fd;
static uint64_t now_us;

static int set_up(void **state)
{
    (void)state;
    now_us = 5000000000u;
    assert_true(address_parse("127.0.0.1", 0, &server));
    server_fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(server_fd, &server.any, server.size), 0);
    socklen_t size = sizeof server.v4;
    assert_int_equal(getsockname(server_fd, &server.any, &size), 0);
    assert_int_equal(loop_open(&loop), 0);
    forwarder_open(&forwarder, &server);
    struct outbound_options way_out = {.loop = &loop, .udp_kind = KIND_UDP, .tcp_kind = KIND_TCP};
    struct resolver_options resolver = forwarder_resolver(&forwarder);
    return !upstream_open(&upstream, &way_out, &resolver);
}

static int tear_down(void **state)
{
    (void)state;
    upstream_close(&upstream);
    upstream_close(&upstream); // closed is closed
    forwarder_close(&forwarder);
    loop_close(&loop);
    close(server_fd);
    return 0;
}

static void want(const char *text)
{
    static struct answer answer;
    uint8_t wire[NAME_OCTETS_MAX];
    struct want want = {.name = forwarder_name(text, wire), .type = TYPE_A, .token = 1};
    assert_int_equal(resolver_want(upstream.resolver, forwarder.rules, &want, now_us, &answer),
                     RESOLVE_WAITING);
}

// True: a query came, and was answered.
static bool serve_one(void)
{
    struct address client = {.size = sizeof client.v6};
    uint8_t query[512], reply[512];
    ssize_t got = recvfrom(server_fd, query, sizeof query, 0, &client.any, &client.size);
    if (got < 0)
        return false;
    size_t size = forwarder_reply(query, 9, reply);
    assert_int_equal(sendto(server_fd, reply, size, 0, &client.any, client.size), size);
    return true;
}

// What is ready within a second, and the turn after it.
static void turn(void)
{
    unsigned count = loop_wait(&loop, 1000);
    for (unsigned i = 0; i < count; i++) {
        uint32_t ready;
        struct loop_tag tag = loop_event(&loop, i, &ready);
        upstream_ready(&upstream, tag, ready, now_us);
    }
    upstream_turn(&upstream, now_us);
}

static void test_there_and_back(void **state)
{
    struct resolved resolved;
    struct stats stats = {0};
    (void)state;
    want("www.example.test.");
    assert_false(serve_one()); // not before the turn
    upstream_turn(&upstream, now_us);
    assert_true(serve_one());
    assert_false(resolver_next_resolved(upstream.resolver, &resolved));
    upstream_count(&upstream, &stats);
    assert_int_equal(stats.recursion.inflight, 1);
    assert_int_equal(stats.recursion.waiting, 1);
    now_us += 3000;
    turn();
    assert_true(resolver_next_resolved(upstream.resolver, &resolved));
    assert_int_equal(resolved.token, 1);
    assert_int_equal(resolved.answer->rcode, RCODE_NOERROR);
    assert_int_equal(resolved.answer->count, 1);
    upstream_flush(&upstream, now_us);
    upstream_count(&upstream, &stats);
    assert_int_equal(stats.recursion.asks_udp, 1);
    assert_int_equal(stats.recursion.replies, 1);
    assert_int_equal(stats.recursion.waiting, 0);
}

// Nobody listens there any more: the word of it comes back as a failure, and ends in an answer.
static void test_nobody_there(void **state)
{
    struct resolved resolved;
    (void)state;
    close(server_fd);
    server_fd = -1;
    want("www.example.test.");
    bool resolved_at_last = false;
    for (unsigned i = 0; i < 100 && !resolved_at_last; i++) {
        upstream_turn(&upstream, now_us);
        resolved_at_last = resolver_next_resolved(upstream.resolver, &resolved);
        if (resolved_at_last)
            break;
        unsigned count = loop_wait(&loop, 10);
        for (unsigned e = 0; e < count; e++) {
            uint32_t ready;
            struct loop_tag tag = loop_event(&loop, e, &ready);
            upstream_ready(&upstream, tag, ready, now_us);
        }
        now_us += 100000;
    }
    assert_true(resolved_at_last);
    assert_int_equal(resolved.answer->rcode, RCODE_SERVFAIL);
    struct stats stats = {0};
    upstream_count(&upstream, &stats);
    assert_true(stats.recursion.unsent > 0);
}

// A time-out that is over when the worker goes to sleep must not be acted upon there: the answer
// that comes of it would wait for whatever wakes the worker next.
static void test_rest_ends_nothing(void **state)
{
    struct resolved resolved;
    (void)state;
    want("www.example.test.");
    upstream_turn(&upstream, now_us);
    int rest_ms = upstream_rest(&upstream, now_us);
    assert_in_range(rest_ms, 1, 10000);
    now_us += 60000000; // its budget of time is over
    assert_int_equal(upstream_rest(&upstream, now_us), 0);
    assert_false(resolver_next_resolved(upstream.resolver, &resolved));
    assert_int_equal(upstream_rest(&upstream, now_us), 0); // and goes on being so
    upstream_turn(&upstream, now_us);
    assert_true(resolver_next_resolved(upstream.resolver, &resolved));
    assert_int_equal(resolved.answer->rcode, RCODE_SERVFAIL);
}

// What is asked after a tick is not forgotten by the next sleep: the tick is last in a turn.
static void test_rest_knows_of_the_last_ask(void **state)
{
    (void)state;
    upstream_turn(&upstream, now_us);
    assert_true(upstream.due_us == UINT64_MAX);
    want("www.example.test.");
    upstream_turn(&upstream, now_us);
    assert_true(upstream.due_us < now_us + 10000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_there_and_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nobody_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rest_ends_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rest_knows_of_the_last_ask, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
