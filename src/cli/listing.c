// Records in columns (listing.h).
#include "cli/listing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "cli/idn.h"
#include "cli/response.h"
#include "dns/rdata.h"

#define OWNER_WIDTH_MAX 40 // one long name should not push all others off the screen

static size_t most(size_t a, size_t b)
{
    return a > b ? a : b;
}

static struct listing_line make_line(const struct listing *listing,
                                     const struct response_record *record)
{
    struct listing_line line = {.ttl = record->ttl};
    char owner[NAME_TEXT_MAX];
    name_print(record->owner, owner);
    line.owner = memory_copy_text(owner);
    class_print(record->class, line.class);
    type_print(record->type, line.type);
    struct buffer text = {0};
    rdata_print(record->type, record->rdata, record->rdata_size, &text);
    line.rdata = memory_copy_text(buffer_text(&text));
    buffer_clear(&text);
    if (listing->unicode && idn_to_unicode(record->owner, &text))
        line.unicode = memory_copy_text(buffer_text(&text));
    buffer_free(&text);
    return line;
}

static void free_line(struct listing_line *line)
{
    free(line->owner);
    free(line->rdata);
    free(line->unicode);
}

static void keep(struct listing *listing, struct listing_line line)
{
    listing->lines = memory_grow(listing->lines, &listing->room, listing->count + 1, sizeof line);
    listing->lines[listing->count++] = line;
    size_t owner = strlen(line.owner);
    listing->owner_width =
        most(listing->owner_width, owner < OWNER_WIDTH_MAX ? owner : OWNER_WIDTH_MAX);
    listing->ttl_width = most(listing->ttl_width, (size_t)snprintf(NULL, 0, "%" PRIu32, line.ttl));
    listing->class_width = most(listing->class_width, strlen(line.class));
    listing->type_width = most(listing->type_width, strlen(line.type));
}

void listing_add(struct listing *listing, const struct response_record *record)
{
    keep(listing, make_line(listing, record));
}

void listing_add_new(struct listing *listing, const struct response_record *record)
{
    struct listing_line line = make_line(listing, record);
    for (size_t i = 0; i < listing->count; i++) {
        const struct listing_line *other = &listing->lines[i];
        if (strcmp(line.type, other->type) == 0 && strcmp(line.rdata, other->rdata) == 0 &&
            strcmp(line.class, other->class) == 0 && strcasecmp(line.owner, other->owner) == 0) {
            free_line(&line);
            return;
        }
    }
    keep(listing, line);
}

void listing_print(const struct listing *listing, size_t first, size_t count, struct buffer *to)
{
    for (size_t i = first; i < first + count; i++) {
        const struct listing_line *line = &listing->lines[i];
        buffer_format(to, "%-*s %*" PRIu32 " %-*s %-*s %s", (int)listing->owner_width, line->owner,
                      (int)listing->ttl_width, line->ttl, (int)listing->class_width, line->class,
                      (int)listing->type_width, line->type, line->rdata);
        if (line->unicode)
            buffer_format(to, " ; %s", line->unicode);
        buffer_add_char(to, '\n');
    }
}

void listing_free(struct listing *listing)
{
    for (size_t i = 0; i < listing->count; i++)
        free_line(&listing->lines[i]);
    free(listing->lines);
    *listing = (struct listing){0};
}
