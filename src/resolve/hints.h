// The root servers that are known from birth (RFC 9609 2).
//
// Only a place to begin at: the first walk asks one of them who the root servers are now, and from
// then on the answer counts (RFC 9609 3). They change once in years; a list that is out of date
// works as long as one of them answers.
#pragma once

#include "base/arena.h"
#include "base/report.h"
#include "dns/delegation.h"

// Adds all thirteen, with their IPv4 and IPv6 addresses and port 0.
void hints_fill(struct delegation *root) __attribute__((nonnull));
// Reads a file like IANA's named.root, which systems keep up to date: the root's NS records and
// the addresses of those servers. `path` is only its name in problems; `root` is begun here, its
// names are kept in `memory`. False: the report has an error, and `root` is not to be used.
bool hints_read(const char *path, const char *text, size_t size, struct arena *memory,
                struct delegation *root, struct report *report)
    __attribute__((nonnull, warn_unused_result));
