// Values and their places (value.h).
#include "conf/value.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"

#define BEHIND_MAX 400    // octets of a line behind the column that a report may look at
#define COLUMN_MAX 100000 // further right no line is shown: looking for it would take too long

struct place value_place(const struct value *value)
{
    struct place place = {
        .file = value->source->path,
        .line = value->line,
        .column = value->column,
        .width = value->width,
    };
    if (!value->line || value->column > COLUMN_MAX)
        return place;
    assert(value->column <= value->offset + 1 && value->offset <= value->source->size);
    size_t start = value->offset - (value->column - 1);
    size_t size = value->source->size - start, most = value->column - 1 + BEHIND_MAX;
    place.source = value->source->text + start;
    place.source_size = (uint32_t)(size < most ? size : most);
    return place;
}

static void add(struct report *report, enum severity severity, const struct value *value,
                const char *hint, const struct buffer *message)
{
    struct place place = value_place(value);
    report_add(report, severity, &place, hint, "%s", buffer_text(message));
}

void value_report(struct report *report, enum severity severity, const struct value *value,
                  const char *hint, const char *format, ...)
{
    struct buffer message = {0};
    va_list arguments;
    va_start(arguments, format);
    buffer_format_list(&message, format, arguments);
    va_end(arguments);
    add(report, severity, value, hint, &message);
    buffer_free(&message);
}

void value_refuse(struct report *report, struct value *value, const char *hint, const char *format,
                  ...)
{
    struct buffer message = {0};
    va_list arguments;
    va_start(arguments, format);
    buffer_format_list(&message, format, arguments);
    va_end(arguments);
    add(report, SEVERITY_ERROR, value, hint, &message);
    buffer_free(&message);
    value->bad = true;
}

struct pair *value_find(const struct value *map, const char *key)
{
    if (map->kind != VALUE_MAP || map->bad) // what is in a bad map was never looked at
        return NULL;
    for (uint32_t i = 0; i < map->count; i++) {
        struct pair *pair = &map->pairs[i];
        if (!pair->key.bad && strcmp(pair->key.text, key) == 0)
            return pair;
    }
    return NULL;
}

struct quoted value_quote(const char *text)
{
    struct quoted quoted;
    size_t size = strlen(text), most = sizeof quoted.text - sizeof "'...'";
    if (size <= most) {
        snprintf(quoted.text, sizeof quoted.text, "'%s'", text);
        return quoted;
    }
    while (most > 0 && ((uint8_t)text[most] & 0xc0) == 0x80) // never half a character
        most--;
    snprintf(quoted.text, sizeof quoted.text, "'%.*s...'", (int)most, text);
    return quoted;
}

struct value_spot value_spot(const struct value *value)
{
    struct value_spot spot;
    const char *path = value->source->path, *cut = "";
    size_t size = strlen(path), most = sizeof spot.text - sizeof "...:4294967295";
    if (size > most) {
        path += size - most;
        cut = "...";
    }
    if (value->line)
        snprintf(spot.text, sizeof spot.text, "%s%s:%u", cut, path, value->line);
    else
        snprintf(spot.text, sizeof spot.text, "%s%s", cut, path);
    return spot;
}
