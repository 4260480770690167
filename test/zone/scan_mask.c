// Every variant of the mask that runs here gives the same masks, and they are the right ones.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zone/scan.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static bool is_special(uint8_t octet)
{
    return octet <= ' ' || octet == 0x7f || memchr("\"();\\", octet, 5) != NULL;
}

// Asked in memory that ends with the block, at any alignment.
static void assert_masks(const uint8_t octets[static SCAN_BLOCK], size_t shift)
{
    uint64_t expected = 0;
    for (unsigned i = 0; i < SCAN_BLOCK; i++)
        expected |= (uint64_t)is_special(octets[i]) << i;
    char *exact = malloc(shift + SCAN_BLOCK);
    memcpy(exact + shift, octets, SCAN_BLOCK);
    const struct scan_variant *variant;
    for (size_t i = 0; (variant = scan_variant_at(i)); i++)
        if (variant->mask(exact + shift) != expected)
            fail_msg("%s: %016lx instead of %016lx", variant->name,
                     (unsigned long)variant->mask(exact + shift), (unsigned long)expected);
    free(exact);
}

static void test_every_octet_everywhere(void **state)
{
    (void)state;
    for (unsigned octet = 0; octet < 256; octet++) {
        for (unsigned at = 0; at < SCAN_BLOCK; at++) {
            uint8_t block[SCAN_BLOCK];
            memset(block, octet & 1 ? 'a' : ' ', sizeof block);
            block[at] = (uint8_t)octet;
            assert_masks(block, at);
        }
    }
}

static uint32_t roll(uint64_t *dice)
{
    *dice = *dice * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*dice >> 33);
}

static void test_random_blocks(void **state)
{
    (void)state;
    uint64_t dice = 7;
    for (unsigned round = 0; round < 20000; round++) {
        uint8_t block[SCAN_BLOCK];
        for (unsigned i = 0; i < SCAN_BLOCK; i++)
            block[i] = (uint8_t)roll(&dice);
        assert_masks(block, round % SCAN_BLOCK);
    }
}

// --- whole texts ---------------------------------------------------------------------------------

static void assert_same_token(const struct token *a, const struct token *b)
{
    assert_ptr_equal(a->text, b->text);
    assert_int_equal(a->size, b->size);
    assert_int_equal(a->line, b->line);
    assert_int_equal(a->column, b->column);
    assert_int_equal(a->quoted, b->quoted);
}

static void assert_same_scan(const char *text, size_t size, scan_mask mask)
{
    struct scan scan, other;
    scan_begin(&scan, text, size);
    scan_begin(&other, text, size);
    scan.mask = scan_mask_portable;
    other.mask = mask;
    enum scan_result result;
    do {
        result = scan_next(&scan);
        assert_int_equal(scan_next(&other), result);
        assert_ptr_equal(scan.at, other.at);
        assert_int_equal(scan.line, other.line);
        assert_int_equal(scan.indented, other.indented);
        assert_int_equal(scan.has_values, other.has_values);
        assert_int_equal(scan.count, other.count);
        for (size_t i = 0; i < scan.count; i++)
            assert_same_token(&scan.tokens[i], &other.tokens[i]);
        assert_true(scan.problem.message == other.problem.message);
        if (scan.problem.message)
            assert_same_token(&scan.problem.token, &other.problem.token);
    } while (result != SCAN_END);
    scan_free(&scan);
    scan_free(&other);
}

// In memory that ends behind the padding.
static void assert_variants(const char *text, size_t size)
{
    char *exact = malloc(size + SCAN_PADDING);
    memcpy(exact, text, size);
    memset(exact + size, 0, SCAN_PADDING);
    const struct scan_variant *variant;
    for (size_t i = 0; (variant = scan_variant_at(i)); i++)
        assert_same_scan(exact, size, variant->mask);
    free(exact);
}

// Words of every size that end at every place of a block, with whatever may end a word behind them.
static void test_words_over_edges(void **state)
{
    static const char *const ends[] = {" ", "\n", "\t",   ";c\n", "\"q w\"", "\\ ",
                                       "(", ")",  "\r\n", "\x7f", ""};
    (void)state;
    for (size_t before = 0; before < 70; before++) {
        for (size_t word = 1; word < 140; word += 1 + word / 8) {
            for (size_t i = 0; i < COUNT(ends); i++) {
                char text[300];
                size_t size = before;
                memset(text, before & 1 ? ' ' : 'x', before);
                memset(text + size, 'w', word);
                size += word;
                size += (size_t)snprintf(text + size, 60, "%sA 192.0.2.1\n ( b\nc ) d", ends[i]);
                assert_variants(text, size);
            }
        }
    }
}

static void test_random_texts(void **state)
{
    static const char octets[] = "abcdefgh0123456789.   \n\n\t\"();\\\r$@=";
    (void)state;
    uint64_t dice = 99;
    for (unsigned round = 0; round < 20000; round++) {
        char text[400];
        size_t size = roll(&dice) % sizeof text;
        uint32_t kinds = 1 + roll(&dice) % (COUNT(octets) - 1);
        for (size_t i = 0; i < size; i++)
            text[i] = roll(&dice) % 50 ? octets[roll(&dice) % kinds] : (char)roll(&dice);
        assert_variants(text, size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_octet_everywhere),
        cmocka_unit_test(test_random_blocks),
        cmocka_unit_test(test_words_over_edges),
        cmocka_unit_test(test_random_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
