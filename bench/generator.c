// bench-generator: asks a DNS server over UDP as fast as it answers, checks what comes back, and
// reads the server's CPU time over exactly the same window.
//
//   bench-generator --server 127.0.0.1 --port 5400 --queries FILE --seconds 3 --pid 4711 --json
//
// One thread that never sleeps, so it wants a core of its own. It keeps `window` questions in
// flight, spread over some sockets ("lanes"), each with a table of flights:
//
//   lane:  flights[window / lanes]      ID of a question = turn << slot bits | slot
//          idle[]                       a stack of the slots that are not in flight
//
// An answer's ID leads to its flight without a search, and since each use of a slot has another
// turn, an answer that comes after its question was given up is told from one to the question now
// in that slot. Each answer is judged (`judge`): only ID, QR, question and rcode as they should be
// count as received; with --signed every 16th must also have signatures and, if it denies, proofs.
//
//   warm up 0.5 s | window: S seconds, everything counted, CPU read at both ends | drain
//
// Lost is what was given up after --patience, from the window's beginning to the drain's end; it
// counts as answered that late.
//
// Three ways to go that are not as fast as it answers, for resolvers:
//
//   --once          the file's questions once, without warming up; S seconds are the most it takes
//   --rate N        N a second, whatever is answered
//   --until-hits H  until a share H of a slice's answers came within --hit-us, from before the
//                   server is there; tells when that was, in CLOCK_MONOTONIC's seconds
//
// With --sleep (a --rate has it) the thread sleeps while it has nothing to do, so that it may share
// a core.
//
// Status: 0, 1 no answers or the system's refusal, 2 usage, 3 (with --check) there were wrong
// answers.
#include "answer.h"
#include "meter.h"
#include "questions.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH         64 // as many as the servers take at once
#define BURST_MIN     8  // a lane asks when so many slots are free, or half: fuller system calls
#define LANES_MAX     64
#define FLIGHTS_MAX   4096 // for each lane: leaves 4 bits of the ID for turns
#define ANSWER_OCTETS 4096 // above the 1232 that we announce
// A server's socket with the system's buffer of 208 kB holds some 250 small datagrams: 256 in
// flight begin to be lost, and 64 already keep an echo busy to 99 %.
#define WINDOW         128
#define LANES          4
#define PIDS_MAX       64
#define WARM_UP_NS     500000000u
#define PATIENCE_MS    250        // far above a full queue's age (128 at 20 us each: 3 ms)
#define LOOK_NS        20000000u  // how often the flights are searched for lost ones
#define SLICE_NS       100000000u // of --until-hits: five times the way to a server 20 ms away
#define SLICE_MIN      100        // answers: of fewer no share is told
#define SOCKET_OCTETS  4000000    // so that no answer is lost on our side
#define COMPLAINTS_MAX 10
#define SIGNED_EVERY   16 // a look at each answer's records would slow the generator down

enum verdict {
    VERDICT_RIGHT,
    VERDICT_STRAY,    // no question with this ID is in flight: late, doubled, or a wrong ID
    VERDICT_MANGLED,  // shorter than its question, or QR not set
    VERDICT_QUESTION, // another question than the one asked
    VERDICT_RCODE,    // another rcode than the one expected
    VERDICT_EMPTY,    // a resolver's NOERROR without RA or without any record
    VERDICT_UNSIGNED, // no RRSIG or no denial, though the zone is signed and DO was set
    VERDICTS,
};

static const char *const verdict_words[VERDICTS] = {
    "right",
    "stray",
    "no response to a question",
    "another question",
    "another rcode",
    "no recursion or no record",
    "no signature or no proof",
};

struct tally {
    uint64_t sent, lost, truncated;
    uint64_t verdicts[VERDICTS];
    struct counts reply_octets;
    struct counts latency_ns;
};

struct flight {
    uint64_t sent_ns;
    uint32_t question;
    uint16_t id; // of its latest use
    bool open;
};

struct lane {
    int fd;
    unsigned idle_count;
    uint16_t idle[FLIGHTS_MAX];
    struct flight flights[FLIGHTS_MAX];
};

struct settings {
    const char *server, *queries;
    double seconds;
    double until_hits; // a share; 0: not asked for
    unsigned port, window, lanes, patience_ms, hit_us;
    unsigned rate; // questions a second; 0: as fast as it answers
    struct questions_style style;
    bool signatures; // every SIGNED_EVERY-th answer must have one
    bool once, sleep;
    bool check, json;
    pid_t pids[PIDS_MAX];
    size_t pid_count;
};

struct load {
    const struct settings *settings;
    struct questions questions;
    uint32_t next;            // the question to ask next
    uint64_t left;            // how many may still be asked
    uint64_t paced_ns, paced; // --rate: when the first was due, and how many were asked since
    uint64_t slice_ns, slice_answers, slice_hits, reached_ns; // --until-hits
    unsigned lane_flights, slot_bits, burst_min;
    unsigned complaints;
    uint64_t answers; // judged in the whole life, warming up and draining too
    struct tally tally;
    struct lane *lanes;
    struct mmsghdr messages[BATCH];
    struct iovec pieces[BATCH];
    uint8_t slots[BATCH][ANSWER_OCTETS];
};

// What the window gave.
struct result {
    double seconds, user_us, system_us;
    uint64_t sent, received;
};

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "bench-generator: %s: %s\n", what, strerror(errno));
    exit(1);
}

// --- asking --------------------------------------------------------------------------------------

static void lay_messages(struct load *load)
{
    for (unsigned i = 0; i < BATCH; i++) {
        load->pieces[i] = (struct iovec){load->slots[i], ANSWER_OCTETS};
        load->messages[i].msg_hdr = (struct msghdr){.msg_iov = &load->pieces[i], .msg_iovlen = 1};
    }
}

static void put_question(struct load *load, struct lane *lane, unsigned place, uint64_t now_ns)
{
    unsigned slot = lane->idle[lane->idle_count - 1 - place];
    struct flight *flight = &lane->flights[slot];
    assert(!flight->open);
    flight->id = (uint16_t)(flight->id + (1u << load->slot_bits)); // the next turn
    flight->sent_ns = now_ns;
    flight->question = load->next;

    const struct question *question = &load->questions.list[load->next];
    uint8_t *message = load->slots[place];
    memcpy(message, load->questions.octets + question->at, question->size);
    message[0] = (uint8_t)(flight->id >> 8);
    message[1] = (uint8_t)flight->id;
    load->pieces[place].iov_len = question->size;
    load->next = load->next + 1 < load->questions.count ? load->next + 1 : 0;
}

// Whether the errno may be that of a server that has yet to start.
static bool may_be_absent(const struct load *load)
{
    return load->settings->until_hits > 0 && errno == ECONNREFUSED;
}

static uint64_t lesser(uint64_t one, uint64_t other)
{
    return one < other ? one : other;
}

// How many questions are due by the clock and not yet asked.
static uint64_t due(const struct load *load, uint64_t now_ns)
{
    if (load->settings->rate == 0)
        return BATCH;
    double passed = (double)(now_ns - load->paced_ns) / 1e9 * load->settings->rate;
    return (uint64_t)passed > load->paced ? (uint64_t)passed - load->paced : 0;
}

static void ask(struct load *load, struct lane *lane, uint64_t now_ns)
{
    unsigned count = (unsigned)lesser(lane->idle_count, lesser(BATCH, due(load, now_ns)));
    if (count < load->burst_min && count < load->left)
        return;
    count = (unsigned)lesser(count, load->left);
    if (count == 0)
        return;
    for (unsigned i = 0; i < count; i++)
        put_question(load, lane, i, now_ns);
    int sent = sendmmsg(lane->fd, load->messages, count, MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != ENOBUFS && errno != EINTR && !may_be_absent(load))
        die("no server there: sendmmsg");
    // What was not taken is asked later, from its place in the file on.
    unsigned taken = sent > 0 ? (unsigned)sent : 0;
    uint32_t left = (count - taken) % load->questions.count;
    load->next = (uint32_t)((load->next + load->questions.count - left) % load->questions.count);
    for (unsigned i = 0; i < taken; i++)
        lane->flights[lane->idle[lane->idle_count - 1 - i]].open = true;
    lane->idle_count -= taken;
    load->left -= taken;
    load->paced += taken;
    load->tally.sent += taken;
    for (unsigned i = 0; i < count; i++)
        load->pieces[i].iov_len = ANSWER_OCTETS;
}

// --- judging -------------------------------------------------------------------------------------

static struct flight *find_flight(struct load *load, struct lane *lane, const uint8_t *answer)
{
    unsigned id = (unsigned)answer[0] << 8 | answer[1];
    unsigned slot = id & ((1u << load->slot_bits) - 1);
    if (slot >= load->lane_flights)
        return NULL;
    struct flight *flight = &lane->flights[slot];
    return flight->open && flight->id == id ? flight : NULL;
}

static enum verdict judge(const struct load *load, const struct question *question,
                          const uint8_t *answer, size_t size)
{
    const struct questions *questions = &load->questions;
    if (size < HEADER_SIZE + (size_t)question->asked || (answer[2] & 0x80) == 0)
        return VERDICT_MANGLED;
    const uint8_t *asked = questions->octets + question->at + HEADER_SIZE;
    if (memcmp(answer + HEADER_SIZE, asked, question->asked) != 0 || answer[4] != 0 ||
        answer[5] != 1)
        return VERDICT_QUESTION;
    if (question->rcode != RCODE_ANY && (answer[3] & 15) != question->rcode)
        return VERDICT_RCODE;
    if (load->settings->style.recurse && question->rcode == 0 &&
        ((answer[3] & 0x80) == 0 || (answer[6] | answer[7]) == 0))
        return VERDICT_EMPTY;
    bool truncated = (answer[2] & 2) != 0; // is counted, and need not have room for signatures
    if (load->settings->signatures && load->answers % SIGNED_EVERY == 0 && !truncated &&
        !answer_is_signed(answer, size))
        return VERDICT_UNSIGNED;
    return VERDICT_RIGHT;
}

static void complain(struct load *load, const struct question *question, enum verdict verdict,
                     const uint8_t *answer)
{
    if (!load->settings->check || load->complaints++ >= COMPLAINTS_MAX)
        return;
    fprintf(stderr, "%s:%u: %s (flags %02x%02x)\n", load->settings->queries, question->line,
            verdict_words[verdict], answer[2], answer[3]);
}

static void take_answer(struct load *load, struct lane *lane, const uint8_t *answer, size_t size,
                        uint64_t now_ns)
{
    struct tally *tally = &load->tally;
    struct flight *flight = size >= HEADER_SIZE ? find_flight(load, lane, answer) : NULL;
    if (flight == NULL) {
        tally->verdicts[VERDICT_STRAY]++;
        return;
    }
    flight->open = false;
    lane->idle[lane->idle_count++] = (uint16_t)(flight - lane->flights);
    const struct question *question = &load->questions.list[flight->question];
    enum verdict verdict = judge(load, question, answer, size);
    load->answers++;
    tally->verdicts[verdict]++;
    tally->truncated += answer[2] >> 1 & 1;
    counts_add(&tally->reply_octets, size);
    counts_add(&tally->latency_ns, now_ns - flight->sent_ns);
    load->slice_answers++;
    load->slice_hits += now_ns - flight->sent_ns <= load->settings->hit_us * (uint64_t)1000;
    if (verdict != VERDICT_RIGHT)
        complain(load, question, verdict, answer);
}

static void listen_once(struct load *load, struct lane *lane)
{
    int count = recvmmsg(lane->fd, load->messages, BATCH, MSG_DONTWAIT, NULL);
    if (count < 0) {
        if (errno != EAGAIN && errno != EINTR && !may_be_absent(load))
            die("no server there: recvmmsg");
        return;
    }
    uint64_t now_ns = meter_now_ns();
    for (int i = 0; i < count; i++)
        take_answer(load, lane, load->slots[i], load->messages[i].msg_len, now_ns);
}

static void give_up_lost(struct load *load, struct lane *lane, uint64_t now_ns)
{
    uint64_t patience_ns = load->settings->patience_ms * (uint64_t)1000000;
    for (unsigned slot = 0; slot < load->lane_flights; slot++) {
        struct flight *flight = &lane->flights[slot];
        if (!flight->open || now_ns - flight->sent_ns < patience_ns)
            continue;
        flight->open = false;
        lane->idle[lane->idle_count++] = (uint16_t)slot;
        load->tally.lost++;
        counts_add(&load->tally.latency_ns, patience_ns);
    }
}

// --- a run ---------------------------------------------------------------------------------------

static bool all_idle(const struct load *load)
{
    for (unsigned i = 0; i < load->settings->lanes; i++)
        if (load->lanes[i].idle_count < load->lane_flights)
            return false;
    return true;
}

// Sleeps until an answer comes or the next question is due, but at most until the time given.
static void doze(struct load *load, uint64_t until_ns)
{
    struct pollfd lanes[LANES_MAX];
    for (unsigned i = 0; i < load->settings->lanes; i++)
        lanes[i] = (struct pollfd){.fd = load->lanes[i].fd, .events = POLLIN};
    if (load->settings->rate > 0) {
        double next = (double)(load->paced + 1) / load->settings->rate * 1e9;
        until_ns = lesser(until_ns, load->paced_ns + (uint64_t)next);
    }
    uint64_t now_ns = meter_now_ns();
    if (until_ns <= now_ns)
        return;
    uint64_t rest_ns = until_ns - now_ns;
    struct timespec rest = {(time_t)(rest_ns / 1000000000), (long)(rest_ns % 1000000000)};
    ppoll(lanes, load->settings->lanes, &rest, NULL);
}

// --until-hits: at a slice's end, whether its share was reached.
static void end_slice(struct load *load, uint64_t now_ns)
{
    if (now_ns < load->slice_ns + SLICE_NS)
        return;
    double share = (double)load->slice_hits / (double)(load->slice_answers + 1);
    if (load->slice_answers >= SLICE_MIN && share >= load->settings->until_hits)
        load->reached_ns = now_ns;
    load->slice_ns = now_ns;
    load->slice_answers = load->slice_hits = 0;
}

// Whether all that there was to do is done before its time.
static bool is_done(const struct load *load)
{
    return load->reached_ns > 0 || (load->left == 0 && all_idle(load));
}

// Asks and listens until the time given.
static void spin(struct load *load, uint64_t until_ns)
{
    const struct settings *settings = load->settings;
    uint64_t look_ns = 0;
    load->paced = 0;
    load->paced_ns = load->slice_ns = meter_now_ns();
    for (uint64_t now_ns; (now_ns = meter_now_ns()) < until_ns && !is_done(load);) {
        for (unsigned i = 0; i < load->settings->lanes; i++) {
            listen_once(load, &load->lanes[i]);
            ask(load, &load->lanes[i], now_ns);
        }
        if (settings->until_hits > 0)
            end_slice(load, now_ns);
        if (settings->sleep)
            doze(load, lesser(until_ns, now_ns + LOOK_NS));
        if (now_ns < look_ns)
            continue;
        look_ns = now_ns + LOOK_NS;
        for (unsigned i = 0; i < load->settings->lanes; i++)
            give_up_lost(load, &load->lanes[i], now_ns);
    }
}

// Listens until nothing is in flight. Ends: what is not answered is given up.
static void drain(struct load *load)
{
    while (!all_idle(load)) {
        for (unsigned i = 0; i < load->settings->lanes; i++) {
            listen_once(load, &load->lanes[i]);
            give_up_lost(load, &load->lanes[i], meter_now_ns());
        }
    }
}

static void read_cpu(const struct settings *settings, struct cpu *cpu)
{
    if (!cpu_read(cpu, settings->pids, settings->pid_count)) {
        fputs("bench-generator: --pid: the process is gone\n", stderr);
        exit(1);
    }
}

static struct result run(struct load *load)
{
    const struct settings *settings = load->settings;
    load->left = UINT64_MAX;
    if (settings->once)
        load->left = load->questions.count;
    else if (settings->until_hits == 0)
        spin(load, meter_now_ns() + WARM_UP_NS);

    struct cpu cpu_from, cpu_to;
    memset(&load->tally, 0, sizeof load->tally);
    read_cpu(settings, &cpu_from);
    uint64_t from_ns = meter_now_ns();
    spin(load, from_ns + (uint64_t)(settings->seconds * 1e9));
    read_cpu(settings, &cpu_to);
    struct result result = {
        .seconds = (double)(meter_now_ns() - from_ns) / 1e9,
        .sent = load->tally.sent,
        .received = load->tally.verdicts[VERDICT_RIGHT],
    };
    cpu_between(&cpu_from, &cpu_to, &result.user_us, &result.system_us);
    if (load->reached_ns == 0)
        drain(load);
    return result;
}

static int open_socket(const struct settings *settings)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)settings->port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
                              .sin6_port = htons((uint16_t)settings->port)};
    const struct sockaddr *address = (struct sockaddr *)&v4;
    socklen_t size = sizeof v4;
    if (inet_pton(AF_INET, settings->server, &v4.sin_addr) != 1) {
        if (inet_pton(AF_INET6, settings->server, &v6.sin6_addr) != 1) {
            fprintf(stderr, "bench-generator: not an address: %s\n", settings->server);
            exit(2);
        }
        address = (struct sockaddr *)&v6;
        size = sizeof v6;
    }
    int fd = socket(address->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        die("socket");
    int octets = SOCKET_OCTETS;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &octets, sizeof octets); // cut to net.core.rmem_max
    if (connect(fd, address, size) < 0)
        die("connect");
    return fd;
}

static struct load *load_new(const struct settings *settings)
{
    struct load *load = calloc(1, sizeof *load);
    struct lane *lanes = calloc(settings->lanes, sizeof *lanes);
    if (load == NULL || lanes == NULL)
        die("memory");
    load->settings = settings;
    load->lanes = lanes;
    load->lane_flights = settings->window / settings->lanes;
    load->burst_min = load->lane_flights < 2 * BURST_MIN ? (load->lane_flights + 1) / 2 : BURST_MIN;
    while (1u << load->slot_bits < load->lane_flights)
        load->slot_bits++;
    questions_read(&load->questions, settings->queries, settings->style);
    lay_messages(load);
    for (unsigned i = 0; i < settings->lanes; i++) {
        lanes[i].fd = open_socket(settings);
        for (unsigned slot = 0; slot < load->lane_flights; slot++) {
            lanes[i].idle[lanes[i].idle_count++] = (uint16_t)slot;
            lanes[i].flights[slot].id = (uint16_t)slot;
        }
    }
    return load;
}

static void load_free(struct load *load)
{
    for (unsigned i = 0; i < load->settings->lanes; i++)
        close(load->lanes[i].fd);
    questions_free(&load->questions);
    free(load->lanes);
    free(load);
}

// --- reporting -----------------------------------------------------------------------------------

static uint64_t wrong_count(const struct tally *tally)
{
    return tally->verdicts[VERDICT_MANGLED] + tally->verdicts[VERDICT_QUESTION] +
           tally->verdicts[VERDICT_RCODE] + tally->verdicts[VERDICT_EMPTY] +
           tally->verdicts[VERDICT_UNSIGNED];
}

static void print_result(const struct load *load, const struct result *result)
{
    const struct settings *settings = load->settings;
    const struct tally *tally = &load->tally;
    double answers = result->received > 0 ? (double)result->received : 1;
    double replies = tally->reply_octets.total > 0 ? (double)tally->reply_octets.total : 1;
    // One line each: name, value. JSON is the same with quotes and commas.
    const char *line = settings->json ? ",\n  \"%s\": %.*f" : "%-26s %.*f\n";
    const struct {
        const char *name;
        int decimals;
        double value;
    } rows[] = {
        {"seconds", 3, result->seconds},
        {"sent", 0, (double)result->sent},
        {"received", 0, (double)result->received},
        {"lost", 0, (double)tally->lost},
        {"wrong", 0, (double)wrong_count(tally)},
        {"wrong_mangled", 0, (double)tally->verdicts[VERDICT_MANGLED]},
        {"wrong_question", 0, (double)tally->verdicts[VERDICT_QUESTION]},
        {"wrong_rcode", 0, (double)tally->verdicts[VERDICT_RCODE]},
        {"wrong_empty", 0, (double)tally->verdicts[VERDICT_EMPTY]},
        {"wrong_unsigned", 0, (double)tally->verdicts[VERDICT_UNSIGNED]},
        {"stray", 0, (double)tally->verdicts[VERDICT_STRAY]},
        {"truncated", 0, (double)tally->truncated},
        {"answers_ever", 0, (double)load->answers},
        {"qps", 0, (double)result->received / result->seconds},
        {"server_user_us_per_query", 3, result->user_us / answers},
        {"server_sys_us_per_query", 3, result->system_us / answers},
        {"server_cores", 3, (result->user_us + result->system_us) / 1e6 / result->seconds},
        {"reply_octets_mean", 1, (double)tally->reply_octets.sum / replies},
        {"reply_octets_median", 0, (double)counts_quantile(&tally->reply_octets, 0.5)},
        {"latency_p50_us", 1, (double)counts_quantile(&tally->latency_ns, 0.5) / 1e3},
        {"latency_p95_us", 1, (double)counts_quantile(&tally->latency_ns, 0.95) / 1e3},
        {"latency_p99_us", 1, (double)counts_quantile(&tally->latency_ns, 0.99) / 1e3},
        {"hits_at_s", 3, (double)load->reached_ns / 1e9},
    };
    if (settings->json)
        printf("{\n  \"window\": %u", load->lane_flights * settings->lanes);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        printf(line, rows[i].name, rows[i].decimals, rows[i].value);
    if (settings->json)
        puts("\n}");
}

// --- options -------------------------------------------------------------------------------------

static const struct option options[] = {
    {"server", required_argument, NULL, 's'},
    {"port", required_argument, NULL, 'p'},
    {"queries", required_argument, NULL, 'q'},
    {"seconds", required_argument, NULL, 't'},
    {"pid", required_argument, NULL, 'i'},
    {"window", required_argument, NULL, 'w'},
    {"sockets", required_argument, NULL, 'n'},
    {"edns", no_argument, NULL, 'e'},
    {"do", no_argument, NULL, 'd'},
    {"recurse", no_argument, NULL, 'r'},
    {"once", no_argument, NULL, 'o'},
    {"rate", required_argument, NULL, 'R'},
    {"sleep", no_argument, NULL, 'S'},
    {"patience", required_argument, NULL, 'P'},
    {"until-hits", required_argument, NULL, 'H'},
    {"hit-us", required_argument, NULL, 'U'},
    {"signed", no_argument, NULL, 'g'},
    {"any-rcode", no_argument, NULL, 'a'},
    {"check", no_argument, NULL, 'c'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static _Noreturn void usage(int status)
{
    fputs("usage: bench-generator --server ADDR --port P --queries FILE [--seconds S]\n"
          "  --queries FILE  lines of: name type [expected-rcode]\n"
          "  --seconds S     how long to count, after 0.5 s of warming up (3)\n"
          "  --pid PID       the server's process, for its CPU time; may be given again\n"
          "  --window W      questions in flight (128)\n"
          "  --sockets N     our sockets, each with a port of its own (4)\n"
          "  --edns, --do    ask with EDNS (1232 octets), with DO set in it\n"
          "  --recurse       with RD, to a resolver: NOERROR must come with RA and a record\n"
          "  --once          the file's questions once, S seconds at most\n"
          "  --rate N        questions a second; without it as many as are answered\n"
          "  --sleep         sleep when there is nothing to do; --rate does it anyhow\n"
          "  --patience MS   what is not answered by then is lost (250)\n"
          "  --until-hits H  end when this share of the answers comes within the time of a hit\n"
          "  --hit-us US     the time of a hit (5000)\n"
          "  --signed        with --do: look in every 16th answer for RRSIG and proof of denial\n"
          "  --any-rcode     pass over the expected rcodes\n"
          "  --check         tell of the first wrong answers; status 3 if there was one\n"
          "  --json          print the result as JSON\n",
          status == 0 ? stdout : stderr);
    exit(status);
}

static unsigned number_in(const char *text, unsigned least, unsigned most)
{
    char *end;
    errno = 0;
    unsigned long number = strtoul(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || number < least || number > most) {
        fprintf(stderr, "bench-generator: %s: a number from %u to %u is wanted\n", text, least,
                most);
        exit(2);
    }
    return (unsigned)number;
}

static double seconds_in(const char *text)
{
    char *end;
    double seconds = strtod(text, &end);
    if (end == text || *end != '\0' || !(seconds > 0 && seconds <= 3600)) {
        fprintf(stderr, "bench-generator: %s: seconds up to 3600 are wanted\n", text);
        exit(2);
    }
    return seconds;
}

static double share_in(const char *text)
{
    char *end;
    double share = strtod(text, &end);
    if (end == text || *end != '\0' || !(share > 0 && share < 1)) {
        fprintf(stderr, "bench-generator: %s: a share between 0 and 1 is wanted\n", text);
        exit(2);
    }
    return share;
}

static void add_pid(struct settings *settings, const char *text)
{
    if (settings->pid_count == PIDS_MAX)
        usage(2);
    settings->pids[settings->pid_count++] = (pid_t)number_in(text, 1, 1u << 22);
}

static void take_option(struct settings *settings, int option)
{
    switch (option) {
    case 's': settings->server = optarg; break;
    case 'p': settings->port = number_in(optarg, 1, 65535); break;
    case 'q': settings->queries = optarg; break;
    case 't': settings->seconds = seconds_in(optarg); break;
    case 'i': add_pid(settings, optarg); break;
    case 'w': settings->window = number_in(optarg, 1, LANES_MAX * FLIGHTS_MAX); break;
    case 'n': settings->lanes = number_in(optarg, 1, LANES_MAX); break;
    case 'e': settings->style.edns = true; break;
    case 'd': settings->style.dnssec_ok = true; break;
    case 'g': settings->signatures = true; break;
    case 'r': settings->style.recurse = true; break;
    case 'o': settings->once = true; break;
    case 'R':
        settings->rate = number_in(optarg, 1, 1000000);
        settings->sleep = true;
        break;
    case 'S': settings->sleep = true; break;
    case 'P': settings->patience_ms = number_in(optarg, 1, 60000); break;
    case 'H': settings->until_hits = share_in(optarg); break;
    case 'U': settings->hit_us = number_in(optarg, 1, 1000000); break;
    case 'a': settings->style.any_rcode = true; break;
    case 'c': settings->check = true; break;
    case 'j': settings->json = true; break;
    case 'h': usage(0);
    default: usage(2);
    }
}

int main(int argc, char **argv)
{
    static struct settings settings = {
        .seconds = 3, .window = WINDOW, .lanes = LANES, .patience_ms = PATIENCE_MS, .hit_us = 5000};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;)
        take_option(&settings, option);
    if (optind != argc || settings.server == NULL || settings.port == 0 || settings.queries == NULL)
        usage(2);
    if (settings.window < settings.lanes)
        settings.lanes = settings.window;
    if (settings.window / settings.lanes > FLIGHTS_MAX) {
        fprintf(stderr, "bench-generator: at most %d in flight for each socket\n", FLIGHTS_MAX);
        return 2;
    }
    struct load *load = load_new(&settings);
    if (settings.rate > 0)
        load->burst_min = 1;
    struct result result = run(load);
    print_result(load, &result);
    bool wrong = wrong_count(&load->tally) > 0;
    load_free(load);
    if (result.received == 0) {
        fputs("bench-generator: not one right answer\n", stderr);
        return 1;
    }
    return wrong && settings.check ? 3 : 0;
}
