// The additional section: which hosts bring addresses, which must not, and what happens where there
// are more than an answer holds.
#include "asking.h"

// What an answer says in its additional section.
static void assert_additional(struct world *world, const char *question, const char *expected)
{
    static struct answer answer;
    struct buffer text = {0};
    assert_int_equal(ask(world, question, &answer), AUTH_ANSWERED);
    for (unsigned i = 0; i < answer.count; i++)
        if (answer.rrsets[i].section == SECTION_ADDITIONAL)
            print_rrset(&answer.rrsets[i], &text);
    if (strcmp(buffer_text(&text), expected) != 0)
        fail_msg("%s\n%sis not\n%s", question, buffer_text(&text), expected);
    buffer_free(&text);
}

#define HOST "ad host.example. 3600 A 192.0.2.1\nad host.example. 3600 AAAA 2001:db8::1\n"

// Every type whose definition asks for addresses, and some that don't.
static void test_types(void **state)
{
    static const struct {
        const char *type, *rdata;
        bool brings;
    } cases[] = {
        {"MX", "10 host", true},  {"SRV", "0 0 53 host", true},
        {"NS", "host", true},     {"AFSDB", "1 host", true},
        {"MB", "host", true},     {"MD", "host", true},
        {"MF", "host", true},     {"MG", "host", false},
        {"MR", "host", false},    {"PX", "1 host host", false},
        {"KX", "1 host", true},   {"RT", "1 host", true},
        {"PTR", "host", false},   {"CNAME", "out.invalid.", false},
        {"SVCB", "1 host", true}, {"HTTPS", "0 host", true},
        {"TXT", "host", false},   {"RP", "host host", false},
        {"DNAME", "host", false}, {"MINFO", "host host", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[512], question[64];
        struct world world;
        // A delegation has its own rules: NS is asked at the apex.
        bool apex = strcmp(cases[i].type, "NS") == 0;
        snprintf(text, sizeof text,
                 APEX "host A 192.0.2.1\nhost AAAA 2001:db8::1\nhost TXT no address\n%s %s %s\n",
                 apex ? "@" : "x", cases[i].type, cases[i].rdata);
        snprintf(question, sizeof question, "%sexample. %s", apex ? "" : "x.", cases[i].type);
        world_of(&world, "example.", text);
        world.options.minimal = false;
        assert_additional(&world, question, cases[i].brings ? HOST : "");
        world_close(&world);
    }
}

// What brings addresses has one name that they are for.
static void test_types_have_one_host(void **state)
{
    (void)state;
    for (const struct type_row *row = type_table(); row->mnemonic; row++)
        if (row->additional != ADDITIONAL_NONE)
            assert_int_equal(row->names, 1);
}

// Hosts that are not there, not ours, or not only a host.
static void test_hosts(void **state)
{
    static const struct {
        const char *hosts, *expected;
    } cases[] = {
        {"x MX 1 host\n", HOST},
        {"x MX 1 host\nx MX 2 HOST\nx MX 3 host\n", HOST}, // once
        {"x MX 1 none\n", ""},
        {"x MX 1 out.invalid.\n", ""},
        {"x MX 1 .\n", ""},      // RFC 7505
        {"x MX 1 alias\n", ""},  // RFC 2181 10.3: an alias is no host
        {"x MX 1 in.cut\n", ""}, // below a cut there is glue, and that is for NS
        {"x MX 1 cut\n", ""},
        {"x MX 1 a.moved\n", ""},
        {"x MX 1 b.w\nx MX 2 c.w\n",
         "ad b.w.example. 3600 A 192.0.2.9\nad c.w.example. 3600 A 192.0.2.9\n"},
        {"x MX 1 x\nx A 192.0.2.8\n", "ad x.example. 3600 A 192.0.2.8\n"},
        {"x MX 1 text\n", ""},
        {"x MX 1 host\nhost MX 9 mail\nmail A 192.0.2.5\n", HOST}, // only addresses
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buffer text = {0};
        struct world world;
        buffer_format(&text,
                      APEX "host A 192.0.2.1\nhost AAAA 2001:db8::1\nalias CNAME host\n"
                           "cut NS in.cut\nin.cut A 192.0.2.7\ncut A 192.0.2.7\n"
                           "moved DNAME w\n*.w A 192.0.2.9\ntext TXT a\n%s",
                      cases[i].hosts);
        world_of(&world, "example.", buffer_text(&text));
        world.options.minimal = false;
        assert_additional(&world, "x.example. MX", cases[i].expected);
        world.options.minimal = true;
        assert_additional(&world, "x.example. MX", "");
        world_close(&world);
        buffer_free(&text);
    }
}

// RFC 9460 4.1: SVCB and HTTPS bring addresses and the target's own records, minimal or not.
static void test_svcb(void **state)
{
    static const char text[] = APEX "alias HTTPS 0 pool\n"
                                    "pool HTTPS 1 . alpn=h2\npool A 192.0.2.1\n"
                                    "pool SVCB 1 .\n"
                                    "self SVCB 1 .\nself SVCB 2 .\nself AAAA 2001:db8::2\n"
                                    "gone HTTPS 0 .\ngone A 192.0.2.3\n"
                                    "*.w HTTPS 1 .\n*.w A 192.0.2.4\n";
    static const struct {
        const char *question, *expected;
    } cases[] = {
        {"alias.example. HTTPS", "ad pool.example. 3600 A 192.0.2.1\n"
                                 "ad pool.example. 3600 HTTPS 1 . alpn=\"h2\"\n"},
        // 2.5.2: "." is the owner, whose records are not said twice.
        {"pool.example. HTTPS", "ad pool.example. 3600 A 192.0.2.1\n"},
        {"self.example. SVCB", "ad self.example. 3600 AAAA 2001:db8::2\n"},
        {"a.w.example. HTTPS", "ad a.w.example. 3600 A 192.0.2.4\n"},
        // 2.5.1: in AliasMode "." is no service at all.
        {"gone.example. HTTPS", ""},
    };
    (void)state;
    struct world world;
    world_of(&world, "example.", text);
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_additional(&world, cases[i].question, cases[i].expected);
    world_close(&world);
}

// RRSIGs asked for are no hosts' business.
static void test_rrsig_brings_nothing(void **state)
{
    (void)state;
    struct world world;
    world_of(&world, "example.",
             APEX "x MX 1 host\nhost A 192.0.2.1\n"
                  "x RRSIG MX 13 2 3600 20300101000000 20200101000000 1 example. AAAA\n");
    world.options.minimal = false;
    assert_answer(&world, "x.example. RRSIG",
                  "NOERROR aa answer\n"
                  "an x.example. 3600 RRSIG MX\n"
                  "au example. 3600 NS ns.invalid.\n");
    world_close(&world);
}

// --- more than an answer holds -------------------------------------------------------------------

static unsigned count_required(const struct answer *answer)
{
    unsigned count = 0;
    for (unsigned i = 0; i < answer->count; i++)
        count += answer->rrsets[i].section == SECTION_ADDITIONAL && answer->rrsets[i].required;
    return count;
}

// Hundreds of sibling name servers come before the delegation's own in canonical order: the own
// ones, which are required, are there nevertheless, and first.
static void test_required_glue_goes_first(void **state)
{
    (void)state;
    struct buffer text = {0};
    static struct answer answer;
    struct world world;
    buffer_add_text(&text, APEX "sib NS ns.invalid.\n");
    for (unsigned i = 0; i < 90; i++)
        buffer_format(&text,
                      "sub NS a%02u.sib\na%02u.sib A 192.0.2.%u\na%02u.sib AAAA 2001:db8::1\n", i,
                      i, i, i);
    buffer_add_text(&text, "sub NS zzzz1.sub\nzzzz1.sub A 192.0.2.1\nzzzz1.sub AAAA 2001:db8::1\n"
                           "sub NS zzzz2.sub\nzzzz2.sub A 192.0.2.1\n");
    world_of(&world, "example.", buffer_text(&text));
    assert_int_equal(ask(&world, "www.sub.example. A", &answer), AUTH_ANSWERED);
    assert_in_range(answer.count, ANSWER_RRSETS_MAX - 2, ANSWER_RRSETS_MAX);
    assert_int_equal(count_required(&answer), 3);
    for (unsigned i = 1; i < answer.count; i++)
        assert_int_equal(answer.rrsets[i].required, i <= 3);
    world_close(&world);
    buffer_free(&text);
}

// More name servers, mail hosts or types than ANSWER_RRSETS_MAX: the first are said, none twice.
static void test_most_rrsets(void **state)
{
    static const char *const questions[] = {"www.sub.example. A", "mail.example. MX tcp",
                                            "types.example. ANY tcp"};
    (void)state;
    struct buffer text = {0};
    static struct answer answer;
    struct world world;
    buffer_add_text(&text, APEX);
    for (unsigned i = 0; i < 150; i++)
        buffer_format(&text,
                      "sub NS n%u.sub\nn%u.sub A 192.0.2.%u\nn%u.sub AAAA 2001:db8::%u\n"
                      "mail MX %u m%u\nm%u A 192.0.2.%u\nm%u AAAA 2001:db8::%u\n"
                      "types TYPE%u \\# 1 00\n",
                      i, i, i, i, i, i, i, i, i, i, i, 1000 + i);
    buffer_add_text(&text, "types MX 1 m1\n");
    world_of(&world, "example.", buffer_text(&text));
    world.options.minimal = false;
    for (size_t i = 0; i < COUNT(questions); i++) {
        assert_int_equal(ask(&world, questions[i], &answer), AUTH_ANSWERED);
        assert_in_range(answer.count, ANSWER_RRSETS_MAX - 2, ANSWER_RRSETS_MAX);
        for (unsigned j = 0; j < answer.count; j++) {
            assert_true(answer.rrsets[j].required ||
                        answer.rrsets[j].section == SECTION_ADDITIONAL);
            for (unsigned k = 0; k < j; k++)
                assert_false(answer.rrsets[j].rrset == answer.rrsets[k].rrset);
        }
    }
    world_close(&world);
    buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_types_have_one_host),
        cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_svcb),
        cmocka_unit_test(test_rrsig_brings_nothing),
        cmocka_unit_test(test_required_glue_goes_first),
        cmocka_unit_test(test_most_rrsets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
