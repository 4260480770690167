// Looking into the cache, and taking things out of it (commands_cache.h): what a request means, and
// the clients that wait for a search.
#include "daemon/commands_cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cache/cache.h"
#include "daemon/commands_resolve.h"
#include "daemon/daemon.h"
#include "daemon/metrics.h"
#include "daemon/reply.h"
#include "daemon/search.h"

// One request under way.
struct searching {
    struct searching *next;
    struct control_ticket client;
    struct search *search;
};

static void run_stats(struct daemon *daemon, struct control_client *client)
{
    struct reply reply;
    reply_begin(&reply, 0);
    metrics_cache_json(daemon->cache, &reply.json);
    reply_send(daemon, client, &reply, false);
}

enum verb { VERB_SHOW, VERB_DUMP, VERB_TOP, VERB_FLUSH, VERB_FLUSH_TREE, VERB_STATS, VERB_NONE };

static enum verb find_verb(const json_t *request)
{
    static const char *const words[VERB_NONE] = {"show",  "dump",       "top",
                                                 "flush", "flush-tree", "stats"};
    const char *text = json_string_value(json_object_get(request, "do"));
    for (unsigned i = 0; text && i < VERB_NONE; i++)
        if (strcmp(words[i], text) == 0)
            return (enum verb)i;
    return VERB_NONE;
}

// Where the command can go no further the client has been told why, and *search is gone.
static bool take_members(struct daemon *daemon, struct control_client *client,
                         const json_t *request, struct search *search)
{
    uint8_t wire[NAME_OCTETS_MAX];
    struct name name;
    if (!command_take_name(daemon, client, request, wire, &name) ||
        !command_take_type(daemon, client, request, &search->type)) {
        search_free(search);
        return false;
    }
    search_name(search, name);
    return true;
}

static void begin(struct daemon *daemon, struct control_client *client, struct search *search)
{
    unsigned others = 0;
    for (const struct searching *at = daemon->searches; at; at = at->next)
        others++;
    int failed = others < SEARCHES_MAX ? search_begin(search) : 0;
    if (failed || others >= SEARCHES_MAX) {
        search_free(search);
        if (failed)
            reply_refuse(daemon, client, 1, "there is no thread for it", strerror(-failed));
        else
            reply_refuse(daemon, client, 6, "the cache is being looked through for others", NULL);
        return;
    }
    struct searching *searching = memory_get(sizeof *searching);
    *searching =
        (struct searching){daemon->searches, control_ticket(&daemon->control, client), search};
    daemon->searches = searching;
}

static void look(struct daemon *daemon, struct control_client *client, const json_t *request,
                 enum search_kind kind)
{
    bool named = kind != SEARCH_TOP && request;
    struct search *search = search_make(kind, daemon->cache, &daemon->loop);
    if (!named || take_members(daemon, client, request, search))
        begin(daemon, client, search);
}

void command_run_cache(struct daemon *daemon, struct control_client *client, json_t *request)
{
    if (!daemon->cache) {
        reply_refuse(daemon, client, 6, "this server has no cache",
                     "see resolve.default in its configuration");
        return;
    }
    switch (find_verb(request)) {
    case VERB_SHOW: look(daemon, client, request, SEARCH_LIST); break;
    case VERB_DUMP: look(daemon, client, NULL, SEARCH_LIST); break;
    case VERB_TOP: look(daemon, client, NULL, SEARCH_TOP); break;
    case VERB_FLUSH: look(daemon, client, request, SEARCH_FLUSH); break;
    case VERB_FLUSH_TREE: look(daemon, client, request, SEARCH_FLUSH_TREE); break;
    case VERB_STATS: run_stats(daemon, client); break;
    case VERB_NONE:
        reply_refuse(daemon, client, 2, "'do' is none of show, dump, top, flush, flush-tree, stats",
                     NULL);
        break;
    }
}

static void finish(struct daemon *daemon, struct searching *searching)
{
    struct control_client *client = control_find(&daemon->control, searching->client);
    const struct buffer *found = &searching->search->found;
    struct reply reply;
    if (client) {
        reply_begin(&reply, 0);
        json_merge(&reply.json, buffer_text(found), found->size);
        reply_send(daemon, client, &reply, false);
    }
    search_free(searching->search);
    free(searching);
}

void commands_cache_step(struct daemon *daemon)
{
    struct searching **link = &daemon->searches;
    while (*link) {
        struct searching *searching = *link;
        if (search_is_done(searching->search)) {
            *link = searching->next;
            finish(daemon, searching);
            continue;
        }
        if (!control_find(&daemon->control, searching->client))
            search_leave(searching->search);
        link = &searching->next;
    }
}

void commands_cache_free(struct daemon *daemon)
{
    for (struct searching *at = daemon->searches; at; at = at->next)
        search_leave(at->search);
    while (daemon->searches) {
        struct searching *searching = daemon->searches;
        daemon->searches = searching->next;
        search_free(searching->search);
        free(searching);
    }
}
