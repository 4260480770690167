// Telling the kinds apart (classify.h):
//
//   RCODE     other than NOERROR, NXDOMAIN, YXDOMAIN: that says it all
//   TC        whatever else is there is a part of something (RFC 2181 9)
//   answer    the chain of the question; it decides before the authority section does
//   authority an SOA at or above the name, within the zone asked: there is no such thing
//             (RFC 2308 2.1, 2.2); NS of a zone further down, at or above the name: a referral;
//             NS of the zone itself or higher: somebody who does not know better (lame)
//
// An RCODE of NXDOMAIN is about the last name of the chain (RFC 6604 2); where that is another
// zone's, this server's word on it does not count.
#include "resolve/classify.h"

#include <string.h>

#include "dns/type.h"

static bool kind_of_rcode(unsigned rcode, enum reply_kind *kind)
{
    switch (rcode) {
    case RCODE_NOERROR:
    case RCODE_NXDOMAIN:
    case RCODE_YXDOMAIN: return false;
    case RCODE_FORMERR: *kind = KIND_FORMERR; return true;
    case RCODE_SERVFAIL: *kind = KIND_SERVFAIL; return true;
    case RCODE_NOTIMP: *kind = KIND_NOTIMP; return true;
    case RCODE_REFUSED: *kind = KIND_REFUSED; return true;
    case RCODE_BADVERS: *kind = KIND_BADVERS; return true;
    case RCODE_BADCOOKIE: *kind = KIND_BADCOOKIE; return true;
    default: *kind = KIND_ODD; return true;
    }
}

// What the authority section has to say about a name.
struct authority {
    bool soa;      // of this zone, or of one below it, at or above the name
    bool referral; // to `cut`
    bool upward;   // NS of the zone that was asked, or above it ...
    bool higher;   // ... and really above
};

static void look_at(const struct heard *heard, const struct heard_record *record,
                    const struct classify_question *question, struct classified *classified,
                    struct authority *authority)
{
    uint8_t storage[NAME_OCTETS_MAX];
    struct name last = classified->chain.last, zone = question->chain.zone;
    if (record->type != TYPE_SOA && record->type != TYPE_NS)
        return;
    struct name owner = heard_owner(heard, record, storage);
    bool below = name_is_within(owner, zone);
    if (record->type == TYPE_SOA) {
        authority->soa |= below && name_is_within(last, owner);
    } else if (below && owner.labels > zone.labels && name_is_within(last, owner)) {
        if (authority->referral && owner.labels <= classified->cut.labels)
            return; // the deepest counts, should there be several
        authority->referral = true;
        memcpy(classified->cut_wire, owner.wire, owner.size);
        classified->cut = (struct name){classified->cut_wire, owner.size, owner.labels};
    } else if (name_is_within(zone, owner)) {
        authority->upward = true;
        authority->higher |= owner.labels < zone.labels;
    }
}

static struct authority look_at_authority(const struct heard *heard,
                                          const struct classify_question *question,
                                          struct classified *classified)
{
    struct authority authority = {0};
    for (unsigned i = 0; i < heard->count; i++)
        if (heard->records[i].section == SECTION_AUTHORITY && heard->records[i].class == CLASS_IN)
            look_at(heard, &heard->records[i], question, classified, &authority);
    return authority;
}

// Nothing of the type that was asked for, and no alias that leads on.
static enum reply_kind judge_absence(const struct heard *heard,
                                     const struct classify_question *question,
                                     struct classified *classified)
{
    bool authoritative = heard->flags & FLAG_AA || question->recursive;
    struct authority authority = look_at_authority(heard, question, classified);
    classified->has_soa = authority.soa;
    if (heard->rcode == RCODE_NXDOMAIN)
        return authoritative || authority.soa || question->hearsay ? KIND_NXDOMAIN : KIND_LAME;
    if (authority.soa)
        return KIND_NODATA;
    if (authority.referral && question->recursive)
        return KIND_LAME;
    if (authority.referral) {
        // RFC 4035 3.1.4.1: DS is the parent's. One that refers instead has none.
        bool parents = question->chain.type == TYPE_DS &&
                       classified->cut.labels == classified->chain.last.labels;
        return parents ? KIND_NODATA : KIND_REFERRAL;
    }
    // RFC 2308 2.2, type 3: neither SOA nor NS. One that knows the zone does not name the servers
    // of one above it, whatever its AA says.
    if (authoritative && (!authority.higher || question->recursive))
        return KIND_NODATA;
    if (authority.upward)
        return KIND_UPWARD;
    return question->hearsay ? KIND_NODATA : KIND_LAME;
}

void classify(const struct heard *heard, const struct classify_question *question,
              struct classified *classified)
{
    classified->has_soa = false;
    if (kind_of_rcode(heard->rcode, &classified->kind))
        return;
    if (heard->flags & FLAG_TC) {
        classified->kind = KIND_TRUNCATED;
        return;
    }
    struct chain *chain = &classified->chain;
    chain_follow(heard, &question->chain, chain);
    bool authoritative = heard->flags & FLAG_AA || question->recursive;
    // Somebody's cache.
    bool hearsay = !authoritative && heard->flags & FLAG_RA && !question->hearsay;
    if ((chain->found || chain->count > 0) && hearsay)
        classified->kind = KIND_LAME;
    else if (chain->found)
        classified->kind = KIND_ANSWER;
    else if (chain->outside || chain->too_long || chain->endless)
        classified->kind = KIND_ALIAS;
    else
        classified->kind = judge_absence(heard, question, classified);
    // What comes with an alias is about its target: without an SOA that says so it is asked anew.
    bool denied = classified->kind == KIND_NXDOMAIN || classified->kind == KIND_NODATA;
    if (chain->count > 0 && classified->kind != KIND_ANSWER && !hearsay &&
        !(denied && classified->has_soa))
        classified->kind = KIND_ALIAS;
}

const char *classify_word(enum reply_kind kind)
{
    switch (kind) {
    case KIND_ANSWER: return "an answer";
    case KIND_ALIAS: return "an alias";
    case KIND_NODATA: return "no such type";
    case KIND_NXDOMAIN: return "no such name";
    case KIND_REFERRAL: return "a referral";
    case KIND_UPWARD: return "lame: refers upwards";
    case KIND_LAME: return "lame: not authoritative";
    case KIND_TRUNCATED: return "truncated";
    case KIND_FORMERR: return "FORMERR";
    case KIND_NOTIMP: return "NOTIMP";
    case KIND_BADVERS: return "BADVERS";
    case KIND_BADCOOKIE: return "BADCOOKIE";
    case KIND_REFUSED: return "REFUSED";
    case KIND_SERVFAIL: return "SERVFAIL";
    case KIND_ODD: return "an odd RCODE";
    }
    return "";
}
