// Telling the service manager how we are (sd_notify(3)), without libsystemd. Without a
// NOTIFY_SOCKET nothing is told.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct notify {
    int fd;    // -1: nobody listens
    bool deaf; // it did not read the last message in time: the next ones do not wait for it
    struct sockaddr_un to;
    socklen_t to_size;
    uint64_t watchdog_ms; // how often it wants to hear WATCHDOG=1, 0: never
};

// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
void notify_open(struct notify *notify) __attribute__((nonnull));
void notify_close(struct notify *notify) __attribute__((nonnull));
// Lines of NAME=VALUE.
void notify_send(struct notify *notify, const char *format, ...)
    __attribute__((nonnull(1, 2), format(printf, 2, 3)));
// RELOADING=1 with the time that Type=notify-reload wants beside it.
void notify_reloading(struct notify *notify) __attribute__((nonnull));
