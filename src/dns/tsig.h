// TSIG (RFC 8945): requests signed with a shared secret, and the replies to them.
//
//     switch (tsig_receive(&tsig, keys, query, size, at, date_s))
//     TSIG_MALFORMED   FORMERR, unsigned
//     TSIG_REFUSED     NOTAUTH, and tsig_append() says why (tsig.error)
//     TSIG_GOOD        tsig.key is whose request it is
//
//     size = tsig_append(&tsig, reply, size, date_s)      each message of the reply, in their order
//
// and requests of ours:
//
//     size = tsig_ask(&tsig, key, request, size, date_s)
//     tsig_confirm(&tsig, reply, size, at, date_s)        true: the key's holder has said this
//
// Each message of a long reply of ours is signed, which RFC 8945 5.3.1 allows and every client
// takes. Of one that we receive some may be unsigned: tsig_pass().
// Nothing here reads a clock; the only memory that is asked for is libcrypto's (crypto/mac.h).
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "crypto/mac.h"
#include "dns/name.h"

enum tsig_error {
    TSIG_NO_ERROR = 0,
    TSIG_BADSIG = 16,
    TSIG_BADKEY = 17,
    TSIG_BADTIME = 18,
    TSIG_BADTRUNC = 22
};
// "BADKEY"; NULL: none of these.
const char *tsig_error_word(enum tsig_error error);

// --- algorithms

// "hmac-sha256" in any case; for MD5 "hmac-md5" or its whole name on the wire. False: unknown.
bool tsig_algorithm_parse(const char *word, enum mac_kind *kind)
    __attribute__((nonnull, warn_unused_result));
// The short word.
const char *tsig_algorithm_word(enum mac_kind kind);
// The fewest octets to which a MAC may be cut (RFC 8945 5.2.2.1): ten, and half of it.
size_t tsig_mac_least(enum mac_kind kind);

// --- keys

struct tsig_key {
    struct name name; // folded, in `wire`
    uint8_t wire[NAME_OCTETS_MAX];
    enum mac_kind kind;
    uint8_t mac_least;   // octets of a MAC that are enough: from tsig_mac_least() to mac_size()
    struct mac_key *mac; // owned
};

// In the canonical order of their names, each name once. Shared by count; threads only read.
struct tsig_keys {
    atomic_uint holders;
    size_t count;
    struct tsig_key list[];
};
// Zeroed, for the caller to fill; with one holder.
struct tsig_keys *tsig_keys_make(size_t count) __attribute__((returns_nonnull, warn_unused_result));
struct tsig_keys *tsig_keys_hold(struct tsig_keys *keys); // NULL is fine
void tsig_keys_release(struct tsig_keys *keys);           // NULL is fine
const struct tsig_key *tsig_keys_find(const struct tsig_keys *keys, struct name name)
    __attribute__((nonnull, warn_unused_result));

// --- messages

// A request and what is said back, from message to message.
struct tsig {
    const struct tsig_key *key; // NULL: nobody knows it
    enum tsig_error error;
    uint64_t time_s;      // when the request was signed
    uint16_t fudge_s, id; // the original ID
    bool begun;           // a message of the reply has been signed
    uint8_t passed;       // messages since then that were not
    struct mac ahead;     // with them in it, if there are any; owned
    uint8_t mac_size;     // of the message before; 0: it had none that counts
    uint8_t mac[MAC_SIZE_MAX];
    uint8_t name_size, algorithm_size;
    uint8_t name[NAME_OCTETS_MAX], algorithm[NAME_OCTETS_MAX]; // as the client wrote them
};

enum tsig_verdict { TSIG_GOOD, TSIG_REFUSED, TSIG_MALFORMED };

// Reads and checks the TSIG at `at`, the last record of a message whose other records have been
// read. In the order of RFC 8945 5.2: key, MAC, time, truncation. `keys` NULL: there are none.
enum tsig_verdict tsig_receive(struct tsig *tsig, const struct tsig_keys *keys,
                               const uint8_t *message, size_t size, size_t at, uint64_t date_s)
    __attribute__((nonnull(1, 3), warn_unused_result));

// Signs a request of ours that is otherwise whole, and remembers how: the same as tsig_append().
size_t tsig_ask(struct tsig *tsig, const struct tsig_key *key, uint8_t *message, size_t size,
                uint64_t date_s) __attribute__((nonnull, warn_unused_result));
// Whether the reply to it, whose TSIG stands at `at` as its last record, is of who has the key, and
// of now (RFC 8945 5.3, 5.4). Each message of a long reply in its order. `tsig->error` is what the
// other side says is wrong; then the reply may be unsigned, and this false.
bool tsig_confirm(struct tsig *tsig, const uint8_t *message, size_t size, size_t at,
                  uint64_t date_s) __attribute__((nonnull, warn_unused_result));
// A message of a long reply that has no TSIG and stands between some that have (RFC 8945 5.3.1): it
// is believed when the next one is. False: it may have none, being the first, or one of too many.
bool tsig_pass(struct tsig *tsig, const uint8_t *message, size_t size)
    __attribute__((nonnull, warn_unused_result));
// Of a reply that ended before that: frees what was kept.
void tsig_abandon(struct tsig *tsig) __attribute__((nonnull));
#define TSIG_PASSED_MAX 99 // one after the other

// The octets that tsig_append() will add.
size_t tsig_size(const struct tsig *tsig) __attribute__((nonnull));
#define TSIG_SIZE_MAX (2 * NAME_OCTETS_MAX + 10 + 16 + MAC_SIZE_MAX + 6)

// Puts the record behind a message that is otherwise whole, its header too, and counts it there.
// There must be room for tsig_size() more. Returns the new size. Unsigned if the request's key or
// MAC was not good (RFC 8945 5.3.2).
size_t tsig_append(struct tsig *tsig, uint8_t *message, size_t size, uint64_t date_s)
    __attribute__((nonnull, warn_unused_result));
