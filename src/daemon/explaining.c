// Names that are our own, explained (explaining.h). The order is that of serve/serve.c.
#include "daemon/explaining.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "auth/authority.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "daemon/daemon.h"
#include "dns/explain.h"
#include "resolve/local.h"
#include "serve/placing.h"

// A question of a client on this machine, with all that it takes to answer it.
struct own_question {
    const struct server *server;
    struct query query;
    struct address client;
    struct packet packet;
    struct placing placing;
    struct auth_asked asked;
    struct serve_worker worker; // of which only what zones need is there
    struct answer answer;
};

static struct own_question *open_question(const struct server *server, struct name name,
                                          uint16_t type)
{
    struct own_question *own = memory_get_zeroed(1, sizeof *own);
    own->server = server;
    own->query = (struct query){
        .name = name, .type = type, .class = CLASS_IN, .flags = FLAG_RD, .over_stream = true};
    name_key_make(name, &server->secret, &own->query.key);
    own->client.v4.sin_family = AF_INET;
    own->client.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    own->client.size = sizeof own->client.v4;
    own->packet.client = &own->client;
    auth_worker_open(&own->worker.auth);
    own->worker.auth.now_s = (uint32_t)(clock_now_us() / 1000000);
    random_fill(&own->worker.dice, sizeof own->worker.dice);
    auth_ask(&own->asked, &own->query);
    if (server->auth.routes) {
        placing_begin(&own->placing, server, &own->worker, &own->query, &own->packet);
        own->asked.client = &own->placing.client;
    }
    answer_begin(&own->answer);
    return own;
}

static void close_question(struct own_question *own)
{
    auth_worker_close(&own->worker.auth);
    free(own);
}

// As in serve: where nothing is resolved, special names are refused unless there are hosts too.
static bool is_local(struct own_question *own)
{
    const struct server *server = own->server;
    struct known_question question = {.key = &own->query.key,
                                      .name = own->query.name,
                                      .type = own->query.type,
                                      .secret = &server->secret};
    return server->rules && (server->local || rules_resolve_at_all(server->rules)) &&
           local_answer(server->local, server->rules, &question, &own->answer);
}

static void put_zone(struct json *json, const struct own_question *own)
{
    const struct name_key *key = &own->query.key;
    const struct zone *zone = zones_find(&own->server->zones, key, key->labels);
    char text[NAME_TEXT_MAX];
    if (!zone)
        return; // a DS at the top of one: it is its parent's
    name_print(zone->origin, text);
    json_text(json, "zone", text);
    if (zone->state == ZONE_SERVED)
        json_number(json, "serial", zone->image.serial);
}

static void put_own(struct json *json, const struct own_question *own, bool zone)
{
    json_open_object(json, "own");
    json_text(json, "by", zone ? "zone" : "local");
    if (zone)
        put_zone(json, own);
    json_close_object(json);
    explain_answer(&own->answer, json);
}

enum explained explaining_own(struct daemon *daemon, struct name name, uint16_t type,
                              struct json *json, struct explained_next *next)
{
    const struct server *server = &daemon_house(daemon)->server;
    struct own_question *own = open_question(server, name, type);
    enum explained explained = EXPLAINED_NOTHING;
    next->name = name;
    if (auth_answer(&server->zones, &server->auth, &own->worker.auth, &own->asked, &own->answer) ==
        AUTH_ANSWERED) {
        if (own->answer.reason == REASON_ALIAS_OUT) {
            explained = EXPLAINED_FIRST;
            next->name = answer_last_name(&own->answer, name);
            memcpy(next->wire, next->name.wire, next->name.size);
            next->name.wire = next->wire;
        } else if (own->answer.reason != REASON_REFERRAL) {
            explained = EXPLAINED_WHOLE;
        }
        if (explained != EXPLAINED_NOTHING)
            put_own(json, own, true);
    } else if (is_local(own)) {
        explained = EXPLAINED_WHOLE;
        put_own(json, own, false);
    }
    close_question(own);
    return explained;
}
