// Reading of maps that are deeper than the schema's table goes (SCHEMA_TREE): routes. The table
// knows that such a key is a map; what stands in it is read by whoever it belongs to, with these.
//
// The values have not passed validate.c, so each function here says what is wrong with them, at
// their place, with what was probably meant. False and NULL: it was told, or there is nothing.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/value.h"

struct buffer;

// The value of a key; NULL: the map has none.
const struct value *tree_find(const struct value *map, const char *key) __attribute__((nonnull));
// Is it a map? `what` names it: "a rule".
bool tree_is_map(const struct value *value, const char *what, const char *example,
                 struct report *report) __attribute__((nonnull));
// Refuses every key of the map that is not one of `keys`, which end with a NULL.
bool tree_has_only(const struct value *map, const char *const *keys, struct report *report)
    __attribute__((nonnull));
// A list's items, or one value alone as a list of one.
size_t tree_count(const struct value *list) __attribute__((nonnull));
const struct value *tree_item(const struct value *list, size_t index) __attribute__((nonnull));
// A text; `what` names it: "a country".
bool tree_is_text(const struct value *value, const char *what, struct report *report)
    __attribute__((nonnull));
struct tree_range {
    uint64_t least, most;
};
bool tree_number(const struct value *value, const char *what, struct tree_range range,
                 struct report *report, uint64_t *number)
    __attribute__((nonnull(1, 2, 4, 5), warn_unused_result));
bool tree_bool(const struct value *value, const char *what, struct report *report, bool *truth)
    __attribute__((nonnull, warn_unused_result));
// One of `words`, which end with a NULL.
bool tree_word(const struct value *value, const char *what, const char *const *words,
               struct report *report, unsigned *index)
    __attribute__((nonnull(1, 2, 3, 4, 5), warn_unused_result));
// Seconds, from a duration of at most `most_s`.
bool tree_seconds(const struct value *value, const char *what, uint64_t most_s,
                  struct report *report, uint32_t *seconds)
    __attribute__((nonnull(1, 2, 4, 5), warn_unused_result));

// The value as YAML on one line, which reads as the same again.
void tree_print(const struct value *value, struct buffer *to) __attribute__((nonnull));
