// The cache kept (keeping.h).
#include "daemon/keeping.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "cache/snapshot.h"

struct keeping {
    pthread_t thread;
    struct cache *cache;
    char *path;
};

static struct snapshot_times read_clocks(void)
{
    return (struct snapshot_times){.now_s = (uint32_t)(clock_now_ms() / 1000),
                                   .date_s = clock_date_s()};
}

static void *load(void *argument)
{
    struct keeping *keeping = argument;
    struct snapshot_times times = read_clocks();
    struct snapshot_loaded loaded = {0};
    uint64_t began_ms = clock_now_ms();
    enum snapshot_result result = cache_load(keeping->cache, keeping->path, &times, &loaded);
    const char *problem = snapshot_problem(result);
    if (problem)
        log_warning("the cache of the last run, %s, %s%s%s; it begins empty", keeping->path,
                    problem, loaded.error ? ": " : "", loaded.error ? strerror(-loaded.error) : "");
    else if (result == SNAPSHOT_LOADED)
        log_info("cache: %" PRIu64 " entries of the last run, %" PRIu64 " whose time was over "
                 "(%" PRIu64 " ms)",
                 loaded.entries, loaded.over, clock_now_ms() - began_ms);
    return NULL;
}

struct keeping *keeping_begin(struct cache *cache, const char *path)
{
    struct keeping *keeping = memory_get_zeroed(1, sizeof *keeping);
    keeping->cache = cache;
    keeping->path = memory_copy_text(path);
    int failed = pthread_create(&keeping->thread, NULL, load, keeping);
    if (!failed)
        return keeping;
    log_warning("the cache of the last run is not read: %s", strerror(failed));
    free(keeping->path);
    free(keeping);
    return NULL;
}

void keeping_end(struct keeping *keeping)
{
    if (!keeping)
        return;
    pthread_join(keeping->thread, NULL);
    free(keeping->path);
    free(keeping);
}

void keeping_save(const struct cache *cache, const char *path)
{
    struct snapshot_times times = read_clocks();
    uint64_t entries = 0, began_ms = clock_now_ms();
    int failed = cache_save(cache, path, &times, &entries);
    if (failed)
        log_warning("the cache is not kept: %s: %s", path, strerror(-failed));
    else
        log_info("cache: %" PRIu64 " entries kept (%" PRIu64 " ms)", entries,
                 clock_now_ms() - began_ms);
}
