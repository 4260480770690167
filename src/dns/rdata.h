// Rdata of every type, driven by the table in type.c: text to wire, wire to text, checks, canonical
// form. Wire rdata here is always uncompressed, as zones store it (RFC 3597 4).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "dns/rdata_parse.h"
#include "dns/rdata_print.h"

// NULL: these octets are well-formed rdata of this type (uncompressed names, lengths, order of
// SVCB keys, bitmaps ...); else what is wrong.
const char *rdata_check(uint16_t type, const uint8_t *rdata, size_t size)
    __attribute__((nonnull, warn_unused_result));

// Takes rdata out of a message: names of RFC 1035's types and of those that RFC 3597 4 names are
// decompressed, the rest is copied, and all of it is checked. `to` has room for RDATA_MAX octets.
// False: malformed.
bool rdata_expand(uint16_t type, const uint8_t *message, size_t message_size, size_t offset,
                  size_t rdata_size, uint8_t *to, size_t *size)
    __attribute__((nonnull, warn_unused_result));

// Canonical form (RFC 4034 6.2 item 3): a copy with the names folded where the type says so. `to`
// has room for `size` octets and may be `rdata` itself. The octets must have passed rdata_check.
void rdata_fold(uint16_t type, const uint8_t *rdata, size_t size, uint8_t *to)
    __attribute__((nonnull));
// Canonical order (RFC 4034 6.3) of two rdata of one type: as left-justified octets after folding.
int rdata_compare(uint16_t type, const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
    __attribute__((nonnull));
