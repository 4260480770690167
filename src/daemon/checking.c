// Health checks (checking.h).
#include "daemon/checking.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"

#define RETRY_MS 50 // the companion takes no more just now

void checking_open(struct checking *checking, struct loop *loop, uint8_t kind)
{
    memset(checking, 0, sizeof *checking);
    companion_open(&checking->companion, loop, kind);
}

static struct health_rules rules_of(const struct check_option *check)
{
    return (struct health_rules){.interval_ms = check->interval_ms,
                                 .timeout_ms = check->timeout_ms,
                                 .rise = check->rise,
                                 .fall = check->fall};
}

// --- which targets there are ---------------------------------------------------------------------

// The same question: what is known of its answer stays good, whatever the rules are now.
static bool is_same_check(const struct check_option *a, const struct check_option *b)
{
    return a->kind == b->kind && a->port == b->port && a->verify == b->verify &&
           strcmp(a->name, b->name) == 0 && strcmp(a->host, b->host) == 0 &&
           strcmp(a->path, b->path) == 0 && strcmp(a->text, b->text) == 0 &&
           a->status_count == b->status_count &&
           memcmp(a->statuses, b->statuses, a->status_count * sizeof a->statuses[0]) == 0;
}

static uint32_t seed_of(const struct check_option *check, const struct address *address)
{
    char text[ADDRESS_TEXT_MAX];
    uint64_t hash = 0x9e3779b97f4a7c15u;
    address_print_host(address, text);
    for (const char *at = text; *at; at++)
        hash = hash_mix(hash ^ (uint8_t)*at, 0xa0761d6478bd642fu);
    for (const char *at = check->name; *at; at++)
        hash = hash_mix(hash ^ (uint8_t)*at, 0xe7037ed1a0b428dbu);
    return (uint32_t)hash;
}

// The old targets by their seeds, to find one of ten thousand without looking at all.
struct book {
    const struct checked **slots;
    size_t mask;
};

static struct book make_book(const struct checked *targets, size_t count)
{
    struct book book = {.mask = 15};
    while (book.mask < 2 * count)
        book.mask = 2 * book.mask + 1;
    book.slots = memory_get_zeroed(book.mask + 1, sizeof(const struct checked *));
    for (size_t i = 0; i < count; i++) {
        size_t at = seed_of(targets[i].check, &targets[i].address) & book.mask;
        while (book.slots[at])
            at = (at + 1) & book.mask;
        book.slots[at] = &targets[i];
    }
    return book;
}

static const struct checked *look_up(const struct book *book, const struct checked *wanted)
{
    size_t at = seed_of(wanted->check, &wanted->address) & book->mask;
    for (; book->slots[at]; at = (at + 1) & book->mask)
        if (address_equal(&book->slots[at]->address, &wanted->address) &&
            is_same_check(book->slots[at]->check, wanted->check))
            return book->slots[at];
    return NULL;
}

// A check that is under way has a result for the list before this one: it is made again soon.
static void take_over(struct checked *target, const struct checked *old, uint64_t now_ms)
{
    target->state = old->state;
    memcpy(target->words, old->words, sizeof target->words);
    if (target->state.is_running)
        health_drop(&target->state, now_ms);
}

void checking_replace(struct checking *checking, const struct options *options, struct board *board,
                      uint64_t now_ms)
{
    size_t count = options->target_count;
    struct checked *targets = memory_get_zeroed(count, sizeof *targets);
    struct book book = make_book(checking->targets, checking->count);
    for (size_t i = 0; i < count; i++) {
        struct checked *target = &targets[i];
        target->check = &options->checks[options->targets[i].check];
        target->address = options->targets[i].address;
        const struct checked *old = look_up(&book, target);
        struct health_rules rules = rules_of(target->check);
        if (old)
            take_over(target, old, now_ms);
        else
            health_begin(&target->state, &rules, seed_of(target->check, &target->address), now_ms,
                         (unsigned)count);
        board_set(board, i, target->state.verdict);
    }
    free(book.slots);
    free(checking->targets);
    board_release(checking->board);
    checking->targets = targets;
    checking->count = count;
    checking->board = board_hold(board);
    checking->generation++;
    checking->running = 0;
    if (count == 0)
        companion_close(&checking->companion);
}

// --- results -------------------------------------------------------------------------------------

static void tell(const struct checked *target)
{
    char address[ADDRESS_TEXT_MAX];
    address_print_host(&target->address, address);
    if (target->state.verdict == HEALTH_DOWN)
        log_warning("check %s: %s is down: %s", target->check->name, address, target->words);
    else
        log_info("check %s: %s is up: %s", target->check->name, address, target->words);
}

static void take(struct checking *checking, const struct probe_result *result, uint64_t now_ms)
{
    size_t index = (uint32_t)result->id;
    if (result->id >> 32 != checking->generation || index >= checking->count ||
        !checking->targets[index].state.is_running)
        return;
    struct checked *target = &checking->targets[index];
    struct health_rules rules = rules_of(target->check);
    memcpy(target->words, result->words, sizeof target->words);
    checking->running--;
    checking->good += result->good;
    checking->bad += !result->good;
    bool first = target->state.verdict == HEALTH_UNKNOWN;
    if (!health_take(&target->state, &rules, result->good, now_ms))
        return;
    board_set(checking->board, index, target->state.verdict);
    checking->changes += !first;
    if (!first || target->state.verdict == HEALTH_DOWN)
        tell(target);
}

// Nothing is known of those that were under way.
static void drop_running(struct checking *checking, uint64_t now_ms)
{
    for (size_t i = 0; i < checking->count; i++)
        if (checking->targets[i].state.is_running)
            health_drop(&checking->targets[i].state, now_ms);
    checking->running = 0;
}

// Every check ends by its time-out, so a checker of which nothing is heard beyond that stands
// still, and the dead would stay in answers for as long as it does. Those that run may wait behind
// others of an earlier list, but then the results of those are heard.
static uint64_t patience_end_ms(const struct checking *checking)
{
    return checking->heard_ms + checking->longest_ms + CHECKER_SILENCE_MS;
}

static bool is_silent(const struct checking *checking, uint64_t now_ms)
{
    return checking->companion.socket >= 0 && checking->running &&
           now_ms >= patience_end_ms(checking);
}

// --- what is due ---------------------------------------------------------------------------------

static bool begin(struct checking *checking, size_t index, uint64_t now_ms)
{
    struct checked *target = &checking->targets[index];
    const struct check_option *check = target->check;
    uint8_t message[PROBE_MESSAGE_MAX];
    struct probe probe = {.id = (uint64_t)checking->generation << 32 | index,
                          .kind = check->kind,
                          .address = target->address,
                          .timeout_ms = check->timeout_ms,
                          .verify = check->verify,
                          .host = check->host,
                          .path = check->path,
                          .text = check->text,
                          .status_count = check->status_count};
    memcpy(probe.statuses, check->statuses, sizeof probe.statuses);
    if (check->kind != PROBE_SCRIPT)
        address_set_port(&probe.address, check->port);
    size_t size = probe_write(&probe, message);
    if (size == 0 || !companion_send(&checking->companion, message, size))
        return false;
    health_start(&target->state, now_ms);
    if (checking->running++ == 0)
        checking->heard_ms = now_ms;
    if (check->timeout_ms > checking->longest_ms)
        checking->longest_ms = check->timeout_ms;
    return true;
}

void checking_step(struct checking *checking, uint64_t now_ms)
{
    struct probe_result result;
    enum companion_heard heard;
    if (checking->count == 0)
        return;
    while ((heard = companion_hear(&checking->companion, now_ms, &result)) == COMPANION_RESULT) {
        checking->heard_ms = now_ms;
        take(checking, &result, now_ms);
    }
    if (is_silent(checking, now_ms)) {
        companion_give_up(&checking->companion, now_ms);
        heard = COMPANION_ENDED;
    }
    if (heard == COMPANION_ENDED)
        drop_running(checking, now_ms);
    if (!companion_run(&checking->companion, now_ms))
        return;
    for (size_t i = 0; i < checking->count && checking->running < CHECKS_RUNNING_MAX; i++)
        if (health_is_due(&checking->targets[i].state, now_ms) && !begin(checking, i, now_ms))
            return;
}

int checking_rest(const struct checking *checking, uint64_t now_ms)
{
    uint64_t due_ms = UINT64_MAX;
    if (checking->count == 0)
        return -1;
    if (checking->companion.socket < 0)
        due_ms = checking->companion.again_ms;
    else if (checking->running < CHECKS_RUNNING_MAX)
        for (size_t i = 0; i < checking->count; i++)
            if (!checking->targets[i].state.is_running &&
                checking->targets[i].state.due_ms < due_ms)
                due_ms = checking->targets[i].state.due_ms;
    if (checking->companion.socket >= 0 && checking->running && patience_end_ms(checking) < due_ms)
        due_ms = patience_end_ms(checking);
    if (due_ms == UINT64_MAX)
        return -1;
    return due_ms > now_ms ? (int)(due_ms - now_ms) : RETRY_MS;
}

void checking_close(struct checking *checking)
{
    companion_close(&checking->companion);
    free(checking->targets);
    board_release(checking->board);
    checking->targets = NULL;
    checking->count = 0;
    checking->board = NULL;
}
