// Asking a running daemon (client.h): one connection, one request, one reply.
#include "daemon/client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buffer.h"

#define PATIENCE_S 600

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return -ENAMETOOLONG;
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    struct timeval patience = {.tv_sec = PATIENCE_S};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) < 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    return fd;
}

static int send_all(int fd, const char *text, size_t size)
{
    while (size) {
        ssize_t put = send(fd, text, size, MSG_NOSIGNAL);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return errno == EAGAIN ? -ETIMEDOUT : -errno;
        text += put;
        size -= (size_t)put;
    }
    return 0;
}

// To the end of the stream: a daemon that was told to stop keeps it open until it has.
static int receive_all(int fd, struct buffer *reply)
{
    size_t before = reply->size;
    for (;;) {
        char octets[16384];
        ssize_t got = recv(fd, octets, sizeof octets, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno != ECONNRESET)
            return errno == EAGAIN ? -ETIMEDOUT : -errno;
        if (got <= 0)
            break;
        buffer_add(reply, octets, (size_t)got);
    }
    if (reply->size == before || reply->text[reply->size - 1] != '\n')
        return -EPROTO;
    reply->text[--reply->size] = 0;
    return 0;
}

int control_ask(const char *socket_path, const char *request_json, struct buffer *reply)
{
    int fd = connect_to(socket_path);
    if (fd < 0)
        return fd;
    // In one piece: what is read of it at once is then all of it.
    struct buffer request = {0};
    buffer_format(&request, "%s\n", request_json);
    int failed = send_all(fd, buffer_text(&request), request.size);
    buffer_free(&request);
    // A daemon that does not let us speak hangs up; it may do so before we have spoken.
    if (failed == -EPIPE)
        failed = 0;
    if (!failed)
        failed = receive_all(fd, reply);
    close(fd);
    return failed;
}
