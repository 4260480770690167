// What ALIAS records lead to (commands_aliases.h).
#include "daemon/commands_aliases.h"

#include "base/clock.h"
#include "daemon/reply.h"
#include "dns/rdata.h"

static const char *state_of(const struct flat *flat, uint32_t now_s)
{
    if (!flat)
        return "unknown";
    if (now_s < flat->expires_s)
        return "known";
    return now_s < flat->stale_s ? "stale" : "expired";
}

static void put_addresses(struct json *json, const struct flat *flat)
{
    const uint8_t *entry = flat->rrset.body;
    json_open_array(json, "addresses");
    for (unsigned i = 0; i < flat->rrset.count; i++, entry = rrset_next(entry)) {
        struct buffer text = {0};
        rdata_print(flat->rrset.type, rrset_rdata(entry), rrset_rdata_size(entry), &text);
        json_text(json, NULL, buffer_text(&text));
        buffer_free(&text);
    }
    json_close_array(json);
}

static void put_target(struct json *json, const struct flattening_target *target,
                       enum flat_type type, uint64_t now_ms)
{
    const struct flattened *flattened = &target->types[type];
    const struct flat *flat = flat_target_get(target->flat, type);
    uint32_t now_s = (uint32_t)(now_ms / 1000);
    char name[NAME_TEXT_MAX];
    name_print(target->flat->name, name);
    json_open_object(json, NULL);
    json_text(json, "name", name);
    json_text(json, "type", type == FLAT_A ? "A" : "AAAA");
    json_text(json, "state", state_of(flat, now_s));
    if (flat) {
        put_addresses(json, flat);
        json_number(json, "ttl", now_s < flat->expires_s ? flat->expires_s - now_s : 0);
    }
    if (flattened->words)
        json_text(json, "words", flattened->words);
    json_number(json, "failures", flattened->failures);
    bool waits = !flattened->errand && flattened->due_ms > now_ms;
    json_number(json, "next_s", waits ? (int64_t)((flattened->due_ms - now_ms + 999) / 1000) : 0);
    json_close_object(json);
}

void command_run_aliases(struct daemon *daemon, struct control_client *client, json_t *request)
{
    const struct flattening *flattening = &daemon->flattening;
    uint64_t now_ms = clock_now_ms();
    struct reply reply;
    (void)request;
    reply_begin(&reply, 0);
    json_open_array(&reply.json, "targets");
    for (size_t i = 0; i < flattening->count; i++)
        for (unsigned type = 0; type < FLAT_TYPES; type++)
            put_target(&reply.json, &flattening->targets[i], (enum flat_type)type, now_ms);
    json_close_array(&reply.json);
    reply_send(daemon, client, &reply, false);
}
