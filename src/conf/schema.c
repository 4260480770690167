// The table of keys (schema.h) and the ways into it. The zones' rows are in schema_zones.c.
//
// Rules for a row, each of which a test looks at: a parent stands before its children; no key and
// no word is one of on off yes no y n true false null, which YAML 1.1 tools turn into something
// else; the default and the example pass their own row's check.
#include "conf/schema.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "conf/scalar.h"
#include "conf/schema_zones.h"

#define TXT_STRING_MAX                                                                             \
    255 // one character-string (RFC 1035 3.3): id.server. and version.bind. are one

#define CHECK_TEXT_MAX 1000 // all texts of a check fit one message to the checker

#define HOUR ((uint64_t)3600 * 1000) // in milliseconds, as durations are
#define DAY  (24 * HOUR)

static const char *const kind_words[] = {"udp", "tcp", NULL};
static const char *const default_words[] = {"recursive", "none", NULL};
static const char *const algorithm_words[] = {
    "hmac-sha256", "hmac-sha512", "hmac-sha384", "hmac-sha224", "hmac-sha1", "hmac-md5", NULL};
static const char *const level_words[] = {"error", "warning", "info", "debug", NULL};

static const struct schema_row rows[KEY_COUNT] = {
    [KEY_ROOT] = {.path = "",
                  .type = SCHEMA_MAP,
                  .help = "The configuration of onym, in YAML; every key may be left out."},

    [KEY_VERSION] = {.path = "version",
                     .type = SCHEMA_NUMBER,
                     .least = 1,
                     .most = 1,
                     .each_file = true,
                     .fallback = "1",
                     .help = "The version of the configuration's language; there is one so far.",
                     .example = "1"},

    [KEY_USER] = {.path = "user",
                  .type = SCHEMA_TEXT,
                  .least = 1,
                  .most = 255,
                  .otherwise = "the user who started onym",
                  .help = "The user to become once the sockets are open.",
                  .example = "onym"},

    [KEY_WORKERS] = {.path = "workers",
                     .type = SCHEMA_NUMBER,
                     .most = WORKERS_MAX,
                     .fallback = "0",
                     .help = "The threads that answer queries; 0 is one for each CPU.",
                     .example = "4"},

    [KEY_STATE] = {.path = "state",
                   .type = SCHEMA_PATH,
                   .least = 1,
                   .most = PATH_MAX - 1,
                   .fallback = "/var/lib/onym",
                   .otherwise = "$STATE_DIRECTORY, else /var/lib/onym",
                   .help =
                       "The folder for what onym itself keeps: a secret, and images of zones that "
                       "make the next start fast.",
                   .example = "/var/lib/onym"},

    [KEY_CONTROL] = {.path = "control",
                     .type = SCHEMA_PATH,
                     .least = 1,
                     .most = PATH_MAX - 1,
                     .fallback = "/run/onym/ctl",
                     .otherwise = "ctl inside of state if that is given, else /run/onym/ctl",
                     .help = "The socket that commands like 'onym ctl' speak to.",
                     .example = "/run/onym/ctl"},

    [KEY_IDENTITY] = {.path = "identity",
                      .type = SCHEMA_MAP,
                      .help = "What onym tells about itself to those who ask.",
                      .example = "{name: ns1.example.test, nsid: ns1}"},

    [KEY_IDENTITY_NAME] = {.path = "identity.name",
                           .type = SCHEMA_TEXT,
                           .most = TXT_STRING_MAX,
                           .otherwise = "not told",
                           .help = "The answer to id.server. and hostname.bind. (RFC 4892).",
                           .example = "ns1.example.test"},

    [KEY_IDENTITY_VERSION] = {.path = "identity.version",
                              .type = SCHEMA_TEXT,
                              .most = TXT_STRING_MAX,
                              .otherwise = "not told",
                              .help = "The answer to version.server. and version.bind.",
                              .example = "onym"},

    [KEY_IDENTITY_NSID] = {.path = "identity.nsid",
                           .type = SCHEMA_NSID,
                           .least = 1,
                           .most = NSID_MAX,
                           .otherwise = "not told",
                           .help = "The name server identifier (RFC 5001).",
                           .example = "ns1"},

    [KEY_LISTEN] = {.path = "listen",
                    .type = SCHEMA_MAP,
                    .shape = SHAPE_LIST,
                    .needed = true,
                    .fallback = "[{addr: [127.0.0.1, \"::1\"]}]",
                    .help = "Where queries come in.",
                    .example =
                        "[{addr: [192.0.2.53, \"2001:db8::53\"]}, {addr: eth0, port: 5300}]"},

    [KEY_LISTEN_ADDR] = {.path = "listen[].addr",
                         .type = SCHEMA_HOST,
                         .shape = SHAPE_LIST,
                         .needed = true,
                         .help = "An address, or an interface for all of its addresses, or a list.",
                         .example = "[127.0.0.1, \"::1\", eth0]"},

    [KEY_LISTEN_PORT] = {.path = "listen[].port",
                         .type = SCHEMA_NUMBER,
                         .least = 1,
                         .most = UINT16_MAX,
                         .fallback = "53",
                         .help = "The port.",
                         .example = "5300"},

    [KEY_LISTEN_KINDS] = {.path = "listen[].kinds",
                          .type = SCHEMA_WORD,
                          .shape = SHAPE_LIST,
                          .words = kind_words,
                          .needed = true,
                          .fallback = "[udp, tcp]",
                          .help =
                              "The transports. A server for the public needs both (RFC 7766 5).",
                          .example = "[udp, tcp]"},

    [KEY_KEYS] = {.path = "keys",
                  .type = SCHEMA_MAP,
                  .shape = SHAPE_NAMES,
                  .each = "key",
                  .fallback = "{}",
                  .help =
                      "Secrets that sign requests and replies (TSIG, RFC 8945), by their names. "
                      "Lists of who may do what name one as key:NAME.",
                  .example = "{secondary1: {secret: \"file:secondary1.secret\"}}"},

    [KEY_KEYS_ALG] = {.path = "keys.*.alg",
                      .type = SCHEMA_WORD,
                      .words = algorithm_words,
                      .fallback = "hmac-sha256",
                      .help = "The algorithm; both sides must name the same.",
                      .example = "hmac-sha512"},

    [KEY_KEYS_SECRET] =
        {.path = "keys.*.secret",
         .type = SCHEMA_TEXT,
         .least = 1,
         .most = 1024,
         .needed = true,
         .help = "The secret in base64; or where it stands: file:PATH, cred:NAME (systemd's "
                 "LoadCredential=), env:VARIABLE.",
         .example = "\"file:secondary1.secret\""},

    [KEY_KEYS_BITS] = {.path = "keys.*.bits",
                       .type = SCHEMA_NUMBER,
                       .most = 512,
                       .fallback = "0",
                       .help = "How many bits of a signature are enough, where a client cuts them; "
                               "0: all.",
                       .example = "128"},

    [KEY_ACCESS] = {.path = "access",
                    .type = SCHEMA_MAP,
                    .help = "Who may do what; for what is not a matter of single zones.",
                    .example = "{recurse: [localhost, 192.0.2.0/24]}"},

    [KEY_ACCESS_RECURSE] = {.path = "access.recurse",
                            .type = SCHEMA_ACCESS,
                            .shape = SHAPE_LIST,
                            .fallback = "[localhost, private]",
                            .help = "Who may ask for names that are not in our zones.",
                            .example = "[localhost, 192.0.2.0/24, \"2001:db8::/32\"]"},

    [KEY_ACCESS_TRANSFER] = {.path = "access.transfer",
                             .type = SCHEMA_ACCESS,
                             .shape = SHAPE_LIST,
                             .fallback = "[]",
                             .help = "Who may have whole zones (AXFR, IXFR).",
                             .example = "[192.0.2.54, \"key:secondary1\"]"},

    [KEY_ACCESS_ECS] = {.path = "access.ecs",
                        .type = SCHEMA_ACCESS,
                        .shape = SHAPE_LIST,
                        .fallback = "[]",
                        .help = "Whose client-subnet option (RFC 7871) is believed: resolvers that "
                                "tell where their clients are.",
                        .example = "[localhost, 198.51.100.0/24]"},

    [KEY_ANSWERS] = {.path = "answers",
                     .type = SCHEMA_MAP,
                     .help = "How answers are made up.",
                     .example = "{minimal: false}"},

    [KEY_ANSWERS_MINIMAL] = {.path = "answers.minimal",
                             .type = SCHEMA_BOOL,
                             .fallback = "true",
                             .help = "Leave out records that no one asked for and no one needs.",
                             .example = "false"},

    [KEY_ANSWERS_ROTATE] = {.path = "answers.rotate",
                            .type = SCHEMA_BOOL,
                            .fallback = "true",
                            .help = "Begin the records of a set with another one in each answer.",
                            .example = "false"},

    [KEY_PLACES] = {.path = "places",
                    .type = SCHEMA_MAP,
                    .help = "Where clients are, for the routes of zones.",
                    .example = "{databases: [country.mmdb, asn.mmdb]}"},

    [KEY_PLACES_DATABASES] = {.path = "places.databases",
                              .type = SCHEMA_PATH,
                              .shape = SHAPE_LIST,
                              .least = 1,
                              .most = PATH_MAX - 1,
                              .fallback = "[]",
                              .help = "Databases (MMDB) of countries, cities or autonomous "
                                      "systems. Of two that say the same kind of thing of an "
                                      "address the first counts. One that is replaced is read "
                                      "anew.",
                              .example = "[country.mmdb, city.mmdb, asn.mmdb]"},

    [KEY_CHECKS] = {.path = "checks",
                    .type = SCHEMA_MAP,
                    .shape = SHAPE_NAMES,
                    .each = "check",
                    .fallback = "{}",
                    .help = "How addresses of routes are looked after, by name; a rule names one "
                            "as its 'check'. Each says one of http, https, tcp, script.",
                    .example = "{web: {http: \"/health\", interval: 5s}}"},

    [KEY_CHECKS_HTTP] = {.path = "checks.*.http",
                         .type = SCHEMA_TEXT,
                         .least = 1,
                         .most = CHECK_TEXT_MAX,
                         .help = "The path of a page, asked for over HTTP.",
                         .example = "\"/health\""},

    [KEY_CHECKS_HTTPS] = {.path = "checks.*.https",
                          .type = SCHEMA_TEXT,
                          .least = 1,
                          .most = CHECK_TEXT_MAX,
                          .help = "The path of a page, asked for over HTTPS.",
                          .example = "\"/health\""},

    [KEY_CHECKS_TCP] = {.path = "checks.*.tcp",
                        .type = SCHEMA_NUMBER,
                        .least = 1,
                        .most = UINT16_MAX,
                        .help = "The port of a TCP connection, which is enough.",
                        .example = "5432"},

    [KEY_CHECKS_SCRIPT] = {.path = "checks.*.script",
                           .type = SCHEMA_PATH,
                           .least = 1,
                           .most = CHECK_TEXT_MAX,
                           .help = "A program that gets the address as its argument and ends with "
                                   "0 if all is well.",
                           .example = "/usr/local/bin/check"},

    [KEY_CHECKS_PORT] = {.path = "checks.*.port",
                         .type = SCHEMA_NUMBER,
                         .least = 1,
                         .most = UINT16_MAX,
                         .otherwise = "80 for http, 443 for https",
                         .help = "The port of the page.",
                         .example = "8080"},

    [KEY_CHECKS_HOST] = {.path = "checks.*.host",
                         .type = SCHEMA_TEXT,
                         .least = 1,
                         .most = 255,
                         .otherwise = "the address",
                         .help = "The host that the page is asked of.",
                         .example = "www.example.test"},

    [KEY_CHECKS_STATUS] = {.path = "checks.*.status",
                           .type = SCHEMA_NUMBER,
                           .shape = SHAPE_LIST,
                           .least = 100,
                           .most = 599,
                           .needed = true,
                           .otherwise = "200 to 399",
                           .help = "The statuses that are good.",
                           .example = "[200, 204]"},

    [KEY_CHECKS_TEXT] = {.path = "checks.*.text",
                         .type = SCHEMA_TEXT,
                         .least = 1,
                         .most = CHECK_TEXT_MAX,
                         .otherwise = "any page will do",
                         .help = "What must stand in the page's first 64 KiB.",
                         .example = "ready"},

    [KEY_CHECKS_VERIFY] = {.path = "checks.*.verify",
                           .type = SCHEMA_BOOL,
                           .fallback = "false",
                           .help = "Whether the certificate must be good for the host.",
                           .example = "true"},

    [KEY_CHECKS_INTERVAL] = {.path = "checks.*.interval",
                             .type = SCHEMA_DURATION,
                             .least = 500,
                             .most = DAY,
                             .fallback = "10s",
                             .help = "The time from one check to the next.",
                             .example = "5s"},

    [KEY_CHECKS_TIMEOUT] = {.path = "checks.*.timeout",
                            .type = SCHEMA_DURATION,
                            .least = 50,
                            .most = 60 * 1000,
                            .fallback = "2s",
                            .help = "A check that takes longer is bad; a script is killed then.",
                            .example = "1s"},

    [KEY_CHECKS_RISE] = {.path = "checks.*.rise",
                         .type = SCHEMA_NUMBER,
                         .least = 1,
                         .most = 1000,
                         .fallback = "2",
                         .help = "Good checks in a row until an address that was down is up.",
                         .example = "3"},

    [KEY_CHECKS_FALL] = {.path = "checks.*.fall",
                         .type = SCHEMA_NUMBER,
                         .least = 1,
                         .most = 1000,
                         .fallback = "3",
                         .help = "Bad checks in a row until an address that was up is down.",
                         .example = "2"},

    [KEY_RESOLVE] = {.path = "resolve",
                     .type = SCHEMA_MAP,
                     .help = "How names are found that are not in our zones, for those whom "
                             "access.recurse allows to ask.",
                     .example = "{default: {forward: [192.0.2.53]}}"},

    [KEY_RESOLVE_DEFAULT] = {.path = "resolve.default",
                             .type = SCHEMA_MAP,
                             .words = default_words,
                             .one_key = true,
                             .fallback = "recursive",
                             .help = "recursive asks the servers of the names, from the root down; "
                                     "none asks nobody; or other resolvers are asked.",
                             .example = "{forward: [10.0.0.53, \"10.0.0.54:5353\"]}"},

    [KEY_RESOLVE_DEFAULT_FORWARD] = {.path = "resolve.default.forward",
                                     .type = SCHEMA_SERVER,
                                     .shape = SHAPE_LIST,
                                     .needed = true,
                                     .help = "The resolvers that are asked for every name.",
                                     .example = "[10.0.0.53, \"10.0.0.54:5353\"]"},

    [KEY_RESOLVE_HINTS] = {.path = "resolve.hints",
                           .type = SCHEMA_SERVER,
                           .shape = SHAPE_NAMES,
                           .needed = true,
                           .fallback = "{}",
                           .otherwise = "the thirteen root servers of the Internet",
                           .help = "The root servers to begin at, by name (RFC 9609).",
                           .example = "{\"k.root-servers.net\": [193.0.14.129]}"},

    [KEY_RESOLVE_HINTS_FILE] = {.path = "resolve.hints_file",
                                .type = SCHEMA_PATH,
                                .most = PATH_MAX - 1,
                                .fallback = "/usr/share/dns/root.hints",
                                .help = "Where the system keeps them up to date (Debian's "
                                        "dns-root-data): used if it is there and can be read, else "
                                        "the built-in ones are. Empty: it is not looked at.",
                                .example = "/etc/onym/named.root"},

    [KEY_RESOLVE_ROOT_COPY] = {.path = "resolve.root_copy",
                               .type = SCHEMA_PATH,
                               .least = 1,
                               .most = PATH_MAX - 1,
                               .otherwise = "none",
                               .help = "A file with the root zone, as from "
                                       "https://www.internic.net/domain/root.zone: walks begin in "
                                       "it and not at a root server (RFC 8806), until it is older "
                                       "than its SOA's expire. One that changes is read anew.",
                               .example = "/var/lib/onym/root.zone"},

    [KEY_RESOLVE_ROOT_COPY_ZONEMD] = {.path = "resolve.root_copy_zonemd",
                                      .type = SCHEMA_BOOL,
                                      .fallback = "true",
                                      .help = "The copy's digest (RFC 8976) must be right.",
                                      .example = "false"},

    [KEY_RESOLVE_ZONES] = {.path = "resolve.zones",
                           .type = SCHEMA_MAP,
                           .shape = SHAPE_NAMES,
                           .each = "zone",
                           .one_key = true,
                           .fallback = "{}",
                           .help = "Names that are asked for elsewhere, with all below them.",
                           .example = "{\"corp.test\": {forward: 10.0.0.53}, "
                                      "\"stub.test\": {ask: 10.0.0.54}}"},

    [KEY_RESOLVE_ZONES_FORWARD] = {.path = "resolve.zones.*.forward",
                                   .type = SCHEMA_SERVER,
                                   .shape = SHAPE_LIST,
                                   .needed = true,
                                   .help = "Resolvers, which do the rest themselves.",
                                   .example = "[10.0.0.53, \"10.0.0.54:5353\"]"},

    [KEY_RESOLVE_ZONES_ASK] = {.path = "resolve.zones.*.ask",
                               .type = SCHEMA_SERVER,
                               .shape = SHAPE_LIST,
                               .needed = true,
                               .help = "Servers that have the zone.",
                               .example = "[10.0.0.54]"},

    [KEY_RESOLVE_MINIMISE] = {.path = "resolve.minimise",
                              .type = SCHEMA_BOOL,
                              .fallback = "true",
                              .help = "Tell each server only as much of a name as it needs to know "
                                      "(RFC 9156).",
                              .example = "false"},

    [KEY_RESOLVE_IPV4] = {.path = "resolve.ipv4",
                          .type = SCHEMA_BOOL,
                          .fallback = "true",
                          .help = "Ask servers over IPv4.",
                          .example = "false"},

    [KEY_RESOLVE_IPV6] = {.path = "resolve.ipv6",
                          .type = SCHEMA_BOOL,
                          .fallback = "true",
                          .help = "Ask servers over IPv6.",
                          .example = "false"},

    [KEY_RESOLVE_SPECIAL_NAMES] = {.path = "resolve.special_names",
                                   .type = SCHEMA_BOOL,
                                   .fallback = "true",
                                   .help = "Answer localhost, invalid, home.arpa, reverse names of "
                                           "private addresses and their like here (RFC 6761, RFC "
                                           "6303), and ask nobody about them.",
                                   .example = "false"},

    [KEY_RESOLVE_NEVER_ASK] = {.path = "resolve.never_ask",
                               .type = SCHEMA_NETWORK,
                               .shape = SHAPE_LIST,
                               .fallback = "[loopback, own, unspecified, multicast]",
                               .help = "Where no server of a name is looked for, whatever a zone "
                                       "says; own is this machine. Servers that stand in this file "
                                       "may be anywhere.",
                               .example = "[loopback, own, unspecified, multicast, 10.0.0.0/8]"},

    [KEY_RESOLVE_QUIET] = {.path = "resolve.quiet",
                           .type = SCHEMA_BOOL,
                           .fallback = "false",
                           .help = "Ask nothing of our own accord: no answer is fetched again "
                                   "before it expires, and no server is tried.",
                           .example = "true"},

    [KEY_RESOLVE_PORT] = {.path = "resolve.port",
                          .type = SCHEMA_NUMBER,
                          .least = 1,
                          .most = UINT16_MAX,
                          .fallback = "53",
                          .help = "The port of servers for which none is written.",
                          .example = "5300"},

    [KEY_RESOLVE_BUDGET] = {.path = "resolve.budget",
                            .type = SCHEMA_MAP,
                            .help = "What one question may cost; past it the answer is SERVFAIL.",
                            .example = "{packets: 60, time: 7s}"},

    [KEY_RESOLVE_BUDGET_PACKETS] = {.path = "resolve.budget.packets",
                                    .type = SCHEMA_NUMBER,
                                    .least = 5,
                                    .most = 1000,
                                    .fallback = "60",
                                    .help = "Queries to other servers.",
                                    .example = "100"},

    [KEY_RESOLVE_BUDGET_TIME] = {.path = "resolve.budget.time",
                                 .type = SCHEMA_DURATION,
                                 .least = 500,
                                 .most = 60 * 1000,
                                 .fallback = "7s",
                                 .help = "Time until the client is told that there is no answer.",
                                 .example = "5s"},

    [KEY_HOSTS] = {.path = "hosts",
                   .type = SCHEMA_MAP,
                   .help = "Names of this neighbourhood, answered to those whom access.recurse "
                           "allows to ask, and their addresses backwards.",
                   .example = "{names: {\"nas.home.arpa\": [192.168.1.5]}}"},

    [KEY_HOSTS_FILES] = {.path = "hosts.files",
                         .type = SCHEMA_PATH,
                         .shape = SHAPE_LIST,
                         .least = 1,
                         .most = PATH_MAX - 1,
                         .fallback = "[/etc/hosts]",
                         .help = "Files in the form of /etc/hosts, and lease files of dnsmasq, Kea "
                                 "and ISC dhcpd. What changes in them counts at once.",
                         .example = "[/etc/hosts, /var/lib/misc/dnsmasq.leases]"},

    [KEY_HOSTS_NAMES] = {.path = "hosts.names",
                         .type = SCHEMA_ADDRESS,
                         .shape = SHAPE_NAMES,
                         .needed = true,
                         .fallback = "{}",
                         .help = "Names and their addresses.",
                         .example = "{\"nas.home.arpa\": [192.168.1.5, \"fd00::5\"]}"},

    [KEY_HOSTS_DOMAIN] = {.path = "hosts.domain",
                          .type = SCHEMA_ZONE,
                          .fallback = "home.arpa",
                          .help = "The domain of the names in lease files; they have none in "
                                  "others, as clients choose them.",
                          .example = "lan.example"},

    [KEY_CACHE] = {.path = "cache",
                   .type = SCHEMA_MAP,
                   .help = "What is remembered of other servers' answers.",
                   .example = "{size: 1GiB, stale: 3d}"},

    [KEY_CACHE_SIZE] = {.path = "cache.size",
                        .type = SCHEMA_MEMORY,
                        .least = CACHE_OCTETS_MIN,
                        .most = CACHE_OCTETS_MAX,
                        .fallback = "256MiB",
                        .help = "The most memory for it. A share is one of the memory that this "
                                "machine has, or that its control group may use.",
                        .example = "25%"},

    [KEY_CACHE_MIN_TTL] = {.path = "cache.min_ttl",
                           .type = SCHEMA_DURATION,
                           .most = HOUR,
                           .fallback = "0s",
                           .help = "Shorter times to live are lifted to this, but never a time of "
                                   "0.",
                           .example = "5s"},

    [KEY_CACHE_MAX_TTL] = {.path = "cache.max_ttl",
                           .type = SCHEMA_DURATION,
                           .least = 1000,
                           .most = 7 * DAY, // RFC 8767 4
                           .fallback = "1d",
                           .help = "Longer times to live are cut to this.",
                           .example = "1h"},

    [KEY_CACHE_NEGATIVE_TTL] = {.path = "cache.negative_ttl",
                                .type = SCHEMA_DURATION,
                                .most = DAY, // RFC 2308 5
                                .fallback = "1h",
                                .help = "The same for what does not exist (RFC 2308).",
                                .example = "15m"},

    [KEY_CACHE_STALE] = {.path = "cache.stale",
                         .type = SCHEMA_DURATION,
                         .most = 30 * DAY,
                         .fallback = "1d",
                         .help =
                             "How long an answer that has expired may be given while nobody can "
                             "be reached (RFC 8767); 0 is never.",
                         .example = "3d"},

    [KEY_CACHE_PREFETCH] = {.path = "cache.prefetch",
                            .type = SCHEMA_BOOL,
                            .fallback = "true",
                            .help = "Fetch what is asked for often again before it expires.",
                            .example = "false"},

    [KEY_CACHE_KEEP] = {.path = "cache.keep",
                        .type = SCHEMA_BOOL,
                        .fallback = "true",
                        .help = "Write the cache into the state folder at a stop, and read it at "
                                "the next start.",
                        .example = "false"},

    [KEY_VIEWS] = {.path = "views",
                   .type = SCHEMA_MAP,
                   .shape = SHAPE_NAMES,
                   .each = "view",
                   .fallback = "{}",
                   .help = "What some clients see in the place of what everybody sees, by name; "
                           "the first that matches counts. A view has all zones but those that it "
                           "has of its own, and a cache of its own.",
                   .example = "{inside: {match: [private]}}"},

    [KEY_VIEWS_MATCH] = {.path = "views.*.match",
                         .type = SCHEMA_ACCESS,
                         .shape = SHAPE_LIST,
                         .otherwise = "all clients",
                         .help = "The clients that it is for.",
                         .example = "[private, 192.0.2.0/24]"},

    [KEY_VIEWS_LISTEN] = {.path = "views.*.listen",
                          .type = SCHEMA_SERVER,
                          .shape = SHAPE_LIST,
                          .otherwise = "all of them",
                          .help = "The addresses of 'listen' that it is asked at.",
                          .example = "[127.0.0.1]"},

    [KEY_VIEWS_ZONES] = {.path = "views.*.zones",
                         .type = SCHEMA_MAP,
                         .shape = SHAPE_NAMES,
                         .each = "zone",
                         .like = KEY_ZONES,
                         .otherwise = "those of everybody",
                         .help = "Zones of this view alone, as in 'zones'.",
                         .example = "{\"example.test\": {file: inside.zone}}"},

    [KEY_VIEWS_RESOLVE] = {.path = "views.*.resolve",
                           .type = SCHEMA_MAP,
                           .like = KEY_RESOLVE,
                           .otherwise = "as everybody's",
                           .help =
                               "How it resolves, as in 'resolve'; what is not said is as there.",
                           .example = "{default: none}"},

    [KEY_INCLUDE] = {.path = "include",
                     .type = SCHEMA_PATH,
                     .shape = SHAPE_LIST,
                     .least = 1,
                     .most = PATH_MAX - 1,
                     .each_file = true,
                     .fallback = "[]",
                     .help = "More files, or patterns of files: their maps are merged with this "
                             "file's, their lists are appended, and one value given twice is an "
                             "error.",
                     .example = "[onym.d/*.yaml]"},

    [KEY_HISTORY] = {.path = "history",
                     .type = SCHEMA_MAP,
                     .help = "What is known of the changes of zones.",
                     .example = "{keep: 90d}"},

    [KEY_HISTORY_KEEP] = {.path = "history.keep",
                          .type = SCHEMA_DURATION,
                          .least = DAY,
                          .most = 36500 * DAY,
                          .fallback = "365d",
                          .help = "For how long a change is remembered. What a zone is does not "
                                  "depend on it.",
                          .example = "90d"},

    [KEY_HISTORY_SIZE] = {.path = "history.size",
                          .type = SCHEMA_SIZE,
                          .least = 1024 * 1024,
                          .most = (uint64_t)1024 * 1024 * 1024 * 1024,
                          .fallback = "1GiB",
                          .help = "The most that differences may take in it; the oldest are "
                                  "forgotten first.",
                          .example = "10GiB"},

    [KEY_LOG] = {.path = "log",
                 .type = SCHEMA_MAP,
                 .help = "What is written to the log.",
                 .example = "{level: debug}"},

    [KEY_LOG_LEVEL] = {.path = "log.level",
                       .type = SCHEMA_WORD,
                       .words = level_words,
                       .fallback = "info",
                       .help = "The least important lines that are still written.",
                       .example = "debug"},

    [KEY_LOG_QUERIES] = {.path = "log.queries",
                         .type = SCHEMA_BOOL,
                         .fallback = "false",
                         .help = "Write a line for each query.",
                         .example = "true"},
};

const struct schema_row *schema_row(enum schema_key key)
{
    assert(key < KEY_COUNT);
    return key >= KEY_ZONES && key < KEY_PLACES ? &schema_zone_rows[key - KEY_ZONES] : &rows[key];
}

const char *schema_name(enum schema_key key)
{
    const char *path = schema_row(key)->path, *dot = strrchr(path, '.');
    return dot ? dot + 1 : path;
}
