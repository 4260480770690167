// base/checksum: values of the reference (the sanity checks of XXH3-128 with seed 0), and every bit
// counts.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/checksum.h"

static void test_known_values(void **state)
{
    (void)state;
    static const struct {
        const char *octets;
        uint64_t high, low;
    } rows[] = {
        {"", 0x99aa06d3014798d8, 0x6001c324468d497f},
        {"abc", 0x06b05ab6733a6185, 0x78af5f94892f3950},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct checksum sum = checksum_of(rows[i].octets, strlen(rows[i].octets));
        assert_int_equal(sum.high, rows[i].high);
        assert_int_equal(sum.low, rows[i].low);
    }
    assert_true(checksum_equal(checksum_of(NULL, 0), checksum_of("", 0)));
}

static void test_every_bit_counts(void **state)
{
    (void)state;
    uint8_t octets[700];
    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (uint8_t)(i * 7);
    static const size_t sizes[] = {1, 3, 4, 8, 9, 16, 17, 128, 129, 240, 241, 512, 700};
    for (size_t row = 0; row < sizeof sizes / sizeof *sizes; row++) {
        struct checksum whole = checksum_of(octets, sizes[row]);
        assert_false(checksum_equal(whole, checksum_of(octets, sizes[row] - 1)));
        for (size_t bit = 0; bit < sizes[row] * 8; bit++) {
            octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_false(checksum_equal(whole, checksum_of(octets, sizes[row])));
            octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_values),
        cmocka_unit_test(test_every_bit_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
