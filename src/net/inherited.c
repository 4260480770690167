// Inherited sockets (inherited.h).
#include "net/inherited.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"

#define FIRST 3 // SD_LISTEN_FDS_START

static bool get_option(int fd, int option, int *value)
{
    socklen_t size = sizeof *value;
    return getsockopt(fd, SOL_SOCKET, option, value, &size) == 0;
}

// What kind of socket it is; false, with `why`: none that we can use.
static bool examine(int fd, struct inherited *socket, const char **why)
{
    int type, listens;
    *socket = (struct inherited){.fd = fd, .address.size = sizeof socket->address.v6};
    *why = "is no socket";
    if (!get_option(fd, SO_TYPE, &type) || !get_option(fd, SO_ACCEPTCONN, &listens) ||
        getsockname(fd, &socket->address.any, &socket->address.size) < 0)
        return false;
    *why = "is no Internet socket";
    if (socket->address.any.sa_family != AF_INET && socket->address.any.sa_family != AF_INET6)
        return false;
    *why = "is neither a UDP nor a listening TCP socket (Accept=yes does not work with onym)";
    socket->stream = type == SOCK_STREAM;
    return type == SOCK_DGRAM || (type == SOCK_STREAM && listens);
}

// The n-th of the names between colons.
static void pick_name(const char *names, size_t n, char *name, size_t room)
{
    for (; names && n > 0; n--) {
        names = strchr(names, ':');
        names = names ? names + 1 : NULL;
    }
    size_t size = names ? strcspn(names, ":") : 0;
    if (size >= room)
        size = room - 1;
    if (size)
        memcpy(name, names, size);
    name[size] = 0;
}

static bool is_for_others(const char *name)
{
    static const char *const others[] = {"dot", "doh", "doq", "admin"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strcmp(name, others[i]) == 0)
            return true;
    return false;
}

static size_t count_passed(void)
{
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    if (!pid || !count || strtol(pid, NULL, 10) != (long)getpid())
        return 0;
    long number = strtol(count, NULL, 10);
    return number < 0 || number > LISTENERS_MAX ? 0 : (size_t)number;
}

struct inherited *inherited_take(size_t *count)
{
    size_t passed = count_passed();
    const char *names = getenv("LISTEN_FDNAMES");
    struct inherited *list = passed ? memory_get_zeroed(passed, sizeof *list) : NULL;
    *count = 0;
    for (size_t i = 0; i < passed; i++) {
        int fd = FIRST + (int)i;
        char name[64];
        const char *why;
        pick_name(names, i, name, sizeof name);
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        if (is_for_others(name)) {
            log_warning("inherited socket %d (%s): this kind is not served yet", fd, name);
        } else if (!examine(fd, &list[*count], &why)) {
            log_warning("inherited socket %d (%s) %s", fd, name, why);
        } else {
            fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
            (*count)++;
        }
    }
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    if (*count == 0) {
        free(list);
        list = NULL;
    }
    return list;
}
