// HMAC by libcrypto's EVP (mac.h). EVP_MAC is fetched once for the life of the process.
#include "crypto/mac.h"

#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *word; // libcrypto's
    uint8_t size;
} kinds[MAC_KINDS] = {
    [MAC_MD5] = {"MD5", 16},         [MAC_SHA1] = {"SHA1", 20},
    [MAC_SHA224] = {"SHA2-224", 28}, [MAC_SHA256] = {"SHA2-256", 32},
    [MAC_SHA384] = {"SHA2-384", 48}, [MAC_SHA512] = {"SHA2-512", 64},
};

struct mac_key {
    EVP_MAC_CTX *state; // keyed, with nothing added
};

static EVP_MAC *hmac; // for the life of the process
static pthread_once_t fetched = PTHREAD_ONCE_INIT;

// Memory ran out, or libcrypto refuses what it has just done: a wrong MAC must not pass for one.
__attribute__((noreturn)) static void give_up(const char *what)
{
    fprintf(stderr, "onym: libcrypto: %s\n", what);
    exit(1);
}

static void fetch_hmac(void)
{
    hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    if (!hmac)
        give_up("HMAC is not there");
}

size_t mac_size(enum mac_kind kind)
{
    assert(kind < MAC_KINDS);
    return kinds[kind].size;
}

struct mac_key *mac_key_make(enum mac_kind kind, const uint8_t *secret, size_t secret_size)
{
    assert(kind < MAC_KINDS);
    pthread_once(&fetched, fetch_hmac);
    struct mac_key *key = malloc(sizeof *key);
    EVP_MAC_CTX *state = EVP_MAC_CTX_new(hmac);
    if (!key || !state)
        give_up("out of memory");
    // The parameter's type has no const; the word is only read.
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)kinds[kind].word, 0),
        OSSL_PARAM_construct_end()};
    if (EVP_MAC_init(state, secret, secret_size, parameters) != 1) {
        EVP_MAC_CTX_free(state);
        free(key);
        return NULL;
    }
    key->state = state;
    return key;
}

void mac_key_free(struct mac_key *key)
{
    if (!key)
        return;
    EVP_MAC_CTX_free(key->state); // which wipes it
    free(key);
}

void mac_begin(struct mac *mac, const struct mac_key *key)
{
    mac->state = EVP_MAC_CTX_dup(key->state);
    if (!mac->state)
        give_up("out of memory");
}

void mac_add(struct mac *mac, const void *octets, size_t size)
{
    if (EVP_MAC_update(mac->state, octets, size) != 1)
        give_up("a MAC failed");
}

void mac_end(struct mac *mac, uint8_t *out)
{
    size_t size;
    if (EVP_MAC_final(mac->state, out, &size, MAC_SIZE_MAX) != 1)
        give_up("a MAC failed");
    EVP_MAC_CTX_free(mac->state);
    mac->state = NULL;
}

bool mac_is_same(const uint8_t *a, const uint8_t *b, size_t size)
{
    return CRYPTO_memcmp(a, b, size) == 0;
}
