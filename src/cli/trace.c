// `onym trace` (trace.h): a resolver of our own, or the running server's, and its steps printed.
#include "cli/trace.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/report.h"
#include "cli/arguments.h"
#include "cli/config.h"
#include "cli/ctl.h"
#include "cli/exit.h"
#include "cli/idn.h"
#include "cli/output.h"
#include "cli/problems.h"
#include "cli/trace_svg.h"
#include "cli/trace_text.h"
#include "cli/walk.h"
#include "conf/options.h"
#include "conf/rules.h"
#include "dns/explain.h"

struct trace_words {
    struct name name;
    uint16_t type;
    uint8_t wire[NAME_OCTETS_MAX];
};

static bool read_words(struct trace_words *words, const struct arguments *arguments)
{
    const char *name = arguments_word(arguments, 0), *type = arguments_word(arguments, 1);
    if (!idn_read_name(name, words->wire, &words->name))
        return false;
    words->type = TYPE_A;
    if (type && !type_parse(type, strlen(type), &words->type)) {
        output_complain("like this: onym trace example.com AAAA", "'%s' is not a type", type);
        return false;
    }
    return true;
}

static void write_walk(const struct trace_words *words, const struct answer *answer,
                       const struct trace *trace, const struct resolver_counts *counts,
                       struct buffer *to)
{
    char name[NAME_TEXT_MAX], type[TYPE_TEXT_MAX];
    name_print(words->name, name);
    type_print(words->type, type);
    struct json json = json_begin(to);
    json_open_object(&json, NULL);
    json_number(&json, "v", 1);
    json_text(&json, "name", name);
    json_text(&json, "type", type);
    explain_answer(answer, &json);
    json_number(&json, "packets", (int64_t)(counts->asks_udp + counts->asks_tcp));
    json_double(&json, "ms", trace->last ? (double)trace->last->at_us / 1000 : 0);
    explain_steps(trace, &json);
    json_close_object(&json);
    buffer_add_char(to, '\n');
}

// What answered the question, as an exit code like those of `query --fail`.
static int judge(const json_t *walk)
{
    static const struct {
        const char *rcode;
        int code;
    } codes[] = {{"NOERROR", EXIT_OK},
                 {"NXDOMAIN", EXIT_NXDOMAIN},
                 {"REFUSED", EXIT_REFUSED},
                 {"SERVFAIL", EXIT_SERVFAIL}};
    const char *rcode = json_string_value(json_object_get(walk, "rcode"));
    for (size_t i = 0; rcode && i < sizeof codes / sizeof codes[0]; i++)
        if (strcmp(codes[i].rcode, rcode) == 0)
            return codes[i].code;
    return EXIT_ERROR;
}

// `text` is a walk as JSON, which is printed as it is wanted.
static int print(const struct arguments *arguments, struct buffer *text)
{
    json_t *walk = json_loadb(buffer_text(text), text->size, 0, NULL);
    if (!json_is_object(walk)) {
        output_complain(NULL, "the walk is no JSON object");
        json_decref(walk);
        return EXIT_FAILED;
    }
    int code = judge(walk);
    if (!arguments->json) {
        buffer_clear(text);
        if (arguments_has(arguments, "--svg"))
            trace_svg(walk, text);
        else
            trace_text(walk, text);
    }
    output_put(text);
    json_decref(walk);
    return code;
}

static int run(const struct arguments *arguments, const struct trace_words *words,
               const struct resolve_options *options, struct rules *rules)
{
    struct walk *walk = walk_open(rules);
    struct trace trace;
    struct resolver_counts counts;
    struct buffer text = {0};
    if (!walk)
        return EXIT_FAILED;
    if (options->root_copy.path) {
        struct report report = {0};
        walk_set_root_copy(walk, options->root_copy.path, options->root_copy_zonemd, &report);
        problems_say(&report);
        report_free(&report);
    }
    trace_begin(&trace, clock_now_us());
    struct want want = {.name = words->name,
                        .type = words->type,
                        .dnssec_ok = arguments_has(arguments, "--dnssec"),
                        .trace = &trace};
    const struct answer *answer = walk_resolve(walk, &want);
    int code = EXIT_NO_REPLY;
    if (answer) {
        walk_count(walk, &counts);
        write_walk(words, answer, &trace, &counts, &text);
        code = print(arguments, &text);
    }
    buffer_free(&text);
    trace_free(&trace);
    walk_close(walk);
    return code;
}

static int trace_here(const struct arguments *arguments, const struct trace_words *words)
{
    struct report report = {0};
    struct options *options = options_read_without_zones(config_path(arguments), &report);
    problems_say(&report);
    report_free(&report);
    if (!options)
        return EXIT_USAGE;
    struct rules *rules = options_rules(options, 0, (struct own_addresses){0});
    rules->quiet = true; // one question, and nothing that it did not need
    int code = run(arguments, words, &options->resolve, rules);
    rules_release(rules);
    options_free(options);
    return code;
}

static int trace_there(const struct arguments *arguments, const struct trace_words *words)
{
    char name[NAME_TEXT_MAX], type[TYPE_TEXT_MAX];
    struct buffer reply = {0};
    name_print(words->name, name);
    type_print(words->type, type);
    struct ctl_request request = {.command = "trace", .name = name, .type = type};
    int code = ctl_request(arguments, &request, &reply);
    buffer_add_char(&reply, '\n');
    if (code == EXIT_OK)
        code = print(arguments, &reply);
    buffer_free(&reply);
    return code;
}

int command_trace(const struct arguments *arguments)
{
    struct trace_words words = {.type = TYPE_A};
    if (!read_words(&words, arguments))
        return EXIT_USAGE;
    return arguments_has(arguments, "--server") ? trace_there(arguments, &words)
                                                : trace_here(arguments, &words);
}
