// HMAC: the examples of RFC 2202 and RFC 4231, in one piece and in several, from one key.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "crypto/mac.h"

#define FIRST_SECRET "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
#define WHAT         "what do ya want for nothing?"

static const struct example {
    enum mac_kind kind;
    const char *secret, *message, *hex;
} examples[] = {
    {MAC_MD5, FIRST_SECRET, "Hi There", "9294727a3638bb1c13f48ef8158bfc9d"},
    {MAC_MD5, "Jefe", WHAT, "750c783e6ab0b503eaa86e310a5db738"},
    {MAC_SHA1, FIRST_SECRET "\x0b\x0b\x0b\x0b", "Hi There",
     "b617318655057264e28bc0b6fb378c8ef146be00"},
    {MAC_SHA1, "Jefe", WHAT, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
    {MAC_SHA224, "Jefe", WHAT, "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44"},
    {MAC_SHA256, "Jefe", WHAT, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {MAC_SHA384, "Jefe", WHAT,
     "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
     "8e2240ca5e69e2c78b3239ecfab21649"},
    {MAC_SHA512, "Jefe", WHAT,
     "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
     "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
};
#define EXAMPLES (sizeof examples / sizeof *examples)

static void assert_mac(const struct example *example, const struct mac_key *key, size_t first)
{
    uint8_t out[MAC_SIZE_MAX];
    char hex[2 * MAC_SIZE_MAX + 1];
    struct mac mac;
    mac_begin(&mac, key);
    mac_add(&mac, example->message, first);
    mac_add(&mac, example->message + first, strlen(example->message) - first);
    mac_end(&mac, out);
    for (size_t i = 0; i < mac_size(example->kind); i++)
        snprintf(hex + 2 * i, 3, "%02x", out[i]);
    assert_string_equal(hex, example->hex);
}

static void examples_in_pieces_from_one_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < EXAMPLES; i++) {
        const uint8_t *secret = (const uint8_t *)examples[i].secret;
        struct mac_key *key = mac_key_make(examples[i].kind, secret, strlen(examples[i].secret));
        assert_non_null(key);
        for (size_t first = 0; first <= strlen(examples[i].message); first++)
            assert_mac(&examples[i], key, first);
        mac_key_free(key);
    }
}

static void an_empty_secret_is_one(void **state)
{
    (void)state;
    static const struct example example = {
        MAC_SHA256, "", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"};
    struct mac_key *key = mac_key_make(MAC_SHA256, (const uint8_t *)"", 0);
    assert_non_null(key);
    assert_mac(&example, key, 0);
    mac_key_free(key);
}

static void same_is_all_of_it(void **state)
{
    (void)state;
    assert_true(mac_is_same((const uint8_t *)"abcd", (const uint8_t *)"abcd", 4));
    assert_false(mac_is_same((const uint8_t *)"abcd", (const uint8_t *)"abce", 4));
    assert_true(mac_is_same((const uint8_t *)"abcd", (const uint8_t *)"abce", 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_in_pieces_from_one_key),
        cmocka_unit_test(an_empty_secret_is_one),
        cmocka_unit_test(same_is_all_of_it),
    };
    return cmocka_run_group_tests_name("crypto/mac", tests, NULL, NULL);
}
