// Connections between two zones (spares.h).
#include "daemon/spares.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

void spares_give(struct spares *spares, int fd, const struct address *primary, uint64_t now_ms)
{
    if (spares->count == SPARES_MAX)
        close(fd);
    else
        spares->list[spares->count++] = (struct spare){fd, now_ms, *primary};
}

static int take_out(struct spares *spares, size_t index)
{
    int fd = spares->list[index].fd;
    spares->list[index] = spares->list[--spares->count];
    return fd;
}

// Nothing has come since, not even the end.
static bool is_open(int fd)
{
    char octet;
    return recv(fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

int spares_take(struct spares *spares, const struct address *primary)
{
    for (size_t i = spares->count; i-- > 0;) {
        if (!address_equal(&spares->list[i].primary, primary))
            continue;
        int fd = take_out(spares, i);
        if (is_open(fd))
            return fd;
        close(fd);
    }
    return -1;
}

void spares_expire(struct spares *spares, uint64_t now_ms)
{
    for (size_t i = spares->count; i-- > 0;)
        if (now_ms >= spares->list[i].since_ms + SPARE_MS)
            close(take_out(spares, i));
}

void spares_close(struct spares *spares)
{
    while (spares->count)
        close(spares->list[--spares->count].fd);
}
