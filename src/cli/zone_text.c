// Zones as texts (zone_text.h). A text is read here, where its errors can be shown with their
// lines; the server gets what was read, and says what it would come to, as with any change.
#include "cli/zone_text.h"

#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/report.h"
#include "cli/arguments.h"
#include "cli/exit.h"
#include "cli/members.h"
#include "cli/output.h"
#include "cli/problems.h"
#include "cli/zone_change.h"
#include "conf/scalar.h"
#include "zone/dump.h"
#include "zone/judge.h"

// What is to be sent: the writers of requests have no other way to it.
static struct {
    struct buffer text;
    bool adds;      // takes nothing away
    int64_t serial; // only if the zone has this one; -1: whatever it has
} wish = {.serial = -1};

// False after a complaint.
static bool read_zone_name(const char *word, uint8_t wire[static NAME_OCTETS_MAX],
                           struct name *name)
{
    const char *problem = scalar_zone(word, wire, name);
    if (problem)
        output_complain("a zone's name is like example.test", "'%s': %s", word, problem);
    return !problem;
}

// Reads a file that is a zone into the wish, in canonical form. False: its problems were told.
static bool read_file(const char *path, struct name zone)
{
    struct records records;
    struct report report = {0};
    const struct judge_options options = {.threads = 1};
    records_begin(&records, zone);
    bool good = judge_zone(path, &records, &options, &report);
    problems_say(&report);
    buffer_clear(&wish.text);
    for (size_t i = 0; good && i < records.count; i++)
        dump_record(&records.list[i], &wish.text);
    records_free(&records);
    report_free(&report);
    return good;
}

static void write_text(const struct arguments *arguments, struct json *json)
{
    json_octets(json, "text", buffer_text(&wish.text), wish.text.size);
    (void)arguments;
    if (wish.adds)
        json_bool(json, "add", true);
    if (wish.serial >= 0)
        json_number(json, "serial", wish.serial);
}

// Makes a zone of the text.
static int create(const struct arguments *arguments, const char *zone)
{
    struct buffer request = {0};
    struct json json = json_begin(&request);
    int code;
    json_open_object(&json, NULL);
    json_number(&json, "v", 1);
    json_text(&json, "command", "create");
    json_text(&json, "zone", zone);
    json_octets(&json, "text", buffer_text(&wish.text), wish.text.size);
    json_close_object(&json);
    json_t *reply = zone_ask(arguments, &request, &code);
    if (reply && !arguments->json)
        output_say("created");
    json_decref(reply);
    buffer_free(&request);
    return code;
}

// The zone's text and serial as the server has it. NULL: told, and *code is what to end with.
static json_t *export(const struct arguments *arguments, int *code)
{
    struct buffer request = {0};
    struct json json = json_begin(&request);
    zone_begin_request(&json, arguments, "export");
    json_close_object(&json);
    json_t *reply = zone_ask_quietly(arguments, &request, code);
    buffer_free(&request);
    return reply;
}

// The same as a person wants it.
static int create_after_asking(const struct arguments *arguments, const char *zone)
{
    bool dry = arguments_has(arguments, "--dry-run");
    if (arguments_value(arguments, "--view")) {
        output_complain("give it to the view in the configuration",
                        "a zone that is made by command is everybody's");
        return EXIT_USAGE;
    }
    if (dry) {
        output_put(&wish.text);
        return EXIT_OK;
    }
    int code = zone_confirm(arguments);
    return code == EXIT_OK ? create(arguments, zone) : code;
}

// --- import --------------------------------------------------------------------------------------

int command_zone_import(const struct arguments *arguments)
{
    uint8_t wire[NAME_OCTETS_MAX];
    struct name zone;
    const char *word = arguments_word(arguments, 0);
    if (!read_zone_name(word, wire, &zone))
        return EXIT_USAGE;
    if (!read_file(arguments_word(arguments, 1), zone))
        return EXIT_FAILED;
    if (arguments_has(arguments, "--create"))
        return create_after_asking(arguments, word);
    wish.adds = arguments_has(arguments, "--add");
    return zone_change(arguments, write_text);
}

// --- edit ----------------------------------------------------------------------------------------

// In the folder for temporary files, for nobody else to read. NULL after a complaint.
static char *make_file(const char *text)
{
    const char *folder = getenv("TMPDIR");
    char *path = memory_format("%s/onym-edit-XXXXXX", folder && *folder ? folder : "/tmp");
    int fd = mkstemp(path); // 0600
    size_t size = strlen(text);
    if (fd >= 0 && write(fd, text, size) == (ssize_t)size && close(fd) == 0)
        return path;
    output_complain(NULL, "cannot write %s: %s", path, strerror(errno));
    if (fd >= 0)
        unlink(path);
    free(path);
    return NULL;
}

// True: the editor ended well. Ctrl-C is for it alone, as in system(3): who has a file open must
// live to say where it is.
static bool run_editor(const char *path)
{
    const char *editor = getenv("VISUAL");
    if (!editor || !*editor)
        editor = getenv("EDITOR");
    if (!editor || !*editor)
        editor = "vi";
    char *line = memory_format("%s \"$1\"", editor); // it may have words of its own
    struct sigaction ignore = {.sa_handler = SIG_IGN}, interrupt, quit;
    sigaction(SIGINT, &ignore, &interrupt);
    sigaction(SIGQUIT, &ignore, &quit);
    pid_t child = fork();
    if (child == 0) {
        sigaction(SIGINT, &interrupt, NULL);
        sigaction(SIGQUIT, &quit, NULL);
        execl("/bin/sh", "sh", "-c", line, "sh", path, (char *)NULL);
        _exit(127);
    }
    int status = -1;
    bool good = child > 0 && waitpid(child, &status, 0) == child && status == 0;
    sigaction(SIGINT, &interrupt, NULL);
    sigaction(SIGQUIT, &quit, NULL);
    if (!good)
        output_complain("$VISUAL or $EDITOR names another one", "the editor '%s' has failed",
                        editor);
    free(line);
    return good;
}

static bool wants_again(void)
{
    char answer[16] = "";
    if (!isatty(STDIN_FILENO))
        return false;
    fprintf(stderr, "Edit again? [Y/n] ");
    return fgets(answer, sizeof answer, stdin) && answer[0] != 'n' && answer[0] != 'N';
}

// EXIT_OK: what was written can be read, and is the wish.
static int edit(const char *path, struct name zone)
{
    do {
        if (!run_editor(path))
            return EXIT_FAILED;
        if (read_file(path, zone))
            return EXIT_OK;
    } while (wants_again());
    return EXIT_FAILED;
}

int command_zone_edit(const struct arguments *arguments)
{
    uint8_t wire[NAME_OCTETS_MAX];
    struct name zone;
    int code = EXIT_USAGE;
    if (!read_zone_name(arguments_word(arguments, 0), wire, &zone))
        return code;
    json_t *reply = export(arguments, &code);
    char *path = reply ? make_file(text_of(reply, "text")) : NULL;
    if (path)
        output_say("the text is in %s", path);
    if (reply)
        code = path ? edit(path, zone) : EXIT_FAILED;
    if (path && code == EXIT_OK) {
        wish.serial = (int64_t)number_of(reply, "serial");
        code = zone_change(arguments, write_text);
    }
    // What somebody has written is theirs until it is in the zone.
    if (path && (code != EXIT_OK || arguments_has(arguments, "--dry-run")))
        output_say("what was written is in %s", path);
    else if (path)
        unlink(path);
    free(path);
    json_decref(reply);
    return code;
}

// --- copy ----------------------------------------------------------------------------------------

// `from` and `to` are absolute names as texts. A word that is a name at or below `from` is one of
// `to`. True: it was.
static bool put_moved(struct buffer *text, const char *word, size_t size, const char *from,
                      const char *to)
{
    size_t tail = strlen(from);
    const char *end = word + size - tail;
    if (size < tail || strncasecmp(end, from, tail) != 0)
        return false;
    if (size > tail && end[-1] != '.')
        return false;
    size_t escapes = 0; // an odd number of them makes the dot one of a label
    while (size > tail + 1 + escapes && end[-2 - (long)escapes] == '\\')
        escapes++;
    if (escapes % 2)
        return false;
    buffer_add(text, word, size - tail);
    buffer_add_text(text, to);
    return true;
}

// One line of a dump: words, and texts in quotes.
static void move_line(struct buffer *text, const char *line, size_t size, const char *from,
                      const char *to)
{
    for (size_t at = 0, end; at < size; at = end) {
        end = at + 1;
        if (line[at] == '"') {
            while (end < size && line[end] != '"')
                end += line[end] == '\\' ? 2 : 1;
            end = end < size ? end + 1 : size;
        } else if (!strchr(" \n", line[at])) {
            while (end < size && !strchr(" \n\"", line[end]))
                end++;
            if (put_moved(text, line + at, end - at, from, to))
                continue;
        }
        buffer_add(text, line + at, end - at);
    }
}

static void absolute(struct name name, char text[static NAME_TEXT_MAX])
{
    name_print(name, text);
}

static bool is_of(const char *line, const char *end, const char *type)
{
    const char *at = strstr(line, type);
    return at && at < end;
}

// The zone's text under the other name, with a serial that begins anew, as the wish. False: it has
// signatures, which would be wrong.
static bool move_zone(const char *text, struct name from, struct name to)
{
    char old[NAME_TEXT_MAX], new[NAME_TEXT_MAX], serial[16];
    time_t now = time(NULL);
    struct tm parts;
    absolute(from, old);
    absolute(to, new);
    strftime(serial, sizeof serial, "%Y%m%d00", gmtime_r(&now, &parts));
    buffer_clear(&wish.text);
    for (const char *line = text, *end; *line; line = end) {
        end = strchr(line, '\n');
        end = end ? end + 1 : line + strlen(line);
        if (is_of(line, end, " IN RRSIG "))
            return false;
        if (is_of(line, end, " IN ZONEMD ")) {
            output_say("its ZONEMD record is left out: it would be wrong");
            continue;
        }
        const char *soa = strstr(line, " IN SOA ");
        if (!soa || soa >= end) {
            move_line(&wish.text, line, (size_t)(end - line), old, new);
            continue;
        }
        const char *rest = strchr(soa + strlen(" IN SOA "), ' ');
        rest = rest ? strchr(rest + 1, ' ') : NULL; // behind both names stands the serial
        if (!rest || rest >= end)
            return false;
        move_line(&wish.text, line, (size_t)(rest - line), old, new);
        buffer_format(&wish.text, " %s", serial);
        rest += 1 + strspn(rest + 1, "0123456789");
        buffer_add(&wish.text, rest, (size_t)(end - rest));
    }
    return true;
}

int command_zone_copy(const struct arguments *arguments)
{
    uint8_t from_wire[NAME_OCTETS_MAX], to_wire[NAME_OCTETS_MAX];
    struct name from, to;
    int code = EXIT_USAGE;
    if (!read_zone_name(arguments_word(arguments, 0), from_wire, &from) ||
        !read_zone_name(arguments_word(arguments, 1), to_wire, &to))
        return code;
    if (from.labels == 0) {
        output_complain(NULL, "the root zone has no names of its own to copy");
        return code;
    }
    json_t *reply = export(arguments, &code);
    if (reply && !move_zone(text_of(reply, "text"), from, to)) {
        output_complain("copy the zone that it was signed from",
                        "the zone is signed, and the signatures of its copy would be wrong");
        code = EXIT_CONFLICT;
    } else if (reply) {
        code = create(arguments, arguments_word(arguments, 1));
    }
    json_decref(reply);
    return code;
}
