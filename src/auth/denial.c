// Proofs that something is not there (denial.h).
#include "auth/denial.h"

#include <assert.h>

#include "dns/type.h"

// The four lines that a signed NSEC3 with its owner mostly takes: some 190 octets that begin at any
// multiple of four. An NSEC stands behind what else its owner has: addresses with their signatures
// take up two lines each.
static void prefetch_proof(const struct image *image, const struct node *owner)
{
    unsigned size = image_chain_kind(image) == CHAIN_NSEC3 ? 256 : 384;
    for (unsigned at = 0; at < size; at += 64)
        __builtin_prefetch((const char *)owner + at);
}

// The record itself is read when it is put: until then its memory is asked for.
static void add(struct denial *denial, const struct image *image, const struct node *owner)
{
    for (unsigned i = 0; i < denial->count; i++)
        if (denial->proofs[i].owner == owner)
            return;
    prefetch_proof(image, owner);
    assert(denial->count < ANSWER_PROOFS_MAX); // one for each step, three for the last one
    denial->proofs[denial->count++] = (struct denial_proof){image, owner};
}

// --- NSEC ----------------------------------------------------------------------------------------

// An empty non-terminal has no NSEC: the one that covers it names what is below it next.
static const struct node *nsec_of(const struct image *image, const struct name_key *key,
                                  const struct node *node)
{
    bool matches;
    return node_rrset(image, node, TYPE_NSEC) ? node
                                              : chain_find_name(image, key, node->labels, &matches);
}

// What was looked for ahead, if it was for this name; else NULL.
static const struct node *found_ahead(const struct denial *denial, const struct name_key *key)
{
    const struct denial_ahead *ahead = denial->ahead;
    return ahead->encloser && ahead->key == key ? ahead->proof : NULL;
}

static void add_nsec_of_name(struct denial *denial, const struct image *image,
                             const struct name_key *key)
{
    bool matches;
    const struct node *owner = found_ahead(denial, key);
    add(denial, image, owner ? owner : chain_find_name(image, key, key->labels, &matches));
}

// Nothing that there is stands between a name and its child "*", unless another child does: one
// whose label is below "*", or "*" itself. The first child stands right behind its parent.
static bool is_followed_by_wildcard(const struct image *image, const struct node *node)
{
    const struct node *next = image_node_after(node);
    if (next == image_node(image, image->head->nodes_end) || next->labels <= node->labels)
        return true; // where "*" would be
    return next->name[1] > '*' || (next->name[1] == '*' && next->name[0] > 1);
}

static void add_nsec_of_wildcard(struct denial *denial, const struct image *image,
                                 const struct name_key *key, const struct node *encloser)
{
    bool matches;
    if (node_rrset(image, encloser, TYPE_NSEC) && is_followed_by_wildcard(image, encloser))
        add(denial, image, encloser);
    else
        add(denial, image, chain_find_wildcard(image, key, encloser->labels, &matches));
}

// --- NSEC3 ---------------------------------------------------------------------------------------

static void add_nsec3(struct denial *denial, const struct image *image, uint32_t reference)
{
    add(denial, image, image_node(image, reference));
}

// The NSEC3 of a name that exists. Under opt-out it may have none: then that of the closest
// provable encloser, and the one that covers the next closer name, which exists too (RFC 5155
// 7.2.4; its erratum 3441 says the same of empty non-terminals). Returns the provable encloser.
static const struct node *add_nsec3_of_node(struct denial *denial, const struct image *image,
                                            const struct name_key *key, const struct node *node)
{
    const struct node *covered = NULL;
    while (node->flags & NODE_COVERED && node != image->apex) {
        covered = node;
        node = image_find(image, key, node->labels - 1u);
        assert(node); // it is above one that exists
    }
    add_nsec3(denial, image, node_hashed(node)->self);
    if (covered)
        add_nsec3(denial, image, node_hashed(covered)->self);
    return node;
}

// Every record of the chain says how to hash: that of the encloser is needed anyway.
static void read_params(const struct image *image, const struct node *encloser,
                        struct nsec3_params *params)
{
    const struct node *any = image_node(image, node_hashed(encloser)->self);
    const uint8_t *entry = node_own_rrset(any)->body;
    bool read = nsec3_params_read(rrset_rdata(entry), rrset_rdata_size(entry), params);
    assert(read); // press_chain.c compared it with NSEC3PARAM
}

// What has to be hashed: one label below the encloser.
static struct name closer_name(const struct name_key *key, const struct node *encloser)
{
    return name_key_suffix(key, encloser->labels + 1u);
}

static void hash_closer_name(struct nsec3_hasher *hasher, const struct image *image,
                             const struct name_key *key, const struct node *encloser,
                             uint8_t hash[static NSEC3_HASH_SIZE])
{
    struct nsec3_params params;
    read_params(image, encloser, &params);
    bool hashed = nsec3_hash(hasher, &params, closer_name(key, encloser), hash);
    assert(hashed);
}

static void add_nsec3_of_closer_name(struct denial *denial, const struct image *image,
                                     const struct name_key *key, const struct node *encloser)
{
    uint8_t hash[NSEC3_HASH_SIZE];
    bool matches;
    const struct node *owner = found_ahead(denial, key);
    if (!owner) {
        hash_closer_name(denial->hasher, image, key, encloser, hash);
        owner = chain_find_hash(image, hash, &matches);
    }
    add(denial, image, owner);
}

// RFC 5155 7.2.2 and 7.2.5.
static void add_nsec3_of_name(struct denial *denial, const struct image *image,
                              const struct name_key *key, const struct node *encloser)
{
    const struct node *provable = add_nsec3_of_node(denial, image, key, encloser);
    if (provable == encloser)
        add_nsec3_of_closer_name(denial, image, key, encloser);
    add_nsec3(denial, image, node_hashed(provable)->wildcard);
}

// --- what the answer says is not there -----------------------------------------------------------

void denial_of_type(struct denial *denial, const struct image *image, const struct name_key *key,
                    const struct node *node)
{
    switch (image_chain_kind(image)) {
    case CHAIN_NONE: return;
    case CHAIN_NSEC: add(denial, image, nsec_of(image, key, node)); return;
    case CHAIN_NSEC3: add_nsec3_of_node(denial, image, key, node); return;
    }
}

void denial_of_name(struct denial *denial, const struct image *image, const struct name_key *key,
                    const struct node *encloser)
{
    switch (image_chain_kind(image)) {
    case CHAIN_NONE: return;
    case CHAIN_NSEC:
        add_nsec_of_name(denial, image, key);
        add_nsec_of_wildcard(denial, image, key, encloser);
        return;
    case CHAIN_NSEC3: add_nsec3_of_name(denial, image, key, encloser); return;
    }
}

void denial_of_closer_name(struct denial *denial, const struct image *image,
                           const struct name_key *key, const struct node *encloser)
{
    switch (image_chain_kind(image)) {
    case CHAIN_NONE: return;
    case CHAIN_NSEC: add_nsec_of_name(denial, image, key); return;
    case CHAIN_NSEC3: add_nsec3_of_closer_name(denial, image, key, encloser); return;
    }
}

// --- ahead of time -------------------------------------------------------------------------------

// The type that a proof would be about: at a cut that is DS, of a referral, too.
static bool has_asked_type(const struct image *image, const struct query *query,
                           const struct finding *finding)
{
    uint16_t type = finding->found == FOUND_CUT ? TYPE_DS : query->type;
    return finding->node->flags & NODE_CNAME || node_rrset(image, finding->node, type);
}

static void begin_hash(struct denial_ahead *ahead, struct nsec3_hasher *hasher,
                       const struct image *image)
{
    struct nsec3_params params;
    struct name name = closer_name(ahead->key, ahead->encloser);
    read_params(image, ahead->encloser, &params);
    ahead->begun = nsec3_begin(hasher, &params, name, &ahead->beginning);
    if (ahead->begun)
        return;
    bool hashed = nsec3_hash(hasher, &params, name, ahead->hash);
    assert(hashed);
    chain_prefetch_hash(image, ahead->hash);
}

static void look_for_name(struct denial_ahead *ahead, struct nsec3_hasher *hasher,
                          const struct image *image, const struct name_key *key,
                          const struct node *encloser)
{
    bool hashed = image_chain_kind(image) == CHAIN_NSEC3;
    if (hashed && encloser->flags & NODE_COVERED)
        return; // one further up is what is proven
    ahead->encloser = encloser;
    ahead->key = key;
    ahead->proof = NULL;
    ahead->begun = false;
    if (hashed) {
        begin_hash(ahead, hasher, image);
    } else {
        ahead->place = chain_prefetch_name(image, key, key->labels);
    }
}

void denial_look_ahead(struct denial_ahead *ahead, struct nsec3_hasher *hasher,
                       const struct image *image, const struct query *query,
                       const struct finding *finding)
{
    enum chain_kind kind = image_chain_kind(image);
    if (kind == CHAIN_NONE)
        return;
    switch (finding->found) {
    case FOUND_NODE:
    case FOUND_CUT:
        if (has_asked_type(image, query, finding))
            return;
        prefetch_proof(image, kind == CHAIN_NSEC3
                                  ? image_node(image, node_hashed(finding->node)->self)
                                  : finding->node);
        return;
    case FOUND_WILDCARD:
    case FOUND_NOTHING: look_for_name(ahead, hasher, image, &query->key, finding->encloser); return;
    case FOUND_DNAME: return;
    }
}

void denial_end_hash(struct denial_ahead *ahead, const struct nsec3_hasher *hasher,
                     const struct image *image)
{
    if (!ahead->begun)
        return;
    nsec3_end(hasher, &ahead->beginning, ahead->hash);
    chain_prefetch_hash(image, ahead->hash);
}

void denial_look_closer(struct denial_ahead *ahead, const struct image *image)
{
    bool matches;
    ahead->proof =
        image_chain_kind(image) == CHAIN_NSEC3
            ? chain_find_hash(image, ahead->hash, &matches)
            : chain_find_name_at(image, ahead->key, ahead->key->labels, ahead->place, &matches);
    prefetch_proof(image, ahead->proof);
}

// --- into the answer -----------------------------------------------------------------------------

// An owner of NSEC3 has nothing else.
static const struct rrset *proof_rrset(const struct denial_proof *proof)
{
    return image_chain_kind(proof->image) == CHAIN_NSEC
               ? node_rrset(proof->image, proof->owner, TYPE_NSEC)
               : node_own_rrset(proof->owner);
}

// Nodes keep only the labels below the zone's name, so owners are put together in the scratch.
static struct name proof_owner(const struct denial_proof *proof, struct answer *answer)
{
    const struct node *node = proof->owner;
    const struct image_head *head = proof->image->head;
    unsigned size = (unsigned)node->size + head->origin_size;
    uint8_t *octets = answer_scratch(answer, size);
    assert(octets); // the scratch has room for all
    bytes_copy(octets, node->name, node->size);
    bytes_copy(octets + node->size, head->origin, head->origin_size);
    return (struct name){octets, (uint8_t)size, node->labels};
}

void denial_put(const struct denial *denial, struct answer *answer)
{
    for (unsigned i = 0; i < denial->count; i++) {
        const struct denial_proof *proof = &denial->proofs[i];
        const struct rrset *rrset = proof_rrset(proof);
        assert(rrset); // it is in the chain
        struct answer_rrset entry = {.owner = proof_owner(proof, answer),
                                     .rrset = rrset,
                                     .ttl = rrset->ttl,
                                     .section = SECTION_AUTHORITY,
                                     .part = PART_SIGNED,
                                     .required = true};
        answer_add(answer, &entry);
    }
}
