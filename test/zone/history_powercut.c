// History when the power goes: every group that was answered HISTORY_DONE is there, whole, and none
// is there by halves.
//
//   history_powercut         200 seeds (5000 with ONYM_TEST_FULL)
//   history_powercut SEED    one of them
//
// A seed is one disk (powercut.h) with several lives. In each, groups are written until the power
// goes at some write or sync, in the opening and the closing too; then what the disk lost is lost,
// and history is opened anew. What it has must be what the model has: after the last group that was
// done, or after the one that was under way.
#include "from_text.h"
#include "powercut.h"

#include <stdio.h>
#include <unistd.h>

#include "zone/history.h"

#define SEEDS      200
#define SEEDS_FULL 5000
#define LIVES      5
#define GROUPS     12 // in a life that ends well
#define ZONES      3
#define CHANGES    512

static const char *const names[ZONES] = {"a.", "b.example.", "c.example."};

// --- what should be there ------------------------------------------------------------------------

struct model_change {
    uint64_t number, date_us;
    uint32_t serial, size;
};

struct model_zone {
    struct model_change changes[CHANGES];
    size_t count;
    uint32_t serial, base, base_size; // of the base: its serial; 0: none
    uint64_t base_change;
    int64_t refreshed_s;
};

struct model {
    struct model_zone zones[ZONES];
};

// Octets that only this serial has, so many of them.
static void fill(struct buffer *buffer, uint32_t serial, uint32_t size)
{
    uint32_t words[64];
    buffer_clear(buffer);
    for (uint32_t at = 0; at < size; at += sizeof words) {
        for (uint32_t i = 0; i < 64; i++)
            words[i] = (serial * 2654435761u) ^ ((at + i) * 40503u);
        buffer_add(buffer, words, size - at < sizeof words ? size - at : sizeof words);
    }
}

static uint64_t sum(const void *octets, size_t size)
{
    uint64_t sum = size, word;
    for (size_t at = 0; at < size; at += sizeof word) {
        word = 0;
        memcpy(&word, (const uint8_t *)octets + at,
               size - at < sizeof word ? size - at : sizeof word);
        sum = (sum ^ word) * 1099511628211u;
    }
    return sum;
}

static void describe_model(const struct model *model, struct buffer *to)
{
    struct buffer octets = {0};
    for (size_t i = 0; i < ZONES; i++) {
        const struct model_zone *zone = &model->zones[i];
        fill(&octets, zone->base, zone->base_size);
        buffer_format(to, "%s base %u %jx after %ju, %jd\n", names[i], zone->base_size,
                      (uintmax_t)(zone->base ? sum(octets.text, octets.size) : 0),
                      (uintmax_t)zone->base_change, zone->base ? (intmax_t)zone->refreshed_s : 0);
        for (size_t k = 0; k < zone->count; k++) {
            fill(&octets, zone->changes[k].serial, zone->changes[k].size);
            buffer_format(to, "%ju %u %zu %jx\n", (uintmax_t)zone->changes[k].number,
                          zone->changes[k].serial, octets.size,
                          (uintmax_t)sum(octets.text, octets.size));
        }
    }
    buffer_free(&octets);
}

static bool describe_change(void *to, const struct history_change *change)
{
    buffer_format(to, "%ju %u %zu %jx\n", (uintmax_t)change->number, change->serial_to,
                  change->size, (uintmax_t)sum(change->octets, change->size));
    return true;
}

static struct history_zone zone_of(size_t i)
{
    return (struct history_zone){"", name_of(names[i])};
}

static void describe_history(struct history *history, struct buffer *to)
{
    for (size_t i = 0; i < ZONES; i++) {
        struct history_version version;
        enum history_result result = history_get(history, zone_of(i), &version);
        assert_true(result == HISTORY_DONE || result == HISTORY_NONE);
        assert_int_equal(history_keeps(history, zone_of(i)), result == HISTORY_DONE);
        buffer_format(
            to, "%s base %zu %jx after %ju, %jd\n", names[i], version.base.size,
            (uintmax_t)(result == HISTORY_DONE ? sum(version.base.text, version.base.size) : 0),
            (uintmax_t)version.base_change, (intmax_t)version.refreshed_s);
        assert_int_equal(history_each(history, zone_of(i), 0, describe_change, to), HISTORY_DONE);
        buffer_free(&version.base);
        buffer_free(&version.source);
    }
}

// --- groups --------------------------------------------------------------------------------------

static bool add_change(struct history *history, size_t i, struct model_zone *zone)
{
    struct buffer octets = {0};
    uint32_t size = disk_luck(8) ? disk_luck(300) : disk_luck(20000);
    fill(&octets, ++zone->serial, size);
    struct history_change change = {.serial_from = zone->serial - 1,
                                    .serial_to = zone->serial,
                                    .date_us = zone->serial,
                                    .kind = CHANGE_UPDATE,
                                    .who = "key:k",
                                    .octets = (const uint8_t *)octets.text,
                                    .size = octets.size};
    bool good = history_add(history, zone_of(i), &change) == HISTORY_DONE;
    assert_true(zone->count < CHANGES);
    zone->changes[zone->count++] =
        (struct model_change){change.number, change.date_us, zone->serial, size};
    buffer_free(&octets);
    return good;
}

static bool set_base(struct history *history, size_t i, struct model_zone *zone)
{
    struct buffer octets = {0};
    // Some are so large that the WAL is copied into the database within a few groups.
    zone->base_size = 1 + (disk_luck(4) ? disk_luck(3000) : disk_luck(1000 * 1000));
    zone->base = zone->serial;
    zone->base_change = zone->count ? zone->changes[zone->count - 1].number : 0;
    fill(&octets, zone->base, zone->base_size);
    bool good =
        history_set_base(history, zone_of(i), &octets, zone->base_change, NULL) == HISTORY_DONE;
    buffer_free(&octets);
    return good;
}

static bool forget(struct history *history, size_t i, struct model_zone *zone)
{
    uint32_t serial = zone->serial; // no two changes have the same
    *zone = (struct model_zone){.serial = serial};
    return history_forget(history, zone_of(i)) == HISTORY_DONE;
}

static bool refresh(struct history *history, size_t i, struct model_zone *zone)
{
    if (!zone->base)
        return true;
    zone->refreshed_s = disk_luck(1000000);
    return history_set_refreshed(history, zone_of(i), zone->refreshed_s) == HISTORY_DONE;
}

static bool write_group(struct history *history, struct model *model)
{
    if (history_begin(history) != HISTORY_DONE)
        return false;
    bool good = true;
    for (uint32_t left = 1 + disk_luck(4); left && good; left--) {
        size_t i = disk_luck(ZONES);
        struct model_zone *zone = &model->zones[i];
        uint32_t what = disk_luck(20);
        good = what == 0   ? forget(history, i, zone)
               : what == 1 ? refresh(history, i, zone)
               : what < 5  ? zone->serial == 0 || set_base(history, i, zone)
                           : add_change(history, i, zone);
    }
    if (good)
        return history_commit(history) == HISTORY_DONE;
    history_cancel(history);
    return false;
}

static bool prune(struct history *history, struct model *model)
{
    uint64_t before_us = 1 + disk_luck(40);
    size_t count;
    for (size_t i = 0; i < ZONES; i++) {
        struct model_zone *zone = &model->zones[i];
        size_t kept = 0;
        for (size_t k = 0; k < zone->count; k++)
            if (zone->changes[k].date_us >= before_us ||
                (zone->base && zone->changes[k].number > zone->base_change))
                zone->changes[kept++] = zone->changes[k];
        zone->count = kept;
    }
    return history_prune(history, before_us, &count) == HISTORY_DONE;
}

// --- lives ---------------------------------------------------------------------------------------

static char path[64];

// What the history has is what one of the two have; that is the model from now on.
static void compare(struct history *history, struct model *done, const struct model *tried,
                    uint64_t seed, unsigned life)
{
    struct buffer seen = {0}, before = {0}, after = {0};
    describe_history(history, &seen);
    describe_model(done, &before);
    describe_model(tried, &after);
    if (strcmp(buffer_text(&seen), buffer_text(&before)) != 0 &&
        strcmp(buffer_text(&seen), buffer_text(&after)) != 0)
        fail_msg("seed %ju, life %u\n--- there is\n%s--- was done\n%s--- or\n%s", (uintmax_t)seed,
                 life, buffer_text(&seen), buffer_text(&before), buffer_text(&after));
    if (strcmp(buffer_text(&seen), buffer_text(&before)) != 0)
        *done = *tried;
    buffer_free(&seen);
    buffer_free(&before);
    buffer_free(&after);
}

// Writes until the power goes or there is enough; `tried` is what the last group would come to.
static void write_until_the_end(struct history *history, struct model *done, struct model *tried)
{
    for (unsigned i = 0; i < GROUPS; i++) {
        *tried = *done;
        if (!(disk_luck(15) ? write_group(history, tried) : prune(history, tried)))
            return;
        *done = *tried;
    }
}

static unsigned cuts;

static void live(uint64_t seed)
{
    static struct model done, tried;
    done = (struct model){0};
    disk_clear(seed);
    for (unsigned life = 0; life < LIVES; life++) {
        char *problem = NULL;
        disk_cut_after(1 + disk_luck(1u << (1 + disk_luck(11))));
        struct history *history = history_open(path, &problem);
        tried = done;
        assert_true(history || disk.off);
        free(problem);
        if (history)
            write_until_the_end(history, &done, &tried);
        history_close(history);
        cuts += disk.off;
        disk_return((enum disk_losses)disk_luck(DISK_LOSSES));
        history = history_open(path, &problem);
        if (!history)
            fail_msg("seed %ju, life %u: %s", (uintmax_t)seed, life, problem);
        compare(history, &done, &tried, seed, life);
        // Mostly closed as it should be; sometimes the power goes again, and all must stay.
        if (disk_luck(3) == 0)
            disk_cut_after(1);
        history_close(history);
        disk_return(disk.off ? (enum disk_losses)disk_luck(DISK_LOSSES) : LOSES_ALL);
    }
}

static uint64_t only;

static void what_was_done_is_there(void **state)
{
    (void)state;
    uint64_t count = only ? 1 : getenv("ONYM_TEST_FULL") ? SEEDS_FULL : SEEDS;
    char folder[] = "/tmp/onym-test-XXXXXX";
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/history", folder);
    disk_start();
    for (uint64_t i = 0; i < count; i++)
        live(only ? only : i + 1);
    assert_true(only || (cuts > count * 2 && disk.syncs > count * 10));
    print_message("%u cuts, %ju syncs\n", cuts, (uintmax_t)disk.syncs);
    disk_clear(0);
    unlink(path); // history_open makes it, with its mode; nothing is in it
    rmdir(folder);
}

int main(int count, char **words)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_was_done_is_there)};
    only = count > 1 ? strtoull(words[1], NULL, 10) : 0;
    return cmocka_run_group_tests_name("zone/history_powercut", tests, NULL, NULL);
}
