// Rdata of every type to text. (dns/rdata.h includes this.)
#pragma once

#include <stddef.h>
#include <stdint.h>

struct buffer;

// Writes the text form, names absolute. Rdata that is not what its type says (or of an unknown
// type) is written as \# length hex, so this never fails.
void rdata_print(uint16_t type, const uint8_t *rdata, size_t size, struct buffer *to)
    __attribute__((nonnull));
// The same as RFC 3597 writes it, for every type.
void rdata_print_generic(const uint8_t *rdata, size_t size, struct buffer *to)
    __attribute__((nonnull));
