// The table of schema.h as text for people and editors (manual.h): four printers, each of which
// walks the keys in the table's order.
#include "conf/manual.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/json.h"
#include "base/suggest.h"
#include "conf/describe.h"
#include "conf/scalar.h"
#include "conf/schema.h"
#include "conf/schema_path.h"
#include "conf/syntax.h"

#define WIDTH 78 // of help in the sample file

// --- explain -------------------------------------------------------------------------------------

static bool has_default(const struct schema_row *row)
{
    return row->otherwise || row->fallback;
}

static const char *default_of(const struct schema_row *row)
{
    return row->otherwise ? row->otherwise : row->fallback;
}

// The type in words, of a list and a map of names too.
static void put_type(enum schema_key key, struct buffer *to)
{
    const struct schema_row *row = schema_row(key);
    switch (row->shape) {
    case SHAPE_ONE: schema_describe(key, to); return;
    case SHAPE_NAMES:
        if (row->type == SCHEMA_MAP) {
            buffer_format(to, "a map of names of %ss, each with a map", row->each);
        } else {
            buffer_add_text(to, "a map of names, each with a list, or one alone; each is ");
            schema_describe(key, to);
        }
        return;
    case SHAPE_LIST:
        if (row->brief) {
            buffer_add_text(to, "a list, or ");
            schema_describe(row->brief, to);
            buffer_add_text(to, " alone; each is ");
            schema_describe(key, to);
        } else if (row->type == SCHEMA_MAP) {
            buffer_add_text(to, "a list of maps");
        } else {
            buffer_add_text(to, "a list, or one alone; each is ");
            schema_describe(key, to);
        }
        return;
    }
}

static void explain_children(enum schema_key key, struct buffer *to)
{
    int width = 14;
    for (enum schema_key i = KEY_ROOT; i < KEY_COUNT; i++)
        if (schema_is_child(key, i) && (int)strlen(schema_name(i)) > width)
            width = (int)strlen(schema_name(i));
    for (enum schema_key i = KEY_ROOT; i < KEY_COUNT; i++)
        if (schema_is_child(key, i))
            buffer_format(to, "    %-*s %s\n", width, schema_name(i), schema_row(i)->help);
}

static void explain_key(enum schema_key key, struct buffer *to)
{
    const struct schema_row *row = schema_row(key);
    buffer_format(to, "%s\n    %s\n\n  value\n    ", key == KEY_ROOT ? "onym.yaml" : row->path,
                  row->help);
    put_type(key, to);
    buffer_add_char(to, '\n');
    if (has_default(row))
        buffer_format(to, "\n  default\n    %s\n", default_of(row));
    if (row->type == SCHEMA_MAP) {
        buffer_add_text(to, "\n  keys\n");
        explain_children(key, to);
    }
    if (row->example)
        buffer_format(to, "\n  example\n    %s: %s\n", schema_name(key), row->example);
    if (schema_is_single(key)) {
        char name[SCHEMA_VARIABLE_MAX];
        schema_variable(key, name);
        buffer_format(to, "\n  environment\n    %s\n", name);
    }
}

bool schema_explain(const char *key, struct buffer *to)
{
    enum schema_key found;
    if (schema_find(key, &found)) {
        explain_key(found, to);
        return true;
    }
    struct suggestion suggestion = {.word = key};
    const char *last = strrchr(key, '.');
    for (enum schema_key i = KEY_ROOT + 1; i < KEY_COUNT; i++)
        suggest_consider(&suggestion, schema_row(i)->path);
    struct suggestion by_name = {.word = last ? last + 1 : key};
    for (enum schema_key i = KEY_ROOT + 1; i < KEY_COUNT && !suggestion.best; i++) {
        suggest_consider(&by_name, schema_name(i));
        if (by_name.best == schema_name(i))
            suggestion.best = schema_row(i)->path;
    }
    buffer_format(to, "unknown key %s", value_quote(key).text);
    if (suggestion.best)
        buffer_format(to, "; did you mean '%s'?", suggestion.best);
    buffer_add_char(to, '\n');
    return false;
}

// --- JSON Schema ---------------------------------------------------------------------------------

static void put_object(struct json *json, enum schema_key key);

static void put_types(struct json *json, const char *const *types, size_t count)
{
    json_open_array(json, "type");
    for (size_t i = 0; i < count; i++)
        json_text(json, NULL, types[i]);
    json_close_array(json);
}

// The fields that say what one scalar may be. Where onym takes any text, a tool may see a number in
// it.
static void put_scalar(struct json *json, const struct schema_row *row)
{
    static const char *const text[] = {"string", "number", "boolean"};
    switch (row->type) {
    case SCHEMA_MAP:
    case SCHEMA_WORD:
        assert(row->words); // a map without words is no scalar
        json_open_array(json, "enum");
        for (size_t i = 0; row->words[i]; i++)
            json_text(json, NULL, row->words[i]);
        json_close_array(json);
        break;
    case SCHEMA_BOOL: json_text(json, "type", "boolean"); break;
    case SCHEMA_TREE: json_text(json, "type", "object"); break;
    case SCHEMA_NUMBER:
        json_text(json, "type", "integer");
        json_number(json, "minimum", (int64_t)row->least);
        json_number(json, "maximum", (int64_t)row->most);
        break;
    case SCHEMA_TEXT:
    case SCHEMA_NSID: put_types(json, text, 3); break;
    case SCHEMA_DURATION:
    case SCHEMA_SIZE:
    case SCHEMA_MEMORY: put_types(json, text, 2); break;
    case SCHEMA_PATH:
    case SCHEMA_HOST:
    case SCHEMA_ADDRESS:
    case SCHEMA_SERVER:
    case SCHEMA_REMOTE:
    case SCHEMA_NETWORK:
    case SCHEMA_ZONE:
    case SCHEMA_ACCESS:
        json_text(json, "type", "string");
        json_number(json, "minLength", 1);
        break;
    }
}

static void put_one(struct json *json, const char *name, enum schema_key key)
{
    json_open_object(json, name);
    if (schema_row(key)->type == SCHEMA_MAP)
        put_object(json, key);
    else
        put_scalar(json, schema_row(key));
    json_close_object(json);
}

// An item that may be a scalar in a map's stead.
static void put_brief(struct json *json, const char *name, enum schema_key key)
{
    json_open_object(json, name);
    json_open_array(json, "anyOf");
    put_one(json, NULL, schema_row(key)->brief);
    put_one(json, NULL, key);
    json_close_array(json);
    json_close_object(json);
}

static void put_array(struct json *json, enum schema_key key)
{
    static const char *const types[] = {"array", "null"};
    put_types(json, types, 2);
    if (schema_row(key)->needed)
        json_number(json, "minItems", 1);
    if (schema_row(key)->brief)
        put_brief(json, "items", key);
    else
        put_one(json, "items", key);
}

static void put_list(struct json *json, enum schema_key key)
{
    enum schema_key brief = schema_row(key)->brief;
    if (schema_row(key)->type == SCHEMA_MAP && !brief) {
        put_array(json, key);
        return;
    }
    json_open_array(json, "anyOf");
    put_one(json, NULL, brief ? brief : key);
    json_open_object(json, NULL);
    put_array(json, key);
    json_close_object(json);
    json_close_array(json);
}

// A map that one word may stand for.
static void put_worded(struct json *json, enum schema_key key)
{
    json_open_array(json, "anyOf");
    json_open_object(json, NULL);
    put_scalar(json, schema_row(key));
    json_close_object(json);
    put_one(json, NULL, key);
    json_close_array(json);
}

// A default or example, typed as the schema says.
static void put_value(struct json *json, const char *name, enum schema_key key,
                      const struct value *value)
{
    const struct schema_row *row = schema_row(key);
    enum schema_key child;
    if (row->like)
        key = row->like;
    if (value->kind == VALUE_LIST) {
        json_open_array(json, name);
        for (uint32_t i = 0; i < value->count; i++)
            put_value(json, NULL, key, &value->items[i]);
        json_close_array(json);
    } else if (value->kind == VALUE_MAP) {
        json_open_object(json, name);
        for (uint32_t i = 0; i < value->count; i++) {
            const char *text = value->pairs[i].key.text;
            bool known = schema_child(key, text, &child);
            put_value(json, text, known ? child : key, &value->pairs[i].value);
        }
        json_close_object(json);
    } else {
        bool truth;
        uint64_t number;
        if (row->type == SCHEMA_BOOL && scalar_bool(value->text, &truth))
            json_bool(json, name, truth);
        else if (row->type == SCHEMA_NUMBER && scalar_number(value->text, &number))
            json_number(json, name, (int64_t)number);
        else
            json_text(json, name, value->text);
    }
}

static void put_yaml(struct json *json, const char *name, enum schema_key key, const char *text)
{
    struct arena arena = {0};
    struct report report = {0};
    struct source source = {.path = "schema", .text = text, .size = strlen(text)};
    struct value value;
    bool good = syntax_read(&source, &arena, &report, &value);
    assert(good && report.errors == 0); // a test reads them all
    put_value(json, name, key, &value);
    arena_free(&arena);
    report_free(&report);
}

static void put_key(struct json *json, enum schema_key key)
{
    const struct schema_row *row = schema_row(key);
    static const char *const types[] = {"object", "null"};
    json_open_object(json, schema_name(key));
    json_text(json, "description", row->help);
    if (row->fallback)
        put_yaml(json, "default", key, row->fallback);
    if (row->example) {
        json_open_array(json, "examples");
        put_yaml(json, NULL, key, row->example);
        json_close_array(json);
    }
    if (row->like) {
        key = row->like;
        row = schema_row(key);
    }
    if (row->shape == SHAPE_LIST) {
        put_list(json, key);
    } else if (row->shape == SHAPE_NAMES) {
        put_types(json, types, 2);
        if (row->type == SCHEMA_MAP) {
            put_one(json, "additionalProperties", key);
        } else {
            json_open_object(json, "additionalProperties");
            put_list(json, key);
            json_close_object(json);
        }
    } else if (row->words && row->type == SCHEMA_MAP) {
        put_worded(json, key);
    } else if (row->type == SCHEMA_MAP) {
        put_object(json, key);
    } else {
        put_scalar(json, row);
    }
    json_close_object(json);
}

// The fields of a map with known keys.
static void put_object(struct json *json, enum schema_key key)
{
    static const char *const types[] = {"object", "null"};
    bool needed = false;
    put_types(json, types, schema_row(key)->shape == SHAPE_ONE ? 2 : 1);
    json_bool(json, "additionalProperties", false);
    json_open_object(json, "properties");
    for (enum schema_key i = KEY_ROOT; i < KEY_COUNT; i++)
        if (schema_is_child(key, i))
            put_key(json, i);
    json_close_object(json);
    if (schema_row(key)->one_key) {
        json_number(json, "minProperties", 1);
        json_number(json, "maxProperties", 1);
        return;
    }
    for (enum schema_key i = KEY_ROOT; i < KEY_COUNT; i++) {
        if (!schema_is_child(key, i) || !schema_row(i)->needed || schema_row(i)->fallback)
            continue;
        if (!needed)
            json_open_array(json, "required");
        needed = true;
        json_text(json, NULL, schema_name(i));
    }
    if (needed)
        json_close_array(json);
}

void schema_json(struct buffer *to)
{
    struct json json = json_begin(to);
    json_open_object(&json, NULL);
    json_text(&json, "$schema", "http://json-schema.org/draft-07/schema#");
    json_text(&json, "title", "onym.yaml");
    json_text(&json, "description", schema_row(KEY_ROOT)->help);
    put_object(&json, KEY_ROOT);
    json_close_object(&json);
    buffer_add_char(to, '\n');
}

// --- a sample file -------------------------------------------------------------------------------

struct sample {
    struct buffer *to;
    unsigned depth;   // levels below the top
    const char *dash; // "- " before the next key: it is the first of an item
};

static void put_indent(const struct sample *sample)
{
    buffer_add_char(sample->to, '#');
    for (unsigned i = 0; i < sample->depth; i++)
        buffer_add_text(sample->to, "  ");
}

// Help in lines of at most WIDTH columns, each a comment; deeper ones are comments in comments.
static void put_help(const struct sample *sample, const char *text)
{
    size_t indent = sample->depth ? 2 + 2 * (size_t)sample->depth : 1;
    while (*text) {
        size_t size = strlen(text), most = WIDTH - indent - 1;
        if (size > most)
            for (size = most; size > 0 && text[size] != ' '; size--)
                ;
        assert(size > 0);
        if (sample->depth)
            put_indent(sample);
        buffer_format(sample->to, "# %.*s\n", (int)size, text);
        text += size;
        text += *text == ' ';
    }
}

static void put_sample_children(struct sample *sample, enum schema_key key);
static void put_sample_checks(struct sample *sample);

static void put_sample_key(struct sample *sample, enum schema_key key)
{
    const struct schema_row *row = schema_row(key);
    struct buffer help = {0};
    buffer_add_text(&help, row->help);
    if (row->otherwise)
        buffer_format(&help, " Default: %s.", row->otherwise);
    put_help(sample, buffer_text(&help));
    buffer_free(&help);
    if (key != KEY_VERSION)
        put_indent(sample);
    if (*sample->dash) // it takes the place of two columns of the indentation
        sample->to->size -= 2;
    buffer_format(sample->to, "%s%s:", sample->dash, schema_name(key));
    sample->dash = "";
    if (key == KEY_CHECKS) {
        buffer_add_char(sample->to, '\n');
        put_sample_checks(sample);
    } else if (row->type == SCHEMA_MAP && !row->one_key && !row->like) {
        buffer_add_char(sample->to, '\n');
        put_sample_children(sample, key);
    } else {
        bool telling = row->fallback && strcmp(row->fallback, "[]") != 0 &&
                       strcmp(row->fallback, "{}") != 0 &&
                       key != KEY_ZONES_CATALOG; // what stands beside it needs it
        buffer_format(sample->to, " %s\n", telling ? row->fallback : row->example);
    }
}

// Each check is of one kind, so there must be one for each.
static void put_sample_checks(struct sample *sample)
{
    static const struct {
        const char *name;
        enum schema_key keys[10]; // ended by 0
    } checks[] = {
        {"web",
         {KEY_CHECKS_HTTP, KEY_CHECKS_PORT, KEY_CHECKS_HOST, KEY_CHECKS_STATUS, KEY_CHECKS_TEXT,
          KEY_CHECKS_INTERVAL, KEY_CHECKS_TIMEOUT, KEY_CHECKS_RISE, KEY_CHECKS_FALL}},
        {"safe", {KEY_CHECKS_HTTPS, KEY_CHECKS_VERIFY}},
        {"sql", {KEY_CHECKS_TCP}},
        {"own", {KEY_CHECKS_SCRIPT}},
    };
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        sample->depth++;
        put_indent(sample);
        buffer_format(sample->to, "%s:\n", checks[i].name);
        sample->depth++;
        for (size_t j = 0; checks[i].keys[j]; j++)
            put_sample_key(sample, checks[i].keys[j]);
        sample->depth -= 2;
    }
}

// Another zone, which has these keys.
static void put_sample_zone(struct sample *sample, const char *name, enum schema_key first,
                            enum schema_key second)
{
    sample->depth--;
    put_indent(sample);
    buffer_format(sample->to, "\"%s\":\n", name);
    sample->depth++;
    put_sample_key(sample, first);
    if (second != first)
        put_sample_key(sample, second);
}

static void put_sample_children(struct sample *sample, enum schema_key key)
{
    unsigned depth = sample->depth;
    sample->depth++;
    if (schema_row(key)->shape == SHAPE_LIST) {
        sample->dash = "- ";
        sample->depth++;
    } else if (schema_row(key)->shape == SHAPE_NAMES) {
        put_indent(sample);
        buffer_add_text(sample->to, key == KEY_VIEWS  ? "inside:\n"
                                    : key == KEY_KEYS ? "secondary1:\n"
                                                      : "\"example.test\":\n");
        sample->depth++;
    }
    for (enum schema_key i = KEY_ROOT; i < KEY_COUNT; i++)
        if (schema_is_child(key, i) && i != KEY_ZONES_FROM && i != KEY_ZONES_CATALOG &&
            i != KEY_ZONES_MEMBERS)
            put_sample_key(sample, i);
    if (key == KEY_ZONES) { // a zone has a file or primaries, or is made here
        put_sample_zone(sample, "partner.test", KEY_ZONES_FROM, KEY_ZONES_FROM);
        put_sample_zone(sample, "catalog.test", KEY_ZONES_CATALOG, KEY_ZONES_MEMBERS);
    }
    sample->depth = depth;
}

void schema_sample(struct buffer *to)
{
    struct sample sample = {.to = to, .dash = ""};
    put_help(&sample, schema_row(KEY_ROOT)->help);
    buffer_add_text(to, "# onym.yaml(5) and 'onym config explain KEY' tell more about each.\n"
                        "# yaml-language-server: $schema=/usr/share/onym/onym.schema.json\n");
    for (enum schema_key i = KEY_ROOT; i < KEY_COUNT; i++) {
        if (!schema_is_child(KEY_ROOT, i))
            continue;
        buffer_add_char(to, '\n');
        put_sample_key(&sample, i);
    }
}

// --- the manual page -----------------------------------------------------------------------------

static void put_roff(struct buffer *to, const char *text)
{
    if (*text == '.' || *text == '\'')
        buffer_add_text(to, "\\&");
    for (; *text; text++) {
        if (*text == '\\')
            buffer_add_text(to, "\\e");
        else if (*text == '-')
            buffer_add_text(to, "\\-");
        else
            buffer_add_char(to, *text);
    }
}

void schema_manual(struct buffer *to)
{
    buffer_add_text(to, ".SH KEYS\n");
    for (enum schema_key key = KEY_ROOT + 1; key < KEY_COUNT; key++) {
        const struct schema_row *row = schema_row(key);
        struct buffer type = {0};
        put_type(key, &type);
        buffer_add_text(to, ".TP\n\\fB");
        put_roff(to, row->path);
        buffer_add_text(to, "\\fR\n");
        put_roff(to, row->help);
        buffer_add_text(to, "\n.br\nValue: ");
        put_roff(to, buffer_text(&type));
        buffer_add_text(to, ".\n");
        if (has_default(row)) {
            buffer_add_text(to, ".br\nDefault: ");
            put_roff(to, default_of(row));
            buffer_add_text(to, ".\n");
        }
        if (row->example) {
            buffer_add_text(to, ".br\nExample: \\fI");
            put_roff(to, schema_name(key));
            buffer_add_text(to, ": ");
            put_roff(to, row->example);
            buffer_add_text(to, "\\fR\n");
        }
        buffer_free(&type);
    }
}
