// The table of commands (command.h). Order is the order of `onym help`.
//
// What is written here is printed in three forms (help on a terminal, the manual in roff,
// completions), so it is plain text: no markup, no line ends inside of a paragraph.
#include "cli/command.h"

#include "cli/cache.h"
#include "cli/check.h"
#include "cli/command_cache.h"
#include "cli/command_change.h"
#include "cli/command_flags.h"
#include "cli/command_key.h"
#include "cli/command_tools.h"
#include "cli/completion.h"
#include "cli/config.h"
#include "cli/ctl.h"
#include "cli/exit.h"
#include "cli/help.h"
#include "cli/key.h"
#include "cli/lab.h"
#include "cli/manual.h"
#include "cli/query.h"
#include "cli/trace.h"
#include "cli/serve.h"
#include "cli/version.h"
#include "cli/zone.h"
#include "cli/zone_change.h"
#include "cli/zone_history.h"
#include "cli/zone_route.h"
#include "cli/zone_text.h"

#define FLAG_STRICT                                                                                \
    {                                                                                              \
        .name = "--strict", .help = "warnings are errors"                                          \
    }

#define FLAG_ZONEMD                                                                                \
    {                                                                                              \
        .name = "--zonemd",                                                                        \
        .help = "verify the digest of the whole zone by its ZONEMD record (RFC 8976), which must " \
                "be there"                                                                         \
    }

static const struct command_flag common_flags[] = {
    {.name = "--help", .letter = 'h', .help = "say what the command does, with examples"},
    {.name = "--json", .help = "print JSON: one object, or one a line; \"v\":1 is in each"},
    {.name = "--quiet", .letter = 'q', .help = "say nothing beside the answer but errors"},
    {.name = "--verbose", .letter = 'v', .help = "say more"},
    {.name = "--color",
     .value = "WHEN",
     .words = WORDS_CHOICE,
     .choices = "auto always never",
     .help = "colours: auto (default: on a terminal; heeds NO_COLOR and CLICOLOR_FORCE), always, "
             "never"},
    {.name = NULL},
};

// --- serve, check --------------------------------------------------------------------------------

static const struct command_flag serve_flags[] = {
    FLAG_CONFIG,
    {.name = "--check", .help = "only check the configuration and the zones, as 'onym check' does"},
    {.name = NULL},
};
static const unsigned char serve_exits[] = {EXIT_PERMISSION, 0};
static const struct command_example serve_examples[] = {
    {"serve -c /etc/onym/onym.yaml", "serve what this file says"},
    {"serve -c onym.yaml --check", "would it start?"},
    {.line = NULL},
};

static const struct command_argument check_arguments[] = {
    {.name = "FILE",
     .optional = true,
     .many = true,
     .words = WORDS_FILE,
     .help = "a configuration (.yaml, .yml) or else a zone file"},
    {.name = NULL},
};
static const struct command_flag check_flags[] = {FLAG_CONFIG, FLAG_STRICT, {.name = NULL}};
static const struct command_example check_examples[] = {
    {"check", "the configuration and all zones of this machine"},
    {"check -c onym.yaml --strict", "another one, and warnings count"},
    {"check db.example --json", "one zone file, for a machine to read"},
    {.line = NULL},
};

// --- zone ----------------------------------------------------------------------------------------

static const struct command_argument zone_arguments[] = {
    {.name = "FILE", .words = WORDS_FILE, .help = "a zone file; - is stdin"},
    {.name = "ORIGIN",
     .optional = true,
     .help = "the zone's name; default: as the file's $ORIGIN or SOA says, else the file's name "
             "without .zone, .db or db."},
    {.name = NULL},
};
static const struct command_flag zone_check_flags[] = {FLAG_STRICT, FLAG_ZONEMD, {.name = NULL}};
static const struct command_example zone_check_examples[] = {
    {"zone check example.test.zone", "is it in order?"},
    {"zone check db.example example.test --strict", "to the last warning, with the zone's name"},
    {"zone check root.zone . --zonemd", "is it what its publisher wrote, to the last octet?"},
    {.line = NULL},
};
static const struct command_example zone_print_examples[] = {
    {"zone print example.test.zone", "every record on a line of its own, in canonical order"},
    {"zone print new.zone example.test | diff old.txt -", "what has changed?"},
    {.line = NULL},
};
static const struct command_example zone_stat_examples[] = {
    {"zone stat example.test.zone", "how many records, names, delegations; how large in memory"},
    {.line = NULL},
};

// --- ctl -----------------------------------------------------------------------------------------

static const struct command_flag ctl_flags[] = {FLAG_CONTROL, FLAG_CONFIG, {.name = NULL}};
static const struct command_flag ctl_stats_flags[] = {
    FLAG_CONTROL,
    FLAG_CONFIG,
    {.name = "--prometheus", .help = "the text format of Prometheus"},
    {.name = NULL},
};
static const unsigned char ctl_exits[] = {EXIT_UNREACHABLE, EXIT_PERMISSION, EXIT_CONFLICT,
                                          EXIT_NO_REPLY, 0};
static const unsigned char ctl_reload_exits[] = {EXIT_UNREACHABLE,
                                                 EXIT_PERMISSION,
                                                 EXIT_NOT_FOUND,
                                                 EXIT_CONFLICT,
                                                 EXIT_PARTLY,
                                                 EXIT_NO_REPLY,
                                                 0};
static const struct command_argument ctl_reload_arguments[] = {
    {.name = "ZONE", .optional = true, .help = "only this zone"},
    {.name = NULL},
};
static const struct command_example ctl_status_examples[] = {
    {"ctl status", "is it running, and what does it serve?"},
    {"ctl status --control /run/onym/ctl --quiet", "only the exit code"},
    {.line = NULL},
};
static const struct command_example ctl_reload_examples[] = {
    {"ctl reload", "take the configuration and the zones as they are now"},
    {"ctl reload example.test", "read one zone again"},
    {.line = NULL},
};
static const struct command_example ctl_stop_examples[] = {
    {"ctl stop", "finish what is under way, and end"},
    {.line = NULL},
};
static const struct command_argument ctl_notify_arguments[] = {
    {.name = "ZONE", .optional = true, .help = "whose secondaries are told once more"},
    {.name = NULL},
};
static const struct command_example ctl_notify_examples[] = {
    {"ctl notify", "which secondaries there are, and who does not answer"},
    {"ctl notify example.test", "tell those of one zone once more"},
    {.line = NULL},
};
static const struct command_example ctl_aliases_examples[] = {
    {"ctl aliases", "the addresses that ALIAS records have now, and why others have none"},
    {.line = NULL},
};
static const struct command_example ctl_health_examples[] = {
    {"ctl health", "which addresses of routes are well, and what was wrong with others"},
    {"ctl health --json", "the same for a machine"},
    {.line = NULL},
};
static const struct command_example ctl_stats_examples[] = {
    {"ctl stats", "what was asked and answered since the start"},
    {"ctl stats --prometheus", "the same for Prometheus"},
    {.line = NULL},
};

// --- zone route ----------------------------------------------------------------------------------

static const struct command_argument zone_route_arguments[] = {
    {.name = "NAME", .help = "a name with routes; may be an IDN, in UTF-8"},
    {.name = "TYPE",
     .optional = true,
     .words = WORDS_TYPE,
     .help = "an RR type; default: all types that have a route"},
    {.name = NULL},
};
static const struct command_flag zone_route_flags[] = {
    {.name = "--from",
     .value = "PLACE",
     .help = "where the client is: an address, a prefix, a country (SG), a part of one (US-CA), a "
             "continent (EU; continent:AS where the code is also a country's), an autonomous "
             "system (AS64500), or latitude and longitude (1.35,103.82)"},
    {.name = "--map", .help = "a map of the world in SVG, of who gets what"},
    {.name = "--view", .value = "VIEW", .help = "as the clients of this view see it"},
    FLAG_CONTROL,
    FLAG_CONFIG,
    {.name = NULL},
};
static const unsigned char zone_route_exits[] = {EXIT_NOT_FOUND, 0};
static const struct command_example zone_route_examples[] = {
    {"zone route www.example.test", "its rules, and who gets to them"},
    {"zone route www.example.test --from 203.0.113.7", "what would that client get, and why?"},
    {"zone route www.example.test AAAA --from SG", "what would one in Singapore?"},
    {"zone route www.example.test --map >map.svg", "a picture of it"},
    {.line = NULL},
};

// --- config --------------------------------------------------------------------------------------

static const struct command_flag config_show_flags[] = {
    FLAG_CONFIG,
    {.name = "--all", .help = "also what is as by default"},
    {.name = "--origin", .help = "say of each value where it comes from"},
    {.name = NULL},
};
static const struct command_example config_show_examples[] = {
    {"config show --all", "every key and the value that counts"},
    {"config show --origin", "what was set, and where"},
    {.line = NULL},
};
static const struct command_argument config_explain_arguments[] = {
    {.name = "KEY",
     .optional = true,
     .help = "as listen, or answers.minimal; default: all of them"},
    {.name = NULL},
};
static const unsigned char config_explain_exits[] = {EXIT_NOT_FOUND, 0};
static const struct command_example config_explain_examples[] = {
    {"config explain listen", "what the key means, takes and defaults to"},
    {.line = NULL},
};
static const struct command_example config_schema_examples[] = {
    {"config schema > onym.schema.json", "for an editor that completes and checks YAML"},
    {.line = NULL},
};

// --- the table -----------------------------------------------------------------------------------

static const struct command commands[] = {
    {.noun = "serve",
     .summary = "run the server in the foreground",
     .details =
         "Answers names from the zones of the configuration, over UDP and TCP, until SIGTERM, "
         "SIGINT "
         "or 'onym ctl stop'. SIGHUP and 'onym ctl reload' read the configuration and the zones "
         "again; what has an error stays as it was. The log goes to stderr.\n\n"
         "Works under systemd (Type=notify, socket activation) and without it.",
     .flags = serve_flags,
     .exits = serve_exits,
     .examples = serve_examples,
     .run = command_serve},
    {.noun = "check",
     .summary = "find the errors in the configuration and the zones",
     .details =
         "Reads the configuration and every zone that it names, or only the files given, and lists "
         "all problems at once, each with its place and the likely fix. A running server is not "
         "touched. Exit code 2 if there was an error.",
     .arguments = check_arguments,
     .flags = check_flags,
     .examples = check_examples,
     .run = command_check},
    {.noun = "query",
     .summary = "ask a name server, as dig does",
     .details =
         "Asks one question for each TYPE, all at the same time, and prints the replies so that "
         "their records can be pasted into a zone file: everything else is a comment. A truncated "
         "reply is asked for again over TCP; a reply is taken only if its source, ID and question "
         "are right. Words with a + mean what they mean to dig.\n\n"
         "Without --fail any reply is a success. With --fail, and with --all, which implies it, "
         "the "
         "exit code tells what the server said; of several questions it is 0 if all were answered "
         "and some had records, 7 if some were and others failed.\n\n"
         "Type and name may change places as long as it is clear which is which.",
     .arguments = command_query_arguments,
     .flags = command_query_flags,
     .exits = command_query_exits,
     .examples = command_query_examples,
     .run = command_query},
    {.noun = "trace",
     .summary = "walk from the root to an answer, and show every step",
     .details =
         "Resolves the name with a resolver of its own, which knows nothing but what the "
         "configuration says (root hints, forward zones), and prints each server that it asked, "
         "why, how long it took and what it said. With --server the running server resolves it, "
         "with all that it knows, and tells its steps. The exit code tells what the answer was.",
     .arguments = command_trace_arguments,
     .flags = command_trace_flags,
     .exits = command_trace_exits,
     .examples = command_trace_examples,
     .run = command_trace},
    {.noun = "why",
     .summary = "why a running server could not resolve a name",
     .details =
         "The last failures of this name, or of all names: when, and which budget, server or "
         "rule it was. Each worker remembers 64.",
     .arguments = command_why_arguments,
     .flags = ctl_flags,
     .exits = ctl_exits,
     .examples = command_why_examples,
     .run = command_why},
    {.noun = "cache",
     .verb = "show",
     .summary = "what is remembered of a name",
     .details = "Records as lines of a zone file with the time that they have left; that a name or "
                "a type does not exist, a failure and a delegation are comments.",
     .arguments = command_cache_type_arguments,
     .flags = ctl_flags,
     .exits = ctl_exits,
     .examples = command_cache_show_examples,
     .run = command_cache_show},
    {.noun = "cache",
     .verb = "flush",
     .summary = "forget a name",
     .details = "All of its types, or one. The next client that asks waits for its servers.",
     .arguments = command_cache_type_arguments,
     .flags = ctl_flags,
     .exits = ctl_exits,
     .examples = command_cache_flush_examples,
     .run = command_cache_flush},
    {.noun = "cache",
     .verb = "flush-tree",
     .summary = "forget a name and all below it",
     .details = "The name '.' is everything. Looks at every entry, which takes a second for some "
                "millions.",
     .arguments = command_cache_name_arguments,
     .flags = ctl_flags,
     .exits = ctl_exits,
     .examples = command_cache_tree_examples,
     .run = command_cache_flush_tree},
    {.noun = "cache",
     .verb = "top",
     .summary = "the domains that have most entries",
     .details = "'used' are entries that were asked for since eviction last passed by.",
     .flags = ctl_flags,
     .exits = ctl_exits,
     .examples = command_cache_top_examples,
     .run = command_cache_top},
    {.noun = "cache",
     .verb = "dump",
     .summary = "everything that is remembered",
     .details = "As 'cache show', of all names; at most 100000 entries.",
     .flags = ctl_flags,
     .exits = ctl_exits,
     .examples = command_cache_dump_examples,
     .run = command_cache_dump},
    {.noun = "cache",
     .verb = "stats",
     .summary = "how full the cache is",
     .details =
         "Entries by kind, octets and their limit, and what was stored, evicted and expired.",
     .flags = ctl_flags,
     .exits = ctl_exits,
     .examples = command_cache_stats_examples,
     .run = command_cache_stats},
    {.noun = "zone",
     .verb = "check",
     .summary = "find the errors in a zone file",
     .details =
         "Lists all problems at once. Errors are what the server would refuse the zone for: "
         "syntax, "
         "bad rdata, no SOA or two, no NS at the apex, records outside of the zone, CNAME and "
         "other "
         "data, two DNAMEs. Warnings are served: records below a delegation, missing glue, TTLs "
         "that differ in an RRset, duplicates. Exit code 2 if there was an error.",
     .arguments = zone_arguments,
     .flags = zone_check_flags,
     .examples = zone_check_examples,
     .run = command_zone_check},
    {.noun = "zone",
     .verb = "print",
     .summary = "print a zone file in its canonical form",
     .details = "One record a line, all names absolute, in canonical order (RFC 4034 6), without "
                "duplicates. Reading it again gives the same zone.",
     .arguments = zone_arguments,
     .examples = zone_print_examples,
     .run = command_zone_print},
    {.noun = "zone",
     .verb = "stat",
     .summary = "count what is in a zone file",
     .details =
         "Records by type, names, delegations, wildcards, the size in memory and the time to "
         "load it.",
     .arguments = zone_arguments,
     .examples = zone_stat_examples,
     .run = command_zone_stat},
    {.noun = "zone",
     .verb = "route",
     .summary = "what a name with routes has for whom, and why",
     .details =
         "Reads the configuration, the zone and the databases of places as the server does, and "
         "lists the rules of the name: where they stand, what they give, and how many countries "
         "they answer. With --from it says what one client would be told, with the rule, the rules "
         "before it, what the databases say of its address and the scope (RFC 7871).\n\n"
         "If the server of the configuration runs, its health checks count; else all addresses are "
         "taken for well. A country is a client in its middle of whom nothing else is known: rules "
         "that ask for networks, systems or parts of countries do not hold there.",
     .arguments = zone_route_arguments,
     .flags = zone_route_flags,
     .exits = zone_route_exits,
     .examples = zone_route_examples,
     .run = command_zone_route},
    {.noun = "zone",
     .verb = "add",
     .summary = "make a zone that works",
     .details = "The running server gets a zone with a SOA, a name server and these records, in a "
                "file in its state folder, and serves it at once. Without an address for ns1 the "
                "name server's is 127.0.0.1, which is good for a trial.",
     .arguments = command_zone_add_arguments,
     .flags = command_zone_add_flags,
     .exits = command_change_exits,
     .examples = command_zone_add_examples,
     .run = command_zone_add},
    {.noun = "zone",
     .verb = "remove",
     .summary = "take away a zone that was made by 'zone add'",
     .details = "Its file and its history go with it. Zones of the configuration are taken out "
                "there.",
     .arguments = command_zone_remove_arguments,
     .flags = command_zone_remove_flags,
     .exits = command_change_exits,
     .examples = command_zone_remove_examples,
     .run = command_zone_remove},
    {.noun = "zone",
     .verb = "set",
     .summary = "give a name in a served zone these records of a type",
     .details =
         "What the name has of that type goes, what is given comes; with --add it comes "
         "beside. The change is shown first, and made after a yes. It is on the disk and in "
         "every answer when the command ends; the zone's file is not touched, and secondaries "
         "are told.",
     .arguments = command_zone_set_arguments,
     .flags = command_zone_set_flags,
     .exits = command_change_exits,
     .examples = command_zone_set_examples,
     .run = command_zone_set},
    {.noun = "zone",
     .verb = "del",
     .summary = "take records out of a served zone",
     .details = "One record, all of a type, or all that a name has. Like 'zone set' it shows the "
                "change first.",
     .arguments = command_zone_del_arguments,
     .flags = command_zone_del_flags,
     .exits = command_change_exits,
     .examples = command_zone_del_examples,
     .run = command_zone_del},
    {.noun = "zone",
     .verb = "log",
     .summary = "who has changed a zone, and when",
     .details =
         "Each change with its number, serials, how many records went and came, and who made "
         "it how: file, transfer, update, command, undo or catalog.",
     .arguments = command_zone_log_arguments,
     .flags = command_zone_log_flags,
     .exits = command_change_exits,
     .examples = command_zone_log_examples,
     .run = command_zone_log},
    {.noun = "zone",
     .verb = "history",
     .summary = "how much is kept of all changes, and make it less",
     .details =
         "Changes of all zones: how many, since when, how large. With 'prune' those are "
         "forgotten that are older than --keep, or all; what a zone is now does not depend on "
         "them, but 'zone undo' and IXFR after a restart do.",
     .arguments = command_zone_history_arguments,
     .flags = command_zone_history_flags,
     .exits = command_change_exits,
     .examples = command_zone_history_examples,
     .run = command_zone_history},
    {.noun = "zone",
     .verb = "diff",
     .summary = "the records that a change of a zone took and brought",
     .details = "Of the last change, or of the one with this number.",
     .arguments = command_zone_diff_arguments,
     .flags = command_zone_view_flags,
     .exits = command_change_exits,
     .examples = command_zone_diff_examples,
     .run = command_zone_diff},
    {.noun = "zone",
     .verb = "undo",
     .summary = "take a change of a zone back",
     .details =
         "The inverse of the last change, or of the one with this number, is a change of its "
         "own with a serial of its own. It is refused if what it would take away is not there "
         "any more.",
     .arguments = command_zone_diff_arguments,
     .flags = command_zone_del_flags,
     .exits = command_change_exits,
     .examples = command_zone_undo_examples,
     .run = command_zone_undo},
    {.noun = "zone",
     .verb = "export",
     .summary = "print a served zone as a zone file",
     .details = "As it is now, with all changes, or as it was, in canonical order. Zones of over "
                "200000 records are taken by AXFR.",
     .arguments = command_zone_export_arguments,
     .flags = command_zone_export_flags,
     .exits = command_change_exits,
     .examples = command_zone_export_examples,
     .run = command_zone_export},
    {.noun = "zone",
     .verb = "import",
     .summary = "make a zone what a file says",
     .details = "The difference is shown first. The serial stays the zone's own affair. What is "
                "wrong in the file is told with its lines, and nothing is changed.",
     .arguments = command_zone_import_arguments,
     .flags = command_zone_import_flags,
     .exits = command_change_exits,
     .examples = command_zone_import_examples,
     .run = command_zone_import},
    {.noun = "zone",
     .verb = "edit",
     .summary = "change a zone in an editor",
     .details = "If somebody else changes the zone meanwhile, or anything fails, what was written "
                "stays in a file that is named.",
     .arguments = command_zone_export_arguments,
     .flags = command_zone_edit_flags,
     .exits = command_change_exits,
     .examples = command_zone_edit_examples,
     .run = command_zone_edit},
    {.noun = "zone",
     .verb = "copy",
     .summary = "make a new zone with the records of another",
     .details = "Names at and below FROM are at and below TO then, those that records lead to as "
                "well. The serial begins anew. A signed zone is not copied: its signatures would "
                "be wrong.",
     .arguments = command_zone_copy_arguments,
     .flags = command_zone_view_flags,
     .exits = command_change_exits,
     .examples = command_zone_copy_examples,
     .run = command_zone_copy},
    {.noun = "key",
     .verb = "add",
     .summary = "make a key that signs requests, with snippets",
     .details =
         "Makes a secret of the system's randomness and prints what to put into the configuration "
         "and into the programs that use it. The configuration is not changed: with --write the "
         "key goes into a new file of mode 0600, of the user that the server becomes, and the file "
         "does not stay if the configuration has an error with it.",
     .arguments = command_key_arguments,
     .flags = command_key_add_flags,
     .exits = command_key_add_exits,
     .examples = command_key_add_examples,
     .run = command_key_add},
    {.noun = "key",
     .verb = "list",
     .summary = "the keys of the configuration",
     .details = "Their names, algorithms and places; no secrets.",
     .flags = command_key_list_flags,
     .examples = command_key_list_examples,
     .run = command_key_list},
    {.noun = "key",
     .verb = "show",
     .summary = "one key of the configuration",
     .details = "Without its secret, unless --secret asks for it; with --for as another program "
                "wants it.",
     .arguments = command_key_arguments,
     .flags = command_key_show_flags,
     .exits = command_key_show_exits,
     .examples = command_key_show_examples,
     .run = command_key_show},
    {.noun = "ctl",
     .verb = "status",
     .summary = "what a running server listens on and serves",
     .details =
         "With --quiet nothing is printed and the exit code tells: 0 it runs, 3 it does not.",
     .flags = ctl_flags,
     .exits = ctl_exits,
     .examples = ctl_status_examples,
     .run = command_ctl_status},
    {.noun = "ctl",
     .verb = "reload",
     .summary = "have a running server read its files again",
     .details =
         "Reads the configuration and the zones whose files have changed, and swaps them in as a "
         "whole. An error in the configuration changes nothing; a zone with an error stays as it "
         "was (exit code 7).",
     .arguments = ctl_reload_arguments,
     .flags = ctl_flags,
     .exits = ctl_reload_exits,
     .examples = ctl_reload_examples,
     .run = command_ctl_reload},
    {.noun = "ctl",
     .verb = "stop",
     .summary = "end a running server",
     .details = "Returns when the server has said that it will.",
     .flags = ctl_flags,
     .exits = ctl_exits,
     .examples = ctl_stop_examples,
     .run = command_ctl_stop},
    {.noun = "ctl",
     .verb = "notify",
     .summary = "the secondaries that are told of new versions",
     .details =
         "Each with the number of its zones, how many it is still to be told of, and whether "
         "it answers. With a zone its secondaries are told of it once more.",
     .arguments = ctl_notify_arguments,
     .flags = ctl_flags,
     .exits = ctl_reload_exits,
     .examples = ctl_notify_examples,
     .run = command_ctl_notify},
    {.noun = "ctl",
     .verb = "refresh",
     .summary = "ask a zone's primary whether it has a newer version",
     .details = "Now, and not when its SOA says. For zones that are taken 'from' a primary.",
     .arguments = command_ctl_refresh_arguments,
     .flags = ctl_flags,
     .exits = ctl_reload_exits,
     .examples = command_ctl_refresh_examples,
     .run = command_ctl_refresh},
    {.noun = "ctl",
     .verb = "retransfer",
     .summary = "take a zone anew from its primary",
     .details = "All of it by AXFR, whatever its serial.",
     .arguments = command_ctl_refresh_arguments,
     .flags = ctl_flags,
     .exits = ctl_reload_exits,
     .examples = command_ctl_retransfer_examples,
     .run = command_ctl_retransfer},
    {.noun = "ctl",
     .verb = "aliases",
     .summary = "what the ALIAS records of zones lead to",
     .details = "Each target with the addresses that it has, how long they are good, and what was "
                "wrong where there are none.",
     .flags = ctl_flags,
     .exits = ctl_exits,
     .examples = ctl_aliases_examples,
     .run = command_ctl_aliases},
    {.noun = "ctl",
     .verb = "health",
     .summary = "what health checks say of the addresses of routes",
     .details = "Each address that a route gives and a check looks after: up or down and for how "
                "long, and what its last check said. An address that was not checked yet counts "
                "as up.",
     .flags = ctl_flags,
     .exits = ctl_exits,
     .examples = ctl_health_examples,
     .run = command_ctl_health},
    {.noun = "ctl",
     .verb = "stats",
     .summary = "what a running server has counted",
     .details = "All counters since its start. The names of --prometheus are those of the metrics.",
     .flags = ctl_stats_flags,
     .exits = ctl_exits,
     .examples = ctl_stats_examples,
     .run = command_ctl_stats},
    {.noun = "config",
     .verb = "show",
     .summary = "the configuration as it counts",
     .details = "What was set, in YAML that can be read again, includes and folders of zones "
                "resolved.",
     .flags = config_show_flags,
     .examples = config_show_examples,
     .run = command_config_show},
    {.noun = "config",
     .verb = "explain",
     .summary = "what a key of the configuration means",
     .details = "Its type, default and range, and a paragraph.",
     .arguments = config_explain_arguments,
     .exits = config_explain_exits,
     .examples = config_explain_examples,
     .run = command_config_explain},
    {.noun = "config",
     .verb = "schema",
     .summary = "the configuration's JSON Schema",
     .details = "For editors: put '# yaml-language-server: $schema=PATH' in the first line of the "
                "configuration.",
     .examples = config_schema_examples,
     .run = command_config_schema},
    {.noun = "lab",
     .summary = "run a little internet to try resolvers in",
     .details =
         "Root, top-level domains and zones on addresses of loopback (127.53.x.y), from a "
         "description in YAML: delegations and glue follow from its zones, and each server may "
         "delay, lose, truncate or forge what it says. At start the configuration for a resolver "
         "is printed; SIGUSR1 prints what every server has counted, and so does the end, which "
         "is SIGINT or SIGTERM. With one seed the same queries in the same order meet the same "
         "faults.\n\n"
         "Other resolvers look for servers at port 53 only: for them run it as root with --port "
         "53.\n\n"
         "What a description may say is printed by --explain; docs/lab.md shows how to use it, and "
         "examples/lab has some.",
     .arguments = command_lab_arguments,
     .flags = command_lab_flags,
     .exits = command_lab_exits,
     .examples = command_lab_examples,
     .run = command_lab},
    {.noun = "help",
     .summary = "say what a command does",
     .details = "The same as --help behind a command. With --json the table of commands, for a "
                "machine to read.",
     .arguments = command_help_arguments,
     .examples = command_help_examples,
     .run = command_help},
    {.noun = "man",
     .summary = "print a manual page",
     .details = "For man, mandoc or groff: onym(1) or onym.yaml(5).",
     .arguments = command_man_arguments,
     .examples = command_man_examples,
     .run = command_man},
    {.noun = "completion",
     .summary = "print the completions for a shell",
     .details = "A script for the shell to read; where it belongs is in the examples.",
     .arguments = command_completion_arguments,
     .examples = command_completion_examples,
     .run = command_completion},
    {.noun = "version",
     .summary = "the version of onym",
     .details = "With --features also the libraries and options it was built with.",
     .flags = command_version_flags,
     .examples = command_version_examples,
     .run = command_version},
    {.noun = NULL},
};

static const struct command_noun nouns[] = {
    {"cache", "what a running server remembers of others' names"},
    {"zone", "zones and their files"},
    {"key", "secrets that sign requests"},
    {"ctl", "a running server"},
    {"config", "the configuration"},
    {NULL, NULL},
};

const struct command *command_table(void)
{
    return commands;
}

const struct command_noun *command_nouns(void)
{
    return nouns;
}

const struct command_flag *command_common_flags(void)
{
    return common_flags;
}
