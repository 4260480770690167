// APL: lists of address prefixes (RFC 3123 4), each
//
//   | address family | prefix length | N, length of the address part | address, trailing zeros cut
//   |
//           2               1                      1                        0 to 4 or 16
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;
struct words;

const char *apl_check(const uint8_t *octets, size_t size) __attribute__((nonnull));
// Why sound octets have no text form, or NULL: they have.
const char *apl_doubt(const uint8_t *octets, size_t size) __attribute__((nonnull));
// All words left are items: [!]family:address/prefix.
bool apl_parse(struct words *words) __attribute__((nonnull, warn_unused_result));
// Octets without a doubt only.
void apl_print(const uint8_t *octets, size_t size, struct buffer *to) __attribute__((nonnull));
