// Words and flags (command_tools.h).
#include "cli/command_tools.h"

#include "cli/exit.h"

// --- query ---------------------------------------------------------------------------------------

const struct command_argument command_query_arguments[] = {
    {.name = "NAME", .optional = true, .help = "what to ask for; may be an IDN, in UTF-8"},
    {.name = "TYPE",
     .optional = true,
     .many = true,
     .words = WORDS_TYPE,
     .help = "one or more RR types (default A), and a class (default IN)"},
    {.name = "@SERVER",
     .optional = true,
     .help = "an address or a name, with :PORT if wanted; default: the first name server of "
             "/etc/resolv.conf"},
    {.name = NULL},
};
const struct command_flag command_query_flags[] = {
    {.name = "--port", .letter = 'p', .value = "PORT", .help = "the server's port, default 53"},
    {.name = "--reverse",
     .letter = 'x',
     .value = "ADDRESS",
     .help = "the name of an address: PTR in in-addr.arpa or ip6.arpa"},
    {.name = "--all", .help = "ask for every common type at once, a line for each record"},
    {.name = "--fail", .help = "let the exit code tell what the server said (10 and up)"},
    {.name = "--short", .help = "only the rdata, a line each"},
    {.name = "--ipv4", .letter = '4', .help = "reach a server given by name over IPv4"},
    {.name = "--ipv6", .letter = '6', .help = "reach a server given by name over IPv6"},
    {.name = "+short", .help = "--short"},
    {.name = "+json", .help = "--json"},
    {.name = "+all", .help = "--all; +noall: print no section but those asked for, as +answer"},
    {.name = "+tcp", .also = "vc", .help = "ask over TCP"},
    {.name = "+ignore", .help = "take a truncated reply as it is: do not ask again over TCP"},
    {.name = "+recurse",
     .also = "rec rdflag",
     .help = "RD: recursion desired, on by default; +norecurse"},
    {.name = "+dnssec", .also = "do", .help = "DO: DNSSEC records too"},
    {.name = "+cd", .also = "cdflag", .help = "CD: no validation, please"},
    {.name = "+ad", .also = "adflag", .help = "AD: tell if it is validated, on by default"},
    {.name = "+aa", .also = "aaflag aaonly", .help = "AA in the query; no server minds"},
    {.name = "+nsid", .help = "ask the server for its identity (RFC 5001)"},
    {.name = "+cookie",
     .value = "[HEX]",
     .help = "a DNS cookie (RFC 7873), on by default: a random one or this; +nocookie"},
    {.name = "+edns", .value = "[VERSION]", .help = "EDNS, on by default, version 0; +noedns"},
    {.name = "+bufsize",
     .also = "bufsiz",
     .value = "N",
     .help = "the most that we take over UDP, default 1232 octets"},
    {.name = "+time", .also = "timeout", .value = "S", .help = "seconds for each try, default 3"},
    {.name = "+tries", .value = "N", .help = "how often to send over UDP, default 3"},
    {.name = "+retry", .value = "N", .help = "the same without the first time, as dig counts"},
    {.name = "+question", .help = "print this section, on by default; +noquestion"},
    {.name = "+answer", .help = "likewise"},
    {.name = "+authority", .help = "likewise"},
    {.name = "+additional", .help = "likewise"},
    {.name = "+comments", .help = "print the header and EDNS in words; likewise"},
    {.name = "+stats", .help = "print the server, the time and the size; likewise"},
    {.name = NULL},
};
const unsigned char command_query_exits[] = {
    EXIT_UNREACHABLE, EXIT_PARTLY, EXIT_NO_REPLY, EXIT_NXDOMAIN, EXIT_SERVFAIL,
    EXIT_REFUSED,     EXIT_BOGUS,  EXIT_NODATA,   EXIT_ERROR,    0};
const struct command_example command_query_examples[] = {
    {"query example.com", "the IPv4 addresses of a name"},
    {"query example.com MX TXT @192.0.2.53", "two types, from this server"},
    {"query example.com --all", "all that there is"},
    {"query -x 2001:db8::1 +short", "the name of an address, and nothing else"},
    {"query version.bind TXT CH @127.0.0.1 -p 5300", "what server is this?"},
    {"query example.com SOA @ns1.example.com +norec +nsid --fail", "is that server in order?"},
    {.line = NULL},
};

// --- lab -----------------------------------------------------------------------------------------

const struct command_argument command_lab_arguments[] = {
    {.name = "FILE",
     .optional = true,
     .words = WORDS_FILE,
     .help = "the description; default: a little internet that is built in"},
    {.name = NULL},
};
const struct command_flag command_lab_flags[] = {
    {.name = "--port",
     .letter = 'p',
     .value = "PORT",
     .help = "of all servers, instead of the description's"},
    {.name = "--seed", .value = "N", .help = "of all dice, instead of the description's"},
    {.name = "--print-config",
     .help = "print only the configuration with which a resolver walks it"},
    {.name = "--explain", .help = "print what a description may say, every key and fault"},
    {.name = NULL},
};
const unsigned char command_lab_exits[] = {EXIT_PERMISSION, EXIT_NOT_FOUND, 0};
const struct command_example command_lab_examples[] = {
    {"lab", "a root, two top-level domains and five zones at 127.53.0.1 and up, port 5380"},
    {"lab examples/lab/bench.yaml --seed 2 --json", "another one, other dice, counts for machines"},
    {"lab --explain", "what a description may say"},
    {"lab --print-config > resolver.yaml", "how to walk it with 'onym serve -c resolver.yaml'"},
    {.line = NULL},
};

// --- help, man, completion, version --------------------------------------------------------------

const struct command_argument command_help_arguments[] = {
    {.name = "COMMAND",
     .optional = true,
     .many = true,
     .words = WORDS_COMMAND,
     .help = "a noun, or a noun and a verb"},
    {.name = NULL},
};
const struct command_example command_help_examples[] = {
    {"help", "all commands"},
    {"help zone check", "one of them"},
    {.line = NULL},
};
const struct command_argument command_man_arguments[] = {
    {.name = "PAGE",
     .optional = true,
     .words = WORDS_CHOICE,
     .choices = "onym onym.yaml",
     .help = "onym (the default) or onym.yaml"},
    {.name = NULL},
};
const struct command_example command_man_examples[] = {
    {"man | man -l -", "read it here"},
    {"man onym.yaml > onym.yaml.5", "the page about the configuration, for a package"},
    {.line = NULL},
};
const struct command_argument command_completion_arguments[] = {
    {.name = "SHELL",
     .words = WORDS_CHOICE,
     .choices = "bash zsh fish",
     .help = "bash, zsh or fish"},
    {.name = NULL},
};
const struct command_example command_completion_examples[] = {
    {"completion bash > /usr/share/bash-completion/completions/onym", "for everybody"},
    {"completion zsh > ~/.zfunc/_onym", "for zsh, with ~/.zfunc in fpath"},
    {"completion fish > ~/.config/fish/completions/onym.fish", "for fish"},
    {.line = NULL},
};
const struct command_flag command_version_flags[] = {
    {.name = "--features", .help = "also what it was built with"},
    {.name = NULL},
};
const struct command_example command_version_examples[] = {
    {"version", "the version and nothing else"},
    {"version --features --json", "all of it, for a machine to read"},
    {.line = NULL},
};
