// From a name that is not ours to an answer, or to one that is deferred (recurse.h).
#include "serve/recurse.h"

#include <assert.h>

#include "dns/message.h"
#include "resolve/known.h"
#include "resolve/local.h"
#include "resolve/referral.h"
#include "serve/deferrals.h"

bool recurse_allows(const struct server *server, const struct serve_worker *worker,
                    const struct packet *packet)
{
    return worker->resolver && server->rules && rules_resolve_at_all(server->rules) &&
           access_admits(&server->recurse, packet->client, packet->key);
}

bool recurse_local(const struct server *server, const struct packet *packet,
                   const struct query *query, struct answer *answer)
{
    struct known_question question = {.key = &query->key,
                                      .name = query->name,
                                      .type = query->type,
                                      .secret = &server->secret,
                                      .dnssec_ok = query->edns.dnssec_ok};
    return server->local && server->rules &&
           access_admits(&server->recurse, packet->client, packet->key) &&
           local_answer(server->local, server->rules, &question, answer);
}

// --- our cut -------------------------------------------------------------------------------------

// The NS RRset of a referral of ours; NULL: there is no referral.
static const struct answer_rrset *find_cut(const struct answer *referral)
{
    const struct answer_rrset *cut = NULL;
    for (unsigned i = 0; referral && i < referral->count; i++)
        if (referral->rrsets[i].section == SECTION_AUTHORITY &&
            referral->rrsets[i].rrset->type == TYPE_NS)
            cut = &referral->rrsets[i];
    return cut;
}

static void find_start(const struct rules *rules, const struct recurse_asked *asked,
                       struct start *start)
{
    const struct answer_rrset *cut = find_cut(asked->referral);
    *start = (struct start){0};
    if (!cut)
        return;
    start->cut = cut->owner;
    start->source = start_source(rules, asked->key->hash[cut->owner.labels]);
    start->ttl_s = cut->ttl;
}

static void add_addresses(struct delegation *delegation, const struct answer_rrset *entry)
{
    for (unsigned host = 0; host < delegation->host_count; host++)
        if (name_equal(delegation->hosts[host].name, entry->owner))
            delegation_add_addresses(delegation, entry->rrset, (uint8_t)host);
}

// What our referral says, as a delegation. Hosts without an address are looked for by the walk.
static const struct delegation *read_referral(const struct recurse_asked *asked,
                                              struct delegation *delegation)
{
    const struct answer *referral = asked->referral;
    const struct answer_rrset *cut = find_cut(referral);
    if (!cut)
        return NULL;
    delegation_begin(delegation, cut->owner);
    delegation->ttl_s = cut->ttl;
    const uint8_t *entry = cut->rrset->body;
    for (unsigned i = 0; i < cut->rrset->count; i++, entry = rrset_next(entry))
        (void)delegation_add_host(delegation, name_trust(rrset_rdata(entry)));
    for (unsigned i = 0; i < referral->count; i++)
        if (referral->rrsets[i].section == SECTION_ADDITIONAL)
            add_addresses(delegation, &referral->rrsets[i]);
    return delegation;
}

// --- known, or to be asked -----------------------------------------------------------------------

// Has the entry asked for anew while the client already has it: the next client will not wait.
static void refresh(const struct server *server, struct serve_worker *worker,
                    const struct recurse_asked *asked)
{
    struct delegation cut;
    struct want want = {
        .start = read_referral(asked, &cut),
        .name = asked->name,
        .type = asked->query->type,
        .dnssec_ok = asked->query->edns.dnssec_ok,
        .checking_disabled = asked->query->flags & FLAG_CD,
        .refresh = true,
    };
    if (server->rules->quiet || !server->rules->prefetch)
        return;
    enum resolve_result result =
        resolver_want(worker->resolver, server->rules, &want, worker->now.us, &worker->refreshed);
    worker->stats.cache_prefetches++;
    (void)result; // whoever asks next will see what came of it
}

// May the address be somebody else's? Not if packets that were sent there have come back: over TCP,
// or with the cookie that we gave it (RFC 7873 6); and no packet from outside says that it is from
// this host.
static bool is_proven(const struct server *server, const struct serve_worker *worker,
                      const struct query *query, const struct packet *packet)
{
    return packet->transport == TRANSPORT_TCP || address_is_loopback(packet->client) ||
           cookie_check(&server->cookies, &query->edns, packet->client, worker->now.date_s) ==
               COOKIE_GOOD;
}

// `known` is what the cache said.
// tidy: allow parameters: those of recurse_answer, and what it found
static enum recurse_result ask_others(const struct server *server, struct serve_worker *worker,
                                      const struct recurse_asked *asked, struct packet *packet,
                                      enum known_result known, struct answer *answer)
{
    uint64_t token;
    struct deferral *deferral = deferrals_add(worker->deferrals, &token);
    if (!deferral) {
        answer_fail(answer, RCODE_SERVFAIL, REASON_FAILED, EDE_OTHER,
                    "too many questions are being resolved at this moment");
        return RECURSE_ANSWERED;
    }
    struct delegation cut;
    struct want want = {
        .start = read_referral(asked, &cut),
        .name = asked->name,
        .type = asked->query->type,
        .dnssec_ok = asked->query->edns.dnssec_ok,
        .checking_disabled = asked->query->flags & FLAG_CD,
        .unknown = known == KNOWN_NOTHING,
        .token = token,
        .client = packet->client,
        .proven = is_proven(server, worker, asked->query, packet),
    };
    enum resolve_result result =
        resolver_want(worker->resolver, server->rules, &want, worker->now.us, answer);
    if (result == RESOLVE_ANSWERED) {
        deferral = deferrals_take(worker->deferrals, token);
        assert(deferral);
        return RECURSE_ANSWERED;
    }
    deferral_wait(deferral, server, asked->query, packet, worker->now.us);
    packet->deferral = deferral;
    return RECURSE_WAITING;
}

enum recurse_result recurse_answer(const struct server *server, struct serve_worker *worker,
                                   const struct recurse_asked *asked, struct packet *packet,
                                   struct answer *answer)
{
    const struct query *query = asked->query;
    struct start start;
    find_start(server->rules, asked, &start);
    struct known_question question = {
        .key = asked->key,
        .secret = &server->secret,
        .start = &start,
        .ours = &server->zones,
        .name = asked->name,
        .type = query->type,
        .dnssec_ok = query->edns.dnssec_ok,
    };
    struct name next;
    if (local_answer(server->local, server->rules, &question, answer))
        return RECURSE_ANSWERED;
    enum known_result known =
        known_answer(worker->cache, server->rules, &question, worker->now.s, answer, &next);
    switch (known) {
    case KNOWN_AGEING:
    case KNOWN_ANSWER:
    case KNOWN_STALE:
        worker->stats.cache_hits++;
        if (known == KNOWN_AGEING)
            refresh(server, worker, asked);
        return RECURSE_ANSWERED;
    case KNOWN_PARTLY:
    case KNOWN_NOTHING: worker->stats.cache_misses++; break;
    }
    if (!(query->flags & FLAG_RD)) {
        // RFC 1034 4.3.1: without RD only what is here.
        if (!known_referral(worker->cache, server->rules, &question, worker->now.s, answer))
            answer_fail(answer, RCODE_REFUSED, REASON_REFUSED, EDE_OTHER,
                        "not known here, and recursion was not asked for");
        return RECURSE_ANSWERED;
    }
    if (!packet->may_wait) {
        answer_fail(answer, RCODE_SERVFAIL, REASON_FAILED, EDE_OTHER, "cannot wait for an answer");
        return RECURSE_ANSWERED;
    }
    answer_begin(answer);
    return ask_others(server, worker, asked, packet, known, answer);
}
