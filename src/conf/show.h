// The effective configuration as YAML: every value that counts, whoever said it.
#pragma once

#include <stdbool.h>

#include "base/buffer.h"
#include "conf/options.h"

struct show_style {
    bool all;    // defaults too; what has no value, and zones found in folders, as comments
    bool origin; // a comment behind each value: file and line, the variable, or "default"
};

// What it prints, read again, gives the same options, if relative paths are still seen from the
// same folder. Includes are not in it, as what they say is.
void options_show(const struct options *options, struct show_style style, struct buffer *to)
    __attribute__((nonnull));
