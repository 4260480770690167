// Where a client is (route_from.h): each form is told by its own look, so that none needs a word
// before it but where two codes are one.
#include "cli/route_from.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "cli/output.h"
#include "conf/scalar.h"
#include "policy/countries.h"

#define FORMS                                                                                      \
    "an address, a prefix, a code (SG, US-CA, AS64500, continent:EU) or coordinates (1.35,103.82)"

static const char *const words[] = {[ROUTE_FROM_ADDRESS] = "address",
                                    [ROUTE_FROM_COUNTRY] = "country",
                                    [ROUTE_FROM_CONTINENT] = "continent",
                                    [ROUTE_FROM_SUBDIVISION] = "subdivision",
                                    [ROUTE_FROM_ASN] = "asn",
                                    [ROUTE_FROM_POINT] = "point"};

const char *route_from_word(enum route_from_kind kind)
{
    return words[kind];
}

static bool complain(const char *text, const char *what, struct buffer *hint)
{
    output_complain(hint && hint->size ? buffer_text(hint) : NULL, "'%s' is not %s", text, what);
    if (hint)
        buffer_free(hint);
    return false;
}

// --- addresses, points ---------------------------------------------------------------------------

static bool read_address(const char *text, struct route_from *from)
{
    if (!address_parse(text, 0, &from->address))
        return false;
    from->bits = from->address.any.sa_family == AF_INET ? 32 : 128;
    return true;
}

static bool read_prefix(const char *text, struct route_from *from)
{
    struct prefix prefix;
    struct buffer hint = {0};
    if (!prefix_parse(text, &prefix)) {
        buffer_add_text(&hint, "like 192.0.2.0/24 or 2001:db8::/32; bits past the length are 0");
        return complain(text, "a prefix", &hint);
    }
    from->bits = prefix.bits;
    if (prefix.family == AF_INET) {
        from->address.v4.sin_family = AF_INET;
        memcpy(&from->address.v4.sin_addr, prefix.octets, 4);
        from->address.size = sizeof from->address.v4;
    } else {
        from->address.v6.sin6_family = AF_INET6;
        memcpy(&from->address.v6.sin6_addr, prefix.octets, 16);
        from->address.size = sizeof from->address.v6;
    }
    return true;
}

static bool read_degrees(const char **text, float most, float *degrees)
{
    char *end;
    if (!isdigit((unsigned char)**text) && **text != '-' && **text != '+')
        return false;
    *degrees = strtof(*text, &end);
    if (end == *text || !(*degrees >= -most && *degrees <= most))
        return false;
    *text = end;
    return true;
}

static bool read_point(const char *text, struct route_from *from)
{
    const char *at = text;
    struct buffer hint = {0};
    from->kind = ROUTE_FROM_POINT;
    from->record.has_point = read_degrees(&at, 90, &from->record.latitude) && *at == ',';
    at += from->record.has_point;
    at += from->record.has_point && *at == ' ';
    if (from->record.has_point && read_degrees(&at, 180, &from->record.longitude) && *at == 0)
        return true;
    buffer_add_text(&hint, "latitude and longitude in degrees, like 1.35,103.82");
    return complain(text, "a place on the earth", &hint);
}

// --- codes ---------------------------------------------------------------------------------------

static bool read_country(const char *text, struct route_from *from)
{
    struct buffer hint = {0};
    const struct country *country = countries_find(text);
    if (!country) {
        countries_suggest(text, &hint);
        return complain(text, "the code of a country (ISO 3166-1)", &hint);
    }
    memcpy(from->record.country, country->code, sizeof from->record.country);
    memcpy(from->record.continent, country->continent, sizeof from->record.continent);
    return true;
}

static bool read_continent(const char *text, struct route_from *from)
{
    struct buffer hint = {0};
    if (!continents_find(text)) {
        continents_suggest(text, &hint);
        return complain(text, "the code of a continent", &hint);
    }
    memcpy(from->record.continent, text, sizeof from->record.continent);
    return true;
}

static bool read_subdivision(const char *text, struct route_from *from)
{
    char code[3] = {0};
    struct buffer hint = {0};
    if (strlen(text) < 4 || text[2] != '-' || strlen(text + 3) >= sizeof from->record.subdivision) {
        buffer_add_text(&hint, "a country's code, a dash, and the part's: US-CA");
        return complain(text, "the code of a part of a country (ISO 3166-2)", &hint);
    }
    memcpy(code, text, 2);
    strcpy(from->record.subdivision, text + 3);
    return read_country(code, from);
}

static bool read_system(const char *text, struct route_from *from)
{
    uint64_t number;
    struct buffer hint = {0};
    const char *digits = strncasecmp(text, "as", 2) == 0 ? text + 2 : text;
    if (!scalar_number(digits, &number) || number == 0 || number > UINT32_MAX) {
        buffer_add_text(&hint, "like 64500, or AS64500");
        return complain(text, "the number of an autonomous system", &hint);
    }
    from->record.asn = (uint32_t)number;
    return true;
}

static bool read_code(enum route_from_kind kind, const char *text, struct route_from *from)
{
    from->kind = kind;
    switch (kind) {
    case ROUTE_FROM_COUNTRY: return read_country(text, from);
    case ROUTE_FROM_CONTINENT: return read_continent(text, from);
    case ROUTE_FROM_SUBDIVISION: return read_subdivision(text, from);
    case ROUTE_FROM_ASN: return read_system(text, from);
    case ROUTE_FROM_ADDRESS:
    case ROUTE_FROM_POINT: break;
    }
    return false;
}

// "country:AS": the word before the colon. False: there is none.
static bool find_kind(const char *text, enum route_from_kind *kind)
{
    size_t size = strcspn(text, ":");
    for (unsigned i = ROUTE_FROM_COUNTRY; i <= ROUTE_FROM_ASN && text[size]; i++)
        if (strlen(words[i]) == size && strncmp(words[i], text, size) == 0) {
            *kind = (enum route_from_kind)i;
            return true;
        }
    return false;
}

static bool is_number(const char *text)
{
    return *text && strspn(text, "0123456789") == strlen(text);
}

static enum route_from_kind guess(const char *text)
{
    if (is_number(text) || (strncasecmp(text, "as", 2) == 0 && is_number(text + 2)))
        return ROUTE_FROM_ASN;
    if (strlen(text) > 3 && text[2] == '-')
        return ROUTE_FROM_SUBDIVISION;
    return !countries_find(text) && continents_find(text) ? ROUTE_FROM_CONTINENT
                                                          : ROUTE_FROM_COUNTRY;
}

bool route_from_read(const char *text, struct route_from *from)
{
    enum route_from_kind kind;
    *from = (struct route_from){.text = text};
    if (read_address(text, from))
        return true;
    if (find_kind(text, &kind))
        return read_code(kind, strchr(text, ':') + 1, from);
    if (strchr(text, '/'))
        return read_prefix(text, from);
    if (strchr(text, ','))
        return read_point(text, from);
    if (strpbrk(text, ".:") || !*text) {
        output_complain(FORMS, "'%s' is no place", text);
        return false;
    }
    kind = guess(text);
    if (kind == ROUTE_FROM_COUNTRY && countries_find(text) && continents_find(text))
        output_say("%s is taken for the country %s; the continent is continent:%s", text,
                   countries_find(text)->name, text);
    return read_code(kind, text, from);
}
