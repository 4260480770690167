// Rdata as octets, walked field by field along the table of type.c: check, canonical form, order,
// decompression. (Text: rdata_parse.c, rdata_print.c.)
//
//   - What comes from the network passes rdata_expand; it reads nothing outside the message and
//   gives
//     out octets that rdata_check finds sound.
//   - What passed rdata_check is folded and compared without further checks.
#include "dns/rdata.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "dns/field.h"
#include "dns/type.h"

const char *rdata_check(uint16_t type, const uint8_t *rdata, size_t size)
{
    const struct type_row *row = type_find(type);
    if (size > RDATA_MAX)
        return "rdata over 65535 octets";
    if (!row || !row->fields)
        return NULL;
    struct octets octets = octets_begin(rdata, size);
    const char *fault = NULL;
    for (const uint8_t *field = row->fields; *field && !fault; field++)
        fault = field_pass((enum field) * field, &octets);
    if (!fault && octets.at < octets.end)
        fault = "octets left over at the end of rdata";
    return fault;
}

// RFC 3597 4: RFC 1035's types are decompressed, and these, whose definitions once allowed it.
static bool may_be_compressed(const struct type_row *row)
{
    enum { RP = 17, AFSDB = 18, RT = 21, SIG = 24, PX = 26, NXT = 30, SRV = 33, NAPTR = 35 };
    if (row->compress)
        return true;
    return row->code == RP || row->code == AFSDB || row->code == RT || row->code == SIG ||
           row->code == PX || row->code == NXT || row->code == SRV || row->code == NAPTR;
}

// Decompresses the name at `at`, whose part before a pointer must end by `end`. Returns its size in
// `to`, 0: malformed. `at` moves on past what stands here.
static size_t expand_name(const struct octets *message, const uint8_t **at, const uint8_t *end,
                          uint8_t to[static NAME_OCTETS_MAX])
{
    const uint8_t *from = *at;
    const uint8_t *floor = from; // a pointer must go before the labels read last: no circle
    size_t size = 0;
    for (unsigned pointers = 0; pointers <= POINTERS_MAX;) {
        if (from >= end)
            return 0;
        if (*from >= 0xc0) { // RFC 1035 4.1.4
            if (end - from < 2)
                return 0;
            size_t target = bytes_get16(from) & 0x3fff;
            if (pointers++ == 0)
                *at = from + 2;
            if (target >= (size_t)(floor - message->start))
                return 0;
            from = floor = message->start + target;
            end = message->end;
            continue;
        }
        size_t label = 1 + (size_t)*from;
        if (label > 1 + LABEL_OCTETS_MAX || label > (size_t)(end - from) ||
            label > NAME_OCTETS_MAX - size)
            return 0;
        memcpy(to + size, from, label);
        size += label;
        from += label;
        if (label == 1) {
            if (pointers == 0)
                *at = from;
            return size;
        }
    }
    return 0;
}

// Takes one field out of the message and appends it to `to`. Returns its size there, -1: malformed.
static int expand_field(enum field field, const struct octets *message, struct octets *octets,
                        uint8_t *to, size_t room)
{
    if (field_is_name(field, octets)) {
        uint8_t name[NAME_OCTETS_MAX];
        size_t size = expand_name(message, &octets->at, octets->end, name);
        if (size == 0 || size > room)
            return -1;
        memcpy(to, name, size);
        return (int)size;
    }
    const uint8_t *from = octets->at;
    if (field_pass(field, octets) || (size_t)(octets->at - from) > room)
        return -1;
    memcpy(to, from, (size_t)(octets->at - from));
    return (int)(octets->at - from);
}

bool rdata_expand(uint16_t type, const uint8_t *message, size_t message_size, size_t offset,
                  size_t rdata_size, uint8_t *to, size_t *size)
{
    const struct type_row *row = type_find(type);
    if (offset > message_size || rdata_size > message_size - offset || rdata_size > RDATA_MAX)
        return false;
    if (!row || !row->fields || !may_be_compressed(row)) {
        memcpy(to, message + offset, rdata_size);
        *size = rdata_size;
        return rdata_check(type, to, rdata_size) == NULL;
    }
    struct octets whole = octets_begin(message, message_size);
    struct octets octets = octets_begin(message + offset, rdata_size);
    *size = 0;
    for (const uint8_t *field = row->fields; *field; field++) {
        int used =
            expand_field((enum field) * field, &whole, &octets, to + *size, RDATA_MAX - *size);
        if (used < 0)
            return false;
        *size += (size_t)used;
    }
    return octets.at == octets.end;
}

void rdata_fold(uint16_t type, const uint8_t *rdata, size_t size, uint8_t *to)
{
    const struct type_row *row = type_find(type);
    memmove(to, rdata, size);
    if (!row || !row->fold)
        return;
    // Walked in the copy: folding a field never changes where the next one starts, as the lengths
    // of labels (at most 63) are no letters.
    struct octets octets = octets_begin(to, size);
    for (const uint8_t *field = row->fields; *field; field++) {
        bool is_name = field_is_name((enum field) * field, &octets);
        uint8_t *at = to + (octets.at - octets.start);
        const char *fault = field_pass((enum field) * field, &octets);
        assert(!fault);
        (void)fault;
        for (; is_name && at < octets.at; at++)
            *at = byte_fold(*at);
    }
}

static int compare_octets(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
{
    size_t size = a_size < b_size ? a_size : b_size;
    int order = size ? memcmp(a, b, size) : 0;
    return order ? order : (a_size > b_size) - (a_size < b_size);
}

static int compare_folded(const uint8_t *a, const uint8_t *b, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (byte_fold(a[i]) != byte_fold(b[i]))
            return byte_fold(a[i]) - byte_fold(b[i]);
    return 0;
}

int rdata_compare(uint16_t type, const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
{
    const struct type_row *row = type_find(type);
    if (!row || !row->fold)
        return compare_octets(a, a_size, b, b_size);
    // Only the fields of `a` are walked: as long as all octets were equal, those of `b` stand at
    // the same places, and the first difference ends it.
    struct octets octets = octets_begin(a, a_size);
    for (const uint8_t *field = row->fields; *field; field++) {
        bool is_name = field_is_name((enum field) * field, &octets);
        size_t from = (size_t)(octets.at - a);
        const char *fault = field_pass((enum field) * field, &octets);
        assert(!fault);
        (void)fault;
        size_t end = (size_t)(octets.at - a), shared = end < b_size ? end : b_size;
        int order = is_name ? compare_folded(a + from, b + from, shared - from)
                            : compare_octets(a + from, shared - from, b + from, shared - from);
        if (order)
            return order;
        if (end > b_size)
            return 1;
    }
    return a_size < b_size ? -1 : 0;
}
