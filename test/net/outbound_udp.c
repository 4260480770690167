// Asks over UDP: ports, what is used again and what never, what others say.
#include "outbound_world.h"

#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>
#include <stdio.h>

static void test_round_trip(void **state)
{
    (void)state;
    static const char *const hosts[] = {"127.0.0.1", "::1"};
    for (int i = 0; i < 2; i++) {
        struct world world;
        struct address bound;
        struct heard heard;
        open_world(&world);
        int server = open_server(SOCK_DGRAM, hosts[i], &bound);
        send_ask(&world, ASK_UDP, 42, 0x1234, &bound);
        assert_int_equal(counts_of(&world).waiting, 1);
        assert_true(hear(server, &heard));
        assert_int_equal(heard.size, HEADER_SIZE + 4);
        assert_int_equal(bytes_get16(heard.octets), 0x1234);
        heard.size = 20;
        reply(server, &heard);
        turn(&world);
        assert_int_equal(world.count, 1);
        assert_int_equal(world.seen[0].number, 42);
        assert_false(world.seen[0].failed);
        assert_int_equal(world.seen[0].size, 20);
        assert_memory_equal(world.seen[0].octets, heard.octets, 20);
        assert_int_equal(counts_of(&world).waiting, 0);
        close(server);
        close_world(&world);
    }
}

enum { BINS = 64, SOCKETS = 64 * 200 };

static double chi_square(const unsigned bins[static BINS])
{
    double sum = 0, expected = (double)SOCKETS / BINS;
    for (unsigned i = 0; i < BINS; i++)
        sum += (bins[i] - expected) * (bins[i] - expected) / expected;
    return sum;
}

// RFC 5452 9.2: ports of new sockets are spread evenly from OUTBOUND_PORT_MIN to 65535, by their
// height and by their last bits.
static void test_ports(void **state)
{
    (void)state;
    struct world world;
    struct address bound;
    open_world(&world);
    int server = open_server(SOCK_DGRAM, "127.0.0.1", &bound);
    static unsigned heights[BINS], ends[BINS];
    for (uint32_t i = 0; i < SOCKETS; i++) {
        struct heard heard;
        if (i % 3 == 0)
            outbound_rest(world.outbound, world.now_ms); // spares, and some made in need
        send_ask(&world, ASK_UDP, i, 1, &bound);
        assert_true(hear(server, &heard));
        unsigned port = address_port(&heard.from);
        assert_in_range(port, OUTBOUND_PORT_MIN, 65535);
        heights[(port - OUTBOUND_PORT_MIN) * BINS / (65536 - OUTBOUND_PORT_MIN)]++;
        ends[port % BINS]++;
        cancel_ask(&world, i);
    }
    // 63 degrees of freedom: above 140 by chance once in ten million runs, and below 20 as rarely.
    assert_true(chi_square(heights) > 20 && chi_square(heights) < 140);
    assert_true(chi_square(ends) > 20 && chi_square(ends) < 140);
    close(server);
    close_world(&world);
}

// One socket for at most OUTBOUND_USES_MAX asks, one after the other.
static void test_uses(void **state)
{
    (void)state;
    struct world world;
    struct address bound;
    open_world(&world);
    int server = open_server(SOCK_DGRAM, "127.0.0.1", &bound);
    uint16_t port = 0;
    unsigned sockets = 0, uses = 0;
    for (uint32_t i = 0; i < 5 * OUTBOUND_USES_MAX; i++) {
        struct heard heard;
        send_ask(&world, ASK_UDP, i, (uint16_t)i, &bound);
        hear_and_reply(server, &heard);
        turn(&world);
        if (address_port(&heard.from) != port) {
            port = address_port(&heard.from);
            sockets++;
            uses = 0;
        }
        assert_true(++uses <= OUTBOUND_USES_MAX);
    }
    assert_int_equal(sockets, 5);
    assert_int_equal(world.count, 5 * OUTBOUND_USES_MAX);
    assert_int_equal(counts_of(&world).reused, 5 * (OUTBOUND_USES_MAX - 1));
    close(server);
    close_world(&world);
}

// Asks now and then, so that it is never idle for long: it is closed all the same when it is old.
static void test_age(void **state)
{
    (void)state;
    struct world world;
    struct address bound;
    struct heard heard;
    open_world(&world);
    int server = open_server(SOCK_DGRAM, "127.0.0.1", &bound);
    uint16_t first = 0;
    static const uint32_t at_ms[] = {0, OUTBOUND_AGE_MS / 2, OUTBOUND_AGE_MS, OUTBOUND_AGE_MS + 1};
    uint64_t begin_ms = world.now_ms;
    for (uint32_t i = 0; i < 4; i++) {
        world.now_ms = begin_ms + at_ms[i];
        send_ask(&world, ASK_UDP, i, (uint16_t)i, &bound);
        hear_and_reply(server, &heard);
        turn(&world);
        if (i == 0)
            first = address_port(&heard.from);
        assert_int_equal(address_port(&heard.from) == first, i < 3);
    }
    close(server);
    close_world(&world);
}

// A socket is only ever used towards one address and port.
static void test_one_server(void **state)
{
    (void)state;
    struct world world;
    struct address bounds[3];
    int servers[3];
    static const char *const hosts[] = {"127.0.0.1", "127.0.0.2", "127.0.0.1"};
    struct heard heard;
    uint16_t ports[3];
    open_world(&world);
    for (uint32_t i = 0; i < 3; i++) {
        servers[i] = open_server(SOCK_DGRAM, hosts[i], &bounds[i]);
        send_ask(&world, ASK_UDP, i, 1, &bounds[i]);
        hear_and_reply(servers[i], &heard);
        ports[i] = address_port(&heard.from);
        turn(&world);
    }
    assert_int_equal(counts_of(&world).reused, 0);
    for (uint32_t i = 0; i < 3; i++) {
        send_ask(&world, ASK_UDP, i, 1, &bounds[i]);
        hear_and_reply(servers[i], &heard);
        assert_int_equal(address_port(&heard.from), ports[i]);
        turn(&world);
        close(servers[i]);
    }
    assert_int_equal(counts_of(&world).reused, 3);
    close_world(&world);
}

// The same with so many servers that some share a pool.
static void test_many_servers(void **state)
{
    (void)state;
    enum { SERVERS = 300 };
    if (!raise_descriptors(2 * SERVERS + 200)) {
        print_message("skipped: not enough descriptors here\n");
        skip();
    }
    struct world world;
    static struct address bounds[SERVERS];
    static int servers[SERVERS];
    open_world(&world);
    for (uint32_t i = 0; i < SERVERS; i++) {
        char host[20];
        snprintf(host, sizeof host, "127.0.%u.%u", 1 + i / 100, 1 + i % 100);
        servers[i] = open_server(SOCK_DGRAM, host, &bounds[i]);
    }
    for (uint32_t i = 0; i < 2 * SERVERS; i++) {
        struct heard heard;
        uint32_t server = i * 77 % SERVERS;
        send_ask(&world, ASK_UDP, i, 1, &bounds[server]);
        hear_and_reply(servers[server], &heard);
        turn(&world);
        assert_int_equal(world.count, i + 1);
    }
    assert_int_equal(counts_of(&world).reused, SERVERS);
    for (uint32_t i = 0; i < SERVERS; i++)
        close(servers[i]);
    close_world(&world);
}

// What ends a socket: see the rows. The next ask leaves from another port then.
static void test_closed_after(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        enum reply_verdict verdict;
        unsigned ignored; // datagrams before the reply
        unsigned behind;  // datagrams behind it
        bool cancelled, late;
        bool kept;
    } rows[] = {
        {"a reply", REPLY_TAKEN, 0, 0, false, false, true},
        {"suspicion", REPLY_SUSPECT, 0, 0, false, false, false},
        {"a cancel", REPLY_TAKEN, 0, 0, true, false, false},
        {"something ignored before", REPLY_TAKEN, 1, 0, false, false, false},
        {"much ignored before", REPLY_TAKEN, 5, 0, false, false, false},
        {"one more behind", REPLY_TAKEN, 0, 1, false, false, false},
        {"one more later", REPLY_TAKEN, 0, 0, false, true, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct world world;
        struct address bound;
        struct heard first, second;
        open_world(&world);
        int server = open_server(SOCK_DGRAM, "127.0.0.1", &bound);
        send_ask(&world, ASK_UDP, 1, 1, &bound);
        assert_true(hear(server, &first));
        world.verdict = REPLY_IGNORED;
        for (unsigned j = 0; j < rows[i].ignored; j++)
            reply(server, &first);
        turn(&world);
        assert_int_equal(world.count, rows[i].ignored);
        world.verdict = rows[i].verdict;
        if (rows[i].cancelled)
            cancel_ask(&world, 1);
        for (unsigned j = 0; j < 1 + rows[i].behind; j++)
            reply(server, &first);
        turn(&world);
        assert_int_equal(world.count, rows[i].ignored + !rows[i].cancelled);
        assert_int_equal(counts_of(&world).waiting, 0);
        if (rows[i].late) {
            reply(server, &first);
            turn(&world);
        }
        send_ask(&world, ASK_UDP, 2, 2, &bound);
        assert_true(hear(server, &second));
        bool kept = address_port(&first.from) == address_port(&second.from);
        if (kept != rows[i].kept)
            fail_msg("after %s", rows[i].what);
        assert_int_equal(counts_of(&world).sockets, 1);
        close(server);
        close_world(&world);
    }
}

// What comes behind the reply in the turn in which it was taken never reaches the next ask; what
// comes when a socket is about to be used again is delivered as any.
static void test_late_at_reused(void **state)
{
    (void)state;
    for (int same_turn = 0; same_turn < 2; same_turn++) {
        struct world world;
        struct address bound;
        struct heard first, second;
        open_world(&world);
        int server = open_server(SOCK_DGRAM, "127.0.0.1", &bound);
        send_ask(&world, ASK_UDP, 1, 0x1111, &bound);
        hear_and_reply(server, &first);
        turn(&world);
        if (!same_turn)
            outbound_rest(world.outbound, world.now_ms);
        reply(server, &first); // and no look at it between
        send_ask(&world, ASK_UDP, 2, 0x2222, &bound);
        assert_true(hear(server, &second));
        assert_int_equal(same_turn, address_port(&first.from) != address_port(&second.from));
        world.verdict = REPLY_SUSPECT;
        turn(&world);
        assert_int_equal(world.count, same_turn ? 1 : 2);
        if (!same_turn) {
            assert_int_equal(world.seen[1].number, 2);
            assert_int_equal(bytes_get16(world.seen[1].octets), 0x1111);
        }
        assert_int_equal(counts_of(&world).waiting, same_turn);
        close(server);
        close_world(&world);
    }
}

// --- spares

static unsigned fill_spares(struct world *world)
{
    unsigned turns = 1;
    while (outbound_rest(world->outbound, world->now_ms) == 1)
        turns++;
    return turns;
}

// Spares are opened a few each turn, for families that are asked; an ask then opens nothing.
static void test_spares(void **state)
{
    (void)state;
    struct world world;
    struct address bound;
    struct heard heard;
    open_world(&world);
    assert_int_equal(outbound_rest(world.outbound, world.now_ms), -1);
    assert_int_equal(counts_of(&world).sockets, 0); // nobody was asked yet
    int server = open_server(SOCK_DGRAM, "127.0.0.1", &bound);
    send_ask(&world, ASK_UDP, 1, 1, &bound);
    assert_int_equal(counts_of(&world).sockets, 1);
    assert_true(fill_spares(&world) >= OUTBOUND_SPARE / OUTBOUND_TURN);
    assert_int_equal(counts_of(&world).sockets, 1 + OUTBOUND_SPARE);
    for (uint32_t i = 0; i < OUTBOUND_SPARE; i++)
        send_ask(&world, ASK_UDP, 100 + i, 1, &bound);
    assert_int_equal(counts_of(&world).opened, 1 + OUTBOUND_SPARE);
    for (uint32_t i = 0; i <= OUTBOUND_SPARE; i++)
        hear_and_reply(server, &heard);
    turn(&world);
    assert_int_equal(world.count, 1 + OUTBOUND_SPARE);
    close(server);
    close_world(&world);
}

// Ports in use here for datagrams, IPv4, from OUTBOUND_PORT_MIN up, but for `but`.
static unsigned list_ports(uint16_t *ports, unsigned room, uint16_t but)
{
    unsigned count = 0;
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    for (int fd = 3; fd < (int)limit.rlim_cur && fd < 2000; fd++) {
        struct address bound = {.size = sizeof bound.v6};
        int type = 0;
        socklen_t size = sizeof type;
        if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0 || type != SOCK_DGRAM ||
            getsockname(fd, &bound.any, &bound.size) < 0)
            continue;
        if (address_port(&bound) != but && count < room)
            ports[count++] = address_port(&bound);
    }
    return count;
}

static void send_to_port(const char *from, uint16_t port, uint16_t from_port)
{
    struct address source, target;
    assert_true(address_parse(from, from_port, &source));
    assert_true(address_parse("127.0.0.1", port, &target));
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)), 0);
    assert_int_equal(bind(fd, &source.any, source.size), 0);
    uint8_t octets[HEADER_SIZE] = {0, 1};
    assert_int_equal(sendto(fd, octets, sizeof octets, 0, &target.any, target.size), HEADER_SIZE);
    close(fd);
}

// Whoever finds a spare by trying ports burns it: in the turn when it is seen, or when an ask takes
// it before. A forged reply that was there first never reaches an ask.
static void test_burned_spares(void **state)
{
    (void)state;
    for (int seen = 0; seen < 2; seen++) {
        struct world world;
        struct address bound;
        struct heard heard;
        uint16_t found[2 * OUTBOUND_SPARE];
        open_world(&world);
        int server = open_server(SOCK_DGRAM, "127.0.0.1", &bound);
        send_ask(&world, ASK_UDP, 1, 1, &bound);
        hear_and_reply(server, &heard);
        turn(&world);
        uint16_t kept = address_port(&heard.from);
        fill_spares(&world);
        uint16_t own = address_port(&bound);
        unsigned count = list_ports(found, 2 * OUTBOUND_SPARE, own);
        assert_int_equal(count, OUTBOUND_SPARE + 1);
        for (unsigned i = 0; i < count; i++)
            if (found[i] != kept) // as if the server had sent it
                assert_int_equal(sendto(server, heard.octets, heard.size, 0,
                                        &(struct sockaddr_in){.sin_family = AF_INET,
                                                              .sin_port = htons(found[i]),
                                                              .sin_addr = heard.from.v4.sin_addr},
                                        sizeof(struct sockaddr_in)),
                                 heard.size);
        if (seen) {
            turn(&world);
            assert_int_equal(counts_of(&world).sockets, 1); // the idle one
        }
        for (uint32_t i = 0; i < 10; i++) {
            send_ask(&world, ASK_UDP, 100 + i, 1, &bound);
            assert_true(hear(server, &heard));
            for (unsigned j = 0; i && j < count; j++) // the first is the idle one's
                assert_int_not_equal(address_port(&heard.from), found[j]);
        }
        turn(&world);
        assert_int_equal(world.count, 1); // nothing came but the reply at the start
        close(server);
        close_world(&world);
    }
}

// From others nothing comes through a connected socket, though they know its port.
static void test_strangers(void **state)
{
    (void)state;
    struct world world;
    struct address bound;
    struct heard heard;
    open_world(&world);
    int server = open_server(SOCK_DGRAM, "127.0.0.1", &bound);
    send_ask(&world, ASK_UDP, 1, 1, &bound);
    assert_true(hear(server, &heard));
    send_to_port("127.0.0.1", address_port(&heard.from), 0);                    // another port
    send_to_port("127.0.0.9", address_port(&heard.from), address_port(&bound)); // another address
    turn(&world);
    assert_int_equal(world.count, 0);
    reply(server, &heard);
    turn(&world);
    assert_int_equal(world.count, 1);
    close(server);
    close_world(&world);
}

// --- what the network says

static void test_refused(void **state)
{
    (void)state;
    struct world world;
    struct address bound;
    open_world(&world);
    close(open_server(SOCK_DGRAM, "127.0.0.1", &bound)); // nobody listens there any more
    send_ask(&world, ASK_UDP, 5, 1, &bound);
    turn(&world);
    assert_int_equal(world.count, 1);
    assert_int_equal(world.seen[0].number, 5);
    assert_true(world.seen[0].failed);
    assert_int_equal(world.seen[0].failure, ASK_REFUSED);
    assert_int_equal(counts_of(&world).sockets, 0);
    assert_int_equal(counts_of(&world).waiting, 0);
    assert_int_equal(counts_of(&world).failed, 1);
    close_world(&world);
}

// A server that is gone between two asks: the idle socket has nothing to say of the second one.
static void test_refused_later(void **state)
{
    (void)state;
    struct world world;
    struct address bound;
    struct heard heard;
    open_world(&world);
    int server = open_server(SOCK_DGRAM, "127.0.0.1", &bound);
    send_ask(&world, ASK_UDP, 1, 1, &bound);
    hear_and_reply(server, &heard);
    turn(&world);
    close(server);
    send_ask(&world, ASK_UDP, 2, 1, &bound);
    turn(&world);
    assert_int_equal(world.count, 2);
    assert_true(world.seen[1].failed);
    assert_int_equal(world.seen[1].failure, ASK_REFUSED);
    close_world(&world);
}

static uint16_t sum16(const uint8_t *octets, size_t size)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < size; i += 2)
        sum += bytes_get16(octets + i);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

// What a router says of a datagram that went from `from` to `to`.
static void send_icmp(int raw, uint8_t code, const struct address *from, const struct address *to)
{
    struct {
        struct icmphdr icmp;
        struct iphdr ip;
        struct udphdr udp;
    } said = {
        .icmp = {.type = ICMP_DEST_UNREACH, .code = code},
        .ip = {.version = 4,
               .ihl = 5,
               .tot_len = htons(60),
               .ttl = 9,
               .protocol = IPPROTO_UDP,
               .saddr = from->v4.sin_addr.s_addr,
               .daddr = to->v4.sin_addr.s_addr},
        .udp = {.source = from->v4.sin_port, .dest = to->v4.sin_port, .len = htons(40)},
    };
    said.ip.check = htons(sum16((const uint8_t *)&said.ip, sizeof said.ip));
    said.icmp.checksum = htons(sum16((const uint8_t *)&said, sizeof said));
    assert_int_equal(sendto(raw, &said, sizeof said, 0, &from->any, from->size), sizeof said);
}

static void test_icmp(void **state)
{
    (void)state;
    static const struct {
        uint8_t code;
        bool failed;
        enum ask_failure failure;
    } rows[] = {
        {ICMP_NET_UNREACH, true, ASK_UNREACHABLE}, {ICMP_HOST_UNREACH, true, ASK_UNREACHABLE},
        {ICMP_PORT_UNREACH, true, ASK_REFUSED},    {ICMP_PKT_FILTERED, true, ASK_UNREACHABLE},
        {ICMP_PORT_UNREACH, false, ASK_NO_ROOM}, // for another port of ours
    };
    int raw = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
    if (raw < 0) {
        print_message("skipped: no raw sockets for us here\n");
        skip();
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct world world;
        struct address bound;
        struct heard heard;
        open_world(&world);
        int server = open_server(SOCK_DGRAM, "127.0.0.1", &bound);
        send_ask(&world, ASK_UDP, 1, 1, &bound);
        assert_true(hear(server, &heard));
        if (!rows[i].failed)
            address_set_port(&heard.from, address_port(&heard.from) ^ 1);
        send_icmp(raw, rows[i].code, &heard.from, &bound);
        turn(&world);
        assert_int_equal(world.count, rows[i].failed);
        assert_int_equal(counts_of(&world).sockets, !rows[i].failed);
        if (rows[i].failed)
            assert_int_equal(world.seen[0].failure, rows[i].failure);
        close(server);
        close_world(&world);
    }
    close(raw);
}

static void test_unreachable(void **state)
{
    (void)state;
    struct world world;
    struct address nowhere;
    open_world(&world);
    assert_true(address_parse("255.255.255.255", 53, &nowhere)); // forbidden to us: EACCES
    send_ask(&world, ASK_UDP, 1, 1, &nowhere);
    turn(&world);
    assert_int_equal(world.count, 1);
    assert_int_equal(world.seen[0].failure, ASK_UNREACHABLE);
    assert_int_equal(outbound_rest(world.outbound, world.now_ms), -1); // no spares for nothing
    assert_int_equal(counts_of(&world).sockets, 0);
    close_world(&world);
}

// RFC 9715 3: DF on what leaves.
static void test_no_fragments(void **state)
{
    (void)state;
    struct world world;
    struct address bound;
    open_world(&world);
    int server = open_server(SOCK_DGRAM, "127.0.0.1", &bound);
    send_ask(&world, ASK_UDP, 1, 1, &bound);
    unsigned found = 0;
    for (int fd = 3; fd < 200; fd++) {
        struct address peer = {.size = sizeof peer.v6};
        if (getpeername(fd, &peer.any, &peer.size) < 0 || !address_equal(&peer, &bound))
            continue;
        int value = -1;
        socklen_t size = sizeof value;
        assert_int_equal(getsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &value, &size), 0);
        assert_int_equal(value, IP_PMTUDISC_DO);
        found++;
    }
    assert_int_equal(found, 1);
    static uint8_t octets[MESSAGE_MAX - 28 + 1]; // longer than any datagram
    outbound_send(world.outbound, &(struct ask){ASK_UDP, 2, bound, octets, sizeof octets},
                  world.now_ms);
    turn(&world);
    assert_int_equal(world.count, 1);
    assert_int_equal(world.seen[0].failure, ASK_UNREACHABLE);
    close(server);
    close_world(&world);
}

// --- time and numbers

static void test_idle(void **state)
{
    (void)state;
    struct world world;
    struct address bound;
    struct heard heard;
    open_world(&world);
    int server = open_server(SOCK_DGRAM, "127.0.0.1", &bound);
    for (uint32_t i = 0; i < 3 * OUTBOUND_TURN; i++)
        send_ask(&world, ASK_UDP, i, 1, &bound);
    while (hear(server, &heard))
        reply(server, &heard);
    turn(&world);
    assert_int_equal(counts_of(&world).waiting, 0);
    fill_spares(&world);
    assert_int_equal(counts_of(&world).sockets, 3 * OUTBOUND_TURN + OUTBOUND_SPARE);
    world.now_ms += OUTBOUND_IDLE_MS - 1;
    assert_int_equal(outbound_rest(world.outbound, world.now_ms), 1);
    assert_int_equal(counts_of(&world).sockets, 3 * OUTBOUND_TURN + OUTBOUND_SPARE);
    world.now_ms++;
    for (unsigned turns = 3; turns > 0; turns--) { // a few each turn
        assert_int_equal(counts_of(&world).sockets, turns * OUTBOUND_TURN + OUTBOUND_SPARE);
        assert_int_equal(outbound_rest(world.outbound, world.now_ms), turns > 1 ? 1 : -1);
    }
    assert_int_equal(counts_of(&world).sockets, OUTBOUND_SPARE);
    close(server);
    close_world(&world);
}

static void test_many(void **state)
{
    (void)state;
    enum { ASKS = 5000 };
    if (!raise_descriptors(ASKS + 200)) {
        print_message("skipped: not enough descriptors here\n");
        skip();
    }
    struct world world;
    struct address bound;
    open_world(&world);
    int server = open_server(SOCK_DGRAM, "127.0.0.1", &bound);
    static struct heard heard[ASKS];
    static bool seen[ASKS];
    for (uint32_t i = 0; i < ASKS; i++) {
        send_ask(&world, ASK_UDP, i, (uint16_t)i, &bound);
        assert_true(hear(server, &heard[i]));
        if (i % 64 == 0)
            outbound_rest(world.outbound, world.now_ms);
    }
    assert_int_equal(counts_of(&world).waiting, ASKS);
    for (uint32_t i = 0; i < ASKS; i++)
        reply(server, &heard[(i * 1777) % ASKS]); // in some order
    turn(&world);
    assert_int_equal(world.count, ASKS);
    for (uint32_t i = 0; i < ASKS; i++) {
        assert_false(world.seen[i].failed);
        assert_int_equal(bytes_get16(world.seen[i].octets), world.seen[i].number);
        assert_false(seen[world.seen[i].number]);
        seen[world.seen[i].number] = true;
    }
    assert_int_equal(counts_of(&world).waiting, 0);
    close(server);
    close_world(&world);
}

// OUTBOUND_SOCKETS_MAX: an idle one makes room, then a spare; then asks fail, and refilling does
// not take from those.
static void test_places(void **state)
{
    (void)state;
    if (!raise_descriptors(OUTBOUND_SOCKETS_MAX + 200)) {
        print_message("skipped: not enough descriptors here\n");
        skip();
    }
    struct world world;
    struct address bound, other;
    struct heard heard, first;
    open_world(&world);
    int server = open_server(SOCK_DGRAM, "127.0.0.1", &bound);
    int second = open_server(SOCK_DGRAM, "127.0.0.1", &other);
    for (uint32_t i = 0; i < OUTBOUND_SOCKETS_MAX - 1; i++) {
        send_ask(&world, ASK_UDP, i, 1, &bound);
        assert_true(hear(server, i ? &heard : &first));
    }
    outbound_rest(world.outbound, world.now_ms);
    assert_int_equal(counts_of(&world).sockets, OUTBOUND_SOCKETS_MAX); // one spare
    reply(server, &first);
    turn(&world);
    assert_int_equal(world.count, 1);
    send_ask(&world, ASK_UDP, 100000, 1, &other); // by the spare
    send_ask(&world, ASK_UDP, 100001, 1, &other); // by the place of the idle one
    send_ask(&world, ASK_UDP, 100002, 1, &other);
    turn(&world);
    assert_int_equal(counts_of(&world).sockets, OUTBOUND_SOCKETS_MAX);
    assert_int_equal(world.count, 2);
    assert_int_equal(world.seen[1].number, 100002);
    assert_int_equal(world.seen[1].failure, ASK_NO_ROOM);
    assert_true(outbound_rest(world.outbound, world.now_ms) > 1);
    cancel_ask(&world, 1);
    send_ask(&world, ASK_UDP, 100003, 1, &other);
    turn(&world);
    assert_int_equal(world.count, 2);
    close(second);
    close(server);
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),    cmocka_unit_test(test_ports),
        cmocka_unit_test(test_uses),          cmocka_unit_test(test_age),
        cmocka_unit_test(test_one_server),    cmocka_unit_test(test_many_servers),
        cmocka_unit_test(test_closed_after),  cmocka_unit_test(test_late_at_reused),
        cmocka_unit_test(test_spares),        cmocka_unit_test(test_burned_spares),
        cmocka_unit_test(test_strangers),     cmocka_unit_test(test_refused),
        cmocka_unit_test(test_refused_later), cmocka_unit_test(test_unreachable),
        cmocka_unit_test(test_icmp),          cmocka_unit_test(test_no_fragments),
        cmocka_unit_test(test_idle),          cmocka_unit_test(test_many),
        cmocka_unit_test(test_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
