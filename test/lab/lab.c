// A lab that runs: asked over UDP and TCP, with faults and without, and counted.
#include "told.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "dns/message.h"
#include "lab/lab.h"

#define WORLD                                                                                      \
    "zones:\n"                                                                                     \
    "  '.': {servers: {a.root: 127.53.200.1}}\n"                                                   \
    "  test: {servers: {n: 127.53.200.2}, records: ['w A 192.0.2.1']}\n"

static uint16_t port = 24000;

// Opens it on a port that is free.
static struct lab *open_lab(struct world *world, const char *text)
{
    told_read(text, world);
    for (unsigned tries = 0; tries < 50; tries++) {
        struct report report = {0};
        enum lab_result result;
        world->port = port = (uint16_t)(port + getpid() % 500 + 1);
        struct lab *lab = lab_open(world, &report, &result);
        assert_int_equal(result, lab ? LAB_OPEN : LAB_NO_SOCKET);
        report_free(&report);
        if (lab)
            return lab;
    }
    fail();
    return NULL;
}

static int open_client(const char *host, int kind)
{
    struct address to;
    struct timeval patience = {.tv_sec = 5};
    assert_true(address_parse(host, port, &to));
    int fd = socket(to.any.sa_family, kind, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    assert_int_equal(connect(fd, &to.any, to.size), 0);
    return fd;
}

static const uint8_t query[] = "\x12\x34\0\0\0\1\0\0\0\0\0\0\1w\4test\0\0\1\0\1";
#define QUERY_SIZE (sizeof query - 1)

static void *ring(void *after_ms)
{
    usleep((useconds_t)(uintptr_t)after_ms * 1000);
    kill(getpid(), SIGUSR1);
    return NULL;
}

// Lets it run for a while.
static void run(struct lab *lab, unsigned ms)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, ring, (void *)(uintptr_t)ms), 0);
    assert_int_equal(lab_run(lab), LAB_TELL);
    pthread_join(thread, NULL);
}

static const struct counts *counts_of(struct lab *lab, size_t index)
{
    size_t count;
    const struct counted *lines = lab_counted(lab, &count);
    assert_true(index < count);
    return lines[index].counts;
}

static void test_plain(void **state)
{
    (void)state;
    struct world world;
    uint8_t reply[512];
    struct lab *lab = open_lab(&world, WORLD);
    struct lab_size size = lab_size(lab);
    assert_int_equal(size.servers, 2);
    assert_int_equal(size.zones, 2);
    int client = open_client("127.53.200.2", SOCK_DGRAM);
    int stream = open_client("127.53.200.2", SOCK_STREAM);
    for (unsigned i = 0; i < 100; i++) // more than a batch
        assert_int_equal(send(client, query, QUERY_SIZE, 0), QUERY_SIZE);
    assert_int_equal(send(client, "short", 5, 0), 5);
    uint8_t framed[2 + QUERY_SIZE] = {0, QUERY_SIZE};
    memcpy(framed + 2, query, QUERY_SIZE);
    assert_int_equal(send(stream, framed, sizeof framed, 0), sizeof framed);
    run(lab, 100);
    for (unsigned i = 0; i < 100; i++) {
        assert_int_equal(recv(client, reply, sizeof reply, 0), QUERY_SIZE + 16);
        assert_int_equal(bytes_get16(reply), 0x1234);
        assert_int_equal(bytes_get16(reply + 2), FLAG_QR | FLAG_AA);
    }
    assert_int_equal(recv(stream, reply, sizeof reply, 0), 2 + QUERY_SIZE + 16);
    const struct counts *counts = counts_of(lab, 1);
    assert_int_equal(counts->udp, 101);
    assert_int_equal(counts->tcp, 1);
    assert_int_equal(counts->connections, 1);
    assert_int_equal(counts->replies, 101);
    assert_int_equal(counts_of(lab, 0)->udp, 0);
    close(client);
    close(stream);
    lab_close(lab);
    world_free(&world);
}

// Asks it `count` times and returns a bit for each reply that came; they come in any order.
static uint64_t ask_with_loss(unsigned seed, unsigned count)
{
    struct world world;
    char text[500];
    uint64_t came = 0;
    uint8_t asked[QUERY_SIZE], reply[512];
    snprintf(text, sizeof text, "seed: %u\n" WORLD "faults: {127.53.200.2: {loss: 50%%}}\n", seed);
    struct lab *lab = open_lab(&world, text);
    int client = open_client("127.53.200.2", SOCK_DGRAM);
    memcpy(asked, query, QUERY_SIZE);
    for (unsigned i = 0; i < count; i++) {
        asked[1] = (uint8_t)i;
        assert_int_equal(send(client, asked, QUERY_SIZE, 0), QUERY_SIZE);
    }
    run(lab, 100);
    while (recv(client, reply, sizeof reply, MSG_DONTWAIT) > 0)
        came |= (uint64_t)1 << reply[1];
    const struct counts *counts = counts_of(lab, 1);
    assert_int_equal(counts->udp, count);
    assert_int_equal(counts->faults[FAULT_LOSS] + counts->replies, count);
    assert_int_equal(__builtin_popcountll(came), counts->replies);
    close(client);
    lab_close(lab);
    world_free(&world);
    return came;
}

static void test_seed(void **state)
{
    (void)state;
    uint64_t first = ask_with_loss(1, 60);
    assert_in_range(__builtin_popcountll(first), 15, 45);
    assert_true(first == ask_with_loss(1, 60));
    assert_true(first != ask_with_loss(2, 60));
}

static void test_delay(void **state)
{
    (void)state;
    struct world world;
    uint8_t reply[512];
    struct lab *lab = open_lab(&world, WORLD "faults: {127.0.0.0/8: {delay: 80ms}}\n");
    int client = open_client("127.53.200.2", SOCK_DGRAM);
    uint64_t began_us = clock_now_us();
    assert_int_equal(send(client, query, QUERY_SIZE, 0), QUERY_SIZE);
    run(lab, 30);
    assert_int_equal(counts_of(lab, 1)->udp, 1);
    if (clock_now_us() - began_us < 80000) // unless the machine was busy elsewhere
        assert_int_equal(counts_of(lab, 1)->replies, 0);
    run(lab, 150);
    // From its own address, though another socket sent it: the client is connected.
    assert_int_equal(recv(client, reply, sizeof reply, 0), QUERY_SIZE + 16);
    assert_true(clock_now_us() - began_us >= 80000);
    assert_int_equal(counts_of(lab, 1)->replies, 1);
    // One that waits when it ends.
    assert_int_equal(send(client, query, QUERY_SIZE, 0), QUERY_SIZE);
    run(lab, 10);
    close(client);
    lab_close(lab);
    world_free(&world);
}

static void test_sources(void **state)
{
    (void)state;
    struct world world;
    uint8_t reply[512];
    struct lab *lab =
        open_lab(&world, WORLD
                 "faults: {127.53.200.1: {wrong_source: true}, 127.53.200.2: {spoof: true}}\n");
    int client = open_client("127.53.200.2", SOCK_DGRAM);
    int deaf = open_client("127.53.200.1", SOCK_DGRAM);
    int open = socket(AF_INET, SOCK_DGRAM, 0);
    struct address root, from = {.size = sizeof from.v6};
    assert_true(address_parse("127.53.200.1", port, &root));
    assert_int_equal(send(client, query, QUERY_SIZE, 0), QUERY_SIZE);
    assert_int_equal(send(deaf, query, QUERY_SIZE, 0), QUERY_SIZE);
    assert_int_equal(sendto(open, query, QUERY_SIZE, 0, &root.any, root.size), QUERY_SIZE);
    run(lab, 100);
    assert_true(recv(client, reply, sizeof reply, 0) > 0);
    assert_int_not_equal(bytes_get16(reply), 0x1234); // the forged one is first
    assert_true(recv(client, reply, sizeof reply, 0) > 0);
    assert_int_equal(bytes_get16(reply), 0x1234);
    assert_int_equal(recv(deaf, reply, sizeof reply, MSG_DONTWAIT), -1);
    assert_true(recvfrom(open, reply, sizeof reply, 0, &from.any, &from.size) > 0);
    assert_int_not_equal(address_port(&from), port);
    const struct counts *counts = counts_of(lab, 1);
    assert_int_equal(counts->replies, 1); // forged ones are none of the server's
    assert_int_equal(counts->faults[FAULT_SPOOF], 1);
    close(client);
    close(deaf);
    close(open);
    lab_close(lab);
    world_free(&world);
}

static void test_no_tcp(void **state)
{
    (void)state;
    struct world world;
    uint8_t octet;
    struct lab *lab = open_lab(&world, WORLD "faults: {127.53.200.2: {no_tcp: true}}\n");
    int stream = open_client("127.53.200.2", SOCK_STREAM);
    run(lab, 50);
    assert_int_equal(recv(stream, &octet, 1, 0), 0);
    assert_int_equal(counts_of(lab, 1)->faults[FAULT_NO_TCP], 1);
    close(stream);
    lab_close(lab);
    world_free(&world);
}

static void test_refused(void **state)
{
    (void)state;
    struct world world, second;
    struct report report = {0};
    enum lab_result result;
    struct lab *lab = open_lab(&world, WORLD);
    told_read(WORLD, &second);
    second.port = port;
    assert_null(lab_open(&second, &report, &result));
    assert_int_equal(result, LAB_NO_SOCKET);
    assert_int_equal(report.errors, 2); // an error for each address
    assert_non_null(strstr(report.problems[0].message, "cannot listen on 127.53.200.1:"));
    report_free(&report);
    world_free(&second);
    lab_close(lab);
    world_free(&world);
    lab_close(NULL);
}

// As many addresses as there may be, and one more.
static void test_servers_max(void **state)
{
    (void)state;
    struct world world;
    struct report report = {0};
    enum lab_result result;
    told_read("zones: {'.': {servers: {a.root: 127.53.0.1}}, "
              "z%d: {repeat: 4096, servers: {n.z%d: 127.54.0.0/20}}}",
              &world);
    assert_null(lab_open(&world, &report, &result));
    assert_int_equal(result, LAB_BAD_WORLD);
    told_expect(&report, "0:0 4097 addresses; at most 4096 = let more zones share their servers\n");
    world_free(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),       cmocka_unit_test(test_seed),
        cmocka_unit_test(test_delay),       cmocka_unit_test(test_sources),
        cmocka_unit_test(test_no_tcp),      cmocka_unit_test(test_refused),
        cmocka_unit_test(test_servers_max),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
