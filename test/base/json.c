// The JSON writer, checked by its text and by jansson.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <locale.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/json.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static void test_structure(void **state)
{
    (void)state;
    struct buffer buffer = {0};
    struct json json = json_begin(&buffer);
    json_open_object(&json, NULL);
    json_number(&json, "v", 1);
    json_open_array(&json, "zones");
    json_text(&json, NULL, "example.");
    json_open_object(&json, NULL);
    json_close_object(&json);
    json_open_array(&json, NULL);
    json_close_array(&json);
    json_open_object(&json, NULL);
    json_bool(&json, "a", true);
    json_bool(&json, "b", false);
    json_close_object(&json);
    json_close_array(&json);
    json_none(&json, "last");
    json_open_object(&json, "empty");
    json_close_object(&json);
    json_close_object(&json);
    assert_string_equal(buffer_text(&buffer),
                        "{\"v\":1,\"zones\":[\"example.\",{},[],{\"a\":true,\"b\":false}],"
                        "\"last\":null,\"empty\":{}}");
    buffer_free(&buffer);
}

static void test_strings(void **state)
{
    static const struct {
        const char *octets;
        size_t size;
        const char *written;
    } cases[] = {
        {"", 0, "\"\""},
        {"plain /", 7, "\"plain /\""},
        {"\"\\\b\n\r\t\x1f\x7f", 8, "\"\\\"\\\\\\u0008\\n\\r\\t\\u001f\\u007f\""},
        {"a\0b", 3, "\"a\\u0000b\""},
        {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 9, "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\""},
        {"\xe4", 1, "\"\\u00e4\""},                                  // Latin 1
        {"\xc3", 1, "\"\\u00c3\""},                                  // cut short
        {"\xc3(", 2, "\"\\u00c3(\""},                                // no continuation
        {"\x80z", 2, "\"\\u0080z\""},                                // nothing to continue
        {"\xc0\x80", 2, "\"\\u00c0\\u0080\""},                       // overlong NUL
        {"\xe0\x9f\xbf", 3, "\"\\u00e0\\u009f\\u00bf\""},            // overlong
        {"\xed\xa0\x80", 3, "\"\\u00ed\\u00a0\\u0080\""},            // a surrogate
        {"\xf4\x90\x80\x80", 4, "\"\\u00f4\\u0090\\u0080\\u0080\""}, // past the last one
        {"\xf4\x8f\xbf\xbf", 4, "\"\xf4\x8f\xbf\xbf\""},             // the last one
        {"\xff\xfe", 2, "\"\\u00ff\\u00fe\""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buffer buffer = {0};
        struct json json = json_begin(&buffer);
        json_octets(&json, NULL, cases[i].octets, cases[i].size);
        assert_string_equal(buffer_text(&buffer), cases[i].written);
        json_t *read = json_loads(buffer_text(&buffer), JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        assert_non_null(read);
        json_decref(read);
        buffer_free(&buffer);
    }
}

static void test_numbers(void **state)
{
    static const struct {
        int64_t number;
        const char *written;
    } cases[] = {{0, "0"},
                 {-1, "-1"},
                 {INT64_MAX, "9223372036854775807"},
                 {INT64_MIN, "-9223372036854775808"}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buffer buffer = {0};
        struct json json = json_begin(&buffer);
        json_number(&json, NULL, cases[i].number);
        assert_string_equal(buffer_text(&buffer), cases[i].written);
        buffer_free(&buffer);
    }
}

static void write_reals(void)
{
    static const struct {
        double number;
        const char *written;
    } cases[] = {
        {0, "0"},
        {-0.5, "-0.5"},
        {0.1, "0.1"},
        {1e21, "1e+21"},
        {1.5e-7, "1.5e-07"},
        {123456.75, "123456.75"},
        {1.0 / 3, "0.33333333333333331"},
        {1e308 * 10, "null"},
        {-INFINITY, "null"},
        {NAN, "null"},
        {4.9e-324, "4.94065645841247e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buffer buffer = {0};
        struct json json = json_begin(&buffer);
        json_double(&json, NULL, cases[i].number);
        assert_string_equal(buffer_text(&buffer), cases[i].written);
        buffer_free(&buffer);
    }
}

static void test_reals(void **state)
{
    (void)state;
    write_reals();
}

// In a locale with a decimal comma. Where none is installed there is nothing to see.
static void test_reals_in_comma_locale(void **state)
{
    static const char *const locales[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8",
                                          "nl_NL.UTF-8"};
    (void)state;
    bool found = false;
    for (size_t i = 0; i < COUNT(locales) && !found; i++)
        found = setlocale(LC_NUMERIC, locales[i]) && strcmp(localeconv()->decimal_point, ",") == 0;
    if (!found)
        skip(); // no locale with a decimal comma is installed
    write_reals();
    setlocale(LC_NUMERIC, "C");
}

static void test_deepest(void **state)
{
    (void)state;
    struct buffer buffer = {0};
    struct json json = json_begin(&buffer);
    for (int i = 0; i < 60; i++)
        json_open_array(&json, NULL);
    json_number(&json, NULL, 1);
    json_number(&json, NULL, 2);
    for (int i = 0; i < 60; i++) {
        json_close_array(&json);
        if (i < 59)
            json_none(&json, NULL);
    }
    json_t *read = json_loads(buffer_text(&buffer), 0, NULL);
    assert_non_null(read);
    assert_int_equal(json_array_size(read), 2);
    json_decref(read);
    buffer_free(&buffer);
}

static void test_merge(void **state)
{
    static const char *const parts[] = {"{}", "{\"a\":1,\"b\":[2]}", "{}", "{\"c\":{}}"};
    static const char *const lists[] = {"[]", "[1,2]", "[]", "[{}]"};
    (void)state;
    struct buffer buffer = {0};
    struct json json = json_begin(&buffer);
    json_open_object(&json, NULL);
    for (size_t i = 0; i < COUNT(parts); i++)
        json_merge(&json, parts[i], strlen(parts[i]));
    json_open_array(&json, "d");
    for (size_t i = 0; i < COUNT(lists); i++)
        json_merge(&json, lists[i], strlen(lists[i]));
    json_close_array(&json);
    json_close_object(&json);
    assert_string_equal(buffer_text(&buffer), "{\"a\":1,\"b\":[2],\"c\":{},\"d\":[1,2,{}]}");
    buffer_free(&buffer);
}

static void merge_number(struct json *json)
{
    json_open_object(json, NULL);
    json_merge(json, "12", 2);
}

static void go_too_deep(struct json *json)
{
    for (int i = 0; i < 61; i++)
        json_open_array(json, NULL);
}

static void write_two_documents(struct json *json)
{
    json_none(json, NULL);
    json_none(json, NULL);
}

static void test_programmer_errors(void **state)
{
    static void (*const errors[])(struct json *) = {go_too_deep, write_two_documents,
                                                    json_close_array, merge_number};
    (void)state;
    for (size_t i = 0; i < COUNT(errors); i++) {
        pid_t child = fork();
        if (child == 0) {
            setrlimit(RLIMIT_CORE, &(struct rlimit){0});
            signal(SIGABRT, SIG_DFL);
            if (!freopen("/dev/null", "w", stderr))
                _exit(2);
            struct buffer buffer = {0};
            struct json json = json_begin(&buffer);
            errors[i](&json);
            _exit(0);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_structure),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_reals),
        cmocka_unit_test(test_reals_in_comma_locale),
        cmocka_unit_test(test_deepest),
        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_programmer_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
