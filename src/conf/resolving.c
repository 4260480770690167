// How names are resolved (resolving.h). What one value may be is the table's affair; here is what
// only several of them together show: a zone with two ways or none, a name given twice, more
// servers than a delegation has room for, no family left to ask over.
#include "conf/resolving.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "conf/scalar.h"
#include "dns/name.h"
#include "resolve/hints.h"

// --- addresses -----------------------------------------------------------------------------------

// The good ones of a list, or of one alone.
static struct address_list fill_addresses(struct filler *filler, const struct value *list)
{
    size_t count = filler_count(list);
    struct address_list addresses = {
        .some = arena_get(&filler->options->memory, count * sizeof *addresses.some)};
    for (size_t i = 0; i < count; i++) {
        const struct value *item = filler_item(list, i);
        if (item && scalar_server(item->text, &addresses.some[addresses.count]))
            addresses.count++;
    }
    return addresses;
}

static struct address_list fill_servers(struct filler *filler, const struct value *list)
{
    struct address_list servers = fill_addresses(filler, list);
    if (servers.count > DELEGATION_ADDRESSES_MAX)
        value_report(filler->report, SEVERITY_ERROR, list, "the nearest ones are enough",
                     "more than %d servers", DELEGATION_ADDRESSES_MAX);
    return servers;
}

// --- maps of names -------------------------------------------------------------------------------

static bool take_name(struct filler *filler, const struct pair *pair, struct name *name)
{
    uint8_t storage[NAME_OCTETS_MAX];
    if (pair->key.bad || pair->value.bad || scalar_zone(pair->key.text, storage, name))
        return false;
    name->wire = arena_copy(&filler->options->memory, name->wire, name->size);
    return true;
}

// A map of names with addresses.
static struct named_option *fill_names(struct filler *filler, const struct value *map,
                                       size_t *count)
{
    size_t most = map->kind == VALUE_MAP ? map->count : 0;
    struct named_option *options = arena_get(&filler->options->memory, most * sizeof *options);
    *count = 0;
    for (size_t i = 0; i < most; i++) {
        struct named_option option = {.place = filler_place(&map->pairs[i].key)};
        if (!take_name(filler, &map->pairs[i], &option.name))
            continue;
        option.addresses = fill_addresses(filler, &map->pairs[i].value);
        options[(*count)++] = option;
    }
    return options;
}

static void fill_hints(struct filler *filler, const struct value *map)
{
    struct resolve_options *options = &filler->options->resolve;
    const struct value *hints = filler_take(filler, map, KEY_RESOLVE_HINTS);
    size_t addresses = 0;
    options->hints = fill_names(filler, hints, &options->hint_count);
    for (size_t i = 0; i < options->hint_count; i++)
        addresses += options->hints[i].addresses.count;
    if (options->hint_count > DELEGATION_HOSTS_MAX || addresses > DELEGATION_ADDRESSES_MAX)
        value_report(filler->report, SEVERITY_ERROR, hints, "the nearest ones are enough",
                     "more than %d root servers or %d addresses of them", DELEGATION_HOSTS_MAX,
                     DELEGATION_ADDRESSES_MAX);
}

// A damaged file is no reason not to start: root servers change once in years.
static void tell_damaged(struct filler *filler, const char *path, const struct report *damage)
{
    const struct problem *first = NULL;
    for (size_t i = 0; i < damage->count && !first; i++)
        if (damage->problems[i].severity == SEVERITY_ERROR)
            first = &damage->problems[i];
    if (!first)
        return;
    bool shown = first->source && first->caret == first->column; // a long line may have been cut
    struct place place = {.file = path,
                          .line = first->line,
                          .column = first->column,
                          .width = first->width,
                          .source = shown ? first->source : NULL,
                          .source_size = shown ? (uint32_t)strlen(first->source) : 0};
    report_add(filler->report, SEVERITY_WARNING, &place, first->hint,
               "the root hints of this file cannot be used, the built-in ones are: %s",
               first->message);
}

static void read_hints_file(struct filler *filler, const struct value *value, const char *path)
{
    struct resolve_options *options = &filler->options->resolve;
    char *text;
    size_t size;
    int failed = file_read(path, HINTS_FILE_OCTETS_MAX, &text, &size);
    if (failed) {
        if (failed != -ENOENT || !filler_is_default(filler, KEY_RESOLVE_HINTS_FILE, value))
            report_add(filler->report, SEVERITY_WARNING, &(struct place){.file = path}, NULL,
                       "cannot be read, so the built-in root hints are used: %s",
                       strerror(-failed));
        return;
    }
    struct report damage = {0};
    struct delegation *root = arena_get(&filler->options->memory, sizeof *root);
    if (hints_read(path, text, size, &filler->options->memory, root, &damage))
        options->file_hints = root;
    else
        tell_damaged(filler, path, &damage);
    report_free(&damage);
    free(text);
}

static void fill_hints_file(struct filler *filler, const struct value *map)
{
    struct resolve_options *options = &filler->options->resolve;
    const struct value *value = filler_take(filler, map, KEY_RESOLVE_HINTS_FILE);
    options->hints_file = *value->text ? filler_path(filler, value) : filler_copy(filler, "");
    bool needed = options->otherwise == RESOLVE_RECURSIVE && options->hint_count == 0;
    if (needed && *options->hints_file && !filler->alone)
        read_hints_file(filler, value, options->hints_file);
}

static void fill_root_copy(struct filler *filler, const struct value *map)
{
    struct resolve_options *options = &filler->options->resolve;
    const struct value *value = filler_take(filler, map, KEY_RESOLVE_ROOT_COPY);
    options->root_copy_zonemd = filler_take_bool(filler, map, KEY_RESOLVE_ROOT_COPY_ZONEMD);
    if (value)
        options->root_copy = (struct path_option){filler_path(filler, value), filler_place(value)};
}

// --- zones ---------------------------------------------------------------------------------------

// The value of `key` if the map has it; bad ones too.
static const struct value *find(const struct value *map, enum schema_key key)
{
    const struct pair *pair = value_find(map, schema_name(key));
    return pair && (pair->value.bad || pair->value.kind != VALUE_NONE) ? &pair->value : NULL;
}

// Where the servers of a resolved zone stand: one of two keys. NULL: told.
static const struct value *find_servers(struct filler *filler, const struct pair *pair,
                                        bool *forward)
{
    const struct value *resolvers = find(&pair->value, KEY_RESOLVE_ZONES_FORWARD);
    const struct value *servers = find(&pair->value, KEY_RESOLVE_ZONES_ASK);
    struct quoted name = value_quote(pair->key.text);
    *forward = resolvers != NULL;
    if (!resolvers && !servers)
        value_report(filler->report, SEVERITY_ERROR, &pair->key,
                     "give it some, as in {forward: [192.0.2.53]}", "zone %s has no servers",
                     name.text);
    else if (resolvers && servers)
        value_report(filler->report, SEVERITY_ERROR, &pair->key,
                     "'forward' is for resolvers, 'ask' for servers that have the zone",
                     "zone %s has 'forward' and 'ask'", name.text);
    if (!resolvers == !servers)
        return NULL;
    const struct value *list = resolvers ? resolvers : servers;
    return list->bad ? NULL : list;
}

// True: there is a zone of ours with this name.
static bool is_ours(const struct options *options, struct name name)
{
    size_t low = 0, high = options->zone_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct zone_option *zone = &options->zones[middle];
        int order = name_compare((struct name){zone->wire, zone->size, zone->labels}, name);
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static void fill_zone(struct filler *filler, const struct pair *pair)
{
    struct resolve_options *options = &filler->options->resolve;
    struct named_option zone = {.place = filler_place(&pair->key)};
    if (!take_name(filler, pair, &zone.name))
        return;
    const struct value *list = find_servers(filler, pair, &zone.forward);
    if (!list)
        return;
    zone.addresses = fill_servers(filler, list);
    struct quoted text = value_quote(pair->key.text);
    size_t at = options->zone_count;
    while (at > 0 && name_compare(options->zones[at - 1].name, zone.name) > 0)
        at--;
    if (at > 0 && name_equal(options->zones[at - 1].name, zone.name)) {
        value_report(filler->report, SEVERITY_ERROR, &pair->key, "remove one of them",
                     "zone %s is given twice", text.text);
        return;
    }
    if (is_ours(filler->options, zone.name))
        value_report(filler->report, SEVERITY_WARNING, &pair->key, "remove it here or there",
                     "nobody is asked for zone %s: it is one of our own, in 'zones'", text.text);
    memmove(options->zones + at + 1, options->zones + at,
            (options->zone_count - at) * sizeof *options->zones);
    options->zones[at] = zone;
    options->zone_count++;
}

static void fill_zones(struct filler *filler, const struct value *map)
{
    struct resolve_options *options = &filler->options->resolve;
    const struct value *zones = filler_take(filler, map, KEY_RESOLVE_ZONES);
    size_t count = zones->kind == VALUE_MAP ? zones->count : 0;
    if (count > RESOLVE_ZONES_MAX) {
        value_report(filler->report, SEVERITY_ERROR, zones, NULL, "more than %d zones",
                     RESOLVE_ZONES_MAX);
        return;
    }
    options->zones = arena_get(&filler->options->memory, count * sizeof *options->zones);
    for (size_t i = 0; i < count; i++)
        fill_zone(filler, &zones->pairs[i]);
}

// --- resolve -------------------------------------------------------------------------------------

static void fill_default(struct filler *filler, const struct value *map)
{
    static const enum resolve_kind kinds[] = {RESOLVE_RECURSIVE,
                                              RESOLVE_NONE}; // the schema's order
    struct resolve_options *options = &filler->options->resolve;
    const struct value *value = filler_take(filler, map, KEY_RESOLVE_DEFAULT);
    unsigned word;
    if (value->kind == VALUE_TEXT) {
        bool good = scalar_word(value->text, schema_row(KEY_RESOLVE_DEFAULT)->words, &word);
        assert(good && word < sizeof kinds / sizeof kinds[0]);
        options->otherwise = kinds[word];
        return;
    }
    const struct value *list = find(value, KEY_RESOLVE_DEFAULT_FORWARD);
    options->otherwise = RESOLVE_FORWARD;
    if (!list) {
        value_report(filler->report, SEVERITY_ERROR, value, "like this: {forward: [192.0.2.53]}",
                     "'resolve.default' without 'forward'");
    } else if (!list->bad) {
        if (!filler->inner)
            filler->options->origins[KEY_RESOLVE_DEFAULT_FORWARD] = filler_place(list);
        options->forward = fill_servers(filler, list);
    }
}

static void fill_never_ask(struct filler *filler, const struct value *list)
{
    struct resolve_options *options = &filler->options->resolve;
    size_t count = filler_count(list);
    options->never_ask = arena_get(&filler->options->memory, count * sizeof *options->never_ask);
    for (size_t i = 0; i < count; i++) {
        const struct value *item = filler_item(list, i);
        struct network_option option;
        if (!item || !scalar_network(item->text, &option))
            continue;
        option.text = filler_copy(filler, item->text);
        option.place = filler_place(item);
        options->never_ask[options->never_ask_count++] = option;
    }
}

static void fill_resolve(struct filler *filler, const struct value *map)
{
    struct resolve_options *options = &filler->options->resolve;
    fill_default(filler, map);
    fill_hints(filler, map);
    fill_hints_file(filler, map);
    fill_root_copy(filler, map);
    fill_zones(filler, map);
    options->minimise = filler_take_bool(filler, map, KEY_RESOLVE_MINIMISE);
    options->ipv4 = filler_take_bool(filler, map, KEY_RESOLVE_IPV4);
    options->ipv6 = filler_take_bool(filler, map, KEY_RESOLVE_IPV6);
    options->special_names = filler_take_bool(filler, map, KEY_RESOLVE_SPECIAL_NAMES);
    fill_never_ask(filler, filler_take(filler, map, KEY_RESOLVE_NEVER_ASK));
    options->quiet = filler_take_bool(filler, map, KEY_RESOLVE_QUIET);
    options->port = (uint16_t)filler_take_number(filler, map, KEY_RESOLVE_PORT);
    const struct value *budget = filler_take(filler, map, KEY_RESOLVE_BUDGET);
    options->packets_max = (uint32_t)filler_take_number(filler, budget, KEY_RESOLVE_BUDGET_PACKETS);
    options->time_max_ms = (uint32_t)filler_take_duration(filler, budget, KEY_RESOLVE_BUDGET_TIME);
    bool asks = options->otherwise != RESOLVE_NONE || options->zone_count;
    if (!options->ipv4 && !options->ipv6 && asks)
        value_report(filler->report, SEVERITY_ERROR, filler_look(filler, map, KEY_RESOLVE_IPV6),
                     "to ask nobody write 'default: none'",
                     "'ipv4' and 'ipv6' are both false: no server can be asked");
}

// --- hosts and cache -----------------------------------------------------------------------------

// The default need not be there; what someone wrote into the file should.
static void look_at_file(struct filler *filler, const struct value *item, const char *path)
{
    if (!filler->alone && !filler->zoneless && access(path, R_OK) != 0)
        value_report(filler->report, SEVERITY_WARNING, item, NULL, "cannot read %s: %s",
                     value_quote(path).text, strerror(errno));
}

static void fill_hosts(struct filler *filler, const struct value *map)
{
    struct hosts_options *options = &filler->options->hosts;
    const struct value *files = filler_take(filler, map, KEY_HOSTS_FILES);
    size_t count = filler_count(files);
    options->files_given = !filler_is_default(filler, KEY_HOSTS_FILES, files);
    options->files = arena_get(&filler->options->memory, count * sizeof *options->files);
    for (size_t i = 0; i < count; i++) {
        const struct value *item = filler_item(files, i);
        if (!item)
            continue;
        struct path_option *file = &options->files[options->file_count++];
        *file = (struct path_option){filler_path(filler, item), filler_place(item)};
        if (options->files_given)
            look_at_file(filler, item, file->path);
    }
    options->names =
        fill_names(filler, filler_take(filler, map, KEY_HOSTS_NAMES), &options->name_count);
    uint8_t storage[NAME_OCTETS_MAX];
    const struct value *domain = filler_take(filler, map, KEY_HOSTS_DOMAIN);
    const char *problem = scalar_zone(domain->text, storage, &options->domain);
    assert(!problem);
    if (options->domain.labels == 0)
        value_report(filler->report, SEVERITY_ERROR, domain, "one of yours, as in lan.example",
                     "with the root as 'domain' a client could call itself anything");
    options->domain.wire =
        arena_copy(&filler->options->memory, options->domain.wire, options->domain.size);
}

static uint32_t take_seconds(struct filler *filler, const struct value *map, enum schema_key key)
{
    return (uint32_t)(filler_take_duration(filler, map, key) / 1000);
}

static void fill_cache(struct filler *filler, const struct value *map)
{
    struct memory_options *options = &filler->options->cache;
    const struct value *size = filler_take(filler, map, KEY_CACHE_SIZE);
    bool good = scalar_memory(size->text, &options->octets, &options->percent);
    assert(good);
    options->min_ttl_s = take_seconds(filler, map, KEY_CACHE_MIN_TTL);
    options->max_ttl_s = take_seconds(filler, map, KEY_CACHE_MAX_TTL);
    options->negative_ttl_s = take_seconds(filler, map, KEY_CACHE_NEGATIVE_TTL);
    options->stale_s = take_seconds(filler, map, KEY_CACHE_STALE);
    options->prefetch = filler_take_bool(filler, map, KEY_CACHE_PREFETCH);
    options->keep = filler_take_bool(filler, map, KEY_CACHE_KEEP);
    if (options->min_ttl_s > options->max_ttl_s)
        value_report(filler->report, SEVERITY_ERROR, filler_look(filler, map, KEY_CACHE_MIN_TTL),
                     NULL, "'min_ttl' is longer than 'max_ttl'");
}

void resolving_fill_view(struct filler *filler, const struct value *root, const struct value *map,
                         struct resolve_options *resolve)
{
    struct options *options = filler->options;
    struct resolve_options everybodys = options->resolve;
    options->resolve = (struct resolve_options){0};
    filler->outer = filler_look(filler, root, KEY_RESOLVE);
    filler->inner = true;
    fill_resolve(filler, map);
    filler->inner = false;
    *resolve = options->resolve;
    options->resolve = everybodys;
}

void resolving_fill(struct filler *filler, const struct value *root)
{
    fill_resolve(filler, filler_take(filler, root, KEY_RESOLVE));
    fill_hosts(filler, filler_take(filler, root, KEY_HOSTS));
    fill_cache(filler, filler_take(filler, root, KEY_CACHE));
}
