// Who has a port (holder.h).
//
//   /proc/net/udp       local address, user and inode of every socket of this network namespace
//   /proc/PID/fd/N      a link "socket:[inode]": whose it is, as far as we may look
//
//   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
//    0: 3500007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000   101        0 18334
#include "net/holder.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATE_LISTEN 10 // TCP_LISTEN of the kernel's tcp_states.h

// The octets of an address as the kernel prints them: words of 32 bits in the machine's own order.
static bool parse_words(const char *text, size_t words, uint32_t *to)
{
    if (strspn(text, "0123456789ABCDEFabcdef") != words * 8)
        return false;
    for (size_t i = 0; i < words; i++)
        if (sscanf(text + i * 8, "%8" SCNx32, &to[i]) != 1)
            return false;
    return true;
}

static bool parse_address(const char *text, struct address *address)
{
    const char *colon = strchr(text, ':');
    unsigned port;
    if (!colon || sscanf(colon + 1, "%4x", &port) != 1)
        return false;
    uint32_t words[4];
    *address = (struct address){0};
    if (colon - text == 8 && parse_words(text, 1, words)) {
        address->v4 = (struct sockaddr_in){.sin_family = AF_INET};
        memcpy(&address->v4.sin_addr, words, 4);
        address->size = sizeof address->v4;
    } else if (colon - text == 32 && parse_words(text, 4, words)) {
        address->v6 = (struct sockaddr_in6){.sin6_family = AF_INET6};
        memcpy(&address->v6.sin6_addr, words, 16);
        address->size = sizeof address->v6;
    } else {
        return false;
    }
    address_set_port(address, (uint16_t)port);
    return true;
}

bool holder_parse(const char *line, struct holder_row *row)
{
    char local[64];
    unsigned user;
    int got = sscanf(line, " %*d: %63s %*63s %x %*s %*s %*s %u %*s %" SCNu64, local, &row->state,
                     &user, &row->inode);
    row->user = user;
    return got == 4 && parse_address(local, &row->address);
}

static bool same_host(const struct address *a, const struct address *b)
{
    if (a->any.sa_family != b->any.sa_family)
        return false;
    if (a->any.sa_family == AF_INET)
        return a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
    return IN6_ARE_ADDR_EQUAL(&a->v6.sin6_addr, &b->v6.sin6_addr); // /proc tells no zone
}

bool holder_conflicts(const struct address *bound, const struct address *wanted)
{
    if (address_port(bound) != address_port(wanted))
        return false;
    if (bound->any.sa_family == wanted->any.sa_family)
        return address_is_wildcard(bound) || address_is_wildcard(wanted) ||
               same_host(bound, wanted);
    if (bound->any.sa_family != AF_INET6)
        return false;
    if (address_is_wildcard(bound))
        return true;
    const struct in6_addr *octets = &bound->v6.sin6_addr;
    return IN6_IS_ADDR_V4MAPPED(octets) &&
           (address_is_wildcard(wanted) ||
            memcmp(octets->s6_addr + 12, &wanted->v4.sin_addr, 4) == 0);
}

static bool is_own(const struct holder_own *own, uint64_t inode)
{
    for (size_t i = 0; i < own->count; i++)
        if (own->inodes[i] == inode)
            return true;
    return false;
}

static bool find_row(const char *path, const struct address *address, bool stream,
                     const struct holder_own *own, struct holder_row *row)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    bool found = false;
    char line[512];
    while (!found && fgets(line, sizeof line, file))
        found = holder_parse(line, row) && (!stream || row->state == STATE_LISTEN) &&
                row->inode != 0 && holder_conflicts(&row->address, address) &&
                !is_own(own, row->inode);
    fclose(file);
    return found;
}

// Does one of the descriptors of this process mean that socket?
static bool has_socket(const char *pid, uint64_t inode)
{
    char folder[64], wanted[64];
    snprintf(folder, sizeof folder, "/proc/%.20s/fd", pid);
    snprintf(wanted, sizeof wanted, "socket:[%" PRIu64 "]", inode);
    DIR *descriptors = opendir(folder);
    if (!descriptors)
        return false;
    bool found = false;
    for (struct dirent *entry; !found && (entry = readdir(descriptors));) {
        char link[64];
        ssize_t size = readlinkat(dirfd(descriptors), entry->d_name, link, sizeof link - 1);
        if (size < 0)
            continue;
        link[size] = 0;
        found = strcmp(link, wanted) == 0;
    }
    closedir(descriptors);
    return found;
}

static void read_name(const char *pid, char *name, size_t room)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%.20s/comm", pid);
    name[0] = 0;
    FILE *file = fopen(path, "re");
    if (!file)
        return;
    if (fgets(name, (int)room, file))
        name[strcspn(name, "\n")] = 0;
    fclose(file);
}

static void find_program(struct holder *holder)
{
    DIR *processes = opendir("/proc");
    if (!processes)
        return;
    for (struct dirent *entry; holder->pid == 0 && (entry = readdir(processes));) {
        if (entry->d_name[strspn(entry->d_name, "0123456789")] || !entry->d_name[0])
            continue;
        if (has_socket(entry->d_name, holder->inode)) {
            holder->pid = (pid_t)strtol(entry->d_name, NULL, 10);
            read_name(entry->d_name, holder->name, sizeof holder->name);
        }
    }
    closedir(processes);
}

bool holder_find(const struct address *address, bool stream, const struct holder_own *own,
                 struct holder *holder)
{
    static const char *const paths[2][2] = {{"/proc/net/udp", "/proc/net/udp6"},
                                            {"/proc/net/tcp", "/proc/net/tcp6"}};
    struct holder_row row;
    *holder = (struct holder){0};
    if (!find_row(paths[stream][0], address, stream, own, &row) &&
        !find_row(paths[stream][1], address, stream, own, &row))
        return false;
    holder->inode = row.inode;
    holder->user = row.user;
    find_program(holder);
    return true;
}
