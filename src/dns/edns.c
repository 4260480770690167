// Reading OPT (edns.h).
#include "dns/edns.h"

#include <string.h>

#include "base/bytes.h"
#include "base/limits.h"

// RFC 7871 6: the address is as long as the prefix needs, and zero behind it; in a query the scope
// is 0 (7.1.2). All else is FORMERR. Of several only the first counts.
static enum edns_result read_subnet(const uint8_t *option, size_t size, struct edns *edns)
{
    static const uint8_t bits_max[] = {[SUBNET_NONE] = 0, [SUBNET_IPV4] = 32, [SUBNET_IPV6] = 128};
    struct subnet *subnet = &edns->subnet;
    if (edns->has_subnet)
        return EDNS_OK;
    if (size < SUBNET_FIXED)
        return EDNS_FORMERR;
    unsigned family = bytes_get16(option), bits = option[2], scope = option[3];
    if (family > SUBNET_IPV6 || bits > bits_max[family] || scope != 0 ||
        size != SUBNET_FIXED + (bits + 7) / 8)
        return EDNS_FORMERR;
    if (bits % 8 && option[size - 1] & 0xff >> bits % 8)
        return EDNS_FORMERR;
    subnet->family = (uint8_t)family;
    subnet->bits = (uint8_t)bits;
    memset(subnet->octets, 0, sizeof subnet->octets);
    memcpy(subnet->octets, option + SUBNET_FIXED, size - SUBNET_FIXED);
    edns->has_subnet = true;
    return EDNS_OK;
}

static enum edns_result read_option(unsigned code, const uint8_t *option, size_t size,
                                    struct edns *edns)
{
    switch (code) {
    case OPTION_NSID: edns->nsid = true; break;
    // A client's are empty; what else stands in one is ignored.
    case OPTION_EXPIRE: edns->expire = true; break;
    case OPTION_ZONEVERSION: edns->zone_version = true; break;
    case OPTION_SUBNET: return read_subnet(option, size, edns);
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
