// Hosts files read (hosts.h).
#include "daemon/hosts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "daemon/leases.h"

#define BLANKS " \t\r\v\f"

struct reader {
    struct arena memory;
    struct local_name *names;
    size_t count, room;
    const char *path;
    size_t line, bad, first_bad; // of this file
    const struct name *domain;   // of leases
    uint64_t date_s, expires_s;
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

// Letters, digits, hyphens and underlines, as names of hosts have: it was the client's to choose.
static bool is_hosts_name(const char *text)
{
    for (; *text; text++)
        if (!strchr("-_.", *text) && !((*text | 32) >= 'a' && (*text | 32) <= 'z') &&
            !(*text >= '0' && *text <= '9'))
            return false;
    return true;
}

// False: the lease has no name that it may have.
static bool add_lease(struct reader *reader, const struct lease *lease)
{
    uint8_t storage[NAME_OCTETS_MAX];
    struct name name;
    size_t size = strlen(lease->name);
    bool dotted = memchr(lease->name, '.', size);
    const struct name *origin = dotted ? &NAME_ROOT : reader->domain;
    if (!is_hosts_name(lease->name) ||
        name_parse(lease->name, size, origin, storage, &name) != NAME_TEXT_OK ||
        name.labels <= reader->domain->labels || !name_is_within(name, *reader->domain))
        return false;
    add(reader, name, &lease->address);
    if (lease->expires_s < reader->expires_s)
        reader->expires_s = lease->expires_s;
    return true;
}

static void read_leases(struct reader *reader, const char *path, char *text, size_t size)
{
    struct leases leases;
    size_t strange = 0;
    leases_read(text, size, reader->date_s, &leases);
    for (size_t i = 0; i < leases.count; i++)
        strange += !add_lease(reader, &leases.list[i]);
    if (leases.bad)
        log_warning("%s:%zu: no lease; %zu lines were passed over", path, leases.first_bad,
                    leases.bad);
    if (strange)
        log_info("%s: %zu leases have names that are not of hosts.domain, and were passed over",
                 path, strange);
    free(leases.list);
}

static void tell_bad(const struct reader *reader, const char *path)
{
    if (reader->bad == 1)
        log_warning("%s:%zu: no address with names; passed over", path, reader->first_bad);
    else if (reader->bad)
        log_warning("%s:%zu: no address with names; passed over, and %zu more lines like it", path,
                    reader->first_bad, reader->bad - 1);
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
    if (leases_are(text, size))
        read_leases(reader, path, text, size);
    else
        read_text(reader, text, size);
    free(text);
    tell_bad(reader, path);
}

struct local *hosts_read(const struct hosts_options *options, const struct hash_key *secret,
                         uint64_t date_s, uint64_t *expires_s)
{
    struct reader reader = {.domain = &options->domain, .date_s = date_s, .expires_s = UINT64_MAX};
    for (size_t i = 0; i < options->name_count; i++) {
        const struct named_option *option = &options->names[i];
        for (size_t k = 0; k < option->addresses.count; k++)
            add(&reader, option->name, &option->addresses.some[k]);
    }
    for (size_t i = 0; i < options->file_count; i++)
        read_file(&reader, options->files[i].path);
    struct local *local = local_make(reader.names, reader.count, secret);
    *expires_s = reader.expires_s;
    free(reader.names);
    arena_free(&reader.memory);
    return local;
}
