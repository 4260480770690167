// What each worker counted, and the sum of it. One writer for each block (its worker), so plain
// additions; readers (control, metrics) take a look at any time and may be one query behind.
//
// Names are those of the metrics (onym_dns_requests_total ...), so that there is one list of them.
#pragma once

#include <assert.h>
#include <stdint.h>

#include "base/histogram.h"
#include "dns/answer.h"
#include "net/outbound.h"
#include "resolve/resolver.h"

struct buffer;
struct json;

enum stats_transport { STATS_UDP, STATS_TCP, STATS_TRANSPORTS };
enum stats_family { STATS_IPV4, STATS_IPV6, STATS_FAMILIES };
// How a transfer ended, or what its client was told instead.
enum stats_transfer {
    STATS_TRANSFER_SENT,
    STATS_TRANSFER_CURRENT, // IXFR: the client has the newest version, or shall come over TCP
    STATS_TRANSFER_REFUSED,
    STATS_TRANSFER_BROKEN,
    STATS_TRANSFERS
};
enum stats_source {
    STATS_AUTH,
    STATS_CACHE,     // at once, from what was known
    STATS_STALE,     // from what was known once
    STATS_RECURSION, // other servers were asked, or could not say
    STATS_POLICY,
    STATS_ERROR,
    STATS_SOURCES
};
// Types counted apart: A AAAA NS SOA MX TXT CNAME PTR SRV DS DNSKEY SVCB HTTPS ANY, and the rest.
#define STATS_TYPES   15
#define STATS_BATCHES 7 // steps of sizes of batches: 1, 2, 4 ... 64

// What a worker's resolver and its sockets to other servers count themselves, taken over when
// somebody wants to know (stats_take). The words are resolve/resolver.h's and net/outbound.h's.
struct stats_recursion {
    uint64_t wants, joined, shared, answered, failed, stale, dropped, limits, crowded;
    uint64_t asks_udp, asks_tcp, replies, ignored, suspect, timeouts;
    uint64_t unsent; // asks that could not be sent, or whose connection broke
    uint64_t inflight, waiting, sockets, connections; // now
    struct histogram walks, rtt;
};

struct stats {
    uint64_t requests[STATS_TRANSPORTS][STATS_FAMILIES];
    uint64_t requests_by_type[STATS_TYPES];
    uint64_t responses[STATS_SOURCES][24]; // by RCODE 0 to 23
    uint64_t reasons[REASON_BAD_QUERY + 1];
    uint64_t truncated;
    uint64_t dropped_short;    // under 12 octets
    uint64_t dropped_response; // QR=1: never a reply to a reply
    uint64_t request_octets;
    uint64_t response_octets;
    uint64_t connections_accepted;
    uint64_t connections_refused; // limits per address or in all
    uint64_t connections_open;    // now
    uint64_t send_failed;
    uint64_t transfers[2][STATS_TRANSFERS]; // AXFR, IXFR
    uint64_t cache_hits;   // clients' questions that the cache answered, stale or not
    uint64_t cache_misses; // those that it did not
    uint64_t cache_prefetches;
    // From the moment that a query was received until its reply was sent; a whole batch's is one
    // measurement, so it costs a look at the clock for each batch.
    struct histogram durations[STATS_SOURCES];
    uint64_t turns;                  // of the worker's loop: it has slept, or looked who is there
    uint64_t batches[STATS_BATCHES]; // of datagrams, by size
    struct stats_recursion recursion;
} __attribute__((aligned(64)));

// A batch of so many datagrams.
void stats_count_batch(struct stats *stats, unsigned count) __attribute__((nonnull));
// Index into requests_by_type; the last one is "other".
unsigned stats_type_index(uint16_t type);
const char *stats_type_word(unsigned index);

void stats_take(struct stats *stats, const struct resolver_counts *resolver,
                const struct outbound_counts *outbound) __attribute__((nonnull));
void stats_add(struct stats *to, const struct stats *from) __attribute__((nonnull));
// As members of the object that is open in `json`.
void stats_json(const struct stats *stats, struct json *json) __attribute__((nonnull));
// Prometheus text format 0.0.4: HELP, TYPE and samples.
void stats_metrics(const struct stats *stats, struct buffer *to) __attribute__((nonnull));
