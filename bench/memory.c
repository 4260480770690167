// Answers from memory, without the network: what serve_batch alone costs.
//
//   bench-memory [--do] ZONEFILE ORIGIN QUERIES [SECONDS [BATCH]]
//
// QUERIES has a line `name type` for each question, as for bench-generator; with --do each has an
// OPT with DO (RFC 3225), so that a signed zone answers with signatures and proofs. Prints user
// nanoseconds per answer at batch 1, 8, 32 and 64, or only at the one that is given: the
// mean, and the least of ten parts of the time, which other load on the machine colours less. The
// packets are copied in before each batch, as a socket would do; that copy is part of the figure.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "serve/serve.h"

#define OPT_SIZE      11
#define PARTS         10
#define ROUND_BATCHES 1024

struct question {
    uint16_t size;
    uint8_t octets[HEADER_SIZE + NAME_OCTETS_MAX + 4 + OPT_SIZE];
};

static struct question *questions;
static size_t question_count;

static void add_opt(struct question *question)
{
    uint8_t *to = question->octets + question->size;
    question->octets[11] = 1;
    to[0] = 0;
    bytes_put16(to + 1, TYPE_OPT);
    bytes_put16(to + 3, UDP_PAYLOAD_MAX);
    bytes_put32(to + 5, EDNS_FLAG_DO);
    bytes_put16(to + 9, 0);
    question->size += OPT_SIZE;
}

static void read_questions(const char *path, bool dnssec_ok)
{
    FILE *file = fopen(path, "r");
    char name_text[1100], type_text[32], line[1200];
    size_t room = 0;
    if (!file) {
        perror(path);
        exit(1);
    }
    while (fgets(line, sizeof line, file)) {
        uint8_t wire[NAME_OCTETS_MAX];
        struct name name;
        uint16_t type;
        if (sscanf(line, "%1099s %31s", name_text, type_text) != 2)
            continue;
        if (name_parse(name_text, strlen(name_text), &NAME_ROOT, wire, &name) != NAME_TEXT_OK ||
            !type_parse(type_text, strlen(type_text), &type))
            continue;
        questions = memory_grow(questions, &room, question_count + 1, sizeof *questions);
        struct question *question = &questions[question_count++];
        memset(question->octets, 0, HEADER_SIZE);
        question->octets[5] = 1;
        memcpy(question->octets + HEADER_SIZE, name.wire, name.size);
        bytes_put16(question->octets + HEADER_SIZE + name.size, type);
        bytes_put16(question->octets + HEADER_SIZE + name.size + 2, CLASS_IN);
        question->size = (uint16_t)(HEADER_SIZE + name.size + 4);
        if (dnssec_ok)
            add_opt(question);
    }
    fclose(file);
}

static uint64_t user_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint8_t slots[BATCH_MAX][SLOT_OCTETS];
static struct packet packets[BATCH_MAX];

// One round of batches, from the question `next` on.
static uint64_t answer_some(const struct server *server, struct serve_worker *worker,
                            unsigned batch, size_t *next)
{
    struct address client = {.v4 = {.sin_family = AF_INET}, .size = sizeof(struct sockaddr_in)};
    struct serve_now clocks = {0};
    uint64_t octets = 0;
    for (unsigned round = 0; round < ROUND_BATCHES; round++) {
        for (unsigned i = 0; i < batch; i++) {
            const struct question *question = &questions[*next];
            *next = *next + 1 == question_count ? 0 : *next + 1;
            memcpy(slots[i], question->octets, question->size);
            packets[i] = (struct packet){.octets = slots[i],
                                         .size = question->size,
                                         .room = SLOT_OCTETS,
                                         .client = &client,
                                         .transport = TRANSPORT_UDP};
        }
        serve_batch(server, worker, packets, batch, &clocks);
        for (unsigned i = 0; i < batch; i++)
            octets += packets[i].size;
    }
    return octets;
}

static void run(const struct server *server, struct serve_worker *worker, unsigned batch,
                double seconds)
{
    uint64_t answers = 0, octets = 0, begin = user_ns();
    double least = 1e9;
    size_t next = 0;
    for (unsigned part = 0; part < PARTS; part++) {
        uint64_t from = user_ns(), now = from, some = 0;
        while ((double)(now - from) < seconds * 1e9 / PARTS) {
            octets += answer_some(server, worker, batch, &next);
            some += (uint64_t)ROUND_BATCHES * batch;
            now = user_ns();
        }
        answers += some;
        if (some && (double)(now - from) / (double)some < least)
            least = (double)(now - from) / (double)some;
    }
    printf("batch %2u: %6.1f ns an answer, %.1f at least, %.0f octets each\n", batch,
           (double)(user_ns() - begin) / (double)answers, least, (double)octets / (double)answers);
}

int main(int count, char **words)
{
    bool dnssec_ok = count > 1 && strcmp(words[1], "--do") == 0;
    count -= dnssec_ok;
    words += dnssec_ok;
    if (count < 4) {
        fprintf(stderr, "usage: bench-memory [--do] ZONEFILE ORIGIN QUERIES [SECONDS [BATCH]]\n");
        return 2;
    }
    static struct server server;
    random_fill(&server.secret, sizeof server.secret);
    server.auth.minimal = server.rotate = true;
    uint8_t wire[NAME_OCTETS_MAX];
    struct name origin;
    if (name_parse(words[2], strlen(words[2]), &NAME_ROOT, wire, &origin) != NAME_TEXT_OK)
        return 2;
    struct report report = {0};
    struct zone_load_options options = {.secret = &server.secret};
    struct zone **list = memory_get(sizeof *list);
    list[0] = zone_load(origin, words[1], &options, &report);
    report_print(&report, stderr, false);
    if (list[0]->state != ZONE_SERVED)
        return 2;
    printf("%u nodes, %zu octets, loaded in %u ms\n", list[0]->image.head->nodes,
           (size_t)list[0]->image.head->size, list[0]->load_ms);
    zones_build(&server.zones, list, 1, &server.secret);
    read_questions(words[3], dnssec_ok);
    struct serve_worker worker;
    serve_worker_open(&worker, false);
    const unsigned batches[] = {1, 8, 32, 64};
    double seconds = count > 4 ? atof(words[4]) : 2;
    unsigned only = count > 5 ? (unsigned)atoi(words[5]) : 0;
    if (only > 0 && only <= BATCH_MAX && question_count)
        run(&server, &worker, only, seconds);
    for (unsigned i = 0; i < 4 && question_count && !only; i++)
        run(&server, &worker, batches[i], seconds);
    serve_worker_close(&worker);
    zones_free(&server.zones);
    report_free(&report);
    free(questions);
    return 0;
}
