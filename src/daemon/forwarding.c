// Updates passed on to primaries (forwarding.h).
#include "daemon/forwarding.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
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
#include "dns/message.h"
#include "serve/update.h"
#include "transfer/update.h"

struct forward {
    struct forward *next; // of those that the main thread has not seen yet
    struct name zone;
    uint8_t wire[NAME_OCTETS_MAX];
    unsigned view;
    unsigned worker;
    uint64_t token;
    uint8_t *message; // without the client's signature
    size_t size;
    // From here on with one of the primaries.
    size_t primary; // of the zone's list
    struct address address;
    int fd;
    uint32_t generation;
    uint64_t due_ms;
    bool connected;
    struct tsig tsig;
    struct tsig_keys *keys; // held for our signature; NULL: there is none
    uint8_t *octets;        // behind two octets of length: the request, then the reply
    size_t length, done;    // of the octets, with those two; and of them sent or received
    bool answering;         // the request is sent
    uint16_t id;            // of the request
};

struct forwarding {
    struct loop *loop;
    _Atomic(struct forward *) sent; // by workers, the newest first
    atomic_uint count;              // in `sent` and `list`
    struct forward *list[FORWARDS_MAX];
    unsigned under_way; // in `list`
    uint32_t generation;
    uint64_t answered, failed; // by a primary; told SERVFAIL by us
};

struct forwarding *forwarding_open(struct loop *loop)
{
    struct forwarding *forwarding = memory_get_zeroed(1, sizeof *forwarding);
    forwarding->loop = loop;
    return forwarding;
}

static void leave(struct daemon *daemon, struct forward *forward)
{
    if (forward->fd >= 0) {
        loop_remove(&daemon->loop, forward->fd);
        close(forward->fd);
    }
    forward->fd = -1;
    tsig_keys_release(forward->keys);
    forward->keys = NULL;
    free(forward->octets);
    forward->octets = NULL;
}

static void free_forward(struct forward *forward)
{
    free(forward->message);
    free(forward);
}

void forwarding_close(struct daemon *daemon)
{
    struct forwarding *forwarding = daemon->forwarding;
    if (!forwarding)
        return;
    struct forward *sent = atomic_exchange(&forwarding->sent, NULL);
    while (sent) {
        struct forward *next = sent->next;
        free_forward(sent);
        sent = next;
    }
    for (size_t i = 0; i < FORWARDS_MAX; i++) {
        if (!forwarding->list[i])
            continue;
        leave(daemon, forwarding->list[i]);
        free_forward(forwarding->list[i]);
    }
    free(forwarding);
    daemon->forwarding = NULL;
}

// --- from the workers ----------------------------------------------------------------------------

// The size without what is between the client and us only: its signature (RFC 8945 5.5) and, where
// it is the last record, its OPT (RFC 6891 6.1.1). 0: malformed.
static size_t strip(uint8_t *octets, size_t size)
{
    struct message message;
    struct message_record record;
    size_t at, end = size;
    unsigned stripped = 0;
    if (!message_open(&message, octets, size))
        return 0;
    for (at = message.at; message_next(&message, &record); at = message.at) {
        bool ours = record.section == SECTION_ADDITIONAL &&
                    (record.type == TYPE_TSIG || record.type == TYPE_OPT);
        if (ours && !stripped)
            end = at;
        stripped = ours ? stripped + 1 : 0;
    }
    if (message.malformed || message.at != size)
        return 0;
    bytes_put16(octets + 10, (uint16_t)(bytes_get16(octets + 10) - stripped));
    return stripped ? end : size;
}

enum forwarding_verdict forwarding_submit(struct forwarding *forwarding, struct update_want *want,
                                          const uint8_t *octets, unsigned worker)
{
    if (atomic_fetch_add(&forwarding->count, 1) >= FORWARDS_MAX) {
        atomic_fetch_sub(&forwarding->count, 1);
        update_want_free(want);
        return FORWARDING_CROWDED;
    }
    struct forward *forward = memory_get_zeroed(1, sizeof *forward);
    forward->fd = -1;
    forward->zone = name_fold(want->zone->origin, forward->wire);
    forward->view = want->view;
    forward->worker = worker;
    forward->token = want->token;
    forward->message = memory_get(want->size);
    memcpy(forward->message, octets, want->size);
    forward->size = strip(forward->message, want->size);
    update_want_free(want);
    if (forward->size == 0) {
        free_forward(forward);
        atomic_fetch_sub(&forwarding->count, 1);
        return FORWARDING_MALFORMED;
    }
    forward->next = atomic_load_explicit(&forwarding->sent, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&forwarding->sent, &forward->next, forward,
                                                  memory_order_release, memory_order_relaxed))
        ;
    loop_ring(forwarding->loop);
    return FORWARDING_TAKEN;
}

// --- with a primary ------------------------------------------------------------------------------

static void end(struct daemon *daemon, size_t index, const struct update_outcome *outcome)
{
    struct forwarding *forwarding = daemon->forwarding;
    struct forward *forward = forwarding->list[index];
    worker_tell(daemon->workers[forward->worker], forward->token, outcome);
    leave(daemon, forward);
    free_forward(forward);
    forwarding->list[index] = NULL;
    forwarding->under_way--;
    atomic_fetch_sub(&forwarding->count, 1);
}

// `problem` in words that stay.
static void fail(struct daemon *daemon, size_t index, enum ede ede, const char *problem)
{
    const struct forward *forward = daemon->forwarding->list[index];
    char name[NAME_TEXT_MAX], primary[ADDRESS_TEXT_MAX] = "";
    name_print(forward->zone, name);
    if (forward->address.size)
        address_print(&forward->address, primary);
    log_warning("zone %s: an update could not be passed on: %s%s%s", name, primary,
                *primary ? ": " : "", problem);
    daemon->forwarding->failed++;
    end(daemon, index, &(struct update_outcome){RCODE_SERVFAIL, ede, problem});
}

// What goes to this primary: the message with an ID of ours and, where it has a key, our signature.
static bool write_request(struct daemon *daemon, struct forward *forward,
                          const struct remote_option *remote)
{
    struct tsig_keys *keys = daemon_house(daemon)->server.keys;
    size_t room = forward->size + (remote->keyed ? TSIG_SIZE_MAX : 0), size = forward->size;
    forward->octets = memory_get(2 + room);
    memcpy(forward->octets + 2, forward->message, size);
    forward->id = (uint16_t)random_get32();
    bytes_put16(forward->octets + 2, forward->id);
    if (remote->keyed) {
        forward->keys = tsig_keys_hold(keys);
        size = tsig_ask(&forward->tsig, &keys->list[remote->key], forward->octets + 2, size,
                        clock_date_s());
    }
    if (size > MESSAGE_MAX)
        return false;
    bytes_put16(forward->octets, (uint16_t)size);
    forward->length = 2 + size;
    forward->done = 0;
    return true;
}

static int open_socket(struct daemon *daemon, size_t index)
{
    struct forward *forward = daemon->forwarding->list[index];
    forward->fd =
        sockets_connect_like(&daemon_house(daemon)->listeners, &forward->address, SOCK_STREAM);
    if (forward->fd < 0)
        return forward->fd;
    forward->generation = ++daemon->forwarding->generation & LOOP_GENERATION_MASK;
    return loop_add(&daemon->loop, forward->fd, EPOLLOUT,
                    (struct loop_tag){.kind = DAEMON_FORWARDS,
                                      .generation = forward->generation,
                                      .index = (uint32_t)index});
}

// To the zone's primaries from `primary` on, until one can be spoken to.
static void begin(struct daemon *daemon, size_t index, uint64_t now_ms)
{
    struct forward *forward = daemon->forwarding->list[index];
    const struct options *options = daemon_house(daemon)->options;
    size_t zone;
    bool found = house_find_in_view(options, forward->zone, forward->view, &zone);
    const struct remotes_option *from = found ? options->zones[zone].from : NULL;
    for (; from && forward->primary < from->count; forward->primary++) {
        const struct remote_option *remote = &from->list[forward->primary];
        leave(daemon, forward);
        forward->address = remote->address;
        if (!write_request(daemon, forward, remote)) {
            fail(daemon, index, EDE_OTHER, "the update is too long to be signed by us");
            return;
        }
        forward->due_ms = now_ms + FORWARD_CONNECT_MS;
        if (open_socket(daemon, index) == 0)
            return;
    }
    fail(daemon, index, EDE_NO_REACHABLE_AUTHORITY,
         from ? "no primary of the zone can be reached" : "the zone has no primary any more");
}

static void try_next(struct daemon *daemon, size_t index, uint64_t now_ms)
{
    daemon->forwarding->list[index]->primary++;
    begin(daemon, index, now_ms);
}

// True: it is the primary's answer to what we have sent.
static bool read_reply(struct forward *forward, enum rcode *rcode)
{
    const uint8_t *octets = forward->octets + 2;
    size_t size = forward->length - 2, at, signed_at = 0;
    struct message message;
    struct message_record record;
    if (!message_open(&message, octets, size) || message.id != forward->id ||
        !(message.flags & FLAG_QR) || message_opcode(message.flags) != OPCODE_UPDATE)
        return false;
    for (at = message.at; message_next(&message, &record); at = message.at)
        if (record.section == SECTION_ADDITIONAL && record.type == TYPE_TSIG)
            signed_at = at;
    if (message.malformed)
        return false;
    *rcode = message.flags & 15;
    return !forward->keys || tsig_confirm(&forward->tsig, octets, size, signed_at, clock_date_s());
}

static void take_reply(struct daemon *daemon, size_t index)
{
    struct forward *forward = daemon->forwarding->list[index];
    enum rcode rcode = RCODE_SERVFAIL;
    size_t zone;
    if (!read_reply(forward, &rcode)) {
        fail(daemon, index, EDE_OTHER,
             tsig_error_word(forward->tsig.error)
                 ? "the primary does not know our signature"
                 : "the primary's answer is not signed by our key, or no answer at all");
        return;
    }
    daemon->forwarding->answered++;
    if (rcode == RCODE_NOERROR &&
        house_find_in_view(daemon_house(daemon)->options, forward->zone, forward->view, &zone))
        (void)fetching_want(daemon, zone, false); // if its NOTIFY is lost
    end(daemon, index,
        &(struct update_outcome){rcode, rcode ? EDE_OTHER : EDE_NONE,
                                 rcode ? "so says the primary of the zone" : NULL});
}

static void send_request(struct daemon *daemon, size_t index, uint64_t now_ms)
{
    struct forward *forward = daemon->forwarding->list[index];
    int error = 0;
    socklen_t size = sizeof error;
    if (!forward->connected)
        getsockopt(forward->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) {
        try_next(daemon, index, now_ms);
        return;
    }
    if (!forward->connected)
        forward->due_ms = now_ms + FORWARD_ANSWER_MS;
    forward->connected = true;
    ssize_t sent = send(forward->fd, forward->octets + forward->done,
                        forward->length - forward->done, MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (sent < 0) {
        fail(daemon, index, EDE_NETWORK_ERROR, "the primary hung up before it had all of it");
        return;
    }
    forward->done += (size_t)sent;
    if (forward->done < forward->length)
        return;
    forward->answering = true;
    forward->length = 2;
    forward->done = 0;
    loop_change(&daemon->loop, forward->fd, EPOLLIN,
                (struct loop_tag){.kind = DAEMON_FORWARDS,
                                  .generation = forward->generation,
                                  .index = (uint32_t)index});
}

static void receive(struct daemon *daemon, size_t index)
{
    struct forward *forward = daemon->forwarding->list[index];
    uint8_t *octets = forward->octets;
    ssize_t size = recv(forward->fd, octets + forward->done, forward->length - forward->done, 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (size <= 0) {
        fail(daemon, index, EDE_NETWORK_ERROR,
             "the primary hung up; whether it has carried it out is not known");
        return;
    }
    forward->done += (size_t)size;
    if (forward->done < forward->length)
        return;
    if (forward->length > 2) {
        take_reply(daemon, index);
        return;
    }
    forward->length = 2u + bytes_get16(octets);
    forward->octets = memory_resize(octets, forward->length + 1);
    if (forward->length == 2)
        take_reply(daemon, index); // which is none
}

void forwarding_take(struct daemon *daemon, struct loop_tag tag, uint64_t now_ms)
{
    struct forward *forward = daemon->forwarding->list[tag.index];
    if (!forward || forward->fd < 0 || forward->generation != tag.generation)
        return;
    if (forward->answering)
        receive(daemon, tag.index);
    else
        send_request(daemon, tag.index, now_ms);
}

// --- the steps -----------------------------------------------------------------------------------

static void time_out(struct daemon *daemon, size_t index, uint64_t now_ms)
{
    struct forward *forward = daemon->forwarding->list[index];
    if (forward->due_ms > now_ms)
        return;
    if (forward->connected)
        fail(daemon, index, EDE_NO_REACHABLE_AUTHORITY,
             "the primary does not answer; whether it has carried it out is not known");
    else
        try_next(daemon, index, now_ms);
}

void forwarding_step(struct daemon *daemon, uint64_t now_ms)
{
    struct forwarding *forwarding = daemon->forwarding;
    if (!daemon_house(daemon))
        return;
    for (size_t i = 0; forwarding->under_way && i < FORWARDS_MAX; i++)
        if (forwarding->list[i])
            time_out(daemon, i, now_ms);
    if (!atomic_load_explicit(&forwarding->sent, memory_order_relaxed))
        return;
    struct forward *sent = atomic_exchange_explicit(&forwarding->sent, NULL, memory_order_acquire);
    struct forward *first = NULL; // in the order that they came in
    while (sent) {
        struct forward *next = sent->next;
        sent->next = first;
        first = sent;
        sent = next;
    }
    for (size_t i = 0; first; i++) {
        if (forwarding->list[i])
            continue; // there is a free one, as forwarding_submit() has counted
        forwarding->list[i] = first;
        first = first->next;
        forwarding->under_way++;
        begin(daemon, i, now_ms);
    }
}

int forwarding_rest(const struct forwarding *forwarding, uint64_t now_ms)
{
    int rest_ms = -1;
    for (size_t i = 0; forwarding->under_way && i < FORWARDS_MAX; i++) {
        const struct forward *forward = forwarding->list[i];
        if (!forward)
            continue;
        int due_ms = forward->due_ms > now_ms ? (int)(forward->due_ms - now_ms) : 0;
        if (rest_ms < 0 || due_ms < rest_ms)
            rest_ms = due_ms;
    }
    return rest_ms;
}

void forwarding_metrics(const struct forwarding *forwarding, struct buffer *to)
{
    buffer_format(to,
                  "# HELP onym_updates_forwarded_total Updates passed on to primaries.\n"
                  "# TYPE onym_updates_forwarded_total counter\n"
                  "onym_updates_forwarded_total{result=\"answered\"} %" PRIu64 "\n"
                  "onym_updates_forwarded_total{result=\"failed\"} %" PRIu64 "\n",
                  forwarding->answered, forwarding->failed);
}
