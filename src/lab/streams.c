// TCP connections of a lab (streams.h).
#include "lab/streams.h"

#include <assert.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/memory.h"

void streams_open(struct streams *streams, struct loop *loop, uint8_t kind)
{
    *streams = (struct streams){.loop = loop, .kind = kind};
    streams->slots = memory_get_zeroed(LAB_STREAMS_MAX, sizeof *streams->slots);
    for (unsigned i = 0; i < LAB_STREAMS_MAX; i++)
        streams->slots[i].fd = -1;
}

static void drop(struct streams *streams, struct stream *stream)
{
    if (stream->fd < 0)
        return;
    loop_remove(streams->loop, stream->fd);
    close(stream->fd);
    stream->fd = -1;
    stream->generation = (stream->generation + 1) & LOOP_GENERATION_MASK;
}

void streams_close(struct streams *streams)
{
    for (unsigned i = 0; streams->slots && i < LAB_STREAMS_MAX; i++)
        drop(streams, &streams->slots[i]);
    free(streams->slots);
    streams->slots = NULL;
}

// A free place, or that of the connection that was not used for the longest time.
static struct stream *make_room(struct streams *streams)
{
    struct stream *oldest = &streams->slots[0];
    for (unsigned i = 0; i < LAB_STREAMS_MAX; i++) {
        struct stream *stream = &streams->slots[i];
        if (stream->fd < 0)
            return stream;
        if (stream->used < oldest->used)
            oldest = stream;
    }
    drop(streams, oldest);
    return oldest;
}

uint32_t streams_index(const struct streams *streams, const struct stream *stream)
{
    return (uint32_t)(stream - streams->slots);
}

void streams_add(struct streams *streams, int fd, uint32_t server, const struct address *client)
{
    int on = 1;
    struct stream *stream = make_room(streams);
    struct loop_tag tag = {.kind = streams->kind,
                           .generation = stream->generation,
                           .index = streams_index(streams, stream)};
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (loop_add(streams->loop, fd, EPOLLIN, tag) < 0) {
        close(fd);
        return;
    }
    stream->fd = fd;
    stream->server = server;
    stream->client = *client;
    stream->used = ++streams->turns;
    stream->size = stream->at = 0;
}

static struct stream *find(const struct streams *streams, struct loop_tag tag)
{
    assert(tag.index < LAB_STREAMS_MAX);
    struct stream *stream = &streams->slots[tag.index];
    return stream->fd >= 0 && stream->generation == tag.generation ? stream : NULL;
}

struct stream *streams_begin(struct streams *streams, struct loop_tag tag)
{
    struct stream *stream = find(streams, tag);
    if (!stream)
        return NULL;
    ssize_t got = recv(stream->fd, stream->octets + stream->size,
                       sizeof stream->octets - stream->size, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return NULL;
    // A message that does not fit is no query: there is no room for more of it either, and
    // reading nothing ends it.
    if (got <= 0) {
        drop(streams, stream);
        return NULL;
    }
    stream->size += (uint32_t)got;
    stream->used = ++streams->turns;
    return stream;
}

bool streams_next(struct stream *stream, struct stream_message *message)
{
    const uint8_t *at = stream->octets + stream->at;
    uint32_t left = stream->size - stream->at;
    if (left < 2 || left - 2 < bytes_get16(at))
        return false;
    *message = (struct stream_message){.octets = at + 2, .size = bytes_get16(at)};
    stream->at += 2 + message->size;
    return true;
}

void streams_end(struct stream *stream)
{
    stream->size -= stream->at;
    memmove(stream->octets, stream->octets + stream->at, stream->size);
    stream->at = 0;
}

bool streams_write(struct streams *streams, struct loop_tag tag, const uint8_t *octets,
                   uint32_t size)
{
    struct stream *stream = find(streams, tag);
    if (!stream)
        return false;
    uint8_t head[2];
    bytes_put16(head, (uint16_t)size);
    struct iovec pieces[] = {{head, sizeof head}, {(void *)octets, size}};
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 2};
    ssize_t whole = (ssize_t)size + 2;
    if (sendmsg(stream->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) == whole)
        return true;
    drop(streams, stream);
    return false;
}
