// Counters: each in its place, summed, and said in JSON and for Prometheus.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "dns/type.h"
#include "serve/stats.h"

static void test_types(void **state)
{
    (void)state;
    unsigned other = STATS_TYPES - 1;
    unsigned seen[STATS_TYPES] = {0};
    for (unsigned type = 0; type <= 65535; type++) {
        unsigned index = stats_type_index((uint16_t)type);
        assert_in_range(index, 0, other);
        seen[index]++;
        if (index == other)
            continue;
        char mnemonic[TYPE_TEXT_MAX];
        type_print((uint16_t)type, mnemonic);
        assert_string_equal(stats_type_word(index), mnemonic);
    }
    for (unsigned i = 0; i < other; i++)
        assert_int_equal(seen[i], 1);
    assert_int_equal(seen[other], 65536 - other);
    assert_string_equal(stats_type_word(other), "other");
    assert_int_equal(stats_type_index(0), other);
}

// Every counter is added to its own, whatever there will be.
static void test_add(void **state)
{
    (void)state;
    struct stats sum = {0}, more = {0};
    size_t count = sizeof sum / sizeof(uint64_t);
    uint64_t values[sizeof sum / sizeof(uint64_t)];
    for (size_t i = 0; i < count; i++)
        values[i] = i * 1000 + 1;
    memcpy(&more, values, sizeof more);
    stats_add(&sum, &more);
    stats_add(&sum, &more);
    memcpy(values, &sum, sizeof sum);
    for (size_t i = 0; i < count; i++)
        assert_true(values[i] == 2 * (i * 1000 + 1));
}

static struct stats sample(void)
{
    struct stats stats = {0};
    stats.requests[STATS_UDP][STATS_IPV4] = 11;
    stats.requests[STATS_TCP][STATS_IPV6] = 12;
    stats.requests_by_type[stats_type_index(TYPE_A)] = 13;
    stats.requests_by_type[stats_type_index(65280)] = 14;
    stats.responses[STATS_AUTH][RCODE_NOERROR] = 15;
    stats.responses[STATS_ERROR][RCODE_NOERROR] = 100;
    stats.responses[STATS_ERROR][RCODE_BADVERS] = 16;
    stats.responses[STATS_POLICY][RCODE_REFUSED] = 17;
    stats.reasons[REASON_REFERRAL] = 18;
    stats.truncated = 19;
    stats.dropped_short = 20;
    stats.dropped_response = 21;
    stats.request_octets = 22;
    stats.response_octets = 23;
    stats.connections_accepted = 24;
    stats.connections_refused = 25;
    stats.connections_open = 26;
    stats.send_failed = 27;
    stats.responses[STATS_STALE][RCODE_NOERROR] = 28;
    stats.responses[STATS_STALE][RCODE_NXDOMAIN] = 1;
    stats.cache_hits = 30;
    stats.cache_misses = 31;
    stats.cache_prefetches = 32;
    struct resolver_counts resolver = {.wants = 33,
                                       .joined = 34,
                                       .answered = 35,
                                       .failed = 36,
                                       .stale = 37,
                                       .dropped = 38,
                                       .asks_udp = 39,
                                       .asks_tcp = 40,
                                       .replies = 41,
                                       .ignored = 42,
                                       .suspect = 43,
                                       .timeouts = 44,
                                       .limits = 45,
                                       .tasks = 46,
                                       .waiters = 47,
                                       .shared = 51,
                                       .crowded = 54};
    histogram_add(&resolver.walks, 15000, 52);
    histogram_add(&resolver.rtt, 40, 53);
    histogram_add(&stats.durations[STATS_CACHE], 15, 54);
    stats.turns = 55;
    stats_count_batch(&stats, 1);
    stats_count_batch(&stats, 2);
    stats_count_batch(&stats, 33);
    stats_count_batch(&stats, 64);
    struct outbound_counts outbound = {.failed = 48, .sockets = 49, .connections = 50};
    stats_take(&stats, &resolver, &outbound);
    return stats;
}

static void assert_member(json_t *object, const char *path, json_int_t expected)
{
    char key[64];
    while (*path) {
        size_t size = strcspn(path, "/");
        snprintf(key, sizeof key, "%.*s", (int)size, path);
        object = json_object_get(object, key);
        if (!object)
            fail_msg("no %s", key);
        path += size + (path[size] == '/');
    }
    assert_true(json_integer_value(object) == expected);
}

static void test_json(void **state)
{
    static const struct {
        const char *path;
        json_int_t value;
    } members[] = {
        {"requests/udp/ipv4", 11},
        {"requests/udp/ipv6", 0},
        {"requests/tcp/ipv6", 12},
        {"types/A", 13},
        {"types/other", 14},
        {"responses/NOERROR", 143},
        {"responses/NXDOMAIN", 1},
        {"responses/BADVERS", 16},
        {"responses/REFUSED", 17},
        {"reasons/referral", 18},
        {"truncated", 19},
        {"dropped_short", 20},
        {"dropped_response", 21},
        {"request_bytes", 22},
        {"response_bytes", 23},
        {"tcp_connections_accepted", 24},
        {"tcp_connections_refused", 25},
        {"tcp_connections_open", 26},
        {"send_failed", 27},
        {"recursion/served_stale", 29},
        {"recursion/cache_hits", 30},
        {"recursion/cache_misses", 31},
        {"recursion/prefetches", 32},
        {"recursion/questions", 33},
        {"recursion/joined", 34},
        {"recursion/answered", 35},
        {"recursion/failed", 36},
        {"recursion/stale", 37},
        {"recursion/dropped", 38},
        {"recursion/asks_udp", 39},
        {"recursion/asks_tcp", 40},
        {"recursion/replies", 41},
        {"recursion/ignored", 42},
        {"recursion/suspect", 43},
        {"recursion/timeouts", 44},
        {"recursion/limits", 45},
        {"recursion/crowded", 54},
        {"recursion/inflight", 46},
        {"recursion/waiting", 47},
        {"recursion/unsent", 48},
        {"recursion/sockets", 49},
        {"recursion/connections", 50},
        {"recursion/shared", 51},
        {"turns", 55},
        {"batches", 4},
    };
    (void)state;
    struct stats stats = sample();
    struct buffer text = {0};
    struct json json = json_begin(&text);
    json_open_object(&json, NULL);
    stats_json(&stats, &json);
    json_close_object(&json);
    json_t *read = json_loads(buffer_text(&text), JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(read);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        assert_member(read, members[i].path, members[i].value);
    // What was never counted takes no place.
    assert_int_equal(json_object_size(json_object_get(read, "types")), 2);
    assert_int_equal(json_object_size(json_object_get(read, "responses")), 4);
    assert_int_equal(json_object_size(json_object_get(read, "reasons")), 1);
    json_decref(read);
    buffer_free(&text);
}

static void test_metrics(void **state)
{
    static const char *const samples[] = {
        "onym_dns_requests_total{proto=\"udp\",family=\"1\"} 11\n",
        "onym_dns_requests_total{proto=\"udp\",family=\"2\"} 0\n",
        "onym_dns_requests_total{proto=\"tcp\",family=\"2\"} 12\n",
        "onym_dns_request_types_total{type=\"A\"} 13\n",
        "onym_dns_request_types_total{type=\"AAAA\"} 0\n",
        "onym_dns_request_types_total{type=\"other\"} 14\n",
        "onym_dns_responses_total{source=\"auth\",rcode=\"NOERROR\"} 15\n",
        "onym_dns_responses_total{source=\"error\",rcode=\"NOERROR\"} 100\n",
        "onym_dns_responses_total{source=\"error\",rcode=\"BADVERS\"} 16\n",
        "onym_dns_responses_total{source=\"policy\",rcode=\"REFUSED\"} 17\n",
        "onym_drops_total{where=\"short\"} 20\n",
        "onym_drops_total{where=\"response\"} 21\n",
        "onym_drops_total{where=\"send\"} 27\n",
        "onym_dns_truncated_total 19\n",
        "onym_recursion_shared_total 51\n",
        "onym_recursion_seconds_bucket{le=\"0.01\"} 0\n",
        "onym_recursion_seconds_bucket{le=\"0.02\"} 52\n",
        "onym_recursion_seconds_sum 0.780000\n",
        "onym_upstream_rtt_seconds_count 53\n",
        "onym_dns_request_duration_seconds_bucket{source=\"cache\",le=\"0.00002\"} 54\n",
        "onym_dns_request_duration_seconds_count{source=\"auth\"} 0\n",
        "onym_worker_turns_total 55\n",
        "onym_worker_batch_queries_bucket{le=\"1\"} 1\n",
        "onym_worker_batch_queries_bucket{le=\"2\"} 2\n",
        "onym_worker_batch_queries_bucket{le=\"32\"} 2\n",
        "onym_worker_batch_queries_bucket{le=\"64\"} 4\n",
        "onym_worker_batch_queries_sum 11\n",
        "onym_worker_batch_queries_count 4\n",
        "onym_dns_request_size_bytes_total 22\n",
        "onym_dns_response_size_bytes_total 23\n",
        "onym_connections_accepted_total 24\n",
        "onym_connections_refused_total 25\n",
        "onym_connections{proto=\"tcp\"} 26\n",
        "onym_cache_served_stale_total 29\n",
        "onym_cache_hits_total 30\n",
        "onym_cache_misses_total 31\n",
        "onym_cache_prefetch_total 32\n",
        "onym_recursion_joined_total 34\n",
        "onym_recursion_questions_total{result=\"answered\"} 35\n",
        "onym_recursion_questions_total{result=\"failed\"} 36\n",
        "onym_recursion_questions_total{result=\"stale\"} 37\n",
        "onym_recursion_questions_total{result=\"dropped\"} 38\n",
        "onym_upstream_asks_total{proto=\"udp\"} 39\n",
        "onym_upstream_asks_total{proto=\"tcp\"} 40\n",
        "onym_upstream_replies_total 41\n",
        "onym_upstream_errors_total{reason=\"ignored\"} 42\n",
        "onym_upstream_errors_total{reason=\"suspect\"} 43\n",
        "onym_upstream_errors_total{reason=\"timeout\"} 44\n",
        "onym_recursion_limits_total 45\n",
        "onym_recursion_crowded_total 54\n",
        "onym_recursion_inflight 46\n",
        "onym_recursion_waiting 47\n",
        "onym_upstream_errors_total{reason=\"unsent\"} 48\n",
        "onym_upstream_sockets 49\n",
        "onym_upstream_connections 50\n",
    };
    (void)state;
    struct stats stats = sample();
    struct buffer text = {0};
    stats_metrics(&stats, &text);
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        if (!strstr(buffer_text(&text), samples[i]))
            fail_msg("no %s in\n%s", samples[i], buffer_text(&text));
    buffer_free(&text);
}

// Prometheus text format 0.0.4: every family has HELP and TYPE once and before its samples, which
// stand together; a counter's name ends in _total, and a histogram has three of its own.
static void test_metrics_format(void **state)
{
    (void)state;
    struct stats stats = sample();
    struct buffer text = {0};
    char family[64] = "", seen[4096] = "";
    bool histogram = false;
    stats_metrics(&stats, &text);
    for (const char *line = buffer_text(&text); *line; line = strchr(line, '\n') + 1) {
        assert_non_null(strchr(line, '\n'));
        char name[64], marked[80];
        if (strncmp(line, "# HELP ", 7) == 0) {
            assert_int_equal(sscanf(line + 7, "%63s", family), 1);
            snprintf(marked, sizeof marked, " %s ", family);
            assert_null(strstr(seen, marked));
            strncat(seen, marked, sizeof seen - strlen(seen) - 1);
            continue;
        }
        if (strncmp(line, "# TYPE ", 7) == 0) {
            char kind[16];
            assert_int_equal(sscanf(line + 7, "%63s %15s", name, kind), 2);
            assert_string_equal(name, family);
            size_t size = strlen(name);
            bool total = size > 6 && strcmp(name + size - 6, "_total") == 0;
            histogram = strcmp(kind, "histogram") == 0;
            if (!histogram)
                assert_string_equal(kind, total ? "counter" : "gauge");
            continue;
        }
        size_t size = strcspn(line, "{ "), own = strlen(family);
        assert_true(size >= own);
        assert_memory_equal(line, family, own);
        snprintf(name, sizeof name, "%.*s", (int)(size - own), line + own);
        if (histogram)
            assert_true(strcmp(name, "_bucket") == 0 || strcmp(name, "_sum") == 0 ||
                        strcmp(name, "_count") == 0);
        else
            assert_string_equal(name, "");
        const char *value = strchr(line, ' ') + 1;
        assert_int_equal(strspn(value, "0123456789."), strcspn(value, "\n"));
    }
    buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),          cmocka_unit_test(test_add),
        cmocka_unit_test(test_json),           cmocka_unit_test(test_metrics),
        cmocka_unit_test(test_metrics_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
