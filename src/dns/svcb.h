// SvcParams, the parameters of SVCB and HTTPS (RFC 9460 2.1, 2.2, 7, 8, appendix A):
//
//   | key | length | value |  | key | length | value | ...     keys strictly ascending
//      2      2       n
//
// Three strengths of "wrong":
//   - malformed octets (a length, the order, a port of three octets): refused from wherever they
//   come;
//   - octets that are sound but contradict themselves (a mandatory key that is absent): refused in
//     text (2.4.3 asks zone files for that), taken from the network, printed as RFC 3597 does;
//   - keys that nobody registered: kept as they are, keyNNNNN in text.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;

// All of these look at the octets behind the target name.

// NULL: sound; else what is malformed.
const char *svcb_check(const uint8_t *octets, size_t size) __attribute__((nonnull));
// How sound octets contradict themselves in ServiceMode, or NULL: they do not.
const char *svcb_doubt(const uint8_t *octets, size_t size) __attribute__((nonnull));
// What sound octets have, in any mode, that text has no form for, or NULL: nothing.
const char *svcb_untellable(const uint8_t *octets, size_t size) __attribute__((nonnull));
// The value of a key in sound octets, NULL: absent.
const uint8_t *svcb_find(const uint8_t *octets, size_t size, uint16_t key, size_t *value_size)
    __attribute__((nonnull));
void svcb_print(const uint8_t *octets, size_t size, struct buffer *to) __attribute__((nonnull));
