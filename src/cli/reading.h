// How far a long reading is: a bar on a terminal, elsewhere a line for each tenth. Nothing is said
// about what is over within half a second.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "zone/parse.h"

struct reading {
    struct parse_progress parse; // first: what the parser is handed
    const char *what;            // the file
    uint64_t began_ms;
    unsigned percent; // that was last shown
    bool bar;         // stderr is a terminal
    bool shown;       // something stands on the bar's line
};

void reading_begin(struct reading *reading, const char *what) __attribute__((nonnull));
// Takes the bar off the screen.
void reading_end(struct reading *reading) __attribute__((nonnull));
