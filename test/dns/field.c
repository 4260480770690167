// Fields on the wire: every field of every sample, cut at every octet, stays within its octets.
#include "samples.h"

#include "dns/field.h"

// Walks the row's fields over the octets. NULL: all passed and nothing is left.
static const char *walk(const struct type_row *row, const uint8_t *rdata, size_t size)
{
    struct octets octets = octets_begin(rdata, size);
    for (const uint8_t *field = row->fields; *field; field++) {
        const char *fault = field_pass((enum field) * field, &octets);
        if (fault)
            return fault;
        assert_true(octets.start <= octets.at && octets.at <= octets.end);
    }
    return octets.at == octets.end ? NULL : "left over";
}

static void test_samples(void **state)
{
    uint8_t *rdata = malloc(RDATA_MAX);
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        uint16_t type;
        size_t size = rdata_of(samples[i].text, &type, rdata);
        const struct type_row *row = type_find(type);
        if (!row || !row->fields)
            continue;
        const char *fault = walk(row, rdata, size);
        if (fault)
            fail_msg("%s: %s", samples[i].text, fault);
        for (size_t cut = 0; cut < size; cut++) { // the sanitizer watches
            uint8_t *copy = exact_copy(rdata, cut);
            walk(row, copy, cut);
            free(copy);
        }
    }
    free(rdata);
}

// Each octet of each sample set to each of these: never a look outside, whatever the verdict.
static void test_damage(void **state)
{
    static const uint8_t values[] = {0, 1, 31, 32, 33, 63, 64, 128, 192, 255};
    uint8_t *rdata = malloc(RDATA_MAX);
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        uint16_t type;
        size_t size = rdata_of(samples[i].text, &type, rdata);
        const struct type_row *row = type_find(type);
        uint8_t *copy = exact_copy(rdata, size);
        for (size_t at = 0; row && row->fields && at < size; at++) {
            for (size_t j = 0; j < COUNT(values); j++) {
                copy[at] = values[j];
                walk(row, copy, size);
            }
            copy[at] = rdata[at];
        }
        free(copy);
    }
    free(rdata);
}

static void test_single_fields(void **state)
{
    static const struct {
        enum field field;
        const char *hex;
        int passed; // octets, -1: refused
    } cases[] = {
        {FIELD_NAME, "00", 1},
        {FIELD_NAME, "0161 00 FF", 3},
        {FIELD_NAME, "0161", -1},
        {FIELD_NAME, "C000", -1},
        {FIELD_NAME, "", -1},
        {FIELD_NAMES, "", 0},
        {FIELD_NAMES, "0161 00 00", 4},
        {FIELD_NAMES, "0161 00 01", -1},
        {FIELD_STRING, "00", 1},
        {FIELD_STRING, "02 6161 FF", 3},
        {FIELD_STRING, "02 61", -1},
        {FIELD_STRING, "", -1},
        {FIELD_STRING_OPTIONAL, "", 0},
        {FIELD_STRING_OPTIONAL, "0161", 2},
        {FIELD_STRINGS, "", -1},
        {FIELD_STRINGS, "00 0161 00", 4},
        {FIELD_STRINGS, "00 0161 02 61", -1},
        {FIELD_TAG, "05 6973737565 00", 6},
        {FIELD_TAG, "05 697373752D", -1},
        {FIELD_TAG, "00", -1},
        {FIELD_TAG, "02 61", -1},
        {FIELD_TEXT, "", 0},
        {FIELD_HEX, "", -1},
        {FIELD_BASE64, "", -1},
        {FIELD_BASE64_OPTIONAL, "", 0},
        {FIELD_BASE64_DASH, "FF", 1},
        {FIELD_SALT, "00", 1},
        {FIELD_HASH, "00", -1},
        {FIELD_HASH, "01 FF", 2},
        {FIELD_U8, "", -1},
        {FIELD_U16, "00", -1},
        {FIELD_U32, "000000", -1},
        {FIELD_IP6, "00", -1},
        {FIELD_EUI48, "000000000000 00", 6},
        {FIELD_LOCATOR, "00000000000000", -1},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t rdata[RDATA_MAX];
        size_t size = octets_of(cases[i].hex, rdata);
        uint8_t *copy = exact_copy(rdata, size);
        struct octets octets = octets_begin(copy, size);
        const char *fault = field_pass(cases[i].field, &octets);
        int passed = fault ? -1 : (int)(octets.at - octets.start);
        if (passed != cases[i].passed)
            fail_msg("field %d of %s: %d, not %d", (int)cases[i].field, cases[i].hex, passed,
                     cases[i].passed);
        free(copy);
    }
}

static void test_names_are_known(void **state)
{
    static const uint8_t prefix_0[] = {0}, prefix_64[] = {64};
    struct octets octets = octets_begin(prefix_64, 1);
    (void)state;
    assert_true(field_is_name(FIELD_NAME, &octets));
    assert_true(field_is_name(FIELD_A6_NAME, &octets));
    assert_false(field_is_name(FIELD_U16, &octets));
    octets = octets_begin(prefix_0, 1);
    assert_false(field_is_name(FIELD_A6_NAME, &octets));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_single_fields),
        cmocka_unit_test(test_names_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
