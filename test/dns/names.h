// Names from text, for tests.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "dns/name.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const struct hash_key test_secret = {{0x0123456789abcdefu, 0xfedcba9876543210u}};

// An absolute name. Its octets live until 256 more were made.
static inline struct name name_of(const char *text)
{
    static uint8_t storage[256][NAME_OCTETS_MAX];
    static unsigned next;
    struct name name;
    enum name_text_result result =
        name_parse(text, strlen(text), NULL, storage[next++ % COUNT(storage)], &name);
    if (result != NAME_TEXT_OK)
        fail_msg("%s: %s", text, name_text_problem(result));
    return name;
}

static inline void assert_name(struct name name, const char *text)
{
    char printed[NAME_TEXT_MAX];
    name_print(name, printed);
    assert_string_equal(printed, text);
}
