// Records of a zone file: owner, TTL, class, type in all their orders; what is refused, where the
// caret stands, and what the hint says.
#include "zone/reader.h"

#include "reading.h"

struct row {
    const char *text;
    const char *expected;
};

static void assert_rows(const struct row *rows, size_t count, const char *origin,
                        const char *(*show)(struct reading *reading))
{
    for (size_t i = 0; i < count; i++) {
        struct reading reading;
        reading_of_text(&reading, origin, rows[i].text);
        assert_string_equal(show(&reading), rows[i].expected);
        assert_int_equal(reading.good, reading.report.errors == 0);
        reading_end(&reading);
    }
}

static void test_owners(void **state)
{
    static const struct row rows[] = {
        {"@ 60 A 192.0.2.1\n", "example.test. 60 IN A 192.0.2.1\n"},
        {"www 60 A 192.0.2.1\n", "www.example.test. 60 IN A 192.0.2.1\n"},
        {"www.example.test. 60 A 192.0.2.1\n", "www.example.test. 60 IN A 192.0.2.1\n"},
        {"WWW.Example.TEST. 60 A 192.0.2.1\n", "WWW.Example.TEST. 60 IN A 192.0.2.1\n"},
        {"* 60 A 192.0.2.1\n", "*.example.test. 60 IN A 192.0.2.1\n"},
        {"a\\.b 60 A 192.0.2.1\n", "a\\.b.example.test. 60 IN A 192.0.2.1\n"},
        {"\\@ 60 A 192.0.2.1\n", "\\@.example.test. 60 IN A 192.0.2.1\n"},
        {"\\$x 60 A 192.0.2.1\n", "\\$x.example.test. 60 IN A 192.0.2.1\n"},
        // A blank owner is the previous one, whatever $ORIGIN says meanwhile (RFC 1035 5.1).
        {"www 60 A 192.0.2.1\n\tA 192.0.2.2\n; c\n\n A 192.0.2.3\n$ORIGIN x.example.test.\n A "
         "1.2.3.4\n",
         "www.example.test. 60 IN A 192.0.2.1\nwww.example.test. 60 IN A 192.0.2.2\n"
         "www.example.test. 60 IN A 192.0.2.3\nwww.example.test. 60 IN A 1.2.3.4\n"},
        {"( www 60\n A ) 192.0.2.1\n", "www.example.test. 60 IN A 192.0.2.1\n"},
        // The same word again means another name below another origin.
        {"a 60 A 192.0.2.1\n$ORIGIN b.example.test.\na A 192.0.2.2\n@ A 192.0.2.3\n",
         "a.example.test. 60 IN A 192.0.2.1\na.b.example.test. 60 IN A 192.0.2.2\n"
         "b.example.test. 60 IN A 192.0.2.3\n"},
        {"$ORIGIN test.\nexample 60 A 192.0.2.1\n", "example.test. 60 IN A 192.0.2.1\n"},
        {"$ORIGIN .\nwww.example.test 60 A 192.0.2.1\n", "www.example.test. 60 IN A 192.0.2.1\n"},
        // What is refused is not added.
        {"a 60 CH A 192.0.2.1\nb 60 A 192.0.2.1\n", "b.example.test. 60 IN A 192.0.2.1\n"},
        {"a.other. 60 A 192.0.2.1\n A 192.0.2.1\nb A 192.0.2.1\n",
         "b.example.test. 60 IN A 192.0.2.1\n"},
        // Owners that look like something else.
        {"in 60 in A 192.0.2.1\n", "in.example.test. 60 IN A 192.0.2.1\n"},
        {"A 60 A 192.0.2.1\n", "A.example.test. 60 IN A 192.0.2.1\n"},
        {"60 60 A 192.0.2.1\n", "60.example.test. 60 IN A 192.0.2.1\n"},
    };
    (void)state;
    assert_rows(rows, COUNT(rows), "example.test.", reading_records);
}

static void test_neighbours_share_owner(void **state)
{
    (void)state;
    struct reading reading;
    reading_of_text(&reading, "example.test.",
                    "a 60 A 192.0.2.1\n A 192.0.2.2\na A 192.0.2.3\na.example.test. A 192.0.2.4\n"
                    "b A 192.0.2.5\n");
    const struct record *list = reading.records.list;
    assert_int_equal(reading.records.count, 5);
    for (size_t i = 1; i < 4; i++)
        assert_ptr_equal(list[i].owner, list[0].owner);
    assert_ptr_not_equal(list[4].owner, list[0].owner);
    for (uint32_t i = 0; i < 5; i++)
        assert_int_equal(list[i].line, i + 1);
    reading_end(&reading);
}

static void test_ttl_and_class(void **state)
{
    static const struct row rows[] = {
        {"a 60 IN A 192.0.2.1\n", "a.example.test. 60 IN A 192.0.2.1\n"},
        {"a IN 60 A 192.0.2.1\n", "a.example.test. 60 IN A 192.0.2.1\n"},
        {"a in 1h a 192.0.2.1\n", "a.example.test. 3600 IN A 192.0.2.1\n"},
        {"a CLASS1 1w2d3h4m5s TYPE1 192.0.2.1\n", "a.example.test. 788645 IN A 192.0.2.1\n"},
        {"a 0 A 192.0.2.1\n", "a.example.test. 0 IN A 192.0.2.1\n"},
        {"a 2147483647 A 192.0.2.1\n", "a.example.test. 2147483647 IN A 192.0.2.1\n"},
        // $TTL counts for all that have none, even below one that has (RFC 2308 4).
        {"$TTL 1m\na A 192.0.2.1\nb 5 A 192.0.2.1\nc A 192.0.2.1\n$TTL 7\nd A 192.0.2.1\n",
         "a.example.test. 60 IN A 192.0.2.1\nb.example.test. 5 IN A 192.0.2.1\n"
         "c.example.test. 60 IN A 192.0.2.1\nd.example.test. 7 IN A 192.0.2.1\n"},
        // Without $TTL: the last one given (RFC 1035 5.1).
        {"a 5 A 192.0.2.1\nb A 192.0.2.1\nc 6 A 192.0.2.1\n A 192.0.2.2\n",
         "a.example.test. 5 IN A 192.0.2.1\nb.example.test. 5 IN A 192.0.2.1\n"
         "c.example.test. 6 IN A 192.0.2.1\nc.example.test. 6 IN A 192.0.2.2\n"},
        // A SOA without TTL has its minimum, and so have all below it (RFC 1035 3.3.13).
        {"@ SOA a b 1 2 3 4 50\n NS a\na 7 A 192.0.2.1\nb A 192.0.2.1\n",
         "example.test. 50 IN SOA a.example.test. b.example.test. 1 2 3 4 50\n"
         "example.test. 50 IN NS a.example.test.\na.example.test. 7 IN A 192.0.2.1\n"
         "b.example.test. 50 IN A 192.0.2.1\n"},
        {"@ 9 SOA a b 1 2 3 4 50\n NS a\n",
         "example.test. 9 IN SOA a.example.test. b.example.test. 1 2 3 4 50\n"
         "example.test. 9 IN NS a.example.test.\n"},
        {"$TTL 8\n@ SOA a b 1 2h 3 4 50\n",
         "example.test. 8 IN SOA a.example.test. b.example.test. 1 7200 3 4 50\n"},
        // Nothing at all: the default.
        {"a A 192.0.2.1\nb A 192.0.2.1\n",
         "a.example.test. 3600 IN A 192.0.2.1\nb.example.test. 3600 IN A 192.0.2.1\n"},
    };
    (void)state;
    assert_rows(rows, COUNT(rows), "example.test.", reading_records);
}

static void test_rdata(void **state)
{
    static const struct row rows[] = {
        {"a 1 TXT \"b c\" d\\ e \"\\\"\\;\" \"\"\n",
         "a.example.test. 1 IN TXT \"b c\" \"d e\" \"\\\";\" \"\"\n"},
        // key="value" is one word for SVCB and two for TXT.
        {"a 1 TXT k=\"b c\"\n", "a.example.test. 1 IN TXT \"k=\" \"b c\"\n"},
        {"a 1 HTTPS 1 . alpn=\"h2,h3\" key667=\"x y\"\n",
         "a.example.test. 1 IN HTTPS 1 . alpn=\"h2,h3\" key667=\"x y\"\n"},
        {"a 1 TYPE65280 \\# 3 ( 01\n 02 03 ) ; c\n",
         "a.example.test. 1 IN TYPE65280 \\# 3 010203\n"},
        {"a 1 A \\# 4 C0000201\n", "a.example.test. 1 IN A 192.0.2.1\n"},
        {"a 1 MX 10 mail\r\n", "a.example.test. 1 IN MX 10 mail.example.test.\n"},
        {"a 1 MX 10 @\n", "a.example.test. 1 IN MX 10 example.test.\n"},
    };
    (void)state;
    assert_rows(rows, COUNT(rows), "example.test.", reading_records);
}

static void test_problems(void **state)
{
    static const struct row rows[] = {
        {"a A 192.0.2.1\nb A 192.0.2.1\n",
         "1:3+1 warning: no TTL here or above; 3600 is used from here on "
         "[begin the file with a $TTL line]\n"},
        {" 60 A 192.0.2.1\n A 192.0.2.2\n",
         "1:2+2 error: no owner: the line begins with a blank, and there is none above "
         "[write '@' for the zone's own name]\n"},
        {"a..b 60 A 192.0.2.1\n A 192.0.2.300\n",
         "1:1+4 error: bad name 'a..b': empty label (two dots in a row, or a dot at the start)\n"
         "2:4+11 error: '192.0.2.300' is not an IPv4 address (octet 300 > 255)\n"},
        {"\"a\" 60 A 192.0.2.1\n",
         "1:1+3 error: a name does not stand in quotes [write the name without quotes]\n"},
        {"\"\" 60 A 192.0.2.1\n",
         "1:1+2 error: a name does not stand in quotes [write the name without quotes]\n"},
        {"www.other.test. 60 A 192.0.2.1\n A 192.0.2.2\n",
         "1:1+15 error: www.other.test. is out of the zone [the zone is example.test.]\n"},
        {"$ORIGIN test.\nwww 60 A 192.0.2.1\n",
         "2:1+3 error: www.test. is out of the zone "
         "[the zone is example.test.; an $ORIGIN above leads out of it]\n"},
        {"www.example.test 60 A 192.0.2.1\n",
         "1:1+16 warning: 'www.example.test' is relative: it means www.example.test.example.test. "
         "[a dot missing at its end? 'www.example.test.']\n"},
        {"EXAMPLE.test 60 A 192.0.2.1\nxexample.test 60 A 192.0.2.1\n",
         "1:1+12 warning: 'EXAMPLE.test' is relative: it means EXAMPLE.test.example.test. "
         "[a dot missing at its end? 'EXAMPLE.test.']\n"},
        {"$ORIGIN .\nwww.example.test 60 A 192.0.2.1\n", ""},
        {"a 60 CH A 192.0.2.1\n", "1:6+2 error: class CH in a zone [only class IN is served]\n"},
        {"a CLASS5 60 A 192.0.2.300\n",
         "1:3+6 error: class CLASS5 in a zone [only class IN is served]\n"
         "1:15+11 error: '192.0.2.300' is not an IPv4 address (octet 300 > 255)\n"},
        {"a 60 AAA 192.0.2.1\n", "1:6+3 error: unknown type 'AAA' [did you mean 'AAAA'?]\n"},
        {"a 60 CNMAE b\n", "1:6+5 error: unknown type 'CNMAE' [did you mean 'CNAME'?]\n"},
        {"a 60 NOTATYPEATALL b\n", "1:6+13 error: unknown type 'NOTATYPEATALL' "
                                   "[types that have no name are written TYPEn]\n"},
        {"a 60 70 A 192.0.2.1\n", "1:6+2 error: unknown type '70' [the TTL was given already]\n"},
        {"a 2147483648 A 192.0.2.1\n", "1:3+10 error: unknown type '2147483648' "
                                       "[a TTL is 0 to 2147483647 or like 1w2d3h4m5s]\n"},
        {"a 1x A 192.0.2.1\n", "1:3+2 error: unknown type '1x' "
                               "[a TTL is 0 to 2147483647 or like 1w2d3h4m5s]\n"},
        {"A 192.0.2.1\n",
         "1:3+9 error: unknown type '192.0.2.1' ['A' was read as the owner; to repeat the owner "
         "above, begin the line with a blank]\n"},
        {"a 60 A 192.0.2.1\n $TTL 5\n", "2:2+4 error: unknown type '$TTL' "
                                        "[a directive begins in the first column of its line]\n"},
        {"a\n", "1:2+1 error: the record ends before its type [owner, TTL, class, type, data]\n"},
        {"a 60 IN ; c\n",
         "1:8+1 error: the record ends before its type [owner, TTL, class, type, data]\n"},
        {"a 60 \"A\" 192.0.2.1\n", "1:6+3 error: unknown type 'A' [did you mean 'A'?]\n"},
        {"a 60 AXFR b\nb 60 OPT c\nc 60 ANY d\nd 60 TYPE0 \\# 0\ne 60 TYPE200 \\# 0\n",
         "1:6+4 error: type AXFR stands in messages, never in a zone\n"
         "2:6+3 error: type OPT stands in messages, never in a zone\n"
         "3:6+3 error: type ANY stands in messages, never in a zone\n"
         "4:6+5 error: type TYPE0 stands in messages, never in a zone\n"
         "5:6+7 error: type TYPE200 stands in messages, never in a zone\n"},
        // The lines below a broken line still belong to its owner.
        {"a 60 A 192.0.2.1\nwww.other.test. A 192.0.2.1 )\n A 192.0.2.2\n",
         "2:1+15 error: www.other.test. is out of the zone [the zone is example.test.]\n"
         "2:29+1 error: a closing parenthesis that none opened [write \\) to mean the "
         "character]\n"},
    };
    (void)state;
    assert_rows(rows, COUNT(rows), "example.test.", reading_problems);
}

// Data that ends too early points behind the last word, whatever its own words are.
static void test_too_few_words(void **state)
{
    (void)state;
    struct reading reading;
    reading_of_text(&reading, "example.test.", "a 60 MX 10\nb 60 A\nc 60 SOA \"x\"\n");
    assert_int_equal(reading.report.count, 3);
    assert_int_equal(reading.report.problems[0].column, 11);
    assert_int_equal(reading.report.problems[1].column, 7);
    assert_int_equal(reading.report.problems[2].line, 3);
    assert_int_equal(reading.records.count, 0);
    reading_end(&reading);
}

// A whole report, as the operator sees it.
static void test_screen(void **state)
{
    (void)state;
    struct reading reading;
    reading_of_text(
        &reading, "example.test.",
        "$TTL 1h\n@ SOA ns1 admin (\n  1 2 3\n  4 5 )\n@ NS ns1\nns1\tAAA\t192.0.2.1 ; x\n");
    report_write(&reading.report, &reading.text, false);
    assert_string_equal(buffer_text(&reading.text), "test.zone:6:5: error: unknown type 'AAA'\n"
                                                    "    6 | ns1\tAAA\t192.0.2.1 ; x\n"
                                                    "      |    \t^^^\n"
                                                    "      = did you mean 'AAAA'?\n"
                                                    "1 error in 1 file\n");
    reading_end(&reading);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_owners),        cmocka_unit_test(test_neighbours_share_owner),
        cmocka_unit_test(test_ttl_and_class), cmocka_unit_test(test_rdata),
        cmocka_unit_test(test_problems),      cmocka_unit_test(test_too_few_words),
        cmocka_unit_test(test_screen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
