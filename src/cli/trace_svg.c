// The picture of a walk (trace_svg.h): what was asked on the left, one row for each ask, and on
// the right a bar from when it was sent to when its outcome was known, over one scale of time.
#include "cli/trace_svg.h"

#include <stdbool.h>
#include <string.h>

#include "base/buffer.h"
#include "cli/members.h"
#include "cli/svg.h"

#define ROW_PX   22
#define TEXT_PX  620 // the left half
#define TIME_PX  420
#define MARGIN   16
#define TEXT_MAX 96 // characters of a row; names are strangers' octets

struct drawing {
    struct buffer *to;
    double scale; // pixels for a millisecond
    unsigned row;
};

static bool is_step(const json_t *step, const char *word)
{
    return strcmp(text_of(step, "step"), word) == 0;
}

static unsigned row_y(const struct drawing *drawing)
{
    return MARGIN + ROW_PX * (drawing->row + 1);
}

static void put_label(struct drawing *drawing, unsigned depth, const char *class, const char *text)
{
    buffer_format(drawing->to, "<text class=\"%s\" x=\"%u\" y=\"%u\">", class, MARGIN + depth * 18,
                  row_y(drawing));
    svg_text(drawing->to, text, TEXT_MAX);
    buffer_add_text(drawing->to, "</text>\n");
}

static const json_t *find_outcome(const json_t *steps, const json_t *ask)
{
    const json_t *step;
    size_t index;
    json_array_foreach(steps, index,
                       step) if (!is_step(step, "ask") && json_object_get(step, "ask") &&
                                 !is_step(step, "timeout") &&
                                 number_of(step, "ask") == number_of(ask, "ask")) return step;
    return NULL;
}

static void put_bar(struct drawing *drawing, const json_t *ask, const json_t *outcome, double end)
{
    double from = number_of(ask, "at_ms"), to = outcome ? number_of(outcome, "at_ms") : end;
    const char *class = outcome && is_step(outcome, "reply") ? "good" : "bad";
    double width = (to - from) * drawing->scale;
    buffer_format(drawing->to,
                  "<rect class=\"%s\" x=\"%.1f\" y=\"%u\" width=\"%.1f\" height=\"12\"/>\n", class,
                  TEXT_PX + from * drawing->scale, row_y(drawing) - 11, width < 2 ? 2 : width);
    buffer_format(drawing->to, "<text class=\"note\" x=\"%u\" y=\"%u\">", TEXT_PX + TIME_PX + 8,
                  row_y(drawing));
    if (outcome)
        buffer_format(drawing->to, "%.1f ms ", to - from);
    svg_text(drawing->to, outcome ? text_of(outcome, "text") : "no reply", TEXT_MAX);
    buffer_add_text(drawing->to, "</text>\n");
}

static void put_ask(struct drawing *drawing, const json_t *steps, const json_t *ask, double end)
{
    struct buffer text = {0};
    buffer_format(&text, "%s %s  @ %s %s", text_of(ask, "name"), text_of(ask, "type"),
                  text_of(ask, "server"), text_of(ask, "address"));
    put_label(drawing, 1 + (unsigned)number_of(ask, "depth"), "ask", buffer_text(&text));
    put_bar(drawing, ask, find_outcome(steps, ask), end);
    drawing->row++;
    buffer_free(&text);
}

static void put_row(struct drawing *drawing, const json_t *step, const char *verb)
{
    struct buffer text = {0};
    buffer_format(&text, "%s %s %s  %s", verb, text_of(step, "name"), text_of(step, "type"),
                  text_of(step, "text"));
    put_label(drawing, (unsigned)number_of(step, "depth"), "step", buffer_text(&text));
    drawing->row++;
    buffer_free(&text);
}

static void put_end(struct drawing *drawing, const json_t *walk)
{
    struct buffer text = {0};
    const json_t *record = json_array_get(json_object_get(walk, "answer"), 0);
    buffer_format(&text, "%s  %.0f packets, %.1f ms", text_of(walk, "rcode"),
                  number_of(walk, "packets"), number_of(walk, "ms"));
    if (record)
        buffer_format(&text, "  %s %s", text_of(record, "type"), text_of(record, "data"));
    else
        buffer_format(&text, "  %s", text_of(json_object_get(walk, "ede"), "text"));
    put_label(drawing, 0, "title", buffer_text(&text));
    drawing->row++;
    buffer_free(&text);
}

static void put_head(struct buffer *to, unsigned height)
{
    buffer_format(to,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" "
                  "viewBox=\"0 0 %u %u\">\n",
                  TEXT_PX + TIME_PX + 320, height, TEXT_PX + TIME_PX + 320, height);
    buffer_add_text(to, "<style>text{font:13px sans-serif;fill:#222}.title{font-weight:bold}"
                        ".note{fill:#555;font-size:12px}.step{fill:#555}.good{fill:#2a9d5c}"
                        ".bad{fill:#c0392b}</style>\n"
                        "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
}

void trace_svg(const json_t *walk, struct buffer *to)
{
    static const char *const rows[][2] = {
        {"zone", "zone"}, {"need", "needs"}, {"alias", "goes on with"}, {"limit", "limit:"}};
    const json_t *steps = json_object_get(walk, "steps"), *step;
    double end = number_of(walk, "ms");
    size_t index;
    struct buffer body = {0}, title = {0};
    struct drawing drawing = {.to = &body, .scale = TIME_PX / (end > 0 ? end : 1)};
    buffer_format(&title, "%s %s", text_of(walk, "name"), text_of(walk, "type"));
    put_label(&drawing, 0, "title", buffer_text(&title));
    drawing.row++;
    json_array_foreach(steps, index, step)
    {
        if (is_step(step, "ask"))
            put_ask(&drawing, steps, step, end);
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
            if (is_step(step, rows[i][0]))
                put_row(&drawing, step, rows[i][1]);
    }
    put_end(&drawing, walk);
    put_head(to, row_y(&drawing) + MARGIN);
    buffer_add(to, buffer_text(&body), body.size);
    buffer_add_text(to, "</svg>\n");
    buffer_free(&body);
    buffer_free(&title);
}
