// Following the chain (chain.h). Records may stand in any order, so each step looks at all of them:
// CHAIN_MAX passes at most, over numbers.
#include "resolve/chain.h"

#include <string.h>

#include "dns/rdata.h"
#include "dns/type.h"

static void move_to(struct chain *chain, struct name name)
{
    memmove(chain->last_wire, name.wire, name.size);
    chain->last = (struct name){chain->last_wire, name.size, name.labels};
}

// The name that a CNAME's or DNAME's rdata holds. False: it holds none.
static bool read_target(const struct heard *heard, const struct heard_record *record,
                        uint8_t storage[static NAME_OCTETS_MAX], struct name *target)
{
    size_t at = record->rdata_at;
    return message_name(heard->octets, heard->size, &at, storage, target) &&
           at == (size_t)record->rdata_at + record->rdata_size;
}

static const struct heard_record *find(const struct heard *heard, struct name owner, uint16_t type)
{
    struct heard_wanted wanted = {owner, heard_hash(heard, owner), type, SECTION_ANSWER};
    return heard_find(heard, NULL, &wanted);
}

// The DNAME above a name, within the zone: the CNAME beside it is only what it makes of this name
// (RFC 6672 3.1), and is made anew when it is answered.
static const struct heard_record *find_dname(const struct heard *heard, struct name name,
                                             struct name zone)
{
    if (!heard->has_dname)
        return NULL;
    for (unsigned labels = name.labels; labels-- > zone.labels;) {
        const struct heard_record *record = find(heard, name_suffix(name, labels), TYPE_DNAME);
        if (record)
            return record;
    }
    return NULL;
}

static bool seen(const struct chain *chain, struct name name)
{
    for (unsigned i = 0; i < chain->count; i++)
        if (chain->steps[i].type == TYPE_CNAME && name_equal(chain->steps[i].owner, name))
            return true;
    return false;
}

// Takes one alias as a step. False: the chain is over.
static bool take(const struct heard *heard, const struct heard_record *record, struct chain *chain)
{
    uint8_t storage[NAME_OCTETS_MAX], joined[NAME_OCTETS_MAX];
    struct name target;
    if (chain->count == CHAIN_MAX || (record->type == TYPE_CNAME && seen(chain, chain->last))) {
        chain->endless = true;
        return false;
    }
    if (!read_target(heard, record, storage, &target))
        return false;
    struct chain_step *step = &chain->steps[chain->count++];
    step->type = record->type;
    step->owner = heard_owner(heard, record, step->wire);
    if (record->type == TYPE_DNAME &&
        !name_join(chain->last, chain->last.labels - step->owner.labels, target, joined, &target)) {
        chain->too_long = true;
        return false;
    }
    move_to(chain, target);
    return true;
}

// RFC 6672 3.1: the CNAME that a DNAME makes is no record of the zone: whoever asks for it - or for
// all there is - gets it made anew, of the DNAME and beside it.
static bool take_dname_instead(const struct heard *heard, const struct chain_question *question,
                               struct chain *chain)
{
    if (question->type != TYPE_CNAME && question->type != TYPE_ANY)
        return false;
    const struct heard_record *dname = find_dname(heard, chain->last, question->zone);
    if (!dname)
        return false;
    chain->outside = take(heard, dname, chain);
    return true;
}

void chain_follow(const struct heard *heard, const struct chain_question *question,
                  struct chain *chain)
{
    chain->count = 0;
    chain->found = chain->outside = chain->too_long = chain->endless = false;
    move_to(chain, question->name);
    if (take_dname_instead(heard, question, chain))
        return;
    for (;;) {
        if (!name_is_within(chain->last, question->zone)) {
            chain->outside = true;
            return;
        }
        if (find(heard, chain->last, question->type)) {
            chain->found = true;
            return;
        }
        const struct heard_record *alias = find_dname(heard, chain->last, question->zone);
        if (!alias)
            alias = find(heard, chain->last, TYPE_CNAME);
        if (!alias || !take(heard, alias, chain))
            return;
    }
}
