// The loader threads (loader.h).
//
// A load is in exactly one of four lists: queue (first come, first served), running, done, taken.
// Lists and times are under the lock, but for `taken`, which is the main thread's: it takes all
// that is done at once. zone_load runs without the lock.
//
// A fifth list, the main thread's too, has loads that are over: to free each of a million was 9 %
// of the main thread's time. It is empty again when nothing is left to do.
#include "daemon/loader.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "zone/store.h"

// A load beside a server that answers: at once like everybody else, for most zones are small; what
// takes longer gives way.
#define GENTLY_AFTER_MS 1000
#define GENTLY_NICE     10

#define TEXTS_USUAL 128 // octets of a name and a path; loads with more are not used again

// The main thread is rung when the queue is empty, for a load that took this long, and this often
// between: small zones are read in a hundredth of it, and to wake somebody takes as long as to read
// one.
#define RING_MS 10

static void append(struct load_list *list, struct load *load)
{
    load->next = NULL;
    load->before = list->last;
    if (list->last)
        list->last->next = load;
    else
        list->first = load;
    list->last = load;
    list->count++;
}

static void take_out(struct load_list *list, struct load *load)
{
    if (load->before)
        load->before->next = load->next;
    else
        list->first = load->next;
    if (load->next)
        load->next->before = load->before;
    else
        list->last = load->before;
    list->count--;
}

struct loader *loader_make(unsigned threads_max, struct loop *loop, const struct hash_key *secret,
                           struct store *store)
{
    struct loader *loader = memory_get_zeroed(1, sizeof *loader);
    pthread_mutex_init(&loader->lock, NULL);
    loader->threads_max = threads_max;
    loader->threads_allowed = threads_max;
    loader->loop = loop;
    loader->secret = *secret;
    loader->store = store ? store_hold(store) : NULL;
    return loader;
}

static void tell(struct parse_progress *progress, uint64_t octets_read, uint64_t octets_total)
{
    struct load *load = (struct load *)progress;
    atomic_store_explicit(&load->octets_read, octets_read, memory_order_relaxed);
    atomic_store_explicit(&load->octets_total, octets_total, memory_order_relaxed);
}

static void read_zone(const struct loader *loader, struct load *load)
{
    if (!*load->path) { // history may have it, or its primary will (changing.h)
        load->zone = zone_empty(load->origin, "", ZONE_LOADING, NULL);
        return;
    }
    struct zone_load_options options = {
        .zonemd = load->zonemd,
        .make = load->make,
        .threads = load->threads,
        .secret = &loader->secret,
        .store = loader->store,
        .progress = &load->progress,
    };
    load->zone = zone_load(load->origin, load->path, &options, &load->report);
}

static void empty(struct load *load)
{
    zone_release(load->zone);
    report_free(&load->report);
    load->zone = NULL;
    load->report = (struct report){0};
}

static void free_load(struct load *load)
{
    empty(load);
    free(load);
}

static void free_list(struct load_list *list)
{
    struct load *load = list->first;
    *list = (struct load_list){0};
    while (load) {
        struct load *next = load->next;
        free_load(load);
        load = next;
    }
}

// Under the lock, which ends here. Whoever leaves last, a thread or loader_end(), puts out the
// light.
static void leave(struct loader *loader)
{
    bool last = !loader->loop && loader->threads == 0;
    if (last) {
        free_list(&loader->queue);
        free_list(&loader->done);
    }
    pthread_mutex_unlock(&loader->lock);
    if (!last)
        return;
    pthread_mutex_destroy(&loader->lock);
    store_release(loader->store);
    free(loader);
}

static uint64_t measure_cpu_ms(clockid_t clock)
{
    struct timespec used = {0};
    clock_gettime(clock, &used);
    return (uint64_t)used.tv_sec * 1000 + (uint64_t)used.tv_nsec / 1000000;
}

static bool is_slow(const struct load *load, uint64_t now_ms)
{
    return now_ms > load->began_ms + ZONE_PATIENCE_MS; // it may have begun after `now_ms`
}

// Slow, but not from work: measured from when somebody first looked, since the clock of a thread
// costs a system call and most loads are over before anybody does.
static bool hangs(struct load *load, uint64_t now_ms)
{
    uint64_t cpu_ms = measure_cpu_ms(load->cpu);
    if (!load->seen_ms) {
        load->seen_ms = now_ms;
        load->cpu_seen_ms = cpu_ms;
    }
    return is_slow(load, now_ms) && (cpu_ms - load->cpu_seen_ms) * 10 < now_ms - load->seen_ms;
}

// Under the lock: how many threads there may be. A slow load has one started in its place; one that
// hangs has two, so that many files of one dead server are through soon.
static size_t allow_threads(const struct loader *loader, uint64_t now_ms)
{
    size_t more = 0;
    for (struct load *load = loader->running.first; load; load = load->next)
        more += (size_t)is_slow(load, now_ms) + hangs(load, now_ms);
    return loader->threads_max + (more < LOADERS_SLOW_MAX ? more : LOADERS_SLOW_MAX);
}

// Under the lock, after a load.
static void ring(struct loader *loader, const struct load *load)
{
    uint64_t now_ms = clock_now_ms();
    if (!loader->loop || (loader->queue.first && now_ms < load->began_ms + RING_MS &&
                          now_ms < loader->rung_ms + RING_MS))
        return;
    loader->rung_ms = now_ms;
    loop_ring(loader->loop);
}

// Under the lock. A single large zone at the start has all CPUs; beside a server that answers, or
// other zones, it has its one thread.
static unsigned count_threads(const struct loader *loader, const struct load *load)
{
    size_t loads = loader->queue.count + loader->running.count + 1;
    return load->gently || loads >= loader->threads_max ? 1 : loader->threads_max / (unsigned)loads;
}

static void *run(void *argument)
{
    struct loader *loader = argument;
    pid_t thread = (pid_t)syscall(SYS_gettid);
    clockid_t cpu;
    pthread_getcpuclockid(pthread_self(), &cpu);
    pthread_mutex_lock(&loader->lock);
    struct load *load;
    while ((load = loader->queue.first) && loader->threads <= loader->threads_allowed) {
        take_out(&loader->queue, load);
        load->began_ms = clock_now_ms();
        load->thread = thread;
        load->cpu = cpu;
        load->seen_ms = 0;
        load->threads = count_threads(loader, load);
        append(&loader->running, load);
        pthread_mutex_unlock(&loader->lock);

        read_zone(loader, load);

        pthread_mutex_lock(&loader->lock);
        take_out(&loader->running, load);
        append(&loader->done, load);
        ring(loader, load);
    }
    loader->threads--;
    leave(loader);
    return NULL;
}

// Under the lock: as many threads as there is work for, and not more than there may be.
static void start_threads(struct loader *loader, uint64_t now_ms)
{
    size_t allowed = loader->threads_allowed = allow_threads(loader, now_ms);
    for (size_t queued = loader->queue.count; queued > 0 && loader->threads < allowed; queued--) {
        pthread_t thread;
        pthread_attr_t attributes;
        pthread_attr_init(&attributes);
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        int failed = pthread_create(&thread, &attributes, run, loader);
        pthread_attr_destroy(&attributes);
        if (failed) {
            log_error("cannot start a thread to load zones: %s", strerror(failed));
            break;
        }
        loader->threads++;
    }
}

static void enqueue(struct loader *loader, struct load *load)
{
    load->began_ms = 0;
    pthread_mutex_lock(&loader->lock);
    append(&loader->queue, load);
    if (loader->threads < loader->threads_max)
        start_threads(loader, clock_now_ms());
    pthread_mutex_unlock(&loader->lock);
}

static struct load *get_load(struct loader *loader, size_t texts_size)
{
    size_t room = texts_size < TEXTS_USUAL ? TEXTS_USUAL : texts_size;
    struct load *load = room == TEXTS_USUAL ? loader->spare.first : NULL;
    if (load)
        take_out(&loader->spare, load);
    else
        load = memory_get(sizeof *load + room);
    *load = (struct load){.room = room};
    return load;
}

void loader_drop(struct loader *loader, struct load *load)
{
    if (load->room != TEXTS_USUAL || loader->spare.count >= LOADS_QUEUED_MAX) {
        free_load(load);
        return;
    }
    empty(load);
    append(&loader->spare, load);
}

struct load *loader_add(struct loader *loader, const struct zone_option *zone, size_t index,
                        bool gently)
{
    size_t path_size = strlen(zone->file) + 1;
    struct load *load = get_load(loader, zone->size + path_size);
    load->progress.tell = tell;
    load->origin =
        (struct name){memcpy(load->texts, zone->wire, zone->size), zone->size, zone->labels};
    load->path = memcpy(load->texts + zone->size, zone->file, path_size);
    load->zonemd = zone->zonemd;
    load->make = zone->make;
    load->index = index;
    load->gently = gently;
    enqueue(loader, load);
    return load;
}

void loader_again(struct loader *loader, struct load *load)
{
    assert(!load->zone && load->report.count == 0);
    load->inherited = load->merged = false;
    enqueue(loader, load);
}

struct load *loader_take(struct loader *loader)
{
    if (!loader->taken.first) {
        pthread_mutex_lock(&loader->lock);
        loader->taken = loader->done;
        loader->done = (struct load_list){0};
        bool idle = !loader->taken.first && !loader->queue.first && !loader->running.first;
        pthread_mutex_unlock(&loader->lock);
        if (idle)
            free_list(&loader->spare);
    }
    struct load *load = loader->taken.first;
    if (load)
        take_out(&loader->taken, load);
    return load;
}

void loader_end(struct loader *loader)
{
    free_list(&loader->taken);
    free_list(&loader->spare);
    pthread_mutex_lock(&loader->lock);
    loader->loop = NULL;
    free_list(&loader->queue); // so that the threads find nothing more to do
    leave(loader);
}

// Under the lock: long loads give way to whoever answers.
static void make_gentle(struct loader *loader, uint64_t now_ms)
{
    for (struct load *load = loader->running.first; load; load = load->next)
        if (load->gently && now_ms > load->began_ms + GENTLY_AFTER_MS) {
            setpriority(PRIO_PROCESS, (id_t)load->thread, GENTLY_NICE);
            load->gently = false;
        }
}

size_t loader_count_slow(struct loader *loader, uint64_t now_ms)
{
    size_t slow = 0, slow_wanted = 0;
    pthread_mutex_lock(&loader->lock);
    start_threads(loader, now_ms);
    make_gentle(loader, now_ms);
    for (const struct load *load = loader->running.first; load; load = load->next) {
        slow += is_slow(load, now_ms);
        slow_wanted += is_slow(load, now_ms) && load->index != LOAD_UNWANTED;
    }
    // Slow loads hold all threads that there may ever be: what is in the queue waits for them.
    if (slow >= loader->threads_max + LOADERS_SLOW_MAX)
        for (const struct load *load = loader->queue.first; load; load = load->next)
            slow_wanted += load->index != LOAD_UNWANTED;
    pthread_mutex_unlock(&loader->lock);
    return slow_wanted;
}

struct loader_progress loader_measure(struct loader *loader)
{
    struct loader_progress sum = {0};
    pthread_mutex_lock(&loader->lock);
    sum.queued = loader->queue.count;
    for (struct load *load = loader->running.first; load; load = load->next) {
        if (load->index == LOAD_UNWANTED)
            continue;
        sum.running++;
        sum.octets_read += atomic_load_explicit(&load->octets_read, memory_order_relaxed);
        sum.octets_total += atomic_load_explicit(&load->octets_total, memory_order_relaxed);
    }
    pthread_mutex_unlock(&loader->lock);
    return sum;
}
