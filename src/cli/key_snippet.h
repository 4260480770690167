// A TSIG key as other programs want to be told of it: their own configuration, ready to paste.
#pragma once

#include <stdbool.h>

#include "base/address.h"
#include "crypto/mac.h"

struct buffer;

// The names hold letters, digits, '-', '_', '.' and, for a zone, '/', so that they mean themselves
// in every one of the syntaxes (key_snippet_name).
struct key_snippet {
    const char *name;   // of the key, without the last dot
    const char *secret; // base64
    const char *zone;   // without the last dot, except the root's
    enum mac_kind kind;
    bool challenges;       // the key may write nothing but challenges of ACME
    struct address server; // where the programs reach us, with the port
};

struct key_tool {
    const char *word; // "certbot"; NULL marks the end of the table
    const char *what; // where the snippet goes and how it is used
    bool challenges;  // it has a use for keys that may only write challenges
    unsigned kinds;   // 1 << enum mac_kind: those that it knows
    void (*add)(const struct key_snippet *snippet, struct buffer *to);
};
// The first is onym itself.
const struct key_tool *key_tools(void);
// NULL: none has this word.
const struct key_tool *key_tool_find(const char *word) __attribute__((nonnull));
bool key_tool_knows(const struct key_tool *tool, enum mac_kind kind) __attribute__((nonnull));

// True if the text can stand in every snippet as it is.
bool key_snippet_name(const char *text) __attribute__((nonnull));
