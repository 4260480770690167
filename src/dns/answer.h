// What will be said, before it is bytes: the chosen RRsets with their owners and sections, the
// RCODE, and the reason. All answerers fill this; only serve/reply.c turns it into a message.
//
// Owners and RRsets are pointed to where they live (a zone image, or `scratch` for what was made up
// on the way); they must outlive the encoding, which ends before the worker's turn does.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "dns/edns.h"
#include "dns/message.h"
#include "dns/name.h"
#include "dns/rrset.h"
#include "dns/type.h"

// Which part of an RRset is meant.
enum answer_part {
    PART_DATA,       // the records
    PART_SIGNED,     // the records and their RRSIGs
    PART_SIGNATURES, // the RRSIGs alone (somebody asked for type RRSIG)
};

struct answer_rrset {
    struct name owner;
    const struct rrset *rrset;
    uint32_t ttl;    // what is said, not always the RRset's own (RFC 2308 3)
    uint8_t section; // enum section; RRsets stand in order of sections
    uint8_t part;    // enum answer_part
    bool required;   // does not fit: TC. Others are left out silently (RFC 2181 9)
};

// Why the answer is what it is, in the words of RFC 1034 4.3.2 and RFC 9499. For the log, for stats
// and for `explain`.
enum answer_reason {
    REASON_NONE,
    REASON_ANSWER,      // the name has the type
    REASON_WILDCARD,    // a wildcard has the type (RFC 4592)
    REASON_PLACED,      // a route has the type, for this client
    REASON_FLATTENED,   // an ALIAS, whose target has the type
    REASON_NODATA,      // the name exists, the type does not
    REASON_NXDOMAIN,    // the name does not exist
    REASON_REFERRAL,    // a delegation of ours
    REASON_ALIAS_OUT,   // an alias led out of what we serve
    REASON_ALIAS_IN,    // an alias of the world led into a zone of ours
    REASON_CHAIN_LIMIT, // an alias chain went on past CHAIN_MAX, or in a circle
    REASON_YXDOMAIN,    // a DNAME made the name too long (RFC 6672 2.2)
    REASON_NOT_OURS,    // no zone of ours, and no recursion
    REASON_NOT_LOADED,  // a zone of ours that is not loaded or has expired
    REASON_LOCAL,       // a special name, or one of a hosts file
    REASON_RESOLVED,    // other servers said so, now or a while ago (the cache)
    REASON_STALE,       // they said so once, and cannot be asked now (RFC 8767)
    REASON_FAILED,      // nobody could say: SERVFAIL, and the EDE tells why
    REASON_IDENTITY,    // CHAOS identity (RFC 4892)
    REASON_REFUSED,     // access rules
    REASON_BAD_QUERY,   // FORMERR, NOTIMP, BADVERS
};

// Room for what is synthesised: a CNAME RRset and its target for each step of a chain; the owners
// of NSEC and NSEC3 RRsets, of which an image keeps only the labels below the zone's name; and the
// records that a route chose.
#define ANSWER_SCRATCH_MAX                                                                         \
    (CHAIN_MAX * (NAME_OCTETS_MAX + 1 + 16 + 2 + NAME_OCTETS_MAX + 3) +                            \
     ANSWER_PROOFS_MAX * (NAME_OCTETS_MAX + 1) + 16 + ROUTE_OCTETS_MAX + 2 * ROUTE_ITEMS_MAX)

struct answer {
    uint16_t rcode;       // enum rcode
    uint16_t class;       // of its records
    bool authoritative;   // AA
    bool in_order;        // the records' order says something: they are not rotated
    bool by_place;        // another place may get another answer
    bool tells_version;   // RFC 9660: of the zone of ours that has the question's name
    bool tells_expire;    // RFC 7314: of that zone
    uint8_t zone_labels;  // with tells_version
    uint8_t scope;        // so many bits of the client's address decided (RFC 7871 7.2.1)
    uint8_t reason;       // enum answer_reason
    int16_t ede;          // enum ede
    const char *ede_text; // a constant, or in `scratch`; NULL: none
    uint16_t count;
    uint16_t scratch_used;
    uint32_t zone_serial;   // with tells_version
    uint32_t zone_expire_s; // with tells_expire
    struct answer_rrset rrsets[ANSWER_RRSETS_MAX];
    uint8_t scratch[ANSWER_SCRATCH_MAX] __attribute__((aligned(4)));
};

static inline void answer_begin(struct answer *answer)
{
    answer->rcode = RCODE_NOERROR;
    answer->class = CLASS_IN;
    answer->authoritative = answer->in_order = answer->by_place = false;
    answer->tells_version = answer->tells_expire = false;
    answer->scope = 0;
    answer->reason = REASON_NONE;
    answer->ede = EDE_NONE;
    answer->ede_text = NULL;
    answer->count = 0;
    answer->scratch_used = 0;
}

// Adds an RRset; past ANSWER_RRSETS_MAX nothing is added and false is returned.
static inline bool answer_add(struct answer *answer, const struct answer_rrset *rrset)
{
    if (answer->count == ANSWER_RRSETS_MAX)
        return false;
    answer->rrsets[answer->count++] = *rrset;
    return true;
}
// Goes on with what `more` says (RFC 1034 4.3.2 step 3a: an alias leads there): its RRsets behind
// those of the same section, its RCODE, EDE and reason. AA stays what it was: it is about the name
// that was asked for (RFC 1035 4.1.1). `more` must live as long as the answer does.
void answer_append(struct answer *answer, const struct answer *more) __attribute__((nonnull));
// Where its last alias leads; the question's name if there is none.
struct name answer_last_name(const struct answer *answer, struct name question)
    __attribute__((nonnull, warn_unused_result));
// True if this RRset of this owner is in it already, in any section.
bool answer_has(const struct answer *answer, struct name owner, const struct rrset *rrset)
    __attribute__((nonnull));
// `size` octets of scratch, aligned to 4, or NULL: used up.
void *answer_scratch(struct answer *answer, size_t size)
    __attribute__((nonnull, warn_unused_result));
// An error without records.
void answer_fail(struct answer *answer, enum rcode rcode, enum answer_reason reason, enum ede ede,
                 const char *ede_text) __attribute__((nonnull(1)));
// "nodata", "referral" ...: for logs and statistics.
const char *answer_reason_word(enum answer_reason reason);
