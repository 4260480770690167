// Updates as they come in (update.h).
#include "serve/update.h"

#include <stdlib.h>

#include "base/memory.h"
#include "serve/deferrals.h"

struct updating *updating_make(size_t count)
{
    struct updating *updating =
        memory_get_zeroed(1, sizeof *updating + count * sizeof updating->list[0]);
    atomic_init(&updating->holders, 1);
    updating->count = count;
    return updating;
}

struct updating *updating_hold(struct updating *updating)
{
    if (updating)
        atomic_fetch_add_explicit(&updating->holders, 1, memory_order_relaxed);
    return updating;
}

void updating_release(struct updating *updating)
{
    if (!updating || atomic_fetch_sub_explicit(&updating->holders, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < updating->count; i++) {
        struct updating_zone *zone = &updating->list[i];
        for (size_t j = 0; zone->policy && j < zone->policy->count; j++)
            access_free(&zone->who[j]);
        free(zone->who);
        access_free(&zone->primaries);
        update_policy_release(zone->policy);
    }
    free(updating);
}

void update_want_free(struct update_want *want)
{
    if (!want)
        return;
    zone_release(want->zone);
    update_policy_release(want->policy);
    free(want);
}

// The view's own zone of that name, or everybody's.
static struct updating_zone *find(struct updating *updating, struct name name, uint8_t view)
{
    struct updating_zone *found = NULL;
    size_t low = 0, high = updating ? updating->count : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (name_compare(updating->list[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; updating && low < updating->count && name_equal(updating->list[low].name, name); low++)
        if (updating->list[low].view == 0 || updating->list[low].view == view)
            found = &updating->list[low];
    return found;
}

static uint64_t admit(const struct updating_zone *zone, const struct packet *packet)
{
    uint64_t admitted = 0;
    for (size_t i = 0; zone->policy && i < zone->policy->count; i++)
        if (access_admits(&zone->who[i], packet->client, packet->key))
            admitted |= (uint64_t)1 << i;
    return admitted;
}

static bool pass_on(const struct server *server, struct serve_worker *worker,
                    const struct query *query, struct packet *packet,
                    const struct update_want *like)
{
    uint64_t token;
    struct deferral *deferral =
        worker->deferrals && packet->may_wait ? deferrals_add(worker->deferrals, &token) : NULL;
    if (!deferral)
        return false;
    deferral_wait(deferral, server, query, packet, worker->now.us);
    struct update_want *want = memory_get(sizeof *want);
    *want = *like;
    want->token = token;
    zone_hold(want->zone);
    update_policy_hold(want->policy);
    packet->update = want;
    packet->deferral = deferral;
    return true;
}

// The zone that the question names. NULL: the answer says why there is none.
static struct zone *find_zone(const struct server *server, const struct query *query,
                              struct answer *answer)
{
    struct zone *zone = query->class == CLASS_IN
                            ? zones_find(&server->zones, &query->key, query->key.labels)
                            : NULL;
    if (query->type != TYPE_SOA) { // RFC 2136 3.1.1, RFC 1996 3.7
        answer_fail(answer, RCODE_FORMERR, REASON_BAD_QUERY, EDE_NONE, NULL);
        return NULL;
    }
    if (!zone || zone->origin.labels != query->key.labels) {
        answer_fail(answer, RCODE_NOTAUTH, REASON_NOT_OURS, EDE_NOT_AUTHORITATIVE,
                    "not a zone served here");
        return NULL;
    }
    return zone;
}

bool notify_answer(const struct server *server, const struct query *query,
                   const struct packet *packet, struct answer *answer)
{
    struct zone *zone = find_zone(server, query, answer);
    if (!zone)
        return false;
    struct updating_zone *entry = find(server->updating, zone->origin, server->number);
    if (!entry || !access_admits(&entry->primaries, packet->client, packet->key)) {
        answer_fail(answer, RCODE_REFUSED, REASON_REFUSED, EDE_PROHIBITED,
                    "this is no primary of the zone");
        return false;
    }
    answer->authoritative = true; // RFC 1996 4.7
    answer->reason = REASON_ANSWER;
    if (atomic_exchange_explicit(&entry->notified, true, memory_order_relaxed))
        return false; // it is told of already
    atomic_store_explicit(&server->updating->notified, true, memory_order_release);
    return true;
}

void updating_notified(struct updating *updating,
                       void (*tell)(void *context, struct name name, unsigned view), void *context)
{
    if (!atomic_load_explicit(&updating->notified, memory_order_relaxed) ||
        !atomic_exchange_explicit(&updating->notified, false, memory_order_acquire))
        return;
    for (size_t i = 0; i < updating->count; i++)
        if (atomic_exchange_explicit(&updating->list[i].notified, false, memory_order_relaxed))
            tell(context, updating->list[i].name, updating->list[i].view);
}

bool update_answer(const struct server *server, struct serve_worker *worker,
                   const struct query *query, struct packet *packet, struct answer *answer)
{
    struct zone *zone = find_zone(server, query, answer);
    if (!zone)
        return true;
    const struct updating_zone *entry = find(server->updating, zone->origin, server->number);
    uint64_t admitted = entry ? admit(entry, packet) : 0;
    if (!admitted) {
        answer_fail(answer, RCODE_REFUSED, REASON_REFUSED, EDE_PROHIBITED,
                    "this client may not update the zone");
        return true;
    }
    struct update_want want = {.zone = zone,
                               .policy = entry->policy,
                               .serials = entry->serials,
                               .make = entry->make,
                               .admitted = admitted,
                               .size = packet->size,
                               .view = entry->view,
                               .forwards = entry->forwards,
                               .view_name = entry->view ? server->name : ""};
    if (pass_on(server, worker, query, packet, &want))
        return false;
    answer_fail(answer, RCODE_SERVFAIL, REASON_FAILED, EDE_OTHER,
                "too many clients wait at this moment");
    return true;
}
