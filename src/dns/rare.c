// The rare fields of rare.h.
#include "dns/rare.h"

#include <assert.h>
#include <string.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "dns/encode.h"
#include "dns/ip.h"
#include "dns/mnemonic.h"
#include "dns/name.h"
#include "dns/type.h"
#include "dns/words.h"

#define WKS_BITMAP_MAX  8192 // a bit for each of 65536 ports
#define NXT_BITMAP_MAX  16   // types 1 to 127; bit 0 announces another format
#define A6_PREFIX_MAX   128
#define HIP_HEAD        4
#define RELAY_DISCOVERY 0x80

enum gateway { GATEWAY_NONE = 0, GATEWAY_IP4 = 1, GATEWAY_IP6 = 2, GATEWAY_NAME = 3 };

// --- WKS -----------------------------------------------------------------------------------------

const char *rare_pass_wks(struct octets *octets)
{
    size_t size = octets_left(octets);
    if (size < 1 || size > 1 + WKS_BITMAP_MAX)
        return "WKS without a protocol, or with over 65536 ports";
    octets->at = octets->end;
    return NULL;
}

const char *rare_doubt_wks(const uint8_t *octets, size_t size)
{
    return size > 1 && octets[size - 1] == 0 ? "WKS bitmap ends in a zero octet" : NULL;
}

// A number or a word of the dictionary.
static bool parse_word(struct words *words, const char *what, const struct mnemonic *dictionary,
                       uint32_t most, uint32_t *value)
{
    const struct token *token = words_take(words, what);
    if (!token)
        return false;
    if (text_number(token, most, value) || mnemonic_value(dictionary, token, value))
        return true;
    return words_refuse(words, token, "is not %s (nor a number from 0 to %u)", what, most);
}

bool rare_parse_wks(struct words *words)
{
    uint8_t bits[WKS_BITMAP_MAX];
    size_t size = 0; // of the bitmap, cleared up to here
    uint32_t number;
    if (!parse_word(words, "a protocol", mnemonic_protocols, 255, &number) ||
        !words_put8(words, NULL, number))
        return false;
    while (words->at < words->end) {
        if (!parse_word(words, "a service", mnemonic_services, 65535, &number))
            return false;
        if (number / 8 >= size) {
            memset(bits + size, 0, number / 8 + 1 - size);
            size = number / 8 + 1;
        }
        bits[number / 8] |= (uint8_t)(0x80 >> number % 8);
    }
    return words_put(words, NULL, bits, size);
}

void rare_print_wks(const uint8_t *octets, size_t size, struct buffer *to)
{
    encode_number(octets[0], to);
    for (uint32_t port = 0; port < (size - 1) * 8; port++) {
        if (octets[1 + port / 8] & 0x80 >> port % 8) {
            buffer_add_char(to, ' ');
            encode_number(port, to);
        }
    }
}

// --- NSAP ----------------------------------------------------------------------------------------

bool rare_parse_nsap(struct words *words)
{
    const struct token *token = words_take(words, "an NSAP address");
    if (!token)
        return false;
    const char *at = token->text, *end = at + token->size;
    if (end - at < 3 || at[0] != '0' || byte_fold((uint8_t)at[1]) != 'x')
        return words_refuse(words, token, "is not an NSAP address: it must begin with 0x");
    struct decode decode = {.to = words->rdata + words->size, .end = words->rdata + RDATA_MAX};
    for (at += 2; at < end; at++)
        if (*at != '.' && decode_hex(&decode, at, 1) != DECODE_OK)
            return words_refuse(words, token, "is not an NSAP address: hex digits and dots only");
    if (decode_hex_end(&decode) != DECODE_OK || decode.to == words->rdata + words->size)
        return words_refuse(words, token, "is not an NSAP address: not whole octets");
    words->size = (size_t)(decode.to - words->rdata);
    return true;
}

void rare_print_nsap(const uint8_t *octets, size_t size, struct buffer *to)
{
    buffer_add_text(to, "0x");
    for (size_t i = 0; i < size; i++)
        buffer_format(to, "%02x", octets[i]);
}

// --- NXT -----------------------------------------------------------------------------------------

const char *rare_pass_nxt(struct octets *octets)
{
    octets->at = octets->end;
    return NULL;
}

const char *rare_doubt_nxt(const uint8_t *octets, size_t size)
{
    if (size > 0 && octets[0] & 0x80)
        return "NXT bitmap of an unknown format";
    if (size > NXT_BITMAP_MAX || (size > 0 && octets[size - 1] == 0))
        return "NXT bitmap over 16 octets or with a zero octet at its end";
    return NULL;
}

bool rare_parse_nxt(struct words *words)
{
    uint8_t bits[NXT_BITMAP_MAX] = {0};
    size_t size = 0;
    for (; words->at < words->end; words->at++) {
        uint16_t type;
        if (!type_parse(words->at->text, words->at->size, &type))
            return words_refuse(words, words->at, "is not an RR type");
        if (type == 0 || type >= NXT_BITMAP_MAX * 8)
            return words_refuse(words, words->at,
                                "is not a type from 1 to 127, all that NXT knows");
        bits[type / 8] |= (uint8_t)(0x80 >> type % 8);
        size = type / 8 + 1u > size ? type / 8 + 1u : size;
    }
    return words_put(words, NULL, bits, size);
}

void rare_print_nxt(const uint8_t *octets, size_t size, struct buffer *to)
{
    char word[TYPE_TEXT_MAX];
    bool first = true;
    for (unsigned type = 1; type < size * 8; type++) {
        if (!(octets[type / 8] & 0x80 >> type % 8))
            continue;
        type_print((uint16_t)type, word);
        if (!first)
            buffer_add_char(to, ' ');
        buffer_add_text(to, word);
        first = false;
    }
}

// --- A6 ------------------------------------------------------------------------------------------

// Octets of the address suffix behind a prefix of that many bits.
static size_t suffix_size(unsigned prefix)
{
    assert(prefix <= A6_PREFIX_MAX);
    return (A6_PREFIX_MAX - prefix + 7) / 8;
}

const char *rare_pass_a6(struct octets *octets)
{
    if (octets_left(octets) < 1 || *octets->at > A6_PREFIX_MAX)
        return "A6 prefix length missing or over 128";
    unsigned prefix = *octets->at++;
    if (octets_left(octets) < suffix_size(prefix))
        return "A6 ends within the address";
    // RFC 2874 3.1.1: the bits that fill up the first octet must be zero.
    if (prefix % 8 && octets->at[0] >> (8 - prefix % 8))
        return "A6 address with bits inside the prefix";
    octets->at += suffix_size(prefix);
    return NULL;
}

bool rare_parse_a6(struct words *words)
{
    const struct token *token;
    uint32_t prefix;
    uint8_t address[16];
    if (!words_number(words, A6_PREFIX_MAX, &token, &prefix) || !words_put8(words, token, prefix))
        return false;
    if (prefix == A6_PREFIX_MAX)
        return true;
    token = words_take(words, "an IPv6 address");
    if (!token)
        return false;
    if (!ip_parse6(token->text, token->size, address))
        return words_refuse(words, token, "is not an IPv6 address");
    const uint8_t *suffix = address + 16 - suffix_size(prefix);
    for (const uint8_t *octet = address; octet < suffix; octet++)
        if (*octet)
            return words_refuse(words, token, "has bits inside the prefix of %u bits", prefix);
    if (prefix % 8 && suffix[0] >> (8 - prefix % 8))
        return words_refuse(words, token, "has bits inside the prefix of %u bits", prefix);
    return words_put(words, token, suffix, suffix_size(prefix));
}

void rare_print_a6(const uint8_t *octets, size_t size, struct buffer *to)
{
    uint8_t address[16] = {0};
    encode_number(octets[0], to);
    if (size == 1)
        return;
    memcpy(address + sizeof address - (size - 1), octets + 1, size - 1);
    buffer_add_char(to, ' ');
    ip_print6(address, to);
}

// --- HIP -----------------------------------------------------------------------------------------

const char *rare_pass_hip(struct octets *octets)
{
    if (octets_left(octets) < HIP_HEAD)
        return "HIP ends within its lengths";
    size_t hit = octets->at[0], key = bytes_get16(octets->at + 2);
    if (hit == 0 || key == 0)
        return "HIP without a HIT or a public key";
    octets->at += HIP_HEAD;
    if (octets_left(octets) < hit + key)
        return "HIP ends within the HIT or the public key";
    octets->at += hit + key;
    return NULL;
}

bool rare_parse_hip(struct words *words)
{
    const struct token *token;
    uint32_t algorithm;
    size_t head = words->size;
    if (!words_number(words, 255, &token, &algorithm) || !words_put32(words, token, 0))
        return false;
    token = words_take(words, "a HIT in hexadecimal");
    if (!token || !words_hex_of(words, token))
        return false;
    size_t hit = words->size - head - HIP_HEAD;
    if (hit > 255)
        return words_refuse(words, token, "is a HIT of over 255 octets");
    token = words_take(words, "a public key in base64");
    if (!token || !words_base64_of(words, token))
        return false;
    size_t key = words->size - head - HIP_HEAD - hit;
    words->rdata[head] = (uint8_t)hit;
    words->rdata[head + 1] = (uint8_t)algorithm;
    bytes_put16(words->rdata + head + 2, (uint16_t)key);
    return true;
}

void rare_print_hip(const uint8_t *octets, size_t size, struct buffer *to)
{
    size_t hit = octets[0];
    encode_number(octets[1], to);
    buffer_add_char(to, ' ');
    encode_hex(octets + HIP_HEAD, hit, to);
    buffer_add_char(to, ' ');
    encode_base64(octets + HIP_HEAD + hit, size - HIP_HEAD - hit, to);
}

// --- gateways ------------------------------------------------------------------------------------

static const char *pass_by_type(unsigned type, struct octets *octets)
{
    struct name name;
    size_t left = octets_left(octets), size = left;
    if (type == GATEWAY_NONE)
        size = 0;
    else if (type == GATEWAY_IP4)
        size = 4;
    else if (type == GATEWAY_IP6)
        size = 16;
    else if (type == GATEWAY_NAME)
        size = name_view(octets->at, left, &name) ? name.size : left + 1;
    if (size > left)
        return "gateway or relay is not what its type says";
    octets->at += size;
    return NULL;
}

const char *rare_pass_gateway(struct octets *octets)
{
    assert(octets->at - octets->start >= 2);
    return pass_by_type(octets->at[-2], octets);
}

const char *rare_pass_relay(struct octets *octets)
{
    if (octets->at == octets->end)
        return "AMTRELAY without a relay type";
    unsigned type = *octets->at++ & ~RELAY_DISCOVERY;
    return pass_by_type(type, octets);
}

const char *rare_doubt_gateway(unsigned type)
{
    return type > GATEWAY_NAME ? "gateway or relay type over 3" : NULL;
}

static bool parse_by_type(struct words *words, unsigned type, const struct token *type_word)
{
    if (type == GATEWAY_IP4)
        return words_ip4(words);
    if (type == GATEWAY_IP6)
        return words_ip6(words);
    if (type == GATEWAY_NAME)
        return words_name(words);
    if (type != GATEWAY_NONE) {
        words_refuse(words, type_word, "is not a gateway type that has a text form");
        words_hint(words, "0 is none, 1 IPv4, 2 IPv6, 3 a name; others go as \\# length hex");
        return false;
    }
    const struct token *token = words_take(words, "a '.' for no gateway");
    if (!token)
        return false;
    if (token->size != 1 || *token->text != '.')
        return words_refuse(words, token, "stands where '.' belongs: gateway type 0 has none");
    return true;
}

bool rare_parse_gateway(struct words *words)
{
    assert(words->size >= 2);
    // The words before the gateway: precedence, gateway type, algorithm.
    return parse_by_type(words, words->rdata[words->size - 2], words->at - 2);
}

bool rare_parse_relay(struct words *words)
{
    const struct token *token;
    uint32_t discovery, type;
    if (!words_number(words, 1, &token, &discovery) || !words_number(words, 127, &token, &type) ||
        !words_put8(words, token, discovery * RELAY_DISCOVERY | type))
        return false;
    return parse_by_type(words, type, token);
}

static void print_by_type(unsigned type, const uint8_t *octets, struct buffer *to)
{
    char text[NAME_TEXT_MAX];
    if (type == GATEWAY_IP4)
        ip_print4(octets, to);
    else if (type == GATEWAY_IP6)
        ip_print6(octets, to);
    else if (type == GATEWAY_NAME)
        buffer_add(to, text, name_print(name_trust(octets), text));
    else
        buffer_add_char(to, '.');
}

void rare_print_gateway(const uint8_t *octets, struct buffer *to)
{
    print_by_type(octets[-2], octets, to);
}

void rare_print_relay(const uint8_t *octets, struct buffer *to)
{
    encode_number(octets[0] >> 7, to);
    buffer_add_char(to, ' ');
    encode_number(octets[0] & 0x7f, to);
    buffer_add_char(to, ' ');
    print_by_type(octets[0] & 0x7f, octets + 1, to);
}
