// Zone files as a whole: directives, $INCLUDE with its loops and limits, $GENERATE, damaged files,
// and real zones where they are at hand.
#include "zone/parse.h"

#include <dirent.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "reading.h"

struct row {
    const char *text;
    const char *expected;
};

static void assert_rows(const struct row *rows, size_t count,
                        const char *(*show)(struct reading *reading))
{
    for (size_t i = 0; i < count; i++) {
        struct reading reading;
        reading_of_text(&reading, "example.test.", rows[i].text);
        assert_string_equal(show(&reading), rows[i].expected);
        assert_int_equal(reading.good, reading.report.errors == 0);
        reading_end(&reading);
    }
}

static void test_directives(void **state)
{
    static const struct row rows[] = {
        {"$ORIGIN a\n@ 1 A 192.0.2.1\n$ORIGIN b\nx A 192.0.2.2\n$ORIGIN c.example.test.\nx A "
         "192.0.2.3\n",
         "a.example.test. 1 IN A 192.0.2.1\nx.b.a.example.test. 1 IN A 192.0.2.2\n"
         "x.c.example.test. 1 IN A 192.0.2.3\n"},
        {"$origin a ; comment\n$ttl ( 5\n)\n@ A 192.0.2.1\n", "a.example.test. 5 IN A 192.0.2.1\n"},
        {"\xef\xbb\xbf$TTL 5\r\n@ A 192.0.2.1\r\n", "example.test. 5 IN A 192.0.2.1\n"},
    };
    (void)state;
    assert_rows(rows, COUNT(rows), reading_records);
}

static void test_directive_problems(void **state)
{
    static const struct row rows[] = {
        {"$ORGIN a\n", "1:1+6 error: unknown directive '$ORGIN' [did you mean '$ORIGIN'?]\n"},
        {"$TLL 5\n", "1:1+4 error: unknown directive '$TLL' [did you mean '$TTL'?]\n"},
        {"$DATE 20210101000000\n",
         "1:1+5 error: unknown directive '$DATE' [known are $ORIGIN, $TTL, $INCLUDE and $GENERATE; "
         "a name that begins with a dollar is written \\$]\n"},
        {"$ORIGIN\n", "1:8+1 error: $ORIGIN needs more words [$ORIGIN name]\n"},
        {"$ORIGIN a b\n", "1:11+1 error: $ORIGIN needs no more words [$ORIGIN name]\n"},
        {"$ORIGIN a..b\n", "1:9+4 error: bad name 'a..b': empty label (two dots in a row, or a dot "
                           "at the start)\n"},
        {"$ORIGIN sub.example.test\n",
         "1:9+16 warning: 'sub.example.test' is relative: it means sub.example.test.example.test. "
         "[a dot missing at its end? 'sub.example.test.']\n"},
        {"$TTL 5x\n@ A 192.0.2.1\n", "1:6+2 error: '5x' is not a TTL "
                                     "[0 to 2147483647 seconds, or like 1w2d3h4m5s]\n"},
        {"$TTL 2147483648\n", "1:6+10 error: '2147483648' is not a TTL "
                              "[0 to 2147483647 seconds, or like 1w2d3h4m5s]\n"},
        {"$INCLUDE\n", "1:9+1 error: $INCLUDE needs more words [$INCLUDE file [origin]]\n"},
        {"$INCLUDE \"\"\n", "1:10+2 error: '' is not the name of a file\n"},
        {"$INCLUDE a\\000b\n", "1:10+6 error: 'a\\000b' is not the name of a file\n"},
        {"$INCLUDE a\\999\n", "1:10+5 error: 'a\\999' is not the name of a file\n"},
        {"$INCLUDE no/such/file\n",
         "1:10+12 error: cannot read no/such/file: No such file or directory\n"},
        {"$INCLUDE /\n", "1:10+1 error: cannot read /: Is a directory\n"},
        {"$INCLUDE x a..b\n", "1:12+4 error: bad name 'a..b': empty label (two dots in a row, or a "
                              "dot at the start)\n"},
        {"$INCLUDE test.zone\n", "1:10+9 error: include loop: test.zone -> test.zone\n"},
    };
    (void)state;
    assert_rows(rows, COUNT(rows), reading_problems);
}

static void test_generate(void **state)
{
    static const struct row rows[] = {
        {"$TTL 1\n$GENERATE 1-3 h$ A 192.0.2.$\n",
         "h1.example.test. 1 IN A 192.0.2.1\nh2.example.test. 1 IN A 192.0.2.2\n"
         "h3.example.test. 1 IN A 192.0.2.3\n"},
        {"$GENERATE 10-20/10 ${0,4,x} 5 IN PTR x-${-10,0,d}.example.\nx A 192.0.2.1\n",
         "000a.example.test. 5 IN PTR x-0.example.\n0014.example.test. 5 IN PTR x-10.example.\n"
         "x.example.test. 5 IN A 192.0.2.1\n"},
        // Two cuts by BIND's own example: an owner that repeats, and data in one quoted word.
        {"$TTL 1\n$GENERATE 1-2 @ NS \"server$.example.\"\n$GENERATE 1-1 $$x MX \"0 .\"\n",
         "example.test. 1 IN NS server1.example.\nexample.test. 1 IN NS server2.example.\n"
         "\\$x.example.test. 1 IN MX 0 .\n"},
        {"$TTL 1\n$GENERATE 1-1 ${0,3,n} A 192.0.2.1\n A 192.0.2.2\n",
         "1.0.example.test. 1 IN A 192.0.2.1\n1.0.example.test. 1 IN A 192.0.2.2\n"},
    };
    static const struct row bad[] = {
        {"$TTL 1\n$GENERATE 250-300 h$ A 192.0.2.$\nx A 1.2.3.300\n",
         "2:19+2 error: generated 'h256 A 192.0.2.256': '192.0.2.256' is not an IPv4 address "
         "(octet 256 > 255)\n"
         "3:5+9 error: '1.2.3.300' is not an IPv4 address (octet 300 > 255)\n"},
        {"$TTL 1\n$GENERATE 1-2/0 h$ A 192.0.2.$\n",
         "2:11+5 error: '1-2/0': the step of a range is a number from 1 "
         "[start-stop or start-stop/step, like 1-100]\n"},
        {"$TTL 1\n$GENERATE 1-2 h${0,1,q} A 192.0.2.1\n",
         "2:15+9 error: after '$' in braces stand offset, width (up to 255) and base "
         "(d o x X n N)\n"},
        {"$TTL 1\n$GENERATE 1-2 h$ A 192.0.2.${-2}\n",
         "2:20+13 error: the offset takes the counter below 0\n"},
        {"$TTL 1\n$GENERATE 1-2 h$.example.test A 192.0.2.$\n",
         "2:15+15 warning: generated 'h1.example.test A 192.0.2.1': 'h1.example.test' is relative: "
         "it means h1.example.test.example.test. [a dot missing at its end? 'h1.example.test.']\n"},
        {"$TTL 1\n$GENERATE 1-2 h$ A\n", "2:19+1 error: $GENERATE needs more words [$GENERATE "
                                         "range owner [ttl] [class] type data]\n"},
    };
    (void)state;
    assert_rows(rows, COUNT(rows), reading_records);
    assert_rows(bad, COUNT(bad), reading_problems);
}

// GENERATE_MAX: the most is made, one more is refused.
static void test_generate_max(void **state)
{
    (void)state;
    struct reading reading;
    reading_of_text(&reading, "example.test.", "$TTL 1\n$GENERATE 0-65535 h$ TXT x\n");
    assert_true(reading.good);
    assert_int_equal(reading.records.count, GENERATE_MAX);
    assert_int_equal(reading.records.list[65535].line, 2);
    reading_end(&reading);
    reading_of_text(&reading, "example.test.", "$TTL 1\n$GENERATE 0-65536 h$ TXT x\n");
    assert_false(reading.good);
    assert_int_equal(reading.records.count, 0);
    reading_end(&reading);
}

// --- files ---------------------------------------------------------------------------------------

static char folder[] = "/tmp/onym-test-XXXXXX";

static char *write_file(const char *name, const char *format, ...)
{
    char *path = memory_format("%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(file, format, arguments);
    va_end(arguments);
    fclose(file);
    return path;
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    DIR *open = opendir(folder);
    for (struct dirent *entry; open && (entry = readdir(open));) {
        char *path = memory_format("%s/%s", folder, entry->d_name);
        unlink(path);
        free(path);
    }
    closedir(open);
    return rmdir(folder);
}

static void test_include(void **state)
{
    (void)state;
    char *inner =
        write_file("inner.zone", "@ A 192.0.2.10\n$ORIGIN deep\nx A 192.0.2.11\n$TTL 9\n");
    // The included file begins with this one's owner.
    char *blank = write_file("blank.zone", " A 192.0.2.20\nb A 192.0.2.21\n");
    char *outer = write_file("outer.zone",
                             "$TTL 1\n$ORIGIN o\na A 192.0.2.1\n$INCLUDE inner.zone sub\n"
                             " A 192.0.2.2\n$INCLUDE \"blank.zone\"\n A 192.0.2.3\n"
                             "c A 192.0.2.4\n$INCLUDE %s/inner.zone\nx A 192.0.2.5\n",
                             folder);
    struct reading reading;
    reading_of_file(&reading, "example.test.", outer);
    assert_string_equal(reading_problems(&reading), "");
    assert_true(reading.good);
    assert_string_equal(reading_records(&reading), "a.o.example.test. 1 IN A 192.0.2.1\n"
                                                   "sub.o.example.test. 1 IN A 192.0.2.10\n"
                                                   "x.deep.sub.o.example.test. 1 IN A 192.0.2.11\n"
                                                   "a.o.example.test. 9 IN A 192.0.2.2\n"
                                                   "a.o.example.test. 9 IN A 192.0.2.20\n"
                                                   "b.o.example.test. 9 IN A 192.0.2.21\n"
                                                   "a.o.example.test. 9 IN A 192.0.2.3\n"
                                                   "c.o.example.test. 9 IN A 192.0.2.4\n"
                                                   "o.example.test. 9 IN A 192.0.2.10\n"
                                                   "x.deep.o.example.test. 9 IN A 192.0.2.11\n"
                                                   "x.o.example.test. 9 IN A 192.0.2.5\n");
    assert_int_equal(reading.records.source_count, 3); // inner.zone is read once
    assert_int_equal(reading.records.list[1].file, 1);
    assert_int_equal(reading.records.list[1].line, 1);
    reading_end(&reading);
    free(inner);
    free(blank);
    free(outer);
}

static void test_include_problems(void **state)
{
    (void)state;
    char *bad = write_file("bad.zone", "$TTL 1\nx AAA 192.0.2.1\n");
    char *top = write_file("top.zone", "$INCLUDE bad.zone\ny AA 192.0.2.1\n");
    struct reading reading;
    reading_of_file(&reading, "example.test.", top);
    char *expected = memory_format("%s:2:3+3 error: unknown type 'AAA' [did you mean 'AAAA'?]\n"
                                   "%s:2:3+2 error: unknown type 'AA' [did you mean 'A'?]\n",
                                   bad, top);
    assert_string_equal(reading_problems(&reading), expected);
    assert_false(reading.good);
    reading_end(&reading);
    free(expected);
    free(bad);
    free(top);
}

static void test_include_loop(void **state)
{
    (void)state;
    char *one = write_file("one.zone", "$INCLUDE two.zone\n");
    char *two = write_file("two.zone", "$TTL 1\n$INCLUDE three.zone\n");
    char *three = write_file("three.zone", "$INCLUDE ./two.zone\nx A 192.0.2.1\n");
    struct reading reading;
    reading_of_file(&reading, "example.test.", one);
    char *expected =
        memory_format("%s:1:10+10 error: include loop: %s -> %s -> %s\n", three, two, three, two);
    assert_string_equal(reading_problems(&reading), expected);
    assert_int_equal(reading.records.count, 1);
    reading_end(&reading);
    free(expected);
    free(one);
    free(two);
    free(three);
}

// INCLUDE_DEPTH_MAX: as deep is read, one deeper is told.
static void test_include_depth_max(void **state)
{
    (void)state;
    char *first = NULL;
    for (unsigned depth = 0; depth <= INCLUDE_DEPTH_MAX + 1; depth++) {
        char name[20];
        snprintf(name, sizeof name, "d%u.zone", depth);
        char *path = write_file(name, "n%u 1 A 192.0.2.1\n$INCLUDE d%u.zone\n", depth, depth + 1);
        if (depth == 0)
            first = path;
        else
            free(path);
    }
    struct reading reading;
    reading_of_file(&reading, "example.test.", first);
    assert_int_equal(reading.records.count, INCLUDE_DEPTH_MAX + 1);
    assert_int_equal(reading.report.count, 1);
    assert_string_equal(reading.report.problems[0].message, "$INCLUDE inside of $INCLUDE over 16 "
                                                            "deep");
    reading_end(&reading);
    free(first);
}

// Files that include the next one a hundred times: 10^8 times the last one, if nobody counted.
static void test_includes_max(void **state)
{
    (void)state;
    struct buffer text = {0};
    buffer_add_text(&text, "@ 1 A 192.0.2.1\n");
    for (unsigned i = 4; i > 0; i--) {
        char name[20];
        snprintf(name, sizeof name, "m%u.zone", i);
        free(write_file(name, "%s", buffer_text(&text)));
        buffer_clear(&text);
        buffer_add_text(&text, "@ 1 A 192.0.2.1\n");
        for (unsigned k = 0; k < 100; k++)
            buffer_format(&text, "$INCLUDE m%u.zone\n", i);
    }
    char *path = write_file("m0.zone", "%s", buffer_text(&text));
    struct reading reading;
    reading_of_file(&reading, "example.test.", path);
    assert_false(reading.good);
    assert_string_equal(reading.report.problems[0].message,
                        "over 65536 $INCLUDE lines in one zone");
    assert_int_equal(reading.records.count, 1 + 65536); // one record in each file
    reading_end(&reading);
    buffer_free(&text);
    free(path);
}

static void test_unreadable(void **state)
{
    (void)state;
    struct reading reading;
    reading_of_file(&reading, "example.test.", "/no/such.zone");
    assert_false(reading.good);
    assert_string_equal(reading_problems(&reading),
                        "/no/such.zone:0:0+1 error: cannot read it: No such file or directory\n");
    reading_end(&reading);
}

struct counting {
    struct parse_progress progress;
    uint64_t read, total;
    unsigned calls;
};

static void count_call(struct parse_progress *progress, uint64_t read, uint64_t total)
{
    struct counting *counting = (struct counting *)progress;
    assert_true(read > counting->read && read <= total);
    counting->read = read;
    counting->total = total;
    counting->calls++;
}

static void test_progress(void **state)
{
    (void)state;
    struct buffer text = {0};
    buffer_add_text(&text, "$TTL 1\n");
    for (unsigned i = 0; i < 200000; i++)
        buffer_format(&text, "h%u A 192.0.2.1\n", i);
    struct counting counting = {.progress = {count_call}};
    struct parse_options options = {.ttl_default = 1, .progress = &counting.progress};
    struct reading reading;
    reading_begin(&reading, "example.test.");
    assert_true(parse_text("test.zone", buffer_text(&text), text.size, &reading.records, &options,
                           &reading.report));
    assert_int_equal(counting.total, text.size);
    assert_int_equal(counting.read, text.size);
    assert_in_range(counting.calls, 3, 10);
    reading_end(&reading);
    buffer_free(&text);
}

// --- damage --------------------------------------------------------------------------------------

// Every mistake of a file in one pass, each where it is.
static void test_all_in_one_pass(void **state)
{
    (void)state;
    struct reading reading;
    reading_of_text(&reading, "example.test.",
                    "$TTL 1h\n"
                    "@ SOA ns1 admin ( 1 2 3 4 5\n"
                    "  NS ns1\n"
                    "ns1 A 192.0.2.300\n"
                    "www A \"192.0.2.1\n"
                    "$ORGIN x\n"
                    "mail.other. A 192.0.2.1\n"
                    " A 1.2.3.300\n");
    assert_string_equal(reading_problems(&reading),
                        "2:17+1 error: this parenthesis is never closed\n"
                        "4:7+11 error: '192.0.2.300' is not an IPv4 address (octet 300 > 255)\n"
                        "5:7+1 error: this quote is not closed on its line "
                        "[add the closing \", or write \\\" to mean a quote]\n"
                        "6:1+6 error: unknown directive '$ORGIN' [did you mean '$ORIGIN'?]\n"
                        "7:1+11 error: mail.other. is out of the zone [the zone is example.test.]\n"
                        "8:4+9 error: '1.2.3.300' is not an IPv4 address (octet 300 > 255)\n");
    reading_end(&reading);
}

// PROBLEMS_MAX: the report counts on, and nothing slows down.
static void test_problems_max(void **state)
{
    (void)state;
    struct buffer text = {0};
    for (unsigned i = 0; i < 100000; i++)
        buffer_add_text(&text, "a 1 A 192.0.2.300\n");
    struct reading reading;
    reading_of_text(&reading, "example.test.", buffer_text(&text));
    assert_int_equal(reading.report.errors, 100000);
    assert_int_equal(reading.report.count, PROBLEMS_MAX);
    reading_end(&reading);
    buffer_free(&text);
}

static void test_long_line(void **state)
{
    (void)state;
    struct buffer text = {0};
    buffer_add_text(&text, "a 1 TXT");
    for (unsigned i = 0; i < 250; i++)
        buffer_format(&text, " \"%0250u\"", i);
    buffer_format(&text, "%*s; %0*u\nb 1 A 192.0.2.1", 100000, "", 100000, 0);
    struct reading reading;
    reading_of_text(&reading, "example.test.", buffer_text(&text));
    assert_true(reading.good);
    assert_int_equal(reading.records.count, 2);
    assert_int_equal(reading.records.list[0].rdata_size, 250 * 251);
    reading_end(&reading);
    buffer_free(&text);
}

// A text cut off anywhere, or with one octet changed, gives problems or records but no crash; the
// sanitizers watch.
static void test_damaged(void **state)
{
    static const char text[] =
        "\xef\xbb\xbf$TTL 1h ; c\n$ORIGIN a\n@ 5 IN SOA ( ns\\.1 \\097dmin \r\n"
        " 1 2h 3 4\n 5 ) ; x\n\tTXT \"a b\\\"\" k=\"v w\" \\# \n"
        "h HTTPS 1 . alpn=\"h2\"\n$GENERATE 1-3/2 g${0,2,n} A 192.0.2.$\n"
        "x TYPE65280 \\# 2 ABCD\n$INCLUDE x/y z\n";
    (void)state;
    struct reading reading;
    for (size_t size = 0; size < sizeof text; size++) {
        reading_of_octets(&reading, "example.test.", text, size);
        reading_end(&reading);
    }
    static const char octets[] = "\0\"()\\;$\n\r\t =.@\x7f\xff";
    for (size_t at = 0; at + 1 < sizeof text; at++) {
        for (size_t i = 0; i < sizeof octets - 1; i++) {
            char damaged[sizeof text];
            memcpy(damaged, text, sizeof text);
            damaged[at] = octets[i];
            reading_of_octets(&reading, "example.test.", damaged, sizeof text - 1);
            assert_int_equal(reading.good, reading.report.errors == 0);
            reading_end(&reading);
        }
    }
}

// --- real data -----------------------------------------------------------------------------------

static void test_root_zone(void **state)
{
    (void)state;
    char *path = reading_data("zones/root-20170821.zone");
    if (!path)
        return;
    struct reading reading;
    reading_of_file(&reading, ".", path);
    assert_string_equal(reading_problems(&reading), "");
    assert_int_equal(reading.records.count, 22772);
    records_sort(&reading.records);
    assert_true(check_records(&reading.records, &(struct check_options){0}, &reading.report));
    assert_int_equal(reading.records.count, 22772);
    assert_string_equal(reading_problems(&reading), "");
    reading_end(&reading);
    free(path);
}

static void dump_sorted(const char *file, const char *origin, struct reading *reading)
{
    char *path = reading_data(file);
    reading_of_file(reading, origin, path);
    assert_true(reading->good);
    records_sort(&reading->records);
    reading_records(reading);
    free(path);
}

// Nearly every type: the zone and its expected texts give the same records.
static void test_example_zone(void **state)
{
    (void)state;
    char *path = reading_data("vectors/dnspython-example");
    if (!path)
        return;
    free(path);
    struct reading zone, good;
    dump_sorted("vectors/dnspython-example", "example.", &zone);
    static const char *const files[] = {
        "vectors/dnspython-example1.good", "vectors/dnspython-example2.good",
        "vectors/dnspython-example3.good", "vectors/dnspython-example4.good"};
    for (size_t i = 0; i < COUNT(files); i++) {
        dump_sorted(files[i], "example.", &good);
        assert_string_equal(buffer_text(&zone.text), buffer_text(&good.text));
        reading_end(&good);
    }
    reading_end(&zone);
}

static void test_zonemd_zones(void **state)
{
    static const struct {
        const char *file, *origin;
        size_t records, errors;
    } rows[] = {
        {"vectors/zonemd/40-rfc8976-simple-example/example.zone", "example.", 6, 0},
        // Holds a record that is out of the zone on purpose, and one twice.
        {"vectors/zonemd/41-rfc8976-complex-example/example.zone", "example.", 19 + 1, 1},
        {"vectors/zonemd/42-rfc8976-multidigest-example/example.zone", "example.", 10, 0},
        {"vectors/zonemd/43-rfc8976-uri.arpa-example/uri.arpa.zone", "uri.arpa.", 35, 0},
        {"vectors/zonemd/45-root-zone/root.zone.hashed", ".", 21353, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *path = reading_data(rows[i].file);
        if (!path)
            continue;
        struct reading reading;
        reading_of_file(&reading, rows[i].origin, path);
        assert_int_equal(reading.report.errors, rows[i].errors);
        assert_int_equal(reading.records.count, rows[i].records);
        reading_end(&reading);
        free(path);
    }
}

static void test_fuzz_seeds(void **state)
{
    (void)state;
    char *path = reading_data("fuzz/zone");
    if (!path)
        return;
    DIR *open = opendir(path);
    assert_non_null(open);
    for (struct dirent *entry; (entry = readdir(open));) {
        char *file = memory_format("%s/%s", path, entry->d_name);
        struct reading reading;
        reading_of_file(&reading, "example.test.", file);
        records_sort(&reading.records);
        size_t errors = reading.report.errors;
        bool good = check_records(&reading.records, &(struct check_options){0}, &reading.report);
        assert_int_equal(good, reading.report.errors == errors);
        reading_end(&reading);
        free(file);
    }
    closedir(open);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_directives),   cmocka_unit_test(test_directive_problems),
        cmocka_unit_test(test_generate),     cmocka_unit_test(test_generate_max),
        cmocka_unit_test(test_include),      cmocka_unit_test(test_include_problems),
        cmocka_unit_test(test_include_loop), cmocka_unit_test(test_include_depth_max),
        cmocka_unit_test(test_includes_max), cmocka_unit_test(test_unreadable),
        cmocka_unit_test(test_progress),     cmocka_unit_test(test_all_in_one_pass),
        cmocka_unit_test(test_problems_max), cmocka_unit_test(test_long_line),
        cmocka_unit_test(test_damaged),      cmocka_unit_test(test_root_zone),
        cmocka_unit_test(test_example_zone), cmocka_unit_test(test_zonemd_zones),
        cmocka_unit_test(test_fuzz_seeds),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
