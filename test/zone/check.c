// The rules for a zone as a whole, each with a zone that breaks it and one that does not.
#include "zone/check.h"

#include "base/limits.h"
#include "reading.h"

// In front of each row's own records: what every zone has. Row lines begin at 4.
#define APEX "$TTL 60\n@ SOA ns.other. admin 1 2 3 4 5\n@ NS ns.other.\n"

struct row {
    const char *text;
    const char *expected;
};

static void judge(struct reading *reading, const char *text, bool strict)
{
    reading_of_text(reading, "example.test.", text);
    assert_true(reading->good);
    report_free(&reading->report);
    records_sort(&reading->records);
    size_t errors = reading->report.errors;
    bool good = check_records(&reading->records, &(struct check_options){.strict = strict},
                              &reading->report);
    assert_int_equal(good, reading->report.errors == errors);
}

static void assert_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct reading reading;
        char *text = memory_format(APEX "%s", rows[i].text);
        judge(&reading, text, false);
        assert_string_equal(reading_problems(&reading), rows[i].expected);
        reading_end(&reading);
        free(text);
    }
}

static void test_apex(void **state)
{
    static const struct row rows[] = {
        {"$TTL 1\nwww A 192.0.2.1\n",
         "0:0+1 error: no SOA record at example.test. [is the zone's name right?]\n"
         "0:0+1 error: no NS record at example.test.\n"},
        {"", "0:0+1 error: no SOA record at example.test. [is the zone's name right?]\n"
             "0:0+1 error: no NS record at example.test.\n"},
        {"$TTL 1\n@ SOA a b 1 2 3 4 5\n", "2:1+1 error: no NS record at example.test.\n"},
        {"$TTL 1\n@ NS ns.other.\n",
         "0:0+1 error: no SOA record at example.test. [is the zone's name right?]\n"},
        {APEX "@ SOA ns.other. admin 2 2 3 4 5\n",
         "4:1+1 error: two SOA records at example.test. (other: line 2)\n"},
        {APEX "x SOA ns.other. admin 2 2 3 4 5\n",
         "4:1+1 error: SOA at x.example.test., which is not the zone's name "
         "[a zone has one SOA, at its own name]\n"},
        {APEX, ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct reading reading;
        judge(&reading, rows[i].text, false);
        assert_string_equal(reading_problems(&reading), rows[i].expected);
        reading_end(&reading);
    }
}

static void test_cname(void **state)
{
    static const struct row rows[] = {
        {"api CNAME www.other.\napi A 192.0.2.1\napi TXT x\n",
         "5:1+1 error: CNAME and other data at api.example.test. (other: line 4)\n"},
        {"api A 192.0.2.1\nApi CNAME www.other.\n",
         "5:1+1 error: CNAME and other data at api.example.test. (other: line 4)\n"},
        {"@ CNAME www.other.\n",
         "4:1+1 error: CNAME and other data at example.test. (other: line 3)\n"},
        {"a CNAME b.other.\na CNAME c.other.\n",
         "5:1+1 error: two CNAME records at a.example.test. (other: line 4)\n"},
        {"a CNAME b.other.\na DNAME c.other.\n",
         "5:1+1 error: CNAME and DNAME at a.example.test. (other: line 4)\n"},
        {"a DNAME b.other.\na DNAME c.other.\n",
         "5:1+1 error: two DNAME records at a.example.test. (other: line 4)\n"},
        // RFC 2181 10.1 and RFC 4034: what may stand beside it.
        {"a CNAME b.other.\na NSEC c CNAME RRSIG NSEC\n"
         "a RRSIG CNAME 8 3 60 20300101000000 20200101000000 1 example.test. AAAA\n"
         "a KEY 0 3 8 AAAA\n",
         ""},
    };
    (void)state;
    assert_rows(rows, COUNT(rows));
}

static void test_rrsets(void **state)
{
    static const struct row rows[] = {
        {"a 5 A 192.0.2.1\na 9 A 192.0.2.2\na 7 A 192.0.2.3\na 9 TXT x\n",
         "5:1+1 warning: TTL 9 and TTL 5 in one RRset, a.example.test. A (other: line 4); 5 is "
         "used "
         "[give all records of one name and type one TTL]\n"},
        // RRSIGs belong to the RRset that they cover, not to each other.
        {"a 5 RRSIG A 8 3 60 20300101000000 20200101000000 1 example.test. AAAA\n"
         "a 9 RRSIG TXT 8 3 60 20300101000000 20200101000000 1 example.test. AAAA\n",
         ""},
        {"a 5 RRSIG A 8 3 60 20300101000000 20200101000000 1 example.test. AAAA\n"
         "a 9 RRSIG A 8 3 60 20300101000000 20200101000000 2 example.test. AAAA\n",
         "5:1+1 warning: TTL 9 and TTL 5 in one RRset, a.example.test. RRSIG (other: line 4); 5 is "
         "used [give all records of one name and type one TTL]\n"},
        {"a MX 1 Mail.Other.\na TXT x\nA mx 1 mail.other.\n",
         "6:1+1 warning: duplicate of A.example.test. MX (other: line 4): dropped\n"},
        {"a TXT x\na TXT X\n", ""},
        {"a CNAME b.other.\na CNAME b.other.\n",
         "5:1+1 warning: duplicate of a.example.test. CNAME (other: line 4): dropped\n"},
    };
    (void)state;
    assert_rows(rows, COUNT(rows));

    struct reading reading;
    judge(&reading, APEX "a 5 A 192.0.2.1\na 9 A 192.0.2.2\na 7 A 192.0.2.1\nb 3 A 192.0.2.1\n",
          false);
    assert_string_equal(reading_records(&reading),
                        "example.test. 60 IN NS ns.other.\n"
                        "example.test. 60 IN SOA ns.other. admin.example.test. 1 2 3 4 5\n"
                        "a.example.test. 5 IN A 192.0.2.1\na.example.test. 5 IN A 192.0.2.2\n"
                        "b.example.test. 3 IN A 192.0.2.1\n");
    assert_int_equal(reading.report.warnings, 2);
    reading_end(&reading);
}

static void test_cuts(void **state)
{
    static const struct row rows[] = {
        // A complete delegation, signed, with glue inside, at the cut itself, and of a sibling.
        {"sub NS ns.sub\nsub NS sub\nsub NS ns.sib\nsub DS 1 8 2 "
         "0000000000000000000000000000000000000000000000000000000000000000\n"
         "sub NSEC www NS DS NSEC\nsub A 192.0.2.1\nns.sub AAAA 2001:db8::1\n"
         "sib NS ns.sib\nns.sib A 192.0.2.1\nwww A 192.0.2.1\n",
         ""},
        {"sub NS ns.sub\nns.sub A 192.0.2.1\nx.sub A 192.0.2.1\nx.sub TXT x\nsub TXT x\n"
         "*.sub A 192.0.2.1\n",
         "8:1+1 warning: sub.example.test. TXT is at the cut sub.example.test. (other: line 4) and "
         "is "
         "not served\n"
         "7:1+1 warning: x.sub.example.test. TXT is below the cut sub.example.test. (other: line "
         "4) "
         "and is not served\n"
         "9:1+1 warning: *.sub.example.test. A is at or below a cut, no NS names it, and it is not "
         "served\n"
         "6:1+1 warning: x.sub.example.test. A is at or below a cut, no NS names it, and it is not "
         "served\n"},
        // A cut below a cut is not served either.
        {"sub NS ns.other.\nx.sub NS ns.other.\n",
         "5:1+1 warning: x.sub.example.test. NS is below the cut sub.example.test. (other: line 4) "
         "and is not served\n"},
        {"sub NS ns.sub\n",
         "4:1+1 warning: missing glue: no address of ns.sub.example.test., the name server of "
         "sub.example.test. that is inside of it\n"},
        {"sub NS sub\n", "4:1+1 warning: missing glue: no address of sub.example.test., the name "
                         "server of sub.example.test. that is inside of it\n"},
        {"sub NS ns.sib\nsib NS ns.other.\n", ""}, // that zone's affair
        {"sub NS ns1\n", "4:1+1 warning: name server ns1.example.test. of sub.example.test. has no "
                         "address in this zone\n"},
        {"sub NS ns1\nns1 A 192.0.2.1\n@ NS ns1\n@ NS ns2\n",
         "7:1+1 warning: name server ns2.example.test. of example.test. has no address in this "
         "zone\n"},
        {"@ NS ns1\n*  A 192.0.2.1\n", ""},
        // Told once for each name server, but missing glue always.
        {"a NS ns1\nb NS ns1\n@ NS ns.c\nc NS ns.c\n",
         "4:1+1 warning: name server ns1.example.test. of a.example.test. has no address in this "
         "zone\n"
         "7:1+1 warning: missing glue: no address of ns.c.example.test., the name server of "
         "c.example.test. that is inside of it\n"},
        {"@ NS ns1.example.test\n", "4:1+1 warning: name server ns1.example.test.example.test. of "
                                    "example.test. has no address "
                                    "in this zone [is the dot missing at its end in the file?]\n"},
        {"a DS 1 8 2 0000000000000000000000000000000000000000000000000000000000000000\n",
         "4:1+1 warning: DS at a.example.test., which is not delegated here\n"},
        {"@ DS 1 8 2 0000000000000000000000000000000000000000000000000000000000000000\n",
         "4:1+1 warning: DS at example.test., which is not delegated here "
         "[the DS of a zone belongs into its parent]\n"},
        // The name next to a cut is not below it.
        {"sub NS ns.other.\nsub2 TXT x\nasub TXT x\n", ""},
    };
    (void)state;
    assert_rows(rows, COUNT(rows));
}

static void test_dname(void **state)
{
    static const struct row rows[] = {
        {"d DNAME x.other.\nd TXT x\na.d TXT x\nb.a.d A 192.0.2.1\n",
         "6:1+1 warning: a.d.example.test. TXT is below the DNAME d.example.test. (other: line 4) "
         "and "
         "is not served\n"
         "7:1+1 warning: b.a.d.example.test. A is below the DNAME d.example.test. (other: line 4) "
         "and "
         "is not served\n"},
        // At the apex it may stand beside SOA and NS (RFC 6672 2.3); NSEC3 is no data of its name.
        {"@ DNAME x.other.\nabcdefghijklmnopqrstuv0123456789 NSEC3 1 0 0 - "
         "2t7b4g4vsa5smi47k61mv5bv1a22bojr A\n",
         ""},
    };
    (void)state;
    assert_rows(rows, COUNT(rows));
}

static void test_targets(void **state)
{
    static const struct row rows[] = {
        {"a CNAME b.other.\n@ MX 10 a\n_x._tcp SRV 1 2 3 a\nsub NS a\n@ NS A.example.test.\nc "
         "CNAME a\n",
         "8:1+1 warning: NS of example.test. names A.example.test., which is a CNAME (other: line "
         "4) "
         "[name the host itself (RFC 2181 10.3)]\n"
         "5:1+1 warning: MX of example.test. names a.example.test., which is a CNAME (other: line "
         "4) "
         "[name the host itself (RFC 2181 10.3)]\n"
         "6:1+1 warning: SRV of _x._tcp.example.test. names a.example.test., which is a CNAME "
         "(other: "
         "line 4) [name the host itself (RFC 2181 10.3)]\n"
         "7:1+1 warning: NS of sub.example.test. names a.example.test., which is a CNAME (other: "
         "line "
         "4) [name the host itself (RFC 2181 10.3)]\n"},
        {"@ MX 10 mail.example.test\nm MX 10 mail\nc CNAME www.Example.Test\n@ MX 0 .\n",
         "4:1+1 warning: MX of example.test. names mail.example.test.example.test., which has no "
         "records [is the dot missing at its end in the file?]\n"
         "6:1+1 warning: CNAME of c.example.test. names www.Example.Test.example.test., which has "
         "no "
         "records [is the dot missing at its end in the file?]\n"},
        {"www.example.test.example.test. A 192.0.2.1\nc CNAME www.example.test\n", ""},
    };
    (void)state;
    assert_rows(rows, COUNT(rows));
}

static void test_out_of_zone(void **state)
{
    (void)state;
    struct reading reading;
    reading_of_text(&reading, "example.test.", APEX);
    struct record record = reading.records.list[1];
    static const uint8_t owner[] = "\3www\5other";
    record.owner = owner;
    record.owner_size = sizeof owner;
    record.owner_labels = 2;
    *records_add(&reading.records) = record;
    records_sort(&reading.records);
    assert_false(check_records(&reading.records, &(struct check_options){0}, &reading.report));
    assert_string_equal(reading_problems(&reading), "3:1+1 error: www.other. is out of the zone\n");
    reading_end(&reading);
}

// Warnings are errors, and the TTLs are made equal all the same.
static void test_strict(void **state)
{
    (void)state;
    struct reading reading;
    judge(&reading, APEX "a 5 A 192.0.2.1\na 9 A 192.0.2.2\n", true);
    assert_int_equal(reading.report.errors, 1);
    assert_int_equal(reading.report.warnings, 0);
    assert_int_equal(reading.records.list[3].ttl, 5);
    reading_end(&reading);
}

// Records from a transfer have no lines: then none are told.
static void test_without_places(void **state)
{
    (void)state;
    struct reading reading;
    reading_of_text(&reading, "example.test.", APEX "a CNAME b.other.\na TXT x\n");
    for (size_t i = 0; i < reading.records.count; i++)
        reading.records.list[i].line = 0;
    records_sort(&reading.records);
    assert_false(check_records(&reading.records, &(struct check_options){0}, &reading.report));
    assert_string_equal(reading_problems(&reading),
                        "0:0+1 error: CNAME and other data at a.example.test.\n");
    reading_end(&reading);
}

// The line of each problem is shown, also where there are more problems than are kept.
static void test_many_problems(void **state)
{
    (void)state;
    struct buffer text = {0};
    buffer_add_text(&text, APEX);
    for (unsigned i = 0; i < 3000; i++)
        buffer_format(&text, "h%u CNAME a.other.\nh%u A 192.0.2.1 ; %u\n", i, i, i);
    struct reading reading;
    judge(&reading, buffer_text(&text), false);
    assert_int_equal(reading.report.errors, 3000);
    assert_int_equal(reading.report.count, PROBLEMS_MAX);
    for (size_t i = 0; i < PROBLEMS_MAX; i++) {
        const struct problem *problem = &reading.report.problems[i];
        char expected[60];
        unsigned host = (problem->line - 5) / 2;
        snprintf(expected, sizeof expected, "h%u A 192.0.2.1 ; %u", host, host);
        assert_string_equal(problem->source, expected);
    }
    reading_end(&reading);
    buffer_free(&text);
}

// Look-ups near and far, first and last: every host is the mail server of another.
static void test_many_targets(void **state)
{
    (void)state;
    struct buffer text = {0};
    buffer_add_text(&text, APEX);
    for (unsigned i = 0; i < 2000; i++)
        buffer_format(&text, "h%04u A 192.0.2.1\nd%04u NS h%04u\nm%04u MX 1 h%04u\n", i, i,
                      i * 7919 % 2000, i, i * 31 % 2001);
    struct reading reading;
    judge(&reading, buffer_text(&text), false);
    assert_string_equal(reading_problems(&reading), "");
    reading_end(&reading);

    buffer_add_text(&text, "h2000 CNAME x.other.\nd NS h2001\n");
    judge(&reading, buffer_text(&text), false);
    assert_int_equal(reading.report.warnings, 2);
    reading_end(&reading);
    buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_apex),           cmocka_unit_test(test_cname),
        cmocka_unit_test(test_rrsets),         cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_dname),          cmocka_unit_test(test_targets),
        cmocka_unit_test(test_out_of_zone),    cmocka_unit_test(test_strict),
        cmocka_unit_test(test_without_places), cmocka_unit_test(test_many_problems),
        cmocka_unit_test(test_many_targets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
