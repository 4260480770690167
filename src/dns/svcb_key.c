// The keys of svcb_key.h, in the order of their numbers, and what their values must look like.
#include "dns/svcb_key.h"

#include <string.h>

#include "base/bytes.h"
#include "dns/text.h"

static const struct svcb_row rows[] = {
    [SVCB_MANDATORY] = {"mandatory", SVCB_VALUE_KEYS},
    [SVCB_ALPN] = {"alpn", SVCB_VALUE_LIST},
    [SVCB_NO_DEFAULT_ALPN] = {"no-default-alpn", SVCB_VALUE_NONE},
    [SVCB_PORT] = {"port", SVCB_VALUE_PORT},
    [SVCB_IPV4HINT] = {"ipv4hint", SVCB_VALUE_IP4},
    [SVCB_ECH] = {"ech", SVCB_VALUE_BASE64},
    [SVCB_IPV6HINT] = {"ipv6hint", SVCB_VALUE_IP6},
    [SVCB_DOHPATH] = {"dohpath", SVCB_VALUE_TEXT},
    [SVCB_OHTTP] = {"ohttp", SVCB_VALUE_NONE},
    [SVCB_TLS_SUPPORTED_GROUPS] = {"tls-supported-groups", SVCB_VALUE_GROUPS},
    [SVCB_DOCPATH] = {"docpath", SVCB_VALUE_PATH},
    [SVCB_PVD] = {"pvd", SVCB_VALUE_NONE},
    [SVCB_OOTS] = {"oots", SVCB_VALUE_SHARES},
};

const struct svcb_row *svcb_key_find(uint16_t key)
{
    static const struct svcb_row unknown = {NULL, SVCB_VALUE_OPAQUE};
    return key < sizeof rows / sizeof *rows ? &rows[key] : &unknown;
}

// RFC 9460 8: keys strictly ascending, without "mandatory" itself, one at least.
static bool is_key_list(const uint8_t *value, size_t size)
{
    if (size == 0 || size % 2)
        return false;
    int last = SVCB_MANDATORY;
    for (size_t at = 0; at < size; at += 2) {
        if (bytes_get16(value + at) <= last)
            return false;
        last = bytes_get16(value + at);
    }
    return true;
}

// Items behind a length octet, none empty, each with `more` octets behind it.
static bool is_item_list(const uint8_t *value, size_t size, size_t more)
{
    for (size_t at = 0; at < size;) {
        size_t item = 1 + (size_t)value[at] + more;
        if (value[at] == 0 || item > size - at)
            return false;
        at += item;
    }
    return true;
}

bool svcb_key_takes(enum svcb_value kind, const uint8_t *value, size_t size)
{
    switch (kind) {
    case SVCB_VALUE_OPAQUE: return true;
    case SVCB_VALUE_NONE: return size == 0;
    case SVCB_VALUE_KEYS: return is_key_list(value, size);
    case SVCB_VALUE_LIST: return size > 0 && is_item_list(value, size, 0);
    case SVCB_VALUE_PATH: return is_item_list(value, size, 0);
    case SVCB_VALUE_SHARES: return size > 0 && is_item_list(value, size, 1);
    case SVCB_VALUE_PORT: return size == 2;
    case SVCB_VALUE_GROUPS: return size > 0 && size % 2 == 0;
    case SVCB_VALUE_IP4: return size > 0 && size % 4 == 0;
    case SVCB_VALUE_IP6: return size > 0 && size % 16 == 0;
    case SVCB_VALUE_BASE64:
    case SVCB_VALUE_TEXT: return size > 0;
    }
    return false;
}

int svcb_key_parse(const char *text, size_t size)
{
    for (uint16_t key = 0; svcb_key_find(key)->word; key++)
        if (strlen(svcb_key_find(key)->word) == size &&
            memcmp(svcb_key_find(key)->word, text, size) == 0)
            return key;
    if (size < 4 || memcmp(text, "key", 3) != 0 || (text[3] == '0' && size > 4))
        return -1;
    struct token number = {.text = text + 3, .size = (uint32_t)size - 3};
    uint32_t value;
    return text_number(&number, UINT16_MAX, &value) ? (int)value : -1;
}
