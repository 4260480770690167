// A zone read from a text, and what came of it as texts to compare: for the tests of this room.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/report.h"
#include "dns/name.h"
#include "zone/check.h"
#include "zone/dump.h"
#include "zone/parse.h"
#include "zone/records.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

struct reading {
    struct records records;
    struct report report;
    bool good;
    struct buffer text;
};

static inline struct name reading_name(const char *text, uint8_t storage[static NAME_OCTETS_MAX])
{
    struct name name;
    assert_int_equal(name_parse(text, strlen(text), &NAME_ROOT, storage, &name), NAME_TEXT_OK);
    return name;
}

static inline void reading_begin(struct reading *reading, const char *origin)
{
    uint8_t storage[NAME_OCTETS_MAX];
    *reading = (struct reading){0};
    records_begin(&reading->records, reading_name(origin, storage));
}

// The text is handed over in memory of exactly its size, so that ASan sees a look beyond its end.
static inline void reading_of_octets(struct reading *reading, const char *origin, const char *text,
                                     size_t size)
{
    static const struct parse_options options = {.ttl_default = 3600};
    reading_begin(reading, origin);
    char *exact = malloc(size);
    if (size)
        memcpy(exact, text, size);
    reading->good =
        parse_text("test.zone", exact, size, &reading->records, &options, &reading->report);
    free(exact);
}

static inline void reading_of_text(struct reading *reading, const char *origin, const char *text)
{
    reading_of_octets(reading, origin, text, strlen(text));
}

static inline void reading_of_file(struct reading *reading, const char *origin, const char *path)
{
    static const struct parse_options options = {.ttl_default = 3600};
    reading_begin(reading, origin);
    reading->good = parse_file(path, &reading->records, &options, &reading->report);
}

static inline void reading_end(struct reading *reading)
{
    records_free(&reading->records);
    report_free(&reading->report);
    buffer_free(&reading->text);
}

// All records, one a line, in the order of the list.
static inline const char *reading_records(struct reading *reading)
{
    buffer_clear(&reading->text);
    for (size_t i = 0; i < reading->records.count; i++)
        dump_record(&reading->records.list[i], &reading->text);
    return buffer_text(&reading->text);
}

// All problems, in the order found: "file:line:column+width error: message [hint]\n".
static inline const char *reading_problems(struct reading *reading)
{
    buffer_clear(&reading->text);
    for (size_t i = 0; i < reading->report.count; i++) {
        const struct problem *problem = &reading->report.problems[i];
        bool own = problem->file && strcmp(problem->file, "test.zone") == 0;
        if (problem->file && !own)
            buffer_format(&reading->text, "%s:", problem->file);
        buffer_format(&reading->text, "%u:%u+%u %s: %s", problem->line, problem->column,
                      problem->width, problem->severity == SEVERITY_ERROR ? "error" : "warning",
                      problem->message);
        if (problem->hint)
            buffer_format(&reading->text, " [%s]", problem->hint);
        buffer_add_char(&reading->text, '\n');
    }
    return buffer_text(&reading->text);
}

// A file of the outside data, or NULL and a line that says so.
// The caller frees it.
static inline char *reading_data(const char *path)
{
    const char *folder = getenv("ONYM_DATA");
    char *whole = memory_format("%s/%s", folder ? folder : "../shared/data", path);
    if (access(whole, R_OK) == 0)
        return whole;
    print_message("skipped: no %s (set ONYM_DATA)\n", whole);
    free(whole);
    return NULL;
}
