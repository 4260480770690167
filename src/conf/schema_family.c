// Which key is below which (schema.h): what their paths say.
#include "conf/schema.h"

#include <string.h>

// What is left of `path` behind that of the parent; NULL: it is not below it.
static const char *skip_parent(const struct schema_row *parent, const char *path)
{
    static const char *const suffixes[] = {
        [SHAPE_ONE] = ".", [SHAPE_LIST] = "[].", [SHAPE_NAMES] = ".*."};
    if (parent == schema_row(KEY_ROOT))
        return path;
    size_t size = strlen(parent->path);
    const char *suffix = suffixes[parent->shape];
    if (strncmp(path, parent->path, size) != 0)
        return NULL;
    if (strncmp(path + size, suffix, strlen(suffix)) != 0)
        return NULL;
    return path + size + strlen(suffix);
}

bool schema_is_child(enum schema_key parent, enum schema_key key)
{
    const char *name = skip_parent(schema_row(parent), schema_row(key)->path);
    return name && *name && !strchr(name, '.');
}

bool schema_child(enum schema_key parent, const char *name, enum schema_key *key)
{
    for (enum schema_key i = KEY_ROOT; i < KEY_COUNT; i++) {
        const char *rest = skip_parent(schema_row(parent), schema_row(i)->path);
        if (rest && *rest && strcmp(rest, name) == 0 && !strchr(rest, '.')) {
            *key = i;
            return true;
        }
    }
    return false;
}

bool schema_is_single(enum schema_key key)
{
    const struct schema_row *row = schema_row(key);
    bool scalar = row->type != SCHEMA_MAP || row->words;
    return scalar && row->shape == SHAPE_ONE && !row->each_file && !strpbrk(row->path, "[*");
}
