// SvcParams from text (RFC 9460 2.1 and appendix A).
//
// A value is a character-string first: its escapes are undone, and quotes around it hold spaces
// together. Where it is a list, commas separate items, and inside the undone string "\," and "\\"
// stand for a comma and a backslash that do not: two levels, so a comma in an item is written \\, .
// Numbers, keys and addresses know no escapes at all (7.2, 7.3, 8).
//
// Each value is built in a scratch of its own and put in its place among the keys read before it,
// so the octets are sorted at every moment.
#include "dns/svcb_parse.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "base/suggest.h"
#include "dns/encode.h"
#include "dns/ip.h"
#include "dns/svcb.h"
#include "dns/svcb_key.h"
#include "dns/words.h"

// One parameter: its word, the text of its value, and the octets that come of it.
struct param {
    const struct token *token;
    const char *at; // the value's text; NULL behind its last part
    const char *end;
    uint16_t key;
    size_t size; // of octets
    uint8_t octets[RDATA_MAX];
};

static bool refuse(struct words *words, const struct param *param, const char *why)
{
    return words_refuse(words, param->token, "%s", why);
}

static bool put(struct words *words, struct param *param, const void *octets, size_t size)
{
    if (size > sizeof param->octets - param->size)
        return refuse(words, param, "has a value of over 65535 octets");
    memcpy(param->octets + param->size, octets, size);
    param->size += size;
    return true;
}

static bool refuse_key(struct words *words, const struct token *token, const char *key, size_t size)
{
    char word[64];
    size_t shown = size < sizeof word ? size : sizeof word - 1;
    memcpy(word, key, shown);
    word[shown] = 0;
    words_refuse(words, token, "has the unknown SvcParamKey '%s'", word);
    struct suggestion suggestion = {.word = word};
    for (uint16_t number = 0; svcb_key_find(number)->word; number++)
        suggest_consider(&suggestion, svcb_key_find(number)->word);
    if (suggestion.best)
        words_hint(words, "did you mean '%s'?", suggestion.best);
    else
        words_hint(words, "keys without a name are written key0 to key65534");
    return false;
}

// Splits the word into key and value.
static bool read_param(struct words *words, struct param *param, const struct token *token)
{
    const char *end = token->text + token->size;
    const char *equals = token->size ? memchr(token->text, '=', token->size) : NULL;
    size_t key_size = equals ? (size_t)(equals - token->text) : token->size;
    param->token = token;
    param->at = equals ? equals + 1 : end;
    param->end = end;
    param->key = SVCB_INVALID;
    param->size = 0;
    int key = svcb_key_parse(token->text, key_size);
    if (key < 0)
        return refuse_key(words, token, token->text, key_size);
    if (key == SVCB_INVALID)
        return refuse(words, param, "is reserved as an invalid key (RFC 9460 14.3.2)");
    param->key = (uint16_t)key;
    if (param->at < end && *param->at == '"') {
        if (end - param->at < 2 || end[-1] != '"')
            return refuse(words, param, "has a value with an opening quote and no closing one");
        param->at++;
        param->end--;
    }
    return true;
}

// The value's text with its escapes undone.
static bool put_opaque(struct words *words, struct param *param)
{
    while (param->at < param->end) {
        int octet = text_octet(&param->at, param->end);
        if (octet < 0)
            return refuse(words, param,
                          "has a bad escape: \\ goes before a character or 000 to 255");
        uint8_t one = (uint8_t)octet;
        if (!put(words, param, &one, 1))
            return false;
    }
    return true;
}

// Ends the item whose length octet stands at `head`.
static bool end_item(struct words *words, struct param *param, size_t head)
{
    size_t size = param->size - head - 1;
    if (size == 0)
        return refuse(words, param, "has an empty item in its list");
    if (size > 255)
        return refuse(words, param, "has an item of over 255 octets in its list");
    param->octets[head] = (uint8_t)size;
    return true;
}

// Items with commas between them, each behind a length octet (RFC 9460 A.1).
static bool put_list(struct words *words, struct param *param)
{
    size_t head = 0;
    if (param->at == param->end)
        return true;
    if (!put(words, param, "", 1))
        return false;
    while (param->at < param->end) {
        int octet = text_octet(&param->at, param->end);
        bool literal = octet == '\\';
        if (literal)
            octet = param->at < param->end ? text_octet(&param->at, param->end) : -1;
        if (octet < 0 || (literal && octet != ',' && octet != '\\'))
            return refuse(words, param,
                          "has a bad escape in its list: only \\\\, and \\\\\\\\ there");
        uint8_t one = (uint8_t)octet;
        if (octet != ',' || literal) {
            if (!put(words, param, &one, 1))
                return false;
            continue;
        }
        if (!end_item(words, param, head))
            return false;
        head = param->size;
        if (!put(words, param, "", 1))
            return false;
    }
    return end_item(words, param, head);
}

// The next part of a value without escapes, up to a comma. False: none left. Call with a value that
// is not empty; a comma at its end leaves an empty part.
static bool next_part(struct param *param, struct token *part)
{
    if (!param->at)
        return false;
    const char *comma = memchr(param->at, ',', (size_t)(param->end - param->at));
    const char *end = comma ? comma : param->end;
    *part = (struct token){.text = param->at, .size = (uint32_t)(end - param->at)};
    param->at = comma ? comma + 1 : NULL;
    return true;
}

// The keys of "mandatory", sorted.
static bool put_keys(struct words *words, struct param *param)
{
    struct token part;
    while (next_part(param, &part)) {
        int key = svcb_key_parse(part.text, part.size);
        if (key < 0)
            return refuse_key(words, param->token, part.text, part.size);
        if (key == SVCB_MANDATORY)
            return refuse(words, param, "lists itself as mandatory");
        size_t at = 0;
        while (at < param->size && bytes_get16(param->octets + at) < key)
            at += 2;
        if (at < param->size && bytes_get16(param->octets + at) == key)
            return refuse(words, param, "lists a key twice");
        if (!put(words, param, "\0", 2))
            return false;
        memmove(param->octets + at + 2, param->octets + at, param->size - 2 - at);
        bytes_put16(param->octets + at, (uint16_t)key);
    }
    return true;
}

// Numbers of 16 bits: one for a port, any count for groups.
static bool put_numbers(struct words *words, struct param *param)
{
    struct token part;
    while (next_part(param, &part)) {
        uint32_t value;
        uint8_t octets[2];
        if (!text_number(&part, UINT16_MAX, &value))
            return refuse(words, param, "has a value that is not a number from 0 to 65535");
        bytes_put16(octets, (uint16_t)value);
        if (!put(words, param, octets, sizeof octets))
            return false;
    }
    if (param->key == SVCB_PORT && param->size != 2)
        return refuse(words, param, "has more than one port");
    return true;
}

static bool put_addresses(struct words *words, struct param *param, bool v6)
{
    struct token part;
    while (next_part(param, &part)) {
        uint8_t octets[16];
        char why[IP_WHY_MAX];
        bool parsed =
            v6 ? ip_parse6(part.text, part.size, octets) : ip_parse4(part.text, part.size, octets);
        if (parsed) {
            if (!put(words, param, octets, v6 ? 16 : 4))
                return false;
            continue;
        }
        if (v6)
            ip_explain6(part.text, part.size, why);
        else
            ip_explain4(part.text, part.size, why);
        return words_refuse(words, param->token, "has a value that is not an IPv%c address (%s)",
                            v6 ? '6' : '4', why);
    }
    return true;
}

static bool put_base64(struct words *words, struct param *param)
{
    struct decode decode = {.to = param->octets, .end = param->octets + sizeof param->octets};
    enum decode_result result = decode_base64(&decode, param->at, (size_t)(param->end - param->at));
    if (result == DECODE_OK)
        result = decode_base64_end(&decode);
    param->size = (size_t)(decode.to - param->octets);
    return result == DECODE_OK || refuse(words, param, "has a value that is not base64");
}

// protocol:percent with commas between them.
static bool put_shares(struct words *words, struct param *param)
{
    struct token part;
    while (next_part(param, &part)) {
        const char *colon = part.size ? memrchr(part.text, ':', part.size) : NULL;
        uint32_t size = colon ? (uint32_t)(colon - part.text) : 0, share;
        struct token number = {.text = part.text + size + 1, .size = part.size - size - 1};
        if (size == 0 || size > 255 || !text_number(&number, 255, &share))
            return refuse(words, param, "has a value that is not protocol:percent");
        uint8_t head = (uint8_t)size, tail = (uint8_t)share;
        if (!put(words, param, &head, 1) || !put(words, param, part.text, size) ||
            !put(words, param, &tail, 1))
            return false;
    }
    return true;
}

static bool put_value(struct words *words, struct param *param)
{
    switch (svcb_key_find(param->key)->value) {
    case SVCB_VALUE_NONE: return refuse(words, param, "has a value, but this key takes none");
    case SVCB_VALUE_OPAQUE:
    case SVCB_VALUE_TEXT: return put_opaque(words, param);
    case SVCB_VALUE_LIST:
    case SVCB_VALUE_PATH: return put_list(words, param);
    case SVCB_VALUE_SHARES: return put_shares(words, param);
    case SVCB_VALUE_KEYS: return put_keys(words, param);
    case SVCB_VALUE_PORT:
    case SVCB_VALUE_GROUPS: return put_numbers(words, param);
    case SVCB_VALUE_IP4: return put_addresses(words, param, false);
    case SVCB_VALUE_IP6: return put_addresses(words, param, true);
    case SVCB_VALUE_BASE64: return put_base64(words, param);
    }
    return false;
}

static bool may_be_empty(enum svcb_value kind)
{
    return kind == SVCB_VALUE_NONE || kind == SVCB_VALUE_OPAQUE || kind == SVCB_VALUE_PATH;
}

// Reads the value. A known key behind its number (key3=...) has its octets as escaped text (2.1).
static bool read_value(struct words *words, struct param *param)
{
    enum svcb_value kind = svcb_key_find(param->key)->value;
    bool numbered = param->token->size > 3 && memcmp(param->token->text, "key", 3) == 0;
    if (param->at == param->end)
        return may_be_empty(kind) || refuse(words, param, "needs a value: key=value");
    if (!numbered)
        return put_value(words, param);
    return put_opaque(words, param) &&
           (svcb_key_takes(kind, param->octets, param->size) ||
            refuse(words, param, "has a value that is malformed for its key"));
}

// Puts the parameter in its place among those from `first` on. RFC 9460 2.2: ascending, each once.
static bool insert_param(struct words *words, const struct param *param, size_t first)
{
    size_t at = first, size = 4 + param->size;
    while (at < words->size && bytes_get16(words->rdata + at) < param->key)
        at += 4 + (size_t)bytes_get16(words->rdata + at + 2);
    if (at < words->size && bytes_get16(words->rdata + at) == param->key)
        return refuse(words, param, "is a SvcParamKey that stood here before");
    if (size > RDATA_MAX - words->size)
        return refuse(words, param, "makes the record longer than 65535 octets");
    uint8_t *place = words->rdata + at;
    memmove(place + size, place, words->size - at);
    bytes_put16(place, param->key);
    bytes_put16(place + 2, (uint16_t)param->size);
    memcpy(place + 4, param->octets, param->size);
    words->size += size;
    return true;
}

bool svcb_parse(struct words *words)
{
    struct param param; // 64 kB of stack, touched as far as the value goes
    size_t first = words->size;
    for (; words->at < words->end; words->at++) {
        if (!read_param(words, &param, words->at) || !read_value(words, &param) ||
            !insert_param(words, &param, first))
            return false;
    }
    assert(!svcb_check(words->rdata + first, words->size - first));
    return true;
}
