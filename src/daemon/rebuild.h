// A house in the making: at the start, at a reload, and when one zone alone is read anew.
//
//             options read,          every zone tried:
//             sockets checked        loaded, or at it for over five seconds
//   reading  --------------->  loading  ---------------------->  sockets opened, house current
//     |  errors                                                      |  errors
//     +------------------------------ nothing has changed -----------+
//
// A thread reads the configuration (but for the start, where nobody waits for anything else), and
// zones are begun a few at a time, so that a million of them keep nobody waiting.
//
// A zone that is too slow goes on loading, and so does one that was asked for alone: when it is
// there, the current house is followed by one that differs only by it ("late"). What is served
// never gets worse by a reload: where the new version of a file is broken, the last good one stays.
//
// All of it is the main thread's; rebuild_step() is called whenever it wakes.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/report.h"
#include "conf/options.h"
#include "daemon/loader.h"
#include "daemon/nearby.h"
#include "daemon/rereading.h"

struct daemon;
struct house;

struct rebuild_counts {
    size_t loaded, unchanged, broken, loading;
    size_t images; // how many of the loaded ones came from images of an earlier run
};

// How the last reload (or the start) went.
struct rebuild_outcome {
    uint64_t number; // 0: there was none
    uint64_t date_s;
    uint32_t took_ms;
    int exit; // 0, 2: configuration, 4: sockets, 7: some zones are broken
    char message[200];
    struct report report;
    struct rebuild_counts counts;
};

struct rebuild {
    struct rereading *rereading; // the configuration is being read, NULL: it is not
    struct house *next;          // in the making, NULL: none is
    struct geography *geography; // of `next`; NULL: it has no routes
    struct nearby_found found;   // of `next`, what was read beside its zones
    bool furnished;              // it was read
    struct nearby_found newer;   // for the house after the current one
    bool renewed;                // `newer` is to be taken
    bool again;                  // a reload was asked for meanwhile
    uint64_t number;             // of the one under way or the last one, from 1 (the start)
    uint64_t houses;             // numbers of houses given so far
    size_t begun;                // zones of `next` that have been looked at, all before this one
    size_t passed;  // zones of the current house that stand before those in canonical order
    bool paused;    // more could be begun at once
    size_t waiting; // loads of `next` without a result
    size_t late;    // loads of the current house without a result
    uint64_t began_ms;
    struct report report;
    struct rebuild_counts counts;
    struct rebuild_outcome last;
    struct report late_report; // of zones read alone, since the last that was asked for
};

// Begins the first house. Owns the options from now on.
void rebuild_start(struct daemon *daemon, struct options *options) __attribute__((nonnull));
// Asks for a reload. Returns its number: it has ended when rebuild.last.number is not below it.
uint64_t rebuild_ask(struct daemon *daemon) __attribute__((nonnull));
// Reads one zone of the current house anew. False: not now, a rebuild is under way.
bool rebuild_zone(struct daemon *daemon, size_t index) __attribute__((nonnull, warn_unused_result));
// Each problem on a line of the log, the first of them.
void rebuild_log(const struct report *report) __attribute__((nonnull));
// Takes a load that the writer has put what it knows into (changing.h). True: a zone of the current
// house has changed.
bool rebuild_take(struct daemon *daemon, struct load *load)
    __attribute__((nonnull, warn_unused_result));
// What was replaced in the current house (house_replace) counts from now on.
void rebuild_follow(struct daemon *daemon) __attribute__((nonnull));
// Goes on as far as it can.
void rebuild_step(struct daemon *daemon) __attribute__((nonnull));
// Milliseconds until rebuild_step wants to be called even if nothing happens; -1: never.
int rebuild_timeout_ms(struct daemon *daemon) __attribute__((nonnull));
// How far the loads are, those included that have not begun yet.
struct loader_progress rebuild_measure(struct daemon *daemon) __attribute__((nonnull));
void rebuild_free(struct daemon *daemon) __attribute__((nonnull));
