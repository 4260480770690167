// Dynamic updates (update.h), in the order of RFC 2136 3: prerequisites, prescan with permission,
// then the changes, none of which can fail any more.
//
// A zone that somebody else has signed is not changed: its signatures and its chain would be wrong
// from then on, which every validator takes for an attack (RFC 3007 4.4 would sign anew).
#include "transfer/update.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "dns/rdata.h"
#include "zone/serial.h"

struct update_policy *update_policy_make(size_t count)
{
    struct update_policy *policy =
        memory_get_zeroed(1, sizeof *policy + count * sizeof policy->rules[0]);
    assert(count <= UPDATE_RULES_MAX);
    atomic_init(&policy->holders, 1);
    policy->count = count;
    return policy;
}

struct update_policy *update_policy_hold(struct update_policy *policy)
{
    atomic_fetch_add_explicit(&policy->holders, 1, memory_order_relaxed);
    return policy;
}

void update_policy_release(struct update_policy *policy)
{
    if (!policy || atomic_fetch_sub_explicit(&policy->holders, 1, memory_order_acq_rel) != 1)
        return;
    arena_free(&policy->memory);
    free(policy);
}

// --- saying no -----------------------------------------------------------------------------------

static bool refuse(struct update_outcome *outcome, enum rcode rcode, const char *text)
{
    *outcome = (struct update_outcome){.rcode = rcode,
                                       .ede = rcode == RCODE_REFUSED ? EDE_PROHIBITED
                                              : text                 ? EDE_OTHER
                                                                     : EDE_NONE,
                                       .text = text};
    return false;
}

bool update_zone(struct message *message, struct message_record *zone)
{
    return message->counts[SECTION_QUESTION] == 1 && message_next(message, zone) &&
           zone->section == SECTION_QUESTION && zone->type == TYPE_SOA;
}

// --- one record ----------------------------------------------------------------------------------

// QTYPEs and what is only ever in a message.
static bool is_data_type(uint16_t type)
{
    return !type_is_meta(type);
}

static struct record record_of(const struct message_record *read, const uint8_t *rdata, size_t size)
{
    return (struct record){.owner = read->owner.wire,
                           .owner_size = read->owner.size,
                           .owner_labels = read->owner.labels,
                           .type = read->type,
                           .ttl = read->ttl >> 31 ? 0 : read->ttl, // RFC 2181 8
                           .rdata = rdata,
                           .rdata_size = (uint16_t)size};
}

static bool expand(const struct update_request *request, const struct message_record *read,
                   uint8_t rdata[static RDATA_MAX], struct record *record)
{
    size_t size;
    if (!rdata_expand(read->type, request->octets, request->size, read->rdata_at, read->rdata_size,
                      rdata, &size))
        return false;
    *record = record_of(read, rdata, size);
    return true;
}

// --- prerequisites (3.2) -------------------------------------------------------------------------

static size_t count_rrset(struct draft *draft, const struct message_record *read)
{
    return draft_count(draft, read->owner, read->type);
}

// Without a value: of class ANY something must be there, of class NONE it must not.
static bool check_presence(struct draft *draft, const struct message_record *read,
                           struct update_outcome *outcome)
{
    bool wanted = read->class == CLASS_ANY, name_alone = read->type == TYPE_ANY;
    if (read->rdata_size != 0 || (!name_alone && !is_data_type(read->type)))
        return refuse(outcome, RCODE_FORMERR, NULL);
    bool is_there =
        name_alone ? draft_look(draft, read->owner)->count > 0 : count_rrset(draft, read) > 0;
    if (is_there == wanted)
        return true;
    if (name_alone)
        return refuse(outcome, wanted ? RCODE_NXDOMAIN : RCODE_YXDOMAIN,
                      "a prerequisite does not hold");
    return refuse(outcome, wanted ? RCODE_NXRRSET : RCODE_YXRRSET, "a prerequisite does not hold");
}

static bool check_prerequisite(struct draft *draft, const struct update_request *request,
                               const struct message_record *read, struct records *expected,
                               struct update_outcome *outcome)
{
    static _Thread_local uint8_t rdata[RDATA_MAX];
    struct record record;
    if (read->ttl != 0)
        return refuse(outcome, RCODE_FORMERR, NULL);
    if (!name_is_within(read->owner, draft->origin))
        return refuse(outcome, RCODE_NOTZONE, NULL);
    if (read->class == CLASS_ANY || read->class == CLASS_NONE)
        return check_presence(draft, read, outcome);
    if (read->class != CLASS_IN || !is_data_type(read->type) ||
        !expand(request, read, rdata, &record))
        return refuse(outcome, RCODE_FORMERR, NULL);
    diff_add(expected, &record);
    return true;
}

static bool has_record(const struct draft_name *there, const struct record *record)
{
    for (size_t i = 0; i < there->count; i++)
        if (diff_same(&there->list[i], record))
            return true;
    return false;
}

// 3.2.3: the RRsets that were told with values are exactly those, TTLs aside. `expected` is sorted.
static bool check_values(struct draft *draft, const struct records *expected,
                         struct update_outcome *outcome)
{
    for (size_t i = 0; i < expected->count;) {
        const struct record *first = &expected->list[i];
        const struct draft_name *there = draft_look(draft, record_owner(first));
        size_t distinct = 0;
        for (; i < expected->count && expected->list[i].type == first->type &&
               name_equal(record_owner(&expected->list[i]), record_owner(first));
             i++) {
            if (!has_record(there, &expected->list[i]))
                return refuse(outcome, RCODE_NXRRSET, "a prerequisite does not hold");
            distinct += &expected->list[i] == first ||
                        !diff_same(&expected->list[i], &expected->list[i - 1]);
        }
        if (draft_count(draft, record_owner(first), first->type) != distinct)
            return refuse(outcome, RCODE_NXRRSET, "a prerequisite does not hold");
    }
    return true;
}

static bool check_prerequisites(struct draft *draft, const struct update_request *request,
                                struct update_outcome *outcome)
{
    struct message message;
    struct message_record read;
    struct records expected;
    bool good = true;
    if (!message_open(&message, request->octets, request->size) || !update_zone(&message, &read))
        return refuse(outcome, RCODE_FORMERR, NULL);
    records_begin(&expected, draft->origin);
    while (good && message_next(&message, &read) && read.section == SECTION_ANSWER)
        good = check_prerequisite(draft, request, &read, &expected, outcome);
    if (good && message.malformed)
        good = refuse(outcome, RCODE_FORMERR, NULL);
    records_sort(&expected);
    good = good && check_values(draft, &expected, outcome);
    records_free(&expected);
    return good;
}

// --- permission (3.3) ----------------------------------------------------------------------------

static bool is_of_pattern(struct name name, struct name pattern)
{
    if (!name_is_wildcard(pattern))
        return name_equal(name, pattern);
    struct name top = name_suffix(pattern, pattern.labels - 1u);
    return name.labels > top.labels && name_is_within(name, top);
}

static bool is_challenge(struct name name)
{
    static const char label[] = "_acme-challenge";
    if (name.labels == 0 || name.wire[0] != sizeof label - 1)
        return false;
    for (size_t i = 0; i < sizeof label - 1; i++)
        if (byte_fold(name.wire[1 + i]) != (uint8_t)label[i])
            return false;
    return true;
}

static bool lets(const struct update_rule *rule, struct name name, uint16_t type)
{
    bool names = rule->name_count == 0, types = rule->type_count == 0;
    for (size_t i = 0; i < rule->name_count && !names; i++)
        names = is_of_pattern(name, rule->names[i]);
    for (size_t i = 0; i < rule->type_count && !types; i++)
        types = rule->types[i] == type;
    // The deletion of a whole name is the deletion of all TXT records for who may have no others.
    return names && types && (!rule->acme || (is_challenge(name) && type == TYPE_TXT));
}

static bool is_allowed(const struct update_request *request, const struct message_record *read)
{
    for (size_t i = 0; i < request->policy->count; i++)
        if (request->admitted >> i & 1 && lets(&request->policy->rules[i], read->owner, read->type))
            return true;
    return false;
}

// --- prescan (3.4.1) -----------------------------------------------------------------------------

static bool is_signers(uint16_t type)
{
    return type == TYPE_RRSIG || type == TYPE_NSEC || type == TYPE_NSEC3;
}

static bool has_form(const struct update_request *request, const struct message_record *read)
{
    static _Thread_local uint8_t rdata[RDATA_MAX];
    struct record record;
    switch (read->class) {
    case CLASS_IN: return is_data_type(read->type) && expand(request, read, rdata, &record);
    case CLASS_ANY:
        return read->ttl == 0 && read->rdata_size == 0 &&
               (read->type == TYPE_ANY || is_data_type(read->type));
    case CLASS_NONE:
        return read->ttl == 0 && is_data_type(read->type) && expand(request, read, rdata, &record);
    default: return false;
    }
}

static bool scan(const struct draft *draft, const struct update_request *request,
                 const struct message_record *read, struct update_outcome *outcome)
{
    if (!name_is_within(read->owner, draft->origin))
        return refuse(outcome, RCODE_NOTZONE, NULL);
    if (!has_form(request, read))
        return refuse(outcome, RCODE_FORMERR, NULL);
    if (is_signers(read->type))
        return refuse(outcome, RCODE_REFUSED, "signatures and denial are the signer's to write");
    if (!is_allowed(request, read))
        return refuse(outcome, RCODE_REFUSED, "this client may not change this name and type");
    return true;
}

// Calls `each` for the records of the update section until it says no.
typedef bool update_each(struct draft *draft, const struct update_request *request,
                         const struct message_record *read, struct update_outcome *outcome);

static bool walk(struct draft *draft, const struct update_request *request, update_each *each,
                 struct update_outcome *outcome)
{
    struct message message;
    struct message_record read;
    bool good = message_open(&message, request->octets, request->size);
    while (good && message_next(&message, &read))
        if (read.section == SECTION_AUTHORITY)
            good = each(draft, request, &read, outcome);
    return good && (!message.malformed || refuse(outcome, RCODE_FORMERR, NULL));
}

static bool scan_each(struct draft *draft, const struct update_request *request,
                      const struct message_record *read, struct update_outcome *outcome)
{
    return scan(draft, request, read, outcome);
}

// --- the changes (3.4.2) -------------------------------------------------------------------------

// RFC 2181 10.1, RFC 4034: what may stand beside a CNAME.
static bool may_be_beside_cname(uint16_t type)
{
    return is_signers(type) || type == TYPE_CNAME;
}

static bool is_single(uint16_t type)
{
    const struct type_row *row = type_find(type);
    return row && row->single;
}

// 3.4.2.2: an addition that would put a CNAME beside other data is passed over. So is a DNAME
// beside a CNAME, which is the same (RFC 6672 2.4).
static bool clashes(struct draft *draft, const struct record *record)
{
    const struct draft_name *there = draft_look(draft, record_owner(record));
    for (size_t i = 0; i < there->count; i++) {
        uint16_t type = there->list[i].type;
        if (record->type == TYPE_CNAME ? !may_be_beside_cname(type)
                                       : type == TYPE_CNAME && !may_be_beside_cname(record->type))
            return true;
    }
    return false;
}

// A SOA stands at the apex only, and goes forward only (RFC 1982).
static bool is_newer_soa(struct draft *draft, const struct record *record)
{
    const struct record *soa = draft_soa(draft);
    return name_equal(record_owner(record), draft->origin) && soa &&
           serial_is_newer(diff_serial(record), diff_serial(soa));
}

static void add(struct draft *draft, const struct record *record)
{
    if (record->type == TYPE_SOA && !is_newer_soa(draft, record))
        return;
    if (clashes(draft, record))
        return;
    if (is_single(record->type)) {
        const struct draft_name *there = draft_look(draft, record_owner(record));
        if (draft_count(draft, there->name, record->type) > 0 && !has_record(there, record))
            draft_remove_rrset(draft, there->name, record->type);
    }
    (void)draft_add(draft, record);
}

// 3.4.2.3: the apex keeps its SOA and its NS.
static bool is_kept(const struct draft *draft, struct name name, uint16_t type)
{
    return (type == TYPE_SOA || type == TYPE_NS) && name_equal(name, draft->origin);
}

static void delete_name(struct draft *draft, struct name name)
{
    const struct draft_name *there = draft_look(draft, name);
    for (size_t i = there->count; i-- > 0;)
        if (i < there->count && !is_kept(draft, name, there->list[i].type))
            draft_remove_rrset(draft, name, there->list[i].type);
}

static void delete_record(struct draft *draft, const struct record *record)
{
    struct name name = record_owner(record);
    if (record->type == TYPE_SOA)
        return;
    if (is_kept(draft, name, record->type) && draft_count(draft, name, TYPE_NS) == 1)
        return; // 3.4.2.4: the last NS
    (void)draft_remove(draft, record);
}

static bool change_each(struct draft *draft, const struct update_request *request,
                        const struct message_record *read, struct update_outcome *outcome)
{
    static _Thread_local uint8_t rdata[RDATA_MAX];
    struct record record;
    (void)outcome;
    if (read->class == CLASS_ANY && read->type == TYPE_ANY) {
        delete_name(draft, read->owner);
    } else if (read->class == CLASS_ANY) {
        if (!is_kept(draft, read->owner, read->type))
            draft_remove_rrset(draft, read->owner, read->type);
    } else {
        bool read_again = expand(request, read, rdata, &record);
        assert(read_again); // the prescan has done it
        (void)read_again;
        if (read->class == CLASS_NONE)
            delete_record(draft, &record);
        else
            add(draft, &record);
    }
    return true;
}

void update_apply(struct draft *draft, const struct update_request *request,
                  struct update_outcome *outcome)
{
    *outcome = (struct update_outcome){.rcode = RCODE_NOERROR, .ede = EDE_NONE};
    if (!check_prerequisites(draft, request, outcome) || !walk(draft, request, scan_each, outcome))
        return;
    if (draft_count(draft, draft->origin, TYPE_RRSIG) > 0) {
        (void)refuse(outcome, RCODE_REFUSED, "the zone was signed elsewhere");
        return;
    }
    bool done = walk(draft, request, change_each, outcome);
    assert(done);
    (void)done;
}
