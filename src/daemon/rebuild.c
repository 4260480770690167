// Rebuilding (rebuild.h).
//
// Every wanted load belongs to `next` where there is one, else to the current house: beginning
// takes the unfinished loads of the current house over (or lets go of them), and zones are not read
// alone while a rebuild is under way.
#include "daemon/rebuild.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "conf/fitting.h"
#include "daemon/daemon.h"
#include "daemon/furnishing.h"
#include "daemon/sockets.h"

#define TICK_MS          100  // while a rebuild is under way: patience and progress are looked at
#define TICK_LATE_MS     200  // while only slow zones are
#define TICK_SETTLING_MS 1    // until all workers have moved in, which takes them a turn
#define LOGGED_MAX       20   // problems of one report
#define BEGIN_US         5000 // of beginning zones before others get their turn
#define BEGIN_CLOCK      64   // zones between two looks at the clock

// --- telling

void rebuild_log(const struct report *report)
{
    size_t shown = report->count < LOGGED_MAX ? report->count : LOGGED_MAX;
    for (size_t i = 0; i < shown; i++) {
        const struct problem *problem = &report->problems[i];
        enum log_level level =
            problem->severity == SEVERITY_ERROR ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING;
        char place[32] = "";
        if (problem->line && problem->column)
            snprintf(place, sizeof place, ":%u:%u", problem->line, problem->column);
        else if (problem->line)
            snprintf(place, sizeof place, ":%u", problem->line);
        log_write(level, "%s%s%s%s%s%s%s", problem->file ? problem->file : "", place,
                  problem->file ? ": " : "", problem->message, problem->hint ? " (" : "",
                  problem->hint ? problem->hint : "", problem->hint ? ")" : "");
    }
    size_t hidden = report->errors + report->warnings - shown;
    if (hidden)
        log_warning("%zu more problems; 'onym check' shows them all", hidden);
}

// --- the end of a rebuild

static void end(struct daemon *daemon, int exit_code, const char *message)
{
    struct rebuild *rebuild = &daemon->rebuild;
    struct rebuild_outcome *last = &rebuild->last;
    report_free(&last->report);
    *last = (struct rebuild_outcome){
        .number = rebuild->number,
        .date_s = clock_date_s(),
        .took_ms = (uint32_t)(clock_now_ms() - rebuild->began_ms),
        .exit = exit_code,
        .report = rebuild->report,
        .counts = rebuild->counts,
    };
    snprintf(last->message, sizeof last->message, "%s", message);
    rebuild->report = (struct report){0};
    geography_release(rebuild->geography);
    rebuild->geography = NULL;
    furnishing_drop(&rebuild->found);
    rebuild->furnished = false;
    rebuild->next = NULL;
    rebuild->waiting = 0;
    progress_end(&daemon->progress);
    if (rebuild->number == 1)
        return; // the start tells it itself
    if (exit_code == 0 || exit_code == 7)
        log_info("reload: %s (%u ms)", message, last->took_ms);
    else
        log_error("reload: %s", message);
    notify_send(&daemon->notify, "READY=1\nSTATUS=%s", message);
}

// Loads that `next` took over go back to where they came from; zones of the current house that are
// neither loaded nor being loaded are begun again.
static void give_loads_back(struct daemon *daemon, struct house *next)
{
    struct house *current = daemon_house(daemon);
    for (size_t i = 0; i < next->options->zone_count; i++) {
        struct load *load = next->zones[i].load;
        size_t index;
        if (!load)
            continue;
        load->index = LOAD_UNWANTED;
        if (current && load->inherited &&
            house_find_in_view(current->options, house_zone_name(next->options, i),
                               next->options->zones[i].view, &index)) {
            load->index = index;
            current->zones[index].load = load;
            daemon->rebuild.late++;
        }
    }
    for (size_t i = 0; current && i < current->options->zone_count; i++) {
        if (current->zones[i].load || current->zones[i].zone->state != ZONE_LOADING)
            continue;
        current->zones[i].load = loader_add(daemon->loader, &current->options->zones[i], i, true);
        daemon->rebuild.late++;
    }
}

static void give_up(struct daemon *daemon, int exit_code, const char *message)
{
    struct house *next = daemon->rebuild.next;
    if (next) {
        give_loads_back(daemon, next);
        house_free(next);
        if (daemon_house(daemon))
            nearby_begin(&daemon->nearby, daemon_house(daemon)->options, furnishing_copy(daemon),
                         clock_now_ms());
    }
    end(daemon, exit_code, message);
    if (!daemon_house(daemon)) {
        daemon->ended = true;
        daemon->exit = exit_code;
    }
}

// --- the beginning

static void begin_load(struct daemon *daemon, size_t index)
{
    struct house *next = daemon->rebuild.next;
    next->zones[index].load = loader_add(daemon->loader, &next->options->zones[index], index,
                                         daemon_house(daemon) != NULL);
    daemon->rebuild.waiting++;
}

// The zone of the current house that has the name of zone `index` of the next one, and its file.
// Both have their zones in canonical order and `next` is walked from its first zone to its last, so
// this is a merge: a search for each of a million zones would take seconds.
static bool find_same(struct daemon *daemon, size_t index, size_t *old_index)
{
    const struct house *current = daemon_house(daemon), *next = daemon->rebuild.next;
    size_t *at = &daemon->rebuild.passed;
    struct name name = house_zone_name(next->options, index);
    if (!current)
        return false;
    int order = -1, view = next->options->zones[index].view;
    for (; *at < current->options->zone_count; ++*at) {
        order = name_compare(house_zone_name(current->options, *at), name);
        if (order == 0)
            order = current->options->zones[*at].view - view;
        if (order >= 0)
            break;
    }
    *old_index = *at;
    return order == 0 && *at < current->options->zone_count &&
           strcmp(current->options->zones[*at].file, next->options->zones[index].file) == 0;
}

static void begin_zone(struct daemon *daemon, size_t index)
{
    struct house *current = daemon_house(daemon), *next = daemon->rebuild.next;
    size_t old_index;
    if (next->zones[index].load)
        return; // taken over
    struct zone *served =
        find_same(daemon, index, &old_index) ? current->zones[old_index].zone : NULL;
    const struct zone_option *option = &next->options->zones[index];
    if (served && (served->zonemd || !option->zonemd) && served->made == option->make &&
        zone_is_current(served)) {
        next->zones[index].zone = zone_hold(served);
        daemon->rebuild.counts.unchanged++;
    } else {
        begin_load(daemon, index);
    }
}

// Zones are begun a few at a time: a million of them are a million looks at files, and a queue of
// them all would be as large as the zones themselves. With `all` the queue has no end.
static void begin_zones(struct daemon *daemon, bool all)
{
    struct rebuild *rebuild = &daemon->rebuild;
    size_t count = rebuild->next->options->zone_count;
    size_t queued = loader_measure(daemon->loader).queued;
    uint64_t end_us = clock_now_us() + BEGIN_US;
    rebuild->paused = false;
    while (rebuild->begun < count && !rebuild->paused) {
        size_t waiting = rebuild->waiting;
        if (!all && queued >= LOADS_QUEUED_MAX)
            return; // the loader rings
        begin_zone(daemon, rebuild->begun++);
        queued += rebuild->waiting - waiting;
        if (rebuild->begun % BEGIN_CLOCK == 0)
            rebuild->paused = clock_now_us() >= end_us;
    }
}

// What the current house was still loading goes on for the next one, if that wants the same file.
static void take_loads_over(struct daemon *daemon)
{
    struct house *current = daemon_house(daemon), *next = daemon->rebuild.next;
    for (size_t i = 0; daemon->rebuild.late && i < current->options->zone_count; i++) {
        struct load *load = current->zones[i].load;
        size_t index;
        if (!load)
            continue;
        current->zones[i].load = NULL;
        daemon->rebuild.late--;
        load->index = LOAD_UNWANTED;
        if (!house_find_in_view(next->options, load->origin, current->options->zones[i].view,
                                &index) ||
            strcmp(load->path, next->options->zones[index].file) != 0 ||
            load->zonemd != next->options->zones[index].zonemd ||
            load->make != next->options->zones[index].make)
            continue;
        next->zones[index].load = load;
        load->index = index;
        load->inherited = true;
        daemon->rebuild.waiting++;
    }
}

static void begin_next(struct daemon *daemon, struct options *options)
{
    struct rebuild *rebuild = &daemon->rebuild;
    rebuild->next = house_make(options);
    rebuild->begun = rebuild->passed = 0;
    nearby_begin(&daemon->nearby, options, furnishing_copy(daemon), rebuild->began_ms);
    take_loads_over(daemon);
    progress_begin(&daemon->progress, options->zone_count, rebuild->began_ms);
    begin_zones(daemon, false);
}

struct loader_progress rebuild_measure(struct daemon *daemon)
{
    struct loader_progress progress = loader_measure(daemon->loader);
    if (daemon->rebuild.next)
        progress.queued += daemon->rebuild.next->options->zone_count - daemon->rebuild.begun;
    return progress;
}

static void begin(struct daemon *daemon)
{
    struct rebuild *rebuild = &daemon->rebuild;
    rebuild->number++;
    rebuild->began_ms = clock_now_ms();
    rebuild->counts = (struct rebuild_counts){0};
    rebuild->again = false;
}

void rebuild_start(struct daemon *daemon, struct options *options)
{
    struct rebuild *rebuild = &daemon->rebuild;
    begin(daemon);
    if (options->routing.count) {
        rebuild->geography = geography_make(options, NULL, &rebuild->report);
        rebuild_log(&rebuild->report);
        if (!rebuild->geography) {
            options_free(options);
            give_up(daemon, 2, "the databases of places cannot be read");
            return;
        }
    }
    cataloguing_start(daemon, options);
    cataloguing_join(daemon, options);
    begin_next(daemon, options);
}

static bool differ(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) != 0 : a != b;
}

// What only a start can change is said, not done.
static void warn_of_fixed(struct daemon *daemon, const struct options *new, struct report *report)
{
    const struct options *old = daemon_house(daemon)->options;
    const struct {
        const char *key;
        bool changed;
    } keys[] = {
        {"user", differ(old->user, new->user)},
        {"workers", old->workers != new->workers},
        {"state", differ(old->state, new->state)},
        {"control", differ(old->control, new->control)},
        {"cache.size",
         old->cache.octets != new->cache.octets || old->cache.percent != new->cache.percent},
        {"resolve.default", !daemon->cache && house_may_resolve(new)}, // there is no cache
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (keys[i].changed)
            report_add(report, SEVERITY_WARNING, &(struct place){.file = new->path}, NULL,
                       "a new '%s' counts from the next start on", keys[i].key);
}

static void reload(struct daemon *daemon)
{
    begin(daemon);
    notify_reloading(&daemon->notify);
    daemon->rebuild.rereading =
        rereading_begin(daemon->arguments->path, daemon_house(daemon)->geography, &daemon->loop);
}

// Goes on with a reload as soon as the configuration has been read.
static void take_options(struct daemon *daemon)
{
    struct rebuild *rebuild = &daemon->rebuild;
    const struct house *current = daemon_house(daemon);
    struct options *options;
    if (!rereading_take(rebuild->rereading, &options, &rebuild->geography, &rebuild->report))
        return;
    rebuild->rereading = NULL;
    if (!options) {
        rebuild_log(&rebuild->report);
        give_up(daemon, 2, "the configuration has errors; nothing was changed");
        return;
    }
    warn_of_fixed(daemon, options, &rebuild->report);
    bool good = sockets_check(options, &current->listeners, &rebuild->report);
    rebuild_log(&rebuild->report);
    if (!good) {
        options_free(options);
        give_up(daemon, 4, "an address cannot be listened on; nothing was changed");
        return;
    }
    cataloguing_join(daemon, options);
    begin_next(daemon, options);
}

static bool is_under_way(const struct rebuild *rebuild)
{
    return rebuild->rereading || rebuild->next;
}

uint64_t rebuild_ask(struct daemon *daemon)
{
    if (is_under_way(&daemon->rebuild) || !daemon_settled(daemon)) {
        daemon->rebuild.again = true;
        return daemon->rebuild.number + 1;
    }
    reload(daemon);
    return daemon->rebuild.number;
}

bool rebuild_zone(struct daemon *daemon, size_t index)
{
    struct house *current = daemon_house(daemon);
    if (!current || daemon->rebuild.next)
        return false;
    struct house_zone *zone = &current->zones[index];
    if (zone->load)
        return true;
    if (daemon->rebuild.late == 0) {
        report_free(&daemon->rebuild.late_report);
        daemon->rebuild.late_report = (struct report){0};
    }
    zone->load = loader_add(daemon->loader, &current->options->zones[index], index, true);
    daemon->rebuild.late++;
    return true;
}

// --- zones that have been read

static void log_zone(const struct zone *zone)
{
    char name[NAME_TEXT_MAX];
    if (zone->state == ZONE_SERVED && !log_shows(LOG_LEVEL_DEBUG))
        return;
    name_print(zone->origin, name);
    if (zone->state == ZONE_SERVED)
        log_debug("zone %s: serial %u, %u records, loaded from its %s in %u ms", name,
                  zone->image.serial, image_records(&zone->image),
                  zone->from_image ? "image" : "text", zone->load_ms);
    else
        log_error("zone %s is not served: %s", name, zone->problem ? zone->problem : "broken");
}

// Decides between what was read and `served` (NULL: nothing). Returns the zone to be served from
// now on, which the caller holds; NULL: what is served stays. The load ends here.
static struct zone *take_zone(struct house_zone *entry, const struct zone *served,
                              struct load *load, struct rebuild_counts *counts)
{
    struct zone *zone = load->zone;
    bool good = zone->state == ZONE_SERVED;
    char name[NAME_TEXT_MAX];
    free(entry->problem);
    entry->problem = NULL;
    entry->load = NULL;
    if (zone->state == ZONE_LOADING) { // it has no file, and no primary has given it to us yet
        if (!served)
            load->zone = NULL;
        return served ? NULL : zone;
    }
    counts->loaded += good;
    counts->images += zone->from_image;
    counts->broken += !good;
    bool told = good || counts->broken <= LOGGED_ZONES_MAX;
    if (!good && served && served->state == ZONE_SERVED) {
        name_print(zone->origin, name);
        entry->problem = memory_copy_text(zone->problem ? zone->problem : "its file is broken");
        if (told)
            log_error("zone %s: %s; the version before it (serial %u) stays", name, entry->problem,
                      served->image.serial);
        return NULL;
    }
    if (told)
        log_zone(zone);
    load->zone = NULL;
    return zone;
}

// A load that an earlier house had begun may have read the file before it was changed. (What is no
// regular file, a pipe say, can be read once only.)
static bool is_outdated(struct daemon *daemon, struct load *load)
{
    struct stat status;
    if (!load->inherited || zone_is_current(load->zone) || stat(load->path, &status) < 0 ||
        !S_ISREG(status.st_mode))
        return false;
    zone_release(load->zone);
    load->zone = NULL;
    report_free(&load->report);
    load->report = (struct report){0};
    loader_again(daemon->loader, load);
    return true;
}

static void take_for_next(struct daemon *daemon, struct load *load)
{
    struct house *current = daemon_house(daemon), *next = daemon->rebuild.next;
    struct house_zone *entry = &next->zones[load->index];
    struct zone *served =
        current ? house_zone_of(current, load->origin, next->options->zones[load->index].view)
                : NULL;
    if (daemon->rebuild.counts.broken < LOGGED_ZONES_MAX)
        rebuild_log(&load->report);
    report_move(&daemon->rebuild.report, &load->report);
    struct zone *zone = take_zone(entry, served, load, &daemon->rebuild.counts);
    assert(zone || served); // what stays is there
    entry->zone = zone ? zone : zone_hold(served);
    daemon->rebuild.waiting--;
}

// True: the current house must be followed by one with this zone.
static bool take_late(struct daemon *daemon, struct load *load)
{
    struct house *current = daemon_house(daemon);
    struct house_zone *entry = &current->zones[load->index];
    struct rebuild_counts counts = {0};
    rebuild_log(&load->report);
    report_move(&daemon->rebuild.late_report, &load->report);
    daemon->rebuild.late--;
    size_t index = load->index;
    struct zone *zone = take_zone(entry, entry->zone, load, &counts);
    if (!zone)
        return false;
    if (zone->state == ZONE_SERVED) {
        char name[NAME_TEXT_MAX];
        name_print(zone->origin, name);
        log_info("zone %s: serial %u is served now", name, zone->image.serial);
    }
    if (notifying_is_news(entry->zone, zone))
        (void)notifying_want(daemon, index);
    house_replace(current, index, zone);
    return true;
}

bool rebuild_take(struct daemon *daemon, struct load *load)
{
    bool changed = false;
    if (load->index != LOAD_UNWANTED && daemon->rebuild.next)
        take_for_next(daemon, load);
    else if (load->index != LOAD_UNWANTED)
        changed = take_late(daemon, load);
    loader_drop(daemon->loader, load);
    return changed;
}

// Takes all that is done. True: a zone of the current house has changed.
static bool take_loads(struct daemon *daemon)
{
    bool changed = changing_take(daemon);
    struct load *load;
    while ((load = loader_take(daemon->loader))) {
        if (load->index != LOAD_UNWANTED &&
            (is_outdated(daemon, load) || changing_file(daemon, load)))
            continue; // it comes again
        changed |= rebuild_take(daemon, load);
    }
    return changed;
}

// --- moving in

static void fill_in_slow_zones(struct daemon *daemon)
{
    struct house *current = daemon_house(daemon), *next = daemon->rebuild.next;
    for (size_t i = 0; i < next->options->zone_count; i++) {
        if (next->zones[i].zone)
            continue;
        struct name name = house_zone_name(next->options, i);
        struct zone *served =
            current ? house_zone_of(current, name, next->options->zones[i].view) : NULL;
        next->zones[i].zone =
            served && served->state == ZONE_SERVED
                ? zone_hold(served)
                : zone_empty(name, next->options->zones[i].file, ZONE_LOADING, NULL);
        if (++daemon->rebuild.counts.loading > LOGGED_ZONES_MAX)
            continue;
        char text[NAME_TEXT_MAX];
        name_print(name, text);
        log_warning("zone %s takes over %d s to load; it goes on in the background", text,
                    ZONE_PATIENCE_MS / 1000);
    }
}

static void describe(const struct rebuild_counts *counts, char *text, size_t room)
{
    int size = snprintf(text, room, "%zu zone%s loaded, %zu unchanged", counts->loaded,
                        counts->loaded == 1 ? "" : "s", counts->unchanged);
    if (counts->broken)
        size += snprintf(text + size, room - (size_t)size, ", %zu broken", counts->broken);
    if (counts->loading)
        snprintf(text + size, room - (size_t)size, ", %zu still loading", counts->loading);
}

// Routes that have no place in their zones are told of; they are used as far as they can be.
static void hold_against_zones(const struct house *house, const struct hash_key *secret)
{
    const struct options *options = house->options;
    struct report report = {0};
    size_t index;
    for (size_t i = 0; i < options->routing.zone_count; i++)
        if (house_find_in_view(options, options->routing.zones[i].zone,
                               options->routing.zones[i].view, &index))
            fitting_check(options, index, house->zones[index].zone, secret, &report);
    rebuild_log(&report);
    report_free(&report);
}

// What the next house has beside its zones.
static void furnish(struct daemon *daemon, struct house *next)
{
    struct own_addresses own;
    struct address *addresses;
    sockets_own(&next->listeners, &addresses, &own.count);
    own.some = addresses;
    house_resolve(next, own, house_may_resolve(next->options) ? furnishing_names(daemon) : NULL);
    furnishing_give_copy(daemon, next);
    hold_against_zones(next, &daemon->state.hash);
    house_route(next, daemon->rebuild.geography, &daemon->state.hash);
    daemon->rebuild.geography = NULL;
    checking_replace(&daemon->checking, next->options, next->server.board, clock_now_ms());
    if (daemon->surveying)
        surveying_watch(daemon->surveying, next->geography);
    free(addresses);
    if (!daemon->cache)
        return;
    struct cache_options times = {.secret = daemon->state.hash};
    options_cache(next->options, &times);
    cache_set(daemon->cache, &times);
}

static void move_in(struct daemon *daemon)
{
    struct rebuild *rebuild = &daemon->rebuild;
    struct house *current = daemon_house(daemon), *next = rebuild->next;
    const struct listeners *own = current ? &current->listeners : &daemon->inherited;
    struct report report = {0};
    bool open = sockets_open(next->options, own, daemon->workers_wanted, &next->listeners, &report);
    if (!open) {
        rebuild_log(&report);
        report_move(&rebuild->report, &report);
        give_up(daemon, 4, "an address cannot be listened on; nothing was changed");
        return;
    }
    report_free(&report); // warnings were told by the check
    fill_in_slow_zones(daemon);
    rebuild->late = rebuild->counts.loading;
    furnish(daemon, next);
    notifying_replace(daemon, current, next);
    fetching_replace(daemon, next);
    listing_begin(daemon);
    house_finish(next, &daemon->state.hash, &daemon->state.cookies);
    flattening_replace(daemon, next);
    next->number = ++rebuild->houses;
    log_set_level(next->options->log.level);
    changing_keep(daemon->changing, next->options->history_keep_s, next->options->history_size);
    bool bad_copy = rebuild->found.root_copy_bad;
    char message[200];
    describe(&rebuild->counts, message, sizeof message);
    if (bad_copy)
        strcat(message, "; the copy of the root zone cannot be used");
    int failed = daemon_move_in(daemon, next);
    if (failed) { // only the first house can: its workers did not start
        daemon->ended = true;
        daemon->exit = failed;
    }
    end(daemon, rebuild->counts.broken || bad_copy ? 7 : 0, message);
}

void rebuild_follow(struct daemon *daemon)
{
    struct house *changed = house_change(daemon_house(daemon));
    furnishing_follow(daemon, changed);
    flattening_replace(daemon, changed);
    changed->number = ++daemon->rebuild.houses;
    int failed = daemon_move_in(daemon, changed);
    assert(!failed); // only the first house has workers to start
    (void)failed;
}

static void read_geography(struct daemon *daemon)
{
    struct geography *newer = daemon->surveying ? surveying_take(daemon->surveying) : NULL;
    if (!newer)
        return;
    surveying_watch(daemon->surveying, newer);
    house_replace_geography(daemon_house(daemon), newer);
    rebuild_follow(daemon);
    log_info("databases of places were replaced, and are used now");
}

// Zones are begun, looked after while they load, and served once each was tried.
static void go_on(struct daemon *daemon)
{
    struct rebuild *rebuild = &daemon->rebuild;
    begin_zones(daemon, false);
    struct loader_progress loading = rebuild_measure(daemon);
    progress_show(&daemon->progress, &loading, clock_now_ms());
    size_t slow = rebuild->waiting ? loader_count_slow(daemon->loader, clock_now_ms()) : 0;
    if (rebuild->waiting > slow || rebuild->paused)
        return;
    begin_zones(daemon, true); // all that was begun hangs, and holds all threads: no end of waiting
    if (rebuild->begun == rebuild->next->options->zone_count &&
        rebuild->waiting <= loader_count_slow(daemon->loader, clock_now_ms()) &&
        furnishing_is_read(daemon))
        move_in(daemon);
}

void rebuild_step(struct daemon *daemon)
{
    struct rebuild *rebuild = &daemon->rebuild;
    if (rebuild->again && !is_under_way(rebuild) && daemon_settled(daemon))
        reload(daemon);
    if (rebuild->rereading && daemon_settled(daemon)) // a zone may have been changed meanwhile
        take_options(daemon);
    if (take_loads(daemon))
        rebuild_follow(daemon);
    if (rebuild->next)
        go_on(daemon);
    else if (rebuild->late)
        loader_count_slow(daemon->loader, clock_now_ms());
    if (!rebuild->next && daemon_house(daemon)) {
        nearby_look(&daemon->nearby, furnishing_copy(daemon), clock_now_ms());
        if (daemon_settled(daemon) && furnishing_take(daemon))
            rebuild_follow(daemon);
    }
    if (!is_under_way(rebuild) && daemon_house(daemon) && daemon_settled(daemon))
        read_geography(daemon);
    if (!is_under_way(rebuild) && daemon_house(daemon) && daemon_settled(daemon))
        cataloguing_step(daemon);
    if (!is_under_way(rebuild) && daemon_house(daemon) && daemon_settled(daemon))
        listing_step(daemon);
}

int rebuild_timeout_ms(struct daemon *daemon)
{
    if (daemon->rebuild.next) {
        bool waits = daemon->rebuild.waiting || nearby_reads(&daemon->nearby);
        return waits && !daemon->rebuild.paused ? TICK_MS : 0;
    }
    if (!daemon_settled(daemon))
        return TICK_SETTLING_MS;
    if (daemon->rebuild.rereading)
        return TICK_MS;
    if (daemon->rebuild.again)
        return 0;
    int nearby_ms = nearby_rest(&daemon->nearby, clock_now_ms());
    if (daemon->rebuild.late && (nearby_ms < 0 || nearby_ms > TICK_LATE_MS))
        return TICK_LATE_MS;
    return nearby_ms;
}

void rebuild_free(struct daemon *daemon)
{
    struct rebuild *rebuild = &daemon->rebuild;
    if (rebuild->rereading)
        rereading_abandon(rebuild->rereading);
    if (rebuild->next) {
        for (size_t i = 0; i < rebuild->next->options->zone_count; i++)
            if (rebuild->next->zones[i].load)
                rebuild->next->zones[i].load->index = LOAD_UNWANTED;
        house_free(rebuild->next);
    }
    geography_release(rebuild->geography);
    furnishing_drop(&rebuild->found);
    furnishing_drop(&rebuild->newer);
    report_free(&rebuild->report);
    report_free(&rebuild->late_report);
    report_free(&rebuild->last.report);
}
