// The tree's servers (see tree.h): RFC 1034 4.3.2 over lists of records, without any index.
#include "tree.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "dns/type.h"
#include "zone/parse.h"

#define ALIASES_MAX 16

static struct address *add_server(struct tree_zone *zone, const char *text)
{
    assert(zone->server_count < TREE_SERVERS_MAX);
    struct address *server = &zone->servers[zone->server_count++];
    if (!address_parse(text, 53, server))
        abort();
    return server;
}

struct tree_zone *tree_add(struct tree *tree, const char *origin, const char *servers,
                           const char *text)
{
    struct tree_zone *zone = memory_get_zeroed(1, sizeof *zone);
    uint8_t storage[NAME_OCTETS_MAX];
    struct name name;
    if (name_parse(origin, strlen(origin), &NAME_ROOT, storage, &name) != NAME_TEXT_OK)
        abort();
    records_begin(&zone->records, name);
    zone->origin = zone->records.origin;
    static const struct parse_options options = {.ttl_default = 3600};
    struct report report = {0};
    if (!parse_text(origin, text, strlen(text), &zone->records, &options, &report)) {
        report_print(&report, stderr, false);
        abort();
    }
    report_free(&report);
    char *copy = memory_copy_text(servers), *save = NULL;
    for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
        add_server(zone, word);
    free(copy);
    tree->zones = memory_grow(tree->zones, &tree->room, tree->count + 1, sizeof *tree->zones);
    tree->zones[tree->count++] = zone;
    return zone;
}

void tree_free(struct tree *tree)
{
    for (size_t i = 0; i < tree->count; i++) {
        records_free(&tree->zones[i]->records);
        free(tree->zones[i]);
    }
    free(tree->zones);
    *tree = (struct tree){0};
}

static bool serves(const struct tree_zone *zone, const struct address *server)
{
    for (unsigned i = 0; i < zone->server_count; i++)
        if (address_equal(&zone->servers[i], server))
            return true;
    return false;
}

const struct tree_zone *tree_zone_of(const struct tree *tree, const struct address *server,
                                     struct name name)
{
    const struct tree_zone *best = NULL;
    for (size_t i = 0; i < tree->count; i++) {
        const struct tree_zone *zone = tree->zones[i];
        if (serves(zone, server) && name_is_within(name, zone->origin) &&
            (!best || zone->origin.labels > best->origin.labels))
            best = zone;
    }
    return best;
}

static void collect(const struct tree_zone *zone, struct name owner, uint16_t type,
                    struct tree_result *result)
{
    result->owner = owner;
    result->count = 0;
    for (size_t i = 0; i < zone->records.count; i++) {
        const struct record *record = &zone->records.list[i];
        if (record->type == type && name_equal(record_owner(record), owner) &&
            result->count < sizeof result->records / sizeof result->records[0])
            result->records[result->count++] = record;
    }
}

static bool exists(const struct tree_zone *zone, struct name name)
{
    for (size_t i = 0; i < zone->records.count; i++)
        if (name_is_within(record_owner(&zone->records.list[i]), name))
            return true;
    return false;
}

// A cut or DNAME between the apex and the name. DS at a cut is the parent's (RFC 4035 3.1.4.1).
static bool find_above(const struct tree_zone *zone, struct name name, uint16_t type,
                       struct tree_result *result)
{
    for (unsigned depth = zone->origin.labels; depth <= name.labels; depth++) {
        struct name suffix = name_suffix(name, depth);
        bool whole = depth == name.labels;
        if (depth > zone->origin.labels && !(whole && type == TYPE_DS)) {
            collect(zone, suffix, TYPE_NS, result);
            result->found = TREE_CUT;
            if (result->count)
                return true;
        }
        collect(zone, suffix, TYPE_DNAME, result);
        result->found = TREE_DNAME;
        if (result->count && !whole)
            return true;
    }
    return false;
}

void tree_find(const struct tree_zone *zone, struct name name, uint16_t type,
               struct tree_result *result)
{
    if (find_above(zone, name, type, result))
        return;
    collect(zone, name, type, result);
    result->found = TREE_DATA;
    if (result->count)
        return;
    collect(zone, name, TYPE_CNAME, result);
    result->found = TREE_CNAME;
    if (result->count)
        return;
    result->found = exists(zone, name) ? TREE_NODATA : TREE_NOTHING;
}

static void add_found(struct reply *reply, enum section section, const struct tree_result *found)
{
    for (size_t i = 0; i < found->count; i++)
        reply_add(reply, section, found->records[i]);
}

static void add_soa(struct reply *reply, const struct tree_zone *zone)
{
    struct tree_result soa;
    collect(zone, zone->origin, TYPE_SOA, &soa);
    add_found(reply, SECTION_AUTHORITY, &soa);
}

// The addresses that this zone has, as glue or as data, for the hosts of an NS RRset.
static void add_glue(struct reply *reply, const struct tree_zone *zone,
                     const struct tree_result *servers)
{
    static const uint16_t types[] = {TYPE_A, TYPE_AAAA};
    for (size_t i = 0; i < servers->count; i++) {
        struct name host = name_trust(servers->records[i]->rdata);
        for (unsigned t = 0; t < 2; t++) {
            struct tree_result glue;
            collect(zone, host, types[t], &glue);
            add_found(reply, SECTION_ADDITIONAL, &glue);
        }
    }
}

static void set_flags(struct reply *reply, uint16_t flags, uint16_t rcode)
{
    reply->octets[2] |= (uint8_t)(flags >> 8);
    reply->octets[3] = (uint8_t)((reply->octets[3] & 0xf0) | rcode);
}

// The CNAME that a DNAME means for this name (RFC 6672 2.2). False: too long.
static bool add_synthesised(struct reply *reply, const struct record *dname, struct name name,
                            struct name *target, uint8_t storage[static NAME_OCTETS_MAX])
{
    struct name to = name_trust(dname->rdata);
    if (!name_join(name, name.labels - dname->owner_labels, to, storage, target))
        return false;
    struct record cname = *dname;
    cname.owner = name.wire;
    cname.owner_size = name.size;
    cname.owner_labels = name.labels;
    cname.type = TYPE_CNAME;
    cname.rdata = target->wire;
    cname.rdata_size = target->size;
    reply_add(reply, SECTION_ANSWER, &cname);
    return true;
}

// One name's step. True: an alias leads on to *name within the same zone.
static bool answer_step(const struct tree_zone *zone, const struct asked *asked,
                        struct reply *reply, struct name *name,
                        uint8_t storage[static NAME_OCTETS_MAX])
{
    struct tree_result found;
    struct name from = *name;
    tree_find(zone, from, asked->type, &found);
    bool first = name->wire == asked->wire;
    switch (found.found) {
    case TREE_CUT:
        if (!first)
            return false; // the rest of the chain is for others to say
        add_found(reply, SECTION_AUTHORITY, &found);
        add_glue(reply, zone, &found);
        reply->octets[2] &= (uint8_t) ~(FLAG_AA >> 8);
        return false;
    case TREE_DATA: add_found(reply, SECTION_ANSWER, &found); return false;
    case TREE_CNAME:
        add_found(reply, SECTION_ANSWER, &found);
        *name = name_trust(found.records[0]->rdata);
        return name_is_within(*name, zone->origin);
    case TREE_DNAME:
        add_found(reply, SECTION_ANSWER, &found);
        if (add_synthesised(reply, found.records[0], from, name, storage))
            return name_is_within(*name, zone->origin);
        set_flags(reply, 0, RCODE_YXDOMAIN);
        return false;
    case TREE_NODATA: add_soa(reply, zone); return false;
    case TREE_NOTHING:
        set_flags(reply, 0, RCODE_NXDOMAIN);
        add_soa(reply, zone);
        return false;
    }
    return false;
}

bool tree_answer(const struct tree *tree, const struct address *server, const struct asked *asked,
                 struct reply *reply)
{
    const struct tree_zone *zone = tree_zone_of(tree, server, asked->name);
    // At the apex of a zone DS is asked of the parent, if the server has that, too.
    if (zone && asked->type == TYPE_DS && zone->origin.labels &&
        name_equal(zone->origin, asked->name)) {
        const struct tree_zone *parent =
            tree_zone_of(tree, server, name_suffix(asked->name, asked->name.labels - 1));
        zone = parent ? parent : zone;
    }
    if (!zone) {
        bool somebody = false;
        for (size_t i = 0; i < tree->count; i++)
            somebody |= serves(tree->zones[i], server);
        reply_begin(reply, asked, 0, RCODE_REFUSED);
        reply_end(reply);
        return somebody;
    }
    uint8_t storage[ALIASES_MAX][NAME_OCTETS_MAX];
    struct name name = asked->name;
    reply_begin(reply, asked, FLAG_AA, RCODE_NOERROR);
    for (unsigned i = 0; i < ALIASES_MAX; i++)
        if (!answer_step(zone, asked, reply, &name, storage[i]))
            break;
    reply_end(reply);
    return true;
}
