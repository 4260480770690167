// Transfers over real connections: whole ones, slow clients beside quick ones, clients that go.
#include "../dns/packet.h"
#include "../zone/from_text.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "daemon/transfers.h"
#include "transfer/outgoing.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

enum { KIND_LISTENER = 1, KIND_CONNECTION };

struct world {
    struct loop loop;
    struct census *census;
    struct tcp tcp;
    struct stats stats;
    struct transfers *transfers;
    struct zone *zone;
    struct address bound;
    int listener;
    uint64_t now_ms;
};

static struct world world;

// Some 1.5 MB as it is sent, which no socket takes at once.
static struct zone *make_zone(void)
{
    struct buffer text = {0};
    buffer_add_text(&text, APEX);
    for (unsigned i = 0; i < 6000; i++)
        buffer_format(&text, "n%u TXT \"%0200u\" \"%u\"\n", i, i, i);
    struct zone *zone = zone_from_text("example.test.", buffer_text(&text));
    buffer_free(&text);
    return zone;
}

static int open_world(void **state)
{
    (void)state;
    world = (struct world){.now_ms = 1000000, .zone = make_zone()};
    assert_int_equal(loop_open(&world.loop), 0);
    world.census = census_make(TCP_PER_ADDRESS_MAX);
    tcp_open(&world.tcp, &(struct tcp_options){.loop = &world.loop,
                                               .kind = KIND_CONNECTION,
                                               .census = world.census,
                                               .connections_max = 10});
    world.transfers = transfers_open(&world.tcp, &world.stats);
    assert_true(address_parse("127.0.0.1", 0, &world.bound));
    world.listener = tcp_listen(&world.bound, true);
    assert_true(world.listener >= 0);
    assert_int_equal(getsockname(world.listener, &world.bound.any, &world.bound.size), 0);
    assert_int_equal(
        loop_add(&world.loop, world.listener, EPOLLIN, (struct loop_tag){.kind = KIND_LISTENER}),
        0);
    return 0;
}

static int close_world(void **state)
{
    (void)state;
    transfers_close(world.transfers);
    tcp_close(&world.tcp);
    loop_close(&world.loop);
    close(world.listener);
    free(world.census);
    zone_release(world.zone);
    return 0;
}

static void begin_transfer(struct loop_tag tag, const struct tcp_message *message)
{
    struct query query = {.over_stream = true};
    assert_int_equal(query_decode(message->octets, message->size, &test_secret, &query), QUERY_OK);
    struct outgoing *outgoing = outgoing_open(&(struct outgoing_options){
        .zone = world.zone, .query = &query, .packet = message->octets, .secret = &test_secret});
    transfers_add(world.transfers, tag, outgoing, message->client);
}

// One turn of what would be the worker. True: there is more to be sent at once.
static bool turn(void)
{
    unsigned count = loop_wait(&world.loop, 0);
    for (unsigned i = 0; i < count; i++) {
        uint32_t ready;
        struct loop_tag tag = loop_event(&world.loop, i, &ready);
        if (tag.kind == KIND_LISTENER) {
            tcp_accept(&world.tcp, world.listener, world.now_ms);
            continue;
        }
        struct tcp_connection *connection = tcp_begin(&world.tcp, tag, ready, world.now_ms);
        if (!connection)
            continue;
        struct tcp_message message;
        while (tcp_next(&world.tcp, connection, &message))
            begin_transfer(tcp_defer(&world.tcp, connection), &message);
        tcp_end(&world.tcp, connection);
    }
    return transfers_run(world.transfers, 1700000000);
}

// By a client that keeps this many octets at most unread; 0: as many as usual.
static int ask_with_room(int room)
{
    struct query_packet packet;
    uint8_t frame[2];
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (room)
        assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room), 0);
    assert_int_equal(connect(fd, &world.bound.any, world.bound.size), 0);
    packet_begin(&packet, 7, 0);
    packet_question(&packet, "example.test.", TYPE_AXFR, CLASS_IN);
    bytes_put16(frame, (uint16_t)packet.size);
    assert_int_equal(send(fd, frame, 2, 0), 2);
    assert_int_equal(send(fd, packet.octets, packet.size, 0), packet.size);
    turn();
    turn();
    return fd;
}

static int ask(void)
{
    return ask_with_room(0);
}

// What has come of a stream of messages.
struct stream {
    int fd;
    size_t size;
    uint8_t octets[4 << 20];
};

static void take(struct stream *stream)
{
    for (;;) {
        ssize_t got = recv(stream->fd, stream->octets + stream->size,
                           sizeof stream->octets - stream->size, MSG_DONTWAIT);
        if (got <= 0)
            return;
        stream->size += (size_t)got;
    }
}

// The records of all whole messages.
static unsigned count_records(const struct stream *stream)
{
    unsigned records = 0;
    for (size_t at = 0; at + 2 <= stream->size;) {
        size_t size = bytes_get16(stream->octets + at);
        if (at + 2 + size > stream->size)
            break;
        records += bytes_get16(stream->octets + at + 2 + 6);
        at += 2 + size;
    }
    return records;
}

#define RECORDS 6003 // the SOA twice, and the NS

static void the_whole_zone_arrives(void **state)
{
    static struct stream stream;
    (void)state;
    stream = (struct stream){.fd = ask()};
    for (unsigned i = 0; i < 10000 && !world.stats.transfers[0][STATS_TRANSFER_SENT]; i++) {
        turn();
        take(&stream);
    }
    turn();
    take(&stream);
    assert_int_equal(count_records(&stream), RECORDS);
    assert_int_equal(world.stats.transfers[0][STATS_TRANSFER_SENT], 1);
    assert_true(world.stats.response_octets > 1000000);
    assert_int_equal(world.tcp.open, 1); // and may be asked again
    close(stream.fd);
}

// Who takes nothing costs no more than what one message has, and holds up nobody.
static void slow_clients_hold_up_nobody(void **state)
{
    static struct stream quick, slow;
    const int room = 1 << 16; // or the kernel takes all of it, whatever the client does
    (void)state;
    assert_int_equal(setsockopt(world.listener, SOL_SOCKET, SO_SNDBUF, &room, sizeof room), 0);
    slow = (struct stream){.fd = ask_with_room(4096)};
    for (unsigned i = 0; i < 1000 && turn(); i++)
        ;
    assert_false(turn()); // nothing can be sent: the worker may sleep
    assert_int_equal(world.stats.transfers[0][STATS_TRANSFER_SENT], 0);
    assert_true(world.tcp.buffered <= OUTGOING_MESSAGE_MAX + 2);
    quick = (struct stream){.fd = ask()};
    for (unsigned i = 0; i < 10000 && !world.stats.transfers[0][STATS_TRANSFER_SENT]; i++) {
        turn();
        take(&quick);
    }
    turn();
    take(&quick);
    assert_int_equal(count_records(&quick), RECORDS);
    // Then the slow one takes its time, and gets all of it.
    for (unsigned i = 0; i < 10000 && world.stats.transfers[0][STATS_TRANSFER_SENT] < 2; i++) {
        turn();
        take(&slow);
    }
    turn();
    take(&slow);
    assert_int_equal(count_records(&slow), RECORDS);
    close(quick.fd);
    close(slow.fd);
}

static void a_turn_is_short(void **state)
{
    static struct stream streams[TRANSFER_TURN_MESSAGES + 2];
    uint64_t most = 0;
    (void)state;
    for (unsigned i = 0; i < COUNT(streams); i++)
        streams[i] = (struct stream){.fd = ask()};
    for (unsigned i = 0; i < 50; i++) {
        uint64_t before = world.stats.response_octets;
        turn();
        uint64_t octets = world.stats.response_octets - before;
        most = octets > most ? octets : most;
        for (unsigned j = 0; j < COUNT(streams); j++)
            take(&streams[j]);
    }
    // As much as may be, and no more.
    assert_true(most <= (uint64_t)TRANSFER_TURN_MESSAGES * OUTGOING_MESSAGE_MAX);
    assert_true(most > (uint64_t)(TRANSFER_TURN_MESSAGES - 1) * OUTGOING_MESSAGE_MAX);
    // All go on, none is last for ever.
    for (unsigned i = 0; i < COUNT(streams); i++) {
        assert_true(streams[i].size > 0);
        close(streams[i].fd);
    }
}

static void a_client_that_goes_ends_it(void **state)
{
    (void)state;
    int fd = ask();
    close(fd);
    for (unsigned i = 0; i < 1000 && !world.stats.transfers[0][STATS_TRANSFER_BROKEN]; i++)
        turn();
    assert_int_equal(world.stats.transfers[0][STATS_TRANSFER_BROKEN], 1);
    assert_int_equal(world.tcp.open, 0);
    assert_false(turn());
}

// The worker ends, the transfer with it.
static void nothing_is_left_at_the_end(void **state)
{
    (void)state;
    int fd = ask();
    assert_int_equal(world.stats.transfers[0][STATS_TRANSFER_SENT], 0);
    close(fd);
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_WORLD(the_whole_zone_arrives),
        WITH_WORLD(slow_clients_hold_up_nobody),
        WITH_WORLD(a_turn_is_short),
        WITH_WORLD(a_client_that_goes_ends_it),
        WITH_WORLD(nothing_is_left_at_the_end),
    };
    return cmocka_run_group_tests_name("daemon/transfers", tests, NULL, NULL);
}
