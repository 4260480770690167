// Counters: sums, JSON and metrics (stats.h).
#include "serve/stats.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "base/limits.h"
#include "dns/type.h"

static_assert(sizeof(struct stats) % sizeof(uint64_t) == 0, "summed as an array of counters");

// In the order of requests_by_type; what is not here is "other", the last one.
static const struct {
    uint16_t type;
    const char *word;
} counted_types[STATS_TYPES] = {
    {TYPE_A, "A"},         {TYPE_AAAA, "AAAA"},     {TYPE_NS, "NS"},
    {TYPE_SOA, "SOA"},     {TYPE_MX, "MX"},         {TYPE_TXT, "TXT"},
    {TYPE_CNAME, "CNAME"}, {TYPE_PTR, "PTR"},       {TYPE_SRV, "SRV"},
    {TYPE_DS, "DS"},       {TYPE_DNSKEY, "DNSKEY"}, {TYPE_SVCB, "SVCB"},
    {TYPE_HTTPS, "HTTPS"}, {TYPE_ANY, "ANY"},       {0, "other"},
};
static const char *const transport_words[] = {"udp", "tcp"};
static const char *const family_words[] = {"1", "2"}; // as CoreDNS: 1 is IPv4, 2 is IPv6
static const char *const source_words[] = {"auth",      "cache",  "stale",
                                           "recursion", "policy", "error"};

unsigned stats_type_index(uint16_t type)
{
    if (type == TYPE_A)
        return 0;
    unsigned index = 1;
    while (index < STATS_TYPES - 1 && counted_types[index].type != type)
        index++;
    return index;
}

const char *stats_type_word(unsigned index)
{
    return counted_types[index].word;
}

static_assert(1u << (STATS_BATCHES - 1) == BATCH_MAX, "the last step is that of full batches");

void stats_count_batch(struct stats *stats, unsigned count)
{
    unsigned step = 0;
    while (1u << step < count)
        step++;
    stats->batches[step]++;
}

void stats_add(struct stats *to, const struct stats *from)
{
    uint64_t *sum = (uint64_t *)to;
    const uint64_t *more = (const uint64_t *)from;
    for (size_t i = 0; i < sizeof *to / sizeof *sum; i++)
        sum[i] += more[i];
}

void stats_take(struct stats *stats, const struct resolver_counts *resolver,
                const struct outbound_counts *outbound)
{
    stats->recursion = (struct stats_recursion){
        .wants = resolver->wants,
        .joined = resolver->joined,
        .shared = resolver->shared,
        .answered = resolver->answered,
        .failed = resolver->failed,
        .stale = resolver->stale,
        .dropped = resolver->dropped,
        .limits = resolver->limits,
        .crowded = resolver->crowded,
        .asks_udp = resolver->asks_udp,
        .asks_tcp = resolver->asks_tcp,
        .replies = resolver->replies,
        .ignored = resolver->ignored,
        .suspect = resolver->suspect,
        .timeouts = resolver->timeouts,
        .unsent = outbound->failed,
        .inflight = resolver->tasks,
        .waiting = resolver->waiters,
        .sockets = outbound->sockets,
        .connections = outbound->connections,
        .walks = resolver->walks,
        .rtt = resolver->rtt,
    };
}

static uint64_t count_stale(const struct stats *stats)
{
    uint64_t sum = 0;
    for (unsigned rcode = 0; rcode < 24; rcode++)
        sum += stats->responses[STATS_STALE][rcode];
    return sum;
}

static uint64_t count_batches(const struct stats *stats)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < STATS_BATCHES; i++)
        sum += stats->batches[i];
    return sum;
}

static const char *const transfer_words[] = {"axfr", "ixfr"};
static const char *const transfer_results[] = {"sent", "current", "refused", "broken"};
static_assert(sizeof transfer_results / sizeof *transfer_results == STATS_TRANSFERS, "one each");

// --- JSON ----------------------------------------------------------------------------------------

static void put_recursion(const struct stats *stats, struct json *json)
{
    const struct stats_recursion *recursion = &stats->recursion;
    const struct {
        const char *word;
        uint64_t count;
    } members[] = {
        {"cache_hits", stats->cache_hits},       {"cache_misses", stats->cache_misses},
        {"served_stale", count_stale(stats)},    {"prefetches", stats->cache_prefetches},
        {"questions", recursion->wants},         {"joined", recursion->joined},
        {"shared", recursion->shared},           {"answered", recursion->answered},
        {"failed", recursion->failed},           {"stale", recursion->stale},
        {"dropped", recursion->dropped},         {"limits", recursion->limits},
        {"asks_udp", recursion->asks_udp},       {"asks_tcp", recursion->asks_tcp},
        {"replies", recursion->replies},         {"ignored", recursion->ignored},
        {"suspect", recursion->suspect},         {"timeouts", recursion->timeouts},
        {"unsent", recursion->unsent},           {"inflight", recursion->inflight},
        {"waiting", recursion->waiting},         {"sockets", recursion->sockets},
        {"connections", recursion->connections}, {"crowded", recursion->crowded},
    };
    json_open_object(json, "recursion");
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        json_number(json, members[i].word, (int64_t)members[i].count);
    json_close_object(json);
}

void stats_json(const struct stats *stats, struct json *json)
{
    json_open_object(json, "requests");
    for (unsigned t = 0; t < STATS_TRANSPORTS; t++) {
        json_open_object(json, transport_words[t]);
        json_number(json, "ipv4", (int64_t)stats->requests[t][STATS_IPV4]);
        json_number(json, "ipv6", (int64_t)stats->requests[t][STATS_IPV6]);
        json_close_object(json);
    }
    json_close_object(json);
    json_open_object(json, "types");
    for (unsigned i = 0; i < STATS_TYPES; i++)
        if (stats->requests_by_type[i])
            json_number(json, counted_types[i].word, (int64_t)stats->requests_by_type[i]);
    json_close_object(json);
    json_open_object(json, "responses");
    for (unsigned rcode = 0; rcode < 24; rcode++) {
        uint64_t sum = 0;
        for (unsigned s = 0; s < STATS_SOURCES; s++)
            sum += stats->responses[s][rcode];
        if (sum && rcode_word(rcode))
            json_number(json, rcode_word(rcode), (int64_t)sum);
    }
    json_close_object(json);
    json_open_object(json, "reasons");
    for (unsigned i = 0; i <= REASON_BAD_QUERY; i++)
        if (stats->reasons[i])
            json_number(json, answer_reason_word((enum answer_reason)i),
                        (int64_t)stats->reasons[i]);
    json_close_object(json);
    json_number(json, "turns", (int64_t)stats->turns);
    json_number(json, "batches", (int64_t)count_batches(stats));
    json_number(json, "truncated", (int64_t)stats->truncated);
    json_number(json, "dropped_short", (int64_t)stats->dropped_short);
    json_number(json, "dropped_response", (int64_t)stats->dropped_response);
    json_number(json, "request_bytes", (int64_t)stats->request_octets);
    json_number(json, "response_bytes", (int64_t)stats->response_octets);
    json_number(json, "tcp_connections_open", (int64_t)stats->connections_open);
    json_number(json, "tcp_connections_accepted", (int64_t)stats->connections_accepted);
    json_number(json, "tcp_connections_refused", (int64_t)stats->connections_refused);
    json_number(json, "send_failed", (int64_t)stats->send_failed);
    json_open_object(json, "transfers");
    for (unsigned kind = 0; kind < 2; kind++) {
        json_open_object(json, transfer_words[kind]);
        for (unsigned result = 0; result < STATS_TRANSFERS; result++)
            json_number(json, transfer_results[result], (int64_t)stats->transfers[kind][result]);
        json_close_object(json);
    }
    json_close_object(json);
    put_recursion(stats, json);
}

// --- metrics -------------------------------------------------------------------------------------

static void put_help(struct buffer *to, const char *name, const char *kind, const char *help)
{
    buffer_format(to, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind);
}

static void put_single(struct buffer *to, const char *name, const char *help, uint64_t value)
{
    put_help(to, name, "counter", help);
    buffer_format(to, "%s %llu\n", name, (unsigned long long)value);
}

static void put_requests(const struct stats *stats, struct buffer *to)
{
    put_help(to, "onym_dns_requests_total", "counter",
             "Queries received, by transport and family.");
    for (unsigned t = 0; t < STATS_TRANSPORTS; t++)
        for (unsigned f = 0; f < STATS_FAMILIES; f++)
            buffer_format(to, "onym_dns_requests_total{proto=\"%s\",family=\"%s\"} %llu\n",
                          transport_words[t], family_words[f],
                          (unsigned long long)stats->requests[t][f]);
    put_help(to, "onym_dns_request_types_total", "counter", "Well-formed queries, by type.");
    for (unsigned i = 0; i < STATS_TYPES; i++)
        buffer_format(to, "onym_dns_request_types_total{type=\"%s\"} %llu\n", counted_types[i].word,
                      (unsigned long long)stats->requests_by_type[i]);
}

static void put_responses(const struct stats *stats, struct buffer *to)
{
    put_help(to, "onym_dns_responses_total", "counter", "Replies sent, by source and RCODE.");
    for (unsigned s = 0; s < STATS_SOURCES; s++)
        for (unsigned rcode = 0; rcode < 24; rcode++)
            if (stats->responses[s][rcode] && rcode_word(rcode))
                buffer_format(to, "onym_dns_responses_total{source=\"%s\",rcode=\"%s\"} %llu\n",
                              source_words[s], rcode_word(rcode),
                              (unsigned long long)stats->responses[s][rcode]);
}

static void put_durations(const struct stats *stats, struct buffer *to)
{
    const char *name = "onym_dns_request_duration_seconds";
    put_help(to, name, "histogram", "From a query to its reply, by source of the answer.");
    for (unsigned s = 0; s < STATS_SOURCES; s++) {
        char label[32];
        snprintf(label, sizeof label, "source=\"%s\"", source_words[s]);
        histogram_print(&stats->durations[s], name, label, to);
    }
}

// How busy the workers are: the larger their batches, the nearer to what they can do.
static void put_workers(const struct stats *stats, struct buffer *to)
{
    const char *name = "onym_worker_batch_queries";
    put_single(to, "onym_worker_turns_total", "Turns of the workers' loops.", stats->turns);
    put_help(to, name, "histogram", "Datagrams that were received at once.");
    unsigned long long batches = 0, queries = 0;
    for (unsigned i = 0; i < STATS_BATCHES; i++) {
        batches += stats->batches[i];
        buffer_format(to, "%s_bucket{le=\"%u\"} %llu\n", name, 1u << i, batches);
    }
    for (unsigned f = 0; f < STATS_FAMILIES; f++)
        queries += stats->requests[STATS_UDP][f];
    buffer_format(to, "%s_bucket{le=\"+Inf\"} %llu\n%s_sum %llu\n%s_count %llu\n", name, batches,
                  name, queries, name, batches);
}

static void put_now(struct buffer *to, const char *name, const char *help, uint64_t value)
{
    put_help(to, name, "gauge", help);
    buffer_format(to, "%s %llu\n", name, (unsigned long long)value);
}

static void put_recursion_metrics(const struct stats *stats, struct buffer *to)
{
    const struct stats_recursion *recursion = &stats->recursion;
    const struct {
        const char *name, *label;
        uint64_t count;
    } labelled[] = {
        {"onym_recursion_questions_total", "result=\"answered\"", recursion->answered},
        {"onym_recursion_questions_total", "result=\"failed\"", recursion->failed},
        {"onym_recursion_questions_total", "result=\"stale\"", recursion->stale},
        {"onym_recursion_questions_total", "result=\"dropped\"", recursion->dropped},
        {"onym_upstream_asks_total", "proto=\"udp\"", recursion->asks_udp},
        {"onym_upstream_asks_total", "proto=\"tcp\"", recursion->asks_tcp},
        {"onym_upstream_errors_total", "reason=\"timeout\"", recursion->timeouts},
        {"onym_upstream_errors_total", "reason=\"ignored\"", recursion->ignored},
        {"onym_upstream_errors_total", "reason=\"suspect\"", recursion->suspect},
        {"onym_upstream_errors_total", "reason=\"unsent\"", recursion->unsent},
    };
    const char *before = "";
    for (size_t i = 0; i < sizeof labelled / sizeof labelled[0]; i++) {
        if (strcmp(before, labelled[i].name) != 0)
            put_help(to, labelled[i].name, "counter",
                     i < 4   ? "Questions that went to the resolver, by what came of them."
                     : i < 6 ? "Queries sent to other servers."
                             : "Queries to other servers that went wrong, and replies that did.");
        before = labelled[i].name;
        buffer_format(to, "%s{%s} %llu\n", before, labelled[i].label,
                      (unsigned long long)labelled[i].count);
    }
    put_single(to, "onym_recursion_joined_total", "Questions that joined an equal one.",
               recursion->joined);
    put_single(to, "onym_recursion_shared_total",
               "Questions that another worker's walk has answered.", recursion->shared);
    put_single(to, "onym_recursion_limits_total", "Questions that met a limit.", recursion->limits);
    put_single(to, "onym_recursion_crowded_total",
               "Questions given up since too many waited for the servers of one zone.",
               recursion->crowded);
    put_help(to, "onym_recursion_seconds", "histogram",
             "From a question to its answer by other servers.");
    histogram_print(&recursion->walks, "onym_recursion_seconds", "", to);
    put_help(to, "onym_upstream_rtt_seconds", "histogram",
             "From a query to another server to its reply.");
    histogram_print(&recursion->rtt, "onym_upstream_rtt_seconds", "", to);
    put_single(to, "onym_upstream_replies_total", "Replies of other servers that were read.",
               recursion->replies);
    put_now(to, "onym_recursion_inflight", "Questions being resolved now.", recursion->inflight);
    put_now(to, "onym_recursion_waiting", "Clients that wait for them.", recursion->waiting);
    put_now(to, "onym_upstream_sockets", "Sockets for queries to other servers.",
            recursion->sockets);
    put_now(to, "onym_upstream_connections", "TCP connections to other servers.",
            recursion->connections);
}

static void put_cache_use(const struct stats *stats, struct buffer *to)
{
    put_single(to, "onym_cache_hits_total", "Questions that the cache answered.",
               stats->cache_hits);
    put_single(to, "onym_cache_misses_total", "Questions that it did not.", stats->cache_misses);
    put_single(to, "onym_cache_prefetch_total", "Entries asked for before their time was over.",
               stats->cache_prefetches);
    put_single(to, "onym_cache_served_stale_total", "Answers past their time (RFC 8767).",
               count_stale(stats));
}

static void put_transfers(const struct stats *stats, struct buffer *to)
{
    put_help(to, "onym_xfr_total", "counter", "Zone transfers, by direction, kind and result.");
    for (unsigned kind = 0; kind < 2; kind++)
        for (unsigned result = 0; result < STATS_TRANSFERS; result++)
            buffer_format(to, "onym_xfr_total{dir=\"out\",kind=\"%s\",result=\"%s\"} %llu\n",
                          transfer_words[kind], transfer_results[result],
                          (unsigned long long)stats->transfers[kind][result]);
}

void stats_metrics(const struct stats *stats, struct buffer *to)
{
    put_requests(stats, to);
    put_responses(stats, to);
    put_durations(stats, to);
    put_workers(stats, to);
    put_help(to, "onym_drops_total", "counter", "Datagrams that got no reply, by reason.");
    buffer_format(to, "onym_drops_total{where=\"short\"} %llu\n",
                  (unsigned long long)stats->dropped_short);
    buffer_format(to, "onym_drops_total{where=\"response\"} %llu\n",
                  (unsigned long long)stats->dropped_response);
    buffer_format(to, "onym_drops_total{where=\"send\"} %llu\n",
                  (unsigned long long)stats->send_failed);
    put_single(to, "onym_dns_truncated_total", "Replies with TC.", stats->truncated);
    put_single(to, "onym_dns_request_size_bytes_total", "Octets of queries.",
               stats->request_octets);
    put_single(to, "onym_dns_response_size_bytes_total", "Octets of replies.",
               stats->response_octets);
    put_single(to, "onym_connections_accepted_total", "TCP connections accepted.",
               stats->connections_accepted);
    put_single(to, "onym_connections_refused_total", "TCP connections over a limit.",
               stats->connections_refused);
    put_help(to, "onym_connections", "gauge", "TCP connections open now.");
    buffer_format(to, "onym_connections{proto=\"tcp\"} %llu\n",
                  (unsigned long long)stats->connections_open);
    put_transfers(stats, to);
    put_cache_use(stats, to);
    put_recursion_metrics(stats, to);
}
