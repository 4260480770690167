// The dictionaries: each word gives its number, and each number its first word.
#include "records.h"

#include "dns/mnemonic.h"

static void test_there_and_back(void **state)
{
    const struct mnemonic *const dictionaries[] = {mnemonic_algorithms, mnemonic_certificates,
                                                   mnemonic_schemes, mnemonic_protocols,
                                                   mnemonic_services};
    (void)state;
    for (size_t i = 0; i < COUNT(dictionaries); i++) {
        for (const struct mnemonic *row = dictionaries[i]; row->word; row++) {
            struct token token = {.text = row->word, .size = (uint32_t)strlen(row->word)};
            uint32_t value;
            assert_true(mnemonic_value(dictionaries[i], &token, &value));
            assert_int_equal(value, row->value);
            const char *word = mnemonic_word(dictionaries[i], value);
            token = (struct token){.text = word, .size = (uint32_t)strlen(word)};
            assert_true(mnemonic_value(dictionaries[i], &token, &value));
            assert_int_equal(value, row->value);
        }
    }
}

static void test_words(void **state)
{
    struct token token = {.text = "ecdsap256sha256", .size = 15};
    uint32_t value;
    (void)state;
    assert_true(mnemonic_value(mnemonic_algorithms, &token, &value));
    assert_int_equal(value, 13);
    token.size--;
    assert_false(mnemonic_value(mnemonic_algorithms, &token, &value));
    assert_string_equal(mnemonic_word(mnemonic_certificates, 254), "OID");
    assert_string_equal(mnemonic_word(mnemonic_algorithms, 7), "NSEC3RSASHA1");
    assert_null(mnemonic_word(mnemonic_algorithms, 9));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
