// Every change of every zone, numbered and attributed, and the newest version of zones that are
// not only in a file: a database of SQLite in the state folder.
//
//   zones     view, name | the number of the last change in the base | a primary's last word
//   versions  base: a whole version, packed (diff.h) | source: the zone's file as it was last read,
//             if the zone has one
//   changes   number, zone, serials, date, kind, who | the difference, packed
//
// What a zone is now: its base, and the changes after that. A zone whose truth is its file alone
// has changes, for people and for IXFR, but no base.
//
// Writes are grouped: history_begin, any number of them, history_commit; what that has said yes to
// is on the disk (WAL, synchronous=FULL). Nobody else may have the database open: then SQLite needs
// no shared memory, and it can be read when the disk is full. From any thread but a worker: calls
// wait for one another, and a group belongs to the thread that began it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "dns/name.h"

enum history_result {
    HISTORY_DONE,
    HISTORY_NONE,   // there is no such thing
    HISTORY_FULL,   // the disk is
    HISTORY_FAILED, // history_problem() says why
};

enum change_kind { // numbers stand in the database
    CHANGE_FILE = 1,
    CHANGE_TRANSFER = 2,
    CHANGE_UPDATE = 3,
    CHANGE_COMMAND = 4,
    CHANGE_UNDO = 5,
    CHANGE_CATALOG = 6,
};
const char *change_kind_word(enum change_kind kind);

struct history_zone {
    const char *view; // "": everybody's
    struct name name;
};

struct history_change {
    uint64_t number; // set by history_add
    uint32_t serial_from, serial_to;
    uint64_t date_us; // CLOCK_REALTIME
    enum change_kind kind;
    const char *who; // "key:k1 192.0.2.1", "user root" ...
    const uint8_t *octets;
    size_t size;
};

// Of view and name, in any case: for tables of zones. Never 0.
uint64_t history_zone_hash(struct history_zone zone);

struct history;

// Opens it, and makes it where there is none. NULL: *problem is why, for the caller to free.
struct history *history_open(const char *path, char **problem)
    __attribute__((nonnull, warn_unused_result));
void history_close(struct history *history); // NULL is fine
// What went wrong last, in words.
#define HISTORY_PROBLEM_MAX 200
void history_problem(struct history *history, char text[static HISTORY_PROBLEM_MAX])
    __attribute__((nonnull));

// Has the zone a version here?
bool history_keeps(struct history *history, struct history_zone zone) __attribute__((nonnull(1)));

struct history_version {
    struct buffer base;   // packed; the caller's
    struct buffer source; // of zones with a file; empty: none
    uint64_t base_change;
    int64_t refreshed_s; // when a primary last said that it is the newest one; 0: never
};
// HISTORY_DONE, HISTORY_NONE or HISTORY_FAILED.
enum history_result history_get(struct history *history, struct history_zone zone,
                                struct history_version *version)
    __attribute__((nonnull(1, 3), warn_unused_result));

// Octets of the zone's version, and of the changes after it; 0 and 0: it has none.
void history_measure(struct history *history, struct history_zone zone, size_t *base, size_t *since)
    __attribute__((nonnull(1, 3, 4)));

// Calls for the zone's changes with numbers above `after`, the oldest first, until one call says
// false. What it is shown is good during the call.
typedef bool history_teller(void *context, const struct history_change *change);
enum history_result history_each(struct history *history, struct history_zone zone, uint64_t after,
                                 history_teller *tell, void *context)
    __attribute__((nonnull(1, 4), warn_unused_result));
// The newest `count` changes, the newest first.
enum history_result history_last(struct history *history, struct history_zone zone, size_t count,
                                 history_teller *tell, void *context)
    __attribute__((nonnull(1, 4), warn_unused_result));

// --- writing

enum history_result history_begin(struct history *history)
    __attribute__((nonnull, warn_unused_result));
enum history_result history_add(struct history *history, struct history_zone zone,
                                struct history_change *change)
    __attribute__((nonnull(1, 3), warn_unused_result));
// The whole zone as it is with this change; `source` NULL: stays as it is.
enum history_result history_set_base(struct history *history, struct history_zone zone,
                                     const struct buffer *base, uint64_t change,
                                     const struct buffer *source)
    __attribute__((nonnull(1, 3), warn_unused_result));
enum history_result history_set_refreshed(struct history *history, struct history_zone zone,
                                          int64_t date_s)
    __attribute__((nonnull(1), warn_unused_result));
// Forgets a zone and all its changes.
enum history_result history_forget(struct history *history, struct history_zone zone)
    __attribute__((nonnull(1), warn_unused_result));
// Ends the group. Not HISTORY_DONE: none of it was done.
enum history_result history_commit(struct history *history)
    __attribute__((nonnull, warn_unused_result));
void history_cancel(struct history *history) __attribute__((nonnull));

// When the newest change was made, microseconds; 0: there is none, or it cannot be read.
uint64_t history_newest_us(struct history *history) __attribute__((nonnull));
// All changes, of all zones.
struct history_stock {
    uint64_t zones, changes, octets; // octets of their differences
    uint64_t oldest_us;              // 0: there are none
};
enum history_result history_count(struct history *history, struct history_stock *stock)
    __attribute__((nonnull, warn_unused_result));
// The same octets, at hand; 0 also if they cannot be counted.
uint64_t history_octets(struct history *history) __attribute__((nonnull));
// Forgets the oldest of them until there are no more octets than that, but for what cannot go (see
// below). Below no group.
enum history_result history_shrink(struct history *history, uint64_t octets, size_t *count)
    __attribute__((nonnull, warn_unused_result));
// Forgets changes that are in a base (or of zones without one) and were made before that date; how
// many. Below no group.
enum history_result history_prune(struct history *history, uint64_t before_us, size_t *count)
    __attribute__((nonnull, warn_unused_result));
