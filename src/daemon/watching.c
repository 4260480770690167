// Files watched for changes (watching.h).
#include "daemon/watching.h"

#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"

static void watch_file(struct watching *watching, size_t index, const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = !slash          ? memory_copy_text(".")
                   : slash == path ? memory_copy_text("/")
                                   : memory_format("%.*s", (int)(slash - path), path);
    watching->names[index] = memory_copy_text(slash ? slash + 1 : path);
    // What is not there is not watched: a reload looks again.
    if (inotify_add_watch(watching->fd, folder, IN_CREATE | IN_CLOSE_WRITE | IN_MOVE | IN_DELETE) <
            0 &&
        errno != ENOENT)
        log_warning("the folder %s cannot be watched: %s; changes of %s count from a reload on",
                    folder, strerror(errno), path);
    (void)inotify_add_watch(watching->fd, path, IN_CLOSE_WRITE);
    free(folder);
}

struct watching watching_begin(const char *const *paths, size_t count)
{
    struct watching watching = {.fd = -1};
    if (count == 0)
        return watching;
    watching.fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (watching.fd < 0) {
        log_warning("%s cannot be watched: %s; changes count from a reload on", paths[0],
                    strerror(errno));
        return watching;
    }
    watching.names = memory_get_zeroed(count + 1, sizeof *watching.names);
    for (size_t i = 0; i < count; i++)
        watch_file(&watching, i, paths[i]);
    return watching;
}

static bool is_one_of_ours(const struct watching *watching, const struct inotify_event *event)
{
    if (event->len == 0) // of a file itself
        return true;
    for (char **name = watching->names; *name; name++)
        if (strcmp(*name, event->name) == 0)
            return true;
    return false;
}

bool watching_take(const struct watching *watching)
{
    alignas(struct inotify_event) char octets[16 * 1024];
    bool changed = false;
    ssize_t size;
    if (watching->fd < 0)
        return false;
    while ((size = read(watching->fd, octets, sizeof octets)) > 0) {
        for (char *at = octets; at < octets + size;) {
            const struct inotify_event *event = (const struct inotify_event *)(void *)at;
            changed = changed || is_one_of_ours(watching, event);
            at += sizeof *event + event->len;
        }
    }
    return changed;
}

void watching_end(struct watching *watching)
{
    if (watching->fd >= 0)
        close(watching->fd);
    watching->fd = -1;
    for (char **name = watching->names; name && *name; name++)
        free(*name);
    free(watching->names);
    watching->names = NULL;
}
