// Where the server listens: one listener for each address and transport, with a socket for each
// worker (SO_REUSEPORT lets the kernel deal the clients out), or with one inherited socket for all.
//
// Workers and houses outlive each other in any order, so the two parts have owners of their own:
//   the struct    counted; houses hold it, the last one frees it
//   its sockets   opened here; from the moment a house with it is current each worker owns its own
//                 and closes it when a later house is without this listener. Until then, or when it
//                 never comes so far, listener_abandon() closes them. Inherited ones are never
//                 closed.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "net/inherited.h"

struct listener {
    uint64_t id; // never given twice: what workers know it by
    atomic_uint holders;
    struct address address;
    bool stream; // TCP
    bool told;   // a UDP wildcard: see udp.h
    bool shared; // inherited: sockets[0] is for all workers
    unsigned count;
    int sockets[];
};

struct listeners {
    struct listener **list;
    size_t count;
};

// Why an address cannot be listened on, for people.
struct listen_failure {
    int error;       // errno
    char words[256]; // "address in use by unbound (pid 742)"
    char hint[320];  // what to do; "": nobody knows
};

// Can it be bound by us alone? Binds and closes once, without SO_REUSEPORT, which would hide
// another server of the same user. `own` are our listeners of now: they do not count. 0 or a
// negative errno.
int listen_check(const struct address *address, bool stream, const struct listeners *own,
                 struct listen_failure *failure) __attribute__((nonnull, warn_unused_result));

// Checks as above and opens `count` sockets. One holder; NULL: `failure` says why.
struct listener *listener_open(const struct address *address, bool stream, unsigned count,
                               const struct listeners *own, struct listen_failure *failure)
    __attribute__((nonnull, warn_unused_result));
// A listener of an inherited socket. One holder; NULL: it does not take our settings.
struct listener *listener_adopt(const struct inherited *inherited, struct listen_failure *failure)
    __attribute__((nonnull, warn_unused_result));
struct listener *listener_hold(struct listener *listener) __attribute__((nonnull, returns_nonnull));
void listener_release(struct listener *listener) __attribute__((nonnull));
// Closes the sockets of a listener that no worker has seen.
void listener_abandon(struct listener *listener) __attribute__((nonnull));

// The addresses of all interfaces but loopback, without ports. *list is the caller's. None if they
// cannot be read.
void listen_own(struct address **list, size_t *count) __attribute__((nonnull));

// The addresses of an interface, each with the port. *list is the caller's. 0, or -ENODEV: there is
// no such interface, -EADDRNOTAVAIL: it has no address.
int listen_resolve(const char *interface, uint16_t port, struct address **list, size_t *count)
    __attribute__((nonnull, warn_unused_result));
