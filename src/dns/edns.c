// Reading OPT (edns.h).
#include "dns/edns.h"

#include <string.h>

#include "base/bytes.h"
#include "base/limits.h"

static enum edns_result read_option(unsigned code, const uint8_t *option, size_t size,
                                    struct edns *edns)
{
    switch (code) {
    case OPTION_NSID: edns->nsid = true; break;
    case OPTION_COOKIE:
        // RFC 7873 5.2: only the first one is considered, whatever the others are.
        if (edns->cookie_size != 0)
            break;
        // RFC 7873 5.2.2: 8, or 16 to 40 octets; all else is FORMERR.
        if (size != COOKIE_CLIENT_SIZE && (size < 16 || size > sizeof edns->cookie))
            return EDNS_FORMERR;
        memcpy(edns->cookie, option, size);
        edns->cookie_size = (uint8_t)size;
        break;
    case OPTION_KEEPALIVE:
        // RFC 7828 3.2.1: a client's option has no time-out in it. One that has asks for nothing;
        // it is no FORMERR, as over UDP the option is to be ignored (3.3.1).
        edns->keepalive = size == 0;
        break;
    default: break; // RFC 6891 6.1.2: unknown options are ignored
    }
    return EDNS_OK;
}

enum edns_result edns_read(uint16_t class, uint32_t ttl, const uint8_t *rdata, size_t size,
                           struct edns *edns)
{
    edns->present = true;
    edns->payload = class < UDP_PAYLOAD_PLAIN ? UDP_PAYLOAD_PLAIN : class;
    edns->version = (uint8_t)(ttl >> 16);
    edns->dnssec_ok = ttl & EDNS_FLAG_DO;
    if (edns->version != 0)
        return EDNS_OK;
    const uint8_t *end = rdata + size;
    for (unsigned count = 0; rdata != end; count++) {
        if (end - rdata < 4)
            return EDNS_FORMERR;
        unsigned code = bytes_get16(rdata), length = bytes_get16(rdata + 2);
        rdata += 4;
        if (end - rdata < (ptrdiff_t)length)
            return EDNS_FORMERR;
        if (count < EDNS_OPTIONS_MAX && read_option(code, rdata, length, edns) != EDNS_OK)
            return EDNS_FORMERR;
        rdata += length;
    }
    return EDNS_OK;
}
