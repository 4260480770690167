// bench-outbound: what an ask to another server costs us, over UDP.
//
//   bench-outbound ADDR PORT [--asks N] [--window N] [--fresh]
//
// Asks whoever answers there (bench-echo, which is the cheapest) N times, WINDOW at once, and tells
// the CPU time of its own thread for each. As it stands all asks go to one server and its sockets
// are used again; with --fresh none is, as when each ask goes to a server that was never asked
// before. Under strace -c -f it shows the system calls of each.
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/limits.h"
#include "net/outbound.h"

enum { KIND_UDP = 1, KIND_TCP };

struct run {
    struct loop loop;
    struct outbound *outbound;
    struct address server;
    uint32_t asks, window;
    bool fresh;
    uint32_t sent, done, failed;
};

static void send_asks(struct run *run, uint64_t now_ms)
{
    while (run->sent < run->asks && run->sent - run->done < run->window) {
        uint8_t octets[45] = {0}; // as for one A record with EDNS
        bytes_put16(octets, (uint16_t)run->sent);
        struct ask ask = {ASK_UDP, run->sent++, run->server, octets, sizeof octets};
        outbound_send(run->outbound, &ask, now_ms);
    }
}

static void take_turn(struct run *run)
{
    uint64_t now_ms = clock_now_ms();
    send_asks(run, now_ms);
    int timeout_ms = outbound_rest(run->outbound, now_ms);
    unsigned count = loop_wait(&run->loop, timeout_ms);
    now_ms = clock_now_ms();
    for (unsigned i = 0; i < count; i++) {
        uint32_t ready;
        struct loop_tag tag = loop_event(&run->loop, i, &ready);
        outbound_ready(run->outbound, tag, ready, now_ms);
    }
    struct outbound_event event;
    while (outbound_next(run->outbound, &event)) {
        run->done++;
        run->failed += event.failed;
        if (!event.failed)
            outbound_verdict(run->outbound, &event, run->fresh ? REPLY_SUSPECT : REPLY_TAKEN);
    }
}

static double each_us(const struct timeval *before, const struct timeval *after, uint32_t asks)
{
    return ((double)(after->tv_sec - before->tv_sec) * 1e6 +
            (double)(after->tv_usec - before->tv_usec)) /
           asks;
}

static _Noreturn void usage(void)
{
    fputs("usage: bench-outbound ADDR PORT [--asks N] [--window N] [--fresh]\n", stderr);
    exit(2);
}

static void read_options(struct run *run, int argc, char **argv)
{
    static const struct option options[] = {{"asks", required_argument, NULL, 'a'},
                                            {"window", required_argument, NULL, 'w'},
                                            {"fresh", no_argument, NULL, 'f'},
                                            {0}};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (option) {
        case 'a': run->asks = (uint32_t)strtoul(optarg, NULL, 10); break;
        case 'w': run->window = (uint32_t)strtoul(optarg, NULL, 10); break;
        case 'f': run->fresh = true; break;
        default: usage();
        }
    }
    if (argc - optind != 2 || run->asks == 0 || run->window == 0 || run->window > ASKS_MAX ||
        !address_parse(argv[optind], (uint16_t)strtoul(argv[optind + 1], NULL, 10), &run->server))
        usage();
}

int main(int argc, char **argv)
{
    struct run run = {.asks = 200000, .window = 32};
    read_options(&run, argc, argv);
    if (loop_open(&run.loop) < 0)
        return 1;
    run.outbound = outbound_open(
        &(struct outbound_options){.loop = &run.loop, .udp_kind = KIND_UDP, .tcp_kind = KIND_TCP});
    if (!run.outbound)
        return 1;
    struct rusage before, after;
    uint64_t start_us = clock_now_us();
    getrusage(RUSAGE_SELF, &before);
    while (run.done < run.asks)
        take_turn(&run);
    getrusage(RUSAGE_SELF, &after);
    double real_us = (double)(clock_now_us() - start_us) / run.asks;
    struct outbound_counts counts;
    outbound_count(run.outbound, &counts);
    printf("%u asks, %u at once, %s: user %.2f us, system %.2f us, real %.2f us each; "
           "%llu sockets opened, %u failed\n",
           run.asks, run.window, run.fresh ? "fresh sockets" : "used again",
           each_us(&before.ru_utime, &after.ru_utime, run.asks),
           each_us(&before.ru_stime, &after.ru_stime, run.asks), real_us,
           (unsigned long long)counts.opened, run.failed);
    outbound_close(run.outbound);
    loop_close(&run.loop);
    return 0;
}
