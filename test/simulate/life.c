// Runs a world (see life.h).
#include "life.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "world.h"

#define CLIENTS_MAX 120
#define CROWD_MAX   400
#define CROWD_EVERY 8    // worlds of several clients at once
#define CROWD_US    5000 // between two of them
#define SECOND_US   ((uint64_t)1000000)
#define LIFE_US     (20 * SECOND_US) // in which the clients come
#define CLIENTS_IP  3
// Past its time a question is answered in the resolver's next turn.
#define TURN_US      (SECOND_US / 5)
#define JUNK_TYPE    65280 // RRsets that push others out of the cache
#define JUNK_OCTETS  40000
#define JUNK_AT_ONCE 8

enum client_state { CLIENT_TO_COME, CLIENT_WAITS, CLIENT_TOLD, CLIENT_GONE };

struct client {
    enum client_state state;
    const struct world_question *question;
    uint64_t comes_us, leaves_us, asked_us; // leaves_us 0: it has all the time
    bool anonymous;
};

struct life {
    struct network network;
    struct world world;
    FILE *log;
    struct buffer *problem;
    struct life_counts *counts;
    struct client clients[CLIENTS_MAX + CROWD_MAX];
    struct world_question crowd[CROWD_MAX]; // what it asks for
    unsigned client_count;
    uint64_t junk;
};

static void __attribute__((format(printf, 2, 3))) accuse(struct life *life, const char *format, ...)
{
    if (life->problem->size)
        return;
    buffer_format(life->problem, "seed %llu: ", (unsigned long long)life->world.seed);
    va_list arguments;
    va_start(arguments, format);
    buffer_format_list(life->problem, format, arguments);
    va_end(arguments);
}

static void __attribute__((format(printf, 2, 3))) tell(struct life *life, const char *format, ...)
{
    if (!life->log)
        return;
    struct buffer text = {0};
    va_list arguments;
    va_start(arguments, format);
    buffer_format_list(&text, format, arguments);
    va_end(arguments);
    fprintf(life->log, "%10.4f  %s\n", (double)(life->network.now_us - NETWORK_BEGAN_US) / 1e6,
            buffer_text(&text));
    buffer_free(&text);
}

// --- the servers ---------------------------------------------------------------------------------

// A forger's: the right question, some other ID, and an address of his own.
static void send_forged(struct life *life, const struct network_ask *ask, const struct asked *asked)
{
    static struct reply reply;
    static const uint8_t address[] = {192, 0, 2, 66};
    struct record record = {.owner = asked->name.wire,
                            .owner_size = asked->name.size,
                            .owner_labels = asked->name.labels,
                            .rdata = address,
                            .rdata_size = 4,
                            .ttl = 86400,
                            .type = TYPE_A};
    reply_begin(&reply, asked, FLAG_AA, RCODE_NOERROR);
    reply_add(&reply, SECTION_ANSWER, &record);
    reply_end(&reply);
    reply.octets[world_roll(&life->world, 2)] ^= (uint8_t)(1 + world_roll(&life->world, 255));
    network_reply(&life->network, ask->number, reply.octets, reply.size, 100);
}

static void lower_question(struct reply *reply)
{
    uint8_t folded[NAME_OCTETS_MAX];
    struct name name = name_fold(name_trust(reply->octets + HEADER_SIZE), folded);
    memcpy(reply->octets + HEADER_SIZE, name.wire, name.size);
}

static uint64_t delay_of(struct life *life, enum manner manner)
{
    uint64_t delay_us = 1000 + world_roll(&life->world, 30000);
    if (manner == MANNER_FAR)
        delay_us += 100000 + world_roll(&life->world, 200000);
    else if (manner == MANNER_SLOW)
        delay_us += SECOND_US + world_roll(&life->world, 1000000);
    else if (manner == MANNER_JUMBLED)
        delay_us += world_roll(&life->world, 4) * 100000;
    return delay_us;
}

// What this server says in its manner. False: nothing.
static bool write_reply(struct life *life, const struct network_ask *ask, const struct asked *asked,
                        enum manner manner, struct reply *reply)
{
    bool there = tree_answer(&life->world.tree, &ask->server, asked, reply);
    bool refers = manner == MANNER_UPWARD;
    if (!there || manner == MANNER_DEAD || (manner == MANNER_LOSSY && world_roll(&life->world, 2)))
        return false;
    if (manner == MANNER_REFUSING || manner == MANNER_FAILING || refers) {
        reply_begin(reply, asked, 0,
                    refers                     ? RCODE_NOERROR
                    : manner == MANNER_FAILING ? RCODE_SERVFAIL
                                               : RCODE_REFUSED);
        if (refers)
            reply_add_text(reply, SECTION_AUTHORITY, ". NS ns1x0.\n");
        reply_end(reply);
    }
    if (manner == MANNER_NO_EDNS && asked->edns) {
        reply->no_opt = true;
        reply_begin(reply, asked, 0, RCODE_FORMERR);
    }
    if (!ask->tcp && (manner == MANNER_TRUNCATING || reply->size > asked->payload))
        reply_truncate(reply);
    if (manner == MANNER_NO_CASE)
        lower_question(reply);
    return true;
}

static void log_ask(struct life *life, const struct network_ask *ask, const struct asked *asked,
                    enum manner manner)
{
    char server[ADDRESS_TEXT_MAX], name[NAME_TEXT_MAX], type[TYPE_TEXT_MAX];
    if (!life->log)
        return;
    address_print_host(&ask->server, server);
    name_print(asked->name, name);
    type_print(asked->type, type);
    tell(life, "ask %u %s %s (%s) %s %s%s", ask->number, ask->tcp ? "tcp" : "udp", server,
         world_manner_word(manner), name, type, asked->edns ? "" : " plain");
}

static void carry(struct network *network, const struct network_ask *ask)
{
    struct life *life = network->owner;
    static struct reply reply;
    struct asked asked;
    if (!asked_read(&asked, ask->octets, ask->size)) {
        accuse(life, "asked what is no query");
        return;
    }
    enum manner manner = world_manner(&life->world, &ask->server);
    log_ask(life, ask, &asked, manner);
    if (manner == MANNER_CLOSED) {
        network_fail(network, ask->number, ASK_REFUSED, 5000);
        return;
    }
    if (!write_reply(life, ask, &asked, manner, &reply))
        return;
    uint64_t delay_us = delay_of(life, manner);
    if (manner == MANNER_FORGED && !ask->tcp)
        send_forged(life, ask, &asked);
    if (manner == MANNER_MALFORMED && !ask->tcp)
        network_reply(network, ask->number, reply.octets,
                      reply.size - 1 - world_roll(&life->world, 9), 200);
    network_reply(network, ask->number, reply.octets, reply.size, delay_us);
    if (manner == MANNER_TWICE || (manner == MANNER_JUMBLED && world_roll(&life->world, 2)))
        network_reply(network, ask->number, reply.octets, reply.size,
                      delay_us + world_roll(&life->world, 300000));
}

// --- what is answered ----------------------------------------------------------------------------

static bool is_record(const struct record *record, struct name owner, uint16_t type,
                      const uint8_t *entry)
{
    return record->type == type && name_equal(record_owner(record), owner) &&
           rdata_compare(type, record->rdata, record->rdata_size, rrset_rdata(entry),
                         rrset_rdata_size(entry)) == 0;
}

static const struct record *find_true(const struct truth *truth, struct name owner, uint16_t type,
                                      const uint8_t *entry)
{
    for (size_t i = 0; i < truth->records.count; i++)
        if (is_record(&truth->records.list[i], owner, type, entry))
            return &truth->records.list[i];
    return NULL;
}

// All records of the answer section are true, none is missing, none lives longer than it may.
static const char *compare(const struct answer *answer, const struct truth *truth)
{
    size_t count = 0;
    for (unsigned i = 0; i < answer->count; i++) {
        const struct answer_rrset *rrset = &answer->rrsets[i];
        if (rrset->section != SECTION_ANSWER)
            continue;
        const uint8_t *entry = rrset->rrset->body;
        for (unsigned j = 0; j < rrset->rrset->count; j++, entry = rrset_next(entry)) {
            const struct record *record = find_true(truth, rrset->owner, rrset->rrset->type, entry);
            if (!record)
                return "has a record that is not so";
            if (rrset->ttl > record->ttl)
                return "has a record with more than its TTL";
            count++;
        }
    }
    if (answer->rcode != truth->rcode)
        return "has an RCODE that is not so";
    return count == truth->records.count ? NULL : "does not have all records, or some twice";
}

static void judge(struct life *life, const struct client *client, const struct answer *answer)
{
    struct truth truth;
    uint8_t storage[NAME_OCTETS_MAX];
    struct name name;
    const char *text = client->question->name, *wrong = NULL;
    if (name_parse(text, strlen(text), &NAME_ROOT, storage, &name) != NAME_TEXT_OK)
        abort();
    world_truth(&life->world, name, client->question->type, &truth);
    bool failed = answer->rcode == RCODE_SERVFAIL;
    life->counts->failed += failed;
    life->counts->answered += !failed;
    life->counts->needless += failed && !life->world.calm && !truth.endless && !truth.broken;
    if (failed && life->world.calm && !truth.endless && !truth.broken)
        wrong = "failed in a calm world";
    else if (!failed && !truth.endless)
        wrong = compare(answer, &truth);
    if (wrong)
        accuse(life, "the answer to %s TYPE%u %s (RCODE %u, should be %u)", text,
               client->question->type, wrong, answer->rcode, truth.rcode);
    records_free(&truth.records);
}

static void take_answer(struct network *network, uint64_t token, const struct answer *answer)
{
    struct life *life = network->owner;
    if (token >= life->client_count) {
        accuse(life, "an answer for client %llu, who never was", (unsigned long long)token);
        return;
    }
    struct client *client = &life->clients[token];
    uint64_t took_us = network->now_us - client->asked_us;
    tell(life, "client %llu %s TYPE%u: %s %s after %.3f s", (unsigned long long)token,
         client->question->name, client->question->type,
         answer ? rcode_word(answer->rcode) : "dropped",
         answer && answer->ede_text ? answer->ede_text : "", (double)took_us / 1e6);
    if (client->state != CLIENT_WAITS)
        accuse(life, "client %llu is answered, who %s", (unsigned long long)token,
               client->state == CLIENT_TOLD ? "was answered before" : "does not wait");
    client->state = CLIENT_TOLD;
    if (took_us > (uint64_t)network->rules->time_max_ms * 1000 + TURN_US)
        accuse(life, "client %llu waited for %llu us", (unsigned long long)token,
               (unsigned long long)took_us);
    if (answer)
        judge(life, client, answer);
    else
        life->counts->dropped++;
    if (!answer && client->anonymous)
        accuse(life, "client %llu is dropped, and nobody knows its address",
               (unsigned long long)token);
}

// --- the clients ---------------------------------------------------------------------------------

static void make_clients(struct life *life)
{
    struct world *world = &life->world;
    life->client_count = 20 + world_roll(world, CLIENTS_MAX - 20);
    const struct world_question *last = NULL;
    uint64_t last_us = NETWORK_BEGAN_US;
    for (unsigned i = 0; i < life->client_count; i++) {
        struct client *client = &life->clients[i];
        client->question = &world->questions[world_roll(world, world->question_count)];
        client->comes_us = NETWORK_BEGAN_US + world_roll(world, (unsigned)LIFE_US);
        // Many ask what another one has just asked.
        if (last && world_roll(world, 3) == 0) {
            client->question = last;
            client->comes_us = last_us + world_roll(world, 3) * 10000;
        }
        last = client->question;
        last_us = client->comes_us;
        if (world_roll(world, 8) == 0)
            client->leaves_us = client->comes_us + world_roll(world, 2000000);
        client->anonymous = world_roll(world, 2) == 0 || world->calm;
    }
}

// Random names of a zone that is silent, all of a sudden (resolve/quota.h).
static void add_crowd(struct life *life)
{
    struct world *world = &life->world;
    const struct world_zone *zone = world_silence(world);
    for (unsigned i = 0; zone && i < CROWD_MAX; i++) {
        struct world_question *question = &life->crowd[i];
        snprintf(question->name, sizeof question->name, "r%u.%s", i, zone->name);
        question->type = TYPE_A;
        life->clients[life->client_count++] =
            (struct client){.question = question,
                            .comes_us = NETWORK_BEGAN_US + SECOND_US + (uint64_t)i * CROWD_US,
                            .anonymous = true};
    }
}

static void ask(struct life *life, unsigned index)
{
    struct client *client = &life->clients[index];
    uint8_t storage[NAME_OCTETS_MAX];
    struct address address;
    char text[ADDRESS_TEXT_MAX];
    snprintf(text, sizeof text, "192.0.2.%u", index % CLIENTS_IP + 1);
    struct want want = {.type = client->question->type, .token = index};
    if (!address_parse(text, 5353, &address) ||
        name_parse(client->question->name, strlen(client->question->name), &NAME_ROOT, storage,
                   &want.name) != NAME_TEXT_OK)
        abort();
    want.client = client->anonymous ? NULL : &address;
    tell(life, "client %u asks %s TYPE%u", index, client->question->name, want.type);
    client->state = CLIENT_WAITS;
    client->asked_us = life->network.now_us;
    life->counts->wants++;
    network_want(&life->network, &want);
}

static void leave(struct life *life, unsigned index)
{
    tell(life, "client %u leaves", index);
    life->clients[index].state = CLIENT_GONE;
    life->counts->forgotten++;
    network_forget(&life->network, index);
}

// What comes next of what clients do: the time, and who does it.
static uint64_t next_act(const struct life *life, unsigned *who)
{
    uint64_t first_us = UINT64_MAX;
    for (unsigned i = 0; i < life->client_count; i++) {
        const struct client *client = &life->clients[i];
        uint64_t at_us = client->state == CLIENT_TO_COME                      ? client->comes_us
                         : client->state == CLIENT_WAITS && client->leaves_us ? client->leaves_us
                                                                              : UINT64_MAX;
        if (at_us < first_us) {
            first_us = at_us;
            *who = i;
        }
    }
    return first_us;
}

// Things that nobody here asks for, and that need room.
static void put_junk(struct life *life)
{
    static uint32_t block[JUNK_OCTETS / 4 + 4];
    struct rrset *rrset = (struct rrset *)block;
    *rrset = (struct rrset){.ttl = 3600, .type = JUNK_TYPE, .count = 1};
    rrset->words = rrset_words(sizeof block);
    bytes_put16(rrset->body, (uint16_t)(sizeof block - sizeof *rrset - 2));
    for (unsigned i = 0; i < JUNK_AT_ONCE; i++) {
        char text[64];
        uint8_t storage[NAME_OCTETS_MAX];
        struct name name;
        static struct name_key name_key;
        snprintf(text, sizeof text, "junk%llu.", (unsigned long long)life->junk++);
        if (name_parse(text, strlen(text), &NAME_ROOT, storage, &name) != NAME_TEXT_OK)
            abort();
        name_key_make(name, &network_secret, &name_key);
        struct cache_key key = {.name = &name_key, .depth = name.labels, .type = JUNK_TYPE};
        struct cache_put put = {.kind = CACHE_RRSET,
                                .rank = RANK_AUTHORITATIVE,
                                .ttl_s = 3600,
                                .owner = name,
                                .rrset = rrset};
        cache_put(life->network.cache, &key, &put, network_seconds(&life->network));
    }
}

// --- the run -------------------------------------------------------------------------------------

static bool is_over(const struct life *life)
{
    return life->problem->size || life->network.broken[0];
}

// Until nothing happens any more: the resolver sleeps, and all its asks have ended.
static void drain(struct life *life)
{
    while (!is_over(life) && network_step(&life->network, UINT64_MAX))
        ;
}

static void check_nothing_left(struct life *life)
{
    struct resolver_counts left;
    resolver_count(life->network.resolver, &left);
    if (left.tasks || left.waiters || left.asks || left.walking || life->network.asks_live)
        accuse(life, "%u tasks (%u at a zone), %u waiters, %u asks are left (%zu under way)",
               left.tasks, left.walking, left.waiters, left.asks, life->network.asks_live);
    for (unsigned i = 0; i < life->client_count; i++)
        if (life->clients[i].state == CLIENT_WAITS)
            accuse(life, "client %u still waits for %s", i, life->clients[i].question->name);
}

static void live_one_by_one(struct life *life)
{
    for (unsigned i = 0; i < life->client_count && !is_over(life); i++) {
        uint64_t before = network_packets(&life->network);
        if (life->world.floods)
            put_junk(life);
        ask(life, i);
        drain(life);
        check_nothing_left(life);
        uint64_t spent = network_packets(&life->network) - before;
        if (spent > life->counts->most_packets)
            life->counts->most_packets = spent;
        if (spent > life->network.rules->packets_max)
            accuse(life, "%s cost %llu packets", life->clients[i].question->name,
                   (unsigned long long)spent);
        network_run(&life->network, life->network.now_us + world_roll(&life->world, 2000000));
    }
}

static void live_together(struct life *life)
{
    unsigned who = 0;
    uint64_t at_us;
    while (!is_over(life) && (at_us = next_act(life, &who)) != UINT64_MAX) {
        if (at_us > life->network.now_us)
            network_run(&life->network, at_us);
        // It may have been answered on the way.
        if (next_act(life, &who) > life->network.now_us)
            continue;
        if (life->clients[who].state == CLIENT_WAITS) {
            leave(life, who);
            continue;
        }
        if (life->world.floods)
            put_junk(life);
        ask(life, who);
    }
    drain(life);
    uint64_t most = life->network.rules->packets_max * (uint64_t)life->client_count;
    if (network_packets(&life->network) > most)
        accuse(life, "%u questions cost %llu packets", life->client_count,
               (unsigned long long)network_packets(&life->network));
}

static struct rules *make_rules(const struct world *world)
{
    struct rules *rules = rules_make();
    rules->quiet = true;
    rules->special_names = false;
    rules->minimise = world->minimise;
    rules_set_root(rules, false);
    const struct tree_zone *root = world->tree.zones[0];
    for (size_t i = 0; i < root->records.count; i++) {
        const struct record *record = &root->records.list[i];
        struct address address = {0};
        if (record->type == TYPE_A) {
            address.v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(53)};
            memcpy(&address.v4.sin_addr, record->rdata, 4);
            address.size = sizeof address.v4;
        }
        // Those of the root's own servers; the others are glue.
        if (address.size && tree_zone_of(&world->tree, &address, NAME_ROOT))
            rules_add_root_server(rules, record_owner(record), &address);
    }
    return rules;
}

bool life_run(uint64_t seed, FILE *log, struct life_counts *counts, struct buffer *problem)
{
    struct life *life = memory_get_zeroed(1, sizeof *life);
    life->log = log;
    life->counts = counts;
    life->problem = problem;
    world_make(&life->world, seed);
    make_clients(life);
    if (seed % CROWD_EVERY == 0 && !life->world.calm && !life->world.one_by_one)
        add_crowd(life);
    counts->calm += life->world.calm;
    struct network_options options = {.rules = make_rules(&life->world),
                                      .seed = seed + 1,
                                      .cache_octets = CACHE_OCTETS_MIN,
                                      .carry = carry,
                                      .told = take_answer,
                                      .owner = life};
    network_open(&life->network, &options);
    rules_release(options.rules);
    if (log)
        for (unsigned i = 0; i < life->world.zone_count; i++)
            fprintf(log, "; zone %s at%s\n%s", life->world.zones[i].name,
                    buffer_text(&life->world.zones[i].servers),
                    buffer_text(&life->world.zones[i].text));
    if (life->world.one_by_one)
        live_one_by_one(life);
    else
        live_together(life);
    if (!is_over(life))
        check_nothing_left(life);
    if (life->network.broken[0])
        accuse(life, "the resolver %s", life->network.broken);
    struct resolver_counts own;
    resolver_count(life->network.resolver, &own);
    counts->limits += own.limits;
    counts->crowded += own.crowded;
    counts->suspect += own.suspect;
    counts->timeouts += own.timeouts;
    counts->packets += network_packets(&life->network);
    network_close(&life->network);
    world_free(&life->world);
    free(life);
    return problem->size == 0;
}
