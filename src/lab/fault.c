// Faults: the table, the dice, and what is done to a reply (fault.h).
#include "lab/fault.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "base/limits.h"
#include "dns/message.h"
#include "dns/name.h"
#include "dns/type.h"

static_assert(FAULTS <= 32, "a strike is one bit");

// 203.0.113.66 (RFC 5737) and elsewhere.invalid. (RFC 2606): where a liar leads to.
static const uint8_t forged_address[4] = {203, 0, 113, 66};
static const uint8_t aside[] = "\11elsewhere\7invalid";
static const uint8_t aside_host[] = "\2ns\11elsewhere\7invalid";
#define FORGED_TTL_S 86400

const struct fault_row *fault_table(void)
{
    static const struct fault_row rows[FAULT_ROWS] = {
        [FAULT_SILENT] = {"silent", "no reply, over UDP or TCP"},
        [FAULT_LOSS] = {"loss", "queries over UDP are lost"},
        [FAULT_EDNS_DROP] = {"edns_drop", "no reply to queries with EDNS"},
        [FAULT_NO_TCP] = {"no_tcp", "connections are closed at once"},
        [FAULT_EDNS_IGNORE] = {"edns_ignore", "EDNS is passed over, as if nobody knew it"},
        [FAULT_EDNS_FORMERR] = {"edns_formerr", "FORMERR to queries with EDNS"},
        [FAULT_SERVFAIL] = {"servfail", "SERVFAIL"},
        [FAULT_REFUSED] = {"refused", "REFUSED"},
        [FAULT_FORMERR] = {"formerr", "FORMERR"},
        [FAULT_NOTIMP] = {"notimp", "NOTIMP"},
        [FAULT_LAME] = {"lame", "NOERROR without AA and without any record"},
        [FAULT_TRUNCATE] = {"truncate", "TC over UDP, without any record"},
        [FAULT_REFERRAL_UP] = {"referral_up", "a referral to the root"},
        [FAULT_REFERRAL_SELF] = {"referral_self", "a referral to the zone that was asked"},
        [FAULT_REFERRAL_ASIDE] = {"referral_aside", "a referral to elsewhere.invalid, with glue"},
        [FAULT_WRONG_ID] = {"wrong_id", "the reply has another ID"},
        [FAULT_WRONG_QUESTION] = {"wrong_question", "the reply repeats another question"},
        [FAULT_WRONG_SOURCE] = {"wrong_source", "over UDP the reply comes from another address"},
        [FAULT_FOLD_CASE] = {"fold_case", "the question comes back in small letters"},
        [FAULT_POISON] = {"poison", "a false address of a root server in the additional section"},
        [FAULT_SPOOF] = {"spoof", "over UDP a forged reply with another ID comes before the true"},
        [FAULT_ROW_DELAY] = {"delay", "replies wait so long, up to 60s"},
        [FAULT_ROW_JITTER] = {"jitter", "and up to so much longer, each another time"},
    };
    return rows;
}

// --- what was described --------------------------------------------------------------------------

bool fault_parse_chance(const char *text, uint64_t *chance)
{
    *chance = strcmp(text, "true") == 0 ? CHANCE_ALWAYS : 0;
    if (*chance || strcmp(text, "false") == 0)
        return true;
    uint64_t millionths = 0; // of a percent
    unsigned digits = 0, places = 0;
    for (; *text >= '0' && *text <= '9' && digits < 4; text++, digits++)
        millionths = millionths * 10 + (uint64_t)(*text - '0');
    if (*text == '.' && digits > 0)
        for (text++; *text >= '0' && *text <= '9' && places < 6; text++, places++)
            millionths = millionths * 10 + (uint64_t)(*text - '0');
    for (unsigned i = places; i < 6; i++)
        millionths *= 10;
    if (digits == 0 || strcmp(text, "%") != 0 || millionths > 100000000)
        return false;
    *chance = (uint64_t)((__uint128_t)millionths * CHANCE_ALWAYS / 100000000);
    return true;
}

void faults_merge(struct faults *to, const struct faults *from, uint64_t given)
{
    for (unsigned i = 0; i < FAULTS; i++)
        if (given >> i & 1)
            to->chances[i] = from->chances[i];
    if (given >> FAULT_ROW_DELAY & 1)
        to->delay_ms = from->delay_ms;
    if (given >> FAULT_ROW_JITTER & 1)
        to->jitter_ms = from->jitter_ms;
}

bool faults_any(const struct faults *faults)
{
    uint64_t any = faults->delay_ms | faults->jitter_ms;
    for (unsigned i = 0; i < FAULTS; i++)
        any |= faults->chances[i];
    return any != 0;
}

// --- which strike --------------------------------------------------------------------------------

void fault_read(const uint8_t *octets, size_t size, bool stream, struct fault_query *query)
{
    *query = (struct fault_query){.stream = stream};
    struct name name; // not compressed: nothing is before it
    if (size < HEADER_SIZE || bytes_get16(octets + 4) != 1 ||
        !name_view(octets + HEADER_SIZE, size - HEADER_SIZE, &name) ||
        size - HEADER_SIZE - name.size < 4)
        return;
    size_t at = HEADER_SIZE + name.size + 4u;
    query->question_end = (uint16_t)at;
    // Resolvers put OPT first; one that stands elsewhere is only not seen by the faults.
    query->edns = bytes_get16(octets + 10) > 0 && size - at >= 3 && octets[at] == 0 &&
                  bytes_get16(octets + at + 1) == TYPE_OPT;
}

#define REPLACING                                                                                  \
    (1u << FAULT_EDNS_FORMERR | 1u << FAULT_SERVFAIL | 1u << FAULT_REFUSED | 1u << FAULT_FORMERR | \
     1u << FAULT_NOTIMP | 1u << FAULT_LAME | 1u << FAULT_TRUNCATE | 1u << FAULT_REFERRAL_UP |      \
     1u << FAULT_REFERRAL_SELF | 1u << FAULT_REFERRAL_ASIDE)
#define ONLY_UDP                                                                                   \
    (1u << FAULT_LOSS | 1u << FAULT_TRUNCATE | 1u << FAULT_WRONG_SOURCE | 1u << FAULT_SPOOF)
#define ONLY_EDNS (1u << FAULT_EDNS_DROP | 1u << FAULT_EDNS_IGNORE | 1u << FAULT_EDNS_FORMERR)

void fault_draw(const struct faults *faults, struct dice *dice, const struct fault_query *query,
                struct fate *fate)
{
    uint32_t barred = 1u << FAULT_NO_TCP; // drawn when the connection came
    if (query->stream)
        barred |= ONLY_UDP;
    if (!query->edns)
        barred |= ONLY_EDNS;
    *fate = (struct fate){.query = *query, .delay_ms = faults->delay_ms};
    for (unsigned i = 0; i < FAULTS; i++) {
        // Every chance rolls, also one that cannot strike here: what comes after does not shift.
        if (!faults->chances[i] || dice_roll(dice) >= faults->chances[i] || barred >> i & 1)
            continue;
        fate->strikes |= 1u << i;
        if (fate_is_silence(fate))
            barred = UINT32_MAX;
        else if (REPLACING >> i & 1)
            barred |= REPLACING;
    }
    if (faults->jitter_ms)
        fate->delay_ms +=
            (uint32_t)((uint64_t)dice_roll(dice) * ((uint64_t)faults->jitter_ms + 1) >> 32);
    fate->luck = dice_roll(dice);
}

bool fault_refuses_stream(const struct faults *faults, struct dice *dice)
{
    uint64_t chance = faults->chances[FAULT_NO_TCP];
    return chance && dice_roll(dice) < chance;
}

// --- what they do --------------------------------------------------------------------------------

void fault_blind(const struct fate *fate, struct fault_message *query)
{
    if (!fate_has(fate, FAULT_EDNS_IGNORE))
        return;
    query->size = fate->query.question_end;
    memset(query->octets + 6, 0, 6);
}

static void set_flags(struct fault_message *reply, unsigned clear, unsigned set)
{
    unsigned flags = bytes_get16(reply->octets + 2);
    bytes_put16(reply->octets + 2, (uint16_t)((flags & ~clear) | set));
}

// Leaves header and question of the reply.
static void strip(const struct fate *fate, struct fault_message *reply)
{
    reply->size = fate->query.question_end ? fate->query.question_end : HEADER_SIZE;
    bytes_put16(reply->octets + 4, fate->query.question_end != 0);
    memset(reply->octets + 6, 0, 6);
    set_flags(reply, FLAG_AA | FLAG_TC | 15, 0);
}

// One record behind the others, counted in `section`. What does not fit is left out.
static void put_record(struct fault_message *reply, enum section section, const uint8_t *owner,
                       const void *rdata, uint16_t type)
{
    size_t owner_size = strlen((const char *)owner) + 1;
    size_t rdata_size = type == TYPE_A ? 4 : strlen(rdata) + 1;
    if (reply->room - reply->size < owner_size + 10 + rdata_size)
        return;
    uint8_t *at = reply->octets + reply->size;
    memcpy(at, owner, owner_size);
    at += owner_size;
    bytes_put16(at, type);
    bytes_put16(at + 2, CLASS_IN);
    bytes_put32(at + 4, FORGED_TTL_S);
    bytes_put16(at + 8, (uint16_t)rdata_size);
    memcpy(at + 10, rdata, rdata_size);
    reply->size += (uint32_t)(owner_size + 10 + rdata_size);
    uint8_t *count = reply->octets + 4 + 2 * section;
    bytes_put16(count, (uint16_t)(bytes_get16(count) + 1));
}

static void refer(const struct fate *fate, const struct fault_sense *sense,
                  struct fault_message *reply)
{
    strip(fate, reply);
    if (fate_has(fate, FAULT_REFERRAL_UP)) {
        put_record(reply, SECTION_AUTHORITY, (const uint8_t *)"", sense->root_host, TYPE_NS);
    } else if (fate_has(fate, FAULT_REFERRAL_ASIDE)) {
        put_record(reply, SECTION_AUTHORITY, aside, aside_host, TYPE_NS);
        put_record(reply, SECTION_ADDITIONAL, aside_host, forged_address, TYPE_A);
    } else if (sense->zone) {
        put_record(reply, SECTION_AUTHORITY, sense->zone, sense->zone_host, TYPE_NS);
    }
}

// What a query with EDNS is owed (RFC 6891 7), also with nothing else in it.
static void put_opt(const struct fate *fate, struct fault_message *reply)
{
    static const uint8_t opt[] = {
        0, 0, TYPE_OPT, UDP_PAYLOAD_MAX >> 8, UDP_PAYLOAD_MAX & 255, 0, 0, 0, 0, 0, 0};
    if (!fate->query.edns || fate_has(fate, FAULT_EDNS_IGNORE) ||
        fate_has(fate, FAULT_EDNS_FORMERR) || reply->room - reply->size < sizeof opt)
        return;
    memcpy(reply->octets + reply->size, opt, sizeof opt);
    reply->size += sizeof opt;
    bytes_put16(reply->octets + 10, (uint16_t)(bytes_get16(reply->octets + 10) + 1));
}

static void replace(const struct fate *fate, const struct fault_sense *sense,
                    struct fault_message *reply)
{
    static const struct {
        uint8_t fault, rcode;
        uint16_t flags;
    } words[] = {
        {FAULT_EDNS_FORMERR, RCODE_FORMERR, 0},   {FAULT_SERVFAIL, RCODE_SERVFAIL, 0},
        {FAULT_REFUSED, RCODE_REFUSED, 0},        {FAULT_FORMERR, RCODE_FORMERR, 0},
        {FAULT_NOTIMP, RCODE_NOTIMP, 0},          {FAULT_LAME, RCODE_NOERROR, 0},
        {FAULT_TRUNCATE, RCODE_NOERROR, FLAG_TC},
    };
    if (!(fate->strikes & REPLACING))
        return;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (fate_has(fate, words[i].fault)) {
            strip(fate, reply);
            set_flags(reply, 0, words[i].flags | words[i].rcode);
            put_opt(fate, reply);
            return;
        }
    }
    refer(fate, sense, reply);
    put_opt(fate, reply);
}

// Folds the letters of the question's name. Lengths of labels are no letters: at most 63.
static void fold_question(const struct fate *fate, struct fault_message *reply)
{
    for (unsigned i = HEADER_SIZE; i + 4u < fate->query.question_end; i++)
        reply->octets[i] = byte_fold(reply->octets[i]);
}

// Another name of the same length, or of the root another type.
static void change_question(const struct fate *fate, struct fault_message *reply)
{
    if (!fate->query.question_end)
        return;
    if (reply->octets[HEADER_SIZE] == 0)
        reply->octets[fate->query.question_end - 3] ^= 1;
    else
        reply->octets[HEADER_SIZE + 1] ^= 1;
}

static uint16_t other_id(const struct fate *fate, const uint8_t *octets)
{
    return (uint16_t)(bytes_get16(octets) + 1 + fate->luck % 65535);
}

// The server may have found the question worse than fault_read did, and left it out of its reply.
static struct fate look_again(const struct fate *fate, const struct fault_message *reply)
{
    struct fate own = *fate;
    assert(reply->size >= HEADER_SIZE);
    if (reply->size < own.query.question_end || bytes_get16(reply->octets + 4) != 1)
        own.query.question_end = 0;
    return own;
}

void fault_change(const struct fate *drawn, const struct fault_sense *sense,
                  struct fault_message *reply)
{
    struct fate own = look_again(drawn, reply), *fate = &own;
    replace(fate, sense, reply);
    if (fate_has(fate, FAULT_POISON))
        put_record(reply, SECTION_ADDITIONAL, sense->root_host, forged_address, TYPE_A);
    if (fate_has(fate, FAULT_FOLD_CASE))
        fold_question(fate, reply);
    if (fate_has(fate, FAULT_WRONG_QUESTION))
        change_question(fate, reply);
    if (fate_has(fate, FAULT_WRONG_ID))
        bytes_put16(reply->octets, other_id(fate, reply->octets));
}

void fault_forge(const struct fate *drawn, const struct fault_message *reply,
                 struct fault_message *forged)
{
    struct fate own = look_again(drawn, reply), *fate = &own;
    forged->size = 0;
    if (fate->query.question_end == 0 || forged->room < fate->query.question_end + 16u)
        return;
    forged->size = fate->query.question_end;
    memcpy(forged->octets, reply->octets, forged->size);
    strip(fate, forged);
    set_flags(forged, 0, FLAG_AA);
    // A pointer to the question's name.
    uint8_t owner[] = {0xc0, HEADER_SIZE};
    uint8_t *at = forged->octets + forged->size;
    memcpy(at, owner, 2);
    bytes_put16(at + 2, TYPE_A);
    bytes_put16(at + 4, CLASS_IN);
    bytes_put32(at + 6, FORGED_TTL_S);
    bytes_put16(at + 10, sizeof forged_address);
    memcpy(at + 12, forged_address, sizeof forged_address);
    forged->size += 16;
    bytes_put16(forged->octets + 6, 1);
    bytes_put16(forged->octets, other_id(fate, forged->octets));
}
