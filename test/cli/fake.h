// A name server for tests, on a free port of 127.0.0.1: a thread that answers over UDP and TCP what
// a function makes of each query.
#pragma once

#include <assert.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address.h"

struct fake;

// Writes a reply of at most 65535 octets to `reply` and returns its size; 0: silence (over TCP: the
// connection is closed).
typedef size_t fake_answer(struct fake *fake, const uint8_t *query, size_t size, uint8_t *reply);

struct fake {
    struct address address;
    fake_answer *answer;
    int udp, tcp;
    int elsewhere; // a second UDP socket, for replies from the wrong port
    bool from_elsewhere;
    bool over_tcp;             // the query that is being answered came so
    struct sockaddr_in client; // and from here, if it was UDP
    unsigned queries;          // read after fake_stop
    int stop[2];
    pthread_t thread;
};

__attribute__((unused)) static int fake_socket(int type, struct address *address)
{
    int opened = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    assert(opened >= 0);
    assert(bind(opened, &address->any, sizeof address->v4) == 0);
    address->size = sizeof address->v4;
    assert(getsockname(opened, &address->any, &address->size) == 0);
    return opened;
}

__attribute__((unused)) static void fake_datagram(struct fake *fake)
{
    static uint8_t query[65536], reply[65536];
    socklen_t client_size = sizeof fake->client;
    struct sockaddr *client = (struct sockaddr *)&fake->client;
    ssize_t size = recvfrom(fake->udp, query, sizeof query, 0, client, &client_size);
    if (size <= 0)
        return;
    fake->queries++;
    fake->over_tcp = false;
    size_t answered = fake->answer(fake, query, (size_t)size, reply);
    if (answered)
        sendto(fake->from_elsewhere ? fake->elsewhere : fake->udp, reply, answered, 0, client,
               client_size);
}

__attribute__((unused)) static void fake_stream(struct fake *fake)
{
    static uint8_t query[65536], reply[2 + 65536];
    int client = accept(fake->tcp, NULL, NULL);
    uint8_t length[2];
    if (recv(client, length, 2, MSG_WAITALL) == 2) {
        size_t size = (size_t)(length[0] << 8 | length[1]);
        if (recv(client, query, size, MSG_WAITALL) == (ssize_t)size) {
            fake->queries++;
            fake->over_tcp = true;
            size_t answered = fake->answer(fake, query, size, reply + 2);
            reply[0] = (uint8_t)(answered >> 8);
            reply[1] = (uint8_t)answered;
            if (answered)
                send(client, reply, 2 + answered, MSG_NOSIGNAL);
        }
    }
    close(client);
}

__attribute__((unused)) static void *fake_run(void *argument)
{
    struct fake *fake = argument;
    for (;;) {
        struct pollfd polls[] = {
            {fake->udp, POLLIN, 0}, {fake->tcp, POLLIN, 0}, {fake->stop[0], POLLIN, 0}};
        poll(polls, 3, -1);
        if (polls[2].revents)
            return NULL;
        if (polls[0].revents)
            fake_datagram(fake);
        if (polls[1].revents)
            fake_stream(fake);
    }
}

__attribute__((unused)) static void fake_start(struct fake *fake, fake_answer *answer)
{
    *fake = (struct fake){.answer = answer};
    struct address address = {
        .v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}};
    fake->tcp = fake_socket(SOCK_STREAM, &address);
    fake->udp = fake_socket(SOCK_DGRAM, &address);
    fake->address = address;
    address_set_port(&address, 0);
    fake->elsewhere = fake_socket(SOCK_DGRAM, &address);
    assert(listen(fake->tcp, 64) == 0);
    assert(pipe(fake->stop) == 0);
    assert(pthread_create(&fake->thread, NULL, fake_run, fake) == 0);
}

__attribute__((unused)) static void fake_stop(struct fake *fake)
{
    assert(write(fake->stop[1], "", 1) == 1);
    pthread_join(fake->thread, NULL);
    close(fake->udp);
    close(fake->tcp);
    close(fake->elsewhere);
    close(fake->stop[0]);
    close(fake->stop[1]);
}

// --- answers ------------------------------------------------------------------------------------

// The query as a reply without records: header, question, no EDNS. `rcode` and `flags` (AA, TC).
__attribute__((unused)) static size_t fake_echo(const uint8_t *query, size_t size, unsigned flags,
                                                uint8_t *reply)
{
    memcpy(reply, query, size);
    reply[2] = (uint8_t)(0x80 | (query[2] & 0x79) | (flags >> 8 & 0x06));
    reply[3] = (uint8_t)(flags & 0xff);
    memset(reply + 6, 0, 6);
    size_t end = 12;
    while (end < size && query[end])
        end += 1u + query[end];
    return end + 5;
}

// The same with one A record in the answer: 300 IN A 192.0.2.1.
__attribute__((unused)) static size_t fake_address(const uint8_t *query, size_t size,
                                                   uint8_t *reply)
{
    static const uint8_t record[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0, 2, 1};
    size_t end = fake_echo(query, size, 0x0400, reply);
    memcpy(reply + end, record, sizeof record);
    reply[7] = 1;
    return end + sizeof record;
}
