// The tree of one file held against the table of schema.h: unknown keys, values of the wrong type,
// out of range or misspelt. All of them are told, each with the likely fix.
//
// What is wrong is marked `bad` in the tree, and whoever reads on passes over it, so that one slip
// is one error. What only shows once all files are together (a value given twice, a zone without a
// file) is found by merge.c, options.c and zones.c.
#pragma once

#include "conf/schema.h"
#include "conf/value.h"

void validate_tree(struct value *root, struct report *report) __attribute__((nonnull));
// One value of one key, from the environment.
void validate_value(enum schema_key key, struct value *value, struct report *report)
    __attribute__((nonnull));
