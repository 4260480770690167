// TSIG without keys (tsig.h). The record, RFC 8945 4.2:
//
//   key name | TSIG ANY 0 RDLENGTH | algorithm | time 48 | fudge 16 | MAC size 16, MAC |
//   original ID 16 | error 16 | other size 16, other
#include "dns/tsig.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "dns/message.h"
#include "dns/type.h"

size_t tsig_refuse(const uint8_t *query, size_t size, size_t at, enum tsig_error error,
                   uint8_t to[static TSIG_UNSIGNED_MAX])
{
    uint8_t key_wire[NAME_OCTETS_MAX], algorithm_wire[NAME_OCTETS_MAX];
    struct name key, algorithm;
    if (!message_name(query, size, &at, key_wire, &key) || size - at < 10)
        return 0;
    size_t end = at + 10 + bytes_get16(query + at + 8);
    at += 10;
    if (end > size || !message_name(query, end, &at, algorithm_wire, &algorithm) || end - at < 10)
        return 0;
    const uint8_t *time = query + at;

    uint8_t *next = to;
    memcpy(next, key.wire, key.size);
    next += key.size;
    bytes_put16(next, TYPE_TSIG);
    bytes_put16(next + 2, CLASS_ANY);
    bytes_put32(next + 4, 0);
    bytes_put16(next + 8, (uint16_t)(algorithm.size + 16));
    next += 10;
    memcpy(next, algorithm.wire, algorithm.size);
    next += algorithm.size;
    memcpy(next, time, 8); // time and fudge
    bytes_put16(next + 8, 0);
    memcpy(next + 10, query, 2); // the original ID
    bytes_put16(next + 12, (uint16_t)error);
    bytes_put16(next + 14, 0);
    next += 16;
    assert(next - to <= TSIG_UNSIGNED_MAX);
    return (size_t)(next - to);
}
