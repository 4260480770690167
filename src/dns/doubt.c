// The doubts of doubt.h, type by type; those about one field are asked of the file that knows it.
#include "dns/doubt.h"

#include <assert.h>

#include "base/bytes.h"
#include "dns/apl.h"
#include "dns/loc.h"
#include "dns/name.h"
#include "dns/rare.h"
#include "dns/svcb.h"

// IANA "DS RR Type Digest Algorithms": how long a digest is. Of others we know nothing.
static const char *doubt_ds(const uint8_t *rdata, size_t size)
{
    static const struct {
        size_t size;
        const char *doubt;
    } digests[] = {
        [1] = {20, "a SHA-1 digest is 20 octets"},
        [2] = {32, "a SHA-256 digest is 32 octets"},
        [3] = {32, "a GOST R 34.11-94 digest is 32 octets"},
        [4] = {48, "a SHA-384 digest is 48 octets"},
    };
    unsigned type = rdata[3];
    if (type == 0 || type >= sizeof digests / sizeof *digests)
        return NULL;
    return size - 4 == digests[type].size ? NULL : digests[type].doubt;
}

// RFC 8976 2.2.4: a digest of less than 12 octets is never right; those of types 1 and 2 are known.
static const char *doubt_zonemd(const uint8_t *rdata, size_t size)
{
    size_t digest = size - 6;
    if (rdata[5] == 1 && digest != 48)
        return "a SHA-384 zone digest is 48 octets";
    if (rdata[5] == 2 && digest != 64)
        return "a SHA-512 zone digest is 64 octets";
    return digest < 12 ? "a zone digest is 12 octets or more" : NULL;
}

static const char *doubt_svcb(const uint8_t *rdata, size_t size)
{
    size_t head = 2 + (size_t)name_trust(rdata + 2).size;
    assert(head <= size);
    const char *doubt = svcb_untellable(rdata + head, size - head);
    // RFC 9460 2.4.2: in AliasMode (priority 0) parameters are ignored, so they contradict nothing.
    if (doubt || bytes_get16(rdata) == 0)
        return doubt;
    return svcb_doubt(rdata + head, size - head);
}

static const char *doubt_nxt(const uint8_t *rdata, size_t size)
{
    size_t head = name_trust(rdata).size;
    assert(head <= size);
    return rare_doubt_nxt(rdata + head, size - head);
}

const char *doubt_find(uint16_t type, const uint8_t *rdata, size_t size)
{
    enum {
        WKS = 11,
        LOC = 29,
        NXT = 30,
        APL = 42,
        DS = 43,
        IPSECKEY = 45,
        CDS = 59,
        ZONEMD = 63,
        SVCB = 64,
        HTTPS = 65,
        AMTRELAY = 260,
        TA = 32768,
        DLV = 32769
    };
    switch (type) {
    case DS:
    case CDS:
    case TA:
    case DLV: return doubt_ds(rdata, size);
    case ZONEMD: return doubt_zonemd(rdata, size);
    case SVCB:
    case HTTPS: return doubt_svcb(rdata, size);
    case IPSECKEY: return rare_doubt_gateway(rdata[1]);
    case AMTRELAY: return rare_doubt_gateway(rdata[1] & 0x7f);
    case LOC: return loc_doubt(rdata, size);
    case APL: return apl_doubt(rdata, size);
    case WKS: return rare_doubt_wks(rdata + 4, size - 4);
    case NXT: return doubt_nxt(rdata, size);
    default: return NULL;
    }
}
