// What options.c and its neighbours share while a tree becomes options.
//
// A key's value is looked for in three places, and the first that has it counts: the environment,
// the files, the default of the table (which is YAML as well, so that there is one way to read it).
// What is `bad` counts as not there: its error is told, and the options will not be used. So every
// value that these functions return has passed validate.c.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/report.h"
#include "conf/gather.h"
#include "conf/options.h"
#include "conf/schema.h"
#include "conf/value.h"

struct filler {
    struct options *options;
    struct gathered *gathered;
    struct report *report;
    bool alone;    // of options_read_text: nothing but the text
    bool zoneless; // of options_read_without_zones
    // What a view resolves by is being read: what it does not say is said by this map, or in the
    // environment; and the view's places are not the keys'. NULL: it is not.
    const struct value *outer;
    bool inner;        // the same
    uint32_t *targets; // those of options->targets, by hash (items.c); NULL: there are none
    struct value defaults[KEY_COUNT]; // read when first needed; `source` NULL before
};

// The value of a key in the map above it, which may be NULL; NULL: it has none, not even a default.
const struct value *filler_look(struct filler *filler, const struct value *map, enum schema_key key)
    __attribute__((nonnull(1), warn_unused_result));
// The same, and remembers in options.origins where it came from.
const struct value *filler_take(struct filler *filler, const struct value *map, enum schema_key key)
    __attribute__((nonnull(1)));
bool filler_is_default(const struct filler *filler, enum schema_key key, const struct value *value)
    __attribute__((nonnull(1)));

struct option_place filler_place(const struct value *value) __attribute__((nonnull));
// Into options.memory, as everything here that returns a text.
char *filler_copy(struct filler *filler, const char *text) __attribute__((nonnull));
// A path as seen from the folder of its file; from the environment: from where we are.
char *filler_path(struct filler *filler, const struct value *value) __attribute__((nonnull));

// What the map itself says, without a default or a look at the environment. NULL: nothing, or it is
// bad, or this is no map.
const struct value *filler_find(const struct value *map, enum schema_key key)
    __attribute__((nonnull, warn_unused_result));

// filler_take for keys with one scalar; all but texts must have a default.
char *filler_take_text(struct filler *filler, const struct value *map, enum schema_key key)
    __attribute__((nonnull(1)));
uint64_t filler_take_number(struct filler *filler, const struct value *map, enum schema_key key)
    __attribute__((nonnull(1)));
uint64_t filler_take_size(struct filler *filler, const struct value *map, enum schema_key key)
    __attribute__((nonnull(1))); // octets
bool filler_take_bool(struct filler *filler, const struct value *map, enum schema_key key)
    __attribute__((nonnull(1)));
uint64_t filler_take_duration(struct filler *filler, const struct value *map, enum schema_key key)
    __attribute__((nonnull(1))); // in milliseconds

// A list's items; of one scalar alone, itself. NULL: none.
size_t filler_count(const struct value *list);
// NULL: it is bad.
const struct value *filler_item(const struct value *list, size_t index)
    __attribute__((nonnull, warn_unused_result));
