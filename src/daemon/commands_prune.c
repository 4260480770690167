// How much history there is (commands_prune.h).
#include "daemon/commands_prune.h"

#include <time.h>

#include "base/memory.h"
#include "daemon/changing.h"
#include "daemon/daemon.h"
#include "daemon/reply.h"

struct waiting {
    struct daemon *daemon;
    struct control_ticket client;
};

static void end_prune(void *context, const struct amendment *amendment)
{
    const struct waiting *waiting = context;
    const struct history_stock *stock = &amendment->stock;
    struct control_client *client = control_find(&waiting->daemon->control, waiting->client);
    struct reply reply;
    char text[40];
    struct tm parts;
    time_t date = (time_t)(stock->oldest_us / 1000000);
    if (!client)
        return;
    if (amendment->verdict != CHANGING_DONE) {
        reply_refuse(waiting->daemon, client, 1, amendment->problem, NULL);
        return;
    }
    reply_begin(&reply, 0);
    if (amendment->prunes)
        json_number(&reply.json, "forgotten", (int64_t)amendment->forgotten);
    json_number(&reply.json, "zones", (int64_t)stock->zones);
    json_number(&reply.json, "changes", (int64_t)stock->changes);
    json_number(&reply.json, "octets", (int64_t)stock->octets);
    if (stock->oldest_us) {
        gmtime_r(&date, &parts);
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
        json_text(&reply.json, "since", text);
    }
    reply_send(waiting->daemon, client, &reply, false);
}

void command_run_prune(struct daemon *daemon, struct control_client *client, json_t *request)
{
    const json_t *keep = json_object_get(request, "keep_s");
    if (!changing_history(daemon->changing)) {
        reply_refuse(daemon, client, 1, "there is no state folder, and so no history", NULL);
        return;
    }
    struct zone *nobody = zone_empty(NAME_ROOT, "", ZONE_EXPIRED, NULL);
    struct amendment *amendment = amendment_make(AMENDMENT_PRUNE, nobody, "", "");
    struct waiting *waiting = memory_get(sizeof *waiting);
    zone_release(nobody);
    *waiting = (struct waiting){daemon, control_ticket(&daemon->control, client)};
    amendment->prunes = json_is_integer(keep);
    amendment->keep_s = (uint64_t)json_integer_value(keep);
    amendment->done = end_prune;
    amendment->context = waiting;
    (void)!changing_submit(daemon->changing, amendment); // it has no message: there is room
}
