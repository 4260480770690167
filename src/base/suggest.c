// The nearest known word (suggest.h).
//
// Distance is Damerau-Levenshtein in its restricted form (optimal string alignment): no piece of
// the word is edited twice. near[i][j] = edits from the first i letters of a to the first j of b;
// each row needs the two above it, so three rows are kept and go round.
#include "base/suggest.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"

#define WORD_MAX 63 // a label; configuration keys and commands are shorter
#define TOO_FAR  1000

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static bool same(char a, char b)
{
    return byte_fold((uint8_t)a) == byte_fold((uint8_t)b);
}

unsigned suggest_distance(const char *a, const char *b)
{
    size_t a_size = strlen(a), b_size = strlen(b);
    if (a_size > WORD_MAX || b_size > WORD_MAX)
        return TOO_FAR;
    unsigned rows[3][WORD_MAX + 1];
    for (unsigned j = 0; j <= b_size; j++)
        rows[0][j] = j;
    for (unsigned i = 1; i <= a_size; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *above_two = rows[(i + 1) % 3];
        row[0] = i;
        for (unsigned j = 1; j <= b_size; j++) {
            unsigned replace = above[j - 1] + !same(a[i - 1], b[j - 1]);
            row[j] = least(replace, least(above[j], row[j - 1]) + 1);
            bool swapped = i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]);
            if (swapped)
                row[j] = least(row[j], above_two[j - 2] + 1);
        }
    }
    return rows[a_size % 3][b_size];
}

// Of two that are equally near the first one stays: callers list the usual words first.
void suggest_consider(struct suggestion *suggestion, const char *candidate)
{
    size_t size = strlen(suggestion->word);
    if (size == 0)
        return;
    unsigned most = size < 3 ? 1 : (unsigned)(size / 3);
    unsigned distance = suggest_distance(suggestion->word, candidate);
    if (distance > most || (suggestion->best && distance >= suggestion->distance))
        return;
    suggestion->best = candidate;
    suggestion->distance = distance;
}
