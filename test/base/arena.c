// The arena: alignment, pieces that do not move or overlap, large pieces, and that all comes back
// (the sanitizer sees what does not).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/arena.h"

static void test_pieces_stay(void **state)
{
    (void)state;
    enum { COUNT = 5000 };
    static uint8_t *pieces[COUNT];
    static size_t sizes[COUNT];
    struct arena arena = {0};
    for (size_t i = 0; i < COUNT; i++) {
        sizes[i] = i % 97 == 0 ? 20000 + i : i % 331; // some are larger than the first chunks
        pieces[i] = arena_get(&arena, sizes[i]);
        assert_int_equal((uintptr_t)pieces[i] % 8, 0);
        memset(pieces[i], (int)(i % 251), sizes[i]);
    }
    for (size_t i = 0; i < COUNT; i++)
        for (size_t k = 0; k < sizes[i]; k++)
            if (pieces[i][k] != i % 251)
                fail_msg("octet %zu of piece %zu was overwritten", k, i);
    arena_free(&arena);
}

static void test_total_and_free(void **state)
{
    static const struct {
        size_t size, counted;
    } cases[] = {{1, 8}, {8, 8}, {9, 16}, {0, 8}, {4096, 4096}, {10000000, 10000000}};
    (void)state;
    struct arena arena = {0};
    arena_free(&arena); // an empty one
    for (int round = 0; round < 2; round++) {
        size_t total = 0;
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            memset(arena_get(&arena, cases[i].size), 1, cases[i].size);
            total += cases[i].counted;
            assert_int_equal(arena.total, total);
        }
        arena_free(&arena);
        assert_null(arena.chunks);
        assert_int_equal(arena.total, 0);
    }
}

// A large piece does not end the chunk that is being filled.
static void test_large_piece_beside(void **state)
{
    (void)state;
    struct arena arena = {0};
    uint8_t *before = arena_get(&arena, 8);
    memset(arena_get(&arena, 1 << 20), 1, 1 << 20);
    uint8_t *after = arena_get(&arena, 8);
    assert_ptr_equal(after, before + 8);
    arena_free(&arena);

    memset(arena_get(&arena, 1 << 20), 1, 1 << 20); // the first piece of all
    memset(arena_get(&arena, 8), 1, 8);
    arena_free(&arena);
}

static void test_copy(void **state)
{
    (void)state;
    struct arena arena = {0};
    char text[] = "onym";
    char *copy = arena_copy(&arena, text, sizeof text);
    text[0] = 'x';
    assert_string_equal(copy, "onym");
    assert_non_null(arena_copy(&arena, NULL, 0));
    arena_free(&arena);
}

// All pieces stay where they are, of both; and the chunk being filled goes on being filled.
static void test_join(void **state)
{
    static const size_t counts[][2] = {{0, 0}, {0, 3}, {3, 0}, {1, 1}, {2000, 3}, {3, 2000}};
    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct arena arenas[2] = {{0}};
        uint32_t *pieces[2][2000], *last = NULL;
        for (unsigned side = 0; side < 2; side++)
            for (uint32_t k = 0; k < counts[i][side]; k++)
                pieces[side][k] = arena_copy(&arenas[side], &k, sizeof k);
        size_t total = arenas[0].total + arenas[1].total;
        uint8_t *next = arenas[0].next;
        arena_join(&arenas[0], &arenas[1]);
        assert_int_equal(arenas[0].total, total);
        assert_null(arenas[1].chunks);
        last = arena_get(&arenas[0], sizeof *last);
        if (next && counts[i][0] < 500) // there is room in the first chunk
            assert_ptr_equal(last, next);
        for (unsigned side = 0; side < 2; side++)
            for (uint32_t k = 0; k < counts[i][side]; k++)
                assert_int_equal(*pieces[side][k], k);
        arena_free(&arenas[0]);
        arena_free(&arenas[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_stay),
        cmocka_unit_test(test_total_and_free),
        cmocka_unit_test(test_large_piece_beside),
        cmocka_unit_test(test_copy),
        cmocka_unit_test(test_join),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
