// Every kind of reply, told from the others.
#include "replies.h"

#include "resolve/classify.h"

#define SOA "au x. SOA ns.x. h.x. 1 2 3 4 600"

struct row {
    enum reply_kind kind;
    unsigned flags;
    const char *name;
    uint16_t type;
    const char *zone;
    const char *records[4];
    const char *cut;
    bool recursive, hearsay;
};

static const struct row rows[] = {
    {KIND_ANSWER, FLAG_AA, "www.x.", TYPE_A, "x.", {"an www.x. A 192.0.2.1"}},
    {KIND_ANSWER, 0, "www.x.", TYPE_A, "x.", {"an www.x. A 192.0.2.1"}},
    {KIND_LAME, FLAG_RA, "www.x.", TYPE_A, "x.", {"an www.x. A 192.0.2.1"}}, // somebody's cache
    {KIND_ANSWER, FLAG_RA, "www.x.", TYPE_A, "x.", {"an www.x. A 192.0.2.1"}, .recursive = true},
    // Where nobody else answers, a cache's word is taken, and a NODATA that nobody signs for.
    {KIND_ANSWER, FLAG_RA, "www.x.", TYPE_A, "x.", {"an www.x. A 192.0.2.1"}, .hearsay = true},
    {KIND_NODATA, 0, "www.x.", TYPE_AAAA, "x.", {"an www.x. A 192.0.2.1"}, .hearsay = true},
    {KIND_NXDOMAIN, RCODE_NXDOMAIN, "w.x.", TYPE_A, "x.", {NULL}, .hearsay = true},
    {KIND_UPWARD, 0, "w.x.", TYPE_A, "x.", {"au x. NS ns.x."}, .hearsay = true},
    {KIND_ANSWER, FLAG_AA, "w.x.", TYPE_A, "x.", {"an w.x. CNAME b.x.", "an b.x. A 192.0.2.1"}},
    {KIND_ALIAS, FLAG_AA, "w.x.", TYPE_A, "x.", {"an w.x. CNAME b.x."}},
    {KIND_ALIAS, FLAG_AA, "w.x.", TYPE_A, "x.", {"an w.x. CNAME b.y."}},
    // An alias without AA is as good as an answer without it; but not somebody's cache's.
    {KIND_ALIAS, 0, "w.x.", TYPE_A, "x.", {"an w.x. CNAME b.x."}},
    {KIND_LAME, FLAG_RA, "w.x.", TYPE_A, "x.", {"an w.x. CNAME b.x."}},
    // RFC 6604 2: NXDOMAIN is of the last name, and only counts where the SOA is that name's.
    {KIND_ALIAS, FLAG_AA | RCODE_NXDOMAIN, "w.x.", TYPE_A, "x.", {"an w.x. CNAME b.y.", SOA}},
    {KIND_ALIAS, FLAG_AA | RCODE_NXDOMAIN, "w.x.", TYPE_A, "x.", {"an w.x. CNAME b.x."}},
    {KIND_NXDOMAIN, FLAG_AA | RCODE_NXDOMAIN, "w.x.", TYPE_A, "x.", {"an w.x. CNAME b.x.", SOA}},
    {KIND_NODATA, FLAG_AA, "w.x.", TYPE_A, "x.", {"an w.x. CNAME b.x.", SOA}},
    {KIND_NXDOMAIN, FLAG_AA | RCODE_NXDOMAIN, "w.x.", TYPE_A, "x.", {SOA}},
    {KIND_NXDOMAIN, FLAG_AA | RCODE_NXDOMAIN, "w.x.", TYPE_A, "x.", {NULL}},
    {KIND_LAME, RCODE_NXDOMAIN, "w.x.", TYPE_A, "x.", {NULL}},
    {KIND_NXDOMAIN, FLAG_RA | RCODE_NXDOMAIN, "w.x.", TYPE_A, ".", {NULL}, .recursive = true},
    {KIND_NODATA, FLAG_AA, "w.x.", TYPE_A, "x.", {SOA}},
    {KIND_NODATA, FLAG_AA, "w.x.", TYPE_A, "x.", {NULL}},
    {KIND_NODATA, FLAG_AA, "w.x.", TYPE_A, ".", {SOA, "au x. NS ns.x."}},
    {KIND_LAME, 0, "w.x.", TYPE_A, "x.", {NULL}},
    {KIND_LAME, 0, "w.x.", TYPE_A, "x.", {"au other. SOA ns.x. h.x. 1 2 3 4 5"}},
    {KIND_REFERRAL, 0, "w.x.", TYPE_A, ".", {"au x. NS ns.x."}, "x."},
    {KIND_REFERRAL, FLAG_AA, "w.x.", TYPE_A, ".", {"au X. NS ns.x."}, "X."},
    {KIND_REFERRAL, 0, "a.b.x.", TYPE_A, ".", {"au x. NS ns.x.", "au b.x. NS ns.x."}, "b.x."},
    {KIND_REFERRAL, 0, "w.x.", TYPE_DS, ".", {"au x. NS ns.x."}, "x."},
    {KIND_NODATA, 0, "x.", TYPE_DS, ".", {"au x. NS ns.x."}}, // RFC 4035 3.1.4.1
    {KIND_LAME, FLAG_RA, "w.x.", TYPE_A, ".", {"au x. NS ns.x."}, .recursive = true},
    {KIND_LAME, 0, "w.x.", TYPE_A, ".", {"au y. NS ns.x."}},
    {KIND_UPWARD, 0, "w.x.", TYPE_A, "x.", {"au . NS a.root."}},
    {KIND_UPWARD, 0, "w.x.", TYPE_A, "x.", {"au x. NS ns.x."}},
    {KIND_NODATA, FLAG_AA, "w.x.", TYPE_A, "x.", {"au x. NS ns.x."}},
    {KIND_UPWARD, FLAG_AA, "w.x.", TYPE_A, "x.", {"au . NS a.root."}},
    {KIND_TRUNCATED, FLAG_AA | FLAG_TC, "w.x.", TYPE_A, "x.", {"an w.x. A 192.0.2.1"}},
    {KIND_FORMERR, RCODE_FORMERR, "w.x.", TYPE_A, "x.", {NULL}},
    {KIND_SERVFAIL, RCODE_SERVFAIL, "w.x.", TYPE_A, "x.", {"an w.x. A 192.0.2.1"}},
    {KIND_NOTIMP, RCODE_NOTIMP, "w.x.", TYPE_A, "x.", {NULL}},
    {KIND_REFUSED, RCODE_REFUSED, "w.x.", TYPE_A, "x.", {NULL}},
    {KIND_ODD, RCODE_NOTAUTH, "w.x.", TYPE_A, "x.", {NULL}},
    {KIND_ALIAS, FLAG_AA | RCODE_YXDOMAIN, "w.x.", TYPE_A, "x.", {"an x. DNAME b.y."}},
};

static void test_kinds(void **state)
{
    (void)state;
    for (unsigned i = 0; i < COUNT(rows); i++) {
        const struct row *row = &rows[i];
        struct reply_text text = {row->flags, row->name, row->type, {NULL}};
        memcpy(text.records, row->records, sizeof row->records);
        struct classify_question question = {
            {name_of(row->name), row->type, name_of(row->zone)}, row->recursive, row->hearsay};
        struct classified classified;
        classify(reply_of(&text), &question, &classified);
        if (classified.kind != row->kind)
            fail_msg("row %u: %s, not %s", i, classify_word(classified.kind),
                     classify_word(row->kind));
        if (row->cut)
            assert_name(classified.cut, row->cut);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_kinds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
