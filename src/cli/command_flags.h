// Flags that several commands have, for their tables (command.h).
#pragma once

#include "cli/command.h"

#define FLAG_CONFIG                                                                                \
    {                                                                                              \
        .name = "--config", .letter = 'c', .value = "FILE", .words = WORDS_FILE,                   \
        .help = "the configuration; default: /etc/onym/onym.yaml if it is there"                   \
    }
#define FLAG_CONTROL                                                                               \
    {                                                                                              \
        .name = "--control", .value = "PATH", .words = WORDS_FILE,                                 \
        .help = "the server's control socket; default: as the configuration says"                  \
    }
