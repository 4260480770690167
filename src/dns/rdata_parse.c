// Rdata from words: one switch over the fields of the table (field.h).
//
// A million records a second pass here, so a good record costs no allocation and formats no text;
// the parsers of fields tell what is wrong with the first word that does not fit, and a hint shows
// the whole form of the type where the count of words or their order seems to be the fault.
#include "dns/rdata_parse.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "dns/apl.h"
#include "dns/bitmap.h"
#include "dns/date.h"
#include "dns/doubt.h"
#include "dns/encode.h"
#include "dns/field.h"
#include "dns/loc.h"
#include "dns/mnemonic.h"
#include "dns/rare.h"
#include "dns/rdata.h"
#include "dns/svcb_parse.h"
#include "dns/type.h"
#include "dns/words.h"

#define STRING_MAX 255 // octets of a character-string (RFC 1035 3.3)

static bool put_number(struct words *words, unsigned size)
{
    static const uint32_t most[] = {[1] = UINT8_MAX, [2] = UINT16_MAX, [4] = UINT32_MAX};
    const struct token *token;
    uint32_t value;
    if (!words_number(words, most[size], &token, &value))
        return false;
    if (size == 1)
        return words_put8(words, token, value);
    return size == 2 ? words_put16(words, token, value) : words_put32(words, token, value);
}

static bool put_period(struct words *words)
{
    const struct token *token = words_take(words, "a number of seconds");
    uint32_t seconds;
    if (!token)
        return false;
    if (text_number(token, UINT32_MAX, &seconds) || text_period(token, &seconds))
        return words_put32(words, token, seconds);
    words->form = true;
    return words_refuse(words, token, "is not a period of seconds, as 3600 or 1w2d3h4m5s");
}

// RFC 4034 3.2: fourteen digits are a date, fewer are seconds since 1970.
static bool put_time(struct words *words)
{
    const struct token *token = words_take(words, "a date");
    uint32_t seconds;
    if (!token)
        return false;
    if (date_parse(token->text, token->size, &seconds))
        return words_put32(words, token, seconds);
    if (token->size <= 10 && text_number(token, UINT32_MAX, &seconds))
        return words_put32(words, token, seconds);
    return words_refuse(words, token, "is not a date YYYYMMDDHHmmSS nor seconds since 1970");
}

static bool put_type(struct words *words)
{
    const struct token *token = words_take(words, "an RR type");
    uint16_t type;
    if (!token)
        return false;
    if (type_parse(token->text, token->size, &type))
        return words_put16(words, token, type);
    return words_refuse(words, token, "is not an RR type");
}

// A number of `size` octets, or a word of the dictionary that stands for one.
static bool put_mnemonic(struct words *words, const char *what, const struct mnemonic *dictionary,
                         unsigned size)
{
    const struct token *token = words_take(words, what);
    uint32_t value;
    if (!token)
        return false;
    if (!text_number(token, size == 1 ? UINT8_MAX : UINT16_MAX, &value) &&
        !mnemonic_value(dictionary, token, &value))
        return words_refuse(words, token, "is not %s, by number or by name", what);
    return size == 1 ? words_put8(words, token, value) : words_put16(words, token, value);
}

// Four groups of up to four hex digits with colons between them (RFC 6742 2.1.2). No "::" here.
static bool put_locator(struct words *words)
{
    const struct token *token = words_take(words, "a 64-bit number hhhh:hhhh:hhhh:hhhh");
    if (!token)
        return false;
    uint8_t octets[8];
    const char *at = token->text, *end = at + token->size;
    for (unsigned group = 0; group < 4; group++) {
        const char *colon = at < end ? memchr(at, ':', (size_t)(end - at)) : NULL;
        const char *stop = colon && group < 3 ? colon : end;
        char padded[4] = {'0', '0', '0', '0'};
        struct decode decode = {.to = octets + 2 * group, .end = octets + 2 * group + 2};
        bool missing = group < 3 ? !colon : false;
        if (missing || at == stop || stop - at > 4)
            return words_refuse(words, token, "is not of the form hhhh:hhhh:hhhh:hhhh");
        memcpy(padded + 4 - (stop - at), at, (size_t)(stop - at));
        if (decode_hex(&decode, padded, 4) != DECODE_OK)
            return words_refuse(words, token, "is not of the form hhhh:hhhh:hhhh:hhhh");
        at = stop + (group < 3);
    }
    return words_put(words, token, octets, sizeof octets);
}

// `size` pairs of hex digits with hyphens between them (RFC 7043 3.2, 4.2).
static bool put_eui(struct words *words, unsigned size)
{
    const char *form = size == 6 ? "hh-hh-hh-hh-hh-hh" : "hh-hh-hh-hh-hh-hh-hh-hh";
    const struct token *token = words_take(words, form);
    if (!token)
        return false;
    uint8_t octets[8];
    struct decode decode = {.to = octets, .end = octets + size};
    bool fits = token->size == size * 3 - 1;
    for (unsigned i = 0; fits && i < size; i++) {
        fits = decode_hex(&decode, token->text + 3 * i, 2) == DECODE_OK;
        fits = fits && (i + 1 == size || token->text[3 * i + 2] == '-');
    }
    if (!fits)
        return words_refuse(words, token, "is not of the form %s", form);
    return words_put(words, token, octets, size);
}

// The word with its escapes undone, at most `most` octets.
static bool put_unescaped(struct words *words, const struct token *token, size_t most)
{
    const char *at = token->text, *end = at + token->size;
    uint8_t *to = words->rdata + words->size;
    size_t room = RDATA_MAX - words->size, used = 0;
    if (token->size <= room && token->size <= most && token->size > 0 &&
        !memchr(at, '\\', token->size)) {
        memcpy(to, at, token->size);
        words->size += token->size;
        return true;
    }
    while (at < end) {
        int octet = text_octet(&at, end);
        if (octet < 0)
            return words_refuse(words, token,
                                "has a bad escape: \\ goes before a character or 000 to 255");
        if (used < room && used < most)
            to[used] = (uint8_t)octet;
        used++;
    }
    if (used > most) {
        words_refuse(words, token, "has %zu octets, %zu are the most", used, most);
        if (most == STRING_MAX)
            words_hint(words, "split it: \"...\" \"...\", each of at most 255 octets");
        return false;
    }
    if (used > room)
        return words_refuse(words, token, "makes the record longer than %d octets", RDATA_MAX);
    words->size += used;
    return true;
}

static bool put_string(struct words *words)
{
    const struct token *token = words_take(words, "a character-string");
    size_t head = words->size;
    if (!token || !words_put8(words, token, 0) || !put_unescaped(words, token, STRING_MAX))
        return false;
    words->rdata[head] = (uint8_t)(words->size - head - 1);
    return true;
}

static bool put_strings(struct words *words)
{
    do {
        if (!put_string(words))
            return false;
    } while (words->at < words->end);
    return true;
}

static bool put_text(struct words *words)
{
    const struct token *token = words_take(words, "a text in quotes");
    return token && put_unescaped(words, token, RDATA_MAX);
}

static bool put_tag(struct words *words)
{
    const struct token *token = words_take(words, "a tag (issue, issuewild, iodef)");
    if (!token)
        return false;
    bool plain = token->size > 0 && token->size <= STRING_MAX;
    for (uint32_t i = 0; plain && i < token->size; i++) {
        uint8_t octet = (uint8_t)token->text[i];
        plain = (uint8_t)(byte_fold(octet) - 'a') < 26 || (uint8_t)(octet - '0') < 10;
    }
    if (!plain)
        return words_refuse(words, token, "is not a tag: letters and digits only (RFC 8659 4.1)");
    return words_put8(words, token, token->size) &&
           words_put(words, token, token->text, token->size);
}

static bool is_dash(const struct token *token)
{
    return token->size == 1 && *token->text == '-' && !token->quoted;
}

// A length octet and the octets of one word in hex; "-" is none (RFC 5155 3.3).
static bool put_salt(struct words *words)
{
    const struct token *token = words_take(words, "a salt in hexadecimal, or '-',");
    size_t head = words->size;
    if (!token || !words_put8(words, token, 0))
        return false;
    if (is_dash(token))
        return true;
    if (!words_hex_of(words, token))
        return false;
    if (words->size - head - 1 > 255)
        return words_refuse(words, token, "is a salt of over 255 octets");
    words->rdata[head] = (uint8_t)(words->size - head - 1);
    return true;
}

static bool put_hash(struct words *words)
{
    const struct token *token = words_take(words, "a hash in base32hex");
    if (!token)
        return false;
    uint8_t octets[1 + 255];
    struct decode decode = {.to = octets + 1, .end = octets + sizeof octets};
    if (decode_base32hex(&decode, token->text, token->size) != DECODE_OK ||
        decode_base32hex_end(&decode) != DECODE_OK || decode.to == octets + 1)
        return words_refuse(words, token, "is not a hash in base32hex");
    octets[0] = (uint8_t)(decode.to - octets - 1);
    return words_put(words, token, octets, 1 + (size_t)octets[0]);
}

static bool put_base64_dash(struct words *words)
{
    if (words_left(words) == 1 && is_dash(words->at)) {
        words->at++;
        return true;
    }
    return words_base64(words, 1);
}

static bool put_names(struct words *words)
{
    while (words->at < words->end)
        if (!words_name(words))
            return false;
    return true;
}

static bool put_field(enum field field, struct words *words)
{
    switch (field) {
    case FIELD_END: return true;
    case FIELD_NAME: return words_name(words);
    case FIELD_NAMES: return put_names(words);
    case FIELD_U8: return put_number(words, 1);
    case FIELD_U16: return put_number(words, 2);
    case FIELD_U32: return put_number(words, 4);
    case FIELD_PERIOD: return put_period(words);
    case FIELD_TIME: return put_time(words);
    case FIELD_TYPE: return put_type(words);
    case FIELD_ALGORITHM:
    case FIELD_ALGORITHM_WORD:
        return put_mnemonic(words, "a DNSSEC algorithm", mnemonic_algorithms, 1);
    case FIELD_CERTIFICATE:
        return put_mnemonic(words, "a certificate type", mnemonic_certificates, 2);
    case FIELD_SCHEME: return put_mnemonic(words, "a DSYNC scheme", mnemonic_schemes, 1);
    case FIELD_IP4: return words_ip4(words);
    case FIELD_IP6: return words_ip6(words);
    case FIELD_LOCATOR: return put_locator(words);
    case FIELD_EUI48: return put_eui(words, 6);
    case FIELD_EUI64: return put_eui(words, 8);
    case FIELD_STRING: return put_string(words);
    case FIELD_STRING_OPTIONAL: return words->at == words->end || put_string(words);
    case FIELD_STRINGS: return put_strings(words);
    case FIELD_TAG: return put_tag(words);
    case FIELD_TEXT: return put_text(words);
    case FIELD_HEX: return words_hex(words, 1);
    case FIELD_BASE64: return words_base64(words, 1);
    case FIELD_BASE64_OPTIONAL: return words->at == words->end || words_base64(words, 1);
    case FIELD_BASE64_DASH: return put_base64_dash(words);
    case FIELD_SALT: return put_salt(words);
    case FIELD_HASH: return put_hash(words);
    case FIELD_BITMAP: return bitmap_parse(words);
    case FIELD_NXT: return rare_parse_nxt(words);
    case FIELD_SVCPARAMS: return svcb_parse(words);
    case FIELD_LOC: return loc_parse(words);
    case FIELD_APL: return apl_parse(words);
    case FIELD_NSAP: return rare_parse_nsap(words);
    case FIELD_WKS: return rare_parse_wks(words);
    case FIELD_A6: return rare_parse_a6(words);
    case FIELD_A6_NAME: return words->rdata[0] == 0 || words_name(words);
    case FIELD_GATEWAY: return rare_parse_gateway(words);
    case FIELD_RELAY: return rare_parse_relay(words);
    case FIELD_HIP: return rare_parse_hip(words);
    }
    return false;
}

// What a field looks like, for the form shown in a hint.
static const char *field_form(enum field field)
{
    switch (field) {
    case FIELD_END: return "";
    case FIELD_NAME: return "name";
    case FIELD_NAMES: return "[name ...]";
    case FIELD_U8: return "0-255";
    case FIELD_U16: return "0-65535";
    case FIELD_U32: return "number";
    case FIELD_PERIOD: return "seconds";
    case FIELD_TIME: return "date";
    case FIELD_TYPE: return "type";
    case FIELD_ALGORITHM:
    case FIELD_ALGORITHM_WORD: return "algorithm";
    case FIELD_CERTIFICATE: return "certificate-type";
    case FIELD_SCHEME: return "scheme";
    case FIELD_IP4: return "IPv4-address";
    case FIELD_IP6: return "IPv6-address";
    case FIELD_LOCATOR: return "hhhh:hhhh:hhhh:hhhh";
    case FIELD_EUI48:
    case FIELD_EUI64: return "hh-hh-...";
    case FIELD_STRING: return "\"text\"";
    case FIELD_STRING_OPTIONAL: return "[\"text\"]";
    case FIELD_STRINGS: return "\"text\" ...";
    case FIELD_TAG: return "tag";
    case FIELD_TEXT: return "\"text\"";
    case FIELD_HEX: return "hex";
    case FIELD_BASE64:
    case FIELD_BASE64_DASH: return "base64";
    case FIELD_BASE64_OPTIONAL: return "[base64]";
    case FIELD_SALT: return "salt";
    case FIELD_HASH: return "hash";
    case FIELD_BITMAP:
    case FIELD_NXT: return "[type ...]";
    case FIELD_SVCPARAMS: return "[key=value ...]";
    case FIELD_LOC: return "d m s N|S d m s E|W altitude-m [size-m [precisions]]";
    case FIELD_APL: return "[[!]family:address/bits ...]";
    case FIELD_NSAP: return "0xhex";
    case FIELD_WKS: return "protocol [service ...]";
    case FIELD_A6: return "0-128 [IPv6-address]";
    case FIELD_A6_NAME: return "[name]";
    case FIELD_GATEWAY: return "gateway";
    case FIELD_RELAY: return "0|1 type relay";
    case FIELD_HIP: return "algorithm hex base64";
    }
    return "";
}

static void hint_form(const struct type_row *row, struct words *words)
{
    char form[sizeof words->problem->hint];
    size_t used = (size_t)snprintf(form, sizeof form, "the form is %s", row->mnemonic);
    for (const uint8_t *field = row->fields; *field && used < sizeof form; field++)
        used += (size_t)snprintf(form + used, sizeof form - used, " %s",
                                 field_form((enum field) * field));
    words_hint(words, "%s", form);
}

static bool is_generic(const struct words *words)
{
    const struct token *token = words->at;
    return token < words->end && token->size == 2 && !token->quoted &&
           memcmp(token->text, "\\#", 2) == 0;
}

// \# length hex ... (RFC 3597 5). For a type that we know the octets must be its rdata.
static bool put_generic(uint16_t type, struct words *words)
{
    const struct token *marker = words_take(words, "\\#"), *token;
    uint32_t length;
    if (!words_number(words, RDATA_MAX, &token, &length)) {
        words->form = false;
        words_hint(words, "the form is \\# length hex (RFC 3597 5)");
        return false;
    }
    if (!words_hex(words, 0))
        return false;
    if (words->size != length)
        return words_refuse(words, token, "is not the count of octets that follow: %zu",
                            words->size);
    const char *fault = rdata_check(type, words->rdata, words->size);
    if (!fault)
        return true;
    char mnemonic[TYPE_TEXT_MAX];
    type_print(type, mnemonic);
    return words_refuse(words, marker, "begins octets that are no %s: %s", mnemonic, fault);
}

static bool refuse_unknown(uint16_t type, struct words *words)
{
    char mnemonic[TYPE_TEXT_MAX];
    type_print(type, mnemonic);
    words_refuse(words, words->at < words->end ? words->at : NULL,
                 "cannot be read: %s has no text form of its own", mnemonic);
    words_hint(words, "write the octets as \\# length hex (RFC 3597 5)");
    return false;
}

// The type's own form.
static bool put_fields(const struct type_row *row, struct words *words)
{
    for (const uint8_t *field = row->fields; *field; field++)
        if (!put_field((enum field) * field, words))
            return false;
    if (words->at < words->end) {
        words->form = true;
        return words_refuse(words, words->at, "is one word too many");
    }
    const char *doubt = doubt_find(row->code, words->rdata, words->size);
    return !doubt || words_refuse(words, NULL, "%s is not right: %s", row->mnemonic, doubt);
}

bool rdata_parse(uint16_t type, const struct token *tokens, size_t count, const struct name *origin,
                 uint8_t *rdata, size_t *size, struct rdata_problem *problem)
{
    const struct type_row *row = type_find(type);
    struct words words = {
        .at = tokens, .end = tokens + count, .origin = origin, .rdata = rdata, .problem = problem};
    bool done;
    if (is_generic(&words))
        done = put_generic(type, &words);
    else if (!row || !row->fields)
        done = refuse_unknown(type, &words);
    else
        done = put_fields(row, &words);
    if (!done && words.form && row && row->fields)
        hint_form(row, &words);
    *size = words.size;
    return done;
}
