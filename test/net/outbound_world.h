// What the tests of outbound share: it, servers, and a clock, all in one thread.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/limits.h"
#include "net/outbound.h"

enum { KIND_UDP = 7, KIND_TCP };

struct seen {
    uint32_t number;
    bool failed;
    enum ask_failure failure;
    uint32_t size;
    uint8_t octets[64]; // the first of them
};

struct world {
    struct loop loop;
    struct outbound *outbound;
    uint64_t now_ms;
    enum reply_verdict verdict; // on all replies
    struct seen *seen;
    unsigned count;
};

static inline void open_world(struct world *world)
{
    *world =
        (struct world){.now_ms = 1000000, .seen = calloc(OUTBOUND_ASKS_MAX, sizeof(*world->seen))};
    assert_non_null(world->seen);
    assert_int_equal(loop_open(&world->loop), 0);
    world->outbound = outbound_open(&(struct outbound_options){
        .loop = &world->loop, .udp_kind = KIND_UDP, .tcp_kind = KIND_TCP});
    assert_non_null(world->outbound);
}

static inline void close_world(struct world *world)
{
    outbound_close(world->outbound);
    loop_close(&world->loop);
    free(world->seen);
}

static inline struct outbound_counts counts_of(const struct world *world)
{
    struct outbound_counts counts;
    outbound_count(world->outbound, &counts);
    return counts;
}

// Takes all events that there are.
static inline void take_events(struct world *world)
{
    struct outbound_event event;
    while (outbound_next(world->outbound, &event)) {
        assert_true(world->count < OUTBOUND_ASKS_MAX);
        struct seen *seen = &world->seen[world->count++];
        *seen = (struct seen){event.number, event.failed, event.failure, event.size, {0}};
        if (event.failed)
            continue;
        memcpy(seen->octets, event.octets, event.size < 64 ? event.size : 64);
        outbound_verdict(world->outbound, &event, world->verdict);
    }
}

// Turns until nothing is ready any more.
static inline void turn(struct world *world)
{
    take_events(world);
    for (unsigned count; (count = loop_wait(&world->loop, 5)) != 0;) {
        for (unsigned i = 0; i < count; i++) {
            uint32_t ready;
            struct loop_tag tag = loop_event(&world->loop, i, &ready);
            outbound_ready(world->outbound, tag, ready, world->now_ms);
        }
        take_events(world);
    }
}

static inline void send_ask(struct world *world, enum ask_kind kind, uint32_t number, uint16_t id,
                            const struct address *server)
{
    uint8_t octets[HEADER_SIZE + 4] = {0};
    bytes_put16(octets, id);
    bytes_put32(octets + HEADER_SIZE, number);
    struct ask ask = {kind, number, *server, octets, sizeof octets};
    outbound_send(world->outbound, &ask, world->now_ms);
}

static inline void cancel_ask(struct world *world, uint32_t number)
{
    outbound_send(world->outbound, &(struct ask){.kind = ASK_CANCEL, .number = number},
                  world->now_ms);
}

static inline int open_server(int type, const char *host, struct address *bound)
{
    assert_true(address_parse(host, 0, bound));
    int fd = socket(bound->any.sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, &bound->any, bound->size), 0);
    if (type == SOCK_STREAM)
        assert_int_equal(listen(fd, 1000), 0);
    assert_int_equal(getsockname(fd, &bound->any, &bound->size), 0);
    return fd;
}

// An ask that came to a server of datagrams.
struct heard {
    struct address from;
    uint8_t octets[512];
    uint32_t size;
};

static inline bool hear(int server, struct heard *heard)
{
    heard->from.size = sizeof heard->from.v6;
    ssize_t size = recvfrom(server, heard->octets, sizeof heard->octets, 0, &heard->from.any,
                            &heard->from.size);
    heard->size = size < 0 ? 0 : (uint32_t)size;
    return size >= 0;
}

static inline void reply(int server, const struct heard *heard)
{
    assert_int_equal(
        sendto(server, heard->octets, heard->size, 0, &heard->from.any, heard->from.size),
        heard->size);
}

static inline void hear_and_reply(int server, struct heard *heard)
{
    assert_true(hear(server, heard));
    reply(server, heard);
}

// As many descriptors as may be.
static inline bool raise_descriptors(rlim_t wanted)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_cur >= wanted)
        return true;
    limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    return limit.rlim_cur >= wanted;
}
