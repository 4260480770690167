// Counters: sums, JSON and metrics (stats.h).
#include "serve/stats.h"

#include "base/buffer.h"
#include "base/json.h"
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

void stats_add(struct stats *to, const struct stats *from)
{
    uint64_t *sum = (uint64_t *)to;
    const uint64_t *more = (const uint64_t *)from;
    for (size_t i = 0; i < sizeof *to / sizeof *sum; i++)
        sum[i] += more[i];
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
    json_number(json, "truncated", (int64_t)stats->truncated);
    json_number(json, "dropped_short", (int64_t)stats->dropped_short);
    json_number(json, "dropped_response", (int64_t)stats->dropped_response);
    json_number(json, "request_bytes", (int64_t)stats->request_octets);
    json_number(json, "response_bytes", (int64_t)stats->response_octets);
    json_number(json, "tcp_connections_open", (int64_t)stats->connections_open);
    json_number(json, "tcp_connections_accepted", (int64_t)stats->connections_accepted);
    json_number(json, "tcp_connections_refused", (int64_t)stats->connections_refused);
    json_number(json, "send_failed", (int64_t)stats->send_failed);
}

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

void stats_metrics(const struct stats *stats, struct buffer *to)
{
    put_requests(stats, to);
    put_responses(stats, to);
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
}
