// The daemon's own metrics (metrics.h). A zone is a label, so there is a cap: METRICS_ZONES_MAX
// zones are told apart, the records of the others are one sum with the label "other".
#include "daemon/metrics.h"

#include <inttypes.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "daemon/house.h"

static void head(struct buffer *to, const char *name, const char *kind, const char *help)
{
    buffer_format(to, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind);
}

static bool is_served(const struct zones *zones, size_t index)
{
    return zones->list[index]->state == ZONE_SERVED;
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

static void put_states(const struct zones *zones, struct buffer *to)
{
    static const char *const words[] = {[ZONE_LOADING] = "loading",
                                        [ZONE_SERVED] = "served",
                                        [ZONE_BROKEN] = "broken",
                                        [ZONE_EXPIRED] = "expired"};
    size_t counts[sizeof words / sizeof words[0]] = {0};
    for (size_t i = 0; i < zones->count; i++)
        counts[zones->list[i]->state]++;
    head(to, "onym_zones", "gauge", "Zones by state.");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        buffer_format(to, "onym_zones{state=\"%s\"} %zu\n", words[i], counts[i]);
}

static void put_zones(const struct zones *zones, struct buffer *to)
{
    size_t shown = zones->count < METRICS_ZONES_MAX ? zones->count : METRICS_ZONES_MAX;
    uint64_t others = 0;
    put_states(zones, to);
    head(to, "onym_zone_serial", "gauge", "Serial of the zone's SOA record.");
    for (size_t i = 0; i < shown; i++)
        if (is_served(zones, i))
            put_sample(to, "onym_zone_serial", zones->list[i]->origin,
                       zones->list[i]->image.serial);
    head(to, "onym_zone_records", "gauge", "Records in the zone.");
    for (size_t i = 0; i < zones->count; i++) {
        if (!is_served(zones, i))
            continue;
        uint32_t records = zones->list[i]->image.head->records;
        if (i < shown)
            put_sample(to, "onym_zone_records", zones->list[i]->origin, records);
        else
            others += records;
    }
    if (shown < zones->count)
        buffer_format(to, "onym_zone_records{zone=\"other\"} %" PRIu64 "\n", others);
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
        put_zones(&metrics->house->server.zones, to);
}
