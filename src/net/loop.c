// The loop of loop.h.
//
// A tag travels in the 64 bits that epoll keeps for each descriptor:
//
//   63       56 55              32 31               0
//   |  kind   |    generation    |      index       |
#include "net/loop.h"

#include <assert.h>
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

static uint64_t pack(struct loop_tag tag)
{
    assert(tag.generation <= LOOP_GENERATION_MASK);
    return (uint64_t)tag.kind << 56 | (uint64_t)tag.generation << 32 | tag.index;
}

int loop_open(struct loop *loop)
{
    loop->bell = -1;
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll < 0)
        return -errno;
    int failed = 0;
    loop->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (loop->bell < 0)
        failed = -errno;
    else
        failed = loop_add(loop, loop->bell, EPOLLIN, (struct loop_tag){.kind = LOOP_BELL});
    if (failed)
        loop_close(loop);
    return failed;
}

void loop_close(struct loop *loop)
{
    if (loop->epoll >= 0)
        close(loop->epoll);
    if (loop->bell >= 0)
        close(loop->bell);
    loop->epoll = loop->bell = -1;
}

static int control(struct loop *loop, int operation, int fd, uint32_t events, struct loop_tag tag)
{
    struct epoll_event event = {.events = events, .data.u64 = pack(tag)};
    return epoll_ctl(loop->epoll, operation, fd, &event) < 0 ? -errno : 0;
}

int loop_add(struct loop *loop, int fd, uint32_t events, struct loop_tag tag)
{
    return control(loop, EPOLL_CTL_ADD, fd, events, tag);
}

void loop_change(struct loop *loop, int fd, uint32_t events, struct loop_tag tag)
{
    int failed = control(loop, EPOLL_CTL_MOD, fd, events, tag);
    assert(!failed); // it was added, and a change needs no memory
    (void)failed;
}

void loop_remove(struct loop *loop, int fd)
{
    epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, NULL);
}

unsigned loop_wait(struct loop *loop, int timeout_ms)
{
    int count = epoll_wait(loop->epoll, loop->events, LOOP_EVENTS_MAX, timeout_ms);
    if (count < 0) {
        assert(errno == EINTR);
        return 0;
    }
    for (int i = 0; i < count; i++) {
        uint64_t rings;
        if (loop_event(loop, (unsigned)i, NULL).kind == LOOP_BELL &&
            read(loop->bell, &rings, sizeof rings) < 0)
            assert(errno == EAGAIN);
    }
    return (unsigned)count;
}

struct loop_tag loop_event(const struct loop *loop, unsigned index, uint32_t *ready)
{
    uint64_t packed = loop->events[index].data.u64;
    if (ready) {
        *ready = loop->events[index].events;
        if (*ready & (EPOLLERR | EPOLLHUP))
            *ready |= EPOLLIN | EPOLLOUT;
    }
    return (struct loop_tag){.kind = (uint8_t)(packed >> 56),
                             .generation = (uint32_t)(packed >> 32) & LOOP_GENERATION_MASK,
                             .index = (uint32_t)packed};
}

void loop_ring(struct loop *loop)
{
    uint64_t one = 1;
    // It can only fail when 2^64 - 2 rings wait to be heard: then the bell rings already.
    if (write(loop->bell, &one, sizeof one) < 0)
        assert(errno == EAGAIN || errno == EINTR);
}
