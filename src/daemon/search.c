// The work of a search (search.h), on its own thread.
//
// A walk of the cache gives copies and takes no lock for longer than one set of its table, so it
// needs no epoch: workers go on, and what they free is freed.
#include "daemon/search.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "dns/rdata_print.h"
#include "dns/type.h"

static uint32_t now_s(void)
{
    return (uint32_t)(clock_now_ms() / 1000);
}

static bool is_unwanted(const struct search *search)
{
    return atomic_load_explicit(&search->unwanted, memory_order_relaxed);
}

// --- one entry -----------------------------------------------------------------------------------

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
    json_text(json, "kind", cache_kind_word(found->kind));
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

// --- list ------------------------------------------------------------------------------------

struct listing {
    const struct search *search;
    struct json *json;
    size_t listed, more;
};

// NXDOMAIN and delegations are of a name, whatever its type.
static bool is_meant(const struct search *search, const struct cache_visited *visited)
{
    bool typed = visited->found.kind != CACHE_NXDOMAIN && visited->found.kind != CACHE_DELEGATION;
    if (search->all_names)
        return true;
    return name_equal(visited->found.owner, search->name) &&
           (search->type == 0 || !typed || visited->type == search->type);
}

static bool list_entry(void *argument, const struct cache_visited *visited)
{
    struct listing *listing = argument;
    if (is_unwanted(listing->search))
        return false;
    if (!is_meant(listing->search, visited))
        return true;
    if (listing->listed == CACHE_LISTED_MAX) {
        listing->more++;
        return true;
    }
    put_entry(listing->json, visited);
    listing->listed++;
    return true;
}

static void list(const struct search *search, struct json *json)
{
    struct listing listing = {.search = search, .json = json};
    json_open_array(json, "entries");
    cache_walk(search->cache, now_s(), list_entry, &listing);
    json_close_array(json);
    json_number(json, "more", (int64_t)listing.more);
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
    const struct search *search;
    uint64_t others; // entries of domains that there was no place for
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
    if (is_unwanted(domains->search))
        return false;
    struct name owner = visited->found.owner;
    struct name top = name_suffix(owner, owner.labels < 2 ? owner.labels : 2);
    struct name_key key;
    name_key_make(top, cache_secret(domains->search->cache), &key);
    if (domains->count * 2 > domains->mask)
        grow(domains);
    struct domain *domain = find_domain(domains, key.hash[key.labels], top);
    if (!domain->size && domains->count == CACHE_DOMAINS_MAX) {
        domains->others++;
        return true;
    }
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

static void put_domain(struct json *json, const struct domain *domain)
{
    char name[NAME_TEXT_MAX];
    name_print(name_trust(domain->wire), name);
    json_open_object(json, NULL);
    json_text(json, "name", name);
    json_number(json, "entries", (int64_t)domain->entries);
    json_number(json, "used", (int64_t)domain->used);
    json_close_object(json);
}

static void list_domains(const struct search *search, struct json *json)
{
    struct domains domains = {.search = search};
    grow(&domains);
    cache_walk(search->cache, now_s(), count_entry, &domains);
    // Empty places have no entries, so they come last.
    qsort(domains.slots, domains.mask + 1, sizeof *domains.slots, compare_domains);
    json_open_array(json, "names");
    for (size_t i = 0; i < domains.count && i < CACHE_TOP_MAX; i++)
        put_domain(json, &domains.slots[i]);
    json_close_array(json);
    json_number(json, "others", (int64_t)domains.others);
    free(domains.slots);
}

// --- the thread ----------------------------------------------------------------------------------

static void flush(const struct search *search, struct json *json)
{
    size_t flushed = search->kind == SEARCH_FLUSH
                         ? cache_flush(search->cache, search->name, search->type)
                         : cache_flush_tree(search->cache, search->name);
    json_number(json, "flushed", (int64_t)flushed);
}

static void *run(void *argument)
{
    struct search *search = argument;
    struct json json = json_begin(&search->found);
    json_open_object(&json, NULL);
    switch (search->kind) {
    case SEARCH_LIST: list(search, &json); break;
    case SEARCH_TOP: list_domains(search, &json); break;
    case SEARCH_FLUSH:
    case SEARCH_FLUSH_TREE: flush(search, &json); break;
    }
    json_close_object(&json);
    atomic_store_explicit(&search->done, true, memory_order_release);
    loop_ring(search->bell);
    return NULL;
}

struct search *search_make(enum search_kind kind, struct cache *cache, struct loop *bell)
{
    struct search *search = memory_get_zeroed(1, sizeof *search);
    search->kind = kind;
    search->cache = cache;
    search->bell = bell;
    search->all_names = true;
    search->name = NAME_ROOT;
    return search;
}

void search_name(struct search *search, struct name name)
{
    memcpy(search->wire, name.wire, name.size);
    search->name = (struct name){search->wire, name.size, name.labels};
    search->all_names = false;
}

int search_begin(struct search *search)
{
    int failed = pthread_create(&search->thread, NULL, run, search);
    search->begun = failed == 0;
    return -failed;
}

bool search_is_done(const struct search *search)
{
    return atomic_load_explicit(&search->done, memory_order_acquire);
}

void search_leave(struct search *search)
{
    atomic_store_explicit(&search->unwanted, true, memory_order_relaxed);
}

void search_free(struct search *search)
{
    search_leave(search);
    if (search->begun)
        pthread_join(search->thread, NULL);
    buffer_free(&search->found);
    free(search);
}
