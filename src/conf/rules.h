// Options into what the rooms below take: the resolver's rules, access lists, the cache's limits.
#pragma once

#include <stddef.h>

#include "base/address.h"
#include "cache/cache.h"
#include "conf/options.h"
#include "policy/access.h"
#include "resolve/rules.h"

// Addresses that are this machine's, for the words `own` and `localhost`: of its interfaces and
// those that are listened on. Ports do not count; wildcards are passed over.
struct own_addresses {
    const struct address *some;
    size_t count;
};

// Everybody's (view 0), or those of options.views[view - 1]. The caller releases them.
struct rules *options_rules(const struct options *options, unsigned view, struct own_addresses own)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

// The keys that sign, in the order of options.keys. NULL: there are none. The caller releases them.
struct tsig_keys;
struct tsig_keys *options_keys(const struct options *options)
    __attribute__((nonnull, warn_unused_result));

// Adds to `access`, which may be zeroed. `localhost` is loopback and our own addresses: a query of
// this machine to one of them comes from there. The number of a key is its index and one.
void options_access(const struct access_option *options, size_t count, struct own_addresses own,
                    struct access *access) __attribute__((nonnull(4)));

// All but the secret. A share is worked out here (base/capacity.h).
void options_cache(const struct options *options, struct cache_options *cache)
    __attribute__((nonnull));
