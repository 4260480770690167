// Finding the name server (nameserver.h).
#include "cli/nameserver.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/exit.h"
#include "cli/output.h"

// resolv.conf(5): "nameserver ADDRESS" at the start of a line.
static char *read_default(const char *resolv_conf)
{
    FILE *file = fopen(resolv_conf, "re");
    char *line = NULL, *found = NULL;
    size_t room = 0;
    while (file && !found && getline(&line, &room, file) >= 0) {
        char *word = strtok(line, " \t\n");
        if (!word || strcmp(word, "nameserver") != 0)
            continue;
        struct address address;
        word = strtok(NULL, " \t\n");
        if (word && address_parse(word, 53, &address))
            found = memory_copy_text(word);
    }
    free(line);
    if (file)
        fclose(file);
    return found ? found : memory_copy_text("127.0.0.1");
}

static void take(struct nameserver *nameserver, const struct addrinfo *info, uint16_t port)
{
    if (nameserver->count == NAMESERVER_ADDRESSES_MAX ||
        info->ai_addrlen > sizeof(struct sockaddr_in6))
        return;
    struct address *address = &nameserver->addresses[nameserver->count++];
    memcpy(&address->any, info->ai_addr, info->ai_addrlen);
    address->size = info->ai_addrlen;
    address_set_port(address, port);
}

// "name" or "name:port".
static int look_up(struct nameserver *nameserver, uint16_t port, int family)
{
    char *host = memory_copy_text(nameserver->text);
    char *colon = strrchr(host, ':');
    if (colon) {
        char *end;
        unsigned long number = strtoul(colon + 1, &end, 10);
        if (end == colon + 1 || *end || number == 0 || number > UINT16_MAX) {
            output_complain(NULL, "'%s' is neither an address nor a name, with or without :PORT",
                            nameserver->text);
            free(host);
            return EXIT_USAGE;
        }
        *colon = 0;
        port = (uint16_t)number;
    }
    struct addrinfo *list = NULL, hints = {.ai_family = family, .ai_socktype = SOCK_DGRAM};
    int error = getaddrinfo(host, NULL, &hints, &list);
    free(host);
    if (error) {
        output_complain(NULL, "cannot find the address of server '%s': %s", nameserver->text,
                        gai_strerror(error));
        return EXIT_UNREACHABLE;
    }
    for (const struct addrinfo *info = list; info; info = info->ai_next)
        take(nameserver, info, port);
    freeaddrinfo(list);
    return nameserver->count > 0 ? EXIT_OK : EXIT_UNREACHABLE;
}

int nameserver_find(struct nameserver *nameserver, const char *text, const char *resolv_conf,
                    uint16_t port, int family)
{
    *nameserver = (struct nameserver){0};
    nameserver->text = text ? memory_copy_text(text) : read_default(resolv_conf);
    if (address_parse(nameserver->text, port, &nameserver->addresses[0])) {
        nameserver->count = 1;
        return EXIT_OK;
    }
    return look_up(nameserver, port, family);
}

void nameserver_free(struct nameserver *nameserver)
{
    free(nameserver->text);
    *nameserver = (struct nameserver){0};
}
