// Sending zones (transfers.h). The list goes round: who has had its message in this turn is the
// last one in the next.
#include "daemon/transfers.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "transfer/outgoing.h"

struct sending {
    struct sending *next;
    struct outgoing *outgoing;
    struct loop_tag tag;
    struct address client;
    uint64_t began_ms;
};

struct transfers {
    struct tcp *tcp;
    struct stats *stats;
    struct sending *first, **end;
    uint32_t count;
    uint8_t octets[MESSAGE_MAX];
};

struct transfers *transfers_open(struct tcp *tcp, struct stats *stats)
{
    struct transfers *transfers = memory_get(sizeof *transfers);
    transfers->tcp = tcp;
    transfers->stats = stats;
    transfers->first = NULL;
    transfers->end = &transfers->first;
    transfers->count = 0;
    return transfers;
}

static struct sending *take_first(struct transfers *transfers)
{
    struct sending *sending = transfers->first;
    transfers->first = sending->next;
    if (!transfers->first)
        transfers->end = &transfers->first;
    transfers->count--;
    return sending;
}

static void put_last(struct transfers *transfers, struct sending *sending)
{
    sending->next = NULL;
    *transfers->end = sending;
    transfers->end = &sending->next;
    transfers->count++;
}

static void free_one(struct sending *sending)
{
    outgoing_close(sending->outgoing);
    free(sending);
}

void transfers_close(struct transfers *transfers)
{
    while (transfers && transfers->first)
        free_one(take_first(transfers));
    free(transfers);
}

void transfers_add(struct transfers *transfers, struct loop_tag tag, struct outgoing *outgoing,
                   const struct address *client)
{
    struct sending *sending = memory_get(sizeof *sending);
    *sending = (struct sending){
        .outgoing = outgoing, .tag = tag, .client = *client, .began_ms = clock_now_ms()};
    put_last(transfers, sending);
}

static void end(struct transfers *transfers, struct sending *sending, bool sent)
{
    struct outgoing_sum sum = outgoing_sum(sending->outgoing);
    char zone[NAME_TEXT_MAX], client[ADDRESS_TEXT_MAX];
    unsigned long long took_ms = clock_now_ms() - sending->began_ms;
    name_print(sum.zone, zone);
    address_print(&sending->client, client);
    if (sent)
        log_info("transfer of %s%s to %s: serial %u, %llu records in %u messages, %llu octets, "
                 "%llu ms",
                 outgoing_is_difference(sending->outgoing) ? "what has changed in " : "", zone,
                 client, sum.serial, (unsigned long long)sum.records, sum.messages,
                 (unsigned long long)sum.octets, took_ms);
    else
        log_warning("transfer of %s to %s: broken off after %llu records and %llu ms", zone, client,
                    (unsigned long long)sum.records, took_ms);
    transfers->stats->transfers[outgoing_is_incremental(sending->outgoing)]
                               [sent ? STATS_TRANSFER_SENT : STATS_TRANSFER_BROKEN]++;
    free_one(sending);
}

// One message. False: the transfer is over, and its place free.
static bool send_one(struct transfers *transfers, struct sending *sending, uint64_t date_s)
{
    struct outgoing *outgoing = sending->outgoing;
    uint32_t size = outgoing_next(outgoing, transfers->octets, date_s);
    transfers->stats->response_octets += size;
    if (size && outgoing_is_under_way(outgoing)) {
        if (tcp_answer_part(transfers->tcp, sending->tag, transfers->octets, size))
            return true;
        end(transfers, sending, false);
        return false;
    }
    bool sent = tcp_answer_later(transfers->tcp, sending->tag, transfers->octets, size);
    if (size == 0) // a record fits no message: the client must not take the part for the whole
        tcp_break(transfers->tcp, sending->tag);
    end(transfers, sending, sent && size);
    return false;
}

bool transfers_run(struct transfers *transfers, uint64_t date_s)
{
    unsigned sent = 0;
    bool more = false;
    for (uint32_t left = transfers->count; left > 0; left--) {
        struct sending *sending = take_first(transfers);
        enum tcp_state state = tcp_state(transfers->tcp, sending->tag);
        if (state == TCP_GONE) {
            end(transfers, sending, false);
        } else if (state == TCP_BUSY) {
            put_last(transfers, sending);
        } else if (sent >= TRANSFER_TURN_MESSAGES) {
            more = true;
            put_last(transfers, sending);
        } else {
            sent++;
            if (!send_one(transfers, sending, date_s))
                continue;
            more = more || tcp_state(transfers->tcp, sending->tag) == TCP_READY;
            put_last(transfers, sending);
        }
    }
    return more;
}
