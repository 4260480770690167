// A batch of packets, answered (serve.h). Each stage runs over the whole batch before the next one
// begins:
//
//   decode   every query is read and its name hashed
//   ahead    the memory that its answer will be read from is asked for: the bucket of its name,
//            then the node
//   choose   what is to be said: errors of the first stage, identity, our zones, the cache; what
//            nobody here knows goes to the resolver, and its client waits
//   encode   the reply is written over the query
//
// A large batch goes through in groups whose slots stay in the nearest cache.
//
// The order of the checks is part of the design: other servers' holes were checks in the wrong
// order.
#include "serve/serve.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "dns/message.h"
#include "dns/tsig.h"
#include "serve/chaos.h"
#include "serve/follow.h"
#include "serve/placing.h"
#include "serve/recurse.h"
#include "serve/reply.h"
#include "serve/transfer.h"
#include "serve/update.h"
#include "serve/view.h"

#define GROUP_MAX 16 // 16 misses in flight are about what a core can have; 16 slots are 30 kB used

struct slot {
    const struct server *server; // what its client sees
    enum query_result result;
    struct auth_asked asked;
    struct query query;
    struct answer answer;
    struct placing placing;
    bool recursion; // this client may have it
    bool late;      // its client has waited, since:
    uint64_t began_us;
    struct tsig tsig; // of a query that has one
};

struct serve_slots {
    struct slot slots[GROUP_MAX];
};

void serve_worker_open(struct serve_worker *worker, bool waiting)
{
    memset(worker, 0, sizeof *worker);
    uint64_t seed;
    random_fill(&seed, sizeof seed);
    worker->dice = dice_seed(seed);
    auth_worker_open(&worker->auth);
    worker->slots = memory_get_zeroed(1, sizeof *worker->slots);
    worker->links = follow_open();
    worker->deferrals = waiting ? deferrals_open() : NULL;
}

void serve_worker_close(struct serve_worker *worker)
{
    auth_worker_close(&worker->auth);
    free(worker->slots);
    worker->slots = NULL;
    follow_close(worker->links);
    worker->links = NULL;
    deferrals_close(worker->deferrals);
    worker->deferrals = NULL;
}

// --- choose --------------------------------------------------------------------------------------

// Types that no zone can be asked for (RFC 6895 3.1). Returns true if the answer is filled.
static bool refuse_type(const struct query *query, struct answer *answer)
{
    if (query->type != 0 && query->type != TYPE_OPT && (query->type < 128 || query->type > 254))
        return false;
    enum rcode rcode = RCODE_FORMERR;
    enum ede ede = EDE_INVALID_QUERY_TYPE;
    const char *text = "this type cannot be asked for";
    if (query->type == TYPE_MAILA || query->type == TYPE_MAILB) {
        rcode = RCODE_NOTIMP; // RFC 1035 3.2.3 made them, RFC 6895 kept them, nobody has them
        ede = EDE_NOT_SUPPORTED;
        text = "MAILA and MAILB are obsolete";
    }
    answer_fail(answer, rcode, REASON_BAD_QUERY, ede, text);
    return true;
}

// Returns false: the answer is not known yet.
static bool find_answer(const struct server *server, struct serve_worker *worker, struct slot *slot,
                        struct packet *packet)
{
    const struct query *query = &slot->query;
    struct answer *answer = &slot->answer;
    if (message_opcode(query->flags) == OPCODE_UPDATE)
        return update_answer(server, worker, query, packet, answer);
    if (message_opcode(query->flags) == OPCODE_NOTIFY) {
        packet->notified = notify_answer(server, query, packet, answer);
        return true;
    }
    if (query->type == TYPE_AXFR || query->type == TYPE_IXFR) {
        transfer_answer(server, worker, query, packet, answer);
        return !packet->outgoing;
    }
    if (refuse_type(query, answer))
        return true;
    if (query->class == CLASS_CH) {
        chaos_answer(&server->identity, query, answer);
        return true;
    }
    if (server->auth.routes) {
        placing_begin(&slot->placing, server, worker, query, packet);
        slot->asked.client = &slot->placing.client;
    }
    bool ours = (query->class == CLASS_IN || query->class == CLASS_ANY) &&
                auth_answer(&server->zones, &server->auth, &worker->auth, &slot->asked, answer) ==
                    AUTH_ANSWERED;
    struct follow follow = {.server = server,
                            .worker = worker,
                            .query = query,
                            .packet = packet,
                            .recursion = slot->recursion,
                            .answer = answer};
    if (ours)
        return follow_answer(&follow);
    if (slot->recursion && query->class == CLASS_IN)
        return follow_from_world(&follow);
    if (query->class == CLASS_IN && recurse_local(server, packet, query, answer))
        return true;
    if (!server->rules || !rules_resolve_at_all(server->rules))
        answer_fail(answer, RCODE_REFUSED, REASON_NOT_OURS, EDE_NOT_AUTHORITATIVE,
                    "not a zone served here");
    else
        answer_fail(answer, RCODE_REFUSED, REASON_REFUSED, EDE_PROHIBITED,
                    "recursion is not for this client");
    return true;
}

enum chosen { CHOSEN_REPLY, CHOSEN_SILENCE, CHOSEN_LATER };

static enum chosen choose(struct serve_worker *worker, struct slot *slot, struct packet *packet)
{
    const struct server *server = slot->server;
    struct answer *answer = &slot->answer;
    answer_begin(answer);
    slot->recursion =
        message_opcode(slot->query.flags) == OPCODE_QUERY && recurse_allows(server, worker, packet);
    switch (slot->result) {
    case QUERY_OK:
        if (packet->tsig && !packet->key) // RFC 8945 5.2: the TSIG of the reply says why
            answer_fail(answer, RCODE_NOTAUTH, REASON_BAD_QUERY, EDE_NONE, NULL);
        else if (!find_answer(server, worker, slot, packet))
            return CHOSEN_LATER;
        return CHOSEN_REPLY;
    case QUERY_COOKIE: return CHOSEN_REPLY; // RFC 7873 5.4: NOERROR, and the cookie
    case QUERY_DROP: return CHOSEN_SILENCE;
    case QUERY_FORMERR:
        answer_fail(answer, RCODE_FORMERR, REASON_BAD_QUERY, EDE_NONE, NULL);
        return CHOSEN_REPLY;
    case QUERY_NOTIMP:
        answer_fail(answer, RCODE_NOTIMP, REASON_BAD_QUERY, EDE_NONE, NULL);
        return CHOSEN_REPLY;
    case QUERY_BADVERS:
        answer_fail(answer, RCODE_BADVERS, REASON_BAD_QUERY, EDE_NONE, NULL);
        return CHOSEN_REPLY;
    }
    return CHOSEN_SILENCE;
}

// --- encode --------------------------------------------------------------------------------------

static void encode(struct serve_worker *worker, const struct slot *slot,
                   const struct answer *answer, struct packet *packet)
{
    const struct server *server = slot->server;
    const struct edns *edns = &slot->query.edns;
    struct reply reply;
    reply.query = &slot->query;
    reply.answer = answer;
    reply.recursion = slot->recursion;
    reply.identity = &server->identity;
    reply.secret = &server->secret;
    reply.nsid = edns->present && edns->nsid && server->identity.nsid_size;
    reply.keepalive = edns->present && edns->keepalive && packet->transport == TRANSPORT_TCP;
    reply.keepalive_ds = packet->keepalive_ds;
    // Every cookie is answered with a fresh one; RFC 9018 4.3 would let us keep a young one, and
    // this costs the same hash.
    reply.cookie = edns->present && edns->cookie_size;
    if (reply.cookie)
        cookie_make(&server->cookies, edns->cookie, packet->client, worker->now.date_s,
                    reply.cookie_octets);
    reply.subnet = answer->by_place && placing_believes(server, &slot->query, packet);
    reply.start = server->rotate && !answer->in_order ? dice_roll(&worker->dice) : 0;
    reply.tsig = packet->tsig;
    reply.date_s = worker->now.date_s;
    if (reply_encode(&reply, packet))
        worker->stats.truncated++;
}

static void log_query(const struct slot *slot, const struct answer *answer,
                      const struct packet *packet)
{
    char client[ADDRESS_TEXT_MAX], name[NAME_TEXT_MAX], type[TYPE_TEXT_MAX];
    const char *rcode = rcode_word(answer->rcode);
    address_print(packet->client, client);
    if (slot->result == QUERY_OK)
        name_print(slot->query.name, name);
    else
        strcpy(name, "-");
    type_print(slot->query.type, type);
    log_info("query client=%s proto=%s name=%s type=%s rcode=%s reason=%s octets=%u", client,
             packet->transport == TRANSPORT_UDP ? "udp" : "tcp", name, type, rcode ? rcode : "?",
             answer_reason_word(answer->reason), packet->size);
}

// --- counting ------------------------------------------------------------------------------------

static void count_request(struct stats *stats, const struct slot *slot, const struct packet *packet)
{
    bool v4 = packet->client->any.sa_family == AF_INET;
    stats->requests[packet->transport == TRANSPORT_TCP ? STATS_TCP : STATS_UDP]
                   [v4 ? STATS_IPV4 : STATS_IPV6]++;
    stats->request_octets += packet->size;
    if (slot->result == QUERY_OK)
        stats->requests_by_type[stats_type_index(slot->query.type)]++;
    else if (slot->result == QUERY_DROP && packet->size < HEADER_SIZE)
        stats->dropped_short++;
    else if (slot->result == QUERY_DROP)
        stats->dropped_response++;
}

static enum stats_source source_of(const struct answer *answer, bool late)
{
    switch ((enum answer_reason)answer->reason) {
    case REASON_NONE:
    case REASON_ANSWER:
    case REASON_WILDCARD:
    case REASON_PLACED:
    case REASON_FLATTENED:
    case REASON_NODATA:
    case REASON_NXDOMAIN:
    case REASON_REFERRAL:
    case REASON_ALIAS_OUT:
    case REASON_CHAIN_LIMIT:
    case REASON_YXDOMAIN:
    case REASON_LOCAL:
    case REASON_IDENTITY: return STATS_AUTH;
    case REASON_ALIAS_IN:
    case REASON_RESOLVED: return late ? STATS_RECURSION : STATS_CACHE;
    case REASON_STALE: return STATS_STALE;
    case REASON_FAILED: return STATS_RECURSION;
    case REASON_REFUSED:
    case REASON_NOT_OURS: return STATS_POLICY;
    case REASON_NOT_LOADED:
    case REASON_BAD_QUERY: return STATS_ERROR;
    }
    return STATS_ERROR;
}

static void count_response(struct serve_worker *worker, const struct slot *slot,
                           const struct answer *answer, uint32_t octets)
{
    struct stats *stats = &worker->stats;
    enum stats_source source = source_of(answer, slot->late);
    stats->responses[source][answer->rcode]++;
    stats->reasons[answer->reason]++;
    stats->response_octets += octets;
    if (slot->late)
        histogram_add(&stats->durations[source], worker->now.us - slot->began_us, 1);
    else
        worker->answered[source]++;
}

void serve_sent(struct serve_worker *worker, uint64_t now_us)
{
    uint64_t took_us = now_us > worker->now.us ? now_us - worker->now.us : 0;
    for (unsigned source = 0; source < STATS_SOURCES; source++) {
        if (worker->answered[source] == 0)
            continue;
        histogram_add(&worker->stats.durations[source], took_us, worker->answered[source]);
        worker->answered[source] = 0;
    }
}

// --- the stages ----------------------------------------------------------------------------------

static void check_signature(const struct server *server, struct slot *slot, struct packet *packet,
                            uint64_t date_s)
{
    switch (tsig_receive(&slot->tsig, server->keys, packet->octets, packet->size,
                         slot->query.tsig_at, date_s)) {
    case TSIG_GOOD:
        packet->key = (uint32_t)(slot->tsig.key - server->keys->list) + 1;
        packet->tsig = &slot->tsig;
        break;
    case TSIG_REFUSED: packet->tsig = &slot->tsig; break;
    case TSIG_MALFORMED: slot->result = QUERY_FORMERR; break;
    }
}

static void decode(const struct server *server, struct slot *slot, struct packet *packet,
                   uint64_t date_s)
{
    packet->tsig = NULL;
    packet->key = 0;
    slot->late = false;
    slot->query.over_stream = packet->transport == TRANSPORT_TCP;
    slot->result = query_decode(packet->octets, packet->size, &server->secret, &slot->query);
    if (slot->result == QUERY_OK && slot->query.has_tsig)
        check_signature(server, slot, packet, date_s);
    slot->server = server->view_count ? view_choose(server, packet) : server;
}

// Is the answer to be looked for in the cache?
static bool is_others(const struct serve_worker *worker, const struct slot *slot)
{
    return worker->cache && slot->result == QUERY_OK && !slot->asked.zone;
}

static struct cache_key key_of(const struct query *query)
{
    return (struct cache_key){.name = &query->key, .depth = query->key.labels, .type = query->type};
}

static void look_ahead(struct serve_worker *worker, struct slot *slots, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (slots[i].result == QUERY_OK)
            zones_prefetch(&slots[i].server->zones, &slots[i].query.key);
    for (unsigned i = 0; i < count; i++)
        if (slots[i].result == QUERY_OK)
            auth_look_ahead(&slots[i].server->zones, &slots[i].asked);
    for (unsigned i = 0; i < count; i++)
        if (slots[i].asked.is_far) {
            auth_look_closer(&slots[i].asked);
        } else if (is_others(worker, &slots[i])) {
            struct cache_key key = key_of(&slots[i].query);
            cache_prefetch(worker->cache, &key);
        }
    for (unsigned i = 0; i < count; i++)
        if (slots[i].asked.is_far) {
            auth_look_up(&slots[i].server->zones, &worker->auth, &slots[i].asked);
        } else if (is_others(worker, &slots[i])) {
            struct cache_key key = key_of(&slots[i].query);
            cache_prefetch_entry(worker->cache, &key);
        }
    for (unsigned i = 0; i < count; i++)
        if (slots[i].asked.proof.encloser)
            denial_end_hash(&slots[i].asked.proof, &worker->auth.hasher,
                            &slots[i].asked.zone->image);
    for (unsigned i = 0; i < count; i++)
        if (slots[i].asked.proof.encloser)
            denial_look_closer(&slots[i].asked.proof, &slots[i].asked.zone->image);
}

// The reply to what is in the slot, and all that is counted of it.
static void say(struct serve_worker *worker, const struct slot *slot, const struct answer *answer,
                struct packet *packet)
{
    encode(worker, slot, answer, packet);
    count_response(worker, slot, answer, packet->size);
    if (slot->server->log_queries)
        log_query(slot, answer, packet);
}

static void serve_group(const struct server *server, struct serve_worker *worker,
                        struct packet *packets, unsigned count)
{
    struct slot *slots = worker->slots->slots;
    for (unsigned i = 0; i < count; i++) {
        decode(server, &slots[i], &packets[i], worker->now.date_s);
        auth_ask(&slots[i].asked, &slots[i].query);
        count_request(&worker->stats, &slots[i], &packets[i]);
    }
    if (count > 1) // a single one would only wait twice
        look_ahead(worker, slots, count);
    for (unsigned i = 0; i < count; i++) {
        packets[i].deferral = NULL;
        packets[i].outgoing = NULL;
        packets[i].update = NULL;
        packets[i].notified = false;
        if (choose(worker, &slots[i], &packets[i]) == CHOSEN_REPLY)
            say(worker, &slots[i], &slots[i].answer, &packets[i]);
        else
            packets[i].size = 0;
    }
}

void serve_batch(const struct server *server, struct serve_worker *worker, struct packet *packets,
                 unsigned count, const struct serve_now *now)
{
    assert(count <= BATCH_MAX);
    worker->now = *now;
    worker->auth.now_s = now->s;
    if (worker->resolver)
        view_show_zones(server, worker->resolver);
    for (unsigned first = 0; first < count; first += GROUP_MAX) {
        unsigned left = count - first;
        serve_group(server, worker, packets + first, left < GROUP_MAX ? left : GROUP_MAX);
    }
}

// --- late replies --------------------------------------------------------------------------------

// The late reply's packet: the question as it came, in worker->late.
static struct packet packet_of(struct serve_worker *worker, const struct deferral *deferral)
{
    return (struct packet){.octets = worker->late,
                           .room = MESSAGE_MAX,
                           .client = &deferral->client,
                           .transport = (enum transport)deferral->transport,
                           .keepalive_ds = deferral->keepalive_ds,
                           .tsig = deferral->tsig,
                           .may_wait = true};
}

static void restore_query(const struct server *server, struct serve_worker *worker,
                          const struct deferral *deferral)
{
    struct slot *slot = worker->slots->slots;
    slot->server = server;
    deferral_query(deferral, &server->secret, worker->late, &slot->query);
    slot->query.over_stream = deferral->transport == TRANSPORT_TCP;
    slot->result = QUERY_OK;
    slot->recursion = slot->late = true;
    slot->began_us = deferral->began_us;
}

// What was found leads into a zone of ours. It is good until the resolver is called the next time,
// so all is put together by value first. False: it waits again.
static bool go_on_late(const struct server *server, struct serve_worker *worker,
                       const struct deferral *deferral, struct packet *packet)
{
    struct slot *slot = worker->slots->slots;
    struct parcel *whole = parcel_make(&slot->answer);
    uint64_t time_us = server->rules ? (uint64_t)server->rules->time_max_ms * 1000 : 0;
    struct follow follow = {.server = server,
                            .worker = worker,
                            .query = &slot->query,
                            .packet = packet,
                            .recursion = server->rules != NULL,
                            .answer = &slot->answer,
                            .end_us = deferral->began_us + time_us};
    if (whole)
        parcel_open(whole, &slot->answer);
    else
        answer_fail(&slot->answer, RCODE_SERVFAIL, REASON_FAILED, EDE_OTHER, "out of memory");
    bool whole_now = follow_answer(&follow);
    if (whole_now)
        say(worker, slot, &slot->answer, packet);
    free(whole);
    return whole_now;
}

// The reply to a deferred query, in worker->late, of *size octets. False: it waits again, and the
// deferral's origin and time are the new one's.
static bool say_late(const struct server *server, struct serve_worker *worker,
                     const struct deferral *deferral, const struct answer *found, uint32_t *size)
{
    struct slot *slot = worker->slots->slots;
    struct packet packet = packet_of(worker, deferral);
    bool whole_now = true;
    restore_query(server, worker, deferral);
    if (!deferral->before && found->reason != REASON_ALIAS_IN) {
        say(worker, slot, found, &packet);
    } else {
        answer_begin(&slot->answer);
        if (deferral->before)
            parcel_open(deferral->before, &slot->answer);
        answer_append(&slot->answer, found);
        if (found->reason == REASON_ALIAS_IN)
            whole_now = go_on_late(server, worker, deferral, &packet);
        else
            say(worker, slot, &slot->answer, &packet);
    }
    *size = packet.size;
    if (whole_now)
        return true;
    packet.deferral->origin = deferral->origin;
    packet.deferral->began_us = deferral->began_us;
    return false;
}

static void end_late(struct serve_worker *worker, const struct deferral *deferral, uint32_t size,
                     struct late *late)
{
    *late = (struct late){.octets = worker->late,
                          .size = size,
                          .transport = (enum transport)deferral->transport,
                          .origin = deferral->origin};
}

bool serve_updated(const struct server *server, struct serve_worker *worker,
                   const struct updated *updated, const struct serve_now *now, struct late *late)
{
    const struct update_outcome *outcome = &updated->outcome;
    const struct deferral *taken = deferrals_take(worker->deferrals, updated->token);
    struct slot *slot = worker->slots->slots;
    worker->now = *now;
    if (!taken)
        return false;
    struct deferral deferral = *taken;
    const struct server *seen = view_find(server, deferral.view);
    struct packet packet = packet_of(worker, &deferral);
    if (seen) {
        restore_query(seen, worker, &deferral);
        slot->recursion = false;
        answer_begin(&slot->answer);
        if (outcome->rcode == RCODE_NOERROR)
            slot->answer.reason = REASON_ANSWER;
        else
            answer_fail(&slot->answer, outcome->rcode, REASON_FAILED, outcome->ede, outcome->text);
        say(worker, slot, &slot->answer, &packet);
    }
    end_late(worker, &deferral, packet.size, late);
    deferral_free(&deferral);
    return true;
}

bool serve_late(const struct server *server, struct serve_worker *worker,
                const struct serve_now *now, struct late *late)
{
    struct resolved resolved;
    worker->now = *now;
    worker->auth.now_s = now->s;
    if (worker->resolver)
        view_show_zones(server, worker->resolver);
    while (worker->resolver && resolver_next_resolved(worker->resolver, &resolved)) {
        if (resolved.token & LATE_FOREIGN) {
            *late = (struct late){.foreign = resolved.token, .answer = resolved.answer};
            return true;
        }
        const struct deferral *taken = deferrals_take(worker->deferrals, resolved.token);
        if (!taken)
            continue;                      // a refresh of our own
        struct deferral deferral = *taken; // its slot may be taken again while it is answered
        uint32_t size = 0;
        const struct server *seen = view_find(server, deferral.view);
        bool is_over = !resolved.answer || !seen || // a reload took the view away: silence
                       say_late(seen, worker, &deferral, resolved.answer, &size);
        deferral_free(&deferral);
        if (!is_over)
            continue;
        end_late(worker, &deferral, size, late);
        return true;
    }
    return false;
}
