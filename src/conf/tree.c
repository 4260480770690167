// Maps beyond the schema's table (tree.h).
#include "conf/tree.h"

#include <string.h>

#include "base/buffer.h"
#include "base/suggest.h"
#include "base/utf8.h"
#include "conf/scalar.h"

static const char *name_kind(const struct value *value)
{
    static const char *const words[] = {[VALUE_NONE] = "nothing",
                                        [VALUE_TEXT] = "a text",
                                        [VALUE_LIST] = "a list",
                                        [VALUE_MAP] = "a map"};
    return words[value->kind];
}

const struct value *tree_find(const struct value *map, const char *key)
{
    const struct pair *pair = map->kind == VALUE_MAP ? value_find(map, key) : NULL;
    return pair ? &pair->value : NULL;
}

bool tree_is_map(const struct value *value, const char *what, const char *example,
                 struct report *report)
{
    if (value->bad)
        return false;
    if (value->kind == VALUE_MAP)
        return true;
    struct buffer hint = {0};
    buffer_format(&hint, "like this: %s", example);
    value_report(report, SEVERITY_ERROR, value, buffer_text(&hint), "%s must be a map, not %s",
                 what, name_kind(value));
    buffer_free(&hint);
    return false;
}

static bool is_one_of(const char *text, const char *const *words)
{
    for (size_t i = 0; words[i]; i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    return false;
}

static void list_words(const char *text, const char *const *words, const char *before,
                       struct buffer *to)
{
    struct suggestion suggestion = {.word = text};
    for (size_t i = 0; words[i]; i++)
        suggest_consider(&suggestion, words[i]);
    if (suggestion.best) {
        buffer_format(to, "did you mean '%s'?", suggestion.best);
        return;
    }
    buffer_add_text(to, before);
    for (size_t i = 0; words[i]; i++)
        buffer_format(to, "%s%s", i ? ", " : " ", words[i]);
}

bool tree_has_only(const struct value *map, const char *const *keys, struct report *report)
{
    bool good = true;
    for (uint32_t i = 0; i < map->count; i++) {
        const struct value *key = &map->pairs[i].key;
        if (key->bad || is_one_of(key->text, keys))
            continue;
        struct buffer hint = {0};
        list_words(key->text, keys, "the keys here are", &hint);
        value_report(report, SEVERITY_ERROR, key, buffer_text(&hint), "unknown key %s",
                     value_quote(key->text).text);
        buffer_free(&hint);
        good = false;
    }
    return good;
}

size_t tree_count(const struct value *list)
{
    return list->kind == VALUE_LIST ? list->count : list->kind != VALUE_NONE;
}

const struct value *tree_item(const struct value *list, size_t index)
{
    return list->kind == VALUE_LIST ? &list->items[index] : list;
}

bool tree_is_text(const struct value *value, const char *what, struct report *report)
{
    if (value->bad)
        return false;
    if (value->kind == VALUE_TEXT)
        return true;
    value_report(report, SEVERITY_ERROR, value, NULL, "%s must be a text, not %s", what,
                 name_kind(value));
    return false;
}

bool tree_number(const struct value *value, const char *what, struct tree_range range,
                 struct report *report, uint64_t *number)
{
    if (!tree_is_text(value, what, report))
        return false;
    if (scalar_number(value->text, number) && *number >= range.least && *number <= range.most)
        return true;
    value_report(report, SEVERITY_ERROR, value, NULL, "%s is not %s: a number from %llu to %llu",
                 value_quote(value->text).text, what, (unsigned long long)range.least,
                 (unsigned long long)range.most);
    return false;
}

bool tree_bool(const struct value *value, const char *what, struct report *report, bool *truth)
{
    if (!tree_is_text(value, what, report))
        return false;
    if (scalar_bool(value->text, truth))
        return true;
    value_report(report, SEVERITY_ERROR, value, "write true or false", "%s is not true or false",
                 value_quote(value->text).text);
    return false;
}

bool tree_word(const struct value *value, const char *what, const char *const *words,
               struct report *report, unsigned *index)
{
    if (!tree_is_text(value, what, report))
        return false;
    if (scalar_word(value->text, words, index))
        return true;
    struct buffer hint = {0};
    list_words(value->text, words, "it is one of", &hint);
    value_report(report, SEVERITY_ERROR, value, buffer_text(&hint), "%s is not %s",
                 value_quote(value->text).text, what);
    buffer_free(&hint);
    return false;
}

bool tree_seconds(const struct value *value, const char *what, uint64_t most_s,
                  struct report *report, uint32_t *seconds)
{
    uint64_t ms;
    if (!tree_is_text(value, what, report))
        return false;
    // A TTL is a plain number of seconds in every zone file, so it may be here.
    if (scalar_number(value->text, &ms) && ms <= most_s) {
        *seconds = (uint32_t)ms;
        return true;
    }
    if (scalar_duration(value->text, &ms) && ms % 1000 == 0 && ms / 1000 <= most_s) {
        *seconds = (uint32_t)(ms / 1000);
        return true;
    }
    value_report(report, SEVERITY_ERROR, value, "like 30s, 5m, or a number of seconds",
                 "%s is not %s", value_quote(value->text).text, what);
    return false;
}

// --- as YAML -------------------------------------------------------------------------------------

static void print_text(const char *text, struct buffer *to)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    size_t left = strlen(text);
    if (left && strspn(text, safe) == left) {
        buffer_add_text(to, text);
        return;
    }
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

void tree_print(const struct value *value, struct buffer *to)
{
    switch ((enum value_kind)value->kind) {
    case VALUE_NONE: buffer_add_char(to, '~'); return;
    case VALUE_TEXT: print_text(value->text, to); return;
    case VALUE_LIST:
        buffer_add_char(to, '[');
        for (uint32_t i = 0; i < value->count; i++) {
            buffer_add_text(to, i ? ", " : "");
            tree_print(&value->items[i], to);
        }
        buffer_add_char(to, ']');
        return;
    case VALUE_MAP:
        buffer_add_char(to, '{');
        for (uint32_t i = 0; i < value->count; i++) {
            buffer_add_text(to, i ? ", " : "");
            tree_print(&value->pairs[i].key, to);
            buffer_add_text(to, ": ");
            tree_print(&value->pairs[i].value, to);
        }
        buffer_add_char(to, '}');
        return;
    }
}
