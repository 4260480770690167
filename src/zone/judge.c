// The verdict on a zone file (judge.h): what its text says, then what its records are as a whole.
#include "zone/judge.h"

#include <string.h>

#include "zone/check.h"

#define DEFAULT_TTL_S 3600 // where a file never says: an hour, as most do

static bool parse(const char *path, struct records *records, const struct judge_options *options,
                  struct report *report)
{
    struct parse_options parse_options = {
        .ttl_default = DEFAULT_TTL_S, .progress = options->progress, .threads = options->threads};
    if (options->octets)
        return parse_text(path, options->octets, options->size, records, &parse_options, report);
    return parse_file(path, records, &parse_options, report);
}

// Of a zone that could not be read as a whole only those errors are worth saying that stand at a
// record: that one is missing may be only because its line has an error.
static void keep_certain(const struct report *from, struct report *to)
{
    for (size_t i = 0; i < from->count; i++) {
        const struct problem *problem = &from->problems[i];
        if (problem->severity != SEVERITY_ERROR || problem->line == 0)
            continue;
        struct place place = {.file = problem->file,
                              .line = problem->line,
                              .column = problem->caret,
                              .width = problem->width,
                              .source = problem->source};
        place.source_size = problem->source ? (uint32_t)strlen(problem->source) : 0;
        report_add(to, SEVERITY_ERROR, &place, problem->hint, "%s", problem->message);
    }
}

static void make_strict(struct report *report)
{
    for (size_t i = 0; i < report->count; i++)
        report->problems[i].severity = SEVERITY_ERROR;
    report->errors += report->warnings;
    report->warnings = 0;
}

bool judge_zone(const char *path, struct records *records, const struct judge_options *options,
                struct report *report)
{
    struct report parsed = {0}, checked = {0};
    struct check_options check = {.strict = false}; // make_strict does it for both reports
    bool readable = parse(path, records, options, &parsed);
    records_sort(records);
    bool sound = check_records(records, &check, &checked);
    if (options->zonemd)
        *options->zonemd = readable && sound ? zonemd_check(records, &checked) : ZONEMD_UNCHECKED;
    if (readable)
        report_move(&parsed, &checked);
    else
        keep_certain(&checked, &parsed);
    report_free(&checked);
    if (options->strict)
        make_strict(&parsed);
    bool good = readable && sound && parsed.errors == 0;
    report_move(report, &parsed);
    report_free(&parsed);
    return good;
}
