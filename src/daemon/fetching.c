// Zones taken from primaries (fetching.h).
#include "daemon/fetching.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/random.h"
#include "daemon/daemon.h"
#include "daemon/sockets.h"
#include "dns/answer.h"
#include "serve/update.h"
#include "transfer/incoming.h"

#define FETCHES      (FETCH_ASKS_MAX + FETCH_TRANSFERS_MAX)
#define NO_VERSION_S 5 // until a primary of a zone that we do not have yet is asked again; doubled
#define CROWDED_MS   200 // until a zone whose primary is busy with others gets its turn
#define GATHER_MS    250 // after a primary's word, until it is asked again whatever it says
#define FRAME_ROOM   (2 + MESSAGE_MAX)
#define FRAMES_MAX   16 // of one connection, before others get their turn

// The zone's time to live without a word from a primary is kept in history this many times over it.
#define KEPT_PARTS 20

enum fetch_stage { FETCH_FREE, FETCH_ASKING, FETCH_CONNECTING, FETCH_RECEIVING };

struct fetch {
    enum fetch_stage stage;
    uint32_t zone; // in fetching.zones
    int fd;
    uint32_t generation;
    uint64_t due_ms, began_ms;
    struct address primary;
    bool spare;             // its connection has served before
    bool heard;             // something has come
    bool good;              // it ended as it should: the connection may serve again
    struct tsig_keys *keys; // held for the transfer's key
    struct zone *version;   // held: ours, against which a whole one is held; NULL: none
    struct incoming incoming;
    size_t size; // of what is in the buffer: the request, or the part of a message that has come
    uint8_t *buffer;
};

// What the writer was given: the table may be another one when it is done.
struct handed {
    struct daemon *daemon;
    unsigned view;
    struct name zone;
    uint8_t wire[NAME_OCTETS_MAX];
    bool incremental;
    bool compared;     // the whole came, and was held against what there was
    uint32_t expire_s; // that the primary has told
};

// --- zones ---------------------------------------------------------------------------------------

static const struct zone_option *option_of(struct daemon *daemon, const struct fetched_zone *zone)
{
    return &daemon_house(daemon)->options->zones[zone->index];
}

static struct zone *served(struct daemon *daemon, const struct fetched_zone *zone)
{
    return daemon_house(daemon)->zones[zone->index].zone;
}

static struct name name_of(struct daemon *daemon, const struct fetched_zone *zone)
{
    return house_zone_name(daemon_house(daemon)->options, zone->index);
}

// The numbers behind the names of the SOA. Without a version: what is good until there is one.
static struct refresh_times times_of(const struct zone *zone)
{
    if (zone->state != ZONE_SERVED)
        return (struct refresh_times){.refresh_s = 3600, .retry_s = NO_VERSION_S};
    const uint8_t *end = rrset_next(zone->image.soa->body);
    return (struct refresh_times){.refresh_s = bytes_get32(end - 16),
                                  .retry_s = bytes_get32(end - 12),
                                  .expire_s = zone_expire_s(zone)};
}

static uint64_t seed_of(struct daemon *daemon, const struct fetched_zone *zone)
{
    struct name_key key;
    name_key_make(name_of(daemon, zone), &daemon->state.hash, &key);
    return key.hash[key.labels];
}

static void set_problem(struct fetched_zone *zone, const char *problem)
{
    free(zone->problem);
    zone->problem = problem ? memory_copy_text(problem) : NULL;
}

static uint32_t number_of(const struct fetching *fetching, const struct fetched_zone *zone)
{
    return (uint32_t)(zone - fetching->zones);
}

static void set_turn(struct daemon *daemon, struct fetched_zone *zone, uint64_t now_ms)
{
    struct refresh_times times = times_of(served(daemon, zone));
    uint64_t wait_ms = zone->again ? GATHER_MS
                                   : refresh_delay_ms(&times, zone->failures,
                                                      seed_of(daemon, zone) + zone->failures);
    zone->again = false;
    refresh_set(&daemon->fetching.turns, number_of(&daemon->fetching, zone), now_ms + wait_ms);
}

// RFC 1035 3.3.13: EXPIRE seconds after the last word of a primary it is no longer authoritative.
static void set_expiry(struct daemon *daemon, struct fetched_zone *zone)
{
    struct zone *version = served(daemon, zone);
    if (version->state == ZONE_SERVED)
        refresh_set(&daemon->fetching.expiries, number_of(&daemon->fetching, zone),
                    refresh_end_ms(zone->confirmed_ms, zone_expire_s(version)));
}

// --- fetches -------------------------------------------------------------------------------------

static struct fetch *find_free(struct fetching *fetching)
{
    for (size_t i = 0; i < FETCHES; i++)
        if (fetching->fetches[i].stage == FETCH_FREE)
            return &fetching->fetches[i];
    return NULL;
}

// May one more be asked of this primary, or one more zone be taken from it?
static bool has_room(const struct fetching *fetching, const struct address *primary, bool transfer)
{
    size_t asks = 0, transfers = 0;
    if (transfer
            ? fetching->transfers >= FETCH_TRANSFERS_MAX || fetching->handed >= FETCH_HANDED_MAX
            : fetching->asks >= FETCH_ASKS_MAX)
        return false;
    for (size_t i = 0; i < FETCHES; i++) {
        const struct fetch *fetch = &fetching->fetches[i];
        if (fetch->stage == FETCH_FREE || !address_equal(&fetch->primary, primary))
            continue;
        asks += fetch->stage == FETCH_ASKING;
        transfers += fetch->stage != FETCH_ASKING;
    }
    return transfer ? transfers < FETCH_TRANSFERS_PER_PRIMARY_MAX
                    : asks + transfers < FETCH_PER_PRIMARY_MAX;
}

static void end_fetch(struct daemon *daemon, struct fetch *fetch)
{
    struct fetching *fetching = &daemon->fetching;
    if (fetch->stage == FETCH_ASKING)
        fetching->asks--;
    else
        fetching->transfers--;
    if (fetch->fd >= 0)
        loop_remove(&daemon->loop, fetch->fd);
    if (fetch->fd >= 0 && fetch->stage == FETCH_RECEIVING && fetch->good)
        spares_give(&fetching->spares, fetch->fd, &fetch->primary, clock_now_ms());
    else if (fetch->fd >= 0)
        close(fetch->fd);
    incoming_free(&fetch->incoming);
    tsig_keys_release(fetch->keys);
    zone_release(fetch->version);
    free(fetch->buffer);
    if (fetch->zone < fetching->count)
        fetching->zones[fetch->zone].fetch = NULL;
    *fetch = (struct fetch){.fd = -1};
}

static int open_socket(struct daemon *daemon, struct fetch *fetch, int type)
{
    struct fetching *fetching = &daemon->fetching;
    fetch->fd = type == SOCK_STREAM ? spares_take(&fetching->spares, &fetch->primary) : -1;
    fetch->spare = fetch->fd >= 0;
    if (!fetch->spare)
        fetch->fd = sockets_connect_like(&daemon_house(daemon)->listeners, &fetch->primary, type);
    if (fetch->fd < 0)
        return fetch->fd;
    fetch->generation = ++fetching->generation & LOOP_GENERATION_MASK;
    struct loop_tag tag = {.kind = DAEMON_FETCHES,
                           .generation = fetch->generation,
                           .index = (uint32_t)(fetch - fetching->fetches)};
    return loop_add(&daemon->loop, fetch->fd, type == SOCK_STREAM ? EPOLLOUT : EPOLLIN, tag);
}

// Writes the request into the fetch's buffer, behind two octets of length.
static void write_request(struct daemon *daemon, struct fetch *fetch, enum incoming_kind kind)
{
    const struct fetched_zone *zone = &daemon->fetching.zones[fetch->zone];
    const struct remote_option *remote = &option_of(daemon, zone)->from->list[zone->primary];
    struct zone *version = served(daemon, zone);
    struct tsig_keys *keys = daemon_house(daemon)->server.keys;
    if (remote->keyed)
        fetch->keys = tsig_keys_hold(keys);
    struct incoming_options options = {
        .kind = kind,
        .zone = name_of(daemon, zone),
        .has_serial = version->state == ZONE_SERVED && kind != INCOMING_AXFR,
        .serial = version->state == ZONE_SERVED ? version->image.serial : 0,
        .id = (uint16_t)random_get32(),
        .key = remote->keyed ? &keys->list[remote->key] : NULL,
        .plain = zone->plain,
    };
    if (kind != INCOMING_SOA && !zone->uncompared && version->state == ZONE_SERVED &&
        image_records(&version->image) >= COMPARE_RECORDS_LEAST) {
        fetch->version = zone_hold(version);
        options.image = &version->image;
        options.secret = &daemon->state.hash;
    }
    fetch->buffer = memory_get(kind == INCOMING_SOA ? 2 + INCOMING_REQUEST_MAX : FRAME_ROOM);
    fetch->size = incoming_begin(&fetch->incoming, &options, fetch->buffer + 2, clock_date_s());
    bytes_put16(fetch->buffer, (uint16_t)fetch->size);
    fetch->size += 2;
}

static void fail(struct daemon *daemon, struct fetched_zone *zone, const char *problem,
                 uint64_t now_ms);

// Asks the zone's primary of now. What fails at once is told like what fails later.
static void begin_fetch(struct daemon *daemon, struct fetched_zone *zone, enum incoming_kind kind,
                        uint64_t now_ms)
{
    struct fetching *fetching = &daemon->fetching;
    struct fetch *fetch = find_free(fetching);
    bool asking = kind == INCOMING_SOA;
    assert(fetch); // there is room
    *fetch = (struct fetch){.stage = asking ? FETCH_ASKING : FETCH_CONNECTING,
                            .zone = number_of(fetching, zone),
                            .fd = -1,
                            .began_ms = now_ms,
                            .due_ms = now_ms + (asking ? FETCH_ANSWER_MS : FETCH_TRANSFER_MS),
                            .primary = option_of(daemon, zone)->from->list[zone->primary].address};
    zone->fetch = fetch;
    if (asking)
        fetching->asks++;
    else
        fetching->transfers++;
    fetching->asked++;
    write_request(daemon, fetch, kind);
    int error = open_socket(daemon, fetch, asking ? SOCK_DGRAM : SOCK_STREAM);
    if (!error && asking && send(fetch->fd, fetch->buffer + 2, fetch->size - 2, 0) < 0)
        error = -errno;
    if (error) {
        end_fetch(daemon, fetch);
        fail(daemon, zone, strerror(-error), now_ms);
    }
}

static bool wants_transfer(struct daemon *daemon, const struct fetched_zone *zone)
{
    return zone->whole || zone->newer || served(daemon, zone)->state != ZONE_SERVED;
}

// False: its primary, or we, are busy with others.
static bool may_start(struct daemon *daemon, struct fetched_zone *zone)
{
    const struct remotes_option *from = option_of(daemon, zone)->from;
    if (zone->primary >= from->count)
        zone->primary = 0;
    return has_room(&daemon->fetching, &from->list[zone->primary].address,
                    wants_transfer(daemon, zone));
}

static void start(struct daemon *daemon, struct fetched_zone *zone, uint64_t now_ms)
{
    bool version = served(daemon, zone)->state == ZONE_SERVED;
    enum incoming_kind kind = !wants_transfer(daemon, zone) ? INCOMING_SOA
                              : version && !zone->whole     ? INCOMING_IXFR
                                                            : INCOMING_AXFR;
    zone->newer = false;
    begin_fetch(daemon, zone, kind, now_ms);
}

static void begin(struct daemon *daemon, struct fetched_zone *zone, uint64_t now_ms)
{
    struct fetching *fetching = &daemon->fetching;
    uint32_t number = number_of(fetching, zone);
    if (zone->queued)
        return;
    if (may_start(daemon, zone)) {
        start(daemon, zone, now_ms);
        return;
    }
    zone->queued = crowds_add(&fetching->crowds,
                              &option_of(daemon, zone)->from->list[zone->primary].address, number);
    if (!zone->queued)
        refresh_set(&fetching->turns, number, now_ms + CROWDED_MS);
}

// Those who wait, while there is room for them: a line at a time, and another one first each time.
static void begin_waiting(struct daemon *daemon, uint64_t now_ms)
{
    struct fetching *fetching = &daemon->fetching;
    uint32_t number;
    for (unsigned i = 0; i < CROWDS_MAX; i++) {
        unsigned line = (fetching->crowd + i) % CROWDS_MAX;
        while (crowds_first(&fetching->crowds, line, &number)) {
            struct fetched_zone *zone = &fetching->zones[number];
            bool busy = zone->fetch || zone->handed;
            if (!busy && !may_start(daemon, zone))
                break;
            // Out of the line first: what fails at once goes on to the next primary.
            crowds_pass(&fetching->crowds, line);
            zone->queued = false;
            zone->again |= busy;
            if (!busy)
                start(daemon, zone, now_ms);
        }
    }
    fetching->crowd = (fetching->crowd + 1) % CROWDS_MAX;
}

// --- what came of it -----------------------------------------------------------------------------

// Said once, until it is another one or over.
static void tell_problem(struct daemon *daemon, const struct fetched_zone *zone,
                         const char *problem)
{
    char name[NAME_TEXT_MAX];
    if (zone->problem && strcmp(zone->problem, problem) == 0)
        return;
    name_print(name_of(daemon, zone), name);
    log_warning("zone %s: no primary has it for us: %s", name, problem);
}

// The primary that is asked now has not helped.
static void fail(struct daemon *daemon, struct fetched_zone *zone, const char *problem,
                 uint64_t now_ms)
{
    char text[200], primary[ADDRESS_TEXT_MAX];
    const struct remotes_option *from = option_of(daemon, zone)->from;
    address_print(&from->list[zone->primary].address, primary);
    snprintf(text, sizeof text, "%s: %s", primary, problem);
    zone->whole = served(daemon, zone)->state != ZONE_SERVED;
    if (zone->primary + 1u < from->count) {
        zone->primary++;
        begin(daemon, zone, now_ms);
        return;
    }
    zone->primary = 0;
    zone->failures++;
    tell_problem(daemon, zone, text);
    set_problem(zone, text);
    set_turn(daemon, zone, now_ms);
}

// Now and then, so that a restart knows how old the zone's version is.
static void keep_confirmed(struct daemon *daemon, struct fetched_zone *zone)
{
    uint64_t part_s = zone_expire_s(served(daemon, zone)) / KEPT_PARTS;
    if (zone->confirmed_date_s < zone->kept_date_s + part_s)
        return;
    zone->kept_date_s = zone->confirmed_date_s;
    changing_confirm(daemon, zone->index, zone->confirmed_date_s);
}

// `told_s`: for how long the primary's own copy is good (RFC 7314 4): ours is not good for longer,
// but for no less than it was before, as long as it is the same. `fresh`: it is another one.
static void confirm(struct daemon *daemon, struct fetched_zone *zone, uint32_t told_s, bool fresh,
                    uint64_t now_ms)
{
    uint32_t expire_s = zone_expire_s(served(daemon, zone));
    uint64_t age_s = told_s < expire_s ? expire_s - told_s : 0;
    int64_t since_ms = (int64_t)now_ms - (int64_t)age_s * 1000;
    char name[NAME_TEXT_MAX];
    if (zone->problem) {
        name_print(name_of(daemon, zone), name);
        log_info("zone %s: a primary has it for us again", name);
    }
    set_problem(zone, NULL);
    zone->failures = 0;
    zone->whole = zone->uncompared = false;
    zone->heard_ms = now_ms;
    if (fresh || since_ms > zone->confirmed_ms) {
        zone->confirmed_ms = since_ms;
        zone->confirmed_date_s = clock_date_s() - age_s;
    }
    if (fresh) // the writer has seen to it
        zone->kept_date_s = zone->confirmed_date_s;
    atomic_store_explicit(&served(daemon, zone)->refreshed_s, zone->confirmed_date_s,
                          memory_order_relaxed);
    set_expiry(daemon, zone);
    set_turn(daemon, zone, now_ms);
    keep_confirmed(daemon, zone);
}

static void log_transfer(const struct handed *handed, const struct amendment *amendment,
                         const struct zone *version)
{
    char name[NAME_TEXT_MAX];
    name_print(handed->zone, name);
    log_info("zone %s: serial %" PRIu32 " taken from %s%s", name, version->image.serial,
             amendment->who, handed->incremental ? ", what has changed" : "");
}

// The writer is done with it.
static void end_handed(void *context, const struct amendment *amendment)
{
    struct handed *handed = context;
    struct daemon *daemon = handed->daemon;
    struct house *house = daemon_house(daemon);
    uint64_t now_ms = clock_now_ms();
    size_t index;
    struct fetched_zone *zone =
        house_find_in_view(house->options, handed->zone, handed->view, &index)
            ? fetched_find(daemon->fetching.zones, daemon->fetching.count, index)
            : NULL;
    bool good = amendment->verdict == CHANGING_DONE;
    daemon->fetching.handed--;
    daemon->fetching.results[handed->incremental][good ? FETCH_DONE : FETCH_FAILED]++;
    if (zone) {
        zone->handed = false;
        if (good) {
            log_transfer(handed, amendment, served(daemon, zone));
            confirm(daemon, zone, handed->expire_s, true, now_ms);
        } else if (amendment->verdict == CHANGING_STALE) {
            zone->whole = true;
            zone->uncompared = handed->compared;
            begin(daemon, zone, now_ms);
        } else {
            fail(daemon, zone, amendment->problem, now_ms);
        }
    }
}

static void hand_over(struct daemon *daemon, struct fetch *fetch, enum incoming_result result)
{
    struct fetched_zone *zone = &daemon->fetching.zones[fetch->zone];
    struct handed *handed = memory_get_zeroed(1, sizeof *handed);
    char primary[ADDRESS_TEXT_MAX];
    handed->daemon = daemon;
    handed->view = option_of(daemon, zone)->view;
    handed->zone = name_fold(name_of(daemon, zone), handed->wire);
    handed->incremental = result == INCOMING_DIFFS && !fetch->incoming.compared;
    handed->compared = fetch->incoming.compared;
    handed->expire_s = fetch->incoming.expire_s;
    address_print(&fetch->primary, primary);
    struct changing_wish wish = {.zone = handed->zone,
                                 .view = handed->view,
                                 .who = primary,
                                 .done = end_handed,
                                 .context = handed,
                                 .expire_s = handed->expire_s};
    zone->handed = fetch->good = true;
    daemon->fetching.handed++;
    struct incoming incoming = fetch->incoming; // what is given stays good when the fetch is over
    fetch->incoming.records = (struct records){0};
    fetch->incoming.diffs = NULL;
    fetch->incoming.diff_count = 0;
    end_fetch(daemon, fetch);
    if (result == INCOMING_DIFFS) {
        size_t count;
        struct diff *diffs = incoming_give_diffs(&incoming, &count);
        changing_diffs(daemon, &wish, diffs, count);
    } else {
        struct records records;
        incoming_give_records(&incoming, &records);
        changing_whole(daemon, &wish, &records);
    }
    incoming_free(&incoming);
}

// The primary has closed a connection that served before: that says nothing of the zone.
static void try_afresh(struct daemon *daemon, struct fetch *fetch, uint64_t now_ms)
{
    struct fetched_zone *zone = &daemon->fetching.zones[fetch->zone];
    end_fetch(daemon, fetch);
    spares_close(&daemon->fetching.spares);
    zone->newer = true;
    begin(daemon, zone, now_ms);
}

static void fail_fetch(struct daemon *daemon, struct fetch *fetch, const char *problem,
                       uint64_t now_ms)
{
    struct fetched_zone *zone = &daemon->fetching.zones[fetch->zone];
    if (fetch->spare && !fetch->heard && now_ms < fetch->due_ms) {
        try_afresh(daemon, fetch, now_ms);
        return;
    }
    bool transfer = fetch->stage != FETCH_ASKING;
    // RFC 6891 7: who does not know EDNS.
    bool plain = fetch->incoming.rcode == RCODE_FORMERR && !zone->plain;
    bool incremental = fetch->incoming.kind == INCOMING_IXFR;
    // RFC 1995 5: who cannot do that may still do the whole.
    bool whole = incremental && fetch->stage == FETCH_RECEIVING && !zone->whole;
    if (transfer)
        daemon->fetching.results[incremental][FETCH_FAILED]++;
    end_fetch(daemon, fetch);
    zone->whole = whole;
    zone->plain |= plain;
    if (plain)
        zone->newer = transfer;
    if (whole || plain)
        begin(daemon, zone, now_ms);
    else
        fail(daemon, zone, problem, now_ms);
}

// True: the fetch goes on.
static bool take_message(struct daemon *daemon, struct fetch *fetch, const uint8_t *octets,
                         size_t size, uint64_t now_ms)
{
    struct fetched_zone *zone = &daemon->fetching.zones[fetch->zone];
    enum incoming_result result = incoming_take(&fetch->incoming, octets, size, clock_date_s());
    char problem[200];
    switch (result) {
    case INCOMING_MORE: return true;
    case INCOMING_CURRENT:
        fetch->good = true;
        uint32_t told_s = fetch->incoming.expire_s;
        end_fetch(daemon, fetch);
        confirm(daemon, zone, told_s, false, now_ms);
        return false;
    case INCOMING_NEWER:
        end_fetch(daemon, fetch);
        zone->newer = true;
        begin(daemon, zone, now_ms);
        return false;
    case INCOMING_WHOLE:
    case INCOMING_DIFFS: hand_over(daemon, fetch, result); return false;
    case INCOMING_WRONG: break;
    }
    const char *rcode = fetch->incoming.rcode ? rcode_word(fetch->incoming.rcode) : NULL;
    snprintf(problem, sizeof problem, "%s%s%s%s", fetch->incoming.problem, rcode ? " (" : "",
             rcode ? rcode : "", rcode ? ")" : "");
    fail_fetch(daemon, fetch, problem, now_ms);
    return false;
}

// --- sockets -------------------------------------------------------------------------------------

// What is no answer to our question is somebody else's packet: it is passed over.
static void take_answer(struct daemon *daemon, struct fetch *fetch, uint64_t now_ms)
{
    uint8_t octets[4096];
    ssize_t size = recv(fetch->fd, octets, sizeof octets, 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (size < 0) {
        fail_fetch(daemon, fetch, strerror(errno), now_ms);
        return;
    }
    if (size < HEADER_SIZE || bytes_get16(octets) != fetch->incoming.id)
        return;
    if (bytes_get16(octets + 2) & FLAG_TC) {
        struct fetched_zone *zone = &daemon->fetching.zones[fetch->zone];
        end_fetch(daemon, fetch);
        zone->newer = true; // for all that we know; TCP says the same
        begin(daemon, zone, now_ms);
        return;
    }
    (void)take_message(daemon, fetch, octets, (size_t)size, now_ms);
}

static void send_request(struct daemon *daemon, struct fetch *fetch, uint64_t now_ms)
{
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fetch->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    ssize_t sent = error ? -1 : send(fetch->fd, fetch->buffer, fetch->size, MSG_NOSIGNAL);
    if (sent != (ssize_t)fetch->size) { // it is small: a fresh connection takes it all
        fail_fetch(daemon, fetch, strerror(error ? error : errno), now_ms);
        return;
    }
    fetch->stage = FETCH_RECEIVING;
    fetch->size = 0;
    struct loop_tag tag = {.kind = DAEMON_FETCHES,
                           .generation = fetch->generation,
                           .index = (uint32_t)(fetch - daemon->fetching.fetches)};
    loop_change(&daemon->loop, fetch->fd, EPOLLIN, tag);
}

// Octets of the message that is coming that are still missing.
static size_t missing(const struct fetch *fetch)
{
    return fetch->size < 2 ? 2 - fetch->size : 2u + bytes_get16(fetch->buffer) - fetch->size;
}

static void receive(struct daemon *daemon, struct fetch *fetch, uint64_t now_ms)
{
    for (unsigned frames = 0; frames < FRAMES_MAX;) {
        ssize_t size = recv(fetch->fd, fetch->buffer + fetch->size, missing(fetch), 0);
        if (size < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (size <= 0) {
            fail_fetch(daemon, fetch, size ? strerror(errno) : "the primary hung up before the end",
                       now_ms);
            return;
        }
        fetch->size += (size_t)size;
        fetch->heard = true;
        fetch->due_ms = now_ms + FETCH_TRANSFER_MS;
        if (fetch->size < 2 || missing(fetch))
            continue;
        frames++;
        size_t octets = fetch->size - 2;
        fetch->size = 0;
        if (!take_message(daemon, fetch, fetch->buffer + 2, octets, now_ms))
            return;
    }
}

void fetching_take(struct daemon *daemon, struct loop_tag tag, uint64_t now_ms)
{
    struct fetch *fetch = &daemon->fetching.fetches[tag.index];
    if (fetch->generation != tag.generation)
        return;
    switch (fetch->stage) {
    case FETCH_FREE: return;
    case FETCH_ASKING: take_answer(daemon, fetch, now_ms); return;
    case FETCH_CONNECTING: send_request(daemon, fetch, now_ms); return;
    case FETCH_RECEIVING: receive(daemon, fetch, now_ms); return;
    }
}

// --- houses --------------------------------------------------------------------------------------

static void close_fetches(struct daemon *daemon)
{
    for (size_t i = 0; daemon->fetching.fetches && i < FETCHES; i++)
        if (daemon->fetching.fetches[i].stage != FETCH_FREE)
            end_fetch(daemon, &daemon->fetching.fetches[i]);
    spares_close(&daemon->fetching.spares);
}

void fetching_replace(struct daemon *daemon, const struct house *next)
{
    struct fetching *fetching = &daemon->fetching;
    size_t count;
    close_fetches(daemon);
    struct fetched_zone *zones = fetched_make(daemon, next, &count);
    fetched_free(fetching->zones, fetching->count);
    refresh_free(&fetching->turns);
    refresh_free(&fetching->expiries);
    crowds_free(&fetching->crowds);
    fetching->zones = zones;
    fetching->count = count;
    if (count && !fetching->fetches) {
        fetching->fetches = memory_get_zeroed(FETCHES, sizeof *fetching->fetches);
        for (size_t i = 0; i < FETCHES; i++)
            fetching->fetches[i].fd = -1;
    }
    fetching->fresh = count > 0;
}

// Zones that were there before have the turn that they had; others, and what was under way, have it
// at once.
static void begin_all(struct daemon *daemon, uint64_t now_ms)
{
    for (size_t i = 0; i < daemon->fetching.count; i++) {
        set_expiry(daemon, &daemon->fetching.zones[i]);
        refresh_set(&daemon->fetching.turns, (uint32_t)i,
                    daemon->fetching.zones[i].turn_ms ? daemon->fetching.zones[i].turn_ms : now_ms);
    }
    daemon->fetching.fresh = false;
}

// --- the steps -----------------------------------------------------------------------------------

static void expire(struct daemon *daemon, uint64_t now_ms)
{
    struct fetching *fetching = &daemon->fetching;
    bool changed = false;
    uint32_t number;
    while (refresh_next(&fetching->expiries, now_ms, &number)) {
        struct fetched_zone *zone = &fetching->zones[number];
        char name[NAME_TEXT_MAX];
        if (served(daemon, zone)->state != ZONE_SERVED)
            continue;
        name_print(name_of(daemon, zone), name);
        log_error("zone %s has expired: no primary has confirmed it for %" PRIu32 " s; it is "
                  "served no more until one does",
                  name, zone_expire_s(served(daemon, zone)));
        house_replace(daemon_house(daemon), zone->index,
                      zone_empty(name_of(daemon, zone), "", ZONE_EXPIRED,
                                 "it has expired: no primary has confirmed it in time"));
        changed = true;
    }
    if (changed)
        rebuild_follow(daemon);
}

static void time_out(struct daemon *daemon, uint64_t now_ms)
{
    for (size_t i = 0; i < FETCHES; i++) {
        struct fetch *fetch = &daemon->fetching.fetches[i];
        if (fetch->stage != FETCH_FREE && fetch->due_ms <= now_ms)
            fail_fetch(daemon, fetch,
                       fetch->stage == FETCH_RECEIVING ? "the primary has stalled"
                                                       : "the primary does not answer",
                       now_ms);
    }
}

static void take_notice(void *context, struct name name, unsigned view)
{
    struct daemon *daemon = context;
    size_t index;
    if (house_find_in_view(daemon_house(daemon)->options, name, view, &index))
        (void)fetching_want(daemon, index, false);
}

void fetching_step(struct daemon *daemon, uint64_t now_ms)
{
    struct fetching *fetching = &daemon->fetching;
    uint32_t number;
    if (fetching->count == 0 || !daemon_house(daemon) || daemon->rebuild.next)
        return; // its zones are about to be others
    if (fetching->fresh)
        begin_all(daemon, now_ms);
    updating_notified(daemon_house(daemon)->server.updating, take_notice, daemon);
    expire(daemon, now_ms);
    time_out(daemon, now_ms);
    spares_expire(&fetching->spares, now_ms);
    begin_waiting(daemon, now_ms);
    while (refresh_next(&fetching->turns, now_ms, &number)) {
        struct fetched_zone *zone = &fetching->zones[number];
        if (zone->fetch || zone->handed)
            zone->again = true;
        else
            begin(daemon, zone, now_ms);
    }
}

int fetching_rest(const struct fetching *fetching, uint64_t now_ms)
{
    if (fetching->fresh)
        return 0;
    int rest_ms = refresh_rest(&fetching->turns, now_ms);
    int expiry_ms = refresh_rest(&fetching->expiries, now_ms);
    if (expiry_ms >= 0 && (rest_ms < 0 || expiry_ms < rest_ms))
        rest_ms = expiry_ms;
    if (fetching->spares.count && (rest_ms < 0 || rest_ms > SPARE_MS))
        rest_ms = SPARE_MS;
    for (size_t i = 0; fetching->asks + fetching->transfers && i < FETCHES; i++) {
        const struct fetch *fetch = &fetching->fetches[i];
        if (fetch->stage == FETCH_FREE)
            continue;
        int due_ms = fetch->due_ms > now_ms ? (int)(fetch->due_ms - now_ms) : 0;
        if (rest_ms < 0 || due_ms < rest_ms)
            rest_ms = due_ms;
    }
    return rest_ms;
}

bool fetching_want(struct daemon *daemon, size_t index, bool whole)
{
    struct fetched_zone *zone = fetched_find(daemon->fetching.zones, daemon->fetching.count, index);
    if (!zone)
        return false;
    uint64_t now_ms = clock_now_ms(), due_ms = zone->heard_ms + GATHER_MS;
    zone->whole |= whole;
    if (zone->fetch || zone->handed)
        zone->again = true;
    else
        refresh_set(&daemon->fetching.turns, number_of(&daemon->fetching, zone),
                    due_ms > now_ms ? due_ms : now_ms);
    return true;
}

void fetching_close(struct daemon *daemon)
{
    close_fetches(daemon);
    free(daemon->fetching.fetches);
    fetched_free(daemon->fetching.zones, daemon->fetching.count);
    refresh_free(&daemon->fetching.turns);
    refresh_free(&daemon->fetching.expiries);
    crowds_free(&daemon->fetching.crowds);
    daemon->fetching = (struct fetching){0};
}
