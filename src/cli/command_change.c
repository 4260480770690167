// Words and flags of the commands that change zones (command_change.h).
#include "cli/command_change.h"

#include "cli/command_flags.h"
#include "cli/exit.h"

#define FLAG_VIEW                                                                                  \
    {                                                                                              \
        .name = "--view", .value = "VIEW", .help = "the zone of this view, not everybody's"        \
    }
#define FLAG_YES                                                                                   \
    {                                                                                              \
        .name = "--yes", .letter = 'y', .help = "do not ask"                                       \
    }
#define FLAG_DRY                                                                                   \
    {                                                                                              \
        .name = "--dry-run", .help = "only show what would change"                                 \
    }
#define ARGUMENT_ZONE                                                                              \
    {                                                                                              \
        .name = "ZONE", .help = "the zone's name"                                                  \
    }

const unsigned char command_change_exits[] = {EXIT_UNREACHABLE, EXIT_PERMISSION, EXIT_NOT_FOUND,
                                              EXIT_CONFLICT,    EXIT_NO_REPLY,   0};

const struct command_argument command_zone_add_arguments[] = {
    ARGUMENT_ZONE,
    {.name = "NAME=ADDRESS",
     .optional = true,
     .many = true,
     .help = "a name in it (@: the zone itself) and an address; or @=TYPE:DATA"},
    {.name = NULL},
};
const struct command_flag command_zone_add_flags[] = {FLAG_CONTROL, FLAG_CONFIG, {.name = NULL}};
const struct command_example command_zone_add_examples[] = {
    {"zone add example.test www=192.0.2.2", "a zone that works, in one command"},
    {"zone add example.test @=192.0.2.2 @=2001:db8::2 \"@=MX:10 mail\" mail=192.0.2.3",
     "with more in it"},
    {.line = NULL},
};

const struct command_argument command_zone_remove_arguments[] = {ARGUMENT_ZONE, {.name = NULL}};
const struct command_flag command_zone_remove_flags[] = {
    FLAG_YES, FLAG_CONTROL, FLAG_CONFIG, {.name = NULL}};
const struct command_example command_zone_remove_examples[] = {
    {"zone remove example.test", "with all its records and its history"},
    {.line = NULL},
};

const struct command_argument command_zone_set_arguments[] = {
    ARGUMENT_ZONE,
    {.name = "NAME", .help = "as seen from the zone (www, @), or with a dot at its end"},
    {.name = "TYPE", .words = WORDS_TYPE, .help = "an RR type"},
    {.name = "DATA", .many = true, .help = "of one record each, as in a zone file: \"10 mail\""},
    {.name = NULL},
};
const struct command_flag command_zone_set_flags[] = {
    {.name = "--ttl", .value = "SECONDS", .help = "of the records, default 3600"},
    {.name = "--add", .help = "beside what there is of that type, not in its place"},
    FLAG_YES,
    FLAG_DRY,
    FLAG_VIEW,
    FLAG_CONTROL,
    FLAG_CONFIG,
    {.name = NULL},
};
const struct command_example command_zone_set_examples[] = {
    {"zone set example.test www A 192.0.2.2 192.0.2.3", "these two addresses and no others"},
    {"zone set example.test @ MX \"10 mail\" --ttl 300", "a mail server"},
    {"zone set example.test @ TXT '\"a text\"' --add --yes", "one more, without a question"},
    {.line = NULL},
};

const struct command_argument command_zone_del_arguments[] = {
    ARGUMENT_ZONE,
    {.name = "NAME", .help = "as seen from the zone (www, @), or with a dot at its end"},
    {.name = "TYPE", .optional = true, .words = WORDS_TYPE, .help = "default: the whole name"},
    {.name = "DATA", .optional = true, .many = true, .help = "default: all of the type"},
    {.name = NULL},
};
const struct command_flag command_zone_del_flags[] = {FLAG_YES,     FLAG_DRY,    FLAG_VIEW,
                                                      FLAG_CONTROL, FLAG_CONFIG, {.name = NULL}};
const struct command_example command_zone_del_examples[] = {
    {"zone del example.test www A 192.0.2.3", "one address"},
    {"zone del example.test www", "all that the name has"},
    {.line = NULL},
};

const struct command_argument command_zone_log_arguments[] = {ARGUMENT_ZONE, {.name = NULL}};
const struct command_flag command_zone_log_flags[] = {
    {.name = "--count", .value = "N", .help = "how many changes, default 20"},
    FLAG_VIEW,
    FLAG_CONTROL,
    FLAG_CONFIG,
    {.name = NULL},
};
const struct command_example command_zone_log_examples[] = {
    {"zone log example.test", "who has changed what, the newest first"},
    {.line = NULL},
};

const struct command_argument command_zone_history_arguments[] = {
    {.name = "prune", .optional = true, .help = "forget what is too old"},
    {.name = NULL},
};
const struct command_flag command_zone_history_flags[] = {
    {.name = "--keep",
     .value = "DURATION",
     .help = "prune: what is younger stays, as in 30d; default: nothing does"},
    FLAG_YES,
    FLAG_CONTROL,
    FLAG_CONFIG,
    {.name = NULL},
};
const struct command_example command_zone_history_examples[] = {
    {"zone history", "how much is there?"},
    {"zone history prune --keep 30d", "forget all changes but those of a month"},
    {.line = NULL},
};

const struct command_argument command_zone_diff_arguments[] = {
    ARGUMENT_ZONE,
    {.name = "NUMBER",
     .optional = true,
     .help = "of the change, as 'zone log' has it; default: "
             "the last"},
    {.name = NULL},
};
const struct command_flag command_zone_view_flags[] = {
    FLAG_VIEW, FLAG_CONTROL, FLAG_CONFIG, {.name = NULL}};
const struct command_example command_zone_diff_examples[] = {
    {"zone diff example.test", "the records of the last change"},
    {"zone diff example.test 17", "those of another one"},
    {.line = NULL},
};
const struct command_example command_zone_undo_examples[] = {
    {"zone undo example.test", "take the last change back"},
    {"zone undo example.test 17 --dry-run", "what would be taken back?"},
    {.line = NULL},
};

const struct command_argument command_zone_export_arguments[] = {ARGUMENT_ZONE, {.name = NULL}};
const struct command_flag command_zone_export_flags[] = {
    {.name = "--serial", .value = "N", .help = "as it was with this serial, from its history"},
    FLAG_VIEW,
    FLAG_CONTROL,
    FLAG_CONFIG,
    {.name = NULL},
};
const struct command_example command_zone_export_examples[] = {
    {"zone export example.test >example.test.zone", "the zone as it is served, as a file"},
    {"zone export example.test --serial 7", "as it was before what came after 7"},
    {.line = NULL},
};

const struct command_argument command_zone_import_arguments[] = {
    ARGUMENT_ZONE,
    {.name = "FILE", .words = WORDS_FILE, .help = "a zone file"},
    {.name = NULL},
};
const struct command_flag command_zone_import_flags[] = {
    {.name = "--add", .help = "what the file has beside what the zone has, not in its place"},
    {.name = "--create", .help = "the zone is not there yet: make it, as 'zone add' does"},
    FLAG_YES,
    FLAG_DRY,
    FLAG_VIEW,
    FLAG_CONTROL,
    FLAG_CONFIG,
    {.name = NULL},
};
const struct command_example command_zone_import_examples[] = {
    {"zone import example.test example.test.zone", "the zone becomes what the file says"},
    {"zone import new.test new.test.zone --create", "a new zone"},
    {.line = NULL},
};

const struct command_flag command_zone_edit_flags[] = {FLAG_YES,     FLAG_DRY,    FLAG_VIEW,
                                                       FLAG_CONTROL, FLAG_CONFIG, {.name = NULL}};
const struct command_example command_zone_edit_examples[] = {
    {"zone edit example.test", "its text in $VISUAL or $EDITOR; what has changed is shown"},
    {.line = NULL},
};

const struct command_argument command_zone_copy_arguments[] = {
    {.name = "FROM", .help = "a zone of the server"},
    {.name = "TO", .help = "the name of the new one"},
    {.name = NULL},
};
const struct command_example command_zone_copy_examples[] = {
    {"zone copy example.test example.net", "a new zone with the same names below its own"},
    {.line = NULL},
};

const struct command_argument command_ctl_refresh_arguments[] = {ARGUMENT_ZONE, {.name = NULL}};
const struct command_example command_ctl_refresh_examples[] = {
    {"ctl refresh example.test", "is there a newer version at its primary?"},
    {.line = NULL},
};
const struct command_example command_ctl_retransfer_examples[] = {
    {"ctl retransfer example.test", "all of it, whatever its serial"},
    {.line = NULL},
};
