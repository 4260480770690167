// The keys of the configuration: ONE table that checking, defaults, `config explain`, the JSON
// Schema, the sample file and the manual page are all made from.
//
// A path names a key: "log.level"; "listen[].port" is a key of each item of the list `listen`,
// "zones.*.file" one of each map in `zones`, whose keys are names. A new key is one word here, one
// row in schema.c, and one case wherever the compiler asks for it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum schema_key {
    KEY_ROOT, // the whole file
    KEY_VERSION,
    KEY_USER,
    KEY_WORKERS,
    KEY_STATE,
    KEY_CONTROL,
    KEY_IDENTITY,
    KEY_IDENTITY_NAME,
    KEY_IDENTITY_VERSION,
    KEY_IDENTITY_NSID,
    KEY_LISTEN,
    KEY_LISTEN_ADDR,
    KEY_LISTEN_PORT,
    KEY_LISTEN_KINDS,
    KEY_KEYS,
    KEY_KEYS_ALG,
    KEY_KEYS_SECRET,
    KEY_KEYS_BITS,
    KEY_ACCESS,
    KEY_ACCESS_RECURSE,
    KEY_ACCESS_TRANSFER,
    KEY_ACCESS_ECS,
    KEY_ANSWERS,
    KEY_ANSWERS_MINIMAL,
    KEY_ANSWERS_ROTATE,
    KEY_ZONES,
    KEY_ZONES_FILE,
    KEY_ZONES_ZONEMD,
    KEY_ZONES_ZONEMD_GENERATE,
    KEY_ZONES_FROM,
    KEY_ZONES_NOTIFY,
    KEY_ZONES_UPDATE,
    KEY_ZONES_UPDATE_BY,
    KEY_ZONES_UPDATE_NAMES,
    KEY_ZONES_UPDATE_TYPES,
    KEY_ZONES_UPDATE_ACME,
    KEY_ZONES_SERIAL,
    KEY_ZONES_CATALOG,
    KEY_ZONES_MEMBERS,
    KEY_ZONES_MEMBERS_ZONE,
    KEY_ZONES_MEMBERS_GROUPS,
    KEY_ZONES_MEMBERS_COO,
    KEY_ZONES_MEMBERS_RESET,
    KEY_ZONES_ROUTES,
    KEY_ZONE_FOLDERS,
    KEY_ZONE_FOLDERS_PATH,
    KEY_ZONE_FOLDERS_ZONEMD,
    KEY_ZONE_FOLDERS_NOTIFY,
    KEY_PLACES,
    KEY_PLACES_DATABASES,
    KEY_CHECKS,
    KEY_CHECKS_HTTP,
    KEY_CHECKS_HTTPS,
    KEY_CHECKS_TCP,
    KEY_CHECKS_SCRIPT,
    KEY_CHECKS_PORT,
    KEY_CHECKS_HOST,
    KEY_CHECKS_STATUS,
    KEY_CHECKS_TEXT,
    KEY_CHECKS_VERIFY,
    KEY_CHECKS_INTERVAL,
    KEY_CHECKS_TIMEOUT,
    KEY_CHECKS_RISE,
    KEY_CHECKS_FALL,
    KEY_RESOLVE,
    KEY_RESOLVE_DEFAULT,
    KEY_RESOLVE_DEFAULT_FORWARD,
    KEY_RESOLVE_HINTS,
    KEY_RESOLVE_HINTS_FILE,
    KEY_RESOLVE_ROOT_COPY,
    KEY_RESOLVE_ROOT_COPY_ZONEMD,
    KEY_RESOLVE_ZONES,
    KEY_RESOLVE_ZONES_FORWARD,
    KEY_RESOLVE_ZONES_ASK,
    KEY_RESOLVE_MINIMISE,
    KEY_RESOLVE_IPV4,
    KEY_RESOLVE_IPV6,
    KEY_RESOLVE_SPECIAL_NAMES,
    KEY_RESOLVE_NEVER_ASK,
    KEY_RESOLVE_QUIET,
    KEY_RESOLVE_PORT,
    KEY_RESOLVE_BUDGET,
    KEY_RESOLVE_BUDGET_PACKETS,
    KEY_RESOLVE_BUDGET_TIME,
    KEY_HOSTS,
    KEY_HOSTS_FILES,
    KEY_HOSTS_NAMES,
    KEY_HOSTS_DOMAIN,
    KEY_CACHE,
    KEY_CACHE_SIZE,
    KEY_CACHE_MIN_TTL,
    KEY_CACHE_MAX_TTL,
    KEY_CACHE_NEGATIVE_TTL,
    KEY_CACHE_STALE,
    KEY_CACHE_PREFETCH,
    KEY_CACHE_KEEP,
    KEY_VIEWS,
    KEY_VIEWS_MATCH,
    KEY_VIEWS_LISTEN,
    KEY_VIEWS_ZONES,
    KEY_VIEWS_RESOLVE,
    KEY_INCLUDE,
    KEY_HISTORY,
    KEY_HISTORY_KEEP,
    KEY_HISTORY_SIZE,
    KEY_LOG,
    KEY_LOG_LEVEL,
    KEY_LOG_QUERIES,
    KEY_COUNT,
};

enum schema_type {
    SCHEMA_MAP, // a map with the keys below this one; or one of `words`, if there are some
    SCHEMA_BOOL,
    SCHEMA_NUMBER,
    SCHEMA_TEXT,
    SCHEMA_PATH,
    SCHEMA_DURATION,
    SCHEMA_SIZE,
    SCHEMA_MEMORY,  // a size, or a share of this machine's memory: "25%"
    SCHEMA_WORD,    // one of `words`
    SCHEMA_HOST,    // an address or the name of an interface
    SCHEMA_ADDRESS, // an address without a port
    SCHEMA_SERVER,  // an address, with a port or without
    SCHEMA_REMOTE,  // such an address, and maybe key:NAME behind a blank
    SCHEMA_NETWORK, // loopback own unspecified multicast, an address, a prefix
    SCHEMA_ACCESS,  // localhost private any none, an address, a prefix, key:NAME
    SCHEMA_ZONE,    // the name of a zone
    SCHEMA_NSID,    // text, or 0x and hexadecimal digits
    SCHEMA_TREE,    // a map that is deeper than this table goes: whoever reads it checks it
};

enum schema_shape {
    SHAPE_ONE,
    SHAPE_LIST,  // a list; one scalar alone counts as a list of one
    SHAPE_NAMES, // a map whose keys are names; each has a map, or a list of scalars or one alone
};

struct schema_row {
    const char *path;
    enum schema_type type;
    enum schema_shape shape;
    // Numbers: the value. Texts and paths: octets. Durations: milliseconds. Sizes: octets.
    uint64_t least, most;
    const char *const *words; // SCHEMA_WORD, and maps that one word may stand for; ended by NULL
    const char *each;         // SHAPE_NAMES of maps: what one of them is, "zone"
    bool needed;              // its map must have it; a list that is there must have an item
    enum schema_key like;     // what stands in it is what this other key may have; or 0
    enum schema_key brief;    // lists of maps: a scalar stands for a map with this key alone; or 0
    bool one_key;             // its map must have one of its keys, and no other beside it
    bool each_file;        // said by each file about itself: not merged, not from the environment
    const char *fallback;  // the default as YAML, NULL: none
    const char *otherwise; // the default in words, where it is more than `fallback`; or NULL
    const char *help;      // one sentence
    const char *example;   // a value as YAML on one line
};

const struct schema_row *schema_row(enum schema_key key);
// What stands behind the last dot of the path.
const char *schema_name(enum schema_key key);
// The key below `parent` with this name; false: there is none. Below a list or a map of names: in
// each of its maps.
bool schema_child(enum schema_key parent, const char *name, enum schema_key *key)
    __attribute__((nonnull, warn_unused_result));
bool schema_is_child(enum schema_key parent, enum schema_key key);
// True for keys that may have one scalar at one place: those that the environment can set.
bool schema_is_single(enum schema_key key);
