// What the tests of this room look at: a report and a tree of values, each as one text.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/report.h"
#include "conf/value.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

// One line for each problem, in the order found: "file:line:column+width error: message = hint".
static inline void told_write(const struct report *report, struct buffer *to)
{
    for (size_t i = 0; i < report->count; i++) {
        const struct problem *problem = &report->problems[i];
        buffer_add_text(to, problem->file ? problem->file : "-");
        if (problem->line)
            buffer_format(to, ":%u:%u+%u", problem->line, problem->column, problem->width);
        buffer_format(to, " %s: %s", problem->severity == SEVERITY_ERROR ? "error" : "warning",
                      problem->message);
        if (problem->hint)
            buffer_format(to, " = %s", problem->hint);
        buffer_add_char(to, '\n');
    }
}

// Compares, and empties the report. `what` is shown where they differ.
static inline void told_expect(struct report *report, const char *expected, const char *what)
{
    struct buffer told = {0};
    told_write(report, &told);
    if (strcmp(buffer_text(&told), expected) != 0)
        print_message("--- of\n%s\n--- expected\n%s--- told\n%s", what, expected,
                      buffer_text(&told));
    assert_string_equal(buffer_text(&told), expected);
    buffer_free(&told);
    report_free(report);
}

static inline void told_value(const struct value *value, struct buffer *to)
{
    if (value->bad)
        buffer_add_char(to, '!');
    switch ((enum value_kind)value->kind) {
    case VALUE_NONE: buffer_format(to, "none(%s)", value->text); return;
    case VALUE_TEXT: buffer_format(to, "'%s'", value->text); return;
    case VALUE_LIST:
        for (uint32_t i = 0; i < value->count; i++) {
            buffer_add_text(to, i ? ", " : "[");
            told_value(&value->items[i], to);
        }
        buffer_add_text(to, value->count ? "]" : "[]");
        return;
    case VALUE_MAP:
        for (uint32_t i = 0; i < value->count; i++) {
            buffer_add_text(to, i ? ", " : "{");
            told_value(&value->pairs[i].key, to);
            buffer_add_text(to, ": ");
            told_value(&value->pairs[i].value, to);
        }
        buffer_add_text(to, value->count ? "}" : "{}");
        return;
    }
}

// A fresh folder, which becomes the current one: the tests' files have short names then.
static inline void told_enter_folder(char folder[static 64])
{
    const char *base = getenv("TMPDIR");
    snprintf(folder, 64, "%.40s/onym-conf-XXXXXX", base ? base : "/tmp");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
}

static inline void told_leave_folder(const char *folder)
{
    char *command = memory_format("rm -rf '%s'", folder);
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(system(command), 0);
    free(command);
}

static inline void told_put_file(const char *path, const char *text)
{
    assert_int_equal(file_write(path, text, strlen(text), 0644), 0);
}
