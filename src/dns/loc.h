// LOC: where on Earth something is (RFC 1876).
//
//   | version 0 | size | horizontal precision | vertical precision | latitude | longitude |
//   altitude |
//        1          1             1                      1               4          4           4
//
// Sizes are centimetres as mantissa and power of ten, four bits each. Latitude and longitude are
// thousandths of an arc second, 2^31 at the equator and the prime meridian; the altitude is in
// centimetres above a place 100 km under the WGS 84 ellipsoid.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;
struct words;

// Another version than 0 is sound, whatever follows it (RFC 1876 2).
const char *loc_check(const uint8_t *octets, size_t size) __attribute__((nonnull));
// Why sound octets have no text form that gives them back, or NULL: they have.
const char *loc_doubt(const uint8_t *octets, size_t size) __attribute__((nonnull));
// d1 [m1 [s1]] N|S  d2 [m2 [s2]] E|W  altitude[m] [size[m] [horizontal[m] [vertical[m]]]]
bool loc_parse(struct words *words) __attribute__((nonnull, warn_unused_result));
// Octets without a doubt only.
void loc_print(const uint8_t *octets, size_t size, struct buffer *to) __attribute__((nonnull));
