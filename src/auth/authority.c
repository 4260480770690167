// The answering algorithm of RFC 1034 4.3.2 over our own zones.
//
//   choose the zone            (step 2; for DS the parent's side: RFC 4035 3.1.4.1)
//   find the name in it        find_name: one enum
//     its node     -> the type is there: ANSWER;  a CNAME is: follow;  neither: NODATA
//     a cut        -> REFERRAL, or the DS that stands on our side of it
//     a DNAME      -> the DNAME and a CNAME made from it: follow (RFC 6672)
//     a wildcard   -> as its node, under the name that was asked (RFC 4592)
//     nothing      -> NXDOMAIN
//   where a route has a say in it (routed.h), what it chose for this client stands before that
//   what is not there is proven, if the client wants it (DO) and the zone is signed: denial.h
//   "follow" begins again with the alias's target: at most CHAIN_MAX times, never twice through the
//   same alias; the RCODE is that of the last name (RFC 6604), AA that of the first (RFC
//   1035 4.1.1). last, addresses for the names that the chosen records mention.
#include "auth/authority.h"

#include <assert.h>
#include <string.h>

// One question on its way through our zones. `name` and `key` change when an alias is followed.
struct walk {
    const struct zones *zones;
    const struct auth_options *options;
    const struct query *query;
    struct answer *answer;
    const struct zone *zone;
    struct name name;           // as it is said: owners of the answer point to it
    const struct name_key *key; // of that name
    struct name_key alias_key;  // memory for `key` once an alias was followed
    unsigned followed;
    const struct node *cut;      // of the referral that it ended with
    enum answer_part part;       // with RRSIGs or without
    const struct finding *ahead; // of the first name, if it was looked up ahead
    struct auth_client *client;
    uint32_t now_s;
    struct denial denial;
};

// What a step of the walk came to.
enum step { STEP_DONE, STEP_FOLLOW };

// True if a cut above the name parts the zone from it: it is then no parent, but further up.
static bool is_parted(const struct zones *zones, const struct zone *zone,
                      const struct name_key *key)
{
    if (zone->state != ZONE_SERVED)
        return false;
    struct finding finding = find_name(&zone->image, zones->secret, key);
    return finding.found == FOUND_CUT && finding.node->labels < key->labels;
}

// RFC 4035 3.1.4.1: DS belongs to the parent. Where we serve it too, it answers; where not, the
// child does, with NODATA.
static const struct zone *choose_zone(const struct zones *zones, const struct name_key *key,
                                      uint16_t type)
{
    const struct zone *zone = zones_find(zones, key, key->labels);
    if (type != TYPE_DS || !zone || zone->origin.labels != key->labels || key->labels == 0)
        return zone;
    const struct zone *parent = zones_find(zones, key, key->labels - 1u);
    return parent && !is_parted(zones, parent, key) ? parent : zone;
}

static const struct rrset *rrset_of(const struct walk *walk, const struct node *node, uint16_t type)
{
    return node_rrset(&walk->zone->image, node, type);
}

static void put(struct walk *walk, enum section section, struct name owner,
                const struct rrset *rrset)
{
    struct answer_rrset entry = {.owner = owner,
                                 .rrset = rrset,
                                 .ttl = rrset->ttl,
                                 .section = (uint8_t)section,
                                 .part = (uint8_t)walk->part,
                                 .required = section != SECTION_ADDITIONAL};
    answer_add(walk->answer, &entry);
}

// RFC 2308 3: the SOA of the zone, its TTL the lower one of its own and MINIMUM.
static enum step deny(struct walk *walk, enum rcode rcode, enum answer_reason reason)
{
    const struct image *image = &walk->zone->image;
    struct answer_rrset entry = {.owner = walk->zone->origin,
                                 .rrset = image->soa,
                                 .ttl = image->negative_ttl,
                                 .section = SECTION_AUTHORITY,
                                 .part = (uint8_t)walk->part,
                                 .required = true};
    answer_add(walk->answer, &entry);
    walk->answer->rcode = (uint16_t)rcode;
    walk->answer->reason = (uint8_t)reason;
    return STEP_DONE;
}

// --- aliases -------------------------------------------------------------------------------------

// Goes on at `target`. Ends the walk where the chain is too long or the target is not ours: the
// client follows from there, so what we have is said with NOERROR.
static enum step follow(struct walk *walk, struct name target)
{
    if (++walk->followed >= CHAIN_MAX) {
        walk->answer->reason = REASON_CHAIN_LIMIT;
        return STEP_DONE;
    }
    name_key_make(target, walk->zones->secret, &walk->alias_key);
    walk->key = &walk->alias_key;
    walk->name = target;
    const struct zone *zone = choose_zone(walk->zones, walk->key, walk->query->type);
    if (!zone || zone->state != ZONE_SERVED) {
        walk->answer->reason = REASON_ALIAS_OUT;
        return STEP_DONE;
    }
    walk->zone = zone;
    return STEP_FOLLOW;
}

// True if an alias of this name was followed before: the chain goes in a circle.
static bool been_here(const struct walk *walk)
{
    for (unsigned i = 0; i < walk->answer->count; i++) {
        const struct answer_rrset *entry = &walk->answer->rrsets[i];
        if (entry->rrset->type == TYPE_CNAME && name_equal(entry->owner, walk->name)) {
            walk->answer->reason = REASON_CHAIN_LIMIT;
            return true;
        }
    }
    return false;
}

// A wildcard's answer stands only with the proof that the name itself does not exist.
static void prove_wildcard(struct walk *walk, const struct finding *finding)
{
    if (walk->part == PART_SIGNED && finding->found == FOUND_WILDCARD)
        denial_of_closer_name(&walk->denial, &walk->zone->image, walk->key, finding->encloser);
}

static enum step follow_cname(struct walk *walk, const struct finding *finding)
{
    if (been_here(walk))
        return STEP_DONE;
    const struct rrset *cname = rrset_of(walk, finding->node, TYPE_CNAME);
    put(walk, SECTION_ANSWER, walk->name, cname);
    prove_wildcard(walk, finding);
    return follow(walk, name_trust(rrset_rdata(cname->body)));
}

// True if the synthesised CNAME is what was asked for, not a step on the way to it.
static bool cname_is_wanted(const struct walk *walk)
{
    return walk->query->type == TYPE_CNAME || walk->query->type == TYPE_ANY;
}

// A CNAME RRset for `to` in the answer's scratch (RFC 6672 3.1: TTL of the DNAME), which has room
// for CHAIN_MAX of the longest.
static const struct rrset *make_cname(struct answer *answer, struct name to, uint32_t ttl)
{
    size_t size = (sizeof(struct rrset) + 2u + to.size + 3) & ~(size_t)3;
    struct rrset *rrset = answer_scratch(answer, size);
    assert(rrset);
    *rrset = (struct rrset){.ttl = ttl, .type = TYPE_CNAME, .count = 1, .words = rrset_words(size)};
    bytes_put16(rrset->body, to.size);
    memcpy(rrset->body + 2, to.wire, to.size);
    return rrset;
}

// RFC 6672 3.2 step 3C.
static enum step follow_dname(struct walk *walk, const struct node *node)
{
    const struct rrset *dname = rrset_of(walk, node, TYPE_DNAME);
    assert(dname);
    if (been_here(walk))
        return STEP_DONE;
    struct name owner = name_suffix(walk->name, node->labels);
    if (!answer_has(walk->answer, owner, dname))
        put(walk, SECTION_ANSWER, owner, dname);
    uint8_t joined[NAME_OCTETS_MAX];
    struct name target;
    if (!name_join(walk->name, walk->name.labels - (unsigned)node->labels,
                   name_trust(rrset_rdata(dname->body)), joined, &target)) {
        walk->answer->rcode = RCODE_YXDOMAIN; // RFC 6672 2.2
        walk->answer->reason = REASON_YXDOMAIN;
        return STEP_DONE;
    }
    const struct rrset *cname = make_cname(walk->answer, target, dname->ttl);
    struct answer_rrset entry = {.owner = walk->name,
                                 .rrset = cname,
                                 .ttl = cname->ttl,
                                 .section = SECTION_ANSWER,
                                 .part = PART_DATA, // RFC 6672 5.3.1: never signed
                                 .required = true};
    answer_add(walk->answer, &entry);
    if (cname_is_wanted(walk)) {
        walk->answer->reason = REASON_ANSWER;
        return STEP_DONE;
    }
    return follow(walk, name_trust(rrset_rdata(cname->body)));
}

// --- what a node has -----------------------------------------------------------------------------

// QTYPE ANY and RRSIG. Over UDP one RRset is enough (RFC 8482 4.1), unless full answers are wanted;
// over TCP all of them.
static bool put_any(struct walk *walk, const struct node *node)
{
    bool signatures = walk->query->type == TYPE_RRSIG;
    bool one = !walk->query->over_stream && walk->options->minimal;
    const struct image *image = &walk->zone->image;
    const struct rrset *rrset = node_first_rrset(image, node);
    bool found = false;
    for (unsigned i = 0; i < node->rrsets && !(one && found); i++) {
        if (i > 0)
            rrset = node_next_rrset(image, node, rrset);
        if (signatures ? rrset->signatures == 0 : rrset->count == 0)
            continue;
        put(walk, SECTION_ANSWER, walk->name, rrset);
        if (signatures && walk->answer->count)
            walk->answer->rrsets[walk->answer->count - 1].part = PART_SIGNATURES;
        found = true;
    }
    return found;
}

static enum step deny_type(struct walk *walk, const struct finding *finding)
{
    const struct image *image = &walk->zone->image;
    if (walk->part == PART_SIGNED && finding->found == FOUND_WILDCARD)
        denial_of_name(&walk->denial, image, walk->key, finding->encloser);
    else if (walk->part == PART_SIGNED)
        denial_of_type(&walk->denial, image, walk->key, finding->node);
    return deny(walk, RCODE_NOERROR, REASON_NODATA);
}

static enum step deny_name(struct walk *walk, const struct node *encloser)
{
    if (walk->part == PART_SIGNED)
        denial_of_name(&walk->denial, &walk->zone->image, walk->key, encloser);
    return deny(walk, RCODE_NXDOMAIN, REASON_NXDOMAIN);
}

static bool asks_for_addresses(const struct walk *walk)
{
    return walk->query->type == TYPE_A || walk->query->type == TYPE_AAAA;
}

// The addresses of an alias's target under the alias's own name: those that are kept ready. The TTL
// is what is left of the target's, and no longer than the alias's own.
static enum step flatten(struct walk *walk, struct name target, uint32_t ttl)
{
    const struct flat_target *found =
        walk->options->flats ? flats_find(walk->options->flats, target) : NULL;
    enum flat_type type = walk->query->type == TYPE_A ? FLAT_A : FLAT_AAAA;
    const struct flat *flat = found ? flat_target_get(found, type) : NULL;
    if (!flat || (walk->now_s >= flat->expires_s && walk->now_s >= flat->stale_s)) {
        answer_fail(walk->answer, RCODE_SERVFAIL, REASON_FLATTENED, EDE_NO_REACHABLE_AUTHORITY,
                    "the target of the ALIAS cannot be found");
        return STEP_DONE;
    }
    bool stale = walk->now_s >= flat->expires_s;
    uint32_t left = stale ? STALE_TTL_S : flat->expires_s - walk->now_s;
    if (stale) {
        walk->answer->ede = EDE_STALE_ANSWER;
        walk->answer->ede_text = "the servers of the ALIAS's target do not answer";
    }
    if (flat->state != FLAT_RECORDS)
        return deny(walk, RCODE_NOERROR, REASON_NODATA);
    put(walk, SECTION_ANSWER, walk->name, &flat->rrset);
    walk->answer->rrsets[walk->answer->count - 1].ttl = left < ttl ? left : ttl;
    walk->answer->rrsets[walk->answer->count - 1].part = PART_DATA;
    walk->answer->reason = REASON_FLATTENED;
    return STEP_DONE;
}

static enum step answer_node(struct walk *walk, const struct finding *finding)
{
    const struct node *node = finding->node;
    uint16_t type = walk->query->type;
    bool found;
    if (type == TYPE_ANY || type == TYPE_RRSIG) {
        found = put_any(walk, node);
    } else {
        const struct rrset *rrset = rrset_of(walk, node, type);
        found = rrset != NULL;
        if (found)
            put(walk, SECTION_ANSWER, walk->name, rrset);
    }
    if (found) {
        prove_wildcard(walk, finding);
        walk->answer->reason = finding->found == FOUND_WILDCARD ? REASON_WILDCARD : REASON_ANSWER;
        return STEP_DONE;
    }
    if (node->flags & NODE_CNAME)
        return follow_cname(walk, finding);
    if (image_aliases(&walk->zone->image) && asks_for_addresses(walk)) {
        const struct rrset *alias = rrset_of(walk, node, TYPE_ALIAS);
        if (alias)
            return flatten(walk, name_trust(rrset_rdata(alias->body)), alias->ttl);
    }
    return deny_type(walk, finding);
}

// RFC 1034 4.3.2 3b. DS is ours, on the parent's side (RFC 4035 3.1.4.1).
static enum step refer(struct walk *walk, const struct finding *finding)
{
    const struct node *cut = finding->node;
    if (walk->query->type == TYPE_DS && cut->labels == walk->key->labels)
        return answer_node(walk, finding);
    if (walk->answer->count == 0)
        walk->answer->authoritative = false; // an alias before it was ours: AA stays
    struct name owner = name_suffix(walk->name, cut->labels);
    put(walk, SECTION_AUTHORITY, owner, rrset_of(walk, cut, TYPE_NS));
    if (walk->part == PART_SIGNED) { // RFC 4035 3.1.4
        const struct rrset *ds = rrset_of(walk, cut, TYPE_DS);
        if (ds)
            put(walk, SECTION_AUTHORITY, owner, ds);
        else
            denial_of_type(&walk->denial, &walk->zone->image, walk->key, cut);
    }
    walk->answer->reason = REASON_REFERRAL;
    walk->cut = cut;
    return STEP_DONE;
}

// --- routes --------------------------------------------------------------------------------------

// TTL: the rule's own, that of the RRset that it stands before, or the zone's (SOA MINIMUM).
static uint32_t ttl_of(const struct walk *walk, const struct route_rule *rule,
                       const struct node *node, uint16_t type)
{
    const struct rrset *replaced = node ? rrset_of(walk, node, type) : NULL;
    if (rule->ttl != ROUTE_NO_TTL)
        return rule->ttl;
    return replaced ? replaced->ttl : walk->zone->image.negative_ttl;
}

static enum step answer_route(struct walk *walk, const struct route *route, const struct node *node)
{
    struct answer *answer = walk->answer;
    struct route_choice choice;
    if (route->type == TYPE_CNAME && been_here(walk))
        return STEP_DONE;
    routed_choose(route, walk->client, &choice);
    const char *remark = routed_remark(choice.outcome);
    answer->by_place |= route->by_place || choice.scope;
    answer->in_order |= choice.in_order;
    if (choice.scope > answer->scope)
        answer->scope = choice.scope;
    if (remark) {
        answer->ede = EDE_OTHER;
        answer->ede_text = remark;
    }
    if (choice.outcome == ROUTE_NOTHING)
        return deny(walk, RCODE_NOERROR, REASON_NODATA);
    uint32_t ttl = ttl_of(walk, choice.rule, node, route->type);
    if (route->type == TYPE_ALIAS && asks_for_addresses(walk)) {
        uint16_t item = choice.is_whole ? 0 : choice.items[0];
        return flatten(walk, name_trust(choice.rule->items[item].rdata), ttl);
    }
    const struct rrset *rrset = routed_rrset(route, &choice, answer);
    assert(rrset); // conf and limits.h see to it
    struct answer_rrset entry = {.owner = walk->name,
                                 .rrset = rrset,
                                 .ttl = ttl,
                                 .section = SECTION_ANSWER,
                                 .part = PART_DATA,
                                 .required = true};
    answer_add(answer, &entry);
    answer->reason = REASON_PLACED;
    if (route->type != TYPE_CNAME || cname_is_wanted(walk))
        return STEP_DONE;
    return follow(walk, name_trust(rrset_rdata(rrset->body)));
}

// False: routes have nothing to do with it.
static bool take_routed_step(struct walk *walk, const struct finding *finding, enum step *step)
{
    struct routed routed =
        routed_find(walk->options->routes, walk->key, walk->zone->origin.labels, finding);
    switch (routed.found) {
    case ROUTED_NO: return false;
    case ROUTED_BETWEEN: *step = deny(walk, RCODE_NOERROR, REASON_NODATA); return true;
    case ROUTED_NOTHING: *step = deny(walk, RCODE_NXDOMAIN, REASON_NXDOMAIN); return true;
    case ROUTED_NAME: break;
    }
    const struct route *route = routed_route(routed.name, walk->query->type);
    if (route)
        *step = answer_route(walk, route, routed.node);
    else if (routed.node)
        return false; // its other types are the zone's
    else
        *step = deny(walk, RCODE_NOERROR, REASON_NODATA);
    return true;
}

// Does a route say what this host's addresses are? Then they are for who asks for them.
static bool is_routed(const struct walk *walk, struct name host)
{
    struct name_key key;
    if (!walk->options->routes)
        return false;
    name_key_make(host, walk->zones->secret, &key);
    const struct route_name *name =
        routes_find(walk->options->routes, &key, key.labels, walk->zone->origin.labels);
    return name && name->route_count;
}

static enum step take_step(struct walk *walk)
{
    struct finding finding = walk->ahead && walk->followed == 0
                                 ? *walk->ahead
                                 : find_name(&walk->zone->image, walk->zones->secret, walk->key);
    enum step step;
    if (walk->options->routes && take_routed_step(walk, &finding, &step))
        return step;
    switch (finding.found) {
    case FOUND_NODE:
    case FOUND_WILDCARD: return answer_node(walk, &finding);
    case FOUND_CUT: return refer(walk, &finding);
    case FOUND_DNAME: return follow_dname(walk, finding.node);
    case FOUND_NOTHING: return deny_name(walk, finding.encloser);
    }
    return STEP_DONE;
}

// --- the rest of the message ---------------------------------------------------------------------

// The name that a record's addresses are looked up for: types that bring some have one name.
static struct name host_of(const struct type_row *row, const uint8_t *entry)
{
    assert(row->names == 1);
    return name_trust(rrset_rdata(entry) + row->names_at);
}

static void put_address(struct walk *walk, struct name owner, const struct rrset *rrset,
                        bool required)
{
    if (!rrset || answer_has(walk->answer, owner, rrset))
        return;
    put(walk, SECTION_ADDITIONAL, owner, rrset);
    walk->answer->rrsets[walk->answer->count - 1].required = required;
}

// The node that answers for a host of our zone; a wildcard's will do (RFC 4592 says of all
// look-ups). What lies below a cut is only glue: it goes with a referral or an NS RRset and nothing
// else.
static const struct node *find_host(const struct walk *walk, const struct name_key *key, bool glue)
{
    struct finding finding = find_name(&walk->zone->image, walk->zones->secret, key);
    switch (finding.found) {
    case FOUND_NODE:
    case FOUND_WILDCARD: return finding.node;
    case FOUND_CUT: return glue ? image_find(&walk->zone->image, key, key->labels) : NULL;
    case FOUND_DNAME:
    case FOUND_NOTHING: return NULL;
    }
    return NULL;
}

// Which addresses are put now.
struct wish {
    const struct name *cut;  // of a referral, or NULL: glue at or below it is required (RFC 9471 3)
    bool required;           // what is required, or what is not
    bool passed_over;        // out: there were some of the other kind
    const struct node *glue; // the last host that was found as glue, or NULL
};

// A referral's glue stands right behind its cut in the image's order: a few nodes there are looked
// through without a hash, that behind the host before this one first, as hosts are in order, too.
// Returns false if there are more, and the host may be among those.
static bool find_glue(const struct walk *walk, struct name host, const struct node *before,
                      const struct node **found)
{
    const struct image *image = &walk->zone->image;
    if (image->overlay)
        return false; // its order is not that of memory
    const struct node *end = image_node(image, image->head->nodes_end), *node = walk->cut;
    struct name labels = {host.wire, (uint8_t)(host.size - walk->zone->origin.size),
                          (uint8_t)(host.labels - walk->zone->origin.labels)};
    if (before) {
        *found = image_node_after(before);
        if (*found != end && name_equal_folded(node_labels(image, *found), labels))
            return true;
    }
    *found = NULL;
    for (unsigned i = 0; i < GLUE_SCAN_MAX; i++) {
        if (name_equal_folded(node_labels(image, node), labels)) {
            *found = node;
            return true;
        }
        node = image_node_after(node);
        if (node == end || node->top != walk->cut->labels || node->labels <= walk->cut->labels)
            return true;
    }
    return false;
}

static const struct node *find_addresses(const struct walk *walk, struct name host,
                                         const struct rrset *because, struct wish *wish)
{
    const struct node *node;
    if (wish->required && find_glue(walk, host, wish->glue, &node)) {
        wish->glue = node;
        return node;
    }
    struct name_key key;
    name_key_make(host, walk->zones->secret, &key);
    return find_host(walk, &key, because->type == TYPE_NS);
}

// Addresses of one host.
static void put_host(struct walk *walk, struct name host, const struct rrset *because,
                     struct wish *wish)
{
    bool required = wish->cut && name_is_within(host, *wish->cut);
    if (required != wish->required) {
        wish->passed_over = true;
        return;
    }
    if ((!required && !name_is_within(host, walk->zone->origin)) ||
        walk->answer->count + 3 > ANSWER_RRSETS_MAX || (!required && is_routed(walk, host)))
        return;
    const struct node *node = find_addresses(walk, host, because, wish);
    if (!node)
        return;
    put_address(walk, host, rrset_of(walk, node, TYPE_A), required);
    put_address(walk, host, rrset_of(walk, node, TYPE_AAAA), required);
    if (because->type == TYPE_SVCB || because->type == TYPE_HTTPS)
        put_address(walk, host, rrset_of(walk, node, because->type), false); // RFC 9460 4.1
}

// The type's row, if an RRset brings addresses. Minimal answers bring them only where they are
// needed or the RFC says SHOULD: with a referral, and for SVCB and HTTPS (RFC 9460 4.1).
static const struct type_row *row_with_hosts(const struct walk *walk,
                                             const struct answer_rrset *entry,
                                             const struct wish *wish)
{
    uint16_t type = entry->rrset->type;
    bool service = type == TYPE_SVCB || type == TYPE_HTTPS;
    if (walk->options->minimal && !wish->cut && !service)
        return NULL;
    if (type == TYPE_A || type == TYPE_AAAA || entry->part == PART_SIGNATURES)
        return NULL;
    const struct type_row *row = type_find(type);
    return row && row->additional != ADDITIONAL_NONE ? row : NULL;
}

// The hosts that one chosen RRset mentions: of a huge one only the first, as no more would fit.
static void put_hosts(struct walk *walk, const struct answer_rrset *entry, struct wish *wish)
{
    const struct rrset *rrset = entry->rrset;
    const struct type_row *row = row_with_hosts(walk, entry, wish);
    if (!row)
        return;
    const uint8_t *record = rrset->body;
    for (unsigned i = 0; i < rrset->count && i < ANSWER_RRSETS_MAX; i++) {
        struct name host = host_of(row, record);
        // RFC 9460 2.5.2: "." in ServiceMode is the owner itself; in AliasMode it is nothing.
        if (row->additional == ADDITIONAL_SVCB && host.labels == 0 &&
            bytes_get16(rrset_rdata(record)) != 0)
            host = entry->owner;
        put_host(walk, host, rrset, wish);
        record = rrset_next(record);
    }
}

// Fills authority (proofs, and where RFC 1034 allows more than is needed) and additional.
static void complete(struct walk *walk)
{
    struct answer *answer = walk->answer;
    denial_put(&walk->denial, answer);
    bool answered = answer->reason == REASON_ANSWER || answer->reason == REASON_WILDCARD ||
                    answer->reason == REASON_PLACED || answer->reason == REASON_FLATTENED;
    if (!walk->options->minimal && answered) {
        const struct rrset *ns = rrset_of(walk, walk->zone->image.apex, TYPE_NS);
        if (ns && !answer_has(answer, walk->zone->origin, ns))
            put(walk, SECTION_AUTHORITY, walk->zone->origin, ns);
    }
    const struct name *cut = NULL;
    struct name referred;
    if (answer->reason == REASON_REFERRAL)
        for (unsigned i = 0; i < answer->count; i++)
            if (answer->rrsets[i].section == SECTION_AUTHORITY &&
                answer->rrsets[i].rrset->type == TYPE_NS) {
                referred = answer->rrsets[i].owner;
                cut = &referred;
            }
    // What is required goes first, so that it is not what is left out where all does not fit.
    struct wish wish = {.cut = cut, .required = cut != NULL};
    unsigned chosen = answer->count;
    for (unsigned i = 0; i < chosen; i++)
        put_hosts(walk, &answer->rrsets[i], &wish);
    if (!wish.required || !wish.passed_over)
        return;
    wish.required = false;
    for (unsigned i = 0; i < chosen; i++)
        put_hosts(walk, &answer->rrsets[i], &wish);
}

// --- ahead of time -------------------------------------------------------------------------------

// A name that does not exist is next looked for by its parent, below a cut it is the cut.
static bool has_parent_below(const struct auth_asked *asked)
{
    return asked->query->key.labels > asked->zone->origin.labels + 1u;
}

void auth_look_ahead(const struct zones *zones, struct auth_asked *asked)
{
    const struct name_key *key = &asked->query->key;
    struct zone *zone = zones_find(zones, key, key->labels);
    asked->is_far = false;
    asked->zone = zone;
    if (!zone || zone->state != ZONE_SERVED || image_is_near(&zone->image))
        return;
    asked->is_far = true;
    image_prefetch_bucket(&zone->image, key->hash[key->labels]);
    if (has_parent_below(asked))
        image_prefetch_bucket(&zone->image, key->hash[key->labels - 1]);
}

void auth_look_closer(const struct auth_asked *asked)
{
    const struct name_key *key = &asked->query->key;
    if (!image_prefetch_node(&asked->zone->image, key->hash[key->labels]) &&
        has_parent_below(asked))
        image_prefetch_node(&asked->zone->image, key->hash[key->labels - 1]);
}

static bool wants_proof(const struct query *query)
{
    return query->edns.present && query->edns.dnssec_ok;
}

void auth_look_up(const struct zones *zones, struct auth_worker *worker, struct auth_asked *asked)
{
    const struct image *image = &asked->zone->image;
    const struct name_key *key = &asked->query->key;
    if (asked->query->type == TYPE_DS)
        return; // it may be another zone's
    asked->finding = find_name(image, zones->secret, key);
    asked->is_found = true;
    bool signed_too = wants_proof(asked->query);
    bool has_node = asked->finding.found == FOUND_CUT || asked->finding.found == FOUND_NODE;
    if (has_node && (signed_too || asked->finding.found == FOUND_CUT))
        image_prefetch_behind(asked->finding.node); // signatures, or a cut's glue
    if (signed_too)
        denial_look_ahead(&asked->proof, &worker->hasher, image, asked->query, &asked->finding);
}

// --- the answer ----------------------------------------------------------------------------------

void auth_worker_open(struct auth_worker *worker)
{
    nsec3_hasher_open(&worker->hasher);
}

void auth_worker_close(struct auth_worker *worker)
{
    nsec3_hasher_close(&worker->hasher);
}

// RFC 9660 3.2: in every answer that comes from the zone, referrals and denials too. RFC 7314 4: of
// a zone's own SOA.
void auth_tell_of_zone(const struct zone *zone, const struct query *query, struct answer *answer)
{
    const struct edns *edns = &query->edns;
    if (query->class != CLASS_IN)
        return;
    answer->tells_version = edns->zone_version;
    answer->zone_labels = zone->origin.labels;
    answer->zone_serial = zone->image.serial;
    if (!edns->expire || query->key.labels != zone->origin.labels)
        return;
    if (query->type == TYPE_SOA || query->type == TYPE_AXFR || query->type == TYPE_IXFR) {
        answer->tells_expire = true;
        answer->zone_expire_s = zone_expires_in_s(zone);
    }
}

enum auth_result auth_answer(const struct zones *zones, const struct auth_options *options,
                             struct auth_worker *worker, const struct auth_asked *asked,
                             struct answer *answer)
{
    const struct query *query = asked->query;
    const struct zone *zone = asked->zone;
    if (!zone || query->type == TYPE_DS)
        zone = choose_zone(zones, &query->key, query->type);
    if (!zone)
        return AUTH_NOT_OURS;
    if (zone->state != ZONE_SERVED) {
        bool expired = zone->state == ZONE_EXPIRED;
        answer_fail(answer, RCODE_SERVFAIL, REASON_NOT_LOADED,
                    expired ? EDE_INVALID_DATA : EDE_NOT_READY,
                    expired ? "zone has expired" : "zone is not loaded");
        return AUTH_ANSWERED;
    }
    // RFC 1034 3.7.1 with RFC 1035 3.2.5: an answer for every class is never authoritative.
    answer->authoritative = query->class == CLASS_IN;
    struct walk walk;
    walk.zones = zones;
    walk.options = options;
    walk.query = query;
    walk.answer = answer;
    walk.zone = zone;
    walk.name = query->name;
    walk.key = &query->key;
    walk.followed = 0;
    walk.cut = NULL;
    walk.client = asked->client;
    walk.now_s = worker->now_s;
    walk.part = wants_proof(query) ? PART_SIGNED : PART_DATA;
    walk.ahead = asked->is_found ? &asked->finding : NULL;
    denial_begin(&walk.denial, &worker->hasher, &asked->proof);
    while (take_step(&walk) == STEP_FOLLOW)
        ;
    complete(&walk);
    if (query->edns.zone_version || query->edns.expire)
        auth_tell_of_zone(zone, query, answer);
    return AUTH_ANSWERED;
}
