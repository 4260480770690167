// Internet addresses, with a port and without, and prefixes of them.
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

// A socket address: the storage that the kernel wants and its length.
struct address {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    };
    socklen_t size; // 0 = none
};

#define ADDRESS_TEXT_MAX 80 // "[ffff:...:255.255.255.255%interface-name]:65535" and a NUL

// Parses "192.0.2.1", "2001:db8::1", "[2001:db8::1]", "192.0.2.1:53", "[2001:db8::1]:53",
// "fe80::1%eth0". Without a port `port` is used. False: not an address.
bool address_parse(const char *text, uint16_t port, struct address *address)
    __attribute__((nonnull, warn_unused_result));
// With the port: "192.0.2.1:53", "[2001:db8::1]:53" (RFC 5952 4 and 6).
void address_print(const struct address *address, char text[static ADDRESS_TEXT_MAX])
    __attribute__((nonnull));
// Without the port, without brackets.
void address_print_host(const struct address *address, char text[static ADDRESS_TEXT_MAX])
    __attribute__((nonnull));
bool address_equal(const struct address *a, const struct address *b) __attribute__((nonnull));
bool address_is_wildcard(const struct address *address) __attribute__((nonnull));
// Of this host: 127.0.0.0/8, the same mapped into IPv6, or ::1.
bool address_is_loopback(const struct address *address) __attribute__((nonnull));
uint16_t address_port(const struct address *address) __attribute__((nonnull));
void address_set_port(struct address *address, uint16_t port) __attribute__((nonnull));

// A prefix: 192.0.2.0/24, 2001:db8::/32, or one address. IPv4 as 4 octets, IPv6 as 16.
struct prefix {
    uint8_t octets[16];
    uint8_t family; // AF_INET or AF_INET6
    uint8_t bits;
};
// False: not a prefix. Bits beyond the length must be zero (a typing error otherwise).
bool prefix_parse(const char *text, struct prefix *prefix)
    __attribute__((nonnull, warn_unused_result));
// The prefix of this one address.
struct prefix prefix_of_address(const struct address *address) __attribute__((nonnull));
// A v4-mapped IPv6 address counts as IPv4.
bool prefix_holds(const struct prefix *prefix, const struct address *address)
    __attribute__((nonnull));
