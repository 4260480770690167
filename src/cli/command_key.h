// Words and flags of `onym key` (command.h).
#pragma once

#include "cli/command.h"

extern const struct command_argument command_key_arguments[];
extern const struct command_flag command_key_add_flags[];
extern const unsigned char command_key_add_exits[];
extern const struct command_example command_key_add_examples[];
extern const struct command_flag command_key_list_flags[];
extern const struct command_example command_key_list_examples[];
extern const struct command_flag command_key_show_flags[];
extern const unsigned char command_key_show_exits[];
extern const struct command_example command_key_show_examples[];
