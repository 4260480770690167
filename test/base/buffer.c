// The growing text: always terminated, whatever was added.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/buffer.h"

static void test_empty(void **state)
{
    (void)state;
    struct buffer buffer = {0};
    assert_string_equal(buffer_text(&buffer), "");
    buffer_clear(&buffer);
    buffer_add(&buffer, NULL, 0);
    assert_string_equal(buffer_text(&buffer), "");
    buffer_free(&buffer);
    assert_null(buffer.text);
    buffer_free(&buffer);
}

static void test_add(void **state)
{
    (void)state;
    struct buffer buffer = {0};
    buffer_add_text(&buffer, "zone ");
    buffer_add_char(&buffer, 'x');
    buffer_format(&buffer, ": %d %s", -5, "records");
    buffer_format(&buffer, "%s", "");
    buffer_add(&buffer, "a\0b", 3);
    assert_int_equal(buffer.size, 21);
    assert_memory_equal(buffer.text, "zone x: -5 recordsa\0b", 22);
    assert_int_equal(buffer.text[buffer.size], 0);
    buffer_clear(&buffer);
    assert_string_equal(buffer_text(&buffer), "");
    buffer_add_text(&buffer, "again");
    assert_string_equal(buffer_text(&buffer), "again");
    buffer_free(&buffer);
}

// Each size around the steps of growth, by each of the two ways in.
static void test_growth(void **state)
{
    (void)state;
    static char piece[1100];
    memset(piece, 'p', sizeof piece - 1);
    for (size_t size = 0; size < sizeof piece; size++) {
        struct buffer added = {0}, formatted = {0};
        buffer_add(&added, piece, size);
        buffer_format(&formatted, "%.*s", (int)size, piece);
        assert_int_equal(added.size, size);
        assert_int_equal(strlen(buffer_text(&added)), size);
        assert_string_equal(buffer_text(&formatted), buffer_text(&added));
        buffer_free(&added);
        buffer_free(&formatted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_add),
        cmocka_unit_test(test_growth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
