// Files and variables into one tree (gather.h).
//
// Files are walked depth first: a file, then what it includes, in the order written; a pattern
// gives its files in the order of their names. A file is known by its device and inode, so that a
// link to a file read before is that file. One that is met again while it is still open has
// included itself.
#include "conf/gather.h"

#include <assert.h>
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/suggest.h"
#include "conf/merge.h"
#include "conf/schema_path.h"
#include "conf/syntax.h"
#include "conf/validate.h"

struct visit {
    dev_t device;
    ino_t inode;
    bool open; // its includes are being read
};

struct walk {
    struct gathered *gathered;
    struct report *report;
    struct visit *visits;
    size_t visit_count, visit_room;
    struct value *roots;
    size_t root_count, root_room;
    unsigned depth;
};

static const char *describe_error(int error)
{
    switch (error) {
    case -EFBIG: return "it is larger than 64 MiB";
    case -EISDIR: return "it is a folder";
    default: return strerror(-error);
    }
}
static_assert(CONFIG_OCTETS_MAX == 64 * 1024 * 1024, "as describe_error says");

// `from`: the include that names the file; NULL: the main one.
static void tell_unreadable(struct walk *walk, const char *path, const struct value *from,
                            int error)
{
    struct place place = {.file = path};
    if (from)
        value_report(walk->report, SEVERITY_ERROR, from, NULL, "cannot read %s: %s",
                     value_quote(path).text, describe_error(error));
    else
        report_add(walk->report, SEVERITY_ERROR, &place, NULL, "cannot be read: %s",
                   describe_error(error));
}

static struct visit *find_visit(struct walk *walk, const struct stat *status)
{
    for (size_t i = 0; i < walk->visit_count; i++)
        if (walk->visits[i].inode == status->st_ino && walk->visits[i].device == status->st_dev)
            return &walk->visits[i];
    return NULL;
}

static void read_includes(struct walk *walk, const struct value *root);

// Reads and checks one text. True: it is a tree, now the last of the roots.
static bool read_root(struct walk *walk, const struct source *source)
{
    struct value root;
    if (!syntax_read(source, &walk->gathered->trees, walk->report, &root))
        return false;
    validate_tree(&root, walk->report);
    walk->roots =
        memory_grow(walk->roots, &walk->root_room, walk->root_count + 1, sizeof *walk->roots);
    walk->roots[walk->root_count++] = root;
    return true;
}

static struct source *keep_source(struct gathered *gathered, const struct source *source)
{
    struct source *kept = arena_copy(gathered->lasting, source, sizeof *source);
    kept->path = arena_copy(gathered->lasting, source->path, strlen(source->path) + 1);
    kept->number = (uint32_t)gathered->source_count;
    gathered->sources = memory_grow(gathered->sources, &gathered->source_room,
                                    gathered->source_count + 1, sizeof(struct source *));
    gathered->sources[gathered->source_count++] = kept;
    return kept;
}

static void read_one(struct walk *walk, const char *path, const struct value *from)
{
    struct source source = {.path = path};
    struct stat status;
    if (stat(path, &status) < 0) {
        tell_unreadable(walk, path, from, -errno);
        return;
    }
    char *text;
    int error = file_read(path, CONFIG_OCTETS_MAX, &text, &source.size);
    if (error) {
        tell_unreadable(walk, path, from, error);
        return;
    }
    source.text = text;
    walk->visits =
        memory_grow(walk->visits, &walk->visit_room, walk->visit_count + 1, sizeof *walk->visits);
    size_t visit = walk->visit_count++;
    walk->visits[visit] = (struct visit){status.st_dev, status.st_ino, true};
    if (read_root(walk, keep_source(walk->gathered, &source))) {
        struct value root = walk->roots[walk->root_count - 1];
        walk->depth++;
        read_includes(walk, &root);
        walk->depth--;
    }
    walk->visits[visit].open = false;
}

static void include_one(struct walk *walk, const char *path, const struct value *from, bool pattern)
{
    struct stat status;
    struct visit *visit = stat(path, &status) == 0 ? find_visit(walk, &status) : NULL;
    if (!visit)
        read_one(walk, path, from);
    else if (!visit->open)
        value_report(walk->report, SEVERITY_WARNING, from, NULL, "%s was included before",
                     value_quote(path).text);
    else if (!pattern) // *.yaml beside onym.yaml means the others
        value_report(walk->report, SEVERITY_ERROR, from, NULL, "%s includes itself",
                     value_quote(path).text);
}

// `pattern` as seen from the file's folder, whose own name is no pattern whatever is in it.
static char *place_pattern(const char *beside, const char *pattern)
{
    struct buffer placed = {0};
    const char *slash = strrchr(beside, '/');
    if (pattern[0] != '/' && slash) {
        for (const char *at = beside; at <= slash; at++) {
            if (strchr("*?[\\", *at))
                buffer_add_char(&placed, '\\');
            buffer_add_char(&placed, *at);
        }
    }
    buffer_add_text(&placed, pattern);
    return placed.text;
}

static void include_pattern(struct walk *walk, const struct value *item)
{
    glob_t found;
    char *pattern = place_pattern(item->source->path, item->text);
    int result = glob(pattern, 0, NULL, &found);
    if (result == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++)
            include_one(walk, found.gl_pathv[i], item, true);
        globfree(&found);
    } else if (result != GLOB_NOMATCH) { // nothing there is fine: an empty onym.d
        value_report(walk->report, SEVERITY_ERROR, item, NULL, "cannot look for %s",
                     value_quote(item->text).text);
    }
    free(pattern);
}

static void read_include(struct walk *walk, const struct value *item)
{
    if (item->bad || item->kind != VALUE_TEXT)
        return;
    if (walk->depth > CONFIG_INCLUDE_DEPTH_MAX) {
        value_report(walk->report, SEVERITY_ERROR, item, NULL, "includes are more than %d deep",
                     CONFIG_INCLUDE_DEPTH_MAX);
        return;
    }
    if (strpbrk(item->text, "*?[")) {
        include_pattern(walk, item);
        return;
    }
    char *path = file_path_beside(item->source->path, item->text);
    include_one(walk, path, item, false);
    free(path);
}

static void read_includes(struct walk *walk, const struct value *root)
{
    const struct pair *pair = value_find(root, schema_name(KEY_INCLUDE));
    if (!pair)
        return;
    if (pair->value.kind != VALUE_LIST)
        read_include(walk, &pair->value);
    else
        for (uint32_t i = 0; i < pair->value.count; i++)
            read_include(walk, &pair->value.items[i]);
}

static void finish(struct walk *walk)
{
    if (walk->root_count)
        merge_trees(walk->roots, walk->root_count, &walk->gathered->trees, walk->report,
                    &walk->gathered->root);
    free(walk->roots);
    free(walk->visits);
}

void gather_file(struct gathered *gathered, const char *path, struct report *report)
{
    struct walk walk = {.gathered = gathered, .report = report};
    read_one(&walk, path, NULL);
    finish(&walk);
}

void gather_text(struct gathered *gathered, const struct source *source, struct report *report)
{
    struct walk walk = {.gathered = gathered, .report = report};
    struct source copy = *source;
    copy.text = memcpy(memory_get(source->size), source->text, source->size);
    (void)read_root(&walk, keep_source(gathered, &copy));
    finish(&walk);
}

void gather_free(struct gathered *gathered)
{
    for (size_t i = 0; i < gathered->source_count; i++)
        free((char *)gathered->sources[i]->text);
    free(gathered->sources);
    arena_free(&gathered->trees);
}

// --- variables -----------------------------------------------------------------------------------

static bool is_ours(const char *entry)
{
    return strncmp(entry, "ONYM_", 5) == 0 && strncmp(entry, "ONYM_DATA=", 10) != 0 &&
           strncmp(entry, "ONYM_TEST_", 10) != 0;
}

static bool find_variable(const char *name, enum schema_key *key)
{
    char known[SCHEMA_VARIABLE_MAX];
    for (*key = KEY_ROOT; *key < KEY_COUNT; (*key)++) {
        schema_variable(*key, known);
        if (schema_is_single(*key) && strcmp(known, name) == 0)
            return true;
    }
    return false;
}

static void warn_unknown(const struct value *value, struct report *report)
{
    char known[KEY_COUNT][SCHEMA_VARIABLE_MAX];
    struct suggestion suggestion = {.word = value->source->path};
    for (enum schema_key key = KEY_ROOT; key < KEY_COUNT; key++) {
        schema_variable(key, known[key]);
        if (strcmp(known[key], value->source->path) == 0) {
            value_report(report, SEVERITY_WARNING, value, "write it into the file",
                         "'%s' is not taken from the environment", schema_row(key)->path);
            return;
        }
        if (schema_is_single(key))
            suggest_consider(&suggestion, known[key]);
    }
    struct buffer hint = {0};
    if (suggestion.best)
        buffer_format(&hint, "did you mean %s?", suggestion.best);
    value_report(report, SEVERITY_WARNING, value, hint.text,
                 "no key of the configuration has this name");
    buffer_free(&hint);
}

static void take_variable(struct gathered *gathered, const char *entry, struct report *report)
{
    size_t size = strcspn(entry, "=");
    if (!entry[size] || !entry[size + 1])
        return;
    char *name = arena_copy(gathered->lasting, entry, size + 1);
    name[size] = 0;
    const char *text = entry + size + 1;
    struct source *source = arena_get(gathered->lasting, sizeof *source);
    *source = (struct source){.path = name, .text = "", .size = 0};
    struct value *value = arena_get(&gathered->trees, sizeof *value);
    *value = (struct value){.source = source, .kind = VALUE_TEXT, .count = (uint32_t)strlen(text)};
    value->text = arena_copy(&gathered->trees, text, value->count + 1);
    enum schema_key key;
    if (!find_variable(name, &key)) {
        warn_unknown(value, report);
        return;
    }
    validate_value(key, value, report);
    gathered->variables[key] = value;
}

void gather_variables(struct gathered *gathered, const char *const *environment,
                      struct report *report)
{
    for (; *environment; environment++)
        if (is_ours(*environment))
            take_variable(gathered, *environment, report);
}
