// trace and why (commands_resolve.h): errands for the workers, and a client that waits for them.
#include "daemon/commands_resolve.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "daemon/daemon.h"
#include "daemon/errand.h"
#include "daemon/explaining.h"
#include "daemon/reply.h"
#include "dns/explain.h"

// One request under way. The errands are the workers' until they are done, so a visit outlives a
// client that hangs up.
struct visit {
    struct visit *next;
    struct control_ticket client;
    struct buffer before; // what our own zones had said: a JSON object; empty: nothing
    unsigned count;
    struct errand *errands[]; // one for each worker that was asked
};

static bool resolves(const struct daemon *daemon, const struct house *house)
{
    return house && daemon->cache && house->server.rules &&
           rules_resolve_at_all(house->server.rules);
}

bool command_take_name(struct daemon *daemon, struct control_client *client, const json_t *request,
                       uint8_t *storage, struct name *name)
{
    const char *text = json_string_value(json_object_get(request, "name"));
    struct name root = NAME_ROOT;
    enum name_text_result result =
        text ? name_parse(text, strlen(text), &root, storage, name) : NAME_TEXT_EMPTY;
    if (result == NAME_TEXT_OK)
        return true;
    reply_refuse(daemon, client, 2, text ? name_text_problem(result) : "'name' is missing", NULL);
    return false;
}

// False: the command was refused.
static bool may_ask_workers(struct daemon *daemon, struct control_client *client)
{
    unsigned waiting = 0;
    for (const struct visit *visit = daemon->visits; visit; visit = visit->next)
        waiting++;
    if (!resolves(daemon, daemon_house(daemon)))
        reply_refuse(daemon, client, 6, "this server does not resolve names of others",
                     "see resolve.default in its configuration");
    else if (waiting >= VISITS_MAX)
        reply_refuse(daemon, client, 6, "too many questions of this kind are under way", NULL);
    else
        return true;
    return false;
}

bool command_take_type(struct daemon *daemon, struct control_client *client, const json_t *request,
                       uint16_t *type)
{
    const json_t *given = json_object_get(request, "type");
    const char *text = json_string_value(given);
    if (!given || (text && type_parse(text, strlen(text), type)))
        return true;
    reply_refuse(daemon, client, 2, "'type' is not a type", NULL);
    return false;
}

static struct visit *begin_visit(struct daemon *daemon, const struct control_client *client,
                                 unsigned count)
{
    struct visit *visit = memory_get_zeroed(1, sizeof *visit + count * sizeof visit->errands[0]);
    visit->client = control_ticket(&daemon->control, client);
    visit->count = count;
    visit->next = daemon->visits;
    daemon->visits = visit;
    return visit;
}

// What we have ourselves is told at once: nobody is asked, so there are no steps.
static void reply_own(struct daemon *daemon, struct control_client *client, struct buffer *own)
{
    struct reply reply;
    reply_begin(&reply, 0);
    json_merge(&reply.json, buffer_text(own), own->size);
    json_number(&reply.json, "packets", 0);
    json_number(&reply.json, "ms", 0);
    json_open_array(&reply.json, "steps");
    json_close_array(&reply.json);
    reply_send(daemon, client, &reply, false);
}

void command_run_trace(struct daemon *daemon, struct control_client *client, json_t *request)
{
    uint8_t wire[NAME_OCTETS_MAX];
    struct name name;
    struct explained_next next;
    uint16_t type = TYPE_A;
    if (!daemon_house(daemon)) {
        reply_refuse(daemon, client, 6, "the first zones are still being loaded", NULL);
        return;
    }
    if (!command_take_name(daemon, client, request, wire, &name) ||
        !command_take_type(daemon, client, request, &type))
        return;
    struct buffer own = {0};
    struct json json = json_begin(&own);
    json_open_object(&json, NULL);
    explain_question(name, type, &json);
    enum explained explained = explaining_own(daemon, name, type, &json, &next);
    json_close_object(&json);
    if (explained == EXPLAINED_WHOLE) {
        reply_own(daemon, client, &own);
    } else if (may_ask_workers(daemon, client)) {
        struct visit *visit = begin_visit(daemon, client, 1);
        if (explained == EXPLAINED_FIRST)
            buffer_add(&visit->before, buffer_text(&own), own.size);
        visit->errands[0] = errand_make(ERRAND_TRACE, next.name, type, &daemon->loop);
        worker_send(daemon->workers[0], visit->errands[0]);
    }
    buffer_free(&own);
}

void command_run_why(struct daemon *daemon, struct control_client *client, json_t *request)
{
    uint8_t wire[NAME_OCTETS_MAX];
    struct name name = NAME_ROOT;
    bool all = !json_object_get(request, "name");
    if (!may_ask_workers(daemon, client))
        return;
    if (!all && !command_take_name(daemon, client, request, wire, &name))
        return;
    struct visit *visit = begin_visit(daemon, client, daemon->worker_count);
    for (unsigned i = 0; i < visit->count; i++) {
        visit->errands[i] = errand_make(ERRAND_WHY, name, 0, &daemon->loop);
        visit->errands[i]->all_names = all;
        worker_send(daemon->workers[i], visit->errands[i]);
    }
}

static bool is_done(const struct visit *visit)
{
    for (unsigned i = 0; i < visit->count; i++)
        if (!atomic_load_explicit(&visit->errands[i]->done, memory_order_acquire))
            return false;
    return true;
}

static void put_results(struct json *json, const struct visit *visit)
{
    const struct errand *first = visit->errands[0];
    switch (first->kind) {
    case ERRAND_TRACE:
        json_merge(json, buffer_text(&first->reply), first->reply.size);
        if (visit->before.size) {
            json_open_object(json, "before");
            json_merge(json, buffer_text(&visit->before), visit->before.size);
            json_close_object(json);
        }
        break;
    case ERRAND_WHY:
        json_open_array(json, "failures");
        for (unsigned i = 0; i < visit->count; i++)
            json_merge(json, buffer_text(&visit->errands[i]->reply), visit->errands[i]->reply.size);
        json_close_array(json);
        break;
    case ERRAND_FIND: break; // nobody asks for it here
    }
}

static void free_visit(struct visit *visit)
{
    for (unsigned i = 0; i < visit->count; i++)
        errand_free(visit->errands[i]);
    buffer_free(&visit->before);
    free(visit);
}

static void finish_visit(struct daemon *daemon, struct visit *visit)
{
    struct control_client *client = control_find(&daemon->control, visit->client);
    struct reply reply;
    if (client) {
        reply_begin(&reply, 0);
        put_results(&reply.json, visit);
        reply_send(daemon, client, &reply, false);
    }
    free_visit(visit);
}

void commands_resolve_step(struct daemon *daemon)
{
    struct visit **link = &daemon->visits;
    while (*link) {
        struct visit *visit = *link;
        if (!is_done(visit)) {
            link = &visit->next;
            continue;
        }
        *link = visit->next;
        finish_visit(daemon, visit);
    }
}

void commands_resolve_free(struct daemon *daemon)
{
    while (daemon->visits) {
        struct visit *visit = daemon->visits;
        daemon->visits = visit->next;
        free_visit(visit);
    }
}
