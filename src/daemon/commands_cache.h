// The command `cache` of the control socket:
//
//   do: show, name: NAME    entries: [..] of this name, and more: how many did not find room
//     type: TYPE            only those of this type, and what is known of the name as a whole
//   do: dump                the same of all names; the list ends at CACHE_LISTED_MAX
//   do: top                 names: [{name entries used}] of the domains that have most entries;
//                           others: entries of domains that were not counted (CACHE_DOMAINS_MAX)
//   do: flush, name: NAME   flushed: how many entries went
//     type: TYPE            only those of this type
//   do: flush-tree          flushed; the name and all below it
//   do: stats               entries: {rrset nodata nxdomain failure delegation} octets octets_max
//                           stored replaced evicted expired outranked too_large refused
//
// An entry is {name type kind ttl rank security source stale used data: [..] text}. All but stats
// look at every entry, on a thread of their own (search.h).
#pragma once

#include <jansson.h>

struct daemon;
struct control_client;

void command_run_cache(struct daemon *daemon, struct control_client *client, json_t *request)
    __attribute__((nonnull));
// Replies to those whose searches are done.
void commands_cache_step(struct daemon *daemon) __attribute__((nonnull));
// At the end, before the cache is closed.
void commands_cache_free(struct daemon *daemon) __attribute__((nonnull));
