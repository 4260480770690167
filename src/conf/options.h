// What the configuration says, as values that the rooms take: the end of the way
//
//   file --syntax.c--> values with places --validate.c (by schema.c's table)--> what is wrong
//        --gather.c (includes, environment) and merge.c--> one tree --options.c, zones.c--> options
//
// Nobody below conf/ reads "the config"; daemon/house.c hands each room its part of this. All
// memory is owned by the struct and goes with options_free.
//
// Paths are as seen from the folder of the file that has them: absolute ones stay, others have that
// folder put in front, so they are relative only where the path given to options_read was.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/arena.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/report.h"
#include "crypto/mac.h"
#include "dns/delegation.h"
#include "dns/name.h"
#include "policy/places.h"
#include "policy/probe.h"
#include "zone/route.h"
#include "zone/serial.h"

enum listen_kind { LISTEN_UDP = 1, LISTEN_TCP = 2 };

// Where a value was written, for problems found after the file was read (port in use, zone file
// missing) and for `config show`. Line 0: `file` is the name of an environment variable, or NULL
// for a default.
struct option_place {
    const char *file; // one of options.files, or in options.memory
    uint32_t line, column;
};

struct listen_option {      // one address of one `listen` entry
    char *addr;             // as written: an address or an interface name
    bool is_interface;      // then the addresses are looked up when sockets are opened
    struct address address; // with the port; unset for an interface
    uint16_t port;          // default 53
    unsigned kinds;         // LISTEN_UDP | LISTEN_TCP
    struct option_place place;
};

struct remote_option {      // a server with which a zone is exchanged
    struct address address; // with its port
    bool keyed;
    size_t key; // that both sign with: its index in options.keys
    char *text; // as written
};

struct remotes_option {
    size_t count;
    struct remote_option list[];
};

struct update_option { // one entry of zones.*.update
    struct access_option *by;
    bool acme;
    struct name *names; // none: all of the zone
    size_t name_count;
    uint16_t *types; // none: all
    size_t type_count;
};
struct updates_option {
    size_t count;
    struct update_option list[];
};

struct zone_option {
    const uint8_t
        *wire; // a valid name, in options.memory: a million of 255 octets would be a waste
    uint8_t size, labels;
    bool zonemd;        // verify its digest (RFC 8976)
    uint8_t make;       // enum zonemd_hash: and make one
    uint8_t view;       // whose it is: 0 is everybody's, else 1 + its index in options.views
    bool from_folder;   // found in a zone folder; then `place` is that folder's entry in the file
    bool catalog;       // a list of zones (RFC 9432), taken from its primaries
    bool makes_catalog; // such a list of ours
    uint16_t member_of; // of a catalog: its number and one (daemon/cataloguing); 0: of none
    char *file;         // "": it has none
    const struct remotes_option *from;    // its primaries; NULL: it has none
    const struct remotes_option *notify;  // who is told of new versions; NULL: nobody
    const struct updates_option *updates; // who may change it; NULL: nobody
    enum serial_policy serials;
    struct option_place place;
};

struct member_option { // one entry of zones.*.members
    struct name zone;
    bool below; // all zones below that one, and not it
    const char **groups;
    size_t group_count;
    struct name coo; // the catalog that may have it from ours; size 0: none
    uint32_t reset;  // another number has it fetched anew everywhere
};

struct catalog_option { // one that we make
    struct name zone;
    uint8_t view;
    char *yaml; // its members as they were written, on one line; NULL: they were not
    struct member_option *list;
    size_t count;
};

// In the state folder: zones that were made by command. A folder of zones like those of the file.
#define ADDED_FOLDER "added"

struct folder_option { // one entry of zone_folders
    char *path;
    bool zonemd;                         // verify the digests of its zones
    const struct remotes_option *notify; // as in struct zone_option
    struct option_place place;
};

enum access_kind {
    ACCESS_PREFIX,
    ACCESS_LOCALHOST,
    ACCESS_PRIVATE,
    ACCESS_ANY,
    ACCESS_NONE, // the only one of its list
    ACCESS_KEY
};

struct key_option {      // one of `keys`
    char *name;          // as written
    const uint8_t *wire; // folded
    uint8_t size, labels;
    enum mac_kind kind;
    uint8_t mac_least; // octets of a MAC that are enough
    uint8_t *secret;
    size_t secret_size; // 0: it stands elsewhere, and was not looked for
    char *source;       // where it stands, as written; NULL: in place
    struct option_place place;
};

struct access_option { // one word of access.recurse or access.transfer
    enum access_kind kind;
    struct prefix prefix; // ACCESS_PREFIX
    size_t key;           // ACCESS_KEY: its index in options.keys
    char *text;           // as written
    struct option_place place;
};

enum network_kind {
    NETWORK_PREFIX,
    NETWORK_LOOPBACK,
    NETWORK_OWN,
    NETWORK_UNSPECIFIED,
    NETWORK_MULTICAST
};

struct network_option { // one word of resolve.never_ask
    enum network_kind kind;
    struct prefix prefix; // NETWORK_PREFIX
    char *text;           // as written
    struct option_place place;
};

struct address_list { // of servers: with port 0 where none is written
    struct address *some;
    size_t count;
};

struct named_option { // a name of resolve.hints, resolve.zones or hosts.names
    struct name name; // in options.memory
    struct address_list addresses;
    bool forward; // resolve.zones: they are resolvers, and do not have the zone themselves
    struct option_place place;
};

struct path_option {
    char *path;
    struct option_place place;
};

struct places_options {
    struct path_option *databases;
    size_t database_count;
    struct fact *facts; // what the routes ask; a fact's number is its index
    size_t fact_count;
    bool points; // a route asks for the nearest
};

struct check_option { // one of `checks`
    char *name;
    enum probe_kind kind;
    char *path;        // of the page, of the script; "" for TCP
    char *host, *text; // "" where nothing is said
    uint16_t port;     // 0: a script
    bool verify;
    uint16_t statuses[PROBE_STATUSES_MAX];
    uint16_t status_count; // 0: 200 to 399
    uint16_t rise, fall;
    uint32_t interval_ms, timeout_ms;
    char *yaml; // as it was written, on one line
    struct option_place place;
};

struct check_target_option { // an address that a route gives and a check looks after
    uint32_t check;          // index into options.checks
    struct address address;  // without a port
};

struct route_mark { // of a struct route_spec: where it was written
    uint8_t view;   // of its zone
    struct option_place place;
    struct option_place *rules; // of each
};

struct zone_routes_option { // zones.*.routes of one zone, as it was written
    struct name zone;
    uint8_t view;
    char *text; // YAML on one line
    struct option_place place;
};

struct routing_options {
    struct route_spec *routes; // their marks are struct route_mark
    size_t count;
    struct zone_routes_option *zones;
    size_t zone_count;
};

enum resolve_kind { RESOLVE_RECURSIVE, RESOLVE_NONE, RESOLVE_FORWARD };

struct resolve_options {
    enum resolve_kind otherwise;        // for names outside of `zones`
    struct address_list forward;        // RESOLVE_FORWARD
    struct named_option *hints, *zones; // no hints: the built-in ones; zones in canonical order
    size_t hint_count, zone_count;
    struct path_option root_copy; // path NULL: there is none
    bool root_copy_zonemd;
    char *hints_file;              // "": none
    struct delegation *file_hints; // what it has; NULL: not there, damaged, or not looked at
    bool minimise, ipv4, ipv6, special_names, quiet;
    struct network_option *never_ask;
    size_t never_ask_count;
    uint16_t port;
    uint32_t packets_max, time_max_ms;
};

struct hosts_options {
    struct path_option *files;
    size_t file_count;
    bool files_given; // by the file: then each should be there
    struct named_option *names;
    size_t name_count;
    struct name domain; // of the names in lease files
};

struct memory_options { // the cache
    uint64_t octets;    // 0: the share counts
    unsigned percent;   // of this machine's memory
    uint32_t min_ttl_s, max_ttl_s, negative_ttl_s, stale_s;
    bool prefetch, keep;
};

struct view_option { // one of `views`
    char *name;
    bool by_client; // `match` is given
    struct access_option *match;
    size_t match_count;
    struct address *listen; // port 0: any
    size_t listen_count;
    struct resolve_options resolve;
    char *yaml; // as it was written, on one line
    struct option_place place;
};

struct options {
    char *path;       // the file, NULL: none, all defaults
    char *user;       // NULL: stay who we are
    unsigned workers; // 0: one for each CPU of the affinity mask
    char *state;      // folder
    bool state_given; // by the file or the environment, not by default
    char *control;    // socket path, default already worked out
    struct {
        char *name, *version;   // NULL: not told
        uint8_t nsid[NSID_MAX]; // size 0: none
        size_t nsid_size;
    } identity;
    struct listen_option *listen;
    size_t listen_count;     // at least 1, at most LISTENERS_MAX
    struct key_option *keys; // by name, in canonical order
    size_t key_count;
    struct access_option *recurse, *transfer, *ecs;
    size_t recurse_count, transfer_count, ecs_count;
    struct {
        bool minimal, rotate;
    } answers;
    struct zone_option *zones; // by name in canonical order, then by view; folders already read
    size_t zone_count;
    struct catalog_option *catalogs; // that are made here
    size_t catalog_count;
    struct folder_option *zone_folders;
    size_t zone_folder_count;
    struct places_options places;
    struct check_option *checks;
    size_t check_count;
    struct check_target_option *targets; // a route's item names its target by index
    size_t target_count;
    struct routing_options routing;
    struct resolve_options resolve;
    struct view_option *views; // in the order of the file: the first that matches counts
    size_t view_count;
    struct hosts_options hosts;
    struct memory_options cache;
    uint64_t history_keep_s, history_size;
    struct {
        enum log_level level;
        bool queries;
    } log;
    char **files; // every file that was read, [0] the main one
    size_t file_count;
    struct option_place *origins; // for each row of schema.h's table: where its value was written
    struct arena memory;          // what all of the above points to
};

// Reads `path` and its includes (NULL: defaults only), the folders of zones, and the environment:
// ONYM_LOG__LEVEL=debug is log.level, for each key that has one plain value; $STATE_DIRECTORY is
// the default of `state`. Every problem goes to `report`. NULL: there were errors. The caller
// frees.
struct options *options_read(const char *path, struct report *report)
    __attribute__((nonnull(2), warn_unused_result));

// The same without the zones: for who only asks where something is. A million zones are not looked
// for, and what is wrong with them is not told.
struct options *options_read_without_zones(const char *path, struct report *report)
    __attribute__((nonnull(2), warn_unused_result));

// Reads a text alone. No file, no folder and no part of the environment is looked at, whatever the
// text says: `include` and `zone_folders` are checked as to their form and not followed. `path` is
// the text's name in problems and what relative paths are seen from.
struct options *options_read_text(const char *path, const char *text, size_t size,
                                  struct report *report)
    __attribute__((nonnull, warn_unused_result));

void options_free(struct options *options); // NULL is fine
