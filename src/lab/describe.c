// Reading a description (describe.h): one function for each map of it.
//
// What is refused is marked in the tree (value_refuse) and reading goes on, so that all errors are
// found in one run; the world is thrown away at the end if there were any.
#include "lab/describe.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/suggest.h"
#include "conf/scalar.h"
#include "conf/syntax.h"
#include "conf/value.h"
#include "dns/type.h"
#include "lab/build.h"

#define TTL_S          3600
#define NEGATIVE_TTL_S 300
#define TTL_MAX_S      INT32_MAX // RFC 2181 8

struct reading {
    struct world *world;
    struct report *report;
    uint64_t names; // that `generate` makes, of all zones
};

const struct describe_row *describe_table(void)
{
    static const struct describe_row rows[] = {
        {"the file", "seed", "a number; the same one and the same queries give the same faults"},
        {"the file", "port", "of all servers, UDP and TCP; default 5380"},
        {"the file", "zones", "a map from names to zones; \".\" must be there"},
        {"the file", "faults",
         "a map from addresses or prefixes to faults; narrower ones count "
         "more"},
        {"a zone", "servers",
         "a map from host names to an address or a list of them; in a "
         "repeated zone also to a prefix, which is dealt out"},
        {"a zone", "records", "a list of lines as in a zone file, names relative to the zone"},
        {"a zone", "file", "a zone file instead of a SOA and NS that are made up"},
        {"a zone", "ttl", "of all that is made up, default 1h"},
        {"a zone", "negative_ttl",
         "how long it may be remembered that something is not there, "
         "default 5m"},
        {"a zone", "repeat", "make so many of it, %d in its name and servers from 0 on"},
        {"a zone", "generate", "a map: many names of one form"},
        {"generate", "count", "how many"},
        {"generate", "name", "with %d for the number, default \"host%d\""},
        {"generate", "type", "of their records, default A"},
        {"generate", "rdata",
         "of each, may have a %d; default for A and AAAA: an address made "
         "of the number"},
        {NULL, NULL, NULL},
    };
    return rows;
}

static void put_row(struct buffer *to, const char *key, const char *help)
{
    buffer_format(to, "  %-15s %s\n", key, help);
}

void describe_explain(struct buffer *to)
{
    const char *map = "";
    for (const struct describe_row *row = describe_table(); row->key; row++) {
        if (strcmp(map, row->map) != 0)
            buffer_format(to, "%s%s\n", map[0] ? "\n" : "", row->map);
        put_row(to, row->key, row->help);
        map = row->map;
    }
    buffer_add_text(to, "\nthe faults of an address: a chance, as 2%, or true\n");
    for (unsigned i = 0; i < FAULTS; i++)
        put_row(to, fault_table()[i].word, fault_table()[i].help);
    buffer_add_text(to, "\nand times, as 20ms\n");
    for (unsigned i = FAULTS; i < FAULT_ROWS; i++)
        put_row(to, fault_table()[i].word, fault_table()[i].help);
}

// --- shapes --------------------------------------------------------------------------------------

static const char *name_kind(const struct value *value)
{
    static const char *const words[] = {[VALUE_NONE] = "nothing",
                                        [VALUE_TEXT] = "a text",
                                        [VALUE_LIST] = "a list",
                                        [VALUE_MAP] = "a map"};
    return words[value->kind];
}

// False: it is of another kind, and is told.
static bool expect(struct reading *reading, struct value *value, enum value_kind kind,
                   const char *what)
{
    static const char *const wanted[] = {[VALUE_NONE] = "nothing",
                                         [VALUE_TEXT] = "one value",
                                         [VALUE_LIST] = "a list",
                                         [VALUE_MAP] = "a map"};
    if (value->bad)
        return false;
    if (value->kind == kind)
        return true;
    value_refuse(reading->report, value, NULL, "%s must be %s, not %s", what, wanted[kind],
                 name_kind(value));
    return false;
}

static void consider_keys(const char *map, struct suggestion *suggestion, bool *known)
{
    for (const struct describe_row *row = describe_table(); row->key; row++) {
        if (strcmp(row->map, map) != 0)
            continue;
        suggest_consider(suggestion, row->key);
        *known = *known || strcmp(row->key, suggestion->word) == 0;
    }
}

static void refuse_key(struct reading *reading, struct value *key, const char *map,
                       const char *best)
{
    struct buffer hint = {0};
    if (best)
        buffer_format(&hint, "did you mean '%s'?", best);
    value_refuse(reading->report, key, best ? buffer_text(&hint) : NULL, "%s has no key %s", map,
                 value_quote(key->text).text);
    buffer_free(&hint);
}

// Refuses the keys that a map of this kind does not have.
static void check_keys(struct reading *reading, struct value *value, const char *map)
{
    for (uint32_t i = 0; i < value->count; i++) {
        struct value *key = &value->pairs[i].key;
        struct suggestion suggestion = {.word = key->text};
        bool known = false;
        consider_keys(map, &suggestion, &known);
        if (!known && !key->bad)
            refuse_key(reading, key, map, suggestion.best);
    }
}

static struct value *find(const struct value *map, const char *key)
{
    struct pair *pair = value_find(map, key);
    return pair ? &pair->value : NULL;
}

// The value of a key if it is there and is a text; else NULL (told if it is something else).
static struct value *find_text(struct reading *reading, const struct value *map, const char *key)
{
    struct value *value = find(map, key);
    struct quoted what = value_quote(key);
    return value && expect(reading, value, VALUE_TEXT, what.text) ? value : NULL;
}

// A number from `least` to `most`; `number` stays as it is when the key is not there.
static void read_number(struct reading *reading, const struct value *map, const char *key,
                        const uint32_t range[static 2], uint32_t *number)
{
    struct value *value = find_text(reading, map, key);
    uint64_t read;
    if (!value)
        return;
    if (!scalar_number(value->text, &read) || read < range[0] || read > range[1])
        value_refuse(reading->report, value, NULL, "'%s' must be a number from %u to %u, not %s",
                     key, range[0], range[1], value_quote(value->text).text);
    else
        *number = (uint32_t)read;
}

static bool read_ms(struct reading *reading, struct value *value, const char *key, uint64_t most,
                    uint64_t *ms)
{
    if (scalar_duration(value->text, ms) && *ms <= most)
        return true;
    uint64_t number;
    value_refuse(reading->report, value,
                 scalar_number(value->text, &number) ? "write the unit, as 20ms, 2s or 1h" : NULL,
                 "'%s' must be a duration of at most %u s, not %s", key, (unsigned)(most / 1000),
                 value_quote(value->text).text);
    return false;
}

static void read_ttl(struct reading *reading, const struct value *map, const char *key,
                     uint32_t *ttl_s)
{
    struct value *value = find_text(reading, map, key);
    uint64_t ms;
    if (value && read_ms(reading, value, key, (uint64_t)TTL_MAX_S * 1000, &ms))
        *ttl_s = (uint32_t)(ms / 1000);
}

// --- names ---------------------------------------------------------------------------------------

static const char *keep(struct reading *reading, struct buffer *text)
{
    const char *kept =
        arena_copy(&reading->world->arena, buffer_text(text), strlen(buffer_text(text)) + 1);
    buffer_free(text);
    return kept;
}

// The absolute name of a host or zone, its %d replaced; NULL: told.
static const char *read_name(struct reading *reading, struct value *key, uint32_t number)
{
    uint8_t wire[NAME_OCTETS_MAX];
    struct name name;
    struct buffer text = {0};
    if (key->bad)
        return NULL;
    world_number(&text, key->text, number);
    const char *problem = scalar_zone(buffer_text(&text), wire, &name);
    if (!problem && strchr(buffer_text(&text), '%'))
        problem = "a '%' that is no %d";
    if (problem) {
        value_refuse(reading->report, key, NULL, "%s is no domain name: %s",
                     value_quote(key->text).text, problem);
        buffer_free(&text);
        return NULL;
    }
    char printed[NAME_TEXT_MAX];
    uint8_t folded[NAME_OCTETS_MAX];
    buffer_clear(&text);
    name_print(name_fold(name, folded), printed);
    buffer_add_text(&text, printed);
    return keep(reading, &text);
}

// --- servers -------------------------------------------------------------------------------------

// The address with this number of a prefix of IPv4.
static struct address deal(const struct prefix *prefix, uint32_t number)
{
    struct address address = {.size = sizeof address.v4};
    uint32_t base;
    memcpy(&base, prefix->octets, sizeof base);
    address.v4.sin_family = AF_INET;
    address.v4.sin_addr.s_addr = htonl(ntohl(base) + number % (1u << (32 - prefix->bits)));
    return address;
}

static void refuse_address(struct reading *reading, struct value *value, bool repeated)
{
    value_refuse(reading->report, value,
                 repeated ? "write an address, or a prefix from /20 to /32 to be dealt out"
                          : "write an address without a port, as 127.53.2.1 or \"::1\"",
                 "%s is no address for a server", value_quote(value->text).text);
}

static bool read_address(struct reading *reading, struct value *value,
                         const struct world_zone *zone, bool repeated, struct address *address)
{
    struct prefix prefix;
    if (!expect(reading, value, VALUE_TEXT, "an address"))
        return false;
    if (scalar_host(value->text, address) == SCALAR_ADDRESS)
        return true;
    if (repeated && strchr(value->text, '/') && prefix_parse(value->text, &prefix) &&
        prefix.family == AF_INET && prefix.bits >= 20) {
        *address = deal(&prefix, zone->number);
        return true;
    }
    refuse_address(reading, value, repeated);
    return false;
}

static void read_host(struct reading *reading, struct pair *pair, const struct world_zone *zone,
                      bool repeated, struct world_host *host)
{
    struct value *value = &pair->value, *items = value;
    uint32_t count = 1;
    if (value->kind == VALUE_LIST) {
        items = value->items;
        count = value->count;
    }
    host->name = read_name(reading, &pair->key, zone->number);
    struct address *addresses =
        arena_get(&reading->world->arena, (count ? count : 1) * sizeof *addresses);
    for (uint32_t i = 0; i < count; i++)
        if (read_address(reading, &items[i], zone, repeated, &addresses[host->count]))
            host->count++;
    host->addresses = addresses;
    if (count == 0)
        value_refuse(reading->report, value, NULL, "a server needs an address");
}

static void read_servers(struct reading *reading, struct value *map, struct world_zone *zone,
                         bool repeated)
{
    struct value *servers = find(map, "servers");
    if (!servers) {
        value_refuse(reading->report, map, "as servers: {ns1.example.test: 127.53.2.1}",
                     "zone %s has no servers", zone->name);
        return;
    }
    if (!expect(reading, servers, VALUE_MAP, "'servers'"))
        return;
    if (servers->count == 0)
        value_refuse(reading->report, servers, NULL, "zone %s has no servers", zone->name);
    struct world_host *hosts =
        arena_get(&reading->world->arena, (servers->count ? servers->count : 1) * sizeof *hosts);
    memset(hosts, 0, servers->count * sizeof *hosts);
    for (uint32_t i = 0; i < servers->count; i++)
        read_host(reading, &servers->pairs[i], zone, repeated, &hosts[i]);
    zone->hosts = hosts;
    zone->host_count = servers->count;
}

// --- records -------------------------------------------------------------------------------------

static void read_line(struct reading *reading, struct value *item, const char *zone)
{
    char problem[300], hint[300];
    if (!expect(reading, item, VALUE_TEXT, "a record"))
        return;
    if (item->text[0] == '$')
        value_refuse(reading->report, item, "put it into a zone file and name that as 'file'",
                     "%s is no record", value_quote(item->text).text);
    else if (!build_check_line(zone, item->text, problem, hint))
        value_refuse(reading->report, item, hint[0] ? hint : NULL, "%s", problem);
}

static void read_records(struct reading *reading, const struct value *map, struct world_zone *zone)
{
    struct value *records = find(map, "records");
    if (!records || !expect(reading, records, VALUE_LIST, "'records'"))
        return;
    const char **lines =
        arena_get(&reading->world->arena, (records->count ? records->count : 1) * sizeof *lines);
    for (uint32_t i = 0; i < records->count; i++) {
        struct value *item = &records->items[i];
        read_line(reading, item, zone->name);
        lines[i] = item->bad ? "" : arena_copy(&reading->world->arena, item->text, item->count + 1);
    }
    zone->records = lines;
    zone->record_count = records->count;
}

static void read_file(struct reading *reading, const struct value *map, struct world_zone *zone)
{
    struct value *file = find_text(reading, map, "file");
    if (!file)
        return;
    char *path = file_path_beside(reading->world->path, file->text);
    if (strchr(file->text, '"') || strchr(file->text, '\\') || strchr(file->text, '\n'))
        value_refuse(reading->report, file, NULL, "a file's name is without quotes here");
    else if (access(path, R_OK) < 0)
        value_refuse(reading->report, file, NULL, "%s cannot be read", value_quote(path).text);
    zone->file = arena_copy(&reading->world->arena, file->text, file->count + 1);
    free(path);
}

static const char *keep_text(struct reading *reading, const struct value *value,
                             const char *otherwise)
{
    return value ? arena_copy(&reading->world->arena, value->text, value->count + 1) : otherwise;
}

// One record of those that will be made, as a sample of all.
static void check_generated(struct reading *reading, struct value *map,
                            const struct world_zone *zone)
{
    char problem[300], hint[300];
    const struct world_generate *generate = &zone->generate;
    bool v4 = strcmp(generate->type, "A") == 0;
    if (!generate->rdata && !v4 && strcmp(generate->type, "AAAA") != 0) {
        value_refuse(reading->report, map, "as rdata: \"number %d\"", "type %s needs 'rdata'",
                     value_quote(generate->type).text);
        return;
    }
    struct buffer line = {0};
    world_number(&line, generate->name, generate->count - 1);
    buffer_format(&line, " %s ", generate->type);
    world_number(&line, generate->rdata ? generate->rdata : v4 ? "10.0.0.1" : "::1", 0);
    if (!build_check_line(zone->name, buffer_text(&line), problem, hint))
        value_refuse(reading->report, map, hint[0] ? hint : NULL, "'generate' makes %s: %s",
                     value_quote(buffer_text(&line)).text, problem);
    buffer_free(&line);
}

static void read_generate(struct reading *reading, const struct value *map, struct world_zone *zone,
                          uint32_t repeat)
{
    static const uint32_t range[2] = {1, LAB_NAMES_MAX};
    struct value *inner = find(map, "generate");
    if (!inner || !expect(reading, inner, VALUE_MAP, "'generate'"))
        return;
    check_keys(reading, inner, "generate");
    struct world_generate *generate = &zone->generate;
    read_number(reading, inner, "count", range, &generate->count);
    generate->name = keep_text(reading, find_text(reading, inner, "name"), "host%d");
    generate->type = keep_text(reading, find_text(reading, inner, "type"), "A");
    generate->rdata = keep_text(reading, find_text(reading, inner, "rdata"), NULL);
    reading->names += (uint64_t)generate->count * repeat;
    if (!find(inner, "count"))
        value_refuse(reading->report, inner, "as count: 1000", "'generate' has no 'count'");
    else if (reading->names > LAB_NAMES_MAX)
        value_refuse(reading->report, inner, NULL, "more than %d names in all", LAB_NAMES_MAX);
    else if (generate->count > 1 && !strstr(generate->name, "%d"))
        value_refuse(reading->report, inner, "as name: \"host%d\"", "'name' has no %%d");
    else if (generate->count)
        check_generated(reading, inner, zone);
}

// --- zones ---------------------------------------------------------------------------------------

static void add_zone(struct reading *reading, const struct world_zone *zone, struct value *key)
{
    struct world *world = reading->world;
    if (world->zone_count == LAB_ZONES_MAX) {
        value_refuse(reading->report, key, NULL, "more than %d zones in all", LAB_ZONES_MAX);
        return;
    }
    world->zones =
        memory_grow(world->zones, &world->zone_room, world->zone_count + 1, sizeof *world->zones);
    world->zones[world->zone_count++] = *zone;
}

// The others of a repeated zone differ from the first by names and addresses.
static void repeat_zone(struct reading *reading, struct pair *pair, struct world_zone zone,
                        uint32_t repeat)
{
    size_t errors = reading->report->errors;
    for (uint32_t i = 1; i < repeat && reading->report->errors == errors; i++) {
        zone.number = i;
        zone.name = read_name(reading, &pair->key, i);
        read_servers(reading, &pair->value, &zone, true);
        add_zone(reading, &zone, &pair->key);
    }
}

static void read_zone(struct reading *reading, struct pair *pair)
{
    static const uint32_t range[2] = {1, LAB_ZONES_MAX};
    size_t errors = reading->report->errors;
    struct world_zone zone = {.ttl_s = TTL_S, .negative_ttl_s = NEGATIVE_TTL_S};
    uint32_t repeat = 0;
    zone.name = read_name(reading, &pair->key, 0);
    if (!expect(reading, &pair->value, VALUE_MAP, "a zone") || !zone.name)
        return;
    check_keys(reading, &pair->value, "a zone");
    read_number(reading, &pair->value, "repeat", range, &repeat);
    if (repeat > 1 && !strstr(pair->key.text, "%d"))
        value_refuse(reading->report, &pair->key, "as \"z%d.test\"",
                     "a zone that is repeated needs a %%d in its name");
    else if (!repeat && strstr(pair->key.text, "%d"))
        value_refuse(reading->report, &pair->key, "as repeat: 1000",
                     "a zone with a %%d in its name needs 'repeat'");
    read_servers(reading, &pair->value, &zone, repeat > 0);
    read_ttl(reading, &pair->value, "ttl", &zone.ttl_s);
    read_ttl(reading, &pair->value, "negative_ttl", &zone.negative_ttl_s);
    read_file(reading, &pair->value, &zone);
    read_records(reading, &pair->value, &zone);
    read_generate(reading, &pair->value, &zone, repeat ? repeat : 1);
    if (reading->report->errors != errors)
        return;
    add_zone(reading, &zone, &pair->key);
    repeat_zone(reading, pair, zone, repeat);
}

static int compare_names(const void *a, const void *b)
{
    const struct world_zone *const *first = a, *const *second = b;
    return strcmp((*first)->name, (*second)->name);
}

// "Test" and "test." are other keys, yet one zone.
static void refuse_twins(struct reading *reading, struct value *zones)
{
    const struct world *world = reading->world;
    const struct world_zone **list = memory_get((world->zone_count + 1) * sizeof *list);
    for (size_t i = 0; i < world->zone_count; i++)
        list[i] = &world->zones[i];
    qsort(list, world->zone_count, sizeof *list, compare_names);
    for (size_t i = 1; i < world->zone_count && !zones->bad; i++)
        if (strcmp(list[i - 1]->name, list[i]->name) == 0)
            value_refuse(reading->report, zones, NULL, "zone %s is described twice", list[i]->name);
    free(list);
}

static void read_zones(struct reading *reading, struct value *root)
{
    static const char example[] = "as \".\": {servers: {a.root-servers.net: 127.53.0.1}}";
    struct value *zones = find(root, "zones");
    if (!zones) {
        value_refuse(reading->report, root, example, "there are no 'zones'");
        return;
    }
    if (!expect(reading, zones, VALUE_MAP, "'zones'"))
        return;
    for (uint32_t i = 0; i < zones->count; i++)
        read_zone(reading, &zones->pairs[i]);
    if (!value_find(zones, "."))
        value_refuse(reading->report, zones, example, "there is no root zone");
    refuse_twins(reading, zones);
}

// --- faults --------------------------------------------------------------------------------------

static void refuse_fault(struct reading *reading, struct value *key)
{
    struct suggestion suggestion = {.word = key->text};
    for (unsigned i = 0; i < FAULT_ROWS; i++)
        suggest_consider(&suggestion, fault_table()[i].word);
    struct buffer hint = {0};
    if (suggestion.best)
        buffer_format(&hint, "did you mean '%s'?", suggestion.best);
    value_refuse(reading->report, key, suggestion.best ? buffer_text(&hint) : NULL,
                 "there is no fault %s", value_quote(key->text).text);
    buffer_free(&hint);
}

static void read_time(struct reading *reading, struct pair *pair, uint32_t *ms)
{
    uint64_t read;
    if (read_ms(reading, &pair->value, pair->key.text, LAB_DELAY_MAX_MS, &read))
        *ms = (uint32_t)read;
}

static void read_fault(struct reading *reading, struct pair *pair, struct world_faults *row)
{
    unsigned fault = 0;
    while (fault < FAULT_ROWS && strcmp(fault_table()[fault].word, pair->key.text) != 0)
        fault++;
    if (pair->key.bad)
        return;
    if (fault == FAULT_ROWS) {
        refuse_fault(reading, &pair->key);
        return;
    }
    struct quoted what = value_quote(pair->key.text);
    if (!expect(reading, &pair->value, VALUE_TEXT, what.text))
        return;
    row->given |= (uint64_t)1 << fault;
    if (fault == FAULT_ROW_DELAY)
        read_time(reading, pair, &row->faults.delay_ms);
    else if (fault == FAULT_ROW_JITTER)
        read_time(reading, pair, &row->faults.jitter_ms);
    else if (!fault_parse_chance(pair->value.text, &row->faults.chances[fault]))
        value_refuse(reading->report, &pair->value, "write a chance, as 2%, or true",
                     "'%s' cannot be %s", pair->key.text, value_quote(pair->value.text).text);
}

static void read_row(struct reading *reading, struct pair *pair)
{
    struct world *world = reading->world;
    struct world_faults row = {0};
    if (pair->key.bad || !expect(reading, &pair->value, VALUE_MAP, "the faults of an address"))
        return;
    if (!prefix_parse(pair->key.text, &row.prefix)) {
        value_refuse(reading->report, &pair->key, "as 127.53.2.1 or 127.53.0.0/16",
                     "%s is no address or prefix", value_quote(pair->key.text).text);
        return;
    }
    for (uint32_t i = 0; i < pair->value.count; i++)
        read_fault(reading, &pair->value.pairs[i], &row);
    world->faults = memory_grow(world->faults, &world->fault_room, world->fault_count + 1,
                                sizeof *world->faults);
    // The widest first; of equally wide ones the first in the file.
    size_t at = world->fault_count++;
    for (; at > 0 && world->faults[at - 1].prefix.bits > row.prefix.bits; at--)
        world->faults[at] = world->faults[at - 1];
    world->faults[at] = row;
}

static void read_faults(struct reading *reading, const struct value *root)
{
    struct value *faults = find(root, "faults");
    if (!faults || !expect(reading, faults, VALUE_MAP, "'faults'"))
        return;
    for (uint32_t i = 0; i < faults->count; i++)
        read_row(reading, &faults->pairs[i]);
}

// --- all of it -----------------------------------------------------------------------------------

static void read_root(struct reading *reading, struct value *root)
{
    static const uint32_t seeds[2] = {0, UINT32_MAX}, ports[2] = {1, UINT16_MAX};
    uint32_t port = DESCRIBE_PORT;
    if (!expect(reading, root, VALUE_MAP, "the file"))
        return;
    check_keys(reading, root, "the file");
    reading->world->seed = 1;
    read_number(reading, root, "seed", seeds, &reading->world->seed);
    read_number(reading, root, "port", ports, &port);
    reading->world->port = (uint16_t)port;
    read_zones(reading, root);
    read_faults(reading, root);
}

bool describe_read(const char *path, const char *text, size_t size, struct world *world,
                   struct report *report)
{
    size_t errors = report->errors;
    *world = (struct world){0};
    world->path = arena_copy(&world->arena, path, strlen(path) + 1);
    struct source source = {.path = world->path, .text = text, .size = size};
    struct reading reading = {.world = world, .report = report};
    struct arena tree = {0};
    struct value root;
    if (syntax_read(&source, &tree, report, &root))
        read_root(&reading, &root);
    arena_free(&tree);
    bool good = report->errors == errors;
    if (!good)
        world_free(world);
    return good;
}
