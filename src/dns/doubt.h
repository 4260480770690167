// Rdata that is well-formed, yet that its own text form cannot give back or should not take.
//
// Between "malformed" and "fine": a DS whose digest has the wrong length for its digest type, an
// SVCB whose mandatory key is absent, a gateway of a type from the future. Such octets are taken
// from the network as they are; the text form refuses them (a typing error is likelier), and the
// printer writes them as RFC 3597 does, which the parser takes back. So what is printed always
// comes back.
#pragma once

#include <stddef.h>
#include <stdint.h>

// NULL: no doubt. Call for octets that rdata_check found sound.
const char *doubt_find(uint16_t type, const uint8_t *rdata, size_t size) __attribute__((nonnull));
