// YAML text into a tree of values, each of which knows where it stands.
//
//   struct source source = {.path = "onym.yaml", .text = text, .size = size};
//   struct value root;
//   if (syntax_read(&source, &arena, &report, &root)) ...
//
// This knows YAML and nothing about onym.
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/report.h"
#include "conf/value.h"

// Aliases may add so many values and then one more for each octet of the text: a page of aliases to
// aliases cannot become a billion values, and a million zones may all share one.
#define SYNTAX_ALIASED_FREE 100000

// Reads one document of at most CONFIG_OCTETS_MAX octets and CONFIG_DEPTH_MAX levels. The tree is
// in `arena`; its values point to `source`. An empty text gives a VALUE_NONE.
//
// False: the text is no YAML, and there is no tree. True may still mean errors in the report (a key
// given twice): they left marks (`bad`).
bool syntax_read(const struct source *source, struct arena *arena, struct report *report,
                 struct value *root) __attribute__((nonnull, warn_unused_result));
