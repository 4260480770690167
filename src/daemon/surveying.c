// Looking after databases of places (surveying.h). Everything but the thread itself is under the
// lock.
#include "daemon/surveying.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "base/memory.h"

#define LOOK_S 1 // between two looks at the files

struct surveying {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool ended;
    struct loop *loop;
    struct geography *watched; // held; NULL: none
    struct geography *newer;   // held; not yet taken
};

static void log_report(struct report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        const struct problem *problem = &report->problems[i];
        log_write(problem->severity == SEVERITY_ERROR ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING,
                  "%s: %s", problem->file ? problem->file : "places", problem->message);
    }
    if (report->errors)
        log_error("the databases of places were replaced and cannot be used; what was read before "
                  "stays");
    report_free(report);
}

// Waits a moment. False: it is the end. `watched` is held for the caller.
static bool rest(struct surveying *surveying, struct geography **watched)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += LOOK_S;
    pthread_mutex_lock(&surveying->lock);
    if (!surveying->ended)
        pthread_cond_timedwait(&surveying->changed, &surveying->lock, &until);
    bool goes_on = !surveying->ended;
    *watched = goes_on && surveying->watched ? geography_hold(surveying->watched) : NULL;
    pthread_mutex_unlock(&surveying->lock);
    return goes_on;
}

static void hand_over(struct surveying *surveying, const struct geography *old,
                      struct geography *newer)
{
    pthread_mutex_lock(&surveying->lock);
    bool wanted = surveying->watched == old && !surveying->ended;
    if (wanted) {
        geography_release(surveying->newer);
        surveying->newer = newer;
        loop_ring(surveying->loop);
    }
    pthread_mutex_unlock(&surveying->lock);
    if (!wanted)
        geography_release(newer);
}

static void *run(void *argument)
{
    struct surveying *surveying = argument;
    struct geography *watched;
    uint64_t before = 0, tried = 0; // how the files looked a moment ago, and when last read
    while (rest(surveying, &watched)) {
        struct report report = {0};
        uint64_t look = watched ? geography_look(watched) : 0;
        if (look && look == before && look != tried) {
            struct geography *newer = geography_remake(watched, &report);
            if (newer)
                hand_over(surveying, watched, newer);
            tried = look;
            log_report(&report);
        }
        before = look;
        geography_release(watched);
    }
    return NULL;
}

struct surveying *surveying_begin(struct loop *loop)
{
    struct surveying *surveying = memory_get_zeroed(1, sizeof *surveying);
    pthread_mutex_init(&surveying->lock, NULL);
    pthread_cond_init(&surveying->changed, NULL);
    surveying->loop = loop;
    if (pthread_create(&surveying->thread, NULL, run, surveying) == 0)
        return surveying;
    log_warning("no thread looks after the databases of places: they are read at a reload only");
    pthread_cond_destroy(&surveying->changed);
    pthread_mutex_destroy(&surveying->lock);
    free(surveying);
    return NULL;
}

void surveying_watch(struct surveying *surveying, struct geography *geography)
{
    pthread_mutex_lock(&surveying->lock);
    geography_release(surveying->watched);
    geography_release(surveying->newer);
    surveying->watched = geography ? geography_hold(geography) : NULL;
    surveying->newer = NULL;
    pthread_mutex_unlock(&surveying->lock);
}

struct geography *surveying_take(struct surveying *surveying)
{
    pthread_mutex_lock(&surveying->lock);
    struct geography *newer = surveying->newer;
    surveying->newer = NULL;
    pthread_mutex_unlock(&surveying->lock);
    return newer;
}

void surveying_end(struct surveying *surveying)
{
    if (!surveying)
        return;
    pthread_mutex_lock(&surveying->lock);
    surveying->ended = true;
    pthread_cond_signal(&surveying->changed);
    pthread_mutex_unlock(&surveying->lock);
    pthread_join(surveying->thread, NULL);
    geography_release(surveying->watched);
    geography_release(surveying->newer);
    pthread_cond_destroy(&surveying->changed);
    pthread_mutex_destroy(&surveying->lock);
    free(surveying);
}
