// What a placed answer costs above a plain one, from memory: serve_batch alone, as bench-memory.
//
//   bench-placed CONFIG PLAIN PLACED [ROUNDS [SECONDS]]
//
// CONFIG has the zone, its routes and the databases; PLAIN and PLACED are names in it that have A
// records of one shape, the latter by a route. Each is asked by random clients of IPv4, and for
// random clients by a resolver that is believed (RFC 7871). All four are measured in turn in each
// round, at batch 1, 8 and 32. Prints a line for each: round, batch, name, client, and
// nanoseconds of CPU time, user and system together.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/random.h"
#include "daemon/geography.h"
#include "daemon/house.h"
#include "dns/builder.h"

#define CLIENTS       65536
#define ROUND_BATCHES 256
#define SUBNET_OCTETS (11 + 4 + 7) // OPT, and a client subnet of 24 bits

struct question {
    bool for_another; // it has a client subnet, at its end
    uint16_t size;
    uint8_t octets[HEADER_SIZE + NAME_OCTETS_MAX + 4 + SUBNET_OCTETS];
};

static struct address clients[CLIENTS];
static uint8_t (*slots)[SLOT_OCTETS];
static struct packet packets[BATCH_MAX];
static size_t next_client;

static struct question make_question(const char *text, bool for_another)
{
    struct question question = {.for_another = for_another};
    uint8_t wire[NAME_OCTETS_MAX];
    struct name name;
    if (name_parse(text, strlen(text), &NAME_ROOT, wire, &name) != NAME_TEXT_OK)
        exit(2);
    uint8_t *to = question.octets + HEADER_SIZE;
    question.octets[5] = 1;
    memcpy(to, name.wire, name.size);
    to += name.size;
    bytes_put16(to, TYPE_A);
    bytes_put16(to + 2, CLASS_IN);
    to += 4;
    if (for_another) {
        static const uint8_t opt[] = {0,  0, 41, 4, 0xd0, 0, 0, 0,  0, 0,
                                      11, 0, 8,  0, 7,    0, 1, 24, 0};
        question.octets[11] = 1;
        memcpy(to, opt, sizeof opt);
        to += sizeof opt + 3;
    }
    question.size = (uint16_t)(to - question.octets);
    return question;
}

static void make_clients(void)
{
    struct dice dice = dice_seed(1);
    for (size_t i = 0; i < CLIENTS; i++) {
        clients[i].v4.sin_family = AF_INET;
        clients[i].v4.sin_addr.s_addr = dice_roll(&dice);
        clients[i].size = sizeof clients[i].v4;
    }
}

static uint64_t cpu_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

// One round of batches. Returns the octets of the replies, so that none can be left out.
static uint64_t answer_some(const struct server *server, struct serve_worker *worker,
                            const struct question *question, unsigned batch)
{
    static struct address resolver = {.v4 = {.sin_family = AF_INET}};
    struct serve_now clocks = {0};
    uint64_t octets = 0;
    resolver.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    resolver.size = sizeof resolver.v4;
    for (unsigned round = 0; round < ROUND_BATCHES; round++) {
        for (unsigned i = 0; i < batch; i++) {
            const struct address *client = &clients[next_client++ % CLIENTS];
            memcpy(slots[i], question->octets, question->size);
            if (question->for_another)
                memcpy(slots[i] + question->size - 3, &client->v4.sin_addr, 3);
            packets[i] = (struct packet){.octets = slots[i],
                                         .size = question->size,
                                         .room = SLOT_OCTETS,
                                         .client = question->for_another ? &resolver : client,
                                         .transport = TRANSPORT_UDP};
        }
        serve_batch(server, worker, packets, batch, &clocks);
        for (unsigned i = 0; i < batch; i++)
            octets += packets[i].size;
    }
    return octets;
}

static double measure(const struct server *server, struct serve_worker *worker,
                      const struct question *question, unsigned batch, double seconds)
{
    uint64_t from = cpu_ns(), now = from, answers = 0, octets = 0;
    while ((double)(now - from) < seconds * 1e9) {
        octets += answer_some(server, worker, question, batch);
        answers += (uint64_t)ROUND_BATCHES * batch;
        now = cpu_ns();
    }
    if (octets < answers * HEADER_SIZE)
        exit(1); // something was not answered
    return (double)(now - from) / (double)answers;
}

static void run(const struct server *server, struct serve_worker *worker, char **names,
                unsigned rounds, double seconds)
{
    static const char *const words[] = {"plain", "placed"};
    static const unsigned batches[] = {1, 8, 32};
    for (unsigned round = 0; round < rounds; round++)
        for (unsigned b = 0; b < 3; b++)
            for (unsigned way = 0; way < 4; way++) {
                bool for_another = way / 2;
                struct question question = make_question(names[way % 2], for_another);
                double ns = measure(server, worker, &question, batches[b], seconds);
                printf("%u %u %s %s %.1f\n", round, batches[b], words[way % 2],
                       for_another ? "subnet" : "own", ns);
                fflush(stdout);
            }
}

// A house of this configuration, as the daemon makes it; NULL: told.
static struct house *make_house(const char *path, struct hash_key *secret)
{
    static const struct cookie_secret cookies;
    struct report report = {0};
    struct options *options = options_read(path, &report);
    struct geography *geography = options ? geography_make(options, NULL, &report) : NULL;
    report_print(&report, stderr, false);
    report_free(&report);
    if (!geography)
        return NULL;
    random_fill(secret, sizeof *secret);
    struct house *house = house_make(options);
    struct zone_load_options load = {.secret = secret};
    for (size_t i = 0; i < options->zone_count; i++)
        house->zones[i].zone =
            zone_load(house_zone_name(options, i), options->zones[i].file, &load, &report);
    report_free(&report);
    house_resolve(house, (struct own_addresses){0}, NULL);
    house_route(house, geography, secret);
    house_finish(house, secret, &cookies);
    return house;
}

int main(int count, char **words)
{
    struct hash_key secret;
    if (count < 4) {
        fputs("usage: bench-placed CONFIG PLAIN PLACED [ROUNDS [SECONDS]]\n", stderr);
        return 2;
    }
    struct house *house = make_house(words[1], &secret);
    if (!house)
        return 2;
    struct serve_worker worker;
    serve_worker_open(&worker, false);
    slots = calloc(BATCH_MAX, sizeof *slots);
    make_clients();
    run(&house->server, &worker, words + 2, count > 4 ? (unsigned)atoi(words[4]) : 5,
        count > 5 ? atof(words[5]) : 0.2);
    free(slots);
    serve_worker_close(&worker);
    house_free(house);
    return 0;
}
