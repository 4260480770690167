// What a running server's health checks say of the addresses of routes.
#pragma once

#include <stdbool.h>

#include "conf/options.h"
#include "zone/board.h"

struct arguments;

// Asks the server at --control, or at the socket of the configuration, and sets the lamps of
// options->targets; what it does not check stays as it is. False: no server told anything, which is
// said if it is worth a word.
bool route_health_read(const struct options *options, const struct arguments *arguments,
                       struct board *board) __attribute__((nonnull));
