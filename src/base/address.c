// Internet addresses and prefixes as text and back (address.h).
//
// The text decides the family, before anything is parsed:
//
//   first octet '['         IPv6 in brackets, a port may follow (RFC 3986 3.2.2, RFC 5952 6)
//   two colons or more      IPv6, no port: "2001:db8::1:53" is one address, never a host and a port
//   otherwise               IPv4, a port may follow
//
// inet_pton does the octets. It is strict where it matters (four parts, no leading zeros, which
// elsewhere mean octal) and knows no zone ("%eth0", RFC 4007 11), which is cut off before.
//
// Prefixes and the addresses held against them are brought to one form first: what is v4-mapped
// (::ffff:0:0/96, RFC 4291 2.5.5.2) becomes IPv4, so that one list of prefixes serves a dual-stack
// socket and two plain ones alike.
#include "base/address.h"

#include <arpa/inet.h>
#include <assert.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

static_assert(ADDRESS_TEXT_MAX >= INET6_ADDRSTRLEN + IF_NAMESIZE + sizeof "[]:65535",
              "the longest address fits its text");

static const uint8_t mapped_start[12] = {[10] = 0xff, [11] = 0xff};

// A decimal number up to `most`, nothing but digits, no leading zero. -1: not one.
static int64_t parse_number(const char *text, uint32_t most)
{
    if (text[0] == 0 || (text[0] == '0' && text[1] != 0))
        return -1;
    int64_t number = 0;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return -1;
        number = number * 10 + (*text - '0');
        if (number > most)
            return -1;
    }
    return number;
}

static bool parse_port(const char *text, uint16_t *port)
{
    int64_t number = parse_number(text, UINT16_MAX);
    if (number < 0)
        return false;
    *port = (uint16_t)number;
    return true;
}

static bool has_zone(const struct in6_addr *octets)
{
    return IN6_IS_ADDR_LINKLOCAL(octets) || IN6_IS_ADDR_MC_LINKLOCAL(octets);
}

// The zone of a link-local address: an interface's name or its number.
static bool parse_zone(const char *text, uint32_t *zone)
{
    *zone = if_nametoindex(text);
    if (*zone)
        return true;
    int64_t number = parse_number(text, UINT32_MAX);
    if (number <= 0)
        return false;
    *zone = (uint32_t)number;
    return true;
}

static bool parse_v4(const char *host, uint16_t port, struct address *address)
{
    *address = (struct address){.v4 = {.sin_family = AF_INET, .sin_port = htons(port)}};
    address->size = sizeof address->v4;
    return inet_pton(AF_INET, host, &address->v4.sin_addr) == 1;
}

static bool parse_v6(char *host, uint16_t port, struct address *address)
{
    *address = (struct address){.v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)}};
    address->size = sizeof address->v6;
    char *zone = strchr(host, '%');
    if (zone)
        *zone++ = 0;
    if (inet_pton(AF_INET6, host, &address->v6.sin6_addr) != 1)
        return false;
    // A zone on a global address says nothing, and the kernel would not match it again.
    return !zone ||
           (has_zone(&address->v6.sin6_addr) && parse_zone(zone, &address->v6.sin6_scope_id));
}

static bool parse_bracketed(char *text, uint16_t port, struct address *address)
{
    char *end = strchr(text, ']');
    if (!end)
        return false;
    *end++ = 0;
    if (*end == ':') {
        if (!parse_port(end + 1, &port))
            return false;
    } else if (*end) {
        return false;
    }
    return parse_v6(text + 1, port, address);
}

static bool parse_any(char *text, uint16_t port, struct address *address)
{
    if (text[0] == '[')
        return parse_bracketed(text, port, address);
    char *colon = strchr(text, ':');
    if (colon && strchr(colon + 1, ':'))
        return parse_v6(text, port, address);
    if (colon) {
        *colon = 0;
        if (!parse_port(colon + 1, &port))
            return false;
    }
    return parse_v4(text, port, address);
}

bool address_parse(const char *text, uint16_t port, struct address *address)
{
    char copy[ADDRESS_TEXT_MAX];
    size_t size = strlen(text) + 1;
    struct address parsed;
    bool good = size <= sizeof copy && parse_any(memcpy(copy, text, size), port, &parsed);
    *address = good ? parsed : (struct address){0};
    return good;
}

void address_print_host(const struct address *address, char text[static ADDRESS_TEXT_MAX])
{
    if (address->size == 0) {
        strcpy(text, "none");
        return;
    }
    if (address->any.sa_family == AF_INET) {
        inet_ntop(AF_INET, &address->v4.sin_addr, text, ADDRESS_TEXT_MAX);
        return;
    }
    assert(address->any.sa_family == AF_INET6);
    inet_ntop(AF_INET6, &address->v6.sin6_addr, text, ADDRESS_TEXT_MAX);
    uint32_t zone = address->v6.sin6_scope_id;
    if (!zone)
        return;
    size_t size = strlen(text);
    char name[IF_NAMESIZE];
    if (if_indextoname(zone, name)) // the interface may be gone by now: then its number
        snprintf(text + size, ADDRESS_TEXT_MAX - size, "%%%s", name);
    else
        snprintf(text + size, ADDRESS_TEXT_MAX - size, "%%%u", zone);
}

void address_print(const struct address *address, char text[static ADDRESS_TEXT_MAX])
{
    char host[ADDRESS_TEXT_MAX];
    address_print_host(address, host);
    if (address->size == 0)
        strcpy(text, host);
    else if (address->any.sa_family == AF_INET)
        snprintf(text, ADDRESS_TEXT_MAX, "%.15s:%u", host, address_port(address));
    else
        snprintf(text, ADDRESS_TEXT_MAX, "[%.62s]:%u", host, address_port(address));
}

// Family, octets, port and zone; not the flow label, which is no part of who somebody is.
bool address_equal(const struct address *a, const struct address *b)
{
    if (a->size == 0 || b->size == 0)
        return a->size == b->size;
    if (a->any.sa_family != b->any.sa_family)
        return false;
    if (a->any.sa_family == AF_INET)
        return a->v4.sin_port == b->v4.sin_port && a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
    return a->v6.sin6_port == b->v6.sin6_port && a->v6.sin6_scope_id == b->v6.sin6_scope_id &&
           IN6_ARE_ADDR_EQUAL(&a->v6.sin6_addr, &b->v6.sin6_addr);
}

bool address_is_wildcard(const struct address *address)
{
    if (address->size == 0)
        return false;
    if (address->any.sa_family == AF_INET)
        return address->v4.sin_addr.s_addr == htonl(INADDR_ANY);
    return IN6_IS_ADDR_UNSPECIFIED(&address->v6.sin6_addr);
}

bool address_is_loopback(const struct address *address)
{
    if (address->size == 0)
        return false;
    if (address->any.sa_family == AF_INET)
        return ntohl(address->v4.sin_addr.s_addr) >> 24 == 127;
    const struct in6_addr *v6 = &address->v6.sin6_addr;
    return IN6_IS_ADDR_LOOPBACK(v6) || (IN6_IS_ADDR_V4MAPPED(v6) && v6->s6_addr[12] == 127);
}

// The port stands at the same place in both kinds.
static_assert(offsetof(struct sockaddr_in, sin_port) == offsetof(struct sockaddr_in6, sin6_port),
              "one place for the port");

uint16_t address_port(const struct address *address)
{
    return address->size ? ntohs(address->v4.sin_port) : 0;
}

void address_set_port(struct address *address, uint16_t port)
{
    assert(address->size != 0);
    address->v4.sin_port = htons(port);
}

// --- prefixes ------------------------------------------------------------------------------------

// Do the first `bits` of both agree?
static bool bits_agree(const uint8_t *a, const uint8_t *b, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;
    if (memcmp(a, b, whole) != 0)
        return false;
    return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

static bool is_zero_past(const uint8_t *octets, unsigned bits, unsigned bits_max)
{
    for (unsigned bit = bits; bit < bits_max; bit++)
        if (octets[bit / 8] & 0x80 >> bit % 8)
            return false;
    return true;
}

bool prefix_parse(const char *text, struct prefix *prefix)
{
    *prefix = (struct prefix){0};
    char host[INET6_ADDRSTRLEN];
    size_t size = strcspn(text, "/");
    if (size >= sizeof host)
        return false;
    memcpy(host, text, size);
    host[size] = 0;

    struct prefix parsed = {.family = strchr(host, ':') ? AF_INET6 : AF_INET};
    unsigned bits_max = parsed.family == AF_INET ? 32 : 128;
    if (inet_pton(parsed.family, host, parsed.octets) != 1)
        return false;
    int64_t bits = text[size] == '/' ? parse_number(text + size + 1, bits_max) : bits_max;
    if (bits < 0 || !is_zero_past(parsed.octets, (unsigned)bits, bits_max))
        return false;
    parsed.bits = (uint8_t)bits;

    if (parsed.family == AF_INET6 && bits >= 96 && bits_agree(parsed.octets, mapped_start, 96)) {
        *prefix = (struct prefix){.family = AF_INET, .bits = (uint8_t)(bits - 96)};
        memcpy(prefix->octets, parsed.octets + 12, 4);
    } else {
        *prefix = parsed;
    }
    return true;
}

struct prefix prefix_of_address(const struct address *address)
{
    bool v4 = address->any.sa_family == AF_INET;
    struct prefix prefix = {.family = v4 ? AF_INET : AF_INET6, .bits = v4 ? 32 : 128};
    if (v4)
        memcpy(prefix.octets, &address->v4.sin_addr, 4);
    else
        memcpy(prefix.octets, &address->v6.sin6_addr, 16);
    return prefix;
}

bool prefix_holds(const struct prefix *prefix, const struct address *address)
{
    assert(prefix->family == AF_INET ? prefix->bits <= 32 : prefix->bits <= 128);
    if (address->size == 0)
        return false;
    if (address->any.sa_family == AF_INET)
        return prefix->family == AF_INET &&
               bits_agree(prefix->octets, (const uint8_t *)&address->v4.sin_addr, prefix->bits);
    const uint8_t *octets = address->v6.sin6_addr.s6_addr;
    if (bits_agree(octets, mapped_start, 96))
        return prefix->family == AF_INET && bits_agree(prefix->octets, octets + 12, prefix->bits);
    return prefix->family == AF_INET6 && bits_agree(prefix->octets, octets, prefix->bits);
}
