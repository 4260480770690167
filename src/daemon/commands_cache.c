// Looking into the cache, and taking things out of it (commands_cache.h).
//
// The main thread is no reader of the cache but for the time of a walk, which may take a while for
// a large one: it joins the epoch for just that.
#include "daemon/commands_cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/epoch.h"
#include "base/memory.h"
#include "cache/cache.h"
#include "daemon/commands_resolve.h"
#include "daemon/daemon.h"
#include "daemon/reply.h"
#include "dns/rdata_print.h"

static uint32_t now_s(void)
{
    return (uint32_t)(clock_now_ms() / 1000);
}

// --- one entry -----------------------------------------------------------------------------------

static const char *kind_word(enum cache_kind kind)
{
    switch (kind) {
    case CACHE_RRSET: return "rrset";
    case CACHE_NODATA: return "nodata";
    case CACHE_NXDOMAIN: return "nxdomain";
    case CACHE_FAILURE: return "failure";
    case CACHE_DELEGATION: return "delegation";
    }
    return "";
}

static const char *rank_word(enum cache_rank rank)
{
    switch (rank) {
    case RANK_ADDITIONAL: return "additional";
    case RANK_REFERRAL: return "referral";
    case RANK_ANSWER: return "answer";
    case RANK_AUTHORITY: return "authority";
    case RANK_AUTHORITATIVE: return "authoritative";
    }
    return "";
}

static const char *security_word(enum cache_security security)
{
    switch (security) {
    case SECURITY_UNCHECKED: return "unchecked";
    case SECURITY_INSECURE: return "insecure";
    case SECURITY_SECURE: return "secure";
    case SECURITY_BOGUS: return "bogus";
    }
    return "";
}

static void put_data(struct json *json, const struct rrset *rrset)
{
    struct buffer data = {0};
    const uint8_t *entry = rrset->body;
    json_open_array(json, "data");
    for (unsigned i = 0; i < rrset->count; i++, entry = rrset_next(entry)) {
        buffer_clear(&data);
        rdata_print(rrset->type, rrset_rdata(entry), rrset_rdata_size(entry), &data);
        json_text(json, NULL, buffer_text(&data));
    }
    json_close_array(json);
    buffer_free(&data);
}

static void put_entry(struct json *json, const struct cache_visited *visited)
{
    const struct cache_found *found = &visited->found;
    char name[NAME_TEXT_MAX], type[TYPE_TEXT_MAX];
    name_print(found->owner, name);
    type_print(visited->type, type);
    json_open_object(json, NULL);
    json_text(json, "name", name);
    if (found->kind != CACHE_NXDOMAIN && found->kind != CACHE_DELEGATION)
        json_text(json, "type", type);
    json_text(json, "kind", kind_word(found->kind));
    json_number(json, "ttl", found->ttl_s);
    json_text(json, "rank", rank_word(found->rank));
    json_text(json, "security", security_word(found->security));
    json_number(json, "source", visited->source);
    json_bool(json, "stale", found->stale);
    json_bool(json, "used", visited->used);
    if (found->kind == CACHE_RRSET)
        put_data(json, found->rrset);
    json_close_object(json);
}

// --- show and dump -------------------------------------------------------------------------------

struct listing {
    struct json *json;
    const struct name *name; // NULL: all
    size_t listed, more;
};

static bool list_entry(void *argument, const struct cache_visited *visited)
{
    struct listing *listing = argument;
    if (listing->name && !name_equal(visited->found.owner, *listing->name))
        return true;
    if (listing->listed == CACHE_LISTED_MAX) {
        listing->more++;
        return true;
    }
    put_entry(listing->json, visited);
    listing->listed++;
    return true;
}

static void list_entries(struct daemon *daemon, struct control_client *client,
                         const struct name *name)
{
    struct reply reply;
    reply_begin(&reply, 0);
    struct listing listing = {.json = &reply.json, .name = name};
    json_open_array(&reply.json, "entries");
    epoch_join();
    cache_walk(daemon->cache, now_s(), list_entry, &listing);
    epoch_leave();
    json_close_array(&reply.json);
    json_number(&reply.json, "more", (int64_t)listing.more);
    reply_send(daemon, client, &reply, false);
}

// --- top -----------------------------------------------------------------------------------------

// A domain: the last two labels of names.
struct domain {
    uint64_t hash;
    uint8_t size;
    uint8_t wire[2 * (LABEL_OCTETS_MAX + 1) + 1];
    uint64_t entries, used;
};

struct domains {
    const struct hash_key *secret;
    struct domain *slots;
    size_t count, mask;
};

static struct domain *find_domain(struct domains *domains, uint64_t hash, struct name name)
{
    size_t at = hash & domains->mask;
    while (domains->slots[at].size && (domains->slots[at].hash != hash ||
                                       !name_equal(name_trust(domains->slots[at].wire), name)))
        at = (at + 1) & domains->mask;
    return &domains->slots[at];
}

static void grow(struct domains *domains)
{
    struct domain *old = domains->slots;
    size_t room = domains->slots ? domains->mask + 1 : 0;
    domains->mask = room ? room * 2 - 1 : 1023;
    domains->slots = memory_get_zeroed(domains->mask + 1, sizeof *domains->slots);
    for (size_t i = 0; i < room; i++)
        if (old[i].size)
            *find_domain(domains, old[i].hash, name_trust(old[i].wire)) = old[i];
    free(old);
}

static bool count_entry(void *argument, const struct cache_visited *visited)
{
    struct domains *domains = argument;
    struct name owner = visited->found.owner;
    struct name top = name_suffix(owner, owner.labels < 2 ? owner.labels : 2);
    struct name_key key;
    name_key_make(top, domains->secret, &key);
    if (domains->count * 2 > domains->mask)
        grow(domains);
    struct domain *domain = find_domain(domains, key.hash[key.labels], top);
    if (!domain->size) {
        domains->count++;
        domain->hash = key.hash[key.labels];
        domain->size = top.size;
        memcpy(domain->wire, top.wire, top.size);
    }
    domain->entries++;
    domain->used += visited->used;
    return true;
}

static int compare_domains(const void *left, const void *right)
{
    const struct domain *a = left, *b = right;
    if (a->entries != b->entries)
        return a->entries > b->entries ? -1 : 1;
    return a->used != b->used ? (a->used > b->used ? -1 : 1) : 0;
}

static void run_top(struct daemon *daemon, struct control_client *client)
{
    struct domains domains = {.secret = &daemon->state.hash};
    struct reply reply;
    grow(&domains);
    epoch_join();
    cache_walk(daemon->cache, now_s(), count_entry, &domains);
    epoch_leave();
    qsort(domains.slots, domains.mask + 1, sizeof *domains.slots, compare_domains);
    reply_begin(&reply, 0);
    json_open_array(&reply.json, "names");
    for (size_t i = 0; i < domains.count && i < CACHE_TOP_MAX; i++) {
        char name[NAME_TEXT_MAX];
        name_print(name_trust(domains.slots[i].wire), name);
        json_open_object(&reply.json, NULL);
        json_text(&reply.json, "name", name);
        json_number(&reply.json, "entries", (int64_t)domains.slots[i].entries);
        json_number(&reply.json, "used", (int64_t)domains.slots[i].used);
        json_close_object(&reply.json);
    }
    json_close_array(&reply.json);
    reply_send(daemon, client, &reply, false);
    free(domains.slots);
}

// --- flush and stats -----------------------------------------------------------------------------

static void tell_flushed(struct daemon *daemon, struct control_client *client, size_t flushed)
{
    struct reply reply;
    reply_begin(&reply, 0);
    json_number(&reply.json, "flushed", (int64_t)flushed);
    reply_send(daemon, client, &reply, false);
}

static void run_stats(struct daemon *daemon, struct control_client *client)
{
    struct cache_counts counts;
    struct reply reply;
    cache_count(daemon->cache, &counts);
    reply_begin(&reply, 0);
    json_open_object(&reply.json, "entries");
    for (enum cache_kind kind = CACHE_RRSET; kind <= CACHE_DELEGATION; kind++)
        json_number(&reply.json, kind_word(kind), (int64_t)counts.entries[kind]);
    json_close_object(&reply.json);
    json_number(&reply.json, "octets", (int64_t)counts.octets);
    json_number(&reply.json, "octets_max", (int64_t)counts.octets_max);
    json_number(&reply.json, "stored", (int64_t)counts.stored);
    json_number(&reply.json, "evicted", (int64_t)counts.evicted);
    json_number(&reply.json, "expired", (int64_t)counts.expired);
    reply_send(daemon, client, &reply, false);
}

enum verb { VERB_SHOW, VERB_DUMP, VERB_TOP, VERB_FLUSH, VERB_FLUSH_TREE, VERB_STATS, VERB_NONE };

static enum verb find_verb(const json_t *request)
{
    static const char *const words[] = {"show", "dump", "top", "flush", "flush-tree", "stats"};
    const char *text = json_string_value(json_object_get(request, "do"));
    for (unsigned i = 0; text && i < VERB_NONE; i++)
        if (strcmp(words[i], text) == 0)
            return (enum verb)i;
    return VERB_NONE;
}

static void run_named(struct daemon *daemon, struct control_client *client, const json_t *request,
                      enum verb verb)
{
    uint8_t wire[NAME_OCTETS_MAX];
    struct name name;
    uint16_t type = 0;
    const char *text = json_string_value(json_object_get(request, "type"));
    if (!command_take_name(daemon, client, request, wire, &name))
        return;
    if (text && !type_parse(text, strlen(text), &type))
        reply_refuse(daemon, client, 2, "'type' is not a type", NULL);
    else if (verb == VERB_SHOW)
        list_entries(daemon, client, &name);
    else if (verb == VERB_FLUSH)
        tell_flushed(daemon, client, cache_flush(daemon->cache, name, type));
    else
        tell_flushed(daemon, client, cache_flush_tree(daemon->cache, name));
}

void command_run_cache(struct daemon *daemon, struct control_client *client, json_t *request)
{
    enum verb verb = find_verb(request);
    if (!daemon->cache) {
        reply_refuse(daemon, client, 6, "this server has no cache",
                     "see resolve.default in its configuration");
        return;
    }
    switch (verb) {
    case VERB_SHOW:
    case VERB_FLUSH:
    case VERB_FLUSH_TREE: run_named(daemon, client, request, verb); return;
    case VERB_DUMP: list_entries(daemon, client, NULL); return;
    case VERB_TOP: run_top(daemon, client); return;
    case VERB_STATS: run_stats(daemon, client); return;
    case VERB_NONE:
        reply_refuse(daemon, client, 2, "'do' is none of show, dump, top, flush, flush-tree, stats",
                     NULL);
        return;
    }
}
