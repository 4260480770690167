// Names of the neighbourhood: the hosts files and `hosts.names` of the configuration, made into
// what resolve/local.h answers from, and a watch over those files.
//
// A file is read as glibc reads it: an address, names behind it, a comment from '#' on; what is
// anything else is passed over. A missing file has no names: it may come later, and is seen then.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "conf/options.h"
#include "net/loop.h"
#include "resolve/local.h"

// Reads all of them. Lines that are none are told in the log, one for each file. The caller
// releases it.
struct local *hosts_read(const struct hosts_options *options, const struct hash_key *secret)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

struct hosts_watch {
    struct loop *loop;
    uint8_t kind;     // of the loop's tag
    int fd;           // an inotify; -1: nothing is watched
    uint64_t due_ms;  // when the files are to be read again; 0: they are as they were
    uint64_t last_ms; // when they last were
    char **names;     // what of their folders' entries is theirs, ended by NULL
};

// Begins, or begins anew with other files: before they are read, so that no change is missed.
void hosts_watch(struct hosts_watch *watch, const struct hosts_options *options, uint64_t now_ms)
    __attribute__((nonnull));
// The descriptor is ready: something has changed in one of the folders.
void hosts_take(struct hosts_watch *watch, uint64_t now_ms) __attribute__((nonnull));
// True: they are to be read now. At most once in HOSTS_EVERY_MS.
static inline bool hosts_are_due(const struct hosts_watch *watch, uint64_t now_ms)
{
    return watch->due_ms && now_ms >= watch->due_ms;
}
// Milliseconds until then; -1: nothing is due.
int hosts_rest(const struct hosts_watch *watch, uint64_t now_ms) __attribute__((nonnull));
void hosts_unwatch(struct hosts_watch *watch) __attribute__((nonnull));
