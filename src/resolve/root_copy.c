// Asking the copy of the root (root_copy.h): one look-up in its image, and one for each server.
#include "resolve/root_copy.h"

#include <assert.h>

#include "dns/type.h"
#include "zone/find.h"

// --- referrals -----------------------------------------------------------------------------------

static void add_glue(const struct image *image, const struct hash_key *secret, struct name host,
                     struct delegation *cut, uint8_t index)
{
    static const uint16_t types[] = {TYPE_A, TYPE_AAAA};
    struct name_key key;
    name_key_make(host, secret, &key);
    const struct node *node = image_find(image, &key, key.labels);
    for (unsigned i = 0; node && i < 2; i++) {
        const struct rrset *addresses = node_rrset(image, node, types[i]);
        if (addresses)
            delegation_add_addresses(cut, addresses, index);
    }
}

static void refer(const struct image *image, const struct hash_key *secret, struct name name,
                  const struct node *node, struct delegation *cut)
{
    const struct rrset *servers = node_rrset(image, node, TYPE_NS);
    assert(servers); // that is what makes it a cut
    delegation_begin(cut, name_suffix(name, node->labels));
    cut->ttl_s = servers->ttl;
    const uint8_t *entry = servers->body;
    for (unsigned i = 0; i < servers->count; i++, entry = rrset_next(entry)) {
        struct name host = name_trust(rrset_rdata(entry));
        int index = delegation_add_host(cut, host);
        if (index >= 0)
            add_glue(image, secret, host, cut, (uint8_t)index);
    }
}

// --- answers -------------------------------------------------------------------------------------

static enum root_copy_says deny(const struct zone *copy, struct name owner, enum cache_kind kind,
                                uint16_t type, struct kept *kept)
{
    *kept = (struct kept){.kind = kind,
                          .rank = RANK_AUTHORITY,
                          .type = type,
                          .ttl_s = copy->image.negative_ttl,
                          .owner = owner,
                          .rrset = copy->image.soa,
                          .soa_owner = copy->origin};
    return ROOT_COPY_ANSWERS;
}

// The RRset of the type, or an alias. ANY is answered with one of them (RFC 8482 4.1).
static const struct rrset *choose_rrset(const struct image *image, const struct node *node,
                                        uint16_t type)
{
    if (type == TYPE_ANY)
        return node->rrsets ? node_first_rrset(image, node) : NULL;
    const struct rrset *rrset = node_rrset(image, node, type);
    return rrset ? rrset : node_rrset(image, node, TYPE_CNAME);
}

static enum root_copy_says answer(const struct zone *copy, const struct node *node,
                                  const struct root_copy_question *question, struct kept *kept)
{
    const struct rrset *rrset = choose_rrset(&copy->image, node, question->type);
    if (!rrset || rrset->count == 0)
        return deny(copy, question->name, CACHE_NODATA, question->type, kept);
    *kept = (struct kept){.kind = CACHE_RRSET,
                          .rank = RANK_AUTHORITATIVE,
                          .type = rrset->type,
                          .ttl_s = rrset->ttl,
                          .owner = question->name,
                          .rrset = rrset};
    return ROOT_COPY_ANSWERS;
}

enum root_copy_says root_copy_ask(const struct zone *copy, const struct hash_key *secret,
                                  const struct root_copy_question *question, struct delegation *cut,
                                  struct kept *kept)
{
    assert(copy->state == ZONE_SERVED && copy->origin.labels == 0);
    const struct image *image = &copy->image;
    struct finding finding = find_name(image, secret, question->key);
    switch (finding.found) {
    case FOUND_NODE: return answer(copy, finding.node, question, kept);
    case FOUND_CUT:
        // RFC 4035 3.1.4.1: DS is the parent's word.
        if (question->type == TYPE_DS && finding.node->labels == question->name.labels)
            return answer(copy, finding.node, question, kept);
        refer(image, secret, question->name, finding.node, cut);
        return ROOT_COPY_REFERS;
    case FOUND_NOTHING: // nothing below the first name that is missing exists (RFC 8020)
        return deny(copy, name_suffix(question->name, finding.encloser->labels + 1u),
                    CACHE_NXDOMAIN, question->type, kept);
    case FOUND_DNAME:
    case FOUND_WILDCARD: break;
    }
    return ROOT_COPY_SILENT;
}
