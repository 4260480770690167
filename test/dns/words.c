// The cursor over words: what it refuses and how it says so, and the limit of 65535 octets.
#include "records.h"

#include "dns/words.h"

static struct token token_of(const char *text)
{
    return (struct token){.text = text, .size = (uint32_t)strlen(text), .line = 1, .column = 1};
}

static void test_take(void **state)
{
    struct rdata_problem problem;
    struct token token = token_of("a");
    struct words words = {.at = &token, .end = &token + 1, .problem = &problem};
    (void)state;
    assert_int_equal(words_left(&words), 1);
    assert_ptr_equal(words_take(&words, "a name"), &token);
    assert_int_equal(words_left(&words), 0);
    assert_null(words_take(&words, "a name"));
    assert_null(problem.token);
    assert_string_equal(problem.message, "a name is missing at the end of the record");
    assert_true(words.form);
}

static void test_messages(void **state)
{
    struct rdata_problem problem;
    struct words words = {.problem = &problem};
    char text[400];
    (void)state;
    memset(text, 'x', sizeof text);
    text[1] = '\n';
    text[2] = 0x7f;
    struct token token = {.text = text, .size = sizeof text};
    assert_false(words_refuse(&words, &token, "is too %s", "long"));
    assert_ptr_equal(problem.token, &token);
    assert_string_equal(problem.message,
                        "'x??xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...' "
                        "is too long");
    assert_string_equal(problem.hint, "");
    words_hint(&words, "%s it", "cut");
    assert_string_equal(problem.hint, "cut it");
    // However long what is said: cut, never overrun.
    text[sizeof text - 1] = 0;
    words_refuse(&words, &token, "%s", text);
    words_hint(&words, "%s", text);
    assert_int_equal(strlen(problem.message), sizeof problem.message - 1);
    assert_int_equal(strlen(problem.hint), sizeof problem.hint - 1);
}

static void test_full(void **state)
{
    struct rdata_problem problem;
    struct token token = token_of("00ff");
    uint8_t *rdata = malloc(RDATA_MAX);
    struct words words = {.at = &token, .end = &token + 1, .rdata = rdata, .problem = &problem};
    (void)state;
    words.size = RDATA_MAX - 4;
    assert_true(words_put16(&words, &token, 0x1234));
    assert_true(words_put8(&words, &token, 0x56));
    assert_false(words_put16(&words, &token, 1));
    assert_false(words_put32(&words, &token, 1));
    assert_string_equal(problem.message, "'00ff' makes the record longer than 65535 octets");
    assert_false(words_hex(&words, 1));
    assert_string_equal(problem.message, "'00ff' makes the record longer than 65535 octets");
    words.at = &token;
    assert_false(words_base64(&words, 1)); // three octets
    words.at = &token;
    token = token_of("name.");
    assert_false(words_name(&words));
    assert_int_equal(words.size, RDATA_MAX - 1);
    assert_memory_equal(rdata + RDATA_MAX - 4, "\x12\x34\x56", 3);
    free(rdata);
}

static void test_numbers(void **state)
{
    static const struct {
        const char *text;
        uint32_t most;
        const char *message; // NULL: taken
        bool form;
    } cases[] = {
        {"65535", 65535, NULL, false},
        {"65536", 65535, "'65536' is above 65535, the most that fits here", false},
        {"mail", 65535, "'mail' is not a number from 0 to 65535", true},
        {"", 255, "'' is not a number from 0 to 255", true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct rdata_problem problem;
        struct token token = token_of(cases[i].text);
        const struct token *taken;
        struct words words = {.at = &token, .end = &token + 1, .problem = &problem};
        uint32_t value;
        assert_int_equal(words_number(&words, cases[i].most, &taken, &value), !cases[i].message);
        assert_ptr_equal(taken, &token);
        if (cases[i].message)
            assert_string_equal(problem.message, cases[i].message);
        assert_int_equal(words.form, cases[i].form);
    }
}

static void test_names(void **state)
{
    static const struct {
        const char *text;
        bool quoted, origin;
        const char *hex, *message, *hint;
    } cases[] = {
        {"a.b.", false, true, "0161016200", NULL, NULL},
        {"a", false, true, "0161 076578616D706C65 00", NULL, NULL},
        {"@", false, true, "076578616D706C65 00", NULL, NULL},
        {"@", true, true, "0140 076578616D706C65 00", NULL, NULL},
        {"a", false, false, NULL,
         "'a' is not a name: ", "there is no origin here: end the name with a dot"},
        {"a..b", false, true, NULL, "'a..b' is not a name: ", ""},
        {"", true, true, NULL, "'' is not a name: ", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t rdata[RDATA_MAX];
        struct rdata_problem problem;
        struct token token = token_of(cases[i].text);
        struct name origin = test_origin();
        token.quoted = cases[i].quoted;
        struct words words = {.at = &token,
                              .end = &token + 1,
                              .origin = cases[i].origin ? &origin : NULL,
                              .rdata = rdata,
                              .problem = &problem};
        assert_int_equal(words_name(&words), cases[i].hex != NULL);
        if (cases[i].hex) {
            assert_octets(rdata, words.size, cases[i].hex);
            continue;
        }
        assert_memory_equal(problem.message, cases[i].message, strlen(cases[i].message));
        assert_string_equal(problem.hint, cases[i].hint);
    }
}

static void test_digits(void **state)
{
    static const struct {
        bool (*take)(struct words *words, size_t least);
        const char *text, *hex, *message;
    } cases[] = {
        {words_hex, "12 345 6", "123456", NULL},
        {words_hex, "123 45", NULL,
         "'45' ends within an octet of hexadecimal: a digit too few or too many"},
        {words_hex, "12 3g", NULL, "'3g' is not hexadecimal ('g' is no digit of it)"},
        {words_base64, "Zm9 vYm E=", "666F6F6261", NULL},
        {words_base64, "Zm9 vYm E", NULL, "'E' is not base64 ('=' out of place)"},
        {words_base64, "Zm9* vYm", NULL, "'Zm9*' is not base64 ('*' is no digit of it)"},
        {words_base64, "Z", NULL,
         "'Z' ends within an octet of base64: a digit too few or too many"},
        {words_hex, "", NULL, "a hexadecimal text is missing at the end of the record"},
        {words_base64, "", NULL, "a base64 text is missing at the end of the record"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t rdata[RDATA_MAX];
        struct token tokens[WORDS_MAX];
        struct rdata_problem problem;
        size_t count = cut_words(cases[i].text, tokens);
        struct words words = {
            .at = tokens, .end = tokens + count, .rdata = rdata, .problem = &problem};
        bool taken = cases[i].take(&words, 1);
        if (taken && cases[i].hex)
            assert_octets(rdata, words.size, cases[i].hex);
        if (cases[i].message) {
            assert_false(taken);
            assert_string_equal(problem.message, cases[i].message);
        }
    }
}

static void test_one_word_of_digits(void **state)
{
    uint8_t rdata[RDATA_MAX];
    struct rdata_problem problem;
    struct words words = {.rdata = rdata, .problem = &problem};
    struct token token = token_of("abCD");
    (void)state;
    assert_true(words_hex_of(&words, &token));
    assert_true(words_base64_of(&words, &token));
    assert_octets(rdata, words.size, "ABCD 69B083");
    token = token_of("");
    assert_false(words_hex_of(&words, &token));
    token = token_of("abc");
    assert_false(words_hex_of(&words, &token));
    assert_false(words_base64_of(&words, &token));
    assert_string_equal(problem.message, "'abc' is not base64 ('=' out of place)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_take),
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_digits),
        cmocka_unit_test(test_one_word_of_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
