// The transfers that a worker sends, between its turns: a few messages in each, to connections that
// take them at once, so that a secondary that is slow holds up nobody and queries wait for one
// message at most.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "net/tcp.h"
#include "serve/stats.h"

struct outgoing;
struct transfers;

// What is sent, and how it ended, is counted in `stats`.
struct transfers *transfers_open(struct tcp *tcp, struct stats *stats)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
// With all that have not ended; connections stay as they are.
void transfers_close(struct transfers *transfers); // NULL is fine

// The reply to what was deferred under this tag; takes `outgoing` over.
void transfers_add(struct transfers *transfers, struct loop_tag tag, struct outgoing *outgoing,
                   const struct address *client) __attribute__((nonnull));
// A turn of all of them. True: there is more that could be sent at once. Between tcp_end and the
// next tcp_begin.
bool transfers_run(struct transfers *transfers, uint64_t date_s)
    __attribute__((nonnull, warn_unused_result));
