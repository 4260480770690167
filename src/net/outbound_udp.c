// Asks over UDP (outbound_udp.h).
//
// System calls: what is opened beforehand costs an ask connect, one look that nothing is there,
// send, and one receive when epoll says so; a socket that is used again send and receive, and the
// look where it became idle a moment ago. The registration with epoll is made when the socket is
// opened and ends when it is closed. What each costs, and why it is not io_uring:
// docs/decisions/0011-asks-and-sockets.md.
//
// What comes to a socket is a reply of the server it is connected to, or of somebody who can forge
// its address: the kernel sees to that from connect on. A datagram from before would stay and be
// read as if it came from the server, so connect is followed by a look: a spare that has one is
// burned, and another is taken. For the same reason a socket is connected once, and an idle one
// that has something to read is burned.
//
// Sockets are kept only after a reply that was taken and nothing odd before it. What is behind the
// reply in the same socket epoll tells in the next wait, and the socket is burned; who wants to use
// it sooner looks first. What is on its way when an idle socket is used again is delivered as any:
// it has the wrong ID.
//
// No fragments (RFC 9715 3): IP_PMTUDISC_DO sets DF, and an ask that would not fit fails. Asks
// have some hundred octets and pass every path, whatever a forged ICMP message says its size is
// (the kernel believes none below 552, or 1280 with IPv6).
//
// ICMP is heard: a connected socket is told of closed ports, and with IP_RECVERR also of hosts and
// nets without a route, as where IPv6 ends at the next router. Who wants to forge that has to know
// the port. The queue of errors is never read: a socket with an error is closed.
#include "net/outbound_udp.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/random.h"

#define NONE       OUTBOUND_NONE
#define POOLS      4096
#define REFILL_MS  1000 // until it is tried again, after it failed
#define BURNED_MAX 100  // spares that had something to read, before an ask is given up
static_assert((POOLS & (POOLS - 1)) == 0, "a pool is picked by a mask");

enum state { STATE_UNUSED, STATE_SPARE, STATE_WAITING, STATE_IDLE };

struct outbound_socket {
    int fd;
    uint32_t generation;
    uint32_t next; // in its pool, or of the unused
    uint32_t ask;  // while it waits
    uint8_t state;
    uint8_t family;   // 0: IPv4, 1: IPv6
    uint8_t uses;     // asks that were sent
    bool ready;       // in the list of those
    bool doubted;     // something came that was no reply
    uint32_t turn;    // in which it became idle ...
    uint64_t idle_ms; // ... and when
    uint64_t born_ms; // when its first reply came
    struct address server;
};
static_assert(OUTBOUND_USES_MAX <= UINT8_MAX, "uses are counted in an octet");

static unsigned family_of(const struct address *address)
{
    return address->any.sa_family == AF_INET6;
}

bool outbound_udp_open(struct outbound_udp *udp, const struct outbound_options *options,
                       struct outbound_asks *asks)
{
    *udp = (struct outbound_udp){
        .loop = options->loop,
        .asks = asks,
        .kind = options->udp_kind,
        .from = {options->from4, options->from6},
        .sockets = calloc(OUTBOUND_SOCKETS_MAX, sizeof *udp->sockets),
        .links = calloc(OUTBOUND_SOCKETS_MAX, sizeof *udp->links),
        .pools = calloc(POOLS, sizeof *udp->pools),
        .spare = {OUTBOUND_LIST_EMPTY, OUTBOUND_LIST_EMPTY},
        .idle = OUTBOUND_LIST_EMPTY,
        .ready = OUTBOUND_LIST_EMPTY,
        .unused = NONE,
        .datagram = malloc(OUTBOUND_DATAGRAM_MAX),
    };
    if (!udp->sockets || !udp->links || !udp->pools || !udp->datagram)
        return false;
    for (unsigned i = 0; i < POOLS; i++)
        udp->pools[i] = NONE;
    random_fill(&udp->key, sizeof udp->key);
    return true;
}

void outbound_udp_close(struct outbound_udp *udp)
{
    for (uint32_t i = 0; i < udp->touched; i++)
        if (udp->sockets[i].state != STATE_UNUSED)
            close(udp->sockets[i].fd);
    free(udp->sockets);
    free(udp->links);
    free(udp->pools);
    free(udp->datagram);
}

// --- opening and closing

static bool set(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

static bool prepare(int fd, unsigned family)
{
    if (family == 0)
        return set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO) &&
               set(fd, IPPROTO_IP, IP_RECVERR, 1);
    return set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DO) &&
           set(fd, IPPROTO_IPV6, IPV6_RECVERR, 1) && set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
}

// RFC 5452 9.2, RFC 6056 3.3.1: each port as likely as any other.
static uint16_t draw_port(void)
{
    return (uint16_t)(OUTBOUND_PORT_MIN +
                      ((uint64_t)random_get32() * (65536 - OUTBOUND_PORT_MIN) >> 32));
}

static int bind_to_drawn(int fd, const struct address *from, unsigned family)
{
    struct address to = *from;
    if (to.size == 0 && family == 0)
        to = (struct address){.v4 = {.sin_family = AF_INET}, .size = sizeof to.v4};
    else if (to.size == 0)
        to = (struct address){.v6 = {.sin6_family = AF_INET6}, .size = sizeof to.v6};
    for (unsigned i = 0; i < OUTBOUND_PORT_TRIES; i++) {
        address_set_port(&to, draw_port());
        if (bind(fd, &to.any, to.size) == 0)
            return 0;
        if (errno != EADDRINUSE)
            return -errno;
    }
    return -EADDRINUSE;
}

static struct loop_tag tag_of(const struct outbound_udp *udp, uint32_t index)
{
    return (struct loop_tag){udp->kind, udp->sockets[index].generation, index};
}

// Everything but a place for it. A descriptor or a negative errno.
static int open_bound(struct outbound_udp *udp, unsigned family, uint32_t index)
{
    int type = SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
    int fd = socket(family ? AF_INET6 : AF_INET, type, 0);
    if (fd < 0)
        return -errno;
    int failed = prepare(fd, family) ? 0 : -errno;
    if (!failed)
        failed = bind_to_drawn(fd, &udp->from[family], family);
    if (!failed)
        failed = loop_add(udp->loop, fd, EPOLLIN, tag_of(udp, index));
    if (failed) {
        close(fd);
        return failed;
    }
    return fd;
}

static int open_spare(struct outbound_udp *udp, unsigned family)
{
    if (udp->open == OUTBOUND_SOCKETS_MAX && !outbound_udp_shed(udp))
        return -EAGAIN; // our own limit: what others have makes no room for it
    uint32_t index = udp->unused != NONE ? udp->unused : udp->touched;
    assert(index < OUTBOUND_SOCKETS_MAX);
    int fd = open_bound(udp, family, index);
    if (fd < 0)
        return fd;
    struct outbound_socket *socket = &udp->sockets[index];
    if (udp->unused != NONE)
        udp->unused = socket->next;
    else
        udp->touched++;
    *socket = (struct outbound_socket){
        .fd = fd,
        .generation = socket->generation,
        .state = STATE_SPARE,
        .family = (uint8_t)family,
    };
    outbound_append(&udp->spare[family], udp->links, index);
    udp->spare_count[family]++;
    udp->open++;
    udp->opened++;
    return 0;
}

static void leave_pool(struct outbound_udp *udp, uint32_t index)
{
    struct outbound_socket *socket = &udp->sockets[index];
    uint32_t *link = &udp->pools[outbound_hash(&udp->key, &socket->server) & (POOLS - 1)];
    while (*link != index) {
        assert(*link != NONE);
        link = &udp->sockets[*link].next;
    }
    *link = socket->next;
    outbound_take_out(&udp->idle, udp->links, index);
}

// Out of all lists: it waits, or is about to.
static void take_out(struct outbound_udp *udp, uint32_t index)
{
    struct outbound_socket *socket = &udp->sockets[index];
    assert(socket->state != STATE_UNUSED);
    switch ((enum state)socket->state) {
    case STATE_UNUSED: break;
    case STATE_SPARE:
        outbound_take_out(&udp->spare[socket->family], udp->links, index);
        udp->spare_count[socket->family]--;
        break;
    case STATE_IDLE: leave_pool(udp, index); break;
    case STATE_WAITING:
        if (socket->ready)
            outbound_take_out(&udp->ready, udp->links, index);
        break;
    }
    socket->ready = false;
    socket->state = STATE_WAITING;
}

static void close_socket(struct outbound_udp *udp, uint32_t index)
{
    struct outbound_socket *socket = &udp->sockets[index];
    take_out(udp, index);
    close(socket->fd); // and the loop forgets it
    socket->state = STATE_UNUSED;
    socket->generation = (socket->generation + 1) & LOOP_GENERATION_MASK;
    socket->next = udp->unused;
    udp->unused = index;
    udp->open--;
}

// --- sending

static uint32_t find_idle(const struct outbound_udp *udp, const struct address *server)
{
    uint32_t index = udp->pools[outbound_hash(&udp->key, server) & (POOLS - 1)];
    while (index != NONE && !address_equal(&udp->sockets[index].server, server))
        index = udp->sockets[index].next;
    return index;
}

// Whether there is nothing to read from before.
static bool is_clean(int fd)
{
    uint8_t octet;
    return recv(fd, &octet, sizeof octet, MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

// Connects a spare, which is one beforehand or made now. 0 or a negative errno.
static int take_spare(struct outbound_udp *udp, const struct address *server, uint32_t *taken)
{
    unsigned family = family_of(server);
    for (unsigned burned = 0; burned < BURNED_MAX; burned++) {
        int failed = udp->spare[family].oldest == NONE ? open_spare(udp, family) : 0;
        if (failed)
            return failed;
        uint32_t index = udp->spare[family].oldest;
        struct outbound_socket *socket = &udp->sockets[index];
        take_out(udp, index);
        if (connect(socket->fd, &server->any, server->size) < 0) {
            failed = -errno;
            close_socket(udp, index);
            return failed;
        }
        if (is_clean(socket->fd)) {
            socket->server = *server;
            *taken = index;
            return 0;
        }
        close_socket(udp, index);
    }
    return -EAGAIN;
}

// 0 or a negative errno; then the socket is closed.
static int send_from(struct outbound_udp *udp, uint32_t index, uint32_t place,
                     const struct ask *ask)
{
    struct outbound_socket *socket = &udp->sockets[index];
    if (send(socket->fd, ask->octets, ask->size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
        int failed = -errno;
        close_socket(udp, index);
        return failed;
    }
    socket->ask = place;
    socket->uses++;
    udp->sent++;
    outbound_asks_sent(udp->asks, place, OUTBOUND_WAY_UDP, index);
    return 0;
}

int outbound_udp_send(struct outbound_udp *udp, uint32_t place, const struct ask *ask)
{
    for (uint32_t idle; (idle = find_idle(udp, &ask->server)) != NONE;) {
        bool trusted = udp->sockets[idle].turn != udp->turn || is_clean(udp->sockets[idle].fd);
        if (!trusted) {
            close_socket(udp, idle);
            continue;
        }
        take_out(udp, idle);
        if (send_from(udp, idle, place, ask) == 0) {
            udp->reused++;
            return 0;
        } // it had something to say of an earlier ask
    }
    uint32_t fresh = NONE;
    int failed = take_spare(udp, &ask->server, &fresh);
    if (!failed)
        failed = send_from(udp, fresh, place, ask);
    if (!failed)
        udp->used[family_of(&ask->server)] = true; // a family that is broken here needs no spares
    return failed;
}

void outbound_udp_cancel(struct outbound_udp *udp, uint32_t place)
{
    close_socket(udp, udp->asks->table[place].place);
    outbound_asks_remove(udp->asks, place);
}

// --- receiving

void outbound_udp_ready(struct outbound_udp *udp, struct loop_tag tag)
{
    assert(tag.kind == udp->kind && tag.index < OUTBOUND_SOCKETS_MAX);
    struct outbound_socket *socket = &udp->sockets[tag.index];
    if (socket->generation != tag.generation)
        return; // closed earlier in this turn
    switch ((enum state)socket->state) {
    case STATE_UNUSED: return;
    case STATE_SPARE:
    case STATE_IDLE: close_socket(udp, tag.index); return;
    case STATE_WAITING:
        if (!socket->ready)
            outbound_append(&udp->ready, udp->links, tag.index);
        socket->ready = true;
    }
}

// Reads from the next ready socket, one datagram: what is behind it epoll tells again. Octets, or
// negative: nothing, or the ask has failed.
static ssize_t read_one(struct outbound_udp *udp, uint32_t index)
{
    struct outbound_socket *socket = &udp->sockets[index];
    outbound_take_out(&udp->ready, udp->links, index);
    socket->ready = false;
    ssize_t size = recv(socket->fd, udp->datagram, OUTBOUND_DATAGRAM_MAX, MSG_DONTWAIT);
    if (size < 0 && errno != EAGAIN && errno != EINTR) { // what ICMP said
        outbound_asks_fail(udp->asks, socket->ask, outbound_failure(errno));
        close_socket(udp, index);
    }
    return size;
}

bool outbound_udp_next(struct outbound_udp *udp, struct outbound_event *event)
{
    uint32_t index;
    while ((index = udp->ready.oldest) != NONE) {
        ssize_t size = read_one(udp, index);
        if (size < 0)
            continue;
        uint32_t place = udp->sockets[index].ask;
        *event = (struct outbound_event){
            .number = udp->asks->table[place].number,
            .octets = udp->datagram,
            .size = (uint32_t)size,
            .place = place,
        };
        return true;
    }
    return false;
}

// May another ask leave from it?
static bool is_good(struct outbound_socket *socket, uint64_t now_ms)
{
    if (socket->uses == 1)
        socket->born_ms = now_ms;
    return !socket->doubted && !socket->ready && socket->uses < OUTBOUND_USES_MAX &&
           now_ms - socket->born_ms < OUTBOUND_AGE_MS;
}

static void keep(struct outbound_udp *udp, uint32_t index, uint64_t now_ms)
{
    struct outbound_socket *socket = &udp->sockets[index];
    take_out(udp, index);
    uint32_t *pool = &udp->pools[outbound_hash(&udp->key, &socket->server) & (POOLS - 1)];
    socket->next = *pool;
    *pool = index;
    socket->state = STATE_IDLE;
    socket->turn = udp->turn;
    socket->idle_ms = now_ms;
    outbound_append(&udp->idle, udp->links, index);
}

void outbound_udp_verdict(struct outbound_udp *udp, uint32_t place, enum reply_verdict verdict,
                          uint64_t now_ms)
{
    uint32_t index = udp->asks->table[place].place;
    struct outbound_socket *socket = &udp->sockets[index];
    switch (verdict) {
    case REPLY_IGNORED: socket->doubted = true; return;
    case REPLY_SUSPECT: break;
    case REPLY_TAKEN:
        if (!is_good(socket, now_ms))
            break;
        outbound_asks_remove(udp->asks, place);
        keep(udp, index, now_ms);
        return;
    }
    outbound_asks_remove(udp->asks, place);
    close_socket(udp, index);
}

// --- rest

bool outbound_udp_shed(struct outbound_udp *udp)
{
    uint32_t index = udp->idle.oldest;
    for (unsigned family = 0; family < 2 && index == NONE; family++)
        index = udp->spare[family].oldest;
    if (index == NONE)
        return false;
    close_socket(udp, index);
    return true;
}

// Closes sockets that are idle too long. Milliseconds until there are more, -1: never.
static int close_idle(struct outbound_udp *udp, uint64_t now_ms)
{
    for (unsigned closed = 0; udp->idle.oldest != NONE; closed++) {
        uint64_t age_ms = now_ms - udp->sockets[udp->idle.oldest].idle_ms;
        if (age_ms < OUTBOUND_IDLE_MS)
            return (int)(OUTBOUND_IDLE_MS - age_ms);
        if (closed == OUTBOUND_TURN)
            return 1;
        close_socket(udp, udp->idle.oldest);
    }
    return -1;
}

// The same for opening spares.
static int refill(struct outbound_udp *udp, uint64_t now_ms)
{
    unsigned opened = 0;
    for (unsigned family = 0; family < 2; family++) {
        while (udp->used[family] && udp->spare_count[family] < OUTBOUND_SPARE) {
            if (now_ms < udp->refill_ms)
                return (int)(udp->refill_ms - now_ms);
            if (opened++ == OUTBOUND_TURN)
                return 1;
            if (udp->open == OUTBOUND_SOCKETS_MAX || open_spare(udp, family) < 0)
                udp->refill_ms = now_ms + REFILL_MS; // an ask will find out, and tell
        }
    }
    return -1;
}

int outbound_udp_rest(struct outbound_udp *udp, uint64_t now_ms)
{
    udp->turn++;
    int idle_ms = close_idle(udp, now_ms), refill_ms = refill(udp, now_ms);
    if (idle_ms < 0 || refill_ms < 0)
        return idle_ms < 0 ? refill_ms : idle_ms;
    return idle_ms < refill_ms ? idle_ms : refill_ms;
}
