// Values in words (describe.h).
#include "conf/describe.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "conf/scalar.h"

static void describe_words(const char *const *words, struct buffer *to)
{
    buffer_add_text(to, "one of ");
    for (size_t i = 0; words[i]; i++)
        buffer_format(to, "%s%s", i ? ", " : "", words[i]);
}

static void describe_number(const struct schema_row *row, struct buffer *to)
{
    if (row->least == row->most)
        buffer_format(to, "the number %llu", (unsigned long long)row->least);
    else
        buffer_format(to, "a number from %llu to %llu", (unsigned long long)row->least,
                      (unsigned long long)row->most);
}

static void describe_duration(const struct schema_row *row, struct buffer *to)
{
    char least[SCALAR_DURATION_MAX], most[SCALAR_DURATION_MAX];
    scalar_print_duration(row->least, least);
    scalar_print_duration(row->most, most);
    buffer_format(to, "a duration like 1h 30m, from %s to %s", least, most);
}

static void describe_size(const struct schema_row *row, struct buffer *to)
{
    char least[SCALAR_SIZE_MAX], most[SCALAR_SIZE_MAX];
    scalar_print_size(row->least, least);
    scalar_print_size(row->most, most);
    buffer_format(to, "a size like 256MiB, from %s to %s", least, most);
}

void schema_describe(enum schema_key key, struct buffer *to)
{
    const struct schema_row *row = schema_row(key);
    switch (row->type) {
    case SCHEMA_MAP:
        if (row->brief)
            schema_describe(row->brief, to);
        else if (row->words)
            describe_words(row->words, to);
        if (row->brief || row->words)
            buffer_add_text(to, " or ");
        buffer_add_text(to, "a map");
        return;
    case SCHEMA_BOOL: buffer_add_text(to, "true or false"); return;
    case SCHEMA_NUMBER: describe_number(row, to); return;
    case SCHEMA_TEXT:
        buffer_format(to, "a text of %s%llu octets", row->least ? "1 to " : "at most ",
                      (unsigned long long)row->most);
        return;
    case SCHEMA_PATH: buffer_add_text(to, "a path"); return;
    case SCHEMA_DURATION: describe_duration(row, to); return;
    case SCHEMA_SIZE: describe_size(row, to); return;
    case SCHEMA_MEMORY:
        describe_size(row, to);
        buffer_add_text(to, ", or a share like 25%");
        return;
    case SCHEMA_WORD: describe_words(row->words, to); return;
    case SCHEMA_HOST: buffer_add_text(to, "an address or the name of an interface"); return;
    case SCHEMA_ADDRESS: buffer_add_text(to, "an address without a port"); return;
    case SCHEMA_SERVER: buffer_add_text(to, "an address, with a port or without"); return;
    case SCHEMA_REMOTE:
        buffer_add_text(to, "an address, with a port or without, and maybe key:NAME behind it");
        return;
    case SCHEMA_NETWORK:
        buffer_add_text(to, "loopback, own, unspecified, multicast, an address or a prefix");
        return;
    case SCHEMA_ACCESS:
        buffer_add_text(to, "localhost, private, any, none, an address, a prefix or key:NAME");
        return;
    case SCHEMA_TREE: buffer_add_text(to, "a map"); return;
    case SCHEMA_ZONE: buffer_add_text(to, "the name of a zone"); return;
    case SCHEMA_NSID:
        buffer_format(to, "1 to %d octets: a text, or 0x and pairs of hexadecimal digits",
                      NSID_MAX);
        return;
    }
}
