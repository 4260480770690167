// DNS over TCP with both ends in one thread and a clock of our own: framing, order, limits, time.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "net/tcp.h"

enum { KIND_LISTENER = 1, KIND_CONNECTION };

// A server that answers each message with itself; one that begins with '*' with 65535 octets of
// '*', one that begins with '-' not at all; one that begins with '?' is deferred.
struct world {
    struct loop loop;
    struct census *census;
    struct tcp tcp;
    int listener;
    struct address bound;
    uint64_t now_ms;
    unsigned answered;
    struct loop_tag deferred[2 * TCP_DEFERRED_MAX]; // in the order they came
    unsigned deferred_count;
};

static void open_world(struct world *world, uint32_t connections_max)
{
    *world = (struct world){.now_ms = 1000000};
    assert_int_equal(loop_open(&world->loop), 0);
    world->census = census_make(TCP_PER_ADDRESS_MAX);
    tcp_open(&world->tcp, &(struct tcp_options){.loop = &world->loop,
                                                .kind = KIND_CONNECTION,
                                                .census = world->census,
                                                .connections_max = connections_max});
    assert_true(address_parse("127.0.0.1", 0, &world->bound));
    world->listener = tcp_listen(&world->bound, true);
    assert_true(world->listener >= 0);
    assert_int_equal(getsockname(world->listener, &world->bound.any, &world->bound.size), 0);
    assert_int_equal(
        loop_add(&world->loop, world->listener, EPOLLIN, (struct loop_tag){.kind = KIND_LISTENER}),
        0);
}

static void close_world(struct world *world)
{
    tcp_close(&world->tcp);
    loop_close(&world->loop);
    close(world->listener);
    free(world->census);
}

static void answer(struct world *world, struct loop_tag tag, uint32_t ready)
{
    struct tcp_connection *connection = tcp_begin(&world->tcp, tag, ready, world->now_ms);
    if (!connection)
        return;
    struct tcp_message message;
    while (tcp_next(&world->tcp, connection, &message)) {
        uint32_t size = message.size;
        if (size && message.octets[0] == '?') {
            world->deferred[world->deferred_count++] = tcp_defer(&world->tcp, connection);
            continue;
        }
        assert_int_equal(message.room, MESSAGE_MAX);
        assert_int_equal(message.client->any.sa_family, AF_INET);
        if (size && message.octets[0] == '*') {
            memset(message.octets, '*', MESSAGE_MAX);
            size = MESSAGE_MAX;
        } else if (size && message.octets[0] == '-') {
            size = 0;
        }
        tcp_answer(&world->tcp, connection, size);
        world->answered++;
    }
    tcp_end(&world->tcp, connection);
}

// Turns until nothing is ready any more.
static void turn(struct world *world)
{
    for (;;) {
        unsigned count = loop_wait(&world->loop, 5);
        if (count == 0)
            return;
        for (unsigned i = 0; i < count; i++) {
            uint32_t ready;
            struct loop_tag tag = loop_event(&world->loop, i, &ready);
            if (tag.kind == KIND_LISTENER)
                tcp_accept(&world->tcp, world->listener, world->now_ms);
            else
                answer(world, tag, ready);
        }
    }
}

static int connect_from(struct world *world, const char *host)
{
    struct address from;
    assert_true(address_parse(host, 0, &from));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, &from.any, from.size), 0);
    assert_int_equal(connect(fd, &world->bound.any, world->bound.size), 0);
    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)), 0);
    turn(world);
    return fd;
}

static void say_octets(int fd, const void *octets, size_t size)
{
    assert_int_equal(send(fd, octets, size, MSG_NOSIGNAL), size);
}

static void say(int fd, const char *words)
{
    uint8_t frame[256];
    size_t size = strlen(words);
    bytes_put16(frame, (uint16_t)size);
    memcpy(frame + 2, words, size);
    say_octets(fd, frame, size + 2);
}

static void expect(int fd, const char *words)
{
    uint8_t frame[256];
    size_t size = strlen(words);
    assert_int_equal(recv(fd, frame, size + 2, 0), size + 2);
    assert_int_equal(bytes_get16(frame), size);
    assert_memory_equal(frame + 2, words, size);
}

static bool is_closed(int fd)
{
    uint8_t octet;
    ssize_t got = recv(fd, &octet, 1, 0);
    assert_true(got <= 0);
    return got == 0 || errno == ECONNRESET;
}

static void test_framing(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 10);
    int fd = connect_from(&world, "127.0.0.1");
    say(fd, "one");
    turn(&world);
    expect(fd, "one");
    say(fd, "two");
    say(fd, "three");
    turn(&world);
    expect(fd, "two");
    expect(fd, "three");
    // Every cut through two messages.
    static const uint8_t octets[] = "\0\4four\0\5five.";
    for (size_t cut = 1; cut < sizeof octets - 1; cut++) {
        say_octets(fd, octets, cut);
        turn(&world);
        say_octets(fd, octets + cut, sizeof octets - 1 - cut);
        turn(&world);
        expect(fd, "four");
        expect(fd, "five.");
        assert_int_equal(world.tcp.buffered, 0);
    }
    close(fd);
    turn(&world);
    assert_int_equal(world.tcp.open, 0);
    assert_int_equal(world.tcp.accepted, 1);
    close_world(&world);
}

// RFC 7766 8: one write for all answers of a turn.
static void test_one_segment(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 10);
    int fd = connect_from(&world, "127.0.0.1");
    struct tcp_info before, after;
    socklen_t size = sizeof before;
    say_octets(fd, "\0\1a\0\1b\0\1c", 9);
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &before, &size), 0);
    turn(&world);
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &after, &size), 0);
    assert_int_equal(after.tcpi_data_segs_in - before.tcpi_data_segs_in, 1);
    expect(fd, "a");
    expect(fd, "b");
    expect(fd, "c");
    close(fd);
    close_world(&world);
}

static void test_largest_message(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 10);
    int fd = connect_from(&world, "127.0.0.1");
    static uint8_t frame[2 + MESSAGE_MAX], got[2 + MESSAGE_MAX];
    memset(frame, 'x', sizeof frame);
    bytes_put16(frame, MESSAGE_MAX);
    for (int round = 0; round < 3; round++) {
        for (size_t at = 0; at < sizeof frame; at += 5000) {
            say_octets(fd, frame + at, at + 5000 < sizeof frame ? 5000 : sizeof frame - at);
            turn(&world);
        }
        size_t size = 0;
        for (ssize_t more; (more = recv(fd, got + size, sizeof got - size, 0)) > 0;)
            size += (size_t)more;
        assert_int_equal(size, sizeof frame);
        assert_memory_equal(got, frame, sizeof frame);
    }
    close(fd);
    close_world(&world);
}

static void test_no_answer_ends_it(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 10);
    int fd = connect_from(&world, "127.0.0.1");
    say_octets(fd, "\0\1a\0\1-\0\1b", 9);
    turn(&world);
    expect(fd, "a");
    assert_true(is_closed(fd));
    assert_int_equal(world.tcp.open, 0);
    close(fd);
    close_world(&world);
}

// A client that does not read is held: the memory it takes is bounded, and nothing is lost.
static void test_held(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 10);
    int fd = connect_from(&world, "127.0.0.1");
    unsigned asked = 300; // 20 MB of answers
    for (unsigned i = 0; i < asked; i++)
        say(fd, "*");
    turn(&world);
    assert_true(world.answered < asked);
    assert_in_range(world.tcp.buffered, TCP_WRITE_MAX, TCP_WRITE_MAX + 5 * (2 + MESSAGE_MAX));
    size_t size = 0;
    static uint8_t got[1 << 20];
    for (int idle = 0; idle < 3; idle++) {
        for (ssize_t more; (more = recv(fd, got, sizeof got, 0)) > 0; idle = 0)
            size += (size_t)more;
        turn(&world);
    }
    assert_int_equal(world.answered, asked);
    assert_int_equal(size, (size_t)asked * (2 + MESSAGE_MAX));
    assert_int_equal(world.tcp.buffered, 0);
    say(fd, "still here");
    turn(&world);
    expect(fd, "still here");
    close(fd);
    close_world(&world);
}

static void test_half_closed(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 10);
    int fd = connect_from(&world, "127.0.0.1");
    for (unsigned i = 0; i < 100; i++)
        say(fd, "*");
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    turn(&world);
    assert_int_equal(world.tcp.open, 1);
    size_t size = 0;
    static uint8_t got[1 << 20];
    for (int rounds = 0; world.tcp.open && rounds < 1000; rounds++) {
        for (ssize_t more; (more = recv(fd, got, sizeof got, 0)) > 0;)
            size += (size_t)more;
        turn(&world);
    }
    for (ssize_t more; (more = recv(fd, got, sizeof got, 0)) > 0;)
        size += (size_t)more;
    assert_int_equal(size, 100u * (2 + MESSAGE_MAX));
    assert_int_equal(world.tcp.open, 0);
    close(fd);
    close_world(&world);
}

// --- limits

static void test_memory_of_all(void **state)
{
    (void)state;
    struct world world;
    enum { CLIENTS = 300 };
    static int clients[CLIENTS];
    open_world(&world, CLIENTS);
    for (unsigned i = 0; i < CLIENTS; i++) {
        char host[20];
        snprintf(host, sizeof host, "127.0.3.%u", i % 200 + 1);
        clients[i] = connect_from(&world, host);
        for (unsigned j = 0; j < 150; j++)
            say(clients[i], "*");
    }
    turn(&world);
    assert_true(world.tcp.buffered <= TCP_BUFFERED_MAX);
    assert_true(world.tcp.open < CLIENTS && world.tcp.open > 100);
    assert_int_equal(world.tcp.refused, CLIENTS - world.tcp.open);
    for (unsigned i = 0; i < CLIENTS; i++)
        close(clients[i]);
    turn(&world);
    assert_int_equal(world.tcp.open, 0);
    assert_int_equal(world.tcp.buffered, 0);
    close_world(&world);
}

static void test_places(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 8);
    int clients[12];
    for (unsigned i = 0; i < 12; i++) {
        world.now_ms++;
        if (i == 8) { // the eldest has just asked again: it is the second that must go
            say(clients[0], "again");
            turn(&world);
            expect(clients[0], "again");
        }
        clients[i] = connect_from(&world, "127.0.0.1");
        say(clients[i], "hello");
        turn(&world);
        expect(clients[i], "hello");
    }
    assert_int_equal(world.tcp.open, 8);
    for (unsigned i = 0; i < 12; i++) {
        bool gone = i >= 1 && i <= 4;
        if (gone)
            assert_true(is_closed(clients[i]));
        else
            assert_int_equal(recv(clients[i], &(char){0}, 1, 0), -1);
        close(clients[i]);
    }
    close_world(&world);
}

static void test_one_address(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 1000);
    static int clients[TCP_PER_ADDRESS_MAX + 1];
    for (unsigned i = 0; i <= TCP_PER_ADDRESS_MAX; i++)
        clients[i] = connect_from(&world, "127.0.0.1");
    assert_int_equal(world.tcp.open, TCP_PER_ADDRESS_MAX);
    assert_int_equal(world.tcp.refused, 1);
    assert_true(is_closed(clients[TCP_PER_ADDRESS_MAX]));
    int other = connect_from(&world, "127.0.0.2");
    assert_int_equal(world.tcp.open, TCP_PER_ADDRESS_MAX + 1);
    close(other);
    for (unsigned i = 0; i <= TCP_PER_ADDRESS_MAX; i++)
        close(clients[i]);
    close_world(&world);
}

// A tag of a connection that is gone means nobody, also when its slot has a new one.
static void test_old_tags(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 4);
    int fd = connect_from(&world, "127.0.0.1");
    struct loop_tag old, fresh;
    assert_true(tcp_tag(&world.tcp, 0, &old));
    close(fd);
    turn(&world);
    assert_false(tcp_tag(&world.tcp, 0, &fresh));
    fd = connect_from(&world, "127.0.0.1");
    assert_true(tcp_tag(&world.tcp, 0, &fresh));
    assert_int_equal(fresh.index, old.index);
    assert_null(tcp_begin(&world.tcp, old, EPOLLIN, world.now_ms));
    close(fd);
    close_world(&world);
}

// --- time

static void test_idle(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 100);
    assert_int_equal(tcp_rest(&world.tcp, world.now_ms), -1);
    int quiet = connect_from(&world, "127.0.0.1");
    int trickling = connect_from(&world, "127.0.0.1");
    int busy = connect_from(&world, "127.0.0.1");
    assert_int_equal(tcp_idle_ms(&world.tcp), TCP_IDLE_MS);
    assert_int_equal(tcp_rest(&world.tcp, world.now_ms), TCP_IDLE_MS);
    for (unsigned i = 0; i < 9; i++) { // part of a query is no sign of life
        world.now_ms += TCP_IDLE_MS / 10;
        say_octets(trickling, i == 0 ? "\0" : "\50", 1);
        say(busy, "x");
        turn(&world);
        expect(busy, "x");
        assert_int_equal(tcp_rest(&world.tcp, world.now_ms), TCP_IDLE_MS / 10 * (9 - i));
    }
    world.now_ms += TCP_IDLE_MS / 10;
    assert_int_equal(tcp_rest(&world.tcp, world.now_ms), TCP_IDLE_MS / 10 * 9);
    assert_int_equal(world.tcp.open, 1);
    assert_true(is_closed(quiet));
    assert_true(is_closed(trickling));
    close(quiet);
    close(trickling);
    close(busy);
    close_world(&world);
}

static void test_crowded(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 8);
    int clients[7];
    for (unsigned i = 0; i < 7; i++)
        clients[i] = connect_from(&world, "127.0.0.1");
    assert_int_equal(tcp_idle_ms(&world.tcp), TCP_IDLE_CROWDED_MS);
    world.now_ms += TCP_IDLE_CROWDED_MS;
    tcp_rest(&world.tcp, world.now_ms);
    assert_int_equal(world.tcp.open, 0);
    for (unsigned i = 0; i < 7; i++)
        close(clients[i]);
    close_world(&world);
}

static void test_stalled(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 100);
    int fd = connect_from(&world, "127.0.0.1");
    for (unsigned i = 0; i < 200; i++)
        say(fd, "*");
    turn(&world);
    assert_true(world.tcp.buffered > 0);
    // Who takes something lives on.
    static uint8_t got[6 << 20];
    world.now_ms += TCP_STALL_MS - 1;
    tcp_rest(&world.tcp, world.now_ms);
    assert_int_equal(world.tcp.open, 1);
    for (size_t size = 0; size < sizeof got;) {
        ssize_t more = recv(fd, got, sizeof got, 0);
        if (more <= 0)
            break;
        size += (size_t)more;
    }
    turn(&world);
    world.now_ms += TCP_STALL_MS - 1;
    tcp_rest(&world.tcp, world.now_ms);
    assert_int_equal(world.tcp.open, 1);
    // Who takes nothing does not.
    world.now_ms += 1;
    tcp_rest(&world.tcp, world.now_ms);
    assert_int_equal(world.tcp.open, 0);
    assert_int_equal(world.tcp.buffered, 0);
    close(fd);
    close_world(&world);
}

static void test_finish(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 100);
    int quiet = connect_from(&world, "127.0.0.1"), slow = connect_from(&world, "127.0.0.1");
    for (unsigned i = 0; i < 100; i++)
        say(slow, "*");
    turn(&world);
    unsigned answered = world.answered;
    tcp_finish(&world.tcp);
    assert_int_equal(world.tcp.open, 1);
    assert_true(is_closed(quiet));
    static uint8_t got[1 << 20];
    size_t size = 0;
    for (int rounds = 0; world.tcp.open && rounds < 1000; rounds++) {
        for (ssize_t more; (more = recv(slow, got, sizeof got, 0)) > 0;)
            size += (size_t)more;
        turn(&world);
    }
    assert_int_equal(world.tcp.open, 0);
    for (ssize_t more; (more = recv(slow, got, sizeof got, 0)) > 0;)
        size += (size_t)more;
    assert_true(size >= (size_t)answered * (2 + MESSAGE_MAX));
    assert_int_equal(size, (size_t)world.answered * (2 + MESSAGE_MAX));
    close(quiet);
    close(slow);
    close_world(&world);
}

// --- answers that come later

static bool answer_later(struct world *world, unsigned index, const char *words)
{
    return tcp_answer_later(&world->tcp, world->deferred[index], (const uint8_t *)words,
                            (uint32_t)strlen(words));
}

// RFC 7766 6.2.1.1: who has to wait does not hold up the others.
static void test_deferred(void **state)
{
    (void)state;
    struct world world;
    struct loop_tag tag;
    open_world(&world, 10);
    int fd = connect_from(&world, "127.0.0.1");
    say_octets(fd, "\0\2?a\0\2b.\0\2?c\0\2?d", 16);
    turn(&world);
    expect(fd, "b.");
    assert_int_equal(world.deferred_count, 3);
    assert_true(answer_later(&world, 2, "to d"));
    assert_true(answer_later(&world, 0, "to a"));
    expect(fd, "to d");
    expect(fd, "to a");
    say(fd, "e");
    turn(&world);
    expect(fd, "e");
    assert_true(answer_later(&world, 1, ""));
    assert_int_equal(recv(fd, &(char){0}, 1, 0), -1);
    assert_false(tcp_gone(&world.tcp, &tag));
    say(fd, "f");
    turn(&world);
    expect(fd, "f");
    close(fd);
    turn(&world);
    assert_int_equal(world.tcp.open, 0);
    assert_false(tcp_gone(&world.tcp, &tag)); // nothing was deferred any more
    close_world(&world);
}

// An answer and its length leave in one segment (RFC 7766 8).
static void test_deferred_segment(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 10);
    int fd = connect_from(&world, "127.0.0.1");
    struct tcp_info before, after;
    socklen_t size = sizeof before;
    say(fd, "?");
    turn(&world);
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &before, &size), 0);
    assert_true(answer_later(&world, 0, "answer"));
    expect(fd, "answer");
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &after, &size), 0);
    assert_int_equal(after.tcpi_data_segs_in - before.tcpi_data_segs_in, 1);
    close(fd);
    close_world(&world);
}

// The connection goes, by close or reset: the owner hears of it once, and an answer finds nobody,
// also when the slot has a new connection.
static void test_gone(void **state)
{
    (void)state;
    static const struct linger resets = {.l_onoff = 1, .l_linger = 0};
    for (int reset = 0; reset < 2; reset++) {
        struct world world;
        struct loop_tag tag;
        open_world(&world, 10);
        int fd = connect_from(&world, "127.0.0.1");
        say(fd, "?a");
        say(fd, "?b");
        turn(&world);
        assert_false(tcp_gone(&world.tcp, &tag));
        if (reset)
            assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &resets, sizeof resets), 0);
        close(fd);
        turn(&world);
        assert_int_equal(world.tcp.open, 0);
        assert_true(tcp_gone(&world.tcp, &tag));
        assert_int_equal(tag.index, world.deferred[0].index);
        assert_int_equal(tag.generation, world.deferred[0].generation);
        assert_false(tcp_gone(&world.tcp, &tag));
        int other = connect_from(&world, "127.0.0.1");
        assert_false(answer_later(&world, 0, "to a"));
        assert_int_equal(recv(other, &(char){0}, 1, 0), -1);
        close(other);
        close_world(&world);
    }
}

// A connection full of deferred queries is not read, and goes on where it was when there is room:
// with what it had sent before, whether it says more or not.
static void ask_much(struct world *world, const char *behind)
{
    int fd = connect_from(world, "127.0.0.1");
    unsigned asked = TCP_DEFERRED_MAX + 50;
    for (unsigned i = 0; i < asked; i++)
        say(fd, "?");
    turn(world);
    assert_int_equal(world->deferred_count, TCP_DEFERRED_MAX);
    if (behind)
        say(fd, behind);
    turn(world);
    assert_int_equal(world->answered, 0);
    for (unsigned i = 0; i < asked; i++) {
        assert_true(answer_later(world, i, "x"));
        turn(world);
        expect(fd, "x");
        unsigned due = TCP_DEFERRED_MAX + i + 1;
        assert_int_equal(world->deferred_count, due < asked ? due : asked);
        if (due == asked + 1 && behind)
            expect(fd, behind);
    }
    assert_int_equal(world->tcp.buffered, 0);
    assert_int_equal(loop_wait(&world->loop, 5), 0); // and nothing calls any more
    close(fd);
}

static void test_deferred_limit(void **state)
{
    (void)state;
    static const char *const behind[] = {NULL, "behind"};
    for (int i = 0; i < 2; i++) {
        struct world world;
        open_world(&world, 10);
        ask_much(&world, behind[i]);
        close_world(&world);
    }
}

// A full connection that breaks is seen though nothing is read from it.
static void test_full_breaks(void **state)
{
    (void)state;
    static const struct linger resets = {.l_onoff = 1, .l_linger = 0};
    struct world world;
    struct loop_tag tag;
    open_world(&world, 10);
    int fd = connect_from(&world, "127.0.0.1");
    for (unsigned i = 0; i <= TCP_DEFERRED_MAX; i++)
        say(fd, "?");
    turn(&world);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &resets, sizeof resets), 0);
    close(fd);
    for (int i = 0; i < 3; i++)
        if (loop_wait(&world.loop, 5)) {
            uint32_t ready;
            struct loop_tag event = loop_event(&world.loop, 0, &ready);
            answer(&world, event, ready);
        }
    assert_int_equal(world.tcp.open, 0);
    assert_true(tcp_gone(&world.tcp, &tag));
    close_world(&world);
}

// Who waits for us is not idle; and is the last that has to make room.
static void test_waiting_is_not_idle(void **state)
{
    (void)state;
    struct world world;
    struct loop_tag tag;
    open_world(&world, 4);
    int waiting = connect_from(&world, "127.0.0.1");
    say(waiting, "?");
    turn(&world);
    assert_int_equal(tcp_rest(&world.tcp, world.now_ms), -1);
    world.now_ms += 5 * TCP_IDLE_MS;
    tcp_rest(&world.tcp, world.now_ms);
    assert_int_equal(world.tcp.open, 1);
    int others[6];
    for (unsigned i = 0; i < 6; i++)
        others[i] = connect_from(&world, "127.0.0.1");
    assert_int_equal(world.tcp.open, 4);
    assert_true(answer_later(&world, 0, "here"));
    expect(waiting, "here");
    assert_int_equal(tcp_rest(&world.tcp, world.now_ms), tcp_idle_ms(&world.tcp));
    world.now_ms += TCP_IDLE_MS; // answered: idle from then on
    tcp_rest(&world.tcp, world.now_ms);
    assert_int_equal(world.tcp.open, 0);
    // When nobody else is there it has to go, and is told.
    world.deferred_count = 0;
    int crowd[5];
    for (unsigned i = 0; i < 5; i++) {
        crowd[i] = connect_from(&world, "127.0.0.1");
        say(crowd[i], "?");
        turn(&world);
    }
    assert_true(is_closed(crowd[0]));
    assert_true(tcp_gone(&world.tcp, &tag));
    assert_false(answer_later(&world, 0, "x"));
    for (unsigned i = 0; i < 5; i++)
        close(crowd[i]);
    for (unsigned i = 0; i < 6; i++)
        close(others[i]);
    close(waiting);
    close_world(&world);
}

// Answers behind what the client does not take: kept in order, and no sign of its life.
static void test_deferred_stalled(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 10);
    int fd = connect_from(&world, "127.0.0.1");
    say(fd, "?");
    for (unsigned i = 0; i < 200; i++)
        say(fd, "*");
    turn(&world);
    uint64_t before = world.tcp.buffered;
    assert_true(before > 0);
    world.now_ms += TCP_STALL_MS - 1;
    tcp_rest(&world.tcp, world.now_ms);
    assert_true(answer_later(&world, 0, "later"));
    assert_int_equal(world.tcp.buffered, before + 7);
    world.now_ms += 1;
    tcp_rest(&world.tcp, world.now_ms);
    assert_int_equal(world.tcp.open, 0);
    close(fd);
    close_world(&world);
}

// The last answers are waited for, and then it is over.
static void test_finish_deferred(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 10);
    int fd = connect_from(&world, "127.0.0.1");
    say(fd, "?a");
    say(fd, "?b");
    turn(&world);
    tcp_finish(&world.tcp);
    assert_int_equal(world.tcp.open, 1);
    assert_true(answer_later(&world, 0, "a"));
    assert_int_equal(world.tcp.open, 1);
    assert_true(answer_later(&world, 1, "b"));
    assert_int_equal(world.tcp.open, 0);
    expect(fd, "a");
    expect(fd, "b");
    assert_true(is_closed(fd));
    close(fd);
    // The same after octets that were no query.
    close_world(&world);
    open_world(&world, 10);
    fd = connect_from(&world, "127.0.0.1");
    say(fd, "?a");
    say(fd, "-");
    turn(&world);
    assert_int_equal(world.tcp.open, 1);
    assert_true(answer_later(&world, 0, "a"));
    expect(fd, "a");
    assert_true(is_closed(fd));
    close(fd);
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_framing),
        cmocka_unit_test(test_one_segment),
        cmocka_unit_test(test_largest_message),
        cmocka_unit_test(test_no_answer_ends_it),
        cmocka_unit_test(test_held),
        cmocka_unit_test(test_half_closed),
        cmocka_unit_test(test_memory_of_all),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_one_address),
        cmocka_unit_test(test_old_tags),
        cmocka_unit_test(test_idle),
        cmocka_unit_test(test_crowded),
        cmocka_unit_test(test_stalled),
        cmocka_unit_test(test_finish),
        cmocka_unit_test(test_deferred),
        cmocka_unit_test(test_deferred_segment),
        cmocka_unit_test(test_gone),
        cmocka_unit_test(test_deferred_limit),
        cmocka_unit_test(test_full_breaks),
        cmocka_unit_test(test_waiting_is_not_idle),
        cmocka_unit_test(test_deferred_stalled),
        cmocka_unit_test(test_finish_deferred),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
