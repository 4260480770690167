// Servers with which zones are exchanged: an address, and the key that both sides sign with, as in
// "192.0.2.53", "192.0.2.53:5353", "[2001:db8::53]:5353 key:k1".
#pragma once

#include "base/report.h"
#include "conf/options.h"
#include "conf/value.h"

// Of a list that the table knows as SCHEMA_REMOTE, after the keys were filled. In options->memory;
// NULL: there are none. The port is 53 where none is written.
const struct remotes_option *remotes_fill(struct options *options, const struct value *list,
                                          struct report *report)
    __attribute__((nonnull, warn_unused_result));
