// The traps of answering from zones, each with a test of its name. The RFCs' own examples are in
// examples.c.
#include "asking.h"

#define SOA "au example. 300 SOA ns.invalid. admin.invalid. 7 7200 3600 1209600 300\n"

struct question {
    const char *question, *expected;
};

// Asks all of them of one zone called example.
static void ask_all(const char *text, const struct question *questions, size_t count)
{
    struct world world;
    world_of(&world, "example.", text);
    for (size_t i = 0; i < count; i++)
        assert_answer(&world, questions[i].question, questions[i].expected);
    world_close(&world);
}

// --- cuts and glue -------------------------------------------------------------------------------

// A name server of `a` that lives under `b` is glue too, but only that of `a` itself is required
// (RFC 9471 2). The required one comes first.
static void test_sibling_glue(void **state)
{
    static const char text[] = APEX "a NS ns.a\na NS ns.b\na NS ns.example.\na NS out.invalid.\n"
                                    "b NS ns.b\n"
                                    "ns A 192.0.2.1\n"
                                    "ns.a AAAA 2001:db8::2\n"
                                    "ns.b A 192.0.2.3\n";
    static const struct question questions[] = {
        {"www.a.example. A", "NOERROR referral\n"
                             "au a.example. 3600 NS ns.a.example.\n"
                             "au a.example. 3600 NS ns.b.example.\n"
                             "au a.example. 3600 NS ns.example.\n"
                             "au a.example. 3600 NS out.invalid.\n"
                             "glue ns.a.example. 3600 AAAA 2001:db8::2\n"
                             "ad ns.b.example. 3600 A 192.0.2.3\n"
                             "ad ns.example. 3600 A 192.0.2.1\n"},
    };
    (void)state;
    ask_all(text, questions, COUNT(questions));
}

// The zone's own name server lives in a delegated child: what the zone has of it is glue, which
// goes with the NS RRset and is no answer.
static void test_glue_below_the_apex(void **state)
{
    static const char text[] = "@ 3600 SOA ns.sub admin 7 7200 3600 1209600 300\n"
                               "@ 3600 NS ns.sub\n"
                               "sub NS ns.sub\n"
                               "ns.sub A 192.0.2.1\n"
                               "ns.sub AAAA 2001:db8::1\n"
                               "@ MX 1 ns.sub\n";
    static const char referral[] = "NOERROR referral\n"
                                   "au sub.example. 3600 NS ns.sub.example.\n"
                                   "glue ns.sub.example. 3600 A 192.0.2.1\n"
                                   "glue ns.sub.example. 3600 AAAA 2001:db8::1\n";
    (void)state;
    struct world world;
    world_of(&world, "example.", text);
    assert_answer(&world, "ns.sub.example. A", referral);
    assert_answer(&world, "ns.sub.example. TXT", referral);
    assert_answer(&world, "x.ns.sub.example. A", referral);
    world.options.minimal = false;
    assert_answer(&world, "example. NS",
                  "NOERROR aa answer\n"
                  "an example. 3600 NS ns.sub.example.\n"
                  "ad ns.sub.example. 3600 A 192.0.2.1\n"
                  "ad ns.sub.example. 3600 AAAA 2001:db8::1\n");
    // MX is no NS: the glue is not for it; but the NS beside it brings it.
    assert_answer(&world, "example. MX",
                  "NOERROR aa answer\n"
                  "an example. 3600 MX 1 ns.sub.example.\n"
                  "au example. 3600 NS ns.sub.example.\n"
                  "ad ns.sub.example. 3600 A 192.0.2.1\n"
                  "ad ns.sub.example. 3600 AAAA 2001:db8::1\n");
    world_close(&world);
}

static void test_ns_below_a_delegation(void **state)
{
    static const char text[] = APEX "sub NS ns.invalid.\n"
                                    "low.sub NS ns.low.sub\n"
                                    "ns.low.sub A 192.0.2.1\n";
    static const char referral[] = "NOERROR referral\nau sub.example. 3600 NS ns.invalid.\n";
    static const struct question questions[] = {
        {"low.sub.example. NS", referral},
        {"low.sub.example. DS", referral},
        {"ns.low.sub.example. A", referral},
        {"x.low.sub.example. A", referral},
    };
    (void)state;
    ask_all(text, questions, COUNT(questions));
}

static void test_records_below_a_cut(void **state)
{
    static const char text[] = APEX "sub NS ns.invalid.\n"
                                    "sub TXT at the cut\n"
                                    "www.sub A 192.0.2.1\n"
                                    "alias.sub CNAME www\n"
                                    "*.sub TXT wild\n"
                                    "d.sub DNAME example.\n"
                                    "www A 192.0.2.2\n"
                                    "to CNAME www.sub\n";
    static const char referral[] = "NOERROR referral\nau sub.example. 3600 NS ns.invalid.\n";
    static const struct question questions[] = {
        {"sub.example. TXT", referral},
        {"www.sub.example. A", referral},
        {"alias.sub.example. A", referral},
        {"any.sub.example. TXT", referral},
        {"www.d.sub.example. A", referral},
        {"www.sub.example. ANY", referral},
        {"to.example. A", "NOERROR aa referral\n"
                          "an to.example. 3600 CNAME www.sub.example.\n"
                          "au sub.example. 3600 NS ns.invalid.\n"},
    };
    (void)state;
    ask_all(text, questions, COUNT(questions));
}

// The NS at a cut and the glue are the child's: said in a referral, never with AA. What the parent
// has at a cut is DS.
static void test_aa_on_cut_ns_and_glue(void **state)
{
    static const char text[] =
        APEX "sub NS ns.sub\n"
             "sub DS 1 13 2 "
             "0000000000000000000000000000000000000000000000000000000000000000\n"
             "ns.sub A 192.0.2.1\n"
             "unsigned NS ns.sub\n";
    static const char referral[] = "NOERROR referral\n"
                                   "au sub.example. 3600 NS ns.sub.example.\n"
                                   "glue ns.sub.example. 3600 A 192.0.2.1\n";
    static const char ds[] = "sub.example. 3600 DS 1 13 2 "
                             "0000000000000000000000000000000000000000000000000000000000000000\n";
    (void)state;
    struct world world;
    struct buffer expected = {0};
    world_of(&world, "example.", text);
    assert_answer(&world, "sub.example. NS", referral);
    assert_answer(&world, "sub.example. ANY", referral);
    assert_answer(&world, "sub.example. SOA", referral);
    assert_answer(&world, "ns.sub.example. A", referral);
    buffer_format(&expected, "NOERROR aa answer\nan %s", ds);
    assert_answer(&world, "sub.example. DS", buffer_text(&expected));
    assert_answer(&world, "unsigned.example. DS", "NOERROR aa nodata\n" SOA);
    // With DO the referral brings the DS (RFC 4035 3.1.4).
    buffer_clear(&expected);
    buffer_format(&expected,
                  "NOERROR referral\n"
                  "au sub.example. 3600 NS ns.sub.example.\n"
                  "au %s"
                  "glue ns.sub.example. 3600 A 192.0.2.1\n",
                  ds);
    assert_answer(&world, "www.sub.example. A do", buffer_text(&expected));
    buffer_free(&expected);
    world_close(&world);
}

static const char child[] = "@ 60 SOA child.invalid. admin.invalid. 7 7200 3600 1209600 60\n"
                            "@ 60 NS ns.invalid.\n";
#define CHILD_SOA(name) "au " name " 60 SOA child.invalid. admin.invalid. 7 7200 3600 1209600 60\n"

// DS at a zone's own name: its parent has it. Without the parent: NODATA (RFC 4035 3.1.4.1).
static void test_ds_at_the_apex(void **state)
{
    static const char parent[] =
        APEX "sub 3600 NS ns.invalid.\n"
             "sub 3600 DS 1 13 2 "
             "0000000000000000000000000000000000000000000000000000000000000000\n"
             "plain NS ns.invalid.\n"
             "far NS ns.invalid.\n";
    (void)state;
    struct world world;
    struct world_zone zones[] = {{"example.", parent, ZONE_SERVED},
                                 {"sub.example.", child, ZONE_SERVED},
                                 {"plain.example.", child, ZONE_SERVED},
                                 {"x.far.example.", child, ZONE_SERVED},
                                 {"alone.", child, ZONE_SERVED}};
    world_open(&world, zones, COUNT(zones));
    assert_answer(&world, "sub.example. DS",
                  "NOERROR aa answer\n"
                  "an sub.example. 3600 DS 1 13 2 "
                  "0000000000000000000000000000000000000000000000000000000000000000\n");
    assert_answer(&world, "plain.example. DS", "NOERROR aa nodata\n" SOA);
    assert_answer(&world, "alone. DS", "NOERROR aa nodata\n" CHILD_SOA("alone."));
    // Only the grandparent is here: a cut in between says that it is not the parent.
    assert_answer(&world, "x.far.example. DS", "NOERROR aa nodata\n" CHILD_SOA("x.far.example."));
    // Everything else at the apex, and DS below it, is the child's.
    assert_answer(&world, "sub.example. TXT", "NOERROR aa nodata\n" CHILD_SOA("sub.example."));
    assert_answer(&world, "x.sub.example. DS", "NXDOMAIN aa nxdomain\n" CHILD_SOA("sub.example."));
    world_close(&world);
}

// The root has no parent; a parent that is not loaded cannot say.
static void test_ds_without_an_answering_parent(void **state)
{
    (void)state;
    struct world world;
    world_of(&world, ".", child);
    assert_answer(&world, ". DS", "NOERROR aa nodata\n" CHILD_SOA("."));
    world_close(&world);
    struct world_zone zones[] = {{"example.", NULL, ZONE_LOADING},
                                 {"sub.example.", child, ZONE_SERVED}};
    world_open(&world, zones, COUNT(zones));
    assert_answer(&world, "sub.example. DS", "SERVFAIL not-loaded ede 14\n");
    assert_answer(&world, "sub.example. TXT", "NOERROR aa nodata\n" CHILD_SOA("sub.example."));
    world_close(&world);
}

// --- DNAME ---------------------------------------------------------------------------------------

static void test_synthesised_cname_asked_as_cname(void **state)
{
    static const char text[] = APEX "d 60 DNAME t\nx.t 70 CNAME y\ny A 192.0.2.1\n"
                                    "w 60 DNAME t.\n";
    static const struct question questions[] = {
        // It is the answer: what is behind it is not.
        {"x.d.example. CNAME", "NOERROR aa answer\n"
                               "an d.example. 60 DNAME t.example.\n"
                               "an x.d.example. 60 CNAME x.t.example.\n"},
        {"x.d.example. ANY tcp", "NOERROR aa answer\n"
                                 "an d.example. 60 DNAME t.example.\n"
                                 "an x.d.example. 60 CNAME x.t.example.\n"},
        {"x.d.example. A", "NOERROR aa answer\n"
                           "an d.example. 60 DNAME t.example.\n"
                           "an x.d.example. 60 CNAME x.t.example.\n"
                           "an x.t.example. 70 CNAME y.example.\n"
                           "an y.example. 70 A 192.0.2.1\n"},
        // A DNAME does not redirect its owner (RFC 6672 2.3), but all else, a DNAME too.
        {"d.example. DNAME", "NOERROR aa answer\nan d.example. 60 DNAME t.example.\n"},
        {"d.example. A", "NOERROR aa nodata\n" SOA},
        {"x.w.example. DNAME", "NOERROR aa alias-out\n"
                               "an w.example. 60 DNAME t.\n"
                               "an x.w.example. 60 CNAME x.t.\n"},
    };
    (void)state;
    ask_all(text, questions, COUNT(questions));
}

static void test_dname_applied_recursively(void **state)
{
    static const char text[] = APEX "a DNAME b\nb DNAME c\nwww.c A 192.0.2.1\n"
                                    "wide DNAME x.wide2\nwide2 DNAME c\n";
    static const struct question questions[] = {
        {"www.a.example. A", "NOERROR aa answer\n"
                             "an a.example. 3600 DNAME b.example.\n"
                             "an www.a.example. 3600 CNAME www.b.example.\n"
                             "an b.example. 3600 DNAME c.example.\n"
                             "an www.b.example. 3600 CNAME www.c.example.\n"
                             "an www.c.example. 3600 A 192.0.2.1\n"},
        {"www.wide.example. A", "NXDOMAIN aa nxdomain\n"
                                "an wide.example. 3600 DNAME x.wide2.example.\n"
                                "an www.wide.example. 3600 CNAME www.x.wide2.example.\n"
                                "an wide2.example. 3600 DNAME c.example.\n"
                                "an www.x.wide2.example. 3600 CNAME www.x.c.example.\n" SOA},
    };
    (void)state;
    ask_all(text, questions, COUNT(questions));
}

// Each of these would go on for ever, or until the name is too long. The DNAME is said once.
static void test_dname_loops(void **state)
{
    static const char text[] = APEX "self DNAME self\n"
                                    "a DNAME b\nb DNAME a\n"
                                    "cut DNAME example.\n";
    static const struct question questions[] = {
        {"x.self.example. A", "NOERROR aa chain-limit\n"
                              "an self.example. 3600 DNAME self.example.\n"
                              "an x.self.example. 3600 CNAME x.self.example.\n"},
        {"x.a.example. A", "NOERROR aa chain-limit\n"
                           "an a.example. 3600 DNAME b.example.\n"
                           "an x.a.example. 3600 CNAME x.b.example.\n"
                           "an b.example. 3600 DNAME a.example.\n"
                           "an x.b.example. 3600 CNAME x.a.example.\n"},
        {"cut.cut.cut.example. TXT", "NOERROR aa nodata\n"
                                     "an cut.example. 3600 DNAME example.\n"
                                     "an cut.cut.cut.example. 3600 CNAME cut.cut.example.\n"
                                     "an cut.cut.example. 3600 CNAME cut.example.\n" SOA},
    };
    (void)state;
    ask_all(text, questions, COUNT(questions));

    // grow.example -> x.grow.example: every step is another name, one label longer.
    struct world world;
    struct answer answer;
    world_of(&world, "example.", APEX "grow DNAME x.grow\n");
    assert_int_equal(ask(&world, "a.grow.example. A", &answer), AUTH_ANSWERED);
    assert_int_equal(answer.rcode, RCODE_NOERROR);
    assert_int_equal(answer.reason, REASON_CHAIN_LIMIT);
    assert_int_equal(answer.count, 1 + CHAIN_MAX);
    world_close(&world);
}

// RFC 6672 2.2: a name that gets too long is YXDOMAIN, with the DNAME that did it.
static void test_yxdomain(void **state)
{
#define L63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"
    static const char text[] = APEX "d DNAME " L63 "." L63 "." L63 ".example.\n";
    (void)state;
    struct world world;
    world_of(&world, "example.", text);
    // 192 + 9 octets in the target: 54 octets of labels are left, 53 in one label.
    struct answer answer;
    for (unsigned size = 52; size <= 54; size++) {
        char question[128];
        snprintf(question, sizeof question, "%.*s.d.example. A", (int)size, L63);
        assert_int_equal(ask(&world, question, &answer), AUTH_ANSWERED);
        bool fits = size <= 53;
        assert_int_equal(answer.rcode, fits ? RCODE_NXDOMAIN : RCODE_YXDOMAIN);
        assert_int_equal(answer.reason, fits ? REASON_NXDOMAIN : REASON_YXDOMAIN);
        assert_int_equal(answer.count, fits ? 3 : 1);
        assert_int_equal(answer.rrsets[0].rrset->type, TYPE_DNAME);
        assert_true(answer.authoritative);
    }
    world_close(&world);
}

// --- wildcards -----------------------------------------------------------------------------------

// An asterisk in rdata is a name like others: it is not replaced and matches nothing.
static void test_asterisk_in_rdata(void **state)
{
    static const char text[] = APEX "mx MX 1 *.host\n*.host A 192.0.2.1\n"
                                    "alias CNAME *.host\n"
                                    "d DNAME *.host\n"
                                    "deep CNAME x.*.host\n"
                                    "*.wild CNAME *.host\n"
                                    "sub NS *.host\n";
    static const struct question questions[] = {
        {"alias.example. A", "NOERROR aa answer\n"
                             "an alias.example. 3600 CNAME *.host.example.\n"
                             "an *.host.example. 3600 A 192.0.2.1\n"},
        // Below "*.host" there is no wildcard: its name exists.
        {"deep.example. A", "NXDOMAIN aa nxdomain\n"
                            "an deep.example. 3600 CNAME x.*.host.example.\n" SOA},
        {"a.d.example. A", "NXDOMAIN aa nxdomain\n"
                           "an d.example. 3600 DNAME *.host.example.\n"
                           "an a.d.example. 3600 CNAME a.*.host.example.\n" SOA},
        {"a.wild.example. A", "NOERROR aa answer\n"
                              "an a.wild.example. 3600 CNAME *.host.example.\n"
                              "an *.host.example. 3600 A 192.0.2.1\n"},
        {"www.sub.example. A", "NOERROR referral\n"
                               "au sub.example. 3600 NS *.host.example.\n"
                               "ad *.host.example. 3600 A 192.0.2.1\n"},
    };
    (void)state;
    ask_all(text, questions, COUNT(questions));
}

static void test_wildcard_matching_several_labels(void **state)
{
    static const char text[] = APEX "*.w TXT wild\n*.w A 192.0.2.1\nb.w A 192.0.2.2\n";
    static const struct question questions[] = {
        {"a.w.example. A", "NOERROR aa wildcard\nan a.w.example. 3600 A 192.0.2.1\n"},
        {"a.a.a.w.example. A", "NOERROR aa wildcard\nan a.a.a.w.example. 3600 A 192.0.2.1\n"},
        {"A.*.w.example. A", "NXDOMAIN aa nxdomain\n" SOA}, // "*.w" exists
        {"a.a.w.example. MX", "NOERROR aa nodata\n" SOA},
        {"w.example. A", "NOERROR aa nodata\n" SOA},
        // b.w exists: nothing of the wildcard for it, nor below it.
        {"b.w.example. TXT", "NOERROR aa nodata\n" SOA},
        {"x.b.w.example. A", "NXDOMAIN aa nxdomain\n" SOA},
    };
    (void)state;
    ask_all(text, questions, COUNT(questions));
}

static void test_wildcard_cname_applied_again(void **state)
{
    static const char text[] = APEX "*.a CNAME x.b\n*.b CNAME y.c\ny.c A 192.0.2.1\n"
                                    "*.l CNAME z.l\n"
                                    "*.p CNAME n.n.p\n";
    static const struct question questions[] = {
        {"1.a.example. A", "NOERROR aa answer\n"
                           "an 1.a.example. 3600 CNAME x.b.example.\n"
                           "an x.b.example. 3600 CNAME y.c.example.\n"
                           "an y.c.example. 3600 A 192.0.2.1\n"},
        // The same wildcard twice: the second name is an alias of itself.
        {"1.l.example. A", "NOERROR aa chain-limit\n"
                           "an 1.l.example. 3600 CNAME z.l.example.\n"
                           "an z.l.example. 3600 CNAME z.l.example.\n"},
        {"1.p.example. A", "NOERROR aa chain-limit\n"
                           "an 1.p.example. 3600 CNAME n.n.p.example.\n"
                           "an n.n.p.example. 3600 CNAME n.n.p.example.\n"},
        {"1.a.example. CNAME", "NOERROR aa wildcard\nan 1.a.example. 3600 CNAME x.b.example.\n"},
    };
    (void)state;
    ask_all(text, questions, COUNT(questions));
}

// "*.w" exists only because "a.*.w" does: it matches, and has nothing. No NXDOMAIN.
static void test_empty_non_terminal_wildcard(void **state)
{
    static const char text[] = APEX "a.*.w A 192.0.2.1\n* TXT higher up\n";
    static const struct question questions[] = {
        {"x.w.example. A", "NOERROR aa nodata\n" SOA},
        {"x.w.example. TXT", "NOERROR aa nodata\n" SOA},
        {"x.y.w.example. ANY", "NOERROR aa nodata\n" SOA},
        {"*.w.example. A", "NOERROR aa nodata\n" SOA},
        {"w.example. TXT", "NOERROR aa nodata\n" SOA},
        {"a.*.w.example. A", "NOERROR aa answer\nan a.*.w.example. 3600 A 192.0.2.1\n"},
        {"a.x.w.example. A", "NOERROR aa nodata\n" SOA},
    };
    (void)state;
    ask_all(text, questions, COUNT(questions));
}

// --- chains --------------------------------------------------------------------------------------

static void test_cname_loops(void **state)
{
    static const char text[] = APEX "self CNAME self\n"
                                    "a CNAME b\nb CNAME a\n"
                                    "in CNAME A\n";
    static const struct question questions[] = {
        {"self.example. A", "NOERROR aa chain-limit\n"
                            "an self.example. 3600 CNAME self.example.\n"},
        {"A.example. A", "NOERROR aa chain-limit\n"
                         "an A.example. 3600 CNAME b.example.\n"
                         "an b.example. 3600 CNAME a.example.\n"},
        {"in.example. A", "NOERROR aa chain-limit\n"
                          "an in.example. 3600 CNAME A.example.\n"
                          "an A.example. 3600 CNAME b.example.\n"
                          "an b.example. 3600 CNAME a.example.\n"},
        {"self.example. CNAME", "NOERROR aa answer\n"
                                "an self.example. 3600 CNAME self.example.\n"},
        {"self.example. ANY tcp", "NOERROR aa answer\n"
                                  "an self.example. 3600 CNAME self.example.\n"},
    };
    (void)state;
    ask_all(text, questions, COUNT(questions));
}

// RFC 6604 3: the RCODE is that of the last name.
static void test_rcode_after_a_cname(void **state)
{
    static const char text[] = APEX "nx CNAME none\nno CNAME www\nout CNAME www.invalid.\n"
                                    "www A 192.0.2.1\n"
                                    "*.w CNAME none\n";
    static const struct question questions[] = {
        {"nx.example. A", "NXDOMAIN aa nxdomain\nan nx.example. 3600 CNAME none.example.\n" SOA},
        {"nx.example. CNAME", "NOERROR aa answer\nan nx.example. 3600 CNAME none.example.\n"},
        {"no.example. TXT", "NOERROR aa nodata\nan no.example. 3600 CNAME www.example.\n" SOA},
        {"out.example. A", "NOERROR aa alias-out\nan out.example. 3600 CNAME www.invalid.\n"},
        {"a.w.example. A", "NXDOMAIN aa nxdomain\nan a.w.example. 3600 CNAME none.example.\n" SOA},
    };
    (void)state;
    ask_all(text, questions, COUNT(questions));
}

static void test_chain_across_zones(void **state)
{
    (void)state;
    struct world world;
    struct world_zone zones[] = {
        {"a.", APEX "www CNAME x.d.b.\nlost CNAME www.down.\nup CNAME example.sub.a.\n",
         ZONE_SERVED},
        {"b.", APEX "d DNAME c.\n", ZONE_SERVED},
        {"c.", "@ 60 SOA c. c. 1 2 3 4 60\n@ 60 NS ns.invalid.\nx CNAME back.a.\ny A 192.0.2.1\n",
         ZONE_SERVED},
        {"sub.a.", "@ 60 SOA s. s. 1 2 3 4 60\n@ 60 NS ns.invalid.\n", ZONE_SERVED},
        {"down.", NULL, ZONE_BROKEN},
    };
    world_open(&world, zones, COUNT(zones));
    assert_answer(&world, "www.a. A",
                  "NXDOMAIN aa nxdomain\n"
                  "an www.a. 3600 CNAME x.d.b.\n"
                  "an d.b. 3600 DNAME c.\n"
                  "an x.d.b. 3600 CNAME x.c.\n"
                  "an x.c. 60 CNAME back.a.\n"
                  "au a. 300 SOA ns.invalid. admin.invalid. 7 7200 3600 1209600 300\n");
    assert_answer(&world, "y.d.b. A",
                  "NOERROR aa answer\n"
                  "an d.b. 3600 DNAME c.\n"
                  "an y.d.b. 3600 CNAME y.c.\n"
                  "an y.c. 60 A 192.0.2.1\n");
    // The deepest zone of the target, though a. itself has nothing there.
    assert_answer(&world, "up.a. A",
                  "NXDOMAIN aa nxdomain\n"
                  "an up.a. 3600 CNAME example.sub.a.\n"
                  "au sub.a. 60 SOA s. s. 1 2 3 4 60\n");
    // Into a zone that is not loaded: the client asks for the rest, and is told then.
    assert_answer(&world, "lost.a. A", "NOERROR aa alias-out\nan lost.a. 3600 CNAME www.down.\n");
    world_close(&world);
}

// CHAIN_MAX aliases are followed; what is behind them is left to the client.
static void test_chain_limit_reached(void **state)
{
    (void)state;
    struct buffer text = {0};
    buffer_add_text(&text, APEX);
    for (unsigned i = 0; i < 20; i++)
        buffer_format(&text, "c%u CNAME c%u\n", i, i + 1);
    buffer_add_text(&text, "c20 A 192.0.2.1\n");
    struct world world;
    static struct answer answer;
    world_of(&world, "example.", buffer_text(&text));
    buffer_free(&text);
    for (unsigned aliases = 1; aliases <= 20; aliases++) {
        char question[32];
        snprintf(question, sizeof question, "c%u.example. A", 20 - aliases);
        assert_int_equal(ask(&world, question, &answer), AUTH_ANSWERED);
        assert_int_equal(answer.rcode, RCODE_NOERROR);
        bool whole = aliases < CHAIN_MAX;
        assert_int_equal(answer.reason, whole ? REASON_ANSWER : REASON_CHAIN_LIMIT);
        assert_int_equal(answer.count, whole ? aliases + 1 : CHAIN_MAX);
    }
    world_close(&world);
}

// CHAIN_MAX steps of a DNAME, each with the longest name that there can be: all fit into scratch.
static void test_chain_limit_of_long_names(void **state)
{
    (void)state;
    struct buffer text = {0};
    buffer_add_text(&text, APEX);
    for (unsigned i = 0; i < 20; i++)
        buffer_format(&text, "d%02u DNAME d%02u\n", i, i + 1);
    struct world world;
    static struct answer answer;
    world_of(&world, "example.", buffer_text(&text));
    buffer_free(&text);
    // 192 + 50 + 4 + 9 = 255
    assert_int_equal(ask(&world,
                         L63 "." L63 "." L63 "."
                             "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvw.d00.example. A",
                         &answer),
                     AUTH_ANSWERED);
    assert_int_equal(answer.rrsets[0].owner.size, 13);
    assert_int_equal(answer.rrsets[1].owner.size, NAME_OCTETS_MAX);
    assert_int_equal(answer.reason, REASON_CHAIN_LIMIT);
    assert_int_equal(answer.count, 2 * CHAIN_MAX);
    for (unsigned i = 1; i < answer.count; i += 2)
        assert_int_equal(name_trust(rrset_rdata(answer.rrsets[i].rrset->body)).size,
                         NAME_OCTETS_MAX);
    world_close(&world);
}

// --- which zone ----------------------------------------------------------------------------------

static void test_zone_not_loaded(void **state)
{
    (void)state;
    struct world world;
    struct world_zone zones[] = {{"loading.", NULL, ZONE_LOADING},
                                 {"broken.", NULL, ZONE_BROKEN},
                                 {"expired.", NULL, ZONE_EXPIRED},
                                 {"ok.", APEX, ZONE_SERVED},
                                 {"sub.ok.", NULL, ZONE_BROKEN}};
    static struct answer answer;
    world_open(&world, zones, COUNT(zones));
    assert_answer(&world, "loading. SOA", "SERVFAIL not-loaded ede 14\n");
    assert_answer(&world, "www.broken. A", "SERVFAIL not-loaded ede 14\n");
    assert_answer(&world, "www.expired. A", "SERVFAIL not-loaded ede 24\n");
    assert_answer(&world, "www.sub.ok. A", "SERVFAIL not-loaded ede 14\n");
    assert_int_equal(ask(&world, "www.sub.ok. A", &answer), AUTH_ANSWERED);
    assert_string_equal(answer.ede_text, "zone is not loaded");
    assert_answer(&world, "elsewhere. A", "not ours\n");
    assert_answer(&world, "elsewhere. DS", "not ours\n");
    assert_answer(&world, ". NS", "not ours\n");
    world_close(&world);
}

// Answered for every class is answered for none in particular: no AA (RFC 1035 6.2).
static void test_class_any_has_no_aa(void **state)
{
    static const struct question questions[] = {
        {"example. NS *", "NOERROR answer\nan example. 3600 NS ns.invalid.\n"},
        {"x.example. A *", "NXDOMAIN nxdomain\n" SOA},
        {"c.example. A *", "NOERROR nodata\nan c.example. 3600 CNAME example.\n" SOA},
    };
    (void)state;
    ask_all(APEX "c CNAME @\n", questions, COUNT(questions));
}

// The names of the answer are in the case of the question (RFC 4343 4.1), those of rdata in that of
// the zone.
static void test_case_is_kept(void **state)
{
    static const struct question questions[] = {
        {"WwW.eXAMPLE. A", "NOERROR aa answer\n"
                           "an WwW.eXAMPLE. 3600 CNAME HoSt.example.\n"
                           "an HoSt.example. 3600 A 192.0.2.1\n"},
        {"A.D.Example. A", "NXDOMAIN aa nxdomain\n"
                           "an D.Example. 3600 DNAME TaRget.example.\n"
                           "an A.D.Example. 3600 CNAME A.TaRget.example.\n" SOA},
    };
    (void)state;
    ask_all(APEX "www CNAME HoSt\nhost A 192.0.2.1\nd DNAME TaRget\n", questions, COUNT(questions));
}

// --- ANY, RRSIG, DO ------------------------------------------------------------------------------

#define SIGNED(type, labels)                                                                       \
    " RRSIG " type " 13 " labels " 3600 20300101000000 20200101000000 1 example. AAAA\n"

static const char signed_zone[] = APEX "@" SIGNED("SOA", "1") "@" SIGNED(
    "NS", "1") "a A 192.0.2.1\na AAAA 2001:db8::1\na TXT x\n"
               "a" SIGNED("A", "2") "a" SIGNED("TXT", "2") "c CNAME a\nc" SIGNED(
                   "CNAME", "2") "plain CNAME a\n"
                                 "d DNAME t\nd" SIGNED("DNAME",
                                                       "2") "*.w A 192.0.2.9\n*.w" SIGNED("A", "2");

// RFC 8482 4.1: over UDP one RRset is enough; over TCP, or where full answers are wanted, all.
static void test_any(void **state)
{
    static const char all[] = "NOERROR aa answer\n"
                              "an a.example. 3600 A 192.0.2.1\n"
                              "an a.example. 3600 TXT \"x\"\n"
                              "an a.example. 3600 AAAA 2001:db8::1\n";
    (void)state;
    struct world world;
    world_of(&world, "example.", signed_zone);
    assert_answer(&world, "a.example. ANY", "NOERROR aa answer\nan a.example. 3600 A 192.0.2.1\n");
    assert_answer(&world, "a.example. ANY tcp", all);
    assert_answer(&world, "c.example. ANY",
                  "NOERROR aa answer\nan c.example. 3600 CNAME a.example.\n");
    assert_answer(&world, "x.w.example. ANY",
                  "NOERROR aa wildcard\nan x.w.example. 3600 A 192.0.2.9\n");
    assert_answer(&world, "w.example. ANY", "NOERROR aa nodata\n" SOA);
    assert_answer(&world, "none.example. ANY tcp", "NXDOMAIN aa nxdomain\n" SOA);
    world.options.minimal = false;
    struct buffer full = {0};
    buffer_format(&full, "%sau example. 3600 NS ns.invalid.\n", all);
    assert_answer(&world, "a.example. ANY", buffer_text(&full));
    buffer_free(&full);
    world_close(&world);
}

static void test_rrsig_asked(void **state)
{
    static const struct question questions[] = {
        {"a.example. RRSIG", "NOERROR aa answer\nan a.example. 3600 RRSIG A\n"},
        {"a.example. RRSIG tcp", "NOERROR aa answer\n"
                                 "an a.example. 3600 RRSIG A\n"
                                 "an a.example. 3600 RRSIG TXT\n"},
        {"c.example. RRSIG", "NOERROR aa answer\nan c.example. 3600 RRSIG CNAME\n"},
        // An alias without signatures is an alias.
        {"plain.example. RRSIG", "NOERROR aa answer\n"
                                 "an plain.example. 3600 CNAME a.example.\n"
                                 "an a.example. 3600 RRSIG A\n"},
        {"w.example. RRSIG", "NOERROR aa nodata\n" SOA},
    };
    (void)state;
    ask_all(signed_zone, questions, COUNT(questions));
}

static void test_signatures_with_do(void **state)
{
    static const struct question questions[] = {
        {"a.example. A do", "NOERROR aa answer\n"
                            "an a.example. 3600 A 192.0.2.1\n"
                            "an a.example. 3600 RRSIG A\n"},
        {"a.example. A", "NOERROR aa answer\nan a.example. 3600 A 192.0.2.1\n"},
        {"a.example. A edns", "NOERROR aa answer\nan a.example. 3600 A 192.0.2.1\n"},
        {"a.example. AAAA do", "NOERROR aa answer\nan a.example. 3600 AAAA 2001:db8::1\n"},
        {"c.example. TXT do", "NOERROR aa answer\n"
                              "an c.example. 3600 CNAME a.example.\n"
                              "an c.example. 3600 RRSIG CNAME\n"
                              "an a.example. 3600 TXT \"x\"\n"
                              "an a.example. 3600 RRSIG TXT\n"},
        // The CNAME made from a DNAME is not signed (RFC 6672 5.3.1).
        {"x.d.example. A do",
         "NXDOMAIN aa nxdomain\n"
         "an d.example. 3600 DNAME t.example.\n"
         "an d.example. 3600 RRSIG DNAME\n"
         "an x.d.example. 3600 CNAME x.t.example.\n" SOA "au example. 300 RRSIG SOA\n"},
        {"x.w.example. A do", "NOERROR aa wildcard\n"
                              "an x.w.example. 3600 A 192.0.2.9\n"
                              "an x.w.example. 3600 RRSIG A\n"},
    };
    (void)state;
    ask_all(signed_zone, questions, COUNT(questions));
}

// answers.minimal: false fills authority and additional as RFC 1034 allows; true says only what is
// needed.
static void test_minimal_false(void **state)
{
    static const char text[] = "@ 3600 SOA ns.invalid. admin.invalid. 7 7200 3600 1209600 300\n"
                               "@ 3600 NS ns\n"
                               "ns A 192.0.2.1\n"
                               "www A 192.0.2.2\n"
                               "@ MX 1 www\n"
                               "*.w MX 1 www\n"
                               "alias CNAME www\n"
                               "sub NS ns\n";
#define NS_AND_ADDRESS "au example. 3600 NS ns.example.\n%sad ns.example. 3600 A 192.0.2.1\n"
    static const struct {
        const char *question, *minimal;
        const char *mentioned; // addresses of the answer's own names; NULL: never fuller
    } cases[] = {
        {"www.example. A", "NOERROR aa answer\nan www.example. 3600 A 192.0.2.2\n", ""},
        {"example. MX", "NOERROR aa answer\nan example. 3600 MX 1 www.example.\n",
         "ad www.example. 3600 A 192.0.2.2\n"},
        {"a.w.example. MX", "NOERROR aa wildcard\nan a.w.example. 3600 MX 1 www.example.\n",
         "ad www.example. 3600 A 192.0.2.2\n"},
        {"alias.example. A",
         "NOERROR aa answer\n"
         "an alias.example. 3600 CNAME www.example.\n"
         "an www.example. 3600 A 192.0.2.2\n",
         ""},
        {"www.example. MX", "NOERROR aa nodata\n" SOA, NULL},
        {"none.example. A", "NXDOMAIN aa nxdomain\n" SOA, NULL},
        // A referral brings addresses in any case.
        {"x.sub.example. A",
         "NOERROR referral\n"
         "au sub.example. 3600 NS ns.example.\n"
         "ad ns.example. 3600 A 192.0.2.1\n",
         NULL},
    };
    (void)state;
    struct world world;
    world_of(&world, "example.", text);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buffer full = {0};
        assert_answer(&world, cases[i].question, cases[i].minimal);
        buffer_add_text(&full, cases[i].minimal);
        if (cases[i].mentioned)
            buffer_format(&full, NS_AND_ADDRESS, cases[i].mentioned);
        world.options.minimal = false;
        assert_answer(&world, cases[i].question, buffer_text(&full));
        world.options.minimal = true;
        buffer_free(&full);
    }
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sibling_glue),
        cmocka_unit_test(test_glue_below_the_apex),
        cmocka_unit_test(test_ns_below_a_delegation),
        cmocka_unit_test(test_records_below_a_cut),
        cmocka_unit_test(test_aa_on_cut_ns_and_glue),
        cmocka_unit_test(test_ds_at_the_apex),
        cmocka_unit_test(test_ds_without_an_answering_parent),
        cmocka_unit_test(test_synthesised_cname_asked_as_cname),
        cmocka_unit_test(test_dname_applied_recursively),
        cmocka_unit_test(test_dname_loops),
        cmocka_unit_test(test_yxdomain),
        cmocka_unit_test(test_asterisk_in_rdata),
        cmocka_unit_test(test_wildcard_matching_several_labels),
        cmocka_unit_test(test_wildcard_cname_applied_again),
        cmocka_unit_test(test_empty_non_terminal_wildcard),
        cmocka_unit_test(test_cname_loops),
        cmocka_unit_test(test_rcode_after_a_cname),
        cmocka_unit_test(test_chain_across_zones),
        cmocka_unit_test(test_chain_limit_reached),
        cmocka_unit_test(test_chain_limit_of_long_names),
        cmocka_unit_test(test_zone_not_loaded),
        cmocka_unit_test(test_class_any_has_no_aa),
        cmocka_unit_test(test_case_is_kept),
        cmocka_unit_test(test_any),
        cmocka_unit_test(test_rrsig_asked),
        cmocka_unit_test(test_signatures_with_do),
        cmocka_unit_test(test_minimal_false),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
