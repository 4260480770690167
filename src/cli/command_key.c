// Words and flags of `onym key` (command_key.h).
#include "cli/command_key.h"

#include "cli/command_flags.h"
#include "cli/exit.h"

// What snippets are made for.
#define FLAGS_SNIPPET                                                                              \
    {.name = "--for",                                                                              \
     .value = "TOOL",                                                                              \
     .words = WORDS_CHOICE,                                                                        \
     .choices = "onym nsupdate certbot lego cert-manager external-dns kea nsd knot bind",          \
     .help = "only the snippet for this program: onym, nsupdate, certbot, lego, cert-manager, "    \
             "external-dns, kea, nsd, knot or bind"},                                              \
        {.name = "--acme",                                                                         \
         .value = "ZONE",                                                                          \
         .help = "a key that may write the challenges of certificates in this zone, and nothing "  \
                 "else"},                                                                          \
        {.name = "--zone",                                                                         \
         .value = "ZONE",                                                                          \
         .help = "the zone in the snippets, default example.test"},                                \
    {                                                                                              \
        .name = "--server", .value = "ADDRESS",                                                    \
        .help = "where the programs reach this server, with :PORT if it is not 53; default "       \
                "127.0.0.1"                                                                        \
    }

const struct command_argument command_key_arguments[] = {
    {.name = "NAME", .help = "the key's name, which both sides must have the same"},
    {.name = NULL},
};
const struct command_flag command_key_add_flags[] = {
    {.name = "--alg",
     .value = "ALGORITHM",
     .words = WORDS_CHOICE,
     .choices = "hmac-sha256 hmac-sha512 hmac-sha384 hmac-sha224 hmac-sha1 hmac-md5",
     .help = "hmac-sha256 (default), -sha512, -sha384, -sha224, -sha1 or -md5"},
    FLAGS_SNIPPET,
    {.name = "--write",
     .value = "FILE",
     .words = WORDS_FILE,
     .help = "also put the key into this new file, for the configuration to include"},
    FLAG_CONFIG,
    {.name = NULL},
};
const unsigned char command_key_add_exits[] = {EXIT_PERMISSION, EXIT_CONFLICT, 0};
const struct command_example command_key_add_examples[] = {
    {"key add certbot --acme example.test", "a key for certificates, with what to tell whom"},
    {"key add dhcp --zone example.test --for kea --write /etc/onym/onym.d/dhcp.yaml",
     "the key into a file of onym's, and the lines for Kea"},
    {.line = NULL},
};
const struct command_flag command_key_list_flags[] = {FLAG_CONFIG, {.name = NULL}};
const struct command_example command_key_list_examples[] = {
    {"key list", "which keys the configuration has"},
    {.line = NULL},
};
const struct command_flag command_key_show_flags[] = {
    {.name = "--secret", .help = "with the secret"},
    FLAGS_SNIPPET,
    FLAG_CONFIG,
    {.name = NULL},
};
const unsigned char command_key_show_exits[] = {EXIT_NOT_FOUND, 0};
const struct command_example command_key_show_examples[] = {
    {"key show certbot", "its algorithm, and where it was written"},
    {"key show secondary1 --secret --for nsd --server 192.0.2.1", "the lines for a secondary"},
    {.line = NULL},
};
