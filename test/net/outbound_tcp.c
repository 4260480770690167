// Asks over TCP: many on one stream, replies in any order, streams that break.
#include "outbound_world.h"

#include <netinet/tcp.h>

static const struct linger resets = {.l_onoff = 1, .l_linger = 0};

static int accept_one(int server)
{
    int fd = accept4(server, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)), 0);
    return fd;
}

static bool has_none(int server)
{
    return accept4(server, NULL, NULL, SOCK_NONBLOCK) < 0 && errno == EAGAIN;
}

// The next ask on a connection: its number.
static uint32_t hear_on(int fd, uint16_t *id)
{
    uint8_t frame[2 + HEADER_SIZE + 4];
    assert_int_equal(recv(fd, frame, sizeof frame, 0), sizeof frame);
    assert_int_equal(bytes_get16(frame), HEADER_SIZE + 4);
    if (id)
        *id = bytes_get16(frame + 2);
    return bytes_get32(frame + 2 + HEADER_SIZE);
}

static void say_octets(int fd, const void *octets, size_t size)
{
    assert_int_equal(send(fd, octets, size, MSG_NOSIGNAL), size);
}

static void reply_on(int fd, uint16_t id, uint16_t size)
{
    static uint8_t frame[2 + MESSAGE_MAX];
    bytes_put16(frame, size);
    bytes_put16(frame + 2, id);
    say_octets(fd, frame, 2 + (size_t)size);
}

// RFC 7766 6.2.1, 7: all asks on one stream, replies as they come.
static void test_any_order(void **state)
{
    (void)state;
    static const char *const hosts[] = {"127.0.0.1", "::1"};
    for (int i = 0; i < 2; i++) {
        struct world world;
        struct address bound;
        open_world(&world);
        int server = open_server(SOCK_STREAM, hosts[i], &bound);
        for (uint32_t n = 0; n < 5; n++)
            send_ask(&world, ASK_TCP, 100 + n, (uint16_t)(0x2000 + n), &bound);
        turn(&world);
        int fd = accept_one(server);
        assert_true(has_none(server));
        uint16_t ids[5];
        for (uint32_t n = 0; n < 5; n++)
            assert_int_equal(hear_on(fd, &ids[n]), 100 + n);
        static const unsigned order[] = {3, 0, 4, 2, 1};
        for (unsigned n = 0; n < 5; n++)
            reply_on(fd, ids[order[n]], (uint16_t)(30 + n));
        turn(&world);
        assert_int_equal(world.count, 5);
        for (unsigned n = 0; n < 5; n++) {
            assert_false(world.seen[n].failed);
            assert_int_equal(world.seen[n].number, 100 + order[n]);
            assert_int_equal(world.seen[n].size, 30 + n);
        }
        // The same stream is used again.
        send_ask(&world, ASK_TCP, 200, 1, &bound);
        assert_int_equal(hear_on(fd, NULL), 200);
        assert_int_equal(counts_of(&world).connections, 1);
        close(fd);
        close(server);
        close_world(&world);
    }
}

static void test_same_id(void **state)
{
    (void)state;
    struct world world;
    struct address bound;
    open_world(&world);
    int server = open_server(SOCK_STREAM, "127.0.0.1", &bound);
    for (uint32_t n = 0; n < 3; n++)
        send_ask(&world, ASK_TCP, n, 7, &bound);
    turn(&world);
    assert_int_equal(counts_of(&world).connections, 3);
    int fds[3];
    for (uint32_t n = 0; n < 3; n++) {
        fds[n] = accept_one(server);
        assert_int_equal(hear_on(fds[n], NULL), n);
    }
    for (uint32_t n = 3; n-- > 0;)
        reply_on(fds[n], 7, 20);
    for (uint32_t n = 3; n-- > 0;)
        close(fds[n]);
    turn(&world);
    assert_int_equal(world.count, 3);
    assert_int_equal(counts_of(&world).connections, 0);
    close(server);
    close_world(&world);
}

static void test_full_stream(void **state)
{
    (void)state;
    struct world world;
    struct address bound;
    open_world(&world);
    int server = open_server(SOCK_STREAM, "127.0.0.1", &bound);
    for (uint32_t n = 0; n <= OUTBOUND_STREAM_ASKS_MAX; n++)
        send_ask(&world, ASK_TCP, n, (uint16_t)n, &bound);
    assert_int_equal(counts_of(&world).connections, 2);
    close(server);
    close_world(&world);
}

// Every cut through two replies, and the largest of all.
static void test_pieces(void **state)
{
    (void)state;
    struct world world;
    struct address bound;
    open_world(&world);
    int server = open_server(SOCK_STREAM, "127.0.0.1", &bound);
    uint8_t octets[2 * (2 + HEADER_SIZE)] = {0, HEADER_SIZE, 0, 1};
    memcpy(octets + 2 + HEADER_SIZE, octets, 2 + HEADER_SIZE);
    octets[2 + HEADER_SIZE + 3] = 2;
    int fd = -1;
    for (size_t cut = 1; cut < sizeof octets; cut++) {
        send_ask(&world, ASK_TCP, 1, 1, &bound);
        send_ask(&world, ASK_TCP, 2, 2, &bound);
        turn(&world);
        if (fd < 0)
            fd = accept_one(server);
        hear_on(fd, NULL);
        hear_on(fd, NULL);
        world.count = 0;
        say_octets(fd, octets, cut);
        turn(&world);
        say_octets(fd, octets + cut, sizeof octets - cut);
        turn(&world);
        assert_int_equal(world.count, 2);
        assert_int_equal(world.seen[1].number, 2);
    }
    static uint8_t largest[2 + MESSAGE_MAX];
    memset(largest, 0xff, 2);
    bytes_put16(largest + 2, 9);
    memset(largest + 4, 'x', sizeof largest - 4);
    send_ask(&world, ASK_TCP, 3, 9, &bound);
    for (size_t at = 0; at < sizeof largest; at += 5000) {
        say_octets(fd, largest + at, at + 5000 < sizeof largest ? 5000 : sizeof largest - at);
        turn(&world);
    }
    assert_int_equal(world.count, 3);
    assert_int_equal(world.seen[2].size, MESSAGE_MAX);
    assert_memory_equal(world.seen[2].octets, largest + 2, 64);
    close(fd);
    close(server);
    close_world(&world);
}

// A server that reads slowly: what it does not take waits, in order, and past a limit goes to
// another stream.
static void test_slow_reader(void **state)
{
    (void)state;
    struct world world;
    struct address bound;
    open_world(&world);
    int server = open_server(SOCK_STREAM, "127.0.0.1", &bound);
    assert_int_equal(setsockopt(server, SOL_SOCKET, SO_RCVBUF, &(int){4096}, sizeof(int)), 0);
    static uint8_t octets[MESSAGE_MAX];
    enum { ASKS = 100 }; // 6.5 MB
    for (uint32_t n = 0; n < ASKS; n++) {
        memset(octets, (int)n, sizeof octets);
        bytes_put16(octets, (uint16_t)n);
        outbound_send(world.outbound, &(struct ask){ASK_TCP, n, bound, octets, sizeof octets},
                      world.now_ms);
        turn(&world);
    }
    unsigned connections = counts_of(&world).connections;
    assert_in_range(connections, 2, ASKS - 1);
    assert_int_equal(counts_of(&world).waiting, ASKS);
    static uint8_t frames[ASKS * (2 + MESSAGE_MAX)];
    size_t frame_count = 0;
    for (unsigned i = 0; i < connections; i++) {
        int fd = accept_one(server);
        size_t size = 0;
        for (int quiet = 0; quiet < 3; quiet++) {
            for (ssize_t more; (more = recv(fd, frames + size, sizeof frames - size, 0)) > 0;
                 quiet = 0)
                size += (size_t)more;
            turn(&world);
        }
        assert_int_equal(size % (2 + MESSAGE_MAX), 0);
        for (size_t at = 0; at < size; at += 2 + MESSAGE_MAX, frame_count++) {
            assert_int_equal(bytes_get16(frames + at), MESSAGE_MAX);
            uint16_t id = bytes_get16(frames + at + 2);
            for (size_t k = 4; k < 2 + MESSAGE_MAX; k++)
                if (frames[at + k] != id)
                    fail_msg("octet %zu of ask %u", k, id);
        }
        close(fd);
    }
    assert_int_equal(frame_count, ASKS);
    turn(&world);
    assert_int_equal(counts_of(&world).connections, 0);
    close(server);
    close_world(&world);
}

// --- what breaks

static void test_refused(void **state)
{
    (void)state;
    struct world world;
    struct address bound;
    open_world(&world);
    close(open_server(SOCK_STREAM, "127.0.0.1", &bound));
    send_ask(&world, ASK_TCP, 5, 1, &bound);
    turn(&world);
    assert_int_equal(world.count, 1);
    assert_int_equal(world.seen[0].number, 5);
    assert_true(world.seen[0].failed);
    assert_int_equal(world.seen[0].failure, ASK_REFUSED);
    assert_int_equal(counts_of(&world).connections, 0);
    close_world(&world);
}

// What the server does when it has three asks, and how many replies and failures come of it.
static void close_it(int fd)
{
    close(fd);
}
static void reset_it(int fd)
{
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &resets, sizeof resets), 0);
    close(fd);
}
static void reply_and_close(int fd)
{
    reply_on(fd, 2, 20);
    close(fd);
}
static void close_inside(int fd)
{
    reply_on(fd, 1, 20);
    say_octets(fd, "\0\100\0\3...", 7);
    close(fd);
}
static void say_no_dns(int fd)
{
    say_octets(fd, "HTTP/1.1 400 Bad Request\r\n\r\n", 28); // a frame of 18516 octets
    close(fd);
}
static void say_empty(int fd)
{
    say_octets(fd, "\0\0", 2);
}
static void say_short(int fd)
{
    reply_on(fd, 3, 20);
    say_octets(fd, "\0\13\0\1.........", 13);
}
static void say_unknown(int fd)
{
    for (unsigned i = 0; i < 100; i++)
        reply_on(fd, (uint16_t)(1000 + i), 100);
    reply_on(fd, 1, 20);
    reply_on(fd, 1, 20); // nobody waits for it any more
}

static void test_breaks(void **state)
{
    (void)state;
    static const struct {
        void (*act)(int fd);
        unsigned replies, failures;
        bool open; // the stream is, after it
    } rows[] = {
        {close_it, 0, 3, false},     {reset_it, 0, 3, false},   {reply_and_close, 1, 2, false},
        {close_inside, 1, 2, false}, {say_no_dns, 0, 3, false}, {say_empty, 0, 3, false},
        {say_short, 1, 2, false},    {say_unknown, 1, 0, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct world world;
        struct address bound;
        open_world(&world);
        int server = open_server(SOCK_STREAM, "127.0.0.1", &bound);
        for (uint32_t n = 1; n <= 3; n++)
            send_ask(&world, ASK_TCP, n, (uint16_t)n, &bound);
        turn(&world);
        int fd = accept_one(server);
        for (uint32_t n = 1; n <= 3; n++)
            hear_on(fd, NULL);
        rows[i].act(fd);
        turn(&world);
        unsigned replies = 0, failures = 0;
        for (unsigned n = 0; n < world.count; n++) {
            replies += !world.seen[n].failed;
            failures += world.seen[n].failed;
            if (world.seen[n].failed)
                assert_int_equal(world.seen[n].failure, ASK_CLOSED);
        }
        assert_int_equal(replies, rows[i].replies);
        assert_int_equal(failures, rows[i].failures);
        assert_int_equal(counts_of(&world).connections, rows[i].open);
        assert_int_equal(counts_of(&world).waiting, 3 - replies - failures);
        if (rows[i].open || rows[i].act == say_empty || rows[i].act == say_short)
            close(fd);
        close(server);
        close_world(&world);
    }
}

// An idle stream that the server closed: the next ask is not lost by it.
static void test_closed_idle(void **state)
{
    (void)state;
    for (int seen = 0; seen < 2; seen++) {
        struct world world;
        struct address bound;
        open_world(&world);
        int server = open_server(SOCK_STREAM, "127.0.0.1", &bound);
        send_ask(&world, ASK_TCP, 1, 1, &bound);
        turn(&world);
        int fd = accept_one(server);
        hear_on(fd, NULL);
        reply_on(fd, 1, 20);
        turn(&world);
        assert_int_equal(counts_of(&world).connections, 1);
        reset_it(fd);
        if (seen) {
            turn(&world);
            assert_int_equal(counts_of(&world).connections, 0);
        }
        send_ask(&world, ASK_TCP, 2, 2, &bound);
        turn(&world);
        fd = accept_one(server);
        assert_int_equal(hear_on(fd, NULL), 2);
        reply_on(fd, 2, 20);
        turn(&world);
        assert_int_equal(world.count, 2);
        assert_false(world.seen[1].failed);
        close(fd);
        close(server);
        close_world(&world);
    }
}

// Octets that nobody asked for end an idle stream.
static void test_unasked(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 14};
    for (int i = 0; i < 2; i++) {
        struct world world;
        struct address bound;
        open_world(&world);
        int server = open_server(SOCK_STREAM, "127.0.0.1", &bound);
        send_ask(&world, ASK_TCP, 1, 1, &bound);
        turn(&world);
        int fd = accept_one(server);
        hear_on(fd, NULL);
        reply_on(fd, 1, 20);
        if (i == 0) { // at once, behind the reply: the next reply would be read out of it
            say_octets(fd, "\0", 1);
            turn(&world);
        } else {
            turn(&world);
            say_octets(fd, "\0\14............", sizes[i]);
            turn(&world);
        }
        assert_int_equal(world.count, 1);
        assert_int_equal(counts_of(&world).connections, 0);
        close(fd);
        close(server);
        close_world(&world);
    }
}

// One ask taken back: the others go on, but new ones go elsewhere; with the last it is closed.
static void test_cancel(void **state)
{
    (void)state;
    struct world world;
    struct address bound;
    open_world(&world);
    int server = open_server(SOCK_STREAM, "127.0.0.1", &bound);
    for (uint32_t n = 1; n <= 3; n++)
        send_ask(&world, ASK_TCP, n, (uint16_t)n, &bound);
    turn(&world);
    int fd = accept_one(server);
    cancel_ask(&world, 2);
    send_ask(&world, ASK_TCP, 4, 4, &bound);
    turn(&world);
    int other = accept_one(server);
    assert_int_equal(hear_on(other, NULL), 4);
    for (uint16_t id = 1; id <= 3; id++) {
        hear_on(fd, NULL);
        reply_on(fd, id, 20);
    }
    turn(&world);
    assert_int_equal(world.count, 2); // not the second's
    assert_int_equal(world.seen[0].number, 1);
    assert_int_equal(world.seen[1].number, 3);
    assert_int_equal(counts_of(&world).connections, 1);
    cancel_ask(&world, 4);
    assert_int_equal(counts_of(&world).connections, 0);
    // While it connects.
    send_ask(&world, ASK_TCP, 5, 5, &bound);
    cancel_ask(&world, 5);
    turn(&world);
    assert_int_equal(counts_of(&world).connections, 0);
    assert_int_equal(world.count, 2);
    close(fd);
    close(other);
    close(server);
    close_world(&world);
}

static void test_verdicts(void **state)
{
    (void)state;
    struct world world;
    struct address bound;
    open_world(&world);
    int server = open_server(SOCK_STREAM, "127.0.0.1", &bound);
    send_ask(&world, ASK_TCP, 1, 1, &bound);
    send_ask(&world, ASK_TCP, 2, 2, &bound);
    turn(&world);
    int fd = accept_one(server);
    world.verdict = REPLY_IGNORED;
    reply_on(fd, 1, 20);
    turn(&world);
    assert_int_equal(counts_of(&world).waiting, 2);
    world.verdict = REPLY_SUSPECT;
    reply_on(fd, 1, 20);
    reply_on(fd, 2, 20);
    turn(&world);
    assert_int_equal(world.count, 3);
    assert_int_equal(world.seen[1].number, 1);
    assert_false(world.seen[1].failed);
    assert_int_equal(world.seen[2].number, 2); // nothing more is believed of that stream
    assert_true(world.seen[2].failed);
    assert_int_equal(counts_of(&world).connections, 0);
    close(fd);
    close(server);
    close_world(&world);
}

// --- time and numbers

static void test_idle(void **state)
{
    (void)state;
    struct world world;
    struct address bound;
    open_world(&world);
    int server = open_server(SOCK_STREAM, "127.0.0.1", &bound);
    send_ask(&world, ASK_TCP, 1, 1, &bound);
    turn(&world);
    world.now_ms += 10 * OUTBOUND_IDLE_MS; // the resolver decides how long an ask waits
    assert_int_equal(outbound_rest(world.outbound, world.now_ms), -1);
    int fd = accept_one(server);
    hear_on(fd, NULL);
    reply_on(fd, 1, 20);
    turn(&world);
    assert_int_equal(outbound_rest(world.outbound, world.now_ms), OUTBOUND_IDLE_MS);
    world.now_ms += OUTBOUND_IDLE_MS - 1;
    assert_int_equal(outbound_rest(world.outbound, world.now_ms), 1);
    assert_int_equal(counts_of(&world).connections, 1);
    world.now_ms++;
    assert_int_equal(outbound_rest(world.outbound, world.now_ms), -1);
    assert_int_equal(counts_of(&world).connections, 0);
    close(fd);
    close(server);
    close_world(&world);
}

// All streams taken: an idle one makes room, and without one an ask fails.
static void test_places(void **state)
{
    (void)state;
    if (!raise_descriptors(2 * OUTBOUND_STREAMS_MAX + 100)) {
        print_message("skipped: not enough descriptors here\n");
        skip();
    }
    struct world world;
    struct address bound;
    open_world(&world);
    int server = open_server(SOCK_STREAM, "127.0.0.1", &bound);
    static int fds[OUTBOUND_STREAMS_MAX];
    for (uint32_t n = 0; n < OUTBOUND_STREAMS_MAX; n++) { // the same ID: a stream each
        send_ask(&world, ASK_TCP, n, 1, &bound);
        if (n % 100 == 0)
            turn(&world);
        fds[n] = accept_one(server);
    }
    struct address datagrams;
    struct heard heard;
    int third = open_server(SOCK_DGRAM, "127.0.0.1", &datagrams);
    send_ask(&world, ASK_UDP, 9998, 1, &datagrams);
    hear_and_reply(third, &heard);
    turn(&world);
    send_ask(&world, ASK_TCP, 9999, 1, &bound);
    turn(&world);
    assert_int_equal(world.count, 2);
    assert_true(world.seen[1].failed);
    assert_int_equal(world.seen[1].failure, ASK_NO_ROOM);
    assert_int_equal(counts_of(&world).sockets, 1); // closing sockets would not have helped
    reply_on(fds[77], 1, 20);
    turn(&world);
    struct address other;
    int second = open_server(SOCK_STREAM, "127.0.0.2", &other);
    send_ask(&world, ASK_TCP, 10000, 1, &other);
    turn(&world);
    assert_int_equal(world.count, 3);
    assert_int_equal(counts_of(&world).connections, OUTBOUND_STREAMS_MAX);
    assert_int_equal(recv(fds[77], &(char){0}, 1, MSG_PEEK), 1); // its ask, unread
    for (uint32_t n = 0; n < OUTBOUND_STREAMS_MAX; n++)
        close(fds[n]);
    close(second);
    close(third);
    close(server);
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_order),   cmocka_unit_test(test_same_id),
        cmocka_unit_test(test_full_stream), cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_slow_reader), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_breaks),      cmocka_unit_test(test_closed_idle),
        cmocka_unit_test(test_unasked),     cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_verdicts),    cmocka_unit_test(test_idle),
        cmocka_unit_test(test_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
