// The words of `onym query` (query_words.h).
//
// Words without a sign are the name, types and classes. The name is the first that is neither a
// type nor a class, wherever it stands, as dig has it; if all are (`onym query mx`), it is the
// first.
#include "cli/query_words.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/buffer.h"
#include "base/random.h"
#include "base/suggest.h"
#include "cli/idn.h"
#include "cli/output.h"
#include "dns/encode.h"
#include "dns/message.h"
#include "dns/type.h"

// What --all asks for: what zones are made of.
static const char *const common_types[] = {
    "A",     "AAAA",  "CNAME", "DNAME",  "NS",    "SOA",     "MX",         "TXT",    "SRV",
    "CAA",   "HTTPS", "SVCB",  "PTR",    "NAPTR", "SSHFP",   "TLSA",       "URI",    "LOC",
    "HINFO", "RP",    "DS",    "DNSKEY", "CDS",   "CDNSKEY", "NSEC3PARAM", "ZONEMD",
};

// --- the name ------------------------------------------------------------------------------------

static bool set_name(struct query_words *query, const char *text)
{
    const char *problem = NULL;
    char *ascii = idn_to_ascii(text, &problem);
    if (!ascii) {
        output_complain(NULL, "'%s' is no name: %s", text, problem);
        return false;
    }
    enum name_text_result result =
        name_parse(ascii, strlen(ascii), &NAME_ROOT, query->name_wire, &query->request.name);
    free(ascii);
    if (result == NAME_TEXT_OK)
        return true;
    output_complain(NULL, "'%s' is no name: %s", text, name_text_problem(result));
    return false;
}

// RFC 1035 3.5, RFC 3596 2.5: octets or nibbles, the last one first.
static bool set_reverse(struct query_words *query, const char *text)
{
    struct address address;
    if (!address_parse(text, 1, &address) || address_port(&address) != 1) {
        output_complain("as 192.0.2.1 or 2001:db8::1", "'%s' is no address", text);
        return false;
    }
    struct buffer name = {0};
    if (address.any.sa_family == AF_INET) {
        const uint8_t *octets = (const uint8_t *)&address.v4.sin_addr;
        buffer_format(&name, "%u.%u.%u.%u.in-addr.arpa.", octets[3], octets[2], octets[1],
                      octets[0]);
    } else {
        for (int i = 15; i >= 0; i--)
            buffer_format(&name, "%x.%x.", address.v6.sin6_addr.s6_addr[i] & 15,
                          address.v6.sin6_addr.s6_addr[i] >> 4);
        buffer_add_text(&name, "ip6.arpa.");
    }
    bool fine = set_name(query, buffer_text(&name));
    buffer_free(&name);
    return fine;
}

// --- types and classes ---------------------------------------------------------------------------

static bool add_type(struct query_words *query, uint16_t type)
{
    for (size_t i = 0; i < query->type_count; i++)
        if (query->types[i] == type)
            return true;
    if (query->type_count == QUERY_TYPES_MAX) {
        output_complain(NULL, "more than %u types at once", QUERY_TYPES_MAX);
        return false;
    }
    query->types[query->type_count++] = type;
    return true;
}

// ANY is a type first; a class only by another name (CLASS255).
static bool is_type_or_class(const char *word)
{
    uint16_t code;
    return type_parse(word, strlen(word), &code) || class_parse(word, strlen(word), &code);
}

static bool refuse_type(const char *word)
{
    struct suggestion suggestion = {.word = word};
    for (const struct type_row *row = type_table(); row->mnemonic; row++)
        suggest_consider(&suggestion, row->mnemonic);
    char hint[80];
    if (suggestion.best)
        snprintf(hint, sizeof hint, "did you mean %s?", suggestion.best);
    else
        snprintf(hint, sizeof hint, "one name, then types: onym query example.com MX TXT");
    output_complain(hint, "'%s' is no type and no class", word);
    return false;
}

static bool take_type(struct query_words *query, const char *word)
{
    uint16_t code;
    if (type_parse(word, strlen(word), &code))
        return add_type(query, code);
    if (class_parse(word, strlen(word), &code)) {
        query->request.class = code;
        return true;
    }
    return refuse_type(word);
}

static bool add_common_types(struct query_words *query)
{
    query->type_count = 0;
    for (size_t i = 0; i < sizeof common_types / sizeof common_types[0]; i++) {
        uint16_t code;
        bool known = type_parse(common_types[i], strlen(common_types[i]), &code);
        assert(known);
        if (!add_type(query, code))
            return false;
    }
    return true;
}

// --- words ---------------------------------------------------------------------------------------

static bool take_server(struct query_words *query, const char *word)
{
    if (word[1] == 0 || strstr(word, "://")) {
        output_complain("as @192.0.2.53, @[2001:db8::53]:5300 or @ns1.example.com",
                        "'%s' is no server for UDP or TCP", word);
        return false;
    }
    query->server = word + 1;
    return true;
}

static const char *find_name(const struct arguments *arguments)
{
    const char *first = NULL;
    for (size_t i = 0; i < arguments->word_count; i++) {
        const char *word = arguments->words[i];
        if (word[0] == '@')
            continue;
        if (!is_type_or_class(word))
            return word;
        first = first ? first : word;
    }
    return first;
}

static bool read_words(struct query_words *query, const struct arguments *arguments)
{
    const char *reverse = arguments_value(arguments, "--reverse");
    const char *name = reverse ? NULL : find_name(arguments);
    if (!reverse && !name) {
        output_complain("as onym query example.com MX", "the name is missing");
        return false;
    }
    if (reverse ? !set_reverse(query, reverse) : !set_name(query, name))
        return false;
    for (size_t i = 0; i < arguments->word_count; i++) {
        const char *word = arguments->words[i];
        if (word == name)
            continue;
        if (word[0] == '@' ? !take_server(query, word) : !take_type(query, word))
            return false;
    }
    if (query->all)
        return add_common_types(query);
    return query->type_count > 0 || add_type(query, reverse ? TYPE_PTR : TYPE_A);
}

// --- flags ---------------------------------------------------------------------------------------

static bool is_on(const struct arguments *arguments, const char *flag, bool otherwise)
{
    const char *value = arguments_value(arguments, flag);
    return value ? strcmp(value, "no") != 0 : otherwise;
}

static bool read_cookie(struct request *request, const struct arguments *arguments)
{
    const char *text = arguments_value(arguments, "+cookie");
    random_fill(request->cookie, COOKIE_CLIENT_SIZE);
    request->cookie_size = is_on(arguments, "+cookie", true) ? COOKIE_CLIENT_SIZE : 0;
    if (!text || !*text || request->cookie_size == 0)
        return true;
    struct decode decode = {.to = request->cookie, .end = request->cookie + sizeof request->cookie};
    if (decode_hex(&decode, text, strlen(text)) != DECODE_OK ||
        decode_hex_end(&decode) != DECODE_OK || decode.to == request->cookie) {
        output_complain(NULL, "+cookie: '%s' is not 1 to %zu octets in hexadecimal", text,
                        sizeof request->cookie);
        return false;
    }
    request->cookie_size = (uint8_t)(decode.to - request->cookie);
    return true;
}

static bool read_request(struct request *request, const struct arguments *arguments)
{
    static const struct {
        const char *flag;
        uint16_t bit;
        bool otherwise;
    } bits[] = {
        {"+recurse", FLAG_RD, true},
        {"+ad", FLAG_AD, true},
        {"+cd", FLAG_CD, false},
        {"+aa", FLAG_AA, false},
    };
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++)
        if (is_on(arguments, bits[i].flag, bits[i].otherwise))
            request->flags |= bits[i].bit;
    request->class = CLASS_IN;
    request->edns = is_on(arguments, "+edns", true);
    request->dnssec_ok = is_on(arguments, "+dnssec", false);
    request->nsid = is_on(arguments, "+nsid", false);
    uint32_t payload = UDP_PAYLOAD_MAX, version = 0;
    if (!arguments_number(arguments, "+bufsize", 0, UINT16_MAX, &payload) ||
        !arguments_number(arguments, "+edns", 0, UINT8_MAX, &version))
        return false;
    request->payload = (uint16_t)payload;
    request->version = (uint8_t)version;
    return read_cookie(request, arguments);
}

// +noall shows nothing but what is asked for; without it all but what is not wanted.
static unsigned read_parts(const struct arguments *arguments)
{
    static const struct {
        const char *flag;
        enum query_part part;
    } flags[] = {
        {"+question", PART_QUESTION},   {"+answer", PART_ANSWER},
        {"+authority", PART_AUTHORITY}, {"+additional", PART_ADDITIONAL},
        {"+comments", PART_COMMENTS},   {"+stats", PART_STATS},
    };
    bool otherwise = is_on(arguments, "+all", true);
    unsigned parts = 0;
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (is_on(arguments, flags[i].flag, otherwise))
            parts |= flags[i].part;
    return parts;
}

static bool read_numbers(struct query_words *query, const struct arguments *arguments)
{
    uint32_t port = 53, time_s = 3, retries = 2;
    if (!arguments_number(arguments, "--port", 1, UINT16_MAX, &port) ||
        !arguments_number(arguments, "+time", 1, 300, &time_s) ||
        !arguments_number(arguments, "+retry", 0, 99, &retries))
        return false;
    query->port = (uint16_t)port;
    query->time_ms = time_s * 1000;
    query->tries = retries + 1;
    return arguments_number(arguments, "+tries", 1, 100, &query->tries);
}

bool query_words_read(struct query_words *query, const struct arguments *arguments)
{
    *query = (struct query_words){0};
    bool v4 = arguments_has(arguments, "--ipv4"), v6 = arguments_has(arguments, "--ipv6");
    query->family = v4 == v6 ? AF_UNSPEC : v4 ? AF_INET : AF_INET6;
    query->all = arguments_has(arguments, "--all") || is_on(arguments, "+all", false);
    query->fail = query->all || arguments_has(arguments, "--fail");
    query->brief = arguments_has(arguments, "--short") || is_on(arguments, "+short", false);
    query->json = arguments->json || is_on(arguments, "+json", false);
    query->tcp = is_on(arguments, "+tcp", false);
    query->ignore = is_on(arguments, "+ignore", false);
    query->parts = read_parts(arguments);
    return read_request(&query->request, arguments) && read_numbers(query, arguments) &&
           read_words(query, arguments);
}
