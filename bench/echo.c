// bench-echo: the floor. A UDP server that sends back what it got, with QR set, and does nothing
// else.
//
//   bench-echo ADDR PORT [--reply-size N]
//
// What a name server costs above this is the name server's own doing; what this costs is the
// kernel's. It works as the best of them do: one thread, one socket, a blocking recvmmsg that waits
// for the first datagram and takes as many more as are there, and one sendmmsg for all of them.
// Socket buffers stay as the system gives them, as for the servers beside it. With --reply-size
// every reply is cut or padded (with zeros) to N octets, so that the floor can be measured for a
// server's size of reply.
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH        64   // the floor is flat from 8 to 64
#define SLOT_OCTETS  4096 // one datagram in or out; above every EDNS size in use
#define HEADER_SIZE  12
#define FLAGS_AT     2
#define FLAG_QR      0x80
#define REPLY_AS_GOT 0

struct echo {
    int fd;
    size_t reply_size; // REPLY_AS_GOT or a fixed size
    struct mmsghdr messages[BATCH];
    struct iovec pieces[BATCH];
    struct sockaddr_storage peers[BATCH];
    uint8_t slots[BATCH][SLOT_OCTETS];
};

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "bench-echo: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int open_socket(const char *host, uint16_t port)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    const struct sockaddr *address = (struct sockaddr *)&v4;
    socklen_t size = sizeof v4;
    if (inet_pton(AF_INET, host, &v4.sin_addr) != 1) {
        if (inet_pton(AF_INET6, host, &v6.sin6_addr) != 1) {
            fprintf(stderr, "bench-echo: not an address: %s\n", host);
            exit(2);
        }
        address = (struct sockaddr *)&v6;
        size = sizeof v6;
    }
    int fd = socket(address->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        die("socket");
    if (bind(fd, address, size) < 0)
        die("bind");
    return fd;
}

// Both calls change lengths in the headers, so they are laid anew for each batch.
static void lay_messages(struct echo *echo)
{
    for (unsigned i = 0; i < BATCH; i++) {
        echo->pieces[i] = (struct iovec){echo->slots[i], SLOT_OCTETS};
        echo->messages[i].msg_hdr = (struct msghdr){
            .msg_name = &echo->peers[i],
            .msg_namelen = sizeof echo->peers[i],
            .msg_iov = &echo->pieces[i],
            .msg_iovlen = 1,
        };
    }
}

static void answer(struct echo *echo, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        size_t got = echo->messages[i].msg_len;
        size_t size = echo->reply_size == REPLY_AS_GOT ? got : echo->reply_size;
        if (size > got)
            memset(echo->slots[i] + got, 0, size - got);
        echo->slots[i][FLAGS_AT] |= FLAG_QR;
        echo->pieces[i].iov_len = size;
    }
    // A datagram that cannot be sent is passed over: the rest of the batch shall not wait for it.
    for (unsigned done = 0; done < count;) {
        int sent = sendmmsg(echo->fd, echo->messages + done, count - done, 0);
        done += sent > 0 ? (unsigned)sent : 1;
    }
}

static _Noreturn void serve(struct echo *echo)
{
    for (;;) {
        lay_messages(echo);
        int count = recvmmsg(echo->fd, echo->messages, BATCH, MSG_WAITFORONE, NULL);
        if (count > 0)
            answer(echo, (unsigned)count);
        else if (errno != EINTR && errno != ECONNREFUSED)
            die("recvmmsg");
    }
}

static unsigned long number_in(const char *text, unsigned long least, unsigned long most)
{
    char *end;
    errno = 0;
    unsigned long number = strtoul(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || number < least || number > most) {
        fprintf(stderr, "bench-echo: %s: a number from %lu to %lu is wanted\n", text, least, most);
        exit(2);
    }
    return number;
}

static _Noreturn void usage(void)
{
    fputs("usage: bench-echo ADDR PORT [--reply-size N]\n", stderr);
    exit(2);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"reply-size", required_argument, NULL, 'r'}, {0}};
    static struct echo echo; // 270 kB: too much for a stack
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option != 'r')
            usage();
        echo.reply_size = number_in(optarg, HEADER_SIZE, SLOT_OCTETS);
    }
    if (argc - optind != 2)
        usage();
    echo.fd = open_socket(argv[optind], (uint16_t)number_in(argv[optind + 1], 1, 65535));
    serve(&echo);
}
