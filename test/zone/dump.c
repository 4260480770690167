// Records as text, and back: reading the dump gives the same dump.
#include "zone/dump.h"

#include "reading.h"

static void test_forms(void **state)
{
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {"@ 0 A 192.0.2.1\n", "example.test. 0 IN A 192.0.2.1\n"},
        {"A\\.b\\032c 2147483647 IN A 192.0.2.1\n",
         "A\\.b\\032c.example.test. 2147483647 IN A 192.0.2.1\n"},
        {"x 5 TYPE65280 \\# 0\n", "x.example.test. 5 IN TYPE65280 \\# 0\n"},
        {"x 5 TYPE65280 \\# 2 ab Cd\n", "x.example.test. 5 IN TYPE65280 \\# 2 ABCD\n"},
        {"x 5 MX 10 Mail\n", "x.example.test. 5 IN MX 10 Mail.example.test.\n"},
        {"x 5 TXT a \"b c\" \"\\\"\" \\001\n", "x.example.test. 5 IN TXT \"a\" \"b c\" \"\\\"\" "
                                               "\"\\001\"\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct reading reading;
        reading_of_text(&reading, "example.test.", rows[i].text);
        assert_true(reading.good);
        assert_string_equal(reading_records(&reading), rows[i].expected);
        reading_end(&reading);
    }
}

// An owner as long as a name can be, each octet escaped.
static void test_longest_owner(void **state)
{
    (void)state;
    uint8_t wire[NAME_OCTETS_MAX] = {0};
    static const uint8_t sizes[] = {63, 63, 63, 61};
    unsigned at = 0;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        wire[at] = sizes[i];
        memset(wire + at + 1, 200, sizes[i]);
        at += 1u + sizes[i];
    }
    struct record record = {.owner = wire,
                            .owner_size = (uint8_t)(at + 1),
                            .owner_labels = 4,
                            .rdata = (const uint8_t *)"\300\0\2\1",
                            .rdata_size = 4,
                            .type = 1,
                            .ttl = 7};
    struct buffer text = {0};
    dump_record(&record, &text);
    assert_int_equal(text.size, 4 * 250 + 4 + strlen(" 7 IN A 192.0.2.1\n"));
    buffer_free(&text);
}

static void assert_same_again(const char *file, const char *origin)
{
    char *path = reading_data(file);
    if (!path)
        return;
    struct reading first, again;
    reading_of_file(&first, origin, path);
    assert_true(first.good);
    records_sort(&first.records);
    reading_records(&first);
    reading_of_octets(&again, origin, buffer_text(&first.text), first.text.size);
    assert_string_equal(reading_problems(&again), "");
    records_sort(&again.records);
    assert_string_equal(reading_records(&again), buffer_text(&first.text));
    reading_end(&again);
    reading_end(&first);
    free(path);
}

static void test_there_and_back(void **state)
{
    (void)state;
    assert_same_again("zones/root-20170821.zone", ".");
    assert_same_again("vectors/dnspython-example", "example.");
    assert_same_again("vectors/zonemd/45-root-zone/root.zone.hashed", ".");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_longest_owner),
        cmocka_unit_test(test_there_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
