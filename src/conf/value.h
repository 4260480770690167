// A value of a configuration: text, a list or a map, and where it stands.
//
// syntax.c makes trees of them, validate.c marks what is wrong in them, gather.c merges them and
// options.c reads them. Every scalar is text, whatever YAML would make of it (0123, yes, 1e3): the
// schema decides what is meant, so that a value never changes its type with its looks.
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/report.h"

struct source { // where values come from: a file, an environment variable, the built-in defaults
    const char *path;
    const char *text; // must live as long as places are asked for
    size_t size;
    uint32_t number; // of files: in which order they were read
};

enum value_kind {
    VALUE_NONE, // nothing after the colon, or ~ or null without quotes; `text` is what was written
    VALUE_TEXT,
    VALUE_LIST,
    VALUE_MAP,
};

struct value {
    const struct source *source;  // never NULL
    uint32_t line, column, width; // as in struct place; line 0: not from a line of text
    uint32_t offset;              // of its first octet in source->text
    uint8_t kind;                 // enum value_kind
    bool bad;       // told in the report already; whoever comes later passes over it in silence
    uint32_t count; // octets of text, items, or pairs
    union {
        const char *text; // ended by a NUL and with none inside
        struct value *items;
        struct pair *pairs; // in the order of the file; of equal keys only the first is not `bad`
    };
};
static_assert(sizeof(struct value) == 40, "a million zones are four million of these");

struct pair {
    struct value key; // VALUE_TEXT
    struct value value;
};

// Where it stands. Valid as long as the source's text.
struct place value_place(const struct value *value) __attribute__((nonnull));

// Adds a problem at the value's place. `hint` may be NULL.
void value_report(struct report *report, enum severity severity, const struct value *value,
                  const char *hint, const char *format, ...)
    __attribute__((nonnull(1, 3, 5), format(printf, 5, 6)));
// The same as an error, and marks the value as bad.
void value_refuse(struct report *report, struct value *value, const char *hint, const char *format,
                  ...) __attribute__((nonnull(1, 2, 4), format(printf, 4, 5)));

// The pair with this key, NULL: the map has none. Looks at one pair after another: for the maps
// that have a few known keys.
struct pair *value_find(const struct value *map, const char *key) __attribute__((nonnull));

// A text cut to what fits a sentence, in quotes: 'example.te...'.
struct quoted {
    char text[72];
};
struct quoted value_quote(const char *text) __attribute__((nonnull));
// "onym.yaml:14", "ONYM_STATE", cut at the front to what fits a sentence.
struct value_spot {
    char text[160];
};
struct value_spot value_spot(const struct value *value) __attribute__((nonnull));
