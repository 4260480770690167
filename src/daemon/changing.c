// Changes on their way (changing.h). The two lists and what is counted are under the lock; the
// writer works without it.
#include "daemon/changing.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "daemon/amending.h"
#include "daemon/daemon.h"
#include "daemon/house.h"
#include "daemon/loader.h"
#include "daemon/rebuild.h"
#include "serve/update.h"

// Where all cores are busy, questions come first: a change has a third of a worker's share.
#define WRITER_NICE 5

struct line {
    struct amendment *first, *last;
};

struct changing {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wanted;
    struct line queue, done;
    size_t octets; // of messages in the queue
    bool ended;
    bool settled; // all that was done is served
    struct loop *loop;
    struct hash_key secret;
    struct amending amending;
    // The main thread's.
    struct line serving; // their versions are in the house
    uint64_t updates[RCODE_NOTZONE + 1];
};

// --- lists ---------------------------------------------------------------------------------------

static void append(struct line *line, struct amendment *amendment)
{
    amendment->next = NULL;
    if (line->last)
        line->last->next = amendment;
    else
        line->first = amendment;
    line->last = amendment;
}

static struct amendment *take_all(struct line *line)
{
    struct amendment *first = line->first;
    *line = (struct line){0};
    return first;
}

// --- the writer ----------------------------------------------------------------------------------

// All that waits; NULL: it is the end. With nothing in the queue and all that was made served, the
// newest versions are those that will come with the next wish.
static struct amendment *wait(struct changing *changing)
{
    pthread_mutex_lock(&changing->lock);
    while (!changing->queue.first && !changing->ended) {
        if (changing->settled)
            amending_forget(&changing->amending);
        changing->settled = false;
        pthread_cond_wait(&changing->wanted, &changing->lock);
    }
    struct amendment *list = changing->ended ? NULL : take_all(&changing->queue);
    changing->octets = 0;
    changing->settled = false;
    pthread_mutex_unlock(&changing->lock);
    return list;
}

static void *run(void *argument)
{
    struct changing *changing = argument;
    struct amendment *list;
    pthread_setname_np(pthread_self(), "onym/writer");
    setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), WRITER_NICE);
    while ((list = wait(changing))) {
        amending_run(&changing->amending, list);
        pthread_mutex_lock(&changing->lock);
        while (list) {
            struct amendment *next = list->next;
            append(&changing->done, list);
            list = next;
        }
        changing->settled = false; // these are not served yet
        pthread_mutex_unlock(&changing->lock);
        loop_ring(changing->loop);
    }
    amending_forget(&changing->amending);
    return NULL;
}

struct changing *changing_open(const char *path, struct loop *loop, const struct hash_key *secret)
{
    struct changing *changing = memory_get_zeroed(1, sizeof *changing);
    char *problem = NULL;
    pthread_mutex_init(&changing->lock, NULL);
    pthread_cond_init(&changing->wanted, NULL);
    changing->loop = loop;
    changing->secret = *secret;
    changing->amending.secret = &changing->secret;
    changing->amending.history = path ? history_open(path, &problem) : NULL;
    if (problem)
        log_error("the history of zones cannot be used: %s: %s; changes are refused", path,
                  problem);
    free(problem);
    int failed = pthread_create(&changing->thread, NULL, run, changing);
    if (failed) {
        log_error("cannot start the thread that writes zones: %s", strerror(failed));
        exit(1);
    }
    return changing;
}

static void drop(struct daemon *daemon, struct amendment *list)
{
    while (list) {
        struct amendment *next = list->next;
        if (list->load)
            loader_drop(daemon->loader, list->load);
        amendment_free(list);
        list = next;
    }
}

void changing_close(struct daemon *daemon)
{
    struct changing *changing = daemon->changing;
    if (!changing)
        return;
    pthread_mutex_lock(&changing->lock);
    changing->ended = true;
    pthread_cond_signal(&changing->wanted);
    pthread_mutex_unlock(&changing->lock);
    pthread_join(changing->thread, NULL);
    drop(daemon, take_all(&changing->queue));
    drop(daemon, take_all(&changing->done));
    drop(daemon, take_all(&changing->serving));
    history_close(changing->amending.history);
    pthread_cond_destroy(&changing->wanted);
    pthread_mutex_destroy(&changing->lock);
    free(changing);
}

struct history *changing_history(struct changing *changing)
{
    return changing->amending.history;
}

// --- wishes --------------------------------------------------------------------------------------

bool changing_submit(struct changing *changing, struct amendment *amendment)
{
    pthread_mutex_lock(&changing->lock);
    bool room = amendment->size == 0 || changing->octets + amendment->size <= CHANGES_OCTETS_MAX;
    if (room) {
        changing->octets += amendment->size;
        append(&changing->queue, amendment);
        pthread_cond_signal(&changing->wanted);
    }
    pthread_mutex_unlock(&changing->lock);
    return room;
}

bool changing_update(struct changing *changing, struct update_want *want, const char *who,
                     const uint8_t *octets, unsigned worker)
{
    struct amendment *amendment =
        amendment_make(AMENDMENT_UPDATE, want->zone, want->view_name, who);
    amendment->change = CHANGE_UPDATE;
    amendment->view_number = want->view;
    amendment->serials = want->serials;
    amendment->make = want->make;
    amendment->policy = update_policy_hold(want->policy);
    amendment->admitted = want->admitted;
    amendment->octets = memory_get(want->size);
    memcpy(amendment->octets, octets, want->size);
    amendment->size = want->size;
    amendment->worker = worker;
    amendment->token = want->token;
    update_want_free(want);
    if (changing_submit(changing, amendment))
        return true;
    amendment_free(amendment);
    return false;
}

static const char *view_name(const struct options *options, unsigned view)
{
    return view ? options->views[view - 1].name : "";
}

// Only messages are counted, so there is always room for these.
static void submit(struct daemon *daemon, struct amendment *amendment)
{
    bool taken = changing_submit(daemon->changing, amendment);
    assert(taken);
    (void)taken;
}

// Has anybody but its file a say in what the zone is, or will secondaries want to know what has
// changed in it?
static bool is_wanted(struct daemon *daemon, const struct options *options, const struct load *load,
                      const struct zone *served)
{
    struct history *history = daemon->changing->amending.history;
    unsigned view = options->zones[load->index].view;
    if (served && served->state == ZONE_SERVED && load->zone->state == ZONE_SERVED &&
        served->image.serial != load->zone->image.serial)
        return true;
    return history &&
           history_keeps(history, (struct history_zone){view_name(options, view), load->origin});
}

bool changing_file(struct daemon *daemon, struct load *load)
{
    struct house *current = daemon_house(daemon), *next = daemon->rebuild.next;
    const struct options *options = next ? next->options : current->options;
    const struct zone_option *option = &options->zones[load->index];
    struct zone *served = current ? house_zone_of(current, load->origin, option->view) : NULL;
    if (load->merged || !daemon->changing || !is_wanted(daemon, options, load, served))
        return false;
    char *who = memory_format("file %s", load->path);
    struct amendment *amendment = amendment_make(AMENDMENT_FILE, served ? served : load->zone,
                                                 view_name(options, option->view), who);
    free(who);
    amendment->change = CHANGE_FILE;
    amendment->view_number = option->view;
    amendment->serials = option->serials;
    amendment->make = option->make;
    amendment->verify = option->zonemd;
    amendment->load = load;
    load->merged = true;
    submit(daemon, amendment);
    return true;
}

// Of a zone of the current house. NULL: there is none, and that is told.
static struct amendment *make_for(struct daemon *daemon, enum amendment_kind kind,
                                  const struct changing_wish *wish)
{
    static char problem[] = "the zone is gone";
    const struct amendment gone = {.verdict = CHANGING_REFUSED, .problem = problem};
    struct house *house = daemon_house(daemon);
    size_t index;
    if (!house || !house_find_in_view(house->options, wish->zone, wish->view, &index)) {
        wish->done(wish->context, &gone);
        free(wish->context);
        return NULL;
    }
    struct amendment *amendment = amendment_make(kind, house->zones[index].zone,
                                                 view_name(house->options, wish->view), wish->who);
    amendment->change = wish->change ? wish->change : CHANGE_TRANSFER;
    amendment->view_number = wish->view;
    amendment->serials = house->options->zones[index].serials;
    amendment->make = house->options->zones[index].make;
    amendment->verify = house->options->zones[index].zonemd;
    amendment->expire_s = wish->expire_s;
    amendment->done = wish->done;
    amendment->context = wish->context;
    return amendment;
}

void changing_whole(struct daemon *daemon, const struct changing_wish *wish,
                    struct records *records)
{
    struct amendment *amendment = make_for(daemon, AMENDMENT_WHOLE, wish);
    if (!amendment) {
        records_free(records);
        return;
    }
    amendment->records = *records;
    *records = (struct records){0};
    // The name is in the struct itself, and a move leaves it behind.
    amendment->records.origin.wire = amendment->records.origin_wire;
    submit(daemon, amendment);
}

void changing_diffs(struct daemon *daemon, const struct changing_wish *wish, struct diff *diffs,
                    size_t count)
{
    struct amendment *amendment = make_for(daemon, AMENDMENT_DIFFS, wish);
    if (amendment) {
        amendment->diffs = diffs;
        amendment->diff_count = count;
        submit(daemon, amendment);
        return;
    }
    for (size_t i = 0; i < count; i++)
        diff_free(&diffs[i]);
    free(diffs);
}

void changing_confirm(struct daemon *daemon, size_t index, uint64_t date_s)
{
    struct house *house = daemon_house(daemon);
    unsigned view = house->options->zones[index].view;
    struct amendment *amendment = amendment_make(AMENDMENT_CONFIRM, house->zones[index].zone,
                                                 view_name(house->options, view), "");
    amendment->view_number = view;
    amendment->confirmed_s = date_s;
    submit(daemon, amendment);
}

void changing_forget(struct daemon *daemon, struct name name, unsigned view)
{
    struct house *house = daemon_house(daemon);
    struct zone *there = house_zone_of(house, name, view);
    struct zone *zone = there ? zone_hold(there) : zone_empty(name, "", ZONE_EXPIRED, NULL);
    struct amendment *amendment =
        amendment_make(AMENDMENT_FORGET, zone, view_name(house->options, view), "");
    amendment->view_number = view;
    submit(daemon, amendment);
    zone_release(zone);
}

void changing_keep(struct changing *changing, uint64_t seconds, uint64_t octets)
{
    atomic_store_explicit(&changing->amending.size_max, octets, memory_order_relaxed);
    atomic_store_explicit(&changing->amending.keep_s, seconds, memory_order_relaxed);
}

// --- served --------------------------------------------------------------------------------------

// A house in the making may have taken the version before over.
static void replace_in_next(struct daemon *daemon, const struct amendment *amendment)
{
    struct house *next = daemon->rebuild.next;
    size_t index;
    if (!next || !house_find_in_view(next->options, amendment->after->origin,
                                     amendment->view_number, &index))
        return;
    struct house_zone *entry = &next->zones[index];
    if (!entry->zone || entry->zone->change >= amendment->after->change)
        return;
    zone_release(entry->zone);
    entry->zone = zone_hold(amendment->after);
}

static bool replace(struct daemon *daemon, const struct amendment *amendment)
{
    struct house *house = daemon_house(daemon);
    size_t index;
    replace_in_next(daemon, amendment);
    if (!house ||
        !house_find_in_view(house->options, amendment->after->origin, amendment->view_number,
                            &index) ||
        house->zones[index].zone == amendment->after)
        return false;
    if (notifying_is_news(house->zones[index].zone, amendment->after))
        (void)notifying_want(daemon, index);
    house_replace(house, index, zone_hold(amendment->after));
    return true;
}

// True: the house has changed.
static bool take(struct daemon *daemon, struct amendment *amendment)
{
    struct changing *changing = daemon->changing;
    bool changed = false;
    if (amendment->load) {
        struct load *load = amendment->load;
        amendment->load = NULL;
        changed = rebuild_take(daemon, load);
    } else if (amendment->after) {
        changed = replace(daemon, amendment);
    }
    append(&changing->serving, amendment);
    return changed;
}

bool changing_take(struct daemon *daemon)
{
    struct changing *changing = daemon->changing;
    bool changed = false;
    if (!changing)
        return false;
    pthread_mutex_lock(&changing->lock);
    struct amendment *list = take_all(&changing->done);
    pthread_mutex_unlock(&changing->lock);
    while (list) {
        struct amendment *next = list->next;
        changed |= take(daemon, list);
        list = next;
    }
    return changed;
}

static void tell(struct daemon *daemon, struct amendment *amendment)
{
    if (amendment->kind == AMENDMENT_UPDATE) {
        enum rcode rcode = amendment->outcome.rcode;
        daemon->changing->updates[rcode <= RCODE_NOTZONE ? rcode : RCODE_SERVFAIL]++;
        worker_tell(daemon->workers[amendment->worker], amendment->token, &amendment->outcome);
    } else if (amendment->done) {
        amendment->done(amendment->context, amendment);
    }
    amendment_free(amendment);
}

void changing_step(struct daemon *daemon, bool settled)
{
    struct changing *changing = daemon->changing;
    if (!changing || !changing->serving.first || !settled || !daemon_house(daemon))
        return;
    struct amendment *list = take_all(&changing->serving);
    while (list) {
        struct amendment *next = list->next;
        tell(daemon, list);
        list = next;
    }
    pthread_mutex_lock(&changing->lock);
    changing->settled = !changing->done.first;
    if (changing->settled)
        pthread_cond_signal(&changing->wanted);
    pthread_mutex_unlock(&changing->lock);
}

void changing_metrics(struct changing *changing, struct buffer *to)
{
    buffer_add_text(to, "# HELP onym_updates_total Updates (RFC 2136) that were carried out or "
                        "refused.\n# TYPE onym_updates_total counter\n");
    for (unsigned rcode = 0; rcode <= RCODE_NOTZONE; rcode++)
        buffer_format(to, "onym_updates_total{rcode=\"%s\"} %lu\n", rcode_word(rcode),
                      (unsigned long)changing->updates[rcode]);
}
