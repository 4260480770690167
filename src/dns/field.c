// How far each field of field.h reaches in octets, and whether the octets are sound. This is the
// gate for rdata from the network: it reads nothing behind `end` and trusts no length in the
// octets.
#include "dns/field.h"

#include <assert.h>

#include "base/bytes.h"
#include "dns/apl.h"
#include "dns/bitmap.h"
#include "dns/loc.h"
#include "dns/name.h"
#include "dns/rare.h"
#include "dns/svcb.h"

static const char ends_early[] = "rdata ends within a field";

static const char *pass(struct octets *octets, size_t size)
{
    if (octets_left(octets) < size)
        return ends_early;
    octets->at += size;
    return NULL;
}

static const char *pass_name(struct octets *octets)
{
    struct name name;
    if (!name_view(octets->at, octets_left(octets), &name))
        return "not a name without compression, of at most 255 octets";
    octets->at += name.size;
    return NULL;
}

static const char *pass_names(struct octets *octets)
{
    const char *fault = NULL;
    while (!fault && octets->at < octets->end)
        fault = pass_name(octets);
    return fault;
}

// A length octet and as many octets as it says, at least `least`.
static const char *pass_counted(struct octets *octets, size_t least)
{
    if (octets->at == octets->end)
        return ends_early;
    if (*octets->at < least)
        return "a field that must not be empty is";
    return pass(octets, 1 + (size_t)*octets->at);
}

static const char *pass_strings(struct octets *octets)
{
    const char *fault = pass_counted(octets, 0);
    while (!fault && octets->at < octets->end)
        fault = pass_counted(octets, 0);
    return fault;
}

// RFC 8659 4.1: the tag is one or more ASCII letters and digits.
static const char *pass_tag(struct octets *octets)
{
    const uint8_t *tag = octets->at + 1;
    const char *fault = pass_counted(octets, 1);
    for (; !fault && tag < octets->at; tag++)
        if ((uint8_t)(byte_fold(*tag) - 'a') >= 26 && (uint8_t)(*tag - '0') >= 10)
            fault = "a tag with other octets than letters and digits";
    return fault;
}

static const char *pass_rest(struct octets *octets, size_t least)
{
    if (octets_left(octets) < least)
        return ends_early;
    octets->at = octets->end;
    return NULL;
}

// Hands the rest to one of the files that know it whole.
static const char *pass_whole(enum field field, struct octets *octets)
{
    const uint8_t *at = octets->at;
    size_t left = octets_left(octets);
    octets->at = octets->end;
    if (field == FIELD_BITMAP)
        return bitmap_check(at, left);
    if (field == FIELD_SVCPARAMS)
        return svcb_check(at, left);
    if (field == FIELD_LOC)
        return loc_check(at, left);
    assert(field == FIELD_APL);
    return apl_check(at, left);
}

const char *field_pass(enum field field, struct octets *octets)
{
    assert(octets->start <= octets->at && octets->at <= octets->end);
    switch (field) {
    case FIELD_END: return NULL;
    case FIELD_NAME: return pass_name(octets);
    case FIELD_NAMES: return pass_names(octets);
    case FIELD_U8:
    case FIELD_ALGORITHM:
    case FIELD_ALGORITHM_WORD:
    case FIELD_SCHEME: return pass(octets, 1);
    case FIELD_U16:
    case FIELD_TYPE:
    case FIELD_CERTIFICATE: return pass(octets, 2);
    case FIELD_U32:
    case FIELD_PERIOD:
    case FIELD_TIME:
    case FIELD_IP4: return pass(octets, 4);
    case FIELD_IP6: return pass(octets, 16);
    case FIELD_EUI48: return pass(octets, 6);
    case FIELD_LOCATOR:
    case FIELD_EUI64: return pass(octets, 8);
    case FIELD_STRING: return pass_counted(octets, 0);
    case FIELD_STRING_OPTIONAL: return octets->at == octets->end ? NULL : pass_counted(octets, 0);
    case FIELD_STRINGS: return pass_strings(octets);
    case FIELD_TAG: return pass_tag(octets);
    case FIELD_HEX:
    case FIELD_BASE64: return pass_rest(octets, 1);
    case FIELD_TEXT:
    case FIELD_BASE64_OPTIONAL:
    case FIELD_BASE64_DASH: return pass_rest(octets, 0);
    case FIELD_SALT: return pass_counted(octets, 0);
    case FIELD_HASH: return pass_counted(octets, 1);
    case FIELD_BITMAP:
    case FIELD_SVCPARAMS:
    case FIELD_LOC:
    case FIELD_APL: return pass_whole(field, octets);
    case FIELD_NXT: return rare_pass_nxt(octets);
    case FIELD_NSAP: return pass_rest(octets, 1);
    case FIELD_WKS: return rare_pass_wks(octets);
    case FIELD_A6: return rare_pass_a6(octets);
    case FIELD_A6_NAME: return field_is_name(field, octets) ? pass_name(octets) : NULL;
    case FIELD_GATEWAY: return rare_pass_gateway(octets);
    case FIELD_RELAY: return rare_pass_relay(octets);
    case FIELD_HIP: return rare_pass_hip(octets);
    }
    return "unknown field";
}

bool field_is_name(enum field field, const struct octets *octets)
{
    return field == FIELD_NAME || (field == FIELD_A6_NAME && octets->start[0] != 0);
}
