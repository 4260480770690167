// Special names (special.h): one table, looked up from the deepest name to the shallowest.
//
// Most are zones with nothing in them, as RFC 6303 3 lays them out: an SOA whose MNAME is the zone
// itself and whose RNAME is nobody.invalid., so that the answer is negative and can be kept. A few
// have something to say: localhost its addresses (RFC 6761 6.3), 1.0.0.127.in-addr.arpa its name,
// ipv4only.arpa its two (RFC 8880 7.1).
//
// A DS record of such a zone is its parent's affair (RFC 4035 3.1.4.1) and is not answered here:
// that the public tree says there is none is what makes answering here safe for those who validate.
#include "resolve/special.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"

#define SPECIAL_TTL_S 10800 // RFC 6303 3

enum contents {
    EMPTY,     // the zone exists, and nothing in it or below
    ABSENT,    // not even the name: NXDOMAIN for it and all below
    LOOPBACK,  // 127.0.0.1 and ::1, for every name below as well
    LOOPBACK4, // PTR localhost. for 1.0.0.127.in-addr.arpa
    LOOPBACK6, // PTR localhost. for the name itself
    IPV4ONLY,  // 192.0.0.170 and 192.0.0.171
};

static const struct special {
    const char *text;
    enum contents contents;
    const char *source;
} specials[] = {
    {"localhost.", LOOPBACK, "RFC 6761 6.3"},
    {"invalid.", ABSENT, "RFC 6761 6.4"},
    {"test.", ABSENT, "RFC 6761 6.2"},
    {"local.", ABSENT, "RFC 6762 22.1"},
    {"onion.", ABSENT, "RFC 7686 2"},
    {"alt.", ABSENT, "RFC 9476 2"},
    {"home.arpa.", EMPTY, "RFC 8375 4"},
    {"resolver.arpa.", EMPTY, "RFC 9462 6.4"},
    {"service.arpa.", EMPTY, "RFC 9665 10"},
    {"ipv4only.arpa.", IPV4ONLY, "RFC 8880 7"},
    {"170.0.0.192.in-addr.arpa.", EMPTY, "RFC 8880 7"},
    {"171.0.0.192.in-addr.arpa.", EMPTY, "RFC 8880 7"},
    {"0.in-addr.arpa.", EMPTY, "RFC 6303 4.1"},
    {"10.in-addr.arpa.", EMPTY, "RFC 6303 4.1"},
    {"127.in-addr.arpa.", LOOPBACK4, "RFC 6303 4.1"},
    {"254.169.in-addr.arpa.", EMPTY, "RFC 6303 4.1"},
    {"2.0.192.in-addr.arpa.", EMPTY, "RFC 6303 4.2"},
    {"100.51.198.in-addr.arpa.", EMPTY, "RFC 6303 4.2"},
    {"113.0.203.in-addr.arpa.", EMPTY, "RFC 6303 4.2"},
    {"255.255.255.255.in-addr.arpa.", EMPTY, "RFC 6303 4.2"},
    {"168.192.in-addr.arpa.", EMPTY, "RFC 6303 4.1"},
    {"0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa.", EMPTY,
     "RFC 6303 4.3"},
    {"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa.", LOOPBACK6,
     "RFC 6303 4.3"},
    {"d.f.ip6.arpa.", EMPTY, "RFC 6303 4.4"},
    {"8.e.f.ip6.arpa.", EMPTY, "RFC 6303 4.5"},
    {"9.e.f.ip6.arpa.", EMPTY, "RFC 6303 4.5"},
    {"a.e.f.ip6.arpa.", EMPTY, "RFC 6303 4.5"},
    {"b.e.f.ip6.arpa.", EMPTY, "RFC 6303 4.5"},
    {"8.b.d.0.1.0.0.2.ip6.arpa.", EMPTY, "RFC 6303 4.6"},
};
#define SPECIAL_COUNT (sizeof specials / sizeof specials[0])

const char *special_zone_text(unsigned index, const char **source)
{
    if (index >= SPECIAL_COUNT)
        return NULL;
    *source = specials[index].source;
    return specials[index].text;
}

// --- which one

// Does the text of a special zone spell these labels? They are folded, and none has a dot in it.
static bool spells(const char *text, struct name zone)
{
    const uint8_t *label = zone.wire;
    for (; *label; label += 1 + *label) {
        if (strncmp(text, (const char *)label + 1, *label) != 0 || text[*label] != '.')
            return false;
        text += *label + 1;
    }
    return *text == 0;
}

// 172.16/12 (RFC 6303 4.1) and 100.64/10 (RFC 7793) are many zones each: of the second octet, as
// the label of `zone` spells it.
static bool is_octet_between(struct name zone, unsigned least, unsigned most)
{
    unsigned value = 0;
    for (unsigned i = 1; i <= zone.wire[0]; i++) {
        if (zone.wire[i] < '0' || zone.wire[i] > '9' || zone.wire[0] > 3)
            return false;
        value = value * 10 + zone.wire[i] - '0';
    }
    return zone.wire[1] != '0' && value >= least && value <= most;
}

static const struct special *find_range(struct name zone)
{
    static const struct special private = {"16.172.in-addr.arpa.", EMPTY, "RFC 6303 4.1"};
    static const struct special shared = {"64.100.in-addr.arpa.", EMPTY, "RFC 7793 4"};
    if (zone.labels != 4)
        return NULL;
    struct name above = name_suffix(zone, 3);
    if (spells("172.in-addr.arpa.", above) && is_octet_between(zone, 16, 31))
        return &private;
    if (spells("100.in-addr.arpa.", above) && is_octet_between(zone, 64, 127))
        return &shared;
    return NULL;
}

// A quick no for nearly every name: special zones end in one of few labels, here as on the wire.
static bool may_be_special(struct name top)
{
    static const char *const tops[] = {"\4arpa",  "\11localhost", "\7invalid", "\4test",
                                       "\5local", "\5onion",      "\3alt"};
    for (size_t i = 0; i < sizeof tops / sizeof tops[0]; i++)
        if (top.wire[0] == (uint8_t)tops[i][0] && top.wire[1] == (uint8_t)tops[i][1] &&
            memcmp(top.wire, tops[i], top.size) == 0)
            return true;
    return false;
}

static const struct special *find_special(const struct name_key *key, struct name *zone)
{
    if (key->labels == 0 || !may_be_special(name_key_suffix(key, 1)))
        return NULL;
    for (unsigned depth = key->labels; depth > 0; depth--) {
        *zone = name_key_suffix(key, depth);
        const struct special *range = find_range(*zone);
        if (range)
            return range;
        for (size_t i = 0; i < SPECIAL_COUNT; i++)
            if (spells(specials[i].text, *zone))
                return &specials[i];
    }
    return NULL;
}

// Somebody wants this zone asked for at servers of their own.
static bool is_configured(const struct rules *rules, struct name zone, struct name name)
{
    const struct delegation *delegation = rules_find(rules, name);
    return delegation && delegation->cut.labels >= zone.labels &&
           name_is_within(delegation->cut, zone);
}

// --- what it says

// Room in the answer's scratch for an RRset with `size` octets behind its head.
static struct rrset *make_rrset(struct answer *answer, uint16_t type, uint16_t count, size_t size)
{
    struct rrset *rrset = answer_scratch(answer, sizeof *rrset + size);
    assert(rrset); // it is the first of the answer
    size_t whole = (sizeof *rrset + size + 3) & ~(size_t)3;
    *rrset = (struct rrset){
        .ttl = SPECIAL_TTL_S, .type = type, .count = count, .words = rrset_words(whole)};
    return rrset;
}

static void put_rrset(struct answer *answer, struct name owner, const struct rrset *rrset,
                      enum section section)
{
    bool added = answer_add(answer, &(struct answer_rrset){.owner = owner,
                                                           .rrset = rrset,
                                                           .ttl = rrset->ttl,
                                                           .section = (uint8_t)section,
                                                           .part = PART_DATA,
                                                           .required = true});
    assert(added);
}

// A name from the key outlives the answer only as long as the query does, which is long enough.
static void put_soa(struct answer *answer, struct name zone)
{
    static const uint8_t nobody[] = "\6nobody\7invalid";
    uint8_t rdata[2 * NAME_OCTETS_MAX + 20], *to = rdata;
    memcpy(to, zone.wire, zone.size);
    to += zone.size;
    memcpy(to, nobody, sizeof nobody); // with its zero
    to += sizeof nobody;
    static const uint32_t numbers[] = {1, 3600, 1200, 604800, SPECIAL_TTL_S};
    for (unsigned i = 0; i < 5; i++, to += 4)
        bytes_put32(to, numbers[i]);
    size_t size = (size_t)(to - rdata);
    struct rrset *soa = make_rrset(answer, TYPE_SOA, 1, 2 + size);
    bytes_put16(soa->body, (uint16_t)size);
    memcpy(soa->body + 2, rdata, size);
    put_rrset(answer, zone, soa, SECTION_AUTHORITY);
}

static void put_addresses(struct answer *answer, struct name owner, uint16_t type,
                          const uint8_t *octets, unsigned count)
{
    size_t size = type == TYPE_A ? 4 : 16;
    struct rrset *rrset = make_rrset(answer, type, (uint16_t)count, count * (2 + size));
    uint8_t *to = rrset->body;
    for (unsigned i = 0; i < count; i++, to += 2 + size, octets += size) {
        bytes_put16(to, (uint16_t)size);
        memcpy(to + 2, octets, size);
    }
    put_rrset(answer, owner, rrset, SECTION_ANSWER);
}

static void put_localhost(struct answer *answer, struct name owner)
{
    static const uint8_t localhost[] = "\11localhost";
    struct rrset *rrset = make_rrset(answer, TYPE_PTR, 1, 2 + sizeof localhost);
    bytes_put16(rrset->body, sizeof localhost);
    memcpy(rrset->body + 2, localhost, sizeof localhost);
    put_rrset(answer, owner, rrset, SECTION_ANSWER);
}

// The positive answers. True: given.
static bool put_contents(const struct special *special, const struct known_question *question,
                         struct name zone, struct answer *answer)
{
    static const uint8_t loopback4[] = {127, 0, 0, 1};
    static const uint8_t loopback6[16] = {[15] = 1};
    static const uint8_t ipv4only[] = {192, 0, 0, 170, 192, 0, 0, 171};
    bool apex = question->key->labels == zone.labels;
    switch (special->contents) {
    case EMPTY:
    case ABSENT: return false;
    case LOOPBACK:
        if (question->type == TYPE_A)
            put_addresses(answer, question->name, TYPE_A, loopback4, 1);
        else if (question->type == TYPE_AAAA)
            put_addresses(answer, question->name, TYPE_AAAA, loopback6, 1);
        return question->type == TYPE_A || question->type == TYPE_AAAA;
    case LOOPBACK4:
        if (question->type != TYPE_PTR ||
            !spells("1.0.0.127.in-addr.arpa.",
                    name_key_suffix(question->key, question->key->labels)))
            return false;
        put_localhost(answer, question->name);
        return true;
    case LOOPBACK6:
        if (question->type != TYPE_PTR || !apex)
            return false;
        put_localhost(answer, question->name);
        return true;
    case IPV4ONLY:
        if (question->type != TYPE_A || !apex)
            return false;
        put_addresses(answer, question->name, TYPE_A, ipv4only, 2);
        return true;
    }
    return false;
}

static bool exists(const struct special *special, const struct known_question *question,
                   struct name zone)
{
    if (special->contents == LOOPBACK)
        return true;
    if (special->contents == LOOPBACK4) { // 0.127, 0.0.127 and 1.0.0.127 are on the way or there
        struct name name = name_key_suffix(question->key, question->key->labels);
        if (spells("0.127.in-addr.arpa.", name) || spells("0.0.127.in-addr.arpa.", name) ||
            spells("1.0.0.127.in-addr.arpa.", name))
            return true;
    }
    return special->contents != ABSENT && question->key->labels == zone.labels;
}

bool special_answer(const struct rules *rules, const struct known_question *question,
                    struct answer *answer)
{
    struct name zone;
    const struct special *special = find_special(question->key, &zone);
    if (!special || is_configured(rules, zone, question->name))
        return false;
    if (question->type == TYPE_DS && question->key->labels == zone.labels)
        return false;
    answer->authoritative = true;
    answer->reason = REASON_LOCAL;
    if (put_contents(special, question, zone, answer))
        return true;
    if (question->type == TYPE_SOA && question->key->labels == zone.labels &&
        special->contents != ABSENT) {
        put_soa(answer, zone);
        answer->rrsets[0].section = SECTION_ANSWER;
        return true;
    }
    put_soa(answer, zone);
    if (!exists(special, question, zone))
        answer->rcode = RCODE_NXDOMAIN;
    return true;
}
