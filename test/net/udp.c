// Datagrams in batches: in place, back to where they came from, from where they were sent to.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "dns/message.h"
#include "dns/type.h"
#include "net/udp.h"

static int open_server(const char *host, struct address *bound)
{
    assert_true(address_parse(host, 0, bound));
    int fd = udp_open(bound, true);
    assert_true(fd >= 0);
    assert_int_equal(getsockname(fd, &bound->any, &bound->size), 0);
    return fd;
}

// A client that hears answers from `host` alone.
static int open_client(const char *host, const struct address *server)
{
    struct address to;
    assert_true(address_parse(host, address_port(server), &to));
    int fd = socket(to.any.sa_family, SOCK_DGRAM, 0);
    struct timeval patience = {.tv_sec = 5};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    assert_int_equal(connect(fd, &to.any, to.size), 0);
    return fd;
}

static int option(int fd, int level, int name)
{
    int value = -1;
    socklen_t size = sizeof value;
    getsockopt(fd, level, name, &value, &size);
    return value;
}

static void test_options(void **state)
{
    (void)state;
    struct address bound;
    int fd = open_server("127.0.0.1", &bound);
    assert_int_equal(option(fd, IPPROTO_IP, IP_MTU_DISCOVER), IP_PMTUDISC_INTERFACE);
    assert_int_equal(option(fd, IPPROTO_IP, IP_PKTINFO), 0);
    assert_int_equal(option(fd, SOL_SOCKET, SO_REUSEPORT), 1);
    int second = udp_open(&bound, true);
    assert_true(second >= 0);
    close(second);
    assert_int_equal(udp_open(&bound, false), -EADDRINUSE);
    close(fd);
    fd = open_server("0.0.0.0", &bound);
    assert_int_equal(option(fd, IPPROTO_IP, IP_PKTINFO), 1);
    close(fd);
    fd = open_server("::", &bound);
    assert_int_equal(option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO), 1);
    assert_int_equal(option(fd, IPPROTO_IPV6, IPV6_V6ONLY), 1);
    assert_int_equal(option(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER), IPV6_PMTUDISC_INTERFACE);
    close(fd);
}

// Answers one batch with "re: " and what came; what begins with '-' gets no answer.
static unsigned answer(struct udp_batch *batch, int fd, bool told)
{
    unsigned count = udp_receive(batch, fd, told);
    for (unsigned i = 0; i < count; i++) {
        uint8_t *slot = udp_slot(batch, i);
        uint32_t size = udp_size(batch, told, i);
        assert_true(size <= SLOT_OCTETS);
        if (slot[0] == '-') {
            udp_set_size(batch, i, 0);
            continue;
        }
        memmove(slot + 4, slot, size);
        memcpy(slot, "re: ", 4);
        udp_set_size(batch, i, size + 4);
    }
    assert_int_equal(udp_send(batch, fd, told, count), 0);
    return count;
}

static void expect(int client, const char *words)
{
    char got[64];
    ssize_t size = recv(client, got, sizeof got - 1, 0);
    assert_true(size >= 0);
    got[size] = 0;
    assert_string_equal(got, words);
}

static void say(int client, const char *words)
{
    assert_int_equal(send(client, words, strlen(words), 0), strlen(words));
}

static void test_batches(void **state)
{
    (void)state;
    struct address bound;
    struct udp_batch *batch = udp_batch_open();
    assert_non_null(batch);
    int fd = open_server("127.0.0.1", &bound), client = open_client("127.0.0.1", &bound);
    assert_int_equal(udp_receive(batch, fd, false), 0); // nothing there, and no waiting
    for (int round = 0; round < 3; round++) {
        unsigned sent = BATCH_MAX + 7;
        for (unsigned i = 0; i < sent; i++) {
            char words[16];
            snprintf(words, sizeof words, "%u", i);
            say(client, words);
        }
        assert_int_equal(answer(batch, fd, false), BATCH_MAX);
        assert_int_equal(answer(batch, fd, false), 7);
        assert_int_equal(answer(batch, fd, false), 0);
        for (unsigned i = 0; i < sent; i++) {
            char words[16];
            snprintf(words, sizeof words, "re: %u", i);
            expect(client, words);
        }
    }
    close(client);
    close(fd);
    udp_batch_close(batch);
}

// No answer at the front, in the middle, twice in a row and at the end.
static void test_holes(void **state)
{
    (void)state;
    static const char *const words[] = {"-", "a", "-", "-", "b", "c", "-"};
    struct address bound;
    struct udp_batch *batch = udp_batch_open();
    int fd = open_server("127.0.0.1", &bound), client = open_client("127.0.0.1", &bound);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        say(client, words[i]);
    assert_int_equal(answer(batch, fd, false), 7);
    expect(client, "re: a");
    expect(client, "re: b");
    expect(client, "re: c");
    assert_int_equal(recv(client, &(char){0}, 1, MSG_DONTWAIT), -1);
    close(client);
    close(fd);
    udp_batch_close(batch);
}

// Clients of both families and both kinds of socket take turns in the same slots.
static void test_addresses(void **state)
{
    (void)state;
    static const struct {
        const char *bound, *asked;
        bool told;
    } rows[] = {
        {"0.0.0.0", "127.0.0.2", true},
        {"127.0.0.1", "127.0.0.1", false},
        {"::", "::1", true},
        {"0.0.0.0", "127.3.2.1", true},
        {"::1", "::1", false},
        {"127.0.0.1", "127.0.0.1", false},
    };
    struct udp_batch *batch = udp_batch_open();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct address bound, client_address = {.size = sizeof client_address.v6};
        int fd = open_server(rows[i].bound, &bound), client = open_client(rows[i].asked, &bound);
        say(client, "x");
        assert_int_equal(answer(batch, fd, rows[i].told), 1);
        expect(client, "re: x");
        assert_int_equal(getsockname(client, &client_address.any, &client_address.size), 0);
        assert_true(address_equal(&batch->clients[0], &client_address));
        close(client);
        close(fd);
    }
    udp_batch_close(batch);
}

// A datagram that is longer than its slot comes cut, and the next one whole.
static void test_too_long(void **state)
{
    (void)state;
    char octets[4000];
    memset(octets, 'x', sizeof octets);
    struct address bound;
    struct udp_batch *batch = udp_batch_open();
    int fd = open_server("127.0.0.1", &bound), client = open_client("127.0.0.1", &bound);
    assert_int_equal(send(client, octets, sizeof octets, 0), sizeof octets);
    say(client, "y");
    assert_int_equal(udp_receive(batch, fd, false), 2);
    assert_int_equal(udp_size(batch, false, 0), SLOT_OCTETS);
    assert_int_equal(udp_size(batch, false, 1), 1);
    assert_int_equal(udp_slot(batch, 1)[0], 'y');
    udp_set_size(batch, 0, 0);
    udp_set_size(batch, 1, 0);
    assert_int_equal(udp_send(batch, fd, false, 2), 0);
    close(client);
    close(fd);
    udp_batch_close(batch);
}

// What the kernel does not take is lost and counted, and does not hold up the rest.
static void test_lost(void **state)
{
    (void)state;
    struct address bound;
    struct udp_batch *batch = udp_batch_open();
    int fd = open_server("127.0.0.1", &bound), client = open_client("127.0.0.1", &bound);
    for (int i = 0; i < 3; i++)
        say(client, "x");
    assert_int_equal(udp_receive(batch, fd, false), 3);
    address_set_port(&batch->clients[1], 0);
    for (unsigned i = 0; i < 3; i++)
        udp_set_size(batch, i, 1);
    assert_int_equal(udp_send(batch, fd, false, 3), 1);
    expect(client, "x");
    expect(client, "x");
    close(client);
    close(fd);
    udp_batch_close(batch);
}

// A socket that is about to end: what it holds is answered, what comes is another's.
static void test_turned_away(void **state)
{
    (void)state;
    static const char *const hosts[][2] = {
        {"127.0.0.1", "127.0.0.1"}, {"0.0.0.0", "127.0.0.4"}, {"::1", "::1"}, {"::", "::1"}};
    struct udp_batch *batch = udp_batch_open();
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        bool told = i % 2 == 1;
        struct address bound;
        int first = open_server(hosts[i][0], &bound), client = open_client(hosts[i][1], &bound);
        say(client, "a");
        say(client, "b");
        int second = udp_open(&bound, true);
        assert_true(second >= 0);
        assert_int_equal(udp_turn_away(first), 0);
        for (int j = 0; j < 20; j++)
            say(client, "c");
        assert_int_equal(answer(batch, first, told), 2);
        assert_int_equal(answer(batch, second, told), 20);
        expect(client, "re: a");
        expect(client, "re: b");
        for (int j = 0; j < 20; j++)
            expect(client, "re: c");
        close(first);
        close(second);
        close(client);
    }
    udp_batch_close(batch);
}

// Replies that are made after the batch has gone: in another order, each from the address that was
// asked.
static void test_later(void **state)
{
    (void)state;
    static const struct {
        const char *bound, *asked[2];
        bool told;
    } rows[] = {
        {"0.0.0.0", {"127.0.0.2", "127.3.2.1"}, true},
        {"127.0.0.1", {"127.0.0.1", "127.0.0.1"}, false},
        {"::", {"::1", "::1"}, true},
        {"::1", {"::1", "::1"}, false},
    };
    struct udp_batch *batch = udp_batch_open();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct address bound;
        int fd = open_server(rows[i].bound, &bound);
        int clients[2];
        struct udp_origin origins[2];
        for (int j = 0; j < 2; j++) {
            clients[j] = open_client(rows[i].asked[j], &bound);
            say(clients[j], "x");
        }
        assert_int_equal(udp_receive(batch, fd, rows[i].told), 2);
        for (unsigned j = 0; j < 2; j++) {
            udp_origin(batch, rows[i].told, j, &origins[j]);
            assert_int_equal(origins[j].told, rows[i].told);
            udp_set_size(batch, j, 0);
        }
        assert_int_equal(udp_send(batch, fd, rows[i].told, 2), 0);
        for (int round = 0; round < 2; round++) { // other queries use the slots over
            say(clients[round], "y");
            assert_int_equal(answer(batch, fd, rows[i].told), 1);
            expect(clients[round], "re: y");
        }
        assert_int_equal(udp_later(batch, fd, &origins[1], (const uint8_t *)"second", 6), 0);
        assert_int_equal(udp_later(batch, fd, &origins[0], (const uint8_t *)"first", 5), 0);
        assert_int_equal(udp_flush(batch), 0);
        expect(clients[1], "second");
        expect(clients[0], "first");
        address_set_port(&origins[0].client, 0);
        assert_int_equal(udp_later(batch, fd, &origins[0], (const uint8_t *)"lost", 4), 0);
        assert_int_equal(udp_later(batch, fd, &origins[1], (const uint8_t *)"third", 5), 0);
        assert_int_equal(udp_flush(batch), 1);
        expect(clients[1], "third");
        assert_int_equal(udp_flush(batch), 0);
        close(clients[0]);
        close(clients[1]);
        close(fd);
    }
    udp_batch_close(batch);
}

// More than a batch has slots, and of two sockets: each leaves from its own, in its order.
static void test_many_later(void **state)
{
    (void)state;
    struct udp_batch *batch = udp_batch_open();
    struct address addresses[2];
    int sockets[2], clients[2];
    struct udp_origin origins[2];
    for (unsigned i = 0; i < 2; i++) {
        sockets[i] = open_server("127.0.0.1", &addresses[i]);
        clients[i] = open_client("127.0.0.1", &addresses[i]);
        say(clients[i], "x");
        assert_int_equal(udp_receive(batch, sockets[i], false), 1);
        udp_origin(batch, false, 0, &origins[i]);
    }
    for (unsigned i = 0; i < BATCH_MAX + 3; i++) {
        uint8_t octet = (uint8_t)('a' + i % 20);
        assert_int_equal(udp_later(batch, sockets[0], &origins[0], &octet, 1), 0);
    }
    assert_int_equal(udp_later(batch, sockets[1], &origins[1], (const uint8_t *)"other", 5), 0);
    for (unsigned i = 0; i < BATCH_MAX + 3; i++)
        expect(clients[0], (char[]){(char)('a' + i % 20), 0});
    assert_int_equal(udp_flush(batch), 0);
    expect(clients[1], "other");
    for (unsigned i = 0; i < 2; i++) {
        close(sockets[i]);
        close(clients[i]);
    }
    udp_batch_close(batch);
}

// --- an interface that takes less than a reply needs ---------------------------------------------

static void set_loopback_mtu(int mtu)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_mtu = mtu};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(ioctl(fd, SIOCSIFMTU, &request), 0);
    request = (struct ifreq){.ifr_name = "lo", .ifr_flags = IFF_UP};
    assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &request), 0);
    close(fd);
}

// A reply of this size: "a. TXT", one record of zeroes, an OPT with nothing in it.
static void write_reply(uint8_t *octets, unsigned size)
{
    static const uint8_t front[] = {7,  8, 0x84,     0,   0, 1, 0,        1, 0, 0,
                                    0,  1, 1,        'a', 0, 0, TYPE_TXT, 0, 1, 0xc0,
                                    12, 0, TYPE_TXT, 0,   1, 0, 0,        0, 9};
    static const uint8_t opt[] = {0, 0, TYPE_OPT, 4, 0xd0, 0, 0, 0, 0, 0, 0};
    memset(octets, 0, size);
    memcpy(octets, front, sizeof front);
    bytes_put16(octets + sizeof front, (uint16_t)(size - sizeof front - 2 - sizeof opt));
    memcpy(octets + size - sizeof opt, opt, sizeof opt);
}

// Header, question and OPT of it.
static void expect_truncated(int client)
{
    static const uint8_t all[] = {7, 8,        0x86, 0,    0, 1, 0,        0, 0, 0,
                                  0, 1,        1,    'a',  0, 0, TYPE_TXT, 0, 1, 0,
                                  0, TYPE_OPT, 4,    0xd0, 0, 0, 0,        0, 0, 0};
    uint8_t got[SLOT_OCTETS];
    assert_int_equal(recv(client, got, sizeof got, 0), sizeof all);
    assert_memory_equal(got, all, sizeof all);
}

// Replies at once and later: what the MTU takes goes whole, one octet more goes as TC (RFC 9715 3.1
// R4), and the ones around it are not held up. What is no DNS message is lost.
static void try_mtu(struct udp_batch *batch, const char *host, unsigned most)
{
    struct address bound;
    struct udp_origin origin;
    uint8_t whole[SLOT_OCTETS], long_one[SLOT_OCTETS], got[SLOT_OCTETS];
    int fd = open_server(host, &bound), client = open_client(host, &bound);
    write_reply(whole, most);
    write_reply(long_one, most + 1);
    for (unsigned i = 0; i < 4; i++)
        say(client, "x");
    assert_int_equal(udp_receive(batch, fd, false), 4);
    udp_origin(batch, false, 0, &origin);
    for (unsigned i = 0; i < 4; i++) {
        udp_set_size(batch, i, i % 2 ? most + 1 : most);
        memcpy(udp_slot(batch, i), i % 2 ? long_one : whole, most + 1);
    }
    memset(udp_slot(batch, 3), 0xff, most + 1);
    assert_int_equal(udp_send(batch, fd, false, 4), 1);
    assert_int_equal(recv(client, got, sizeof got, 0), most);
    expect_truncated(client);
    assert_int_equal(recv(client, got, sizeof got, 0), most);
    assert_memory_equal(got, whole, most);
    assert_int_equal(udp_later(batch, fd, &origin, long_one, most + 1), 0);
    assert_int_equal(udp_later(batch, fd, &origin, whole, most), 0);
    assert_int_equal(udp_flush(batch), 0);
    expect_truncated(client);
    assert_int_equal(recv(client, got, sizeof got, 0), most);
    assert_int_equal(recv(client, got, sizeof got, MSG_DONTWAIT), -1);
    close(client);
    close(fd);
}

// The namespace stays: this test is the last.
static void test_small_mtu(void **state)
{
    (void)state;
    if (unshare(CLONE_NEWNET) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0) {
        print_message("skipped: no network namespace here: %s\n", strerror(errno));
        skip(); // no network namespace here: not root, and none for users
    }
    struct udp_batch *batch = udp_batch_open();
    set_loopback_mtu(1280);
    try_mtu(batch, "127.0.0.1", 1280 - 28);
    try_mtu(batch, "::1", 1280 - 48);
    set_loopback_mtu(576);
    try_mtu(batch, "127.0.0.1", 576 - 28);
    udp_batch_close(batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options),     cmocka_unit_test(test_batches),
        cmocka_unit_test(test_holes),       cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_too_long),    cmocka_unit_test(test_lost),
        cmocka_unit_test(test_turned_away), cmocka_unit_test(test_later),
        cmocka_unit_test(test_many_later),  cmocka_unit_test(test_small_mtu),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
