// Hosts files read (hosts.h).
#include "daemon/hosts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"

#define BLANKS " \t\r\v\f"

struct reader {
    struct arena memory;
    struct local_name *names;
    size_t count, room;
    const char *path;
    size_t line, bad, first_bad; // of this file
};

static void add(struct reader *reader, struct name name, const struct address *address)
{
    reader->names =
        memory_grow(reader->names, &reader->room, reader->count + 1, sizeof *reader->names);
    struct local_name *entry = &reader->names[reader->count++];
    entry->address = *address;
    entry->name = name;
    entry->name.wire = arena_copy(&reader->memory, name.wire, name.size);
}

// The next word of the line, which gets a NUL behind it; NULL: there is none.
static char *take_word(char **at)
{
    char *word = *at + strspn(*at, BLANKS);
    size_t size = strcspn(word, BLANKS);
    *at = word + size + (word[size] != 0);
    word[size] = 0;
    return size ? word : NULL;
}

static bool add_name(struct reader *reader, const char *text, const struct address *address)
{
    uint8_t storage[NAME_OCTETS_MAX];
    struct name name, root = NAME_ROOT;
    if (name_parse(text, strlen(text), &root, storage, &name) != NAME_TEXT_OK || name.labels == 0)
        return false;
    add(reader, name, address);
    return true;
}

// False: it is no line of a hosts file.
static bool read_line(struct reader *reader, char *line)
{
    line[strcspn(line, "#")] = 0;
    char *first = take_word(&line), *word;
    struct address address, other;
    bool good = true, some = false;
    if (!first)
        return true; // empty, or a comment
    // A port has no place here, and DNS has none for the zone of a link-local address.
    if (strchr(first, '[') || !address_parse(first, 0, &address) ||
        !address_parse(first, 1, &other) || address_port(&other) != 1)
        return strchr(first, '%') != NULL;
    if (strchr(first, '%'))
        return true;
    while ((word = take_word(&line))) {
        some = true;
        good = add_name(reader, word, &address) && good;
    }
    return good && some;
}

static void read_text(struct reader *reader, char *text, size_t size)
{
    for (char *end = text + size; text < end;) {
        char *next = memchr(text, '\n', (size_t)(end - text));
        next = next ? next : end;
        *next = 0; // behind the text there is room for one
        reader->line++;
        if (!read_line(reader, text) && reader->bad++ == 0)
            reader->first_bad = reader->line;
        text = next + 1;
    }
}

static void read_file(struct reader *reader, const char *path)
{
    char *text;
    size_t size;
    int failed = file_read(path, HOSTS_FILE_OCTETS_MAX, &text, &size);
    if (failed) {
        if (failed != -ENOENT)
            log_warning("hosts file %s cannot be read: %s", path, strerror(-failed));
        return;
    }
    reader->line = reader->bad = 0;
    read_text(reader, text, size);
    free(text);
    if (reader->bad == 1)
        log_warning("%s:%zu: no address with names; passed over", path, reader->first_bad);
    else if (reader->bad)
        log_warning("%s:%zu: no address with names; passed over, and %zu more lines like it", path,
                    reader->first_bad, reader->bad - 1);
}

struct local *hosts_read(const struct hosts_options *options, const struct hash_key *secret)
{
    struct reader reader = {0};
    for (size_t i = 0; i < options->name_count; i++) {
        const struct named_option *option = &options->names[i];
        for (size_t k = 0; k < option->addresses.count; k++)
            add(&reader, option->name, &option->addresses.some[k]);
    }
    for (size_t i = 0; i < options->file_count; i++)
        read_file(&reader, options->files[i].path);
    struct local *local = local_make(reader.names, reader.count, secret);
    free(reader.names);
    arena_free(&reader.memory);
    return local;
}
