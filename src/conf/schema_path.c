// Paths of keys, as people write them (schema_path.h).
#include "conf/schema_path.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

// One step of schema_find: the name at the start of `path`, without an index like "[0]".
static const char *take_step(const char *path, char name[static 64])
{
    size_t size = strcspn(path, ".");
    const char *next = path[size] ? path + size + 1 : path + size;
    size_t bare = strcspn(path, ".[");
    snprintf(name, 64, "%.*s", bare < 64 ? (int)bare : 63, path);
    return next;
}

static bool find_below(enum schema_key parent, const char *path, enum schema_key *key)
{
    *key = parent;
    while (*path) {
        char name[64];
        path = take_step(path, name);
        if (!schema_child(*key, name, key))
            return false;
    }
    return true;
}

// Below a map of names: those have dots themselves, so what counts is behind the last one that has
// keys behind it.
static bool find_in_names(enum schema_key parent, const char *path, enum schema_key *key)
{
    for (const char *at = path + strlen(path); at > path; at--)
        if (*at == '.' && at[1] && find_below(parent, at + 1, key))
            return true;
    *key = parent;
    return strncmp(path, "*.", 2) != 0;
}

bool schema_find(const char *path, enum schema_key *key)
{
    *key = KEY_ROOT;
    while (*path) {
        char name[64];
        if (schema_row(*key)->shape == SHAPE_NAMES)
            return find_in_names(*key, path, key);
        path = take_step(path, name);
        if (!schema_child(*key, name, key))
            return false;
    }
    return true;
}

void schema_variable(enum schema_key key, char name[static SCHEMA_VARIABLE_MAX])
{
    size_t size = (size_t)snprintf(name, SCHEMA_VARIABLE_MAX, "ONYM_");
    for (const char *at = schema_row(key)->path; *at; at++) {
        assert(size + 3 <= SCHEMA_VARIABLE_MAX);
        bool letter = *at >= 'a' && *at <= 'z', digit = *at >= '0' && *at <= '9';
        if (*at == '.')
            name[size++] = '_';
        name[size++] = letter ? (char)(*at - 'a' + 'A') : digit ? *at : '_';
    }
    name[size] = 0;
}
