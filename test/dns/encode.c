// The codecs: RFC 4648's vectors both ways, digits broken into words, and what is refused.
#include "records.h"

static void test_rfc_4648_vectors(void **state)
{
    // RFC 4648 10; base32hex there is padded, here never (RFC 5155 3.3).
    static const struct {
        const char *text, *hex, *base32hex, *base64;
    } cases[] = {
        {"", "", "", ""},
        {"f", "66", "CO", "Zg=="},
        {"fo", "666F", "CPNG", "Zm8="},
        {"foo", "666F6F", "CPNMU", "Zm9v"},
        {"foob", "666F6F62", "CPNMUOG", "Zm9vYg=="},
        {"fooba", "666F6F6261", "CPNMUOJ1", "Zm9vYmE="},
        {"foobar", "666F6F626172", "CPNMUOJ1E8", "Zm9vYmFy"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const uint8_t *octets = (const uint8_t *)cases[i].text;
        size_t size = strlen(cases[i].text);
        struct buffer text = {0};
        encode_hex(octets, size, &text);
        assert_string_equal(buffer_text(&text), cases[i].hex);
        buffer_clear(&text);
        encode_base32hex(octets, size, &text);
        assert_string_equal(buffer_text(&text), cases[i].base32hex);
        buffer_clear(&text);
        encode_base64(octets, size, &text);
        assert_string_equal(buffer_text(&text), cases[i].base64);
        buffer_free(&text);

        uint8_t back[8];
        struct decode decode = {.to = back, .end = back + size};
        assert_int_equal(decode_hex(&decode, cases[i].hex, strlen(cases[i].hex)), DECODE_OK);
        assert_int_equal(decode_hex_end(&decode), DECODE_OK);
        assert_memory_equal(back, octets, size);
        decode = (struct decode){.to = back, .end = back + size};
        assert_int_equal(decode_base32hex(&decode, cases[i].base32hex, strlen(cases[i].base32hex)),
                         DECODE_OK);
        assert_int_equal(decode_base32hex_end(&decode), DECODE_OK);
        assert_memory_equal(back, octets, size);
        decode = (struct decode){.to = back, .end = back + size};
        assert_int_equal(decode_base64(&decode, cases[i].base64, strlen(cases[i].base64)),
                         DECODE_OK);
        assert_int_equal(decode_base64_end(&decode), DECODE_OK);
        assert_ptr_equal(decode.to, back + size);
        assert_memory_equal(back, octets, size);
    }
}

// Every way to break "Zm9vYmE=" in two gives the same octets.
static void test_words(void **state)
{
    static const char digits[] = "Zm9vYmE=";
    (void)state;
    for (size_t cut = 0; cut <= strlen(digits); cut++) {
        uint8_t back[5];
        struct decode decode = {.to = back, .end = back + sizeof back};
        assert_int_equal(decode_base64(&decode, digits, cut), DECODE_OK);
        assert_int_equal(decode_base64(&decode, digits + cut, strlen(digits) - cut), DECODE_OK);
        assert_int_equal(decode_base64_end(&decode), DECODE_OK);
        assert_memory_equal(back, "fooba", 5);
    }
}

typedef enum decode_result decoder(struct decode *decode, const char *text, size_t size);
typedef enum decode_result ender(const struct decode *decode);

static enum decode_result decode_all(decoder *add, ender *end, const char *text, size_t room)
{
    uint8_t *octets = malloc(room ? room : 1);
    struct decode decode = {.to = octets, .end = octets + room};
    enum decode_result result = add(&decode, text, strlen(text));
    if (result == DECODE_OK)
        result = end(&decode);
    free(octets);
    return result;
}

static void test_refused(void **state)
{
    static const struct {
        decoder *add;
        ender *end;
        const char *text;
        size_t room;
        enum decode_result result;
    } cases[] = {
        {decode_hex, decode_hex_end, "6", 8, DECODE_CUT},
        {decode_hex, decode_hex_end, "6g", 8, DECODE_BAD_DIGIT},
        {decode_hex, decode_hex_end, "6 6", 8, DECODE_BAD_DIGIT},
        {decode_hex, decode_hex_end, "6667", 1, DECODE_FULL},
        {decode_base32hex, decode_base32hex_end, "C", 8, DECODE_CUT},
        {decode_base32hex, decode_base32hex_end, "CPN", 8, DECODE_CUT},
        {decode_base32hex, decode_base32hex_end, "CP", 8, DECODE_CUT}, // bits left over
        {decode_base32hex, decode_base32hex_end, "CW", 8, DECODE_BAD_DIGIT},
        {decode_base32hex, decode_base32hex_end, "CO======", 8, DECODE_BAD_DIGIT},
        {decode_base64, decode_base64_end, "Z", 8, DECODE_CUT},
        {decode_base64, decode_base64_end, "Zg", 8, DECODE_PADDING},
        {decode_base64, decode_base64_end, "Zg=", 8, DECODE_PADDING},
        {decode_base64, decode_base64_end, "Zg===", 8, DECODE_PADDING},
        {decode_base64, decode_base64_end, "Zg=Z", 8, DECODE_PADDING},
        {decode_base64, decode_base64_end, "Zg==Zg==", 8, DECODE_PADDING},
        {decode_base64, decode_base64_end, "Zm9v=", 8, DECODE_PADDING},
        {decode_base64, decode_base64_end, "====", 8, DECODE_PADDING},
        {decode_base64, decode_base64_end, "Zh==", 8, DECODE_CUT}, // RFC 4648 3.5
        {decode_base64, decode_base64_end, "Zm$v", 8, DECODE_BAD_DIGIT},
        {decode_base64, decode_base64_end, "Zm9vYmFy", 5, DECODE_FULL},
        {decode_base64, decode_base64_end, "Zm9vYmFy", 0, DECODE_FULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(decode_all(cases[i].add, cases[i].end, cases[i].text, cases[i].room),
                         cases[i].result);
}

static void test_lower_case(void **state)
{
    uint8_t octets[4];
    struct decode decode = {.to = octets, .end = octets + 4};
    (void)state;
    assert_int_equal(decode_hex(&decode, "deadBEEF", 8), DECODE_OK);
    assert_memory_equal(octets, "\xde\xad\xbe\xef", 4);
    decode = (struct decode){.to = octets, .end = octets + 4};
    assert_int_equal(decode_base32hex(&decode, "cpnmuog", 7), DECODE_OK);
    assert_memory_equal(octets, "foob", 4);
}

// Lengths around the encoder's chunk, there and back.
static void test_long(void **state)
{
    uint8_t octets[300], back[300];
    (void)state;
    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (uint8_t)(i * 37 + i / 11);
    for (size_t size = 0; size <= sizeof octets; size++) {
        struct buffer text = {0};
        encode_base64(octets, size, &text);
        struct decode decode = {.to = back, .end = back + size};
        assert_int_equal(decode_base64(&decode, buffer_text(&text), text.size), DECODE_OK);
        assert_int_equal(decode_base64_end(&decode), DECODE_OK);
        assert_memory_equal(back, octets, size);
        buffer_clear(&text);
        encode_base32hex(octets, size, &text);
        decode = (struct decode){.to = back, .end = back + size};
        assert_int_equal(decode_base32hex(&decode, buffer_text(&text), text.size), DECODE_OK);
        assert_int_equal(decode_base32hex_end(&decode), DECODE_OK);
        assert_memory_equal(back, octets, size);
        buffer_free(&text);
    }
}

static void test_quoted_and_numbers(void **state)
{
    struct buffer text = {0};
    (void)state;
    encode_quoted((const uint8_t *)"a \"b\"\\;\n\177\377", 10, &text);
    assert_string_equal(buffer_text(&text), "\"a \\\"b\\\"\\\\;\\010\\127\\255\"");
    buffer_clear(&text);
    encode_quoted((const uint8_t *)"", 0, &text);
    assert_string_equal(buffer_text(&text), "\"\"");
    buffer_clear(&text);
    encode_number(0, &text);
    buffer_add_char(&text, ' ');
    encode_number(UINT32_MAX, &text);
    assert_string_equal(buffer_text(&text), "0 4294967295");
    buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc_4648_vectors),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_lower_case),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_quoted_and_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
