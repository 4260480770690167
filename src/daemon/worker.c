// The worker's loop (worker.h).
//
//   sleep -> [bell: other listeners?] -> ready sockets: batch, batch, ... connections, replies of
//            other servers -> exchange: asks out, late replies out -> rest
//            \_______________________ one turn, online in the epoch __________________________/
//
// A socket with a crowd before it is drained batch after batch without asking epoll in between, up
// to UDP_ROUNDS_MAX; a batch that came back nearly empty has seen the end of the queue, and epoll
// will tell when there is more. So a busy worker makes two system calls for up to BATCH_MAX
// queries, and an idle one three for a query.
#include "daemon/worker.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/epoch.h"
#include "base/log.h"
#include "base/memory.h"
#include "daemon/bells.h"
#include "daemon/changing.h"
#include "daemon/forwarding.h"
#include "daemon/errand.h"
#include "daemon/transfers.h"
#include "daemon/upstream.h"
#include "dns/tsig.h"
#include "net/loop.h"
#include "net/tcp.h"
#include "net/udp.h"
#include "serve/update.h"
#include "serve/view.h"

// Worth another batch at once: most of the time there will be one.
#define HOT_COUNT 8
#define FINISH_MS 1000

enum source {
    SOURCE_BELL = LOOP_BELL,
    SOURCE_UDP,
    SOURCE_LISTENER,
    SOURCE_CONNECTION,
    SOURCE_ASK_UDP,
    SOURCE_ASK_TCP,
};

// Where a late reply goes.
struct way_back {
    uint64_t socket; // the listener's number, for datagrams
    struct udp_origin datagram;
    struct loop_tag connection; // for streams
};
static_assert(sizeof(struct way_back) <= ORIGIN_OCTETS, "it is kept with the query");

// A socket of ours, known by its listener's number: the listener itself may be gone already.
struct worker_socket {
    uint64_t id;
    int fd; // -1: none
    bool stream, told, shared;
    struct address local;
};

// What came of an update.
struct worker_told {
    struct worker_told *next;
    struct updated updated;
};

struct worker {
    struct worker_options options;
    pthread_t thread;
    struct loop loop;
    struct udp_batch *batch;
    struct packet packets[BATCH_MAX];
    struct tcp tcp;
    struct serve_worker serve;
    struct transfers *transfers;
    bool sending;                       // transfers could go on at once
    struct upstream upstream;           // with other servers; its resolver NULL: there is none
    _Atomic(struct errand *) sent;      // by the main thread, the newest first
    struct errand *running;             // those that are not over
    _Atomic(struct worker_told *) told; // by the main thread, the newest first
    uint64_t errand_number;
    struct worker_socket *sockets;
    size_t socket_count;
    _Atomic uint64_t house_number; // whose listeners these are
    atomic_bool stopping;
    atomic_bool asleep;
    struct serve_now now; // as read last in this turn; .us 0: not yet
    _Atomic uint64_t turns;
    uint64_t turns_seen; // by worker_is_stuck
};

static const struct house *current_house(const struct worker *worker)
{
    return atomic_load_explicit(worker->options.current, memory_order_acquire);
}

static int find_socket(const struct worker *worker, uint64_t id)
{
    for (size_t i = 0; i < worker->socket_count; i++)
        if (worker->sockets[i].id == id)
            return worker->sockets[i].fd;
    return -1; // a reload closed it
}

static void send_late(struct worker *worker, const struct late *late)
{
    struct way_back way;
    memcpy(&way, late->origin.octets, sizeof way);
    if (late->transport == TRANSPORT_TCP) {
        (void)tcp_answer_later(&worker->tcp, way.connection, late->octets, late->size);
        return;
    }
    int fd = late->size ? find_socket(worker, way.socket) : -1;
    if (fd >= 0)
        worker->serve.stats.send_failed +=
            udp_later(worker->batch, fd, &way.datagram, late->octets, late->size);
}

// --- datagrams

static const struct serve_now *read_clocks(struct worker *worker)
{
    worker->now = serve_now_of(clock_now_us(), clock_date_s());
    return &worker->now;
}

// The replies are out. What this turn has yet to do goes by the same look at the clock.
static void note_sent(struct worker *worker)
{
    worker->now = serve_now_of(clock_now_us(), worker->now.date_s);
    serve_sent(&worker->serve, worker->now.us);
}

static void note_way_back(struct deferral *deferral, const struct way_back *way)
{
    memcpy(deferral->origin.octets, way, sizeof *way);
}

// Only the writer of zones can say what comes of it.
static bool pass_to_writer(struct worker *worker, const struct packet *packet,
                           struct update_want *want)
{
    if (!worker->options.changing) {
        update_want_free(want);
        return false;
    }
    const struct tsig_keys *keys = current_house(worker)->server.keys;
    char who[ADDRESS_TEXT_MAX + NAME_TEXT_MAX + 8];
    size_t size = 0;
    if (packet->key) {
        size = (size_t)snprintf(who, sizeof who, "key:");
        size += name_print(keys->list[packet->key - 1].name, who + size);
        who[size - 1] = ' '; // in the place of the last dot
    }
    address_print(packet->client, who + size);
    return changing_update(worker->options.changing, want, who, packet->octets,
                           worker->options.index);
}

// To the writer, or to the zone's primary; `want` is given away. What they do not take is told like
// every other outcome: in the turn of a connection nothing can be sent to it.
static void pass_on(struct worker *worker, struct packet *packet)
{
    static const struct update_outcome busy = {
        .rcode = RCODE_SERVFAIL, .ede = EDE_OTHER, .text = "too many changes wait at this moment"};
    static const struct update_outcome malformed = {.rcode = RCODE_FORMERR, .ede = EDE_NONE};
    struct update_want *want = packet->update;
    const uint64_t token = want->token;
    packet->update = NULL;
    if (!want->forwards) {
        if (!pass_to_writer(worker, packet, want))
            worker_tell(worker, token, &busy);
        return;
    }
    switch (forwarding_submit(worker->options.forwarding, want, packet->octets,
                              worker->options.index)) {
    case FORWARDING_TAKEN: break;
    case FORWARDING_CROWDED: worker_tell(worker, token, &busy); break;
    case FORWARDING_MALFORMED: worker_tell(worker, token, &malformed); break;
    }
}

// Queries of the batch whose replies will be late: where those will go.
static void note_ways_back(struct worker *worker, const struct worker_socket *socket,
                           unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct way_back way = {.socket = socket->id};
        if (!worker->packets[i].deferral)
            continue;
        udp_origin(worker->batch, socket->told, i, &way.datagram);
        note_way_back(worker->packets[i].deferral, &way);
        if (worker->packets[i].update)
            pass_on(worker, &worker->packets[i]);
    }
}

// Receives, answers and sends one batch. Returns how many datagrams came.
static unsigned answer_batch(struct worker *worker, const struct worker_socket *socket)
{
    struct udp_batch *batch = worker->batch;
    unsigned count = udp_receive(batch, socket->fd, socket->told);
    if (count == 0)
        return 0;
    for (unsigned i = 0; i < count; i++) {
        worker->packets[i].size = udp_size(batch, socket->told, i);
        worker->packets[i].local = &socket->local;
    }
    serve_batch(&current_house(worker)->server, &worker->serve, worker->packets, count,
                read_clocks(worker));
    if (worker->serve.deferrals)
        note_ways_back(worker, socket, count);
    for (unsigned i = 0; i < count; i++) {
        udp_set_size(batch, i, worker->packets[i].size);
        if (worker->packets[i].notified)
            loop_ring(worker->options.main);
    }
    worker->serve.stats.send_failed += udp_send(batch, socket->fd, socket->told, count);
    stats_count_batch(&worker->serve.stats, count);
    note_sent(worker);
    return count;
}

static void answer_datagrams(struct worker *worker, const struct worker_socket *socket)
{
    for (unsigned round = 0; round < UDP_ROUNDS_MAX; round++) {
        if (answer_batch(worker, socket) < HOT_COUNT)
            break;
        epoch_quiet(); // the next batch reads the house anew
    }
}

// --- connections

static void answer_connection(struct worker *worker, struct loop_tag tag, uint32_t ready,
                              uint64_t now_ms)
{
    struct tcp *tcp = &worker->tcp;
    struct tcp_connection *connection = tcp_begin(tcp, tag, ready, now_ms);
    if (!connection)
        return;
    const struct serve_now *now = read_clocks(worker);
    struct tcp_message message;
    struct address local;
    bool is_local = current_house(worker)->server.view_count && tcp_local(connection, &local);
    while (tcp_next(tcp, connection, &message)) {
        struct packet packet = {
            .octets = message.octets,
            .size = message.size,
            .room = message.room,
            .client = message.client,
            .local = is_local ? &local : NULL,
            .transport = TRANSPORT_TCP,
            .keepalive_ds = (uint16_t)(tcp_idle_ms(tcp) / 100),
            .may_wait = true,
        };
        serve_batch(&current_house(worker)->server, &worker->serve, &packet, 1, now);
        if (packet.notified)
            loop_ring(worker->options.main);
        if (packet.outgoing) {
            transfers_add(worker->transfers, tcp_defer(tcp, connection), packet.outgoing,
                          message.client);
        } else if (packet.deferral) {
            struct way_back way = {.connection = tcp_defer(tcp, connection)};
            note_way_back(packet.deferral, &way);
            if (packet.update)
                pass_on(worker, &packet);
        } else {
            tcp_answer(tcp, connection, packet.size);
        }
    }
    tcp_end(tcp, connection);
    note_sent(worker);
}

// --- errands

static void take_errands(struct worker *worker, uint64_t now_us)
{
    if (!atomic_load_explicit(&worker->sent, memory_order_relaxed))
        return; // as in nearly every turn: a load, and no read-modify-write
    struct errand *errand = atomic_exchange_explicit(&worker->sent, NULL, memory_order_acquire);
    while (errand) {
        struct errand *next = errand->next;
        struct errand *others = worker->running;
        struct rules *rules = current_house(worker)->server.rules;
        errand->token = LATE_FOREIGN | ++worker->errand_number;
        errand->next = others;
        // Once it is over it is the main thread's, and may be freed.
        bool over = errand_begin(errand, worker->upstream.resolver, rules, now_us);
        worker->running = over ? others : errand;
        errand = next;
    }
}

// The answer to what an errand asked.
static void end_errand(struct worker *worker, const struct late *late)
{
    struct errand **link = &worker->running;
    while (*link && (*link)->token != late->foreign)
        link = &(*link)->next;
    struct errand *errand = *link;
    if (!errand)
        return;
    *link = errand->next;
    errand_end(errand, late->answer);
}

// --- late replies

// Other workers' clients waited for what was found here.
static void ring_others(struct worker *worker)
{
    unsigned other;
    while (resolver_next_bell(worker->upstream.resolver, &other))
        bells_ring(worker->options.bells, other);
}

// Asks other servers what clients wait for, and tells clients what those said.
static void ask_upstream(struct worker *worker)
{
    const struct serve_now now = worker->now.us ? worker->now : *read_clocks(worker);
    struct late late;
    view_show_zones(&current_house(worker)->server, worker->upstream.resolver);
    take_errands(worker, now.us);
    resolver_take_letters(worker->upstream.resolver, now.us);
    upstream_turn(&worker->upstream, now.us);
    while (serve_late(&current_house(worker)->server, &worker->serve, &now, &late)) {
        if (late.foreign)
            end_errand(worker, &late);
        else
            send_late(worker, &late);
    }
    worker->serve.stats.send_failed += udp_flush(worker->batch);
    upstream_flush(&worker->upstream, now.us);
    ring_others(worker);
    // Whose connection is gone: the walk goes on, since what it finds is worth knowing, and its
    // reply finds nobody.
    struct loop_tag gone;
    while (tcp_gone(&worker->tcp, &gone))
        ;
}

// --- updates

// Clients of updates are told what came of them.
static void take_told(struct worker *worker)
{
    if (!atomic_load_explicit(&worker->told, memory_order_relaxed))
        return;
    struct worker_told *told = atomic_exchange_explicit(&worker->told, NULL, memory_order_acquire);
    const struct serve_now now = worker->now.us ? worker->now : *read_clocks(worker);
    while (told) {
        struct worker_told *next = told->next;
        struct late late;
        if (serve_updated(&current_house(worker)->server, &worker->serve, &told->updated, &now,
                          &late))
            send_late(worker, &late);
        free(told);
        told = next;
    }
    worker->serve.stats.send_failed += udp_flush(worker->batch);
}

// --- listeners

static void add_socket(struct worker *worker, struct worker_socket *socket, uint32_t index)
{
    struct loop_tag tag = {.kind = socket->stream ? SOURCE_LISTENER : SOURCE_UDP, .index = index};
    uint32_t events = EPOLLIN | (socket->shared ? EPOLLEXCLUSIVE : 0);
    int failed = loop_add(&worker->loop, socket->fd, events, tag);
    if (failed)
        log_error("worker %u: a socket cannot be waited for: %s", worker->options.index,
                  strerror(-failed));
}

// What waits at the socket is taken first. (An inherited one stays open: the next process may want
// it.)
static void drop_socket(struct worker *worker, const struct worker_socket *socket)
{
    if (socket->stream)
        tcp_accept(&worker->tcp, socket->fd, clock_now_ms());
    else if (socket->shared || udp_turn_away(socket->fd) == 0)
        answer_datagrams(worker, socket);
    loop_remove(&worker->loop, socket->fd);
    if (!socket->shared)
        close(socket->fd);
}

static bool has_same(const struct worker *worker, const struct listeners *listeners)
{
    if (worker->socket_count != listeners->count)
        return false;
    for (size_t i = 0; i < listeners->count; i++)
        if (worker->sockets[i].id != listeners->list[i]->id)
            return false;
    return true;
}

static bool has_socket(const struct worker_socket *sockets, size_t count, uint64_t id)
{
    for (size_t i = 0; i < count; i++)
        if (sockets[i].id == id)
            return true;
    return false;
}

// Makes our sockets those of the house's listeners. A place in the list is a tag's index, so all
// are waited for anew under their new tags; events of this turn are not looked at after it.
static void adopt_listeners(struct worker *worker, const struct listeners *listeners)
{
    struct worker_socket *sockets = memory_get_zeroed(listeners->count, sizeof *sockets);
    for (size_t i = 0; i < listeners->count; i++) {
        const struct listener *listener = listeners->list[i];
        assert(listener->shared || listener->count > worker->options.index);
        sockets[i] = (struct worker_socket){
            .id = listener->id,
            .fd = listener->sockets[listener->shared ? 0 : worker->options.index],
            .stream = listener->stream,
            .told = listener->told,
            .shared = listener->shared,
            .local = listener->address,
        };
    }
    for (size_t i = 0; i < worker->socket_count; i++) {
        if (has_socket(sockets, listeners->count, worker->sockets[i].id))
            loop_remove(&worker->loop, worker->sockets[i].fd);
        else
            drop_socket(worker, &worker->sockets[i]);
    }
    for (size_t i = 0; i < listeners->count; i++)
        add_socket(worker, &sockets[i], (uint32_t)i);
    free(worker->sockets);
    worker->sockets = sockets;
    worker->socket_count = listeners->count;
}

static void adopt(struct worker *worker, const struct house *house)
{
    if (!has_same(worker, &house->listeners))
        adopt_listeners(worker, &house->listeners);
    atomic_store_explicit(&worker->house_number, house->number, memory_order_release);
}

// --- the turn

// How long the next sleep may be; closes connections that are too idle.
static int rest(struct worker *worker)
{
    int rest_ms = worker->tcp.open ? tcp_rest(&worker->tcp, clock_now_ms()) : -1;
    if (worker->sending)
        rest_ms = 0;
    if (!worker->upstream.resolver)
        return rest_ms;
    view_show_zones(&current_house(worker)->server, worker->upstream.resolver);
    // The last turn has just ended; before the first there was none.
    uint64_t now_us = worker->now.us ? worker->now.us : clock_now_us();
    int upstream_ms = upstream_rest(&worker->upstream, now_us);
    ring_others(worker);
    return upstream_ms >= 0 && (rest_ms < 0 || upstream_ms < rest_ms) ? upstream_ms : rest_ms;
}

static unsigned sleep_until_ready(struct worker *worker, int timeout_ms)
{
    const struct worker_options *options = &worker->options;
    atomic_store_explicit(&worker->asleep, true, memory_order_relaxed);
    if (options->flights) {
        bells_sleep(options->bells, options->index);
        if (flights_has_letter(options->flights, options->index))
            timeout_ms = 0;
    }
    epoch_offline();
    unsigned count = loop_wait(&worker->loop, timeout_ms);
    epoch_online();
    worker->now.us = 0;
    if (options->flights)
        bells_wake(options->bells, options->index);
    // We are the only writer. A turn more is seen by whoever sees us awake (worker_is_stuck).
    uint64_t turns = atomic_load_explicit(&worker->turns, memory_order_relaxed);
    atomic_store_explicit(&worker->turns, turns + 1, memory_order_relaxed);
    atomic_store_explicit(&worker->asleep, false, memory_order_release);
    return count;
}

static void answer_event(struct worker *worker, unsigned event, uint64_t *now_ms)
{
    uint32_t ready;
    struct loop_tag tag = loop_event(&worker->loop, event, &ready);
    // Datagrams need no time of day but the date: the clock is read at the first event that does.
    if (tag.kind >= SOURCE_LISTENER && *now_ms == 0)
        *now_ms = clock_now_ms();
    switch ((enum source)tag.kind) {
    case SOURCE_BELL: break;
    case SOURCE_UDP: answer_datagrams(worker, &worker->sockets[tag.index]); break;
    case SOURCE_LISTENER: tcp_accept(&worker->tcp, worker->sockets[tag.index].fd, *now_ms); break;
    case SOURCE_CONNECTION: answer_connection(worker, tag, ready, *now_ms); break;
    case SOURCE_ASK_UDP:
    case SOURCE_ASK_TCP: upstream_ready(&worker->upstream, tag, ready, *now_ms * 1000); break;
    }
}

static void take_turn(struct worker *worker)
{
    unsigned count = sleep_until_ready(worker, rest(worker));
    uint64_t now_ms = 0;
    for (unsigned i = 0; i < count; i++)
        answer_event(worker, i, &now_ms);
    worker->sending = transfers_run(worker->transfers, clock_date_s());
    take_told(worker);
    if (worker->upstream.resolver)
        ask_upstream(worker);
    const struct house *house = current_house(worker);
    if (house->number == worker_house(worker))
        return;
    adopt(worker, house);
    worker->now.us = 0; // it may have taken its time
    // Sockets that went were emptied; what came out of them may have to be asked for.
    if (worker->upstream.resolver)
        ask_upstream(worker);
}

// --- the end

// Answers what has been received already: datagrams in the sockets, queries on the connections.
static void answer_the_rest(struct worker *worker)
{
    uint64_t now_ms = clock_now_ms();
    for (size_t i = 0; i < worker->socket_count; i++)
        drop_socket(worker, &worker->sockets[i]);
    worker->socket_count = 0;
    for (uint32_t i = 0; i < worker->tcp.touched; i++) {
        struct loop_tag tag;
        if (tcp_tag(&worker->tcp, i, &tag))
            answer_connection(worker, tag, EPOLLIN, now_ms);
    }
    tcp_finish(&worker->tcp);
}

static void finish(struct worker *worker)
{
    answer_the_rest(worker);
    uint64_t end_ms = clock_now_ms() + FINISH_MS;
    for (uint64_t now_ms = clock_now_ms(); worker->tcp.open && now_ms < end_ms;
         now_ms = clock_now_ms()) {
        unsigned count = sleep_until_ready(worker, worker->sending ? 0 : (int)(end_ms - now_ms));
        for (unsigned i = 0; i < count; i++)
            answer_event(worker, i, &now_ms);
        worker->sending = transfers_run(worker->transfers, clock_date_s());
        if (worker->upstream.resolver)
            ask_upstream(worker);
    }
    if (worker->upstream.resolver) {
        resolver_hand_over(worker->upstream.resolver);
        ring_others(worker);
    }
}

static void pin(const struct worker *worker)
{
    char name[16];
    snprintf(name, sizeof name, "onym/%u", worker->options.index);
    pthread_setname_np(pthread_self(), name);
    if (worker->options.cpu < 0)
        return;
    cpu_set_t *set = CPU_ALLOC((size_t)worker->options.cpu + 1);
    size_t size = CPU_ALLOC_SIZE((size_t)worker->options.cpu + 1);
    if (!set)
        return;
    CPU_ZERO_S(size, set);
    CPU_SET_S((size_t)worker->options.cpu, size, set);
    int failed = pthread_setaffinity_np(pthread_self(), size, set);
    if (failed)
        log_warning("worker %u cannot be pinned to CPU %d: %s", worker->options.index,
                    worker->options.cpu, strerror(failed));
    CPU_FREE(set);
}

static void *run(void *argument)
{
    struct worker *worker = argument;
    pin(worker);
    epoch_join();
    if (worker->options.bells)
        bells_hang(worker->options.bells, worker->options.index, &worker->loop);
    adopt(worker, current_house(worker));
    while (!atomic_load_explicit(&worker->stopping, memory_order_relaxed))
        take_turn(worker);
    finish(worker);
    transfers_close(worker->transfers);
    worker->transfers = NULL;
    tcp_close(&worker->tcp);
    epoch_leave();
    return NULL;
}

// --- what the main thread calls

static void lay_packets(struct worker *worker)
{
    for (unsigned i = 0; i < BATCH_MAX; i++)
        worker->packets[i] = (struct packet){
            .octets = udp_slot(worker->batch, i),
            .room = SLOT_OCTETS,
            .client = &worker->batch->clients[i],
            .transport = TRANSPORT_UDP,
            .may_wait = true,
        };
}

// Returns 0 or a negative errno.
static int open_upstream(struct worker *worker)
{
    const struct worker_options *options = &worker->options;
    struct outbound_options way_out = {
        .loop = &worker->loop, .udp_kind = SOURCE_ASK_UDP, .tcp_kind = SOURCE_ASK_TCP};
    struct resolver_options resolver = {.cache = options->cache,
                                        .servers = options->servers,
                                        .secret = options->secret,
                                        .flights = options->flights,
                                        .worker = options->index};
    if (!options->cache)
        return 0;
    if (!upstream_open(&worker->upstream, &way_out, &resolver))
        return -ENOMEM;
    worker->serve.cache = options->cache;
    worker->serve.resolver = worker->upstream.resolver;
    return 0;
}

struct worker *worker_start(const struct worker_options *options, int *error)
{
    struct worker *worker = aligned_alloc(64, (sizeof *worker + 63) / 64 * 64);
    *error = -ENOMEM;
    if (!worker)
        return NULL;
    // Not begun is asleep: a thread that still waits for a CPU is not stuck.
    *worker = (struct worker){.options = *options, .batch = udp_batch_open(), .asleep = true};
    if (worker->batch)
        *error = loop_open(&worker->loop);
    if (*error) {
        udp_batch_close(worker->batch);
        free(worker);
        return NULL;
    }
    lay_packets(worker);
    serve_worker_open(&worker->serve, options->cache || options->changing);
    tcp_open(&worker->tcp, &(struct tcp_options){.loop = &worker->loop,
                                                 .kind = SOURCE_CONNECTION,
                                                 .census = options->census,
                                                 .connections_max = options->connections_max});
    worker->transfers = transfers_open(&worker->tcp, &worker->serve.stats);
    *error = open_upstream(worker);
    if (*error == 0)
        *error = -pthread_create(&worker->thread, NULL, run, worker);
    if (*error) {
        tcp_close(&worker->tcp);
        worker_free(worker);
        return NULL;
    }
    return worker;
}

void worker_send(struct worker *worker, struct errand *errand)
{
    assert(worker->upstream.resolver);
    errand->next = atomic_load_explicit(&worker->sent, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&worker->sent, &errand->next, errand,
                                                  memory_order_release, memory_order_relaxed))
        ;
    loop_ring(&worker->loop);
}

void worker_tell(struct worker *worker, uint64_t token, const struct update_outcome *outcome)
{
    struct worker_told *told = memory_get(sizeof *told);
    *told = (struct worker_told){.updated = {token, *outcome}};
    told->next = atomic_load_explicit(&worker->told, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&worker->told, &told->next, told,
                                                  memory_order_release, memory_order_relaxed))
        ;
    loop_ring(&worker->loop);
}

void worker_ring(struct worker *worker)
{
    loop_ring(&worker->loop);
}

uint64_t worker_house(const struct worker *worker)
{
    return atomic_load_explicit(&worker->house_number, memory_order_acquire);
}

void worker_stop(struct worker *worker)
{
    atomic_store(&worker->stopping, true);
    loop_ring(&worker->loop);
}

void worker_join(struct worker *worker)
{
    pthread_join(worker->thread, NULL);
}

void worker_free(struct worker *worker)
{
    struct worker_told *told = atomic_load(&worker->told);
    while (told) {
        struct worker_told *next = told->next;
        free(told);
        told = next;
    }
    transfers_close(worker->transfers);
    upstream_close(&worker->upstream);
    serve_worker_close(&worker->serve);
    udp_batch_close(worker->batch);
    loop_close(&worker->loop);
    free(worker->sockets);
    free(worker);
}

void worker_stats(const struct worker *worker, struct stats *sum)
{
    struct stats own = worker->serve.stats;
    if (worker->upstream.resolver)
        upstream_count(&worker->upstream, &own);
    own.turns += atomic_load_explicit(&worker->turns, memory_order_relaxed);
    own.connections_accepted += worker->tcp.accepted;
    own.connections_refused += worker->tcp.refused;
    own.connections_open += worker->tcp.open;
    stats_add(sum, &own);
}

bool worker_is_stuck(struct worker *worker)
{
    uint64_t turns = atomic_load_explicit(&worker->turns, memory_order_relaxed);
    bool stuck =
        turns == worker->turns_seen && !atomic_load_explicit(&worker->asleep, memory_order_relaxed);
    worker->turns_seen = turns;
    return stuck;
}
