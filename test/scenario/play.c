// The player of scenarios (see play.h).
#include "play.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "network.h"
#include "wire.h"

#define SEED 20170821
// Longer than any question may take.
#define PATIENCE_US ((uint64_t)60 * 1000000)
#define RTT_US      1000

// What the client was told last.
struct told {
    bool came, dropped;
    uint64_t token;
    uint16_t rcode;
    struct records records; // of the answer section, no signatures
};

struct player {
    struct network network;
    const struct script *script;
    FILE *log;
    struct buffer *problem;
    unsigned step;            // that servers are at
    uint64_t token;           // of the last question
    struct script_step *asks; // the step that asked it
    struct told told;
};

// --- servers -------------------------------------------------------------------------------------

static bool serves(const struct script_range *range, const struct address *server)
{
    for (const struct script_address *at = range->addresses; at; at = at->next)
        if (address_equal(&at->address, server))
            return true;
    return range->addresses == NULL;
}

static bool is_silent(const struct player *player, const struct address *server)
{
    for (const struct script_range *range = player->script->ranges; range; range = range->next)
        if (serves(range, server))
            return false;
    return true;
}

static bool same_octets(struct name a, struct name b)
{
    return a.size == b.size && memcmp(a.wire, b.wire, a.size) == 0;
}

static bool matches(const struct script_entry *entry, const struct asked *asked, bool tcp)
{
    unsigned match = entry->match;
    if (match & MATCH_QUESTION)
        match |= MATCH_QNAME | MATCH_QTYPE;
    const struct {
        unsigned bit;
        bool good;
    } rules[] = {
        {MATCH_OPCODE, message_opcode(entry->flags) == message_opcode(asked->flags)},
        {MATCH_QTYPE, entry->has_question && entry->type == asked->type},
        {MATCH_QNAME, entry->has_question && name_equal(entry->name, asked->name)},
        {MATCH_QCASE, entry->has_question && same_octets(entry->name, asked->name)},
        {MATCH_SUBDOMAIN, entry->has_question && name_is_within(asked->name, entry->name)},
        {MATCH_UDP, !tcp},
        {MATCH_TCP, tcp},
        {MATCH_DO, asked->dnssec_ok},
        {MATCH_NOEDNS, !asked->edns},
        {MATCH_EDNS, asked->edns},
    };
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if ((match & rules[i].bit) && !rules[i].good)
            return false;
    return true;
}

static const struct script_entry *find_entry(const struct player *player,
                                             const struct network_ask *ask,
                                             const struct asked *asked)
{
    for (const struct script_range *range = player->script->ranges; range; range = range->next) {
        if (player->step < range->first || player->step > range->last ||
            !serves(range, &ask->server))
            continue;
        for (const struct script_entry *entry = range->entries; entry; entry = entry->next)
            if (matches(entry, asked, ask->tcp))
                return entry;
    }
    return NULL;
}

static void add_records(struct reply *reply, enum section section, const struct records *records)
{
    for (size_t i = 0; i < records->count; i++)
        reply_add(reply, section, &records->list[i]);
}

static void write_entry(struct reply *reply, const struct script_entry *entry,
                        const struct asked *asked)
{
    // Servers give the question back as it was asked; an entry says another one on purpose only.
    static struct asked other;
    bool own = (entry->adjust & ADJUST_COPY_QUERY) || !entry->has_question ||
               (name_equal(entry->name, asked->name) && entry->type == asked->type);
    other = *asked;
    other.name.wire = other.wire;
    if (!own) {
        memcpy(other.wire, entry->name.wire, entry->name.size);
        other.name = (struct name){other.wire, entry->name.size, entry->name.labels};
        other.type = entry->type;
    }
    // Where nobody says copy_id, files still expect that the reply is taken.
    if (entry->adjust & ADJUST_RAW_ID)
        other.id = 0;
    reply_begin(reply, &other, 0, 0);
    bytes_put16(reply->octets + 2, (uint16_t)(entry->flags | (entry->rcode & 15)));
    for (unsigned section = SECTION_ANSWER; section <= SECTION_ADDITIONAL; section++)
        add_records(reply, (enum section)section, &entry->sections[section]);
    reply_end(reply);
}

static void add_addresses(struct reply *reply, const struct script_entry *entry,
                          const struct asked *asked)
{
    for (unsigned section = SECTION_ANSWER; section <= SECTION_ADDITIONAL; section++) {
        const struct records *records = &entry->sections[section];
        for (size_t i = 0; i < records->count; i++) {
            const struct record *record = &records->list[i];
            if (record->type == asked->type && name_equal(record_owner(record), asked->name))
                reply_add(reply, SECTION_ANSWER, record);
        }
    }
}

static bool has_answer(const struct reply *reply)
{
    return reply->octets[7] != 0;
}

static void write_unforeseen(const struct player *player, struct reply *reply,
                             const struct asked *asked)
{
    reply_begin(reply, asked, FLAG_AA, RCODE_NOERROR);
    bool address = asked->type == TYPE_A || asked->type == TYPE_AAAA;
    for (const struct script_range *range = player->script->ranges; range; range = range->next)
        for (const struct script_entry *entry = range->entries; entry; entry = entry->next)
            if (address && !has_answer(reply)) // the first that has some: no RRset twice
                add_addresses(reply, entry, asked);
    reply_end(reply);
}

static void log_ask(const struct player *player, const struct network_ask *ask,
                    const struct asked *asked, const struct script_entry *entry)
{
    char server[ADDRESS_TEXT_MAX], name[NAME_TEXT_MAX], type[TYPE_TEXT_MAX], what[32];
    address_print_host(&ask->server, server);
    name_print(asked->name, name);
    type_print(asked->type, type);
    snprintf(what, sizeof what, "line %u", entry ? entry->line : 0);
    fprintf(player->log, "%9.3f s  step %u  %s %s %s %s -> %s\n",
            (double)(ask->sent_us - NETWORK_BEGAN_US) / 1e6, player->step, ask->tcp ? "tcp" : "udp",
            server, name, type,
            entry                             ? what
            : is_silent(player, &ask->server) ? "silence"
                                              : "unforeseen");
}

static void carry(struct network *network, const struct network_ask *ask)
{
    struct player *player = network->owner;
    static struct reply reply;
    struct asked asked;
    if (!asked_read(&asked, ask->octets, ask->size)) {
        snprintf(network->broken, sizeof network->broken, "asked what is no query");
        return;
    }
    const struct script_entry *entry = find_entry(player, ask, &asked);
    if (player->log)
        log_ask(player, ask, &asked, entry);
    if ((entry && (entry->adjust & ADJUST_DO_NOT_ANSWER)) ||
        (!entry && is_silent(player, &ask->server)))
        return;
    if (entry)
        write_entry(&reply, entry, &asked);
    else
        write_unforeseen(player, &reply, &asked);
    network_reply(network, ask->number, reply.octets, reply.size,
                  RTT_US + (entry ? entry->sleep_us : 0));
}

// --- the client ----------------------------------------------------------------------------------

static void keep(struct records *records, const struct answer_rrset *rrset)
{
    const uint8_t *entry = rrset->rrset->body;
    for (unsigned i = 0; i < rrset->rrset->count; i++, entry = rrset_next(entry)) {
        struct record *record = records_add(records);
        *record = (struct record){
            .owner = arena_copy(&records->arena, rrset->owner.wire, rrset->owner.size),
            .owner_size = rrset->owner.size,
            .owner_labels = rrset->owner.labels,
            .rdata = arena_copy(&records->arena, rrset_rdata(entry), rrset_rdata_size(entry)),
            .rdata_size = rrset_rdata_size(entry),
            .ttl = rrset->ttl,
            .type = rrset->rrset->type};
    }
}

static void forget(struct told *told)
{
    records_free(&told->records);
    *told = (struct told){0};
    records_begin(&told->records, NAME_ROOT);
}

static void take_answer(struct network *network, uint64_t token, const struct answer *answer)
{
    struct player *player = network->owner;
    struct told *told = &player->told;
    if (told->came && told->token == token)
        snprintf(network->broken, sizeof network->broken, "answered twice");
    forget(told);
    told->came = true;
    told->token = token;
    told->dropped = answer == NULL;
    if (!answer)
        return;
    told->rcode = answer->rcode;
    for (unsigned i = 0; i < answer->count; i++)
        if (answer->rrsets[i].section == SECTION_ANSWER &&
            answer->rrsets[i].part != PART_SIGNATURES)
            keep(&told->records, &answer->rrsets[i]);
    if (player->log)
        fprintf(player->log, "told %s, %zu records%s%s\n", rcode_word(told->rcode),
                told->records.count, answer->ede_text ? ", " : "",
                answer->ede_text ? answer->ede_text : "");
}

// --- judging -------------------------------------------------------------------------------------

static bool same_record(const struct record *a, const struct record *b, bool ttl)
{
    return a->type == b->type && name_equal(record_owner(a), record_owner(b)) &&
           rdata_compare(a->type, a->rdata, a->rdata_size, b->rdata, b->rdata_size) == 0 &&
           (!ttl || a->ttl == b->ttl);
}

// The first record of `some` that `others` lacks, signatures apart.
static const struct record *find_lacking(const struct records *some, const struct records *others,
                                         bool ttl)
{
    for (size_t i = 0; i < some->count; i++) {
        bool found = some->list[i].type == TYPE_RRSIG;
        for (size_t j = 0; !found && j < others->count; j++)
            found = same_record(&some->list[i], &others->list[j], ttl);
        if (!found)
            return &some->list[i];
    }
    return NULL;
}

static void complain_of(struct player *player, const char *what, const struct record *record)
{
    char name[NAME_TEXT_MAX], type[TYPE_TEXT_MAX];
    name_print(record_owner(record), name);
    type_print(record->type, type);
    buffer_format(player->problem, "%s %s %u %s ", what, name, record->ttl, type);
    rdata_print(record->type, record->rdata, record->rdata_size, player->problem);
}

static bool judge(struct player *player, const struct script_step *step)
{
    const struct script_entry *expected = step->entry;
    const struct told *told = &player->told;
    const struct script_entry *query = player->asks ? player->asks->entry : NULL;
    unsigned match = expected->match;
    struct buffer *problem = player->problem;
    buffer_format(problem, "%s:%u: ", player->script->path, expected->line);
    if (!told->came)
        buffer_format(problem, "no answer came%s%s", player->network.broken[0] ? ": " : "",
                      player->network.broken);
    else if (told->dropped)
        buffer_add_text(problem, "the client was dropped");
    else if ((match & MATCH_RCODE) && told->rcode != expected->rcode)
        buffer_format(problem, "RCODE is %s, not %s", rcode_word(told->rcode),
                      rcode_word(expected->rcode));
    else if ((match & (MATCH_QNAME | MATCH_QUESTION)) && expected->has_question && query &&
             !name_equal(expected->name, query->name))
        buffer_add_text(problem, "another name was asked");
    else if ((match & (MATCH_QTYPE | MATCH_QUESTION)) && expected->has_question && query &&
             expected->type != query->type)
        buffer_add_text(problem, "another type was asked");
    else if ((match & MATCH_FLAGS) && !(expected->flags & FLAG_QR))
        buffer_add_text(problem, "QR is set");
    else if ((match & MATCH_FLAGS) && (expected->flags & FLAG_TC))
        buffer_add_text(problem, "TC is not set");
    else if ((match & MATCH_FLAGS) && (expected->flags & FLAG_AD))
        buffer_add_text(problem, "AD is not set");
    else {
        const struct records *records = &expected->sections[SECTION_ANSWER];
        // Of a failure some servers tell the aliases that led to it, and others do not.
        if (expected->rcode == RCODE_SERVFAIL)
            match &= ~(unsigned)MATCH_ANSWER;
        const struct record *lacking = find_lacking(records, &told->records, match & MATCH_TTL);
        const struct record *surplus = find_lacking(&told->records, records, match & MATCH_TTL);
        if ((match & MATCH_ANSWER) && lacking)
            complain_of(player, "the answer lacks", lacking);
        else if ((match & MATCH_ANSWER) && surplus)
            complain_of(player, "the answer should not have", surplus);
        else
            buffer_clear(problem);
    }
    return problem->size == 0;
}

// --- steps ---------------------------------------------------------------------------------------

static bool ask(struct player *player, struct script_step *step)
{
    const struct script_entry *entry = step->entry;
    if (!entry->has_question) {
        buffer_format(player->problem, "%s:%u: a query without a question", player->script->path,
                      step->line);
        return false;
    }
    struct want want = {.name = entry->name,
                        .type = entry->type,
                        .dnssec_ok = entry->dnssec_ok,
                        .checking_disabled = entry->flags & FLAG_CD,
                        .token = ++player->token,
                        .client = step->client.size ? &step->client : NULL};
    forget(&player->told);
    player->asks = step;
    player->step = player->script->unbound && step->next ? step->next->number : step->number;
    if (player->log)
        fprintf(player->log, "step %u asks, line %u\n", step->number, step->line);
    network_want(&player->network, &want);
    uint64_t until_us = player->network.now_us + PATIENCE_US;
    while (!player->told.came && !player->network.broken[0] &&
           network_step(&player->network, until_us))
        ;
    return true;
}

static bool take_step(struct player *player, struct script_step *step)
{
    player->step = step->number;
    switch (step->act) {
    case ACT_QUERY: return ask(player, step);
    case ACT_CHECK_ANSWER: return judge(player, step);
    case ACT_TIME_PASSES:
        network_run(&player->network, player->network.now_us + step->elapse_us);
        return true;
    case ACT_NOTHING: return true;
    }
    return false;
}

static void add_servers(struct rules *rules, const struct script *script,
                        const struct script_zone *zone)
{
    bool root = zone->name.labels == 0;
    struct delegation *delegation = root ? NULL : rules_add_zone(rules, zone->name, zone->forward);
    if (root)
        rules_set_root(rules, zone->forward);
    for (const struct script_address *at = zone->addresses; at; at = at->next) {
        if (root)
            rules_add_root_server(rules, script->root_name, &at->address);
        else if (delegation)
            delegation_add_address(delegation, &at->address, DELEGATION_NO_HOST);
    }
}

static struct rules *make_rules(const struct script *script)
{
    struct rules *rules = rules_make();
    rules->quiet = true;
    rules->special_names = false; // scripts play in whatever names they like
    rules->minimise = script->minimise;
    rules->ipv4 = script->ipv4;
    rules->ipv6 = script->ipv6;
    if (script->asks_localhost)
        rules->never_ask_count = 0;
    for (const struct script_zone *zone = script->zones; zone; zone = zone->next)
        if (zone->name.wire)
            add_servers(rules, script, zone);
    return rules;
}

static struct player *open_player(const struct script *script, FILE *log, struct buffer *problem)
{
    struct player *player = memory_get_zeroed(1, sizeof *player);
    player->script = script;
    player->log = log;
    player->problem = problem;
    records_begin(&player->told.records, NAME_ROOT);
    struct network_options options = {.rules = make_rules(script),
                                      .seed = SEED,
                                      .carry = carry,
                                      .told = take_answer,
                                      .owner = player};
    network_open(&player->network, &options);
    rules_release(options.rules);
    return player;
}

// The verdict.
static bool close_player(struct player *player)
{
    struct buffer *problem = player->problem;
    if (problem->size == 0 && player->network.broken[0])
        buffer_format(problem, "%s:0: the resolver %s", player->script->path,
                      player->network.broken);
    network_close(&player->network);
    records_free(&player->told.records);
    free(player);
    return problem->size == 0;
}

bool play(const struct script *script, FILE *log, struct buffer *problem)
{
    struct player *player = open_player(script, log, problem);
    for (struct script_step *step = script->steps; step && problem->size == 0; step = step->next)
        if (!take_step(player, step))
            break;
    return close_player(player);
}

// --- whatever a script says ----------------------------------------------------------------------

static void judge_promises(struct player *player, uint64_t asked)
{
    struct network *network = &player->network;
    struct resolver_counts counts;
    char *broken = network->broken;
    size_t room = sizeof network->broken;
    resolver_count(network->resolver, &counts);
    uint64_t told = network->counts.told + network->counts.told_at_once;
    if (broken[0])
        return;
    if (told != asked)
        snprintf(broken, room, "answers %" PRIu64 " of %" PRIu64 " questions", told, asked);
    else if (counts.tasks || counts.waiters || counts.asks || network->asks_live)
        snprintf(broken, room, "keeps %u tasks, %u waiters, %u asks", counts.tasks, counts.waiters,
                 counts.asks);
    else if (network_packets(network) > 2 * asked * BUDGET_PACKETS) // priming has one of its own
        snprintf(broken, room, "sends %" PRIu64 " packets for %" PRIu64 " questions",
                 network_packets(network), asked);
}

bool play_freely(const struct script *script, struct buffer *problem)
{
    struct player *player = open_player(script, NULL, problem);
    uint64_t asked = 0;
    for (struct script_step *step = script->steps; step; step = step->next) {
        bool asks = step->act == ACT_QUERY && step->entry->has_question;
        if (!asks && step->act != ACT_TIME_PASSES)
            continue;
        asked += asks;
        take_step(player, step);
    }
    network_run(&player->network, UINT64_MAX);
    judge_promises(player, asked);
    return close_player(player);
}
