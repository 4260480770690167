// The chosen records (answer.h).
#include "dns/answer.h"

#include <string.h>

// Where an RRset of this section goes: behind the last that is not of a later one.
static unsigned find_place(const struct answer *answer, unsigned section)
{
    unsigned at = answer->count;
    while (at > 0 && answer->rrsets[at - 1].section > section)
        at--;
    return at;
}

void answer_append(struct answer *answer, const struct answer *more)
{
    for (unsigned i = 0; i < more->count && answer->count < ANSWER_RRSETS_MAX; i++) {
        unsigned at = find_place(answer, more->rrsets[i].section);
        memmove(&answer->rrsets[at + 1], &answer->rrsets[at],
                (answer->count - at) * sizeof answer->rrsets[0]);
        answer->rrsets[at] = more->rrsets[i];
        answer->count++;
    }
    answer->rcode = more->rcode;
    answer->in_order |= more->in_order;
    answer->by_place |= more->by_place;
    if (more->scope > answer->scope)
        answer->scope = more->scope;
    answer->reason = more->reason;
    answer->ede = more->ede;
    answer->ede_text = more->ede_text;
}

bool answer_has(const struct answer *answer, struct name owner, const struct rrset *rrset)
{
    for (unsigned i = 0; i < answer->count; i++) {
        const struct answer_rrset *entry = &answer->rrsets[i];
        // A wildcard's RRset may stand there once for each name that it was expanded to.
        if (entry->rrset == rrset && name_equal(entry->owner, owner))
            return true;
    }
    return false;
}

void *answer_scratch(struct answer *answer, size_t size)
{
    size = (size + 3) & ~(size_t)3;
    if (size > ANSWER_SCRATCH_MAX - (size_t)answer->scratch_used)
        return NULL;
    void *scratch = answer->scratch + answer->scratch_used;
    answer->scratch_used = (uint16_t)(answer->scratch_used + size);
    return scratch;
}

void answer_fail(struct answer *answer, enum rcode rcode, enum answer_reason reason, enum ede ede,
                 const char *ede_text)
{
    answer_begin(answer);
    answer->rcode = rcode;
    answer->reason = reason;
    answer->ede = (int16_t)ede;
    answer->ede_text = ede_text;
}

struct name answer_last_name(const struct answer *answer, struct name question)
{
    struct name name = question;
    for (unsigned i = 0; i < answer->count; i++)
        if (answer->rrsets[i].section == SECTION_ANSWER &&
            answer->rrsets[i].rrset->type == TYPE_CNAME)
            name = name_trust(rrset_rdata(answer->rrsets[i].rrset->body));
    return name;
}

const char *answer_reason_word(enum answer_reason reason)
{
    switch (reason) {
    case REASON_NONE: return "none";
    case REASON_ANSWER: return "answer";
    case REASON_WILDCARD: return "wildcard";
    case REASON_PLACED: return "placed";
    case REASON_FLATTENED: return "flattened";
    case REASON_NODATA: return "nodata";
    case REASON_NXDOMAIN: return "nxdomain";
    case REASON_REFERRAL: return "referral";
    case REASON_ALIAS_OUT: return "alias-out";
    case REASON_ALIAS_IN: return "alias-in";
    case REASON_CHAIN_LIMIT: return "chain-limit";
    case REASON_YXDOMAIN: return "yxdomain";
    case REASON_NOT_OURS: return "not-ours";
    case REASON_NOT_LOADED: return "not-loaded";
    case REASON_LOCAL: return "local";
    case REASON_RESOLVED: return "resolved";
    case REASON_STALE: return "stale";
    case REASON_FAILED: return "failed";
    case REASON_IDENTITY: return "identity";
    case REASON_REFUSED: return "refused";
    case REASON_BAD_QUERY: return "bad-query";
    }
    return "none";
}
