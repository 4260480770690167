// Delegations (delegation.h): made, packed, and read back.
#include "dns/delegation.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "dns/type.h"

#define HEAD_OCTETS     3
#define FLAG_RECURSIVE  1
#define FLAG_CONFIGURED 2
#define FAMILY_IPV4     4
#define FAMILY_IPV6     6
#define ADDRESS_HEAD    4 // host, family, port

static_assert(DELEGATION_HOSTS_MAX < DELEGATION_NO_HOST, "an index is told from none");
static_assert(DELEGATION_ADDRESSES_MAX <= UINT8_MAX, "the count is an octet");

void delegation_begin(struct delegation *delegation, struct name cut)
{
    // The arrays are not cleared: what counts is counted.
    delegation->cut = cut;
    delegation->recursive = delegation->configured = false;
    delegation->source = 0;
    delegation->ttl_s = 0;
    delegation->host_count = delegation->address_count = 0;
}

int delegation_add_host(struct delegation *delegation, struct name name)
{
    for (unsigned i = 0; i < delegation->host_count; i++)
        if (name_equal(delegation->hosts[i].name, name))
            return (int)i;
    if (delegation->host_count == DELEGATION_HOSTS_MAX)
        return -1;
    delegation->hosts[delegation->host_count].name = name;
    return (int)delegation->host_count++;
}

bool delegation_add_address(struct delegation *delegation, const struct address *address,
                            uint8_t host)
{
    assert(host < delegation->host_count || host == DELEGATION_NO_HOST);
    // An address that two names share is one server, and asked once (limits of self-pointed glue).
    for (unsigned i = 0; i < delegation->address_count; i++)
        if (address_equal(&delegation->addresses[i].address, address))
            return false;
    if (delegation->address_count == DELEGATION_ADDRESSES_MAX)
        return false;
    delegation->addresses[delegation->address_count++] =
        (struct delegation_address){.address = *address, .host = host};
    return true;
}

void delegation_add_addresses(struct delegation *delegation, const struct rrset *rrset,
                              uint8_t host)
{
    const uint8_t *entry = rrset->body;
    for (unsigned i = 0; i < rrset->count; i++, entry = rrset_next(entry)) {
        struct address address = {0};
        const uint8_t *rdata = rrset_rdata(entry);
        if (rrset->type == TYPE_A && rrset_rdata_size(entry) == 4) {
            address.v4.sin_family = AF_INET;
            memcpy(&address.v4.sin_addr, rdata, 4);
            address.size = sizeof address.v4;
        } else if (rrset->type == TYPE_AAAA && rrset_rdata_size(entry) == 16) {
            address.v6.sin6_family = AF_INET6;
            memcpy(&address.v6.sin6_addr, rdata, 16);
            address.size = sizeof address.v6;
        }
        if (address.size)
            delegation_add_address(delegation, &address, host);
    }
}

// --- packing -------------------------------------------------------------------------------------

static uint8_t *put_name(uint8_t *to, struct name name)
{
    memcpy(to, name.wire, name.size);
    return to + name.size;
}

static uint8_t *put_address(uint8_t *to, const struct delegation_address *from)
{
    bool is_ipv4 = from->address.any.sa_family == AF_INET;
    to[0] = from->host;
    to[1] = is_ipv4 ? FAMILY_IPV4 : FAMILY_IPV6;
    bytes_put16(to + 2, address_port(&from->address));
    to += ADDRESS_HEAD;
    if (is_ipv4) {
        memcpy(to, &from->address.v4.sin_addr, 4);
        return to + 4;
    }
    memcpy(to, &from->address.v6.sin6_addr, 16);
    return to + 16;
}

size_t delegation_pack(const struct delegation *delegation,
                       uint8_t octets[static DELEGATION_OCTETS_MAX])
{
    octets[0] = (uint8_t)delegation->host_count;
    octets[1] = (uint8_t)delegation->address_count;
    octets[2] = (uint8_t)((delegation->recursive ? FLAG_RECURSIVE : 0) |
                          (delegation->configured ? FLAG_CONFIGURED : 0));
    uint8_t *to = put_name(octets + HEAD_OCTETS, delegation->cut);
    for (unsigned i = 0; i < delegation->host_count; i++)
        to = put_name(to, delegation->hosts[i].name);
    for (unsigned i = 0; i < delegation->address_count; i++)
        to = put_address(to, &delegation->addresses[i]);
    size_t size = (size_t)(to - octets);
    assert(size <= DELEGATION_OCTETS_MAX);
    return size;
}

// --- reading back --------------------------------------------------------------------------------

// What is left of the octets; the error sticks.
struct cursor {
    const uint8_t *at, *end;
    bool broken;
};

static struct name get_name(struct cursor *cursor)
{
    struct name name = NAME_ROOT;
    if (cursor->broken || !name_view(cursor->at, (size_t)(cursor->end - cursor->at), &name)) {
        cursor->broken = true;
        return NAME_ROOT;
    }
    cursor->at += name.size;
    return name;
}

static const uint8_t *get_octets(struct cursor *cursor, size_t size)
{
    static const uint8_t nothing[16];
    assert(size <= sizeof nothing);
    if (cursor->broken || (size_t)(cursor->end - cursor->at) < size) {
        cursor->broken = true;
        return nothing;
    }
    cursor->at += size;
    return cursor->at - size;
}

static struct delegation_address get_address(struct cursor *cursor, unsigned host_count)
{
    struct delegation_address got = {.host = DELEGATION_NO_HOST};
    const uint8_t *head = get_octets(cursor, ADDRESS_HEAD);
    got.host = head[0];
    if (head[1] == FAMILY_IPV4) {
        got.address.size = sizeof got.address.v4;
        got.address.v4.sin_family = AF_INET;
        memcpy(&got.address.v4.sin_addr, get_octets(cursor, 4), 4);
    } else if (head[1] == FAMILY_IPV6) {
        got.address.size = sizeof got.address.v6;
        got.address.v6.sin6_family = AF_INET6;
        memcpy(&got.address.v6.sin6_addr, get_octets(cursor, 16), 16);
    } else {
        cursor->broken = true;
        return got;
    }
    address_set_port(&got.address, bytes_get16(head + 2));
    if (got.host >= host_count && got.host != DELEGATION_NO_HOST)
        cursor->broken = true;
    return got;
}

bool delegation_unpack(const uint8_t *octets, size_t size, struct delegation *delegation)
{
    struct cursor cursor = {.at = octets, .end = octets + size};
    const uint8_t *head = get_octets(&cursor, HEAD_OCTETS);
    uint8_t hosts = head[0], addresses = head[1], flags = head[2];
    if (cursor.broken || hosts > DELEGATION_HOSTS_MAX || addresses > DELEGATION_ADDRESSES_MAX ||
        (flags & ~(FLAG_RECURSIVE | FLAG_CONFIGURED)) != 0)
        return false;
    delegation_begin(delegation, get_name(&cursor));
    delegation->recursive = flags & FLAG_RECURSIVE;
    delegation->configured = flags & FLAG_CONFIGURED;
    for (unsigned i = 0; i < hosts; i++)
        delegation->hosts[i].name = get_name(&cursor);
    for (unsigned i = 0; i < addresses; i++)
        delegation->addresses[i] = get_address(&cursor, hosts);
    delegation->host_count = hosts;
    delegation->address_count = addresses;
    return !cursor.broken && cursor.at == cursor.end;
}
