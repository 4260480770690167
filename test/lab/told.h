// Worlds from texts, and reports as texts. For tests of this room only.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/buffer.h"
#include "base/report.h"
#include "lab/describe.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

// One line for each problem: "line:column error = hint".
__attribute__((unused)) static void told_write(const struct report *report, struct buffer *to)
{
    for (size_t i = 0; i < report->count; i++) {
        const struct problem *problem = &report->problems[i];
        buffer_format(to, "%u:%u %s", problem->line, problem->column, problem->message);
        if (problem->hint)
            buffer_format(to, " = %s", problem->hint);
        buffer_add_char(to, '\n');
    }
}

__attribute__((unused)) static void told_expect(struct report *report, const char *expected)
{
    struct buffer told = {0};
    told_write(report, &told);
    assert_string_equal(buffer_text(&told), expected);
    buffer_free(&told);
    report_free(report);
}

// Reads a good description.
__attribute__((unused)) static void told_read(const char *text, struct world *world)
{
    struct report report = {0};
    assert_int_equal(describe_read("lab.yaml", text, strlen(text), world, &report),
                     report.count == 0);
    told_expect(&report, "");
}
