// The description of a little internet, from YAML (world.h). Every error is told, each with its
// place and the likely fix.
//
//   seed: 1                # of all dice
//   port: 5380             # of all servers
//   zones:
//     ".":            {servers: {a.root-servers.net: 127.53.0.1}}
//     "test":         {servers: {ns1.nic.test: [127.53.1.1, 127.53.1.2]}}
//     "example.test": {servers: {ns1.example.test: 127.53.2.1}, records: ["www A 192.0.2.1"]}
//     "z%d.test":     {repeat: 1000, servers: {"ns1.z%d.test": 127.53.16.0/24},
//                      generate: {count: 1000, name: "host%d"}}
//   faults:
//     127.53.2.1:     {delay: 20ms, jitter: 5ms, loss: 2%}
//     127.53.16.0/24: {delay: 20ms}
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/report.h"
#include "lab/world.h"

#define DESCRIBE_PORT 5380

// `path` is only the text's name (and what files of zones are looked for beside); it is copied.
// False: nothing is in `world`.
bool describe_read(const char *path, const char *text, size_t size, struct world *world,
                   struct report *report) __attribute__((nonnull, warn_unused_result));

// The keys, by the map that they are in; ends with a row without a key. Faults are in fault_table.
struct describe_row {
    const char *map; // "a zone"
    const char *key;
    const char *help;
};
const struct describe_row *describe_table(void);
// All that a description may say, in words: those rows and the faults.
void describe_explain(struct buffer *to) __attribute__((nonnull));
