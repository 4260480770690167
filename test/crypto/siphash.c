// SipHash-2-4: the vector of its paper, the reference's first vectors, and libcrypto's own at every
// length.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "crypto/siphash.h"

static const uint8_t counting[64] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
    22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
    44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
};

// Appendix A of the paper: key 00 01 ... 0f, message 00 01 ... 0e.
static void test_paper(void **state)
{
    (void)state;
    assert_true(siphash24(counting, counting, 15) == 0xa129ca6149be45e5u);
}

// The reference program's table for messages of 0 to 8 octets under the same key.
static void test_reference(void **state)
{
    static const uint64_t hashes[] = {
        0x726fdb47dd0e0e31u, 0x74f839c593dc67fdu, 0x0d6c8009d9a94f5au,
        0x85676696d7fb7e2du, 0xcf2794e0277187b7u, 0x18765564cd99a68du,
        0xcbc9466e58fee3ceu, 0xab0200f58b01d137u, 0x93f5f5799a932462u,
    };
    (void)state;
    for (size_t size = 0; size < sizeof hashes / sizeof *hashes; size++)
        assert_true(siphash24(counting, counting, size) == hashes[size]);
}

static uint64_t hash_by_libcrypto(EVP_MAC_CTX *mac, const uint8_t *key, const uint8_t *octets,
                                  size_t octets_size)
{
    size_t size = 8;
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
                               OSSL_PARAM_construct_end()};
    uint8_t out[8];
    uint64_t hash = 0;
    assert_int_equal(EVP_MAC_init(mac, key, 16, parameters), 1);
    assert_int_equal(EVP_MAC_update(mac, octets, octets_size), 1);
    assert_int_equal(EVP_MAC_final(mac, out, &size, sizeof out), 1);
    assert_int_equal(size, 8);
    for (unsigned i = 0; i < 8; i++)
        hash |= (uint64_t)out[i] << 8 * i;
    return hash;
}

// Random keys and messages of every length to 300, wherever they stand in memory.
static void test_as_libcrypto(void **state)
{
    (void)state;
    EVP_MAC *algorithm = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
    assert_non_null(algorithm);
    EVP_MAC_CTX *mac = EVP_MAC_CTX_new(algorithm);
    assert_non_null(mac);
    struct dice dice = dice_seed(1);
    for (size_t size = 0; size <= 300; size++) {
        uint8_t *octets = malloc(size + 16);
        assert_non_null(octets);
        for (size_t i = 0; i < size + 16; i++)
            octets[i] = (uint8_t)dice_roll(&dice);
        uint64_t ours = siphash24(octets, octets + 16, size);
        assert_true(ours == hash_by_libcrypto(mac, octets, octets + 16, size));
        free(octets);
    }
    EVP_MAC_CTX_free(mac);
    EVP_MAC_free(algorithm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paper),
        cmocka_unit_test(test_reference),
        cmocka_unit_test(test_as_libcrypto),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
