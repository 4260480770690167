// One answer of many parts (follow.h). Each part is made in a link of its own, for an answer that
// continues another is pointed into until the reply is written.
#include "serve/follow.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"
#include "serve/placing.h"
#include "serve/recurse.h"

struct follow_links {
    struct answer links[CHAIN_MAX];
};

struct follow_links *follow_open(void)
{
    return memory_get_zeroed(1, sizeof(struct follow_links));
}

void follow_close(struct follow_links *links)
{
    free(links);
}

static unsigned count_aliases(const struct answer *answer)
{
    unsigned aliases = 0;
    for (unsigned i = 0; i < answer->count; i++)
        aliases += answer->rrsets[i].section == SECTION_ANSWER &&
                   answer->rrsets[i].rrset->type == TYPE_CNAME;
    return aliases;
}

// --- the world -----------------------------------------------------------------------------------

static bool belongs_to_referral(const struct answer_rrset *entry)
{
    uint16_t type = entry->rrset->type;
    return entry->section == SECTION_ADDITIONAL ||
           (entry->section == SECTION_AUTHORITY && (type == TYPE_NS || type == TYPE_DS));
}

// Our referral is followed, so it is not told. What proves our aliases stays.
static void drop_referral(struct answer *answer)
{
    unsigned kept = 0;
    if (answer->reason != REASON_REFERRAL)
        return;
    if (count_aliases(answer) == 0) {
        answer_begin(answer);
        return;
    }
    for (unsigned i = 0; i < answer->count; i++)
        if (!belongs_to_referral(&answer->rrsets[i]))
            answer->rrsets[kept++] = answer->rrsets[i];
    answer->count = (uint16_t)kept;
}

// Is the client led on, and is there time?
static bool may_ask_world(const struct follow *follow)
{
    return follow->recursion && follow->query->flags & FLAG_RD && follow->query->class == CLASS_IN;
}

// False: it waits.
static bool ask_world(const struct follow *follow, struct answer *more)
{
    struct name_key key;
    const struct query *query = follow->query;
    struct answer *answer = follow->answer;
    struct recurse_asked asked = {.query = query,
                                  .name = answer_last_name(follow->answer, follow->query->name),
                                  .key = &query->key};
    if (asked.name.wire != query->name.wire) {
        name_key_make(asked.name, &follow->server->secret, &key);
        asked.key = &key;
    }
    if (answer->reason == REASON_REFERRAL)
        asked.referral = answer;
    answer_begin(more);
    if (follow->end_us && follow->worker->now.us >= follow->end_us) {
        answer_fail(more, RCODE_SERVFAIL, REASON_FAILED, EDE_NO_REACHABLE_AUTHORITY,
                    "no answer within the time for a question");
    } else if (recurse_answer(follow->server, follow->worker, &asked, follow->packet, more) ==
               RECURSE_WAITING) {
        drop_referral(answer);
        if (answer->count)
            follow->packet->deferral->before = parcel_make(answer);
        return false;
    }
    drop_referral(answer);
    answer_append(answer, more);
    return true;
}

// --- our zones -----------------------------------------------------------------------------------

static void ask_ours(const struct follow *follow, struct answer *more)
{
    const struct server *server = follow->server;
    struct query query = *follow->query;
    struct auth_asked asked;
    struct placing placing;
    query.name = answer_last_name(follow->answer, follow->query->name);
    name_key_make(query.name, &server->secret, &query.key);
    auth_ask(&asked, &query);
    if (server->auth.routes) {
        placing_begin(&placing, server, follow->worker, &query, follow->packet);
        asked.client = &placing.client;
    }
    answer_begin(more);
    if (auth_answer(&server->zones, &server->auth, &follow->worker->auth, &asked, more) !=
        AUTH_ANSWERED)
        more->reason = REASON_ALIAS_OUT; // a reload took the zone away just now
    answer_append(follow->answer, more);
}

// --- both ----------------------------------------------------------------------------------------

bool follow_answer(const struct follow *follow)
{
    struct answer *answer = follow->answer;
    for (unsigned link = 0; link < CHAIN_MAX; link++) {
        struct answer *more = &follow->worker->links->links[link];
        bool to_world = answer->reason == REASON_ALIAS_OUT || answer->reason == REASON_REFERRAL;
        if (!to_world && answer->reason != REASON_ALIAS_IN)
            return true;
        if (to_world && !may_ask_world(follow))
            return true;
        if (count_aliases(answer) >= CHAIN_MAX)
            break;
        if (!to_world)
            ask_ours(follow, more);
        else if (!ask_world(follow, more))
            return false;
    }
    answer->reason = REASON_CHAIN_LIMIT;
    return true;
}

bool follow_from_world(const struct follow *follow)
{
    const struct query *query = follow->query;
    struct recurse_asked asked = {.query = query, .name = query->name, .key = &query->key};
    if (recurse_answer(follow->server, follow->worker, &asked, follow->packet, follow->answer) ==
        RECURSE_WAITING)
        return false;
    return follow_answer(follow);
}
