// `onym lab` (lab.h): reads the description, says what there is and how to walk it, runs until a
// signal, and prints what was counted.
#include "cli/lab.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/json.h"
#include "base/report.h"
#include "cli/arguments.h"
#include "cli/exit.h"
#include "cli/output.h"
#include "cli/problems.h"
#include "lab/describe.h"
#include "lab/lab.h"
#include "lab/little.h"

// Reads the file, or what is built in. Returns an exit code.
static int read_world(const char *path, struct world *world, struct report *report)
{
    char *octets = NULL;
    const char *text = little_text();
    size_t size = strlen(text);
    if (path) {
        int failed = file_read(path, CONFIG_OCTETS_MAX, &octets, &size);
        if (failed) {
            output_complain(NULL, "cannot read %s: %s", path, strerror(-failed));
            return failed == -ENOENT ? EXIT_NOT_FOUND : EXIT_FAILED;
        }
        text = octets;
    }
    bool good = describe_read(path ? path : LITTLE_PATH, text, size, world, report);
    problems_say(report);
    free(octets);
    return good ? EXIT_OK : EXIT_USAGE;
}

static bool read_flags(const struct arguments *arguments, struct world *world)
{
    uint32_t port = world->port;
    if (!arguments_number(arguments, "--seed", 0, UINT32_MAX, &world->seed) ||
        !arguments_number(arguments, "--port", 1, UINT16_MAX, &port))
        return false;
    world->port = (uint16_t)port;
    return true;
}

// --- at start ------------------------------------------------------------------------------------

// Comments and the configuration: the whole is YAML that can be kept.
static void print_start(const struct world *world, const struct lab_size *size)
{
    struct buffer text = {0};
    buffer_format(&text,
                  "# %zu zones with %" PRIu64 " records at %zu addresses, port %u, seed %u\n",
                  size->zones, size->records, size->servers, world->port, world->seed);
    world_print_config(world, &text);
    output_put(&text);
    buffer_free(&text);
}

static void print_start_json(const struct world *world, const struct lab_size *size)
{
    struct buffer text = {0}, config = {0};
    struct json json = json_begin(&text);
    world_print_config(world, &config);
    json_open_object(&json, NULL);
    json_number(&json, "v", 1);
    json_text(&json, "event", "ready");
    json_number(&json, "zones", (int64_t)size->zones);
    json_number(&json, "records", (int64_t)size->records);
    json_number(&json, "servers", (int64_t)size->servers);
    json_number(&json, "port", world->port);
    json_number(&json, "seed", world->seed);
    json_text(&json, "config", buffer_text(&config));
    json_close_object(&json);
    buffer_add_char(&text, '\n');
    output_put(&text);
    buffer_free(&text);
    buffer_free(&config);
}

// --- counts --------------------------------------------------------------------------------------

static void print_counts(struct lab *lab, bool as_json)
{
    size_t count;
    struct buffer text = {0};
    const struct counted *lines = lab_counted(lab, &count);
    if (as_json)
        counts_print_json(lines, count, &text);
    else
        counts_print(lines, count, &text);
    output_put(&text);
    buffer_free(&text);
    fflush(stdout); // who reads it through a pipe waits for it; output_end tells of an error
}

static int run(const struct arguments *arguments, const struct world *world, struct report *report)
{
    enum lab_result result;
    struct lab *lab = lab_open(world, report, &result);
    if (!lab) {
        problems_say(report);
        return result == LAB_BAD_WORLD ? EXIT_USAGE : EXIT_PERMISSION;
    }
    struct lab_size size = lab_size(lab);
    if (arguments->json)
        print_start_json(world, &size);
    else
        print_start(world, &size);
    fflush(stdout);
    output_say("the lab runs; Ctrl-C ends it, SIGUSR1 prints what it has counted");
    while (lab_run(lab) == LAB_TELL)
        print_counts(lab, arguments->json);
    print_counts(lab, arguments->json);
    lab_close(lab);
    return EXIT_OK;
}

static int explain(void)
{
    struct buffer text = {0};
    describe_explain(&text);
    output_put(&text);
    buffer_free(&text);
    return EXIT_OK;
}

int command_lab(const struct arguments *arguments)
{
    struct report report = {0};
    struct world world;
    if (arguments_has(arguments, "--explain"))
        return explain();
    int code = read_world(arguments_word(arguments, 0), &world, &report);
    if (code != EXIT_OK) {
        report_free(&report);
        return code;
    }
    if (!read_flags(arguments, &world)) {
        code = EXIT_USAGE;
    } else if (arguments_has(arguments, "--print-config")) {
        struct buffer text = {0};
        world_print_config(&world, &text);
        output_put(&text);
        buffer_free(&text);
    } else {
        code = run(arguments, &world, &report);
    }
    world_free(&world);
    report_free(&report);
    return code;
}
