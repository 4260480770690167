// Updates of zones that are taken from primaries: passed on to the primary, whose word goes back to
// the client (RFC 2136 6).
//
//   worker: forwarding_submit() --> the main thread: TCP to the zone's primary --> what it says
//       ^                                |  cannot be reached: the next one           |
//       +--- worker_tell() <-------------+--------------------------------------------+
//
// Whether this client may is ours to say, by its key or address; what it may do to which names is
// the primary's, which knows our own signature, that of `from`, and not the client's. A message
// that may have reached a primary is not sent to another one: it might be carried out twice.
//
// Two servers that are each other's primary pass an update to and fro until one of them takes no
// more connections from the other (TCP_PER_ADDRESS_MAX) or has FORWARDS_MAX under way.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"
#include "net/loop.h"

struct buffer;
struct daemon;
struct forwarding;
struct update_want;

// `loop` is the main thread's.
struct forwarding *forwarding_open(struct loop *loop)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
// Who waits is not told any more: its worker has ended.
void forwarding_close(struct daemon *daemon) __attribute__((nonnull));

enum forwarding_verdict { FORWARDING_TAKEN, FORWARDING_CROWDED, FORWARDING_MALFORMED };
// From any worker, by its number; takes `want` over, whatever it says. TAKEN: the worker is told
// what came of it.
enum forwarding_verdict forwarding_submit(struct forwarding *forwarding, struct update_want *want,
                                          const uint8_t *octets, unsigned worker)
    __attribute__((nonnull, warn_unused_result));

// A socket is ready.
void forwarding_take(struct daemon *daemon, struct loop_tag tag, uint64_t now_ms)
    __attribute__((nonnull));
void forwarding_step(struct daemon *daemon, uint64_t now_ms) __attribute__((nonnull));
// Milliseconds until the next step; -1: there is nothing to do.
int forwarding_rest(const struct forwarding *forwarding, uint64_t now_ms) __attribute__((nonnull));

void forwarding_metrics(const struct forwarding *forwarding, struct buffer *to)
    __attribute__((nonnull));
