// Reading a zone file for a command (zone_file.h).
//
// The origin is found by a first reading of the file's head as if it were of the root zone: the
// owner of the SOA there is the zone's name, unless it was only "@" with no $ORIGIN before it.
#include "cli/zone_file.h"

#include <assert.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "cli/output.h"
#include "cli/reading.h"
#include "dns/type.h"
#include "zone/judge.h"
#include "zone/parse.h"

#define HEAD_OCTETS   65536 // of a file that are looked at for its SOA
#define DEFAULT_TTL_S 3600  // says nothing about who owns the SOA
#define STDIN_MAX     ((size_t)4 * 1024 * 1024 * 1024)

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool is_stdin(const char *path)
{
    return strcmp(path, "-") == 0;
}

static bool set_origin(struct zone_file *file, struct name name)
{
    memcpy(file->origin_wire, name.wire, name.size);
    file->origin = (struct name){file->origin_wire, name.size, name.labels};
    return true;
}

static bool parse_origin(struct zone_file *file, const char *text)
{
    uint8_t wire[NAME_OCTETS_MAX];
    struct name name;
    return name_parse(text, strlen(text), &NAME_ROOT, wire, &name) == NAME_TEXT_OK &&
           set_origin(file, name);
}

// --- the origin ----------------------------------------------------------------------------------

// A root owner counts only where the file says "." itself.
static bool take_soa(struct zone_file *file, const struct records *records)
{
    for (size_t i = 0; i < records->count; i++) {
        const struct record *record = &records->list[i];
        if (record->type != TYPE_SOA)
            continue;
        struct place place = records_place(records, record);
        bool said = record->owner_labels > 0 ||
                    (place.source && place.source_size > 1 && place.source[0] == '.');
        return said && set_origin(file, record_owner(record));
    }
    return false;
}

static bool ask_octets(struct zone_file *file, const char *path, const char *head, size_t size)
{
    struct records records;
    struct report ignored = {0};
    struct parse_options options = {.ttl_default = DEFAULT_TTL_S};
    records_begin(&records, NAME_ROOT);
    bool good = parse_text(path, head, size, &records, &options, &ignored);
    bool found = take_soa(file, &records);
    (void)good; // cut somewhere, it rarely is
    records_free(&records);
    report_free(&ignored);
    return found;
}

static bool ask_head(struct zone_file *file, const char *path)
{
    if (is_stdin(path))
        return ask_octets(file, "stdin", file->octets, least(file->size, HEAD_OCTETS));
    FILE *stream = fopen(path, "re");
    if (!stream)
        return false;
    char *head = memory_get(HEAD_OCTETS);
    size_t size = fread(head, 1, HEAD_OCTETS, stream);
    fclose(stream);
    bool found = ask_octets(file, path, head, size);
    free(head);
    return found;
}

static bool cut_end(char *text, const char *end)
{
    size_t size = strlen(text), length = strlen(end);
    if (size <= length || strcmp(text + size - length, end) != 0)
        return false;
    text[size - length] = 0;
    return true;
}

// example.test.zone, db.example.test, example.test.signed: what is left must look like a zone's
// name, with a dot in it or an ending cut off.
static bool ask_path(struct zone_file *file, const char *path)
{
    static const char *const ends[] = {".zone", ".db", ".txt", ".signed", ".dns"};
    const char *slash = strrchr(path, '/');
    char *text = memory_copy_text(slash ? slash + 1 : path);
    char *name = strncmp(text, "db.", 3) == 0 ? text + 3 : text;
    bool cut = name != text, again = true;
    while (again) {
        again = false;
        for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
            again = cut_end(name, ends[i]) || again;
        cut = cut || again;
    }
    bool found = false;
    if (cut && strcmp(name, "root") == 0)
        found = set_origin(file, NAME_ROOT);
    else if (!is_stdin(path) && (cut || strchr(name, '.')))
        found = parse_origin(file, name);
    free(text);
    return found;
}

bool zone_file_find_origin(struct zone_file *file, const char *path, const char *origin)
{
    *file = (struct zone_file){0};
    int error = is_stdin(path) ? file_read("/dev/stdin", STDIN_MAX, &file->octets, &file->size) : 0;
    if (error) {
        output_complain(NULL, "cannot read stdin: %s", strerror(-error));
        return false;
    }
    if (origin) {
        if (parse_origin(file, origin))
            return true;
        output_complain(NULL, "'%s' is not the name of a zone", origin);
        return false;
    }
    if (ask_head(file, path) || ask_path(file, path))
        return true;
    output_complain("name it behind the file: onym zone check FILE example.test",
                    "which zone is in %s?", is_stdin(path) ? "stdin" : path);
    return false;
}

// --- the records ---------------------------------------------------------------------------------

// That we may use: nobody else is served meanwhile.
static unsigned count_cpus(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
}

void zone_file_read(struct zone_file *file, const char *path, unsigned flags, struct report *report)
{
    assert(file->origin.size > 0);
    uint64_t began_ms = clock_now_ms();
    struct reading reading;
    reading_begin(&reading, path);
    struct judge_options options = {.strict = flags & ZONE_FILE_STRICT,
                                    .zonemd = flags & ZONE_FILE_ZONEMD ? &file->zonemd : NULL,
                                    .progress = &reading.parse,
                                    .threads = count_cpus()};
    if (is_stdin(path)) {
        options.octets = file->octets;
        options.size = file->size;
    }
    records_begin(&file->records, file->origin);
    file->good = judge_zone(is_stdin(path) ? "stdin" : path, &file->records, &options, report);
    reading_end(&reading);
    file->load_ms = (uint32_t)(clock_now_ms() - began_ms);
}

void zone_file_free(struct zone_file *file)
{
    records_free(&file->records);
    free(file->octets);
    *file = (struct zone_file){0};
}
