// A worker with a house: answers over UDP and TCP, follows to the next house, ends politely.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/epoch.h"
#include "base/limits.h"
#include "built.h"
#include "daemon/worker.h"

// A house without zones, with one listener each for UDP and TCP on a port of its own.
static struct house *make_house(uint64_t number, const struct house *like)
{
    static const struct listeners nobody;
    struct house *house = built_house("version: 1\n", ZONE_LOADING);
    house->number = number;
    house->listeners.list = calloc(2, sizeof *house->listeners.list);
    for (int stream = 0; stream < 2; stream++) {
        if (like) {
            house->listeners.list[stream] = listener_hold(like->listeners.list[stream]);
            house->listeners.count++;
            continue;
        }
        struct listen_failure failure;
        struct address address;
        struct listener *listener = NULL;
        for (uint16_t port = (uint16_t)(20000 + getpid() % 10000); !listener; port++) {
            assert_true(address_parse("127.0.0.1", port, &address));
            listener = listener_open(&address, stream, 1, &nobody, &failure);
        }
        house->listeners.list[stream] = listener;
        house->listeners.count++;
    }
    return house;
}

static int connect_to(const struct house *house, bool stream)
{
    const struct address *to = &house->listeners.list[stream]->address;
    int fd = socket(AF_INET, stream ? SOCK_STREAM : SOCK_DGRAM, 0);
    struct timeval patience = {.tv_sec = 10};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, &to->any, to->size) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

// The octets of a query for example.test A, behind a length of two octets.
static const uint8_t query[] = "\0\36\x12\x34\0\0\0\1\0\0\0\0\0\0\7example\4test\0\0\1\0\1";
#define QUERY_SIZE (sizeof query - 1 - 2)

// No zones: REFUSED.
static bool is_answered(int fd, bool stream)
{
    uint8_t got[512];
    const uint8_t *message = got + (stream ? 2 : 0);
    if (send(fd, stream ? query : query + 2, QUERY_SIZE + (stream ? 2 : 0), MSG_NOSIGNAL) < 0)
        return false;
    ssize_t size = recv(fd, got, sizeof got, 0);
    return size > 14 && message[0] == 0x12 && message[1] == 0x34 && (message[3] & 15) == 5;
}

static house_current current;
static struct census *census;

static struct worker *start(struct house *house)
{
    census = census_make(TCP_PER_ADDRESS_MAX);
    atomic_store(&current, house);
    int error;
    struct worker_options options = {
        .cpu = -1, .current = &current, .census = census, .connections_max = 10};
    struct worker *worker = worker_start(&options, &error);
    assert_non_null(worker);
    return worker;
}

static void stop(struct worker *worker)
{
    worker_stop(worker);
    worker_join(worker);
    worker_free(worker);
    house_free(atomic_exchange(&current, NULL));
    epoch_drain();
    free(census);
}

static void move_in(struct worker *worker, struct house *house)
{
    struct house *old = atomic_exchange(&current, house);
    worker_ring(worker);
    epoch_retire(house_free, old);
}

static void test_answers(void **state)
{
    (void)state;
    struct house *house = make_house(1, NULL);
    struct worker *worker = start(house);
    for (int stream = 0; stream < 2; stream++) {
        int fd = connect_to(house, stream);
        for (int i = 0; i < 100; i++)
            assert_true(is_answered(fd, stream));
        close(fd);
    }
    struct stats stats = {0};
    worker_stats(worker, &stats);
    assert_int_equal(stats.requests[STATS_UDP][STATS_IPV4], 100);
    assert_int_equal(stats.requests[STATS_TCP][STATS_IPV4], 100);
    assert_int_equal(stats.connections_accepted, 1);
    // Each had its batch and its time.
    uint64_t sum = 0;
    for (unsigned i = 0; i < STATS_BATCHES; i++)
        sum += stats.batches[i];
    assert_in_range(sum, 1, 100);
    assert_true(stats.turns >= 100);
    sum = 0;
    for (unsigned s = 0; s < STATS_SOURCES; s++)
        for (unsigned i = 0; i <= HISTOGRAM_BOUNDS; i++)
            sum += stats.durations[s].counts[i];
    assert_in_range(sum, 199, 200); // the last one's is noted when the reply is out
    stop(worker);
}

// The same sockets in the next house: connections live on. Others: the old ones are closed.
static void test_follows(void **state)
{
    (void)state;
    struct house *first = make_house(1, NULL);
    struct worker *worker = start(first);
    int lasting = connect_to(first, true);
    assert_true(is_answered(lasting, true));
    for (uint64_t number = 2; number < 20; number++) {
        struct house *same = make_house(number, first);
        move_in(worker, same);
        first = same;
        assert_true(is_answered(lasting, true));
    }
    struct house *other = make_house(20, NULL);
    struct address gone = first->listeners.list[1]->address;
    move_in(worker, other);
    int fd = connect_to(other, true);
    assert_true(is_answered(fd, true));
    close(fd);
    fd = connect_to(other, false);
    assert_true(is_answered(fd, false));
    close(fd);
    for (int tries = 0; tries < 2000; tries++) {
        fd = socket(AF_INET, SOCK_STREAM, 0);
        int failed = connect(fd, &gone.any, gone.size);
        close(fd);
        if (failed)
            break;
        usleep(1000);
        assert_true(tries < 1999);
    }
    assert_true(is_answered(lasting, true)); // a connection is nobody's listener
    close(lasting);
    stop(worker);
}

static void test_ends_politely(void **state)
{
    (void)state;
    struct house *house = make_house(1, NULL);
    struct worker *worker = start(house);
    int stream = connect_to(house, true), datagrams = connect_to(house, false);
    assert_true(is_answered(stream, true));
    assert_int_equal(send(stream, query, QUERY_SIZE + 2, 0), QUERY_SIZE + 2);
    assert_int_equal(send(datagrams, query + 2, QUERY_SIZE, 0), QUERY_SIZE);
    worker_stop(worker);
    worker_join(worker);
    uint8_t got[512];
    assert_true(recv(stream, got, sizeof got, 0) > 14);
    assert_int_equal(recv(stream, got, sizeof got, 0), 0);
    assert_true(recv(datagrams, got, sizeof got, 0) > 12);
    assert_int_equal(connect_to(house, true), -1);
    close(stream);
    close(datagrams);
    worker_free(worker);
    house_free(atomic_exchange(&current, NULL));
    free(census);
}

static void test_stuck(void **state)
{
    (void)state;
    struct worker *worker = start(make_house(1, NULL));
    for (int i = 0; i < 5; i++) {
        assert_false(worker_is_stuck(worker)); // it sleeps
        usleep(10000);
    }
    stop(worker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_follows),
        cmocka_unit_test(test_ends_politely),
        cmocka_unit_test(test_stuck),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
