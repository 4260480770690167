// See answer.h. The walk over records is RFC 1035 4.1: each is a name, ten fixed octets, rdata.
#include "answer.h"

#include "questions.h"

#define TYPE_DS      43
#define TYPE_RRSIG   46
#define TYPE_NSEC    47
#define TYPE_NSEC3   50
#define FIXED_OCTETS 10 // type, class, TTL and the size of the rdata

static unsigned get16(const uint8_t *octets)
{
    return (unsigned)octets[0] << 8 | octets[1];
}

// Where the name at `at` ends; `size` or more: not in the message.
static size_t skip_name(const uint8_t *octets, size_t size, size_t at)
{
    while (at < size) {
        if (octets[at] == 0)
            return at + 1;
        if (octets[at] >= 0xc0) // a pointer ends it
            return at + 2;
        at += 1u + octets[at];
    }
    return size;
}

bool answer_is_signed(const uint8_t *octets, size_t size)
{
    if (size < HEADER_SIZE)
        return false;
    unsigned answers = get16(octets + 6), records = answers + get16(octets + 8);
    bool signature = false, proof = answers > 0;
    size_t at = skip_name(octets, size, HEADER_SIZE) + 4; // the question
    for (; records > 0; records--) {
        at = skip_name(octets, size, at);
        if (at + FIXED_OCTETS > size)
            return false;
        unsigned type = get16(octets + at);
        signature |= type == TYPE_RRSIG;
        proof |= type == TYPE_NSEC || type == TYPE_NSEC3 || type == TYPE_DS;
        at += FIXED_OCTETS + get16(octets + at + 8);
    }
    return signature && proof;
}
