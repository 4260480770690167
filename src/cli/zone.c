// `onym zone check|print|stat` (zone.h).
#include "cli/zone.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/report.h"
#include "cli/arguments.h"
#include "cli/exit.h"
#include "cli/output.h"
#include "cli/problems.h"
#include "cli/zone_file.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "zone/dump.h"
#include "zone/image.h"

#define PUT_OCTETS (64 * 1024) // of a listing that are written at once

// Reads the file that the words name. EXIT_OK also when it has errors: `file` and `report` say so.
static int open_file(struct zone_file *file, const struct arguments *arguments, unsigned flags,
                     struct report *report)
{
    const char *path = arguments_word(arguments, 0);
    if (!zone_file_find_origin(file, path, arguments_word(arguments, 1))) {
        zone_file_free(file);
        return EXIT_USAGE;
    }
    zone_file_read(file, path, flags, report);
    return EXIT_OK;
}

// The serial of the SOA, which is behind two names and four octets before the end.
static bool find_serial(const struct zone_file *file, uint32_t *serial)
{
    for (size_t i = 0; i < file->records.count; i++) {
        const struct record *record = &file->records.list[i];
        if (record->type == TYPE_SOA && record->rdata_size >= 20) {
            *serial = bytes_get32(record->rdata + record->rdata_size - 20);
            return true;
        }
    }
    return false;
}

static void put_origin(struct json *json, const struct zone_file *file)
{
    char origin[NAME_TEXT_MAX];
    name_print(file->origin, origin);
    json_text(json, "zone", origin);
}

// --- check ---------------------------------------------------------------------------------------

static void print_judgement(const struct zone_file *file, const struct report *report)
{
    char origin[NAME_TEXT_MAX];
    name_print(file->origin, origin);
    problems_put(report);
    struct buffer text = {0};
    output_paint(&text, file->good ? "32" : "1;31", origin);
    uint32_t serial;
    if (!file->good)
        buffer_add_text(&text, " would not be served");
    else if (find_serial(file, &serial))
        buffer_format(&text, " is fine: serial %" PRIu32 ", %zu records", serial,
                      file->records.count);
    if (file->zonemd == ZONEMD_VERIFIED)
        buffer_add_text(&text, ", verified by its ZONEMD");
    buffer_format(&text, " (%" PRIu32 " ms)\n", file->load_ms);
    if (!output_is_quiet())
        output_put(&text);
    buffer_free(&text);
}

static void print_judgement_json(const struct zone_file *file, bool zonemd,
                                 const struct report *report)
{
    struct buffer text = {0};
    struct json json = json_begin(&text);
    json_open_object(&json, NULL);
    json_number(&json, "v", 1);
    put_origin(&json, file);
    json_bool(&json, "good", file->good);
    uint32_t serial;
    if (find_serial(file, &serial))
        json_number(&json, "serial", serial);
    json_number(&json, "records", (int64_t)file->records.count);
    if (zonemd)
        json_text(&json, "zonemd", zonemd_word(file->zonemd));
    json_number(&json, "load_ms", file->load_ms);
    json_number(&json, "errors", (int64_t)report->errors);
    json_number(&json, "warnings", (int64_t)report->warnings);
    report_json(report, &json, "problems");
    json_close_object(&json);
    buffer_add_char(&text, '\n');
    output_put(&text);
    buffer_free(&text);
}

int command_zone_check(const struct arguments *arguments)
{
    struct zone_file file;
    struct report report = {0};
    bool zonemd = arguments_has(arguments, "--zonemd");
    unsigned strict = arguments_has(arguments, "--strict") ? ZONE_FILE_STRICT : 0;
    int code = open_file(&file, arguments, strict | (zonemd ? ZONE_FILE_ZONEMD : 0), &report);
    if (code != EXIT_OK)
        return code;
    if (arguments->json)
        print_judgement_json(&file, zonemd, &report);
    else
        print_judgement(&file, &report);
    code = file.good ? EXIT_OK : EXIT_USAGE;
    zone_file_free(&file);
    report_free(&report);
    return code;
}

// --- print ---------------------------------------------------------------------------------------

static void add_record_json(struct buffer *to, const struct record *record)
{
    char owner[NAME_TEXT_MAX], type[TYPE_TEXT_MAX];
    name_print(record_owner(record), owner);
    type_print(record->type, type);
    struct buffer rdata = {0};
    rdata_print(record->type, record->rdata, record->rdata_size, &rdata);
    struct json json = json_begin(to);
    json_open_object(&json, NULL);
    json_number(&json, "v", 1);
    json_text(&json, "name", owner);
    json_number(&json, "ttl", record->ttl);
    json_text(&json, "class", "IN");
    json_text(&json, "type", type);
    json_text(&json, "data", buffer_text(&rdata));
    json_close_object(&json);
    buffer_add_char(to, '\n');
    buffer_free(&rdata);
}

static void print_records(const struct records *records, bool json)
{
    struct buffer text = {0};
    for (size_t i = 0; i < records->count && !output_failed(); i++) {
        if (json)
            add_record_json(&text, &records->list[i]);
        else
            dump_record(&records->list[i], &text);
        if (text.size >= PUT_OCTETS)
            output_put(&text);
    }
    output_put(&text);
    buffer_free(&text);
}

int command_zone_print(const struct arguments *arguments)
{
    struct zone_file file;
    struct report report = {0};
    int code = open_file(&file, arguments, 0, &report);
    if (code != EXIT_OK)
        return code;
    problems_say(&report);
    if (file.good)
        print_records(&file.records, arguments->json);
    code = file.good ? EXIT_OK : EXIT_USAGE;
    zone_file_free(&file);
    report_free(&report);
    return code;
}

// --- stat ----------------------------------------------------------------------------------------

struct statistics {
    uint32_t *by_type; // 65536 of them
    uint64_t records, rrsets, names, empty, cuts, signed_cuts, dnames, wildcards, octets;
    uint32_t serial;
};

static void count_nodes(struct statistics *statistics, const struct image *image)
{
    statistics->rrsets = image->head->rrsets;
    statistics->names = image->head->nodes;
    statistics->octets = image->head->size;
    statistics->serial = image->serial;
    for (uint32_t i = 0; i < image->head->nodes; i++) {
        const struct node *node = image_node_at(image, i);
        bool cut = node->flags & NODE_CUT;
        statistics->empty += node->rrsets == 0;
        statistics->cuts += cut;
        statistics->signed_cuts += cut && node_rrset(image, node, TYPE_DS);
        statistics->dnames += (node->flags & NODE_DNAME) != 0;
        statistics->wildcards += node_is_wildcard(node);
    }
}

static const struct {
    const char *key, *words;
    size_t offset;
} statistics_rows[] = {
    {"records", "records", offsetof(struct statistics, records)},
    {"rrsets", "RRsets", offsetof(struct statistics, rrsets)},
    {"names", "names", offsetof(struct statistics, names)},
    {"empty_non_terminals", "empty non-terminals", offsetof(struct statistics, empty)},
    {"delegations", "delegations", offsetof(struct statistics, cuts)},
    {"signed_delegations", "signed delegations", offsetof(struct statistics, signed_cuts)},
    {"dnames", "DNAMEs", offsetof(struct statistics, dnames)},
    {"wildcards", "wildcards", offsetof(struct statistics, wildcards)},
    {"image_octets", "octets in memory", offsetof(struct statistics, octets)},
};
#define STATISTICS (sizeof statistics_rows / sizeof statistics_rows[0])

static uint64_t get(const struct statistics *statistics, size_t row)
{
    uint64_t value;
    memcpy(&value, (const char *)statistics + statistics_rows[row].offset, sizeof value);
    return value;
}

static void print_statistics(const struct zone_file *file, const struct statistics *statistics)
{
    char origin[NAME_TEXT_MAX], type[TYPE_TEXT_MAX];
    struct buffer text = {0};
    name_print(file->origin, origin);
    output_paint(&text, "1", origin);
    buffer_format(&text, " serial %" PRIu32 ", read in %" PRIu32 " ms\n", statistics->serial,
                  file->load_ms);
    for (size_t i = 0; i < STATISTICS; i++)
        buffer_format(&text, "%10" PRIu64 " %s\n", get(statistics, i), statistics_rows[i].words);
    for (unsigned code = 0; code <= UINT16_MAX; code++) {
        if (statistics->by_type[code] == 0)
            continue;
        type_print((uint16_t)code, type);
        buffer_format(&text, "%10" PRIu32 " %s\n", statistics->by_type[code], type);
    }
    output_put(&text);
    buffer_free(&text);
}

static void print_statistics_json(const struct zone_file *file, const struct statistics *statistics)
{
    char type[TYPE_TEXT_MAX];
    struct buffer text = {0};
    struct json json = json_begin(&text);
    json_open_object(&json, NULL);
    json_number(&json, "v", 1);
    put_origin(&json, file);
    json_number(&json, "serial", statistics->serial);
    json_number(&json, "load_ms", file->load_ms);
    for (size_t i = 0; i < STATISTICS; i++)
        json_number(&json, statistics_rows[i].key, (int64_t)get(statistics, i));
    json_open_object(&json, "types");
    for (unsigned code = 0; code <= UINT16_MAX; code++) {
        if (statistics->by_type[code] == 0)
            continue;
        type_print((uint16_t)code, type);
        json_number(&json, type, statistics->by_type[code]);
    }
    json_close_object(&json);
    json_close_object(&json);
    buffer_add_char(&text, '\n');
    output_put(&text);
    buffer_free(&text);
}

static int count_and_print(const struct zone_file *file, bool json)
{
    struct hash_key secret;
    random_fill(&secret, sizeof secret);
    struct image image;
    int error = image_build(&file->records, &secret, &image);
    if (error) {
        output_complain(NULL, "cannot build the zone's image: %s", strerror(-error));
        return EXIT_FAILED;
    }
    struct statistics statistics = {.by_type = memory_get_zeroed(65536, sizeof(uint32_t)),
                                    .records = file->records.count};
    for (size_t i = 0; i < file->records.count; i++)
        statistics.by_type[file->records.list[i].type]++;
    count_nodes(&statistics, &image);
    if (json)
        print_statistics_json(file, &statistics);
    else
        print_statistics(file, &statistics);
    image_free(&image);
    free(statistics.by_type);
    return EXIT_OK;
}

int command_zone_stat(const struct arguments *arguments)
{
    struct zone_file file;
    struct report report = {0};
    int code = open_file(&file, arguments, 0, &report);
    if (code != EXIT_OK)
        return code;
    problems_say(&report);
    code = file.good ? count_and_print(&file, arguments->json) : EXIT_USAGE;
    zone_file_free(&file);
    report_free(&report);
    return code;
}
