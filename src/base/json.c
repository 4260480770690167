// The JSON writer of json.h (RFC 8259), without spaces or line ends.
//
// Bit n of `used` is set once something stands at depth n; from then on a comma comes before each
// next thing there. Opening a depth clears its bit. A document is one value: a second one at depth
// 0 is a programmer's error.
#include "base/json.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/utf8.h"

#define DEPTH_MAX 60

static void add_escaped(struct buffer *to, uint8_t octet)
{
    switch (octet) {
    case '"': buffer_add_text(to, "\\\""); break;
    case '\\': buffer_add_text(to, "\\\\"); break;
    case '\n': buffer_add_text(to, "\\n"); break;
    case '\r': buffer_add_text(to, "\\r"); break;
    case '\t': buffer_add_text(to, "\\t"); break;
    default: buffer_format(to, "\\u%04x", octet);
    }
}

// How many octets from the front stand for themselves: plain ASCII or whole UTF-8 characters.
static size_t measure_plain(const char *text, size_t size)
{
    size_t plain = 0;
    while (plain < size) {
        uint32_t code;
        size_t count = utf8_get(text + plain, size - plain, &code);
        if (count == 0 || code < 0x20 || code == 0x7f || code == '"' || code == '\\')
            break;
        plain += count;
    }
    return plain;
}

static void add_string(struct buffer *to, const char *text, size_t size)
{
    buffer_add_char(to, '"');
    while (size) {
        size_t plain = measure_plain(text, size);
        buffer_add(to, text, plain);
        text += plain;
        size -= plain;
        if (size) {
            add_escaped(to, (uint8_t)*text++);
            size--;
        }
    }
    buffer_add_char(to, '"');
}

// What comes before each value: the comma and the key.
static void begin_value(struct json *json, const char *key)
{
    uint64_t bit = UINT64_C(1) << json->depth;
    bool again = json->used & bit;
    assert(json->depth > 0 || (!again && !key));
    json->used |= bit;
    if (again)
        buffer_add_char(json->to, ',');
    if (key) {
        add_string(json->to, key, strlen(key));
        buffer_add_char(json->to, ':');
    }
}

static void open_depth(struct json *json, const char *key, char bracket)
{
    begin_value(json, key);
    buffer_add_char(json->to, bracket);
    assert(json->depth < DEPTH_MAX);
    json->depth++;
    json->used &= ~(UINT64_C(1) << json->depth);
}

static void close_depth(struct json *json, char bracket)
{
    assert(json->depth > 0);
    json->depth--;
    buffer_add_char(json->to, bracket);
}

struct json json_begin(struct buffer *to)
{
    return (struct json){.to = to};
}

void json_open_object(struct json *json, const char *key)
{
    open_depth(json, key, '{');
}

void json_close_object(struct json *json)
{
    close_depth(json, '}');
}

void json_open_array(struct json *json, const char *key)
{
    open_depth(json, key, '[');
}

void json_close_array(struct json *json)
{
    close_depth(json, ']');
}

void json_text(struct json *json, const char *key, const char *text)
{
    json_octets(json, key, text, strlen(text));
}

void json_octets(struct json *json, const char *key, const char *text, size_t size)
{
    begin_value(json, key);
    add_string(json->to, text, size);
}

void json_number(struct json *json, const char *key, int64_t number)
{
    begin_value(json, key);
    buffer_format(json->to, "%" PRId64, number);
}

// 17 digits give every double back; fewer are tried first, so that 0.1 is printed as 0.1. The point
// is a point in every locale: whatever stands where it should be is replaced. JSON has no word for
// infinity and NaN (RFC 8259 6): null.
void json_double(struct json *json, const char *key, double number)
{
    if (!isfinite(number)) {
        json_none(json, key);
        return;
    }
    begin_value(json, key);
    char text[40];
    snprintf(text, sizeof text, "%.15g", number);
    double again = 0;
    if (sscanf(text, "%lf", &again) != 1 || again != number)
        snprintf(text, sizeof text, "%.17g", number);
    size_t whole = strspn(text, "-0123456789");
    size_t point = strcspn(text + whole, "0123456789e");
    buffer_add(json->to, text, whole);
    if (point)
        buffer_add_char(json->to, '.');
    buffer_add_text(json->to, text + whole + point);
}

void json_bool(struct json *json, const char *key, bool value)
{
    begin_value(json, key);
    buffer_add_text(json->to, value ? "true" : "false");
}

void json_none(struct json *json, const char *key)
{
    begin_value(json, key);
    buffer_add_text(json->to, "null");
}

void json_merge(struct json *json, const char *text, size_t size)
{
    assert(size >= 2 && (*text == '{' || *text == '['));
    assert(text[size - 1] == (*text == '{' ? '}' : ']'));
    assert(json->depth > 0);
    if (size == 2)
        return;
    begin_value(json, NULL);
    buffer_add(json->to, text + 1, size - 2);
}
