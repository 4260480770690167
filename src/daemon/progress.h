// How far the loading of zones is, for people: a bar on a terminal, a line for each 10 % elsewhere.
//
//   Loading zones  ############............  7214/10000  412 MB of 870 MB  ETA 4 s
//
// Short loads say nothing: the bar appears after half a second, lines after two.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/loader.h"

struct progress {
    bool terminal; // stderr is one
    bool shown;    // a bar is on the screen
    uint64_t began_ms;
    size_t zones; // to be loaded in all
    unsigned tenths_told;
};

void progress_begin(struct progress *progress, size_t zones, uint64_t now_ms)
    __attribute__((nonnull));
void progress_show(struct progress *progress, const struct loader_progress *loading,
                   uint64_t now_ms) __attribute__((nonnull));
// Takes the bar off the screen.
void progress_end(struct progress *progress) __attribute__((nonnull));
// One line in words, as it is now: for SIGUSR1 and the service manager.
#define PROGRESS_TEXT_MAX 160
void progress_print(const struct progress *progress, const struct loader_progress *loading,
                    char text[static PROGRESS_TEXT_MAX]) __attribute__((nonnull));
