// SHA-2 by libcrypto's EVP, SHA-1 by its older functions (digest.h).
//
// A digest is begun when it is opened and again when it ends, so that adding never has to ask
// whether it was. Beginning again with no algorithm named keeps libcrypto's state and its memory.
//
// The functions of SHA-1 are marked as deprecated since OpenSSL 3.0. The definition below says that
// this file knows that, and is for no other: it must stand before libcrypto's headers.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/digest.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

static const struct {
    const char *word; // libcrypto's; NULL: not by EVP
    uint8_t size;
} kinds[DIGEST_KINDS] = {
    [DIGEST_SHA1] = {NULL, SHA_DIGEST_LENGTH},
    [DIGEST_SHA256] = {"SHA2-256", 32},
    [DIGEST_SHA384] = {"SHA2-384", 48},
    [DIGEST_SHA512] = {"SHA2-512", 64},
};

static EVP_MD *algorithms[DIGEST_KINDS]; // for the life of the process
static pthread_once_t fetched = PTHREAD_ONCE_INIT;

__attribute__((noreturn)) static void give_up(const char *what)
{
    fprintf(stderr, "onym: libcrypto: %s\n", what);
    exit(1);
}

// After begin and end there is nothing left for libcrypto to refuse, but should it do so, a wrong
// digest must not pass for one.
static void must(int result)
{
    if (result != 1)
        give_up("a digest failed");
}

static void fetch_algorithms(void)
{
    for (unsigned kind = 0; kind < DIGEST_KINDS; kind++) {
        if (!kinds[kind].word)
            continue;
        algorithms[kind] = EVP_MD_fetch(NULL, kinds[kind].word, NULL);
        if (!algorithms[kind])
            give_up("SHA-2 is not there");
        assert(EVP_MD_get_size(algorithms[kind]) == kinds[kind].size);
    }
}

size_t digest_size(enum digest_kind kind)
{
    assert(kind < DIGEST_KINDS);
    return kinds[kind].size;
}

void digest_open(struct digest *digest, enum digest_kind kind)
{
    assert(kind < DIGEST_KINDS);
    *digest = (struct digest){.kind = kind};
    if (kind == DIGEST_SHA1) {
        digest->sha1 = memory_get(sizeof *digest->sha1);
        must(SHA1_Init(digest->sha1));
        return;
    }
    pthread_once(&fetched, fetch_algorithms);
    digest->state = EVP_MD_CTX_new();
    if (!digest->state)
        give_up("out of memory");
    must(EVP_DigestInit_ex2(digest->state, algorithms[kind], NULL));
}

void digest_add(struct digest *digest, const void *octets, size_t octets_size)
{
    must(digest->kind == DIGEST_SHA1 ? SHA1_Update(digest->sha1, octets, octets_size)
                                     : EVP_DigestUpdate(digest->state, octets, octets_size));
}

void digest_end(struct digest *digest, uint8_t *out)
{
    if (digest->kind == DIGEST_SHA1) {
        must(SHA1_Final(out, digest->sha1));
        must(SHA1_Init(digest->sha1));
        return;
    }
    must(EVP_DigestFinal_ex(digest->state, out, NULL));
    must(EVP_DigestInit_ex2(digest->state, NULL, NULL));
}

void digest_close(struct digest *digest)
{
    EVP_MD_CTX_free(digest->state);
    free(digest->sha1);
    digest->state = NULL;
    digest->sha1 = NULL;
}

void digest_once(enum digest_kind kind, const void *octets, size_t octets_size, uint8_t *out)
{
    struct digest digest;
    digest_open(&digest, kind);
    digest_add(&digest, octets, octets_size);
    digest_end(&digest, out);
    digest_close(&digest);
}
