// Journals: steps that follow one another, the newest ones of them, shared.
#include "from_text.h"

#include "base/limits.h"
#include "zone/journal.h"

static struct journal *follow(struct journal *before, uint32_t from, uint32_t to, size_t size,
                              size_t octets_max)
{
    uint8_t *octets = calloc(1, size);
    struct journal_step step = {.serial_from = from, .serial_to = to, .size = size};
    struct journal *journal = journal_follow(before, &step, octets, octets_max);
    free(octets);
    journal_release(before);
    return journal;
}

static void from_where_to_go_on(void **state)
{
    (void)state;
    size_t first;
    struct journal *journal = NULL;
    assert_false(journal_find(NULL, 1, &first));
    for (uint32_t serial = 1; serial < 5; serial++)
        journal = follow(journal, serial, serial + 1, 10, 1000);
    assert_int_equal(journal->count, 4);
    assert_int_equal(journal->octets, 40);
    assert_true(journal_find(journal, 1, &first));
    assert_int_equal(first, 0);
    assert_true(journal_find(journal, 4, &first));
    assert_int_equal(first, 3);
    assert_false(journal_find(journal, 5, &first)); // that is the newest
    assert_false(journal_find(journal, 0, &first));
    journal_release(journal);
}

static void a_gap_begins_anew(void **state)
{
    (void)state;
    size_t first;
    struct journal *journal = follow(follow(NULL, 1, 2, 10, 1000), 7, 8, 10, 1000);
    assert_int_equal(journal->count, 1);
    assert_false(journal_find(journal, 1, &first));
    assert_true(journal_find(journal, 7, &first));
    journal_release(journal);
}

static void the_oldest_go(void **state)
{
    (void)state;
    struct journal *journal = NULL;
    for (uint32_t serial = 0; serial < 20; serial++)
        journal = follow(journal, serial, serial + 1, 100, 500);
    assert_int_equal(journal->count, 5);
    assert_int_equal(journal->steps[0]->serial_from, 15);
    assert_int_equal(journal->octets, 500);
    struct journal *other = journal_hold(journal);
    assert_null(follow(journal, 20, 21, 501, 500)); // larger than all that is kept
    assert_int_equal(other->count, 5);
    for (uint32_t serial = 20; serial < 20 + 2 * JOURNAL_STEPS_MAX; serial++)
        other = follow(other, serial, serial + 1, 1, SIZE_MAX);
    assert_int_equal(other->count, JOURNAL_STEPS_MAX);
    journal_release(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_where_to_go_on),
        cmocka_unit_test(a_gap_begins_anew),
        cmocka_unit_test(the_oldest_go),
    };
    return cmocka_run_group_tests_name("zone/journal", tests, NULL, NULL);
}
