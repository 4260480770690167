// Words and flags of the commands that change zones, and tell who has (command.h).
#pragma once

#include "cli/command.h"

extern const struct command_argument command_zone_add_arguments[];
extern const struct command_flag command_zone_add_flags[];
extern const struct command_example command_zone_add_examples[];
extern const struct command_argument command_zone_remove_arguments[];
extern const struct command_flag command_zone_remove_flags[];
extern const struct command_example command_zone_remove_examples[];
extern const struct command_argument command_zone_set_arguments[];
extern const struct command_flag command_zone_set_flags[];
extern const struct command_example command_zone_set_examples[];
extern const struct command_argument command_zone_del_arguments[];
extern const struct command_flag command_zone_del_flags[];
extern const struct command_example command_zone_del_examples[];
extern const struct command_argument command_zone_log_arguments[];
extern const struct command_argument command_zone_history_arguments[];
extern const struct command_flag command_zone_history_flags[];
extern const struct command_example command_zone_history_examples[];
extern const struct command_flag command_zone_log_flags[];
extern const struct command_example command_zone_log_examples[];
extern const struct command_argument command_zone_diff_arguments[];
extern const struct command_flag command_zone_view_flags[]; // of diff and copy
extern const struct command_example command_zone_diff_examples[];
extern const struct command_example command_zone_undo_examples[];
extern const struct command_argument command_zone_export_arguments[];
extern const struct command_flag command_zone_export_flags[];
extern const struct command_example command_zone_export_examples[];
extern const struct command_argument command_zone_import_arguments[];
extern const struct command_flag command_zone_import_flags[];
extern const struct command_example command_zone_import_examples[];
extern const struct command_flag command_zone_edit_flags[];
extern const struct command_example command_zone_edit_examples[];
extern const struct command_argument command_zone_copy_arguments[];
extern const struct command_example command_zone_copy_examples[];
extern const unsigned char command_change_exits[];
extern const struct command_argument command_ctl_refresh_arguments[];
extern const struct command_example command_ctl_refresh_examples[];
extern const struct command_example command_ctl_retransfer_examples[];
