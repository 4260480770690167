// `onym check` (check.h): one report over the configuration and every zone, or over the files
// given.
#include "cli/check.h"

#include <inttypes.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/report.h"
#include "cli/arguments.h"
#include "cli/config.h"
#include "cli/exit.h"
#include "cli/output.h"
#include "cli/problems.h"
#include "cli/zone_file.h"
#include "base/random.h"
#include "conf/fitting.h"
#include "conf/options.h"
#include "daemon/geography.h"

struct check {
    struct report report;
    bool strict;
    size_t configurations, zones; // that were looked at
    bool zones_unknown; // a configuration could not be read, so its zones were not looked at
};

static unsigned zone_flags(const struct check *check)
{
    return check->strict ? ZONE_FILE_STRICT : 0;
}

// A zone with routes is made into what would be served, and its routes held against that.
static void check_routed_zone(struct check *check, const struct options *options, size_t index)
{
    const struct zone_option *option = &options->zones[index];
    struct hash_key secret;
    random_fill(&secret, sizeof secret);
    struct zone_load_options how = {.strict = check->strict,
                                    .zonemd = option->zonemd,
                                    .make = option->make,
                                    .threads = 1,
                                    .secret = &secret};
    struct name origin = {option->wire, option->size, option->labels};
    struct zone *zone = zone_load(origin, option->file, &how, &check->report);
    fitting_check(options, index, zone, &secret, &check->report);
    zone_release(zone);
    check->zones++;
}

static bool has_routes(const struct options *options, const struct zone_option *option)
{
    struct name name = {option->wire, option->size, option->labels};
    for (size_t i = 0; i < options->routing.zone_count; i++)
        if (options->routing.zones[i].view == option->view &&
            name_equal(options->routing.zones[i].zone, name))
            return true;
    return false;
}

static void check_zone_of(struct check *check, const struct options *options, size_t index)
{
    const struct zone_option *option = &options->zones[index];
    struct zone_file file = {0};
    if (!*option->file)
        return; // what it is stands with its primaries
    if (has_routes(options, option)) {
        check_routed_zone(check, options, index);
        return;
    }
    memcpy(file.origin_wire, option->wire, option->size);
    file.origin = (struct name){file.origin_wire, option->size, option->labels};
    zone_file_read(&file, option->file, zone_flags(check) | (option->zonemd ? ZONE_FILE_ZONEMD : 0),
                   &check->report);
    if (file.good && option->make)
        (void)!zonemd_put(&file.records, option->make, &check->report);
    zone_file_free(&file);
    check->zones++;
}

static void check_root_copy(struct check *check, const struct resolve_options *options)
{
    struct zone_file file = {.origin = NAME_ROOT};
    zone_file_read(&file, options->root_copy.path,
                   zone_flags(check) | (options->root_copy_zonemd ? ZONE_FILE_ZONEMD : 0),
                   &check->report);
    zone_file_free(&file);
}

static void check_configuration(struct check *check, const char *path)
{
    if (!path)
        output_say("there is no " CONFIG_PATH ": these are the defaults");
    struct options *options = options_read(path, &check->report);
    check->configurations++;
    check->zones_unknown = check->zones_unknown || !options;
    for (size_t i = 0; options && i < options->zone_count; i++)
        check_zone_of(check, options, i);
    if (options && options->routing.count)
        geography_release(geography_make(options, NULL, &check->report));
    if (options && options->resolve.root_copy.path)
        check_root_copy(check, &options->resolve);
    options_free(options);
}

static bool check_zone(struct check *check, const char *path)
{
    struct zone_file file;
    if (!zone_file_find_origin(&file, path, NULL)) {
        zone_file_free(&file);
        return false;
    }
    zone_file_read(&file, path, zone_flags(check), &check->report);
    zone_file_free(&file);
    check->zones++;
    return true;
}

static bool is_configuration(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot &&
           (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0 || strcmp(dot, ".json") == 0);
}

static bool check_files(struct check *check, const struct arguments *arguments)
{
    bool good = true;
    for (size_t i = 0; i < arguments->word_count; i++) {
        const char *path = arguments->words[i];
        if (is_configuration(path))
            check_configuration(check, path);
        else
            good = check_zone(check, path) && good;
    }
    return good;
}

static void print(const struct check *check, uint64_t spent_ms)
{
    problems_put(&check->report);
    if (output_is_quiet())
        return;
    struct buffer text = {0};
    if (check->report.errors + check->report.warnings == 0)
        buffer_add_text(&text, "no problems in");
    else
        buffer_add_text(&text, "looked at");
    if (check->configurations)
        buffer_format(&text, " %zu configuration%s,", check->configurations,
                      check->configurations == 1 ? "" : "s");
    buffer_format(&text, " %zu zone%s (%" PRIu64 " ms)\n", check->zones,
                  check->zones == 1 ? "" : "s", spent_ms);
    if (check->zones_unknown)
        buffer_add_text(&text,
                        "The zones of the configuration come next, once it has no errors.\n");
    output_put(&text);
    buffer_free(&text);
}

static void print_json(const struct check *check, uint64_t spent_ms)
{
    struct buffer text = {0};
    struct json json = json_begin(&text);
    json_open_object(&json, NULL);
    json_number(&json, "v", 1);
    json_bool(&json, "good", check->report.errors == 0);
    json_number(&json, "configurations", (int64_t)check->configurations);
    json_number(&json, "zones", (int64_t)check->zones);
    json_bool(&json, "zones_unknown", check->zones_unknown);
    json_number(&json, "spent_ms", (int64_t)spent_ms);
    json_number(&json, "errors", (int64_t)check->report.errors);
    json_number(&json, "warnings", (int64_t)check->report.warnings);
    report_json(&check->report, &json, "problems");
    json_close_object(&json);
    buffer_add_char(&text, '\n');
    output_put(&text);
    buffer_free(&text);
}

int check_run(const struct arguments *arguments, const char *path, bool strict)
{
    uint64_t began_ms = clock_now_ms();
    struct check check = {.strict = strict};
    bool good = true;
    if (arguments->word_count == 0 || arguments_has(arguments, "--config"))
        check_configuration(&check, path);
    good = check_files(&check, arguments);
    uint64_t spent_ms = clock_now_ms() - began_ms;
    if (arguments->json)
        print_json(&check, spent_ms);
    else
        print(&check, spent_ms);
    bool failed = check.report.errors > 0 || (strict && check.report.warnings > 0) || !good;
    report_free(&check.report);
    return failed ? EXIT_USAGE : EXIT_OK;
}

int command_check(const struct arguments *arguments)
{
    return check_run(arguments, config_path(arguments), arguments_has(arguments, "--strict"));
}
