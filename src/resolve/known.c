// Looking at what is known (known.h). For each name of a chain, in this order:
//
//   the type, or that there is none, or that it failed     the answer
//   a CNAME                                                 on to its target, if that is not ours
//   a name above it that does not exist                     NXDOMAIN (RFC 8020 2)
//   a DNAME above it                                        a CNAME made from it; on (RFC 6672)
//   nothing                                                 NOTHING for the first name, else PARTLY
//
// The last two cost a look for each label, and only names that are not known pay for it; those go
// on to a walk that costs a hundred times as much. A DNAME and an NXDOMAIN are found by one look.
//
// What was asked for without DO has no signatures, so it is no answer for who sets DO.
#include "resolve/known.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "dns/type.h"

struct search {
    const struct cache *cache;
    const struct rules *rules;
    const struct known_question *question;
    struct answer *answer;
    uint32_t now_s;
    struct name name; // that is looked for now
    const struct name_key *key;
    uint16_t source;
    bool fresh_only; // the cache does not count for this name
    bool ageing, stale, ours;
    unsigned followed;
    struct name_key alias_key; // memory for `key` once an alias was followed
};

// What one step of the chain came to.
enum step { STEP_UNKNOWN, STEP_ANSWERED, STEP_ALIASED };

static bool find_source(struct search *search)
{
    return start_find_source(search->question->start, search->rules, search->name, &search->source);
}

static void show_kept(const struct kept *kept, struct cache_found *found)
{
    *found = (struct cache_found){.kind = kept->kind,
                                  .rank = kept->rank,
                                  .tag = KNOWN_TAG_DNSSEC,
                                  .ttl_s = kept->ttl_s,
                                  .owner = kept->owner,
                                  .rrset = kept->rrset,
                                  .soa_owner = kept->soa_owner};
}

// May it answer this client, if its time does not matter?
static bool is_usable_stale(const struct search *search, const struct cache_found *found)
{
    return found->rank >= RANK_ANSWER &&
           (!search->question->dnssec_ok || found->tag & KNOWN_TAG_DNSSEC);
}

static bool is_usable(const struct search *search, const struct cache_found *found)
{
    if (found->stale && !search->question->accept_stale)
        return false;
    return found->kind == CACHE_FAILURE || is_usable_stale(search, found);
}

static bool look_in_cache(const struct search *search, unsigned depth, uint16_t type,
                          struct cache_found *found)
{
    struct cache_key key = {search->key, depth, type, search->source};
    if (!cache_get(search->cache, &key, search->now_s, found))
        return false;
    // RFC 8767 5: it failed a moment ago, so what it was before is better than an error.
    if (found->kind == CACHE_FAILURE &&
        (search->question->accept_stale || search->rules->stale_s > 0)) {
        struct cache_found older;
        if (cache_get_stale(search->cache, &key, search->now_s, &older) &&
            is_usable_stale(search, &older))
            *found = older;
        return true;
    }
    return is_usable(search, found);
}

// The same without failures: that finding out failed says nothing of what is not asked for itself.
static bool look_in_cache_for(const struct search *search, unsigned depth, uint16_t type,
                              struct cache_found *found)
{
    struct cache_key key = {search->key, depth, type, search->source};
    return cache_get_stale(search->cache, &key, search->now_s, found) && is_usable(search, found);
}

// The cache first: it has its own opinion of TTLs.
static bool look(const struct search *search, unsigned depth, uint16_t type,
                 struct cache_found *found)
{
    bool is_asked = depth == search->name.labels && type == search->question->type;
    if (!search->fresh_only && (is_asked ? look_in_cache(search, depth, type, found)
                                         : look_in_cache_for(search, depth, type, found)))
        return true;
    if (!search->question->learned)
        return false;
    const struct kept *kept =
        learned_find(search->question->learned, name_suffix(search->name, depth), type);
    if (kept)
        show_kept(kept, found);
    return kept != NULL;
}

static uint32_t ttl_of(struct search *search, const struct cache_found *found)
{
    search->ageing |= found->ageing;
    search->stale |= found->stale;
    return found->stale ? STALE_TTL_S : found->ttl_s;
}

static void put(struct search *search, struct name owner, enum section section,
                const struct rrset *rrset, uint32_t ttl)
{
    bool sign = search->question->dnssec_ok && rrset->type != TYPE_RRSIG;
    struct answer_rrset entry = {.owner = owner,
                                 .rrset = rrset,
                                 .ttl = ttl,
                                 .section = (uint8_t)section,
                                 .part = sign ? PART_SIGNED : PART_DATA,
                                 .required = true};
    answer_add(search->answer, &entry);
}

// --- what was found ------------------------------------------------------------------------------

static enum step fail(struct search *search, enum ede ede, const char *text)
{
    answer_fail(search->answer, RCODE_SERVFAIL, REASON_FAILED, ede, text);
    search->stale = search->ageing = false;
    return STEP_ANSWERED;
}

static enum step fail_as_before(struct search *search, const struct cache_found *found)
{
    const uint8_t *payload = found->payload;
    bool whole = found->payload_size >= 3 && payload[found->payload_size - 1] == 0;
    if (!whole)
        return fail(search, EDE_CACHED_ERROR, NULL);
    return fail(search, (enum ede)bytes_get16(payload), (const char *)payload + 2);
}

static enum step deny(struct search *search, const struct cache_found *found)
{
    uint32_t ttl = ttl_of(search, found);
    if (found->rrset)
        put(search, found->soa_owner, SECTION_AUTHORITY, found->rrset, ttl);
    if (found->kind == CACHE_NXDOMAIN)
        search->answer->rcode = RCODE_NXDOMAIN;
    return STEP_ANSWERED;
}

// Is this for one of our zones to say? A name below the cut that the walk began at is not: it is
// one of those that the cut gave away, if no zone of ours is below the cut again.
static bool is_ours(const struct search *search)
{
    const struct known_question *question = search->question;
    if (!question->ours)
        return false;
    const struct zone *zone = zones_find(question->ours, search->key, search->key->labels);
    if (!zone || zone->state != ZONE_SERVED)
        return false;
    return !start_is_above(question->start, search->rules, search->name) ||
           zone->origin.labels >= question->start->cut.labels;
}

// Goes on at `target`, unless the chain has been there.
static enum step follow(struct search *search, struct name target)
{
    const struct answer *answer = search->answer;
    for (unsigned i = 0; i < answer->count; i++)
        if (answer->rrsets[i].rrset->type == TYPE_CNAME &&
            name_equal(answer->rrsets[i].owner, target))
            return fail(search, EDE_OTHER, "the aliases of this name go in a circle");
    if (++search->followed >= CHAIN_MAX)
        return fail(search, EDE_OTHER, "too many aliases, one after the other");
    search->name = target;
    search->fresh_only = false;
    name_key_make(target, search->question->secret, &search->alias_key);
    search->key = &search->alias_key;
    search->ours = is_ours(search);
    return search->ours ? STEP_ANSWERED : STEP_ALIASED;
}

static enum step follow_cname(struct search *search, const struct cache_found *found)
{
    put(search, search->name, SECTION_ANSWER, found->rrset, ttl_of(search, found));
    return follow(search, name_trust(rrset_rdata(found->rrset->body)));
}

// RFC 6672 2.2, 3.1: the CNAME that the DNAME makes of this name, with the DNAME's TTL.
static enum step follow_dname(struct search *search, const struct cache_found *found,
                              unsigned depth)
{
    uint32_t ttl = ttl_of(search, found);
    uint8_t storage[NAME_OCTETS_MAX];
    struct name target = name_trust(rrset_rdata(found->rrset->body));
    put(search, found->owner, SECTION_ANSWER, found->rrset, ttl);
    if (!name_join(search->name, search->name.labels - depth, target, storage, &target)) {
        search->answer->rcode = RCODE_YXDOMAIN;
        return STEP_ANSWERED;
    }
    size_t size = (sizeof(struct rrset) + 2 + target.size + 3) & ~(size_t)3;
    struct rrset *cname = answer_scratch(search->answer, size);
    if (!cname)
        return fail(search, EDE_OTHER, "too many aliases, one after the other");
    memset(cname, 0, size);
    *cname = (struct rrset){.ttl = ttl, .type = TYPE_CNAME, .count = 1, .words = rrset_words(size)};
    bytes_put16(cname->body, target.size);
    memcpy(cname->body + 2, target.wire, target.size);
    put(search, search->name, SECTION_ANSWER, cname, ttl);
    target = name_trust(rrset_rdata(cname->body));
    if (search->question->type == TYPE_CNAME || search->question->type == TYPE_ANY)
        return STEP_ANSWERED;
    return follow(search, target);
}

// --- one name ------------------------------------------------------------------------------------

// ANY is answered with what one server said to it, in this walk (RFC 8482 4).
static enum step answer_any(struct search *search)
{
    bool any = false;
    for (const struct learned *at = search->question->learned; at; at = at->older) {
        struct cache_found found;
        if (!name_equal(at->kept.owner, search->name))
            continue;
        show_kept(&at->kept, &found);
        if (at->kept.kind != CACHE_RRSET)
            return any ? STEP_ANSWERED : deny(search, &found);
        put(search, search->name, SECTION_ANSWER, found.rrset, found.ttl_s);
        any = true;
    }
    return any ? STEP_ANSWERED : STEP_UNKNOWN;
}

static enum step take(struct search *search, const struct cache_found *found)
{
    switch (found->kind) {
    case CACHE_RRSET:
        put(search, search->name, SECTION_ANSWER, found->rrset, ttl_of(search, found));
        return STEP_ANSWERED;
    case CACHE_NODATA:
    case CACHE_NXDOMAIN: return deny(search, found);
    case CACHE_FAILURE: return fail_as_before(search, found);
    case CACHE_DELEGATION: break; // cache_get finds none
    }
    return STEP_UNKNOWN;
}

// What is known of the names above: the nearest counts.
static enum step look_above(struct search *search)
{
    struct cache_found found;
    for (unsigned depth = search->name.labels; depth-- > 1;) {
        if (!look(search, depth, TYPE_DNAME, &found))
            continue;
        if (found.kind == CACHE_NXDOMAIN)
            return deny(search, &found);
        if (found.kind == CACHE_RRSET)
            return follow_dname(search, &found, depth);
    }
    return STEP_UNKNOWN;
}

static enum step take_step(struct search *search)
{
    uint16_t type = search->question->type;
    struct cache_found found;
    if (type == TYPE_ANY) {
        enum step step = answer_any(search);
        return step == STEP_UNKNOWN ? look_above(search) : step;
    }
    if (look(search, search->name.labels, type, &found))
        return take(search, &found);
    if (type != TYPE_CNAME && look(search, search->name.labels, TYPE_CNAME, &found) &&
        found.kind == CACHE_RRSET)
        return follow_cname(search, &found);
    return look_above(search);
}

static enum known_result finish(const struct search *search, struct answer *answer)
{
    if (answer->rcode == RCODE_SERVFAIL)
        return KNOWN_ANSWER;
    answer->reason = search->ours    ? REASON_ALIAS_IN
                     : search->stale ? REASON_STALE
                                     : REASON_RESOLVED;
    if (!search->stale)
        return search->ageing ? KNOWN_AGEING : KNOWN_ANSWER;
    answer->ede = answer->rcode == RCODE_NXDOMAIN ? EDE_STALE_NXDOMAIN : EDE_STALE_ANSWER;
    return KNOWN_STALE;
}

enum known_result known_answer(const struct cache *cache, const struct rules *rules,
                               const struct known_question *question, uint32_t now_s,
                               struct answer *answer, struct name *next)
{
    struct search search;
    search.cache = cache;
    search.rules = rules;
    search.question = question;
    search.answer = answer;
    search.now_s = now_s;
    search.name = question->name;
    search.key = question->key;
    search.fresh_only = question->refresh;
    search.ageing = search.stale = search.ours = false;
    search.followed = 0;
    enum step step = STEP_ALIASED;
    while (step == STEP_ALIASED && find_source(&search))
        step = take_step(&search);
    if (step == STEP_ANSWERED)
        return finish(&search, answer);
    if (search.followed == 0)
        return KNOWN_NOTHING;
    *next = search.name;
    return KNOWN_PARTLY;
}
