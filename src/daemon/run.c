// The daemon from start to stop (run.h): the order of things, and the main thread's loop.
//
//   options -> ports free? -> folders, control socket -> root given up -> lock, secret
//           -> zones (rebuild.c) -> sockets, workers -> READY -> signals, control, reloads -> stop
//
// Ports are tried while we may still see who else has them, and bound for good after root is given
// up and the zones are there: until then clients get a prompt "port unreachable" and go elsewhere.
#include "daemon/run.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/epoch.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "daemon/announce.h"
#include "daemon/commands.h"
#include "daemon/commands_cache.h"
#include "daemon/commands_resolve.h"
#include "daemon/daemon.h"
#include "daemon/sockets.h"
#include "zone/store.h"

enum { OK = 0, FAILED = 1, USAGE = 2, DENIED = 4 }; // exit codes, as in cli/exit.h

#define SETTLING_MS          1 // until workers on their way into a house are looked at again
#define EXTEND_EVERY_MS      5000
#define EXTEND_BY_US         30000000
#define DESCRIPTORS_SPARE    256 // beside connections and listeners: files, epoll, control
#define CONNECTIONS_AT_LEAST 16

// --- before root is given up

static void raise_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
        log_warning("cannot raise the limit of descriptors: %s", strerror(errno));
}

// The CPUs that we were given, and how many workers that makes.
static void find_cpus(struct daemon *daemon, const struct options *options)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        for (int cpu = 0; cpu < CPU_SETSIZE && daemon->cpu_count < WORKERS_MAX; cpu++)
            if (CPU_ISSET(cpu, &set))
                daemon->cpus[daemon->cpu_count++] = cpu;
    if (daemon->cpu_count == 0)
        daemon->cpus[daemon->cpu_count++] = -1;
    daemon->workers_wanted = options->workers ? options->workers : daemon->cpu_count;
    if (daemon->workers_wanted > WORKERS_MAX)
        daemon->workers_wanted = WORKERS_MAX;
}

static int find_user(struct daemon *daemon, const struct options *options)
{
    int failed = privilege_find(options->user, &daemon->privilege);
    if (failed == -ENOENT)
        log_error("user: there is no user '%s' on this machine", options->user);
    else if (failed)
        log_error("user: only root can become '%s'; start onym as root, or as that user",
                  options->user);
    else if (geteuid() == 0 && !options->user)
        log_warning("running as root, as no 'user' is configured; with 'user: NAME' onym keeps no "
                    "right of root's but to bind ports");
    return failed ? DENIED : OK;
}

static int check_sockets(struct daemon *daemon, const struct options *options)
{
    struct report report = {0};
    bool good = sockets_check(options, &daemon->inherited, &report);
    report_print(&report, stderr, daemon->arguments->colour);
    report_free(&report);
    return good ? OK : DENIED;
}

static int tell_locked(const char *folder, pid_t holder)
{
    log_error("the state folder %s is in use by another onym (pid %d); stop it, or give this one "
              "a 'state' of its own",
              folder, (int)holder);
    return DENIED;
}

static int open_control(struct daemon *daemon, const struct options *options)
{
    const char *path = options->control;
    const struct privilege *privilege = &daemon->privilege;
    const char *slash = strrchr(path, '/');
    if (slash && slash > path) {
        char *folder = memory_format("%.*s", (int)(slash - path), path);
        int made = privilege_make_folder(folder, privilege);
        free(folder);
        if (made < 0 && made != -EEXIST)
            log_warning("cannot make the folder of the control socket %s: %s", path,
                        strerror(-made));
    }
    pid_t holder;
    int failed = control_open(&daemon->control, path, privilege->user, privilege->group, &holder);
    if (failed == -EADDRINUSE && holder) {
        log_error("the control socket %s is in use by another onym (pid %d); stop it, or give this "
                  "one a 'control' of its own",
                  path, (int)holder);
        return DENIED;
    }
    if (failed)
        log_warning("no control socket: %s: %s; 'onym ctl' cannot reach this daemon", path,
                    strerror(-failed));
    return OK;
}

// --- start

// Blocked from the first moment, so that none is lost or ends us half way, and before any thread
// is, so that no thread takes them: they wait for the loop.
static sigset_t block_signals(void)
{
    static const int wanted[] = {SIGHUP, SIGTERM, SIGINT, SIGUSR1};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        sigaddset(&set, wanted[i]);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    return set;
}

static int open_signals(struct daemon *daemon, const sigset_t *blocked)
{
    daemon->signals = signalfd(-1, blocked, SFD_CLOEXEC | SFD_NONBLOCK);
    if (daemon->signals < 0)
        return -errno;
    return loop_add(&daemon->loop, daemon->signals, EPOLLIN,
                    (struct loop_tag){.kind = DAEMON_SIGNAL});
}

static int open_loop(struct daemon *daemon, const sigset_t *blocked)
{
    int failed = loop_open(&daemon->loop);
    if (!failed)
        failed = open_signals(daemon, blocked);
    if (!failed)
        failed = control_attach(&daemon->control, &daemon->loop, DAEMON_CONTROL, DAEMON_CLIENT);
    if (failed)
        log_error("cannot wait for events: %s", strerror(-failed));
    return failed ? FAILED : OK;
}

// Who could not lock the state folder is not alone in it, and keeps nothing there.
static void open_store(struct daemon *daemon, const struct options *options)
{
    if (daemon->state.lock < 0)
        return;
    char *folder = memory_format("%s/zones", options->state);
    daemon->store = store_open(folder, &daemon->state.hash);
    free(folder);
}

// Houses come and go; the cache stays. A server for its own zones alone does without.
static int open_cache(struct daemon *daemon, const struct options *options)
{
    struct cache_options cache = {.secret = daemon->state.hash};
    if (!house_may_resolve(options))
        return OK;
    options_cache(options, &cache);
    daemon->cache = cache_open(&cache);
    daemon->servers = servers_open(SERVERS_MAX, &daemon->state.hash);
    daemon->cache_octets = cache.octets;
    if (daemon->cache && daemon->servers)
        return OK;
    log_error("there is no memory for a cache of %zu MiB; give it less, as in 'cache: {size: "
              "64MiB}'",
              cache.octets >> 20);
    return FAILED;
}

// A server that could not be reached over the old network may be over the new one.
static void watch_routes(struct daemon *daemon)
{
    if (!daemon->servers)
        return;
    int failed = routes_watch(&daemon->routes, &daemon->loop, DAEMON_ROUTES);
    if (failed)
        log_info("changes of the network are not told to us (%s): servers that could not be "
                 "reached are tried again in their own time",
                 strerror(-failed));
}

static void begin_keeping(struct daemon *daemon, const struct options *options)
{
    if (!daemon->cache || daemon->state.lock < 0)
        return;
    daemon->cache_path = memory_format("%s/cache", options->state);
    if (options->cache.keep)
        daemon->keeping = keeping_begin(daemon->cache, daemon->cache_path);
}

// Who is not alone in the state folder keeps no history there.
static void open_changing(struct daemon *daemon, const struct options *options)
{
    char *path = daemon->state.lock < 0 ? NULL : memory_format("%s/history", options->state);
    daemon->changing = changing_open(path, &daemon->loop, &daemon->state.hash);
    daemon->forwarding = forwarding_open(&daemon->loop);
    free(path);
}

static int prepare(struct daemon *daemon, const struct options *options)
{
    sigset_t blocked = block_signals();
    raise_descriptors();
    find_cpus(daemon, options);
    int code = find_user(daemon, options);
    if (code)
        return code;
    pid_t holder;
    sockets_inherit(&daemon->inherited);
    if (state_prepare(options->state, &daemon->privilege, &holder) < 0)
        return tell_locked(options->state, holder);
    code = check_sockets(daemon, options);
    if (!code)
        code = open_control(daemon, options);
    if (code)
        return code;
    int failed = privilege_drop(&daemon->privilege);
    if (failed) {
        log_error("cannot become user '%s': %s", daemon->privilege.name, strerror(-failed));
        return DENIED;
    }
    if (state_open(&daemon->state, options->state, &holder) < 0)
        return tell_locked(options->state, holder);
    notify_open(&daemon->notify);
    code = open_loop(daemon, &blocked);
    if (code)
        return code;
    code = open_cache(daemon, options);
    if (code)
        return code;
    watch_routes(daemon);
    begin_keeping(daemon, options);
    nearby_open(&daemon->nearby, &daemon->loop, DAEMON_NEARBY, &daemon->state.hash);
    daemon->census = census_make(TCP_PER_ADDRESS_MAX);
    open_store(daemon, options);
    open_changing(daemon, options);
    daemon->loader =
        loader_make(daemon->cpu_count, &daemon->loop, &daemon->state.hash, daemon->store);
    return OK;
}

// --- houses and workers

// TCP connections for each worker: what the descriptors allow.
static uint32_t share_descriptors(const struct daemon *daemon, const struct house *house)
{
    struct rlimit limit = {.rlim_cur = 1024};
    getrlimit(RLIMIT_NOFILE, &limit);
    uint64_t taken = DESCRIPTORS_SPARE + (uint64_t)house->listeners.count * daemon->workers_wanted;
    uint64_t share = limit.rlim_cur > taken ? (limit.rlim_cur - taken) / daemon->workers_wanted : 0;
    if (share >= TCP_CONNECTIONS_MAX)
        return TCP_CONNECTIONS_MAX;
    if (share < CONNECTIONS_AT_LEAST)
        share = CONNECTIONS_AT_LEAST;
    log_debug("the limit of %" PRIu64 " descriptors allows %" PRIu64 " connections for each worker",
              (uint64_t)limit.rlim_cur, share);
    return (uint32_t)share;
}

static int start_workers(struct daemon *daemon, const struct house *house)
{
    uint32_t connections_max = share_descriptors(daemon, house);
    daemon->workers = memory_get_zeroed(daemon->workers_wanted, sizeof *daemon->workers);
    if (daemon->cache && daemon->workers_wanted > 1) {
        daemon->flights = flights_make(daemon->workers_wanted);
        daemon->bells = bells_make(daemon->workers_wanted);
    }
    for (unsigned i = 0; i < daemon->workers_wanted; i++) {
        struct worker_options options = {
            .index = i,
            .cpu = daemon->cpus[i % daemon->cpu_count],
            .current = &daemon->current,
            .census = daemon->census,
            .connections_max = connections_max,
            .cache = daemon->cache,
            .servers = daemon->servers,
            .secret = &daemon->state.hash,
            .flights = daemon->flights,
            .bells = daemon->bells,
            .main = &daemon->loop,
            .changing = daemon->changing,
            .forwarding = daemon->forwarding,
        };
        int error;
        daemon->workers[i] = worker_start(&options, &error);
        if (!daemon->workers[i]) {
            log_error("cannot start worker %u: %s", i, strerror(-error));
            return FAILED;
        }
        daemon->worker_count++;
    }
    return OK;
}

int daemon_move_in(struct daemon *daemon, struct house *house)
{
    struct house *old = atomic_exchange(&daemon->current, house);
    if (!old)
        return start_workers(daemon, house);
    for (unsigned i = 0; i < daemon->worker_count; i++)
        worker_ring(daemon->workers[i]);
    epoch_retire(house_free, old);
    return OK;
}

bool daemon_settled(struct daemon *daemon)
{
    const struct house *house = daemon_house(daemon);
    for (unsigned i = 0; i < daemon->worker_count; i++)
        if (worker_house(daemon->workers[i]) != house->number)
            return false;
    return true;
}

void daemon_stats(const struct daemon *daemon, struct stats *sum)
{
    for (unsigned i = 0; i < daemon->worker_count; i++)
        worker_stats(daemon->workers[i], sum);
}

// --- the loop

static void take_signals(struct daemon *daemon)
{
    struct signalfd_siginfo signal;
    while (read(daemon->signals, &signal, sizeof signal) == (ssize_t)sizeof signal) {
        switch (signal.ssi_signo) {
        case SIGHUP: rebuild_ask(daemon); break;
        case SIGUSR1: announce_state(daemon); break;
        default: daemon->ended = true;
        }
    }
}

static void take_event(struct daemon *daemon, unsigned event, uint64_t now_ms)
{
    uint32_t ready;
    struct loop_tag tag = loop_event(&daemon->loop, event, &ready);
    struct control_client *client;
    switch ((enum daemon_source)tag.kind) {
    case DAEMON_BELL: break; // rebuild_step looks what there is
    case DAEMON_SIGNAL: take_signals(daemon); break;
    case DAEMON_NEARBY: nearby_event(&daemon->nearby, now_ms); break;
    case DAEMON_NOTICES: notifying_take(daemon, tag); break;
    case DAEMON_FETCHES: fetching_take(daemon, tag, now_ms); break;
    case DAEMON_FORWARDS: forwarding_take(daemon, tag, now_ms); break;
    case DAEMON_CHECKER: break; // checking_step takes them
    case DAEMON_ROUTES: routes_take(&daemon->routes, now_ms); break;
    case DAEMON_CONTROL: control_accept(&daemon->control, now_ms); break;
    case DAEMON_CLIENT:
        client = control_read(&daemon->control, tag, ready, now_ms);
        if (client)
            commands_run(daemon, client);
        break;
    }
}

static int sooner(int a_ms, int b_ms)
{
    if (a_ms < 0 || b_ms < 0)
        return a_ms < 0 ? b_ms : a_ms;
    return a_ms < b_ms ? a_ms : b_ms;
}

// As long as all workers come round the watchdog is fed; and a slow start asks for more time.
static int keep_notified(struct daemon *daemon, uint64_t now_ms)
{
    struct notify *notify = &daemon->notify;
    int next_ms = -1;
    if (notify->watchdog_ms && now_ms >= daemon->watchdog_due_ms) {
        bool stuck = false;
        for (unsigned i = 0; i < daemon->worker_count; i++)
            stuck |= worker_is_stuck(daemon->workers[i]);
        if (!stuck)
            notify_send(notify, "WATCHDOG=1");
        daemon->watchdog_due_ms = now_ms + notify->watchdog_ms;
    }
    if (notify->watchdog_ms)
        next_ms = (int)(daemon->watchdog_due_ms - now_ms);
    if (daemon_house(daemon) || notify->fd < 0)
        return next_ms;
    if (now_ms >= daemon->extend_due_ms) {
        char text[PROGRESS_TEXT_MAX];
        struct loader_progress loading = rebuild_measure(daemon);
        progress_print(&daemon->progress, &loading, text);
        notify_send(notify, "EXTEND_TIMEOUT_USEC=%d\nSTATUS=Loading zones %s", EXTEND_BY_US, text);
        daemon->extend_due_ms = now_ms + EXTEND_EVERY_MS;
    }
    return sooner(next_ms, (int)(daemon->extend_due_ms - now_ms));
}

// Once every zone of the start has been tried nothing more is asked of the images of earlier runs.
static void settle_store(struct daemon *daemon)
{
    if (!daemon->store || daemon->store_settled || !daemon_house(daemon) || daemon->rebuild.next ||
        daemon->rebuild.late)
        return;
    store_settle(daemon->store);
    daemon->store_settled = true;
}

static void follow_network(struct daemon *daemon, uint64_t now_ms)
{
    if (!routes_have_changed(&daemon->routes, now_ms))
        return;
    log_info("the network has changed: servers that could not be reached are tried again");
    servers_revive(daemon->servers);
}

static void run_loop(struct daemon *daemon)
{
    while (!daemon->ended) {
        bool waiting = !daemon_house(daemon);
        // Looked at before anybody acts on it: workers may move in at any moment, and who found
        // them on their way just now must be asked again, not slept over.
        bool was_settled = daemon_settled(daemon);
        rebuild_step(daemon);
        bool settled = daemon_settled(daemon);
        if (daemon->ended)
            break;
        if (waiting && daemon_house(daemon))
            announce_start(daemon);
        settle_store(daemon);
        changing_step(daemon, settled);
        commands_step(daemon);
        uint64_t now_ms = clock_now_ms();
        follow_network(daemon, now_ms);
        checking_step(&daemon->checking, now_ms);
        flattening_step(daemon, now_ms);
        notifying_step(daemon, now_ms);
        fetching_step(daemon, now_ms);
        forwarding_step(daemon, now_ms);
        int timeout_ms = sooner(rebuild_timeout_ms(daemon), control_rest(&daemon->control, now_ms));
        timeout_ms = sooner(timeout_ms, routes_rest(&daemon->routes, now_ms));
        timeout_ms = sooner(timeout_ms, checking_rest(&daemon->checking, now_ms));
        timeout_ms = sooner(timeout_ms, flattening_rest(&daemon->flattening, now_ms));
        timeout_ms = sooner(timeout_ms, fetching_rest(&daemon->fetching, now_ms));
        timeout_ms = sooner(timeout_ms, forwarding_rest(daemon->forwarding, now_ms));
        timeout_ms = sooner(timeout_ms, listing_rest(&daemon->listing, now_ms));
        timeout_ms = sooner(timeout_ms, keep_notified(daemon, now_ms));
        timeout_ms =
            sooner(timeout_ms, was_settled && settled ? notifying_rest(&daemon->notifying, now_ms)
                                                      : SETTLING_MS);
        unsigned count = loop_wait(&daemon->loop, timeout_ms);
        now_ms = clock_now_ms();
        for (unsigned i = 0; i < count; i++)
            take_event(daemon, i, now_ms);
    }
}

// --- stop

static void stop_workers(struct daemon *daemon)
{
    for (unsigned i = 0; i < daemon->worker_count; i++)
        worker_stop(daemon->workers[i]);
    for (unsigned i = 0; i < daemon->worker_count; i++)
        worker_join(daemon->workers[i]);
    for (unsigned i = 0; i < daemon->worker_count; i++)
        worker_free(daemon->workers[i]);
    flights_free(daemon->flights);
    bells_free(daemon->bells);
    commands_resolve_free(daemon);
    free(daemon->workers);
}

// Nobody reads it any more. What is half read is waited for: it would be lost else.
static void close_cache(struct daemon *daemon, bool keep)
{
    commands_cache_free(daemon);
    keeping_end(daemon->keeping);
    if (keep && daemon->cache_path)
        keeping_save(daemon->cache, daemon->cache_path);
    free(daemon->cache_path);
    cache_close(daemon->cache);
    servers_close(daemon->servers);
}

static void stop(struct daemon *daemon)
{
    bool keep = daemon_house(daemon) && daemon_house(daemon)->options->cache.keep;
    progress_end(&daemon->progress);
    notify_send(&daemon->notify, "STOPPING=1\nSTATUS=stopping");
    if (daemon_house(daemon))
        log_info("stopping");
    stop_workers(daemon);
    rebuild_free(daemon);
    struct house *last = atomic_exchange(&daemon->current, NULL);
    if (last)
        house_free(last);
    epoch_drain();
    close_cache(daemon, keep);
    nearby_close(&daemon->nearby);
    surveying_end(daemon->surveying);
    checking_close(&daemon->checking);
    flattening_free(&daemon->flattening);
    notifying_close(daemon);
    fetching_close(daemon);
    forwarding_close(daemon);
    routes_unwatch(&daemon->routes);
    changing_close(daemon);
    cataloguing_free(&daemon->cataloguing);
    if (daemon->loader)
        loader_end(daemon->loader);
    store_close(daemon->store);
    for (size_t i = 0; i < daemon->inherited.count; i++)
        listener_release(daemon->inherited.list[i]);
    free(daemon->inherited.list);
    free(daemon->census);
    // Who told us to stop waits for the end of the connection, and may start another daemon then:
    // socket and lock are gone before, the socket first, as it is ours only under the lock.
    control_leave(&daemon->control);
    state_close(&daemon->state);
    control_close(&daemon->control);
    loop_close(&daemon->loop);
    if (daemon->signals >= 0)
        close(daemon->signals);
    notify_close(&daemon->notify);
}

// --- without serving

static int check(const struct options *options, bool colour)
{
    struct report report = {0};
    struct hash_key secret = {{0, 0}}; // nobody asks these zones anything
    struct zone_load_options load = {.secret = &secret};
    for (size_t i = 0; i < options->zone_count; i++) {
        if (!*options->zones[i].file)
            continue; // what it is stands with its primaries
        load.zonemd = options->zones[i].zonemd;
        load.make = options->zones[i].make;
        zone_release(
            zone_load(house_zone_name(options, i), options->zones[i].file, &load, &report));
    }
    if (options->resolve.root_copy.path) {
        load.zonemd = options->resolve.root_copy_zonemd;
        load.make = ZONEMD_HASH_NONE;
        zone_release(zone_load(NAME_ROOT, options->resolve.root_copy.path, &load, &report));
    }
    report_print(&report, stderr, colour);
    int code = report.errors ? USAGE : OK;
    if (code == OK)
        fprintf(stderr, "good: the configuration and %zu zone%s\n", options->zone_count,
                options->zone_count == 1 ? "" : "s");
    report_free(&report);
    return code;
}

static int serve(const struct daemon_arguments *arguments, struct options *options)
{
    struct daemon *daemon = memory_get_zeroed(1, sizeof *daemon);
    daemon->arguments = arguments;
    daemon->began_us = clock_now_us();
    daemon->began_date_s = clock_date_s();
    daemon->signals = daemon->loop.epoll = daemon->loop.bell = -1;
    daemon->control.fd = daemon->notify.fd = daemon->state.lock = -1;
    daemon->routes.fd = daemon->nearby.watching.fd = -1;
    log_open(options->log.level);
    checking_open(&daemon->checking, &daemon->loop, DAEMON_CHECKER);
    daemon->exit = prepare(daemon, options);
    if (daemon->exit == OK) {
        daemon->surveying = surveying_begin(&daemon->loop);
        rebuild_start(daemon, options);
        run_loop(daemon);
    } else {
        options_free(options);
    }
    stop(daemon);
    int code = daemon->exit;
    free(daemon);
    return code;
}

int daemon_run(const struct daemon_arguments *arguments)
{
    struct report report = {0};
    struct options *options = options_read(arguments->path, &report);
    report_print(&report, stderr, arguments->colour);
    report_free(&report);
    if (!options)
        return USAGE;
    if (!arguments->check)
        return serve(arguments, options);
    int code = check(options, arguments->colour);
    options_free(options);
    return code;
}
