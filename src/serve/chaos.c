// CHAOS identity (chaos.h).
#include "serve/chaos.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"

struct chaos_name {
    const char *wire;
    uint8_t size;
    bool version; // the version, else the host's name
};

// In octal: a \x04 before "bind" would take the b along.
static const struct chaos_name names[] = {
    {"\10hostname\4bind", 15, false},
    {"\2id\6server", 11, false},
    {"\7version\4bind", 14, true},
    {"\7version\6server", 16, true},
};

static const struct chaos_name *find_chaos_name(const struct name_key *key)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].size == key->size && memcmp(names[i].wire, key->folded, key->size) == 0)
            return &names[i];
    return NULL;
}

// A TXT RRset of one string, TTL 0, in the answer's scratch.
static const struct rrset *make_txt(struct answer *answer, const uint8_t *text, uint8_t text_size)
{
    size_t size = (sizeof(struct rrset) + 3u + text_size + 3) & ~(size_t)3;
    struct rrset *rrset = answer_scratch(answer, size);
    assert(rrset); // nothing else is in there
    *rrset = (struct rrset){.type = TYPE_TXT, .count = 1, .words = rrset_words(size)};
    bytes_put16(rrset->body, (uint16_t)(1 + text_size));
    rrset->body[2] = text_size;
    memcpy(rrset->body + 3, text, text_size);
    return rrset;
}

void chaos_answer(const struct identity *identity, const struct query *query, struct answer *answer)
{
    const struct chaos_name *name = find_chaos_name(&query->key);
    uint8_t size = 0;
    const uint8_t *text = NULL;
    if (name) {
        text = name->version ? identity->version : identity->hostname;
        size = name->version ? identity->version_size : identity->hostname_size;
    }
    if (size == 0) {
        answer_fail(answer, RCODE_REFUSED, REASON_REFUSED, EDE_NOT_AUTHORITATIVE, NULL);
        return;
    }
    answer->authoritative = true;
    if (query->type != TYPE_TXT && query->type != TYPE_ANY) {
        answer->reason = REASON_NODATA;
        return;
    }
    answer->reason = REASON_IDENTITY;
    answer->class = CLASS_CH;
    answer_add(answer, &(struct answer_rrset){.owner = query->name,
                                              .rrset = make_txt(answer, text, size),
                                              .section = SECTION_ANSWER,
                                              .part = PART_DATA,
                                              .required = true});
}
