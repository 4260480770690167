// Writing an ask and knowing its reply (asking.h).
#include "resolve/asking.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "dns/edns.h"
#include "dns/message.h"
#include "dns/type.h"

// Turns letters into capitals, each by the throw of a coin.
static void mix_case(uint8_t *octets, size_t size, struct luck *luck)
{
    uint32_t coins = 0;
    unsigned left = 0;
    for (size_t i = 0; i < size; i++) {
        if ((uint8_t)((octets[i] | 0x20) - 'a') >= 26)
            continue;
        if (left == 0) {
            coins = luck_get32(luck);
            left = 32;
        }
        octets[i] = (uint8_t)((octets[i] & ~0x20) | (coins & 1) << 5);
        coins >>= 1;
        left--;
    }
}

static uint8_t *put_opt(const struct asking *asking, uint8_t *to)
{
    unsigned server_size = asking->server->cookie_size;
    unsigned cookie = asking->client_cookie ? COOKIE_CLIENT_SIZE + server_size : 0;
    *to++ = 0;
    bytes_put16(to, TYPE_OPT);
    bytes_put16(to + 2, UDP_PAYLOAD_MAX); // RFC 9715 3.2
    bytes_put32(to + 4, asking->dnssec_ok ? EDNS_FLAG_DO : 0);
    bytes_put16(to + 8, (uint16_t)(cookie ? 4 + cookie : 0));
    to += 10;
    if (cookie == 0)
        return to;
    bytes_put16(to, OPTION_COOKIE);
    bytes_put16(to + 2, (uint16_t)cookie);
    memcpy(to + 4, asking->client_cookie, COOKIE_CLIENT_SIZE);
    memcpy(to + 4 + COOKIE_CLIENT_SIZE, asking->server->cookie, server_size);
    return to + 4 + cookie;
}

size_t asking_write(const struct asking *asking, struct luck *luck,
                    uint8_t octets[static ASKING_OCTETS_MAX])
{
    uint16_t flags = 0;
    if (asking->recursive)
        flags = (uint16_t)(FLAG_RD | (asking->checking_disabled ? FLAG_CD : 0));
    bytes_put16(octets, (uint16_t)luck_get32(luck));
    bytes_put16(octets + 2, flags);
    memset(octets + 4, 0, HEADER_SIZE - 4);
    octets[5] = 1;
    octets[11] = asking->edns;
    uint8_t *to = octets + HEADER_SIZE;
    memcpy(to, asking->name.wire, asking->name.size);
    // Lengths of labels are below 'A', so the whole name can be mixed at once.
    if (asking->mix_case)
        mix_case(to, asking->name.size, luck);
    to += asking->name.size;
    bytes_put16(to, asking->type);
    bytes_put16(to + 2, CLASS_IN);
    to += 4;
    if (asking->edns)
        to = put_opt(asking, to);
    assert(to <= octets + ASKING_OCTETS_MAX);
    return (size_t)(to - octets);
}

// The octets of a question that stands at the start of our own message.
static size_t question_size(const uint8_t *sent, size_t sent_size)
{
    size_t at = HEADER_SIZE;
    bool good = message_skip_name(sent, sent_size, &at);
    assert(good);
    (void)good;
    return at + 4 - HEADER_SIZE;
}

static bool folds_to_same(const uint8_t *a, const uint8_t *b, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (byte_fold(a[i]) != byte_fold(b[i]))
            return false;
    return true;
}

// An error in answer to what was not even read may come without the question (RFC 8906 3.2.2).
static bool may_lack_question(unsigned rcode)
{
    return rcode == RCODE_FORMERR || rcode == RCODE_NOTIMP || rcode == RCODE_SERVFAIL ||
           rcode == RCODE_REFUSED;
}

enum asking_match asking_compare(const uint8_t *sent, size_t sent_size, const uint8_t *reply,
                                 size_t size)
{
    assert(sent_size >= HEADER_SIZE);
    if (size < HEADER_SIZE || size > MESSAGE_MAX)
        return MATCH_NO_SENSE;
    uint16_t flags = bytes_get16(reply + 2);
    if (!(flags & FLAG_QR) || message_opcode(flags) != OPCODE_QUERY)
        return MATCH_NO_SENSE;
    if (memcmp(reply, sent, 2) != 0)
        return MATCH_NOT;
    unsigned questions = bytes_get16(reply + 4);
    if (questions == 0)
        return may_lack_question(flags & 15) ? MATCH_YES : MATCH_NO_SENSE;
    size_t wanted = question_size(sent, sent_size);
    if (questions > 1 || size - HEADER_SIZE < wanted)
        return MATCH_NO_SENSE;
    if (memcmp(reply + HEADER_SIZE, sent + HEADER_SIZE, wanted) == 0)
        return MATCH_YES;
    // The type and class have no case.
    if (memcmp(reply + HEADER_SIZE + wanted - 4, sent + HEADER_SIZE + wanted - 4, 4) == 0 &&
        folds_to_same(reply + HEADER_SIZE, sent + HEADER_SIZE, wanted - 4))
        return MATCH_CASE;
    return MATCH_NOT;
}
