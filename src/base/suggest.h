// "Did you mean": the known word nearest to a mistyped one.
#pragma once

#include <stddef.h>

// The distance between two words in edits (insert, delete, replace, swap of neighbours), letters
// folded. Words over 63 octets count as infinitely far (1000).
unsigned suggest_distance(const char *a, const char *b);

// Keep the nearest seen so far: call for each candidate with the same struct, then read `best`,
// which is NULL when nothing was near enough (a third of the word's length, at least 1 edit).
struct suggestion {
    const char *word; // what was typed
    const char *best;
    unsigned distance;
};
void suggest_consider(struct suggestion *suggestion, const char *candidate);
