// Which name server is asked: what stands behind the @, or what this machine asks itself.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

#define NAMESERVER_ADDRESSES_MAX 8

struct nameserver {
    char *text; // as it was given, or the address found; owned
    struct address addresses[NAMESERVER_ADDRESSES_MAX];
    size_t count;
};

#define RESOLV_CONF "/etc/resolv.conf"

// `text` is an address or a name, with or without a port; NULL: the first `nameserver` of the file
// `resolv_conf`, else 127.0.0.1, as libc does. A name may have several addresses, the best first
// (RFC 6724); only those of `family` (AF_UNSPEC: all). Returns EXIT_OK; EXIT_USAGE or
// EXIT_UNREACHABLE after a complaint: no such thing, or no such name. The caller frees in any case.
int nameserver_find(struct nameserver *nameserver, const char *text, const char *resolv_conf,
                    uint16_t port, int family) __attribute__((nonnull(1, 3), warn_unused_result));
void nameserver_free(struct nameserver *nameserver) __attribute__((nonnull));
