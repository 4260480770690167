// Words and flags of trace, why and cache (command.h).
#pragma once

#include "cli/command.h"

extern const struct command_argument command_trace_arguments[];
extern const struct command_flag command_trace_flags[];
extern const unsigned char command_trace_exits[];
extern const struct command_example command_trace_examples[];
extern const struct command_argument command_why_arguments[];
extern const struct command_example command_why_examples[];
extern const struct command_argument command_cache_name_arguments[];
extern const struct command_argument command_cache_type_arguments[];
extern const struct command_example command_cache_show_examples[];
extern const struct command_example command_cache_flush_examples[];
extern const struct command_example command_cache_tree_examples[];
extern const struct command_example command_cache_top_examples[];
extern const struct command_example command_cache_dump_examples[];
extern const struct command_example command_cache_stats_examples[];
