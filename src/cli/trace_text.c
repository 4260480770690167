// Steps as lines (trace_text.h):
//
//   www.example.test. A
//     zone .                                              built-in hints
//       example.test. NS ?  a.root-servers.net. 127.53.0.1   0.4 ms  referral to test.
//     zone test.
//       ...
//       needs ns1.other.test. A
//         zone other.test.
//           ...
//   NOERROR  3 packets, 1.9 ms
//     www.example.test. 300 A 192.0.2.1
//
// An ask and what came of it are one line; the ask is told where its outcome is.
#include "cli/trace_text.h"

#include <string.h>

#include "base/buffer.h"
#include "cli/members.h"
#include "cli/output.h"

#define INDENT 2

static bool is_step(const json_t *step, const char *word)
{
    return strcmp(text_of(step, "step"), word) == 0;
}

static bool is_outcome(const json_t *step)
{
    return is_step(step, "reply") || is_step(step, "bad-reply") || is_step(step, "timeout") ||
           is_step(step, "failed");
}

// The question that this outcome is of.
static const json_t *find_ask(const json_t *steps, const json_t *outcome)
{
    const json_t *step;
    size_t index;
    json_array_foreach(steps, index,
                       step) if (is_step(step, "ask") &&
                                 number_of(step, "ask") == number_of(outcome, "ask")) return step;
    return NULL;
}

static void begin_line(struct buffer *to, const json_t *step, unsigned more)
{
    unsigned columns = INDENT * (2 * (unsigned)number_of(step, "depth") + more);
    buffer_format(to, "%*s", (int)columns, "");
}

static void put_clean(struct buffer *to, const char *text)
{
    output_clean(to, text, strlen(text));
}

static void put_server(struct buffer *to, const json_t *step)
{
    const char *server = text_of(step, "server");
    if (*server) {
        put_clean(to, server);
        buffer_add_char(to, ' ');
    }
    put_clean(to, text_of(step, "address"));
    if (strcmp(text_of(step, "transport"), "tcp") == 0)
        buffer_add_text(to, " over TCP");
}

static void put_outcome(struct buffer *to, const json_t *steps, const json_t *step)
{
    const json_t *ask = find_ask(steps, step);
    const char *colour = is_step(step, "reply") ? "32" : "31";
    begin_line(to, step, 2);
    if (ask) {
        put_clean(to, text_of(ask, "name"));
        buffer_format(to, " %s  ", text_of(ask, "type"));
    }
    put_server(to, ask ? ask : step);
    if (number_of(step, "rtt_ms") > 0)
        buffer_format(to, "  %.1f ms", number_of(step, "rtt_ms"));
    buffer_add_text(to, output_is_utf8_screen() ? "  → " : "  -> ");
    struct buffer words = {0};
    if (is_step(step, "timeout"))
        buffer_add_text(&words, "nothing yet, asking on");
    else
        put_clean(&words, text_of(step, "text"));
    output_paint(to, colour, buffer_text(&words));
    buffer_free(&words);
    buffer_add_char(to, '\n');
}

// "zone test.  the deepest cut that is known"
static void put_words(struct buffer *to, const json_t *step, const char *verb)
{
    begin_line(to, step, 1);
    buffer_add_text(to, verb);
    if (*text_of(step, "name")) {
        buffer_add_char(to, ' ');
        put_clean(to, text_of(step, "name"));
    }
    if (*text_of(step, "type"))
        buffer_format(to, " %s", text_of(step, "type"));
    if (*text_of(step, "text")) {
        buffer_add_text(to, "  ");
        put_clean(to, text_of(step, "text"));
    }
    buffer_add_char(to, '\n');
}

static void put_step(struct buffer *to, const json_t *steps, const json_t *step)
{
    static const char *const verbs[][2] = {
        {"zone", "zone"},  {"known", "known:"}, {"alias", "goes on with"},
        {"need", "needs"}, {"limit", "limit:"}, {"stale", "gives what is past its time:"},
    };
    if (is_outcome(step)) {
        put_outcome(to, steps, step);
        return;
    }
    if (is_step(step, "done") && number_of(step, "depth") > 0) {
        begin_line(to, step, 1);
        buffer_format(to, "%s ", text_of(step, "rcode"));
        put_clean(to, text_of(step, "text"));
        buffer_add_char(to, '\n');
        return;
    }
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (is_step(step, verbs[i][0]))
            put_words(to, step, verbs[i][1]);
}

static void put_section(struct buffer *to, const json_t *walk, const char *section)
{
    const json_t *record;
    size_t index;
    json_array_foreach(json_object_get(walk, section), index, record)
    {
        buffer_add_text(to, "  ");
        put_clean(to, text_of(record, "name"));
        buffer_format(to, " %.0f %s ", number_of(record, "ttl"), text_of(record, "type"));
        put_clean(to, text_of(record, "data"));
        buffer_add_char(to, '\n');
    }
}

// What the server has itself: "by our zone example.test., serial 7".
static void put_own(struct buffer *to, const json_t *walk)
{
    const json_t *own = json_object_get(walk, "own");
    if (!own)
        return;
    if (strcmp(text_of(own, "by"), "zone") != 0) {
        buffer_add_text(to, "  by a name that is local to the server: nobody is asked\n");
        return;
    }
    buffer_add_text(to, "  by the server's own zone ");
    put_clean(to, text_of(own, "zone"));
    if (json_object_get(own, "serial"))
        buffer_format(to, ", serial %.0f", number_of(own, "serial"));
    buffer_add_text(to, ": nobody is asked\n");
}

// An alias of the server's own that led to this walk.
static void put_before(struct buffer *to, const json_t *walk)
{
    const json_t *before = json_object_get(walk, "before");
    struct buffer question = {0};
    if (!before)
        return;
    put_clean(&question, text_of(before, "name"));
    buffer_format(&question, " %s", text_of(before, "type"));
    output_paint(to, "1", buffer_text(&question));
    buffer_free(&question);
    buffer_add_char(to, '\n');
    put_own(to, before);
    put_section(to, before, "answer");
}

void trace_text(const json_t *walk, struct buffer *to)
{
    const json_t *steps = json_object_get(walk, "steps"), *step;
    const json_t *ede = json_object_get(walk, "ede");
    size_t index;
    struct buffer question = {0};
    put_before(to, walk);
    put_clean(&question, text_of(walk, "name"));
    buffer_format(&question, " %s", text_of(walk, "type"));
    output_paint(to, "1", buffer_text(&question));
    buffer_free(&question);
    buffer_add_char(to, '\n');
    put_own(to, walk);
    json_array_foreach(steps, index, step) put_step(to, steps, step);
    bool good = strcmp(text_of(walk, "rcode"), "SERVFAIL") != 0;
    output_paint(to, good ? "1;32" : "1;31", text_of(walk, "rcode"));
    buffer_format(to, "  %.0f packets, %.1f ms\n", number_of(walk, "packets"),
                  number_of(walk, "ms"));
    if (ede) {
        buffer_format(to, "  EDE %.0f: ", number_of(ede, "code"));
        put_clean(to, text_of(ede, "text"));
        buffer_add_char(to, '\n');
    }
    put_section(to, walk, "answer");
    if (json_array_size(json_object_get(walk, "answer")) == 0)
        put_section(to, walk, "authority");
}
