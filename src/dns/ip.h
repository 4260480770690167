// IPv4 and IPv6 addresses in rdata text: read, explained when wrong, printed.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;

// "192.0.2.1": four decimal octets without leading zeros (some read those as octal).
bool ip_parse4(const char *text, size_t size, uint8_t to[static 4])
    __attribute__((nonnull, warn_unused_result));
// RFC 4291 2.2: all three forms, "::" and a dotted tail included; no scope, no brackets.
bool ip_parse6(const char *text, size_t size, uint8_t to[static 16])
    __attribute__((nonnull, warn_unused_result));

#define IP_WHY_MAX 64
// Why the text is none: "octet 300 > 255". Call only when ip_parse4 (or 6) said so.
void ip_explain4(const char *text, size_t size, char why[static IP_WHY_MAX])
    __attribute__((nonnull));
void ip_explain6(const char *text, size_t size, char why[static IP_WHY_MAX])
    __attribute__((nonnull));

void ip_print4(const uint8_t from[static 4], struct buffer *to) __attribute__((nonnull));
// The form of RFC 5952 4.
void ip_print6(const uint8_t from[static 16], struct buffer *to) __attribute__((nonnull));
