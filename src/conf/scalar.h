// The scalars of the configuration: one text to one value of the type that the schema names.
//
// Each function answers only whether the text is such a value; validate.c finds the words for what
// is wrong with it, and options.c calls the same function again to have the value. `text` ends with
// a NUL.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/limits.h"
#include "conf/options.h"
#include "dns/name.h"

bool scalar_bool(const char *text, bool *value) __attribute__((nonnull, warn_unused_result));

// Decimal digits and nothing else. No leading zero: elsewhere it means octal.
bool scalar_number(const char *text, uint64_t *value) __attribute__((nonnull, warn_unused_result));

// "1d 2h 30s": the units w d h m s ms, each at most once, the larger ones first. "0" needs none.
// In milliseconds.
bool scalar_duration(const char *text, uint64_t *ms) __attribute__((nonnull, warn_unused_result));

// "256MiB": one of B KiB MiB GiB TiB. "0" needs none. In octets.
bool scalar_size(const char *text, uint64_t *octets) __attribute__((nonnull, warn_unused_result));

// A size, or "25%": one hundredth up to all of this machine's memory; `percent` 0: it is a size.
bool scalar_memory(const char *text, uint64_t *octets, unsigned *percent)
    __attribute__((nonnull, warn_unused_result));

// The shortest text of a duration ("1d 2h", "0s") and of a size ("256MiB") that reads as the same.
#define SCALAR_DURATION_MAX 80
#define SCALAR_SIZE_MAX     24
void scalar_print_duration(uint64_t ms, char text[static SCALAR_DURATION_MAX])
    __attribute__((nonnull));
void scalar_print_size(uint64_t octets, char text[static SCALAR_SIZE_MAX]) __attribute__((nonnull));

// One of `words`, which end with a NULL; its number in `index`. Capital letters are not the same.
bool scalar_word(const char *text, const char *const *words, unsigned *index)
    __attribute__((nonnull, warn_unused_result));

// The octets of an NSID (RFC 5001 2.1): the text's own, or those of "0x" and hexadecimal digits.
bool scalar_nsid(const char *text, uint8_t octets[static NSID_MAX], size_t *size)
    __attribute__((nonnull, warn_unused_result));

enum scalar_host {
    SCALAR_ADDRESS,   // `address` is set, with port 0
    SCALAR_INTERFACE, // a name that the kernel could give an interface
    SCALAR_WITH_PORT, // an address with a port, for which there is another key
    SCALAR_NO_HOST,
};
enum scalar_host scalar_host(const char *text, struct address *address)
    __attribute__((nonnull, warn_unused_result));

// A server: an address, with a port or without. Without one the port is 0.
bool scalar_server(const char *text, struct address *address)
    __attribute__((nonnull, warn_unused_result));

// A server with which zones are exchanged: the same, and maybe the name of a key behind a blank,
// which is `key` then: "192.0.2.53 key:k1"; NULL: none. Which key, is not looked for.
bool scalar_remote(const char *text, struct address *address, const char **key)
    __attribute__((nonnull, warn_unused_result));

// A word of a list of networks.
bool scalar_network(const char *text, struct network_option *option)
    __attribute__((nonnull, warn_unused_result));

// A word of an access list. What stands behind "key:" is a name; which key, is not looked for.
#define ACCESS_KEY_WORD "key:"
bool scalar_access(const char *text, struct access_option *option)
    __attribute__((nonnull, warn_unused_result));

// A zone's name, with or without the last dot; other letters than ASCII become an A-label (RFC 5890
// 2.3.2.1). Returns NULL, or what is wrong with it. As `text` names a zone and not a record, "@" is
// no name; the root is ".".
const char *scalar_zone(const char *text, uint8_t storage[static NAME_OCTETS_MAX],
                        struct name *name) __attribute__((nonnull, warn_unused_result));
