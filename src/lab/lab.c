// The lab's one thread (lab.h).
//
//   datagrams    without faults   recvmmsg -> serve_batch -> sendmmsg, in the batch's own slots
//                with faults      recvmmsg -> fates -> serve_batch -> changed, copied -> leaving or
//                                 the wheel of departures
//   streams      the same as with faults, a message at a time
//   each turn    what is due leaves, many in one sendmmsg
//
// What leaves from the wheel goes through ONE socket of IPv4, whosever reply it is: IP_PKTINFO
// tells from which address, and all servers have one port. So a sendmmsg carries the replies of
// many servers, and a lab of a thousand of them sends as cheaply as one of two.
#include "lab/lab.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "dns/type.h"
#include "lab/build.h"
#include "lab/departures.h"
#include "lab/streams.h"
#include "net/listen.h"
#include "net/loop.h"
#include "net/udp.h"
#include "serve/serve.h"

enum source { SOURCE_BELL = LOOP_BELL, SOURCE_UDP, SOURCE_LISTENER, SOURCE_STREAM, SOURCE_SIGNAL };

#define HOT_COUNT      8 // so many in a batch: most of the time there is another one at once
#define BIND_TOLD_MAX  5 // addresses that cannot be bound: the others mostly for the same reason
#define ACCEPTS_MAX    64
#define LEAVING_MAX    BATCH_MAX
#define ROOT_HOST_NONE "a.root-servers.net."

struct lab_server {
    struct address address;
    struct server server;
    struct faults faults;
    bool faulty;
    struct dice dice;
    struct counts counts;
    const char *host;
    struct listener *udp, *tcp;
};

struct lab {
    const struct world *world;
    struct built built;
    struct lab_server *servers;
    size_t server_count;
    struct counted *counted;
    struct loop loop;
    int signals;     // a signalfd
    int sender;      // the socket of IPv4 that all departures leave from
    int stranger[2]; // of IPv4 and IPv6: sockets of nobody's, for FAULT_WRONG_SOURCE
    uint64_t now_us; // of this batch
    struct serve_worker worker;
    struct udp_batch *batch;
    struct packet packets[BATCH_MAX];
    struct fate fates[BATCH_MAX];
    struct streams streams;
    struct departures departures;
    struct departure *leaving[LEAVING_MAX]; // at once
    unsigned leaving_count;
    uint8_t root_host[NAME_OCTETS_MAX]; // wire
    uint8_t whole[MESSAGE_MAX];         // a message over TCP
    struct mmsghdr headers[BATCH_MAX];
    struct iovec pieces[BATCH_MAX];
    union udp_told control[BATCH_MAX];
};

// --- leaving -------------------------------------------------------------------------------------

static void lay_header(struct lab *lab, unsigned index, struct departure *departure)
{
    struct msghdr *header = &lab->headers[index].msg_hdr;
    lab->pieces[index] = (struct iovec){departure->octets, departure->size};
    *header = (struct msghdr){.msg_name = &departure->client.any,
                              .msg_namelen = departure->client.size,
                              .msg_iov = &lab->pieces[index],
                              .msg_iovlen = 1};
    if (departure->from.s_addr == 0)
        return;
    struct in_pktinfo from = {.ipi_spec_dst = departure->from};
    header->msg_control = lab->control[index].octets;
    header->msg_controllen = CMSG_SPACE(sizeof from);
    struct cmsghdr *message = CMSG_FIRSTHDR(header);
    message->cmsg_level = IPPROTO_IP;
    message->cmsg_type = IP_PKTINFO;
    message->cmsg_len = CMSG_LEN(sizeof from);
    memcpy(CMSG_DATA(message), &from, sizeof from);
}

static void count_sent(struct lab *lab, const struct departure *departure, bool sent)
{
    if (departure->server == DEPARTURE_FORGED)
        return;
    struct counts *counts = &lab->servers[departure->server].counts;
    if (sent)
        counts->replies++;
    else
        counts->unsent++;
}

// Datagrams of one socket.
static void send_run(struct lab *lab, struct departure **list, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        lay_header(lab, i, list[i]);
    for (unsigned done = 0; done < count;) {
        int sent =
            sendmmsg(list[0]->fd, lab->headers + done, count - done, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent <= 0) {
            count_sent(lab, list[done++], false);
            continue;
        }
        for (int i = 0; i < sent; i++)
            count_sent(lab, list[done++], true);
    }
}

static void send_to_stream(struct lab *lab, const struct departure *departure)
{
    struct loop_tag tag = {
        .kind = SOURCE_STREAM, .generation = departure->generation, .index = departure->stream};
    count_sent(lab, departure,
               streams_write(&lab->streams, tag, departure->octets, departure->size));
}

// At most BATCH_MAX; they are given back.
static void send_all(struct lab *lab, struct departure **list, unsigned count)
{
    for (unsigned start = 0, end; start < count; start = end) {
        end = start + 1;
        if (list[start]->fd < 0) {
            send_to_stream(lab, list[start]);
            continue;
        }
        while (end < count && list[end]->fd == list[start]->fd)
            end++;
        send_run(lab, list + start, end - start);
    }
    for (unsigned i = 0; i < count; i++)
        departures_drop(&lab->departures, list[i]);
}

static void send_leaving(struct lab *lab)
{
    send_all(lab, lab->leaving, lab->leaving_count);
    lab->leaving_count = 0;
}

static void send_due(struct lab *lab)
{
    struct departure *due[BATCH_MAX];
    unsigned count;
    while ((count = departures_take(&lab->departures, clock_now_ms(), due)) > 0)
        send_all(lab, due, count);
}

static void post(struct lab *lab, struct departure *departure, uint32_t delay_ms)
{
    if (delay_ms) {
        departure->due_ms = (lab->now_us + delay_ms * (uint64_t)1000 + 999) / 1000;
        departures_add(&lab->departures, departure);
        return;
    }
    lab->leaving[lab->leaving_count++] = departure;
    if (lab->leaving_count == LEAVING_MAX)
        send_leaving(lab);
}

// --- faults --------------------------------------------------------------------------------------

// Where a reply goes.
struct way {
    struct lab_server *server;
    const struct address *client;
    bool stream;
    uint32_t index, generation; // of the stream
};

static void aim(struct lab *lab, const struct way *way, const struct fate *fate,
                struct departure *departure)
{
    bool v4 = way->server->address.any.sa_family == AF_INET;
    departure->client = *way->client;
    departure->server = (uint32_t)(way->server - lab->servers);
    departure->stream = way->index;
    departure->generation = way->generation;
    if (way->stream) {
        departure->fd = -1;
    } else if (fate_has(fate, FAULT_WRONG_SOURCE)) {
        departure->fd = lab->stranger[v4 ? 0 : 1];
    } else if (v4) {
        departure->fd = lab->sender;
        departure->from = way->server->address.v4.sin_addr;
    } else {
        departure->fd = way->server->udp->sockets[0];
    }
}

// Names for a referral to the zone that was asked, if it is one of the server's.
static void find_sense(const struct lab *lab, const struct lab_server *server,
                       const struct packet *packet, struct fault_sense *sense)
{
    struct name_key key;
    *sense = (struct fault_sense){.root_host = lab->root_host};
    if (!name_key_read(packet->octets + HEADER_SIZE, packet->size - HEADER_SIZE, &lab->built.secret,
                       &key))
        return;
    const struct zone *zone = zones_find(&server->server.zones, &key, key.labels);
    if (!zone)
        return;
    const struct rrset *servers = node_rrset(&zone->image, zone->image.apex, TYPE_NS);
    sense->zone = zone->origin.wire;
    sense->zone_host = servers ? rrset_rdata(servers->body) : zone->origin.wire;
}

static void forge(struct lab *lab, const struct way *way, const struct fate *fate,
                  const struct fault_message *reply)
{
    struct departure *departure = departures_make(&lab->departures, DEPARTURE_ROOM);
    if (!departure)
        return;
    aim(lab, way, fate, departure);
    departure->server = DEPARTURE_FORGED;
    struct fault_message forged = {.octets = departure->octets, .room = DEPARTURE_ROOM};
    fault_forge(fate, reply, &forged);
    departure->size = forged.size;
    if (forged.size)
        post(lab, departure, fate->delay_ms);
    else
        departures_drop(&lab->departures, departure);
}

static void count_strikes(struct counts *counts, const struct fate *fate)
{
    for (uint32_t left = fate->strikes; left; left &= left - 1)
        counts->faults[__builtin_ctz(left)]++;
}

// The true reply is in the packet: what becomes of it.
static void leave(struct lab *lab, const struct way *way, const struct fate *fate,
                  struct packet *packet)
{
    struct fault_message reply = {packet->octets, packet->size, packet->room};
    if (fate->strikes) {
        struct fault_sense sense;
        if (fate_has(fate, FAULT_SPOOF))
            forge(lab, way, fate, &reply);
        find_sense(lab, way->server, packet, &sense);
        fault_change(fate, &sense, &reply);
    }
    struct departure *departure = departures_make(&lab->departures, reply.size);
    if (!departure) {
        way->server->counts.unsent++;
        return;
    }
    aim(lab, way, fate, departure);
    memcpy(departure->octets, reply.octets, reply.size);
    departure->size = reply.size;
    post(lab, departure, fate->delay_ms);
}

// Draws the fate of a query; one that gets no reply has size 0 after it.
static void meet_fate(struct lab_server *server, struct packet *packet, struct fate *fate)
{
    struct fault_query query;
    fault_read(packet->octets, packet->size, packet->transport == TRANSPORT_TCP, &query);
    fault_draw(&server->faults, &server->dice, &query, fate);
    if (fate->strikes) {
        struct fault_message message = {packet->octets, packet->size, packet->room};
        count_strikes(&server->counts, fate);
        fault_blind(fate, &message);
        packet->size = fate_is_silence(fate) ? 0 : message.size;
    }
}

// --- datagrams -----------------------------------------------------------------------------------

static void answer_plain(struct lab *lab, struct lab_server *server, unsigned count)
{
    serve_batch(&server->server, &lab->worker, lab->packets, count, &(struct serve_now){0});
    unsigned replies = 0;
    for (unsigned i = 0; i < count; i++) {
        replies += lab->packets[i].size > 0;
        udp_set_size(lab->batch, i, lab->packets[i].size);
    }
    unsigned lost = udp_send(lab->batch, server->udp->sockets[0], false, count);
    server->counts.replies += replies - lost;
    server->counts.unsent += lost;
}

static void answer_with_faults(struct lab *lab, struct lab_server *server, unsigned count)
{
    lab->now_us = clock_now_us();
    for (unsigned i = 0; i < count; i++)
        meet_fate(server, &lab->packets[i], &lab->fates[i]);
    serve_batch(&server->server, &lab->worker, lab->packets, count, &(struct serve_now){0});
    for (unsigned i = 0; i < count; i++) {
        struct way way = {.server = server, .client = &lab->batch->clients[i]};
        if (lab->packets[i].size)
            leave(lab, &way, &lab->fates[i], &lab->packets[i]);
    }
    send_leaving(lab);
    if (lab->now_us / 1000 > lab->departures.now_ms)
        send_due(lab);
}

static void answer_datagrams(struct lab *lab, struct lab_server *server)
{
    for (unsigned round = 0; round < UDP_ROUNDS_MAX; round++) {
        unsigned count = udp_receive(lab->batch, server->udp->sockets[0], false);
        if (count == 0)
            return;
        server->counts.udp += count;
        for (unsigned i = 0; i < count; i++)
            lab->packets[i].size = udp_size(lab->batch, false, i);
        if (server->faulty)
            answer_with_faults(lab, server, count);
        else
            answer_plain(lab, server, count);
        if (count < HOT_COUNT)
            return;
    }
}

// --- streams -------------------------------------------------------------------------------------

static void take_connections(struct lab *lab, uint32_t index)
{
    struct lab_server *server = &lab->servers[index];
    for (unsigned i = 0; i < ACCEPTS_MAX; i++) {
        struct address client = {.size = sizeof client.v6};
        int fd = accept4(server->tcp->sockets[0], &client.any, &client.size,
                         SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0)
            return;
        server->counts.connections++;
        if (fault_refuses_stream(&server->faults, &server->dice)) {
            server->counts.faults[FAULT_NO_TCP]++;
            close(fd);
            continue;
        }
        streams_add(&lab->streams, fd, index, &client);
    }
}

static void answer_message(struct lab *lab, struct stream *stream,
                           const struct stream_message *message)
{
    struct lab_server *server = &lab->servers[stream->server];
    struct fate fate;
    struct packet packet = {.octets = lab->whole,
                            .size = message->size,
                            .room = sizeof lab->whole,
                            .client = &stream->client,
                            .transport = TRANSPORT_TCP,
                            .keepalive_ds = UINT16_MAX};
    struct way way = {.server = server,
                      .client = &stream->client,
                      .stream = true,
                      .index = streams_index(&lab->streams, stream),
                      .generation = stream->generation};
    server->counts.tcp++;
    memcpy(lab->whole, message->octets, message->size);
    meet_fate(server, &packet, &fate);
    serve_batch(&server->server, &lab->worker, &packet, 1, &(struct serve_now){0});
    if (packet.size)
        leave(lab, &way, &fate, &packet);
}

static void answer_stream(struct lab *lab, struct loop_tag tag)
{
    struct stream_message message;
    struct stream *stream = streams_begin(&lab->streams, tag);
    if (!stream)
        return;
    lab->now_us = clock_now_us();
    while (streams_next(stream, &message))
        answer_message(lab, stream, &message);
    streams_end(stream);
    send_leaving(lab);
}

// --- the turn ------------------------------------------------------------------------------------

// Returns true for a signal, which is in `event`.
static bool read_signal(struct lab *lab, enum lab_event *event)
{
    struct signalfd_siginfo signal;
    if (read(lab->signals, &signal, sizeof signal) != sizeof signal)
        return false;
    *event = signal.ssi_signo == SIGUSR1 ? LAB_TELL : LAB_STOP;
    return true;
}

enum lab_event lab_run(struct lab *lab)
{
    enum lab_event event = LAB_STOP;
    bool told = false;
    while (!told) {
        unsigned count = loop_wait(&lab->loop, departures_rest(&lab->departures, clock_now_ms()));
        for (unsigned i = 0; i < count; i++) {
            struct loop_tag tag = loop_event(&lab->loop, i, NULL);
            switch ((enum source)tag.kind) {
            case SOURCE_BELL: break;
            case SOURCE_UDP: answer_datagrams(lab, &lab->servers[tag.index]); break;
            case SOURCE_LISTENER: take_connections(lab, tag.index); break;
            case SOURCE_STREAM: answer_stream(lab, tag); break;
            case SOURCE_SIGNAL: told = read_signal(lab, &event); break;
            }
        }
        send_due(lab);
    }
    return event;
}

// --- opening -------------------------------------------------------------------------------------

static void raise_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit); // what is too little shows when a socket cannot be opened
}

// A server's dice depend on the seed and its address, not on the others.
static uint64_t seed_of(uint32_t seed, const struct address *address)
{
    char text[ADDRESS_TEXT_MAX];
    address_print_host(address, text);
    uint64_t mixed = 0xcbf29ce484222325u ^ seed;
    for (const char *at = text; *at; at++)
        mixed = (mixed ^ (uint8_t)*at) * 0x100000001b3u;
    return mixed;
}

static void set_up_server(struct lab *lab, struct built_server *from, struct lab_server *server)
{
    server->address = from->address;
    server->host = from->host;
    server->server.secret = lab->built.secret;
    server->server.auth.minimal = true;
    size_t size = strlen(from->host);
    server->server.identity.nsid_size = (uint8_t)(size < NSID_MAX ? size : NSID_MAX);
    memcpy(server->server.identity.nsid, from->host, server->server.identity.nsid_size);
    zones_build(&server->server.zones, from->zones, from->zone_count, &lab->built.secret);
    from->zones = NULL; // the table has them now
    world_find_faults(lab->world, &server->address, &server->faults);
    server->faulty = faults_any(&server->faults);
    server->dice = dice_seed(seed_of(lab->world->seed, &server->address));
}

static void refuse_socket(const struct address *address, const struct listen_failure *failure,
                          struct report *report)
{
    char text[ADDRESS_TEXT_MAX];
    address_print(address, text);
    report_add(report, SEVERITY_ERROR, &(struct place){0},
               failure->error == EACCES ? "ports below 1024 are root's: give another with --port"
                                        : "another port can be given with --port",
               "cannot listen on %s: %s", text, failure->words);
}

static void listen_on(struct lab *lab, uint32_t index, struct report *report)
{
    static const struct listeners nobody;
    struct listen_failure failure;
    struct lab_server *server = &lab->servers[index];
    server->udp = listener_open(&server->address, false, 1, &nobody, &failure);
    if (server->udp)
        server->tcp = listener_open(&server->address, true, 1, &nobody, &failure);
    if (!server->udp || !server->tcp) {
        refuse_socket(&server->address, &failure, report);
        return;
    }
    if (lab->sender < 0 && server->address.any.sa_family == AF_INET)
        lab->sender = server->udp->sockets[0];
    struct loop_tag udp = {.kind = SOURCE_UDP, .index = index};
    struct loop_tag tcp = {.kind = SOURCE_LISTENER, .index = index};
    failure.error = -loop_add(&lab->loop, server->udp->sockets[0], EPOLLIN, udp);
    if (!failure.error)
        failure.error = -loop_add(&lab->loop, server->tcp->sockets[0], EPOLLIN, tcp);
    strcpy(failure.words, "epoll does not take it");
    if (failure.error)
        refuse_socket(&server->address, &failure, report);
}

static bool open_signals(struct lab *lab)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    lab->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    struct loop_tag tag = {.kind = SOURCE_SIGNAL};
    return lab->signals >= 0 && loop_add(&lab->loop, lab->signals, EPOLLIN, tag) == 0;
}

static bool open_sockets(struct lab *lab, struct report *report)
{
    size_t errors = report->errors;
    raise_descriptors();
    lab->stranger[0] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    lab->stranger[1] = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (!open_signals(lab))
        report_add(report, SEVERITY_ERROR, &(struct place){0}, NULL, "no signals: %s",
                   strerror(errno));
    for (uint32_t i = 0; i < lab->server_count && report->errors < errors + BIND_TOLD_MAX; i++)
        listen_on(lab, i, report);
    return report->errors == errors;
}

static void lay_packets(struct lab *lab)
{
    for (unsigned i = 0; i < BATCH_MAX; i++)
        lab->packets[i] = (struct packet){.octets = udp_slot(lab->batch, i),
                                          .room = SLOT_OCTETS,
                                          .client = &lab->batch->clients[i],
                                          .transport = TRANSPORT_UDP};
}

static void find_root_host(struct lab *lab)
{
    const struct world_zone *root = world_find_zone(lab->world, ".");
    const char *text = root && root->host_count ? root->hosts[0].name : ROOT_HOST_NONE;
    struct name name;
    if (name_parse(text, strlen(text), NULL, lab->root_host, &name) != NAME_TEXT_OK)
        lab->root_host[0] = 0;
}

static struct lab *make(const struct world *world)
{
    struct lab *lab = memory_get_aligned(64, (sizeof *lab + 63) / 64 * 64);
    *lab = (struct lab){.world = world, .signals = -1, .sender = -1, .stranger = {-1, -1}};
    lab->batch = udp_batch_open();
    if (!lab->batch || loop_open(&lab->loop) < 0) {
        udp_batch_close(lab->batch);
        free(lab);
        return NULL;
    }
    lay_packets(lab);
    find_root_host(lab);
    serve_worker_open(&lab->worker, false);
    streams_open(&lab->streams, &lab->loop, SOURCE_STREAM);
    departures_open(&lab->departures, clock_now_ms());
    return lab;
}

struct lab *lab_open(const struct world *world, struct report *report, enum lab_result *result)
{
    struct lab *lab = make(world);
    *result = LAB_NO_SOCKET;
    if (!lab) {
        report_add(report, SEVERITY_ERROR, &(struct place){0}, NULL, "no memory or descriptors");
        return NULL;
    }
    bool good = build_world(world, &lab->built, report);
    if (good && lab->built.server_count > LAB_SERVERS_MAX) {
        struct place place = {.file = world->path};
        report_add(report, SEVERITY_ERROR, &place, "let more zones share their servers",
                   "%zu addresses; at most %d", lab->built.server_count, LAB_SERVERS_MAX);
        good = false;
    }
    if (!good) {
        *result = LAB_BAD_WORLD;
        lab_close(lab);
        return NULL;
    }
    lab->server_count = lab->built.server_count;
    lab->servers = memory_get_zeroed(lab->server_count + 1, sizeof *lab->servers);
    lab->counted = memory_get_zeroed(lab->server_count + 1, sizeof *lab->counted);
    for (size_t i = 0; i < lab->server_count; i++)
        set_up_server(lab, &lab->built.servers[i], &lab->servers[i]);
    if (open_sockets(lab, report)) {
        *result = LAB_OPEN;
        return lab;
    }
    lab_close(lab);
    return NULL;
}

static void close_listener(struct listener *listener)
{
    if (!listener)
        return;
    listener_abandon(listener);
    listener_release(listener);
}

void lab_close(struct lab *lab)
{
    if (!lab)
        return;
    for (size_t i = 0; i < lab->server_count; i++) {
        close_listener(lab->servers[i].udp);
        close_listener(lab->servers[i].tcp);
        zones_free(&lab->servers[i].server.zones);
    }
    streams_close(&lab->streams);
    departures_close(&lab->departures);
    serve_worker_close(&lab->worker);
    udp_batch_close(lab->batch);
    for (unsigned i = 0; i < 2; i++)
        if (lab->stranger[i] >= 0)
            close(lab->stranger[i]);
    if (lab->signals >= 0)
        close(lab->signals);
    loop_close(&lab->loop);
    built_free(&lab->built);
    free(lab->servers);
    free(lab->counted);
    free(lab);
}

// --- what was counted ----------------------------------------------------------------------------

const struct counted *lab_counted(struct lab *lab, size_t *count)
{
    for (size_t i = 0; i < lab->server_count; i++)
        lab->counted[i] = (struct counted){.address = &lab->servers[i].address,
                                           .host = lab->servers[i].host,
                                           .zones = lab->servers[i].server.zones.count,
                                           .counts = &lab->servers[i].counts};
    *count = lab->server_count;
    return lab->counted;
}

struct lab_size lab_size(const struct lab *lab)
{
    return (struct lab_size){.servers = lab->server_count,
                             .zones = lab->built.zone_count,
                             .records = lab->built.record_count};
}
