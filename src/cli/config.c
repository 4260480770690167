// `onym config show|explain|schema` (config.h).
//
// JSON of a configuration: what `show` prints is YAML that reads back as the same configuration, so
// it is read back, and the schema says which scalars are numbers and which are true or false.
#include "cli/config.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/json.h"
#include "base/report.h"
#include "cli/arguments.h"
#include "cli/exit.h"
#include "cli/output.h"
#include "cli/problems.h"
#include "conf/manual.h"
#include "conf/describe.h"
#include "conf/options.h"
#include "conf/scalar.h"
#include "conf/schema.h"
#include "conf/schema_path.h"
#include "conf/show.h"
#include "conf/syntax.h"

// A file that is there and cannot be read is meant too: the reader says what is wrong with it.
const char *config_path(const struct arguments *arguments)
{
    const char *given = arguments_value(arguments, "--config");
    if (given)
        return given;
    return access(CONFIG_PATH, F_OK) == 0 ? CONFIG_PATH : NULL;
}

// --- show ----------------------------------------------------------------------------------------

static void put_scalar(struct json *json, const char *name, enum schema_key key, const char *text)
{
    uint64_t number;
    bool truth;
    if (schema_row(key)->type == SCHEMA_NUMBER && scalar_number(text, &number))
        json_number(json, name, (int64_t)number);
    else if (schema_row(key)->type == SCHEMA_BOOL && scalar_bool(text, &truth))
        json_bool(json, name, truth);
    else
        json_text(json, name, text);
}

// Below a map of names (zones) the names are no keys: what is in them belongs to the same key. The
// depth is that of the syntax, which has a limit of its own.
static void put_value(struct json *json, const char *name, enum schema_key key,
                      const struct value *value)
{
    switch ((enum value_kind)value->kind) {
    case VALUE_NONE: json_none(json, name); break;
    case VALUE_TEXT: put_scalar(json, name, key, value->text); break;
    case VALUE_LIST:
        json_open_array(json, name);
        for (uint32_t i = 0; i < value->count; i++)
            put_value(json, NULL, key, &value->items[i]);
        json_close_array(json);
        break;
    case VALUE_MAP:
        json_open_object(json, name);
        for (uint32_t i = 0; i < value->count; i++) {
            const struct pair *pair = &value->pairs[i];
            enum schema_key child;
            if (!schema_child(key, pair->key.text, &child))
                child = key;
            put_value(json, pair->key.text, child, &pair->value);
        }
        json_close_object(json);
        break;
    }
}

static void put_origins(struct json *json, const struct options *options, bool all)
{
    json_open_object(json, "origins");
    for (enum schema_key key = KEY_ROOT + 1; key < KEY_COUNT; key++) {
        const struct option_place *place = &options->origins[key];
        char text[512] = "default";
        if (place->file && place->line)
            snprintf(text, sizeof text, "%s:%" PRIu32, place->file, place->line);
        else if (place->file)
            snprintf(text, sizeof text, "%s", place->file);
        if (all || place->file)
            json_text(json, schema_row(key)->path, text);
    }
    json_close_object(json);
}

static void add_json(struct buffer *to, const struct options *options, struct show_style style)
{
    struct buffer yaml = {0};
    options_show(options, (struct show_style){.all = style.all}, &yaml);
    struct source source = {.path = "", .text = buffer_text(&yaml), .size = yaml.size};
    struct arena arena = {0};
    struct report report = {0};
    struct value root;
    bool good = syntax_read(&source, &arena, &report, &root);
    assert(good && report.errors == 0);
    struct json json = json_begin(to);
    json_open_object(&json, NULL);
    json_number(&json, "v", 1);
    put_value(&json, "config", KEY_ROOT, &root);
    if (style.origin)
        put_origins(&json, options, style.all);
    json_close_object(&json);
    buffer_add_char(to, '\n');
    report_free(&report);
    arena_free(&arena);
    buffer_free(&yaml);
}

int command_config_show(const struct arguments *arguments)
{
    struct show_style style = {.all = arguments_has(arguments, "--all"),
                               .origin = arguments_has(arguments, "--origin")};
    struct report report = {0};
    const char *path = config_path(arguments);
    if (!path)
        output_say("there is no " CONFIG_PATH ": these are the defaults");
    struct options *options = options_read(path, &report);
    problems_say(&report);
    report_free(&report);
    if (!options)
        return EXIT_USAGE;
    struct buffer text = {0};
    if (arguments->json)
        add_json(&text, options, style);
    else
        options_show(options, style, &text);
    output_put(&text);
    buffer_free(&text);
    options_free(options);
    return EXIT_OK;
}

// --- explain, schema -----------------------------------------------------------------------------

static void put_text_or_none(struct json *json, const char *key, const char *text)
{
    if (text)
        json_text(json, key, text);
    else
        json_none(json, key);
}

static void add_explanation_json(struct buffer *to, enum schema_key key)
{
    const struct schema_row *row = schema_row(key);
    struct buffer takes = {0};
    schema_describe(key, &takes);
    struct json json = json_begin(to);
    json_open_object(&json, NULL);
    json_number(&json, "v", 1);
    json_text(&json, "key", row->path);
    json_text(&json, "help", row->help);
    json_text(&json, "takes", buffer_text(&takes));
    put_text_or_none(&json, "default", row->otherwise ? row->otherwise : row->fallback);
    put_text_or_none(&json, "example", row->example);
    json_open_array(&json, "keys");
    for (enum schema_key child = KEY_ROOT; child < KEY_COUNT; child++)
        if (schema_is_child(key, child))
            json_text(&json, NULL, schema_row(child)->path);
    json_close_array(&json);
    json_close_object(&json);
    buffer_add_char(to, '\n');
    buffer_free(&takes);
}

int command_config_explain(const struct arguments *arguments)
{
    const char *path = arguments_word(arguments, 0);
    struct buffer text = {0};
    enum schema_key key = KEY_ROOT;
    bool known = schema_explain(path ? path : "", &text);
    if (!known) {
        output_complain("'onym config explain' lists all keys", "%.*s",
                        (int)strcspn(buffer_text(&text), "\n"), buffer_text(&text));
        buffer_free(&text);
        return EXIT_NOT_FOUND;
    }
    if (arguments->json) {
        buffer_clear(&text);
        bool found = !path || schema_find(path, &key);
        assert(found);
        add_explanation_json(&text, key);
    }
    output_put(&text);
    buffer_free(&text);
    return EXIT_OK;
}

int command_config_schema(const struct arguments *arguments)
{
    struct buffer text = {0};
    if (arguments->json) // a schema has no place for our "v"
        buffer_add_text(&text, "{\"v\":1,\"schema\":");
    schema_json(&text);
    if (arguments->json)
        buffer_add_char(&text, '}');
    if (text.text[text.size - 1] != '\n')
        buffer_add_char(&text, '\n');
    output_put(&text);
    buffer_free(&text);
    return EXIT_OK;
}
