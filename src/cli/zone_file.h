// A zone file, read and checked without a server: its records in canonical order.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/report.h"
#include "dns/name.h"
#include "zone/judge.h"
#include "zone/records.h"

struct zone_file {
    char *octets; // of stdin, else NULL
    size_t size;
    uint8_t origin_wire[NAME_OCTETS_MAX];
    struct name origin;
    struct records records; // sorted; without duplicates if `good`
    bool good;              // no error: a server would serve it
    enum zonemd_verdict zonemd;
    uint32_t load_ms;
};

// The zone's name: `origin` if it is not NULL; else what the file says by $ORIGIN and its SOA, else
// what its own name says. `path` "-" is stdin. False: it stays unknown, or `origin` is none; it was
// complained about. The caller frees in any case.
bool zone_file_find_origin(struct zone_file *file, const char *path, const char *origin)
    __attribute__((nonnull(1, 2), warn_unused_result));

enum zone_file_flag {
    ZONE_FILE_STRICT = 1, // warnings become errors
    ZONE_FILE_ZONEMD = 2, // verify the zone's digest (RFC 8976)
};

// Reads the file of the zone that is in `origin`; every problem goes to `report`. The caller frees
// in any case.
void zone_file_read(struct zone_file *file, const char *path, unsigned flags, struct report *report)
    __attribute__((nonnull));
void zone_file_free(struct zone_file *file) __attribute__((nonnull));
