// Rdata to text: one switch over the fields of the table (field.h). The look is dig's, on one line:
// digits not broken into groups, hex in upper case.
//
// What is printed comes back as the same octets when it is parsed. Where the type's own form cannot
// promise that (malformed, doubtful: doubt.h), the form of RFC 3597 5 does.
#include "dns/rdata_print.h"

#include <assert.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "dns/apl.h"
#include "dns/bitmap.h"
#include "dns/date.h"
#include "dns/doubt.h"
#include "dns/encode.h"
#include "dns/field.h"
#include "dns/ip.h"
#include "dns/loc.h"
#include "dns/mnemonic.h"
#include "dns/rare.h"
#include "dns/rdata.h"
#include "dns/svcb.h"
#include "dns/type.h"

static void print_name(const uint8_t *at, struct buffer *to)
{
    char text[NAME_TEXT_MAX];
    buffer_add(to, text, name_print(name_trust(at), text));
}

static void print_names(const uint8_t *at, size_t size, struct buffer *to)
{
    const uint8_t *end = at + size;
    while (at < end) {
        print_name(at, to);
        at += name_trust(at).size;
        if (at < end)
            buffer_add_char(to, ' ');
    }
}

static void print_time(uint32_t seconds, struct buffer *to)
{
    char text[DATE_TEXT_SIZE + 1];
    date_print(seconds, text);
    buffer_add(to, text, DATE_TEXT_SIZE);
}

static void print_type(uint16_t type, struct buffer *to)
{
    char text[TYPE_TEXT_MAX];
    type_print(type, text);
    buffer_add_text(to, text);
}

// The dictionary's word, or the number.
static void print_mnemonic(const struct mnemonic *dictionary, unsigned value, struct buffer *to)
{
    const char *word = mnemonic_word(dictionary, value);
    if (word)
        buffer_add_text(to, word);
    else
        encode_number(value, to);
}

// Hex in lower case, a mark between groups of `group` octets: 00-00-5e-00-53-2a,
// 0014:4fff:ff20:ee64.
static void print_groups(const uint8_t *at, size_t size, size_t group, char mark, struct buffer *to)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        if (i > 0 && i % group == 0)
            buffer_add_char(to, mark);
        buffer_add_char(to, digits[at[i] >> 4]);
        buffer_add_char(to, digits[at[i] & 15]);
    }
}

static void print_strings(const uint8_t *at, size_t size, struct buffer *to)
{
    const uint8_t *end = at + size;
    while (at < end) {
        encode_quoted(at + 1, *at, to);
        at += 1 + *at;
        if (at < end)
            buffer_add_char(to, ' ');
    }
}

static void print_salt(const uint8_t *at, struct buffer *to)
{
    if (*at == 0)
        buffer_add_char(to, '-');
    else
        encode_hex(at + 1, *at, to);
}

static void print_base64_dash(const uint8_t *at, size_t size, struct buffer *to)
{
    if (size == 0)
        buffer_add_char(to, '-');
    else
        encode_base64(at, size, to);
}

// One field of `size` octets. They are sound and without doubt.
static void print_field(enum field field, const uint8_t *at, size_t size, struct buffer *to)
{
    switch (field) {
    case FIELD_END: return;
    case FIELD_A6_NAME:
    case FIELD_NAME: print_name(at, to); return;
    case FIELD_NAMES: print_names(at, size, to); return;
    case FIELD_U8:
    case FIELD_ALGORITHM: encode_number(*at, to); return;
    case FIELD_U16: encode_number(bytes_get16(at), to); return;
    case FIELD_U32:
    case FIELD_PERIOD: encode_number(bytes_get32(at), to); return;
    case FIELD_TIME: print_time(bytes_get32(at), to); return;
    case FIELD_TYPE: print_type(bytes_get16(at), to); return;
    case FIELD_ALGORITHM_WORD: print_mnemonic(mnemonic_algorithms, *at, to); return;
    case FIELD_CERTIFICATE: print_mnemonic(mnemonic_certificates, bytes_get16(at), to); return;
    case FIELD_SCHEME: print_mnemonic(mnemonic_schemes, *at, to); return;
    case FIELD_IP4: ip_print4(at, to); return;
    case FIELD_IP6: ip_print6(at, to); return;
    case FIELD_LOCATOR: print_groups(at, size, 2, ':', to); return;
    case FIELD_EUI48:
    case FIELD_EUI64: print_groups(at, size, 1, '-', to); return;
    case FIELD_STRING:
    case FIELD_STRING_OPTIONAL:
    case FIELD_STRINGS: print_strings(at, size, to); return;
    case FIELD_TAG: buffer_add(to, at + 1, *at); return;
    case FIELD_TEXT: encode_quoted(at, size, to); return;
    case FIELD_HEX: encode_hex(at, size, to); return;
    case FIELD_BASE64:
    case FIELD_BASE64_OPTIONAL: encode_base64(at, size, to); return;
    case FIELD_BASE64_DASH: print_base64_dash(at, size, to); return;
    case FIELD_SALT: print_salt(at, to); return;
    case FIELD_HASH: encode_base32hex(at + 1, *at, to); return;
    case FIELD_BITMAP: bitmap_print(at, size, to); return;
    case FIELD_NXT: rare_print_nxt(at, size, to); return;
    case FIELD_SVCPARAMS: svcb_print(at, size, to); return;
    case FIELD_LOC: loc_print(at, size, to); return;
    case FIELD_APL: apl_print(at, size, to); return;
    case FIELD_NSAP: rare_print_nsap(at, size, to); return;
    case FIELD_WKS: rare_print_wks(at, size, to); return;
    case FIELD_A6: rare_print_a6(at, size, to); return;
    case FIELD_GATEWAY: rare_print_gateway(at, to); return;
    case FIELD_RELAY: rare_print_relay(at, to); return;
    case FIELD_HIP: rare_print_hip(at, size, to); return;
    }
}

// Fields that are words even when they have no octets: "" and "-", and "." for no gateway.
static bool is_word_when_empty(enum field field)
{
    return field == FIELD_TEXT || field == FIELD_BASE64_DASH || field == FIELD_GATEWAY;
}

void rdata_print(uint16_t type, const uint8_t *rdata, size_t size, struct buffer *to)
{
    const struct type_row *row = type_find(type);
    if (!row || !row->fields || size == 0 || rdata_check(type, rdata, size) ||
        doubt_find(type, rdata, size)) {
        rdata_print_generic(rdata, size, to);
        return;
    }
    struct octets octets = octets_begin(rdata, size);
    for (const uint8_t *field = row->fields; *field; field++) {
        const uint8_t *at = octets.at;
        const char *fault = field_pass((enum field) * field, &octets);
        assert(!fault);
        (void)fault;
        if (octets.at == at && !is_word_when_empty((enum field) * field))
            continue;
        if (at > rdata)
            buffer_add_char(to, ' ');
        print_field((enum field) * field, at, (size_t)(octets.at - at), to);
    }
}

void rdata_print_generic(const uint8_t *rdata, size_t size, struct buffer *to)
{
    buffer_add_text(to, "\\# ");
    encode_number((uint32_t)size, to);
    if (size > 0) {
        buffer_add_char(to, ' ');
        encode_hex(rdata, size, to);
    }
}
