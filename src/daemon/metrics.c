// The daemon's own metrics (metrics.h). A zone is a label, so there is a cap: METRICS_ZONES_MAX
// zones are told apart, the records of the others are one sum with the label "other".
#include "daemon/metrics.h"

#include <inttypes.h>

#include "base/buffer.h"
#include "base/json.h"
#include "base/limits.h"
#include "cache/cache.h"
#include "cache/server.h"
#include "daemon/house.h"

static void head(struct buffer *to, const char *name, const char *kind, const char *help)
{
    buffer_format(to, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind);
}

// A label's value: backslash, quote and line end are escaped.
static void put_sample(struct buffer *to, const char *metric, struct name zone, uint64_t value)
{
    char text[NAME_TEXT_MAX];
    name_print(zone, text);
    buffer_format(to, "%s{zone=\"", metric);
    for (const char *at = text; *at; at++) {
        if (*at == '"' || *at == '\\')
            buffer_add_char(to, '\\');
        buffer_add_char(to, *at);
    }
    buffer_format(to, "\"} %" PRIu64 "\n", value);
}

static void put_states(const struct house_counts *counts, struct buffer *to)
{
    static const char *const words[ZONE_STATES] = {[ZONE_LOADING] = "loading",
                                                   [ZONE_SERVED] = "served",
                                                   [ZONE_BROKEN] = "broken",
                                                   [ZONE_EXPIRED] = "expired"};
    head(to, "onym_zones", "gauge", "Zones by state.");
    for (size_t i = 0; i < ZONE_STATES; i++)
        buffer_format(to, "onym_zones{state=\"%s\"} %zu\n", words[i], counts->states[i]);
}

static void put_zones(const struct house *house, struct buffer *to)
{
    size_t count = house->options->zone_count;
    size_t shown = count < METRICS_ZONES_MAX ? count : METRICS_ZONES_MAX;
    uint64_t others = house->counts.records;
    put_states(&house->counts, to);
    head(to, "onym_zone_serial", "gauge", "Serial of the zone's SOA record.");
    for (size_t i = 0; i < shown; i++) {
        const struct zone *zone = house->zones[i].zone;
        if (zone->state == ZONE_SERVED)
            put_sample(to, "onym_zone_serial", zone->origin, zone->image.serial);
    }
    head(to, "onym_zone_records", "gauge", "Records in the zone.");
    for (size_t i = 0; i < shown; i++) {
        const struct zone *zone = house->zones[i].zone;
        if (zone->state != ZONE_SERVED)
            continue;
        put_sample(to, "onym_zone_records", zone->origin, image_records(&zone->image));
        others -= image_records(&zone->image);
    }
    if (shown < count)
        buffer_format(to, "onym_zone_records{zone=\"other\"} %" PRIu64 "\n", others);
}

// --- servers -------------------------------------------------------------------------------------

// Those that the configuration names, each address once.
struct upstreams {
    unsigned count;
    struct address list[METRICS_UPSTREAMS_MAX];
};

static void add_upstream(struct upstreams *upstreams, const struct rules *rules,
                         struct address address)
{
    if (address_port(&address) == 0)
        address_set_port(&address, rules->port);
    for (unsigned i = 0; i < upstreams->count; i++)
        if (address_equal(&upstreams->list[i], &address))
            return;
    if (upstreams->count < METRICS_UPSTREAMS_MAX)
        upstreams->list[upstreams->count++] = address;
}

static void add_upstreams(struct upstreams *upstreams, const struct rules *rules,
                          const struct delegation *delegation)
{
    for (unsigned i = 0; i < delegation->address_count; i++)
        add_upstream(upstreams, rules, delegation->addresses[i].address);
}

static void put_upstreams(const struct metrics *metrics, struct buffer *to)
{
    const struct rules *rules = metrics->house->server.rules;
    struct upstreams upstreams = {0};
    if (rules && rules->otherwise == RULES_FORWARD)
        add_upstreams(&upstreams, rules, rules->root);
    for (size_t i = 0; rules && i < rules->zone_count; i++)
        add_upstreams(&upstreams, rules, rules->zones[i].delegation);
    static const char *const names[] = {"onym_upstream_smoothed_rtt_seconds",
                                        "onym_upstream_silent"};
    for (unsigned n = 0; n < 2 && upstreams.count; n++) {
        head(to, names[n], "gauge",
             n ? "Queries in a row that a configured server has not answered."
               : "What a configured server takes to answer; 0: it was not asked yet.");
        for (unsigned i = 0; i < upstreams.count; i++) {
            struct server_known known;
            char text[ADDRESS_TEXT_MAX];
            servers_get(metrics->servers, &upstreams.list[i], metrics->now_us, &known);
            address_print(&upstreams.list[i], text);
            buffer_format(to, "%s{upstream=\"%s\"} ", names[n], text);
            if (n)
                buffer_format(to, "%u\n", known.timeouts);
            else
                buffer_format(to, "%u.%06u\n", known.srtt_us / 1000000, known.srtt_us % 1000000);
        }
    }
}

// --- the cache -----------------------------------------------------------------------------------

static void put_counter(struct buffer *to, const char *name, const char *help, uint64_t value)
{
    head(to, name, "counter", help);
    buffer_format(to, "%s %" PRIu64 "\n", name, value);
}

static void put_gauge(struct buffer *to, const char *name, const char *help, uint64_t value)
{
    head(to, name, "gauge", help);
    buffer_format(to, "%s %" PRIu64 "\n", name, value);
}

static void put_cache(const struct cache *cache, struct buffer *to)
{
    struct cache_counts counts;
    cache_count(cache, &counts);
    head(to, "onym_cache_entries", "gauge", "Entries of the cache, by kind.");
    for (enum cache_kind kind = CACHE_RRSET; kind <= CACHE_DELEGATION; kind++)
        buffer_format(to, "onym_cache_entries{kind=\"%s\"} %" PRIu64 "\n", cache_kind_word(kind),
                      counts.entries[kind]);
    put_gauge(to, "onym_cache_bytes", "Memory that the cache holds.", counts.octets);
    put_gauge(to, "onym_cache_limit_bytes", "Memory that the cache may hold.", counts.octets_max);
    put_counter(to, "onym_cache_stored_total", "Entries put into the cache.", counts.stored);
    put_counter(to, "onym_cache_evictions_total", "Entries that made room for others.",
                counts.evicted);
    put_counter(to, "onym_cache_expired_total", "Entries whose time was over.", counts.expired);
    head(to, "onym_cache_not_stored_total", "counter", "Entries that were not kept, by reason.");
    buffer_format(to, "onym_cache_not_stored_total{reason=\"outranked\"} %" PRIu64 "\n",
                  counts.outranked);
    buffer_format(to, "onym_cache_not_stored_total{reason=\"too_large\"} %" PRIu64 "\n",
                  counts.too_large);
    buffer_format(to, "onym_cache_not_stored_total{reason=\"no_memory\"} %" PRIu64 "\n",
                  counts.refused);
}

void metrics_cache_json(const struct cache *cache, struct json *json)
{
    struct cache_counts counts;
    cache_count(cache, &counts);
    json_open_object(json, "entries");
    for (enum cache_kind kind = CACHE_RRSET; kind <= CACHE_DELEGATION; kind++)
        json_number(json, cache_kind_word(kind), (int64_t)counts.entries[kind]);
    json_close_object(json);
    json_number(json, "octets", (int64_t)counts.octets);
    json_number(json, "octets_max", (int64_t)counts.octets_max);
    json_number(json, "stored", (int64_t)counts.stored);
    json_number(json, "replaced", (int64_t)counts.replaced);
    json_number(json, "evicted", (int64_t)counts.evicted);
    json_number(json, "expired", (int64_t)counts.expired);
    json_number(json, "outranked", (int64_t)counts.outranked);
    json_number(json, "too_large", (int64_t)counts.too_large);
    json_number(json, "refused", (int64_t)counts.refused);
}

void metrics_print(const struct metrics *metrics, struct buffer *to)
{
    head(to, "onym_build_info", "gauge", "Version of onym.");
    buffer_add_text(to, "onym_build_info{version=\"" ONYM_VERSION "\"} 1\n");
    head(to, "onym_up_since_seconds", "gauge", "When the daemon started, in seconds since 1970.");
    buffer_format(to, "onym_up_since_seconds %" PRIu64 "\n", metrics->began_date_s);
    head(to, "onym_config_reload_success", "gauge",
         "Whether the last start or reload left nothing broken.");
    buffer_format(to, "onym_config_reload_success %d\n", metrics->last_reload == 0);
    if (metrics->house)
        put_zones(metrics->house, to);
    if (metrics->cache)
        put_cache(metrics->cache, to);
    if (metrics->house && metrics->servers)
        put_upstreams(metrics, to);
}
