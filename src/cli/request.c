// Building a query (request.h). RFC 1035 4.1, 6891 6.1.2, 5001 2, 7873 4.
#include "cli/request.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "dns/type.h"

static uint8_t *put_option(uint8_t *to, unsigned code, const uint8_t *octets, size_t size)
{
    bytes_put16(to, (uint16_t)code);
    bytes_put16(to + 2, (uint16_t)size);
    memcpy(to + 4, octets, size);
    return to + 4 + size;
}

static uint8_t *put_edns(uint8_t *to, const struct request *request)
{
    *to++ = 0; // the root
    bytes_put16(to, TYPE_OPT);
    bytes_put16(to + 2, request->payload);
    bytes_put32(to + 4, (uint32_t)request->version << 16 | (request->dnssec_ok ? EDNS_FLAG_DO : 0));
    uint8_t *rdata = to + 10, *end = rdata;
    if (request->nsid)
        end = put_option(end, OPTION_NSID, (const uint8_t *)"", 0);
    if (request->cookie_size)
        end = put_option(end, OPTION_COOKIE, request->cookie, request->cookie_size);
    bytes_put16(to + 8, (uint16_t)(end - rdata));
    return end;
}

size_t request_build(const struct request *request, uint16_t id, uint8_t to[static REQUEST_MAX])
{
    assert(request->name.size > 0);
    assert(request->cookie_size <= sizeof request->cookie);
    memset(to, 0, HEADER_SIZE);
    bytes_put16(to, id);
    bytes_put16(to + 2, request->flags);
    bytes_put16(to + 4, 1);
    bytes_put16(to + 10, request->edns);
    uint8_t *end = to + HEADER_SIZE;
    memcpy(end, request->name.wire, request->name.size);
    end += request->name.size;
    bytes_put16(end, request->type);
    bytes_put16(end + 2, request->class);
    end += 4;
    if (request->edns)
        end = put_edns(end, request);
    assert(end <= to + REQUEST_MAX);
    return (size_t)(end - to);
}
