// Faults of the lab: any query, any of the faults, on a reply that the server made of it.
//
//   input: which faults (4), luck (4), flags (1: TCP, 2: little room), the query
//
// Whatever strikes, the reply stays within its room and begins with a header, and what cannot be
// read of a query is never read again from the reply.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "inside.h"
#include "lab/fault.h"

#define HEAD 9

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size);

static void set_faults(struct faults *faults, uint32_t which)
{
    *faults = (struct faults){.delay_ms = which & 7, .jitter_ms = which & 3};
    for (unsigned i = 0; i < FAULTS; i++)
        faults->chances[i] = which >> i & 1 ? CHANCE_ALWAYS : 0;
}

static void answer(struct fault_message *message, bool stream)
{
    static struct serve_worker worker;
    if (!worker.slots)
        serve_worker_open(&worker, false);
    struct address client = {.size = sizeof client.v4, .v4.sin_family = AF_INET};
    struct packet packet = {.octets = message->octets,
                            .size = message->size,
                            .room = message->room,
                            .client = &client,
                            .transport = stream ? TRANSPORT_TCP : TRANSPORT_UDP};
    serve_batch(inside_server(true), &worker, &packet, 1, &(struct serve_now){0});
    message->size = packet.size;
}

static void strike(const struct fate *fate, struct fault_message *reply, bool tight)
{
    static const struct fault_sense senses[] = {
        {(const uint8_t *)"\1a\4root", NULL, NULL},
        {(const uint8_t *)"", (const uint8_t *)"\1x", (const uint8_t *)"\2ns\1x"},
    };
    uint8_t forged_octets[256];
    struct fault_message forged = {.octets = forged_octets, .room = sizeof forged_octets};
    uint32_t room = tight ? reply->size : reply->room;
    // A copy that ends where its room does.
    uint8_t *copy = memory_get(room);
    memcpy(copy, reply->octets, reply->size);
    struct fault_message message = {copy, reply->size, room};
    fault_forge(fate, &message, &forged);
    assert(forged.size == 0 || (forged.size > HEADER_SIZE && forged.size <= forged.room));
    fault_change(fate, &senses[fate->luck & 1], &message);
    assert(message.size >= HEADER_SIZE && message.size <= room);
    assert(bytes_get16(message.octets + 2) & FLAG_QR);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
    static uint8_t room[MESSAGE_MAX];
    if (size < HEAD || size - HEAD > SLOT_OCTETS)
        return 0;
    bool stream = octets[8] & 1;
    struct faults faults;
    struct fault_query query;
    struct fate fate;
    struct dice dice = dice_seed(bytes_get32(octets + 4));
    struct fault_message message = {room, (uint32_t)(size - HEAD),
                                    stream ? MESSAGE_MAX : SLOT_OCTETS};
    uint8_t *exact = memory_get(size - HEAD + 1);
    memcpy(exact, octets + HEAD, size - HEAD);
    fault_read(exact, size - HEAD, stream, &query);
    free(exact);
    set_faults(&faults, bytes_get32(octets));
    fault_draw(&faults, &dice, &query, &fate);
    memcpy(room, octets + HEAD, size - HEAD);
    fault_blind(&fate, &message);
    if (fate_is_silence(&fate))
        return 0;
    answer(&message, stream);
    if (message.size)
        strike(&fate, &message, octets[8] & 2);
    return 0;
}
