// Asks over TCP (outbound_tcp.h).
//
// Sending: an ask and its length leave in one piece (RFC 7766 8); what the kernel does not take, or
// what waits for the connection, is `unsent`, in order. Reading goes through one buffer of all
// streams, one stream at a time:
//
//   stash, then what recv brings -> in [ 2 | reply | 2 | reply | 2 | rep...
//                                           |            |           | not whole: the new stash
//   outbound_tcp_next                       v            v
//
// and ends with settle(), which decides what becomes of the stream: the only place where one that
// works goes idle or is closed.
//
// Replies that nobody waits for are passed over: they are of asks that were cancelled. A length
// below a header's is no DNS, and ends the stream.
#include "net/outbound_tcp.h"

#include <assert.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/random.h"

#define NONE      OUTBOUND_NONE
#define BUCKETS   1024
#define FRAME_MAX (2 + MESSAGE_MAX)
#define IN_OCTETS (FRAME_MAX + OUTBOUND_STREAM_TURN) // a stash and a turn's worth
static_assert((BUCKETS & (BUCKETS - 1)) == 0, "a bucket is picked by a mask");
static_assert(OUTBOUND_UNSENT_MAX >= FRAME_MAX, "any ask can wait");

struct outbound_stream {
    int fd; // -1: unused
    uint32_t generation;
    uint32_t next; // in its bucket, or of the unused
    struct outbound_list asks;
    uint32_t ask_count;
    uint32_t interest; // what epoll was told
    bool connecting;
    bool ended;   // the server sends no more
    bool broken;  // what it sent cannot be understood, or is suspicious
    bool doubted; // no new asks
    bool idle, ready;
    uint64_t idle_ms;
    uint8_t *unsent, *stash; // NULL: none
    uint32_t unsent_size, unsent_at;
    uint32_t stash_size;
    struct address server;
};

bool outbound_tcp_open(struct outbound_tcp *tcp, const struct outbound_options *options,
                       struct outbound_asks *asks)
{
    *tcp = (struct outbound_tcp){
        .loop = options->loop,
        .asks = asks,
        .kind = options->tcp_kind,
        .from = {options->from4, options->from6},
        .streams = calloc(OUTBOUND_STREAMS_MAX, sizeof *tcp->streams),
        .links = calloc(OUTBOUND_STREAMS_MAX, sizeof *tcp->links),
        .buckets = calloc(BUCKETS, sizeof *tcp->buckets),
        .idle = OUTBOUND_LIST_EMPTY,
        .ready = OUTBOUND_LIST_EMPTY,
        .unused = NONE,
        .reader = NONE,
        .in = malloc(IN_OCTETS),
    };
    if (!tcp->streams || !tcp->links || !tcp->buckets || !tcp->in)
        return false;
    for (unsigned i = 0; i < BUCKETS; i++)
        tcp->buckets[i] = NONE;
    random_fill(&tcp->key, sizeof tcp->key);
    return true;
}

static void drop_unsent(struct outbound_stream *stream)
{
    free(stream->unsent);
    stream->unsent = NULL;
    stream->unsent_size = stream->unsent_at = 0;
}

static void drop_stash(struct outbound_stream *stream)
{
    free(stream->stash);
    stream->stash = NULL;
    stream->stash_size = 0;
}

void outbound_tcp_close(struct outbound_tcp *tcp)
{
    for (uint32_t i = 0; i < tcp->touched; i++) {
        if (tcp->streams[i].fd < 0)
            continue;
        close(tcp->streams[i].fd);
        drop_unsent(&tcp->streams[i]);
        drop_stash(&tcp->streams[i]);
    }
    free(tcp->streams);
    free(tcp->links);
    free(tcp->buckets);
    free(tcp->in);
}

// --- opening and closing

static uint32_t index_of(const struct outbound_tcp *tcp, const struct outbound_stream *stream)
{
    return (uint32_t)(stream - tcp->streams);
}

static struct loop_tag tag_of(const struct outbound_tcp *tcp, const struct outbound_stream *stream)
{
    return (struct loop_tag){tcp->kind, stream->generation, index_of(tcp, stream)};
}

static uint32_t *bucket_of(const struct outbound_tcp *tcp, const struct address *server)
{
    return &tcp->buckets[outbound_hash(&tcp->key, server) & (BUCKETS - 1)];
}

static bool set(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

// 0 or a negative errno; `connecting`: it is on its way.
static int prepare_and_connect(int fd, const struct address *from, const struct address *server,
                               bool *connecting)
{
    if (!set(fd, IPPROTO_TCP, TCP_NODELAY, 1))
        return -errno;
    if (from->size) {
        struct address local = *from;
        address_set_port(&local, 0); // the kernel picks one when it knows where to
        if (!set(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1) ||
            bind(fd, &local.any, local.size) < 0)
            return -errno;
    }
    *connecting = connect(fd, &server->any, server->size) < 0;
    return *connecting && errno != EINPROGRESS ? -errno : 0;
}

static int open_connected(const struct outbound_tcp *tcp, const struct address *server,
                          bool *connecting)
{
    int family = server->any.sa_family;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    int failed = prepare_and_connect(fd, &tcp->from[family == AF_INET6], server, connecting);
    if (failed) {
        close(fd);
        return failed;
    }
    return fd;
}

static int open_stream(struct outbound_tcp *tcp, const struct address *server,
                       struct outbound_stream **opened)
{
    if (tcp->open == OUTBOUND_STREAMS_MAX && !outbound_tcp_shed(tcp))
        return -EAGAIN; // our own limit: what others have makes no room for it
    bool connecting = false;
    int fd = open_connected(tcp, server, &connecting);
    if (fd < 0)
        return fd;
    uint32_t index = tcp->unused != NONE ? tcp->unused : tcp->touched;
    assert(index < OUTBOUND_STREAMS_MAX);
    struct outbound_stream *stream = &tcp->streams[index];
    uint32_t interest = connecting ? EPOLLIN | EPOLLOUT : EPOLLIN;
    struct loop_tag tag = {tcp->kind, stream->generation, index};
    int failed = loop_add(tcp->loop, fd, interest, tag);
    if (failed) {
        close(fd);
        return failed;
    }
    if (tcp->unused != NONE)
        tcp->unused = stream->next;
    else
        tcp->touched++;
    uint32_t *bucket = bucket_of(tcp, server);
    *stream = (struct outbound_stream){
        .fd = fd,
        .generation = stream->generation,
        .next = *bucket,
        .asks = OUTBOUND_LIST_EMPTY,
        .interest = interest,
        .connecting = connecting,
        .server = *server,
    };
    *bucket = index;
    tcp->open++;
    tcp->opened++;
    *opened = stream;
    return 0;
}

// Out of the lists of idle and ready ones.
static void take_out(struct outbound_tcp *tcp, struct outbound_stream *stream)
{
    assert(!stream->idle || !stream->ready);
    if (stream->idle)
        outbound_take_out(&tcp->idle, tcp->links, index_of(tcp, stream));
    if (stream->ready)
        outbound_take_out(&tcp->ready, tcp->links, index_of(tcp, stream));
    stream->idle = stream->ready = false;
}

// Closes it; all asks that it has fail so.
static void close_stream(struct outbound_tcp *tcp, struct outbound_stream *stream,
                         enum ask_failure failure)
{
    uint32_t index = index_of(tcp, stream);
    take_out(tcp, stream);
    while (stream->asks.oldest != NONE) {
        uint32_t ask = stream->asks.oldest;
        outbound_take_out(&stream->asks, tcp->asks->links, ask);
        outbound_asks_fail(tcp->asks, ask, failure);
    }
    uint32_t *link = bucket_of(tcp, &stream->server);
    while (*link != index) {
        assert(*link != NONE);
        link = &tcp->streams[*link].next;
    }
    *link = stream->next;
    close(stream->fd); // and the loop forgets it
    drop_unsent(stream);
    drop_stash(stream);
    stream->fd = -1;
    stream->generation = (stream->generation + 1) & LOOP_GENERATION_MASK;
    stream->next = tcp->unused;
    tcp->unused = index;
    tcp->open--;
    if (tcp->reader == index)
        tcp->reader = NONE;
}

// What becomes of a stream after something was read, sent or taken back.
static void settle(struct outbound_tcp *tcp, struct outbound_stream *stream, uint64_t now_ms)
{
    bool useless = stream->ask_count == 0 && (stream->doubted || stream->stash || stream->unsent);
    if (stream->ended || stream->broken || useless) {
        close_stream(tcp, stream, ASK_CLOSED);
    } else if (stream->ask_count == 0 && !stream->idle) {
        take_out(tcp, stream);
        stream->idle = true;
        stream->idle_ms = now_ms;
        outbound_append(&tcp->idle, tcp->links, index_of(tcp, stream));
    }
}

static void remove_ask(struct outbound_tcp *tcp, struct outbound_stream *stream, uint32_t place)
{
    outbound_take_out(&stream->asks, tcp->asks->links, place);
    outbound_asks_remove(tcp->asks, place);
    stream->ask_count--;
}

// --- sending

static uint32_t find_id(const struct outbound_tcp *tcp, const struct outbound_stream *stream,
                        uint16_t id)
{
    uint32_t place = stream->asks.oldest;
    while (place != NONE && tcp->asks->table[place].id != id)
        place = tcp->asks->links[place].newer;
    return place;
}

static bool is_open_for(const struct outbound_tcp *tcp, const struct outbound_stream *stream,
                        const struct ask *ask)
{
    return !stream->doubted && !stream->ended && !stream->broken &&
           stream->ask_count < OUTBOUND_STREAM_ASKS_MAX &&
           stream->unsent_size - stream->unsent_at + 2 + ask->size <= OUTBOUND_UNSENT_MAX &&
           address_equal(&stream->server, &ask->server) &&
           find_id(tcp, stream, bytes_get16(ask->octets)) == NONE;
}

static struct outbound_stream *find_open(const struct outbound_tcp *tcp, const struct ask *ask)
{
    uint32_t index = *bucket_of(tcp, &ask->server);
    while (index != NONE && !is_open_for(tcp, &tcp->streams[index], ask))
        index = tcp->streams[index].next;
    return index == NONE ? NULL : &tcp->streams[index];
}

static void set_interest(struct outbound_tcp *tcp, struct outbound_stream *stream)
{
    uint32_t interest = stream->unsent || stream->connecting ? EPOLLIN | EPOLLOUT : EPOLLIN;
    if (interest == stream->interest)
        return;
    stream->interest = interest;
    loop_change(tcp->loop, stream->fd, interest, tag_of(tcp, stream));
}

// Keeps what is behind the first `sent` octets of a frame. False: no memory.
static bool keep_unsent(struct outbound_stream *stream, const struct ask *ask, uint32_t sent)
{
    uint32_t waiting = stream->unsent_size - stream->unsent_at, size = 2 + ask->size - sent;
    uint8_t *longer = malloc(waiting + size);
    if (!longer)
        return false;
    uint8_t length[2];
    bytes_put16(length, (uint16_t)ask->size);
    uint32_t at = waiting;
    if (stream->unsent)
        memcpy(longer, stream->unsent + stream->unsent_at, waiting);
    for (; sent < 2; sent++)
        longer[at++] = length[sent];
    memcpy(longer + at, ask->octets + (sent - 2), ask->size - (sent - 2));
    drop_unsent(stream);
    stream->unsent = longer;
    stream->unsent_size = waiting + size;
    return true;
}

// Length and ask in one call. Octets that were taken, or a negative errno.
static ssize_t push(const struct outbound_stream *stream, const struct ask *ask)
{
    uint8_t length[2];
    bytes_put16(length, (uint16_t)ask->size);
    struct iovec pieces[2] = {{length, 2}, {(void *)(uintptr_t)ask->octets, ask->size}};
    struct msghdr header = {.msg_iov = pieces, .msg_iovlen = 2};
    ssize_t sent = sendmsg(stream->fd, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    return sent;
}

// 0 or a negative errno: then the stream is of no use any more.
static int put_ask(struct outbound_tcp *tcp, struct outbound_stream *stream, uint32_t place,
                   const struct ask *ask)
{
    ssize_t sent = stream->connecting || stream->unsent ? 0 : push(stream, ask);
    if (sent < 0)
        return (int)sent;
    if (sent < 2 + (ssize_t)ask->size && !keep_unsent(stream, ask, (uint32_t)sent))
        return -ENOMEM;
    if (stream->idle) // one that is being read and has no asks is in no list
        take_out(tcp, stream);
    tcp->asks->table[place].id = bytes_get16(ask->octets);
    outbound_asks_sent(tcp->asks, place, OUTBOUND_WAY_TCP, index_of(tcp, stream));
    outbound_append(&stream->asks, tcp->asks->links, place);
    stream->ask_count++;
    tcp->sent++;
    set_interest(tcp, stream);
    return 0;
}

int outbound_tcp_send(struct outbound_tcp *tcp, uint32_t place, const struct ask *ask)
{
    assert(ask->size >= HEADER_SIZE && ask->size <= MESSAGE_MAX);
    // RFC 7766 6.2.4: a server may have closed what was idle; then it is asked anew.
    for (struct outbound_stream *stream; (stream = find_open(tcp, ask));) {
        int failed = put_ask(tcp, stream, place, ask);
        if (!failed)
            return 0;
        close_stream(tcp, stream, outbound_failure(-failed));
    }
    struct outbound_stream *stream;
    int failed = open_stream(tcp, &ask->server, &stream);
    if (failed)
        return failed;
    failed = put_ask(tcp, stream, place, ask);
    if (failed)
        close_stream(tcp, stream, outbound_failure(-failed));
    return failed;
}

void outbound_tcp_cancel(struct outbound_tcp *tcp, uint32_t place, uint64_t now_ms)
{
    struct outbound_stream *stream = &tcp->streams[tcp->asks->table[place].place];
    remove_ask(tcp, stream, place);
    stream->doubted = true;
    if (index_of(tcp, stream) != tcp->reader)
        settle(tcp, stream, now_ms);
}

// 0 or the errno of what is wrong with the stream.
static int send_unsent(struct outbound_tcp *tcp, struct outbound_stream *stream)
{
    uint32_t waiting = stream->unsent_size - stream->unsent_at;
    ssize_t sent =
        send(stream->fd, stream->unsent + stream->unsent_at, waiting, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : errno;
    stream->connecting = false;
    stream->unsent_at += (uint32_t)sent;
    if (stream->unsent_at == stream->unsent_size)
        drop_unsent(stream);
    set_interest(tcp, stream);
    return 0;
}

// --- reading

void outbound_tcp_ready(struct outbound_tcp *tcp, struct loop_tag tag, uint32_t ready)
{
    assert(tag.kind == tcp->kind && tag.index < OUTBOUND_STREAMS_MAX);
    struct outbound_stream *stream = &tcp->streams[tag.index];
    if (stream->fd < 0 || stream->generation != tag.generation)
        return; // closed earlier in this turn
    int error = ready & EPOLLOUT && stream->unsent ? send_unsent(tcp, stream) : 0;
    // The end of an idle stream, or what nobody asked for.
    if (error || (ready & EPOLLIN && stream->idle)) {
        close_stream(tcp, stream, outbound_failure(error));
        return;
    }
    if (ready & EPOLLIN && !stream->ready) {
        stream->ready = true;
        outbound_append(&tcp->ready, tcp->links, tag.index);
    }
}

static void begin_reading(struct outbound_tcp *tcp)
{
    uint32_t index = tcp->ready.oldest;
    struct outbound_stream *stream = &tcp->streams[index];
    take_out(tcp, stream);
    tcp->reader = index;
    tcp->in_at = 0;
    tcp->in_size = stream->stash_size;
    if (stream->stash)
        memcpy(tcp->in, stream->stash, stream->stash_size);
    drop_stash(stream);
    assert(tcp->in_size + OUTBOUND_STREAM_TURN <= IN_OCTETS);
    ssize_t got = recv(stream->fd, tcp->in + tcp->in_size, OUTBOUND_STREAM_TURN, MSG_DONTWAIT);
    if (got > 0)
        tcp->in_size += (uint32_t)got;
    else if (got == 0)
        stream->ended = true;
    else if (errno != EAGAIN && errno != EINTR)
        close_stream(tcp, stream, outbound_failure(errno));
}

static void end_reading(struct outbound_tcp *tcp, uint64_t now_ms)
{
    struct outbound_stream *stream = &tcp->streams[tcp->reader];
    uint32_t size = tcp->in_size - tcp->in_at;
    if (size) {
        stream->stash = malloc(size);
        if (stream->stash) {
            memcpy(stream->stash, tcp->in + tcp->in_at, size);
            stream->stash_size = size;
        } else {
            stream->broken = true;
        }
    }
    tcp->reader = NONE;
    settle(tcp, stream, now_ms);
}

// The next whole message of the stream that is being read. False: none.
static bool next_frame(struct outbound_tcp *tcp, struct outbound_stream *stream, uint8_t **octets,
                       uint32_t *size)
{
    uint32_t left = tcp->in_size - tcp->in_at;
    if (left < 2 || stream->broken)
        return false;
    *size = bytes_get16(tcp->in + tcp->in_at);
    *octets = tcp->in + tcp->in_at + 2;
    stream->broken = *size < HEADER_SIZE;
    if (stream->broken || left - 2 < *size)
        return false;
    tcp->in_at += 2 + *size;
    return true;
}

static bool next_reply(struct outbound_tcp *tcp, struct outbound_event *event)
{
    struct outbound_stream *stream = &tcp->streams[tcp->reader];
    uint8_t *octets;
    uint32_t size;
    while (next_frame(tcp, stream, &octets, &size)) {
        uint32_t place = find_id(tcp, stream, bytes_get16(octets));
        if (place == NONE)
            continue;
        *event = (struct outbound_event){
            .number = tcp->asks->table[place].number,
            .octets = octets,
            .size = size,
            .place = place,
        };
        return true;
    }
    return false;
}

bool outbound_tcp_next(struct outbound_tcp *tcp, struct outbound_event *event, uint64_t now_ms)
{
    for (;;) {
        if (tcp->reader != NONE) {
            if (next_reply(tcp, event))
                return true;
            end_reading(tcp, now_ms);
        }
        if (tcp->ready.oldest == NONE)
            return false;
        begin_reading(tcp);
    }
}

void outbound_tcp_verdict(struct outbound_tcp *tcp, uint32_t place, enum reply_verdict verdict)
{
    struct outbound_stream *stream = &tcp->streams[tcp->asks->table[place].place];
    switch (verdict) {
    case REPLY_IGNORED: break;
    case REPLY_TAKEN: remove_ask(tcp, stream, place); break;
    case REPLY_SUSPECT:
        remove_ask(tcp, stream, place);
        stream->broken = true;
        break;
    }
}

// --- rest

bool outbound_tcp_shed(struct outbound_tcp *tcp)
{
    if (tcp->idle.oldest == NONE)
        return false;
    close_stream(tcp, &tcp->streams[tcp->idle.oldest], ASK_CLOSED);
    return true;
}

int outbound_tcp_rest(struct outbound_tcp *tcp, uint64_t now_ms)
{
    while (tcp->idle.oldest != NONE) {
        uint64_t age_ms = now_ms - tcp->streams[tcp->idle.oldest].idle_ms;
        if (age_ms < OUTBOUND_IDLE_MS)
            return (int)(OUTBOUND_IDLE_MS - age_ms);
        outbound_tcp_shed(tcp);
    }
    return -1;
}
