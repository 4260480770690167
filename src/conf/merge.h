// Several files' trees into one: maps are merged key by key, lists are appended in the order of the
// files, and a scalar that two files set is an error that names both places.
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/report.h"
#include "conf/value.h"

// `roots`: trees that validate_tree has seen, in the order in which they were read. What is `bad`
// in them is left out. The merged tree shares their values, and `arena` has the rest of it. O(n log
// n) in the number of all keys, however many files they come from.
void merge_trees(const struct value *roots, size_t count, struct arena *arena,
                 struct report *report, struct value *merged) __attribute__((nonnull));
