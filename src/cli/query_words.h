// What `onym query` was asked for: its words and flags as a plan.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/arguments.h"
#include "cli/request.h"
#include "dns/name.h"

#define QUERY_TYPES_MAX 40 // of one call: each is a socket

enum query_part {
    PART_QUESTION = 1,
    PART_ANSWER = 2,
    PART_AUTHORITY = 4,
    PART_ADDITIONAL = 8,
    PART_COMMENTS = 16,
    PART_STATS = 32,
};

struct query_words {
    uint8_t name_wire[NAME_OCTETS_MAX];
    struct request request; // the name looks at name_wire; its type is that of nobody yet
    uint16_t types[QUERY_TYPES_MAX];
    size_t type_count;
    const char *server; // behind the @, NULL: none given
    uint16_t port;
    int family; // AF_UNSPEC, AF_INET, AF_INET6
    bool all;   // every common type: one listing for all of them
    bool fail;
    bool brief; // only the rdata
    bool json;
    bool tcp;
    bool ignore; // take a truncated reply as it is
    uint32_t time_ms;
    uint32_t tries;
    unsigned parts; // enum query_part: what is printed
};

// False: something is not understood, and was complained about.
bool query_words_read(struct query_words *query, const struct arguments *arguments)
    __attribute__((nonnull, warn_unused_result));
