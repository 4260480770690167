// Is this a zone that can be served? One verdict, the same for the server and for `onym zone
// check`.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/report.h"
#include "zone/parse.h"
#include "zone/records.h"
#include "zone/zonemd.h"

// Of what a file's text comes to: the records, or whether it is a zone at all. Another number
// whenever parser or checks come to something else for any text: images of another one are not
// used.
#define PARSER_VERSION 1

struct judge_options {
    bool strict;                     // warnings are errors
    struct parse_progress *progress; // may be NULL
    unsigned threads;                // that a large file is read by; 0 or 1: the caller's alone
    const char *octets;              // read these instead of the file; NULL: the file
    size_t size;
    enum zonemd_verdict *zonemd; // verify its digest, and say here what came of it; NULL: do not
};

// Reads, sorts and checks the file of the zone whose records were begun; every problem goes to
// `report`. True: it can be served, and image_build may have the records.
bool judge_zone(const char *path, struct records *records, const struct judge_options *options,
                struct report *report) __attribute__((nonnull, warn_unused_result));
