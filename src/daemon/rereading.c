// The thread that reads the configuration (rereading.h). `done` and `loop` are under the lock; the
// rest is the thread's until `done`, then the main thread's.
#include "daemon/rereading.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/memory.h"

struct rereading {
    pthread_mutex_t lock;
    bool done;
    struct loop *loop; // NULL: nobody listens any more
    char *path;
    struct geography *before; // held
    struct options *options;
    struct geography *geography; // of these options
    struct report report;
};

static void free_rereading(struct rereading *rereading)
{
    options_free(rereading->options);
    geography_release(rereading->geography);
    geography_release(rereading->before);
    report_free(&rereading->report);
    pthread_mutex_destroy(&rereading->lock);
    free(rereading->path);
    free(rereading);
}

// True: somebody still wants it.
static bool read_all(struct rereading *rereading)
{
    struct options *options = options_read(rereading->path, &rereading->report);
    if (options && options->routing.count) {
        rereading->geography = geography_make(options, rereading->before, &rereading->report);
        if (!rereading->geography) {
            options_free(options);
            options = NULL;
        }
    }
    rereading->options = options;
    pthread_mutex_lock(&rereading->lock);
    rereading->done = true;
    bool wanted = rereading->loop;
    if (wanted)
        loop_ring(rereading->loop);
    pthread_mutex_unlock(&rereading->lock);
    return wanted;
}

static void *run(void *argument)
{
    struct rereading *rereading = argument;
    if (!read_all(rereading))
        free_rereading(rereading);
    return NULL;
}

struct rereading *rereading_begin(const char *path, struct geography *geography, struct loop *loop)
{
    struct rereading *rereading = memory_get_zeroed(1, sizeof *rereading);
    pthread_mutex_init(&rereading->lock, NULL);
    rereading->loop = loop;
    rereading->before = geography ? geography_hold(geography) : NULL;
    rereading->path = path ? memory_copy_text(path) : NULL;
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (pthread_create(&thread, &attributes, run, rereading) != 0)
        (void)read_all(rereading); // without a thread of its own it is only in our way
    pthread_attr_destroy(&attributes);
    return rereading;
}

bool rereading_take(struct rereading *rereading, struct options **options,
                    struct geography **geography, struct report *report)
{
    pthread_mutex_lock(&rereading->lock);
    bool done = rereading->done;
    pthread_mutex_unlock(&rereading->lock);
    if (!done)
        return false;
    *options = rereading->options;
    *geography = rereading->geography;
    rereading->options = NULL;
    rereading->geography = NULL;
    report_move(report, &rereading->report);
    free_rereading(rereading);
    return true;
}

void rereading_abandon(struct rereading *rereading)
{
    pthread_mutex_lock(&rereading->lock);
    bool done = rereading->done;
    rereading->loop = NULL;
    pthread_mutex_unlock(&rereading->lock);
    if (done)
        free_rereading(rereading);
}
