// Waiting for many descriptors at once: epoll, with a tag for each source, and a bell that other
// threads may ring.
//
// One loop belongs to one thread; only loop_ring() may be called from others. A tag says what an
// event is about without a pointer, so that an event of something that was closed a moment ago
// (earlier in the same wait) is seen for what it is: its generation is an old one.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#define LOOP_EVENTS_MAX 64

// kind | generation | index. The kinds are the owner's; 0 is the bell.
struct loop_tag {
    uint8_t kind;
    uint32_t generation; // 24 bits
    uint32_t index;
};
#define LOOP_BELL            0
#define LOOP_GENERATION_MASK 0xffffffu

struct loop {
    int epoll;
    int bell; // an eventfd
    struct epoll_event events[LOOP_EVENTS_MAX];
};

// 0 or a negative errno.
int loop_open(struct loop *loop) __attribute__((nonnull, warn_unused_result));
void loop_close(struct loop *loop) __attribute__((nonnull));

// EPOLLIN, EPOLLOUT, level-triggered; EPOLLEXCLUSIVE for a socket that several loops share. 0 or a
// negative errno.
int loop_add(struct loop *loop, int fd, uint32_t events, struct loop_tag tag)
    __attribute__((nonnull, warn_unused_result));
void loop_change(struct loop *loop, int fd, uint32_t events, struct loop_tag tag)
    __attribute__((nonnull));
void loop_remove(struct loop *loop, int fd) __attribute__((nonnull));

// Waits up to `timeout_ms` (-1: without end) and returns how many events there are. A ring of the
// bell ends the wait; it is one event of kind LOOP_BELL, however often it was rung.
unsigned loop_wait(struct loop *loop, int timeout_ms) __attribute__((nonnull));
// The tag and what is ready (EPOLLIN, EPOLLOUT; trouble is told as both, as a read or write then
// says what it is).
struct loop_tag loop_event(const struct loop *loop, unsigned index, uint32_t *ready)
    __attribute__((nonnull(1)));

// From any thread: ends the wait that is on, or the next one.
void loop_ring(struct loop *loop) __attribute__((nonnull));
