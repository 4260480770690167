// RRsets from text, for tests.
#pragma once

#include "names.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "dns/rdata.h"
#include "dns/rrset.h"
#include "dns/type.h"

// Rdata from its text form; words are parted by one space. Returns its size.
static inline size_t rdata_of(uint16_t type, const char *text, uint8_t rdata[static RDATA_MAX])
{
    struct token tokens[32];
    size_t count = 0, size = 0;
    struct rdata_problem problem = {0};
    while (*text && count < COUNT(tokens)) {
        size_t length = strcspn(text, " ");
        tokens[count++] = (struct token){.text = text, .size = (uint32_t)length};
        text += length + (text[length] == ' ');
    }
    if (!rdata_parse(type, tokens, count, &NAME_ROOT, rdata, &size, &problem))
        fail_msg("%s", problem.message);
    return size;
}

// An empty RRset; free() gives it back.
static inline struct rrset *rrset_empty(uint16_t type, uint32_t ttl)
{
    struct rrset *rrset = calloc(1, sizeof *rrset);
    assert_non_null(rrset);
    rrset->words = sizeof *rrset / 4;
    rrset->type = type;
    rrset->ttl = ttl;
    return rrset;
}

// Puts an entry behind the others. Which count it goes to is the caller's affair.
static inline struct rrset *rrset_append(struct rrset *rrset, const void *rdata, size_t size)
{
    const uint8_t *end = rrset->body;
    for (unsigned i = 0; i < (unsigned)rrset->count + rrset->signatures; i++)
        end = rrset_next(end);
    size_t used = (size_t)(end - (const uint8_t *)rrset);
    size_t whole = (used + 2 + size + 3) & ~(size_t)3;
    rrset = realloc(rrset, whole);
    assert_non_null(rrset);
    rrset->words = rrset_words(whole);
    bytes_put16((uint8_t *)rrset + used, (uint16_t)size);
    memcpy((uint8_t *)rrset + used + 2, rdata, size);
    return rrset;
}

static inline struct rrset *rrset_add(struct rrset *rrset, const char *text)
{
    static uint8_t rdata[RDATA_MAX];
    assert_int_equal(rrset->signatures, 0);
    rrset = rrset_append(rrset, rdata, rdata_of(rrset->type, text, rdata));
    rrset->count++;
    return rrset;
}

// Up to three records; the others are NULL.
static inline struct rrset *rrset_of(uint16_t type, const char *a, const char *b, const char *c)
{
    struct rrset *rrset = rrset_add(rrset_empty(type, 3600), a);
    if (b)
        rrset = rrset_add(rrset, b);
    if (c)
        rrset = rrset_add(rrset, c);
    return rrset;
}

// An RRSIG by `signer`; what it says is of no concern here.
static inline struct rrset *rrset_sign(struct rrset *rrset, const char *signer)
{
    static uint8_t rdata[RDATA_MAX];
    char type[TYPE_TEXT_MAX], text[NAME_TEXT_MAX + 128];
    type_print(rrset->type, type);
    snprintf(text, sizeof text, "%s 13 2 3600 20300101000000 20200101000000 12345 %s AAECAwQF",
             type, signer);
    rrset = rrset_append(rrset, rdata, rdata_of(TYPE_RRSIG, text, rdata));
    rrset->signatures++;
    return rrset;
}
