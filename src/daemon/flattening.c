// Flattening aliases (flattening.h).
#include "daemon/flattening.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "daemon/daemon.h"
#include "daemon/errand.h"
#include "dns/parcel.h"
#include "serve/view.h"
#include "zone/walk.h"

static const uint16_t types[FLAT_TYPES] = {[FLAT_A] = TYPE_A, [FLAT_AAAA] = TYPE_AAAA};

// --- which targets there are ---------------------------------------------------------------------

struct list {
    struct flat_target **targets;
    size_t count, room;
};

static void add(struct list *list, struct name name, const struct hash_key *secret)
{
    list->targets =
        memory_grow(list->targets, &list->room, list->count + 1, sizeof(struct flat_target *));
    list->targets[list->count++] = flat_target_make(name, secret);
}

static void add_zone(struct list *list, const struct zone *zone, const struct hash_key *secret)
{
    if (zone->state != ZONE_SERVED || image_aliases(&zone->image) == 0)
        return;
    struct image_walk walk;
    image_walk_begin(&walk, &zone->image);
    while (image_walk_next(&walk))
        if (walk.rrset->type == TYPE_ALIAS && walk.rrset->count)
            add(list, name_trust(rrset_rdata(walk.rrset->body)), secret);
}

static void add_routes(struct list *list, const struct routing_options *routing,
                       const struct hash_key *secret)
{
    for (size_t i = 0; i < routing->count; i++)
        for (size_t j = 0;
             routing->routes[i].type == TYPE_ALIAS && j < routing->routes[i].rule_count; j++) {
            const struct route_rule *rule = &routing->routes[i].rules[j];
            for (unsigned k = 0; k < rule->item_count; k++)
                add(list, name_trust(rule->items[k].rdata), secret);
        }
}

static int compare(const void *left, const void *right)
{
    return name_compare((*(struct flat_target *const *)left)->name,
                        (*(struct flat_target *const *)right)->name);
}

// In the order of their names, each once.
static struct list gather(const struct house *house, const struct hash_key *secret)
{
    struct list list = {0};
    size_t kept = 0;
    for (size_t i = 0; i < house->options->zone_count; i++)
        add_zone(&list, house->zones[i].zone, secret);
    add_routes(&list, &house->options->routing, secret);
    if (list.count)
        qsort(list.targets, list.count, sizeof(struct flat_target *), compare);
    for (size_t i = 0; i < list.count; i++)
        if (kept && name_equal(list.targets[kept - 1]->name, list.targets[i]->name))
            flat_target_release(list.targets[i]);
        else
            list.targets[kept++] = list.targets[i];
    list.count = kept;
    if (list.count > ALIAS_TARGETS_MAX) {
        log_warning("%zu targets of ALIAS records: only %d of them are looked after", list.count,
                    ALIAS_TARGETS_MAX);
        for (size_t i = ALIAS_TARGETS_MAX; i < list.count; i++)
            flat_target_release(list.targets[i]);
        list.count = ALIAS_TARGETS_MAX;
    }
    return list;
}

// --- the targets of a new house ------------------------------------------------------------------

static void abandon(struct flattening *flattening, struct flattening_target *target)
{
    for (unsigned i = 0; i < FLAT_TYPES; i++) {
        struct errand *errand = target->types[i].errand;
        if (!errand)
            continue;
        errand->next_orphan = flattening->orphans;
        flattening->orphans = errand;
        flattening->running--;
    }
    flat_target_release(target->flat);
}

// Both lists are in the order of names: what is in both goes on as it is.
static void merge(struct flattening *flattening, struct list *list, uint64_t now_ms)
{
    struct flattening_target *targets = memory_get_zeroed(list->count, sizeof *targets);
    size_t old = 0;
    for (size_t i = 0; i < list->count; i++) {
        int order = -1;
        for (; old < flattening->count; old++) {
            order = name_compare(flattening->targets[old].flat->name, list->targets[i]->name);
            if (order >= 0)
                break;
            abandon(flattening, &flattening->targets[old]);
        }
        if (old < flattening->count && order == 0) {
            targets[i] = flattening->targets[old++];
            flat_target_release(list->targets[i]);
            list->targets[i] = flat_target_hold(targets[i].flat);
        } else {
            targets[i].flat = flat_target_hold(list->targets[i]);
            for (unsigned type = 0; type < FLAT_TYPES; type++)
                targets[i].types[type].due_ms = now_ms;
        }
    }
    for (; old < flattening->count; old++)
        abandon(flattening, &flattening->targets[old]);
    free(flattening->targets);
    flattening->targets = targets;
    flattening->count = list->count;
}

static bool is_ours(const struct house *house, struct name name)
{
    struct name_key key;
    name_key_make(name, &house->server.secret, &key);
    return zones_find(&house->server.zones, &key, key.labels) != NULL;
}

void flattening_replace(struct daemon *daemon, struct house *house)
{
    struct flattening *flattening = &daemon->flattening;
    uint64_t now_ms = clock_now_ms();
    struct list list = gather(house, &daemon->state.hash);
    if (list.count == 0 && flattening->count == 0) {
        free(list.targets);
        return;
    }
    merge(flattening, &list, now_ms);
    // Zones of ours may say something else now.
    for (size_t i = 0; i < flattening->count; i++)
        for (unsigned type = 0; type < FLAT_TYPES; type++)
            if (is_ours(house, flattening->targets[i].flat->name))
                flattening->targets[i].types[type].due_ms = now_ms;
    house->flats = flats_make(list.targets, list.count, &daemon->state.hash);
    house->server.auth.flats = house->flats;
    for (size_t i = 0; i < house->server.view_count; i++)
        house->server.views[i].server.auth.flats = house->flats;
}

// --- results -------------------------------------------------------------------------------------

static void fail(struct flattened *flattened, const char *words, uint64_t now_ms)
{
    uint64_t wait_ms = ALIAS_AGAIN_MS << (flattened->failures < 4 ? flattened->failures : 4);
    flattened->failures++;
    flattened->words = words;
    flattened->due_ms = now_ms + (wait_ms < ALIAS_AGAIN_MAX_MS ? wait_ms : ALIAS_AGAIN_MAX_MS);
}

static const struct answer_rrset *find_rrset(const struct answer *answer, enum section section,
                                             uint16_t type)
{
    for (unsigned i = 0; i < answer->count; i++)
        if (answer->rrsets[i].section == section && answer->rrsets[i].rrset->type == type)
            return &answer->rrsets[i];
    return NULL;
}

// The shortest time to live of what led here.
static uint32_t shortest(const struct answer *answer, uint32_t ttl)
{
    for (unsigned i = 0; i < answer->count; i++)
        if (answer->rrsets[i].section == SECTION_ANSWER && answer->rrsets[i].ttl < ttl)
            ttl = answer->rrsets[i].ttl;
    return ttl;
}

static struct flat *make_flat(const struct answer_rrset *found, enum flat_state state)
{
    size_t size = found ? rrset_size(found->rrset) : sizeof(struct rrset);
    struct flat *flat = memory_get_zeroed(1, sizeof *flat + size);
    flat->state = state;
    if (found) {
        memcpy(&flat->rrset, found->rrset, size);
        flat->rrset.signatures = 0; // they are of the target's name
    }
    return flat;
}

static void keep(struct daemon *daemon, struct flattening_target *target, enum flat_type type,
                 const struct answer *answer)
{
    struct flattened *flattened = &target->types[type];
    const struct answer_rrset *found = find_rrset(answer, SECTION_ANSWER, types[type]);
    const struct answer_rrset *soa = find_rrset(answer, SECTION_AUTHORITY, TYPE_SOA);
    uint64_t now_ms = clock_now_ms();
    uint32_t ttl = shortest(answer, flattened->chain_ttl);
    enum flat_state state = found                             ? FLAT_RECORDS
                            : answer->rcode == RCODE_NXDOMAIN ? FLAT_NXDOMAIN
                                                              : FLAT_NODATA;
    if (!found && soa && soa->ttl < ttl)
        ttl = soa->ttl;
    if (!found && !soa && ttl > ALIAS_TTL_MIN_S)
        ttl = ALIAS_TTL_MIN_S; // RFC 2308 5: without an SOA it is not kept
    if (ttl > daemon_house(daemon)->options->cache.max_ttl_s)
        ttl = daemon_house(daemon)->options->cache.max_ttl_s;
    if (ttl < ALIAS_TTL_MIN_S)
        ttl = ALIAS_TTL_MIN_S;
    struct flat *flat = make_flat(found, state);
    flat->expires_s = (uint32_t)(now_ms / 1000) + ttl;
    flat->stale_s = flat->expires_s + daemon_house(daemon)->options->cache.stale_s;
    flat_target_set(target->flat, type, flat);
    flattened->failures = 0;
    flattened->asked_ms = now_ms;
    flattened->words = found ? "found" : state == FLAT_NODATA ? "no such records" : "no such name";
    flattened->due_ms = now_ms + (uint64_t)ttl * 750; // three quarters of it
}

static bool is_good(const struct answer *answer)
{
    return answer->rcode == RCODE_NOERROR || answer->rcode == RCODE_NXDOMAIN;
}

static void take(struct daemon *daemon, struct flattening_target *target, enum flat_type type)
{
    struct flattening *flattening = &daemon->flattening;
    struct flattened *flattened = &target->types[type];
    struct errand *errand = flattened->errand;
    flattened->errand = NULL;
    flattening->running--;
    if (errand->found)
        parcel_open(errand->found, &flattening->answer);
    if (!errand->found || !is_good(&flattening->answer) ||
        flattening->answer.reason == REASON_STALE)
        fail(flattened, "its servers do not answer", clock_now_ms());
    else
        keep(daemon, target, type, &flattening->answer);
    errand_free(errand);
}

// --- asking --------------------------------------------------------------------------------------

// The last name of the chain that our own zones know, and what they say of it. False: it is not for
// them to say, or they do not say all.
static bool ask_ours(struct daemon *daemon, struct name *name, uint16_t type)
{
    const struct server *server = &daemon_house(daemon)->server;
    static _Thread_local struct auth_worker worker; // nothing is hashed: proofs are not asked for
    struct answer *answer = &daemon->flattening.answer;
    struct query query = {.type = type, .class = CLASS_IN, .name = *name};
    struct auth_options options = {.minimal = true, .flats = server->auth.flats};
    struct auth_asked asked;
    name_key_make(*name, &server->secret, &query.key);
    auth_ask(&asked, &query);
    answer_begin(answer);
    worker.now_s = (uint32_t)(clock_now_ms() / 1000);
    if (auth_answer(&server->zones, &options, &worker, &asked, answer) != AUTH_ANSWERED)
        return false;
    if (answer->reason != REASON_ALIAS_OUT && answer->reason != REASON_REFERRAL)
        return true;
    for (unsigned i = 0; i < answer->count; i++)
        if (answer->rrsets[i].section == SECTION_ANSWER &&
            answer->rrsets[i].rrset->type == TYPE_CNAME)
            *name = name_trust(rrset_rdata(answer->rrsets[i].rrset->body));
    return false;
}

static void begin(struct daemon *daemon, struct flattening_target *target, enum flat_type type,
                  uint64_t now_ms)
{
    struct flattening *flattening = &daemon->flattening;
    struct flattened *flattened = &target->types[type];
    struct name name = target->flat->name;
    flattened->chain_ttl = UINT32_MAX;
    if (ask_ours(daemon, &name, types[type])) {
        if (is_good(&flattening->answer))
            keep(daemon, target, type, &flattening->answer);
        else
            fail(flattened, "its zone is not served", now_ms);
        return;
    }
    flattened->chain_ttl = shortest(&flattening->answer, UINT32_MAX);
    if (!daemon->cache || !daemon_house(daemon)->server.rules ||
        !rules_resolve_at_all(daemon_house(daemon)->server.rules)) {
        fail(flattened, "names of others are not resolved here (resolve.default)", now_ms);
        return;
    }
    flattened->errand = errand_make(ERRAND_FIND, name, types[type], &daemon->loop);
    flattening->running++;
    worker_send(daemon->workers[flattening->turn++ % daemon->worker_count], flattened->errand);
}

static void free_orphans(struct flattening *flattening, bool all)
{
    struct errand **link = &flattening->orphans;
    while (*link) {
        struct errand *errand = *link;
        if (all || atomic_load_explicit(&errand->done, memory_order_acquire)) {
            *link = errand->next_orphan;
            errand_free(errand);
        } else {
            link = &errand->next_orphan;
        }
    }
}

void flattening_step(struct daemon *daemon, uint64_t now_ms)
{
    struct flattening *flattening = &daemon->flattening;
    if (!daemon_house(daemon) || !daemon->worker_count)
        return;
    free_orphans(flattening, false);
    for (size_t i = 0; i < flattening->count; i++) {
        struct flattening_target *target = &flattening->targets[i];
        for (unsigned type = 0; type < FLAT_TYPES; type++) {
            struct flattened *flattened = &target->types[type];
            if (flattened->errand &&
                atomic_load_explicit(&flattened->errand->done, memory_order_acquire))
                take(daemon, target, (enum flat_type)type);
            if (!flattened->errand && now_ms >= flattened->due_ms &&
                flattening->running < ALIAS_RUNNING_MAX)
                begin(daemon, target, (enum flat_type)type, now_ms);
        }
    }
}

int flattening_rest(const struct flattening *flattening, uint64_t now_ms)
{
    uint64_t due_ms = UINT64_MAX;
    for (size_t i = 0; i < flattening->count; i++)
        for (unsigned type = 0; type < FLAT_TYPES; type++) {
            const struct flattened *flattened = &flattening->targets[i].types[type];
            if (!flattened->errand && flattened->due_ms < due_ms)
                due_ms = flattened->due_ms;
        }
    if (due_ms == UINT64_MAX || flattening->running >= ALIAS_RUNNING_MAX)
        return -1; // those that are under way ring
    uint64_t rest_ms = due_ms > now_ms ? due_ms - now_ms : 0;
    return rest_ms < 60000 ? (int)rest_ms : 60000;
}

void flattening_free(struct flattening *flattening)
{
    for (size_t i = 0; i < flattening->count; i++)
        abandon(flattening, &flattening->targets[i]);
    free_orphans(flattening, true);
    free(flattening->targets);
    flattening->targets = NULL;
    flattening->count = 0;
}
