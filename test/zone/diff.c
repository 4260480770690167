// Differences: what went, what came, and the SOA first on both sides; packed and read again.
#include "from_text.h"

#include "dns/rdata.h"
#include "dns/type.h"
#include "zone/diff.h"

#define SOA(serial) "@ 3600 SOA ns.invalid. admin.invalid. " #serial " 7200 3600 1209600 300\n"
#define NS          "@ 3600 NS ns.invalid.\n"

static void write_records(const struct records *records, const char *sign, struct buffer *to)
{
    for (size_t i = 0; i < records->count; i++) {
        const struct record *record = &records->list[i];
        char name[NAME_TEXT_MAX], type[TYPE_TEXT_MAX];
        if (record->type == TYPE_SOA) {
            assert_int_equal(i, 0);
            buffer_format(to, "%sSOA %u\n", sign, diff_serial(record));
            continue;
        }
        name_print(record_owner(record), name);
        type_print(record->type, type);
        buffer_format(to, "%s%s %u %s ", sign, name, record->ttl, type);
        rdata_print(record->type, record->rdata, record->rdata_size, to);
        buffer_add_char(to, '\n');
    }
}

static void check(const char *before_text, const char *after_text, const char *expected)
{
    struct records before, after;
    struct diff diff, read;
    struct buffer seen = {0}, packed = {0}, again = {0};
    records_from_text(&before, "example.", before_text);
    records_from_text(&after, "example.", after_text);
    diff_make(&diff, &before, &after);
    write_records(&diff.removed, "-", &seen);
    write_records(&diff.added, "+", &seen);
    assert_string_equal(buffer_text(&seen), expected);

    diff_pack(&diff, &packed);
    const uint8_t *octets = (const uint8_t *)packed.text;
    assert_true(diff_unpack(octets, packed.size, name_of("example."), &read));
    assert_int_equal(read.serial_from, diff.serial_from);
    assert_int_equal(read.serial_to, diff.serial_to);
    write_records(&read.removed, "-", &again);
    write_records(&read.added, "+", &again);
    assert_string_equal(buffer_text(&again), expected);
    diff_free(&read);
    for (size_t size = 0; size < packed.size; size++) // every shorter one is refused
        assert_false(diff_unpack(octets, size, name_of("example."), &read));
    if (*expected)
        assert_false(diff_unpack(octets, packed.size, name_of("other."), &read));
    diff_free(&diff);
    records_free(&before);
    records_free(&after);
    buffer_free(&seen);
    buffer_free(&packed);
    buffer_free(&again);
}

static void what_went_and_came(void **state)
{
    (void)state;
    check(SOA(1) NS "a A 192.0.2.1\nb A 192.0.2.2\nb TXT x\n",
          SOA(2) NS "a A 192.0.2.1\na A 192.0.2.9\nB TXT x\nc 60 AAAA 2001:db8::1\n",
          "-SOA 1\n-b.example. 3600 A 192.0.2.2\n"
          "+SOA 2\n+a.example. 3600 A 192.0.2.9\n+c.example. 60 AAAA 2001:db8::1\n");
}

static void another_ttl_is_another_record(void **state)
{
    (void)state;
    check(SOA(1) NS "a 60 A 192.0.2.1\na 60 A 192.0.2.2\n",
          SOA(2) NS "a 61 A 192.0.2.1\na 61 A 192.0.2.2\n",
          "-SOA 1\n-a.example. 60 A 192.0.2.1\n-a.example. 60 A 192.0.2.2\n"
          "+SOA 2\n+a.example. 61 A 192.0.2.1\n+a.example. 61 A 192.0.2.2\n");
}

static void case_alone_is_no_difference(void **state)
{
    (void)state;
    check(SOA(1) NS "a MX 1 Mail.example.\n", SOA(1) NS "A MX 1 mail.EXAMPLE.\n", "");
}

// What was added and taken away again is not told.
static void settling(void **state)
{
    (void)state;
    struct records some;
    struct diff diff;
    struct buffer seen = {0};
    records_from_text(&some, "example.", SOA(5) NS "z A 192.0.2.1\na A 192.0.2.2\n");
    diff_begin(&diff, name_of("example."));
    for (size_t i = 0; i < some.count; i++)
        diff_add(&diff.added, &some.list[some.count - 1 - i]);
    assert_false(diff_is_empty(&diff));
    diff_add(&diff.removed, &some.list[some.count - 1]); // z A
    diff_settle(&diff);
    assert_int_equal(diff.serial_to, 5);
    write_records(&diff.removed, "-", &seen);
    write_records(&diff.added, "+", &seen);
    assert_string_equal(buffer_text(&seen),
                        "+SOA 5\n+example. 3600 NS ns.invalid.\n+a.example. 3600 A 192.0.2.2\n");
    diff.added.count = 1;
    assert_true(diff_is_empty(&diff));
    diff_free(&diff);
    records_free(&some);
    buffer_free(&seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_went_and_came),
        cmocka_unit_test(another_ttl_is_another_record),
        cmocka_unit_test(case_alone_is_no_difference),
        cmocka_unit_test(settling),
    };
    return cmocka_run_group_tests_name("zone/diff", tests, NULL, NULL);
}
