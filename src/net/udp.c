// Datagrams in batches (udp.h).
//
// Everything that recvmmsg and sendmmsg read is laid out when the batch is opened. A turn touches
// only what the kernel wrote over: the size of the client's address and of the control message, and
// the length of the piece, which is the slot's size on the way in and the reply's on the way out.
//
// No fragments (RFC 9715 3.1 R1-R4; its appendix C for Linux). Replies are at most 1232 octets
// (UDP_PAYLOAD_MAX), which every interface that may carry IPv6 takes in one piece. With
// IP_PMTUDISC_INTERFACE the socket is deaf to ICMP "fragmentation needed", which anybody can forge
// to make a server cut its answers into pieces, and what is over the MTU of the interface itself is
// refused with EMSGSIZE: such a reply goes again with TC. (IP_PMTUDISC_OMIT would cut it up in
// silence; IP_PMTUDISC_PROBE would set DF, but believes those messages for the rest of the host.)
#include "net/udp.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dns/message.h"

static_assert(SLOT_OCTETS >= UDP_PAYLOAD_MAX, "a slot holds a reply");
static_assert(UDP_STRIDE % 64 == 0 && UDP_STRIDE / 64 % 2 == 1, "an odd number of cache lines");

// The batch, and behind it the slots, from a page of their own.
#define BATCH_OCTETS ((sizeof(struct udp_batch) + 4095) / 4096 * 4096)
#define ALL_OCTETS   (BATCH_OCTETS + (size_t)UDP_STRIDE * BATCH_MAX)

static void lay_out(struct udp_batch *batch)
{
    for (unsigned i = 0; i < BATCH_MAX; i++) {
        batch->pieces[i] = (struct iovec){udp_slot(batch, i), SLOT_OCTETS};
        batch->plain[i].msg_hdr = (struct msghdr){
            .msg_name = &batch->clients[i].any,
            .msg_namelen = sizeof batch->clients[i].v6,
            .msg_iov = &batch->pieces[i],
            .msg_iovlen = 1,
        };
        batch->told[i] = batch->plain[i];
        batch->told[i].msg_hdr.msg_control = batch->control[i].octets;
        batch->told[i].msg_hdr.msg_controllen = sizeof batch->control[i].octets;
    }
}

struct udp_batch *udp_batch_open(void)
{
    void *memory =
        mmap(NULL, ALL_OCTETS, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    struct udp_batch *batch = memory;
    batch->slots = (uint8_t *)memory + BATCH_OCTETS;
    lay_out(batch);
    return batch;
}

void udp_batch_close(struct udp_batch *batch)
{
    if (batch)
        munmap(batch, ALL_OCTETS);
}

static bool set(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

static bool prepare_v4(int fd, bool told)
{
    return set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_INTERFACE) &&
           (!told || set(fd, IPPROTO_IP, IP_PKTINFO, 1));
}

static bool prepare_v6(int fd, bool told)
{
    return set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_INTERFACE) &&
           (!told || set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1));
}

int udp_adopt(int fd, const struct address *address)
{
    bool told = address_is_wildcard(address);
    bool good = address->any.sa_family == AF_INET ? prepare_v4(fd, told) : prepare_v6(fd, told);
    if (!good)
        return -errno;
    // The kernel gives as much of it as net.core.rmem_max allows, and is not asked for more.
    set(fd, SOL_SOCKET, SO_RCVBUF, UDP_WAITING_OCTETS);
    set(fd, SOL_SOCKET, SO_SNDBUF, UDP_WAITING_OCTETS);
    return 0;
}

static int prepare_and_bind(int fd, const struct address *address, bool shared_port)
{
    if (shared_port && !set(fd, SOL_SOCKET, SO_REUSEPORT, 1))
        return -errno;
    // Apart from IPv4, so that both wildcards can be bound and each address is of its own family.
    if (address->any.sa_family == AF_INET6 && !set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1))
        return -errno;
    int failed = udp_adopt(fd, address);
    if (failed)
        return failed;
    return bind(fd, &address->any, address->size) < 0 ? -errno : 0;
}

int udp_open(const struct address *address, bool shared_port)
{
    assert(address->size != 0);
    int fd = socket(address->any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    int failed = prepare_and_bind(fd, address, shared_port);
    if (failed) {
        close(fd);
        return failed;
    }
    return fd;
}

// A connected socket hears its peer alone. Ours is made its own peer, and a wildcard loopback's.
int udp_turn_away(int fd)
{
    struct address self = {.size = sizeof self.v6};
    if (getsockname(fd, &self.any, &self.size) < 0)
        return -errno;
    if (address_is_wildcard(&self)) {
        if (self.any.sa_family == AF_INET)
            self.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        else
            self.v6.sin6_addr = in6addr_loopback;
    }
    return connect(fd, &self.any, self.size) < 0 ? -errno : 0;
}

// Makes the headers that the last batch used as they were laid out.
static void renew(struct udp_batch *batch)
{
    for (unsigned i = 0; i < batch->used; i++)
        batch->pieces[i].iov_len = SLOT_OCTETS;
    if (batch->used_told) {
        for (unsigned i = 0; i < batch->used; i++) {
            batch->told[i].msg_hdr.msg_namelen = sizeof batch->clients[i].v6;
            batch->told[i].msg_hdr.msg_controllen = sizeof batch->control[i].octets;
        }
    } else {
        for (unsigned i = 0; i < batch->used; i++)
            batch->plain[i].msg_hdr.msg_namelen = sizeof batch->clients[i].v6;
    }
    batch->used = 0;
}

unsigned udp_receive(struct udp_batch *batch, int fd, bool told)
{
    assert(batch->later.count == 0); // they are in the slots
    renew(batch);
    struct mmsghdr *headers = told ? batch->told : batch->plain;
    int count = recvmmsg(fd, headers, BATCH_MAX, MSG_DONTWAIT, NULL);
    if (count <= 0) // nothing is there, or the socket has an error to tell, which is gone by that
        return 0;
    for (int i = 0; i < count; i++)
        batch->clients[i].size = headers[i].msg_hdr.msg_namelen;
    batch->used = (unsigned)count;
    batch->used_told = told;
    return (unsigned)count;
}

// The reply leaves from the address that was asked; through which interface is the routing's affair
// (the way back may be another), but for link-local addresses, which mean nothing without one.
static void aim(struct msghdr *header)
{
    struct cmsghdr *message = CMSG_FIRSTHDR(header);
    if (!message)
        return;
    if (message->cmsg_level == IPPROTO_IP && message->cmsg_type == IP_PKTINFO) {
        struct in_pktinfo asked;
        memcpy(&asked, CMSG_DATA(message), sizeof asked);
        asked.ipi_ifindex = 0;
        memcpy(CMSG_DATA(message), &asked, sizeof asked);
    } else if (message->cmsg_level == IPPROTO_IPV6 && message->cmsg_type == IPV6_PKTINFO) {
        struct in6_pktinfo asked;
        memcpy(&asked, CMSG_DATA(message), sizeof asked);
        if (!IN6_IS_ADDR_LINKLOCAL(&asked.ipi6_addr))
            asked.ipi6_ifindex = 0;
        memcpy(CMSG_DATA(message), &asked, sizeof asked);
    }
}

// The interface takes less: the client is to ask over TCP. False: nothing can be left out.
static bool shorten(const struct msghdr *header)
{
    struct iovec *piece = header->msg_iov;
    size_t size = message_truncate(piece->iov_base, piece->iov_len);
    if (size)
        piece->iov_len = size;
    return size != 0;
}

// Sends a run of replies; one that fails is passed over. Returns how many were lost.
static unsigned send_run(int fd, struct mmsghdr *headers, unsigned count)
{
    unsigned lost = 0;
    for (unsigned done = 0; done < count;) {
        int sent = sendmmsg(fd, headers + done, count - done, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent > 0) {
            done += (unsigned)sent;
        } else if (errno != EMSGSIZE || !shorten(&headers[done].msg_hdr)) {
            done++;
            lost++;
        }
    }
    return lost;
}

unsigned udp_send(struct udp_batch *batch, int fd, bool told, unsigned count)
{
    assert(count <= batch->used && told == batch->used_told);
    struct mmsghdr *headers = told ? batch->told : batch->plain;
    if (told)
        for (unsigned i = 0; i < count; i++)
            aim(&headers[i].msg_hdr);
    // Nearly always one run of all; a query that gets no reply ends one.
    unsigned lost = 0;
    for (unsigned start = 0; start < count;) {
        unsigned end = start;
        while (end < count && batch->pieces[end].iov_len)
            end++;
        if (end > start)
            lost += send_run(fd, headers + start, end - start);
        start = end + 1;
    }
    return lost;
}

// --- replies, later

void udp_origin(const struct udp_batch *batch, bool told, unsigned index, struct udp_origin *origin)
{
    assert(index < batch->used && told == batch->used_told);
    *origin = (struct udp_origin){.client = batch->clients[index]};
    if (!told)
        return;
    const struct msghdr *header = &batch->told[index].msg_hdr;
    const struct cmsghdr *message = CMSG_FIRSTHDR(header);
    if (!message)
        return;
    if (message->cmsg_level == IPPROTO_IP && message->cmsg_type == IP_PKTINFO) {
        struct in_pktinfo asked;
        memcpy(&asked, CMSG_DATA(message), sizeof asked);
        origin->asked.v4 = asked.ipi_spec_dst;
        origin->told = true;
    } else if (message->cmsg_level == IPPROTO_IPV6 && message->cmsg_type == IPV6_PKTINFO) {
        struct in6_pktinfo asked;
        memcpy(&asked, CMSG_DATA(message), sizeof asked);
        origin->asked.v6 = asked.ipi6_addr;
        if (IN6_IS_ADDR_LINKLOCAL(&asked.ipi6_addr)) // as aim()
            origin->interface = asked.ipi6_ifindex;
        origin->told = true;
    }
}

// The control message that says where the reply leaves from.
static void put_source(struct msghdr *header, union udp_told *control,
                       const struct udp_origin *origin)
{
    bool v4 = origin->client.any.sa_family == AF_INET;
    struct in_pktinfo source4 = {.ipi_spec_dst = origin->asked.v4};
    struct in6_pktinfo source6 = {.ipi6_addr = origin->asked.v6, .ipi6_ifindex = origin->interface};
    size_t size = v4 ? sizeof source4 : sizeof source6;
    *control = (union udp_told){0};
    header->msg_control = control->octets;
    header->msg_controllen = CMSG_SPACE(size);
    struct cmsghdr *message = CMSG_FIRSTHDR(header);
    message->cmsg_level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
    message->cmsg_type = v4 ? IP_PKTINFO : IPV6_PKTINFO;
    message->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(message), v4 ? (const void *)&source4 : &source6, size);
}

unsigned udp_flush(struct udp_batch *batch)
{
    struct udp_later *later = &batch->later;
    unsigned lost = later->count ? send_run(later->fd, later->headers, later->count) : 0;
    later->count = 0;
    return lost;
}

unsigned udp_later(struct udp_batch *batch, int fd, const struct udp_origin *origin,
                   const uint8_t *octets, uint32_t size)
{
    struct udp_later *later = &batch->later;
    assert(size <= SLOT_OCTETS);
    unsigned lost = later->count == BATCH_MAX || later->fd != fd ? udp_flush(batch) : 0;
    unsigned at = later->count++;
    later->fd = fd;
    memcpy(udp_slot(batch, at), octets, size);
    later->pieces[at] = (struct iovec){udp_slot(batch, at), size};
    later->clients[at] = origin->client;
    struct msghdr *header = &later->headers[at].msg_hdr;
    *header = (struct msghdr){
        .msg_name = &later->clients[at].any,
        .msg_namelen = origin->client.size,
        .msg_iov = &later->pieces[at],
        .msg_iovlen = 1,
    };
    if (origin->told)
        put_source(header, &later->control[at], origin);
    return lost;
}
