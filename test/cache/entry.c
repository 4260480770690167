// cache/entry: its size, its times, its mark; what is in it is test/cache/cache.c's.
#include "made.h"

#include "cache/entry.h"

#define NOW 1000u

static struct entry *write_entry(const char *name, size_t rdata_size, uint32_t ttl_s,
                                 uint32_t expires_s)
{
    struct made made;
    static struct made_rrset rrset;
    static uint8_t rdata[1000];
    make_name(&made, name);
    struct cache_put put = {.kind = CACHE_RRSET,
                            .rank = RANK_AUTHORITATIVE,
                            .security = SECURITY_BOGUS,
                            .tag = 9,
                            .owner = made.name,
                            .rrset = make_rrset(&rrset, TYPE_A, rdata, rdata_size)};
    size_t size = entry_measure(&put);
    struct entry *entry = aligned_alloc(ENTRY_UNIT, size); // just enough, so that ASan sees more
    memset(entry, 0xa5, size);
    struct entry_place place = {7, TYPE_A, 3, ttl_s, expires_s};
    entry_write(entry, size, &place, &put);
    return entry;
}

static void test_sizes(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t rdata, size;
    } rows[] = {
        {".", 4, 24 + 4 + 20},          {"a.b.", 4, 24 + 8 + 20 + 4},
        {"abcde.", 4, 24 + 8 + 20 + 4}, {"abcdef.", 4, 24 + 8 + 20 + 4},
        {"abcdefg.", 4, 24 + 12 + 20},  {"www.d000000.example.test.", 4, 72},
        {"a.b.", 1000, 24 + 8 + 1016},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct entry *entry = write_entry(rows[i].name, rows[i].rdata, 60, NOW + 60);
        if (entry_size(entry) != rows[i].size)
            fail_msg("row %zu: %zu octets", i, entry_size(entry));
        free(entry);
    }
}

static void test_times(void **state)
{
    (void)state;
    static const struct {
        uint32_t expires_s, now_s, stale_s;
        int32_t left_s;
        bool over;
    } rows[] = {
        {1000, 900, 0, 100, false},     {1000, 999, 0, 1, false},
        {1000, 1000, 0, 0, true},       {1000, 1000, 1, 0, false},
        {1000, 1001, 1, -1, true},      {5, 0xfffffff0, 0, 21, false}, // the clock went round
        {0xfffffff0, 5, 20, -21, true}, {0xfffffff0, 5, 22, -21, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct entry *entry = write_entry("a.", 4, 60, rows[i].expires_s);
        assert_int_equal(entry_left_s(entry, rows[i].now_s), rows[i].left_s);
        assert_int_equal(entry_is_over(entry, rows[i].now_s, rows[i].stale_s), rows[i].over);
        free(entry);
    }
}

static void test_mark_and_copy(void **state)
{
    (void)state;
    struct cache_found found;
    struct entry *entry = write_entry("a.B.c.", 4, 60, NOW + 60);
    struct entry *copy = aligned_alloc(ENTRY_UNIT, entry_size(entry));
    assert_false(entry_is_used(entry));
    entry_use(entry);
    entry_use(entry);
    assert_true(entry_is_used(entry));
    assert_int_equal(entry_name(entry).labels, 3);
    entry_copy(copy, entry);
    assert_false(entry_is_used(copy));
    assert_int_equal(copy->hash, 7);
    free(entry);
    entry_read(copy, NOW + 10, &found);
    assert_int_equal(found.ttl_s, 50);
    assert_int_equal(found.security, SECURITY_BOGUS);
    assert_int_equal(found.rank, RANK_AUTHORITATIVE);
    assert_int_equal(found.tag, 9);
    assert_memory_equal(found.owner.wire, "\1a\1B\1c", 7);
    assert_int_equal(rrset_size(found.rrset), 20);
    free(copy);
}

static void test_spaces(void **state)
{
    (void)state;
    assert_int_equal(entry_space_of(CACHE_RRSET), entry_space_of(CACHE_NODATA));
    for (enum cache_kind a = CACHE_NODATA; a <= CACHE_DELEGATION; a++)
        for (enum cache_kind b = CACHE_NODATA; b < a; b++)
            assert_int_not_equal(entry_space_of(a), entry_space_of(b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_mark_and_copy),
        cmocka_unit_test(test_spaces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
