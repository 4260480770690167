// Rdata to text: dig's look, and that what is printed comes back as it was.
#include "samples.h"

static void test_samples(void **state)
{
    uint8_t *rdata = malloc(RDATA_MAX);
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        uint16_t type;
        size_t size = rdata_of(samples[i].text, &type, rdata);
        const char *as_written = strchr(samples[i].text, ' ');
        assert_prints(type, rdata, size, samples[i].printed ? samples[i].printed : as_written + 1);
    }
    free(rdata);
}

// Parses what was printed (without an origin: names must be absolute) and compares the octets.
static void assert_comes_back(uint16_t type, const uint8_t *rdata, size_t size, const char *text)
{
    static struct token tokens[65536];
    struct rdata_problem problem;
    uint8_t *back = malloc(RDATA_MAX);
    struct name root = NAME_ROOT;
    size_t back_size, count = cut_words_up_to(text, tokens, COUNT(tokens));
    if (!rdata_parse(type, tokens, count, &root, back, &back_size, &problem))
        fail_msg("TYPE%u %s: %s", type, text, problem.message);
    if (back_size != size || memcmp(back, rdata, size) != 0)
        fail_msg("TYPE%u %s comes back as other octets", type, text);
    free(back);
}

static void assert_both_come_back(uint16_t type, const uint8_t *rdata, size_t size)
{
    struct buffer text = {0};
    rdata_print(type, rdata, size, &text);
    assert_comes_back(type, rdata, size, buffer_text(&text));
    if (!rdata_check(type, rdata, size)) {
        buffer_clear(&text);
        rdata_print_generic(rdata, size, &text);
        assert_comes_back(type, rdata, size, buffer_text(&text));
    }
    buffer_free(&text);
}

static void test_samples_come_back(void **state)
{
    uint8_t *rdata = malloc(RDATA_MAX);
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        uint16_t type;
        size_t size = rdata_of(samples[i].text, &type, rdata);
        assert_both_come_back(type, rdata, size);
    }
    free(rdata);
}

// Every sample with one octet changed, to each of these and to the other case: where it is still
// sound, its text gives it back.
static void test_damaged_come_back(void **state)
{
    static const uint8_t values[] = {0, 1, 2, 9, '"', ',', '.', ':', '@', '\\', 63, 127, 128, 255};
    uint8_t *rdata = malloc(RDATA_MAX);
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        uint16_t type;
        size_t size = rdata_of(samples[i].text, &type, rdata);
        for (size_t at = 0; at < size; at++) {
            uint8_t old = rdata[at];
            for (size_t j = 0; j <= COUNT(values); j++) {
                rdata[at] = j < COUNT(values) ? values[j] : old ^ 0x20;
                if (!rdata_check(type, rdata, size))
                    assert_both_come_back(type, rdata, size);
            }
            rdata[at] = old;
        }
    }
    free(rdata);
}

// Octets drawn at random, as rdata of every type; those that are sound come back.
static void test_random_come_back(void **state)
{
    uint8_t rdata[48];
    uint64_t dice = 1;
    (void)state;
    for (const struct type_row *row = type_table(); row->mnemonic; row++) {
        for (unsigned round = 0; round < 3000; round++) {
            size_t size = 0;
            dice = dice * 6364136223846793005u + 1442695040888963407u;
            for (size_t wanted = dice >> 33 & 31; size < wanted; size++) {
                dice = dice * 6364136223846793005u + 1442695040888963407u;
                rdata[size] = (uint8_t)(dice >> 60 ? dice >> 40 & 7 : dice >> 40);
            }
            if (!rdata_check(row->code, rdata, size))
                assert_both_come_back(row->code, rdata, size);
        }
    }
}

static void test_malformed(void **state)
{
    (void)state;
    assert_prints(TYPE_A, (const uint8_t *)"\xc0", 1, "\\# 1 C0");
    assert_prints(TYPE_A, (const uint8_t *)"", 0, "\\# 0");
    assert_prints(TYPE_NS, (const uint8_t *)"\xc0\x0c", 2, "\\# 2 C00C");
    assert_prints(TYPE_OPT, (const uint8_t *)"\x00\x0a", 2, "\\# 2 000A");
    assert_prints(999, (const uint8_t *)"\x00\x0a", 2, "\\# 2 000A");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples),           cmocka_unit_test(test_samples_come_back),
        cmocka_unit_test(test_damaged_come_back), cmocka_unit_test(test_random_come_back),
        cmocka_unit_test(test_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
