// Zone text into memory: what each step costs, and what a small zone costs.
//
//   bench-load ZONEFILE ORIGIN [ROUNDS [THREADS]]   milliseconds of each step, best of ROUNDS
//   bench-load --small [ROUNDS]                     nanoseconds for a zone of four records
//
// Steps: words (the scanner alone), parse, sort, check, image. User and system time are the whole
// process's; "own" is what the calling thread had of both, which on a busy machine shows better
// than real time what other threads took off it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "zone/check.h"
#include "zone/image.h"
#include "zone/judge.h"
#include "zone/parse.h"
#include "zone/records.h"
#include "zone/scan.h"

enum step { WORDS, PARSE, SORT, CHECK, IMAGE, FREE, STEPS };
static const char *const step_words[STEPS] = {"words", "parse", "sort", "check", "image", "free"};

struct cost {
    double user_ms, system_ms, real_ms, own_ms;
    long faults;
};

static struct cost now(void)
{
    struct rusage usage;
    struct timespec real, own;
    getrusage(RUSAGE_SELF, &usage);
    clock_gettime(CLOCK_MONOTONIC, &real);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &own);
    return (struct cost){
        .user_ms = (double)usage.ru_utime.tv_sec * 1e3 + (double)usage.ru_utime.tv_usec / 1e3,
        .system_ms = (double)usage.ru_stime.tv_sec * 1e3 + (double)usage.ru_stime.tv_usec / 1e3,
        .real_ms = (double)real.tv_sec * 1e3 + (double)real.tv_nsec / 1e6,
        .own_ms = (double)own.tv_sec * 1e3 + (double)own.tv_nsec / 1e6,
        .faults = usage.ru_minflt};
}

// Adds what was spent since `before` to the step's best.
static struct cost settle(struct cost before, struct cost *best, bool first)
{
    struct cost after = now();
    struct cost spent = {after.user_ms - before.user_ms, after.system_ms - before.system_ms,
                         after.real_ms - before.real_ms, after.own_ms - before.own_ms,
                         after.faults - before.faults};
    if (first || spent.user_ms + spent.system_ms < best->user_ms + best->system_ms)
        *best = spent;
    return now();
}

static size_t count_words(const char *path)
{
    char *octets;
    size_t size, words = 0;
    if (file_read(path, SCAN_OCTETS_MAX, &octets, &size) != 0)
        exit(1);
    struct scan scan;
    scan_begin(&scan, octets, size);
    while (scan_next(&scan) != SCAN_END)
        words += scan.count;
    scan_free(&scan);
    free(octets);
    return words;
}

static void run_steps(struct name origin, const char *path, unsigned threads,
                      struct cost costs[static STEPS], bool first)
{
    struct report report = {0};
    struct records records;
    struct image image;
    struct hash_key secret;
    random_fill(&secret, sizeof secret);
    struct parse_options parse = {.ttl_default = 3600, .threads = threads};
    struct check_options check = {0};
    struct cost at = now();
    size_t words = count_words(path);
    at = settle(at, &costs[WORDS], first);
    records_begin(&records, origin);
    bool good = parse_file(path, &records, &parse, &report);
    at = settle(at, &costs[PARSE], first);
    records_sort(&records);
    at = settle(at, &costs[SORT], first);
    good = check_records(&records, &check, &report) && good;
    at = settle(at, &costs[CHECK], first);
    if (!good || image_build(&records, &secret, &image) != 0) {
        report_print(&report, stderr, false);
        exit(1);
    }
    at = settle(at, &costs[IMAGE], first);
    if (first)
        printf("%zu words, %zu records, image of %zu octets\n", words, records.count,
               (size_t)image.head->size);
    records_free(&records);
    settle(at, &costs[FREE], first);
    image_free(&image);
    report_free(&report);
}

static void run_file(struct name origin, const char *path, unsigned rounds, unsigned threads)
{
    struct cost costs[STEPS], sum = {0};
    for (unsigned i = 0; i < rounds; i++)
        run_steps(origin, path, threads, costs, i == 0);
    for (enum step step = 0; step < STEPS; step++) {
        printf("%-6s %7.1f ms user %7.1f ms system %7.1f ms own %7.1f ms real %7ld faults\n",
               step_words[step], costs[step].user_ms, costs[step].system_ms, costs[step].own_ms,
               costs[step].real_ms, costs[step].faults);
        if (step == WORDS)
            continue;
        sum.user_ms += costs[step].user_ms;
        sum.system_ms += costs[step].system_ms;
        sum.real_ms += costs[step].real_ms;
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("all    %7.1f ms user %7.1f ms system %7.1f ms real (without words), peak %ld MB\n",
           sum.user_ms, sum.system_ms, sum.real_ms, usage.ru_maxrss / 1024);
}

static void run_small(struct name origin, unsigned rounds)
{
    static const char text[] =
        "$TTL 3600\n"
        "@ SOA ns.example.net. hostmaster.example.net. 1 7200 900 1209600 300\n"
        "@ NS ns.example.net.\n"
        "@ A 192.0.2.1\n"
        "www A 192.0.2.1\n";
    const struct judge_options options = {.octets = text, .size = sizeof text - 1};
    struct cost before = now();
    for (unsigned i = 0; i < rounds; i++) {
        struct report report = {0};
        struct records records;
        records_begin(&records, origin);
        if (!judge_zone("small.zone", &records, &options, &report))
            exit(1);
        records_free(&records);
        report_free(&report);
    }
    struct cost after = now();
    printf("small zone: %.0f ns user, %.0f ns system\n",
           (after.user_ms - before.user_ms) * 1e6 / rounds,
           (after.system_ms - before.system_ms) * 1e6 / rounds);
}

int main(int count, char **words)
{
    bool small = count > 1 && strcmp(words[1], "--small") == 0;
    if (count < 2 || (!small && count < 3)) {
        fprintf(stderr, "usage: bench-load ZONEFILE ORIGIN [ROUNDS [THREADS]]\n"
                        "       bench-load --small [ROUNDS]\n");
        return 2;
    }
    const char *text = small ? "bench.test." : words[2];
    uint8_t wire[NAME_OCTETS_MAX];
    struct name origin;
    if (name_parse(text, strlen(text), &NAME_ROOT, wire, &origin) != NAME_TEXT_OK)
        return 2;
    if (small)
        run_small(origin, count > 2 ? (unsigned)atoi(words[2]) : 1000000);
    else
        run_file(origin, words[1], count > 3 ? (unsigned)atoi(words[3]) : 3,
                 count > 4 ? (unsigned)atoi(words[4]) : 1);
    return 0;
}
