// Whom to ask about the names below a cut: the servers that the parent named, and their addresses.
//
// An object of its own, not an NS RRset: what counts is what the parent said (RFC 1034 4.2.1), for
// as long as the parent said it, whatever the child says of itself. Forwarders, stub zones and the
// root hints are delegations too, so that the resolver has one way to choose a server. One packed
// block without pointers is its form in the cache:
//
//   | hosts | addresses | flags | cut | name ... | host, family, port (2), 4 or 16 octets ... |
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/limits.h"
#include "dns/name.h"
#include "dns/rrset.h"

struct delegation_host {
    struct name name; // looks into `octets`, or to where the delegation was made from
};
struct delegation_address {
    struct address address; // with the port
    uint8_t host;           // of hosts[]; DELEGATION_NO_HOST: given without a name
};
#define DELEGATION_NO_HOST 255

struct delegation {
    struct name cut;
    bool recursive;  // its servers do the walking: asked with RD=1 (forwarders)
    bool configured; // by hints, forward or stub: it does not expire
    uint16_t source; // what its servers say is kept under this tag (cache/cache.h)
    uint32_t ttl_s;  // that is left of it, as the parent said
    unsigned host_count, address_count;
    struct delegation_host hosts[DELEGATION_HOSTS_MAX];
    struct delegation_address addresses[DELEGATION_ADDRESSES_MAX];
};

void delegation_begin(struct delegation *delegation, struct name cut) __attribute__((nonnull));
// Adds a server's name; one that is there already is found again. Its index, or a negative number:
// there are DELEGATION_HOSTS_MAX. `name` must outlive the delegation.
int delegation_add_host(struct delegation *delegation, struct name name) __attribute__((nonnull));
// Adds an address of a host. False: it is there already, or there is no room.
bool delegation_add_address(struct delegation *delegation, const struct address *address,
                            uint8_t host) __attribute__((nonnull));

// Adds the addresses of an A or AAAA RRset to a host, as many as there is room for.
void delegation_add_addresses(struct delegation *delegation, const struct rrset *rrset,
                              uint8_t host) __attribute__((nonnull));

#define DELEGATION_OCTETS_MAX                                                                      \
    (8 + NAME_OCTETS_MAX + DELEGATION_HOSTS_MAX * NAME_OCTETS_MAX + DELEGATION_ADDRESSES_MAX * 20)
// The packed form, without ttl and source; returns its size.
size_t delegation_pack(const struct delegation *delegation,
                       uint8_t octets[static DELEGATION_OCTETS_MAX]) __attribute__((nonnull));
// Reads it back; names look into `octets`. False: it is not one (a damaged snapshot).
bool delegation_unpack(const uint8_t *octets, size_t size, struct delegation *delegation)
    __attribute__((nonnull, warn_unused_result));
