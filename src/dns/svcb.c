// The octets of svcb.h: which are sound, and their text. (Text to octets: svcb_parse.c.)
#include "dns/svcb.h"

#include <string.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "dns/encode.h"
#include "dns/ip.h"
#include "dns/svcb_key.h"

static size_t param_size(const uint8_t *param)
{
    return 4 + (size_t)bytes_get16(param + 2);
}

const char *svcb_check(const uint8_t *octets, size_t size)
{
    int last = -1;
    for (size_t at = 0; at < size; at += param_size(octets + at)) {
        const uint8_t *param = octets + at;
        if (size - at < 4 || size - at < param_size(param))
            return "SvcParams end within a parameter";
        if (bytes_get16(param) <= last)
            return "SvcParamKeys not in strictly ascending order";
        last = bytes_get16(param);
        if (!svcb_key_takes(svcb_key_find((uint16_t)last)->value, param + 4, param_size(param) - 4))
            return "SvcParamValue malformed for its key";
    }
    return NULL;
}

const uint8_t *svcb_find(const uint8_t *octets, size_t size, uint16_t key, size_t *value_size)
{
    for (size_t at = 0; at < size; at += param_size(octets + at)) {
        if (bytes_get16(octets + at) != key)
            continue;
        *value_size = param_size(octets + at) - 4;
        return octets + at + 4;
    }
    return NULL;
}

const char *svcb_doubt(const uint8_t *octets, size_t size)
{
    size_t value_size, other_size;
    const uint8_t *value = svcb_find(octets, size, SVCB_MANDATORY, &value_size);
    for (size_t at = 0; value && at < value_size; at += 2)
        if (!svcb_find(octets, size, bytes_get16(value + at), &other_size))
            return "a mandatory SvcParamKey is absent (RFC 9460 8)";
    // RFC 9460 7.1.1: without alpn nothing would be left to speak.
    if (svcb_find(octets, size, SVCB_NO_DEFAULT_ALPN, &other_size) &&
        !svcb_find(octets, size, SVCB_ALPN, &other_size))
        return "no-default-alpn needs alpn beside it (RFC 9460 7.1.1)";
    // RFC 9461 5: a URI template with the variable "dns", relative to the server.
    value = svcb_find(octets, size, SVCB_DOHPATH, &value_size);
    if (value && (value[0] != '/' || !memmem(value, value_size, "dns", 3)))
        return "dohpath is not a path with {?dns} (RFC 9461 5)";
    return NULL;
}

// The text of a share is protocol:percent with no way to escape anything.
static bool is_protocol(const uint8_t *item, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bool letter = (uint8_t)((item[i] | 0x20) - 'a') < 26, digit = (uint8_t)(item[i] - '0') < 10;
        if (!letter && !digit && item[i] != '-' && item[i] != '_')
            return false;
    }
    return true;
}

const char *svcb_untellable(const uint8_t *octets, size_t size)
{
    size_t value_size;
    if (svcb_find(octets, size, SVCB_INVALID, &value_size))
        return "key65535 is reserved as invalid (RFC 9460 14.3.2)";
    const uint8_t *shares = svcb_find(octets, size, SVCB_OOTS, &value_size);
    for (size_t at = 0; shares && at < value_size; at += 2 + (size_t)shares[at])
        if (!is_protocol(shares + at + 1, shares[at]))
            return "oots has a protocol that is no word";
    return NULL;
}

static void print_key(uint16_t key, struct buffer *to)
{
    const char *word = svcb_key_find(key)->word;
    if (word) {
        buffer_add_text(to, word);
    } else {
        buffer_add_text(to, "key");
        encode_number(key, to);
    }
}

// A comma that separates nothing, or a backslash, has one escape from the list and one more from
// the string around it (RFC 9460 A.1): \\, and \\\\ in the text.
static void print_item(const uint8_t *item, size_t size, struct buffer *to)
{
    for (size_t i = 0; i < size; i++) {
        if (item[i] == ',' || item[i] == '\\')
            buffer_add_text(to, "\\\\");
        encode_quoted_octet(item[i], to);
    }
}

// Items behind length octets; `shares`: behind each a percentage.
static void print_items(const uint8_t *value, size_t size, bool shares, struct buffer *to)
{
    buffer_add_char(to, '"');
    for (size_t at = 0; at < size; at += 1 + (size_t)value[at] + shares) {
        if (at > 0)
            buffer_add_char(to, ',');
        print_item(value + at + 1, value[at], to);
        if (shares) {
            buffer_add_char(to, ':');
            encode_number(value[at + 1 + value[at]], to);
        }
    }
    buffer_add_char(to, '"');
}

// Values of `width` octets with commas between them.
static void print_numbers(enum svcb_value kind, const uint8_t *value, size_t size, size_t width,
                          struct buffer *to)
{
    for (size_t at = 0; at < size; at += width) {
        if (at > 0)
            buffer_add_char(to, ',');
        if (kind == SVCB_VALUE_KEYS)
            print_key(bytes_get16(value + at), to);
        else if (kind == SVCB_VALUE_IP4)
            ip_print4(value + at, to);
        else if (kind == SVCB_VALUE_IP6)
            ip_print6(value + at, to);
        else
            encode_number(bytes_get16(value + at), to);
    }
}

static void print_value(enum svcb_value kind, const uint8_t *value, size_t size, struct buffer *to)
{
    switch (kind) {
    case SVCB_VALUE_NONE: break;
    case SVCB_VALUE_OPAQUE:
    case SVCB_VALUE_TEXT: encode_quoted(value, size, to); break;
    case SVCB_VALUE_LIST:
    case SVCB_VALUE_PATH: print_items(value, size, false, to); break;
    case SVCB_VALUE_SHARES: print_items(value, size, true, to); break;
    case SVCB_VALUE_KEYS:
    case SVCB_VALUE_PORT:
    case SVCB_VALUE_GROUPS: print_numbers(kind, value, size, 2, to); break;
    case SVCB_VALUE_IP4: print_numbers(kind, value, size, 4, to); break;
    case SVCB_VALUE_IP6: print_numbers(kind, value, size, 16, to); break;
    case SVCB_VALUE_BASE64: encode_base64(value, size, to); break;
    }
}

void svcb_print(const uint8_t *octets, size_t size, struct buffer *to)
{
    for (size_t at = 0; at < size; at += param_size(octets + at)) {
        const uint8_t *param = octets + at;
        if (at > 0)
            buffer_add_char(to, ' ');
        print_key(bytes_get16(param), to);
        if (param_size(param) == 4)
            continue;
        buffer_add_char(to, '=');
        print_value(svcb_key_find(bytes_get16(param))->value, param + 4, param_size(param) - 4, to);
    }
}
