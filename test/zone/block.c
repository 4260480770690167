// Blocks: pages of one's own, pieces on shelves, and counts of holders.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "zone/block.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define MB           ((size_t)1024 * 1024)

static void test_pages(void **state)
{
    static const size_t sizes[] = {0, 1, 4096, 4097, 300000, 4 * MB - 1, 4 * MB, 9 * MB + 5};
    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct block *block = block_make(sizes[i]);
        assert_non_null(block);
        assert_true(block->size >= sizes[i] && block->size - sizes[i] <= 4096);
        assert_int_equal((uintptr_t)block->octets % (block->size >= 4 * MB ? 2 * MB : 4096), 0);
        for (size_t at = 0; at < block->size; at += 509)
            assert_int_equal(block->octets[at], 0);
        memset(block->octets, 0x5a, block->size);
        block_release(block);
    }
    assert_null(block_make(SIZE_MAX));
    assert_null(block_make(SIZE_MAX / 4));
    block_release(NULL);
}

static bool is_mapped(const uint8_t *octet)
{
    unsigned char resident;
    return mincore((void *)((uintptr_t)octet & ~(uintptr_t)4095), 1, &resident) == 0;
}

static void test_trim(void **state)
{
    static const struct {
        size_t size, used, kept;
    } rows[] = {
        {65536, 65536, 65536}, {65536, 61441, 65536},    {65536, 61440, 61440},
        {65536, 1, 4096},      {65536, 0, 4096},         {4096, 7, 4096},
        {8 * MB, MB, MB},      {8 * MB, 7 * MB, 7 * MB},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct block *block = block_make(rows[i].size);
        memset(block->octets, 1, block->size);
        block_trim(block, rows[i].used);
        assert_int_equal(block->size, rows[i].kept);
        if (rows[i].kept < rows[i].size)
            assert_false(is_mapped(block->octets + rows[i].kept));
        assert_true(is_mapped(block->octets + rows[i].kept - 4096));
        assert_int_equal(block->octets[rows[i].kept - 1], 1);
        block_release(block);
    }
}

static void test_holders(void **state)
{
    (void)state;
    struct block *block = block_make(8192);
    uint8_t *octets = block->octets;
    assert_ptr_equal(block_hold(block), block);
    block_release(block);
    assert_true(is_mapped(octets));
    block_release(block);
    assert_false(is_mapped(octets));

    octets = block_share(500, &block);
    block_hold(block);
    block_release(block);
    assert_true(is_mapped(octets));
    block_release(block); // the only one on its shelf
    assert_false(is_mapped(octets));
}

// Every size up to the largest: aligned, large enough, and at most an eighth and a line is lost.
static void test_sizes(void **state)
{
    (void)state;
    for (size_t size = 0; size <= BLOCK_SHARED_MAX; size += size < 5000 ? 1 : 997) {
        struct block *block;
        uint8_t *octets = block_share(size, &block);
        assert_non_null(octets);
        assert_ptr_equal(octets, block->octets);
        assert_int_equal((uintptr_t)octets % 64, 0);
        assert_true(block->size >= size && block->size - size <= size / 8 + 64);
        memset(octets, 0xa5, block->size);
        block_trim(block, 0);
        assert_true(block->size >= size);
        block_release(block);
    }
    struct block *block;
    assert_non_null(block_share(BLOCK_SHARED_MAX, &block));
    assert_int_equal(block->size, BLOCK_SHARED_MAX);
    block_release(block);
}

struct held {
    struct block *block;
    uint8_t mark;
};

static void put(struct held *held, size_t size, uint8_t mark)
{
    *held = (struct held){.mark = mark};
    memset(block_share(size, &held->block), mark, size);
    held->block->octets[held->block->size - 1] = mark;
}

static void check(const struct held *held)
{
    assert_int_equal(held->block->octets[0], held->mark);
    assert_int_equal(held->block->octets[held->block->size - 1], held->mark);
}

static size_t measure_resident(void)
{
    unsigned long pages = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%lu %lu", &pages, &resident), 2);
    fclose(file);
    return resident * 4096;
}

// Pieces never overlap, and the memory of one that was released goes to the next of its size.
static void test_pieces_are_used_again(void **state)
{
    enum { HELD = 20000 };
    static struct held held[HELD];
    (void)state;
    for (size_t i = 0; i < HELD; i++)
        put(&held[i], 400 + i % 300, (uint8_t)i);
    size_t before = measure_resident();
    for (unsigned round = 0; round < 5; round++) { // each zone is reloaded, in another order
        for (size_t k = 0; k < HELD; k++) {
            struct held *one = &held[k * (2 * round + 7) % HELD];
            check(one);
            block_release(one->block);
            put(one, 400 + (size_t)(one - held) % 300, (uint8_t)(one->mark + 1));
        }
    }
    assert_true(measure_resident() < before + (size_t)HELD * 50);
    for (size_t i = 0; i < HELD; i++) {
        check(&held[i]);
        block_release(held[i].block);
    }
}

// 450 octets of image cost 512, and 40 for the block.
static void test_small_ones_cost_little(void **state)
{
    enum { HELD = 100000 };
    static struct block *held[HELD];
    (void)state;
    memset(held, 1, sizeof held);
    size_t before = measure_resident();
    for (size_t i = 0; i < HELD; i++)
        memset(block_share(450, &held[i]), 1, 450);
    size_t each = (measure_resident() - before) / HELD;
    assert_in_range(each, 450, 620);
    for (size_t i = 0; i < HELD; i++)
        block_release(held[i]);
    // What a sanitizer keeps of what was freed (the 40 octets, and its own) is not ours to count.
    assert_true(measure_resident() < before + (size_t)HELD * 100);
}

static void *work(void *argument)
{
    enum { HELD = 500 };
    struct held held[HELD] = {{0}};
    unsigned seed = (unsigned)(uintptr_t)argument;
    for (unsigned i = 0; i < 20000; i++) {
        struct held *one = &held[(unsigned)rand_r(&seed) % HELD];
        if (one->block) {
            check(one);
            block_release(one->block);
        }
        put(one, (unsigned)rand_r(&seed) % 3000 + 1, (uint8_t)i);
    }
    for (unsigned i = 0; i < HELD; i++)
        block_release(held[i].block);
    return NULL;
}

int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

// What is held is no leak to a tool that looks at the heap: a shelf has nothing there, as nothing
// that points to it would be seen in pages that were mapped.
static void test_shelf_is_no_leak(void **state)
{
    static struct block *held[2];
    (void)state;
    if (!__lsan_do_recoverable_leak_check)
        skip();
    for (size_t i = 0; i < COUNT(held); i++)
        assert_non_null(block_share(i ? BLOCK_SHARED_MAX : 64, &held[i]));
    assert_int_equal(__lsan_do_recoverable_leak_check(), 0);
    for (size_t i = 0; i < COUNT(held); i++)
        block_release(held[i]);
}

static void test_threads(void **state)
{
    pthread_t threads[4];
    (void)state;
    for (uintptr_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, (void *)(i + 1)), 0);
    for (size_t i = 0; i < COUNT(threads); i++)
        pthread_join(threads[i], NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_trim),
        cmocka_unit_test(test_holders),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_pieces_are_used_again),
        cmocka_unit_test(test_small_ones_cost_little),
        cmocka_unit_test(test_shelf_is_no_leak),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
