// Listeners (listen.h), and what to tell when there can be none.
#include "net/listen.h"

#include <assert.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "net/holder.h"
#include "net/tcp.h"
#include "net/udp.h"

// --- what went wrong, in words

static struct holder_own list_own(const struct listeners *own)
{
    size_t room = 0, count = 0;
    uint64_t *inodes = NULL;
    for (size_t i = 0; i < own->count; i++) {
        const struct listener *listener = own->list[i];
        inodes = memory_grow(inodes, &room, count + listener->count, sizeof *inodes);
        for (unsigned j = 0; j < listener->count; j++) {
            struct stat status;
            if (fstat(listener->sockets[j], &status) == 0)
                inodes[count++] = status.st_ino;
        }
    }
    return (struct holder_own){inodes, count};
}

static void tell_holder(const struct holder *holder, struct listen_failure *failure)
{
    if (holder->pid == 0) {
        const struct passwd *user = getpwuid(holder->user);
        snprintf(failure->words, sizeof failure->words, "address in use by a program of user %s",
                 user ? user->pw_name : "unknown");
        snprintf(failure->hint, sizeof failure->hint,
                 "started as root, onym can say which program it is ('ss -lnp' can too); "
                 "stop it, or choose another address or port in 'listen'");
        return;
    }
    snprintf(failure->words, sizeof failure->words, "address in use by %s (pid %d)", holder->name,
             (int)holder->pid);
    const char *hint = "stop it, or choose another address or port in 'listen'";
    if (strncmp(holder->name, "systemd-resolve", 15) == 0)
        hint = "set DNSStubListener=no in /etc/systemd/resolved.conf and restart systemd-resolved, "
               "or choose another address in 'listen'";
    else if (strncmp(holder->name, "onym", 4) == 0)
        hint = "stop it ('onym ctl stop'), or choose another address or port in 'listen'";
    snprintf(failure->hint, sizeof failure->hint, "%s", hint);
}

// False: only sockets of ours are in the way.
static bool tell_in_use(const struct address *address, bool stream, const struct listeners *own,
                        struct listen_failure *failure)
{
    struct holder_own inodes = list_own(own);
    struct holder holder;
    bool found = holder_find(address, stream, &inodes, &holder);
    bool ours = !found && inodes.count > 0;
    free((void *)inodes.inodes);
    if (found) {
        tell_holder(&holder, failure);
    } else if (!ours) {
        snprintf(failure->words, sizeof failure->words, "address in use by another program");
        snprintf(failure->hint, sizeof failure->hint, "choose another address or port in 'listen'");
    }
    return !ours;
}

static void tell_denied(const struct address *address, struct listen_failure *failure)
{
    snprintf(failure->words, sizeof failure->words, "permission denied");
    if (address_port(address) >= 1024)
        return;
    snprintf(failure->hint, sizeof failure->hint,
             "ports below 1024 need the capability CAP_NET_BIND_SERVICE: start as root with "
             "'user: NAME', let systemd give it (AmbientCapabilities=CAP_NET_BIND_SERVICE), or "
             "choose another port in 'listen'");
}

static void tell(int error, const struct address *address, struct listen_failure *failure)
{
    *failure = (struct listen_failure){.error = error};
    switch (error) {
    case EACCES:
    case EPERM: tell_denied(address, failure); break;
    case EADDRNOTAVAIL:
        snprintf(failure->words, sizeof failure->words, "this machine does not have the address");
        snprintf(failure->hint, sizeof failure->hint, "'ip address' lists those that it has");
        break;
    case EAFNOSUPPORT:
        snprintf(failure->words, sizeof failure->words, "this machine has no %s",
                 address->any.sa_family == AF_INET6 ? "IPv6" : "IPv4");
        break;
    default: snprintf(failure->words, sizeof failure->words, "%s", strerror(error));
    }
}

// --- sockets

static int open_one(const struct address *address, bool stream, bool shared_port)
{
    return stream ? tcp_listen(address, shared_port) : udp_open(address, shared_port);
}

int listen_check(const struct address *address, bool stream, const struct listeners *own,
                 struct listen_failure *failure)
{
    int fd = open_one(address, stream, false);
    if (fd >= 0) {
        close(fd);
        return 0;
    }
    tell(-fd, address, failure);
    if (fd == -EADDRINUSE && !tell_in_use(address, stream, own, failure))
        return 0;
    return fd;
}

static struct listener *make(const struct address *address, bool stream, unsigned count)
{
    static uint64_t last_id; // only the main thread makes listeners
    struct listener *listener =
        memory_get_zeroed(1, sizeof *listener + count * sizeof listener->sockets[0]);
    listener->id = ++last_id;
    listener->holders = 1;
    listener->address = *address;
    listener->stream = stream;
    listener->told = !stream && address_is_wildcard(address);
    return listener;
}

struct listener *listener_open(const struct address *address, bool stream, unsigned count,
                               const struct listeners *own, struct listen_failure *failure)
{
    assert(count > 0);
    if (listen_check(address, stream, own, failure) < 0)
        return NULL;
    struct listener *listener = make(address, stream, count);
    while (listener->count < count) {
        int fd = open_one(address, stream, true);
        if (fd < 0) {
            tell(-fd, address, failure);
            listener_abandon(listener);
            listener_release(listener);
            return NULL;
        }
        listener->sockets[listener->count++] = fd;
    }
    return listener;
}

struct listener *listener_adopt(const struct inherited *inherited, struct listen_failure *failure)
{
    int failed = inherited->stream ? tcp_adopt(inherited->fd)
                                   : udp_adopt(inherited->fd, &inherited->address);
    if (failed) {
        tell(-failed, &inherited->address, failure);
        return NULL;
    }
    struct listener *listener = make(&inherited->address, inherited->stream, 1);
    listener->shared = true;
    listener->count = 1;
    listener->sockets[0] = inherited->fd;
    return listener;
}

struct listener *listener_hold(struct listener *listener)
{
    atomic_fetch_add(&listener->holders, 1);
    return listener;
}

void listener_release(struct listener *listener)
{
    if (atomic_fetch_sub(&listener->holders, 1) == 1)
        free(listener);
}

void listener_abandon(struct listener *listener)
{
    if (!listener->shared)
        for (unsigned i = 0; i < listener->count; i++)
            close(listener->sockets[i]);
    listener->count = 0;
}

// --- interfaces

static bool take_address(const struct ifaddrs *entry, uint16_t port, struct address *address)
{
    *address = (struct address){0};
    if (!entry->ifa_addr)
        return false;
    if (entry->ifa_addr->sa_family == AF_INET)
        address->size = sizeof address->v4;
    else if (entry->ifa_addr->sa_family == AF_INET6)
        address->size = sizeof address->v6;
    else
        return false;
    memcpy(&address->any, entry->ifa_addr, address->size);
    address_set_port(address, port);
    return true;
}

int listen_resolve(const char *interface, uint16_t port, struct address **list, size_t *count)
{
    *list = NULL;
    *count = 0;
    if (if_nametoindex(interface) == 0)
        return -ENODEV;
    struct ifaddrs *all;
    if (getifaddrs(&all) < 0)
        return -errno;
    size_t room = 0;
    for (const struct ifaddrs *entry = all; entry; entry = entry->ifa_next) {
        struct address address;
        if (strcmp(entry->ifa_name, interface) != 0 || !take_address(entry, port, &address))
            continue;
        *list = memory_grow(*list, &room, *count + 1, sizeof **list);
        (*list)[(*count)++] = address;
    }
    freeifaddrs(all);
    return *count ? 0 : -EADDRNOTAVAIL;
}

void listen_own(struct address **list, size_t *count)
{
    struct ifaddrs *all;
    size_t room = 0;
    *list = NULL;
    *count = 0;
    if (getifaddrs(&all) < 0)
        return;
    for (const struct ifaddrs *entry = all; entry; entry = entry->ifa_next) {
        struct address address;
        if (entry->ifa_flags & IFF_LOOPBACK || !take_address(entry, 0, &address))
            continue;
        *list = memory_grow(*list, &room, *count + 1, sizeof **list);
        (*list)[(*count)++] = address;
    }
    freeifaddrs(all);
}
