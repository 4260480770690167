// SipHash-2-4 (Aumasson and Bernstein 2012): a short keyed hash that a stranger can not predict.
#pragma once

#include <stddef.h>
#include <stdint.h>

// The 64-bit hash, its octets in the order of the reference (little endian).
uint64_t siphash24(const uint8_t key[static 16], const uint8_t *octets, size_t size);
