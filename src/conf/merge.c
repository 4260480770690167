// Trees into one tree (merge.h). At each map: put the pairs of all files into one array, sort it by
// key, and look at each run of equal keys.
#include "conf/merge.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "conf/schema.h"

struct merger {
    struct arena *arena;
    struct report *report;
    const char *name; // of the zone whose maps are being merged; NULL: none
};

struct ordered { // a pair, and which one it was
    const struct pair *pair;
    size_t number;
};

static int compare(const void *left, const void *right)
{
    const struct ordered *a = left, *b = right;
    int order = strcmp(a->pair->key.text, b->pair->key.text);
    return order ? order : a->number < b->number ? -1 : a->number > b->number;
}

static bool is_there(const struct value *value)
{
    return !value->bad && value->kind != VALUE_NONE;
}

static struct ordered *sort_pairs(const struct value *maps, size_t count, size_t *total)
{
    size_t most = 0, used = 0;
    for (size_t i = 0; i < count; i++)
        most += maps[i].kind == VALUE_MAP ? maps[i].count : 0;
    struct ordered *order = memory_get(most * sizeof *order);
    for (size_t i = 0; i < count; i++) {
        if (maps[i].kind != VALUE_MAP || maps[i].bad)
            continue;
        for (uint32_t k = 0; k < maps[i].count; k++)
            if (!maps[i].pairs[k].key.bad) {
                order[used] = (struct ordered){&maps[i].pairs[k], used};
                used++;
            }
    }
    qsort(order, used, sizeof *order, compare);
    *total = used;
    return order;
}

static void append_lists(struct merger *merger, const struct value *lists, size_t count,
                         struct value *merged)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += lists[i].kind == VALUE_LIST ? lists[i].count : 1;
    struct value *items = arena_get(merger->arena, total * sizeof *items), *next = items;
    for (size_t i = 0; i < count; i++) {
        bool list = lists[i].kind == VALUE_LIST;
        size_t size = list ? lists[i].count : 1; // one scalar alone counts as a list
        if (size)
            memcpy(next, list ? lists[i].items : &lists[i], size * sizeof *items);
        next += size;
    }
    *merged = lists[0];
    merged->kind = VALUE_LIST;
    merged->items = items;
    merged->count = (uint32_t)total;
}

static void tell_others(struct merger *merger, enum schema_key key, struct value *values,
                        size_t count)
{
    const char *hint = "lists and maps are merged, single values are not";
    for (size_t i = 1; i < count; i++) {
        struct value_spot first = value_spot(&values[0]);
        if (merger->name)
            value_refuse(merger->report, &values[i], hint, "'%s' of %s is set already, at %s",
                         schema_name(key), value_quote(merger->name).text, first.text);
        else
            value_refuse(merger->report, &values[i], hint, "'%s' is set already, at %s",
                         schema_row(key)->path, first.text);
    }
}

static void merge_maps(struct merger *merger, enum schema_key key, const struct value *maps,
                       size_t count, struct value *merged);
static void merge_names(struct merger *merger, enum schema_key key, const struct value *maps,
                        size_t count, struct value *merged);

// A word stands in the stead of one of the maps: that is not to be merged with others.
static bool has_word(const struct value *values, size_t count)
{
    bool some = false;
    for (size_t i = 0; i < count; i++)
        some = some || values[i].kind == VALUE_TEXT;
    return some;
}

// Values of one key into one. There is at least one.
static struct value merge_values(struct merger *merger, enum schema_key key, struct value *values,
                                 size_t count)
{
    const struct schema_row *row = schema_row(key);
    struct value merged = values[0];
    if (count == 1 || row->each_file)
        return merged;
    if (row->shape == SHAPE_LIST)
        append_lists(merger, values, count, &merged);
    else if (row->shape == SHAPE_NAMES)
        merge_names(merger, key, values, count, &merged);
    else if (row->type == SCHEMA_MAP && !has_word(values, count))
        merge_maps(merger, key, values, count, &merged);
    else
        tell_others(merger, key, values, count);
    return merged;
}

// The values of a run of equal keys that are there, in fresh memory; the first one if none is.
static struct value *collect(const struct ordered *run, size_t size, size_t *count)
{
    struct value *values = memory_get(size * sizeof *values);
    *count = 0;
    for (size_t i = 0; i < size; i++)
        if (is_there(&run[i].pair->value))
            values[(*count)++] = run[i].pair->value;
    if (*count == 0)
        values[(*count)++] = run[0].pair->value;
    return values;
}

static size_t measure_run(const struct ordered *run, size_t left)
{
    size_t size = 1;
    while (size < left && strcmp(run[size].pair->key.text, run->pair->key.text) == 0)
        size++;
    return size;
}

static void begin_map(struct merger *merger, const struct value *maps, size_t pairs,
                      struct value *merged)
{
    *merged = maps[0];
    merged->kind = VALUE_MAP;
    merged->bad = false;
    merged->count = 0;
    merged->pairs = arena_get(merger->arena, pairs * sizeof *merged->pairs);
}

static void merge_maps(struct merger *merger, enum schema_key key, const struct value *maps,
                       size_t count, struct value *merged)
{
    size_t total, values_count;
    struct ordered *order = sort_pairs(maps, count, &total);
    begin_map(merger, maps, total, merged);
    for (size_t i = 0, size; i < total; i += size) {
        enum schema_key child;
        size = measure_run(&order[i], total - i);
        bool known = schema_child(key, order[i].pair->key.text, &child);
        assert(known); // others are bad
        struct value *values = collect(&order[i], size, &values_count);
        merged->pairs[merged->count++] =
            (struct pair){order[i].pair->key, merge_values(merger, child, values, values_count)};
        free(values);
    }
    free(order);
}

// A map of names: below each name there is one more map, or a list.
static void merge_names(struct merger *merger, enum schema_key key, const struct value *maps,
                        size_t count, struct value *merged)
{
    size_t total, values_count;
    struct ordered *order = sort_pairs(maps, count, &total);
    begin_map(merger, maps, total, merged);
    for (size_t i = 0, size; i < total; i += size) {
        size = measure_run(&order[i], total - i);
        struct value *values = collect(&order[i], size, &values_count), value = values[0];
        merger->name = order[i].pair->key.text;
        if (values_count > 1 && schema_row(key)->type == SCHEMA_MAP)
            merge_maps(merger, key, values, values_count, &value);
        else if (values_count > 1)
            append_lists(merger, values, values_count, &value);
        merged->pairs[merged->count++] = (struct pair){order[i].pair->key, value};
        free(values);
    }
    merger->name = NULL;
    free(order);
}

void merge_trees(const struct value *roots, size_t count, struct arena *arena,
                 struct report *report, struct value *merged)
{
    assert(count > 0);
    struct merger merger = {.arena = arena, .report = report};
    if (count == 1)
        *merged = roots[0];
    else
        merge_maps(&merger, KEY_ROOT, roots, count, merged);
}
