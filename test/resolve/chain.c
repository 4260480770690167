// The question's own chain in a reply.
#include "replies.h"

#include "resolve/chain.h"

struct row {
    const char *name;
    uint16_t type;
    const char *zone;
    const char *records[8];
    unsigned steps;
    const char *last;
    const char *how; // f: found, o: outside, l: too long, e: endless
};

static const struct row rows[] = {
    {"www.x.", TYPE_A, "x.", {"an www.x. A 192.0.2.1"}, 0, "www.x.", "f"},
    {"www.x.", TYPE_A, "x.", {"an WWW.X. A 192.0.2.1"}, 0, "www.x.", "f"},
    {"www.x.", TYPE_A, "x.", {"an b.x. A 192.0.2.1", "ad www.x. A 192.0.2.2"}, 0, "www.x.", ""},
    {"www.x.", TYPE_A, "x.", {"an www.x. CNAME b.x.", "an b.x. A 192.0.2.1"}, 1, "b.x.", "f"},
    // In any order.
    {"w.x.",
     TYPE_A,
     "x.",
     {"an c.x. A 192.0.2.1", "an b.x. CNAME c.x.", "an w.x. CNAME b.x."},
     2,
     "c.x.",
     "f"},
    // Another zone's name: what is said of it does not count.
    {"www.x.", TYPE_A, "x.", {"an www.x. CNAME b.y.", "an b.y. A 192.0.2.1"}, 1, "b.y.", "o"},
    {"www.x.", TYPE_CNAME, "x.", {"an www.x. CNAME b.y."}, 0, "www.x.", "f"},
    {"www.x.", TYPE_ANY, "x.", {"an www.x. CNAME b.y."}, 0, "www.x.", "f"},
    {"a.x.", TYPE_A, "x.", {"an a.x. CNAME b.x.", "an b.x. CNAME a.x."}, 2, "a.x.", "e"},
    // A DNAME above the name, within the zone; the CNAME beside it is not looked at.
    {"a.d.x.",
     TYPE_A,
     "x.",
     {"an d.x. DNAME e.x.", "an a.d.x. CNAME evil.x.", "an a.e.x. A 192.0.2.1"},
     1,
     "a.e.x.",
     "f"},
    // The CNAME that the DNAME makes is not what was asked for.
    {"a.d.x.",
     TYPE_CNAME,
     "x.",
     {"an d.x. DNAME e.x.", "an a.d.x. CNAME a.e.x."},
     1,
     "a.e.x.",
     "o"},
    {"a.d.x.", TYPE_ANY, "x.", {"an d.x. DNAME e.x.", "an a.d.x. CNAME a.e.x."}, 1, "a.e.x.", "o"},
    {"a.d.x.", TYPE_A, "d.x.", {"an x. DNAME e.x.", "an a.d.x. CNAME b.d.x."}, 1, "b.d.x.", ""},
    {"d.x.", TYPE_A, "x.", {"an d.x. DNAME e.x."}, 0, "d.x.", ""},
    {"d.x.", TYPE_DNAME, "x.", {"an d.x. DNAME e.x."}, 0, "d.x.", "f"},
    {"a.d.x.", TYPE_A, "x.", {"an d.x. DNAME d.x."}, CHAIN_MAX, "a.d.x.", "e"},
};

static void test_chains(void **state)
{
    (void)state;
    for (unsigned i = 0; i < COUNT(rows); i++) {
        const struct row *row = &rows[i];
        struct reply_text text = {.name = row->name, .type = row->type};
        memcpy(text.records, row->records, sizeof row->records);
        struct chain_question question = {name_of(row->name), row->type, name_of(row->zone)};
        struct chain chain;
        chain_follow(reply_of(&text), &question, &chain);
        char how[5] = "";
        strcat(how, chain.found ? "f" : "");
        strcat(how, chain.outside ? "o" : "");
        strcat(how, chain.too_long ? "l" : "");
        strcat(how, chain.endless ? "e" : "");
        assert_string_equal(how, row->how);
        assert_int_equal(chain.count, row->steps);
        assert_name(chain.last, row->last);
    }
}

// RFC 6672 2.2: the DNAME makes a name that is too long.
static void test_dname_makes_too_long_a_name(void **state)
{
    (void)state;
    char name[NAME_TEXT_MAX] = "", record[NAME_TEXT_MAX + 20] = "an d. DNAME ";
    for (unsigned i = 0; i < 120; i++)
        strcat(name, "a.");
    strcat(record, name);
    strcat(name, "d.");
    struct reply_text text = {.name = name, .type = TYPE_A, .records = {record}};
    struct chain_question question = {name_of(name), TYPE_A, NAME_ROOT};
    struct chain chain;
    chain_follow(reply_of(&text), &question, &chain);
    assert_true(chain.too_long);
    assert_int_equal(chain.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chains),
        cmocka_unit_test(test_dname_makes_too_long_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
