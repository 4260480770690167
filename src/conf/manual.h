// What people and editors read about the configuration, printed from the table of schema.h.
#pragma once

#include <stdbool.h>

struct buffer;

// `config explain KEY`: type, default, help and an example, and for a map the keys in it. An empty
// key explains the whole file. False: there is no such key; `to` then has the message, with the
// nearest one.
bool schema_explain(const char *key, struct buffer *to)
    __attribute__((nonnull, warn_unused_result));
// A JSON Schema (draft 7, which editors know best) of the whole file.
void schema_json(struct buffer *to) __attribute__((nonnull));
// A sample file with every key, its help above it, and all but `version` in comments. A '#' right
// before a word or two spaces is a line to be uncommented; "# " begins a sentence.
void schema_sample(struct buffer *to) __attribute__((nonnull));
// The section KEYS of the manual page onym.yaml(5), in man(7).
void schema_manual(struct buffer *to) __attribute__((nonnull));
