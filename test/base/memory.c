// malloc that cannot fail: sizes of zero, growth, and the one line before the end.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"

// The sanitizer would end the program itself where malloc is to return NULL.
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static void test_small(void **state)
{
    (void)state;
    free(memory_get(0));
    free(memory_get_zeroed(0, 8));
    uint64_t *zeroed = memory_get_zeroed(100, sizeof *zeroed);
    for (int i = 0; i < 100; i++)
        assert_int_equal(zeroed[i], 0);
    free(memory_resize(zeroed, 0));
    char *copy = memory_copy_text("text");
    assert_string_equal(copy, "text");
    free(copy);
}

static void test_aligned(void **state)
{
    (void)state;
    for (size_t align = 16; align <= 4096; align *= 2)
        for (size_t size = 0; size < 300; size += 99) {
            uint8_t *octets = memory_get_aligned(align, size);
            assert_int_equal((uintptr_t)octets % align, 0);
            memset(octets, 1, size);
            free(octets);
        }
}

static void test_format(void **state)
{
    (void)state;
    static char long_word[1000];
    memset(long_word, 'w', sizeof long_word - 1);
    char *text = memory_format("%s-%d", long_word, 7);
    assert_int_equal(strlen(text), 1001);
    free(text);
    text = memory_format("%s", "");
    assert_string_equal(text, "");
    free(text);
}

static void test_grow(void **state)
{
    (void)state;
    uint32_t *array = NULL;
    size_t room = 0;
    for (uint32_t i = 0; i < 10000; i++) {
        array = memory_grow(array, &room, i + 1, sizeof *array);
        assert_true(room > i);
        array[i] = i;
    }
    for (uint32_t i = 0; i < 10000; i++)
        assert_int_equal(array[i], i);
    uint32_t *same = memory_grow(array, &room, 5, sizeof *array);
    assert_ptr_equal(same, array);
    free(same);
}

static void test_large(void **state)
{
    static const size_t sizes[] = {0, 1, 4096, 4194303, 4194304, 4194305, 20000000};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        uint8_t *memory = memory_get_large(sizes[i]);
        memset(memory, 1, sizes[i]);
        if (sizes[i] >= 4194304)
            assert_int_equal((uintptr_t)memory % 2097152, 0); // a huge page begins there
        free(memory);
    }
}

static void test_no_memory(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        volatile size_t size = SIZE_MAX / 4;
        free(memory_get(size));
        _exit(0);
    }
    close(ends[1]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    char text[4096];
    ssize_t size = read(ends[0], text, sizeof text - 1);
    close(ends[0]);
    assert_true(size > 0);
    text[size] = 0;
    assert_non_null(strstr(text, "onym: out of memory"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small),  cmocka_unit_test(test_aligned),
        cmocka_unit_test(test_format), cmocka_unit_test(test_grow),
        cmocka_unit_test(test_large),  cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
