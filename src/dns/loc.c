// The text and the octets of loc.h. All in whole numbers: no rounding differs between machines.
#include "dns/loc.h"

#include <assert.h>
#include <string.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "dns/words.h"

#define LOC_SIZE         16
#define ZERO_ANGLE       0x80000000u // the equator, the prime meridian
#define DEGREE           3600000u    // thousandths of an arc second
#define MINUTE           60000u
#define LATITUDE_MAX     (90 * DEGREE)
#define LONGITUDE_MAX    (180 * DEGREE)
#define ALTITUDE_ZERO_CM 10000000 // the reference lies 100000 m below
#define ALTITUDE_MAX_CM  ((int64_t)UINT32_MAX - ALTITUDE_ZERO_CM)
#define SIZE_MAX_CM      9000000000 // 9e9 cm: the largest mantissa and exponent

static uint32_t distance(uint32_t angle)
{
    return angle < ZERO_ANGLE ? ZERO_ANGLE - angle : angle - ZERO_ANGLE;
}

const char *loc_check(const uint8_t *octets, size_t size)
{
    if (size == 0)
        return "LOC rdata is empty";
    if (octets[0] != 0)
        return NULL;
    if (size != LOC_SIZE)
        return "LOC rdata is not 16 octets";
    for (unsigned i = 1; i <= 3; i++)
        if (octets[i] >> 4 > 9 || (octets[i] & 15) > 9)
            return "LOC size or precision out of range";
    if (distance(bytes_get32(octets + 4)) > LATITUDE_MAX)
        return "LOC latitude out of range";
    if (distance(bytes_get32(octets + 8)) > LONGITUDE_MAX)
        return "LOC longitude out of range";
    return NULL;
}

const char *loc_doubt(const uint8_t *octets, size_t size)
{
    if (octets[0] != 0)
        return "LOC version is not 0";
    assert(size == LOC_SIZE);
    (void)size;
    for (unsigned i = 1; i <= 3; i++)
        if (octets[i] > 0 && octets[i] < 0x10)
            return "LOC size or precision of zero with an exponent";
    return NULL;
}

// A decimal number with at most `places` digits behind the point, as a whole number of 10^-places.
// A last "m" is passed over if `metres`. False: not such a number, or over 10^11.
static bool read_decimal(const struct token *token, unsigned places, bool metres, int64_t *value)
{
    const char *at = token->text, *end = at + token->size;
    bool negative = at < end && *at == '-';
    unsigned behind = 0, digits = 0;
    bool point = false;
    if (metres && at < end && byte_fold((uint8_t)end[-1]) == 'm')
        end--;
    at += negative;
    for (*value = 0; at < end; at++) {
        if (*at == '.' && !point) {
            point = true;
            continue;
        }
        unsigned digit = (unsigned char)*at - (unsigned)'0';
        behind += point;
        if (digit > 9 || behind > places || *value > 10000000000)
            return false;
        *value = *value * 10 + digit;
        digits++;
    }
    for (; behind < places; behind++)
        *value *= 10;
    if (negative)
        *value = -*value;
    return digits > 0;
}

// True when the word is one of the two letters, in any case; the second one means "negative".
static bool is_side(const struct token *token, const char *sides, bool *second)
{
    if (token->size != 1)
        return false;
    char side = (char)byte_fold((uint8_t)token->text[0]);
    *second = side == sides[1];
    return side == sides[0] || *second;
}

// Degrees, minutes, seconds: the most that may be written, and what one (of the last of `places`)
// is worth.
struct part {
    const char *name;
    const char *most_text;
    int64_t most;
    unsigned places;
    uint32_t worth;
};

static const struct part latitude_parts[3] = {{"degrees", "90", 90, 0, DEGREE},
                                              {"minutes", "59", 59, 0, MINUTE},
                                              {"seconds", "59.999", 59999, 3, 1}};
static const struct part longitude_parts[3] = {{"degrees", "180", 180, 0, DEGREE},
                                               {"minutes", "59", 59, 0, MINUTE},
                                               {"seconds", "59.999", 59999, 3, 1}};

// d [m [s]] and the side; `sides` is "ns" or "ew".
static bool parse_angle(struct words *words, const char *sides, const struct part parts[static 3],
                        uint32_t *angle)
{
    const char *side_name = sides[0] == 'n' ? "'N' or 'S'" : "'E' or 'W'";
    bool negative = false;
    uint32_t sum = 0;
    for (unsigned part = 0;; part++) {
        const struct token *token = words_take(words, part == 0 ? "an angle" : side_name);
        if (!token)
            return false;
        if (part > 0 && is_side(token, sides, &negative))
            break;
        if (part == 3)
            return words_refuse(words, token, "stands where %s belongs", side_name);
        int64_t value;
        if (!read_decimal(token, parts[part].places, false, &value) || value < 0 ||
            value > parts[part].most)
            return words_refuse(words, token, "is not a number of %s from 0 to %s",
                                parts[part].name, parts[part].most_text);
        sum += (uint32_t)value * parts[part].worth;
    }
    if (sum > parts[0].most * DEGREE)
        return words_refuse(words, words->at - 1, "ends an angle of more than %s degrees",
                            parts[0].most_text);
    *angle = negative ? ZERO_ANGLE - sum : ZERO_ANGLE + sum;
    return true;
}

// Centimetres as mantissa and exponent. What the four bits cannot hold is cut off, as RFC 1876's
// own program does: 25 m becomes 20 m.
static uint8_t pack_size(int64_t centimetres)
{
    unsigned exponent = 0;
    while (centimetres >= 10) {
        centimetres /= 10;
        exponent++;
    }
    assert(exponent <= 9);
    return (uint8_t)(centimetres << 4 | exponent);
}

static bool parse_size(struct words *words, uint8_t *packed)
{
    int64_t centimetres;
    const struct token *token = words->at++;
    if (!read_decimal(token, 2, true, &centimetres) || centimetres < 0 || centimetres > SIZE_MAX_CM)
        return words_refuse(words, token, "is not a size from 0 to 90000000.00 metres");
    *packed = pack_size(centimetres);
    return true;
}

bool loc_parse(struct words *words)
{
    // RFC 1876 3: without them the size is 1 m, the precisions are 10 km and 10 m.
    uint8_t octets[LOC_SIZE] = {0, 0x12, 0x16, 0x13};
    uint32_t latitude = 0, longitude = 0;
    int64_t altitude = 0;
    if (!parse_angle(words, "ns", latitude_parts, &latitude))
        return false;
    if (!parse_angle(words, "ew", longitude_parts, &longitude))
        return false;
    const struct token *token = words_take(words, "an altitude");
    if (!token)
        return false;
    if (!read_decimal(token, 2, true, &altitude) || altitude < -ALTITUDE_ZERO_CM ||
        altitude > ALTITUDE_MAX_CM)
        return words_refuse(words, token,
                            "is not an altitude from -100000.00 to 42849672.95 metres");
    for (unsigned i = 1; i <= 3 && words->at < words->end; i++)
        if (!parse_size(words, octets + i))
            return false;
    bytes_put32(octets + 4, latitude);
    bytes_put32(octets + 8, longitude);
    bytes_put32(octets + 12, (uint32_t)(altitude + ALTITUDE_ZERO_CM));
    return words_put(words, token, octets, sizeof octets);
}

static void print_angle(uint32_t angle, char positive, char negative, struct buffer *to)
{
    uint32_t left = distance(angle);
    buffer_format(to, "%u %u %u.%03u %c ", left / DEGREE, left % DEGREE / MINUTE,
                  left % MINUTE / 1000, left % 1000, angle < ZERO_ANGLE ? negative : positive);
}

static void print_size(uint8_t packed, struct buffer *to)
{
    uint64_t centimetres = packed >> 4;
    for (unsigned exponent = packed & 15; exponent > 0; exponent--)
        centimetres *= 10;
    if (centimetres % 100)
        buffer_format(to, " 0.%02um", (unsigned)centimetres); // below 1 m there is one digit only
    else
        buffer_format(to, " %um", (unsigned)(centimetres / 100));
}

void loc_print(const uint8_t *octets, size_t size, struct buffer *to)
{
    assert(size == LOC_SIZE);
    (void)size;
    print_angle(bytes_get32(octets + 4), 'N', 'S', to);
    print_angle(bytes_get32(octets + 8), 'E', 'W', to);
    int64_t altitude = (int64_t)bytes_get32(octets + 12) - ALTITUDE_ZERO_CM;
    uint64_t height = (uint64_t)(altitude < 0 ? -altitude : altitude);
    buffer_format(to, "%s%u.%02um", altitude < 0 ? "-" : "", (unsigned)(height / 100),
                  (unsigned)(height % 100));
    for (unsigned i = 1; i <= 3; i++)
        print_size(octets[i], to);
}
