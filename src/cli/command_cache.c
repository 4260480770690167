// Words and flags of trace, why and cache (command_cache.h).
#include "cli/command_cache.h"

#include "cli/command_flags.h"
#include "cli/exit.h"

const struct command_argument command_trace_arguments[] = {
    {.name = "NAME", .help = "what to resolve; may be an IDN, in UTF-8"},
    {.name = "TYPE", .optional = true, .words = WORDS_TYPE, .help = "an RR type, default A"},
    {.name = NULL},
};
const struct command_flag command_trace_flags[] = {
    {.name = "--server", .help = "what the running server does and knows, not a walk of our own"},
    {.name = "--svg", .help = "a picture of it, as one puts into a ticket"},
    {.name = "--dnssec", .help = "ask for DNSSEC records too"},
    FLAG_CONTROL,
    FLAG_CONFIG,
    {.name = NULL},
};
const unsigned char command_trace_exits[] = {EXIT_UNREACHABLE, EXIT_PERMISSION, EXIT_CONFLICT,
                                             EXIT_NO_REPLY,    EXIT_NXDOMAIN,   EXIT_SERVFAIL,
                                             EXIT_REFUSED,     EXIT_ERROR,      0};
const struct command_example command_trace_examples[] = {
    {"trace www.example.com", "from the root, by way of com, to its address"},
    {"trace example.com MX --server", "the same in the running server, with its cache"},
    {"trace example.com --svg >walk.svg", "a picture of it"},
    {.line = NULL},
};
const struct command_argument command_why_arguments[] = {
    {.name = "NAME", .optional = true, .help = "whose failures; default: all"},
    {.name = NULL},
};
const struct command_example command_why_examples[] = {
    {"why www.example.com", "why could it not be resolved?"},
    {"why --json", "all that failed lately, for a machine to read"},
    {.line = NULL},
};
const struct command_argument command_cache_name_arguments[] = {
    {.name = "NAME", .help = "a name"},
    {.name = NULL},
};
const struct command_argument command_cache_type_arguments[] = {
    {.name = "NAME", .help = "a name"},
    {.name = "TYPE", .optional = true, .words = WORDS_TYPE, .help = "only this type"},
    {.name = NULL},
};
const struct command_example command_cache_show_examples[] = {
    {"cache show www.example.com", "is it remembered, and for how long?"},
    {"cache show example.com NS", "the same of one type"},
    {.line = NULL},
};
const struct command_example command_cache_flush_examples[] = {
    {"cache flush www.example.com", "it has a new address, and it is wanted now"},
    {"cache flush example.com MX", "only where its mail goes"},
    {.line = NULL},
};
const struct command_example command_cache_tree_examples[] = {
    {"cache flush-tree example.com", "a whole domain has moved"},
    {"cache flush-tree .", "begin with nothing"},
    {.line = NULL},
};
const struct command_example command_cache_top_examples[] = {
    {"cache top", "whose names fill it?"},
    {.line = NULL},
};
const struct command_example command_cache_dump_examples[] = {
    {"cache dump >cache.txt", "all of it, in a file"},
    {.line = NULL},
};
const struct command_example command_cache_stats_examples[] = {
    {"cache stats", "is it large enough?"},
    {.line = NULL},
};
