// DNS over TCP (tcp.h).
//
// The way of a turn, with the worker's two buffers:
//
//   stash, then what recv brings  ->  in   [ 2 | query | 2 | query | 2 | que...
//                                             |           |          | not whole yet: the new stash
//   tcp_next copies one query behind          v           v
//   the answers made so far       ->  out  [ 2 | answer | 2 | query -> answer | room for one more
//   a full buffer, or tcp_end: send; what the kernel does not take is `unsent`, kept in order
//
// So all answers to what came in one segment leave in one (RFC 7766 8), and never a length alone.
//
// Invariants:
//
//   a stash holds a whole query  =>  the connection is held or full of deferred queries, or will be
//                                    called up by EPOLLOUT: then tcp_begin goes on with it
//   interest has EPOLLOUT       <=>  something is unsent, or a whole query waits in the stash
//                                    though nothing holds it
//   interest has EPOLLIN        <=>  not held, not full, not ended, not closing, not finishing
//
// Open connections are in exactly one list, oldest activity first, by `active_ms`.
#include "net/tcp.h"

#include <assert.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/memory.h"

#define NONE         UINT32_MAX
#define FRAME_MAX    (2 + MESSAGE_MAX)
#define IN_OCTETS    (FRAME_MAX + TCP_TURN_OCTETS) // a stash and a turn's worth
#define OUT_OCTETS   (2 * FRAME_MAX)               // at least one full frame of answers at a time
#define ACCEPT_QUEUE 4096

struct tcp_connection {
    int fd; // -1: the slot is unused
    uint32_t generation;
    uint32_t older, newer; // in its list; `newer` also chains unused slots
    uint32_t interest;     // what epoll was told
    uint8_t list;          // enum tcp_list
    bool ended;            // the client sends no more
    bool closing;          // to be closed when nothing is unsent or deferred
    uint16_t deferred;     // queries that are answered later
    uint64_t active_ms;    // the last whole query, or the last octet taken
    struct address client;
    uint8_t *stash; // NULL: none
    uint8_t *unsent;
    uint32_t stash_size;
    uint32_t unsent_size, unsent_at; // what is before `unsent_at` was sent
};

// --- listeners

static bool set(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

int tcp_adopt(int fd)
{
    // Inherited by what is accepted: answers leave at once, we put them together ourselves.
    return set(fd, IPPROTO_TCP, TCP_NODELAY, 1) ? 0 : -errno;
}

static int prepare_and_bind(int fd, const struct address *address, bool shared_port)
{
    // Old connections of ours in TIME_WAIT shall not stop a restart; a living listener still does.
    if (!set(fd, SOL_SOCKET, SO_REUSEADDR, 1))
        return -errno;
    if (shared_port && !set(fd, SOL_SOCKET, SO_REUSEPORT, 1))
        return -errno;
    if (address->any.sa_family == AF_INET6 && !set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1))
        return -errno;
    int failed = tcp_adopt(fd);
    if (failed)
        return failed;
    if (bind(fd, &address->any, address->size) < 0 || listen(fd, ACCEPT_QUEUE) < 0)
        return -errno;
    return 0;
}

int tcp_listen(const struct address *address, bool shared_port)
{
    assert(address->size != 0);
    int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    int failed = prepare_and_bind(fd, address, shared_port);
    if (failed) {
        close(fd);
        return failed;
    }
    return fd;
}

// --- slots and lists

void tcp_open(struct tcp *tcp, const struct tcp_options *options)
{
    assert(options->connections_max > 0);
    *tcp = (struct tcp){
        .loop = options->loop,
        .census = options->census,
        .kind = options->kind,
        .room = options->connections_max,
        .slots = memory_get_zeroed(options->connections_max, sizeof *tcp->slots),
        .unused = NONE,
        .in = memory_get(IN_OCTETS),
        .out = memory_get(OUT_OCTETS),
        .gone = memory_get_zeroed(TCP_GONE_MAX, sizeof *tcp->gone),
    };
    for (unsigned list = 0; list < TCP_LISTS; list++)
        tcp->lists[list] = (struct tcp_ends){NONE, NONE};
}

static uint32_t index_of(const struct tcp *tcp, const struct tcp_connection *connection)
{
    return (uint32_t)(connection - tcp->slots);
}

static struct loop_tag tag_of(const struct tcp *tcp, const struct tcp_connection *connection)
{
    return (struct loop_tag){tcp->kind, connection->generation, index_of(tcp, connection)};
}

static void append(struct tcp *tcp, struct tcp_connection *connection, enum tcp_list list)
{
    struct tcp_ends *ends = &tcp->lists[list];
    uint32_t index = index_of(tcp, connection);
    connection->list = (uint8_t)list;
    connection->newer = NONE;
    connection->older = ends->newest;
    if (ends->newest == NONE)
        ends->oldest = index;
    else
        tcp->slots[ends->newest].newer = index;
    ends->newest = index;
}

static void take_out(struct tcp *tcp, struct tcp_connection *connection)
{
    struct tcp_ends *ends = &tcp->lists[connection->list];
    if (connection->older == NONE)
        ends->oldest = connection->newer;
    else
        tcp->slots[connection->older].newer = connection->newer;
    if (connection->newer == NONE)
        ends->newest = connection->older;
    else
        tcp->slots[connection->newer].older = connection->older;
}

// Where the connection belongs now.
static enum tcp_list list_of(const struct tcp_connection *connection)
{
    if (connection->unsent)
        return TCP_LIST_STALLED;
    return connection->deferred ? TCP_LIST_WAITING : TCP_LIST_IDLE;
}

// Puts the connection at the young end of that list.
static void mark_active(struct tcp *tcp, struct tcp_connection *connection)
{
    take_out(tcp, connection);
    connection->active_ms = tcp->now_ms;
    append(tcp, connection, list_of(connection));
}

static void drop_stash(struct tcp *tcp, struct tcp_connection *connection)
{
    tcp->buffered -= connection->stash_size;
    free(connection->stash);
    connection->stash = NULL;
    connection->stash_size = 0;
}

static void drop_unsent(struct tcp *tcp, struct tcp_connection *connection)
{
    tcp->buffered -= connection->unsent_size;
    free(connection->unsent);
    connection->unsent = NULL;
    connection->unsent_size = connection->unsent_at = 0;
}

static void close_connection(struct tcp *tcp, struct tcp_connection *connection)
{
    assert(connection->fd >= 0 && tcp->open > 0);
    close(connection->fd); // and the loop forgets it
    census_leave(tcp->census, &connection->client);
    drop_stash(tcp, connection);
    drop_unsent(tcp, connection);
    take_out(tcp, connection);
    if (connection->deferred && tcp->gone_count < TCP_GONE_MAX)
        tcp->gone[tcp->gone_count++] = tag_of(tcp, connection);
    connection->fd = -1;
    connection->generation = (connection->generation + 1) & LOOP_GENERATION_MASK;
    connection->newer = tcp->unused;
    tcp->unused = index_of(tcp, connection);
    tcp->open--;
}

void tcp_close(struct tcp *tcp)
{
    for (uint32_t i = 0; i < tcp->touched; i++)
        if (tcp->slots[i].fd >= 0)
            close_connection(tcp, &tcp->slots[i]);
    free(tcp->slots);
    free(tcp->in);
    free(tcp->out);
    free(tcp->gone);
    *tcp = (struct tcp){0};
}

// --- accepting

static bool evict_oldest(struct tcp *tcp)
{
    for (unsigned list = 0; list < TCP_LISTS; list++) {
        uint32_t oldest = tcp->lists[list].oldest;
        if (oldest != NONE) {
            close_connection(tcp, &tcp->slots[oldest]);
            return true;
        }
    }
    return false;
}

static struct tcp_connection *take_slot(struct tcp *tcp)
{
    if (tcp->open == tcp->room)
        evict_oldest(tcp);
    struct tcp_connection *connection;
    if (tcp->unused != NONE) {
        connection = &tcp->slots[tcp->unused];
        tcp->unused = connection->newer;
    } else {
        assert(tcp->touched < tcp->room);
        connection = &tcp->slots[tcp->touched++];
    }
    return connection;
}

static void enter(struct tcp *tcp, int fd, const struct address *client)
{
    if (!census_enter(tcp->census, client)) {
        tcp->refused++;
        close(fd);
        return;
    }
    struct tcp_connection *connection = take_slot(tcp);
    *connection = (struct tcp_connection){
        .fd = fd,
        .generation = connection->generation,
        .interest = EPOLLIN,
        .active_ms = tcp->now_ms,
        .client = *client,
    };
    append(tcp, connection, TCP_LIST_IDLE);
    tcp->open++;
    tcp->accepted++;
    if (loop_add(tcp->loop, fd, EPOLLIN, tag_of(tcp, connection)) < 0) {
        tcp->refused++;
        close_connection(tcp, connection);
    }
}

// What accept says when there is one that it could not give. True: try again.
static bool make_room(struct tcp *tcp, int error)
{
    switch (error) {
    case EMFILE: // descriptors or memory are used up; what we hold longest for nothing goes
    case ENFILE:
    case ENOBUFS:
    case ENOMEM: return evict_oldest(tcp);
    case EAGAIN: return false;
    default: return true; // this one is gone already (accept(2): ECONNABORTED, network errors)
    }
}

void tcp_accept(struct tcp *tcp, int listener, uint64_t now_ms)
{
    tcp->now_ms = now_ms;
    for (unsigned i = 0; i < LOOP_EVENTS_MAX; i++) {
        struct address client = {.size = sizeof client.v6};
        int fd = accept4(listener, &client.any, &client.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            enter(tcp, fd, &client);
        else if (!make_room(tcp, errno))
            break;
    }
}

// --- sending

// Sends what it can. Returns how many octets were taken; sets `broken` when the connection is.
static uint32_t push(struct tcp *tcp, const struct tcp_connection *connection,
                     const uint8_t *octets, uint32_t size)
{
    ssize_t sent = send(connection->fd, octets, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0)
        return (uint32_t)sent;
    if (errno != EAGAIN && errno != EINTR)
        tcp->broken = true;
    return 0;
}

static bool may_buffer(struct tcp *tcp, uint64_t more)
{
    if (tcp->buffered + more <= TCP_BUFFERED_MAX)
        return true;
    tcp->refused++;
    tcp->broken = true;
    return false;
}

static void keep_unsent(struct tcp *tcp, struct tcp_connection *connection, const uint8_t *octets,
                        uint32_t size)
{
    if (!may_buffer(tcp, size))
        return;
    uint32_t waiting = connection->unsent_size - connection->unsent_at;
    uint8_t *longer = malloc(waiting + size);
    if (!longer) {
        tcp->broken = true;
        return;
    }
    if (connection->unsent)
        memcpy(longer, connection->unsent + connection->unsent_at, waiting);
    memcpy(longer + waiting, octets, size);
    drop_unsent(tcp, connection);
    connection->unsent = longer;
    connection->unsent_size = waiting + size;
    tcp->buffered += connection->unsent_size;
}

// The answers made so far go out, behind what is unsent.
static void flush(struct tcp *tcp, struct tcp_connection *connection)
{
    uint32_t sent = 0;
    if (!tcp->out_size || tcp->broken)
        return;
    if (!connection->unsent)
        sent = push(tcp, connection, tcp->out, tcp->out_size);
    if (sent < tcp->out_size && !tcp->broken)
        keep_unsent(tcp, connection, tcp->out + sent, tcp->out_size - sent);
    tcp->out_size = 0;
}

static void send_unsent(struct tcp *tcp, struct tcp_connection *connection)
{
    uint32_t waiting = connection->unsent_size - connection->unsent_at;
    uint32_t sent = push(tcp, connection, connection->unsent + connection->unsent_at, waiting);
    connection->unsent_at += sent;
    if (sent == waiting)
        drop_unsent(tcp, connection);
    if (sent)
        mark_active(tcp, connection);
}

static bool is_held(const struct tcp_connection *connection)
{
    return connection->unsent_size - connection->unsent_at > TCP_WRITE_MAX;
}

static bool is_full(const struct tcp_connection *connection)
{
    return connection->deferred >= TCP_DEFERRED_MAX;
}

// --- a connection's turn

static bool has_message(const uint8_t *octets, uint32_t size)
{
    return size >= 2 && size - 2 >= bytes_get16(octets);
}

static void read_more(struct tcp *tcp, struct tcp_connection *connection)
{
    assert(tcp->in_size + TCP_TURN_OCTETS <= IN_OCTETS);
    ssize_t got = recv(connection->fd, tcp->in + tcp->in_size, TCP_TURN_OCTETS, MSG_DONTWAIT);
    if (got > 0)
        tcp->in_size += (uint32_t)got;
    else if (got == 0)
        connection->ended = true;
    else if (errno != EAGAIN && errno != EINTR)
        tcp->broken = true;
}

static bool is_read(const struct tcp *tcp, const struct tcp_connection *connection)
{
    return !is_held(connection) && !is_full(connection) && !connection->ended &&
           !connection->closing && !tcp->finishing;
}

static void set_interest(struct tcp *tcp, struct tcp_connection *connection)
{
    uint32_t interest = connection->unsent ? EPOLLOUT : 0;
    if (is_read(tcp, connection)) {
        interest |= EPOLLIN;
        // The client may say nothing more: what has come already calls for the next turn.
        if (has_message(connection->stash, connection->stash_size))
            interest |= EPOLLOUT;
    }
    if (interest == connection->interest)
        return;
    connection->interest = interest;
    loop_change(tcp->loop, connection->fd, interest, tag_of(tcp, connection));
}

struct tcp_connection *tcp_begin(struct tcp *tcp, struct loop_tag tag, uint32_t ready,
                                 uint64_t now_ms)
{
    assert(tag.kind == tcp->kind && tag.index < tcp->room);
    struct tcp_connection *connection = &tcp->slots[tag.index];
    if (connection->fd < 0 || connection->generation != tag.generation)
        return NULL; // closed earlier in this turn
    tcp->now_ms = now_ms;
    tcp->in_at = tcp->in_size = tcp->out_size = tcp->answered = 0;
    tcp->broken = false;
    if (ready & EPOLLOUT && connection->unsent)
        send_unsent(tcp, connection);
    if (connection->stash) {
        memcpy(tcp->in, connection->stash, connection->stash_size);
        tcp->in_size = connection->stash_size;
        drop_stash(tcp, connection);
    }
    if (!is_read(tcp, connection)) {
        // No read or write would say what the trouble is, and epoll would tell it for ever.
        if (ready & (EPOLLERR | EPOLLHUP) && !connection->unsent)
            tcp->broken = true;
    } else if (ready & EPOLLIN && !tcp->broken && !has_message(tcp->in, tcp->in_size)) {
        read_more(tcp, connection);
    }
    tcp->in_turn = true;
    return connection;
}

bool tcp_next(struct tcp *tcp, struct tcp_connection *connection, struct tcp_message *message)
{
    if (tcp->out_size + FRAME_MAX > OUT_OCTETS)
        flush(tcp, connection);
    const uint8_t *frame = tcp->in + tcp->in_at;
    if (tcp->broken || connection->closing || is_held(connection) || is_full(connection) ||
        !has_message(frame, tcp->in_size - tcp->in_at))
        return false;
    uint32_t size = bytes_get16(frame);
    tcp->in_at += 2 + size;
    tcp->out_at = tcp->out_size;
    *message = (struct tcp_message){
        .octets = memcpy(tcp->out + tcp->out_at + 2, frame + 2, size),
        .size = size,
        .room = MESSAGE_MAX,
        .client = &connection->client,
    };
    return true;
}

bool tcp_local(const struct tcp_connection *connection, struct address *local)
{
    *local = (struct address){.size = sizeof local->v6};
    return getsockname(connection->fd, &local->any, &local->size) == 0;
}

void tcp_answer(struct tcp *tcp, struct tcp_connection *connection, uint32_t size)
{
    assert(size <= MESSAGE_MAX && tcp->out_at == tcp->out_size);
    if (size == 0) {
        connection->closing = true;
        return;
    }
    bytes_put16(tcp->out + tcp->out_at, (uint16_t)size);
    tcp->out_size += 2 + size;
    tcp->answered++;
}

struct loop_tag tcp_defer(struct tcp *tcp, struct tcp_connection *connection)
{
    assert(tcp->in_turn && connection->deferred < TCP_DEFERRED_MAX);
    connection->deferred++;
    tcp->answered++;
    return tag_of(tcp, connection);
}

static void keep_stash(struct tcp *tcp, struct tcp_connection *connection)
{
    uint32_t size = tcp->in_size - tcp->in_at;
    if (size == 0 || connection->closing || !may_buffer(tcp, size))
        return;
    connection->stash = malloc(size);
    if (!connection->stash) {
        tcp->broken = true;
        return;
    }
    memcpy(connection->stash, tcp->in + tcp->in_at, size);
    connection->stash_size = size;
    tcp->buffered += size;
}

// Nothing more will come from it and nothing is left to send.
static bool is_over(const struct tcp *tcp, const struct tcp_connection *connection)
{
    if (connection->unsent)
        return false;
    if (connection->ended) // RFC 7766 6.2.4: nothing is sent any more, so nothing is waited for
        return true;
    return (connection->closing || tcp->finishing) && !connection->deferred;
}

void tcp_end(struct tcp *tcp, struct tcp_connection *connection)
{
    tcp->in_turn = false;
    flush(tcp, connection);
    keep_stash(tcp, connection);
    if (tcp->broken || is_over(tcp, connection)) {
        close_connection(tcp, connection);
        return;
    }
    if (tcp->answered || list_of(connection) != (enum tcp_list)connection->list)
        mark_active(tcp, connection);
    set_interest(tcp, connection);
}

// --- answers that come later

// NULL: it is gone.
static struct tcp_connection *find(const struct tcp *tcp, struct loop_tag tag)
{
    assert(tag.kind == tcp->kind && tag.index < tcp->room);
    struct tcp_connection *connection = &tcp->slots[tag.index];
    return connection->fd < 0 || connection->generation != tag.generation ? NULL : connection;
}

static bool send_later(struct tcp *tcp, struct tcp_connection *connection, const uint8_t *octets,
                       uint32_t size)
{
    assert(!tcp->in_turn && size <= MESSAGE_MAX);
    tcp->broken = false;
    if (size) {
        bytes_put16(tcp->out, (uint16_t)size);
        memcpy(tcp->out + 2, octets, size);
        tcp->out_size = 2 + size;
        flush(tcp, connection);
    }
    if (tcp->broken || is_over(tcp, connection)) {
        close_connection(tcp, connection);
        return !tcp->broken;
    }
    // One answer more for a client that takes none is no sign of its life.
    if (!connection->unsent || connection->list != TCP_LIST_STALLED)
        mark_active(tcp, connection);
    set_interest(tcp, connection);
    return true;
}

bool tcp_answer_later(struct tcp *tcp, struct loop_tag tag, const uint8_t *octets, uint32_t size)
{
    struct tcp_connection *connection = find(tcp, tag);
    if (!connection)
        return false;
    assert(connection->deferred > 0);
    connection->deferred--;
    return send_later(tcp, connection, octets, size);
}

bool tcp_answer_part(struct tcp *tcp, struct loop_tag tag, const uint8_t *octets, uint32_t size)
{
    struct tcp_connection *connection = find(tcp, tag);
    return connection && send_later(tcp, connection, octets, size);
}

enum tcp_state tcp_state(const struct tcp *tcp, struct loop_tag tag)
{
    const struct tcp_connection *connection = find(tcp, tag);
    if (!connection)
        return TCP_GONE;
    return connection->unsent ? TCP_BUSY : TCP_READY;
}

void tcp_break(struct tcp *tcp, struct loop_tag tag)
{
    struct tcp_connection *connection = find(tcp, tag);
    if (connection)
        close_connection(tcp, connection);
}

bool tcp_gone(struct tcp *tcp, struct loop_tag *tag)
{
    if (tcp->gone_count == 0)
        return false;
    *tag = tcp->gone[--tcp->gone_count];
    return true;
}

// --- time

uint32_t tcp_idle_ms(const struct tcp *tcp)
{
    return (uint64_t)tcp->open * 4 > (uint64_t)tcp->room * 3 ? TCP_IDLE_CROWDED_MS : TCP_IDLE_MS;
}

// Closes what is older than `limit_ms` in one list. Returns when the next one will be.
static int close_old(struct tcp *tcp, enum tcp_list list, uint32_t limit_ms)
{
    while (tcp->lists[list].oldest != NONE) {
        struct tcp_connection *oldest = &tcp->slots[tcp->lists[list].oldest];
        uint64_t age_ms = tcp->now_ms - oldest->active_ms;
        if (age_ms < limit_ms)
            return (int)(limit_ms - age_ms);
        close_connection(tcp, oldest);
    }
    return -1;
}

int tcp_rest(struct tcp *tcp, uint64_t now_ms)
{
    tcp->now_ms = now_ms;
    if (tcp->open == 0)
        return -1;
    int idle_ms = close_old(tcp, TCP_LIST_IDLE, tcp_idle_ms(tcp));
    int stalled_ms = close_old(tcp, TCP_LIST_STALLED, TCP_STALL_MS);
    if (idle_ms < 0 || stalled_ms < 0)
        return idle_ms < 0 ? stalled_ms : idle_ms;
    return idle_ms < stalled_ms ? idle_ms : stalled_ms;
}

// --- the end

bool tcp_tag(const struct tcp *tcp, uint32_t index, struct loop_tag *tag)
{
    assert(index < tcp->touched);
    *tag = tag_of(tcp, &tcp->slots[index]);
    return tcp->slots[index].fd >= 0;
}

void tcp_finish(struct tcp *tcp)
{
    tcp->finishing = true;
    for (uint32_t i = 0; i < tcp->touched; i++) {
        struct tcp_connection *connection = &tcp->slots[i];
        if (connection->fd < 0)
            continue;
        if (connection->unsent || connection->deferred)
            set_interest(tcp, connection);
        else
            close_connection(tcp, connection);
    }
}
