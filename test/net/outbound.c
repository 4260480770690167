// Outbound as a whole: both ways beside each other, descriptors that run out, asks taken back.
#include "outbound_world.h"

#include "base/log.h"

// Descriptors from now on: at most `count` more than are open.
static struct rlimit leave_descriptors(unsigned count)
{
    struct rlimit before, fewer;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    int next = dup(0);
    assert_true(next >= 0);
    close(next);
    fewer = before;
    fewer.rlim_cur = (rlim_t)next + count;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &fewer), 0);
    return before;
}

static void restore_descriptors(const struct rlimit *before)
{
    assert_int_equal(setrlimit(RLIMIT_NOFILE, before), 0);
}

static void test_both(void **state)
{
    (void)state;
    struct world world;
    struct address datagrams, streams;
    struct heard heard;
    open_world(&world);
    int udp = open_server(SOCK_DGRAM, "127.0.0.1", &datagrams);
    int tcp = open_server(SOCK_STREAM, "127.0.0.1", &streams);
    send_ask(&world, ASK_UDP, 1, 0x101, &datagrams);
    send_ask(&world, ASK_TCP, 2, 0x102, &streams);
    turn(&world);
    struct outbound_counts counts = counts_of(&world);
    assert_int_equal(counts.sent_udp, 1);
    assert_int_equal(counts.sent_tcp, 1);
    assert_int_equal(counts.waiting, 2);
    assert_int_equal(counts.sockets, 1);
    assert_int_equal(counts.connections, 1);
    int fd = accept4(tcp, NULL, NULL, SOCK_NONBLOCK);
    uint8_t frame[64];
    ssize_t size = recv(fd, frame, sizeof frame, 0);
    assert_true(size > 2);
    assert_int_equal(send(fd, frame, (size_t)size, 0), size);
    hear_and_reply(udp, &heard);
    turn(&world);
    assert_int_equal(world.count, 2);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(bytes_get16(world.seen[i].octets), 0x100 + world.seen[i].number);
    close(fd);
    close(udp);
    close(tcp);
    close_world(&world);
}

// Numbers that nobody knows, that failed already, and that came but were not looked at.
static void test_cancel(void **state)
{
    (void)state;
    struct world world;
    struct address bound, closed;
    struct heard heard;
    open_world(&world);
    int server = open_server(SOCK_DGRAM, "127.0.0.1", &bound);
    close(open_server(SOCK_STREAM, "127.0.0.1", &closed));
    cancel_ask(&world, 12345);
    send_ask(&world, ASK_TCP, 1, 1, &closed); // refused at once, over loopback
    cancel_ask(&world, 1);
    turn(&world);
    assert_int_equal(world.count, 0);
    send_ask(&world, ASK_UDP, 2, 2, &bound);
    hear_and_reply(server, &heard);
    assert_int_equal(loop_wait(&world.loop, 5), 1);
    uint32_t ready;
    struct loop_tag tag = loop_event(&world.loop, 0, &ready);
    outbound_ready(world.outbound, tag, ready, world.now_ms);
    cancel_ask(&world, 2);
    turn(&world);
    assert_int_equal(world.count, 0);
    assert_int_equal(counts_of(&world).sockets, 0);
    // A tag of a socket that is gone means nobody, also when its place has a new one.
    send_ask(&world, ASK_UDP, 3, 3, &bound);
    outbound_ready(world.outbound, tag, ready, world.now_ms);
    assert_int_equal(counts_of(&world).waiting, 1);
    // Taken back between a reply and what is thought of it.
    hear_and_reply(server, &heard);
    assert_int_equal(loop_wait(&world.loop, 5), 1);
    tag = loop_event(&world.loop, 0, &ready);
    outbound_ready(world.outbound, tag, ready, world.now_ms);
    struct outbound_event event;
    assert_true(outbound_next(world.outbound, &event));
    cancel_ask(&world, 3);
    outbound_verdict(world.outbound, &event, REPLY_TAKEN);
    assert_int_equal(counts_of(&world).sockets, 0);
    send_ask(&world, ASK_UDP, 4, 4, &bound); // in its place
    outbound_verdict(world.outbound, &event, REPLY_TAKEN);
    assert_int_equal(counts_of(&world).waiting, 1);
    assert_false(outbound_next(world.outbound, &event));
    close(server);
    close_world(&world);
}

// EMFILE: what is idle makes room, for either way; then asks fail, and the log has one line of it.
static void test_no_descriptors(void **state)
{
    (void)state;
    struct world world;
    struct address bound, streams;
    struct heard heard;
    open_world(&world);
    int server = open_server(SOCK_DGRAM, "127.0.0.1", &bound);
    int listener = open_server(SOCK_STREAM, "127.0.0.1", &streams);
    int log[2];
    assert_int_equal(pipe2(log, O_CLOEXEC | O_NONBLOCK), 0);
    int stderr_before = dup(2);
    send_ask(&world, ASK_UDP, 1, 1, &bound);
    hear_and_reply(server, &heard);
    turn(&world);
    while (outbound_rest(world.outbound, world.now_ms) == 1)
        ;
    assert_int_equal(counts_of(&world).sockets, 1 + OUTBOUND_SPARE);
    struct rlimit before = leave_descriptors(0);
    send_ask(&world, ASK_TCP, 2, 2, &streams); // the idle one goes, as asked before a spare
    assert_int_equal(counts_of(&world).sockets, OUTBOUND_SPARE);
    assert_int_equal(counts_of(&world).connections, 1);
    for (uint32_t i = 0; i < OUTBOUND_SPARE; i++)
        send_ask(&world, ASK_UDP, 100 + i, 1, &bound);
    take_events(&world);
    assert_int_equal(world.count, 1); // none failed
    dup2(log[1], 2);
    for (uint32_t i = 0; i < 5; i++)
        send_ask(&world, i % 2 ? ASK_TCP : ASK_UDP, 200 + i, 2, &streams);
    world.now_ms += OUTBOUND_LOG_MS;
    send_ask(&world, ASK_UDP, 300, 1, &bound);
    dup2(stderr_before, 2);
    restore_descriptors(&before);
    take_events(&world);
    assert_int_equal(world.count, 7);
    for (unsigned i = 1; i < 7; i++) {
        assert_true(world.seen[i].failed);
        assert_int_equal(world.seen[i].failure, ASK_NO_ROOM);
    }
    char lines[1000];
    ssize_t size = read(log[0], lines, sizeof lines - 1);
    assert_true(size > 0);
    lines[size] = 0;
    assert_non_null(strstr(lines, "no socket for an ask"));
    unsigned count = 0;
    for (ssize_t i = 0; i < size; i++)
        count += lines[i] == '\n';
    assert_int_equal(count, 2); // one now, and one a minute later
    // It goes on when there are some again.
    send_ask(&world, ASK_UDP, 400, 1, &bound);
    take_events(&world);
    assert_int_equal(world.count, 7);
    close(log[0]);
    close(log[1]);
    close(stderr_before);
    close(listener);
    close(server);
    close_world(&world);
}

// Refilling the spares does not go round and round when there are no descriptors.
static void test_no_spares(void **state)
{
    (void)state;
    struct world world;
    struct address bound;
    open_world(&world);
    int server = open_server(SOCK_DGRAM, "127.0.0.1", &bound);
    send_ask(&world, ASK_UDP, 1, 1, &bound);
    struct rlimit before = leave_descriptors(3);
    assert_int_equal(outbound_rest(world.outbound, world.now_ms), 1000);
    unsigned sockets = counts_of(&world).sockets;
    assert_in_range(sockets, 1, 4);
    assert_int_equal(outbound_rest(world.outbound, world.now_ms + 400), 600);
    restore_descriptors(&before);
    assert_int_equal(outbound_rest(world.outbound, world.now_ms + 1000), 1);
    assert_int_equal(counts_of(&world).sockets, sockets + OUTBOUND_TURN);
    close(server);
    close_world(&world);
}

// Our own addresses, where they are set.
static void test_from(void **state)
{
    (void)state;
    struct world world;
    struct address bound, streams, from4;
    struct heard heard;
    open_world(&world);
    outbound_close(world.outbound);
    assert_true(address_parse("127.0.0.77", 0, &from4));
    world.outbound = outbound_open(&(struct outbound_options){
        .loop = &world.loop, .udp_kind = KIND_UDP, .tcp_kind = KIND_TCP, .from4 = from4});
    assert_non_null(world.outbound);
    int server = open_server(SOCK_DGRAM, "127.0.0.1", &bound);
    int listener = open_server(SOCK_STREAM, "127.0.0.1", &streams);
    send_ask(&world, ASK_UDP, 1, 1, &bound);
    assert_true(hear(server, &heard));
    assert_int_equal(heard.from.v4.sin_addr.s_addr, from4.v4.sin_addr.s_addr);
    send_ask(&world, ASK_TCP, 2, 2, &streams);
    struct address peer = {.size = sizeof peer.v6};
    int fd = accept4(listener, &peer.any, &peer.size, SOCK_NONBLOCK);
    assert_true(fd >= 0);
    assert_int_equal(peer.v4.sin_addr.s_addr, from4.v4.sin_addr.s_addr);
    close(fd);
    close(listener);
    close(server);
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both),           cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_no_descriptors), cmocka_unit_test(test_no_spares),
        cmocka_unit_test(test_from),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
