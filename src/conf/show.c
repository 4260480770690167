// Options as YAML (show.h), key after key in the order of the schema's table.
#include "conf/show.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "conf/scalar.h"
#include "conf/schema.h"
#include "dns/tsig.h"
#include "dns/type.h"
#include "zone/zonemd_hash.h"

#define INDENT     "  " // of a key below a map
#define PLACES_MAX 3    // named behind one list; a list may come from more

struct printer {
    const struct options *options;
    struct show_style style;
    struct buffer *to;
};

// --- scalars -------------------------------------------------------------------------------------

// Words that some YAML tools take for something else than text.
static bool is_reserved(const char *text)
{
    static const char *const words[] = {"true", "false", "yes", "no", "on",
                                        "off",  "null",  "y",   "n"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcasecmp(text, words[i]) == 0)
            return true;
    return false;
}

// Texts that need no quotes for any reader of YAML: words, absolute paths, IPv4 addresses.
static bool is_plain(const char *text)
{
    static const char digits[] = "0123456789", safe[] = "abcdefghijklmnopqrstuvwxyz"
                                                        "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                        "0123456789_./-";
    size_t size = strlen(text);
    if (size == 0 || strspn(text, safe) != size || is_reserved(text))
        return false;
    if (!strchr(digits, text[0]))
        return text[0] != '.' && text[0] != '-';
    const char *dot = strchr(text, '.'); // one dot makes a number, two do not
    return dot && strchr(dot + 1, '.');
}

// In double quotes, with escapes for what should not be seen on a screen.
static void put_quoted(struct buffer *to, const char *text)
{
    size_t left = strlen(text);
    buffer_add_char(to, '"');
    while (left) {
        uint32_t code;
        size_t size = utf8_get(text, left, &code);
        if (size == 0)
            buffer_format(to, "\\x%02X", (uint8_t)*text);
        else if (*text == '"' || *text == '\\')
            buffer_format(to, "\\%c", *text);
        else if (utf8_printable(code))
            buffer_add(to, text, size);
        else
            buffer_format(to, "\\U%08X", code);
        text += size ? size : 1;
        left -= size ? size : 1;
    }
    buffer_add_char(to, '"');
}

static void put_text(struct buffer *to, const char *text)
{
    if (is_plain(text))
        buffer_add_text(to, text);
    else
        put_quoted(to, text);
}

static void put_nsid(struct buffer *to, const uint8_t *octets, size_t size)
{
    char text[NSID_MAX + 1];
    bool printable = size < 2 || memcmp(octets, "0x", 2) != 0;
    for (size_t i = 0; i < size; i++) {
        text[i] = (char)octets[i];
        printable = printable && octets[i] > ' ' && octets[i] < 127;
    }
    text[size] = 0;
    if (printable) {
        put_text(to, text);
        return;
    }
    buffer_add_text(to, "0x");
    for (size_t i = 0; i < size; i++)
        buffer_format(to, "%02x", octets[i]);
}

// --- origins -------------------------------------------------------------------------------------

static void put_place(struct buffer *to, const struct option_place *place)
{
    if (!place->file) {
        buffer_add_text(to, "default");
        return;
    }
    size_t left = strlen(place->file);
    for (const char *at = place->file; left;) { // a comment is one line, of UTF-8
        uint32_t code;
        size_t size = utf8_get(at, left, &code);
        bool shown = size && utf8_printable(code);
        buffer_add(to, shown ? at : "?", shown ? size : 1);
        at += size ? size : 1;
        left -= size ? size : 1;
    }
    if (place->line)
        buffer_format(to, ":%u", place->line);
}

// The end of a line: where its value comes from, if that is wanted.
static void end_line(const struct printer *printer, const struct option_place *place)
{
    if (printer->style.origin) {
        buffer_add_text(printer->to, "  # ");
        put_place(printer->to, place);
    }
    buffer_add_char(printer->to, '\n');
}

static bool is_same_place(const struct option_place *a, const struct option_place *b)
{
    return a->line == b->line && a->file == b->file;
}

// --- values --------------------------------------------------------------------------------------

static void put_kinds(struct buffer *to, unsigned kinds)
{
    const char *comma = "";
    buffer_add_char(to, '[');
    for (unsigned i = 0; schema_row(KEY_LISTEN_KINDS)->words[i]; i++) {
        if (!(kinds & 1u << i))
            continue;
        buffer_format(to, "%s%s", comma, schema_row(KEY_LISTEN_KINDS)->words[i]);
        comma = ", ";
    }
    buffer_add_char(to, ']');
}

static void show_listen(const struct printer *printer)
{
    buffer_add_text(printer->to, "listen:\n");
    for (size_t i = 0; i < printer->options->listen_count; i++) {
        const struct listen_option *option = &printer->options->listen[i];
        buffer_add_text(printer->to, "  - {addr: ");
        put_text(printer->to, option->addr);
        buffer_format(printer->to, ", port: %u, kinds: ", option->port);
        put_kinds(printer->to, option->kinds);
        buffer_add_char(printer->to, '}');
        end_line(printer, &option->place);
    }
}

static void put_routes(const struct printer *printer, struct name zone)
{
    const struct routing_options *routing = &printer->options->routing;
    for (size_t i = 0; i < routing->zone_count; i++)
        if (routing->zones[i].view == 0 && name_equal(routing->zones[i].zone, zone))
            buffer_format(printer->to, ", routes: %s", routing->zones[i].text);
}

static void show_views(const struct printer *printer)
{
    const struct options *options = printer->options;
    if (options->view_count)
        buffer_add_text(printer->to, "views:\n");
    else if (printer->style.all)
        buffer_add_text(printer->to, "views: {}\n");
    for (size_t i = 0; i < options->view_count; i++) {
        buffer_add_text(printer->to, INDENT);
        put_quoted(printer->to, options->views[i].name);
        buffer_format(printer->to, ": %s", options->views[i].yaml);
        end_line(printer, &options->views[i].place);
    }
}

static void show_checks(const struct printer *printer)
{
    const struct options *options = printer->options;
    if (options->check_count)
        buffer_add_text(printer->to, "checks:\n");
    else if (printer->style.all)
        buffer_add_text(printer->to, "checks: {}\n");
    for (size_t i = 0; i < options->check_count; i++) {
        buffer_add_text(printer->to, INDENT);
        put_quoted(printer->to, options->checks[i].name);
        buffer_format(printer->to, ": %s", options->checks[i].yaml);
        end_line(printer, &options->checks[i].place);
    }
}

// What is secret is not shown: where it stands in place, the file must be looked at.
static void show_keys(const struct printer *printer)
{
    const struct options *options = printer->options;
    if (options->key_count)
        buffer_add_text(printer->to, "keys:\n");
    else if (printer->style.all)
        buffer_add_text(printer->to, "keys: {}\n");
    for (size_t i = 0; i < options->key_count; i++) {
        const struct key_option *key = &options->keys[i];
        buffer_add_text(printer->to, INDENT);
        put_quoted(printer->to, key->name);
        buffer_format(printer->to, ": {alg: %s, secret: ", tsig_algorithm_word(key->kind));
        put_quoted(printer->to, key->source ? key->source : "(not shown)");
        if (key->mac_least < mac_size(key->kind))
            buffer_format(printer->to, ", bits: %u", 8 * key->mac_least);
        buffer_add_char(printer->to, '}');
        end_line(printer, &key->place);
    }
}

static void put_remotes(struct buffer *to, const char *key, const struct remotes_option *remotes)
{
    for (size_t i = 0; remotes && i < remotes->count; i++) {
        buffer_format(to, i ? ", " : "%s: [", key);
        put_text(to, remotes->list[i].text);
    }
    if (remotes)
        buffer_add_char(to, ']');
}

static void put_words(struct buffer *to, const char *key, size_t index, const char *word)
{
    if (index)
        buffer_add_text(to, ", ");
    else
        buffer_format(to, ", %s: [", key);
    put_text(to, word);
}

static void put_update(struct buffer *to, const struct update_option *update)
{
    char name[NAME_TEXT_MAX], type[TYPE_TEXT_MAX];
    if (!update->acme && !update->name_count && !update->type_count) {
        put_text(to, update->by->text);
        return;
    }
    buffer_add_text(to, "{by: ");
    put_text(to, update->by->text);
    for (size_t i = 0; i < update->name_count; i++) {
        name_print(update->names[i], name);
        put_words(to, "names", i, name);
    }
    buffer_add_text(to, update->name_count ? "]" : "");
    for (size_t i = 0; i < update->type_count; i++) {
        type_print(update->types[i], type);
        put_words(to, "types", i, type);
    }
    buffer_add_text(to, update->type_count ? "]" : "");
    buffer_add_text(to, update->acme ? ", acme: true}" : "}");
}

static void put_updates(struct buffer *to, const struct zone_option *zone)
{
    for (size_t i = 0; zone->updates && i < zone->updates->count; i++) {
        buffer_add_text(to, i ? ", " : ", update: [");
        put_update(to, &zone->updates->list[i]);
    }
    if (zone->updates)
        buffer_add_char(to, ']');
    if (zone->serials != SERIAL_INCREMENT)
        buffer_format(to, ", serial: %s", serial_policy_words[zone->serials]);
}

static void put_catalog(const struct printer *printer, const struct zone_option *zone)
{
    const struct name name = {zone->wire, zone->size, zone->labels};
    buffer_add_text(printer->to, "catalog: true");
    for (size_t i = 0; i < printer->options->catalog_count; i++) {
        const struct catalog_option *catalog = &printer->options->catalogs[i];
        if (catalog->yaml && catalog->view == zone->view && name_equal(catalog->zone, name))
            buffer_format(printer->to, ", members: %s", catalog->yaml);
    }
}

static void show_zones(const struct printer *printer)
{
    bool some = false;
    for (size_t i = 0; i < printer->options->zone_count; i++) {
        const struct zone_option *zone = &printer->options->zones[i];
        char name[NAME_TEXT_MAX];
        if (zone->view || (zone->from_folder && !printer->style.all))
            continue; // a view's are told with it
        if (!some)
            buffer_add_text(printer->to, "zones:\n");
        some = true;
        name_print((struct name){zone->wire, zone->size, zone->labels}, name);
        buffer_add_text(printer->to, zone->from_folder ? "#  " : "  ");
        put_quoted(printer->to, name);
        buffer_add_text(printer->to, *zone->file ? ": {file: " : ": {");
        if (*zone->file)
            put_text(printer->to, zone->file);
        if (zone->makes_catalog)
            put_catalog(printer, zone);
        put_remotes(printer->to, "from", zone->from);
        if (zone->zonemd)
            buffer_add_text(printer->to, ", zonemd: true");
        if (zone->make)
            buffer_format(printer->to, ", zonemd_generate: %s", zonemd_hash_words[zone->make]);
        if (zone->catalog)
            buffer_add_text(printer->to, ", catalog: true");
        put_remotes(printer->to, ", notify", zone->notify);
        put_updates(printer->to, zone);
        if (!zone->from_folder)
            put_routes(printer, (struct name){zone->wire, zone->size, zone->labels});
        buffer_add_char(printer->to, '}');
        end_line(printer, &zone->place);
    }
    if (!some && printer->style.all)
        buffer_add_text(printer->to, "zones: {}\n");
}

// The places of a list's items, each once, and not too many.
static void end_list(const struct printer *printer, const struct option_place *places[],
                     size_t count)
{
    buffer_add_char(printer->to, ']');
    if (printer->style.origin) {
        buffer_add_text(printer->to, "  # ");
        for (size_t i = 0; i < count && i < PLACES_MAX; i++) {
            buffer_add_text(printer->to, i ? ", " : "");
            put_place(printer->to, places[i]);
        }
        if (count > PLACES_MAX)
            buffer_add_text(printer->to, ", ...");
    }
    buffer_add_char(printer->to, '\n');
}

struct spots { // of the items seen so far
    const struct option_place *some[PLACES_MAX + 1];
    size_t count;
};

static void keep_place(struct spots *spots, const struct option_place *place)
{
    if (spots->count > PLACES_MAX ||
        (spots->count && is_same_place(spots->some[spots->count - 1], place)))
        return;
    spots->some[spots->count++] = place;
}

static void show_access(const struct printer *printer, enum schema_key key,
                        const struct access_option *options, size_t count)
{
    struct spots spots = {0};
    buffer_format(printer->to, INDENT "%s: [", schema_name(key));
    for (size_t i = 0; i < count; i++) {
        buffer_add_text(printer->to, i ? ", " : "");
        put_text(printer->to, options[i].text);
        keep_place(&spots, &options[i].place);
    }
    if (count == 0)
        keep_place(&spots, &printer->options->origins[key]);
    end_list(printer, spots.some, spots.count);
}

static void show_never_ask(const struct printer *printer)
{
    const struct resolve_options *options = &printer->options->resolve;
    struct spots spots = {0};
    buffer_add_text(printer->to, INDENT "never_ask: [");
    for (size_t i = 0; i < options->never_ask_count; i++) {
        buffer_add_text(printer->to, i ? ", " : "");
        put_text(printer->to, options->never_ask[i].text);
        keep_place(&spots, &options->never_ask[i].place);
    }
    if (options->never_ask_count == 0)
        keep_place(&spots, &printer->options->origins[KEY_RESOLVE_NEVER_ASK]);
    end_list(printer, spots.some, spots.count);
}

static void show_paths(const struct printer *printer, enum schema_key key,
                       const struct path_option *paths, size_t count)
{
    struct spots spots = {0};
    buffer_format(printer->to, INDENT "%s: [", schema_name(key));
    for (size_t i = 0; i < count; i++) {
        buffer_add_text(printer->to, i ? ", " : "");
        put_text(printer->to, paths[i].path);
        keep_place(&spots, &paths[i].place);
    }
    if (count == 0)
        keep_place(&spots, &printer->options->origins[key]);
    end_list(printer, spots.some, spots.count);
}

// Addresses with their ports, if they have some.
static void put_addresses(struct buffer *to, const struct address_list *addresses)
{
    buffer_add_char(to, '[');
    for (size_t i = 0; i < addresses->count; i++) {
        char text[ADDRESS_TEXT_MAX];
        const struct address *address = &addresses->some[i];
        if (address_port(address))
            address_print(address, text);
        else
            address_print_host(address, text);
        buffer_add_text(to, i ? ", " : "");
        put_text(to, text);
    }
    buffer_add_char(to, ']');
}

static void show_default(const struct printer *printer)
{
    const struct resolve_options *options = &printer->options->resolve;
    buffer_add_text(printer->to, INDENT "default: ");
    switch (options->otherwise) {
    case RESOLVE_RECURSIVE: buffer_add_text(printer->to, "recursive"); break;
    case RESOLVE_NONE: buffer_add_text(printer->to, "none"); break;
    case RESOLVE_FORWARD:
        buffer_add_text(printer->to, "{forward: ");
        put_addresses(printer->to, &options->forward);
        buffer_add_char(printer->to, '}');
        break;
    }
    end_line(printer, &printer->options->origins[KEY_RESOLVE_DEFAULT]);
}

static void show_named(const struct printer *printer, enum schema_key key,
                       const struct named_option *options, size_t count)
{
    bool maps = schema_row(key)->type == SCHEMA_MAP;
    if (count == 0) {
        const char *otherwise = schema_row(key)->otherwise;
        if (otherwise)
            buffer_format(printer->to, "#" INDENT "%s: %s\n", schema_name(key), otherwise);
        else
            buffer_format(printer->to, INDENT "%s: {}\n", schema_name(key));
        return;
    }
    buffer_format(printer->to, INDENT "%s:\n", schema_name(key));
    for (size_t i = 0; i < count; i++) {
        char name[NAME_TEXT_MAX];
        name_print(options[i].name, name);
        buffer_add_text(printer->to, INDENT INDENT);
        put_quoted(printer->to, name);
        buffer_add_text(printer->to, !maps                ? ": "
                                     : options[i].forward ? ": {forward: "
                                                          : ": {ask: ");
        put_addresses(printer->to, &options[i].addresses);
        buffer_add_text(printer->to, maps ? "}" : "");
        end_line(printer, &options[i].place);
    }
}

static void put_folder(struct buffer *to, const struct folder_option *folder)
{
    bool map = folder->zonemd || folder->notify;
    buffer_add_text(to, map ? "{path: " : "");
    put_text(to, folder->path);
    buffer_add_text(to, folder->zonemd ? ", zonemd: true" : "");
    put_remotes(to, ", notify", folder->notify);
    buffer_add_text(to, map ? "}" : "");
}

static void show_folders(const struct printer *printer)
{
    const struct options *options = printer->options;
    struct spots spots = {0};
    buffer_add_text(printer->to, "zone_folders: [");
    for (size_t i = 0; i < options->zone_folder_count; i++) {
        buffer_add_text(printer->to, i ? ", " : "");
        put_folder(printer->to, &options->zone_folders[i]);
        keep_place(&spots, &options->zone_folders[i].place);
    }
    if (options->zone_folder_count == 0)
        keep_place(&spots, &options->origins[KEY_ZONE_FOLDERS]);
    end_list(printer, spots.some, spots.count);
}

// --- keys ----------------------------------------------------------------------------------------

static const char *word_of_level(enum log_level level)
{
    switch (level) {
    case LOG_LEVEL_ERROR: return "error";
    case LOG_LEVEL_WARNING: return "warning";
    case LOG_LEVEL_INFO: return "info";
    case LOG_LEVEL_DEBUG: return "debug";
    }
    return NULL;
}

static bool put_text_or_none(struct buffer *to, const char *text)
{
    if (text)
        put_text(to, text);
    return text != NULL;
}

static bool put_bool(struct buffer *to, bool value)
{
    buffer_add_text(to, value ? "true" : "false");
    return true;
}

static bool put_seconds(struct buffer *to, uint64_t seconds)
{
    char text[SCALAR_DURATION_MAX];
    scalar_print_duration(seconds * 1000, text);
    buffer_add_text(to, text);
    return true;
}

static bool put_size(struct buffer *to, uint64_t octets)
{
    char text[SCALAR_SIZE_MAX];
    scalar_print_size(octets, text);
    buffer_add_text(to, text);
    return true;
}

static bool put_milliseconds(struct buffer *to, uint64_t ms)
{
    char text[SCALAR_DURATION_MAX];
    scalar_print_duration(ms, text);
    buffer_add_text(to, text);
    return true;
}

static bool put_memory(struct buffer *to, const struct memory_options *options)
{
    char text[SCALAR_SIZE_MAX];
    scalar_print_size(options->octets, text);
    if (options->percent)
        buffer_format(to, "%u%%", options->percent);
    else
        buffer_add_text(to, text);
    return true;
}

static bool put_zone_name(struct buffer *to, struct name name)
{
    char text[NAME_TEXT_MAX];
    name_print(name, text);
    put_quoted(to, text);
    return true;
}

static bool put_number(struct buffer *to, uint64_t number)
{
    buffer_format(to, "%llu", (unsigned long long)number);
    return true;
}

// One value of `resolve`.
static bool put_resolving(const struct resolve_options *options, enum schema_key key,
                          struct buffer *to)
{
    if (key == KEY_RESOLVE_HINTS_FILE) {
        put_text(to, options->hints_file);
        return true;
    }
    if (key == KEY_RESOLVE_ROOT_COPY)
        return put_text_or_none(to, options->root_copy.path);
    if (key == KEY_RESOLVE_ROOT_COPY_ZONEMD)
        return put_bool(to, options->root_copy_zonemd);
    if (key == KEY_RESOLVE_MINIMISE)
        return put_bool(to, options->minimise);
    if (key == KEY_RESOLVE_IPV4)
        return put_bool(to, options->ipv4);
    if (key == KEY_RESOLVE_IPV6)
        return put_bool(to, options->ipv6);
    if (key == KEY_RESOLVE_SPECIAL_NAMES)
        return put_bool(to, options->special_names);
    if (key == KEY_RESOLVE_QUIET)
        return put_bool(to, options->quiet);
    if (key == KEY_RESOLVE_PORT)
        return put_number(to, options->port);
    if (key == KEY_RESOLVE_BUDGET_PACKETS)
        return put_number(to, options->packets_max);
    if (key == KEY_RESOLVE_BUDGET_TIME)
        return put_milliseconds(to, options->time_max_ms);
    assert(!"a key that is no scalar");
    return false;
}

// One value of `cache`.
static bool put_caching(const struct memory_options *options, enum schema_key key,
                        struct buffer *to)
{
    if (key == KEY_CACHE_SIZE)
        return put_memory(to, options);
    if (key == KEY_CACHE_MIN_TTL)
        return put_seconds(to, options->min_ttl_s);
    if (key == KEY_CACHE_MAX_TTL)
        return put_seconds(to, options->max_ttl_s);
    if (key == KEY_CACHE_NEGATIVE_TTL)
        return put_seconds(to, options->negative_ttl_s);
    if (key == KEY_CACHE_STALE)
        return put_seconds(to, options->stale_s);
    if (key == KEY_CACHE_PREFETCH)
        return put_bool(to, options->prefetch);
    if (key == KEY_CACHE_KEEP)
        return put_bool(to, options->keep);
    assert(!"a key that is no scalar");
    return false;
}

// The value of a key that has one scalar. False: it has none.
static bool put_scalar(const struct options *options, enum schema_key key, struct buffer *to)
{
    if (key == KEY_VERSION)
        return put_number(to, 1);
    if (key == KEY_USER)
        return put_text_or_none(to, options->user);
    if (key == KEY_WORKERS)
        return put_number(to, options->workers);
    if (key == KEY_STATE)
        return put_text_or_none(to, options->state);
    if (key == KEY_CONTROL)
        return put_text_or_none(to, options->control);
    if (key == KEY_IDENTITY_NAME)
        return put_text_or_none(to, options->identity.name);
    if (key == KEY_IDENTITY_VERSION)
        return put_text_or_none(to, options->identity.version);
    if (key == KEY_IDENTITY_NSID && options->identity.nsid_size)
        put_nsid(to, options->identity.nsid, options->identity.nsid_size);
    if (key == KEY_IDENTITY_NSID)
        return options->identity.nsid_size > 0;
    if (key == KEY_ANSWERS_MINIMAL)
        return put_bool(to, options->answers.minimal);
    if (key == KEY_ANSWERS_ROTATE)
        return put_bool(to, options->answers.rotate);
    if (key == KEY_HOSTS_DOMAIN)
        return put_zone_name(to, options->hosts.domain);
    if (key == KEY_HISTORY_KEEP)
        return put_seconds(to, options->history_keep_s);
    if (key == KEY_HISTORY_SIZE)
        return put_size(to, options->history_size);
    if (key == KEY_LOG_LEVEL)
        return put_text_or_none(to, word_of_level(options->log.level));
    if (key == KEY_LOG_QUERIES)
        return put_bool(to, options->log.queries);
    if (schema_is_child(KEY_CACHE, key))
        return put_caching(&options->cache, key, to);
    return put_resolving(&options->resolve, key, to);
}

static void put_indent(struct buffer *to, unsigned depth)
{
    for (unsigned i = 0; i < depth; i++)
        buffer_add_text(to, INDENT);
}

static void show_scalar(const struct printer *printer, enum schema_key key, unsigned depth)
{
    struct buffer value = {0};
    const struct schema_row *row = schema_row(key);
    bool some = put_scalar(printer->options, key, &value);
    if (some || printer->style.all) {
        buffer_add_text(printer->to, some ? "" : "#");
        put_indent(printer->to, depth);
        buffer_format(printer->to, "%s: %s", schema_name(key),
                      some ? buffer_text(&value) : row->otherwise);
    }
    if (some)
        end_line(printer, &printer->options->origins[key]);
    else if (printer->style.all)
        buffer_add_char(printer->to, '\n');
    buffer_free(&value);
}

static bool is_wanted(const struct printer *printer, enum schema_key key)
{
    return printer->style.all || printer->options->origins[key].file;
}

static void show_map(const struct printer *printer, enum schema_key map, unsigned depth);

// What has a form of its own. False: `key` is none of these.
static bool show_special(const struct printer *printer, enum schema_key key)
{
    const struct options *options = printer->options;
    const struct resolve_options *resolve = &options->resolve;
    if (key == KEY_LISTEN)
        show_listen(printer);
    else if (key == KEY_ACCESS_RECURSE)
        show_access(printer, key, options->recurse, options->recurse_count);
    else if (key == KEY_ACCESS_TRANSFER)
        show_access(printer, key, options->transfer, options->transfer_count);
    else if (key == KEY_ACCESS_ECS)
        show_access(printer, key, options->ecs, options->ecs_count);
    else if (key == KEY_ZONE_FOLDERS)
        show_folders(printer);
    else if (key == KEY_RESOLVE_DEFAULT)
        show_default(printer);
    else if (key == KEY_RESOLVE_HINTS)
        show_named(printer, key, resolve->hints, resolve->hint_count);
    else if (key == KEY_RESOLVE_ZONES)
        show_named(printer, key, resolve->zones, resolve->zone_count);
    else if (key == KEY_RESOLVE_NEVER_ASK)
        show_never_ask(printer);
    else if (key == KEY_HOSTS_FILES)
        show_paths(printer, key, options->hosts.files, options->hosts.file_count);
    else if (key == KEY_PLACES_DATABASES)
        show_paths(printer, key, options->places.databases, options->places.database_count);
    else if (key == KEY_HOSTS_NAMES)
        show_named(printer, key, options->hosts.names, options->hosts.name_count);
    else
        return false;
    return true;
}

static void show_key(const struct printer *printer, enum schema_key key, unsigned depth)
{
    const struct schema_row *row = schema_row(key);
    bool map = row->type == SCHEMA_MAP && row->shape == SHAPE_ONE && !row->words;
    if (key == KEY_INCLUDE)
        return;
    if (key == KEY_ZONES)
        show_zones(printer);
    else if (key == KEY_KEYS)
        show_keys(printer);
    else if (key == KEY_CHECKS)
        show_checks(printer);
    else if (key == KEY_VIEWS)
        show_views(printer);
    else if (map)
        show_map(printer, key, depth);
    else if (is_wanted(printer, key) && !show_special(printer, key))
        show_scalar(printer, key, depth);
}

// True: all of these lines are comments.
static bool is_silent(const char *lines)
{
    for (; *lines; lines += strcspn(lines, "\n") + 1)
        if (*lines != '#')
            return false;
    return true;
}

// A map's keys, two columns in, below its name; nothing at all if none of them is wanted.
static void show_map(const struct printer *printer, enum schema_key map, unsigned depth)
{
    struct buffer keys = {0};
    struct printer inner = {printer->options, printer->style, &keys};
    for (enum schema_key key = KEY_ROOT; key < KEY_COUNT; key++)
        if (schema_is_child(map, key))
            show_key(&inner, key, depth + 1);
    if (keys.size) {
        buffer_add_text(printer->to, is_silent(buffer_text(&keys)) ? "#" : "");
        put_indent(printer->to, depth);
        buffer_format(printer->to, "%s:\n", schema_name(map));
        buffer_add(printer->to, keys.text, keys.size);
    }
    buffer_free(&keys);
}

void options_show(const struct options *options, struct show_style style, struct buffer *to)
{
    struct printer printer = {options, style, to};
    for (enum schema_key key = KEY_ROOT; key < KEY_COUNT; key++)
        if (schema_is_child(KEY_ROOT, key))
            show_key(&printer, key, 0);
}
