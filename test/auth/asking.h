// Questions to zones made from text, and answers as text: for the tests of auth/.
#pragma once

#include "../dns/packet.h"
#include "../zone/from_text.h"

#include <stdio.h>

#include "auth/authority.h"
#include "dns/rdata.h"

struct world_zone {
    const char *origin, *text; // text NULL: nothing is loaded
    enum zone_state state;     // then
};

struct world {
    struct zones zones;
    struct auth_options options;
    struct auth_worker worker;
    struct auth_client *client; // who asks, where there are routes
};

static inline void zones_open(struct zones *table, const struct world_zone *zones, size_t count)
{
    struct zone **list = malloc(count * sizeof(struct zone *));
    assert_non_null(list);
    for (size_t i = 0; i < count; i++)
        list[i] = zones[i].text ? zone_from_text(zones[i].origin, zones[i].text)
                                : zone_empty(name_of(zones[i].origin), "", zones[i].state, NULL);
    zones_build(table, list, count, &test_secret);
}

static inline void world_open(struct world *world, const struct world_zone *zones, size_t count)
{
    zones_open(&world->zones, zones, count);
    world->options = (struct auth_options){.minimal = true};
    world->client = NULL;
    auth_worker_open(&world->worker);
}

static inline void world_of(struct world *world, const char *origin, const char *text)
{
    world_open(world, &(struct world_zone){origin, text, ZONE_SERVED}, 1);
}

static inline void world_close(struct world *world)
{
    auth_worker_close(&world->worker);
    zones_free(&world->zones);
}

// A question in words: "name TYPE", then any of "tcp", "edns", "do" (EDNS with DO) and "*" (class
// ANY).
struct asked {
    char name[NAME_TEXT_MAX];
    uint16_t type;
    bool tcp, edns, dnssec_ok, any_class;
};

static inline struct asked asked_of(const char *question)
{
    struct asked asked = {0};
    size_t size = strcspn(question, " ");
    memcpy(asked.name, question, size);
    const char *type = question + size + 1;
    size = strcspn(type, " ");
    if (!type_parse(type, size, &asked.type))
        fail_msg("no type in '%s'", question);
    asked.tcp = strstr(type + size, " tcp");
    asked.edns = strstr(type + size, " edns");
    asked.dnssec_ok = strstr(type + size, " do");
    asked.any_class = strstr(type + size, " *");
    return asked;
}

static inline void print_record(struct name owner, uint32_t ttl, uint16_t type,
                                const uint8_t *entry, struct buffer *to)
{
    char name[NAME_TEXT_MAX], mnemonic[TYPE_TEXT_MAX];
    name_print(owner, name);
    type_print(type, mnemonic);
    buffer_format(to, "%s %u %s ", name, ttl, mnemonic);
    // Of a signature only what it covers is of interest.
    if (type == TYPE_RRSIG) {
        type_print(bytes_get16(rrset_rdata(entry)), mnemonic);
        buffer_add_text(to, mnemonic);
    } else {
        rdata_print(type, rrset_rdata(entry), rrset_rdata_size(entry), to);
    }
    buffer_add_char(to, '\n');
}

static inline void print_rrset(const struct answer_rrset *rrset, struct buffer *to)
{
    static const char *const sections[] = {"qd", "an", "au", "ad"};
    const char *section = sections[rrset->section];
    if (rrset->section == SECTION_ADDITIONAL && rrset->required)
        section = "glue";
    assert_true(rrset->required || rrset->section == SECTION_ADDITIONAL);
    const uint8_t *entry = rrset->rrset->body;
    unsigned count = rrset->rrset->count, all = count + rrset->rrset->signatures;
    for (unsigned i = 0; i < all; i++, entry = rrset_next(entry)) {
        if (rrset->part == (i < count ? PART_SIGNATURES : PART_DATA))
            continue;
        buffer_format(to, "%s ", section);
        print_record(rrset->owner, rrset->ttl, i < count ? rrset->rrset->type : TYPE_RRSIG, entry,
                     to);
    }
}

// "NXDOMAIN aa nxdomain ede 14\n", then a line for each record.
static inline void print_answer(const struct answer *answer, struct buffer *to)
{
    buffer_format(to, "%s%s %s", rcode_word(answer->rcode), answer->authoritative ? " aa" : "",
                  answer_reason_word((enum answer_reason)answer->reason));
    if (answer->ede != EDE_NONE)
        buffer_format(to, " ede %d", answer->ede);
    buffer_add_char(to, '\n');
    for (unsigned i = 0; i < answer->count; i++)
        print_rrset(&answer->rrsets[i], to);
}

// Fills the answer; it points into the world and into memory that the next call takes.
static inline enum auth_result ask(struct world *world, const char *question, struct answer *answer)
{
    static struct query_packet packet;
    static struct query query;
    struct asked asked = asked_of(question);
    packet_begin(&packet, 1, 0);
    packet_question(&packet, asked.name, asked.type, asked.any_class ? CLASS_ANY : CLASS_IN);
    if (asked.edns || asked.dnssec_ok)
        packet_opt(&packet, 1232, asked.dnssec_ok ? EDNS_FLAG_DO : 0, "", 0);
    query.over_stream = asked.tcp;
    assert_int_equal(query_decode(packet.octets, packet.size, &test_secret, &query), QUERY_OK);
    answer_begin(answer);
    static bool ahead; // by turns, as in a batch and alone
    struct auth_asked told;
    auth_ask(&told, &query);
    told.client = world->client;
    ahead = !ahead;
    if (ahead)
        auth_look_ahead(&world->zones, &told);
    // However small its image is here.
    if (ahead && told.zone && told.zone->state == ZONE_SERVED) {
        auth_look_closer(&told);
        auth_look_up(&world->zones, &world->worker, &told);
        if (told.proof.encloser)
            denial_look_closer(&told.proof, &told.zone->image);
    }
    return auth_answer(&world->zones, &world->options, &world->worker, &told, answer);
}

static inline void assert_answer(struct world *world, const char *question, const char *expected)
{
    static struct answer answer;
    struct buffer text = {0};
    if (ask(world, question, &answer) == AUTH_NOT_OURS)
        buffer_add_text(&text, "not ours\n");
    else
        print_answer(&answer, &text);
    if (strcmp(buffer_text(&text), expected) != 0)
        fail_msg("%s\n%sis not\n%s", question, buffer_text(&text), expected);
    buffer_free(&text);
}
