// Datagrams, many in one system call: a batch is received into the worker's own slots, answered in
// place there, and sent back to where each came from.
//
//   count = udp_receive(batch, fd, told)
//   for each i: udp_slot(batch, i) holds udp_size(batch, told, i) octets from batch->clients[i]
//               write the reply over it; udp_set_size(batch, i, size), 0: no reply
//   lost = udp_send(batch, fd, told, count)
//
// Replies that are made later: udp_origin keeps where to, udp_later puts one down, and udp_flush
// sends what was put down, before the next receive.
//
// A socket that is bound to 0.0.0.0 or :: is `told` the address that was asked (IP_PKTINFO), and
// the reply leaves from there; other sockets pay nothing for it.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/address.h"
#include "base/limits.h"

// Slots are an odd number of cache lines apart, so that the fronts of all of them do not fight for
// the same few sets of the cache.
#define UDP_STRIDE (SLOT_OCTETS + 64)

union udp_told { // the one control message that is asked for
    uint8_t octets[CMSG_SPACE(sizeof(struct in6_pktinfo))];
    struct cmsghdr align;
};

// Replies on their way, in the first slots.
struct udp_later {
    int fd; // of all of them
    unsigned count;
    struct iovec pieces[BATCH_MAX];
    struct address clients[BATCH_MAX];
    struct mmsghdr headers[BATCH_MAX];
    union udp_told control[BATCH_MAX];
};

struct udp_batch {
    uint8_t *slots;
    unsigned used; // of the headers below: those that the last receive changed
    bool used_told;
    struct iovec pieces[BATCH_MAX];
    struct address clients[BATCH_MAX];
    struct mmsghdr plain[BATCH_MAX]; // the headers for sockets that are not told
    struct mmsghdr told[BATCH_MAX];  // and for those that are
    union udp_told control[BATCH_MAX];
    struct udp_later later;
};

// One batch is about 150 kB, all of it laid out once. NULL: no memory.
struct udp_batch *udp_batch_open(void) __attribute__((warn_unused_result));
void udp_batch_close(struct udp_batch *batch);

// Opens a socket for datagrams to `address`. With `shared_port` others of the same user may bind
// the same address too and get a share of the clients (SO_REUSEPORT). A descriptor or a negative
// errno.
int udp_open(const struct address *address, bool shared_port)
    __attribute__((nonnull, warn_unused_result));
// The same settings for a socket that somebody else opened and bound. 0 or a negative errno.
int udp_adopt(int fd, const struct address *address) __attribute__((nonnull, warn_unused_result));

// Before the end of a socket: from now on the kernel gives its datagrams to others that are bound
// to the same address, if there are any, or to nobody; what it holds already can still be
// received. 0 or a negative errno.
int udp_turn_away(int fd) __attribute__((warn_unused_result));

// Takes up to BATCH_MAX datagrams that are there; 0: none are. Never waits.
unsigned udp_receive(struct udp_batch *batch, int fd, bool told) __attribute__((nonnull));

static inline uint8_t *udp_slot(const struct udp_batch *batch, unsigned index)
{
    return batch->slots + (size_t)index * UDP_STRIDE;
}
static inline uint32_t udp_size(const struct udp_batch *batch, bool told, unsigned index)
{
    return (told ? batch->told : batch->plain)[index].msg_len;
}
static inline void udp_set_size(struct udp_batch *batch, unsigned index, uint32_t size)
{
    batch->pieces[index].iov_len = size;
}

// Sends the replies to the first `count` of what was received. Never waits: what the kernel does
// not take is lost, as datagrams may be. Returns how many were lost.
unsigned udp_send(struct udp_batch *batch, int fd, bool told, unsigned count)
    __attribute__((nonnull));

// Where a datagram came from, and the address that it was sent to.
struct udp_origin {
    struct address client;
    uint32_t interface; // of `asked` where it means nothing without, else 0
    union {
        struct in_addr v4;
        struct in6_addr v6;
    } asked;   // of the client's family
    bool told; // `asked` is known; else the socket is bound to it
};
// Of one of those received last: to be kept before the next udp_receive.
void udp_origin(const struct udp_batch *batch, bool told, unsigned index, struct udp_origin *origin)
    __attribute__((nonnull));
// Puts a reply there down, from the address that was asked; what was received must be answered by
// then. `fd` is the socket that it came by, or another that is bound to the same address. Up to
// BATCH_MAX of one socket go at once, the last ones with udp_flush. Both return how many replies
// were lost by what they sent, and never wait.
unsigned udp_later(struct udp_batch *batch, int fd, const struct udp_origin *origin,
                   const uint8_t *octets, uint32_t size) __attribute__((nonnull));
unsigned udp_flush(struct udp_batch *batch) __attribute__((nonnull));
