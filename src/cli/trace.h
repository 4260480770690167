// `onym trace`: the walk from the root to the answer, step by step.
#pragma once

struct arguments;

int command_trace(const struct arguments *arguments);
