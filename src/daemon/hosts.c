// Hosts files read and watched (hosts.h).
//
// Editors write a new file and rename it over the old one, so a file is watched through its folder:
// what happens to an entry of its name counts. The file itself is watched as well, for those that
// are written in place behind a symbolic link or a bind mount, as in containers. inotify, not a
// timer: a resolver at rest should not wake up to look at files.
#include "daemon/hosts.h"

#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"

#define BLANKS " \t\r\v\f"

// --- reading -------------------------------------------------------------------------------------

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

// --- watching ------------------------------------------------------------------------------------

void hosts_unwatch(struct hosts_watch *watch)
{
    if (watch->fd >= 0) {
        loop_remove(watch->loop, watch->fd);
        close(watch->fd);
    }
    watch->fd = -1;
    watch->due_ms = 0;
    for (char **name = watch->names; name && *name; name++)
        free(*name);
    free(watch->names);
    watch->names = NULL;
}

static void watch_file(struct hosts_watch *watch, size_t index, const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = !slash          ? memory_copy_text(".")
                   : slash == path ? memory_copy_text("/")
                                   : memory_format("%.*s", (int)(slash - path), path);
    watch->names[index] = memory_copy_text(slash ? slash + 1 : path);
    // What is not there is not watched: a reload looks again.
    if (inotify_add_watch(watch->fd, folder, IN_CREATE | IN_CLOSE_WRITE | IN_MOVE | IN_DELETE) <
            0 &&
        errno != ENOENT)
        log_warning("the folder %s cannot be watched: %s; changes of %s count from a reload on",
                    folder, strerror(errno), path);
    (void)inotify_add_watch(watch->fd, path, IN_CLOSE_WRITE);
    free(folder);
}

void hosts_watch(struct hosts_watch *watch, const struct hosts_options *options, uint64_t now_ms)
{
    hosts_unwatch(watch);
    watch->last_ms = now_ms;
    if (options->file_count == 0)
        return;
    watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (watch->fd < 0) {
        log_warning("hosts files cannot be watched: %s; their changes count from a reload on",
                    strerror(errno));
        return;
    }
    watch->names = memory_get_zeroed(options->file_count + 1, sizeof *watch->names);
    for (size_t i = 0; i < options->file_count; i++)
        watch_file(watch, i, options->files[i].path);
    int failed = loop_add(watch->loop, watch->fd, EPOLLIN, (struct loop_tag){.kind = watch->kind});
    if (failed)
        log_warning("hosts files cannot be watched: %s", strerror(-failed));
}

static bool is_one_of_ours(const struct hosts_watch *watch, const struct inotify_event *event)
{
    if (event->len == 0) // of a file itself
        return true;
    for (char **name = watch->names; *name; name++)
        if (strcmp(*name, event->name) == 0)
            return true;
    return false;
}

void hosts_take(struct hosts_watch *watch, uint64_t now_ms)
{
    alignas(struct inotify_event) char octets[16 * 1024];
    bool changed = false;
    ssize_t size;
    if (watch->fd < 0)
        return; // of a watch that ended in this turn
    while ((size = read(watch->fd, octets, sizeof octets)) > 0) {
        for (char *at = octets; at < octets + size;) {
            const struct inotify_event *event = (const struct inotify_event *)(void *)at;
            changed = changed || is_one_of_ours(watch, event);
            at += sizeof *event + event->len;
        }
    }
    if (!changed || watch->due_ms)
        return;
    uint64_t settled_ms = now_ms + HOSTS_SETTLE_MS, next_ms = watch->last_ms + HOSTS_EVERY_MS;
    watch->due_ms = settled_ms > next_ms ? settled_ms : next_ms;
}

int hosts_rest(const struct hosts_watch *watch, uint64_t now_ms)
{
    if (!watch->due_ms)
        return -1;
    return watch->due_ms > now_ms ? (int)(watch->due_ms - now_ms) : 0;
}
