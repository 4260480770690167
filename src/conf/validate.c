// Values held against the table (validate.h): one function for each shape, one for scalars, and the
// hints that each type deserves.
#include "conf/validate.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/suggest.h"
#include "conf/describe.h"
#include "conf/scalar.h"

static void check_map(enum schema_key key, struct value *map, struct report *report);

// --- shapes --------------------------------------------------------------------------------------

static const char *name_kind(const struct value *value)
{
    static const char *const words[] = {[VALUE_NONE] = "nothing",
                                        [VALUE_TEXT] = "a text",
                                        [VALUE_LIST] = "a list",
                                        [VALUE_MAP] = "a map"};
    return words[value->kind];
}

static void refuse_kind(enum schema_key key, struct value *value, const char *wanted,
                        struct report *report)
{
    if (key == KEY_ROOT) {
        value_refuse(report, value, "write 'key: value', with a space after the ':'",
                     "the file must be a map of keys, not %s", name_kind(value));
        return;
    }
    // Of a list or a map of names "a map" is asked for in each entry only.
    const struct schema_row *row = schema_row(key);
    bool entry = row->shape != SHAPE_ONE && row->type == SCHEMA_MAP && strcmp(wanted, "a map") == 0;
    struct buffer hint = {0};
    buffer_format(&hint, "like this: %s: %s", schema_name(key), row->example);
    value_refuse(report, value, buffer_text(&hint), "%s'%s' must be %s, not %s",
                 entry ? "an entry of " : "", schema_name(key), wanted, name_kind(value));
    buffer_free(&hint);
}

// Nothing where a scalar should be.
static void refuse_none(enum schema_key key, struct value *value, struct report *report)
{
    if (value->count)
        value_refuse(report, value, "put quotes around it if you mean the word",
                     "'%s' has no value: %s means none", schema_name(key), value->text);
    else
        value_refuse(report, value, "write one, or remove the key", "'%s' has no value",
                     schema_name(key));
}

// --- scalars -------------------------------------------------------------------------------------

// An address in a prefix with bits past its length: what was meant is the prefix it lies in.
static bool suggest_prefix(const char *text, struct buffer *hint)
{
    char host[ADDRESS_TEXT_MAX];
    uint64_t bits;
    const char *slash = strchr(text, '/');
    if (!slash || (size_t)(slash - text) >= sizeof host || !scalar_number(slash + 1, &bits))
        return false;
    snprintf(host, sizeof host, "%.*s", (int)(slash - text), text);
    struct address address;
    if (scalar_host(host, &address) != SCALAR_ADDRESS)
        return false;
    bool v4 = address.any.sa_family == AF_INET;
    uint8_t *octets = v4 ? (uint8_t *)&address.v4.sin_addr : address.v6.sin6_addr.s6_addr;
    unsigned bits_max = v4 ? 32 : 128;
    if (bits > bits_max) {
        buffer_format(hint, "the length is at most %u", bits_max);
        return true;
    }
    for (unsigned bit = (unsigned)bits; bit < bits_max; bit++)
        octets[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
    address_print_host(&address, host);
    buffer_format(hint, "bits past the length must be zero: did you mean '%s/%u'?", host,
                  (unsigned)bits);
    return true;
}

static bool suggest_word(const char *text, const char *const *words, struct buffer *hint)
{
    struct suggestion suggestion = {.word = text};
    for (size_t i = 0; words[i]; i++)
        suggest_consider(&suggestion, words[i]);
    if (suggestion.best)
        buffer_format(hint, "did you mean '%s'?", suggestion.best);
    return suggestion.best != NULL;
}

static void suggest_access(const char *text, struct buffer *hint)
{
    static const char *const words[] = {"localhost", "private", "any", "none", NULL};
    struct address address;
    if (suggest_prefix(text, hint) || suggest_word(text, words, hint))
        return;
    if (strcmp(text, "all") == 0)
        buffer_add_text(hint, "did you mean 'any'?");
    else if (scalar_host(text, &address) == SCALAR_WITH_PORT)
        buffer_add_text(hint, "write the address without a port");
}

static void suggest_network(const char *text, struct buffer *hint)
{
    static const char *const words[] = {"loopback", "own", "unspecified", "multicast", NULL};
    struct address address;
    if (suggest_prefix(text, hint) || suggest_word(text, words, hint))
        return;
    if (strcmp(text, "localhost") == 0)
        buffer_add_text(hint, "did you mean 'loopback'?");
    else if (strcmp(text, "none") == 0)
        buffer_add_text(hint, "for no network at all write []");
    else if (scalar_host(text, &address) == SCALAR_WITH_PORT)
        buffer_add_text(hint, "write the address without a port");
}

static void suggest_server(const char *text, struct buffer *hint)
{
    struct address address;
    const char *at = strchr(text, '@'), *scope = strchr(text, '%');
    if (scalar_host(text, &address) == SCALAR_WITH_PORT)
        buffer_add_text(hint, "write it without a port");
    else if (at)
        buffer_add_text(hint, "a port stands behind a ':', as in 192.0.2.53:5353 or "
                              "[2001:db8::53]:5353");
    else if (strchr(text, '/'))
        buffer_add_text(hint, "write an address without a length");
    else if (scope)
        buffer_format(hint, "is there an interface %s on this machine?",
                      value_quote(scope + 1).text);
    else if (strcmp(text, "localhost") == 0)
        buffer_add_text(hint, "write 127.0.0.1 or \"::1\"");
    else if (strspn(text, "0123456789abcdefABCDEF.:[]") != strlen(text))
        buffer_add_text(hint, "names cannot be looked up here: write its address");
}

static void suggest_remote(const char *text, struct buffer *hint)
{
    const char *blank = strchr(text, ' ');
    if (!blank)
        suggest_server(text, hint);
    else if (strncmp(blank + strspn(blank, " "), ACCESS_KEY_WORD, strlen(ACCESS_KEY_WORD)) != 0)
        buffer_add_text(hint, "a key stands behind the address, as in \"192.0.2.53 key:k1\"");
}

static void suggest_host(const char *text, struct buffer *hint)
{
    const char *scope = strchr(text, '%');
    if (strcmp(text, "*") == 0)
        buffer_add_text(hint, "for all addresses write [0.0.0.0, \"::\"]");
    else if (strchr(text, '/'))
        buffer_add_text(hint, "write an address without a length");
    else if (scope)
        buffer_format(hint, "is there an interface %s on this machine?",
                      value_quote(scope + 1).text);
}

static void suggest_scalar(enum schema_key key, const char *text, struct buffer *hint)
{
    const struct schema_row *row = schema_row(key);
    switch (row->type) {
    case SCHEMA_BOOL: buffer_add_text(hint, "write true or false"); return;
    case SCHEMA_NUMBER:
        if (text[0] == '0' && text[1])
            buffer_add_text(hint, "write it without a zero in front");
        return;
    case SCHEMA_DURATION:
        buffer_add_text(hint, "the units are w d h m s ms, the larger ones first");
        return;
    case SCHEMA_SIZE:
    case SCHEMA_MEMORY: buffer_add_text(hint, "the units are B KiB MiB GiB TiB"); return;
    case SCHEMA_WORD: (void)suggest_word(text, row->words, hint); return;
    case SCHEMA_HOST: suggest_host(text, hint); return;
    case SCHEMA_ADDRESS:
    case SCHEMA_SERVER: suggest_server(text, hint); return;
    case SCHEMA_REMOTE: suggest_remote(text, hint); return;
    case SCHEMA_NETWORK: suggest_network(text, hint); return;
    case SCHEMA_ACCESS: suggest_access(text, hint); return;
    case SCHEMA_MAP: (void)suggest_word(text, row->words, hint); return;
    case SCHEMA_TEXT:
    case SCHEMA_PATH:
    case SCHEMA_TREE:
    case SCHEMA_ZONE:
    case SCHEMA_NSID: return;
    }
}

static bool is_within(const struct schema_row *row, uint64_t number)
{
    return number >= row->least && number <= row->most;
}

// An interface may have any name; these are more likely to be meant as something else.
static const char *find_misnomer(const char *text)
{
    if (strcmp(text, "localhost") == 0)
        return "for this machine alone write [127.0.0.1, \"::1\"]";
    if (strcmp(text, "any") == 0 || strcmp(text, "all") == 0)
        return "for all addresses write [0.0.0.0, \"::\"]";
    return NULL;
}

static bool is_good(enum schema_key key, const char *text)
{
    const struct schema_row *row = schema_row(key);
    bool truth;
    uint64_t number;
    unsigned word;
    struct address address;
    struct access_option access;
    struct network_option network;
    uint8_t nsid[NSID_MAX];
    const char *name;
    uint8_t storage[NAME_OCTETS_MAX];
    struct name zone;
    size_t size;
    switch (row->type) {
    case SCHEMA_MAP: return scalar_word(text, row->words, &word); // without words: no scalar
    case SCHEMA_BOOL: return scalar_bool(text, &truth);
    case SCHEMA_NUMBER: return scalar_number(text, &number) && is_within(row, number);
    case SCHEMA_TEXT:
    case SCHEMA_PATH: return is_within(row, strlen(text));
    case SCHEMA_DURATION: return scalar_duration(text, &number) && is_within(row, number);
    case SCHEMA_SIZE: return scalar_size(text, &number) && is_within(row, number);
    case SCHEMA_MEMORY:
        return scalar_memory(text, &number, &word) && (word || is_within(row, number));
    case SCHEMA_WORD: return scalar_word(text, row->words, &word);
    case SCHEMA_ADDRESS: return scalar_host(text, &address) == SCALAR_ADDRESS;
    case SCHEMA_SERVER: return scalar_server(text, &address);
    case SCHEMA_REMOTE: return scalar_remote(text, &address, &name);
    case SCHEMA_NETWORK: return scalar_network(text, &network);
    case SCHEMA_HOST:
        return scalar_host(text, &address) <= SCALAR_INTERFACE && !find_misnomer(text);
    case SCHEMA_ACCESS: return scalar_access(text, &access);
    case SCHEMA_TREE: return false;
    case SCHEMA_ZONE: return scalar_zone(text, storage, &zone) == NULL;
    case SCHEMA_NSID: return scalar_nsid(text, nsid, &size);
    }
    return false;
}

static void refuse_scalar(enum schema_key key, struct value *value, struct report *report)
{
    struct address address;
    if (schema_row(key)->type == SCHEMA_HOST) {
        if (find_misnomer(value->text)) {
            value_refuse(report, value, find_misnomer(value->text),
                         "'%s' is not the name of an interface", value->text);
            return;
        }
        if (scalar_host(value->text, &address) == SCALAR_WITH_PORT) {
            value_refuse(report, value, "write the port in 'port'", "%s has a port in it",
                         value_quote(value->text).text);
            return;
        }
    }
    struct buffer hint = {0}, wanted = {0};
    suggest_scalar(key, value->text, &hint);
    schema_describe(key, &wanted);
    value_refuse(report, value, hint.text, "%s is not %s", value_quote(value->text).text,
                 buffer_text(&wanted));
    buffer_free(&hint);
    buffer_free(&wanted);
}

static void check_scalar(enum schema_key key, struct value *value, struct report *report)
{
    if (value->bad)
        return;
    if (value->kind == VALUE_NONE) {
        refuse_none(key, value, report);
    } else if (value->kind == VALUE_TEXT) {
        if (!is_good(key, value->text))
            refuse_scalar(key, value, report);
    } else {
        struct buffer wanted = {0};
        schema_describe(key, &wanted);
        refuse_kind(key, value, buffer_text(&wanted), report);
        buffer_free(&wanted);
    }
}

// --- lists and maps ------------------------------------------------------------------------------

static void check_item(enum schema_key key, struct value *item, struct report *report)
{
    if (item->bad)
        return;
    if (item->kind == VALUE_NONE && !item->count)
        value_refuse(report, item, "remove the '-', or write something behind it",
                     "an empty item in '%s'", schema_name(key));
    else if (schema_row(key)->brief && item->kind != VALUE_MAP)
        check_scalar(schema_row(key)->brief, item, report);
    else if (schema_row(key)->type == SCHEMA_MAP)
        check_map(key, item, report);
    else
        check_scalar(key, item, report);
}

static void refuse_empty(enum schema_key key, struct value *list, struct report *report)
{
    const struct schema_row *row = schema_row(key);
    struct buffer hint = {0};
    if (row->fallback && row->shape == SHAPE_LIST)
        buffer_add_text(&hint, "remove the key to have the default");
    else if (row->shape == SHAPE_LIST)
        buffer_format(&hint, "like this: %s: %s", schema_name(key), row->example);
    value_refuse(report, list, hint.text, "'%s' %s empty", schema_name(key),
                 row->shape == SHAPE_LIST ? "is" : "has a name whose list is");
    buffer_free(&hint);
}

static void check_list(enum schema_key key, struct value *list, struct report *report)
{
    const struct schema_row *row = schema_row(key);
    if (list->kind == VALUE_NONE)
        return; // as if the key were not there
    if (list->kind == VALUE_TEXT && (row->type != SCHEMA_MAP || row->brief)) {
        check_scalar(row->brief ? row->brief : key, list, report);
        return;
    }
    if (list->kind != VALUE_LIST) {
        refuse_kind(key, list, "a list", report);
        return;
    }
    if (list->count == 0 && row->needed)
        refuse_empty(key, list, report);
    for (uint32_t i = 0; i < list->count; i++)
        check_item(key, &list->items[i], report);
}

// What a name has in a map of names with scalars.
static void check_addresses(enum schema_key key, struct pair *pair, struct report *report)
{
    if (pair->value.kind == VALUE_NONE && !pair->value.bad && !pair->key.bad)
        value_refuse(report, &pair->key, "give it one, or remove it", "%s has no address",
                     value_quote(pair->key.text).text);
    check_list(key, &pair->value, report);
}

static void check_names(enum schema_key key, struct value *map, struct report *report)
{
    if (map->kind == VALUE_NONE)
        return;
    if (map->kind != VALUE_MAP) {
        refuse_kind(key, map, "a map of names", report);
        return;
    }
    for (uint32_t i = 0; i < map->count; i++) {
        struct pair *pair = &map->pairs[i];
        uint8_t storage[NAME_OCTETS_MAX];
        struct name name;
        if (pair->key.bad)
            continue;
        bool zones = schema_row(key)->type == SCHEMA_MAP;
        const char *problem = scalar_zone(pair->key.text, storage, &name);
        if (problem)
            value_refuse(report, &pair->key, NULL, "%s is not %s%s: %s",
                         value_quote(pair->key.text).text, zones ? "the name of a " : "a name",
                         zones ? schema_row(key)->each : "", problem);
        if (zones)
            check_map(key, &pair->value, report);
        else
            check_addresses(key, pair, report);
    }
}

static void list_children(enum schema_key parent, struct buffer *to)
{
    const char *comma = "";
    for (enum schema_key i = KEY_ROOT; i < KEY_COUNT; i++) {
        if (!schema_is_child(parent, i))
            continue;
        buffer_format(to, "%s%s", comma, schema_name(i));
        comma = ", ";
    }
}

// Where a key with this name would have its place.
static void suggest_parent(enum schema_key key, struct buffer *hint)
{
    const char *path = schema_row(key)->path, *dot = strrchr(path, '.');
    size_t size = dot ? (size_t)(dot - path) : 0;
    while (size && strchr("[]*.", path[size - 1])) // "listen[].port" is one of `listen`
        size--;
    if (size)
        buffer_format(hint, "'%s' is a key of '%.*s'", schema_name(key), (int)size, path);
    else
        buffer_format(hint, "'%s' belongs to the top of the file", schema_name(key));
}

static void suggest_key(enum schema_key parent, const char *text, struct buffer *hint)
{
    struct suggestion suggestion = {.word = text};
    if (strchr(text, ':')) {
        buffer_add_text(hint, "put a space after the ':'");
        return;
    }
    for (enum schema_key i = KEY_ROOT; i < KEY_COUNT; i++)
        if (schema_is_child(parent, i))
            suggest_consider(&suggestion, schema_name(i));
    if (suggestion.best) {
        buffer_format(hint, "did you mean '%s'?", suggestion.best);
        return;
    }
    for (enum schema_key i = KEY_ROOT + 1; i < KEY_COUNT; i++) {
        if (strcmp(schema_name(i), text) == 0 || strcmp(schema_row(i)->path, text) == 0) {
            suggest_parent(i, hint);
            return;
        }
    }
    buffer_add_text(hint, "the keys here are ");
    list_children(parent, hint);
}

static void refuse_key(enum schema_key parent, struct value *key, struct report *report)
{
    struct buffer hint = {0};
    suggest_key(parent, key->text, &hint);
    value_refuse(report, key, buffer_text(&hint), "unknown key %s", value_quote(key->text).text);
    buffer_free(&hint);
}

static void move_to(struct value *value, const struct value *place)
{
    value->line = place->line;
    value->column = place->column;
    value->width = place->width;
    value->offset = place->offset;
}

static void check_map(enum schema_key key, struct value *map, struct report *report)
{
    if (map->bad || map->kind == VALUE_NONE)
        return;
    if (map->kind != VALUE_MAP) {
        struct buffer wanted = {0};
        if (schema_row(key)->words)
            schema_describe(key, &wanted);
        refuse_kind(key, map, wanted.text ? buffer_text(&wanted) : "a map", report);
        buffer_free(&wanted);
        return;
    }
    for (uint32_t i = 0; i < map->count; i++) {
        struct pair *pair = &map->pairs[i];
        enum schema_key child;
        if (pair->key.bad)
            continue;
        if (pair->value.kind == VALUE_NONE && !pair->value.count)
            move_to(&pair->value, &pair->key); // what is not there is shown where it should be
        if (schema_child(key, pair->key.text, &child))
            validate_value(child, &pair->value, report);
        else
            refuse_key(key, &pair->key, report);
    }
}

void validate_value(enum schema_key key, struct value *value, struct report *report)
{
    if (value->bad)
        return;
    if (schema_row(key)->like)
        key = schema_row(key)->like;
    switch (schema_row(key)->shape) {
    case SHAPE_LIST: check_list(key, value, report); return;
    case SHAPE_NAMES: check_names(key, value, report); return;
    case SHAPE_ONE: break;
    }
    if (schema_row(key)->type == SCHEMA_TREE) {
        if (value->kind != VALUE_MAP && value->kind != VALUE_NONE)
            refuse_kind(key, value, "a map", report);
        return;
    }
    bool word = schema_row(key)->words && value->kind == VALUE_TEXT;
    if (schema_row(key)->type == SCHEMA_MAP && !word)
        check_map(key, value, report);
    else
        check_scalar(key, value, report);
}

void validate_tree(struct value *root, struct report *report)
{
    validate_value(KEY_ROOT, root, report);
}
