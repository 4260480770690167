// The templates of generate.h. The result is text with its escapes as they stood, so that whatever
// reads records reads it too.
#include "zone/generate.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "dns/type.h"

// No name and no number needs more, and a width cannot be used to fill the memory.
#define WIDTH_MAX NAME_OCTETS_MAX
// Counters are BIND's: not negative, 31 bits.
#define COUNTER_MAX INT32_MAX

static bool read_number(const char *text, size_t size, uint32_t *value)
{
    struct token token = {.text = text, .size = (uint32_t)size};
    return size > 0 && text_number(&token, COUNTER_MAX, value);
}

bool generate_read_range(const struct token *token, struct generate_range *range, char *problem,
                         size_t problem_size)
{
    const char *text = token->text, *end = text + token->size;
    const char *dash = memchr(text, '-', token->size);
    const char *slash = memchr(text, '/', token->size);
    const char *stop_end = slash ? slash : end;
    range->step = 1;
    if (!dash || dash > stop_end || !read_number(text, (size_t)(dash - text), &range->start) ||
        !read_number(dash + 1, (size_t)(stop_end - dash - 1), &range->stop)) {
        snprintf(problem, problem_size, "not a range of numbers");
        return false;
    }
    if (slash &&
        (!read_number(slash + 1, (size_t)(end - slash - 1), &range->step) || range->step == 0)) {
        snprintf(problem, problem_size, "the step of a range is a number from 1");
        return false;
    }
    if (range->start > range->stop) {
        snprintf(problem, problem_size, "the range begins above its end");
        return false;
    }
    uint32_t count = (range->stop - range->start) / range->step + 1;
    if (count > GENERATE_MAX) {
        snprintf(problem, problem_size, "%" PRIu32 " records in one $GENERATE; the most is %d",
                 count, GENERATE_MAX);
        return false;
    }
    return true;
}

struct modifier {
    int64_t offset;
    uint32_t width;
    char base;
};

// One field between braces: up to a comma or the closing brace, which is where it leaves `at`.
static const char *find_field_end(const char *at, const char *end)
{
    while (at < end && *at != ',' && *at != '}')
        at++;
    return at;
}

// Reads "offset[,width[,base]]}" behind "${". Returns what is behind it, or NULL.
static const char *read_modifier(const char *at, const char *end, struct modifier *modifier)
{
    *modifier = (struct modifier){.base = 'd'};
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    const char *stop = find_field_end(at, end);
    uint32_t offset;
    if (!read_number(at, (size_t)(stop - at), &offset))
        return NULL;
    modifier->offset = negative ? -(int64_t)offset : offset;
    if (stop < end && *stop == ',') {
        at = stop + 1;
        stop = find_field_end(at, end);
        if (!read_number(at, (size_t)(stop - at), &modifier->width) || modifier->width > WIDTH_MAX)
            return NULL;
    }
    if (stop < end && *stop == ',') {
        at = stop + 1;
        stop = find_field_end(at, end);
        if (stop != at + 1 || !memchr("doxXnN", *at, 6))
            return NULL;
        modifier->base = *at;
    }
    return stop < end && *stop == '}' ? stop + 1 : NULL;
}

// Digits from the lowest, dots between. A width that ends behind a digit's dot leaves the dot
// there.
static void put_nibbles(uint32_t value, uint32_t width, const char *digits, struct buffer *to)
{
    do {
        buffer_add_char(to, digits[value & 15]);
        value >>= 4;
        width -= width > 0;
        if (width > 0 || value != 0)
            buffer_add_char(to, '.');
        width -= width > 0;
    } while (width > 0 || value != 0);
}

static void put_counter(uint32_t value, const struct modifier *modifier, struct buffer *to)
{
    int width = (int)modifier->width;
    switch (modifier->base) {
    case 'o': buffer_format(to, "%0*" PRIo32, width, value); break;
    case 'x': buffer_format(to, "%0*" PRIx32, width, value); break;
    case 'X': buffer_format(to, "%0*" PRIX32, width, value); break;
    case 'n': put_nibbles(value, modifier->width, "0123456789abcdef", to); break;
    case 'N': put_nibbles(value, modifier->width, "0123456789ABCDEF", to); break;
    default: buffer_format(to, "%0*" PRIu32, width, value); break;
    }
}

// Writes the counter for what stands behind a '$' and moves `at` behind it.
static const char *put_dollar(const char **at, const char *end, uint32_t value, struct buffer *to)
{
    struct modifier modifier = {.base = 'd'};
    if (*at < end && **at == '$') {
        buffer_add_text(to, "\\$");
        (*at)++;
        return NULL;
    }
    if (*at < end && **at == '{') {
        *at = read_modifier(*at + 1, end, &modifier);
        if (!*at)
            return "after '$' in braces stand offset, width (up to 255) and base (d o x X n N)";
    }
    int64_t sum = (int64_t)value + modifier.offset;
    if (sum < 0)
        return "the offset takes the counter below 0";
    assert(sum <= UINT32_MAX);
    put_counter((uint32_t)sum, &modifier, to);
    return NULL;
}

// `bare`: the word stood in quotes and is wanted without them; then \" inside it is a quote.
static const char *put_word(const struct token *word, bool bare, uint32_t value, struct buffer *to)
{
    const char *at = word->text, *end = at + word->size;
    while (at < end) {
        const char *problem = NULL;
        if (*at == '$') {
            at++;
            problem = put_dollar(&at, end, value, to);
        } else if (*at == '\\' && at + 1 < end) {
            bool drop = bare && at[1] == '"';
            buffer_add(to, at + drop, 2u - drop);
            at += 2;
        } else {
            buffer_add_char(to, *at++);
        }
        if (problem)
            return problem;
    }
    return NULL;
}

// BIND takes the rdata as ONE word and reads what is in it as text: MX "10 mail$". So a single
// quoted word behind the type loses its quotes, while of several each keeps its own.
static bool is_whole_rdata(const struct token *words, size_t count, size_t index)
{
    uint16_t type;
    return index + 1 == count && index > 0 && words[index].quoted && !words[index - 1].quoted &&
           type_parse(words[index - 1].text, words[index - 1].size, &type);
}

const char *generate_write(const struct token *words, size_t count, uint32_t value,
                           struct buffer *to, size_t *at_fault)
{
    for (size_t i = 0; i < count; i++) {
        bool bare = is_whole_rdata(words, count, i);
        bool quoted = words[i].quoted && !bare;
        if (i > 0)
            buffer_add_char(to, ' ');
        if (quoted)
            buffer_add_char(to, '"');
        const char *problem = put_word(&words[i], bare, value, to);
        if (problem) {
            *at_fault = i;
            return problem;
        }
        if (quoted)
            buffer_add_char(to, '"');
    }
    return NULL;
}
