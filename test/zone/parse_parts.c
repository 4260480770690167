// A text read in parts by threads gives what it gives when read in sequence: the same records, from
// the same lines, and the same problems in the same order. Parts are a few octets long here, so
// that every kind of line comes to stand at a cut.
#include "reading.h"

#include "base/limits.h"

static void read_with(struct reading *reading, const char *text, size_t size, unsigned threads,
                      size_t part_octets)
{
    struct parse_options options = {
        .ttl_default = 3600, .threads = threads, .part_octets = part_octets};
    reading_begin(reading, "example.test.");
    reading->good =
        parse_text("test.zone", text, size, &reading->records, &options, &reading->report);
}

static void assert_same_records(const struct records *a, const struct records *b)
{
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->source_count, b->source_count);
    for (size_t i = 0; i < a->count; i++) {
        const struct record *one = &a->list[i], *other = &b->list[i];
        assert_int_equal(one->line, other->line);
        assert_int_equal(one->file, other->file);
        assert_int_equal(one->type, other->type);
        assert_int_equal(one->ttl, other->ttl);
        assert_int_equal(one->owner_size, other->owner_size);
        assert_int_equal(one->owner_labels, other->owner_labels);
        assert_memory_equal(one->owner, other->owner, one->owner_size);
        assert_int_equal(one->rdata_size, other->rdata_size);
        assert_memory_equal(one->rdata, other->rdata, one->rdata_size);
    }
}

static void assert_same(const char *text, size_t size, unsigned threads, size_t part_octets)
{
    struct reading whole, parts;
    read_with(&whole, text, size, 1, 0);
    read_with(&parts, text, size, threads, part_octets);
    assert_int_equal(whole.good, parts.good);
    assert_int_equal(whole.report.errors, parts.report.errors);
    assert_int_equal(whole.report.warnings, parts.report.warnings);
    struct buffer one = {0}, other = {0};
    report_write(&whole.report, &one, false);
    report_write(&parts.report, &other, false);
    assert_string_equal(buffer_text(&one), buffer_text(&other));
    assert_string_equal(reading_problems(&whole), reading_problems(&parts));
    assert_same_records(&whole.records, &parts.records);
    buffer_free(&one);
    buffer_free(&other);
    reading_end(&whole);
    reading_end(&parts);
}

static void assert_same_in_all_sizes(const char *text, size_t size)
{
    for (size_t part_octets = 1; part_octets <= size / 4 + 1; part_octets += 1 + part_octets / 8)
        assert_same(text, size, 3, part_octets);
}

static void test_tables(void **state)
{
    static const char *const texts[] = {
        "$TTL 1\na A 192.0.2.1\nb A 192.0.2.2\nc A 192.0.2.3\nd A 192.0.2.4\ne A 192.0.2.5\n",
        // Parentheses over lines that look like records.
        "$TTL 1\na TXT ( x\nb A 192.0.2.1\nc )\nd A 192.0.2.4\ne TXT (\nf\ng\nh ) i\nj A "
        "192.0.2.1\n",
        // One that is never closed, in front of others that are.
        "$TTL 1\na A 192.0.2.1\nb TXT ( x\nc A 192.0.2.1\nd TXT ( y )\ne A 192.0.2.1\nf TXT (\n",
        "$TTL 1\na (\nb (\nc (\nd A 192.0.2.1\ne (\nf A 192.0.2.1\ng A 192.0.2.1\n",
        "$TTL 1\n; ( not open\na TXT \"(\" ; )\nb TXT x ; \"\nc TXT \"; (\"\nd TXT \\(\ne TXT y\n",
        // Quotes that end with their line.
        "$TTL 1\na TXT \"x\nb A 192.0.2.1\nc TXT y\"\nd A 192.0.2.1\ne TXT k=\"v w\"\nf A "
        "1.2.3.4\n",
        "$TTL 1\r\na A 192.0.2.1\r\nb TXT ( x\r\ny )\r\n\r\nc A 192.0.2.2\r\nd A 192.0.2.3\r\n",
        "\xef\xbb\xbf$TTL 1\na A 192.0.2.1\nb A 192.0.2.2\nc A 192.0.2.2\nd A 192.0.2.4\n",
        // A mark where a part may begin is part of a name.
        "$TTL 1\na A 192.0.2.1\n\xef\xbb\xbf"
        "b A 192.0.2.2\n\xef\xbb\xbf"
        "c A 192.0.2.2\nd A 1.2.3.4\n",
        // Origins and TTLs that change on the way.
        "$TTL 1\na A 192.0.2.1\n$ORIGIN x\nb A 192.0.2.1\nc A 192.0.2.2\n$TTL 2\nd A 192.0.2.1\n"
        "$ORIGIN example.test.\ne A 192.0.2.1\nf A 192.0.2.1\ng A 192.0.2.1\n",
        "$TTL 1\na A 192.0.2.1\n$GENERATE 1-20 g$ A 192.0.2.$\nb A 192.0.2.1\nc A 192.0.2.2\n"
        "$GENERATE 1-3 h$ A 192.0.2.300\nd A 192.0.2.1\n$INCLUDE nowhere\ne A 192.0.2.1\n",
        // Two origins of one size.
        "$TTL 1\n$ORIGIN x.example.test.\na A 192.0.2.1\nb A 192.0.2.1\n"
        "$ORIGIN y.example.test.\nc A 192.0.2.1\nd A 192.0.2.2\ne A 192.0.2.1\nf A 192.0.2.1\n",
        // Owners from above.
        "$TTL 1\na A 192.0.2.1\n A 192.0.2.2\n A 192.0.2.3\n A 192.0.2.4\nb A 192.0.2.5\n AAAA "
        "::1\n",
        "$TTL 1\n A 192.0.2.2\n A 192.0.2.3\n A 192.0.2.4\nb A 192.0.2.5\n AAAA ::1\n",
        "$TTL 1\na. A 192.0.2.1\n A 192.0.2.2\n A 192.0.2.3\n A 192.0.2.300\na..b A 192.0.2.5\n A "
        "1.2.3.4\n",
        // TTLs from above, from the SOA, and from nowhere.
        "a 5 A 192.0.2.1\nb A 192.0.2.2\nc A 192.0.2.3\nd 6 A 192.0.2.4\ne A 192.0.2.5\nf A "
        "1.2.3.4\n",
        "@ SOA a b 1 2 3 4 7\nb A 192.0.2.2\nc A 192.0.2.3\nd 6 A 192.0.2.4\ne A 192.0.2.5\n",
        "a A 192.0.2.1\nb A 192.0.2.2\nc A 192.0.2.3\n@ SOA a b 1 2 3 4 7\nd 6 A 192.0.2.4\ne A "
        "1.2.3.4\n",
        // A warning that is given once for neighbours.
        "$TTL 1\na.example.test A 192.0.2.1\na.example.test A 192.0.2.2\na.example.test A "
        "192.0.2.3\n"
        "b A 192.0.2.1\na.example.test A 192.0.2.3\na.example.test AAAA ::1\na.example.test TXT "
        "x\n",
        // Problems in every part.
        "$TTL 1\na A 192.0.2.300\nb B 192.0.2.2\nc A\nd 1 2 A 192.0.2.4\ne CH A 192.0.2.5\nf A )\n",
        "$TTL 1\na A 192.0.2.1\n\n\n; c\n\n  ; d\n\nb A 192.0.2.2\n\n\n\nc A 192.0.2.3\n ; e\n\n",
        "$TTL 1\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n",
        "$TTL 1\na A 192.0.2.1\nb A 192.0.2.2\nc A 192.0.2.3\nd A 192.0.2.4",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++)
        assert_same_in_all_sizes(texts[i], strlen(texts[i]));
}

static uint32_t roll(uint64_t *dice, uint32_t sides)
{
    *dice = *dice * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*dice >> 33) % sides;
}

// One owner on every line: wherever the cut is, its warning is given once.
static void test_one_owner(void **state)
{
    (void)state;
    struct buffer text = {0};
    buffer_add_text(&text, "$TTL 1\n");
    for (unsigned i = 0; i < 40; i++)
        buffer_format(&text, "a.example.test A 192.0.2.%u\n", i);
    assert_same_in_all_sizes(buffer_text(&text), text.size);
    buffer_free(&text);
}

// Lines whose owner is over RECORD_TEXT_MAX give none to the lines below: they repeat the one
// before them, which another part has.
static void test_long_word(void **state)
{
    (void)state;
    struct buffer text = {0};
    buffer_add_text(&text, "$TTL 1\n");
    for (unsigned i = 0; i < 6; i++)
        buffer_format(&text, "h%u A 192.0.2.1\n", i);
    for (unsigned i = 0; i < 2 * (RECORD_TEXT_MAX + 10); i++)
        buffer_add_text(&text, i == RECORD_TEXT_MAX + 10 ? "\nv" : "w");
    buffer_add_text(&text, "\n AAAA ::1\n");
    for (unsigned i = 0; i < 6; i++)
        buffer_format(&text, "i%u A 192.0.2.1\n", i);
    for (size_t part_octets = 1; part_octets < 140; part_octets += 7)
        assert_same(buffer_text(&text), text.size, 2, part_octets);
    buffer_free(&text);
}

// More parentheses that nothing closes than are read again: the rest of the text is given up.
static void test_rewinds(void **state)
{
    (void)state;
    struct buffer text = {0};
    buffer_add_text(&text, "$TTL 1\n");
    for (unsigned i = 0; i < 40; i++)
        buffer_format(&text, "a%u A 192.0.2.1\nb (\n", i);
    assert_same_in_all_sizes(buffer_text(&text), text.size);
    buffer_free(&text);
}

// Lines and pieces of lines in any order.
static void test_random(void **state)
{
    static const char *const pieces[] = {
        "a A 192.0.2.1\n",
        "b A 192.0.2.2\n",
        "b 5 A 192.0.2.3\n",
        "cc TXT x\n",
        "d 7 AAAA ::1\n",
        " A 192.0.2.4\n",
        "\tTXT \"q ; (\"\n",
        "e A 192.0.2.300\n",
        "; c (\n",
        "\n",
        "f TXT ( x\n",
        ")\n",
        " ) y\n",
        "(",
        "\"",
        "$TTL 9\n",
        "$ORIGIN o\n",
        "$ORIGIN p.example.test.\n",
        "$ORIGIN q.example.test.\n",
        "$ORIGIN example.test.\n",
        "\r\n",
        "\\",
        "x.example.test A 192.0.2.1\n",
        "$GENERATE 1-3 g$ A 192.0.2.$\n",
        "out. A 192.0.2.1\n",
        "z ",
        "@ SOA a b 1 2 3 4 5\n",
    };
    (void)state;
    uint64_t dice = 20261;
    for (unsigned round = 0; round < 1500; round++) {
        struct buffer text = {0};
        // Few kinds in one text: else hardly any part would fit.
        uint32_t kinds = 1 + roll(&dice, COUNT(pieces)), first = roll(&dice, COUNT(pieces));
        if (roll(&dice, 3))
            buffer_add_text(&text, "$TTL 3\n");
        for (uint32_t lines = 4 + roll(&dice, 60); lines > 0; lines--) {
            bool plain = roll(&dice, 3) != 0;
            uint32_t which = plain ? roll(&dice, 5) : (first + roll(&dice, kinds)) % COUNT(pieces);
            buffer_add_text(&text, pieces[which]);
        }
        assert_same(buffer_text(&text), text.size, 2 + roll(&dice, 3), 1 + roll(&dice, 90));
        buffer_free(&text);
    }
}

// PROBLEMS_MAX: those kept are the first ones, and the count goes on.
static void test_problems_max(void **state)
{
    (void)state;
    struct buffer text = {0};
    buffer_add_text(&text, "$TTL 1\n");
    for (unsigned i = 0; i < 3 * PROBLEMS_MAX; i++)
        buffer_format(&text, "h%u A 192.0.2.%u\n", i, i % 2 ? 1 : 300 + i);
    assert_same(buffer_text(&text), text.size, 3, 2000);
    buffer_free(&text);
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

// Large enough for threads at the usual size of a part; progress is told in order to the end.
static void test_large(void **state)
{
    (void)state;
    struct buffer text = {0};
    buffer_add_text(&text, "$TTL 1\n");
    for (unsigned i = 0; i < 300000; i++)
        buffer_format(&text, "h%u A 192.0.2.1\n%s", i, i % 1000 ? "" : " TXT ( a\nb )\n");
    assert_same(buffer_text(&text), text.size, 2, 0);
    struct counting counting = {.progress = {count_call}};
    struct parse_options options = {.ttl_default = 1, .threads = 2, .progress = &counting.progress};
    struct reading reading;
    reading_begin(&reading, "example.test.");
    assert_true(parse_text("test.zone", buffer_text(&text), text.size, &reading.records, &options,
                           &reading.report));
    assert_int_equal(counting.read, text.size);
    assert_int_equal(counting.total, text.size);
    assert_in_range(counting.calls, 3, 10);
    reading_end(&reading);
    buffer_free(&text);
}

// Files that are included are read in parts too, with the origin that the line gives them.
static void test_include(void **state)
{
    (void)state;
    char folder[] = "/tmp/onym-parts-XXXXXX";
    assert_non_null(mkdtemp(folder));
    char *path = memory_format("%s/inner.zone", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (unsigned i = 0; i < 200; i++)
        fprintf(file, "h%u A 192.0.2.%u\n", i, i % 50 ? i % 250 : 256);
    fclose(file);
    struct buffer text = {0};
    buffer_add_text(&text, "$TTL 1\n");
    for (unsigned i = 0; i < 300; i++) {
        buffer_format(&text, "o%u A 192.0.2.1\n", i);
        if (i % 100 == 50)
            buffer_format(&text, "$INCLUDE %s i%u\n", path, i);
    }
    assert_same(buffer_text(&text), text.size, 3, 100);
    unlink(path);
    rmdir(folder);
    buffer_free(&text);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),    cmocka_unit_test(test_rewinds),
        cmocka_unit_test(test_one_owner), cmocka_unit_test(test_long_word),
        cmocka_unit_test(test_random),    cmocka_unit_test(test_problems_max),
        cmocka_unit_test(test_large),     cmocka_unit_test(test_include),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
