// A delegation out of the cache becomes NS records and addresses again (referral.h). How many of
// its servers are told is decided by the room in the answer; a referral with some of them is one.
#include "resolve/referral.h"

#include <string.h>

#include "base/bytes.h"
#include "dns/delegation.h"

static struct rrset *make_rrset(struct answer *answer, uint16_t type, uint32_t ttl_s, size_t size)
{
    struct rrset *rrset = answer_scratch(answer, sizeof *rrset + size);
    if (rrset)
        *rrset = (struct rrset){.ttl = ttl_s,
                                .type = type,
                                .count = 1,
                                .words = rrset_words((sizeof *rrset + size + 3) & ~(size_t)3)};
    return rrset;
}

static bool put_one(struct answer *answer, struct name owner, const struct rrset *rrset,
                    enum section section)
{
    struct answer_rrset entry = {.owner = owner,
                                 .rrset = rrset,
                                 .ttl = rrset->ttl,
                                 .section = (uint8_t)section,
                                 .part = PART_DATA,
                                 .required = section == SECTION_AUTHORITY};
    return answer_add(answer, &entry);
}

// All NS records in one RRset, of as many servers as there is room for.
static bool put_servers(struct answer *answer, const struct delegation *delegation, uint32_t ttl_s)
{
    size_t size = 0;
    for (unsigned i = 0; i < delegation->host_count; i++)
        size += 2u + delegation->hosts[i].name.size;
    struct rrset *servers = make_rrset(answer, TYPE_NS, ttl_s, size);
    if (!servers || delegation->host_count == 0)
        return false;
    servers->count = (uint16_t)delegation->host_count;
    uint8_t *to = servers->body;
    for (unsigned i = 0; i < delegation->host_count; i++) {
        struct name name = delegation->hosts[i].name;
        bytes_put16(to, name.size);
        memcpy(to + 2, name.wire, name.size);
        to += 2 + name.size;
    }
    return put_one(answer, delegation->cut, servers, SECTION_AUTHORITY);
}

static void put_address(struct answer *answer, const struct delegation *delegation,
                        const struct delegation_address *at, uint32_t ttl_s)
{
    bool v4 = at->address.any.sa_family == AF_INET;
    size_t size = v4 ? 4 : 16;
    const void *octets =
        v4 ? (const void *)&at->address.v4.sin_addr : (const void *)&at->address.v6.sin6_addr;
    struct rrset *rrset = make_rrset(answer, v4 ? TYPE_A : TYPE_AAAA, ttl_s, 2 + size);
    if (!rrset)
        return;
    bytes_put16(rrset->body, (uint16_t)size);
    memcpy(rrset->body + 2, octets, size);
    (void)put_one(answer, delegation->hosts[at->host].name, rrset, SECTION_ADDITIONAL);
}

bool known_referral(const struct cache *cache, const struct rules *rules,
                    const struct known_question *question, uint32_t now_s, struct answer *answer)
{
    const struct delegation *configured = rules_find(rules, question->name);
    struct cache_key key = {.name = question->key,
                            .depth = question->key->labels,
                            .source = configured ? configured->source : rules_world(rules)};
    struct cache_found found;
    struct delegation delegation;
    while (!cache_get_delegation(cache, &key, now_s, &found)) {
        if (key.depth == 0)
            return false;
        key.depth--;
    }
    if (!delegation_unpack(found.payload, found.payload_size, &delegation))
        return false;
    answer_begin(answer);
    answer->reason = REASON_REFERRAL;
    if (!put_servers(answer, &delegation, found.ttl_s))
        return false;
    for (unsigned i = 0; i < delegation.address_count; i++)
        if (delegation.addresses[i].host != DELEGATION_NO_HOST)
            put_address(answer, &delegation, &delegation.addresses[i], found.ttl_s);
    return true;
}
