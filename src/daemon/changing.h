// Changes of zones on their way: from whoever wants one to the writer, and back to be served.
//
//   worker, main thread               the writer's thread            the main thread
//     changing_submit()   -> queue ->   amending_run()   -> done ->    new versions into the house,
//                                                                      all workers in it, then
//                                                                      `done` is told
//
// So who is told that a change was accepted finds it on the disk and in every answer. The writer
// takes all that waits at once: what comes while a sync is under way shares the next one.
//
// Without a state folder there is no history, and only files and primaries change zones.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "daemon/amendment.h"
#include "net/loop.h"

struct changing;
struct daemon;
struct load;
struct update_want;

// `path` of the database; NULL: no history.
struct changing *changing_open(const char *path, struct loop *loop, const struct hash_key *secret)
    __attribute__((nonnull(2, 3), returns_nonnull, warn_unused_result));
// What waits is dropped; the writer ends what it is at. NULL is fine.
void changing_close(struct daemon *daemon);
// NULL: there is none.
struct history *changing_history(struct changing *changing) __attribute__((nonnull));

// From any thread: takes the amendment over. False: too much waits, and it stays the caller's.
bool changing_submit(struct changing *changing, struct amendment *amendment)
    __attribute__((nonnull, warn_unused_result));
// A worker passes an update on; takes `want` over. False: too much waits; `want` is gone too.
bool changing_update(struct changing *changing, struct update_want *want, const char *who,
                     const uint8_t *octets, unsigned worker)
    __attribute__((nonnull, warn_unused_result));

// A zone's file was read. True: the load comes back by rebuild_take() with what the zone is; false:
// it is that already.
bool changing_file(struct daemon *daemon, struct load *load)
    __attribute__((nonnull, warn_unused_result));

// What a primary has sent, or what we make of a list of zones: of which zone, who it is, and who is
// told on the main thread.
struct changing_wish {
    struct name zone;
    unsigned view;
    const char *who;
    amendment_done *done;
    void *context;           // malloc'ed, taken over
    enum change_kind change; // 0: CHANGE_TRANSFER
    uint32_t expire_s;       // for how long the primary's copy is good; UINT32_MAX: not told
};
// A whole new version, or differences; taken over.
void changing_whole(struct daemon *daemon, const struct changing_wish *wish,
                    struct records *records) __attribute__((nonnull));
void changing_diffs(struct daemon *daemon, const struct changing_wish *wish, struct diff *diffs,
                    size_t count) __attribute__((nonnull));

// For how long changes stay in the history, and how many octets of them; 0: as many as there are.
void changing_keep(struct changing *changing, uint64_t seconds, uint64_t octets)
    __attribute__((nonnull));
// What the history has of a zone goes, whether the current house has it or not.
void changing_forget(struct daemon *daemon, struct name name, unsigned view)
    __attribute__((nonnull));
// A primary has said that the current house's zone is the newest: history is to know.
// (or the primary that it has it from, and so on), on that date.
void changing_confirm(struct daemon *daemon, size_t index, uint64_t date_s)
    __attribute__((nonnull));

// Takes what the writer has done. True: zones of the current house were replaced, and it must be
// followed by another one.
bool changing_take(struct daemon *daemon) __attribute__((nonnull, warn_unused_result));
// Tells who waits, if all workers serve what was made.
void changing_step(struct daemon *daemon, bool settled) __attribute__((nonnull));

void changing_metrics(struct changing *changing, struct buffer *to) __attribute__((nonnull));
