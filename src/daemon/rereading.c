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
    struct options *options;
    struct report report;
};

static void free_rereading(struct rereading *reading)
{
    options_free(reading->options);
    report_free(&reading->report);
    pthread_mutex_destroy(&reading->lock);
    free(reading->path);
    free(reading);
}

// True: somebody still wants it.
static bool read_all(struct rereading *rereading)
{
    rereading->options = options_read(rereading->path, &rereading->report);
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

struct rereading *rereading_begin(const char *path, struct loop *loop)
{
    struct rereading *reading = memory_get_zeroed(1, sizeof *reading);
    pthread_mutex_init(&reading->lock, NULL);
    reading->loop = loop;
    reading->path = path ? memory_copy_text(path) : NULL;
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (pthread_create(&thread, &attributes, run, reading) != 0)
        run(reading); // without a thread of its own it is only in our way
    pthread_attr_destroy(&attributes);
    return reading;
}

bool rereading_take(struct rereading *reading, struct options **options, struct report *report)
{
    pthread_mutex_lock(&reading->lock);
    bool done = reading->done;
    pthread_mutex_unlock(&reading->lock);
    if (!done)
        return false;
    *options = reading->options;
    reading->options = NULL;
    report_move(report, &reading->report);
    free_rereading(reading);
    return true;
}

void rereading_abandon(struct rereading *reading)
{
    pthread_mutex_lock(&reading->lock);
    bool done = reading->done;
    reading->loop = NULL;
    pthread_mutex_unlock(&reading->lock);
    if (done)
        free_rereading(reading);
}
