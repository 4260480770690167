// Digests: the examples of FIPS 180-4 and RFC 6234, whole and in pieces, one after another.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "crypto/digest.h"

#define LONG_MESSAGE "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"

static const struct example {
    enum digest_kind kind;
    const char *message;
    unsigned repeats;
    const char *hex;
} examples[] = {
    {DIGEST_SHA1, "", 0, "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
    {DIGEST_SHA1, "abc", 1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {DIGEST_SHA1, LONG_MESSAGE, 1, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
    {DIGEST_SHA1, "a", 1000000, "34aa973cd4c4daa4f61eeb2bdbad27316534016f"},
    {DIGEST_SHA256, "", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {DIGEST_SHA256, "abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {DIGEST_SHA256, LONG_MESSAGE, 1,
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {DIGEST_SHA256, "a", 1000000,
     "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
    {DIGEST_SHA384, "", 0,
     "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fb"
     "d51ad2f14898b95b"},
    {DIGEST_SHA384, "abc", 1,
     "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc23"
     "58baeca134c825a7"},
    {DIGEST_SHA384, "a", 1000000,
     "9d0e1809716474cb086e834e310a4a1ced149e9c00f248527972cec5704c2a5b07b8b3dc38ecc4eb"
     "ae97ddd87f3d8985"},
    {DIGEST_SHA512, "", 0,
     "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
     "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"},
    {DIGEST_SHA512, "abc", 1,
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
     "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
    {DIGEST_SHA512, "a", 1000000,
     "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
     "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b"},
};
#define EXAMPLES (sizeof examples / sizeof *examples)

static void assert_digest(const struct example *example, const uint8_t *digest)
{
    char hex[2 * DIGEST_SIZE_MAX + 1];
    for (size_t i = 0; i < digest_size(example->kind); i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    assert_string_equal(hex, example->hex);
}

static void test_pieces(void **state)
{
    (void)state;
    for (size_t i = 0; i < EXAMPLES; i++) {
        uint8_t out[DIGEST_SIZE_MAX];
        struct digest digest;
        digest_open(&digest, examples[i].kind);
        for (unsigned repeat = 0; repeat < examples[i].repeats; repeat++)
            digest_add(&digest, examples[i].message, strlen(examples[i].message));
        digest_end(&digest, out);
        assert_digest(&examples[i], out);
        digest_close(&digest);
    }
}

static void test_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < EXAMPLES; i++) {
        uint8_t out[DIGEST_SIZE_MAX];
        if (examples[i].repeats > 1)
            continue;
        digest_once(examples[i].kind, examples[i].message, strlen(examples[i].message), out);
        assert_digest(&examples[i], out);
    }
}

// A digest that ended is as one that was just opened; and no more is written than it has.
static void test_begins_anew(void **state)
{
    (void)state;
    struct digest digests[DIGEST_KINDS];
    for (enum digest_kind kind = 0; kind < DIGEST_KINDS; kind++)
        digest_open(&digests[kind], kind);
    for (unsigned round = 0; round < 3; round++) {
        for (size_t i = 0; i < EXAMPLES; i++) {
            uint8_t out[DIGEST_SIZE_MAX + 1];
            struct digest *digest = &digests[examples[i].kind];
            if (examples[i].repeats > 1)
                continue;
            memset(out, 0xa5, sizeof out);
            digest_add(digest, examples[i].message, strlen(examples[i].message));
            digest_end(digest, out);
            assert_digest(&examples[i], out);
            assert_int_equal(out[digest_size(examples[i].kind)], 0xa5);
        }
    }
    for (enum digest_kind kind = 0; kind < DIGEST_KINDS; kind++)
        digest_close(&digests[kind]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_once),
        cmocka_unit_test(test_begins_anew),
    };
    return cmocka_run_group_tests_name("crypto/digest", tests, NULL, NULL);
}
