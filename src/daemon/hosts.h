// Names of the neighbourhood: the hosts files and `hosts.names` of the configuration, made into
// what resolve/local.h answers from. Who watches over those files: nearby.h.
//
// A file is read as glibc reads it: an address, names behind it, a comment from '#' on; what is
// anything else is passed over. A missing file has no names: it may come later, and is seen then.
#pragma once

#include "base/hash.h"
#include "conf/options.h"
#include "resolve/local.h"

// Reads all of them, which may take as long as a file system likes. Lines that are none are told in the log, one for each file. The caller
// releases it.
struct local *hosts_read(const struct hosts_options *options, const struct hash_key *secret)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
