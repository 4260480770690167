// Zones from text, for the tests of what answers from them.
#pragma once

#include "../dns/names.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "zone/check.h"
#include "zone/parse.h"
#include "zone/zone.h"

// What every zone begins with; its negative answers live for 300 s.
#define APEX                                                                                       \
    "@ 3600 SOA ns.invalid. admin.invalid. 7 7200 3600 1209600 300\n@ 3600 NS ns.invalid.\n"

// RFC 4592 2.2.1, in the zone example.
#define RFC4592                                                                                    \
    "@ 3600 SOA ns.example.com. admin.example.com. 7 7200 3600 1209600 300\n"                      \
    "@ 3600 NS ns.example.com.\n"                                                                  \
    "@ 3600 NS ns.example.net.\n"                                                                  \
    "* 3600 TXT \"this is a wildcard\"\n"                                                          \
    "* 3600 MX 10 host1.example.\n"                                                                \
    "sub.* 3600 TXT \"this is not a wildcard\"\n"                                                  \
    "host1 3600 A 192.0.2.1\n"                                                                     \
    "_ssh._tcp.host1 3600 SRV 0 0 22 host1\n"                                                      \
    "_ssh._tcp.host2 3600 SRV 0 0 22 host1\n"                                                      \
    "subdel 3600 NS ns.example.com.\n"                                                             \
    "subdel 3600 NS ns.example.net.\n"

// A node's name as text, in memory that the fourth call after it takes again.
static inline const char *node_text(const struct image *image, const struct node *node)
{
    static char texts[4][NAME_TEXT_MAX];
    static unsigned turn;
    uint8_t storage[NAME_OCTETS_MAX];
    char *text = texts[turn++ % 4];
    name_print(node_name(image, node, storage), text);
    return text;
}

// Reads, sorts and checks; the test fails if anything but warnings is told.
static inline void records_from_text(struct records *records, const char *origin, const char *text)
{
    static const struct parse_options parse = {.ttl_default = 3600};
    static const struct check_options check = {.strict = false};
    struct report report = {0};
    records_begin(records, name_of(origin));
    bool good = parse_text("test.zone", text, strlen(text), records, &parse, &report);
    records_sort(records);
    if (!good || !check_records(records, &check, &report)) {
        struct buffer problems = {0};
        report_write(&report, &problems, false);
        fail_msg("%s", buffer_text(&problems));
    }
    report_free(&report);
}

static inline struct zone *zone_from_text(const char *origin, const char *text)
{
    struct zone *zone = zone_empty(name_of(origin), "test.zone", ZONE_SERVED, NULL);
    struct records records;
    records_from_text(&records, origin, text);
    assert_int_equal(image_build(&records, &test_secret, &zone->image), 0);
    records_free(&records);
    return zone;
}
