// Names of the neighbourhood: the hosts files and `hosts.names` of the configuration, made into
// what resolve/local.h answers from. Who watches over those files: nearby.h.
//
// A hosts file is read as glibc reads it: an address, names behind it, a comment from '#' on; what
// is anything else is passed over. A missing file has no names: it may come later, and is seen
// then. Lease files of DHCP servers (leases.h) may stand among them. Their names are the clients'
// own, so none of them gets out of the domain that is theirs: "laptop" is laptop.home.arpa, and
// what is in another domain, or no name of a host, is passed over.
#pragma once

#include "base/hash.h"
#include "conf/options.h"
#include "resolve/local.h"

// Reads all of them, which may take as long as a file system likes. Lines that are none are told in
// the log, one for each file. `expires_s` is the date when the first lease ends; UINT64_MAX: none
// does. The caller releases it.
struct local *hosts_read(const struct hosts_options *options, const struct hash_key *secret,
                         uint64_t date_s, uint64_t *expires_s)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
