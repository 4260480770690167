// EDNS: OPT rdata alone, and inside a query that is answered.
//
//   input: CLASS (2) TTL (4) rdata; in the query it stands behind a question for the apex
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "dns/edns.h"
#include "inside.h"

#define HEAD       6
#define RDATA_MOST (SLOT_OCTETS - 64)

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size);

static void read_options(const uint8_t *octets, size_t size)
{
    struct edns edns = {0};
    uint16_t class = bytes_get16(octets);
    uint32_t ttl = bytes_get32(octets + 2);
    size_t rdata_size = size - HEAD;
    uint8_t *rdata = memory_get(rdata_size ? rdata_size : 1);
    memcpy(rdata, octets + HEAD, rdata_size);
    if (edns_read(class, ttl, rdata, rdata_size, &edns) == EDNS_OK) {
        assert(edns.payload >= UDP_PAYLOAD_PLAIN);
        assert(edns.cookie_size == 0 || edns.cookie_size == COOKIE_CLIENT_SIZE ||
               (edns.cookie_size >= 16 && edns.cookie_size <= sizeof edns.cookie));
        assert(edns.version == (uint8_t)(ttl >> 16));
        assert(edns.dnssec_ok == ((ttl & EDNS_FLAG_DO) != 0));
    }
    free(rdata);
}

// `question`: 0 leaves it out, as a client does that only wants a cookie (RFC 7873 5.4).
static void ask(const uint8_t *octets, size_t size, unsigned question)
{
    static uint8_t query[SLOT_OCTETS];
    static const uint8_t head[HEADER_SIZE] = {0x12, 0x34, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    static const uint8_t asked[] = {1, 'x', 0, 0, TYPE_NS, 0, CLASS_IN};
    size_t at = HEADER_SIZE;
    memcpy(query, head, sizeof head);
    query[5] = (uint8_t)question;
    if (question) {
        memcpy(query + at, asked, sizeof asked);
        at += sizeof asked;
    }
    query[at++] = 0;
    bytes_put16(query + at, TYPE_OPT);
    memcpy(query + at + 2, octets, HEAD);
    bytes_put16(query + at + 8, (uint16_t)(size - HEAD));
    memcpy(query + at + 10, octets + HEAD, size - HEAD);
    at += 10 + size - HEAD;
    inside_ask(inside_server(size & 1), query, at);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
    if (size < HEAD || size - HEAD > RDATA_MOST)
        return 0;
    read_options(octets, size);
    ask(octets, size, 1);
    ask(octets, size, 0);
    return 0;
}
