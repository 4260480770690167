// Words and flags of the commands that no configuration and no server has to do with (command.h):
// query, lab, help, man, completion, version.
#pragma once

#include "cli/command.h"

extern const struct command_argument command_query_arguments[];
extern const struct command_flag command_query_flags[];
extern const unsigned char command_query_exits[];
extern const struct command_example command_query_examples[];
extern const struct command_argument command_lab_arguments[];
extern const struct command_flag command_lab_flags[];
extern const unsigned char command_lab_exits[];
extern const struct command_example command_lab_examples[];
extern const struct command_argument command_help_arguments[];
extern const struct command_example command_help_examples[];
extern const struct command_argument command_man_arguments[];
extern const struct command_example command_man_examples[];
extern const struct command_argument command_completion_arguments[];
extern const struct command_example command_completion_examples[];
extern const struct command_flag command_version_flags[];
extern const struct command_example command_version_examples[];
