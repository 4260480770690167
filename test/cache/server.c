// cache/server: how fast, how often silent, and what it can do; for a while.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "cache/server.h"

#define NOW    1000000000u
#define SECOND 1000000u

static const struct hash_key secret = {{1, 2}};
static struct servers *servers;

static int set_up(void **state)
{
    (void)state;
    servers = servers_open(1024, &secret);
    return servers ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    servers_close(servers);
    return 0;
}

static struct address address_of(const char *text)
{
    struct address address;
    assert_true(address_parse(text, 53, &address));
    return address;
}

static struct server_known get(const char *text, uint64_t now_us)
{
    struct server_known known;
    struct address address = address_of(text);
    servers_get(servers, &address, now_us, &known);
    return known;
}

static void miss(const char *text, enum server_fault fault, uint64_t now_us)
{
    struct address address = address_of(text);
    servers_failed(servers, &address, fault, 77, now_us);
}

static void be_silent(const char *text, uint64_t sent_us, uint64_t now_us)
{
    struct address address = address_of(text);
    servers_timed_out(servers, &address, sent_us, now_us);
}

static void reply(const char *text, uint32_t rtt_us, uint64_t now_us)
{
    struct address address = address_of(text);
    servers_replied(servers, &address, rtt_us, now_us);
}

static void test_unknown(void **state)
{
    (void)state;
    struct server_known known = get("192.0.2.1", NOW);
    assert_false(known.known || known.dead || known.probe || known.no_edns || known.no_case ||
                 known.tcp_only);
    assert_int_equal(known.wait_us, SERVER_WAIT_START_MS * 1000);
    assert_int_equal(known.srtt_us, 0);
}

// RFC 6298 2.2, 2.3, with its gains.
static void test_rtt(void **state)
{
    (void)state;
    static const struct {
        uint32_t rtt_us, srtt_us, var_us, wait_us;
    } rows[] = {
        {80000, 80000, 40000, 240000},
        {160000, 90000, 50000, 290000},
        {90000, 90000, 37500, 240000},
        {90000, 90000, 28125, 202500},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        reply("192.0.2.1", rows[i].rtt_us, NOW);
        struct server_known known = get("192.0.2.1", NOW);
        assert_true(known.known);
        assert_int_equal(known.srtt_us, rows[i].srtt_us);
        assert_int_equal(known.var_us, rows[i].var_us);
        assert_int_equal(known.wait_us, rows[i].wait_us);
    }
    for (unsigned i = 0; i < 100; i++)
        reply("192.0.2.2", i, NOW);
    assert_true(get("192.0.2.2", NOW).srtt_us > 0);
    assert_int_equal(get("192.0.2.2", NOW).wait_us, SERVER_WAIT_MIN_MS * 1000);
    for (unsigned i = 0; i < 100; i++)
        reply("192.0.2.3", UINT32_MAX - i, NOW);
    assert_int_equal(get("192.0.2.3", NOW).wait_us, SERVER_WAIT_MAX_MS * 1000);
}

// What is waited before another one is asked beside it: near ones are waited for less than the
// floor of the whole time, and who was silent has no usual time.
static void test_usual_time(void **state)
{
    (void)state;
    assert_int_equal(get("192.0.2.1", NOW).usual_us, 0);
    for (unsigned i = 0; i < 100; i++)
        reply("192.0.2.1", 20000, NOW);
    struct server_known known = get("192.0.2.1", NOW);
    assert_in_range(known.srtt_us, 19900, 20000);
    assert_int_equal(known.usual_us, known.srtt_us + SERVER_HEDGE_MIN_MS * 1000);
    reply("192.0.2.2", 80000, NOW);
    assert_int_equal(get("192.0.2.2", NOW).usual_us, 240000);
    be_silent("192.0.2.1", NOW, NOW);
    assert_int_equal(get("192.0.2.1", NOW).usual_us, 0);
    reply("192.0.2.3", UINT32_MAX, NOW);
    assert_int_equal(get("192.0.2.3", NOW).usual_us, SERVER_WAIT_MAX_MS * 1000);
}

static void test_timeouts(void **state)
{
    (void)state;
    reply("192.0.2.1", 80000, NOW);
    uint32_t wait_us = get("192.0.2.1", NOW).wait_us;
    for (unsigned i = 1; i <= 300; i++) {
        if (i % 2)
            be_silent("192.0.2.1", NOW, NOW);
        else
            miss("192.0.2.1", SERVER_UNREACHABLE, NOW);
        struct server_known known = get("192.0.2.1", NOW);
        wait_us = wait_us * 2 < SERVER_WAIT_MAX_MS * 1000 ? wait_us * 2 : SERVER_WAIT_MAX_MS * 1000;
        assert_int_equal(known.wait_us, wait_us);
        assert_int_equal(known.timeouts, i < 255 ? i : 255);
        assert_int_equal(known.dead, i >= SERVER_DEAD_TIMEOUTS);
    }
    reply("192.0.2.1", 80000, NOW);
    assert_int_equal(get("192.0.2.1", NOW).timeouts, 0);
    assert_false(get("192.0.2.1", NOW).dead);
}

// A hundred questions that were sent at once and are lost at once say as much as one.
static void test_timeouts_of_one_moment_are_one(void **state)
{
    (void)state;
    uint64_t now = NOW;
    for (unsigned round = 1; round <= SERVER_DEAD_TIMEOUTS; round++) {
        assert_false(get("192.0.2.1", now).dead);
        for (unsigned i = 0; i < 100; i++)
            be_silent("192.0.2.1", now + i, now + 1000 + i);
        assert_int_equal(get("192.0.2.1", now).timeouts, round);
        now += 10000;
    }
    assert_true(get("192.0.2.1", now).dead);
}

// One asks a dead server again, once a while; the others wait for what comes of it.
static void test_probe(void **state)
{
    (void)state;
    struct address address = address_of("192.0.2.1");
    const uint64_t later = NOW + SERVER_PROBE_MS * 1000;
    for (unsigned i = 0; i < SERVER_DEAD_TIMEOUTS; i++) {
        assert_false(get("192.0.2.1", NOW).probe);
        be_silent("192.0.2.1", NOW, NOW);
    }
    assert_true(get("192.0.2.1", later - 1).dead);
    assert_false(get("192.0.2.1", later - 1).probe);
    assert_false(get("192.0.2.1", later).dead);
    assert_true(get("192.0.2.1", later).probe);
    servers_probing(servers, &address, later);
    assert_true(get("192.0.2.1", later + 1).dead);
    assert_false(get("192.0.2.1", later + 1).probe);
    servers_revive(servers);
    assert_false(get("192.0.2.1", later + 1).dead);
    assert_int_equal(get("192.0.2.1", later + 1).timeouts, 0);
    assert_true(get("192.0.2.1", later + 1).known);
}

static void test_lame(void **state)
{
    (void)state;
    struct address address = address_of("192.0.2.1");
    for (uint64_t zone = 1; zone <= 5; zone++)
        servers_failed(servers, &address, SERVER_LAME, zone, NOW + zone * SECOND);
    const uint64_t now = NOW + 5 * SECOND;
    assert_false(servers_is_lame(servers, &address, 1, now)); // four are remembered
    for (uint64_t zone = 2; zone <= 5; zone++)
        assert_true(servers_is_lame(servers, &address, zone, now));
    assert_false(servers_is_lame(servers, &address, 6, now));
    assert_int_equal(get("192.0.2.1", now).timeouts, 0); // it answers, after all
    assert_true(
        servers_is_lame(servers, &address, 2, NOW + (2 + SERVER_LAME_S) * (uint64_t)SECOND - 1));
    assert_false(
        servers_is_lame(servers, &address, 2, NOW + (2 + SERVER_LAME_S) * (uint64_t)SECOND));
    servers_revive(servers);
    assert_false(servers_is_lame(servers, &address, 5, now));
}

static void test_traits_and_cookies(void **state)
{
    (void)state;
    struct address address = address_of("[2001:db8::1]:5353");
    uint8_t cookie[32];
    memset(cookie, 7, sizeof cookie);
    servers_learn(servers, &address, SERVER_NO_EDNS, NOW);
    assert_true(get("[2001:db8::1]:5353", NOW).no_edns);
    assert_false(get("[2001:db8::1]:5353", NOW).no_case);
    servers_learn(servers, &address, SERVER_NO_CASE, NOW);
    servers_learn(servers, &address, SERVER_TCP_ONLY, NOW);
    servers_keep_cookie(servers, &address, cookie, 32, NOW);
    struct server_known known = get("[2001:db8::1]:5353", NOW);
    assert_true(known.no_edns && known.no_case && known.tcp_only);
    assert_int_equal(known.cookie_size, 32);
    assert_memory_equal(known.cookie, cookie, 32);
    servers_keep_cookie(servers, &address, cookie, 0, NOW);
    assert_int_equal(get("[2001:db8::1]:5353", NOW).cookie_size, 0);
    assert_false(get("[2001:db8::1]:53", NOW).known); // the port counts
    assert_false(get("[2001:db8::2]:5353", NOW).known);
}

static void test_all_is_forgotten(void **state)
{
    (void)state;
    struct address address = address_of("192.0.2.1");
    const uint64_t later = NOW + (uint64_t)SERVER_TTL_S * SECOND;
    servers_learn(servers, &address, SERVER_NO_EDNS, NOW);
    reply("192.0.2.1", 1000, later - 1);
    assert_true(get("192.0.2.1", later - 1).no_edns);
    assert_false(get("192.0.2.1", later).known);
    reply("192.0.2.1", 5000, later);
    assert_false(get("192.0.2.1", later).no_edns);
    assert_int_equal(get("192.0.2.1", later).srtt_us, 5000);
}

static void test_families(void **state)
{
    (void)state;
    char text[64];
    for (unsigned i = 0; i < 100; i++) { // one network is one
        snprintf(text, sizeof text, "2001:db8::%x", i + 1);
        be_silent(text, NOW, NOW);
    }
    for (unsigned i = 1; i < SERVER_FAMILY_TIMEOUTS; i++) {
        assert_true(servers_family_works(servers, AF_INET6));
        snprintf(text, sizeof text, "2001:db8:%x::1", i);
        miss(text, i == 2 ? SERVER_LAME : SERVER_UNREACHABLE, NOW);
    }
    assert_true(servers_family_works(servers, AF_INET6)); // who is lame has answered
    be_silent("2001:db8:ffff::1", NOW, NOW);
    assert_false(servers_family_works(servers, AF_INET6));
    assert_true(servers_family_works(servers, AF_INET));
    reply("192.0.2.1", 1000, NOW);
    assert_false(servers_family_works(servers, AF_INET6));
    reply("2001:db8:1::5", 1000, NOW);
    assert_true(servers_family_works(servers, AF_INET6));
    for (unsigned i = 0; i < SERVER_FAMILY_TIMEOUTS; i++) {
        snprintf(text, sizeof text, "192.0.%u.1", i);
        be_silent(text, NOW, NOW);
    }
    assert_false(servers_family_works(servers, AF_INET));
    servers_revive(servers);
    assert_true(servers_family_works(servers, AF_INET));
}

// More addresses than slots: the newest are there, and nothing is mixed up.
static void test_room(void **state)
{
    (void)state;
    unsigned there = 0;
    char text[64];
    for (unsigned i = 0; i < 5000; i++) {
        snprintf(text, sizeof text, "10.0.%u.%u", i / 250, i % 250);
        reply(text, 1000 + i, NOW + i);
        assert_int_equal(get(text, NOW + i).srtt_us, 1000 + i);
    }
    for (unsigned i = 0; i < 5000; i++) {
        snprintf(text, sizeof text, "10.0.%u.%u", i / 250, i % 250);
        struct server_known known = get(text, NOW + 5000);
        there += known.known;
        if (known.known)
            assert_int_equal(known.srtt_us, 1000 + i);
    }
    assert_true(there > 900 && there <= 1024);
}

static atomic_bool stop;

// Replies of a server are always as long as the port says, and its cookie says it too.
static void *learn(void *argument)
{
    struct address address = address_of("192.0.2.1");
    uint8_t cookie[32];
    unsigned number = *(unsigned *)argument;
    while (!atomic_load(&stop)) {
        number = number * 1664525 + 1013904223;
        uint16_t port = (uint16_t)(1000 * (1 + (number >> 8) % 8));
        address_set_port(&address, port);
        memset(cookie, port % 255, sizeof cookie);
        servers_keep_cookie(servers, &address, cookie, 32, NOW);
        servers_replied(servers, &address, port, NOW);
    }
    return NULL;
}

static void *judge(void *argument)
{
    struct address address = address_of("192.0.2.1");
    unsigned number = *(unsigned *)argument, known_count = 0;
    while (!atomic_load(&stop) || known_count == 0) {
        struct server_known known;
        number = number * 1664525 + 1013904223;
        uint16_t port = (uint16_t)(1000 * (1 + (number >> 8) % 8));
        address_set_port(&address, port);
        servers_get(servers, &address, NOW, &known);
        known_count += known.known;
        if (known.srtt_us && (known.srtt_us > port || known.srtt_us + 8 < port)) // it rounds down
            fail_msg("%u us of port %u", known.srtt_us, port);
        for (unsigned i = 0; i < known.cookie_size; i++)
            assert_int_equal(known.cookie[i], port % 255);
    }
    *(unsigned *)argument = known_count;
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    pthread_t threads[4];
    unsigned seeds[4] = {1, 2, 3, 4};
    // Eight in four slots: one is always written over another.
    servers_close(servers);
    servers = servers_open(4, &secret);
    atomic_store(&stop, false);
    for (unsigned i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, i < 2 ? learn : judge, &seeds[i]);
    // A torn copy shows itself once in seconds only.
    time_t full_s = getenv("ONYM_TEST_FULL") ? 10 : 0;
    nanosleep(&(struct timespec){.tv_sec = full_s, .tv_nsec = 500000000}, NULL);
    atomic_store(&stop, true);
    for (unsigned i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_true(seeds[2] > 0 && seeds[3] > 0);
}

#define UNIT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(test_unknown),
        UNIT(test_rtt),
        UNIT(test_usual_time),
        UNIT(test_timeouts),
        UNIT(test_timeouts_of_one_moment_are_one),
        UNIT(test_probe),
        UNIT(test_lame),
        UNIT(test_traits_and_cookies),
        UNIT(test_families),
        UNIT(test_all_is_forgotten),
        UNIT(test_room),
        UNIT(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
