// What a task learned, found by name and type, the newest first.
#include "../dns/rrsets.h"

#include "resolve/learned.h"

static void test_newest_counts(void **state)
{
    (void)state;
    struct notes_pool pool;
    struct notes notes;
    struct learned *learned = NULL;
    struct rrset *first = rrset_of(TYPE_A, "192.0.2.1", NULL, NULL);
    struct rrset *second = rrset_of(TYPE_A, "192.0.2.2", NULL, NULL);
    assert_true(notes_pool_open(&pool, 4));
    notes_begin(&notes, &pool);
    struct kept kept = {
        .kind = CACHE_RRSET, .type = TYPE_A, .owner = name_of("www.x."), .rrset = first};
    assert_null(learned_find(learned, name_of("www.x."), TYPE_A));
    assert_true(learned_add(&learned, &notes, &kept));
    kept.rrset = second;
    assert_true(learned_add(&learned, &notes, &kept));
    const struct kept *found = learned_find(learned, name_of("WWW.x."), TYPE_A);
    assert_memory_equal(rrset_rdata(found->rrset->body), "\xc0\0\2\2", 4);
    assert_ptr_not_equal(found->rrset, second); // a copy
    assert_null(learned_find(learned, name_of("www.x."), TYPE_MX));
    // That a name does not exist is so for all types.
    kept = (struct kept){.kind = CACHE_NXDOMAIN, .type = TYPE_A, .owner = name_of("no.x.")};
    assert_true(learned_add(&learned, &notes, &kept));
    assert_int_equal(learned_find(learned, name_of("no.x."), TYPE_MX)->kind, CACHE_NXDOMAIN);
    notes_free(&notes);
    notes_pool_close(&pool);
    free(first);
    free(second);
}

static void test_full_notes(void **state)
{
    (void)state;
    struct notes_pool pool;
    struct notes notes;
    struct learned *learned = NULL;
    struct kept kept = {.kind = CACHE_NODATA, .type = TYPE_A, .owner = name_of("www.x.")};
    assert_true(notes_pool_open(&pool, 1));
    notes_begin(&notes, &pool);
    unsigned added = 0;
    while (learned_add(&learned, &notes, &kept))
        added++;
    assert_in_range(added, 10, 100);
    notes_free(&notes);
    notes_pool_close(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_newest_counts),
        cmocka_unit_test(test_full_notes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
