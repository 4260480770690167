// SHA-1 of one block: each size compared with libcrypto's, where this CPU has a variant.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "crypto/digest.h"
#include "crypto/sha1_short.h"

static void assert_digest(sha1_short hash, const uint8_t *message, size_t size)
{
    uint8_t block[SHA1_BLOCK] = {0}, expected[SHA1_SIZE], out[SHA1_SIZE];
    digest_once(DIGEST_SHA1, message, size, expected);
    memcpy(block, message, size);
    sha1_short_end(block, size);
    hash(block, out);
    assert_memory_equal(out, expected, SHA1_SIZE);
    // Into the block itself.
    memset(block, 0, sizeof block);
    memcpy(block, message, size);
    sha1_short_end(block, size);
    hash(block, block);
    assert_memory_equal(block, expected, SHA1_SIZE);
}

// FIPS 180-4's own example.
static void test_example(void **state)
{
    (void)state;
    sha1_short hash = sha1_short_here();
    uint8_t block[SHA1_BLOCK] = {'a', 'b', 'c'}, out[SHA1_SIZE];
    if (!hash)
        skip(); // no SHA instructions here, and so nothing to call
    sha1_short_end(block, 3);
    hash(block, out);
    assert_memory_equal(out,
                        "\xa9\x99\x3e\x36\x47\x06\x81\x6a\xba\x3e\x25\x71\x78\x50\xc2\x6c\x9c\xd0"
                        "\xd8\x9d",
                        SHA1_SIZE);
}

static void test_every_size(void **state)
{
    (void)state;
    sha1_short hash = sha1_short_here();
    uint8_t message[SHA1_SHORT_MAX];
    uint32_t dice = 1;
    if (!hash)
        skip(); // no SHA instructions here, and so nothing to call
    for (size_t size = 0; size <= SHA1_SHORT_MAX; size++) {
        memset(message, 0, sizeof message);
        assert_digest(hash, message, size);
        memset(message, 0xff, sizeof message);
        assert_digest(hash, message, size);
        for (unsigned round = 0; round < 500; round++) {
            for (size_t i = 0; i < size; i++) {
                dice = dice * 1664525 + 1013904223;
                message[i] = (uint8_t)(dice >> 24);
            }
            assert_digest(hash, message, size);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_example),
        cmocka_unit_test(test_every_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
