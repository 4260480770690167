// All that says something about the configuration: the file, the files it includes, and the
// environment. Each file is read and checked by itself, so that all errors of all files are told at
// once, and then they are merged into one tree.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/report.h"
#include "conf/schema.h"
#include "conf/value.h"

struct gathered {
    struct arena *lasting; // paths of files and names of variables; set by the caller before
    struct arena trees;
    struct value root;                  // of all files; VALUE_NONE: there are none
    struct value *variables[KEY_COUNT]; // what the environment says of a key; NULL: nothing
    struct source **sources;            // the files that were read, [0] the main one
    size_t source_count, source_room;
};

// Reads the file and all that it includes, at most CONFIG_INCLUDE_DEPTH_MAX deep, each file once.
void gather_file(struct gathered *gathered, const char *path, struct report *report)
    __attribute__((nonnull));
// One text, which is copied; what it includes is not looked at.
void gather_text(struct gathered *gathered, const struct source *source, struct report *report)
    __attribute__((nonnull));
// Takes ONYM_... from "NAME=value" texts that end with a NULL. A name that is no key is a warning:
// others may put variables of this kind there (Kubernetes does, for a service called onym). Empty
// values, ONYM_DATA and ONYM_TEST_... are passed over.
void gather_variables(struct gathered *gathered, const char *const *environment,
                      struct report *report) __attribute__((nonnull));
void gather_free(struct gathered *gathered) __attribute__((nonnull));
