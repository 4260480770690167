// Values found and taken (filler.h).
#include "conf/filler.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "conf/scalar.h"
#include "conf/syntax.h"

static const char default_path[] = "default"; // known by its address

static const struct value *find_default(struct filler *filler, enum schema_key key)
{
    const char *text = schema_row(key)->fallback;
    struct value *value = &filler->defaults[key];
    if (!text)
        return NULL;
    if (value->source)
        return value;
    struct source *source = arena_get(&filler->gathered->trees, sizeof *source);
    *source = (struct source){.path = default_path, .text = text, .size = strlen(text)};
    bool good = syntax_read(source, &filler->gathered->trees, filler->report, value);
    assert(good); // a test reads them all
    return value;
}

bool filler_is_default(const struct filler *filler, enum schema_key key, const struct value *value)
{
    return !value || value == &filler->defaults[key];
}

const struct value *filler_look(struct filler *filler, const struct value *map, enum schema_key key)
{
    const struct value *variable = filler->gathered->variables[key];
    if (variable && !variable->bad && !filler->inner)
        return variable;
    const struct pair *pair = map ? value_find(map, schema_name(key)) : NULL;
    if (pair && !pair->value.bad && pair->value.kind != VALUE_NONE)
        return &pair->value;
    if (filler->inner && schema_is_child(KEY_RESOLVE, key)) {
        filler->inner = false;
        const struct value *value = filler_look(filler, filler->outer, key);
        filler->inner = true;
        return value;
    }
    return find_default(filler, key);
}

struct option_place filler_place(const struct value *value)
{
    if (value->source->path == default_path)
        return (struct option_place){0};
    return (struct option_place){value->source->path, value->line, value->column};
}

const struct value *filler_take(struct filler *filler, const struct value *map, enum schema_key key)
{
    const struct value *value = filler_look(filler, map, key);
    if (value && !filler->inner)
        filler->options->origins[key] = filler_place(value);
    return value;
}

char *filler_copy(struct filler *filler, const char *text)
{
    return arena_copy(&filler->options->memory, text, strlen(text) + 1);
}

char *filler_path(struct filler *filler, const struct value *value)
{
    if (!value->line || value->source->path == default_path)
        return filler_copy(filler, value->text);
    char *path = file_path_beside(value->source->path, value->text);
    char *kept = filler_copy(filler, path);
    free(path);
    return kept;
}

char *filler_take_text(struct filler *filler, const struct value *map, enum schema_key key)
{
    const struct value *value = filler_take(filler, map, key);
    return value ? filler_copy(filler, value->text) : NULL;
}

uint64_t filler_take_number(struct filler *filler, const struct value *map, enum schema_key key)
{
    const struct value *value = filler_take(filler, map, key);
    uint64_t number;
    bool good = value && scalar_number(value->text, &number);
    assert(good);
    return number;
}

bool filler_take_bool(struct filler *filler, const struct value *map, enum schema_key key)
{
    const struct value *value = filler_take(filler, map, key);
    bool truth, good = value && scalar_bool(value->text, &truth);
    assert(good);
    return truth;
}

uint64_t filler_take_duration(struct filler *filler, const struct value *map, enum schema_key key)
{
    const struct value *value = filler_take(filler, map, key);
    uint64_t ms;
    bool good = value && scalar_duration(value->text, &ms);
    assert(good);
    return ms;
}

uint64_t filler_take_size(struct filler *filler, const struct value *map, enum schema_key key)
{
    const struct value *value = filler_take(filler, map, key);
    uint64_t octets;
    bool good = value && scalar_size(value->text, &octets);
    assert(good);
    return octets;
}

const struct value *filler_find(const struct value *map, enum schema_key key)
{
    const struct pair *pair = map->kind == VALUE_MAP ? value_find(map, schema_name(key)) : NULL;
    return pair && !pair->value.bad && pair->value.kind != VALUE_NONE ? &pair->value : NULL;
}

size_t filler_count(const struct value *list)
{
    return !list ? 0 : list->kind == VALUE_LIST ? list->count : 1;
}

const struct value *filler_item(const struct value *list, size_t index)
{
    const struct value *item = list->kind == VALUE_LIST ? &list->items[index] : list;
    return item->bad || item->kind == VALUE_NONE ? NULL : item;
}
