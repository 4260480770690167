// What the generator wants to know of an answer's records.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Whether this can be the answer from a signed zone to a question with DO (RFC 4035 3.1): there is
// an RRSIG in the answer or authority section, and where nothing was answered (a denial, a
// referral) also an NSEC, an NSEC3 or a DS. False too for a message that ends too early. `octets`
// is a whole message with one question; nothing is validated.
bool answer_is_signed(const uint8_t *octets, size_t size) __attribute__((nonnull));
