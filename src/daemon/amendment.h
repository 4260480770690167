// One wish to change a zone, whoever has it, and what came of it.
//
// The main thread or a worker makes it (changing.h), the writer's thread carries it out
// (amending.h), and it comes back to the main thread, which serves the new version and tells
// whoever waits. It belongs to one thread at a time.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/report.h"
#include "transfer/update.h"
#include "zone/diff.h"
#include "zone/history.h"
#include "zone/records.h"
#include "zone/serial.h"
#include "zone/zone.h"

struct load;
struct amendment;

enum amendment_kind {
    AMENDMENT_FILE,    // its file was read: `load`
    AMENDMENT_UPDATE,  // RFC 2136: `octets`
    AMENDMENT_WHOLE,   // another version: `records`
    AMENDMENT_DIFFS,   // differences, one after the other: `diffs`
    AMENDMENT_EDIT,    // records to go and to come, by a person: `edit`
    AMENDMENT_CONFIRM, // a primary has said that it is the newest version
    AMENDMENT_FORGET,  // what history has of it goes
    AMENDMENT_PRUNE,   // what history has of all zones, and less of it: no zone's
};

enum changing_verdict {
    CHANGING_DONE,    // durable; there may be nothing that it changed
    CHANGING_REFUSED, // it is not allowed, or would be no zone that can be served
    CHANGING_STALE,   // the differences do not begin with what there is
    CHANGING_FULL,    // the disk is; nothing was changed
    CHANGING_FAILED,  // it could not be kept; nothing was changed
};

// What a person wants of a zone. A record without rdata stands for its whole RRset, of TYPE_ANY for
// the whole name.
struct edit {
    struct records removed;  // must be there
    struct records replaced; // goes if it is there
    struct records added;
    bool dry;        // only show what it would change
    bool is_serial;  // only if the zone has
    uint32_t serial; // this one
};

// On the main thread: what came of it. The amendment and the context are gone after it.
typedef void amendment_done(void *context, const struct amendment *amendment);

struct amendment {
    struct amendment *next;
    enum amendment_kind kind;
    enum change_kind change; // as it will stand in history
    struct zone *zone;       // as it was served when somebody wanted this; held
    char *view;              // the name of whose it is; "": everybody's
    unsigned view_number;
    char *who;
    enum serial_policy serials;
    enum zonemd_hash make; // of the version that it comes to
    bool verify;           // its digest, or refuse it
    // What is wanted.
    struct load *load;
    uint8_t *octets; // the message, owned
    size_t size;
    struct update_policy *policy; // held
    uint64_t admitted;
    struct records records;
    struct diff *diffs; // owned, with what is in them
    size_t diff_count;
    uint32_t expire_s;    // of a version that a primary sent: for how long it says that it is good
    uint64_t confirmed_s; // AMENDMENT_CONFIRM: when
    struct edit edit;
    bool prunes;     // AMENDMENT_PRUNE: changes that are older than
    uint64_t keep_s; // this
    // What came of it.
    enum changing_verdict verdict;
    char *problem; // in words; NULL: nothing to say
    struct update_outcome outcome;
    struct report report;  // what the checks say of a version that is refused
    struct buffer changed; // of an edit: diff_pack
    uint32_t serial_from, serial_to;
    struct zone *after; // held; NULL: nothing has changed
    struct history_stock stock;
    size_t forgotten; // changes
    amendment_done *done;
    void *context;   // owned
    uint32_t worker; // of a worker's client: who waits, and its token
    uint64_t token;
};

struct amendment *amendment_make(enum amendment_kind kind, struct zone *zone, const char *view,
                                 const char *who)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
void amendment_free(struct amendment *amendment) __attribute__((nonnull));
