// Files in which DHCP servers keep their leases: which name has which address, and until when.
//
//   dnsmasq     1700000000 52:54:00:12:34:56 192.168.1.10 laptop 01:52:54:00:12:34:56
//   Kea         address,hwaddr,client_id,valid_lifetime,expire,... and a line for each change
//   ISC dhcpd   lease 192.168.1.10 { ends 4 2023/11/16 10:00:00; client-hostname "laptop"; ... }
//
// Told apart by their looks. The newest entry of an address counts; those that have ended, were
// given back or have no name are left out.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

struct lease {
    struct address address; // without a port
    const char *name;       // as the client calls itself; in the text
    uint64_t expires_s;     // date; UINT64_MAX: never
};

struct leases {
    struct lease *list; // by address
    size_t count, room;
    size_t bad, first_bad; // lines that are none; and the first of them, from 1
};

// Is this such a file, of one of these servers?
bool leases_are(const char *text, size_t size) __attribute__((nonnull));
// Reads it, and changes it: names are ended by NULs in it. There is room for one octet behind it.
// What has ended by `date_s` is left out. The caller frees the list.
void leases_read(char *text, size_t size, uint64_t date_s, struct leases *leases)
    __attribute__((nonnull));
