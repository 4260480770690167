// Changes of routes, links and addresses (routes.h).
//
// Messages are not read for what they say, but for one thing: a link is also told of when it only
// counts or scans, so one without a changed flag does not count. A queue that ran over has lost
// changes, so it is one.
#include "net/routes.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"

#define GROUPS                                                                                     \
    (RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE)
#define OCTETS 8192

int routes_watch(struct routes_watch *watch, struct loop *loop, uint8_t kind)
{
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = GROUPS};
    *watch = (struct routes_watch){.loop = loop};
    watch->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (watch->fd < 0)
        return -errno;
    int failed = 0;
    if (bind(watch->fd, (const struct sockaddr *)&address, sizeof address) < 0)
        failed = -errno;
    else
        failed = loop_add(loop, watch->fd, EPOLLIN, (struct loop_tag){.kind = kind});
    if (failed) {
        close(watch->fd);
        watch->fd = -1;
    }
    return failed;
}

void routes_unwatch(struct routes_watch *watch)
{
    if (watch->fd >= 0) {
        loop_remove(watch->loop, watch->fd);
        close(watch->fd);
    }
    watch->fd = -1;
    watch->due_ms = 0;
}

static bool is_change(const struct nlmsghdr *message)
{
    switch (message->nlmsg_type) {
    case RTM_NEWLINK:
        return message->nlmsg_len >= NLMSG_LENGTH(sizeof(struct ifinfomsg)) &&
               ((const struct ifinfomsg *)NLMSG_DATA(message))->ifi_change != 0;
    case RTM_DELLINK:
    case RTM_NEWADDR:
    case RTM_DELADDR:
    case RTM_NEWROUTE:
    case RTM_DELROUTE: return true;
    }
    return false;
}

// (The kernel's macros for this count down in an int, which not every compiler likes.)
static bool has_change(const uint8_t *octets, size_t size)
{
    for (size_t at = 0; at < size && size - at >= sizeof(struct nlmsghdr);) {
        const struct nlmsghdr *message = (const struct nlmsghdr *)(octets + at);
        if (message->nlmsg_len < sizeof *message || message->nlmsg_len > size - at)
            return false;
        if (is_change(message))
            return true;
        at += NLMSG_ALIGN(message->nlmsg_len);
    }
    return false;
}

void routes_take(struct routes_watch *watch, uint64_t now_ms)
{
    _Alignas(struct nlmsghdr) uint8_t octets[OCTETS];
    bool changed = false;
    for (;;) {
        struct sockaddr_nl from = {0};
        socklen_t from_size = sizeof from;
        ssize_t size =
            recvfrom(watch->fd, octets, sizeof octets, 0, (struct sockaddr *)&from, &from_size);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0 && errno == ENOBUFS) {
            changed = true;
            continue;
        }
        if (size <= 0)
            break;
        if (from.nl_pid == 0) // the kernel; any process may send to us
            changed = changed || has_change(octets, (size_t)size);
    }
    if (!changed || watch->due_ms)
        return;
    uint64_t next_ms = watch->last_ms ? watch->last_ms + ROUTES_EVERY_MS : now_ms;
    watch->due_ms = next_ms > now_ms ? next_ms : now_ms;
}

bool routes_have_changed(struct routes_watch *watch, uint64_t now_ms)
{
    if (!watch->due_ms || now_ms < watch->due_ms)
        return false;
    watch->due_ms = 0;
    watch->last_ms = now_ms;
    return true;
}

int routes_rest(const struct routes_watch *watch, uint64_t now_ms)
{
    if (!watch->due_ms)
        return -1;
    return watch->due_ms > now_ms ? (int)(watch->due_ms - now_ms) : 0;
}
