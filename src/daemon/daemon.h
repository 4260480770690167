// What the main thread has in hand. One of it, made by run.c; workers know nothing of it.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cache/cache.h"
#include "cache/server.h"
#include "daemon/bells.h"
#include "daemon/cataloguing.h"
#include "daemon/changing.h"
#include "daemon/checking.h"
#include "daemon/control.h"
#include "daemon/fetching.h"
#include "daemon/flattening.h"
#include "daemon/forwarding.h"
#include "daemon/house.h"
#include "daemon/keeping.h"
#include "daemon/listing.h"
#include "daemon/loader.h"
#include "daemon/nearby.h"
#include "daemon/notify.h"
#include "daemon/notifying.h"
#include "daemon/privilege.h"
#include "daemon/progress.h"
#include "daemon/rebuild.h"
#include "daemon/run.h"
#include "daemon/state.h"
#include "daemon/surveying.h"
#include "daemon/worker.h"
#include "net/census.h"
#include "net/loop.h"
#include "net/routes.h"

enum daemon_source {
    DAEMON_BELL = LOOP_BELL, // the loader has something
    DAEMON_SIGNAL,
    DAEMON_CONTROL,
    DAEMON_CLIENT,
    DAEMON_NEARBY,   // a hosts file or the copy of the root has changed
    DAEMON_ROUTES,   // the network has changed
    DAEMON_NOTICES,  // a secondary has answered
    DAEMON_FETCHES,  // a primary has
    DAEMON_FORWARDS, // a primary that was sent an update
    DAEMON_CHECKER,  // results of health checks
};

struct daemon {
    const struct daemon_arguments *arguments;
    struct privilege privilege;
    struct state state;
    struct notify notify;
    struct control control;
    struct loop loop;
    int signals; // a signalfd
    struct loader *loader;
    struct store *store; // images of zones; NULL: no state folder
    bool store_settled;
    // Shared by all houses; NULL: nothing was to be resolved when we started.
    struct cache *cache;
    struct servers *servers;
    struct flights *flights; // NULL: there is one worker
    struct bells *bells;
    size_t cache_octets;
    struct keeping *keeping; // the cache of the last run is being read
    char *cache_path;        // NULL: there is no state folder
    struct nearby nearby;
    struct surveying *surveying; // NULL: there is no thread for it
    struct changing *changing;   // NULL: not yet
    struct checking checking;
    struct flattening flattening;
    struct notifying notifying;
    struct fetching fetching;
    struct forwarding *forwarding; // NULL: not yet
    struct cataloguing cataloguing;
    struct listing listing;
    struct routes_watch routes;
    struct progress progress;
    struct rebuild rebuild;
    house_current current;      // NULL until the first house is ready
    struct listeners inherited; // held for the whole run
    struct census *census;
    struct visit *visits;       // requests that wait for workers' errands
    struct searching *searches; // requests that wait for a look through the cache
    struct worker **workers;
    unsigned worker_count;
    unsigned workers_wanted;
    int cpus[WORKERS_MAX]; // of the affinity mask that we were started with
    unsigned cpu_count;
    uint64_t began_us, began_date_s;
    uint64_t watchdog_due_ms, extend_due_ms;
    bool ended;
    int exit;
};

// For the main thread, which is the only one that ever writes it.
static inline struct house *daemon_house(struct daemon *daemon)
{
    return atomic_load_explicit(&daemon->current, memory_order_relaxed);
}

// Makes the house current: the first one starts the workers. Returns an exit code, 0: done. The
// house before is retired.
int daemon_move_in(struct daemon *daemon, struct house *house)
    __attribute__((nonnull, warn_unused_result));
// Has every worker moved into the current house, and left the sockets of those before it?
bool daemon_settled(struct daemon *daemon) __attribute__((nonnull));
// Sum of what all workers counted.
void daemon_stats(const struct daemon *daemon, struct stats *sum) __attribute__((nonnull));
