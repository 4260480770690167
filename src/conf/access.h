// Lists of who may have something.
#pragma once

#include "conf/filler.h"

// Of a list that the table knows as SCHEMA_ACCESS. In options.memory.
struct access_option *access_fill(struct filler *filler, const struct value *list, size_t *count)
    __attribute__((nonnull));
