// What the daemon says of itself on stderr and to the service manager.
#pragma once

#include "conf/options.h"

struct daemon;

// The first house is current: what is served where, how long it took, what to try. READY.
//
//   onym 0.1.0  2 workers, epoll+recvmmsg, config examples/quickstart/onym.yaml
//     dns        udp+tcp 127.0.0.1:5300, [::1]:5300
//     zones      2 served, 0 broken   61 records
//     resolve    recursive (root hints: built-in), no DNSSEC validation yet   cache 256MiB   for
//                localhost, private
//   ready in 38 ms
void announce_start(struct daemon *daemon) __attribute__((nonnull));
// SIGUSR1: one line of how it is, into the log.
void announce_state(struct daemon *daemon) __attribute__((nonnull));
// Which root hints are used, in a word: "configuration", "built-in", or the file's path.
const char *announce_hints(const struct resolve_options *resolve)
    __attribute__((nonnull, returns_nonnull));
