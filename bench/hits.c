// Answers from the cache, without the network: what serve_batch alone costs.
//
//   bench-hits [NAMES [SECONDS [BATCH [WORKERS]]]]
//
// Fills a cache with an A RRset for each of NAMES names as www.d000000.example.net.; one name in
// ten is a CNAME instead, and the RRset that of its target, host.d000000.example.net. Asks for them
// at random, as clients of a private network do, and prints user nanoseconds per answer at batch 1,
// 8 and 32, or only at BATCH (0: all three); the median of nine rounds. SECONDS 0: each round is
// 64k questions, for those who count instructions. Each answer is looked at. The packets are copied
// in before each batch, as a socket would do; that copy and the look are part of the figure.
//
// With WORKERS, so many threads, each on a CPU of its own, ask at the same time, in turns with one
// alone: what the second figure is above the first is what they cost each other.
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/epoch.h"
#include "base/memory.h"
#include "serve/serve.h"

#define NOW    1000
#define TTL    3600
#define ROUND  65536 // questions
#define ORDERS (16 * ROUND)

static const char shape[] = "\3www\7d000000\7example\3net";
#define NAME_SIZE     (sizeof shape)
#define QUESTION_SIZE (HEADER_SIZE + NAME_SIZE + 4)

#define WORKERS_MOST 64
#define ROUNDS       9

// What a thread has.
struct asker {
    struct serve_worker worker;
    uint8_t slots[BATCH_MAX][SLOT_OCTETS];
    struct packet packets[BATCH_MAX];
    struct address clients[BATCH_MAX];
    unsigned number, batch;
    double seconds, ns;
    pthread_t thread;
};

static struct server server;
static struct cache *cache;
static struct servers *servers;
static struct asker *askers[WORKERS_MOST];
static pthread_barrier_t start;
static uint32_t *order; // numbers of names

static uint64_t user_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static bool is_alias(uint32_t number)
{
    return number % 10 == 9;
}

static void spell(uint32_t number, uint8_t wire[static NAME_OCTETS_MAX])
{
    memcpy(wire, shape, NAME_SIZE);
    for (unsigned i = 0; i < 6; i++, number /= 10)
        wire[11 - i] = (uint8_t)('0' + number % 10);
}

// The same, but for the first label: where the alias leads.
static struct name spell_target(const uint8_t *alias, uint8_t wire[static NAME_OCTETS_MAX])
{
    memcpy(wire, "\4host", 5);
    memcpy(wire + 5, alias + 4, NAME_SIZE - 4);
    return name_trust(wire);
}

static void put(struct name owner, uint16_t type, const void *rdata, size_t size)
{
    struct {
        struct rrset head;
        uint8_t octets[2 + NAME_OCTETS_MAX + 3];
    } rrset = {.head = {.ttl = TTL, .type = type, .count = 1}};
    rrset.head.words = rrset_words((sizeof rrset.head + 2 + size + 3) & ~(size_t)3);
    bytes_put16(rrset.octets, (uint16_t)size);
    memcpy(rrset.octets + 2, rdata, size);
    struct name_key name;
    name_key_make(owner, &server.secret, &name);
    struct cache_key key = {&name, name.labels, type, 0};
    struct cache_put what = {.kind = CACHE_RRSET,
                             .rank = RANK_AUTHORITATIVE,
                             .ttl_s = TTL,
                             .owner = owner,
                             .rrset = &rrset.head};
    if (cache_put(cache, &key, &what, NOW) != CACHE_STORED) {
        fprintf(stderr, "the cache is too small\n");
        exit(1);
    }
}

static void fill(uint32_t names)
{
    for (uint32_t i = 0; i < names; i++) {
        uint8_t wire[NAME_OCTETS_MAX], target[NAME_OCTETS_MAX], address[4];
        struct name owner;
        spell(i, wire);
        owner = name_trust(wire);
        if (is_alias(i)) {
            struct name to = spell_target(wire, target);
            put(owner, TYPE_CNAME, to.wire, to.size);
            owner = to;
        }
        bytes_put32(address, i);
        put(owner, TYPE_A, address, sizeof address);
    }
}

// Where the answer to this question is wrong, the benchmark is.
static void check(const struct packet *packet, uint32_t number)
{
    unsigned records = is_alias(number) ? 2 : 1;
    bool good = packet->size > QUESTION_SIZE && bytes_get16(packet->octets + 6) == records &&
                bytes_get32(packet->octets + packet->size - 4) == number;
    if (good)
        return;
    fprintf(stderr, "a wrong answer for number %u\n", number);
    exit(1);
}

static void ask(struct asker *asker, const uint32_t *numbers, unsigned batch)
{
    const struct serve_now now = serve_now_of(NOW * (uint64_t)1000000, 0);
    static const uint8_t head[HEADER_SIZE] = {[2] = FLAG_RD >> 8, [5] = 1};
    for (unsigned i = 0; i < batch; i++) {
        uint8_t *slot = asker->slots[i];
        struct address *client = &asker->clients[i];
        memcpy(slot, head, sizeof head);
        spell(numbers[i], slot + HEADER_SIZE);
        bytes_put16(slot + HEADER_SIZE + NAME_SIZE, TYPE_A);
        bytes_put16(slot + HEADER_SIZE + NAME_SIZE + 2, CLASS_IN);
        client->v4.sin_family = AF_INET;
        client->v4.sin_addr.s_addr = htonl(0xc0a80100 + i);
        client->size = sizeof(struct sockaddr_in);
        asker->packets[i] = (struct packet){.octets = slot,
                                            .size = QUESTION_SIZE,
                                            .room = SLOT_OCTETS,
                                            .client = client,
                                            .transport = TRANSPORT_UDP};
    }
    serve_batch(&server, &asker->worker, asker->packets, batch, &now);
    for (unsigned i = 0; i < batch; i++)
        check(&asker->packets[i], numbers[i]);
}

static void *run(void *argument)
{
    struct asker *asker = argument;
    unsigned batch = asker->batch;
    cpu_set_t cpus, own;
    CPU_ZERO(&own);
    sched_getaffinity(0, sizeof cpus, &cpus);
    for (unsigned cpu = 0, left = asker->number; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &cpus) && left-- == 0)
            CPU_SET(cpu, &own);
    if (CPU_COUNT(&own) && sched_setaffinity(0, sizeof own, &own) != 0)
        perror("sched_setaffinity");
    epoch_join();
    pthread_barrier_wait(&start);
    uint64_t answers = 0, begin = user_ns(), now = begin;
    do {
        // Each at a place of its own: they shall not read the same names at the same time.
        const uint32_t *numbers = order + (answers + asker->number * ORDERS / 2) % ORDERS;
        for (unsigned i = 0; i + batch <= ROUND; i += batch)
            ask(asker, numbers + i, batch);
        answers += ROUND;
        epoch_quiet();
        now = user_ns();
    } while (now - begin < asker->seconds * 1e9);
    epoch_leave();
    asker->ns = (double)(now - begin) / (double)(answers / batch * batch);
    return NULL;
}

// Nanoseconds for each answer, the mean of all threads.
static double run_all(unsigned workers, unsigned batch, double seconds)
{
    double sum = 0;
    pthread_barrier_init(&start, NULL, workers);
    for (unsigned i = 0; i < workers; i++) {
        askers[i]->batch = batch;
        askers[i]->seconds = seconds;
        if (pthread_create(&askers[i]->thread, NULL, run, askers[i]) != 0) {
            perror("pthread_create");
            exit(1);
        }
    }
    for (unsigned i = 0; i < workers; i++) {
        pthread_join(askers[i]->thread, NULL);
        sum += askers[i]->ns;
    }
    pthread_barrier_destroy(&start);
    return sum / workers;
}

static int by_size(const void *a, const void *b)
{
    double one = *(const double *)a, other = *(const double *)b;
    return (one > other) - (one < other);
}

static double middle(double list[static ROUNDS])
{
    qsort(list, ROUNDS, sizeof *list, by_size);
    return list[ROUNDS / 2];
}

// One thread and all of them in turns: the machine's weather is worse than what is looked for.
static void compare(unsigned workers, unsigned batch, double seconds)
{
    double one[ROUNDS], many[ROUNDS];
    for (unsigned i = 0; i < ROUNDS; i++) {
        one[i] = run_all(1, batch, seconds / ROUNDS);
        many[i] = workers > 1 ? run_all(workers, batch, seconds / ROUNDS) : 0;
    }
    double alone = middle(one), together = middle(many);
    printf("  batch %2u: %6.1f ns an answer", batch, alone);
    if (workers > 1)
        printf(", with %u workers %6.1f: %.2f times", workers, together, together / alone);
    putchar('\n');
}

static bool open_asker(unsigned number)
{
    struct resolver_options resolver = {
        .cache = cache, .servers = servers, .secret = &server.secret};
    struct asker *asker = askers[number] = memory_get_aligned(64, sizeof *asker);
    memset(asker, 0, sizeof *asker);
    asker->number = number;
    serve_worker_open(&asker->worker, true);
    asker->worker.cache = cache;
    asker->worker.resolver = resolver_open(&resolver);
    return asker->worker.resolver != NULL;
}

static void close_asker(struct asker *asker)
{
    resolver_close(asker->worker.resolver);
    serve_worker_close(&asker->worker);
    free(asker);
}

// False: out of memory.
static bool open_all(uint32_t names, unsigned workers)
{
    random_fill(&server.secret, sizeof server.secret);
    server.auth.minimal = server.rotate = true;
    access_add_loopback(&server.recurse);
    access_add_private(&server.recurse);
    server.rules = rules_make();
    server.rules->quiet = true;
    zones_build(&server.zones, memory_get(sizeof(struct zone *)), 0, &server.secret);
    struct cache_options options = {.octets = ((size_t)names * 300) + (32 << 20),
                                    .max_ttl_s = 86400,
                                    .stale_s = 86400,
                                    .secret = server.secret};
    cache = cache_open(&options);
    servers = servers_open(SERVERS_MAX, &server.secret);
    bool good = cache && servers;
    for (unsigned i = 0; i < workers && good; i++)
        good = open_asker(i);
    return good;
}

int main(int count, char **words)
{
    uint32_t names = count > 1 ? (uint32_t)atol(words[1]) : 100000;
    double seconds = count > 2 ? atof(words[2]) : 2;
    unsigned only = count > 3 ? (unsigned)atol(words[3]) : 0;
    unsigned workers = count > 4 ? (unsigned)atol(words[4]) : 1;
    if (names == 0 || names > 1000000 || only > BATCH_MAX || workers - 1 >= WORKERS_MOST) {
        fprintf(stderr, "usage: bench-hits [NAMES [SECONDS [BATCH [WORKERS]]]]\n");
        return 2;
    }
    if (!open_all(names, workers))
        return 2;
    epoch_join();
    fill(names);
    epoch_leave();
    struct dice dice = dice_seed(1);
    order = memory_get_zeroed(ORDERS, sizeof *order);
    for (uint32_t i = 0; i < ORDERS; i++)
        order[i] = (uint32_t)((uint64_t)dice_roll(&dice) * names >> 32);
    printf("%u names\n", names);
    const unsigned batches[] = {1, 8, 32};
    for (unsigned i = 0; i < (only ? 1 : 3); i++)
        compare(workers, only ? only : batches[i], seconds);
    for (unsigned i = 0; i < workers; i++)
        close_asker(askers[i]);
    servers_close(servers);
    cache_close(cache);
    return 0;
}
