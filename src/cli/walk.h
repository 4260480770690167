// A resolver of our own for one question: its cache is empty, its sockets are fresh, and it ends
// with its answer. What `onym trace` runs.
#pragma once

#include <stdint.h>

#include "base/report.h"
#include "dns/answer.h"
#include "dns/trace.h"
#include "resolve/resolver.h"

struct walk;

// NULL after a complaint: no memory or no descriptors. The rules are held as long as it is open.
struct walk *walk_open(struct rules *rules) __attribute__((nonnull, warn_unused_result));
void walk_close(struct walk *walk); // NULL is fine
// Lets its walks begin at a copy of the root, in this file, if it can be used; else all problems
// are in `report`. Nobody else may hold the rules yet.
void walk_set_root_copy(struct walk *walk, const char *path, bool zonemd, struct report *report)
    __attribute__((nonnull));
// Resolves the question (its token is not looked at) and returns its answer, good until the next
// call; NULL: it was dropped. Waits as long as the rules' budget allows.
const struct answer *walk_resolve(struct walk *walk, const struct want *want)
    __attribute__((nonnull, warn_unused_result));
// What it cost.
void walk_count(const struct walk *walk, struct resolver_counts *counts) __attribute__((nonnull));
