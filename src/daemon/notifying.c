// Telling secondaries (notifying.h).
#include "daemon/notifying.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "daemon/daemon.h"
#include "daemon/sockets.h"
#include "dns/builder.h"
#include "dns/message.h"

#define MESSAGE_ROOM  1024 // a SOA record with the longest names, and a TSIG record
#define STEP_MESSAGES 256  // before others get their turn

// --- who wants what

// The zones of both stand in one order, so this is a merge (`at`: how far it has come in `old`).
static const struct zone *find_before(const struct house *old, const struct house *next,
                                      size_t index, size_t *at)
{
    const struct zone_option *zone = &next->options->zones[index];
    struct name name = house_zone_name(next->options, index);
    for (; old && *at < old->options->zone_count; ++*at) {
        int order = name_compare(house_zone_name(old->options, *at), name);
        if (order == 0)
            order = (int)old->options->zones[*at].view - (int)zone->view;
        if (order == 0)
            return old->zones[*at].zone;
        if (order > 0)
            break;
    }
    return NULL;
}

bool notifying_is_news(const struct zone *before, const struct zone *now)
{
    return now->state == ZONE_SERVED &&
           (!before || before->state != ZONE_SERVED || before->image.serial != now->image.serial);
}

static bool is_same_key(const struct options *a, size_t key_a, const struct options *b,
                        size_t key_b)
{
    if (key_a == NOTICE_NO_KEY || key_b == NOTICE_NO_KEY)
        return key_a == key_b;
    return strcmp(a->keys[key_a].name, b->keys[key_b].name) == 0;
}

// Was this secondary still to be told of this zone, when it was number `before` of the old house?
static bool was_wanted(const struct daemon *daemon, const struct house *old, size_t before,
                       const struct house *next, const struct remote_option *remote)
{
    const struct notices *notices = &daemon->notifying.notices;
    size_t key = remote->keyed ? remote->key : NOTICE_NO_KEY;
    for (size_t i = 0; old && i < notices->count; i++) {
        const struct notice_target *target = &notices->targets[i];
        if (address_equal(&target->address, &remote->address) &&
            is_same_key(old->options, target->key, next->options, key))
            return notices_is_wanted(notices, i, (uint32_t)before);
    }
    return false;
}

static void close_socket(struct daemon *daemon, struct notifying_socket *socket)
{
    if (socket->fd < 0)
        return;
    loop_remove(&daemon->loop, socket->fd);
    close(socket->fd);
    socket->fd = -1;
}

static void close_sockets(struct daemon *daemon)
{
    struct notifying *notifying = &daemon->notifying;
    for (size_t i = 0; i < notifying->notices.count; i++)
        close_socket(daemon, &notifying->sockets[i]);
    free(notifying->sockets);
    notifying->sockets = NULL;
}

void notifying_replace(struct daemon *daemon, const struct house *old, const struct house *next)
{
    struct notifying *notifying = &daemon->notifying;
    struct notices notices = {0};
    size_t before = 0;
    for (size_t i = 0; i < next->options->zone_count; i++) {
        const struct remotes_option *remotes = next->options->zones[i].notify;
        if (!remotes)
            continue;
        const struct zone *was = find_before(old, next, i, &before);
        bool news = notifying_is_news(was, next->zones[i].zone);
        for (size_t j = 0; j < remotes->count; j++) {
            const struct remote_option *remote = &remotes->list[j];
            size_t target = notices_target(&notices, &remote->address,
                                           remote->keyed ? remote->key : NOTICE_NO_KEY);
            notices_add(&notices, target, (uint32_t)i);
            if (news || (was && was_wanted(daemon, old, before, next, remote)))
                notices_want(&notices, target, (uint32_t)i);
        }
    }
    close_sockets(daemon);
    notices_free(&notifying->notices);
    notifying->notices = notices;
    notifying->sockets = memory_get(notices.count * sizeof *notifying->sockets);
    for (size_t i = 0; i < notices.count; i++)
        notifying->sockets[i] = (struct notifying_socket){.fd = -1};
}

size_t notifying_want(struct daemon *daemon, size_t index)
{
    struct notices *notices = &daemon->notifying.notices;
    const struct remotes_option *remotes = daemon_house(daemon)->options->zones[index].notify;
    for (size_t i = 0; remotes && i < remotes->count; i++) {
        const struct remote_option *remote = &remotes->list[i];
        size_t target =
            notices_target(notices, &remote->address, remote->keyed ? remote->key : NOTICE_NO_KEY);
        notices_want(notices, target, (uint32_t)index);
    }
    return remotes ? remotes->count : 0;
}

// --- sockets

// A negative errno if there is none.
static int open_socket(struct daemon *daemon, size_t index)
{
    struct notifying *notifying = &daemon->notifying;
    struct notifying_socket *entry = &notifying->sockets[index];
    const struct address *target = &notifying->notices.targets[index].address;
    if (entry->fd >= 0)
        return 0;
    int fd = sockets_connect_like(&daemon_house(daemon)->listeners, target, SOCK_DGRAM);
    if (fd < 0)
        return fd;
    entry->generation = ++notifying->generation & LOOP_GENERATION_MASK;
    struct loop_tag tag = {
        .kind = DAEMON_NOTICES, .generation = entry->generation, .index = (uint32_t)index};
    int failed = loop_add(&daemon->loop, fd, EPOLLIN, tag);
    if (failed)
        close(fd);
    else
        entry->fd = fd;
    return failed;
}

// --- sending

// RFC 1996 3.7: the question is the zone's SOA, and the answer what it is now. Returns the size; 0:
// it does not fit.
static size_t write_message(const struct zone *zone, uint16_t id,
                            uint8_t octets[static MESSAGE_ROOM])
{
    static const struct hash_key secret; // of names in a message that is ours
    struct name origin = image_origin(&zone->image);
    const struct rrset *soa = zone->image.soa;
    memset(octets, 0, HEADER_SIZE);
    bytes_put16(octets, id);
    bytes_put16(octets + 2, OPCODE_NOTIFY << 11 | FLAG_AA);
    bytes_put16(octets + 4, 1);
    bytes_put16(octets + 6, 1);
    memcpy(octets + HEADER_SIZE, origin.wire, origin.size);
    bytes_put16(octets + HEADER_SIZE + origin.size, TYPE_SOA);
    bytes_put16(octets + HEADER_SIZE + origin.size + 2, CLASS_IN);
    struct builder builder;
    builder_begin(&builder, &(struct builder_start){.octets = octets,
                                                    .size = HEADER_SIZE + origin.size + 4u,
                                                    .limit = MESSAGE_ROOM - TSIG_SIZE_MAX,
                                                    .class = CLASS_IN,
                                                    .secret = &secret});
    struct builder_rrset rrset = {.owner = origin, .rrset = soa, .ttl = soa->ttl, .data = true};
    (void)!builder_put_rrset(&builder, &rrset);
    if (!builder.overflow)
        return builder.size;
    bytes_put16(octets + 6, 0); // names as long as that: without it
    return HEADER_SIZE + origin.size + 4u;
}

static void send_one(struct daemon *daemon, const struct notice *notice)
{
    struct notifying *notifying = &daemon->notifying;
    const struct house *house = daemon_house(daemon);
    const struct zone *zone = house->zones[notice->zone].zone;
    const struct notice_target *target = &notifying->notices.targets[notice->target];
    uint8_t octets[MESSAGE_ROOM];
    if (zone->state != ZONE_SERVED) {
        notices_end(&notifying->notices, notice->target, notice->flight);
        return;
    }
    size_t size = write_message(zone, notice->flight->id, octets);
    if (target->key != NOTICE_NO_KEY)
        size = tsig_ask(&notice->flight->tsig, &house->server.keys->list[target->key], octets, size,
                        clock_date_s());
    // What cannot be sent now is like what was lost: it is sent again.
    if (open_socket(daemon, notice->target) == 0)
        (void)!send(notifying->sockets[notice->target].fd, octets, size, 0);
    notifying->sent++;
}

// Who is told of which zone, for the log.
struct notified {
    char address[ADDRESS_TEXT_MAX], zone[NAME_TEXT_MAX];
};

static void print_notified(struct daemon *daemon, size_t target, uint32_t zone, struct notified *to)
{
    const struct house *house = daemon_house(daemon);
    address_print(&daemon->notifying.notices.targets[target].address, to->address);
    name_print(house_zone_name(house->options, zone), to->zone);
}

static void tell_loss(struct daemon *daemon, const struct notice *notice)
{
    struct notified notified;
    daemon->notifying.given_up++;
    print_notified(daemon, notice->target, notice->zone, &notified);
    if (notice->first_loss)
        log_warning("notify: %s does not answer; it was to be told of a new version of %s",
                    notified.address, notified.zone);
    else
        log_debug("notify: %s does not answer: %s", notified.address, notified.zone);
}

void notifying_step(struct daemon *daemon, uint64_t now_ms)
{
    struct notifying *notifying = &daemon->notifying;
    struct notice notice;
    if (notifying->notices.count == 0 || !daemon_house(daemon) || !daemon_settled(daemon))
        return; // who asks at once must hear of the new version, whichever worker it gets
    for (unsigned i = 0; i < STEP_MESSAGES && notices_next(&notifying->notices, now_ms, &notice);
         i++) {
        if (notice.flight)
            send_one(daemon, &notice);
        else
            tell_loss(daemon, &notice);
    }
    for (size_t i = 0; i < notifying->notices.count; i++)
        if (notifying->notices.targets[i].flying == 0)
            close_socket(daemon, &notifying->sockets[i]);
}

int notifying_rest(const struct notifying *notifying, uint64_t now_ms)
{
    return notices_rest(&notifying->notices, now_ms);
}

// --- hearing

// Not believed, and so no end of the tries: but who reads the log learns which of the two sides has
// another key. Once, with the first try.
static void tell_doubt(struct daemon *daemon, size_t target, const struct notice_flight *flight,
                       bool is_signed)
{
    struct notified notified;
    const char *word = tsig_error_word(flight->tsig.error);
    if (flight->tries > 1)
        return;
    print_notified(daemon, target, flight->zone, &notified);
    if (word)
        log_warning("notify: %s does not know our signature of the message about %s: %s; is it the "
                    "same key on both sides?",
                    notified.address, notified.zone, word);
    else
        log_warning("notify: the answer of %s about %s is %s", notified.address, notified.zone,
                    is_signed ? "signed by somebody else" : "not signed, as our message was");
}

// The flight that this is the reply to; NULL: none.
static struct notice_flight *read_reply(struct daemon *daemon, size_t target, const uint8_t *octets,
                                        size_t size, unsigned *rcode)
{
    struct notices *notices = &daemon->notifying.notices;
    struct message message;
    struct message_record record;
    size_t at = 0, signed_at = 0;
    if (!message_open(&message, octets, size) || !(message.flags & FLAG_QR) ||
        message_opcode(message.flags) != OPCODE_NOTIFY)
        return NULL;
    struct notice_flight *flight = notices_find(notices, target, message.id);
    if (!flight)
        return NULL;
    for (at = message.at; message_next(&message, &record); at = message.at)
        if (record.section == SECTION_ADDITIONAL && record.type == TYPE_TSIG)
            signed_at = at;
    if (message.malformed)
        return NULL;
    *rcode = message.flags & 15;
    if (notices->targets[target].key == NOTICE_NO_KEY ||
        tsig_confirm(&flight->tsig, octets, size, signed_at, clock_date_s()))
        return flight;
    tell_doubt(daemon, target, flight, signed_at > 0);
    return NULL;
}

static void take_reply(struct daemon *daemon, size_t target, const uint8_t *octets, size_t size)
{
    struct notifying *notifying = &daemon->notifying;
    struct notified notified;
    unsigned rcode;
    struct notice_flight *flight = read_reply(daemon, target, octets, size, &rcode);
    if (!flight)
        return;
    print_notified(daemon, target, flight->zone, &notified);
    const char *word = rcode_word(rcode), *error = tsig_error_word(flight->tsig.error);
    if (rcode == RCODE_NOERROR) {
        notifying->answered++;
        log_debug("notify: %s knows of the new version of %s", notified.address, notified.zone);
    } else {
        notifying->refused++;
        log_warning("notify: %s does not want to be told of %s: %s%s%s", notified.address,
                    notified.zone, word ? word : "an unknown error", error ? ", " : "",
                    error ? error : "");
    }
    notices_end(&notifying->notices, target, flight);
}

void notifying_take(struct daemon *daemon, struct loop_tag tag)
{
    struct notifying *notifying = &daemon->notifying;
    uint8_t octets[MESSAGE_ROOM];
    if (tag.index >= notifying->notices.count)
        return;
    const struct notifying_socket *socket = &notifying->sockets[tag.index];
    if (socket->fd < 0 || socket->generation != tag.generation)
        return;
    for (unsigned i = 0; i < NOTICE_FLIGHTS_MAX; i++) {
        ssize_t size = recv(socket->fd, octets, sizeof octets, 0);
        if (size < 0)
            return; // nothing more; or a port is closed there, which may change
        take_reply(daemon, tag.index, octets, (size_t)size);
    }
}

void notifying_close(struct daemon *daemon)
{
    close_sockets(daemon);
    notices_free(&daemon->notifying.notices);
}

void notifying_metrics(const struct notifying *notifying, struct buffer *to)
{
    const struct {
        const char *result;
        uint64_t count;
    } rows[] = {
        {"answered", notifying->answered},
        {"refused", notifying->refused},
        {"given_up", notifying->given_up},
    };
    buffer_add_text(to, "# HELP onym_notify_sent_total NOTIFY messages that were sent.\n"
                        "# TYPE onym_notify_sent_total counter\n");
    buffer_format(to, "onym_notify_sent_total %" PRIu64 "\n", notifying->sent);
    buffer_add_text(to, "# HELP onym_notify_total Secondaries told of a version, by what came of "
                        "it.\n# TYPE onym_notify_total counter\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        buffer_format(to, "onym_notify_total{result=\"%s\"} %" PRIu64 "\n", rows[i].result,
                      rows[i].count);
}
