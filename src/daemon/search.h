// A look through the whole cache, on a thread of its own: a large one takes seconds, and the main
// thread has signals, a watchdog and other clients.
//
//   main     search = search_make(..)   search_name(..)   search_begin(search)
//   thread   walks, writes `found`, says `done`, rings the bell
//   main     search_is_done(search)   takes `found`       search_free(search)
//
// Between search_begin and done all of it is the thread's, but for search_leave.
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "cache/cache.h"
#include "dns/name.h"
#include "net/loop.h"

enum search_kind {
    SEARCH_LIST,       // {entries: [..] more}, of one name and perhaps type, or of all
    SEARCH_TOP,        // {names: [..] others}
    SEARCH_FLUSH,      // {flushed}
    SEARCH_FLUSH_TREE, // {flushed}
};

struct search {
    enum search_kind kind;
    struct cache *cache; // outlives the search
    struct loop *bell;   // of whoever waits
    uint16_t type;       // of SEARCH_LIST and SEARCH_FLUSH; 0: every type
    bool all_names;
    struct name name; // looks into `wire`
    uint8_t wire[NAME_OCTETS_MAX];
    struct buffer found; // a JSON object: what commands_cache.h tells
    // Its own.
    pthread_t thread;
    bool begun;
    atomic_bool done, unwanted;
};

// Of all names, until search_name says which.
struct search *search_make(enum search_kind kind, struct cache *cache, struct loop *bell)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
void search_name(struct search *search, struct name name) __attribute__((nonnull(1)));
// Returns 0 or a negative errno: there is no thread for it.
int search_begin(struct search *search) __attribute__((nonnull, warn_unused_result));
bool search_is_done(const struct search *search) __attribute__((nonnull));
// Nobody waits for it any more: it ends soon. (What is being flushed is flushed.)
void search_leave(struct search *search) __attribute__((nonnull));
// Waits for its end.
void search_free(struct search *search) __attribute__((nonnull));
