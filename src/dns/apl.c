// The items of apl.h. Families other than IPv4 and IPv6 are sound (IANA has more) but have no text.
#include "dns/apl.h"

#include <assert.h>
#include <string.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "dns/encode.h"
#include "dns/ip.h"
#include "dns/words.h"

#define FAMILY_IP4 1 // IANA "Address Family Numbers"
#define FAMILY_IP6 2
#define NEGATION   0x80
#define HEAD       4 // octets before the address

static size_t item_size(const uint8_t *item)
{
    return HEAD + (size_t)(item[3] & ~NEGATION);
}

// Octets of a whole address, 0: a family that we do not know.
static size_t address_size(unsigned family)
{
    return family == FAMILY_IP4 ? 4 : family == FAMILY_IP6 ? 16 : 0;
}

const char *apl_check(const uint8_t *octets, size_t size)
{
    for (size_t at = 0; at < size; at += item_size(octets + at)) {
        const uint8_t *item = octets + at;
        if (size - at < HEAD || size - at < item_size(item))
            return "APL ends within an item";
        if (item_size(item) > HEAD && item[item_size(item) - 1] == 0)
            return "APL address ends in a zero octet";
        size_t most = address_size(bytes_get16(item));
        if (most && (item_size(item) - HEAD > most || item[2] > most * 8))
            return "APL address or prefix too long for its family";
    }
    return NULL;
}

const char *apl_doubt(const uint8_t *octets, size_t size)
{
    for (size_t at = 0; at < size; at += item_size(octets + at))
        if (address_size(bytes_get16(octets + at)) == 0)
            return "APL family is neither IPv4 nor IPv6";
    return NULL;
}

// One item from its text, [!]family:address/prefix, into `item` (HEAD and 16 octets). Its length,
// 0: the text is none.
static size_t parse_item(const struct token *token, uint8_t item[static HEAD + 16])
{
    const char *at = token->text, *end = at + token->size;
    bool negated = at < end && *at == '!';
    at += negated;
    if (end - at < 2 || (*at != '1' && *at != '2') || at[1] != ':')
        return 0;
    unsigned family = (unsigned)(*at - '0');
    at += 2;
    const char *slash = memchr(at, '/', (size_t)(end - at));
    if (!slash)
        return 0;
    size_t size = address_size(family);
    if (family == FAMILY_IP4 ? !ip_parse4(at, (size_t)(slash - at), item + HEAD)
                             : !ip_parse6(at, (size_t)(slash - at), item + HEAD))
        return 0;
    struct token prefix = {.text = slash + 1, .size = (uint32_t)(end - slash - 1)};
    uint32_t bits;
    if (!text_number(&prefix, (uint32_t)size * 8, &bits))
        return 0;
    while (size > 0 && item[HEAD + size - 1] == 0)
        size--;
    bytes_put16(item, (uint16_t)family);
    item[2] = (uint8_t)bits;
    item[3] = (uint8_t)(size | (negated ? NEGATION : 0));
    return HEAD + size;
}

bool apl_parse(struct words *words)
{
    for (; words->at < words->end; words->at++) {
        uint8_t item[HEAD + 16];
        size_t size = parse_item(words->at, item);
        if (size == 0) {
            words_refuse(words, words->at, "is not an address prefix of APL");
            words_hint(words, "an item is 1:IPv4/bits or 2:IPv6/bits, '!' before it negates");
            return false;
        }
        if (!words_put(words, words->at, item, size))
            return false;
    }
    return true;
}

void apl_print(const uint8_t *octets, size_t size, struct buffer *to)
{
    for (size_t at = 0; at < size; at += item_size(octets + at)) {
        const uint8_t *item = octets + at;
        uint8_t address[16] = {0};
        assert(item_size(item) <= HEAD + sizeof address);
        memcpy(address, item + HEAD, item_size(item) - HEAD);
        if (at > 0)
            buffer_add_char(to, ' ');
        if (item[3] & NEGATION)
            buffer_add_char(to, '!');
        encode_number(bytes_get16(item), to);
        buffer_add_char(to, ':');
        if (bytes_get16(item) == FAMILY_IP4)
            ip_print4(address, to);
        else
            ip_print6(address, to);
        buffer_add_char(to, '/');
        encode_number(item[2], to);
    }
}
