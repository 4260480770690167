// The memory of tasks: chunks that come back, and limits.
#include "../dns/names.h"

#include "base/limits.h"
#include "resolve/notes.h"

static void test_pieces_stay_where_they_are(void **state)
{
    (void)state;
    struct notes_pool pool;
    struct notes notes;
    assert_true(notes_pool_open(&pool, 8));
    notes_begin(&notes, &pool);
    uint8_t *pieces[40];
    for (unsigned i = 0; i < COUNT(pieces); i++) {
        uint8_t octets[500];
        memset(octets, (int)i, sizeof octets);
        pieces[i] = notes_copy(&notes, octets, sizeof octets);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % 8, 0);
    }
    for (unsigned i = 0; i < COUNT(pieces); i++)
        assert_true(pieces[i][0] == i && pieces[i][499] == i);
    assert_int_equal(pool.used, 5);
    notes_free(&notes);
    assert_int_equal(pool.used, 0);
    notes_begin(&notes, &pool);
    for (unsigned i = 0; i < 8; i++)
        assert_non_null(notes_get(&notes, 4000));
    assert_null(notes_get(&notes, 4000));      // the pool is empty
    assert_non_null(notes_get(&notes, 60000)); // and does not count for what is large
    notes_free(&notes);
    notes_pool_close(&pool);
}

static void test_one_task_has_its_share(void **state)
{
    (void)state;
    struct notes_pool pool;
    struct notes notes;
    assert_true(notes_pool_open(&pool, 200));
    notes_begin(&notes, &pool);
    for (unsigned i = 0; i < TASK_ARENA_OCTETS / 4000; i++)
        assert_non_null(notes_get(&notes, 4000));
    assert_null(notes_get(&notes, 4000));
    assert_null(notes_get(&notes, 65000));
    notes_free(&notes);
    notes_pool_close(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_stay_where_they_are),
        cmocka_unit_test(test_one_task_has_its_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
