// Randomness: no test can show that it is random; these would notice that it is not.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.h"

// Enough for many pools (128 values each).
enum { DRAWS = 4096 };

static int compare(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

// Among 4096 of 2^32 values two pairs are equal by chance once in 512; twenty once in an age.
static size_t count_repeats(uint32_t *values, size_t count)
{
    size_t repeats = 0;
    qsort(values, count, sizeof *values, compare);
    for (size_t i = 1; i < count; i++)
        repeats += values[i] == values[i - 1];
    return repeats;
}

static void test_get32(void **state)
{
    (void)state;
    static uint32_t values[DRAWS];
    size_t ones[32] = {0};
    for (size_t i = 0; i < DRAWS; i++) {
        values[i] = random_get32();
        for (int bit = 0; bit < 32; bit++)
            ones[bit] += values[i] >> bit & 1;
    }
    // Each bit is set in half of the draws, give or take ten standard deviations (32).
    for (int bit = 0; bit < 32; bit++)
        assert_in_range(ones[bit], DRAWS / 2 - 320, DRAWS / 2 + 320);
    assert_true(count_repeats(values, DRAWS) < 20);
}

static void test_fill(void **state)
{
    static const size_t sizes[] = {0, 1, 16, 256, 257, 512, 100000};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        uint8_t *octets = calloc(sizes[i] + 1, 1);
        random_fill(octets, sizes[i]);
        assert_int_equal(octets[sizes[i]], 0);
        size_t zeros = 0;
        for (size_t k = 0; k < sizes[i]; k++)
            zeros += octets[k] == 0;
        assert_true(zeros < 10 + sizes[i] / 64);
        free(octets);
    }
}

static void *draw(void *to)
{
    for (int i = 0; i < 64; i++)
        ((uint32_t *)to)[i] = random_get32();
    return NULL;
}

// The child must not draw from what its parent has left in its pool.
static void test_fork(void **state)
{
    (void)state;
    int ends[2];
    uint32_t values[128];
    assert_int_equal(pipe(ends), 0);
    (void)random_get32();
    pid_t child = fork();
    if (child == 0) {
        draw(values);
        _exit(write(ends[1], values, 256) == 256 ? 0 : 1);
    }
    draw(values);
    assert_int_equal(read(ends[0], values + 64, 256), 256);
    close(ends[0]);
    close(ends[1]);
    waitpid(child, NULL, 0);
    assert_true(count_repeats(values, 128) < 3);
}

static void test_threads(void **state)
{
    (void)state;
    uint32_t values[256];
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, draw, values + i * 64);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_true(count_repeats(values, 256) < 3);
}

static void test_dice(void **state)
{
    (void)state;
    struct dice a = dice_seed(7), again = dice_seed(7), b = dice_seed(8);
    size_t same = 0, sides[6] = {0};
    for (int i = 0; i < 6000; i++) {
        uint32_t rolled = dice_roll(&a);
        assert_int_equal(rolled, dice_roll(&again));
        same += rolled == dice_roll(&b);
        sides[rolled % 6]++;
    }
    assert_true(same < 3);
    for (int i = 0; i < 6; i++)
        assert_in_range(sides[i], 800, 1200);
    // The first rolls of neighbours are no neighbours.
    uint32_t low = 0;
    for (uint64_t seed = 0; seed < 64; seed++) {
        struct dice dice = dice_seed(seed);
        low += dice_roll(&dice) < UINT32_MAX / 2;
    }
    assert_in_range(low, 12, 52);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_get32),   cmocka_unit_test(test_fill), cmocka_unit_test(test_fork),
        cmocka_unit_test(test_threads), cmocka_unit_test(test_dice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
