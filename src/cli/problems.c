// Reports as output (problems.h).
#include "cli/problems.h"

#include "base/buffer.h"
#include "base/report.h"
#include "cli/output.h"

void problems_put(const struct report *report)
{
    struct buffer text = {0};
    report_write(report, &text, output_has_colour());
    output_put(&text);
    buffer_free(&text);
}

void problems_say(const struct report *report)
{
    if (output_is_quiet() && report->errors == 0)
        return;
    struct buffer text = {0};
    report_write(report, &text, output_words_have_colour());
    output_words(&text);
    buffer_free(&text);
}
