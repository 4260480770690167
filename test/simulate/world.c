// Makes worlds (see world.h).
#include "world.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "dns/type.h"

#define LARGE_RECORDS 30

static const char *const manner_words[MANNERS] = {
    [MANNER_HONEST] = "honest",
    [MANNER_FAR] = "far",
    [MANNER_SLOW] = "slow",
    [MANNER_DEAD] = "dead",
    [MANNER_CLOSED] = "closed",
    [MANNER_REFUSING] = "refusing",
    [MANNER_FAILING] = "failing",
    [MANNER_UPWARD] = "upward",
    [MANNER_LOSSY] = "lossy",
    [MANNER_TWICE] = "twice",
    [MANNER_JUMBLED] = "jumbled",
    [MANNER_FORGED] = "forged",
    [MANNER_MALFORMED] = "malformed",
    [MANNER_TRUNCATING] = "truncating",
    [MANNER_NO_EDNS] = "without EDNS",
    [MANNER_NO_CASE] = "in small letters",
};

const char *world_manner_word(enum manner manner)
{
    return manner_words[manner];
}

// --- servers -------------------------------------------------------------------------------------

// Every server has an IPv4 address; every third an IPv6 address with the same last octet.
static bool has_ipv6(unsigned server)
{
    return server % 3 == 0;
}

static unsigned index_of(const struct address *server)
{
    return server->any.sa_family == AF_INET6 ? server->v6.sin6_addr.s6_addr[15]
                                             : ((const uint8_t *)&server->v4.sin_addr)[3];
}

enum manner world_manner(const struct world *world, const struct address *server)
{
    return world->manners[index_of(server)];
}

const struct world_zone *world_silence(struct world *world)
{
    struct world_zone *zone = &world->zones[world->zone_count - 1];
    if (zone->parent->broken)
        return NULL;
    char *text = memory_copy_text(buffer_text(&zone->servers)), *save = NULL;
    for (char *word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        struct address address;
        if (!address_parse(word, 53, &address))
            abort();
        world->manners[index_of(&address)] = MANNER_DEAD;
    }
    free(text);
    zone->broken = true;
    return zone;
}

static bool is_reliable(enum manner manner)
{
    switch (manner) {
    case MANNER_HONEST:
    case MANNER_FAR:
    case MANNER_TWICE:
    case MANNER_TRUNCATING:
    case MANNER_NO_CASE: return true;
    case MANNER_SLOW:
    case MANNER_DEAD:
    case MANNER_CLOSED:
    case MANNER_REFUSING:
    case MANNER_FAILING:
    case MANNER_UPWARD:
    case MANNER_LOSSY:
    case MANNER_JUMBLED:
    case MANNER_FORGED:
    case MANNER_MALFORMED:
    case MANNER_NO_EDNS:
    case MANNERS: break;
    }
    return false;
}

// The address records of a server's name, in the text of whoever says them.
static void put_addresses(struct buffer *text, const char *host, unsigned server)
{
    buffer_format(text, "%s 3600 A 198.18.0.%u\n", host, server);
    if (has_ipv6(server))
        buffer_format(text, "%s 3600 AAAA 2001:db8::%x\n", host, server);
}

// The host of a server of this zone: in the zone itself, with glue; or, in some other zone that was
// made before (so that no zone waits for itself), without.
static void put_server(struct world *world, struct world_zone *zone, unsigned index)
{
    unsigned server = world->server_count++, self = (unsigned)(zone - world->zones);
    bool honest = index == 0 && world->calm;
    world->manners[server] = honest ? MANNER_HONEST : (enum manner)world_roll(world, MANNERS);
    if (!world->calm && world_roll(world, 3) == 0)
        world->manners[server] = MANNER_HONEST;
    struct world_zone *home = zone;
    if (!honest && self > 3 && world_roll(world, 3) == 0)
        home = &world->zones[1 + world_roll(world, self - 1)];
    char host[128];
    snprintf(host, sizeof host, "ns%ux%u.%s", server, self, home->name[0] == '.' ? "" : home->name);
    struct buffer *parent = zone->parent ? &zone->parent->text : NULL;
    buffer_format(&zone->text, "%s 3600 NS %s\n", zone->name, host);
    put_addresses(&home->text, host, server);
    if (parent)
        buffer_format(parent, "%s 3600 NS %s\n", zone->name, host);
    if (parent && home == zone)
        put_addresses(parent, host, server);
    buffer_format(&zone->servers, " 198.18.0.%u", server);
    if (has_ipv6(server))
        buffer_format(&zone->servers, " 2001:db8::%x", server);
    if (is_reliable(world->manners[server]) && home == zone)
        zone->broken = false;
    zone->server_count++;
}

// --- names ---------------------------------------------------------------------------------------

static void add_question(struct world *world, const char *label, const struct world_zone *zone,
                         uint16_t type)
{
    if (world->question_count == WORLD_QUESTIONS_MAX)
        return;
    struct world_question *question = &world->questions[world->question_count++];
    snprintf(question->name, sizeof question->name, "%s%s", label, zone->name);
    question->type = type;
}

// Some name of a zone that is worth pointing to.
static void some_target(struct world *world, char *to, size_t size)
{
    static const char *const labels[] = {"h0.", "h1.", "c0.", "c1.", "none.", "large.", "zero."};
    const struct world_zone *zone = &world->zones[1 + world_roll(world, world->zone_count - 1)];
    snprintf(to, size, "%s%s", labels[world_roll(world, sizeof labels / sizeof labels[0])],
             zone->name);
}

static void put_large(struct world *world, struct world_zone *zone)
{
    unsigned count = 1 + world_roll(world, LARGE_RECORDS);
    for (unsigned i = 0; i < count; i++)
        buffer_format(&zone->text, "large.%s %u TXT \"%u %0180u\"\n", zone->name,
                      60 + world_roll(world, 2) * 3600, i, i);
}

static void put_names(struct world *world, struct world_zone *zone)
{
    struct buffer *text = &zone->text;
    const char *name = zone->name;
    char target[160];
    for (unsigned i = 0; i < 2; i++) {
        unsigned ttl = world_roll(world, 3) ? 3600 : 1 + world_roll(world, 3);
        buffer_format(text, "h%u.%s %u A 203.0.113.%u\n", i, name, ttl, 1 + world_roll(world, 254));
        if (world_roll(world, 2))
            buffer_format(text, "h%u.%s 60 AAAA 2001:db8:1::%x\n", i, name,
                          world_roll(world, 9999));
        some_target(world, target, sizeof target);
        buffer_format(text, "c%u.%s 30 CNAME %s\n", i, name, target);
    }
    buffer_format(text, "zero.%s 0 A 203.0.113.7\n", name);
    buffer_format(text, "a.b.c.deep.%s 60 TXT deep\n", name);
    if (world_roll(world, 2))
        put_large(world, zone);
    if (world_roll(world, 4) == 0)
        buffer_format(text, "loop.%s 60 CNAME loop.%s\n", name, name);
    if (world_roll(world, 3) == 0)
        buffer_format(text, "moved.%s 60 DNAME %s\n", name,
                      world->zones[1 + world_roll(world, world->zone_count - 1)].name);
    static const struct {
        const char *label;
        uint16_t type;
    } asked[] = {
        {"h0.", TYPE_A},       {"h1.", TYPE_AAAA},      {"h0.", TYPE_MX},
        {"c0.", TYPE_A},       {"c1.", TYPE_A},         {"c0.", TYPE_AAAA},
        {"zero.", TYPE_A},     {"large.", TYPE_TXT},    {"none.", TYPE_A},
        {"a.b.none.", TYPE_A}, {"deep.", TYPE_A},       {"a.b.c.deep.", TYPE_TXT},
        {"", TYPE_SOA},        {"", TYPE_NS},           {"loop.", TYPE_A},
        {"h0.moved.", TYPE_A}, {"none.moved.", TYPE_A}, {"c1.", TYPE_CNAME},
    };
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++)
        if (world_roll(world, 2))
            add_question(world, asked[i].label, zone, asked[i].type);
}

// --- zones ---------------------------------------------------------------------------------------

static void begin_zone(struct world *world, struct world_zone *parent)
{
    unsigned index = world->zone_count++;
    struct world_zone *zone = &world->zones[index];
    *zone = (struct world_zone){.parent = parent, .broken = true};
    const char *above = parent && parent->parent ? parent->name : "";
    zone->name = parent ? memory_format("%c%u.%s", parent->parent ? 'z' : 't', index, above)
                        : memory_copy_text(".");
    buffer_format(&zone->text, "%s 3600 SOA m. r. 1 1800 900 604800 %u\n", zone->name,
                  60 + world_roll(world, 600));
}

void world_make(struct world *world, uint64_t seed)
{
    *world = (struct world){.seed = seed, .dice = dice_seed(seed)};
    world->server_count = 1; // the last octet of an address
    world->calm = world_roll(world, 2) == 0;
    world->floods = world_roll(world, 4) == 0;
    world->one_by_one = world_roll(world, 2) == 0;
    world->minimise = world_roll(world, 3) != 0;
    unsigned tlds = 2 + world_roll(world, 3), leaves = 4 + world_roll(world, 12);
    begin_zone(world, NULL);
    for (unsigned i = 0; i < tlds; i++)
        begin_zone(world, &world->zones[0]);
    for (unsigned i = 0; i < leaves; i++)
        begin_zone(world, &world->zones[1 + world_roll(world, world->zone_count - 1)]);
    for (unsigned i = 0; i < world->zone_count; i++) {
        unsigned servers = 1 + world_roll(world, 4);
        for (unsigned j = 0; j < servers; j++)
            put_server(world, &world->zones[i], j);
    }
    for (unsigned i = 1; i < world->zone_count; i++)
        put_names(world, &world->zones[i]);
    for (unsigned i = 0; i < world->zone_count; i++) {
        struct world_zone *zone = &world->zones[i];
        zone->broken |= zone->parent && zone->parent->broken;
        tree_add(&world->tree, zone->name, buffer_text(&zone->servers), buffer_text(&zone->text));
    }
}

void world_free(struct world *world)
{
    for (unsigned i = 0; i < world->zone_count; i++) {
        buffer_free(&world->zones[i].text);
        buffer_free(&world->zones[i].servers);
        free(world->zones[i].name);
    }
    tree_free(&world->tree);
}

// --- the truth -----------------------------------------------------------------------------------

static void keep(struct truth *truth, const struct record *from, struct name owner)
{
    struct record *record = records_add(&truth->records);
    *record = *from;
    record->owner = arena_copy(&truth->records.arena, owner.wire, owner.size);
    record->owner_size = owner.size;
    record->owner_labels = owner.labels;
    record->rdata = arena_copy(&truth->records.arena, from->rdata, from->rdata_size);
}

static const struct world_zone *zone_of(const struct world *world, struct name name, unsigned *at)
{
    const struct tree_zone *best = NULL;
    for (unsigned i = 0; i < world->tree.count; i++) {
        const struct tree_zone *zone = world->tree.zones[i];
        if (name_is_within(name, zone->origin) &&
            (!best || zone->origin.labels > best->origin.labels)) {
            best = zone;
            *at = i;
        }
    }
    return &world->zones[*at];
}

// The name that a DNAME makes of this one, with the CNAME that says so. Empty: too long.
static struct name synthesise(struct truth *truth, const struct record *dname, struct name name)
{
    uint8_t *storage = arena_get(&truth->records.arena, NAME_OCTETS_MAX);
    struct name target;
    if (!name_join(name, name.labels - dname->owner_labels, name_trust(dname->rdata), storage,
                   &target))
        return (struct name){0};
    struct record cname = *dname;
    cname.type = TYPE_CNAME;
    cname.rdata = target.wire;
    cname.rdata_size = target.size;
    keep(truth, &cname, name);
    return target;
}

// True: an alias leads on to *name.
static bool find_step(const struct world *world, struct name *name, uint16_t type,
                      struct truth *truth)
{
    static struct tree_result found;
    unsigned at = 0;
    truth->broken |= zone_of(world, *name, &at)->broken;
    tree_find(world->tree.zones[at], *name, type, &found);
    for (size_t i = 0; i < found.count; i++)
        keep(truth, found.records[i], found.owner);
    switch (found.found) {
    case TREE_NOTHING: truth->rcode = RCODE_NXDOMAIN; return false;
    case TREE_CNAME: *name = name_trust(found.records[0]->rdata); return true;
    case TREE_DNAME:
        *name = synthesise(truth, found.records[0], *name);
        if (name->wire)
            return true;
        truth->rcode = RCODE_YXDOMAIN;
        return false;
    case TREE_NODATA:
    case TREE_DATA:
    case TREE_CUT: return false;
    }
    return false;
}

void world_truth(const struct world *world, struct name name, uint16_t type, struct truth *truth)
{
    *truth = (struct truth){.rcode = RCODE_NOERROR};
    records_begin(&truth->records, NAME_ROOT);
    for (unsigned step = 0; find_step(world, &name, type, truth); step++) {
        // Who counts a DNAME and its CNAME as two gives up sooner: chains that are neither short
        // nor endless may be judged either way, and are told as endless here.
        if (step >= CHAIN_MAX / 2) {
            truth->endless = true;
            return;
        }
    }
}
