// Rdata of every type: octets and text, there and back.
//
//   input: "CLASS TYPE words ...", the text of a record behind its owner; or an octet that draws
//   the type, an octet that says text (odd) or wire (even), and the rdata
//
// What rdata_check accepts must print, be read again to the same octets (in the type's own form and
// in RFC 3597's), come out of a message as it is, and fold and compare as canonical forms do. What
// rdata_parse accepts must pass rdata_check.
#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "zone/scan.h"

#define TYPE_UNKNOWN 65280

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size);

static uint8_t parsed[RDATA_MAX], expanded[RDATA_MAX];

// The words of one record, as the zone parser would hand them over.
static bool cut(struct scan *scan, const char *text, size_t size, uint16_t type)
{
    scan_begin(scan, text, size);
    if (scan_next(scan) != SCAN_RECORD)
        return false;
    if (scan->has_values && type != TYPE_SVCB && type != TYPE_HTTPS)
        scan_split_values(scan, 0);
    return true;
}

static void read_again(uint16_t type, const uint8_t *rdata, size_t size, struct buffer *text)
{
    static const char padding[SCAN_PADDING];
    size_t text_size = text->size;
    buffer_add(text, padding, sizeof padding);
    struct scan scan = {0};
    struct rdata_problem problem = {0};
    size_t again = 0;
    bool good = false;
    const struct name root = NAME_ROOT;
    const struct token nothing = {0};
    // Nothing to print is nothing to cut: a type whose rdata may be empty.
    if (cut(&scan, buffer_text(text), text_size, type))
        good = rdata_parse(type, scan.tokens, scan.count, &root, parsed, &again, &problem);
    else
        good = rdata_parse(type, &nothing, 0, &root, parsed, &again, &problem);
    if (!good || again != size || memcmp(parsed, rdata, size) != 0)
        fprintf(stderr, "type %u: %s: %s\n", type, buffer_text(text), problem.message);
    assert(good && again == size && memcmp(parsed, rdata, size) == 0);
    scan_free(&scan);
}

static void judge_order(uint16_t type, const uint8_t *rdata, size_t size)
{
    uint8_t *folded = memory_get(size ? size : 1), *twice = memory_get(size ? size : 1);
    rdata_fold(type, rdata, size, folded);
    memcpy(twice, folded, size);
    rdata_fold(type, twice, size, twice);
    assert(memcmp(folded, twice, size) == 0);
    assert(rdata_compare(type, rdata, size, rdata, size) == 0);
    assert(rdata_compare(type, rdata, size, folded, size) == 0);
    assert(rdata_check(type, folded, size) == NULL);
    free(folded);
    free(twice);
}

static void judge_expansion(uint16_t type, const uint8_t *rdata, size_t size)
{
    uint8_t *message = memory_get(HEADER_SIZE + size);
    memset(message, 0, HEADER_SIZE);
    memcpy(message + HEADER_SIZE, rdata, size);
    size_t got = 0;
    assert(rdata_expand(type, message, HEADER_SIZE + size, HEADER_SIZE, size, expanded, &got));
    assert(got == size && memcmp(expanded, rdata, size) == 0);
    free(message);
}

static void judge_good(uint16_t type, const uint8_t *rdata, size_t size)
{
    struct buffer text = {0};
    rdata_print(type, rdata, size, &text);
    read_again(type, rdata, size, &text);
    buffer_clear(&text);
    rdata_print_generic(rdata, size, &text);
    read_again(type, rdata, size, &text);
    buffer_free(&text);
    judge_order(type, rdata, size);
    judge_expansion(type, rdata, size);
}

static void try_wire(uint16_t type, const uint8_t *octets, size_t size)
{
    uint8_t *rdata = memory_get(size ? size : 1);
    memcpy(rdata, octets, size);
    if (rdata_check(type, rdata, size) == NULL) {
        judge_good(type, rdata, size);
    } else {
        struct buffer text = {0};
        rdata_print(type, rdata, size, &text);
        size_t got;
        if (rdata_expand(type, rdata, size, 0, size, expanded, &got))
            assert(rdata_check(type, expanded, got) == NULL);
        buffer_free(&text);
    }
    free(rdata);
}

static void try_words(uint16_t type, const struct token *words, size_t count)
{
    static uint8_t rdata[RDATA_MAX];
    struct name origin = name_trust((const uint8_t *)"\7Example\4test");
    struct rdata_problem problem = {0};
    size_t size = 0;
    if (rdata_parse(type, words, count, &origin, rdata, &size, &problem)) {
        assert(size <= RDATA_MAX && rdata_check(type, rdata, size) == NULL);
        judge_good(type, rdata, size);
    } else {
        assert(problem.message[0]);
        assert(memchr(problem.message, 0, sizeof problem.message));
        assert(memchr(problem.hint, 0, sizeof problem.hint));
        assert(!problem.token || (problem.token >= words && problem.token < words + count));
    }
}

static void try_text(uint16_t type, const char *text, size_t size)
{
    struct scan scan = {0};
    if (cut(&scan, text, size, type))
        try_words(type, scan.tokens, scan.count);
    scan_free(&scan);
}

// "IN MX 10 mail": true if it begins like that.
static bool try_record(const char *text, size_t size)
{
    struct scan scan = {0};
    scan_begin(&scan, text, size);
    uint16_t class, type;
    bool is_record = scan_next(&scan) == SCAN_RECORD && scan.count >= 2 &&
                     class_parse(scan.tokens[0].text, scan.tokens[0].size, &class) &&
                     type_parse(scan.tokens[1].text, scan.tokens[1].size, &type);
    if (is_record) {
        if (scan.has_values && type != TYPE_SVCB && type != TYPE_HTTPS)
            scan_split_values(&scan, 2);
        try_words(type, scan.tokens + 2, scan.count - 2);
    }
    scan_free(&scan);
    return is_record;
}

static uint16_t draw_type(uint8_t octet)
{
    unsigned rows = 0;
    const struct type_row *table = type_table();
    while (table[rows].mnemonic)
        rows++;
    return octet % (rows + 1) < rows ? table[octet % (rows + 1)].code : TYPE_UNKNOWN;
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
    if (size > RDATA_MAX)
        return 0;
    char *text = memory_get(size + SCAN_PADDING);
    memcpy(text, octets, size);
    memset(text + size, 0, SCAN_PADDING);
    if (!(size && isupper(octets[0]) && try_record(text, size)) && size >= 2) {
        uint16_t type = draw_type(octets[0]);
        if (octets[1] & 1)
            try_text(type, text + 2, size - 2);
        else
            try_wire(type, octets + 2, size - 2);
    }
    free(text);
    return 0;
}
