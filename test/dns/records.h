// Records for tests: a cutter of words, hex, and a sample of each type that has a text form.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "dns/encode.h"
#include "dns/rdata.h"
#include "dns/type.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define WORDS_MAX    600

// Cuts a text into words: at blanks and parentheses; "..." is one word, and so is key="...".
static inline size_t cut_words_up_to(const char *text, struct token *tokens, size_t most)
{
    size_t count = 0;
    for (const char *at = text; *at;) {
        if (strchr(" \t\n()", *at)) {
            at++;
            continue;
        }
        bool quoted = *at == '"', inside = quoted;
        const char *start = at + quoted;
        for (at = start; *at && (inside ? *at != '"' : !strchr(" \t\n()", *at)); at++) {
            if (*at == '\\' && at[1])
                at++;
            else if (!inside && *at == '=' && at[1] == '"')
                inside = ++at;
        }
        size_t size = (size_t)(at - start);
        if (inside && *at == '"' && !quoted)
            size = (size_t)(++at - start);
        else
            at += quoted && *at;
        assert_true(count < most);
        tokens[count++] = (struct token){.text = start,
                                         .size = (uint32_t)size,
                                         .line = 1,
                                         .column = (uint32_t)(start - text) + 1,
                                         .quoted = quoted};
    }
    return count;
}

static inline size_t cut_words(const char *text, struct token tokens[static WORDS_MAX])
{
    return cut_words_up_to(text, tokens, WORDS_MAX);
}

static inline uint16_t type_of(const char *mnemonic)
{
    uint16_t type = 0;
    if (!type_parse(mnemonic, strlen(mnemonic), &type))
        fail_msg("%s is no type", mnemonic);
    return type;
}

static inline struct name test_origin(void)
{
    return (struct name){(const uint8_t *)"\7example", 9, 1};
}

// Parses "TYPE words..." with the origin example. into `rdata` (RDATA_MAX octets).
static inline bool parse_record(const char *text, uint16_t *type, uint8_t *rdata, size_t *size,
                                struct rdata_problem *problem)
{
    static struct token tokens[WORDS_MAX]; // static: `problem->token` must outlive this
    struct name origin = test_origin();
    size_t count = cut_words(text, tokens);
    *type = 0;
    assert_true(count > 0 && type_parse(tokens[0].text, tokens[0].size, type));
    return rdata_parse(*type, tokens + 1, count - 1, &origin, rdata, size, problem);
}

// The same for a text that must be right.
static inline size_t rdata_of(const char *text, uint16_t *type, uint8_t *rdata)
{
    struct rdata_problem problem;
    size_t size;
    if (!parse_record(text, type, rdata, &size, &problem))
        fail_msg("%s: %s", text, problem.message);
    return size;
}

// Octets from hex digits; blanks are passed over.
static inline size_t octets_of(const char *hex, uint8_t *to)
{
    struct decode decode = {.to = to, .end = to + RDATA_MAX};
    for (; *hex; hex++)
        assert_true(*hex == ' ' || decode_hex(&decode, hex, 1) == DECODE_OK);
    assert_int_equal(decode_hex_end(&decode), DECODE_OK);
    return (size_t)(decode.to - to);
}

static inline void assert_octets(const uint8_t *octets, size_t size, const char *hex)
{
    struct buffer text = {0};
    uint8_t *wanted = malloc(RDATA_MAX);
    size_t wanted_size = octets_of(hex, wanted);
    if (size != wanted_size || memcmp(octets, wanted, size) != 0) {
        encode_hex(octets, size, &text);
        fail_msg("%s is not %s", buffer_text(&text), hex);
    }
    free(wanted);
    buffer_free(&text);
}

// A copy of exactly its size, so that the sanitizer sees a look beyond it.
static inline uint8_t *exact_copy(const uint8_t *octets, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (size)
        memcpy(copy, octets, size);
    return copy;
}

static inline void assert_prints(uint16_t type, const uint8_t *rdata, size_t size, const char *text)
{
    struct buffer printed = {0};
    rdata_print(type, rdata, size, &printed);
    assert_string_equal(buffer_text(&printed), text);
    buffer_free(&printed);
}
