// Fields that one or two types have and few zones hold: WKS, NSAP, NXT, A6, HIP, and the gateways
// of IPSECKEY and AMTRELAY.
//
// For each: rare_pass_* moves on past the octets (see field_pass), rare_parse_* reads the words,
// rare_print_* writes octets that were passed, rare_doubt_* says why sound octets have no text form
// (NULL: they have one).
#pragma once

#include "dns/field.h"

struct buffer;
struct words;

// WKS behind the address (RFC 1035 3.4.2): protocol, a bit for each port.
const char *rare_pass_wks(struct octets *octets) __attribute__((nonnull));
const char *rare_doubt_wks(const uint8_t *octets, size_t size) __attribute__((nonnull));
bool rare_parse_wks(struct words *words) __attribute__((nonnull, warn_unused_result));
void rare_print_wks(const uint8_t *octets, size_t size, struct buffer *to) __attribute__((nonnull));

// NSAP (RFC 1706 5): "0x" and hex digits, dots anywhere between octets.
bool rare_parse_nsap(struct words *words) __attribute__((nonnull, warn_unused_result));
void rare_print_nsap(const uint8_t *octets, size_t size, struct buffer *to)
    __attribute__((nonnull));

// NXT's types (RFC 2535 5.2): one bit for each type below 128, no zero octets at the end.
const char *rare_pass_nxt(struct octets *octets) __attribute__((nonnull));
const char *rare_doubt_nxt(const uint8_t *octets, size_t size) __attribute__((nonnull));
bool rare_parse_nxt(struct words *words) __attribute__((nonnull, warn_unused_result));
void rare_print_nxt(const uint8_t *octets, size_t size, struct buffer *to) __attribute__((nonnull));

// A6 up to its name (RFC 2874 3.1): prefix length, the address behind that many bits.
const char *rare_pass_a6(struct octets *octets) __attribute__((nonnull));
bool rare_parse_a6(struct words *words) __attribute__((nonnull, warn_unused_result));
void rare_print_a6(const uint8_t *octets, size_t size, struct buffer *to) __attribute__((nonnull));

// HIP up to its servers (RFC 8005 5): lengths, algorithm, HIT, public key.
const char *rare_pass_hip(struct octets *octets) __attribute__((nonnull));
bool rare_parse_hip(struct words *words) __attribute__((nonnull, warn_unused_result));
void rare_print_hip(const uint8_t *octets, size_t size, struct buffer *to) __attribute__((nonnull));

// The gateway of IPSECKEY (RFC 4025 2.5), whose type is the octet two before it, and the relay of
// AMTRELAY (RFC 8777 4.2), which begins with its D bit and type. Nothing, IPv4, IPv6 or a name;
// what stands there for a type not known yet reaches to the end.
const char *rare_pass_gateway(struct octets *octets) __attribute__((nonnull));
const char *rare_pass_relay(struct octets *octets) __attribute__((nonnull));
const char *rare_doubt_gateway(unsigned type);
bool rare_parse_gateway(struct words *words) __attribute__((nonnull, warn_unused_result));
bool rare_parse_relay(struct words *words) __attribute__((nonnull, warn_unused_result));
void rare_print_gateway(const uint8_t *octets, struct buffer *to) __attribute__((nonnull));
void rare_print_relay(const uint8_t *octets, struct buffer *to) __attribute__((nonnull));
