// The command `cache` of the control socket:
//
//   do: show, name: NAME    entries: [..] of this name and type or of all its types
//   do: dump                entries: [..] of all names, at most CACHE_LISTED_MAX; more: how many
//                           are not listed
//   do: top                 names: [{name entries used}] of the domains that have most entries
//   do: flush, name: NAME   flushed: how many entries went; type: TYPE only those
//   do: flush-tree          flushed; the name and all below it
//   do: stats               counts of entries, octets, evictions
//
// An entry is {name type kind ttl rank security source stale used data: [..] text}.
#pragma once

#include <jansson.h>

struct daemon;
struct control_client;

void command_run_cache(struct daemon *daemon, struct control_client *client, json_t *request)
    __attribute__((nonnull));
