// Records as lines of a zone file, in columns.
//
//   example.com.      300 IN A    192.0.2.1
//   www.example.com.   60 IN AAAA 2001:db8::1
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/type.h"

struct buffer;
struct response_record;

struct listing_line {
    char *owner;
    char *rdata;
    uint32_t ttl;
    char class[CLASS_TEXT_MAX];
    char type[TYPE_TEXT_MAX];
    char *unicode; // the owner as people write it, NULL: that is how it is written
};

struct listing {
    struct listing_line *lines;
    size_t count;
    size_t room;
    size_t owner_width, ttl_width, class_width, type_width;
    bool unicode; // say in a comment what an IDN means; set it before anything is added
};

void listing_free(struct listing *listing) __attribute__((nonnull));
void listing_add(struct listing *listing, const struct response_record *record)
    __attribute__((nonnull));
// The same unless there is such a line (of any TTL) already.
void listing_add_new(struct listing *listing, const struct response_record *record)
    __attribute__((nonnull));
// Prints `count` lines from `first` on, in columns that all lines of the listing fit in.
void listing_print(const struct listing *listing, size_t first, size_t count, struct buffer *to)
    __attribute__((nonnull));
