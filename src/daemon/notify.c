// sd_notify (notify.h): datagrams to a UNIX socket that the manager named.
#include "daemon/notify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define MESSAGE_OCTETS 1024

static uint64_t read_watchdog(void)
{
    const char *interval = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    if (!interval || (pid && strtol(pid, NULL, 10) != (long)getpid()))
        return 0;
    // Twice as often as it would be missed (sd_watchdog_enabled(3)).
    return strtoull(interval, NULL, 10) / 2000;
}

void notify_open(struct notify *notify)
{
    *notify = (struct notify){.fd = -1, .to.sun_family = AF_UNIX};
    const char *path = getenv("NOTIFY_SOCKET");
    size_t size = path ? strlen(path) : 0;
    if (size < 2 || size >= sizeof notify->to.sun_path || (path[0] != '/' && path[0] != '@'))
        return;
    memcpy(notify->to.sun_path, path, size);
    notify->to_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
    if (path[0] == '@')
        notify->to.sun_path[0] = 0; // an abstract name: not ended by a NUL but by its size
    else
        notify->to_size++;
    notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    // A manager that does not read may hold us up for this long, once, and not for ever.
    struct timeval patience = {.tv_sec = 1};
    setsockopt(notify->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    notify->watchdog_ms = read_watchdog();
}

void notify_close(struct notify *notify)
{
    if (notify->fd >= 0)
        close(notify->fd);
    notify->fd = -1;
}

void notify_send(struct notify *notify, const char *format, ...)
{
    if (notify->fd < 0)
        return;
    char message[MESSAGE_OCTETS];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (size <= 0)
        return;
    if ((size_t)size >= sizeof message)
        size = sizeof message - 1;
    ssize_t sent =
        sendto(notify->fd, message, (size_t)size, MSG_NOSIGNAL | (notify->deaf ? MSG_DONTWAIT : 0),
               (const struct sockaddr *)&notify->to, notify->to_size);
    notify->deaf = sent < 0;
}

void notify_reloading(struct notify *notify)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    notify_send(notify, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
                (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
}
