// The rows of zones and of folders with zones in the table of keys (schema.c).
#include "conf/schema_zones.h"

#include <limits.h>

#include "base/limits.h"
#include "conf/scalar.h"
#include "dns/type.h"
#include "zone/zonemd_hash.h"

#define ROW(key) ((key)-KEY_ZONES)

const struct schema_row schema_zone_rows[] = {
    [ROW(KEY_ZONES)] = {.path = "zones",
                        .type = SCHEMA_MAP,
                        .shape = SHAPE_NAMES,
                        .each = "zone",
                        .fallback = "{}",
                        .help = "The zones that onym answers for, by name.",
                        .example = "{\"example.test\": {file: example.test.zone}}"},

    [ROW(KEY_ZONES_FILE)] = {.path = "zones.*.file",
                             .type = SCHEMA_PATH,
                             .least = 1,
                             .most = PATH_MAX - 1,
                             .help = "The zone file (RFC 1035 5). A zone without one has 'from'.",
                             .example = "example.test.zone"},

    [ROW(KEY_ZONES_ZONEMD)] = {.path = "zones.*.zonemd",
                               .type = SCHEMA_BOOL,
                               .fallback = "false",
                               .help = "Serve it only if its ZONEMD record (RFC 8976) verifies it.",
                               .example = "true"},

    [ROW(KEY_ZONES_ZONEMD_GENERATE)] = {.path = "zones.*.zonemd_generate",
                                        .type = SCHEMA_WORD,
                                        .words = zonemd_hash_words,
                                        .fallback = "none",
                                        .help = "Make a ZONEMD record (RFC 8976) of each version, "
                                                "by this hash, in the place of any in the file.",
                                        .example = "sha384"},

    [ROW(KEY_ZONES_FROM)] = {.path = "zones.*.from",
                             .type = SCHEMA_REMOTE,
                             .shape = SHAPE_LIST,
                             .fallback = "[]",
                             .help =
                                 "Primaries that the zone is taken from (AXFR, IXFR), and by which "
                                 "key that is signed. The first that answers counts.",
                             .example = "[192.0.2.1, \"192.0.2.2 key:secondary1\"]"},

    [ROW(KEY_ZONES_NOTIFY)] = {.path = "zones.*.notify",
                               .type = SCHEMA_REMOTE,
                               .shape = SHAPE_LIST,
                               .fallback = "[]",
                               .help =
                                   "Secondaries that are told of new versions (RFC 1996), and by "
                                   "which key that is signed.",
                               .example = "[192.0.2.53, \"192.0.2.54:5353 key:secondary1\"]"},

    [ROW(KEY_ZONES_UPDATE)] =
        {.path = "zones.*.update",
         .type = SCHEMA_MAP,
         .shape = SHAPE_LIST,
         .brief = KEY_ZONES_UPDATE_BY,
         .fallback = "[]",
         .help = "Who may change the zone by UPDATE (RFC 2136). A key or an address alone may "
                 "change all of it. With 'from', updates are passed on to the primary.",
         .example = "[127.0.0.1, {by: \"key:secondary1\", acme: true}]"},

    [ROW(KEY_ZONES_UPDATE_BY)] = {.path = "zones.*.update[].by",
                                  .type = SCHEMA_ACCESS,
                                  .needed = true,
                                  .help =
                                      "Who: key:NAME, an address, a prefix, localhost, private.",
                                  .example = "\"key:secondary1\""},

    [ROW(KEY_ZONES_UPDATE_NAMES)] = {.path = "zones.*.update[].names",
                                     .type = SCHEMA_TEXT,
                                     .shape = SHAPE_LIST,
                                     .least = 1,
                                     .most = NAME_TEXT_MAX - 1,
                                     .fallback = "[]",
                                     .help =
                                         "Only these names; *.NAME is all that is below NAME. None "
                                         "given: all of the zone.",
                                     .example = "[\"*.dyn.example.test\"]"},

    [ROW(KEY_ZONES_UPDATE_TYPES)] = {.path = "zones.*.update[].types",
                                     .type = SCHEMA_TEXT,
                                     .shape = SHAPE_LIST,
                                     .least = 1,
                                     .most = TYPE_TEXT_MAX - 1,
                                     .fallback = "[]",
                                     .help = "Only records of these types. None given: all.",
                                     .example = "[A, AAAA, DHCID]"},

    [ROW(
        KEY_ZONES_UPDATE_ACME)] = {.path = "zones.*.update[].acme",
                                   .type = SCHEMA_BOOL,
                                   .fallback = "false",
                                   .help =
                                       "Only TXT records at names that begin with _acme-challenge, "
                                       "which is what a certificate needs.",
                                   .example = "true"},

    [ROW(
        KEY_ZONES_SERIAL)] = {.path = "zones.*.serial",
                              .type = SCHEMA_WORD,
                              .words = serial_policy_words,
                              .fallback = "increment",
                              .help =
                                  "The serial after a change that is not the file's: one more, the "
                                  "time, the date and a number (YYYYMMDDnn), or the same.",
                              .example = "date"},

    [ROW(KEY_ZONES_CATALOG)] = {.path = "zones.*.catalog",
                                .type = SCHEMA_BOOL,
                                .fallback = "false",
                                .help = "It is a catalog zone (RFC 9432): with 'from' the zones "
                                        "that it lists are taken from its primaries, too; "
                                        "without, it is made here, a list of our zones.",
                                .example = "true"},

    [ROW(KEY_ZONES_MEMBERS)] =
        {.path = "zones.*.members",
         .type = SCHEMA_MAP,
         .shape = SHAPE_LIST,
         .brief = KEY_ZONES_MEMBERS_ZONE,
         .fallback = "[]",
         .help = "What a catalog of ours lists: zones by name; the first entry that fits one "
                 "counts. None given: every zone with a file.",
         .example = "[\"example.test\", {zone: \"*.customers.test\", groups: [signed]}]"},

    [ROW(KEY_ZONES_MEMBERS_ZONE)] = {.path = "zones.*.members[].zone",
                                     .type = SCHEMA_TEXT,
                                     .least = 1,
                                     .most = NAME_TEXT_MAX - 1,
                                     .needed = true,
                                     .help = "The zone; *.NAME is every zone below NAME.",
                                     .example = "\"example.test\""},

    [ROW(KEY_ZONES_MEMBERS_GROUPS)] =
        {.path = "zones.*.members[].groups",
         .type = SCHEMA_TEXT,
         .shape = SHAPE_LIST,
         .least = 1,
         .most = 255,
         .fallback = "[]",
         .help = "What secondaries may do differently with it (RFC 9432 4.3.2), in words that they "
                 "know.",
         .example = "[signed]"},

    [ROW(KEY_ZONES_MEMBERS_COO)] = {.path = "zones.*.members[].coo",
                                    .type = SCHEMA_TEXT,
                                    .least = 1,
                                    .most = NAME_TEXT_MAX - 1,
                                    .help = "The catalog to which it is about to move (RFC 9432 "
                                            "4.3.1): secondaries then keep what they have of it.",
                                    .example = "\"other.example\""},

    [ROW(KEY_ZONES_MEMBERS_RESET)] = {.path = "zones.*.members[].reset",
                                      .type = SCHEMA_NUMBER,
                                      .most = UINT32_MAX,
                                      .fallback = "0",
                                      .help = "Another number gives it another id: secondaries "
                                              "forget it and fetch it anew (RFC 9432 5.4).",
                                      .example = "1"},

    [ROW(KEY_ZONES_ROUTES)] = {.path = "zones.*.routes",
                               .type = SCHEMA_TREE,
                               .help =
                                   "What names of the zone have for clients of different places "
                                   "(docs/places.md).",
                               .example = "{\"www\": {A: [{give: [192.0.2.1, 192.0.2.2]}]}}"},

    [ROW(KEY_ZONE_FOLDERS)] =
        {.path = "zone_folders",
         .type = SCHEMA_MAP,
         .shape = SHAPE_LIST,
         .brief = KEY_ZONE_FOLDERS_PATH,
         .fallback = "[]",
         .help = "Folders in which each file NAME.zone or NAME is a zone; not files "
                 "that begin with '.' or end with '~'. A path alone is enough.",
         .example = "[/etc/onym/zones, {path: /etc/onym/verified, zonemd: true}]"},

    [ROW(KEY_ZONE_FOLDERS_PATH)] = {.path = "zone_folders[].path",
                                    .type = SCHEMA_PATH,
                                    .least = 1,
                                    .most = PATH_MAX - 1,
                                    .needed = true,
                                    .help = "The folder.",
                                    .example = "/etc/onym/zones"},

    [ROW(KEY_ZONE_FOLDERS_ZONEMD)] = {.path = "zone_folders[].zonemd",
                                      .type = SCHEMA_BOOL,
                                      .fallback = "false",
                                      .help =
                                          "Serve a zone of this folder only if its ZONEMD record "
                                          "(RFC 8976) verifies it.",
                                      .example = "true"},

    [ROW(KEY_ZONE_FOLDERS_NOTIFY)] = {.path = "zone_folders[].notify",
                                      .type = SCHEMA_REMOTE,
                                      .shape = SHAPE_LIST,
                                      .fallback = "[]",
                                      .help = "Secondaries that are told of new versions of this "
                                              "folder's zones.",
                                      .example = "[192.0.2.53]"},
};
