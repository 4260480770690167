// The TCP connections of all servers of a lab.
//
// A room of its own beside net/tcp, which answers in the turn in which a query came: here replies
// leave when their time has come, so a connection is known by its place and generation until then.
// A client that does not take its replies is cut off: it is a lab.
//
//   stream = streams_begin(streams, tag)        reads; NULL: it is gone
//   while (streams_next(stream, &message)) ...  message.octets are the connection's
//   streams_end(stream)
//   ...
//   streams_write(streams, index, generation, octets, size)
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/limits.h"
#include "net/loop.h"

struct stream {
    int fd; // -1: none
    uint32_t generation;
    uint32_t server;
    uint64_t used; // by the count of all turns: when it was last
    uint32_t size; // of what was read and not answered yet
    uint32_t at;   // up to where messages were given out
    struct address client;
    uint8_t octets[2 + SLOT_OCTETS];
};

struct streams {
    struct loop *loop;
    uint8_t kind; // of their tags
    uint64_t turns;
    struct stream *slots; // LAB_STREAMS_MAX, untouched memory where none was yet
};

struct stream_message {
    const uint8_t *octets;
    uint32_t size;
};

void streams_open(struct streams *streams, struct loop *loop, uint8_t kind)
    __attribute__((nonnull));
void streams_close(struct streams *streams) __attribute__((nonnull));

// Takes over a connection that was accepted for the server of this number.
void streams_add(struct streams *streams, int fd, uint32_t server, const struct address *client)
    __attribute__((nonnull));
struct stream *streams_begin(struct streams *streams, struct loop_tag tag)
    __attribute__((nonnull, warn_unused_result));
bool streams_next(struct stream *stream, struct stream_message *message)
    __attribute__((nonnull, warn_unused_result));
void streams_end(struct stream *stream) __attribute__((nonnull));
uint32_t streams_index(const struct streams *streams, const struct stream *stream)
    __attribute__((nonnull));
// False: the connection has gone, or goes now as it does not take this.
bool streams_write(struct streams *streams, struct loop_tag tag, const uint8_t *octets,
                   uint32_t size) __attribute__((nonnull));
