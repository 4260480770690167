// Paths of keys as people write them, and the variables of the environment that stand for them.
#pragma once

#include <stdbool.h>

#include "conf/schema.h"

// The key with this path, where "[]" and ".*" may be left out, and "listen[0].port" and
// "zones.example.test.file" mean what they look like.
bool schema_find(const char *path, enum schema_key *key)
    __attribute__((nonnull, warn_unused_result));
// "ONYM_LOG__LEVEL", in 64 octets: upper case, two underscores for each dot.
#define SCHEMA_VARIABLE_MAX 64
void schema_variable(enum schema_key key, char name[static SCHEMA_VARIABLE_MAX])
    __attribute__((nonnull));
