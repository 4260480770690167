// Answers by value (parcel.h):
//
//   | head | answer_rrset ... | RRset block ... | owner ... | EDE's text |
//
// Blocks come first, since they are aligned to 4 octets and as long as a multiple of that.
#include "dns/parcel.h"

#include <stdlib.h>
#include <string.h>

struct parcel {
    uint16_t rcode, class;
    bool authoritative, in_order, by_place;
    uint8_t scope, reason;
    int16_t ede;
    uint16_t count;
    const char *ede_text;
    struct answer_rrset rrsets[];
};

static size_t measure(const struct answer *answer)
{
    size_t size = sizeof(struct parcel) + answer->count * sizeof answer->rrsets[0];
    for (unsigned i = 0; i < answer->count; i++)
        size += rrset_size(answer->rrsets[i].rrset) + answer->rrsets[i].owner.size;
    return size + (answer->ede_text ? strlen(answer->ede_text) + 1 : 0);
}

static void *copy(uint8_t **to, const void *from, size_t size)
{
    void *copied = memcpy(*to, from, size);
    *to += size;
    return copied;
}

struct parcel *parcel_make(const struct answer *answer)
{
    struct parcel *parcel = malloc(measure(answer));
    if (!parcel)
        return NULL;
    *parcel = (struct parcel){.rcode = answer->rcode,
                              .class = answer->class,
                              .authoritative = answer->authoritative,
                              .in_order = answer->in_order,
                              .by_place = answer->by_place,
                              .scope = answer->scope,
                              .reason = answer->reason,
                              .ede = answer->ede,
                              .count = answer->count};
    memcpy(parcel->rrsets, answer->rrsets, answer->count * sizeof answer->rrsets[0]);
    uint8_t *to = (uint8_t *)&parcel->rrsets[answer->count];
    for (unsigned i = 0; i < answer->count; i++) {
        const struct rrset *rrset = answer->rrsets[i].rrset;
        parcel->rrsets[i].rrset = copy(&to, rrset, rrset_size(rrset));
    }
    for (unsigned i = 0; i < answer->count; i++) {
        const struct name *owner = &answer->rrsets[i].owner;
        parcel->rrsets[i].owner.wire = copy(&to, owner->wire, owner->size);
    }
    if (answer->ede_text)
        parcel->ede_text = copy(&to, answer->ede_text, strlen(answer->ede_text) + 1);
    return parcel;
}

void parcel_open(const struct parcel *parcel, struct answer *answer)
{
    answer_begin(answer);
    answer->rcode = parcel->rcode;
    answer->class = parcel->class;
    answer->authoritative = parcel->authoritative;
    answer->in_order = parcel->in_order;
    answer->by_place = parcel->by_place;
    answer->scope = parcel->scope;
    answer->reason = parcel->reason;
    answer->ede = parcel->ede;
    answer->ede_text = parcel->ede_text;
    answer->count = parcel->count;
    memcpy(answer->rrsets, parcel->rrsets, parcel->count * sizeof parcel->rrsets[0]);
}
