// What is told of zones from primaries (fetching_told.h).
#include "daemon/fetching_told.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/json.h"
#include "daemon/daemon.h"

void fetching_put(struct daemon *daemon, size_t index, struct json *json)
{
    const struct fetching *fetching = &daemon->fetching;
    const struct fetched_zone *zone = fetched_find(fetching->zones, fetching->count, index);
    char primary[ADDRESS_TEXT_MAX];
    uint64_t now_ms = clock_now_ms();
    if (!zone)
        return;
    const struct remotes_option *from = daemon_house(daemon)->options->zones[index].from;
    uint32_t number = (uint32_t)(zone - fetching->zones);
    address_print(&from->list[zone->primary < from->count ? zone->primary : 0].address, primary);
    json_open_object(json, "transfer");
    json_text(json, "primary", primary);
    json_bool(json, "under_way", zone->fetch || zone->handed);
    if (zone->confirmed_date_s)
        json_number(json, "confirmed_s", (int64_t)(clock_date_s() - zone->confirmed_date_s));
    uint64_t due_ms = refresh_due_ms(&fetching->turns, number);
    if (due_ms)
        json_number(json, "next_s", due_ms > now_ms ? (int64_t)((due_ms - now_ms) / 1000) : 0);
    due_ms = refresh_due_ms(&fetching->expiries, number);
    if (due_ms)
        json_number(json, "expires_s", due_ms > now_ms ? (int64_t)((due_ms - now_ms) / 1000) : 0);
    json_number(json, "failures", zone->failures);
    if (zone->problem)
        json_text(json, "problem", zone->problem);
    json_close_object(json);
}

void fetching_metrics(const struct daemon *daemon, struct buffer *to)
{
    static const char *const kinds[] = {"axfr", "ixfr"};
    static const char *const results[] = {[FETCH_DONE] = "done", [FETCH_FAILED] = "failed"};
    const struct fetching *fetching = &daemon->fetching;
    if (fetching->count == 0)
        return;
    buffer_add_text(to, "# HELP onym_fetches_total Transfers from primaries.\n"
                        "# TYPE onym_fetches_total counter\n");
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < FETCH_RESULTS; j++)
            buffer_format(to, "onym_fetches_total{kind=\"%s\",result=\"%s\"} %" PRIu64 "\n",
                          kinds[i], results[j], fetching->results[i][j]);
    buffer_format(to,
                  "# HELP onym_primaries_asked_total Questions and transfers begun.\n"
                  "# TYPE onym_primaries_asked_total counter\n"
                  "onym_primaries_asked_total %" PRIu64 "\n",
                  fetching->asked);
}
