// Zones as texts, by command (commands_export.h).
#include "daemon/commands_export.h"

#include <inttypes.h>
#include <stdio.h>

#include "daemon/changing.h"
#include "daemon/commands.h"
#include "daemon/commands_change.h"
#include "daemon/daemon.h"
#include "daemon/reply.h"
#include "zone/draft.h"
#include "zone/dump.h"
#include "zone/revive.h"

// Back from a version, change by change, to the one with a serial.
struct walk_back {
    struct draft *draft;
    uint32_t serial; // wanted
    uint32_t at;     // where it is
    bool there;
};

static bool step_back(void *context, const struct history_change *change)
{
    struct walk_back *walk = context;
    struct diff diff;
    bool good = change->serial_to == walk->at &&
                diff_unpack(change->octets, change->size, walk->draft->origin, &diff);
    if (!good)
        return false; // it does not lead to what there is: older ones do not either
    for (size_t i = 0; i < diff.added.count && good; i++)
        good = draft_remove(walk->draft, &diff.added.list[i]);
    for (size_t i = 0; i < diff.removed.count && good; i++)
        good = draft_add(walk->draft, &diff.removed.list[i]);
    diff_free(&diff);
    if (good)
        walk->at = change->serial_from;
    walk->there = good && walk->at == walk->serial;
    return good && !walk->there;
}

// The records of the version with this serial. False: history does not lead there; *oldest is how
// far it does.
static bool go_back(struct daemon *daemon, const struct commands_zone *asked, uint32_t serial,
                    struct records *records, uint32_t *oldest)
{
    const struct zone *zone = asked->house->zones[asked->index].zone;
    struct history *history = changing_history(daemon->changing);
    struct draft draft;
    draft_begin(&draft, zone->origin, &zone->image, &daemon->state.hash);
    struct walk_back walk = {.draft = &draft,
                             .serial = serial,
                             .at = zone->image.serial,
                             .there = serial == zone->image.serial};
    if (history && !walk.there)
        (void)!history_last(history, (struct history_zone){asked->view, asked->name}, SIZE_MAX,
                            step_back, &walk);
    records_begin(records, zone->origin);
    if (walk.there) {
        draft_write(&draft, records);
        records_sort(records);
    }
    draft_free(&draft);
    *oldest = walk.at;
    return walk.there;
}

static void send_text(struct daemon *daemon, struct control_client *client, uint32_t serial,
                      const struct records *records)
{
    struct reply reply;
    struct buffer text = {0};
    for (size_t i = 0; i < records->count; i++)
        dump_record(&records->list[i], &text);
    reply_begin(&reply, 0);
    json_number(&reply.json, "serial", serial);
    json_octets(&reply.json, "text", buffer_text(&text), text.size);
    reply_send(daemon, client, &reply, false);
    buffer_free(&text);
}

void command_run_export(struct daemon *daemon, struct control_client *client, json_t *request)
{
    struct commands_zone asked;
    struct records records;
    const json_t *wanted = json_object_get(request, "serial");
    if (!commands_change_find(daemon, client, request, &asked))
        return;
    const struct zone *zone = asked.house->zones[asked.index].zone;
    if (zone->state != ZONE_SERVED) {
        reply_refuse(daemon, client, 1, "the zone is not served", NULL);
        return;
    }
    if (image_records(&zone->image) > EXPORT_RECORDS_MAX) {
        reply_refuse(daemon, client, 1, "the zone is too large for this",
                     "take it by a transfer: dig @ADDRESS ZONE AXFR");
        return;
    }
    uint32_t serial =
        json_is_integer(wanted) ? (uint32_t)json_integer_value(wanted) : zone->image.serial;
    uint32_t oldest;
    if (go_back(daemon, &asked, serial, &records, &oldest)) {
        send_text(daemon, client, serial, &records);
    } else {
        char problem[100];
        snprintf(problem, sizeof problem,
                 "history leads from the zone's serial %" PRIu32 " back to %" PRIu32 " only",
                 zone->image.serial, oldest);
        reply_refuse(daemon, client, 5, problem, "'onym zone log ZONE' lists its changes");
    }
    records_free(&records);
}
